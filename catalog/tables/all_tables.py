"""Every table of the database in one metadata, to make, copy or compare a whole database.

Others import the tables that they need: all of them take a start longer, and PostgreSQL's dialect is loaded for some.
"""

from catalog.tables import (
    adoptions,
    calls,
    federation,
    follows,
    indexes,
    mirrors,
    moderation,
    ownership,
    people,
    public_records,
    publishing,
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
    "mirrors",
    "moderation",
    "ownership",
    "people",
    "public_records",
    "publishing",
    "submissions",
]
