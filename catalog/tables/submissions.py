"""The tables of submissions: what people send, remarks on it, and tombstones of what was withdrawn.

`catalog.store` reads and writes the rows. Nothing of a submission is public: what a decision takes over is in the rows
of projects, organizations, adoptions and facts. The sender's address and network are shown by no page, feed or export,
and are deleted before the submission is.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from catalog.tables.core import Instant, metadata

submission = Table(
    "submission",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("token", String(64), nullable=False, unique=True),  # SHA-256 of the token in its secret link
    Column("reference", String(12), nullable=False, unique=True),  # what people read out, as "7K3Q-9M2X"
    Column("kind", String(16), nullable=False),  # one of catalog.rules.submission.KINDS
    Column("state", String(16), nullable=False),  # one of catalog.rules.submission.STATES
    Column("language", String(35), nullable=False),
    Column("email", String(254), index=True),  # private; null once it is no longer needed
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private
    Column("project_id", Uuid, index=True),
    Column("organization_id", Uuid, index=True),
    Column("subject", String(300), index=True),  # the same for the same thing sent twice, such as an address
    Column("answers", JSON, nullable=False),  # as typed
    Column("found", JSON, nullable=False),  # what we observed ourselves
    Column("before", JSON(none_as_null=True)),  # what was there when it was published: what an undo restores
    Column("network", String(64)),  # a keyed digest, for 14 days
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("decided_at", Instant),
    Column("reviewed_at", Instant),  # when a person reviewed what was published without review
    Column("reported_at", Instant),  # when one of the two sides of a question reported it to the moderators
    Column("expires_at", Instant, index=True),  # of drafts and unopened ones; null: kept
    Index("ix_submission_state_sent_at", "state", "sent_at"),
)

remark = Table(
    "remark",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submission.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("voice", String(16), nullable=False),  # sender | moderator | maintainer
    Column("text", Text, nullable=False),
)

# What was withdrawn: kept by id, so that no load, import, pull or restore brings it in again.
tombstone = Table(
    "tombstone",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),  # adoption | organization | project | call | report | help
    Column("record_id", Uuid, nullable=False),  # of an adoption: catalog.rules.submission.adoption_id
    Column("project_id", Uuid, index=True),
    Column("organization_id", Uuid, index=True),
    Column("ground", String(16), nullable=False),  # withdrawn | erased | court | mistake | opted-out; of help a side
    Column("reason", Text),  # public, of a project whose maintainers asked not to be listed and said why
    Column("language", String(35)),  # of the reason
    Column("at", Instant, nullable=False),
    Column("change", BigInteger, nullable=False, index=True),
    UniqueConstraint("kind", "record_id"),
)
