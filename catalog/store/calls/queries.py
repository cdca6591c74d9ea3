"""Calls and who says "us too", as pages read them. Calls of projects that are not listed and
hidden organizations are left out.

Of whoever sent one nothing is given. Organizations that asked for it are named; the others are told as a step.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, or_, select

from catalog.errors import NotFound
from catalog.rules.call import (
    EVERY_OPEN,
    NEED,
    OPEN,
    STATES,
    WITHDRAWN,
    Call,
    Wanted,
    holds,
    told,
)
from catalog.store.calls.read_models import CallPage, Found, Line, Statement
from catalog.store.core.engine import reading
from catalog.store.core.folded import folded
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import CARD, CLOSED, KNOWN
from catalog.tables.calls import call, support
from catalog.tables.core import organization, project

MOST_COMPARED = 2_000  # open calls that a text is held against
MOST_HOLDING = 100  # that have the letters of a word, of which those are taken that have the word
_CALL = tuple(call.c[name] for name in Call.__dataclass_fields__)
_ROOT = func.coalesce(call.c.joined_to, call.c.id)
SHOWN = and_(
    or_(call.c.project_id.is_(None), call.c.project_id.not_in(CLOSED)),
    call.c.state != WITHDRAWN,
)


class Calls:
    def __init__(self, engine: Engine):
        self._engine = engine

    def find(self, wanted: Wanted = EVERY_OPEN, *, page: int = 1, per_page: int = 20) -> Found:
        """Open calls, the newest first; or those that are over. Joined ones are told with the one they joined."""
        state = call.c.state.in_(tuple(one for one in STATES if one != OPEN)) if wanted.ended else call.c.state == OPEN
        base = [SHOWN, state, call.c.joined_to.is_(None)]
        if wanted.project_slug:
            same = select(project.c.id).where(project.c.slug == wanted.project_slug)
            base.append(call.c.project_id == same.scalar_subquery())
        chosen = {
            "kind": call.c.kind == wanted.kind if wanted.kind else None,
            "language": call.c.language == wanted.language if wanted.language else None,
            "country": call.c.country == wanted.country if wanted.country else None,
        }
        every = [*base, *(one for one in chosen.values() if one is not None)]
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(call).where(*every)).scalar_one()
            order = call.c.ended_at.desc() if wanted.ended else call.c.opened_at.desc()
            rows = connection.execute(
                select(*_CALL)
                .where(*every)
                .order_by(order, call.c.reference)
                .limit(per_page)
                .offset((page - 1) * per_page)
            ).all()
            facets = {}
            for name in chosen:
                others = [*base, *(one for other, one in chosen.items() if other != name and one is not None)]
                column = call.c[name]
                counted = select(column, func.count()).where(*others, column.is_not(None)).group_by(column)
                facets[name] = {value: number for value, number in connection.execute(counted)}
            return Found(total, _lines(connection, [Call(*row) for row in rows]), facets)

    def page(self, reference: str) -> CallPage:
        """A call with all that its page shows. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(*_CALL).where(call.c.reference == reference, SHOWN)).first()
            if row is None:
                raise NotFound("call", reference)
            one = Call(*row)
            (line,) = _lines(connection, [one])
            together = connection.execute(
                select(*_CALL).where(call.c.joined_to == one.id, SHOWN).order_by(call.c.opened_at)
            ).all()
            above = connection.execute(select(*_CALL).where(call.c.id == one.joined_to, SHOWN)).first()
            statements = _statements(connection, one.id)
            answer = dict(one.record.get("answer") or {})
            found = None
            if answer.get("project"):
                found = connection.execute(
                    select(project.c.slug, project.c.name).where(
                        project.c.id == UUID(answer["project"]), project.c.id.not_in(CLOSED)
                    )
                ).first()
            return CallPage(
                line=line,
                statements=statements,
                kinds=_counted(statement.organization.kind for statement in statements),
                countries=_counted(statement.organization.country for statement in statements),
                joined=_lines(connection, [Call(*each) for each in together]),
                into=_lines(connection, [Call(*above)])[0] if above else None,
                answer=answer,
                answer_project=(found.slug, found.name) if found else None,
            )

    def alike(self, kind: str) -> tuple[tuple[UUID, str], ...]:
        """Open calls of this kind as `catalog.rules.call.alike` takes them, the newest ones."""
        with reading(self._engine) as connection:
            return texts(connection, kind)

    def holding(self, sought: Sequence[Collection[str]], limit: int = 3) -> tuple[Line, ...]:
        """Open needs that hold each word that is sought, told by its forms as `catalog.rules.call.holds` takes them;
        the newest first. Of a long text its beginning is looked at.
        """
        if not sought or not all(sought):
            return ()
        has = (or_(*(call.c.folded.contains(form, autoescape=True) for form in forms)) for forms in sought)
        wanted = select(*_CALL, call.c.folded).where(SHOWN, call.c.state == OPEN, call.c.kind == NEED, *has)
        newest = wanted.where(call.c.joined_to.is_(None)).order_by(call.c.opened_at.desc(), call.c.reference)
        with reading(self._engine) as connection:
            rows = connection.execute(newest.limit(MOST_HOLDING)).all()
            found = [Call(*one) for *one, folded in rows if holds(folded, sought)]
            return _lines(connection, found[:limit])

    def lines(self, ids: Sequence[UUID]) -> tuple[Line, ...]:
        """The calls of these identities, in this order; those that are gone are left out."""
        with reading(self._engine) as connection:
            return lines(connection, ids)

    def of_project(self, project_id: UUID, limit: int = 5) -> tuple[Line, ...]:
        """What a project asks for now, a successor first."""
        return self._open(call.c.project_id == project_id, limit)

    def of_organization(self, organization_id: UUID, limit: int = 5) -> tuple[Line, ...]:
        """What an organization asks for now."""
        return self._open(call.c.organization_id == organization_id, limit)

    def awaiting(self, limit: int) -> tuple[Line, ...]:
        """What anybody may help with now: who looks for a successor first, then the newest."""
        return self._open(SHOWN, limit)

    def mine(self, person_id: UUID, limit: int = 100) -> tuple[Call, ...]:
        """What somebody asked for, the newest first."""
        wanted = select(*_CALL).where(call.c.person_id == person_id).order_by(call.c.opened_at.desc()).limit(limit)
        with reading(self._engine) as connection:
            return tuple(Call(*row) for row in connection.execute(wanted))

    def sender(self, call_id: UUID) -> UUID | None:
        """Who sent it, for the verbs and pages that are theirs."""
        with reading(self._engine) as connection:
            found: UUID | None = connection.execute(select(call.c.person_id).where(call.c.id == call_id)).scalar()
        return found

    def project_slug(self, project_id: UUID) -> str | None:
        """The slug of a project that may be shown."""
        wanted = select(project.c.slug).where(project.c.id == project_id, project.c.id.not_in(CLOSED))
        with reading(self._engine) as connection:
            found: str | None = connection.execute(wanted).scalar()
        return found

    def organization_of(self, slug: str) -> OrganizationCard:
        """An organization that may be named. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(*CARD).where(organization.c.slug == slug, organization.c.hidden.is_(None))
            ).first()
        if row is None:
            raise NotFound("organization", slug)
        return OrganizationCard(*row)

    def organizations(self, keys: Sequence[UUID]) -> tuple[OrganizationCard, ...]:
        """The organizations of these identities by name; hidden ones are left out."""
        if not keys:
            return ()
        wanted = select(*CARD).where(organization.c.id.in_(keys), organization.c.hidden.is_(None))
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(organization.c.folded)).all()
        return tuple(OrganizationCard(*row) for row in rows)

    def _open(self, condition: ColumnElement[bool], limit: int) -> tuple[Line, ...]:
        wanted = select(*_CALL).where(condition, SHOWN, call.c.state == OPEN, call.c.joined_to.is_(None))
        first = (call.c.kind != "successor", call.c.opened_at.desc(), call.c.reference)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(*first).limit(limit)).all()
            return _lines(connection, [Call(*row) for row in rows])


def one(connection: Connection, reference: str, *, hold: bool = False) -> Call:
    """In the caller's transaction: a call, also a withdrawn one. Raises NotFound."""
    wanted: Select[Any] = select(*_CALL).where(call.c.reference == reference)
    row = connection.execute(wanted.with_for_update() if hold else wanted).first()
    if row is None:
        raise NotFound("call", reference)
    return Call(*row)


