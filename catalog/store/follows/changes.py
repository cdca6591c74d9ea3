"""News of what people follow, read through the same statements as the pages: no mail tells what its reader could not
see.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.call import OPEN as CALL_OPEN
from catalog.rules.call import title_of
from catalog.rules.fact import LICENSE
from catalog.rules.follow import MOST_IN_A_MESSAGE, MOST_REMEMBERED, Follow, News
from catalog.rules.origin_event import public_events
from catalog.store.calls.queries import SHOWN_CALLS as CALL_SHOWN
from catalog.store.core.visibility import (
    CONFIRMED,
    OPEN,
    VISIBLE,
    is_of_sort,
    maintenance_lines,
    use_lines,
)
from catalog.store.projects.fact_rows import stored_facts
from catalog.store.public_pages.facts import history_behind
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call
from catalog.tables.core import fact_change, maintenance, mirror, organization, project

RELEASES, VERSION = "releases", "v:"  # the field, and what tells versions from ids of records in `seen`
MOST_VERSIONS = 100  # versions remembered of a project, the first ones of its list
MOST_HISTORY_LINES = 200  # of a history, read for one message


def table_of(kind: str) -> Any:
    return project if kind == PROJECT else organization


def select_shown(kind: str) -> Any:
    table = table_of(kind)
    return select(table.c.id, table.c.slug, table.c.name).where(OPEN if kind == PROJECT else VISIBLE)


def last_history_line(connection: Connection, project_id: UUID | None = None) -> int:
    """The number of the last line of a project's history; of all histories without a project."""
    last = select(func.max(fact_change.c.id))
    wanted = last if project_id is None else last.where(fact_change.c.project_id == project_id)
    return int(connection.execute(wanted).scalar() or 0)


def users_of(connection: Connection, project_id: UUID) -> Sequence[Row[Any]]:
    """Organizations that publicly state themselves that they use a project."""
    wanted = use_lines().where(adoption.c.project_id == project_id, is_of_sort(CONFIRMED))
    return connection.execute(wanted.order_by(organization.c.folded).limit(MOST_REMEMBERED)).all()


def uses_of(connection: Connection, organization_id: UUID) -> dict[UUID, tuple[str, str]]:
    """Projects that an organization publicly states to use or maintain: name and path, by id."""
    uses: dict[UUID, tuple[str, str]] = {}
    stated = use_lines().where(adoption.c.organization_id == organization_id, is_of_sort(CONFIRMED))
    maintained = maintenance_lines().where(maintenance.c.organization_id == organization_id)
    for wanted in (stated.order_by(project.c.folded), maintained):
        shown = wanted.add_columns(project.c.id.label("used")).limit(MOST_REMEMBERED)
        for row in connection.execute(shown):
            uses.setdefault(row.used, (row.project_name, f"/projects/{row.project_slug}"))
    return dict(list(uses.items())[:MOST_REMEMBERED])


def project_news(connection: Connection, follow: Follow, project_id: UUID) -> News:
    lines = history_behind(connection, project_id, follow.line, MOST_HISTORY_LINES)
    licenses, others = [], 0
    for line in reversed(lines):
        if line.field == LICENSE:
            before_after = (
                _text(line.before.value) if line.before else None,
                _text(line.after.value) if line.after else None,
            )
            if before_after[0] != before_after[1]:
                licenses.append(before_after)
        elif line.kind != "reread" and line.field != RELEASES:
            others += max(1, line.facts)
    versions = versions_of(connection, project_id)
    known = {name for name in follow.seen if name.startswith(VERSION)}
    fresh = [name for name in versions if name not in known]
    users = users_of(connection, project_id)
    fresh_users = [(row.name, f"/organizations/{row.slug}") for row in users if row.id.hex not in follow.seen]
    return News(
        versions=tuple(name.removeprefix(VERSION) for name in (fresh if known else fresh[:1]))[:MOST_IN_A_MESSAGE],
        licenses=tuple(licenses)[-MOST_IN_A_MESSAGE:],
        origin=_origin_events(connection, follow, project_id),
        users=tuple(fresh_users)[:MOST_IN_A_MESSAGE],
        others=others,
        calls=calls_of(connection, follow.since, call.c.project_id == project_id),
        seen=(*versions, *(row.id.hex for row in users)),
        line=max((line.number for line in lines), default=follow.line),
    )


