"""A question to an organization that uses a project, or to whoever sent a call: relayed, and neither address shown.

Its answers: `text`, `language` and, where it is to a caller, `call` (a reference). It is on its way as soon as the
asker's address is proven: no moderator reads it, and what can no longer be sent on is refused at once. It waits while
its addressee got, or its asker sent, enough this month.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog.calls import MONTHLY, MONTHLY_OF_ASKER, OPEN, RELAYED, Call
from catalog.decisions import PROJECT
from catalog.declarations import ASK, REFUSED, Declaration
from catalog.declare import typed
from catalog.declare.kinds import Doubt, Row, Words
from catalog.errors import NotFound
from catalog.people import Person
from catalog.store import calling, calls, declarations, organizations, questions, records
from catalog.store.database import Connection
from catalog.store.messages import enqueue_message
from catalog.store.questions import Question

QUESTION_MESSAGE = "question"
NO_TEXT = "Write your question"
NOT_ASKABLE = "This organization takes no questions any more"
CALL_OVER = "This call is over, or nobody would get your message"
SENTENCES = (NO_TEXT, NOT_ASKABLE, CALL_OVER)


class Ask:
    kind = ASK
    nameless = False
    awaited = False

    def problems(self, connection: Connection, one: Declaration) -> dict[str, str]:
        wrong = typed.words(one.answers, {"text": NO_TEXT}) | typed.language(one.answers)
        if _to_caller(one):
            if _call(connection, one) is None:
                wrong["text"] = CALL_OVER
        elif _monthly(connection, one) is None:
            wrong["text"] = NOT_ASKABLE
        return wrong

    def rows(self, connection: Connection, one: Declaration) -> tuple[Row, ...]:
        record = records.record_of(connection, one.project_id) if one.project_id else None
        card = organizations.card(connection, one.organization_id) if one.organization_id else None
        call = _call(connection, one)
        language = typed.of(one.answers, "language") or one.language
        text = typed.of(one.answers, "text")
        return (
            *((Row("project", None, record["slug"], "project"),) if record else ()),
            *((Row("asked", None, card.slug, "organization"),) if card and not _to_caller(one) else ()),
            *((Row("supports", None, call.title, "text"),) if call else ()),
            Row("question", None, {language: text} if text else None, "words"),
        )

    def doubts(self, connection: Connection, one: Declaration) -> tuple[Doubt, ...]:
        return ()

    def editable(self, one: Declaration) -> tuple[Words, ...]:
        return ()

    def arrived(self, connection: Connection, one: Declaration, person: Person | None, *, now: datetime) -> None:
        """What its addressee no longer takes is nobody else's to read."""
        if not self._goes_on(connection, one, person):
            declarations.change(connection, one.id, state=REFUSED, decided_at=now)

    def named(self, one: Declaration) -> tuple[str, ...]:
        return (PROJECT,)

    def at_once(self, connection: Connection, one: Declaration, person: Person | None) -> bool:
        return self._goes_on(connection, one, person)

    def _goes_on(self, connection: Connection, one: Declaration, person: Person | None) -> bool:
        waiting = questions.waiting_of(connection, person.id) if person else 0
        return waiting < MONTHLY_OF_ASKER and not self.problems(connection, one)

    def publish(
        self,
        connection: Connection,
        one: Declaration,
        person: Person | None,
        change: Callable[[], int],
        *,
        now: datetime,
    ) -> dict[str, Any]:
        person_id = person.id if person else one.person_id
        call = _call(connection, one)
        questions.add(
            connection,
            id=one.id,
            reference=one.reference,
            project_id=one.project_id,
            organization_id=None if call else one.organization_id,
            call_id=call.id if call else None,
            language=typed.of(one.answers, "language") or one.language,
            text=typed.of(one.answers, "text"),
            person_id=person_id,
            at=now,
        )
        relay(connection, questions.one(connection, one.id), now=now)
        return {}

    def take_back(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        """What was relayed cannot be unread; nothing of it is public."""


def relay(connection: Connection, asked: Question, *, now: datetime) -> bool:
    """In the caller's transaction: send it on, where there is room this month; whether it was."""
    if asked.call_id is not None:
        call = calls.by_id(connection, asked.call_id)
        told = calling.sender(connection, call) if call else ()
        monthly: int | None = MONTHLY * 5
    elif asked.organization_id is not None and asked.project_id is not None:
        told = calling.speakers(connection, asked.organization_id)
        monthly = questions.allowed(connection, asked.project_id, asked.organization_id)
    else:
        return False
    if monthly is None or not told or not questions.room(connection, asked, monthly, MONTHLY_OF_ASKER, now=now):
        return False
    questions.change(connection, asked.id, state=RELAYED, relayed_at=now)
    name = named(connection, asked)
    for email, language in told:
        token = questions.link(connection, asked.id, email)
        about = {"token": token, "name": name, "call": "yes" if asked.call_id else ""}
        enqueue_message(connection, QUESTION_MESSAGE, email, language, about, now=now)
    return True


def named(connection: Connection, asked: Question) -> str:
    """What a question is about: the title of the call, or the project's name; empty where neither is here any more."""
    if asked.call_id is not None:
        call = calls.by_id(connection, asked.call_id)
        return call.title if call else ""
    record = records.record_of(connection, asked.project_id) if asked.project_id else None
    return str(record["name"]) if record else ""


def _to_caller(one: Declaration) -> bool:
    return bool(typed.of(one.answers, "call"))


def _call(connection: Connection, one: Declaration) -> Call | None:
    """The open call that is written to, and whose sender is still there."""
    if not _to_caller(one):
        return None
    try:
        found = calls.one(connection, typed.of(one.answers, "call"))
    except NotFound:
        return None
    return found if found.state == OPEN and calling.sender(connection, found) else None


def _monthly(connection: Connection, one: Declaration) -> int | None:
    if one.project_id is None or one.organization_id is None:
        return None
    return questions.allowed(connection, one.project_id, one.organization_id)
