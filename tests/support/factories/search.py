"""Rows of the search index for tests and benchmarks: dull and valid, with changes by keyword."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from catalog.model import Project, ScreenLanguage, features_of_lines
from catalog.rules.today import ENDED_STATUSES, Activity, license_answer
from catalog.search.normalize import words
from catalog.store.core.read_models import IndexRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_NAMESPACE = UUID("8d0f3a52-6a5e-4d0c-9f0e-1f3d5f6f7a01")
_RECORD = {field for field in Project.__dataclass_fields__}


def an_index_row(name: str = "Galette", **changes: Any) -> IndexRow:
    """A row; keywords are fields of the record or of the row, `runs` may be a dict."""
    slug = changes.pop("slug", "-".join(words(name))[:60] or f"p{abs(hash(name))}")
    record: dict[str, Any] = {"summary": {"en": "Does something useful"}, "license": "AGPL-3.0-or-later"}
    record |= {key: changes.pop(key) for key in list(changes) if key in _RECORD}
    if isinstance(record.get("languages"), tuple):
        record["languages"] = tuple(ScreenLanguage(tag) for tag in record["languages"])
    record["features"] = features_of_lines(record.get("features", {}))
    row: dict[str, Any] = {
        "id": uuid5(_NAMESPACE, slug),
        "change": 1,
        "organization_names": (),
        "adopter_kinds": (),
        "countries": (),
        "helper_countries": (),
        "confirmed_uses": 0,
        "declared_uses": 0,
        "found_uses": 0,
        "activity": Activity(NOW - timedelta(days=30), NOW),
        "added_at": NOW - timedelta(days=400),
        "changed_at": NOW - timedelta(days=40),
    }
    observed = changes.pop("observed_languages", ())
    row |= {"languages": tuple(language.term for language in record.get("languages", ())) or observed}
    row |= changes
    answer = license_answer(record["license"], row.get("detected_licenses", ()), record.get("context_only", False))
    row["activity"] = replace(row["activity"], ended=record.get("status") in ENDED_STATUSES)
    return IndexRow(slug=slug, free=answer.free, record=Project(slug=slug, name=name, **record), **row)
