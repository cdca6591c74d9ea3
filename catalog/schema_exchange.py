"""The tables of what went out to other catalogues: which record with which sequence, what was taken back since, and
translations offered in either direction. What came in stands elsewhere.

`published` remembers digests and no text, so that nothing taken back lives on in it.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, String, Table, Text, Uuid

from catalog.schema import Instant, metadata

# What stands in the feed now. A record's revision is the sequence that last told a change of it.
published = Table(
    "published",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False),  # of all that is told of it
    Column("sequence", BigInteger, nullable=False, index=True),
    Column("updated_at", Instant, nullable=False),
)

# What stood in the feed and was taken back: the tombstones that go out.
taken_back = Table(
    "taken_back",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("ground", String(16), nullable=False),  # withdrawn | erased | court | mistake | opted-out
    Column("revision", BigInteger, nullable=False),  # the last that was told
    Column("sequence", BigInteger, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

# A translation bound to the revision that was translated: ours for another home, or another's for us.
offer = Table(
    "offer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("outgoing", Boolean, nullable=False),
    Column("home_id", Uuid, nullable=False),  # the other catalogue
    Column("kind", String(16), nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("field", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("text", Text, nullable=False),
    Column("of_revision", BigInteger, nullable=False),
    Column("translator", Text),  # an organization's name
    Column("method", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    # Of ours: waiting | accepted | otherwise (its home says something else there). Of another's: waiting | kept-out |
    # taken-back; what was decided of it is what was decided of its declaration.
    Column("state", String(16), nullable=False),
    Column("original", JSON(none_as_null=True)),  # what was translated, text by language; null: not known any more
    Column("declaration_id", Uuid, index=True),  # of another's: the correction that it waits as
    Column("why", String(16)),  # of one that is kept out: catalog.offers.WHY
    Index("ix_offer_kind_record_id", "kind", "record_id"),
    Index("ix_offer_home_id_at", "home_id", "at"),
)
