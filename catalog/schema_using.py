"""The table of unnamed uses: how many groups use a project without being named, as a step and never as their number.

It is written by a weekly errand alone and read by one sentence of a project's page: nothing else may depend on it.
"""

from sqlalchemy import Column, ForeignKey, Integer, Table

from catalog.schema import Instant, metadata

unnamed = Table(
    "unnamed",
    metadata,
    Column("project_id", ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("least", Integer, nullable=False),  # one of catalog.adoptions.STEPS
    Column("at", Instant, nullable=False),
)
