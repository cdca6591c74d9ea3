"""The queue of moderators: the open cases, submissions before findings.

It is read along an index of the open cases, from where the reader stopped: a page costs the same at the end of the
queue as at its start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, func, or_, select, tuple_
from sqlalchemy import case as choose

from catalog.store.core.cases import FINDING, LIKENESS, LOOK, OPEN, SUBMISSION
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.visibility import CLOSED
from catalog.tables.core import organization, project
from catalog.tables.moderation import case, merged_record
from catalog.tables.submissions import submission

__all__ = ["FINDING", "LIKENESS", "LOOK", "SOURCES", "SUBMISSION", "Case", "CaseGroup", "ModerationQueue", "Place"]

SOURCES = (SUBMISSION, LOOK, FINDING, LIKENESS)
UNANSWERED_AFTER = timedelta(days=14)  # a question without an answer comes back
NAMED = 3  # cases of a group, named before it is opened

Place = tuple[bool, datetime, int]  # of a case in the queue: whether it was found by a machine, its time, its number


@dataclass(frozen=True)
class Case:
    """One thing that waits. `key`: a submission's reference, or the number of the case. `kind` of the submission, the
    finding, or the records that resemble each other. `sender_id` and `email` of the
    sender are for rules alone: no page shows them."""

    number: int
    source: str
    at: datetime
    key: str
    kind: str
    name: str | None = None
    slug: str | None = None
    language: str | None = None
    project_id: UUID | None = None
    organization_id: UUID | None = None
    submission_id: UUID | None = None
    named_organization: UUID | None = None  # before it is published
    other_id: UUID | None = None  # the second of two records
    other_name: str | None = None
    sender_id: UUID | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)

    @property
    def place(self) -> Place:
        """Where it stands in the queue."""
        return (self.source in (FINDING, LIKENESS), self.at, self.number)


@dataclass(frozen=True)
class CaseGroup:
    """Findings of one kind that wait, or all pairs that may be the same (LIKENESS): how many, since when, and the first
    of them."""

    kind: str
    count: int
    since: datetime
    first: tuple[Case, ...]


class ModerationQueue(DatabasePart):
    def queue(
        self,
        *,
        now: datetime,
        after: Place | None = None,
        limit: int = 20,
        kind: str = "",
        language: str = "",
        people: bool | None = None,
    ) -> tuple[Case, ...]:
        """What waits behind the place `after`: what people sent, then what was found, the oldest first. `kind`: a
        source, a kind of submissions or one of findings. `people`: only what somebody sent, or only what was found."""
        query = _CASES.where(_waiting(now), *_narrowed(kind, language))
        cases: list[Case] = []
        with reading(self._engine) as connection:
            for machine in (False, True):
                left = limit - len(cases)
                skipped = (after is not None and after[0] and not machine) or people is machine
                if skipped or not left or (machine and language):
                    continue
                part = query.where(case.c.from_people.is_(not machine))
                if after is not None and after[0] is machine:
                    part = part.where(tuple_(case.c.since, case.c.id) > after[1:])
                rows = connection.execute(part.order_by(case.c.since, case.c.id).limit(left)).all()
                cases += (_case(row) for row in rows)
        return tuple(cases)

    def groups(self, *, now: datetime) -> tuple[CaseGroup, ...]:
        """What was found, by kind, the kind with the oldest first."""
        together = choose((case.c.source == FINDING, case.c.kind), else_=case.c.source)
        place = func.row_number().over(partition_by=together, order_by=(case.c.since, case.c.id))
        counted = func.count().over(partition_by=together)
        numbered = (
            select(case.c.id, place.label("place"), counted.label("total"))
            .where(_waiting(now), case.c.from_people.is_(False))
            .subquery()
        )
        query = _CASES.add_columns(numbered.c.total).join(numbered, numbered.c.id == case.c.id)
        query = query.where(numbered.c.place <= NAMED).order_by(case.c.since, case.c.id)
        members: dict[str, list[tuple[Case, int]]] = {}
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            for row in rows:
                kind = row.kind if row.source == FINDING else row.source
                members.setdefault(kind, []).append((_case(row), row.total))
        return tuple(
            CaseGroup(kind, first[0][1], first[0][0].at, tuple(member for member, _ in first))
            for kind, first in members.items()
        )

    def counts(self, *, now: datetime) -> dict[str, int]:
        """How many wait: of each kind of submissions, and of each other source."""
        open_case = choose((case.c.source == SUBMISSION, case.c.kind), else_=case.c.source)
        query = select(open_case.label("name"), func.count()).where(_waiting(now)).group_by(open_case)
        with reading(self._engine) as connection:
            return {name: number for name, number in connection.execute(query.order_by(func.min(case.c.since)))}

    def languages(self, *, now: datetime) -> dict[str, int]:
        """How many submissions wait in each language."""
        query = select(submission.c.language, func.count()).join_from(
            case, submission, submission.c.id == case.c.submission_id
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.where(_waiting(now)).group_by(submission.c.language)).all()
        return {tag: number for tag, number in rows}


_other_project, _other_organization = project.alias("other_project"), organization.alias("other_organization")
_SUBJECT = case.c.subject_id
_CASES: Select[Any] = (
    select(
        *(case.c[name] for name in ("id", "source", "kind", "since", "other_id")),
        choose((case.c.source == FINDING, _SUBJECT), (case.c.kind == "project", _SUBJECT)).label("found_project"),
        choose((case.c.kind == "organization", _SUBJECT)).label("found_organization"),
        *(submission.c[name] for name in ("reference", "language", "answers", "email", "person_id")),
        submission.c.id.label("submission_id"),
        submission.c.project_id,
        submission.c.organization_id,
        project.c.name.label("project_name"),
        project.c.slug.label("project_slug"),
        organization.c.name.label("organization_name"),
        organization.c.slug.label("organization_slug"),
        func.coalesce(_other_project.c.name, _other_organization.c.name).label("other_name"),
    )
    .select_from(case)
    .outerjoin(submission, submission.c.id == case.c.submission_id)
    .outerjoin(project, project.c.id == func.coalesce(submission.c.project_id, _SUBJECT))
    .outerjoin(organization, organization.c.id == func.coalesce(submission.c.organization_id, _SUBJECT))
    .outerjoin(_other_project, _other_project.c.id == case.c.other_id)
    .outerjoin(_other_organization, _other_organization.c.id == case.c.other_id)
)


def _waiting(now: datetime) -> Any:
    """What is before moderators: open, not about a project that nobody sees or a record that was merged away, and not
    with its sender for an answer."""
    merged = select(merged_record.c.record_id).where(
        merged_record.c.record_id.in_((case.c.subject_id, case.c.other_id))
    )
    return and_(
        case.c.state == OPEN,
        or_(case.c.asked_at.is_(None), case.c.asked_at < now - UNANSWERED_AFTER),
        or_(case.c.source != FINDING, case.c.subject_id.not_in(CLOSED)),
        or_(case.c.source != LIKENESS, ~merged.exists()),
    )


def _narrowed(kind: str, language: str) -> Sequence[Any]:
    conditions = []
    if kind in SOURCES:
        conditions.append(case.c.source == kind)
    elif kind:
        conditions.append(and_(case.c.kind == kind, case.c.source.in_((SUBMISSION, FINDING))))
    if language:
        conditions.append(submission.c.language == language)
    return conditions


def _case(row: Row[Any]) -> Case:
    answers = row.answers or {}
    address = (_text(answers, "address") or "").partition("://")[2]  # of what is to be called as its files say
    return Case(
        row.id,
        row.source,
        row.since,
        row.reference or str(row.id),
        row.kind,
        row.project_name or row.organization_name or _text(answers, "name") or address or None,
        row.project_slug or row.organization_slug,
        row.language,
        row.project_id or row.found_project,
        row.organization_id or row.found_organization,
        row.submission_id,
        _chosen(answers),
        row.other_id,
        row.other_name,
        row.person_id,
        row.email,
    )


def _chosen(answers: Mapping[str, Any]) -> UUID | None:
    """The organization that somebody chose in a form, before it is published."""
    try:
        return UUID(str(answers["organization"])) if answers.get("organization") else None
    except ValueError:
        return None


def _text(answers: Mapping[str, Any], name: str) -> str | None:
    return answers[name] if isinstance(answers.get(name), str) and answers[name] else None
