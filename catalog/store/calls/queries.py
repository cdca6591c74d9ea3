"""Calls as pages read them. Calls of projects that are not listed and hidden organizations are left out; nothing here
tells who sent a call.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from catalog.errors import NotFound
from catalog.rules.call import (
    ALL_OPEN_CALLS,
    NEED,
    OPEN,
    STATES,
    WITHDRAWN,
    Call,
    CallFilter,
    contains_words,
)
from catalog.store.calls.read_models import CallLine, CallPage, CallsPage
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.folded import folded
from catalog.store.core.read_models import NamedProject, OrganizationCard
from catalog.store.core.visibility import CARD_COLUMNS, CLOSED
from catalog.tables.calls import call
from catalog.tables.core import organization, project

MOST_COMPARED = 2_000  # open calls that a text is compared with
MOST_WITH_WORD = 100  # calls with the letters of a word, among which those with the word itself are chosen
_CALL_COLUMNS = tuple(call.c[name] for name in Call.__dataclass_fields__)
SHOWN_CALLS = and_(
    or_(call.c.project_id.is_(None), call.c.project_id.not_in(CLOSED)),
    call.c.state != WITHDRAWN,
)


class Calls(DatabasePart):
    def find(self, call_filter: CallFilter = ALL_OPEN_CALLS, *, page: int = 1, per_page: int = 20) -> CallsPage:
        """Open calls, the newest first; or those that are over."""
        state = (
            call.c.state.in_(tuple(name for name in STATES if name != OPEN))
            if call_filter.ended
            else call.c.state == OPEN
        )
        base = [SHOWN_CALLS, state]
        if call_filter.project_slug:
            same = select(project.c.id).where(project.c.slug == call_filter.project_slug)
            base.append(call.c.project_id == same.scalar_subquery())
        chosen = {
            "kind": call.c.kind == call_filter.kind if call_filter.kind else None,
            "language": call.c.language == call_filter.language if call_filter.language else None,
            "country": call.c.country == call_filter.country if call_filter.country else None,
        }
        every = [*base, *(condition for condition in chosen.values() if condition is not None)]
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(call).where(*every)).scalar_one()
            order = call.c.ended_at.desc() if call_filter.ended else call.c.opened_at.desc()
            rows = connection.execute(
                select(*_CALL_COLUMNS)
                .where(*every)
                .order_by(order, call.c.reference)
                .limit(per_page)
                .offset((page - 1) * per_page)
            ).all()
            facets = {}
            for name in chosen:
                conditions = [
                    *base,
                    *(
                        condition
                        for other_name, condition in chosen.items()
                        if other_name != name and condition is not None
                    ),
                ]
                column = call.c[name]
                counted = select(column, func.count()).where(*conditions, column.is_not(None)).group_by(column)
                facets[name] = {value: number for value, number in connection.execute(counted)}
            return CallsPage(total, _lines_of_calls(connection, [Call(*row) for row in rows]), facets)

    def page(self, reference: str) -> CallPage:
        """A call with everything that its page shows. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(*_CALL_COLUMNS).where(call.c.reference == reference, SHOWN_CALLS)).first()
            if row is None:
                raise NotFound("call", reference)
            call_ = Call(*row)
            (line,) = _lines_of_calls(connection, [call_])
            answer = dict(call_.record.get("answer") or {})
            answer_row = None
            if answer.get("project"):
                answer_row = connection.execute(
                    select(project.c.slug, project.c.name).where(
                        project.c.id == UUID(answer["project"]), project.c.id.not_in(CLOSED)
                    )
                ).first()
            return CallPage(
                line=line,
                answer=answer,
                answer_project=NamedProject(answer_row.slug, answer_row.name) if answer_row else None,
            )

    def alike(self, kind: str) -> tuple[tuple[UUID, str], ...]:
        """The newest open calls of this kind, for `catalog.rules.call.calls_alike`."""
        with reading(self._engine) as connection:
            return texts_of_open_calls(connection, kind)

    def holding(self, sought: Sequence[Collection[str]], limit: int = 3) -> tuple[CallLine, ...]:
        """Open needs that hold each word that is sought, given by its forms for `catalog.rules.call.contains_words`;
        the newest first. Of a long text only the beginning is compared.
        """
        if not sought or not all(sought):
            return ()
        has = (or_(*(call.c.folded.contains(form, autoescape=True) for form in forms)) for forms in sought)
        query = select(*_CALL_COLUMNS, call.c.folded).where(
            SHOWN_CALLS, call.c.state == OPEN, call.c.kind == NEED, *has
        )
        newest = query.order_by(call.c.opened_at.desc(), call.c.reference)
        with reading(self._engine) as connection:
            rows = connection.execute(newest.limit(MOST_WITH_WORD)).all()
            calls = [Call(*columns) for *columns, folded in rows if contains_words(folded, sought)]
            return _lines_of_calls(connection, calls[:limit])

    def lines(self, ids: Sequence[UUID]) -> tuple[CallLine, ...]:
        """The calls of these ids, in this order; those that are gone are left out."""
        with reading(self._engine) as connection:
            return call_lines_by_id(connection, ids)

    def of_project(self, project_id: UUID, limit: int = 5) -> tuple[CallLine, ...]:
        """Open calls of a project, a call for a successor first."""
        return self._open(call.c.project_id == project_id, limit)

    def of_organization(self, organization_id: UUID, limit: int = 5) -> tuple[CallLine, ...]:
        """Open calls of an organization."""
        return self._open(call.c.organization_id == organization_id, limit)

    def awaiting(self, limit: int) -> tuple[CallLine, ...]:
        """Open calls that anybody may help with: calls for a successor first, then the newest."""
        return self._open(SHOWN_CALLS, limit)

    def mine(self, person_id: UUID, limit: int = 100) -> tuple[Call, ...]:
        """The calls that a person sent, the newest first."""
        query = (
            select(*_CALL_COLUMNS).where(call.c.person_id == person_id).order_by(call.c.opened_at.desc()).limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(Call(*row) for row in connection.execute(query))

    def sender(self, call_id: UUID) -> UUID | None:
        """The id of the sender of a call, for the actions and pages that only the sender has."""
        with reading(self._engine) as connection:
            sender_id: UUID | None = connection.execute(select(call.c.person_id).where(call.c.id == call_id)).scalar()
        return sender_id

    def project_slug(self, project_id: UUID) -> str | None:
        """The slug of a project that may be shown; None of any other."""
        query = select(project.c.slug).where(project.c.id == project_id, project.c.id.not_in(CLOSED))
        with reading(self._engine) as connection:
            slug: str | None = connection.execute(query).scalar()
        return slug

    def organization_of(self, slug: str) -> OrganizationCard:
        """An organization that may be named. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(*CARD_COLUMNS).where(organization.c.slug == slug, organization.c.hidden.is_(None))
            ).first()
        if row is None:
            raise NotFound("organization", slug)
        return OrganizationCard(*row)

    def organizations(self, keys: Sequence[UUID]) -> tuple[OrganizationCard, ...]:
        """The organizations of these ids, by name; hidden ones are left out."""
        if not keys:
            return ()
        query = select(*CARD_COLUMNS).where(organization.c.id.in_(keys), organization.c.hidden.is_(None))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(organization.c.folded)).all()
        return tuple(OrganizationCard(*row) for row in rows)

    def _open(self, condition: ColumnElement[bool], limit: int) -> tuple[CallLine, ...]:
        query = select(*_CALL_COLUMNS).where(condition, SHOWN_CALLS, call.c.state == OPEN)
        first = (call.c.kind != "successor", call.c.opened_at.desc(), call.c.reference)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(*first).limit(limit)).all()
            return _lines_of_calls(connection, [Call(*row) for row in rows])


def has_open_calls(connection: Connection) -> bool:
    """In the caller's transaction: whether `Calls.find` finds any call that is open."""
    query = select(call.c.id).where(SHOWN_CALLS, call.c.state == OPEN)
    return connection.execute(query.limit(1)).first() is not None


def call_by_reference(connection: Connection, reference: str, *, hold: bool = False) -> Call:
    """In the caller's transaction: a call, also a withdrawn one. Raises NotFound."""
    query: Select[Any] = select(*_CALL_COLUMNS).where(call.c.reference == reference)
    row = connection.execute(query.with_for_update() if hold else query).first()
    if row is None:
        raise NotFound("call", reference)
    return Call(*row)


def call_by_id(connection: Connection, key: UUID) -> Call | None:
    """In the caller's transaction: the call of this id, also a withdrawn one."""
    row = connection.execute(select(*_CALL_COLUMNS).where(call.c.id == key)).first()
    return Call(*row) if row else None


def texts_of_open_calls(connection: Connection, kind: str) -> tuple[tuple[UUID, str], ...]:
    """In the caller's transaction: see `Calls.alike`."""
    query = select(call.c.id, call.c.folded).where(SHOWN_CALLS, call.c.state == OPEN, call.c.kind == kind)
    rows = connection.execute(query.order_by(call.c.opened_at.desc()).limit(MOST_COMPARED)).all()
    return tuple((row.id, row.folded) for row in rows)


def call_lines_by_id(connection: Connection, ids: Sequence[UUID]) -> tuple[CallLine, ...]:
    """In the caller's transaction: see `Calls.lines`."""
    if not ids:
        return ()
    rows = connection.execute(select(*_CALL_COLUMNS).where(call.c.id.in_(ids), SHOWN_CALLS)).all()
    by_id = {line.call.id: line for line in _lines_of_calls(connection, [Call(*row) for row in rows])}
    return tuple(by_id[key] for key in ids if key in by_id)


def comparable_text(record: Mapping[str, Any]) -> str:
    """All words of a call, folded, as stored to find calls that are alike."""
    texts = (record.get(name) for name in ("text", "today", "words", "who"))
    return " ".join(folded(text) for text in texts if isinstance(text, str))


def _lines_of_calls(connection: Connection, calls: Sequence[Call]) -> tuple[CallLine, ...]:
    if not calls:
        return ()
    projects = _rows_by_id(connection, project, [call_.project_id for call_ in calls if call_.project_id])
    owners = [call_.organization_id for call_ in calls if call_.organization_id]
    organizations: dict[UUID, OrganizationCard] = {}
    if owners:
        rows = connection.execute(
            select(*CARD_COLUMNS).where(organization.c.id.in_(owners), organization.c.hidden.is_(None))
        )
        organizations = {row.id: OrganizationCard(*row) for row in rows}
    call_lines = []
    for call_ in calls:
        about = projects.get(call_.project_id) if call_.project_id else None
        call_lines.append(
            CallLine(
                call_,
                about.slug if about else None,
                about.name if about else None,
                organizations.get(call_.organization_id) if call_.organization_id else None,
            )
        )
    return tuple(call_lines)


def _rows_by_id(connection: Connection, table: Any, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    if not ids:
        return {}
    rows = connection.execute(select(table.c.id, table.c.slug, table.c.name).where(table.c.id.in_(ids)))
    return {row.id: row for row in rows}
