"""Reported uses as rows: read from mirrors or named by those who keep a project, invited, agreed to or refused.

They leave this room only for the keepers of the project and for moderators, and by an invitation's link for the one
organization that it names.
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
from catalog.store.core.engine import insert, note, noted, reading, writing
from catalog.store.core.folded import folded
from catalog.store.people.accounts import OFTEN, add_link, digest, may_write
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.adoptions import reported
from catalog.tables.core import fact, project

PENDING, INVITED, AGREED, REFUSED = "pending", "invited", "agreed", "refused"
STATES = (PENDING, INVITED, AGREED, REFUSED)
INVITATION = "adoption-invitation"  # kind of the message
MAX_NAME = 200
COUNTED = timedelta(hours=1)
GATHERED = "reported"  # in `meta`: until when facts were looked through


@dataclass(frozen=True)
class Reported:
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


_ROWS = select(
    reported.c.id,
    reported.c.project_id,
    project.c.slug,
    project.c.name.label("project_name"),
    *(reported.c[name] for name in ("name", "source", "state", "first_seen_at", "invited_at", "answered_at")),
).join(project, project.c.id == reported.c.project_id)


class Reporting:
    def __init__(self, engine: Engine):
        self._engine = engine

    def gather(self, *, now: datetime) -> int:
        """Take over the names that mirrors showed since the last time; how many are new."""
        with writing(self._engine) as connection:
            since = noted(connection, GATHERED)
            wanted = select(fact.c.project_id, fact.c.value, fact.c.source).where(
                fact.c.field == "used_by", fact.c.origin == OBSERVED, fact.c.until.is_(None)
            )
            if since is not None:
                wanted = wanted.where(fact.c.seen_at >= datetime.fromisoformat(since))
            new = 0
            for row in connection.execute(wanted.order_by(fact.c.id)).all():
                listed = row.value if isinstance(row.value, list) else ()
                names = [one for one in listed if isinstance(one, str)]
                new += add(connection, row.project_id, names, row.source, now=now)
            note(connection, GATHERED, now.isoformat())
            return new

    def add(self, project_id: UUID, names: Iterable[str], source: Mapping[str, Any], *, now: datetime) -> int:
        """Note that these organizations are said to use a project; how many were not noted before."""
        with writing(self._engine) as connection:
            return add(connection, project_id, names, source, now=now)

    def of_project(self, project_id: UUID, limit: int = 500) -> tuple[Reported, ...]:
        """What is reported of a project, by name. Whoever asks keeps the project or decides here."""
        wanted = _ROWS.where(reported.c.project_id == project_id).order_by(reported.c.key).limit(limit)
        with reading(self._engine) as connection:
            return tuple(_reported(row) for row in connection.execute(wanted))

    def waiting(self) -> int:
        """How many wait for somebody to invite them."""
        wanted = select(func.count()).select_from(reported).where(reported.c.state == PENDING)
        with reading(self._engine) as connection:
            return int(connection.execute(wanted).scalar_one())

    def invite(self, key: int, project_id: UUID, email: str | None, language: str, *, now: datetime) -> str:
        """A new link for the organization that is named, sent where an address is given; what the link holds.

        An earlier link opens nothing any more. Raises NotFound, also for one that has answered; Invalid("email").
        """
        with writing(self._engine) as connection:
            return _invite(
                connection, (reported.c.id == key) & (reported.c.project_id == project_id), email, language, now
            )

    def invited(self, token: str) -> Reported:
        """What an invitation's link stands for. Raises NotFound."""
        with reading(self._engine) as connection:
            return _invited(connection, token)

    def refuse(self, token: str, *, now: datetime) -> None:
        """The organization does not want to be named: it is remembered, and nobody is asked again. Raises NotFound."""
        with writing(self._engine) as connection:
            row = _invited(connection, token)
            connection.execute(update(reported).where(reported.c.id == row.id).values(state=REFUSED, answered_at=now))


def add(
    connection: Connection, project_id: UUID, names: Iterable[str], source: Mapping[str, Any], *, now: datetime
) -> int:
    """`Reporting.add` in the caller's transaction."""
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
            connection.execute(update(reported).where(_of(project_id, name)).values(seen_at=now))
    return new


def state_of(connection: Connection, project_id: UUID, name: str) -> str | None:
    """In the caller's transaction: where a report stands; None where there is none."""
    found: str | None = connection.execute(select(reported.c.state).where(_of(project_id, name))).scalar()
    return found


def invite_by_name(
    connection: Connection, project_id: UUID, name: str, email: str, language: str, *, network: str, now: datetime
) -> None:
    """`Reporting.invite` in the caller's transaction, of the organization that is called so, by the network of this
    name. Raises as it does."""
    _invite(connection, _of(project_id, name), email, language, now, network)


def agreed(connection: Connection, project_id: UUID, name: str, *, now: datetime) -> None:
    """In the caller's transaction: an organization of this name said itself that it uses the project."""
    connection.execute(update(reported).where(_of(project_id, name)).values(state=AGREED, answered_at=now))


def _of(project_id: UUID, name: str) -> ColumnElement[bool]:
    return and_(reported.c.project_id == project_id, reported.c.key == folded(name))


def _invite(
    connection: Connection,
    this: ColumnElement[bool],
    email: str | None,
    language: str,
    now: datetime,
    network: str = "",
) -> str:
    row = connection.execute(_ROWS.where(this, reported.c.state.in_((PENDING, INVITED)))).first()
    if row is None:
        raise NotFound("report", "")
    if email is None:
        token = secrets.token_urlsafe(32)
    elif may_write(connection, email, now=now):
        # It opens by the report's row alone; the link's own row counts what this address got, and is forgotten soon.
        token = add_link(connection, INVITATION, email, {}, expires_at=now + COUNTED, now=now)
    else:
        raise Invalid({"email": OFTEN})
    values = {"token": digest(token), "state": INVITED, "invited_at": now}
    connection.execute(update(reported).where(reported.c.id == row.id).values(**values))
    if email is not None:
        told = {"token": token, "project": row.project_name, "organization": row.name, "network": network}
        told["by"] = "network" if network else "file" if row.source.get("file") else str(row.source.get("by") or "")
        enqueue_message(connection, INVITATION, email, language, told, now=now)
    return token


def _invited(connection: Connection, token: str) -> Reported:
    row = connection.execute(_ROWS.where(reported.c.token == digest(token), reported.c.state == INVITED)).first()
    if row is None:
        raise NotFound("link", digest(token)[:8])
    return _reported(row)


def _reported(row: Row[Any]) -> Reported:
    return Reported(**row._mapping)
