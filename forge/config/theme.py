"""The theme of an instance: colours, logo and words from the folder `theme` of its data folder, read and checked.

A part that cannot be used is left out with a sentence that says what to do; the others apply. Pages themselves are
replaced by files in the folder templates, see `forge.web.core.render`.

    theme/colors.yaml     light and dark: paper, link, band, accent, each as "#rrggbb"
    theme/logo.svg        or logo.png; it stands beside the name and in the browser's tab
    theme/words/fr.po     sentences of ours in other words, as gettext catalogues; en.po for English
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TypeVar
from xml.parsers import expat

import yaml
from babel import UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

T = TypeVar("T")

MAX_COLORS_BYTES, MAX_LOGO_BYTES, MAX_WORDS_BYTES = 10_000, 100_000, 1_000_000
MAX_LOGO_PIXELS = 2_000  # of a side
TEXT, EDGE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11: of letters, and of what only has an edge
SCHEMES = ("light", "dark")
# What may be chosen, with the value of our own style sheet; each scheme has its own.
COLORS: Mapping[str, Mapping[str, str]] = {
    "light": {"paper": "#fbf8f1", "link": "#0b4f49", "band": "#123c3a", "accent": "#f4b53f"},
    "dark": {"paper": "#0e1b1a", "link": "#9ce0cf", "band": "#0a2927", "accent": "#f4b53f"},
}
# What stays: the ink of each scheme, softer ink, cards, soft backgrounds of notes, edges of fields, the ring of the
# focus.
_FIXED_COLORS: Mapping[str, Mapping[str, str]] = {
    "light": {"ink": "#1d2b2a", "soft": "#475553", "card": "#ffffff", "note": "#fdf0d2", "edge": "#7d7867",
              "focus": "#9a4a00", "on band": "#fdf6e3", "on accent": "#1d2b2a"},
    "dark": {"ink": "#f0ebdd", "soft": "#bfc8c1", "card": "#152826", "note": "#3a2f14", "edge": "#83948f",
             "focus": "#ffc861", "on band": "#fdf6e3", "on accent": "#1d2b2a"},
}  # fmt: skip
# Which colour is on which, and the contrast that they need.
_CONTRASTS = (
    ("ink", "paper", TEXT), ("soft", "paper", TEXT), ("edge", "paper", EDGE), ("focus", "paper", EDGE),
    ("link", "paper", TEXT), ("link", "card", TEXT), ("link", "note", TEXT), ("on band", "band", TEXT),
    ("on accent", "accent", TEXT), ("accent", "band", EDGE),
)  # fmt: skip
_COLOR = re.compile(r"#[0-9a-f]{6}")
_PNG = b"\x89PNG\r\n\x1a\n"
_OUTSIDE_REFERENCE = re.compile(r"@import|url\((?!['\"]?#)")
_NO_SVG_TAGS = frozenset({"script", "foreignobject", "iframe", "object", "embed", "handler", "animate", "set"})


class UnfitThemeFile(Exception):
    """A file of the theme that cannot be used; its text says what to do."""


@dataclass(frozen=True)
class ThemeLogo:
    """A picture as it was given; `suffix` is ".svg" or ".png"."""

    body: bytes
    suffix: str


@dataclass(frozen=True)
class Theme:
    """What an instance chose. `colors` holds only what differs from ours; `problems`: a sentence a part left out."""

    colors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    logo: ThemeLogo | None = None
    words: Mapping[str, Translations] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def style(self) -> str:
        """The chosen colours by scheme, as CSS for our style sheet; empty where none was chosen."""
        light, dark = (_css_properties(self.colors.get(scheme, {})) for scheme in SCHEMES)
        # A colour of the light scheme says nothing of the dark one; older browsers know no scheme and are light.
        css = f"@media not all and (prefers-color-scheme: dark) {{ :root {{ {light} }} }}\n" if light else ""
        return css + (f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n" if dark else "")

    def repainted(self, picture: bytes) -> bytes:
        """Return a picture of ours with the chosen band and accent in place of our own."""
        for name in ("band", "accent"):
            if chosen := self.colors.get("light", {}).get(name):
                picture = picture.replace(COLORS["light"][name].encode(), chosen.encode())
        return picture


_VARIABLES = {"paper": "--paper", "link": "--link", "band": "--band", "accent": "--honey"}


def _css_properties(chosen: Mapping[str, str]) -> str:
    return " ".join(f"{_VARIABLES[name]}: {value};" for name, value in chosen.items())


def read_theme(folder: Path) -> Theme:
    """Read the theme in `folder`; ours where there is none. What the files hold raises nothing."""
    problems: list[str] = []

    def part(reading: Callable[[], T], otherwise: T) -> T:
        try:
            return reading()
        except UnfitThemeFile as wrong:
            problems.append(str(wrong))
        except OSError as wrong:
            problems.append(f"{wrong.filename} cannot be read ({wrong.strerror}).")
        return otherwise

    if not folder.is_dir():
        return Theme()
    no_colors: Mapping[str, Mapping[str, str]] = {}
    colors = part(partial(_read_colors, folder / "colors.yaml"), no_colors)
    logo = part(partial(_read_logo, folder), None)
    words = {}
    for file in sorted((folder / "words").glob("*.po")):
        if (translations := part(partial(_read_words, file), None)) is not None:
            words[file.stem] = translations
    return Theme(colors, logo, words, tuple(problems))


def _read_bounded(file: Path, most: int) -> bytes:
    if file.stat().st_size > most:
        raise UnfitThemeFile(f"{file} has more than {most:,} bytes; make it smaller.")
    return file.read_bytes()


def _read_colors(file: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the chosen colours, all of them readable; none where there is no file.

    Raises UnfitThemeFile, naming every wrong one.
    """
    if not file.is_file():
        return {}
    try:
        colors = yaml.safe_load(_read_bounded(file, MAX_COLORS_BYTES).decode())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise UnfitThemeFile(
            f'{file} is no YAML; write "light:" and below it lines such as paper: "#ffffff".'
        ) from None
    wrong = list(_shape_faults(colors)) or list(_contrast_faults(colors))
    if wrong:
        raise UnfitThemeFile(f"{file}: {' '.join(wrong)} The colours are left as they were.")
    return {scheme: dict(chosen) for scheme, chosen in colors.items()}


