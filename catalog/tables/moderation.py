"""The tables of moderation: the cases that wait for a person, which records were merged, and the public log.

Only the log is public: it says what was decided, and merges show in the records themselves. Lines of the log are added
and never changed, but for a text that the law demands to take out.

Who decided is stored beside the line and shown by no page, feed or interface: it is needed so that nobody decides on
their own matters, and is deleted with the person's account.
"""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, Uuid

from catalog.tables.core import Instant, metadata

# Whatever waits, or waited, for a person; a finding that comes again is the row that it was, so that nobody is asked
# twice. What a case is about stands in one of two places: a submission in its own row, a record in `subject_id`.
case = Table(
    "case",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(16), nullable=False),  # declaration | look | finding | likeness
    Column("from_people", Boolean, nullable=False),  # somebody waits for the answer: these come first
    Column("kind", String(32), nullable=False),  # of the submission, the finding, or the records that are alike
    Column("submission_id", ForeignKey("submission.id", ondelete="CASCADE"), unique=True),
    Column("subject_id", Uuid, index=True),  # the project; of two records the one whose id comes first as text
    Column("other_id", Uuid, index=True),
    Column("key", String(200), nullable=False),  # tells cases of a kind about the same record apart
    Column("payload", JSON, nullable=False),  # what a visit found; why two records may be the same
    Column("state", String(8), nullable=False),  # open | closed
    Column("outcome", String(16)),  # the decision that closed it, where a person must not be asked again
    Column("since", Instant, nullable=False),
    Column("asked_at", Instant),  # when its sender was asked something: it waits for them first
    Column("closed_at", Instant),
    UniqueConstraint("kind", "subject_id", "key"),
)

# What moderators decided about a curated record, or a list, itself, so that nobody has to edit the document.
curation = Table(
    "curation",
    metadata,
    Column("kind", String(16), primary_key=True),  # project | organization | collection
    Column("record_id", Uuid, primary_key=True),
    Column("locked", Boolean, nullable=False),  # loads and imports leave it as it is, nothing is published at once
    Column("added", Boolean, nullable=False),  # it was added here: a document that lacks it leaves it
    Column("at", Instant, nullable=False),
)

# A record that was merged into another: kept by id, so that no load or import brings it back as one of its own.
merged_record = Table(
    "merged_record",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("record_id", Uuid, primary_key=True),
    Column("into_id", Uuid, nullable=False, index=True),
    Column("number", Integer, nullable=False),  # the line of the log
    Column("at", Instant, nullable=False),
    Column("before", JSON, nullable=False),  # what undoing restores
)


decision = Table(
    "decision",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at", Instant, nullable=False),  # to the second
    Column("kind", String(16), nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("slug", String(100)),  # null, with name and words: taken out
    Column("name", Text),
    Column("about", String(32)),
    Column("reason", String(32), nullable=False),
    Column("words", Text),
    Column("role", String(16), nullable=False),
    Column("concerns", Integer),
    Column("salt", String(32)),
    Column("text_digest", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("person_id", ForeignKey("person.id", ondelete="SET NULL"), index=True),  # private
    Column("finding_id", Integer, index=True),  # private
    Column("submission_id", Uuid, index=True),  # private
    Column("before", JSON, nullable=False),  # private: what an undo restores
    UniqueConstraint("kind", "concerns"),  # nothing is undone twice
    Index("ix_decision_subject_id_number", "subject_id", "number"),
)
