"""What people do with submissions: send, open the message's link, add a remark, take back, publish. Each is one
transaction. Messages are rows; pages are worded in `forge.web`.

What a kind of submission means stands in the module of its name in `kinds`; `base` says what each must be able to do,
`registry.KINDS` lists them, and `sending` is the way of a submission until somebody decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.contact_details import NO_EMAIL
from catalog.rules.person import Person
from catalog.rules.submission import (
    ASKED,
    EDITABLE_STATES,
    PUBLISHED,
    SENDER,
    SENT_LIFETIME,
    WAITING,
    WITHDRAWN,
    Submission,
)
from catalog.store.core.engine import Connection, reading, writing
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.people.accounts import CONFIRM_SUBMISSION
from catalog.store.store import Store
from catalog.store.submissions import submission_rows
from catalog.store.submissions.related import names_by_slug
from catalog.submissions.base.protocol import Confidential, Doubt, EditableText, Publishing, Retractable, Row
from catalog.submissions.registry import KINDS
from catalog.submissions.sending import open_link, problems, publish, send, send_form

NO_TEXT = "Write your answer"
LONG_TEXT = "Use 2,000 characters or fewer"
MAX_TEXT = 2_000
SENTENCES = (NO_EMAIL, NO_TEXT, LONG_TEXT)

__all__ = [
    "CONFIRM_SUBMISSION",
    "KINDS",
    "NO_EMAIL",
    "Confidential",
    "Doubt",
    "EditableText",
    "Row",
    "at_once",
    "doubts",
    "may_withdraw",
    "open_link",
    "problems",
    "publish",
    "reply",
    "rows",
    "rows_at_desk",
    "send",
    "send_form",
    "take_back",
    "withdraw",
]


def rows(store: Store, submission: Submission) -> tuple[Row, ...]:
    """What a submission says, beside what stands there now."""
    with reading(store.engine) as connection:
        return _named(connection, KINDS[submission.kind].rows(connection, submission))


def rows_at_desk(store: Store, submission: Submission) -> tuple[Row, ...]:
    """The same for moderators, who do not read what two people write to each other unless one of them reported it."""
    kind = KINDS[submission.kind]
    if not isinstance(kind, Confidential):
        return rows(store, submission)
    with reading(store.engine) as connection:
        return _named(connection, kind.rows_at_desk(connection, submission))


def _named(connection: Connection, rows: Sequence[Row]) -> tuple[Row, ...]:
    """The same lines with the names of the records whose slugs they hold."""
    slugs = {
        kind: {slug for row in rows if row.shape == kind for slug in (row.before, row.after) if slug}
        for kind in (PROJECT, ORGANIZATION)
    }
    names = {kind: names_by_slug(connection, kind, slugs[kind]) for kind in slugs if slugs[kind]}
    return tuple(replace(row, names=names[row.shape]) if row.shape in names else row for row in rows)


def doubts(store: Store, submission: Submission) -> tuple[Doubt, ...]:
    """Warnings for moderators about a submission."""
    with reading(store.engine) as connection:
        return KINDS[submission.kind].doubts(connection, submission)


def at_once(store: Store, submission: Submission, person: Person) -> bool:
    """Whether a draft is published as soon as this person, who is signed in, sends it."""
    with reading(store.engine) as connection:
        return KINDS[submission.kind].at_once(connection, submission, person)


def reply(store: Store, key: UUID, text: str, *, now: datetime) -> None:
    """Answer the moderators, by its sender: the submission waits again; the same answer twice counts once. Raises
    NotFound; Invalid("text")."""
    if not text.strip():
        raise Invalid({"text": NO_TEXT})
    if len(text) > MAX_TEXT:
        raise Invalid({"text": LONG_TEXT})
    with writing(store.engine) as connection:
        submission = submission_rows.by_id(connection, key, hold=True)
        if not submission.is_open:
            raise NotFound("question", submission.reference)
        if (
            submission.state == WAITING
            and submission.remarks
            and (submission.remarks[-1].voice, submission.remarks[-1].text) == (SENDER, text)
        ):
            return
        submission_rows.add_remark(connection, key, SENDER, text, now=now)
        if submission.state == ASKED:
            submission_rows.change(connection, key, state=WAITING, changed_at=now)


def may_withdraw(submission: Submission) -> bool:
    """Whether its sender may take it back now."""
    published = submission.state == PUBLISHED and isinstance(KINDS[submission.kind], Retractable)
    return published or submission.state in (*EDITABLE_STATES, WAITING)


def withdraw(store: Store, key: UUID, *, now: datetime) -> None:
    """Take a submission back, by its sender; a second time changes nothing.

    Raises NotFound when it was decided, unless its kind is one that may be taken back then, too.
    """
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        if submission.state == WITHDRAWN:
            return
        kind = KINDS[submission.kind]
        if not may_withdraw(submission):
            raise NotFound("draft", submission.reference)
        if submission.state == PUBLISHED and isinstance(kind, Retractable):
            kind.retract(Publishing(connection, submission, None, change, now))
        submission_rows.change(connection, key, state=WITHDRAWN, changed_at=now, expires_at=now + SENT_LIFETIME)


def take_back(connection: Connection, submission: Submission, change: PublicChange, *, now: datetime) -> None:
    """In the caller's transaction: put back what was published, and let the submission wait again."""
    KINDS[submission.kind].take_back(Publishing(connection, submission, None, change, now))
    submission_rows.change(connection, submission.id, state=WAITING, before=None, decided_at=None, changed_at=now)
