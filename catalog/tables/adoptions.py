"""The tables of adoptions: who uses a project, the number of unnamed ones, reports, and vouches of networks.

How many groups use a project without being named is a step and never their number. A weekly job alone writes it, and
one sentence of a project's page reads it: nothing else may depend on it.

Reports say what others state of an organization's uses; no reader ever sees one. A report becomes an adoption only when
the organization itself states it (decision 067, rule 2).
"""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from catalog.tables.core import Instant, metadata

adoption = Table(
    "adoption",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("stage", String(32)),
    Column("visibility", String(16), nullable=False),
    Column("verification", String(32), nullable=False),
    Column("confirmed", Boolean, nullable=False),  # it counts: the organization's statement, not older than 24 months
    Column("stands", Boolean, nullable=False),  # false: the organization itself states otherwise, or withdrew it
    Column("confirmed_at", Instant),  # when the organization last stated it here
    Column("previous_verification", String(32)),  # the verification that it has again once reconfirmed
    Column("asked_at", Instant),  # when the organization was last asked to reconfirm
    Column("origin", String(80), nullable=False),
    Column("position", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    Index("ix_adoption_project_id_organization_id", "project_id", "organization_id"),
)


class stated_provider(FunctionElement[str]):
    """The slug of the host or helper of a use, out of its `record`, in a statement that reads `adoption` alone: the
    SQL has no name of the table, as in `ix_adoption_provider`, since databases use an index of the very same text only.
    """

    type = String()
    inherit_cache = True


@compiles(stated_provider, "sqlite")
def _sqlite_provider(element: Any, compiler: Any, **_: Any) -> str:
    return "json_extract(record, '$.provider')"


@compiles(stated_provider, "postgresql")
def _postgresql_provider(element: Any, compiler: Any, **_: Any) -> str:
    return "(record ->> 'provider')"


unnamed_adopters = Table(
    "unnamed_adopters",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("least", Integer, nullable=False),  # one of catalog.rules.adoption.STEPS
    Column("at", Instant, nullable=False),
)


reported_adoption = Table(
    "reported_adoption",
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
    Index("ix_reported_adoption_state_id", "state", "id"),
)

# A network vouches for an adoption that its member declared.
network_vouch = Table(
    "network_vouch",
    metadata,
    Column("network_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True),
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("organization_id", ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL")),  # private: who acted for the network
    Column("at", Instant, nullable=False),
)
