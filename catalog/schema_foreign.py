"""The tables of what came from other catalogues: their records as they told them, what we erased for them, and what
they say that they erased for us. Rows of projects, organizations and adoptions are made of them. Which row each belongs
to is decided in `catalog.exchange`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from catalog import schema_peers  # noqa: F401  the table of peers joins the metadata first
from catalog.schema import Instant, metadata

foreign = Table(
    "foreign_record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("peer_id", ForeignKey("peer.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("record_id", Uuid, nullable=False, index=True),
    Column("revision", BigInteger, nullable=False),
    Column("page", Text, nullable=False),  # its page's path at its home
    Column("origin", String(16), nullable=False),  # at its home: curated | declared
    Column("license", Text, nullable=False),  # of facts
    Column("updated_at", Instant, nullable=False),  # as its home says
    Column("taken_at", Instant, nullable=False),  # when this revision came
    Column("body", JSON, nullable=False),  # as it came, with what we do not know
    Column("texts", JSON, nullable=False),  # language -> revision and texts, as they came
    Column("stated", JSON(none_as_null=True)),  # what of it fits our rules, in the document's shape; null: nothing does
    Column("digest", String(24), nullable=False),  # of body and texts
    Column("refs", Text, nullable=False),  # the records that `stated` names, by identity, a line each
    Column("led", Text, nullable=False),  # the rows that those led to when its own rows were made, a line each
    Column("state", String(16), nullable=False),  # waiting | shown | joined | hidden
    Column("row_id", Uuid, index=True),  # the row that was made for it, or that it was joined with by evidence
    Column("local_id", Uuid, index=True),  # the row that shows it now: that one, or what people joined that one with
    Column("project_id", Uuid, index=True),  # of an adoption: its pair, as rows
    Column("organization_id", Uuid, index=True),
    Column("due", Boolean, nullable=False),  # its rows are not made yet
    UniqueConstraint("peer_id", "kind", "record_id"),
)

# What a home took back and we erased: told to it by our next feed, for as long as a tombstone is kept.
acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("home_id", Uuid, primary_key=True),
    Column("at", Instant, nullable=False),
)

# What a follower says that it erased of ours.
receipt = Table(
    "receipt",
    metadata,
    Column("peer_id", ForeignKey("peer.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("at", Instant, nullable=False),
)
