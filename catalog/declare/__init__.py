"""What people submit, as verbs: send, open the message's link, say something, take back, publish. Each is one
transaction. It words no page and sends nothing: messages are rows.

What a kind of declaration means stands in the module of its name; `kinds` says what each must be able to do.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.declarations import (
    ASKED,
    DRAFT,
    DRAFT_LIFETIME,
    EDITABLE_STATES,
    OPEN_STATES,
    PUBLISHED,
    SENDER,
    SENT,
    SENT_LIFETIME,
    WAITING,
    WITHDRAWN,
    Declaration,
)
from catalog.declare.adopt import Adopt
from catalog.declare.appeal import Appeal
from catalog.declare.ask import Ask
from catalog.declare.call import CallKind
from catalog.declare.claim import Claim
from catalog.declare.correct import Correct
from catalog.declare.experience import Told
from catalog.declare.help import Help
from catalog.declare.kinds import Arriving, Doubt, Kind, Row, Unsaying, Words
from catalog.declare.register import Register
from catalog.declare.report import Report
from catalog.declare.support import Support
from catalog.declare.withdraw import Withdraw
from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.people import Person
from catalog.store import Store, declarations
from catalog.store.database import ChangeNumber, Connection, hold_changes, reading, writing
from catalog.store.messages import enqueue_message
from catalog.store.people import add_link, begin_session, may_write, person_at, use_link

DECLARE = "declare"  # the purpose of the link in the message, and the message's kind
NO_EMAIL = "Enter an e-mail address like name@example.org"
NO_TEXT = "Write your answer"
LONG_TEXT = "Use 2,000 characters or fewer"
MAX_TEXT = 2_000
SENTENCES = (NO_EMAIL, NO_TEXT, LONG_TEXT)

CALLS = CallKind()
_OF_PROJECT = (Claim(), Correct(), Register(), Report(), Help())
_OF_USE = (Adopt(), Withdraw(), Told(), Ask())
KINDS: Mapping[str, Kind] = {one.kind: one for one in (*_OF_PROJECT, *_OF_USE, CALLS, Support(), Appeal())}

__all__ = [
    "DECLARE",
    "KINDS",
    "Doubt",
    "Kind",
    "Row",
    "Words",
    "alike",
    "check",
    "doubts",
    "may_withdraw",
    "open_link",
    "publish",
    "reply",
    "rows",
    "send",
    "submit",
    "take_back",
    "whole",
    "withdraw",
]


def rows(store: Store, one: Declaration) -> tuple[Row, ...]:
    """What a declaration says, beside what stands there now."""
    with reading(store.engine) as connection:
        return KINDS[one.kind].rows(connection, one)


def doubts(store: Store, one: Declaration) -> tuple[Doubt, ...]:
    """What the desk is told by itself about it."""
    with reading(store.engine) as connection:
        return KINDS[one.kind].doubts(connection, one)


def alike(store: Store, one: Declaration) -> tuple[UUID, ...]:
    """Open calls that say about the same as this draft of one, the most alike first."""
    with reading(store.engine) as connection:
        return CALLS.near(connection, one)


def whole(store: Store, one: Declaration) -> bool:
    """Whether nothing but an address keeps a draft from being sent."""
    with reading(store.engine) as connection:
        return not KINDS[one.kind].problems(connection, one)


def check(store: Store, key: UUID, *, nameless: bool) -> None:
    """Raises Invalid with all that keeps a draft from being sent; `nameless`: not that an address is missing."""
    with reading(store.engine) as connection:
        one = declarations.one(connection, key)
        wrong = KINDS[one.kind].problems(connection, one)
    if not nameless:
        wrong["email"] = NO_EMAIL
    if wrong:
        raise Invalid(wrong)


def send(store: Store, key: UUID, *, email: str | None, person: Person | None = None, now: datetime) -> Declaration:
    """Send a draft: at once for who signed in, else by a message with a link; sent twice, it is sent once.

    `email` as `catalog.people.address` gives it. Raises NotFound; Invalid with a msgid by field.
    """
    with writing(store.engine) as connection:
        one = declarations.one(connection, key, hold=True)
        if one.state not in (DRAFT, SENT):
            return one
        kind = KINDS[one.kind]
        wrong = kind.problems(connection, one)
        if person is None and email is None and not kind.nameless:
            wrong["email"] = NO_EMAIL
        if wrong:
            raise Invalid(wrong)
        if person is not None:
            declarations.change(connection, key, email=person.email, person_id=person.id)
            _arrive(connection, one, person, now)
        elif email is None:
            _arrive(connection, one, None, now)
        elif one.state == DRAFT or one.email != email:
            _ask(connection, one, email, now)
        return declarations.one(connection, key)


def submit(
    store: Store,
    kind: str,
    language: str,
    answers: Mapping[str, Any],
    *,
    person: Person,
    project_id: UUID | None = None,
    organization_id: UUID | None = None,
    subject: str | None = None,
    wrong: Mapping[str, str] | None = None,
    token: str | None = None,
    now: datetime,
) -> Declaration:
    """Begin and send at once, in one transaction, for who is known: what may not be sent leaves no draft.

    `wrong`: what is known to be wrong already, told with the rest. `token` as `Declarations.begin` takes it: the same
    again is the declaration that was sent. Raises Invalid with a msgid by field; AlreadyExists("declaration",
    reference) when something else was sent with the token.
    """
    with writing(store.engine) as connection:
        _, one = declarations.begin(
            connection,
            kind,
            language,
            project_id=project_id,
            organization_id=organization_id,
            subject=subject,
            answers=answers,
            email=person.email,
            person_id=person.id,
            token=token,
            now=now,
        )
        said = (one.kind, one.project_id, dict(one.answers))
        if said != (kind, project_id, dict(answers)):
            raise AlreadyExists("declaration", one.reference)
        if one.state != DRAFT:
            return one
        faults = KINDS[kind].problems(connection, one) | dict(wrong or {})
        if faults:
            raise Invalid(faults)
        _arrive(connection, one, person, now)
        return declarations.one(connection, one.id)


def send_again(store: Store, key: UUID, *, now: datetime) -> None:
    """The message with the link once more; nothing where none is waited for. Raises NotFound."""
    with writing(store.engine) as connection:
        one = declarations.one(connection, key, hold=True)
        if one.state == SENT and one.email:
            _ask(connection, one, one.email, now)


def open_link(store: Store, token: str, language: str, *, now: datetime) -> tuple[Person, str, Declaration]:
    """Use the link of a message: its reader is who they said, and the declaration goes on its way.

    The person, what their new session's cookie holds, and the declaration: a draft again, where its answers can no
    longer be sent. Raises NotFound when the link never was, was used or is too old, or when its sender took another
    address since: whoever typed a wrong one first gave nothing away.
    """
    with writing(store.engine) as connection:
        used = use_link(connection, token, now=now)
        if used.purpose != DECLARE:
            raise NotFound("link", used.id[:8])
        someone = person_at(connection, used.email, language, now=now)
        one = declarations.one(connection, UUID(used.argument["declaration"]), hold=True)
        waits = one.state == SENT
        if one.email != used.email if waits else one.person_id != someone.id:
            raise NotFound("link", used.id[:8])
        declarations.change(connection, one.id, person_id=someone.id, email=someone.email)
        kind = KINDS[one.kind]  # one that arrives says itself what becomes of what can no longer be sent
        if waits and not isinstance(kind, Arriving) and kind.problems(connection, one):
            declarations.change(connection, one.id, state=DRAFT, changed_at=now, expires_at=now + DRAFT_LIFETIME)
        elif waits:
            _arrive(connection, one, someone, now)
        return someone, begin_session(connection, someone.id, now=now), declarations.one(connection, one.id)


def reply(store: Store, key: UUID, text: str, *, now: datetime) -> None:
    """Its sender answers the desk: it waits again; the same answer twice is one. Raises NotFound; Invalid("text")."""
    if not text.strip():
        raise Invalid({"text": NO_TEXT})
    if len(text) > MAX_TEXT:
        raise Invalid({"text": LONG_TEXT})
    with writing(store.engine) as connection:
        one = declarations.one(connection, key, hold=True)
        if one.state not in OPEN_STATES:
            raise NotFound("question", one.reference)
        if one.state == WAITING and one.remarks and (one.remarks[-1].voice, one.remarks[-1].text) == (SENDER, text):
            return
        declarations.say(connection, key, SENDER, text, now=now)
        if one.state == ASKED:
            declarations.change(connection, key, state=WAITING, changed_at=now)


def may_withdraw(one: Declaration) -> bool:
    """Whether its sender may take it back now."""
    published = one.state == PUBLISHED and isinstance(KINDS[one.kind], Unsaying)
    return published or one.state in (*EDITABLE_STATES, WAITING)


def withdraw(store: Store, key: UUID, *, now: datetime) -> None:
    """Its sender takes it back; twice is once.

    Raises NotFound when it was decided, unless its kind is one that may be taken back then, too.
    """
    with writing(store.engine) as connection:
        one = declarations.one(connection, key, hold=True)
        if one.state == WITHDRAWN:
            return
        kind = KINDS[one.kind]
        if not may_withdraw(one):
            raise NotFound("draft", one.reference)
        if one.state == PUBLISHED and isinstance(kind, Unsaying):
            kind.unsay(connection, one, ChangeNumber(connection), now=now)
        declarations.change(connection, key, state=WITHDRAWN, changed_at=now, expires_at=now + SENT_LIFETIME)


def publish(
    connection: Connection, one: Declaration, sender: Person | None, change: ChangeNumber, *, now: datetime
) -> Declaration:
    """In the caller's transaction: take a declaration over; as it stands then.

    Raises Invalid when it no longer can be.
    """
    kind = KINDS[one.kind]
    if wrong := kind.problems(connection, one):
        raise Invalid(wrong)
    before = kind.publish(connection, one, sender, change, now=now)
    made: dict[str, Any] = {name: UUID(before[name]) for name in ("project_id", "organization_id") if before.get(name)}
    declarations.change(
        connection, one.id, state=PUBLISHED, before=before, decided_at=now, changed_at=now, expires_at=None, **made
    )
    return declarations.one(connection, one.id)


def take_back(connection: Connection, one: Declaration, change: ChangeNumber, *, now: datetime) -> None:
    """In the caller's transaction: what was published is as it was before, and the declaration waits again."""
    KINDS[one.kind].take_back(connection, one, change, now=now)
    declarations.change(connection, one.id, state=WAITING, before=None, decided_at=None, changed_at=now)


