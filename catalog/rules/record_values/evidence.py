"""Which values of a record have a source of their own, and what becomes of sources when values are corrected. Pure."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from catalog.model import Organization, Project
from catalog.rules.record_values.feature import FEATURES, WITH_SOURCES, features_with_lines, lines_in_record
from catalog.rules.record_values.screenshot import SCREENSHOTS, paths_in_record, screenshots_with_paths

# A name is what people say; a path or an address of the code leads to what it is of; a flag follows from the license.
NEED_NO_SOURCE = frozenset(
    {
        *("slug", "id", "former", "translated", "evidence", "sources", "notes"),
        *("name", "repository", "other_repositories", "logo", "screenshots", "context_only", "last_change"),
    }
)

Renewed = Mapping[str, tuple[str, str]]  # field -> the source that its new value came with, and the day


def values_without_source(record: Project | Organization) -> list[str]:
    """The fields of a record whose value has no source of its own, in the order of the document."""
    missing = []
    for name in (field.name for field in fields(record)):
        value = getattr(record, name)
        if not value or name in NEED_NO_SOURCE or name in record.evidence:
            continue
        if name == FEATURES:
            sourced = all(feature.source for feature in value)
        else:
            sourced = name in WITH_SOURCES or (
                name in ("adoptions", "maintenance") and all(line.sources for line in value)
            )
        if not sourced:
            missing.append(name)
    return missing


def value_in_forms(record: Mapping[str, Any], field: str) -> Any:
    """The value of a field of a record, in its JSON shape, as forms ask for it: lines and paths alone."""
    value = record.get(field)
    if value and field == FEATURES:
        return lines_in_record(value)
    return paths_in_record(value) if value and field == SCREENSHOTS else value


def corrected_record(stand: Mapping[str, Any], values: Mapping[str, Any], renewed: Renewed) -> dict[str, Any]:
    """A record, in its JSON shape, with other values of some fields, each in the form that facts have.

    A value that is another one than before loses its source, or has the one that it came with. Of features and
    pictures that stand there, sources and descriptions stay.
    """
    record = dict(stand) | dict(values)
    for field, joined in ((FEATURES, features_with_lines), (SCREENSHOTS, screenshots_with_paths)):
        if field in values:
            before = stand.get(field)
            record[field] = joined(before if isinstance(before, list) else (), values[field])
    evidence = {
        field: entry
        for field, entry in (stand.get("evidence") or {}).items()
        if field in record and record[field] == stand.get(field)
    }
    evidence |= {
        field: {"source": source, "seen_at": day}
        for field, (source, day) in renewed.items()
        if field in values and field not in (*WITH_SOURCES, *evidence)
    }
    record.pop("evidence", None)
    return record | ({"evidence": evidence} if evidence else {})
