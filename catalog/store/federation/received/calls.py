"""Calls that people made in other catalogues, as pages show them beside our own. They are in none of our counts:
supporting, answering, renewing and ending one happens in its own catalogue.

A call of a project that is not listed here is left out, and a hidden organization is not named. A call is over after
its last day, also where its own catalogue keeps it open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, literal_column, not_, or_, select

from catalog.errors import NotFound
from catalog.rules.call import ALL_OPEN_CALLS, ENDED, OPEN, CallFilter, title_of
from catalog.store.core.engine import reading
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import CLOSED, VISIBLE
from catalog.store.federation.received.record_links import COLUMNS, HomeCatalogues, card_of
from catalog.store.federation.received.records import SHOWN, OtherCatalogue
from catalog.tables.core import organization, project
from catalog.tables.federation import received_record

_STATED = {
    name: received_record.c.stated[name].as_string()
    for name in ("kind", "state", "language", "country", "opened_at", "ends_at")
}
# The kind stands in the statement itself, so that `ix_received_record_call` answers it.
_TOLD = and_(
    received_record.c.kind == literal_column("'call'"),
    received_record.c.state == SHOWN,
    received_record.c.stated.is_not(None),
    or_(received_record.c.project_id.is_(None), received_record.c.project_id.not_in(CLOSED)),
)
_CALLS: Select[Any] = (
    select(*COLUMNS, project.c.slug.label("project_slug"), project.c.name.label("project_name"))
    .select_from(received_record)
    .outerjoin(project, project.c.id == received_record.c.project_id)
    .outerjoin(organization, and_(organization.c.id == received_record.c.organization_id, VISIBLE))
    .where(_TOLD)
)
MOST_OPEN = 100  # of one record
_NEWEST = (_STATED["opened_at"].desc(), received_record.c.record_id)
_SUCCESSOR_FIRST = (_STATED["kind"] != "successor", *_NEWEST)


@dataclass(frozen=True)
class ReceivedCall:
    """`record`: text, today, who and effort (language -> text), group, tag, handed, looked_for. `language`: the one
    that it was written in."""

    key: UUID
    catalogue: OtherCatalogue
    kind: str
    state: str
    language: str | None
    country: str | None
    record: Mapping[str, Any]
    opened_at: date
    ends_at: date
    ended_at: date | None
    project: tuple[str, str] | None  # slug and name
    organization: OrganizationCard | None

    @property
    def title(self) -> Mapping[str, str]:
        """The first sentence of its text by language; empty where none of it came that is shown here."""
        return {tag: title_of(text) for tag, text in self.record.get("text", {}).items()}


@dataclass(frozen=True)
class ReceivedCallsPage:
    """One page of them, and how many there are of each kind, language and country."""

    total: int
    lines: tuple[ReceivedCall, ...]
    facets: Mapping[str, Mapping[str, int]]


class ReceivedCalls:
    def __init__(self, engine: Engine):
        self._engine = engine

    def find(
        self, wanted: CallFilter = ALL_OPEN_CALLS, *, page: int = 1, per_page: int = 20, now: datetime
    ) -> ReceivedCallsPage:
        """Open ones, the newest first; or those that are over."""
        base = [_TOLD, not_(_open(now)) if wanted.ended else _open(now)]
        if wanted.project_slug:
            same = select(project.c.id).where(project.c.slug == wanted.project_slug)
            base.append(received_record.c.project_id == same.scalar_subquery())
        asked = {"kind": wanted.kind, "language": wanted.language, "country": wanted.country}
        chosen = {name: _STATED[name] == value if value else None for name, value in asked.items()}
        every = [*base, *(condition for condition in chosen.values() if condition is not None)]
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(received_record).where(*every)).scalar_one()
            if not total and not any(asked.values()):
                return ReceivedCallsPage(0, (), {name: {} for name in asked})
            rows = connection.execute(
                _CALLS.where(*every).order_by(*_NEWEST).limit(per_page).offset((page - 1) * per_page)
            ).all()
            facets = {}
            for name in asked:
                others = [
                    *base,
                    *(condition for other, condition in chosen.items() if other != name and condition is not None),
                ]
                each = select(_STATED[name].label("value")).select_from(received_record).where(*others).subquery()
                counted = select(each.c.value, func.count()).where(each.c.value.is_not(None)).group_by(each.c.value)
                facets[name] = {value: number for value, number in connection.execute(counted)}
            return ReceivedCallsPage(total, _lines(connection, rows, now), facets)

    def get(self, key: UUID, *, now: datetime) -> ReceivedCall:
        """Raises NotFound. Of two catalogues that give one identity to a call, the one that was read first."""
        wanted = _CALLS.where(received_record.c.record_id == key).order_by(received_record.c.id).limit(1)
        with reading(self._engine) as connection:
            found = _lines(connection, connection.execute(wanted).all(), now)
        if not found:
            raise NotFound("call", str(key))
        return found[0]

    def of_project(self, project_id: UUID, limit: int = 5, *, now: datetime) -> tuple[ReceivedCall, ...]:
        """Open calls of other catalogues for a project, for a successor first."""
        return self._open(received_record.c.project_id == project_id, limit, now)

    def of_organization(self, organization_id: UUID, limit: int = 5, *, now: datetime) -> tuple[ReceivedCall, ...]:
        """Open calls of other catalogues of an organization that may be named."""
        return self._open(
            and_(received_record.c.organization_id == organization_id, organization.c.id == organization_id), limit, now
        )

    def ever_of_project(self, project_id: UUID) -> tuple[ReceivedCall, ...]:
        """As `of_project`, also those whose last day has passed: for `open_calls`."""
        return self._ever(received_record.c.project_id == project_id)

    def ever_of_organization(self, organization_id: UUID) -> tuple[ReceivedCall, ...]:
        """As `of_organization`, likewise."""
        return self._ever(
            and_(received_record.c.organization_id == organization_id, organization.c.id == organization_id)
        )

    def _ever(self, condition: ColumnElement[bool]) -> tuple[ReceivedCall, ...]:
        wanted = _CALLS.where(condition, _STATED["state"] == OPEN).order_by(*_SUCCESSOR_FIRST).limit(MOST_OPEN)
        with reading(self._engine) as connection:
            homes = HomeCatalogues(connection)
            return tuple(_line(row, homes, date.min) for row in connection.execute(wanted))

    def _open(self, condition: ColumnElement[bool], limit: int, now: datetime) -> tuple[ReceivedCall, ...]:
        wanted = _CALLS.where(condition, _open(now)).order_by(*_SUCCESSOR_FIRST).limit(limit)
        with reading(self._engine) as connection:
            return _lines(connection, connection.execute(wanted).all(), now)


def open_calls(every: Sequence[ReceivedCall], now: datetime, limit: int = 5) -> tuple[ReceivedCall, ...]:
    """The first of the calls that were open when they were read and whose last day has not passed."""
    return tuple(islice((told for told in every if told.ends_at >= now.date()), limit))


def _open(now: datetime) -> ColumnElement[bool]:
    return and_(_STATED["state"] == OPEN, _STATED["ends_at"] >= now.date().isoformat())


def _lines(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> tuple[ReceivedCall, ...]:
    homes = HomeCatalogues(connection)
    return tuple(_line(row, homes, now.date()) for row in rows)


def _line(row: Row[Any], homes: HomeCatalogues, today: date) -> ReceivedCall:
    said = row.stated
    ends, ended = date.fromisoformat(said["ends_at"]), said.get("ended_at")
    return ReceivedCall(
        key=row.record_id,
        catalogue=homes.catalogue_of(row),
        kind=said["kind"],
        state=ENDED if said["state"] == OPEN and ends < today else said["state"],
        language=said.get("language"),
        country=said.get("country"),
        record=said,
        opened_at=date.fromisoformat(said["opened_at"]),
        ends_at=ends,
        ended_at=date.fromisoformat(ended) if ended else None,
        project=(row.project_slug, row.project_name) if row.project_slug else None,
        organization=card_of(row) if row.organization_id else None,
    )
