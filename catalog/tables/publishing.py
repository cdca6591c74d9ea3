"""The tables of what is published to other catalogues: what is in the exchange now, what was withdrawn from it, and its
roots. They hold no text of a record, so that nothing withdrawn lives on in them.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Uuid

from catalog.tables.core import Instant, metadata

# Each record that is in the exchange now; adoptions are in their project's.
published_record = Table(
    "published_record",
    metadata,
    Column("kind", String(16), primary_key=True),  # project, organization or adoption
    Column("record_id", Uuid, primary_key=True),
    Column("folder", String(16), nullable=False),  # of catalog.exchange.names.KINDS
    Column("shard", String(3), nullable=False),  # the last three digits of the id of the record that it is in
    Index("ix_published_record_folder_shard", "folder", "shard"),
)

# What was in the exchange and was withdrawn. Numbers grow and are never used again.
withdrawal = Table(
    "withdrawal",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("n", BigInteger, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("ground", String(16), nullable=False),  # withdrawn | opted-out
    # It was published again since, by what somebody did here: followers are told so with the record.
    Column("returned", Boolean, nullable=False),
    # Learned from a copy of our own exchange after a restore: what is here is older, and stays withheld.
    Column("learned", Boolean, nullable=False),
)

# All roots, as they were signed: none can be made again without the keys of those who signed it.
exchange_root = Table(
    "exchange_root",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
