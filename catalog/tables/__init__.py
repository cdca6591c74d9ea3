"""Every table of the database, a file a subject, in one metadata."""

from catalog.tables import (
    adoptions,
    calls,
    federation,
    follows,
    indexes,
    moderation,
    opencatalog,
    ownership,
    people,
    submissions,
)
from catalog.tables.core import metadata

__all__ = [
    "adoptions",
    "calls",
    "federation",
    "follows",
    "indexes",
    "metadata",
    "moderation",
    "opencatalog",
    "ownership",
    "people",
    "submissions",
]
