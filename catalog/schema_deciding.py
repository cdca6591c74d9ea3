"""The tables of the desk: who holds what waits, which records resemble each other, which were joined.

Nothing of it is public: what was decided stands in the log, and what joining changed in the records themselves.
"""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint, Uuid

from catalog import schema_people  # noqa: F401  the table of persons joins the metadata first
from catalog.schema import Instant, metadata

# Who has something open at the desk, for a quarter of an hour; another one may take it over.
holding = Table(
    "holding",
    metadata,
    Column("source", String(16), primary_key=True),  # finding | declaration | likeness
    Column("key", String(40), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("until", Instant, nullable=False),
)

# Two records that may be the same; what a person said of them stays, so that nobody is asked twice.
likeness = Table(
    "likeness",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # project | organization
    Column("one_id", Uuid, nullable=False),  # the one whose identity comes first as text
    Column("other_id", Uuid, nullable=False, index=True),
    Column("reasons", JSON, nullable=False),  # name | repository | domain
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("apart", Boolean, nullable=False),  # a person said that they are not the same
    UniqueConstraint("kind", "one_id", "other_id"),
)

# A record that was joined with another: kept by identity, so that no load or import brings it back as one of its own.
joined = Table(
    "joined",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("into_id", Uuid, nullable=False, index=True),
    Column("number", Integer, nullable=False),  # the line of the log
    Column("at", Instant, nullable=False),
    Column("before", JSON, nullable=False),  # what taking it back puts back
)
