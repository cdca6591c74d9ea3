"""The table of unnamed uses: how many groups use a project without being named, as a step and never as their number.

It is written by a weekly errand alone and read by one sentence of a project's page: nothing else may depend on it. Here
too are the indexes that every reading of adoptions asks: organizations that are shown nowhere, projects whose makers
opted out.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table

from catalog.schema import Instant, metadata, organization, project

unnamed = Table(
    "unnamed",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("least", Integer, nullable=False),  # one of catalog.adoptions.STEPS
    Column("at", Instant, nullable=False),
)

_hidden = organization.c.hidden.is_not(None)
Index("ix_organization_hidden", organization.c.id, sqlite_where=_hidden, postgresql_where=_hidden)
# SQLite reads every project for those whose makers opted out, unless an index holds just them.
_opted = project.c.opted_out_at.is_not(None)
Index("ix_project_opted_out", project.c.id, sqlite_where=_opted, postgresql_where=_opted)
