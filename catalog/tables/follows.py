"""The table of projects that people follow.

`catalog.store` reads and writes the rows. Nothing of it is public, and it has no address: rows refer to the person and
are deleted with the account.
"""

from sqlalchemy import JSON, Column, ForeignKey, Integer, Table, UniqueConstraint, Uuid

from catalog.tables.core import Instant, metadata

follow = Table(
    "follow",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("project_id", Uuid, nullable=False, index=True),
    Column("seen", JSON, nullable=False),  # what was there when news were last sent, to find what is new
    Column("line", Integer, nullable=False),  # of its history, the last one that was sent
    Column("created_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),  # what happened later was not sent yet
    Column("notified_at", Instant),  # when a message with news of it was last sent
    UniqueConstraint("person_id", "project_id"),
)
