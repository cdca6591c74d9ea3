"""Releases with dates from a changelog, where it has one of the common forms. Undated ones are left out.

Forms: https://keepachangelog.com and its relatives in Markdown, reStructuredText and plain text ("## [1.2.0] -
2024-05-21", "1.2 (May 21, 2024)", "v1.2 / 2024-05-21"), and Debian's (deb-changelog(5)).
"""

import re
from datetime import date
from typing import Any

from catalog.rules.version import is_prerelease
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.tree import Tree

OBSERVER = "changelog 2"
MAX_RELEASES = 50
MAX_BYTES = 1 << 20
MAX_HEADING = 160  # characters of a line that may be a heading
MAX_MORE_LETTERS = 12  # "released on"

_NAMES = re.compile(
    r"(?:changelog|changes|history|news|release[ _-]?notes|releases)(?:\.(?:md|markdown|rst|txt|adoc))?", re.I
)
_ORDER = ("changelog", "changes", "history", "release", "news")
_DEBIAN = "debian/changelog"

_VERSION = r"[vV]?(\d{1,8}(?:\.\d{1,8}){1,4}(?:[-.+_]?[A-Za-z0-9]{1,20}){0,4})"
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else name for name in _MONTHS) + "|sept"
# What may precede a version in a heading: marks of headings and lists, brackets, the project's name, "Version".
_HEADING = re.compile(
    rf"^(?:#{{1,5}}[ \t]*|={{1,5}}[ \t]*)?\**\[?(?:[A-Za-z][\w.-]{{0,30}}[ \t]+)?(?:(?:version|release)[ \t]+)?\[?"
    rf"{_VERSION}(?=[\s\]):,*/(–—-]|$)(.*)$",
    re.IGNORECASE,
)
_DAY = re.compile(
    rf"(?<![\d.])(?:(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})"
    rf"|(\d{{1,2}})(?:st|nd|rd|th)?[ ]({_MONTH})\.?,?[ ](\d{{4}})"
    rf"|({_MONTH})\.?[ ](\d{{1,2}})(?:st|nd|rd|th)?,?[ ](\d{{4}}))(?![\d.-])",
    re.IGNORECASE,
)
_DEBIAN_HEADING = re.compile(r"^[a-z0-9][\w.+-]{1,60} \((?:\d+:)?([\w.+:~-]{1,60})\) ([\w. -]{1,60});")
_DEBIAN_DAY = re.compile(r"^ -- .{0,300}>  ?(?:\w{3}, *)?(\d{1,2} \w{3} \d{4})")


def observe_changelog(tree: Tree) -> list[ObservedFact]:
    """`releases`, newest first, of the changelog at the top, else of Debian's; nothing where neither is dated."""
    top = [path for path in tree if "/" not in path and len(path) < 40 and _NAMES.fullmatch(path)]
    top.sort(key=lambda path: (_rank(path), path))
    for path in [*top[:3], *([_DEBIAN] if _DEBIAN in tree else [])]:
        releases = tree.read_cached(OBSERVER, path, _read_releases, MAX_BYTES)
        if releases:
            return [ObservedFact("releases", releases, path)]
    return []


def _rank(path: str) -> int:
    return next(place for place, name in enumerate(_ORDER) if path.lower().startswith(name))


def _read_releases(path: str, data: bytes) -> list[dict[str, str]]:
    rows = data.decode("utf-8", "replace").splitlines()
    found = _from_debian(rows) if path == _DEBIAN else _from_headings(rows)
    finished = [version for version in found if not is_prerelease(version)]  # the others only where there are none
    order = sorted(finished or found, key=lambda version: found[version], reverse=True)
    return [{"version": version, "date": found[version]} for version in order[:MAX_RELEASES]]


def _from_headings(rows: list[str]) -> dict[str, str]:
    """Version -> day of each heading that has both, on its line or alone on the next that is not empty."""
    found: dict[str, str] = {}
    for position, row in enumerate(rows):
        if len(row) > MAX_HEADING or not (heading := _HEADING.match(row.rstrip())):
            continue
        other_letters = sum(letter.isalpha() for letter in _DAY.sub("", heading[2]))
        if row[0] not in "#=" and other_letters > MAX_MORE_LETTERS:
            continue  # a sentence about another thing's version
        day = _day(heading[2])
        if day is None and not heading[2].strip(" ]*:=#"):
            below = next((next_row for next_row in rows[position + 1 : position + 4] if next_row.strip(" =-~*^")), "")
            alone = _DAY.search(below) if len(below) <= 60 else None
            day = _iso_day(alone) if alone and len(below.strip()) - len(alone[0]) <= 16 else None
        if day is not None:
            found.setdefault(heading[1], day)
    return found


def _from_debian(rows: list[str]) -> dict[str, str]:
    """The upstream's versions: what follows the last hyphen is Debian's own."""
    found: dict[str, str] = {}
    version = None
    for row in rows:
        if heading := _DEBIAN_HEADING.match(row):
            released = "unreleased" not in heading[2].lower()
            version = (heading[1].rpartition("-")[0] or heading[1]) if released else None
        elif version and (signed := _DEBIAN_DAY.match(row)):
            if day := _day(signed[1]):
                found[version] = day  # the oldest upload of a version comes last, and is the release
            version = None
    return found


def _day(text: str) -> str | None:
    found = _DAY.search(text)
    return _iso_day(found) if found else None


def _iso_day(found: re.Match[str]) -> str | None:
    year, month, day, day_before, month_name, year_after, name_first, day_after, year_last = found.groups()
    name = (month_name or name_first or "")[:3].lower()
    number: Any = month or next(
        (month_number for month_number, full_name in enumerate(_MONTHS, 1) if name and full_name.startswith(name)), 0
    )
    try:
        released = date(int(year or year_after or year_last), int(number), int(day or day_before or day_after))
    except ValueError:
        return None
    return released.isoformat() if 1980 <= released.year <= 2100 else None
