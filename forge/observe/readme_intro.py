"""The title and the first sentences of a README, as plain text.

Badges, pictures, tables and lists of links precede the first sentence of many READMEs and are skipped.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from forge.observe.core.privacy_filter import without_addresses

READ_CHARACTERS = 20_000
LINE_CHARACTERS = 2_000  # of one line; a longer one is not prose
TITLE_CHARACTERS = 100
TEXT_CHARACTERS = 400
FEWEST_WORDS = 3

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HTML_HEADING = re.compile(r"<h([1-3])\b[^<>]{0,300}>(.{0,1000}?)</h\1>", re.DOTALL | re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:p|div|h[1-6]|br|hr|table|t[rhd]|[uo]l|li|summary|details)\b[^<>]{0,300}>\s{0,100}", re.IGNORECASE
)
_HEADING = re.compile(r"(#{1,3})[ \t]+(\S[^\n]*)")
_UNDERLINE = re.compile(r"(?:={3,}|-{3,}|~{3,}|\*{3,})[ \t]*\Z")
# What no longer says what the program is.
_OTHER_SECTION = re.compile(
    r"(?:contribut|install|licen[cs]e|getting started|setup|set up|requirement|prerequisite|develop|badges|table of)",
    re.IGNORECASE,
)
# Of templates that nobody filled in; links side by side.
_PLACEHOLDER = re.compile(
    r"(?:insert|give|write|add) (?:a |your |bullets? )?(?:short |project )?(?:description|intro)", re.I
)
_NAVIGATION = re.compile(r"[^|•·]{1,100}(?:\s[|•·]\s[^|•·]{1,100}){2,}")
_WELCOME = re.compile(r"welcome to (?:the )?(.*?)!?$", re.IGNORECASE)
_HEADING_WORDS = 8  # so many below a title are a sentence
_NO_PROSE = (
    "[![",
    "![",
    "|",
    "```",
    "~~~",
    "<!--",
    ".. ",
    ":",
    "* ",
    "- ",
    "+ ",
    "1.",
    ">",
    "$ ",
    "---",
    "===",
)
_PICTURE = re.compile(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,600}\)|\[[^\]\n]{0,100}\])")
_DEFINITION = re.compile(r"\[[^\]\n]{1,200}\]:[ \t]")
_SUBSTITUTION = re.compile(r"\|[^|\s]{1,60}\|")
_LINK = re.compile(r"\[([^\]\n]{0,300})\](?:\([^)\n]{0,600}\)|\[[^\]\n]{0,100}\])")
_RST_LINK = re.compile(r"`([^`<]{1,300})<[^<>]{1,600}>`_{1,2}")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,600}>")
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}")


@dataclass(frozen=True)
class ReadmeIntro:
    """Empty texts where there is none."""

    title: str
    text: str


def read_intro(data: bytes) -> ReadmeIntro:
    """The opening of a README of any format: the text is that below the title, where there is one."""
    text = data[: READ_CHARACTERS * 4].decode("utf-8", "replace").replace("\0", "")[:READ_CHARACTERS]
    text = _HTML_HEADING.sub(
        lambda match: f"\n\n{'#' * int(match[1])} {' '.join(_TAG.sub('', match[2]).split())}\n\n",
        _COMMENT.sub("", text),
    )
    parts = list(_parts(_TAG.sub("", _BLOCK.sub("\n\n", _RST_LINK.sub(r"\1", text))).splitlines()))
    titles = [place for place, (level, _) in enumerate(parts) if level == 1]
    if not titles and parts and parts[0][0]:
        titles = [0]
    title = parts[titles[0]][1] if titles else ""
    welcome = _WELCOME.match(title)
    title = welcome[1] if welcome else title
    return ReadmeIntro(
        title[:TITLE_CHARACTERS].strip(), _shortened(_first_text(parts[titles[0] + 1 if titles else 0 :], title))
    )


def _first_text(parts: Iterable[tuple[int, str]], title: str) -> str:
    for level, text in parts:
        if level and _OTHER_SECTION.match(text):
            break
        words = len(text.split())
        is_told = not level and text.casefold() != title.casefold() and not _PLACEHOLDER.match(text)
        if is_told and words >= FEWEST_WORDS and not _NAVIGATION.fullmatch(text):
            return without_addresses(text)
    return ""


def _parts(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Headings with their level from 1, and runs of lines of prose, each as one line, with 0."""
    collected: list[str] = []
    fenced = False
    for position, line in enumerate([*lines, ""]):
        bare = line.strip()[:LINE_CHARACTERS]
        if bare.startswith(("```", "~~~")):
            fenced = not fenced
            bare = ""
        under = lines[position + 1].strip()[:300] if position + 1 < len(lines) else ""
        heading = None if fenced else _HEADING.match(bare)
        underlined = bare and not heading and not collected and _UNDERLINE.match(under) and not _UNDERLINE.match(bare)
        title = _plain(heading[2]).rstrip("# ") if heading else _plain(bare) if underlined else ""
        level = len(heading[1]) if heading else 1 if under.startswith("=") else 2
        indented = line.startswith(("    ", "\t")) and not collected
        skipped = fenced or heading or underlined or indented or _UNDERLINE.match(bare) or _DEFINITION.match(bare)
        prose = "" if skipped or bare.startswith(_NO_PROSE) else _plain(bare)
        if level > 1 and len(title.split()) >= _HEADING_WORDS:
            level = 0
        if prose and not (_LINK.fullmatch(bare) and not collected):
            collected.append(prose)
        elif collected and (not bare or heading or fenced):
            yield 0, " ".join(collected)
            collected = []
        if any(letter.isalnum() for letter in title):
            yield level, title


def _plain(line: str) -> str:
    """A line without the marks of its format, trimmed."""
    line = _LINK.sub(r"\1", _PICTURE.sub("", line[:LINE_CHARACTERS]))
    line = _MARKS.sub("", _SUBSTITUTION.sub("", line))
    return " ".join(line.replace("&nbsp;", " ").replace("&amp;", "&").split())


def _shortened(text: str) -> str:
    if len(text) <= TEXT_CHARACTERS:
        return text
    return f"{text[:TEXT_CHARACTERS].rsplit(' ', 1)[0]}…"
