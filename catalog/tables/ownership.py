"""The tables of maintainers and representatives: memberships, verifications, what maintainers answer beside facts, and
the pictures that they upload.

`catalog.store` reads and writes the rows. Of a membership nothing is public, of a verification its method and its date;
an answer is public without the person who wrote it.
"""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from catalog.tables.core import Instant, metadata

# Who acts for a project or an organization; invited members do so as long as there is a verified one.
membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # project | organization
    Column("record_id", Uuid, primary_key=True),
    Column("role", String(16), nullable=False),  # verified | invited
    Column("since", Instant, nullable=False),
    Index("ix_membership_kind_record_id", "kind", "record_id"),
)

# How many relayed messages a month reach the maintainers of a project, where they chose; 0: none.
maintainer_inbox = Table(
    "maintainer_inbox",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("monthly", Integer, nullable=False),
)

# How a person is verified for a record, a row a method, also while it is sought and after it was lost.
verification = Table(
    "verification",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),  # project | organization
    Column("record_id", Uuid, nullable=False),
    Column("method", String(16), nullable=False),  # file | dns | link | address | moderator
    Column("nonce", String(64), nullable=False, unique=True),  # public: it is to be placed
    Column("state", String(16), nullable=False),  # open | verified | lost
    Column("language", String(35), nullable=False),  # of its page and its messages
    Column("created_at", Instant, nullable=False),
    Column("asked_at", Instant),
    Column("checked_at", Instant),
    Column("verified_at", Instant),  # the first time
    Column("seen_at", Instant),  # the last time
    Column("lost_at", Instant),
    Column("detail", JSON, nullable=False),
    Column("reason", String(32)),
    UniqueConstraint("person_id", "kind", "record_id", "method"),
    Index("ix_verification_kind_record_id", "kind", "record_id"),
)

# What a project's maintainers answer beside a fact; the newest one of each field that was not ended is shown.
maintainer_reply = Table(
    "maintainer_reply",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", Uuid, nullable=False, index=True),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL")),  # private
    Column("field", String(64), nullable=False),
    Column("language", String(35), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),  # withdrawn, replaced, or taken away
)

# A logo or a screenshot that maintainers or representatives uploaded, as it was drawn anew; the file that they sent is
# not kept, nor who sent it.
upload = Table(
    "upload",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # project | organization
    Column("record_id", Uuid, nullable=False),
    Column("use", String(16), nullable=False),  # logo | screenshot
    Column("object_id", String(64), nullable=False),  # SHA-256 of what was drawn
    Column("language", String(35), nullable=False),  # of the alternative text
    Column("alt", Text, nullable=False),
    Column("sizes", JSON, nullable=False),  # width and height, the smallest first
    Column("small", LargeBinary, nullable=False),
    Column("large", LargeBinary),  # null: the small one is as large as the picture
    Column("at", Instant, nullable=False),
    Column("ended_at", Instant),  # withdrawn, replaced, or taken away
    Index("ix_upload_kind_record_id", "kind", "record_id"),
)
