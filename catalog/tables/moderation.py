"""The tables of moderation: who holds which case, which records are alike, which were merged, and the public log.

Only the log is public: it says what was decided, and merges show in the records themselves. Lines of the log are added
and never changed, but for a text that the law demands to take out.

Who decided is stored beside the line and shown by no page, feed or interface: it is needed so that nobody decides on
their own matters, and is deleted with the person's account.
"""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from catalog.tables.core import Instant, metadata

# Who has a case open, for a quarter of an hour; another moderator may take it over.
holding = Table(
    "holding",
    metadata,
    Column("source", String(16), primary_key=True),  # finding | declaration | likeness
    Column("key", String(40), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("until", Instant, nullable=False),
)

# Two records that may be the same; what a person decided of them stays, so that nobody is asked twice.
likeness = Table(
    "likeness",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # project | organization
    Column("one_id", Uuid, nullable=False),  # the one whose id comes first as text
    Column("other_id", Uuid, nullable=False, index=True),
    Column("reasons", JSON, nullable=False),  # name | repository | domain
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("apart", Boolean, nullable=False),  # a person decided that they are not the same
    UniqueConstraint("kind", "one_id", "other_id"),
)

# A record that was merged into another: kept by id, so that no load or import brings it back as one of its own.
joined = Table(
    "joined",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("into_id", Uuid, nullable=False, index=True),
    Column("number", Integer, nullable=False),  # the line of the log
    Column("at", Instant, nullable=False),
    Column("before", JSON, nullable=False),  # what undoing restores
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
    Column("before", JSON, nullable=False),  # private: what an undo restores
    UniqueConstraint("kind", "concerns"),  # nothing is undone twice
    Index("ix_decision_subject_id_number", "subject_id", "number"),
)
