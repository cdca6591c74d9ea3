"""The fields in which something is stated of a project, a row each: name for people, how values are read and compared.

Pure functions. Which value is shown is decided in `catalog.rules.fact`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog.licenses import expressions
from catalog.sentences import mark

LICENSE = "license"
USABLE_PERCENT = 50  # of a translation that a mirror shows: with less, nobody would call the screens translated
WRITTEN_PERCENT = 10  # of the code: with less, a language is a script beside the program


@dataclass(frozen=True)
class Field:
    """How a value of a field is called, read and drawn, and when it counts as another one.

    `kind`: text | term | words | lines | url | urls | names | terms | claims | languages | license | flag | structure.
    `each`: every source states its own, so that several are shown side by side and none contradicts.
    `label`: in words that a treasurer understands; none for a field that is not known yet.
    `technical`: for people who read code, shown in a part of its own.
    `kept`: another value closes the fact, which stays as history; else the one row is overwritten.
    """

    kind: str
    label: str = ""
    each: bool = False
    kept: bool = True
    technical: bool = False


# In the order in which people ask: what is it, may I use it, for whom, how do I get it, who maintains it, the rest.
FIELDS: Mapping[str, Field] = {
    "name": Field("text", mark("Name")),
    "summary": Field("words", mark("Purpose")),
    "easy_to_read": Field("structure", mark("Easy to read")),
    "description": Field("words", mark("Description")),
    "features": Field("lines", mark("Features")),
    LICENSE: Field("license", mark("Licence")),
    "license.folder": Field("structure", mark("Licence of part of the code"), each=True),
    "license.file": Field("structure", mark("Licence files"), each=True, technical=True),
    "license.manifest": Field("structure", mark("Licence in package files"), each=True, technical=True),
    "license.history": Field("structure", mark("Licence history"), kept=False),
    "context_only": Field("flag", mark("Free software or not")),
    "status": Field("term", mark("Status, according to its maintainers")),
    "development_status": Field("term", mark("Development status")),
    "last_change": Field("structure", mark("Last change")),
    "activity": Field("structure", mark("Code activity"), kept=False),
    "release": Field("structure", mark("Latest version")),
    "releases": Field("structure", mark("Versions"), each=True, kept=False),
    "domains": Field("terms", mark("Categories")),
    "domains.hint": Field("terms", mark("Categories derived from publiccode.yml"), each=True),
    "categories": Field("names", mark("Categories in publiccode.yml")),
    "made_for": Field("terms", mark("For whom")),
    "audiences": Field("claims", mark("Intended users")),
    "inclusion": Field("claims", mark("Accessibility and ease of use")),
    "accessibility": Field("structure", mark("Accessibility")),
    "languages": Field("languages", mark("Languages")),
    "translations": Field("structure", mark("Translation files"), each=True, kept=False, technical=True),
    "deployment_countries": Field("terms", mark("Countries where it is used")),
    "replaces": Field("names", mark("Alternative to")),
    "runs": Field("structure", mark("How to use it")),
    "software_type": Field("term", mark("Kind of software")),
    "platforms": Field("terms", mark("Works on"), each=True),
    "cautions": Field("structure", mark("Before you choose"), each=True),
    "installs": Field("terms", mark("Installation options"), technical=True),
    "cost": Field("words", mark("Cost")),
    "leaving": Field("structure", mark("How to leave it")),
    "standards": Field("names", mark("Standards"), technical=True),
    "rules": Field("structure", mark("Rules of countries")),
    "repository": Field("url", mark("Source code repository"), technical=True),
    "publiccode.other_repository": Field(
        "url", mark("Project described by its publiccode.yml"), each=True, technical=True
    ),
    "other_repositories": Field("urls", mark("Other repositories"), technical=True),
    "homepage": Field("url", mark("Website")),
    "documentation": Field("url", mark("Documentation")),
    "manuals": Field("structure", mark("Documentation by language")),
    "support": Field("structure", mark("Community forum or chat")),
    "demo": Field("url", mark("Demo")),
    "issues": Field("url", mark("Issue tracker")),
    "roadmap": Field("url", mark("Roadmap")),
    "logo": Field("text", mark("Logo")),
    "screenshots": Field("names", mark("Screenshots")),
    "maintenance": Field("structure", mark("Maintained by")),
    "developers": Field("structure", mark("Most changes by people of"), kept=False),
    "governance": Field("words", mark("Governance")),
    "funding": Field("urls", mark("Funding")),
    "security_contact": Field("url", mark("Security contact")),
    "relations": Field("structure", mark("Related software")),
    "policies": Field("structure", mark("Project guidelines"), each=True),
    "programming_languages": Field("names", mark("Programming languages"), technical=True),
    "code": Field("structure", mark("Code size and languages"), kept=False, technical=True),
    "unreadable": Field("structure", mark("Unreadable files"), each=True, kept=False, technical=True),
}
_PLACES = {name: number for number, name in enumerate(FIELDS)}
_UNKNOWN = Field("structure", technical=True)


def field_of(name: str) -> Field:
    """The field of this name; a name that is not known yet is a structure."""
    return FIELDS.get(name, _UNKNOWN)


def field_labels() -> dict[str, str]:
    """The label of each field: those for everybody first, then the technical ones."""
    rows = sorted(FIELDS.items(), key=lambda row: row[1].technical)
    return {name: field.label for name, field in rows}


def sort_key(name: str) -> tuple[int, str]:
    """The sort key of a field: in the order of FIELDS, unknown ones after them."""
    return (_PLACES.get(name, len(_PLACES)), name)


def value_digest(value: Any) -> str:
    """24 characters that two JSON values share only when they are equal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def part_that_is_news(name: str, value: Any) -> Any:
    """The part of a value whose change is news: one more percent of a translation and a further commit are none."""
    field = field_of(name)
    if not field.kept:
        return None
    if field.kind == "languages":
        return sorted(_language_tags(value))
    if isinstance(value, Mapping) and "confidence" in value:
        return {key: entry for key, entry in value.items() if key != "confidence"}
    return value


