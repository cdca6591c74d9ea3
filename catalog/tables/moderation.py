"""The tables of the desk: who holds what waits, which records resemble each other, which were joined.

Nothing of it is public: what was decided stands in the log, and what joining changed in the records themselves.

The table of the public log of decisions. Lines are added and never changed, but for a text that the law takes out.

Who decided stands beside the line and leaves by no page, feed or interface: it serves the rule that nobody decides on
their own matters, and goes with the person's account.
"""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from catalog.tables.core import Instant, metadata

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


decision = Table(
    "decision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at", Instant, nullable=False),  # to the second
    Column("kind", String(16), nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("slug", String(100)),  # null, with name and words: taken out
    Column("name", Text),
    Column("about", String(32)),
    Column("reason", String(32), nullable=False),
    Column("words", Text),
    Column("role", String(16), nullable=False),
    Column("concerns", Integer),
    Column("salt", String(32)),
    Column("text_digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private
    Column("finding_id", Integer, index=True),  # private
    Column("declaration_id", Uuid, index=True),  # private
    Column("before", JSON, nullable=False),  # private: what an undo puts back
    UniqueConstraint("kind", "concerns"),  # nothing is undone twice
    Index("ix_decision_subject_id_number", "subject_id", "number"),
)
