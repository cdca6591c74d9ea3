"""The tables of other catalogues whose records are read here: what each is, how the last visit ended, what people
decided about it. What its records say stands elsewhere.

Its card, key and dates are public; who decided is not.
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from catalog import schema_people  # noqa: F401  the table of persons joins the metadata first
from catalog.schema import Instant, metadata

peer = Table(
    "peer",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False, unique=True),  # what the command line and addresses call it
    Column("address", Text),  # of the folder that is read over http; one of the two is there
    Column("folder", Text),
    Column("instance_id", Uuid, nullable=False, unique=True),
    Column("card", JSON, nullable=False),  # as it was last read
    Column("public_key", String(64), nullable=False),  # base64: what a person compared, or its heir
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # of catalog.peers.STATES, as a person left it
    Column("decisions", JSON, nullable=False),  # kind of record -> what a person decided; a kind not named: none
    Column("sequence", Integer, nullable=False),  # the highest that was verified
    Column("taken", Integer),  # up to where its records were handed over; null: the next visit hands over all
    Column("entry_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("etag", Text),
    Column("preview", JSON),  # what would come, as it was when somebody looked last
    Column("kept_at", Instant),  # when its last signed files were kept as a whole
    Column("added_at", Instant, nullable=False),
    Column("visited_at", Instant),
    Column("last_good_at", Instant, nullable=False),
    Column("failures", Integer, nullable=False),  # visits in a row that brought nothing good
    Column("refusal", JSON),  # code, subject and date of the last visit, where it was refused
)

# Of a catalogue whose records another one keeps now: its last card, with the transfer that its key signed. Whoever
# reads its last files here finds the way by it.
handover = Table(
    "handover",
    metadata,
    Column("instance_id", Uuid, primary_key=True),  # as it was before
    Column("peer_id", ForeignKey("peer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("card", JSON, nullable=False),
    Column("at", Instant, nullable=False),  # when that was learned here
)

# Each decision about a peer, as it was made; taking one back is a decision too.
peer_decision = Table(
    "peer_decision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("peer_id", ForeignKey("peer.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", String(16)),  # of record; null: about the peer as a whole
    Column("before", String(16), nullable=False),
    Column("after", String(16), nullable=False),
    Column("role", String(16), nullable=False),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private
    Index("ix_peer_decision_peer_id_id", "peer_id", "id"),
)
