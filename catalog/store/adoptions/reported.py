"""Reported uses as rows: read from mirrors or named by maintainers of a project, then invited, confirmed or refused.

Only maintainers of the project and moderators see them, and, by an invitation's link, the one organization that it
names.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, select, update

from catalog.errors import Invalid, NotFound
from catalog.rules.fact import OBSERVED
from catalog.store.core.engine import get_meta, insert, reading, set_meta, writing
from catalog.store.core.folded import folded
from catalog.store.people.accounts import TOO_MANY_MESSAGES, add_link, digest, may_write
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.adoptions import reported
from catalog.tables.core import fact, project

PENDING, INVITED, AGREED, REFUSED = "pending", "invited", "agreed", "refused"
STATES = (PENDING, INVITED, AGREED, REFUSED)
INVITATION = "adoption-invitation"  # kind of the message
MAX_NAME = 200
LINK_COUNTED_FOR = timedelta(hours=1)
FACTS_READ_UNTIL = "reported"  # in `meta`: until when facts were looked through


@dataclass(frozen=True)
class ReportedUse:
    id: int
    project_id: UUID
    slug: str
    project_name: str
    name: str
    source: Mapping[str, Any]
    state: str
    first_seen_at: datetime
    invited_at: datetime | None
    answered_at: datetime | None


_REPORTS = select(
    reported.c.id,
    reported.c.project_id,
    project.c.slug,
    project.c.name.label("project_name"),
    *(reported.c[name] for name in ("name", "source", "state", "first_seen_at", "invited_at", "answered_at")),
).join(project, project.c.id == reported.c.project_id)


class ReportedAdoptions:
    def __init__(self, engine: Engine):
        self._engine = engine

    def gather(self, *, now: datetime) -> int:
        """Add the names that mirrors showed since the last time; how many are new."""
        with writing(self._engine) as connection:
            since = get_meta(connection, FACTS_READ_UNTIL)
            wanted = select(fact.c.project_id, fact.c.value, fact.c.source).where(
                fact.c.field == "used_by", fact.c.origin == OBSERVED, fact.c.until.is_(None)
            )
            if since is not None:
                wanted = wanted.where(fact.c.seen_at >= datetime.fromisoformat(since))
            new = 0
            for row in connection.execute(wanted.order_by(fact.c.id)).all():
                listed = row.value if isinstance(row.value, list) else ()
                names = [name for name in listed if isinstance(name, str)]
                new += add_reports(connection, row.project_id, names, row.source, now=now)
            set_meta(connection, FACTS_READ_UNTIL, now.isoformat())
            return new

    def add(self, project_id: UUID, names: Iterable[str], source: Mapping[str, Any], *, now: datetime) -> int:
        """Note that these organizations are said to use a project; how many were not noted before."""
        with writing(self._engine) as connection:
            return add_reports(connection, project_id, names, source, now=now)

    def of_project(self, project_id: UUID, limit: int = 500) -> tuple[ReportedUse, ...]:
        """What is reported of a project, by name; for its maintainers and moderators only."""
        wanted = _REPORTS.where(reported.c.project_id == project_id).order_by(reported.c.key).limit(limit)
        with reading(self._engine) as connection:
            return tuple(_report_from_row(row) for row in connection.execute(wanted))

    def waiting(self) -> int:
        """How many reports wait for an invitation."""
        wanted = select(func.count()).select_from(reported).where(reported.c.state == PENDING)
        with reading(self._engine) as connection:
            return int(connection.execute(wanted).scalar_one())

    def invite(self, key: int, project_id: UUID, email: str | None, language: str, *, now: datetime) -> str:
        """Make a new link for the named organization, sent where an address is given; the link's token.

        An earlier link opens nothing any more. Raises NotFound, also for one that has answered; Invalid("email").
        """
        with writing(self._engine) as connection:
            return _invite_organization(
                connection, (reported.c.id == key) & (reported.c.project_id == project_id), email, language, now
            )

    def invited(self, token: str) -> ReportedUse:
        """The report that an invitation's link opens. Raises NotFound."""
        with reading(self._engine) as connection:
            return _report_of_token(connection, token)

    def refuse(self, token: str, *, now: datetime) -> None:
        """Remember that the organization does not want to be named, so that nobody asks it again. Raises NotFound."""
        with writing(self._engine) as connection:
            row = _report_of_token(connection, token)
            connection.execute(update(reported).where(reported.c.id == row.id).values(state=REFUSED, answered_at=now))


