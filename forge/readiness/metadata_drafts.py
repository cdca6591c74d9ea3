"""Drafts a first publiccode.yml and codemeta.json from what a repository tells, to offer to its makers, as texts.

What is not known stays empty and is marked FILL IN, so that no checker takes the file for finished; a guess is marked
CHECK. Persons are never named: whom to ask is for people to agree. https://yml.publiccode.tools and
https://codemeta.github.io/terms/
"""

import re
from collections.abc import Iterator
from typing import Any

from catalog.licenses import expressions
from forge.export.metadata import (
    LEAST,
    LONGEST,
    SHORT,
    VERSION,
    YamlRows,
    codemeta_text,
    first_sentence,
    guess_kind,
    license_value,
)
from forge.observe.core.privacy_filter import MAX_NAME, without_addresses
from forge.observe.publiccode import rules, words
from forge.readiness.checks import ReadRepository

FILES = ("publiccode.yml", "codemeta.json")
FILL, CHECK = "FILL IN", "CHECK"
FEWEST_PERCENT = 5  # of the code, for a language to be named

_FEATURES = re.compile(
    r"^#{1,4}[ \t]*[^\n]{0,40}\b(?:features?|fonctionnalit[ée]s|funcionalidades|caracter[ií]sticas|what it does|"
    r"ce qu[’']il (?:fait|permet)|المزايا)\b[^\n]{0,40}\n(.{1,4000}?)(?=^#|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
LONGEST_NAME = 40  # characters of a heading that is taken for one
_TITLE = re.compile(r"\s*#[ \t]+([^\n]{1,200})|\s*([^\n]{1,200})\n===")
_ITEM = re.compile(r"^[ \t]{0,3}[-*+][ \t]+(.{3,200})$", re.MULTILINE)
_NO_PROSE = re.compile(r"^(?:[#>|=~`<!\[*+-]|\d+\.|\.\.|:|\s{4}|-{3})|^\S+$")
_MARKUP = re.compile(r"!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)|<[^>\n]{0,300}>|[*_`]{1,3}")
_UNDETERMINED = "und"


def draft_files(read: ReadRepository, name: str) -> dict[str, str]:
    """Return the two files by name; `name` is the repository's, for a project that states none."""
    return dict(zip(FILES, (publiccode(read, name), codemeta(read, name)), strict=True))


class _DraftRows(YamlRows):
    """YAML rows with open lines where a value is not known."""

    def add_or_ask(self, depth: int, key: str, value: Any, how: str) -> None:
        """Add a value where it is known; else an open line that says how to fill it in."""
        self.add(depth, key, value or None, "" if value else f"{FILL}: {how}")

    def listed(self, depth: int, key: str, values: list[Any], how: str, mark: str = "") -> None:
        if values:
            self.each(depth, key, values, mark)
            return
        self.add(depth, key)
        self.add(depth + 1, "-", None, f"{FILL}: {how}")


def publiccode(read: ReadRepository, name: str) -> str:
    """Return the text of a publiccode.yml of the newest version, valid once its marked lines are filled in."""
    out = _DraftRows()
    out.add(0, "publiccodeYmlVersion", VERSION)
    out.add(0, "name", _best_name(read, name))
    out.add_or_ask(0, "url", read.address or read.first("repository"), "the public address of the repository")
    if homepage := read.first("homepage"):
        out.add(0, "landingURL", homepage)
    version, day = _release(read)
    if version:
        out.add(0, "softwareVersion", version)
    if version and day and rules.day(day) is None:
        out.add(0, "releaseDate", day)
    kind, platforms = _guessed_kind(read)
    stated = read.first("software_type")
    if not platforms and stated in ("standalone/web", "addon"):
        platforms = ["web"]
    out.listed(
        0, "platforms", platforms, "web, linux, windows, mac, android or ios", f"{CHECK}: guessed from the files"
    )
    if categories := read.first("categories"):
        out.each(0, "categories", categories)
    status = read.first("development_status") or words.STATUS_WORDS.get(read.first("status") or "")
    guess = "development" if not version else "beta" if re.match(r"\D*0\.", version) else "stable"
    out.add(0, "developmentStatus", status or guess, "" if status else f"{CHECK}: one of {', '.join(words.STATUSES)}")
    out.add(0, "softwareType", stated or kind, "" if stated else f"{CHECK}: guessed from the files")
    out.add(0, "description", None, "" if read.all("summary") else f"{CHECK}: from the README")
    for tag, described in _descriptions(read).items():
        out.add(1, tag)
        out.add_or_ask(
            2, "shortDescription", described.get("short"), f"what it lets people do, at most {SHORT} characters"
        )
        long = described.get("long")
        out.add_or_ask(2, "longDescription", long, f"what, for whom, how; at least {LEAST} characters")
        out.listed(2, "features", described.get("features") or [], "one line for each thing that it can do")
    out.add(0, "legal")
    license = _license(read)
    if license and not expressions.suffix_known(license):
        out.add(1, "license", license, f"{CHECK}: {license}-only or {license}-or-later, whichever you mean")
    else:
        out.add_or_ask(1, "license", license, "the SPDX name of the license")
    out.add(0, "maintenance")
    out.add(1, "type", "community", f"{CHECK}: internal, contract, community or none")
    out.add(1, "contacts")
    out.add(2, "- name", None, f"{FILL}: who agreed to answer; a role or a team will do")
    out.add(0, "localisation")
    languages = [language["term"] for language in read.first("languages") or []]
    out.add(1, "localisationReady", bool(languages))
    spoken = languages or [tag for tag in _descriptions(read) if tag != "en"]
    mark = "" if languages else f"{CHECK}: of the README"
    out.listed(1, "availableLanguages", spoken, "the languages of the screens, such as fr", mark)
    return out.text


def codemeta(read: ReadRepository, name: str) -> str:
    """Return the text of a codemeta.json of version 3."""
    version, day = _release(read)
    expression = _license(read)
    described = next(iter(_descriptions(read).values()))
    code = read.first("code") or {}
    written = [language["name"] for language in code.get("languages", ()) if language["percent"] >= FEWEST_PERCENT]
    status = read.first("status")
    bodies = [maintainer["organization"] for maintainer in read.first("maintenance") or []]
    values = {
        "name": _best_name(read, name),
        "description": described.get("long") or described.get("short"),
        "codeRepository": read.address or read.first("repository"),
        "url": read.first("homepage"),
        "issueTracker": read.first("issues"),
        "softwareHelp": read.first("documentation"),
        "license": license_value(expression) if expression else None,
        "version": version,
        "dateModified": day if day and rules.day(day) is None else None,
        "developmentStatus": f"https://www.repostatus.org/#{status}" if status else None,
        "programmingLanguage": read.first("programming_languages") or written,
        "maintainer": [{"@type": "Organization", "name": body} for body in bodies],
    }
    return codemeta_text(values)


def _best_name(read: ReadRepository, name: str) -> str:
    names = [read.first("name"), _heading(read), " ".join(without_addresses(name).split())[:MAX_NAME], "software"]
    return next(str(candidate) for candidate in names if candidate)


def _license(read: ReadRepository) -> str | None:
    """Return the license that the files show. No license text says whether "or later" holds, and a manifest that
    agrees may.
    """
    detected = read.license and read.license.license
    if not detected or expressions.suffix_known(detected):
        return detected or None
    stated = [fact.value["license"] for fact in read.all("license.manifest")]
    known = (
        expression
        for expression in stated
        if expression and expressions.suffix_known(expression) and expressions.licenses_agree(expression, detected)
    )
    return next(known, detected)


def _heading(read: ReadRepository) -> str | None:
    """Return the name in the first line of the README, where that is a short heading."""
    for readme in read.readmes[:1]:
        match = _TITLE.match((read.tree.read(readme.path) or b"").decode("utf-8", "replace"))
        plain = " ".join(without_addresses(_MARKUP.sub(r"\1", match[1] or match[2])).split()) if match else ""
        return plain if 0 < len(plain) <= LONGEST_NAME else None
    return None


def _release(read: ReadRepository) -> tuple[str | None, str | None]:
    if not read.releases:
        return None, None
    last = read.releases[0]
    return re.sub(r"^[vV](?=\d)", "", str(last["version"]))[:100], last["date"]


def _guessed_kind(read: ReadRepository) -> tuple[str, list[str]]:
    """Guess the type of software and the platforms from the ways to install it."""
    return guess_kind({way for fact in read.all("installs") for way in fact.value})


def _descriptions(read: ReadRepository) -> dict[str, dict[str, Any]]:
    """Return by language: short, long, features. What files state, else what the READMEs say; at least one language."""
    descriptions: dict[str, dict[str, Any]] = {}
    for field, key in (("summary", "short"), ("description", "long"), ("features", "features")):
        for fact in read.all(field):
            for tag, value in fact.value.items() if isinstance(fact.value, dict) else ():
                if tag != _UNDETERMINED and rules.language(tag) is None:
                    descriptions.setdefault(tag, {}).setdefault(key, value)
    for tag, text in _readme_texts(read):
        described = descriptions.setdefault(tag, {})
        for key, value in _parts_of_readme(text).items():
            described.setdefault(key, value)
    unsaid = next((fact.value[_UNDETERMINED] for fact in read.all("description") if _UNDETERMINED in fact.value), None)
    descriptions = descriptions or {"en": {"long": unsaid}}
    for described in descriptions.values():
        short, long = described.get("short"), described.get("long")
        if not short or rules.characters(short) > SHORT:
            described["short"] = first_sentence(short or long or unsaid or "")
        if not long or not LEAST <= rules.characters(long) <= LONGEST:
            described["long"] = None
    return descriptions


def _readme_texts(read: ReadRepository) -> Iterator[tuple[str, str]]:
    """Yield the READMEs whose language is known; one that names none is taken for English where that is not taken
    yet.
    """
    taken = set()
    for readme in sorted(read.readmes, key=lambda readme: readme.language is None):
        tag = readme.language or "en"
        data = read.tree.read(readme.path)
        if data is not None and tag not in taken and rules.language(tag) is None:
            taken.add(tag)
            yield tag, data.decode("utf-8", "replace").replace("\r\n", "\n")


def _parts_of_readme(text: str) -> dict[str, Any]:
    """Return what a README says: its first paragraphs of prose, and the list below a heading of features."""
    paragraphs = []
    for block in re.split(r"\n\s*\n", text[:40_000]):
        if not block.strip() or _NO_PROSE.search(block.strip()):
            continue
        plain = " ".join(without_addresses(_MARKUP.sub(r"\1", block)).split())
        if len(plain) > 30:
            paragraphs.append(plain)
        if sum(map(len, paragraphs)) >= 2 * LEAST:
            break
    parts: dict[str, Any] = {}
    if paragraphs:
        parts["short"], parts["long"] = paragraphs[0], " ".join(paragraphs)[:LONGEST]
    if match := _FEATURES.search(text[:40_000]):
        items = (" ".join(without_addresses(_MARKUP.sub(r"\1", line)).split()) for line in _ITEM.findall(match[1]))
        parts["features"] = [feature for feature in items if feature][:20]
    return parts
