"""Answers to relayed questions: answered, declined, reported to the moderators; and no more questions at one press.

Each is one transaction. Pages have checked that the person has the message's link, or is the one concerned.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotAllowed
from catalog.rules import permissions
from catalog.rules.call import (
    ADDRESSEE,
    DECLINED,
    LATE,
    MONTHLY,
    RELAYED,
    REPLIED,
    UNANSWERED,
)
from catalog.rules.person import Person
from catalog.store.adoptions import questions, relayed_questions
from catalog.store.core.engine import Connection, writing
from catalog.store.core.public_changes import changing
from catalog.store.ownership import inbox
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.store import Store
from catalog.store.submissions import submission_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.kinds import question
from catalog.submissions.kinds.adoption_fields import MANY_LANGUAGES, MOST_LANGUAGES

ANSWERED_MESSAGE, REPORTED_MESSAGE = "question-ended", "question-reported"
NO_ANSWER = "Write your answer"
NO_LANGUAGES = "Choose in which languages you can answer"
NO_NUMBER = "Enter a number from 1 to 50"
NO_CHOICE = "Choose how many messages you accept"
SENTENCES = (NO_ANSWER, NO_LANGUAGES, NO_NUMBER, NO_CHOICE)
MOST_MONTHLY = 50
MONTHLY_CHOICES = ("0", "4", "8", "20", "50")  # of maintainers


def reply(store: Store, key: UUID, text: str, *, now: datetime) -> None:
    """Send the answer to the person who asked; a second answer changes nothing. Raises NotFound; Invalid: text."""
    wrong = base_validation.words({"text": text}, {"text": NO_ANSWER})
    if wrong:
        raise Invalid(wrong)
    _end(store, key, REPLIED, text.strip(), now)


def decline(store: Store, key: UUID, *, now: datetime) -> None:
    """Decline to answer, without a reason. Raises NotFound."""
    _end(store, key, DECLINED, None, now)


def report(store: Store, key: UUID, side: str, why: str, *, now: datetime) -> None:
    """Report a question, once, by one of catalog.rules.call.SIDES: moderators may then read it; the other side is told.
    A question that was not relayed has one side only, and nobody learns of it. Raises NotFound; Invalid: why."""
    with writing(store.engine) as connection:
        asked_question = relayed_questions.read_question(connection, key, hold=True)
        if not asked_question.may_be_reported or side in (asked_question.reports or {}):
            return
        if wrong := base_validation.words({"why": why}, {}, "why"):
            raise Invalid(wrong)
        reports = {**(asked_question.reports or {}), side: {"at": now.isoformat(), "why": why.strip()}}
        relayed_questions.change_question(connection, key, reports=reports)
        submission_rows.change(connection, key, reported_at=now, reviewed_at=None, changed_at=now)
        if side == ADDRESSEE:
            _notify_asker(connection, REPORTED_MESSAGE, key, asked_question.state, now)
        else:
            question.tell_addressees(connection, REPORTED_MESSAGE, asked_question, now=now)


def stop(store: Store, organization_id: UUID, project_id: UUID | None = None) -> None:
    """Stop questions to this organization, about this project or any; a second time changes nothing."""
    with changing(store.engine) as (connection, change):
        change()
        for touched in questions.stop_questions(connection, organization_id, project_id):
            change.touch("project", touched)
            change.touch("organization", organization_id)


def stop_messages(store: Store, project_id: UUID) -> None:
    """Stop messages to the maintainers of a project; a second time changes nothing."""
    with changing(store.engine) as (connection, change):
        inbox.take_monthly(connection, project_id, 0, change)


def take_messages(store: Store, person: Person, project_id: UUID, monthly: str) -> None:
    """Set how many messages a month reach the maintainers of a project; none with 0. Raises NotAllowed; Invalid:
    monthly."""
    permissions.demand(person, "project-manage-change", project=project_id)
    if monthly not in MONTHLY_CHOICES:
        raise Invalid({"monthly": NO_CHOICE})
    with changing(store.engine) as (connection, change):
        inbox.take_monthly(connection, project_id, int(monthly), change)


def allow(
    store: Store,
    person: Person,
    project_id: UUID,
    organization_id: UUID,
    *,
    languages: Sequence[str],
    monthly: str,
    now: datetime,
) -> None:
    """A representative lets others ask the organization about a project. Raises NotAllowed; Invalid: languages,
    monthly."""
    permissions.demand(person, "account-questions-change")
    if organization_id not in person.represented_organizations:
        raise NotAllowed("account-questions-change")
    wrong = {}
    if not languages or any(base_validation.language({"language": tag}) for tag in languages):
        wrong["languages"] = NO_LANGUAGES
    elif len(languages) > MOST_LANGUAGES:
        wrong["languages"] = MANY_LANGUAGES
    number = int(monthly) if monthly.isascii() and monthly.isdigit() and len(monthly) < 4 else 0
    if not monthly:
        number = MONTHLY
    if not 1 <= number <= MOST_MONTHLY:
        wrong["monthly"] = NO_NUMBER
    if wrong:
        raise Invalid(wrong)
    store.questions.allow(project_id, organization_id, languages, number, now=now)


def questions_due(store: Store, *, now: datetime) -> int:
    """Do what is due by time: relay late questions where there is room, and end old ones. How many of both."""
    with writing(store.engine) as connection:
        done = sum(question.relay(connection, late, now=now) for late in relayed_questions.late_questions(connection))
        given_up = [
            overdue
            for overdue in relayed_questions.overdue_late_questions(connection, now)
            if not question.is_taken(connection, overdue)
        ]
        for unanswered in (*relayed_questions.unanswered_questions(connection, now), *given_up):
            relayed_questions.change_question(connection, unanswered.id, state=UNANSWERED, ended_at=now)
            _notify_asker(connection, ANSWERED_MESSAGE, unanswered.id, UNANSWERED, now)
            done += 1
        return done


def _end(store: Store, key: UUID, state: str, answer: str | None, now: datetime) -> None:
    with changing(store.engine) as (connection, change):
        question = relayed_questions.read_question(connection, key, hold=True)
        if question.state not in (RELAYED, LATE) or question.removed_at is not None or question.asker_gone:
            return
        relayed_questions.change_question(connection, key, state=state, answer=answer, ended_at=now)
        change.touch("project", question.project_id)
        _notify_asker(connection, ANSWERED_MESSAGE, key, state, now)


def _notify_asker(connection: Connection, kind: str, key: UUID, state: str, now: datetime) -> None:
    """Write to the person who asked, with a link to the question's page; an earlier link ends."""
    for email, language in relayed_questions.address_of_asker(connection, key):
        token = secrets.token_urlsafe(32)
        relayed_questions.change_question(connection, key, read_token=token)
        values = {
            "token": token,
            "state": state,
            "to": "maintainers" if relayed_questions.read_question(connection, key).to_maintainers else "",
            "name": question.subject_name(connection, relayed_questions.read_question(connection, key)),
        }
        enqueue_message(connection, kind, email, language, values, now=now)
