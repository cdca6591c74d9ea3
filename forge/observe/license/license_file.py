"""Reads one license file: its SPDX expression and how sure it is, or that none was recognized."""

import json
import re
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from catalog.licenses.expressions import is_free, without_suffix
from forge.observe.license import rewordings, texts, words
from forge.observe.license.ids import canonical
from forge.observe.license.surrounding_text import SHOWN_CHARACTERS, read_beside, without_invisible

CERTAIN = 0.75  # from this share of a file on, with no condition beside it, it holds this license and no other
UNSURE = 0.5  # confidence of a text with a condition next to it, or one that is only similar to a license
CREDITS_CHARACTERS = 1_000  # next to one license text, in which no word limits it
LEAST_SHARE = 0.4  # of a file that is license text, where so little else stands there
STUB_CHARACTERS = 400  # a license file shorter than this that names no license only points elsewhere
MAX_ALTERNATIVES = 3
MAX_LICENSES = 12  # of one file that are joined; beyond that it lists what is bundled
CONDITION = "LicenseRef-Commons-Clause"  # no license that one may choose: it takes from the one beside it

_LISTS = ("texts", "doubts", "beside", "parts")
# https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
_OF_PACKAGER = re.compile(r"(?:^|/)debian/copyright$")
_PAGE = re.compile(r"\.x?html?$", re.IGNORECASE)
# What the FSF asks translators to write above a translation of the GPL, which then states no terms:
# https://www.gnu.org/licenses/translations.html
_TRANSLATION = re.compile(
    r"\bthis is an unofficial translation of the GNU (?:Affero |Lesser )?General Public License into \w{3,20}\. It was"
    r" not published by the Free Software Foundation, and does not legally state the distribution terms for software"
    r" that uses the GNU [AL]?GPL\b".replace(" ", r"\s+"),
    re.IGNORECASE,
)
_NAMED = re.compile(r"^License:[ \t]*([\w.+-]{1,80})", re.MULTILINE)


@dataclass(frozen=True)
class LicenseFileReading:
    """`license` is an SPDX expression, None where no license was recognized; `confidence` from 0 to 1.

    `texts` are the licenses in it one by one, `stub` is a file too short to be a license, or one of data, `reserves`
    one whose words reserve rights, `forbids` one that forbids what free software allows, `offers` one that lets the
    reader choose.
    `doubts` are the sentences beside the text that may limit it, `beside` the others; `parts` the paths that it says
    have licenses of their own.
    """

    license: str | None
    confidence: float
    texts: tuple[str, ...] = ()
    stub: bool = False
    reserves: bool = False
    forbids: bool = False
    offers: bool = False
    doubts: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        return self.license is not None and self.confidence >= CERTAIN

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _LISTS}}

    @classmethod
    def of_json(cls, values: dict[str, Any]) -> "LicenseFileReading":
        """The inverse of `as_json`, also after writing and reading JSON."""
        return cls(**{**values, **{name: tuple(values[name]) for name in _LISTS}})


def read_license_file(path: str, content: bytes) -> LicenseFileReading:
    """Read the license file at `path`, of which the first 256 kB count."""
    text = texts.decode_text(content)
    if _PAGE.search(path):
        text = rewordings.without_tags(text)
    return _read_statement(text) if _OF_PACKAGER.search(path) else _read_text(text)


def _read_statement(text: str) -> LicenseFileReading:
    """A packager's list of all that a package holds. What is free in it is told by the project's own files, so that
    only a license counts that is not."""
    stated = [license.spdx for license in texts.find_licenses(text).licenses] + _NAMED.findall(text)
    unfree = tuple(dict.fromkeys(name for name in map(canonical, stated) if name and is_free(name) is False))
    return LicenseFileReading(join_licenses(unfree, "AND", []), UNSURE if unfree else 0.0, unfree, stub=True)


def _read_text(text: str) -> LicenseFileReading:
    text, found = _found_licenses(text)
    stub = len(text) <= STUB_CHARACTERS or _is_data(text)
    if not found.licenses:
        if _TRANSLATION.search(text, 0, texts.TITLE_CHARACTERS):
            return LicenseFileReading(None, 0.0, stub=True)
        return LicenseFileReading(
            None, 0.0, (), stub, words.reserves(text), words.forbids(text), doubts=read_beside(text).doubts
        )
    ids = _without_supplemented(tuple(license.spdx for license in found.licenses))
    names, unknown = words.exceptions(found.beside)
    beside = words.without_exceptions(without_invisible(found.beside))
    told = read_beside(beside)
    doubts = told.doubts + tuple(limit[:SHOWN_CHARACTERS] for limit in found.limits)
    sure = all(license.exact for license in found.licenses) and not unknown and not doubts
    sure = sure and len(found.beside) <= words.CONDITION_CHARACTERS
    share = round(found.share, 2)
    if len(ids) == 1 and LEAST_SHARE < share < CERTAIN and len(found.beside) <= CREDITS_CHARACTERS:
        share = CERTAIN  # a short text under a list of names, or a notice above what it says in another language
    # Among many licenses the choice that some words offer is one between a few of them.
    offers = words.alternatives(found.beside)
    choice = offers and len(ids) <= MAX_ALTERNATIVES and CONDITION not in ids
    expression = join_licenses(ids, "OR" if choice else "AND", names)
    sure = sure and not (offers and len(ids) == 1)  # the other one is not known
    confidence = min(share, UNSURE) if not sure else share
    return LicenseFileReading(
        expression,
        confidence,
        ids,
        forbids=words.forbids(beside),
        offers=offers,
        doubts=doubts,
        beside=told.tells,
        parts=told.parts,
    )


def _found_licenses(text: str) -> tuple[str, texts.TextLicenses]:
    """The text and its licenses; where none is recognized, in the publisher's words for those that people change."""
    text = rewordings.with_usual_advice(rewordings.without_entities(text))
    licenses = texts.find_licenses(text)
    if not licenses.licenses:
        usual = rewordings.in_usual_words(text)
        if usual != text:
            again = texts.find_licenses(usual)
            if again.licenses:
                return usual, again
    return text, licenses


def _without_supplemented(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The licenses without the GPL 3 whose text follows that of the LGPL 3, which refers to it."""
    bare = tuple(without_suffix(license_id) for license_id in ids)
    return ids[:1] if bare == ("LGPL-3.0", "GPL-3.0") else ids


def _is_data(text: str) -> bool:
    """Whether a file that only happens to be called like a license holds data, or a template of pages."""
    if text.lstrip()[:1] not in ("[", "{"):
        return False
    try:
        return isinstance(json.loads(text), list | dict)
    except (ValueError, RecursionError):
        return False


def join_licenses(ids: tuple[str, ...], operator: str, exceptions: list[str]) -> str | None:
    """One expression of several licenses; an exception goes to the one license that it can belong to."""
    if not ids or len(ids) > MAX_LICENSES:
        return None
    parts = list(ids)
    for exception in exceptions:
        fitting = [
            position for position, part in enumerate(parts) if " " not in part and _accepts_exception(part, exception)
        ]
        if len(fitting) != 1:
            return None
        parts[fitting[0]] += f" WITH {exception}"
    text = f" {operator} ".join(f"({part})" if " OR " in part or " AND " in part else part for part in parts)
    return canonical(text)


@cache
def _accepts_exception(license_id: str, exception: str) -> bool:
    family = {"LLVM-exception": "Apache-2.0", "PCRE2-exception": "BSD-3-Clause"}.get(exception)
    return license_id == family if family else "GPL" in license_id
