"""What becomes of the sources of a record's values when some of them are corrected. Pure."""

from collections.abc import Mapping
from typing import Any

from catalog.rules.feature import FEATURES, features_with_lines
from catalog.rules.screenshot import SCREENSHOTS, screenshots_with_paths

Renewed = Mapping[str, tuple[str, str]]  # field -> the source that its new value came with, and the day


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
        if field in values and field != FEATURES and field not in evidence
    }
    record.pop("evidence", None)
    return record | ({"evidence": evidence} if evidence else {})