def values_differ(name: str, first: Any, second: Any) -> bool:
    """Whether two values of a field disagree in meaning, not in wording, order or how much they state."""
    return _DIFFERS.get(field_of(name).kind, _differ_in_json)(first, second)


def _differ_in_json(first: Any, second: Any) -> bool:
    return value_digest(first) != value_digest(second)


def _never_differ(first: Any, second: Any) -> bool:
    return False


def _sets_disagree(first: Iterable[str], second: Iterable[str]) -> bool:
    """Sets disagree when each holds what the other lacks; a larger one does not contradict."""
    first_set, second_set = set(first), set(second)
    return not (first_set <= second_set or second_set <= first_set)


def _licenses_disagree(first: Any, second: Any) -> bool:
    try:
        return expressions.licenses_agree(str(first), str(second)) is False
    except ValueError:  # no expression that we can read: the page says so where it shows the license
        return False


def _language_tags(value: Any) -> set[str]:
    return {str(entry.get("term")) if isinstance(entry, Mapping) else str(entry) for entry in _as_list(value)}


def _main_languages(value: Any) -> set[str]:
    return {tag.partition("-")[0].lower() for tag in _language_tags(value)}


def _folded_names(value: Any) -> set[str]:
    return {_letters_of(str(entry)) for entry in _as_list(value)}


def _terms_of_claims(value: Any) -> set[str]:
    return {str(entry.get("term")) for entry in _as_list(value) if isinstance(entry, Mapping)}


def _bare_addresses(value: Any) -> set[str]:
    return {_bare_address(entry) for entry in _as_list(value)}


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _letters_of(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum()) or text


def _bare_address(value: Any) -> str:
    """An address without what leads to the same page either way: scheme, www., .git, a last slash."""
    try:
        parts = urlsplit(str(value))
        host, path = (parts.hostname or "").removeprefix("www."), parts.path
    except ValueError:
        return str(value)
    return f"{host}{re.sub(r'(?:[.]git)?/*$', '', path)}?{parts.query}#{parts.fragment}".lower()


_DIFFERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "text": lambda first, second: _letters_of(str(first)) != _letters_of(str(second)),
    "words": _never_differ,
    "lines": _never_differ,
    "structure": _never_differ,
    "license": _licenses_disagree,
    "url": lambda first, second: _bare_address(first) != _bare_address(second),
    "urls": lambda first, second: _sets_disagree(_bare_addresses(first), _bare_addresses(second)),
    "names": lambda first, second: _sets_disagree(_folded_names(first), _folded_names(second)),
    "terms": lambda first, second: _sets_disagree(_folded_names(first), _folded_names(second)),
    "claims": lambda first, second: _sets_disagree(_terms_of_claims(first), _terms_of_claims(second)),
    "languages": lambda first, second: _sets_disagree(_main_languages(first), _main_languages(second)),
}


def usable_languages(value: Any, least: int = USABLE_PERCENT) -> tuple[str, ...]:
    """The tags of a `languages` value whose screens are translated to `least` percent, as far as that is known.

    At most 100, and only what looks like a tag (RFC 5646): a repository may call any folder a language.
    """
    tags = {}
    for entry in _as_list(value):
        term = entry.get("term") if isinstance(entry, Mapping) else entry
        percent = entry.get("percent") if isinstance(entry, Mapping) else None
        if isinstance(term, str) and _TAG.fullmatch(term) and (percent is None or percent >= least):
            tags[term] = True
    return tuple(tags)[:100]


def is_counted(value: Any) -> bool:
    """Whether a `languages` value says how much is translated; the source language alone needs no percent."""
    percents = [entry.get("percent") for entry in _as_list(value) if isinstance(entry, Mapping)]
    return len(percents) < 2 or any(percent is not None for percent in percents)


_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def main_programming_languages(value: Any) -> tuple[str, ...]:
    """The programming languages of a `code` value that make up a tenth of it or more."""
    languages = value.get("languages") if isinstance(value, Mapping) else ()
    return tuple(
        str(language["name"]) for language in _as_list(languages) if (language.get("percent") or 0) >= WRITTEN_PERCENT
    )
