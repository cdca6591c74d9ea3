"""Prepare a fact's value for a page: checked, cleaned and bounded, because a stranger may have written it.

Pure. `draw_value` gives a kind and a value of the shape that the template's branch for that kind expects. A value of
another shape, from a newer version or a peer, is shown as it was written.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.licenses import expressions
from catalog.rules.country_rule import RULES
from catalog.rules.fields import field_of
from catalog.vocabulary import vocabulary
from forge.i18n.languages import plain
from forge.web.facts.labels import POLICY_LABELS, PUBLICCODE_LABELS

TEXT_CHARACTERS = 2_000
MAX_VERSIONS = 12
MAX_ITEMS = 60  # of a list; the API gives all
OTHER_CHARACTERS = 400
MAX_DEPTH = 6
_SURROGATES = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class DrawnValue:
    """`value` has the shape of its `kind`; `left_out` says how many items of a list are not shown."""

    kind: str
    value: Any
    left_out: int = 0


def draw_value(field: str, value: Any) -> DrawnValue:
    """The value of a field, ready for the template."""
    kind, shape = _KINDS_BY_FIELD.get(field) or _KINDS_BY_RULE.get(field_of(field).kind, _NO_KIND)
    value = cleaned(value)
    shaped = shape(value)
    if shaped is None:
        written = json.dumps(value, ensure_ascii=False, sort_keys=True)
        cut = f"{written[:OTHER_CHARACTERS]}…" if len(written) > OTHER_CHARACTERS else written
        return DrawnValue("other", cut)
    most = MAX_VERSIONS if kind == "releases" else MAX_ITEMS
    if isinstance(shaped, list) and len(shaped) > most:
        return DrawnValue(kind, shaped[:most], len(shaped) - most)
    return DrawnValue(kind, shaped)


def cleaned(value: Any, depth: int = MAX_DEPTH) -> Any:
    """The value without characters that hide, reorder or break a page; at most `depth` deep, texts and lists cut."""
    if isinstance(value, str):
        text = _SURROGATES.sub("\ufffd", plain(value[: TEXT_CHARACTERS + 1]))
        return text if len(text) <= TEXT_CHARACTERS else f"{text[:TEXT_CHARACTERS]}…"
    if isinstance(value, list | tuple):
        return [cleaned(element, depth - 1) for element in value] if depth else []
    if isinstance(value, Mapping):
        return {cleaned(str(key)): cleaned(element, depth - 1) for key, element in value.items()} if depth else {}
    return value


def described_license(expression: Any) -> expressions.ExpressionInWords | None:
    """An SPDX expression with names; None for a value that is no expression."""
    if not isinstance(expression, str) or not expression:
        return None
    try:
        return expressions.expression_in_words(expression)
    except ValueError:
        return None


Shape = Callable[[Any], Any]  # the value in the shape of its kind, None where it cannot be


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _names(value: Any) -> list[str] | None:
    return value if isinstance(value, list) and value and all(isinstance(element, str) for element in value) else None


def _records(value: Any) -> list[dict[str, Any]] | None:
    return value if isinstance(value, list) and value and all(isinstance(element, dict) for element in value) else None


def _record(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None


def _texts(value: Any) -> dict[str, str] | None:
    return value if _record(value) and all(isinstance(element, str) for element in value.values()) else None


def _lines(value: Any) -> dict[str, list[str]] | None:
    return value if _record(value) and all(_names(texts) for texts in value.values()) else None


def _languages(value: Any) -> list[tuple[str, int | None]] | None:
    languages = [(record.get("term"), _number(record.get("percent"))) for record in _records(value) or ()]
    return [(term, percent) for term, percent in languages if isinstance(term, str)] or None


def _claims(name: str) -> Shape:
    def shape(value: Any) -> list[tuple[str, str, str]] | None:
        claims = ((_text(record.get("term")), _text(record.get("evidence"))) for record in _records(value) or ())
        return [(name, term, evidence) for term, evidence in claims if term and evidence] or None

    return shape


def _terms(name: str, known: bool = False) -> Shape:
    """`known`: terms alone that the list has."""

    def shape(value: Any) -> list[tuple[str, str]] | None:
        terms = vocabulary(name).terms
        return [(name, term) for term in _names(value) or () if term in terms or not known] or None

    return shape


def _term(name: str) -> Shape:
    def shape(value: Any) -> tuple[str, str] | None:
        return (name, value) if isinstance(value, str) and value in vocabulary(name).terms else None

    return shape


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _license(value: Any) -> tuple[str, expressions.ExpressionInWords | None] | None:
    return (value, described_license(value)) if _text(value) else None


def _described_license(value: Any, **more: Any) -> dict[str, Any]:
    spdx = _text(value.get("license"))
    return {"spdx": spdx, "described": described_license(spdx), **more}


def _license_of_folder(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    return (
        _described_license(record, folder=_text(record.get("folder")))
        if record and _text(record.get("license"))
        else None
    )


def _license_of_file(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    return _described_license(record) if record and "license" in record else None


def _license_in_manifest(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    return _described_license(record, stated=_text(record.get("stated"))) if record and "license" in record else None


def _license_history(value: Any) -> list[dict[str, Any]] | None:
    licenses = [_described_license(record, at=_day(record.get("at"))) for record in _records(value) or ()]
    return list(reversed(licenses)) or None


def _day(value: Any) -> str | None:
    return value[:10] if isinstance(value, str) else None


def _easy_to_read(value: Any) -> dict[str, dict[str, str]] | None:
    parts = ("text", "checked_by", "checked_at")
    texts = {tag: _record(version) or {} for tag, version in (_record(value) or {}).items()}
    versions = {tag: {key: _text(version.get(key)) or "" for key in parts} for tag, version in texts.items()}
    return {tag: version for tag, version in versions.items() if version["text"].strip()} or None


def _accessibility(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    if not record or not _text(record.get("standard")) or record.get("state") not in ("none", "partial", "full"):
        return None
    return {key: _text(record.get(key)) for key in ("standard", "state", "url", "year")}


def _runs(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    if not record:
        return None
    hard = record.get("self_hosted")
    return {
        "online": _text(record.get("online")),
        "hosted": _names(record.get("hosted")) or [],
        "self_hosted": hard if isinstance(hard, str) and hard in vocabulary("hardness").terms else None,
    }


def _leaving(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    if not record:
        return None
    return {
        "exports": _names(record.get("exports")) or [],
        "standards": _names(record.get("standards")) or [],
        "note": _texts(record.get("note")) or {},
    }


def _relations(value: Any) -> list[tuple[str, str]] | None:
    relations = [(_text(record.get("type")), _text(record.get("project"))) for record in _records(value) or ()]
    return [(kind, slug) for kind, slug in relations if kind and slug] or None


def _rules(value: Any) -> list[dict[str, Any]] | None:
    terms = vocabulary(RULES).terms
    parts = ("rule", "how", "source", "seen_at", "version_at", "part", "publisher")
    lines = [
        {key: _text(record.get(key)) for key in parts} | {"note": _texts(record.get("note")) or {}}
        for record in _records(value) or ()
        if record.get("rule") in terms and record.get("how") in vocabulary("rule-support").terms
    ]
    return [line for line in lines if line["source"] and line["seen_at"]] or None


def _cautions(value: Any) -> list[dict[str, Any]] | None:
    terms, parts = vocabulary("caution").terms, ("kind", "name", "source", "seen_at", "at")
    return [
        {key: _text(record.get(key)) for key in parts} | {"note": _texts(record.get("note")) or {}}
        for record in _records(value) or ()
        if record.get("kind") in terms
    ] or None


def _maintenance(value: Any) -> list[dict[str, Any]] | None:
    """Organizations and their roles: by slug where they are in this catalogue, by name where a file names them."""
    lines = [
        {
            "slug": _text(record.get("organization")),
            "name": _text(record.get("organization name")) or _text(record.get("name")),
            "role": _text(record.get("role")),
        }
        for record in _records(value) or ()
    ]
    return [contributor for contributor in lines if contributor["slug"] or contributor["name"]] or None


def _activity(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    if not record:
        return None
    counts = {key: _number(record.get(key)) for key in ("commits", "people_in_year", "top_share_percent")}
    days = {key: _day(record.get(key)) for key in ("first_commit_at", "last_commit_at", "as_of")}
    return counts | days | {"whole": record.get("whole") is not False}


def _developers(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    domains = record and _names(record.get("domains"))
    return (
        {
            "domains": domains,
            "others": _number(record.get("others")) or 0,
            "since": _day(record.get("since")),
            "until": _day(record.get("until")),
        }
        if record and domains
        else None
    )


def _release(value: Any) -> list[dict[str, Any]] | None:
    return _releases([value])


def _releases(value: Any) -> list[dict[str, Any]] | None:
    releases = [
        {"version": _text(record.get("version") or record.get("value")), "date": _day(record.get("date"))}
        for record in _records(value) or ()
    ]
    return [release for release in releases if release["version"]] or None


def _policies(value: Any) -> list[str] | None:
    return [
        POLICY_LABELS[key] for key, there in (_record(value) or {}).items() if there and key in POLICY_LABELS
    ] or None


def _code(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    if not record:
        return None
    code_lines = [
        (_text(language.get("name")), language.get("percent")) for language in _records(record.get("languages")) or ()
    ]
    shares = [(name, round(part)) for name, part in code_lines if name and isinstance(part, int | float)]
    return {
        "languages": [(name, percent) for name, percent in shares if percent],
        "files": _number(record.get("files")),
        "size_bytes": _number(record.get("size_bytes")),
        "whole": record.get("whole") is not False,
    }


def _translations(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    values = record and {"format": _text(record.get("format")), "catalogs": _number(record.get("catalogs"))}
    return values if values and values["format"] and values["catalogs"] is not None else None


def _last_change(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    if not record:
        return None
    values = {key: _text(record.get(key)) for key in ("date", "release", "released")}
    return {**values, "archived": record.get("archived") is True} if values["date"] or values["release"] else None


def _unreadable(value: Any) -> dict[str, Any] | None:
    record = _record(value)
    values = record and {"problem": _text(record.get("problem")), "line": _number(record.get("line"))}
    return values if values and values["problem"] else None


def _publiccode_term(value: Any) -> str | None:
    return PUBLICCODE_LABELS.get(value) if isinstance(value, str) else None


def _support(value: Any) -> dict[str, Any] | None:
    record = {"url": value} if isinstance(value, str) else _record(value)
    values = record and {"url": _text(record.get("url")), "languages": _names(record.get("languages")) or []}
    return values if values and values["url"] else None


_NO_KIND: tuple[str, Shape] = ("other", lambda value: None)
_KINDS_BY_RULE: Mapping[str, tuple[str, Shape]] = {
    "text": ("text", _text),
    "term": ("text", _text),
    "words": ("words", _texts),
    "lines": ("lines", _lines),
    "url": ("addresses", lambda value: [value] if _text(value) else None),
    "urls": ("addresses", _names),
    "names": ("names", _names),
    "terms": ("names", _names),
    "languages": ("languages", _languages),
    "license": ("license", _license),
}
_KINDS_BY_FIELD: Mapping[str, tuple[str, Shape]] = {
    "easy_to_read": ("easy_to_read", _easy_to_read),
    "license.folder": ("license.folder", _license_of_folder),
    "license.file": ("license.file", _license_of_file),
    "license.manifest": ("license.manifest", _license_in_manifest),
    "license.history": ("license.history", _license_history),
    "context_only": ("context_only", _flag),
    "status": ("term", _term("status")),
    "development_status": ("sentence", _publiccode_term),
    "software_type": ("sentence", _publiccode_term),
    "last_change": ("last_change", _last_change),
    "activity": ("activity", _activity),
    "developers": ("developers", _developers),
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
    "platforms": ("terms", _terms("platform", known=True)),
    "cautions": ("cautions", _cautions),
    "installs": ("terms", _terms("install")),
    "leaving": ("leaving", _leaving),
    "manuals": ("manuals", _texts),
    "support": ("support", _support),
    "screenshots": ("files", _names),
    "maintenance": ("maintenance", _maintenance),
    "relations": ("relations", _relations),
    "rules": ("rules", _rules),
    "policies": ("sentences", _policies),
    "code": ("code", _code),
    "unreadable": ("unreadable", _unreadable),
}