def _origin_events(connection: Connection, follow: Follow, project_id: UUID) -> tuple[tuple[str, str, str], ...]:
    """What happened to the address of a project's code since then, oldest first."""
    events = connection.execute(select(mirror.c.events).where(mirror.c.project_id == project_id)).scalar() or []
    new = [event for event in reversed(public_events(events)) if event.at > follow.since]
    return tuple((event.sentence, event.before, event.after) for event in new)


def organization_news(connection: Connection, follow: Follow, organization_id: UUID) -> News:
    if connection.execute(select_shown(ORGANIZATION).where(organization.c.id == organization_id)).first() is None:
        raise NotFound(ORGANIZATION, str(organization_id))
    uses = uses_of(connection, organization_id)
    fresh = [use for key, use in uses.items() if key.hex not in follow.seen]
    calls = calls_of(connection, follow.since, call.c.organization_id == organization_id)
    return News(uses=tuple(fresh)[:MOST_IN_A_MESSAGE], calls=calls, seen=tuple(key.hex for key in uses))


def new_projects(connection: Connection, since: datetime, *more: Any, limit: int) -> Sequence[Any]:
    wanted = select(project.c.id, project.c.slug, project.c.name).where(project.c.added_at > since, OPEN, *more)
    free = wanted.where(project.c.context_only.is_(False))
    return connection.execute(free.order_by(project.c.added_at, project.c.slug).limit(limit)).all()


def changed_projects(connection: Connection, follow: Follow, *more: Any, limit: int) -> Sequence[Any]:
    """Projects that were here before, and whose history since then has a line that is news."""
    since = follow.since
    behind = (fact_change.c.news.is_(True), fact_change.c.id > follow.line, fact_change.c.at > since)
    with_news = select(fact_change.c.project_id).where(*behind)
    wanted = select(project.c.id, project.c.slug, project.c.name).where(project.c.id.in_(with_news), OPEN, *more)
    known = wanted.where(project.c.context_only.is_(False), project.c.added_at <= since)
    return connection.execute(known.order_by(project.c.folded, project.c.slug).limit(limit)).all()


def select_new_calls(since: datetime) -> Select[Any]:
    """Select calls that everybody sees as open, that began since then."""
    return select(call.c.reference, call.c.record, call.c.kind).where(
        CALL_SHOWN, call.c.state == CALL_OPEN, call.c.opened_at > since
    )


def calls_of(connection: Connection, since: datetime, *more: Any) -> tuple[tuple[str, str], ...]:
    wanted = select_new_calls(since).where(*more).order_by(call.c.opened_at, call.c.reference).limit(MOST_IN_A_MESSAGE)
    return tuple(
        (title_of(str(row.record.get("text") or "")), f"/calls/{row.reference}") for row in connection.execute(wanted)
    )


def name_and_path(row: Row[Any]) -> tuple[str, str]:
    return row.name, f"/projects/{row.slug}"


def versions_of(connection: Connection, project_id: UUID) -> list[str]:
    """The names of a project's versions, as its list has them now; it has no history, since each push may add one."""
    names: dict[str, None] = {}
    for fact in stored_facts(connection, [project_id], [RELEASES]).get(project_id, []):
        listed = fact.value if isinstance(fact.value, list) else []
        version_names = (version.get("version") for version in listed[:MOST_VERSIONS] if isinstance(version, dict))
        names |= dict.fromkeys(f"{VERSION}{name[:100]}" for name in version_names if isinstance(name, str) and name)
    return list(names)


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) and value else None
