"""The tables for mirrors beside their own: objects that were erased, and turns at hosts.

`catalog.store` reads and writes the rows.
"""

from sqlalchemy import JSON, Column, String, Table, Uuid

from catalog.tables.core import Instant, metadata

# An object that was removed from a mirror for ever, and is refused when it comes again. It outlives loads and restores.
erased_object = Table(
    "erased_object",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("oid", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),  # null: decided, and still to be removed
)

# A remote host, for the workers of all machines together. Nothing of it is kept for long: a row says what is so now.
remote_host = Table(
    "remote_host",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("free_at", Instant, nullable=False),  # when the next visit may begin
    Column("paused_until", Instant),  # the host asked for it (Retry-After)
    Column("turns", JSON, nullable=False),  # visits under way: {token: until when it counts}
)
