"""Who may be asked about a project, and questions on their way, as rows. It relays nothing by itself.

A question is given without whoever asked; addresses are read only to write messages.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Uuid, and_, bindparam, delete, exists, func, literal, or_, select, update

from catalog.calls import DECLINED, LATE, MONTH, RELAYED, REPLIED, TEXTS_KEPT, UNANSWERED, USEFUL_AFTER, WAITED
from catalog.declarations import ASK
from catalog.errors import NotFound
from catalog.schema import adoption, organization, project
from catalog.schema_calling import askable, call, question, question_link
from catalog.schema_declarations import declaration
from catalog.schema_people import person, speaker
from catalog.store.database import insert, next_change, reading, writing
from catalog.store.inside import SPEAKS
from catalog.store.lines import CARD, OPEN, PUBLIC
from catalog.store.people import digest
from catalog.store.records import touch
from catalog.store.views import OrganizationCard

_ENDED = (REPLIED, DECLINED, UNANSWERED)
MOST_OF_THEIRS = 200


@dataclass(frozen=True)
class Question:
    """`text` and `answer` are gone 90 days after the end."""

    id: UUID
    reference: str
    project_id: UUID | None
    organization_id: UUID | None
    call_id: UUID | None
    state: str  # one of catalog.calls.QUESTION_STATES
    language: str
    text: str | None
    answer: str | None
    useful: bool | None
    at: datetime
    relayed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Askable:
    """An organization that may be asked about a project; `asked` and `answered` count what was relayed to it."""

    organization: OrganizationCard
    project_slug: str
    project_name: str
    languages: tuple[str, ...]
    monthly: int
    asked: int = 0
    answered: int = 0


_COLUMNS = tuple(question.c[name] for name in Question.__dataclass_fields__)
# Whether somebody is there who would get the question.
_HEARD = exists().where(speaker.c.organization_id == askable.c.organization_id, SPEAKS)
_USES = exists().where(
    adoption.c.project_id == askable.c.project_id, adoption.c.organization_id == askable.c.organization_id, PUBLIC
)

_ASKS_THEM = and_(
    speaker.c.organization_id == question.c.organization_id, speaker.c.person_id == question_link.c.person_id, SPEAKS
)
_ASKS_CALLER = and_(call.c.id == question.c.call_id, call.c.person_id == question_link.c.person_id)
_TO_ANSWER = (
    select(*_COLUMNS)
    .join(question_link, question_link.c.question_id == question.c.id)
    .where(or_(exists().where(_ASKS_THEM), exists().where(_ASKS_CALLER)))
)


def _askable(*conditions: Any) -> Any:
    """Those of `of`, at most `most`."""
    same = and_(
        question.c.project_id == askable.c.project_id,
        question.c.organization_id == askable.c.organization_id,
        question.c.relayed_at.is_not(None),
    )
    asked = select(func.count()).where(same).scalar_subquery()
    answered = select(func.count()).where(same, question.c.state == REPLIED).scalar_subquery()
    return (
        select(
            *CARD,
            project.c.slug.label("project_slug"),
            project.c.name.label("project_name"),
            askable.c.languages,
            askable.c.monthly,
            asked.label("asked"),
            answered.label("answered"),
        )
        .join_from(askable, organization, organization.c.id == askable.c.organization_id)
        .join(project, project.c.id == askable.c.project_id)
        .where(*conditions, _USES, organization.c.hidden.is_(None), OPEN)
        .order_by(organization.c.folded, project.c.name)
        .limit(bindparam("most"))
    )


# Made once: to make a statement takes longer than a database needs for it.
_OF_PROJECT = _askable(askable.c.project_id == bindparam("of"), _HEARD)
_OF_ORGANIZATION = _askable(askable.c.organization_id == bindparam("of"), _HEARD)
_OF_THEIRS = _askable(askable.c.organization_id.in_(bindparam("of", expanding=True)))


class Questions:
    def __init__(self, engine: Engine):
        self._engine = engine

    def askable(self, project_id: UUID, limit: int = 20) -> tuple[Askable, ...]:
        """Who uses a project, said so publicly, allowed questions and has somebody who gets them; by name."""
        with reading(self._engine) as connection:
            return _listed(connection.execute(_OF_PROJECT, {"of": project_id, "most": limit}))

    def askable_of(self, organization_id: UUID, limit: int = 20) -> tuple[Askable, ...]:
        """About what an organization may be asked by everybody, as `askable`; by project."""
        with reading(self._engine) as connection:
            return _listed(connection.execute(_OF_ORGANIZATION, {"of": organization_id, "most": limit}))

    def of_speaker(self, organizations: Sequence[UUID]) -> tuple[Askable, ...]:
        """What somebody allowed for the organizations that they speak for."""
        if not organizations:
            return ()
        with reading(self._engine) as connection:
            return _listed(connection.execute(_OF_THEIRS, {"of": list(organizations), "most": MOST_OF_THEIRS}))

    def uses(self, organizations: Sequence[UUID]) -> tuple[tuple[UUID, str, str, OrganizationCard], ...]:
        """What these organizations publicly use: the project's identity, slug and name, and the organization."""
        if not organizations:
            return ()
        wanted = (
            select(project.c.id.label("of"), project.c.slug.label("at"), project.c.name.label("named"), *CARD)
            .join_from(adoption, project, project.c.id == adoption.c.project_id)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .where(adoption.c.organization_id.in_(organizations), PUBLIC, OPEN)
            .distinct()
            .order_by(project.c.name, project.c.slug)
            .limit(200)
        )
        with reading(self._engine) as connection:
            return tuple((row[0], row[1], row[2], OrganizationCard(*row[3:])) for row in connection.execute(wanted))

    def allow(
        self, project_id: UUID, organization_id: UUID, languages: Sequence[str], monthly: int, *, now: datetime
    ) -> None:
        """The organization may be asked about this project. The page of the project is another from now on."""
        with writing(self._engine) as connection:
            touch(connection, project_id, next_change(connection))
            allow(connection, project_id, organization_id, languages, monthly, now=now)

    def forget(self, now: datetime) -> int:
        """The texts of questions that ended 90 days ago go, here and in their forms; how many."""
        with writing(self._engine) as connection:
            return forget(connection, now)

    def by_token(self, token: str) -> tuple[Question, bool]:
        """What a message's link leads to, and whether it is the one for who answers. Raises NotFound, also for the
        link of who answers where they may no more: they left the organization, or the call is another's."""
        key = digest(token)
        with reading(self._engine) as connection:
            row = connection.execute(_TO_ANSWER.where(question_link.c.token == key)).first()
            if row is not None:
                return _question(row), True
            row = connection.execute(select(*_COLUMNS).where(question.c.read_token == key)).first()
        if row is None:
            raise NotFound("question", "")
        return _question(row), False

    def by_reference(self, reference: str) -> tuple[Question, UUID | None]:
        """The question and who asked, for pages that are theirs or their addressee's. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(*_COLUMNS, question.c.person_id).where(question.c.reference == reference)
            ).first()
        if row is None:
            raise NotFound("question", "")
        return _question(row), row.person_id


def one(connection: Connection, key: UUID, *, hold: bool = False) -> Question:
    """In the caller's transaction. Raises NotFound."""
    wanted = select(*_COLUMNS).where(question.c.id == key)
    row = connection.execute(wanted.with_for_update() if hold else wanted).first()
    if row is None:
        raise NotFound("question", "")
    return _question(row)