def _ask(connection: Connection, one: Declaration, email: str, now: datetime) -> None:
    """Send the link that proves the address; it waits where that address got many, until its page asks again."""
    if may_write(connection, email, now=now):
        argument = {"declaration": str(one.id)}
        token = add_link(connection, DECLARE, email, argument, expires_at=now + SENT_LIFETIME, now=now)
        told = {"token": token, "what": one.kind, "reference": one.reference}
        enqueue_message(connection, DECLARE, email, one.language, told, now=now)
    declarations.change(
        connection, one.id, state=SENT, email=email, changed_at=now, sent_at=now, expires_at=now + SENT_LIFETIME
    )


def _arrive(connection: Connection, one: Declaration, person: Person | None, now: datetime) -> None:
    """The address is proven, or none is needed: it is published, or waits for a person."""
    kind, change = KINDS[one.kind], ChangeNumber(connection)
    if not kind.awaited:
        hold_changes(connection)  # from here on nobody else writes what it may change
    # The address stands in its own column from here on, where it is forgotten in time.
    answers = {name: said for name, said in one.answers.items() if name != "email"}
    values = {"state": WAITING, "sent_at": one.sent_at or now, "changed_at": now, "expires_at": None}
    declarations.change(connection, one.id, answers=answers, **values)
    one = replace(one, answers=answers)
    if isinstance(kind, Arriving):
        kind.arrived(connection, one, person, now=now)
    if not kind.awaited and kind.at_once(connection, one, person):
        publish(connection, replace(one, state=WAITING), person, change, now=now)
