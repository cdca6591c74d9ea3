"""The table of personal tokens, which programs act for a person with. Rows are read and written by `store`.

A token is kept as its digest only, and goes with the account.
"""

from sqlalchemy import JSON, Column, ForeignKey, String, Table, Uuid

from catalog import schema_people  # noqa: F401  the table of persons joins the metadata first
from catalog.schema import Instant, metadata

personal_token = Table(
    "personal_token",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the token
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(80), nullable=False),  # as its person calls it
    Column("scopes", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),  # to the day: when it was used is nobody's business
)