def add_reports(
    connection: Connection, project_id: UUID, names: Iterable[str], source: Mapping[str, Any], *, now: datetime
) -> int:
    """`ReportedAdoptions.add` in the caller's transaction."""
    new = 0
    for name in names:
        key = folded(name)
        if not key:
            continue
        values = {
            "project_id": project_id,
            "key": key,
            "name": name[:MAX_NAME],
            "source": dict(source),
            "state": PENDING,
            "first_seen_at": now,
            "seen_at": now,
        }
        statement = insert(connection, reported).values(**values)
        taken = statement.on_conflict_do_nothing(index_elements=["project_id", "key"]).returning(reported.c.id)
        if connection.execute(taken).scalar() is not None:
            new += 1
        else:
            connection.execute(update(reported).where(_is_report(project_id, name)).values(seen_at=now))
    return new


def state_of(connection: Connection, project_id: UUID, name: str) -> str | None:
    """In the caller's transaction: the state of a report; None where there is none."""
    state: str | None = connection.execute(select(reported.c.state).where(_is_report(project_id, name))).scalar()
    return state


def invite_by_name(
    connection: Connection, project_id: UUID, name: str, email: str, language: str, *, network: str, now: datetime
) -> None:
    """In the caller's transaction: `ReportedAdoptions.invite` by name of the organization, for the network of this
    name. Raises as it does."""
    _invite_organization(connection, _is_report(project_id, name), email, language, now, network)


def set_agreed(connection: Connection, project_id: UUID, name: str, *, now: datetime) -> None:
    """In the caller's transaction: record that an organization of this name itself states that it uses the project."""
    connection.execute(update(reported).where(_is_report(project_id, name)).values(state=AGREED, answered_at=now))


def _is_report(project_id: UUID, name: str) -> ColumnElement[bool]:
    return and_(reported.c.project_id == project_id, reported.c.key == folded(name))


def _invite_organization(
    connection: Connection,
    this: ColumnElement[bool],
    email: str | None,
    language: str,
    now: datetime,
    network: str = "",
) -> str:
    row = connection.execute(_REPORTS.where(this, reported.c.state.in_((PENDING, INVITED)))).first()
    if row is None:
        raise NotFound("report", "")
    if email is None:
        token = secrets.token_urlsafe(32)
    elif may_write(connection, email, now=now):
        # The report's row alone opens the link; the link's own row counts messages to this address, and is deleted
        # soon.
        token = add_link(connection, INVITATION, email, {}, expires_at=now + LINK_COUNTED_FOR, now=now)
    else:
        raise Invalid({"email": TOO_MANY_MESSAGES})
    values = {"token": digest(token), "state": INVITED, "invited_at": now}
    connection.execute(update(reported).where(reported.c.id == row.id).values(**values))
    if email is not None:
        data = {"token": token, "project": row.project_name, "organization": row.name, "network": network}
        data["by"] = "network" if network else "file" if row.source.get("file") else str(row.source.get("by") or "")
        enqueue_message(connection, INVITATION, email, language, data, now=now)
    return token


def _report_of_token(connection: Connection, token: str) -> ReportedUse:
    row = connection.execute(_REPORTS.where(reported.c.token == digest(token), reported.c.state == INVITED)).first()
    if row is None:
        raise NotFound("link", digest(token)[:8])
    return _report_from_row(row)


def _report_from_row(row: Row[Any]) -> ReportedUse:
    return ReportedUse(**row._mapping)