def by_id(connection: Connection, key: UUID) -> Call | None:
    """In the caller's transaction: the call of this identity, also a withdrawn one."""
    row = connection.execute(select(*_CALL).where(call.c.id == key)).first()
    return Call(*row) if row else None


def texts(connection: Connection, kind: str) -> tuple[tuple[UUID, str], ...]:
    """In the caller's transaction: what `Calls.alike` gives."""
    wanted = select(call.c.id, call.c.folded).where(
        SHOWN, call.c.state == OPEN, call.c.kind == kind, call.c.joined_to.is_(None)
    )
    rows = connection.execute(wanted.order_by(call.c.opened_at.desc()).limit(MOST_COMPARED)).all()
    return tuple((row.id, row.folded) for row in rows)


def lines(connection: Connection, ids: Sequence[UUID]) -> tuple[Line, ...]:
    """In the caller's transaction: what `Calls.lines` gives."""
    if not ids:
        return ()
    rows = connection.execute(select(*_CALL).where(call.c.id.in_(ids), SHOWN)).all()
    found = {line.call.id: line for line in _lines(connection, [Call(*row) for row in rows])}
    return tuple(found[key] for key in ids if key in found)


def comparable(record: Mapping[str, Any]) -> str:
    """What is kept of a call to find those alike: all its words, folded."""
    said = (record.get(name) for name in ("text", "today", "words", "who"))
    return " ".join(folded(text) for text in said if isinstance(text, str))


