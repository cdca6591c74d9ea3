"""The tables beside adoptions: the number of unnamed ones, reports, and vouches of networks.

How many groups use a project without being named is a step and never their number. A weekly job alone writes it, and
one sentence of a project's page reads it: nothing else may depend on it.

Reports say what others state of an organization's uses; no reader ever sees one. A report becomes an adoption only when
the organization itself states it (rules of trust, 2).
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from catalog.tables.core import Instant, metadata

unnamed = Table(
    "unnamed",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("least", Integer, nullable=False),  # one of catalog.rules.adoption.STEPS
    Column("at", Instant, nullable=False),
)


reported = Table(
    "reported",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("key", String(200), nullable=False),  # the name without case and accents, cut
    Column("name", Text, nullable=False),
    Column("source", JSON, nullable=False),  # file, oid and commit; or by: "maintainer", "network"
    Column("state", String(16), nullable=False),  # one of catalog.store.adoptions.reported.STATES
    Column("token", String(64), unique=True),  # SHA-256 of what the invitation's link holds
    Column("first_seen_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("invited_at", Instant),
    Column("answered_at", Instant),
    UniqueConstraint("project_id", "key"),
    Index("ix_reported_state_id", "state", "id"),
)

# A network vouches for an adoption that its member declared.
vouch = Table(
    "vouch",
    metadata,
    Column("network_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL")),  # private: who acted for the network
    Column("at", Instant, nullable=False),
)
