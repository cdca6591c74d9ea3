"""Questions to organizations, callers and maintainers, as rows: add, change, list those that are due, and delete their
texts.

A question is given without who asked it; addresses are read only to write messages.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Text,
    Uuid,
    and_,
    cast,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)

from catalog.errors import NotFound
from catalog.rules.call import (
    ANSWER_AWAITED,
    DECLINED,
    LATE,
    MONTH,
    RELAYED,
    REPLIED,
    TEXTS_KEPT,
    UNANSWERED,
)
from catalog.rules.submission import ASK, REFUSED
from catalog.store.people.accounts import digest
from catalog.tables.calls import question, question_link
from catalog.tables.people import person
from catalog.tables.submissions import submission

_ENDED = (REPLIED, DECLINED, UNANSWERED)


@dataclass(frozen=True)
class Question:
    """`text`, `answer` and `reports` are deleted 90 days after the end."""

    id: UUID
    reference: str
    project_id: UUID | None
    organization_id: UUID | None
    call_id: UUID | None
    to_maintainers: bool  # of its project
    state: str  # one of catalog.rules.call.QUESTION_STATES
    language: str
    text: str | None
    answer: str | None
    at: datetime
    relayed_at: datetime | None
    ended_at: datetime | None
    reports: Mapping[str, Mapping[str, str]] | None  # to the moderators: side -> at, why
    removed_at: datetime | None  # by a moderator
    asker_gone: bool  # their account was deleted, and nobody would read an answer

    @property
    def may_be_reported(self) -> bool:
        """Whether its addressee got it, and there is something left to read."""
        return self.relayed_at is not None and self.text is not None and self.removed_at is None


_MADE = {"asker_gone": question.c.person_id.is_(None).label("asker_gone")}
COLUMNS = tuple(_MADE[name] if name in _MADE else question.c[name] for name in Question.__dataclass_fields__)


def read_question(connection: Connection, key: UUID, *, hold: bool = False) -> Question:
    """In the caller's transaction: the question of this id; `hold` locks its row. Raises NotFound."""
    query = select(*COLUMNS).where(question.c.id == key)
    row = connection.execute(query.with_for_update() if hold else query).first()
    if row is None:
        raise NotFound("question", "")
    return question_from_row(row)


def exists_question(connection: Connection, key: UUID) -> bool:
    """In the caller's transaction: whether there is a question of this id."""
    return connection.execute(select(question.c.id).where(question.c.id == key)).first() is not None


def add_question(connection: Connection, **values: Any) -> None:
    """In the caller's transaction: add a question, which is late as long as it is not relayed."""
    connection.execute(question.insert().values({"state": LATE, "to_maintainers": False} | values))


def change_question(connection: Connection, key: UUID, **values: Any) -> None:
    if values.get("read_token"):
        values["read_token"] = digest(values["read_token"])
    connection.execute(update(question).where(question.c.id == key).values(**values))


def add_answer_link(connection: Connection, key: UUID, email: str) -> str:
    """In the caller's transaction: add a link for one of those who may answer, by the address of their account; its
    token, 43 characters."""
    token = secrets.token_urlsafe(32)
    theirs = select(literal(digest(token)), literal(key, Uuid), person.c.id).where(person.c.email == email)
    connection.execute(question_link.insert().from_select(["token", "question_id", "person_id"], theirs))
    return token


def within_monthly_limits(
    connection: Connection, asked_question: Question, monthly: int, of_asker: int, *, now: datetime
) -> bool:
    """In the caller's transaction: whether neither the addressee got nor the asker sent too many within a month."""
    recent = question.c.relayed_at > now - MONTH
    if asked_question.call_id is not None:
        same = question.c.call_id == asked_question.call_id
    elif asked_question.to_maintainers:
        same = and_(question.c.project_id == asked_question.project_id, question.c.to_maintainers)
    else:
        same = question.c.organization_id == asked_question.organization_id
    received = connection.execute(select(func.count()).where(recent, same)).scalar_one()
    mine = select(question.c.person_id).where(question.c.id == asked_question.id).scalar_subquery()
    number = connection.execute(select(func.count()).where(recent, question.c.person_id == mine)).scalar_one()
    return int(received) < monthly and int(number) < of_asker


def count_waiting_of(connection: Connection, person_id: UUID | None) -> int:
    """In the caller's transaction: how many of somebody's questions were not relayed yet."""
    query = select(func.count()).where(question.c.person_id == person_id, question.c.state == LATE)
    return int(connection.execute(query).scalar_one())


def address_of_asker(connection: Connection, key: UUID) -> tuple[tuple[str, str], ...]:
    """In the caller's transaction: address and language of the asker, for a message; empty where the account is
    gone."""
    query = select(person.c.email, person.c.language).join(question, question.c.person_id == person.c.id)
    rows = connection.execute(query.where(question.c.id == key))
    return tuple((row.email, row.language) for row in rows)


def late_questions(connection: Connection, limit: int = 500) -> tuple[Question, ...]:
    """In the caller's transaction: questions that wait to be relayed, the oldest first."""
    return _questions(connection, question.c.state == LATE, question.c.removed_at.is_(None), limit=limit)


def unanswered_questions(connection: Connection, now: datetime, limit: int = 500) -> tuple[Question, ...]:
    """In the caller's transaction: questions that nobody answered in time."""
    overdue = (
        question.c.state == RELAYED,
        question.c.relayed_at <= now - ANSWER_AWAITED,
        question.c.removed_at.is_(None),
    )
    return _questions(connection, *overdue, limit=limit)


def overdue_late_questions(connection: Connection, now: datetime, limit: int = 500) -> tuple[Question, ...]:
    """In the caller's transaction: questions that waited to be relayed for as long as an answer is waited for."""
    return _questions(
        connection,
        question.c.state == LATE,
        question.c.at <= now - ANSWER_AWAITED,
        question.c.removed_at.is_(None),
        limit=limit,
    )


def delete_old_texts(connection: Connection, now: datetime) -> int:
    """In the caller's transaction: see `Questions.forget`."""
    before = now - TEXTS_KEPT
    ended = or_(and_(question.c.state.in_(_ENDED), question.c.ended_at <= before), question.c.removed_at <= before)
    over = and_(ended, question.c.text.is_not(None))
    refused = and_(
        submission.c.kind == ASK,
        submission.c.state == REFUSED,
        submission.c.decided_at <= before,
        cast(submission.c.answers, Text) != "{}",
        ~exists().where(question.c.id == submission.c.id),  # one that was passed on ends as the others do
    )
    connection.execute(update(submission).where(refused).values(answers={}))
    references = list(connection.execute(select(question.c.reference).where(over)).scalars())
    for start in range(0, len(references), 500):
        batch = references[start : start + 500]
        connection.execute(
            update(submission).where(submission.c.kind == ASK, submission.c.reference.in_(batch)).values(answers={})
        )
        connection.execute(
            update(question)
            .where(question.c.reference.in_(batch))
            .values(text=None, answer=None, reports=None, read_token=None)
        )
        these = select(question.c.id).where(question.c.reference.in_(batch))
        connection.execute(delete(question_link).where(question_link.c.question_id.in_(these)))
    return len(references)


def _questions(connection: Connection, *conditions: Any, limit: int) -> tuple[Question, ...]:
    query = select(*COLUMNS).where(*conditions).order_by(question.c.at, question.c.reference).limit(limit)
    return tuple(question_from_row(row) for row in connection.execute(query))


def question_from_row(row: Any) -> Question:
    return Question(*(row._mapping[name] for name in Question.__dataclass_fields__))