def _lines(connection: Connection, calls: Sequence[Call]) -> tuple[Line, ...]:
    if not calls:
        return ()
    projects = _named(connection, project, [one.project_id for one in calls if one.project_id])
    owners = [one.organization_id for one in calls if one.organization_id]
    organizations: dict[UUID, OrganizationCard] = {}
    if owners:
        rows = connection.execute(select(*CARD).where(organization.c.id.in_(owners), organization.c.hidden.is_(None)))
        organizations = {row.id: OrganizationCard(*row) for row in rows}
    counts = _supporters(connection, [one.id for one in calls])
    found = []
    for one in calls:
        about = projects.get(one.project_id) if one.project_id else None
        named, unnamed = counts.get(one.id, (0, 0))
        line = Line(one, organization=organizations.get(one.organization_id) if one.organization_id else None)
        found.append(
            replace(
                line,
                project_slug=about.slug if about else None,
                project_name=about.name if about else None,
                named=named,
                unnamed=told(unnamed),
            )
        )
    return tuple(found)


def _named(connection: Connection, table: Any, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    if not ids:
        return {}
    rows = connection.execute(select(table.c.id, table.c.slug, table.c.name).where(table.c.id.in_(ids)))
    return {row.id: row for row in rows}


def _supporters(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many organizations are named and how many are not, by call; each counts once, also over joined calls."""
    rows = connection.execute(
        select(_ROOT.label("root"), support.c.organization_id, support.c.named)
        .join(call, call.c.id == support.c.call_id)
        .join(organization, organization.c.id == support.c.organization_id)
        .where(or_(call.c.id.in_(ids), call.c.joined_to.in_(ids)), KNOWN)
    ).all()
    own = connection.execute(
        select(_ROOT.label("root"), call.c.organization_id)
        .join(organization, organization.c.id == call.c.organization_id)
        .where(or_(call.c.id.in_(ids), call.c.joined_to.in_(ids)), organization.c.hidden.is_(None))
    ).all()
    named: dict[UUID, set[UUID]] = {}
    others: dict[UUID, set[UUID]] = {}
    for said in rows:
        (named if said.named else others).setdefault(said.root, set()).add(said.organization_id)
    for asked in own:
        named.setdefault(asked.root, set()).add(asked.organization_id)
    found = {}
    for root in {*named, *others}:
        open_ones = named.get(root, set())
        found[root] = (len(open_ones), len(others.get(root, set()) - open_ones))
    return found


def statements(call_id: UUID) -> Select[Any]:
    """The named statements of support, of a call and of those that joined it."""
    return (
        select(*CARD, support.c.at, support.c.language, support.c.variation)
        .join(call, call.c.id == support.c.call_id)
        .join(organization, organization.c.id == support.c.organization_id)
        .where(or_(call.c.id == call_id, call.c.joined_to == call_id), support.c.named, organization.c.hidden.is_(None))
    )


def statement_of(row: Any) -> Statement:
    return Statement(OrganizationCard(*row[:5]), row.at, row.language, row.variation)


def shown(connection: Connection, reference: str) -> UUID:
    """In the caller's transaction: the identity of a call that everybody may see. Raises NotFound."""
    found: UUID | None = connection.execute(select(call.c.id).where(call.c.reference == reference, SHOWN)).scalar()
    if found is None:
        raise NotFound("call", reference)
    return found


def _statements(connection: Connection, call_id: UUID) -> tuple[Statement, ...]:
    wanted = statements(call_id).order_by(support.c.at, organization.c.folded)
    return tuple(map(statement_of, connection.execute(wanted)))


def _counted(values: Iterable[str | None]) -> tuple[tuple[str, int], ...]:
    numbers: dict[str, int] = {}
    for value in values:
        if value:
            numbers[value] = numbers.get(value, 0) + 1
    return tuple(sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0])))
