"""Reported uses as rows: read from mirrors or named by maintainers of a project, then invited, confirmed or refused.

That an organization agreed is no column: it is read from what the organization states, so that a withdrawal, a
moderator's undoing and another visibility show here at once.

Only maintainers of the project and moderators see them, and, by an invitation's link, the one organization that it
names.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, func, select, update

from catalog.errors import Invalid, NotFound
from catalog.rules.adoption import MAINTAINERS, PUBLIC
from catalog.rules.fact import DECLARED, OBSERVED
from catalog.store.core.engine import get_meta, insert, reading, set_meta, writing
from catalog.store.core.folded import folded
from catalog.store.core.visibility import VISIBLE_OR_UNNAMED
from catalog.store.people.accounts import TOO_MANY_MESSAGES, add_link, digest, may_write
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.adoptions import adoption, reported_adoption
from catalog.tables.core import fact, organization, project

PENDING, INVITED, AGREED, REFUSED = "pending", "invited", "agreed", "refused"
STATES = (PENDING, INVITED, REFUSED)  # that a row holds
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


# An organization of this name states the use, to readers among whom the project's maintainers are: of any other, they
# must not learn.
_AGREED = (
    select(adoption.c.id)
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(
        adoption.c.project_id == reported_adoption.c.project_id,
        organization.c.folded == reported_adoption.c.key,
        adoption.c.origin == DECLARED,
        adoption.c.stands,
        adoption.c.visibility.in_((PUBLIC, MAINTAINERS)),
        VISIBLE_OR_UNNAMED,
    )
    .exists()
)
_STATE = case((_AGREED, AGREED), else_=reported_adoption.c.state).label("state")

_REPORTS = select(
    reported_adoption.c.id,
    reported_adoption.c.project_id,
    project.c.slug,
    project.c.name.label("project_name"),
    _STATE,
    *(reported_adoption.c[name] for name in ("name", "source", "first_seen_at", "invited_at", "answered_at")),
).join(project, project.c.id == reported_adoption.c.project_id)


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
        wanted = (
            _REPORTS.where(reported_adoption.c.project_id == project_id).order_by(reported_adoption.c.key).limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(_report_from_row(row) for row in connection.execute(wanted))

    def waiting(self) -> int:
        """How many reports wait for an invitation."""
        wanted = select(func.count()).select_from(reported_adoption).where(_STATE == PENDING)
        with reading(self._engine) as connection:
            return int(connection.execute(wanted).scalar_one())

    def invite(self, key: int, project_id: UUID, email: str | None, language: str, *, now: datetime) -> str:
        """Make a new link for the named organization, sent where an address is given; the link's token.

        An earlier link opens nothing any more. Raises NotFound, also for one that has answered; Invalid("email").
        """
        this = and_(reported_adoption.c.id == key, reported_adoption.c.project_id == project_id, ~_AGREED)
        with writing(self._engine) as connection:
            return _invite_organization(connection, this, email, language, now)

    def invited(self, token: str) -> ReportedUse:
        """The report that an invitation's link opens. Raises NotFound."""
        with reading(self._engine) as connection:
            return _report_of_token(connection, token)

    def refuse(self, token: str, *, now: datetime) -> None:
        """Remember that the organization does not want to be named, so that nobody asks it again. Raises NotFound."""
        with writing(self._engine) as connection:
            row = _report_of_token(connection, token)
            connection.execute(
                update(reported_adoption).where(reported_adoption.c.id == row.id).values(state=REFUSED, answered_at=now)
            )


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
        statement = insert(connection, reported_adoption).values(**values)
        taken = statement.on_conflict_do_nothing(index_elements=["project_id", "key"]).returning(reported_adoption.c.id)
        if connection.execute(taken).scalar() is not None:
            new += 1
        else:
            connection.execute(update(reported_adoption).where(_is_report(project_id, name)).values(seen_at=now))
    return new


def was_refused(connection: Connection, project_id: UUID, name: str) -> bool:
    """In the caller's transaction: whether an organization of this name does not want to be named for this project."""
    wanted = select(reported_adoption.c.id).where(_is_report(project_id, name), reported_adoption.c.state == REFUSED)
    return connection.execute(wanted).first() is not None


def invite_by_name(
    connection: Connection,
    project_id: UUID,
    name: str,
    email: str,
    language: str,
    *,
    network: str,
    send: bool,
    now: datetime,
) -> None:
    """In the caller's transaction: `ReportedAdoptions.invite` by name of the organization, for the network of this
    name. Without `send` all is done but the message. Raises as it does."""
    _invite_organization(connection, _is_report(project_id, name), email, language, now, network, send)


def _is_report(project_id: UUID, name: str) -> ColumnElement[bool]:
    return and_(reported_adoption.c.project_id == project_id, reported_adoption.c.key == folded(name))


def _invite_organization(
    connection: Connection,
    this: ColumnElement[bool],
    email: str | None,
    language: str,
    now: datetime,
    network: str = "",
    send: bool = True,
) -> str:
    row = connection.execute(_REPORTS.where(this, reported_adoption.c.state.in_((PENDING, INVITED)))).first()
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
    connection.execute(update(reported_adoption).where(reported_adoption.c.id == row.id).values(**values))
    if email is not None and send:
        data = {"token": token, "project": row.project_name, "organization": row.name, "network": network}
        data["by"] = "network" if network else "file" if row.source.get("file") else str(row.source.get("by") or "")
        enqueue_message(connection, INVITATION, email, language, data, now=now)
    return token


def _report_of_token(connection: Connection, token: str) -> ReportedUse:
    row = connection.execute(_REPORTS.where(reported_adoption.c.token == digest(token), _STATE == INVITED)).first()
    if row is None:
        raise NotFound("link", digest(token)[:8])
    return _report_from_row(row)


def _report_from_row(row: Row[Any]) -> ReportedUse:
    return ReportedUse(**row._mapping)
