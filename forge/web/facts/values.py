"""A fact's value as a page can show it: checked, cleaned and bounded, because a stranger may have written it.

Pure, and it words nothing: `draw` gives a kind and a value of the shape that the template's branch for that kind
expects. What has another shape, from a newer version or a peer, is shown as it was written. It is
longer than 350 lines because each kind of value is checked here, side by side.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.licenses import expressions
from catalog.rules.fields import FIELDS
from catalog.vocabulary import vocabulary
from forge.i18n.languages import plain
from forge.web.facts.labels import OFFICIAL, POLICIES

TEXT_CHARACTERS = 2_000
VERSIONS = 12
ITEMS = 60  # of a list; the interface for programs gives all
OTHER_CHARACTERS = 400
DEPTH = 6
_SURROGATES = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Drawn:
    """`value` has the shape of its `kind`; `left_out` says how many items of a list are not shown."""

    kind: str
    value: Any
    left_out: int = 0


def draw(field: str, value: Any) -> Drawn:
    """The value of a field, ready to be worded."""
    kind, shape = _KINDS.get(field) or _OF_RULES.get(FIELDS[field].kind if field in FIELDS else "", _NO_KIND)
    value = clean(value)
    shaped = shape(value)
    if shaped is None:
        written = json.dumps(value, ensure_ascii=False, sort_keys=True)
        cut = f"{written[:OTHER_CHARACTERS]}…" if len(written) > OTHER_CHARACTERS else written
        return Drawn("other", cut)
    most = VERSIONS if kind == "releases" else ITEMS
    if isinstance(shaped, list) and len(shaped) > most:
        return Drawn(kind, shaped[:most], len(shaped) - most)
    return Drawn(kind, shaped)


def clean(value: Any, depth: int = DEPTH) -> Any:
    """The value without characters that hide, reorder or break a page, and no deeper or longer than one bears."""
    if isinstance(value, str):
        text = _SURROGATES.sub("\ufffd", plain(value[: TEXT_CHARACTERS + 1]))
        return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}…"
    if isinstance(value, list | tuple):
        return [clean(one, depth - 1) for one in value] if depth else []
    if isinstance(value, Mapping):
        return {clean(str(key)): clean(one, depth - 1) for key, one in value.items()} if depth else {}
    return value


def described(expression: Any) -> expressions.Described | None:
    """An SPDX expression with names; None for what is none."""
    if not isinstance(expression, str) or not expression:
        return None
    try:
        return expressions.describe(expression)
    except ValueError:
        return None


Shape = Callable[[Any], Any]  # the value in the shape of its kind, None where it cannot be


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _names(value: Any) -> list[str] | None:
    return value if isinstance(value, list) and value and all(isinstance(one, str) for one in value) else None


def _records(value: Any) -> list[dict[str, Any]] | None:
    return value if isinstance(value, list) and value and all(isinstance(one, dict) for one in value) else None


def _record(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None


def _words(value: Any) -> dict[str, str] | None:
    return value if _record(value) and all(isinstance(one, str) for one in value.values()) else None


def _lines(value: Any) -> dict[str, list[str]] | None:
    return value if _record(value) and all(_names(one) for one in value.values()) else None


def _languages(value: Any) -> list[tuple[str, int | None]] | None:
    found = [(one.get("term"), _number(one.get("percent"))) for one in _records(value) or ()]
    return [(term, percent) for term, percent in found if isinstance(term, str)] or None


def _claims(name: str) -> Shape:
    def shape(value: Any) -> list[tuple[str, str, str]] | None:
        found = ((_text(one.get("term")), _text(one.get("evidence"))) for one in _records(value) or ())
        return [(name, term, evidence) for term, evidence in found if term and evidence] or None

    return shape


def _terms(name: str) -> Shape:
    def shape(value: Any) -> list[tuple[str, str]] | None:
        return [(name, one) for one in _names(value) or ()] or None

    return shape


def _term(name: str) -> Shape:
    def shape(value: Any) -> tuple[str, str] | None:
        return (name, value) if isinstance(value, str) and value in vocabulary(name).terms else None

    return shape


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _license(value: Any) -> tuple[str, expressions.Described | None] | None:
    return (value, described(value)) if _text(value) else None


def _license_of(value: Any, **more: Any) -> dict[str, Any]:
    spdx = _text(value.get("license"))
    return {"spdx": spdx, "described": described(spdx), **more}


def _folder(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    return _license_of(told, folder=_text(told.get("folder"))) if told and _text(told.get("license")) else None


def _file(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    return _license_of(told) if told and "license" in told else None


def _stated(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    return _license_of(told, stated=_text(told.get("stated"))) if told and "license" in told else None


def _past(value: Any) -> list[dict[str, Any]] | None:
    found = [_license_of(one, at=_day(one.get("at"))) for one in _records(value) or ()]
    return list(reversed(found)) or None


def _day(value: Any) -> str | None:
    return value[:10] if isinstance(value, str) else None


def _easy(value: Any) -> dict[str, dict[str, str]] | None:
    parts = ("text", "checked_by", "checked_at")
    found = {tag: _record(one) or {} for tag, one in (_record(value) or {}).items()}
    said = {tag: {key: _text(one.get(key)) or "" for key in parts} for tag, one in found.items()}
    return {tag: one for tag, one in said.items() if one["text"].strip()} or None


def _accessibility(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    if not told or not _text(told.get("standard")) or told.get("state") not in ("none", "partial", "full"):
        return None
    return {key: _text(told.get(key)) for key in ("standard", "state", "url", "year")}


def _runs(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    if not told:
        return None
    hard = told.get("self_hosted")
    return {
        "online": _text(told.get("online")),
        "hosted": _names(told.get("hosted")) or [],
        "self_hosted": hard if isinstance(hard, str) and hard in vocabulary("hardness").terms else None,
    }


def _leaving(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    if not told:
        return None
    return {
        "exports": _names(told.get("exports")) or [],
        "standards": _names(told.get("standards")) or [],
        "note": _words(told.get("note")) or {},
    }


def _relations(value: Any) -> list[tuple[str, str]] | None:
    found = [(_text(one.get("type")), _text(one.get("project"))) for one in _records(value) or ()]
    return [(kind, slug) for kind, slug in found if kind and slug] or None


def _maintenance(value: Any) -> list[dict[str, Any]] | None:
    """Organizations and their roles: by slug where they stand in this catalogue, by name where a file names them."""
    found = [
        {
            "slug": _text(one.get("organization")),
            "name": _text(one.get("organization name")) or _text(one.get("name")),
            "role": _text(one.get("role")),
        }
        for one in _records(value) or ()
    ]
    return [one for one in found if one["slug"] or one["name"]] or None


def _activity(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    if not told:
        return None
    counts = {key: _number(told.get(key)) for key in ("commits", "people_in_year", "top_share_percent")}
    days = {key: _day(told.get(key)) for key in ("first_commit_at", "last_commit_at", "as_of")}
    return counts | days | {"whole": told.get("whole") is not False}


def _release(value: Any) -> list[dict[str, Any]] | None:
    return _releases([value])


def _releases(value: Any) -> list[dict[str, Any]] | None:
    found = [
        {"version": _text(one.get("version") or one.get("value")), "date": _day(one.get("date"))}
        for one in _records(value) or ()
    ]
    return [one for one in found if one["version"]] or None


def _policies(value: Any) -> list[str] | None:
    return [POLICIES[key] for key, there in (_record(value) or {}).items() if there and key in POLICIES] or None


def _code(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    if not told:
        return None
    found = [(_text(one.get("name")), one.get("percent")) for one in _records(told.get("languages")) or ()]
    shares = [(name, round(part)) for name, part in found if name and isinstance(part, int | float)]
    return {
        "languages": [(name, percent) for name, percent in shares if percent],
        "files": _number(told.get("files")),
        "size_bytes": _number(told.get("size_bytes")),
        "whole": told.get("whole") is not False,
    }


def _translations(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    found = told and {"format": _text(told.get("format")), "catalogs": _number(told.get("catalogs"))}
    return found if found and found["format"] and found["catalogs"] is not None else None


def _dependencies(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    found = told and {
        "ecosystem": _text(told.get("ecosystem")),
        "count": _number(told.get("count")),
        "names": (_names(told.get("names")) or [])[:ITEMS],
    }
    return found if found and found["ecosystem"] and found["count"] is not None else None


def _problems(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    if not told or not _text(told.get("standard")):
        return None
    each = [
        {key: one.get(key) for key in ("line", "key", "sentence", "warning")}
        for one in _records(told.get("problems")) or ()
        if _text(one.get("sentence"))
    ]
    return {"standard": told["standard"], "valid": told.get("valid") is True, "problems": each[:ITEMS]}


def _unreadable(value: Any) -> dict[str, Any] | None:
    told = _record(value)
    found = told and {"problem": _text(told.get("problem")), "line": _number(told.get("line"))}
    return found if found and found["problem"] else None


def _official(value: Any) -> str | None:
    return OFFICIAL.get(value) if isinstance(value, str) else None


def _support(value: Any) -> dict[str, Any] | None:
    told = {"url": value} if isinstance(value, str) else _record(value)
    found = told and {"url": _text(told.get("url")), "languages": _names(told.get("languages")) or []}
    return found if found and found["url"] else None


_NO_KIND: tuple[str, Shape] = ("other", lambda value: None)
_OF_RULES: Mapping[str, tuple[str, Shape]] = {
    "text": ("text", _text),
    "term": ("text", _text),
    "words": ("words", _words),
    "lines": ("lines", _lines),
    "url": ("addresses", lambda value: [value] if _text(value) else None),
    "urls": ("addresses", _names),
    "names": ("names", _names),
    "terms": ("names", _names),
    "languages": ("languages", _languages),
    "license": ("license", _license),
}
_KINDS: Mapping[str, tuple[str, Shape]] = {
    "easy_to_read": ("easy_to_read", _easy),
    "license.folder": ("license.folder", _folder),
    "license.file": ("license.file", _file),
    "license.manifest": ("license.manifest", _stated),
    "license.history": ("license.history", _past),
    "context_only": ("context_only", _flag),
    "status": ("term", _term("status")),
    "development_status": ("sentence", _official),
    "software_type": ("sentence", _official),
    "activity": ("activity", _activity),
    "release": ("releases", _release),
    "releases": ("releases", _releases),
    "domains": ("terms", _terms("domain")),
    "domains.hint": ("terms", _terms("domain")),
    "made_for": ("made_for", _names),
    "audiences": ("claims", _claims("audience")),
    "inclusion": ("claims", _claims("inclusion-feature")),
    "accessibility": ("accessibility", _accessibility),
    "translations": ("translations", _translations),
    "deployment_countries": ("countries", _names),
    "runs": ("runs", _runs),
    "installs": ("terms", _terms("install")),
    "leaving": ("leaving", _leaving),
    "manuals": ("manuals", _words),
    "support": ("support", _support),
    "screenshots": ("files", _names),
    "maintenance": ("maintenance", _maintenance),
    "relations": ("relations", _relations),
    "policies": ("sentences", _policies),
    "code": ("code", _code),
    "dependencies": ("dependencies", _dependencies),
    "problems": ("problems", _problems),
    "unreadable": ("unreadable", _unreadable),
}
