"""Two records beside each other for moderators: the fields that show whether they are the same."""

from collections.abc import Mapping
from typing import Any

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.submissions import Row

SHAPES: Mapping[str, tuple[tuple[str, str], ...]] = {  # what is shown of both, and how its values are read
    PROJECT: (("name", "text"), ("summary", "words"), ("homepage", "url"), ("repository", "url"), ("license", "text")),
    ORGANIZATION: (
        ("name", "text"),
        ("kind", "term:organization-kind"),
        ("country", "country"),
        ("homepage", "url"),
    ),
}


def rows(kind: str, record: Mapping[str, Any], other: Mapping[str, Any]) -> list[Row]:
    """A row for each field that one of the two records has."""
    lines = [Row(name, record.get(name), other.get(name), shape) for name, shape in SHAPES[kind]]
    return [row for row in lines if row.before or row.after]
