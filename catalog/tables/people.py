"""The tables of people: who may act here, their sessions and links, messages to them, and their API tokens.

`catalog.store` reads and writes the rows. Nothing here is ever exported, indexed or shown but to the person: a person
is an e-mail address that opened a link. Of links, sessions and tokens only digests are stored; tokens are deleted with
the account.
"""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from catalog.tables.core import Instant, metadata

person = Table(
    "person",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),  # as `catalog.rules.person.normalized_address` writes it
    Column("language", String(35), nullable=False),
    Column("role", String(16)),  # moderator | administrator
    Column("created_at", Instant, nullable=False),
    Column("signed_in_at", Instant, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the token in the cookie
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),  # to the day: when it was used is nobody's business
    Column("expires_at", Instant, nullable=False, index=True),
)

message_link = Table(
    "message_link",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the token in the message
    Column("purpose", String(32), nullable=False),
    Column("email", String(254), nullable=False, index=True),
    Column("argument", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),
)

message = Table(
    "message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("email", String(254)),  # null once it was sent, or given up
    Column("language", String(35), nullable=False),
    Column("argument", JSON, nullable=False),  # null values once it was sent: tokens that sign in are not kept
    Column("created_at", Instant, nullable=False, index=True),
    Column("sent_at", Instant),
    Column("error", Text),
)

rate_limit_count = Table(
    "rate_limit_count",
    metadata,
    Column("action", String(32), primary_key=True),
    Column("subject", String(64), primary_key=True),  # a keyed digest of an address or a network
    Column("since", Instant, primary_key=True),  # the start of the window
    Column("number", Integer, nullable=False),
    Index("ix_rate_limit_count_since", "since"),
)


api_token = Table(
    "api_token",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the token
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(80), nullable=False),  # given by its person
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant),  # to the day: when it was used is nobody's business
)
