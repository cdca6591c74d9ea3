"""The tables of the exchange with other catalogues.

`peer` and `peer_files`: other catalogues whose records are read here, what was decided about them, and how the last
visit ended.

`received_record` and `peer_withdrawal`: records of other catalogues as received, and what they withdrew and we erased.
Rows of projects, organizations and adoptions are made of them; which row each belongs to is decided in
`catalog.federation`.

`imported_list` and `imported_record`: what a list, a file or a server of others states of projects. Its
values are facts of origin `peer:<name>`; here are source and licence, and which project each record was taken to be.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from catalog.tables.core import Instant, metadata

peer = Table(
    "peer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),  # its name in commands and addresses
    Column("address", Text),  # of the folder that is read over http; one of the two is there
    Column("folder", Text),
    Column("instance_id", Uuid, nullable=False, unique=True),
    Column("card", JSON, nullable=False),  # as it was last read
    Column("fingerprint", String(64), nullable=False),  # of its newest root, which a person compared or which followed
    Column("state", String(16), nullable=False),  # of catalog.rules.peer.STATES, as a person left it
    Column("sequence", BigInteger, nullable=False),  # the highest that was verified
    Column("taken", BigInteger),  # up to which its records were taken over; null: the next visit takes over all
    Column("expires_at", Instant, nullable=False),
    Column("etag", Text),
    Column("added_at", Instant, nullable=False),
    Column("visited_at", Instant),
    Column("last_good_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),  # visits in a row that took nothing over
    Column("refusal", JSON),  # code, subject and date of the last visit, where it was refused
    Column("root", Text),  # the newest root.json that was verified; the next visit must follow it
    Column("keys_changed_at", Instant),  # when a root was read that names other keys than the one before
    Column("online_key", String(64), nullable=False, server_default=text("''")),  # that signs what changes
    Column("addresses", JSON, nullable=False),  # where its root says that it is read
    Column("asks", JSON, nullable=False),  # kind -> records about which a person is asked
    Column("allowed", JSON, nullable=False),  # what a person decided of those
    Column("notes", JSON, nullable=False),  # what the last visit noticed
)

# Which files of a catalogue were taken over: name -> SHA-256. Apart from the peer, which every page reads.
peer_files = Table(
    "peer_files",
    metadata,
    Column("peer_id", ForeignKey("peer.id", ondelete="CASCADE"), primary_key=True),
    Column("taken", JSON, nullable=False),
)

# A line of another catalogue each: a project with its uses, or an organization.
received_record = Table(
    "received_record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("peer_id", ForeignKey("peer.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("record_id", Uuid, nullable=False, index=True),
    Column("body", JSON, nullable=False),  # the line as it came, without values that our document could not hold
    Column("arrived_at", Instant, nullable=False),  # this body
    Column("row_id", Uuid, index=True),  # the row that it belongs to; null: none yet, or it claims another's identity
    Column("owns_row", Boolean, nullable=False),  # that row was made of it; else evidence joined it with that
    Column("local_id", Uuid, index=True),  # the row that shows it now: that one, or the one people merged it into
    Column("led_to", String(24)),  # a digest of the rows that it named when its own were made; null: they are due
    UniqueConstraint("peer_id", "kind", "record_id"),
)

# What a home withdrew and we erased: a home that forgot it, since it was restored from a backup, gets it back here only
# when a person says so. Of what was never here, nothing is kept.
peer_withdrawal = Table(
    "peer_withdrawal",
    metadata,
    Column("instance_id", Uuid, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("n", BigInteger, nullable=False),  # number of the withdrawal
    Column("online_key", String(64), nullable=False),  # that signed it; under another one it holds no more
    Column("at", Instant, nullable=False),
)

imported_list = Table(
    "imported_list",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("form", String(16), nullable=False),  # publiccode | sheet
    Column("license", String(200), nullable=False),  # SPDX, of its contents
    Column("added_at", Instant, nullable=False),
    Column("read_at", Instant, nullable=False),
)

imported_record = Table(
    "imported_record",
    metadata,
    Column("layer", ForeignKey("imported_list.name", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),  # a digest of what identifies it in the layer
    Column("project_id", Uuid, nullable=False),
    Column("record", JSON, nullable=False),
    Index("ix_imported_record_project_id", "project_id"),
)
