"""A question to an organization that uses a project, to the sender of a call, or to the maintainers of a project. It is
relayed, and neither address is shown.

Its answers: `text`, `language` and, where it is to a caller, `call` (a reference), or to maintainers, `to`. It is sent
on as soon as the asker's address is proven, and what can no longer be sent on is refused at once. It waits where its
addressee got, or its asker sent, enough this month. Moderators see that it exists; they read it only after one of the
two reported it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.errors import NotFound
from catalog.rules.call import MONTHLY, MONTHLY_OF_ASKER, OPEN, RELAYED, SIDES, Call
from catalog.rules.person import Person
from catalog.rules.submission import ASK, REFUSED, Submission
from catalog.sentences import mark
from catalog.store.adoptions import questions, relayed_questions
from catalog.store.adoptions.relayed_questions import Question
from catalog.store.calls import call_rows
from catalog.store.calls import queries as call_queries
from catalog.store.core.engine import Connection
from catalog.store.organizations import organization_rows
from catalog.store.ownership.inbox import monthly_with_maintainer
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.projects import project_rows
from catalog.store.submissions import submission_rows
from catalog.submissions.base import validation
from catalog.submissions.base.fields import LANGUAGE, TEXT, FormField
from catalog.submissions.base.protocol import Publishing, Row
from catalog.submissions.base.submission import FormKind, language_of, project_row

QUESTION_MESSAGE = "question"
NO_TEXT = "Write your question"
MAINTAINERS = "maintainers"  # whom `to` names
NOT_WRITABLE = "The maintainers no longer accept messages"
NOT_ASKABLE = "This organization no longer accepts questions"
CALL_OVER = "This call is over, or nobody would get your message"
SENTENCES = (NO_TEXT, NOT_WRITABLE, NOT_ASKABLE, CALL_OVER)


FIELDS = (
    FormField(
        "text",
        TEXT,
        mark("Your question"),
        mark("At most 1,000 characters."),
        missing=NO_TEXT,
        row="question",
        editable=False,
    ),
    FormField("language", LANGUAGE, mark("The language of your text"), row=""),
)
OF_CALL = (replace(FIELDS[0], label=mark("Your message")), FIELDS[1])


class QuestionForm(FormKind):
    kind = ASK
    fields = FIELDS

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = super().problems(connection, submission)
        if relayed_questions.exists_question(connection, submission.id):
            return wrong  # it was sent before: it does not matter who may be asked now
        if _to_caller(submission):
            if _open_call(connection, submission) is None:
                wrong["text"] = CALL_OVER
        elif _to_maintainers(submission):
            if submission.project_id is None or not monthly_with_maintainer(connection, submission.project_id):
                wrong["text"] = NOT_WRITABLE
        elif _monthly(connection, submission) is None:
            wrong["text"] = NOT_ASKABLE
        return wrong

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        return self._between(connection, submission)

    def rows_at_desk(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        try:
            question = relayed_questions.read_question(connection, submission.id)
        except NotFound:  # it was never passed on
            return self._between(connection, submission)
        state = (*self._between(connection, submission), Row("passed", None, question.state, "code:passed"))
        if submission.reported_at is None:
            return state
        reports = (
            Row(f"report.{side}", None, report["why"] or None)
            for side in SIDES
            if (report := (question.reports or {}).get(side)) is not None
        )
        texts = (
            *((Row("question.text", None, {question.language: question.text}, "words"),) if question.text else ()),
            *((Row("answer", None, question.answer),) if question.answer else ()),
        )
        return (*state, *reports, *texts)

    def _between(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        """The record that it is about, and who is asked."""
        card = (
            organization_rows.organization_card(connection, submission.organization_id)
            if submission.organization_id
            else None
        )
        call = _open_call(connection, submission)
        return (
            *project_row(connection, submission),
            *((Row("to-maintainers", None, True, "yes-no"),) if _to_maintainers(submission) else ()),
            *((Row("asked", None, card.slug, "organization"),) if card and not _to_caller(submission) else ()),
            *((Row("about-call", None, call.title, "text"),) if call else ()),
        )

    def arrived(self, connection: Connection, submission: Submission, person: Person | None, *, now: datetime) -> None:
        """Refuse a question that its addressee no longer takes, so that nobody else reads it."""
        if not self._goes_on(connection, submission, person):
            submission_rows.change(connection, submission.id, state=REFUSED, decided_at=now)

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        return self._goes_on(connection, submission, person)

    def _goes_on(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        waiting = relayed_questions.count_waiting_of(connection, person.id) if person else 0
        return waiting < MONTHLY_OF_ASKER and not self.problems(connection, submission)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        if relayed_questions.exists_question(
            act.connection, submission.id
        ):  # a moderator removed it, and that was taken back
            relayed_questions.change_question(act.connection, submission.id, removed_at=None)
            return {}
        call = _open_call(act.connection, submission)
        relayed_questions.add_question(
            act.connection,
            id=submission.id,
            reference=submission.reference,
            project_id=submission.project_id,
            organization_id=None if call or _to_maintainers(submission) else submission.organization_id,
            to_maintainers=_to_maintainers(submission),
            call_id=call.id if call else None,
            language=language_of(submission),
            text=validation.text_answer(submission.answers, "text"),
            person_id=submission.person_id,
            at=act.now,
        )
        relay(act.connection, relayed_questions.read_question(act.connection, submission.id), now=act.now)
        return {}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        """What was relayed cannot be unread, and nothing of it is public: neither side sees or answers it any more."""
        relayed_questions.change_question(act.connection, act.submission.id, removed_at=act.now)


def relay(connection: Connection, question: Question, *, now: datetime) -> bool:
    """In the caller's transaction: send it on, where there is room this month; whether it was."""
    addressees, monthly = _addressees_and_limit(connection, question)
    if not addressees or not relayed_questions.within_monthly_limits(
        connection, question, monthly, MONTHLY_OF_ASKER, now=now
    ):
        return False
    relayed_questions.change_question(connection, question.id, state=RELAYED, relayed_at=now)
    tell_addressees(connection, QUESTION_MESSAGE, question, now=now)
    return True


