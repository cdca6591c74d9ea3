"""The fields in which something is stated of a project: how a value is read, and when two of them disagree in meaning.

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

LICENSE = "license"
USABLE_PERCENT = 50  # of a translation that a mirror shows: with less, nobody would call the screens translated
WRITTEN_PERCENT = 10  # of the code: with less, a language is a script beside the program


@dataclass(frozen=True)
class Field:
    """How a value of a field is read and when it counts as another one.

    `kind`: text | term | words | lines | url | urls | names | terms | claims | languages | license | flag | structure.
    `each`: every source states its own, so that several are shown side by side and none contradicts.
    `kept`: another value closes the fact, which stays as history; else the one row is overwritten.
    """

    kind: str
    each: bool = False
    kept: bool = True


# In the order in which people ask: what is it, may I use it, for whom, how do I get it, who maintains it, the rest.
FIELDS: Mapping[str, Field] = {
    "name": Field("text"),
    "summary": Field("words"),
    "easy_to_read": Field("structure"),
    "description": Field("words"),
    "features": Field("lines"),
    LICENSE: Field("license"),
    "license.folder": Field("structure", each=True),
    "license.file": Field("structure", each=True),
    "license.manifest": Field("structure", each=True),
    "license.history": Field("structure", kept=False),
    "context_only": Field("flag"),
    "status": Field("term"),
    "development_status": Field("term"),
    "last_change": Field("structure"),
    "activity": Field("structure", kept=False),
    "release": Field("structure"),
    "releases": Field("structure", each=True, kept=False),
    "domains": Field("terms"),
    "domains.hint": Field("terms", each=True),
    "categories": Field("names"),
    "made_for": Field("terms"),
    "audiences": Field("claims"),
    "audience_scope": Field("names"),
    "inclusion": Field("claims"),
    "accessibility": Field("structure"),
    "languages": Field("languages"),
    "translations": Field("structure", each=True, kept=False),
    "deployment_countries": Field("terms"),
    "replaces": Field("names"),
    "runs": Field("structure"),
    "software_type": Field("term"),
    "installs": Field("terms"),
    "cost": Field("words"),
    "leaving": Field("structure"),
    "standards": Field("names"),
    "repository": Field("url"),
    "publiccode.other_repository": Field("url", each=True),
    "other_repositories": Field("urls"),
    "homepage": Field("url"),
    "documentation": Field("url"),
    "manuals": Field("structure"),
    "support": Field("structure"),
    "demo": Field("url"),
    "issues": Field("url"),
    "roadmap": Field("url"),
    "logo": Field("text"),
    "screenshots": Field("names"),
    "maintenance": Field("structure"),
    "governance": Field("words"),
    "funding": Field("urls"),
    "security_contact": Field("url"),
    "relations": Field("structure"),
    "based_on": Field("urls"),
    "used_by": Field("names"),
    "policies": Field("structure", each=True),
    "programming_languages": Field("names"),
    "code": Field("structure", kept=False),
    "dependencies": Field("structure", each=True, kept=False),
    "problems": Field("structure", each=True, kept=False),
    "unreadable": Field("structure", each=True, kept=False),
}
_PLACES = {name: number for number, name in enumerate(FIELDS)}
_UNKNOWN = Field("structure")


def field_of(name: str) -> Field:
    """The field of this name; a name that is not known yet is a structure."""
    return FIELDS.get(name, _UNKNOWN)


def sort_key(name: str) -> tuple[int, str]:
    """The sort key of a field: in the order of FIELDS, unknown ones after them."""
    return (_PLACES.get(name, len(_PLACES)), name)


def value_digest(value: Any) -> str:
    """24 characters that two JSON values share only when they are equal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def part_that_is_news(name: str, value: Any) -> Any:
    """The part of a value whose change is news: one more percent of a translation and a further commit are none."""
    known = field_of(name)
    if not known.kept:
        return None
    if known.kind == "languages":
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


def usable_languages(value: Any) -> tuple[str, ...]:
    """The tags of a `languages` value whose screens are at least half translated, as far as that is known.

    At most 100, and only what looks like a tag (RFC 5646): a repository may call any folder a language.
    """
    tags = {}
    for entry in _as_list(value):
        term = entry.get("term") if isinstance(entry, Mapping) else entry
        percent = entry.get("percent") if isinstance(entry, Mapping) else None
        if isinstance(term, str) and _TAG.fullmatch(term) and (percent is None or percent >= USABLE_PERCENT):
            tags[term] = True
    return tuple(tags)[:100]


_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def main_programming_languages(value: Any) -> tuple[str, ...]:
    """The programming languages of a `code` value that make up a tenth of it or more."""
    languages = value.get("languages") if isinstance(value, Mapping) else ()
    return tuple(
        str(language["name"]) for language in _as_list(languages) if (language.get("percent") or 0) >= WRITTEN_PERCENT
    )
