"""The tables of adoptions: who uses a project, and the number of unnamed ones.

How many groups use a project without being named is a step and never their number. A weekly job alone writes it, and
one sentence of a project's page reads it: nothing else may depend on it.
"""

from typing import Any

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table
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
    Column("last_sign", String(10)),  # of use: a year, a month or a day, as its record states it
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
