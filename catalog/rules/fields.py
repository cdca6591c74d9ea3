"""The fields in which something is said of a project: how a value is read, and when two of them disagree in meaning.

Pure, and it judges nobody: whose value is shown is `facts`' matter.
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
USABLE_PERCENT = 50  # of a translation that a mirror shows: below, nobody would call the screens translated
WRITTEN_PERCENT = 10  # of the code: below, a language is a script beside the program


@dataclass(frozen=True)
class Field:
    """How a value is read and when it counts as another one.

    `kind`: text | term | words | lines | url | urls | names | terms | claims | languages | license | flag | structure.
    `each`: every source states its own, so that several stand side by side and none contradicts.
    `kept`: another value closes the fact, which stays as history; else the one row is written over.
    """

    kind: str
    each: bool = False
    kept: bool = True


# In the order in which people ask: what is it, may I use it, for whom, how do I get it, who stands behind it, the rest.
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


def rule(name: str) -> Field:
    """The field of this name; one that is not known yet is a structure."""
    return FIELDS.get(name, _UNKNOWN)


def place(name: str) -> tuple[int, str]:
    """Where a field stands among others: in the order of FIELDS, those that it does not know behind."""
    return (_PLACES.get(name, len(_PLACES)), name)


def digest(value: Any) -> str:
    """24 characters that two JSON values share only when they are the same."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def essence(name: str, value: Any) -> Any:
    """The part of a value whose change is news: a percent more of a translation and a further commit are none."""
    known = rule(name)
    if not known.kept:
        return None
    if known.kind == "languages":
        return sorted(_languages(value))
    if isinstance(value, Mapping) and "confidence" in value:
        return {key: one for key, one in value.items() if key != "confidence"}
    return value


def differs(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field disagree in meaning, not in wording, order or how much they tell."""
    return _DIFFERS.get(rule(name).kind, _plainly)(one, other)


def _plainly(one: Any, other: Any) -> bool:
    return digest(one) != digest(other)


def _never(one: Any, other: Any) -> bool:
    return False


def _apart(one: Iterable[str], other: Iterable[str]) -> bool:
    """Sets disagree when each holds what the other lacks; one that says more does not contradict."""
    mine, theirs = set(one), set(other)
    return not (mine <= theirs or theirs <= mine)


def _licenses(one: Any, other: Any) -> bool:
    try:
        return expressions.agrees(str(one), str(other)) is False
    except ValueError:  # no expression that we can read: that is told where the license is shown
        return False


def _languages(value: Any) -> set[str]:
    return {str(one.get("term")) if isinstance(one, Mapping) else str(one) for one in _list(value)}


def _main_languages(value: Any) -> set[str]:
    return {tag.partition("-")[0].lower() for tag in _languages(value)}


def _names(value: Any) -> set[str]:
    return {_letters(str(one)) for one in _list(value)}


def _claims(value: Any) -> set[str]:
    return {str(one.get("term")) for one in _list(value) if isinstance(one, Mapping)}


def _addresses(value: Any) -> set[str]:
    return {_address(one) for one in _list(value)}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum()) or text


def _address(value: Any) -> str:
    """An address without what leads to the same place either way: scheme, www., .git, a last slash."""
    try:
        parts = urlsplit(str(value))
        host, path = (parts.hostname or "").removeprefix("www."), parts.path
    except ValueError:
        return str(value)
    return f"{host}{re.sub(r'(?:[.]git)?/*$', '', path)}?{parts.query}#{parts.fragment}".lower()


_DIFFERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "text": lambda one, other: _letters(str(one)) != _letters(str(other)),
    "words": _never,
    "lines": _never,
    "structure": _never,
    "license": _licenses,
    "url": lambda one, other: _address(one) != _address(other),
    "urls": lambda one, other: _apart(_addresses(one), _addresses(other)),
    "names": lambda one, other: _apart(_names(one), _names(other)),
    "terms": lambda one, other: _apart(_names(one), _names(other)),
    "claims": lambda one, other: _apart(_claims(one), _claims(other)),
    "languages": lambda one, other: _apart(_main_languages(one), _main_languages(other)),
}


def usable_languages(value: Any) -> tuple[str, ...]:
    """The tags of a `languages` value whose screens are at least half translated, as far as that is known.

    At most 100, and only what looks like a tag (RFC 5646): a repository may call any folder a language.
    """
    kept = {}
    for one in _list(value):
        term = one.get("term") if isinstance(one, Mapping) else one
        percent = one.get("percent") if isinstance(one, Mapping) else None
        if isinstance(term, str) and _TAG.fullmatch(term) and (percent is None or percent >= USABLE_PERCENT):
            kept[term] = True
    return tuple(kept)[:100]


_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def written_in(value: Any) -> tuple[str, ...]:
    """The programming languages of a `code` value that make up a tenth of it or more."""
    languages = value.get("languages") if isinstance(value, Mapping) else ()
    return tuple(str(one["name"]) for one in _list(languages) if (one.get("percent") or 0) >= WRITTEN_PERCENT)
