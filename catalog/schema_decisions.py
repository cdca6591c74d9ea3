"""The table of the public log of decisions. Lines are added and never changed, but for a text that the law takes out.

Who decided stands beside the line and leaves by no page, feed or interface: it serves the rule that nobody decides on
their own matters, and goes with the person's account.
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from catalog import schema_people  # noqa: F401  the table of persons joins the metadata first
from catalog.schema import Instant, metadata

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