def allowed(connection: Connection, project_id: UUID, organization_id: UUID) -> int | None:
    """In the caller's transaction: how many questions a month this organization takes about this project; None: none,
    or nobody would get them."""
    wanted = select(askable.c.monthly).where(
        askable.c.project_id == project_id, askable.c.organization_id == organization_id, _HEARD, _USES
    )
    found: int | None = connection.execute(wanted).scalar()
    return found


def allow(
    connection: Connection,
    project_id: UUID,
    organization_id: UUID,
    languages: Sequence[str],
    monthly: int,
    *,
    now: datetime,
) -> None:
    """`Questions.allow` in the caller's transaction, which counts the change."""
    values = {"languages": list(languages), "monthly": monthly, "at": now}
    statement = insert(connection, askable).values(project_id=project_id, organization_id=organization_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id", "organization_id"], set_=values))


def monthly(connection: Connection, project_id: UUID, organization_id: UUID) -> int | None:
    """In the caller's transaction: how many questions a month were allowed, whoever gets them; None: none are."""
    ours = (askable.c.project_id == project_id, askable.c.organization_id == organization_id)
    found: int | None = connection.execute(select(askable.c.monthly).where(*ours)).scalar()
    return found


def stop(connection: Connection, organization_id: UUID, project_id: UUID | None = None) -> tuple[UUID, ...]:
    """In the caller's transaction: no more questions to this organization, about this project or any; which projects'
    pages are others now."""
    ours = [askable.c.organization_id == organization_id]
    if project_id is not None:
        ours.append(askable.c.project_id == project_id)
    found = tuple(connection.execute(select(askable.c.project_id).where(*ours)).scalars())
    connection.execute(delete(askable).where(*ours))
    return found


def add(connection: Connection, **values: Any) -> None:
    """In the caller's transaction: a question is on its way, late as long as it is not relayed."""
    connection.execute(question.insert().values(state=LATE, **values))


def change(connection: Connection, key: UUID, **values: Any) -> None:
    if values.get("read_token"):
        values["read_token"] = digest(values["read_token"])
    connection.execute(update(question).where(question.c.id == key).values(**values))


def link(connection: Connection, key: UUID, email: str) -> str:
    """In the caller's transaction: a link for one of those who may answer, by the address of their account; what its
    address holds, 43 characters."""
    token = secrets.token_urlsafe(32)
    theirs = select(literal(digest(token)), literal(key, Uuid), person.c.id).where(person.c.email == email)
    connection.execute(question_link.insert().from_select(["token", "question_id", "person_id"], theirs))
    return token


def room(connection: Connection, asked: Question, monthly: int, of_asker: int, *, now: datetime) -> bool:
    """In the caller's transaction: whether neither the addressee got nor the asker sent too many within a month."""
    recent = question.c.relayed_at > now - MONTH
    if asked.call_id is not None:
        same = question.c.call_id == asked.call_id
    else:
        same = question.c.organization_id == asked.organization_id
    got = connection.execute(select(func.count()).where(recent, same)).scalar_one()
    mine = select(question.c.person_id).where(question.c.id == asked.id).scalar_subquery()
    sent = connection.execute(select(func.count()).where(recent, question.c.person_id == mine)).scalar_one()
    return int(got) < monthly and int(sent) < of_asker


def waiting_of(connection: Connection, person_id: UUID | None) -> int:
    """In the caller's transaction: how many of somebody's questions were not relayed yet."""
    wanted = select(func.count()).where(question.c.person_id == person_id, question.c.state == LATE)
    return int(connection.execute(wanted).scalar_one())


def asker(connection: Connection, key: UUID) -> tuple[tuple[str, str], ...]:
    """In the caller's transaction: the address of who asked, for a message; empty where the account is gone."""
    wanted = select(person.c.email, person.c.language).join(question, question.c.person_id == person.c.id)
    rows = connection.execute(wanted.where(question.c.id == key))
    return tuple((row.email, row.language) for row in rows)


def late(connection: Connection, limit: int = 500) -> tuple[Question, ...]:
    """In the caller's transaction: what waits to be relayed, the oldest first."""
    return _questions(connection, question.c.state == LATE, limit=limit)


def unanswered(connection: Connection, now: datetime, limit: int = 500) -> tuple[Question, ...]:
    """In the caller's transaction: what nobody answered in time."""
    return _questions(connection, question.c.state == RELAYED, question.c.relayed_at <= now - WAITED, limit=limit)


def to_ask_whether_useful(connection: Connection, now: datetime, limit: int = 500) -> tuple[Question, ...]:
    """In the caller's transaction: answered a week ago, and nobody said whether it was of use, nor was asked."""
    told = and_(question.c.useful.is_(None), question.c.useful_asked_at.is_(None), question.c.answer.is_not(None))
    return _questions(
        connection, question.c.state == REPLIED, question.c.ended_at <= now - USEFUL_AFTER, told, limit=limit
    )


def forget(connection: Connection, now: datetime) -> int:
    """In the caller's transaction: what `Questions.forget` does."""
    over = and_(question.c.state.in_(_ENDED), question.c.ended_at <= now - TEXTS_KEPT, question.c.text.is_not(None))
    references = list(connection.execute(select(question.c.reference).where(over)).scalars())
    for start in range(0, len(references), 500):
        batch = references[start : start + 500]
        connection.execute(
            update(declaration).where(declaration.c.kind == ASK, declaration.c.reference.in_(batch)).values(answers={})
        )
        connection.execute(
            update(question).where(question.c.reference.in_(batch)).values(text=None, answer=None, read_token=None)
        )
        these = select(question.c.id).where(question.c.reference.in_(batch))
        connection.execute(delete(question_link).where(question_link.c.question_id.in_(these)))
    return len(references)


def _questions(connection: Connection, *conditions: Any, limit: int) -> tuple[Question, ...]:
    wanted = select(*_COLUMNS).where(*conditions).order_by(question.c.at, question.c.reference).limit(limit)
    return tuple(_question(row) for row in connection.execute(wanted))


def _question(row: Any) -> Question:
    return Question(*(row._mapping[name] for name in Question.__dataclass_fields__))


def _listed(rows: Iterable[Any]) -> tuple[Askable, ...]:
    return tuple(
        Askable(
            OrganizationCard(*row[:5]),
            row.project_slug,
            row.project_name,
            tuple(row.languages),
            row.monthly,
            row.asked,
            row.answered,
        )
        for row in rows
    )
