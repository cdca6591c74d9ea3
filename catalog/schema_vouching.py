"""The table of reported uses: that an organization uses a project, as others say. No reader ever sees it.

A report becomes an adoption only when the organization says so itself (rules of trust, 2).
"""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from catalog.schema import Instant, metadata

reported = Table(
    "reported",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("key", String(200), nullable=False),  # the name without case and accents, cut
    Column("name", Text, nullable=False),
    Column("source", JSON, nullable=False),  # file, oid and commit; or by: "maintainer", "network"
    Column("state", String(16), nullable=False),  # one of catalog.store.reporting.STATES
    Column("token", String(64), unique=True),  # SHA-256 of what the invitation's link holds
    Column("first_seen_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("invited_at", Instant),
    Column("answered_at", Instant),
    UniqueConstraint("project_id", "key"),
    Index("ix_reported_state_id", "state", "id"),
)