def is_taken(connection: Connection, question: Question) -> bool:
    """In the caller's transaction: whether somebody would get it, now or later."""
    return bool(_addressees_and_limit(connection, question)[0])


def tell_addressees(connection: Connection, kind: str, question: Question, *, now: datetime) -> None:
    """In the caller's transaction: write to each of those who may answer, with a link of their own."""
    name = subject_name(connection, question)
    for email, language in _addressees(connection, question):
        token = relayed_questions.add_answer_link(connection, question.id, email)
        to = MAINTAINERS if question.to_maintainers else ""
        about = {"token": token, "name": name, "call": "yes" if question.call_id else "", "to": to}
        enqueue_message(connection, kind, email, language, about, now=now)


def _addressees_and_limit(connection: Connection, question: Question) -> tuple[tuple[tuple[str, str], ...], int]:
    """The addressees, none where no questions are taken any more or nobody would read an answer; and how many they get
    a month."""
    if question.asker_gone:
        return (), 0
    monthly: int | None = MONTHLY * 5
    if question.to_maintainers:
        monthly = monthly_with_maintainer(connection, question.project_id) or None if question.project_id else None
    elif question.call_id is None:
        if question.organization_id is None or question.project_id is None:
            return (), 0
        monthly = questions.monthly_limit_with_addressee(connection, question.project_id, question.organization_id)
    return (_addressees(connection, question), monthly) if monthly is not None else ((), 0)


def _addressees(connection: Connection, question: Question) -> tuple[tuple[str, str], ...]:
    """Addresses and languages of those who may answer."""
    if question.to_maintainers:
        return tuple(call_rows.addresses_of_maintainers(connection, question.project_id)) if question.project_id else ()
    if question.call_id is not None:
        call = call_queries.call_by_id(connection, question.call_id)
        return tuple(call_rows.address_of_sender(connection, call)) if call else ()
    return (
        tuple(call_rows.addresses_of_representatives(connection, question.organization_id))
        if question.organization_id
        else ()
    )


def subject_name(connection: Connection, question: Question) -> str:
    """What a question is about: the title of the call, or the project's name; empty where neither is here any more."""
    if question.call_id is not None:
        call = call_queries.call_by_id(connection, question.call_id)
        return call.title if call else ""
    record = project_rows.record_of(connection, question.project_id) if question.project_id else None
    return str(record["name"]) if record else ""


def _to_caller(submission: Submission) -> bool:
    return bool(validation.text_answer(submission.answers, "call"))


def _to_maintainers(submission: Submission) -> bool:
    return validation.text_answer(submission.answers, "to") == MAINTAINERS


def _open_call(connection: Connection, submission: Submission) -> Call | None:
    """The open call that is written to, and whose sender is still there."""
    if not _to_caller(submission):
        return None
    try:
        call = call_queries.call_by_reference(connection, validation.text_answer(submission.answers, "call"))
    except NotFound:
        return None
    return call if call.state == OPEN and call_rows.address_of_sender(connection, call) else None


def _monthly(connection: Connection, submission: Submission) -> int | None:
    if submission.project_id is None or submission.organization_id is None:
        return None
    return questions.monthly_limit_with_addressee(connection, submission.project_id, submission.organization_id)
