"""The tables of what crawlers post by the Open Catalog API, apart from what people state and mirrors show.

`catalog.store` reads and writes the rows. Nothing here is a project, an organization or a statement about one: no row
becomes one by itself. `kind` is the word of the API's own addresses (software, publishers, catalogs, bundles),
`record_id` may be ours or a posted one's.
"""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, Uuid

from catalog.tables.core import Instant, metadata

posted_catalog = Table(
    "posted_catalog",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(255), nullable=False),
    Column("alternative_id", String(255), unique=True),
    Column("publishers_namespace", String(255)),
    Column("scopes", JSON, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_posted_catalog_created_at_id", "created_at", "id"),
)

# `catalog_id`: the catalog that was posted; null: the root, which is this instance.
posted_software = Table(
    "posted_software",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("catalog_id", ForeignKey("posted_catalog.id"), index=True),
    Column("publiccode", Text, nullable=False),  # the file as it was posted
    Column("shown", Text),  # the same without persons, for every reader; null: persons cannot be told apart in it
    Column("vitality", Text),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_posted_software_created_at_id", "created_at", "id"),
)

# Addresses of posted software, each once: its own and its aliases.
posted_address = Table(
    "posted_address",
    metadata,
    Column("url", String(255), primary_key=True),
    Column("key", String(255), nullable=False, index=True),  # what two spellings of one repository share
    Column("software_id", ForeignKey("posted_software.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("alias", Boolean, nullable=False),
)

posted_publisher = Table(
    "posted_publisher",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("catalog_id", ForeignKey("posted_catalog.id"), index=True),
    Column("description", String(255), nullable=False, unique=True),
    Column("email", String(255)),
    Column("alternative_id", String(255), unique=True),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_posted_publisher_created_at_id", "created_at", "id"),
)

# Where a posted publisher has its code: a repository, or a group of them.
posted_code = Table(
    "posted_code",
    metadata,
    Column("url", String(255), primary_key=True),
    Column("publisher_id", ForeignKey("posted_publisher.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("group", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

posted_bundle = Table(
    "posted_bundle",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("description", Text),
    Column("software_ids", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_posted_bundle_created_at_id", "created_at", "id"),
)

posted_log = Table(
    "posted_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("message", Text, nullable=False),
    Column("lowered", Text, nullable=False),  # the message without case, to be searched
    Column("kind", String(16)),
    Column("record_id", Uuid),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_posted_log_created_at_id", "created_at", "id"),
    Index("ix_posted_log_kind_record_id", "kind", "record_id"),
)

# Results of programs, by namespace: each an object with its version "v" and the time "t" of its last change.
posted_analysis = Table(
    "posted_analysis",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("namespaces", JSON, nullable=False),
)

# Who is to be called when something changes; without a record: when any of the kind does.
posted_webhook = Table(
    "posted_webhook",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("record_id", Uuid),
    Column("subject", String(36), nullable=False),  # the record's id, or empty: null is never the same as null
    Column("url", String(255), nullable=False),
    Column("sealed", Text),  # the secret, encrypted with a key of the instance: it signs, and is never shown again
    Column("format", String(24), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("outcome", Text),  # of the last call: a status, or why there was no answer
    UniqueConstraint("kind", "subject", "url"),
    Index("ix_posted_webhook_created_at_id", "created_at", "id"),
)

posted_event = Table(
    "posted_event",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("type", String(16), nullable=False),  # create | update | delete
    Column("kind", String(16), nullable=False),
    Column("record_id", Uuid, nullable=False),
    Column("actor", String(255)),
    Column("created_at", Instant, nullable=False),
    Index("ix_posted_event_created_at_id", "created_at", "id"),
    Index("ix_posted_event_kind_record_id", "kind", "record_id"),
)

# Our own entries at the last event, by a digest of what is shown: a difference makes a new event.
own_entry_digest = Table(
    "own_entry_digest",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("digest", String(64), nullable=False),
)
