"""What people submit, as verbs: send, open the message's link, say something, take back, publish. Each is one
transaction. It words no page and sends nothing: messages are rows.

What a kind of declaration means stands in the module of its name; `kinds` says what each must be able to do, `by_name`
lists them, and `sending` is the way of a declaration until somebody decides.
"""

from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.rules.person import Person
from catalog.rules.submission import (
    ASKED,
    EDITABLE_STATES,
    OPEN_STATES,
    PUBLISHED,
    SENDER,
    SENT_LIFETIME,
    WAITING,
    WITHDRAWN,
    Declaration,
)
from catalog.store import Store
from catalog.store.core.engine import ChangeNumber, Connection, reading, writing
from catalog.store.people.accounts import CONFIRM_SUBMISSION
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.base.protocol import Confidential, Doubt, Kind, Row, Unsaying, Words
from catalog.submissions.registry import CALLS, KINDS
from catalog.submissions.sending import (
    NO_EMAIL,
    check,
    keep,
    open_link,
    publish,
    send,
    send_again,
    submit,
    tell,
)

NO_TEXT = "Write your answer"
LONG_TEXT = "Use 2,000 characters or fewer"
MAX_TEXT = 2_000
SENTENCES = (NO_EMAIL, NO_TEXT, LONG_TEXT)

__all__ = [
    "CALLS",
    "CONFIRM_SUBMISSION",
    "KINDS",
    "NO_EMAIL",
    "Confidential",
    "Doubt",
    "Kind",
    "Row",
    "Words",
    "alike",
    "at_once",
    "check",
    "doubts",
    "keep",
    "may_withdraw",
    "open_link",
    "publish",
    "reply",
    "rows",
    "rows_at_desk",
    "send",
    "send_again",
    "submit",
    "take_back",
    "tell",
    "whole",
    "withdraw",
]


def rows(store: Store, one: Declaration) -> tuple[Row, ...]:
    """What a declaration says, beside what stands there now."""
    with reading(store.engine) as connection:
        return KINDS[one.kind].rows(connection, one)


def rows_at_desk(store: Store, one: Declaration) -> tuple[Row, ...]:
    """The same for moderators, who do not read what two people write to each other unless one of them reported it."""
    kind = KINDS[one.kind]
    if not isinstance(kind, Confidential):
        return rows(store, one)
    with reading(store.engine) as connection:
        return kind.rows_at_desk(connection, one)


def doubts(store: Store, one: Declaration) -> tuple[Doubt, ...]:
    """What the desk is told by itself about it."""
    with reading(store.engine) as connection:
        return KINDS[one.kind].doubts(connection, one)


def alike(store: Store, one: Declaration) -> tuple[UUID, ...]:
    """Open calls that say about the same as this draft of one, the most alike first."""
    with reading(store.engine) as connection:
        return CALLS.near(connection, one)


def at_once(store: Store, one: Declaration, person: Person) -> bool:
    """Whether a draft is published as soon as this person, who is signed in, sends it."""
    with reading(store.engine) as connection:
        return KINDS[one.kind].at_once(connection, one, person)


def whole(store: Store, one: Declaration) -> bool:
    """Whether nothing but an address keeps a draft from being sent."""
    with reading(store.engine) as connection:
        return not KINDS[one.kind].problems(connection, one)


def reply(store: Store, key: UUID, text: str, *, now: datetime) -> None:
    """Its sender answers the desk: it waits again; the same answer twice is one. Raises NotFound; Invalid("text")."""
    if not text.strip():
        raise Invalid({"text": NO_TEXT})
    if len(text) > MAX_TEXT:
        raise Invalid({"text": LONG_TEXT})
    with writing(store.engine) as connection:
        one = submission_rows.one(connection, key, hold=True)
        if one.state not in OPEN_STATES:
            raise NotFound("question", one.reference)
        if one.state == WAITING and one.remarks and (one.remarks[-1].voice, one.remarks[-1].text) == (SENDER, text):
            return
        submission_rows.say(connection, key, SENDER, text, now=now)
        if one.state == ASKED:
            submission_rows.change(connection, key, state=WAITING, changed_at=now)


def may_withdraw(one: Declaration) -> bool:
    """Whether its sender may take it back now."""
    published = one.state == PUBLISHED and isinstance(KINDS[one.kind], Unsaying)
    return published or one.state in (*EDITABLE_STATES, WAITING)


def withdraw(store: Store, key: UUID, *, now: datetime) -> None:
    """Its sender takes it back; twice is once.

    Raises NotFound when it was decided, unless its kind is one that may be taken back then, too.
    """
    with writing(store.engine) as connection:
        one = submission_rows.one(connection, key, hold=True)
        if one.state == WITHDRAWN:
            return
        kind = KINDS[one.kind]
        if not may_withdraw(one):
            raise NotFound("draft", one.reference)
        if one.state == PUBLISHED and isinstance(kind, Unsaying):
            kind.unsay(connection, one, ChangeNumber(connection), now=now)
        submission_rows.change(connection, key, state=WITHDRAWN, changed_at=now, expires_at=now + SENT_LIFETIME)


def take_back(connection: Connection, one: Declaration, change: ChangeNumber, *, now: datetime) -> None:
    """In the caller's transaction: what was published is as it was before, and the declaration waits again."""
    KINDS[one.kind].take_back(connection, one, change, now=now)
    submission_rows.change(connection, one.id, state=WAITING, before=None, decided_at=None, changed_at=now)
