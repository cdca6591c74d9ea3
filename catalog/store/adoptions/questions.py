"""Which organizations may be asked about a project, and questions as pages read them; `relayed_questions` writes those.

A question is given without who asked it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
)

from catalog.errors import NotFound
from catalog.rules.call import REPLIED
from catalog.store.adoptions.relayed_questions import (
    COLUMNS,
    Question,
    delete_old_texts,
    question_from_row,
)
from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.store.core.public_changes import changing
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import CARD_COLUMNS, OPEN, PUBLIC
from catalog.store.ownership.memberships import MAINTAINS, REPRESENTS
from catalog.store.people.accounts import digest
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, question, question_consent, question_link
from catalog.tables.core import organization, project
from catalog.tables.ownership import membership

MOST_OF_REPRESENTATIVE = 200


@dataclass(frozen=True)
class AskableOrganization:
    """An organization that may be asked about a project; `asked` and `answered` count what was relayed to it."""

    organization: OrganizationCard
    project_slug: str
    project_name: str
    languages: tuple[str, ...]
    monthly: int
    asked: int = 0
    answered: int = 0


# Whether a representative would get the question.
_HAS_REPRESENTATIVE = exists().where(membership.c.record_id == question_consent.c.organization_id, REPRESENTS)
_USES_PUBLICLY = exists().where(
    adoption.c.project_id == question_consent.c.project_id,
    adoption.c.organization_id == question_consent.c.organization_id,
    PUBLIC,
)

_TO_REPRESENTATIVE = and_(
    membership.c.record_id == question.c.organization_id,
    membership.c.person_id == question_link.c.person_id,
    REPRESENTS,
)
_TO_MAINTAINER = and_(
    question.c.to_maintainers,
    membership.c.record_id == question.c.project_id,
    membership.c.person_id == question_link.c.person_id,
    MAINTAINS,
)
_TO_CALLER = and_(call.c.id == question.c.call_id, call.c.person_id == question_link.c.person_id)
_TO_ANSWER = (
    select(*COLUMNS)
    .join(question_link, question_link.c.question_id == question.c.id)
    .where(or_(*(exists().where(way) for way in (_TO_REPRESENTATIVE, _TO_MAINTAINER, _TO_CALLER))))
)


def _select_askable(*conditions: Any) -> Any:
    """Select the askable pairs under these conditions; the parameters are `of` and `most`."""
    same = and_(
        question.c.project_id == question_consent.c.project_id,
        question.c.organization_id == question_consent.c.organization_id,
        question.c.relayed_at.is_not(None),
    )
    query = select(func.count()).where(same).scalar_subquery()
    answered = select(func.count()).where(same, question.c.state == REPLIED).scalar_subquery()
    return (
        select(
            *CARD_COLUMNS,
            project.c.slug.label("project_slug"),
            project.c.name.label("project_name"),
            question_consent.c.languages,
            question_consent.c.monthly,
            query.label("asked"),
            answered.label("answered"),
        )
        .join_from(question_consent, organization, organization.c.id == question_consent.c.organization_id)
        .join(project, project.c.id == question_consent.c.project_id)
        .where(*conditions, _USES_PUBLICLY, organization.c.hidden.is_(None), OPEN)
        .order_by(organization.c.folded, project.c.name)
        .limit(bindparam("most"))
    )


# Built once: building a statement takes longer than running it.
_OF_PROJECT = _select_askable(question_consent.c.project_id == bindparam("of"), _HAS_REPRESENTATIVE)
_OF_ORGANIZATION = _select_askable(question_consent.c.organization_id == bindparam("of"), _HAS_REPRESENTATIVE)
_OF_REPRESENTATIVE = _select_askable(question_consent.c.organization_id.in_(bindparam("of", expanding=True)))


class Questions(DatabasePart):
    def askable(self, project_id: UUID, limit: int = 20) -> tuple[AskableOrganization, ...]:
        """Organizations that use a project publicly, allow questions and have a representative who gets them; by
        name."""
        with reading(self._engine) as connection:
            return _askables(connection.execute(_OF_PROJECT, {"of": project_id, "most": limit}))

    def askable_of(self, organization_id: UUID, limit: int = 20) -> tuple[AskableOrganization, ...]:
        """Projects about which everybody may ask an organization, as `askable`; by project."""
        with reading(self._engine) as connection:
            return _askables(connection.execute(_OF_ORGANIZATION, {"of": organization_id, "most": limit}))

    def of_representative(self, organizations: Sequence[UUID]) -> tuple[AskableOrganization, ...]:
        """What a representative allowed for these organizations."""
        if not organizations:
            return ()
        with reading(self._engine) as connection:
            return _askables(
                connection.execute(_OF_REPRESENTATIVE, {"of": list(organizations), "most": MOST_OF_REPRESENTATIVE})
            )

    def uses(self, organizations: Sequence[UUID]) -> tuple[tuple[UUID, str, str, OrganizationCard], ...]:
        """What these organizations use publicly: the project's id, slug and name, and the organization."""
        if not organizations:
            return ()
        query = (
            select(project.c.id.label("of"), project.c.slug.label("at"), project.c.name.label("named"), *CARD_COLUMNS)
            .join_from(adoption, project, project.c.id == adoption.c.project_id)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .where(adoption.c.organization_id.in_(organizations), PUBLIC, OPEN)
            .distinct()
            .order_by(project.c.name, project.c.slug)
            .limit(200)
        )
        with reading(self._engine) as connection:
            return tuple((row[0], row[1], row[2], OrganizationCard(*row[3:])) for row in connection.execute(query))

    def allow(
        self, project_id: UUID, organization_id: UUID, languages: Sequence[str], monthly: int, *, now: datetime
    ) -> None:
        """Allow questions to the organization about this project. The page of the project changes with it."""
        with changing(self._engine) as (connection, change):
            change.touch("project", project_id)
            change.touch("organization", organization_id)
            allow_questions(connection, project_id, organization_id, languages, monthly, now=now)

    def forget(self, now: datetime) -> int:
        """Delete the texts of questions that ended 90 days ago, here and in their forms; how many."""
        with writing(self._engine) as connection:
            return delete_old_texts(connection, now)

    def by_token(self, token: str) -> tuple[Question, bool]:
        """The question that a message's link opens, and whether it is the link for answering. Raises NotFound, also for
        a link for answering whose person left the organization, or whose call is another's."""
        key = digest(token)
        with reading(self._engine) as connection:
            row = connection.execute(_TO_ANSWER.where(question_link.c.token == key)).first()
            if row is not None:
                return question_from_row(row), True
            row = connection.execute(select(*COLUMNS).where(question.c.read_token == key)).first()
        if row is None:
            raise NotFound("question", "")
        return question_from_row(row), False

    def by_reference(self, reference: str) -> tuple[Question, UUID | None]:
        """The question and the id of the asker, for pages that only the two sides see. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(*COLUMNS, question.c.person_id).where(question.c.reference == reference)
            ).first()
        if row is None:
            raise NotFound("question", "")
        return question_from_row(row), row.person_id


def monthly_limit_with_addressee(connection: Connection, project_id: UUID, organization_id: UUID) -> int | None:
    """In the caller's transaction: how many questions a month this organization takes about this project; None: none,
    or it has no representative to get them."""
    query = select(question_consent.c.monthly).where(
        question_consent.c.project_id == project_id,
        question_consent.c.organization_id == organization_id,
        _HAS_REPRESENTATIVE,
        _USES_PUBLICLY,
    )
    limit: int | None = connection.execute(query).scalar()
    return limit


def allow_questions(
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
    statement = insert(connection, question_consent).values(
        project_id=project_id, organization_id=organization_id, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id", "organization_id"], set_=values))


def monthly_limit(connection: Connection, project_id: UUID, organization_id: UUID) -> int | None:
    """In the caller's transaction: how many questions a month were allowed, by whichever representative; None: none
    are."""
    ours = (question_consent.c.project_id == project_id, question_consent.c.organization_id == organization_id)
    limit: int | None = connection.execute(select(question_consent.c.monthly).where(*ours)).scalar()
    return limit


def stop_questions(connection: Connection, organization_id: UUID, project_id: UUID | None = None) -> tuple[UUID, ...]:
    """In the caller's transaction: allow no more questions to this organization, about this project or any; the
    projects whose pages change."""
    ours = [question_consent.c.organization_id == organization_id]
    if project_id is not None:
        ours.append(question_consent.c.project_id == project_id)
    stopped = tuple(connection.execute(select(question_consent.c.project_id).where(*ours)).scalars())
    connection.execute(delete(question_consent).where(*ours))
    return stopped


def _askables(rows: Iterable[Any]) -> tuple[AskableOrganization, ...]:
    return tuple(
        AskableOrganization(
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