def _shape_faults(colors: object) -> Iterator[str]:
    if not isinstance(colors, dict) or not all(isinstance(group, dict) for group in colors.values()):
        yield "Write the groups light and dark, each with colours."
        return
    for scheme, chosen in colors.items():
        if scheme not in SCHEMES:
            yield f"{scheme} is no scheme; there are light and dark."
            continue
        for name, value in chosen.items():
            if name not in _VARIABLES:
                yield f"{scheme} {name} is no colour of the theme; there are {', '.join(_VARIABLES)}."
            elif not isinstance(value, str) or not _COLOR.fullmatch(value):
                yield f'{scheme} {name} is no colour; write it as "#0b4f49".'


def _contrast_faults(colors_by_theme: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for scheme, chosen in colors_by_theme.items():
        colors = {**_FIXED_COLORS[scheme], **COLORS[scheme], **chosen}
        for above, below, least in _CONTRASTS:
            upper, lower = colors[above], colors[below]
            ratio = contrast(upper, lower)
            if ratio < least and {above, below} & set(chosen):
                yield (
                    f"In {scheme}, {above} ({upper}) on {below} ({lower}) has a contrast of {ratio:.1f}; "
                    f"people need {least} to read it."
                )


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _read_logo(folder: Path) -> ThemeLogo | None:
    """Read a logo: a picture without scripts and without links to other files. Raises UnfitThemeFile."""
    files = [file for file in (folder / "logo.svg", folder / "logo.png") if file.is_file()]
    if len(files) > 1:
        raise UnfitThemeFile(f"{folder} holds logo.svg and logo.png; keep one of them.")
    if not files:
        return None
    body = _read_bounded(files[0], MAX_LOGO_BYTES)
    wrong = _svg_fault(body) if files[0].suffix == ".svg" else _png_fault(body)
    if wrong:
        raise UnfitThemeFile(f"{files[0]} {wrong} Our own logo is shown.")
    return ThemeLogo(body, files[0].suffix)


def _png_fault(body: bytes) -> str | None:
    if not body.startswith(_PNG) or body[12:16] != b"IHDR" or len(body) < 33:
        return "is no PNG picture."
    width, height = struct.unpack(">II", body[16:24])
    if not (0 < width <= MAX_LOGO_PIXELS and 0 < height <= MAX_LOGO_PIXELS):
        return f"is larger than {MAX_LOGO_PIXELS} pixels; make it smaller."
    return None


def _svg_fault(body: bytes) -> str | None:
    """Return why an SVG may not be shown. One with a document type is refused before anything of it is expanded."""
    faults: list[str] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise UnfitThemeFile("declares a document type; save it as plain SVG.")

    def start(tag: str, attributes: dict[str, str]) -> None:
        bare = tag.rpartition(":")[2].lower()
        if not faults and bare != "svg":
            faults.append("is no SVG picture.")
        faults.append("")
        if bare in _NO_SVG_TAGS:
            faults.append(f"holds <{tag}>; save it as plain SVG, without scripts and movement.")
        for name, value in attributes.items():
            key, compact = name.rpartition(":")[2].lower(), "".join(value.split()).lower()
            if key.startswith("on"):
                faults.append(f"holds {name}, which would run something; take it out.")
            if (
                key in ("href", "src") and not compact.startswith(("#", "data:image/png;"))
            ) or _OUTSIDE_REFERENCE.search(compact):
                faults.append(f"names something outside of itself in {name}; put it in or take it out.")

    def text(data: str) -> None:
        if _OUTSIDE_REFERENCE.search("".join(data.split()).lower()):
            faults.append("names something outside of itself in a style; take it out.")

    parser.StartDoctypeDeclHandler, parser.StartElementHandler, parser.CharacterDataHandler = refuse, start, text
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        return "is no SVG picture."
    except UnfitThemeFile as wrong:
        return str(wrong)
    return next((fault for fault in faults if fault), None)


def _read_words(file: Path) -> Translations:
    """Read sentences in an instance's own words.

    Raises UnfitThemeFile, naming one whose gaps or tags are not those of ours.
    """
    from forge.i18n.catalogs import fault_of
    from forge.i18n.languages import is_supported

    try:
        if not is_supported(file.stem):
            raise ValueError(file.stem)
        catalog = read_po(BytesIO(_read_bounded(file, MAX_WORDS_BYTES)), locale=file.stem.replace("-", "_"))
    except (PoFileError, UnknownLocaleError, UnicodeDecodeError, ValueError):
        raise UnfitThemeFile(f"{file} is no gettext catalogue of a language; name it such as fr.po.") from None
    for message in catalog:
        if message.id and (fault := fault_of(message)):
            raise UnfitThemeFile(f"{file}: {fault}: {message.id!r}. Its words are left out.")
    written = BytesIO()
    write_mo(written, catalog)
    written.seek(0)
    return Translations(written)
