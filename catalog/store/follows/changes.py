"""News of the projects that people follow, read through the same statements as the pages: no mail tells what its reader
could not see.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select

from catalog.rules.call import OPEN as CALL_OPEN
from catalog.rules.call import title_of
from catalog.rules.fact import LICENSE
from catalog.rules.follow import MOST_IN_A_MESSAGE, MOST_REMEMBERED, Follow, News
from catalog.store.calls.queries import SHOWN_CALLS
from catalog.store.core.visibility import CONFIRMED, is_of_sort, use_lines
from catalog.store.projects.fact_rows import stored_facts
from catalog.store.public_pages.facts import history_behind
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call
from catalog.tables.core import fact_change, organization

RELEASES, VERSION = "releases", "v:"  # the field, and what tells versions from ids of records in `seen`
MOST_VERSIONS = 100  # versions remembered of a project, the first ones of its list
MOST_HISTORY_LINES = 200  # of a history, read for one message


def last_history_line(connection: Connection, project_id: UUID) -> int:
    """The number of the last line of a project's history; 0 where there is none."""
    query = select(func.max(fact_change.c.id)).where(fact_change.c.project_id == project_id)
    return int(connection.execute(query).scalar() or 0)


def seen_now(connection: Connection, project_id: UUID) -> list[str]:
    """What is there now of what a message would tell as new: versions, and organizations that use it."""
    return [*_versions_of(connection, project_id), *(row.id.hex for row in _users_of(connection, project_id))]


def project_news(connection: Connection, follow: Follow) -> News:
    """News of a project since then. Raises NotFound, Removed and the like where it is no longer shown."""
    project_id = follow.project_id
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
    versions = _versions_of(connection, project_id)
    version_keys = {name for name in follow.seen if name.startswith(VERSION)}
    fresh = [name for name in versions if name not in version_keys]
    users = _users_of(connection, project_id)
    fresh_users = [(row.name, f"/organizations/{row.slug}") for row in users if row.id.hex not in follow.seen]
    return News(
        versions=tuple(name.removeprefix(VERSION) for name in (fresh if version_keys else fresh[:1]))[
            :MOST_IN_A_MESSAGE
        ],
        licenses=tuple(licenses)[-MOST_IN_A_MESSAGE:],
        users=tuple(fresh_users)[:MOST_IN_A_MESSAGE],
        others=others,
        calls=_calls(connection, follow),
        seen=(*versions, *(row.id.hex for row in users)),
        line=max((line.number for line in lines), default=follow.line),
    )


def _users_of(connection: Connection, project_id: UUID) -> Sequence[Row[Any]]:
    """Organizations that publicly state themselves that they use a project."""
    query = use_lines().where(adoption.c.project_id == project_id, is_of_sort(CONFIRMED))
    return connection.execute(query.order_by(organization.c.folded).limit(MOST_REMEMBERED)).all()


def _calls(connection: Connection, follow: Follow) -> tuple[tuple[str, str], ...]:
    """Title and path of the calls that everybody sees as open, and that began since then."""
    began = (SHOWN_CALLS, call.c.state == CALL_OPEN, call.c.opened_at > follow.since)
    query = select(call.c.reference, call.c.record).where(*began, call.c.project_id == follow.project_id)
    rows = connection.execute(query.order_by(call.c.opened_at, call.c.reference).limit(MOST_IN_A_MESSAGE))
    return tuple((title_of(str(row.record.get("text") or "")), f"/calls/{row.reference}") for row in rows)


def _versions_of(connection: Connection, project_id: UUID) -> list[str]:
    """The names of a project's versions, as its list has them now; it has no history, since each push may add one."""
    names: dict[str, None] = {}
    for fact in stored_facts(connection, [project_id], [RELEASES]).get(project_id, []):
        listed = fact.value if isinstance(fact.value, list) else []
        version_names = (version.get("version") for version in listed[:MOST_VERSIONS] if isinstance(version, dict))
        names |= dict.fromkeys(f"{VERSION}{name[:100]}" for name in version_names if isinstance(name, str) and name)
    return list(names)


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) and value else None
