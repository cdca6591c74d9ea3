"""The tables of calls, obstacles, experiences and relayed questions.

`catalog.store` reads and writes the rows. Who sent one is stored beside it as `person_id`, and shown by no page, feed
or export. Of a token that opens a page of one person only the digest is stored.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
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

call = Table(
    "call",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(12), nullable=False, unique=True),  # its submission's
    Column("kind", String(16), nullable=False),  # one of catalog.rules.call.KINDS
    Column("state", String(16), nullable=False),  # one of catalog.rules.call.STATES
    Column("project_id", Uuid, index=True),
    Column("organization_id", Uuid, index=True),  # that asks
    Column("language", String(35), nullable=False),
    Column("country", String(2)),
    Column("folded", Text, nullable=False),  # its words, compared to find calls that are alike
    Column("record", JSON, nullable=False),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private
    Column("opened_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reminded_at", Instant),
    Column("ended_at", Instant),
    Column("change", BigInteger, nullable=False),
    Index("ix_call_state_ends_at", "state", "ends_at"),
    CheckConstraint("state <> 'open' OR person_id IS NOT NULL", name="ck_call_open_has_sender"),  # who gets answers
)

# What keeps somebody from using a project, or is wrong on a page of ours. It does not tell who sent it.
obstacle = Table(
    "obstacle",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(12), nullable=False, unique=True),  # its submission's
    Column("project_id", Uuid, index=True),
    Column("audience", String(64)),  # a term; null for what is wrong on a page
    Column("language", String(35), nullable=False),
    Column("record", JSON, nullable=False),
    Column("public", Boolean, nullable=False),  # a moderator has read it and let it be shown
    Column("state", String(16), nullable=False),  # one of catalog.rules.call.OBSTACLE_STATES
    Column("answer", JSON(none_as_null=True)),  # of the maintainers: words, language, version, at
    Column("at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

experience = Table(
    "experience",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(12), nullable=False, unique=True),  # of its last submission
    Column("project_id", Uuid, nullable=False, index=True),
    Column("organization_id", Uuid, nullable=False, index=True),
    Column("language", String(35), nullable=False),
    Column("record", JSON, nullable=False),
    Column("answer", JSON(none_as_null=True)),  # of the maintainers: words, language, at
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private
    Column("at", Instant, nullable=False),
    UniqueConstraint("project_id", "organization_id"),
)

# An organization that uses a project may be asked about it.
question_consent = Table(
    "question_consent",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("organization_id", Uuid, primary_key=True, index=True),
    Column("languages", JSON, nullable=False),
    Column("monthly", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)

# A question to representatives of an organization, or to the sender of a call. Its texts are deleted 90 days after its
# end; that there was one stays to be counted.
question = Table(
    "question",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("reference", String(12), nullable=False, unique=True),  # its submission's
    Column("project_id", Uuid, index=True),
    Column("organization_id", Uuid),
    Column("call_id", ForeignKey("call.id", ondelete="SET NULL"), index=True),
    Column("to_maintainers", Boolean, nullable=False),  # of the project
    Column("state", String(16), nullable=False),  # one of catalog.rules.call.QUESTION_STATES
    Column("language", String(35), nullable=False),
    Column("text", Text),
    Column("answer", Text),
    Column("reports", JSON(none_as_null=True)),  # to the moderators: side -> at, why; sides of catalog.rules.call.SIDES
    Column("removed_at", Instant),  # by a moderator, after a report
    Column("read_token", String(64), unique=True),  # SHA-256 of the token in the asker's link
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private: who asked
    Column("at", Instant, nullable=False),
    Column("relayed_at", Instant),
    Column("ended_at", Instant),
    Index("ix_question_organization_id_relayed_at", "organization_id", "relayed_at"),
    Index("ix_question_state_at", "state", "at"),
)

# The link of one of those who may answer: it works as long as they may. Private.
question_link = Table(
    "question_link",
    metadata,
    Column("token", String(64), primary_key=True),  # SHA-256 of the token in the link
    Column("question_id", ForeignKey("question.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
)
