"""The projects that people follow, as rows, when they were last sent their news, and the news: read through the same
statements as the pages, so that no mail tells what its reader could not see."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from catalog.errors import AlreadyExists, CatalogError, NotFound
from catalog.rules.call import OPEN as CALL_OPEN
from catalog.rules.call import title_of
from catalog.rules.fact import LICENSE
from catalog.rules.follow import DIGEST_INTERVAL, MOST, MOST_IN_A_MESSAGE, MOST_REMEMBERED, Follow, Followed, News
from catalog.rules.person import Person
from catalog.store.calls.queries import SHOWN_CALLS
from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.store.core.visibility import CONFIRMED, OPEN, is_of_sort, use_lines
from catalog.store.people.accounts import add_link, may_write, person_by_address, use_link
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.projects.fact_rows import stored_facts
from catalog.store.public_pages.facts import history_behind
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call
from catalog.tables.core import fact_change, organization, project
from catalog.tables.follows import follow
from catalog.tables.people import person

CONFIRM_FOLLOW = "confirm-follow"  # the purpose of the link in the message, and the message's kind
DIGEST = "digest"  # the message with all news for one person, and the job that finds who gets one
LINK_LIFETIME = timedelta(days=7)

_FOLLOW_COLUMNS = tuple(follow.c[name] for name in Follow.__dataclass_fields__)
_WITH_PROJECT = select(*_FOLLOW_COLUMNS, project.c.name, project.c.slug).outerjoin_from(
    follow, project, (project.c.id == follow.c.project_id) & OPEN
)


class Follows(DatabasePart):
    def names_of(self, projects: Collection[UUID]) -> tuple[tuple[str, str], ...]:
        """Slug and name of those of these projects that are shown, by name."""
        query = select(project.c.slug, project.c.name).where(OPEN, project.c.id.in_(projects))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(project.c.folded)).all()
        return tuple((row.slug, row.name) for row in rows)

    def ask(self, email: str, language: str, project_id: UUID, *, now: datetime) -> None:
        """Queue the message whose link turns a follow on. Every address is treated alike, but one that was not verified
        gets few."""
        with writing(self._engine) as connection:
            if may_write(connection, email, now=now):
                argument = {"project": str(project_id)}
                token = add_link(connection, CONFIRM_FOLLOW, email, argument, expires_at=now + LINK_LIFETIME, now=now)
                name = connection.execute(select(project.c.name).where(OPEN, project.c.id == project_id)).scalar()
                data = {"name": name or "", "token": token}
                enqueue_message(connection, CONFIRM_FOLLOW, email, language, data, now=now)

    def open_link(self, token: str, language: str, *, now: datetime) -> tuple[Person, Follow]:
        """Use a message's link: turn the follow on. Raises NotFound as `People.link`; AlreadyExists beyond MOST."""
        with writing(self._engine) as connection:
            used = use_link(connection, token, now=now)
            if used.purpose != CONFIRM_FOLLOW:
                raise NotFound("link", used.id[:8])
            someone = person_by_address(connection, used.email, language, now=now)
            return someone, begin_follow(connection, someone.id, UUID(used.argument["project"]), now=now)

    def begin(self, person_id: UUID, project_id: UUID, *, now: datetime) -> Follow:
        """Follow from now on, for a verified address; a second time changes nothing. Raises AlreadyExists beyond
        MOST."""
        with writing(self._engine) as connection:
            return begin_follow(connection, person_id, project_id, now=now)

    def get(self, key: UUID) -> Followed:
        """The follow of this id. Raises NotFound: it is off."""
        with reading(self._engine) as connection:
            row = connection.execute(_WITH_PROJECT.where(follow.c.id == key)).first()
        if row is None:
            raise NotFound(CONFIRM_FOLLOW, str(key))
        return _followed(row)

    def of_person(self, person_id: UUID) -> tuple[Followed, ...]:
        """What a person follows, the newest first; what is shown no more has no name."""
        query = _WITH_PROJECT.where(follow.c.person_id == person_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(follow.c.created_at.desc(), follow.c.id)).all()
        return tuple(_followed(row) for row in rows)

    def delete(self, key: UUID, person_id: UUID | None = None) -> None:
        """Turn a follow off; with `person_id`: only where it is this person's."""
        statement = delete(follow).where(follow.c.id == key)
        with writing(self._engine) as connection:
            connection.execute(statement if person_id is None else statement.where(follow.c.person_id == person_id))

    def end_all(self, person_id: UUID) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(follow).where(follow.c.person_id == person_id))

    def due(self, *, now: datetime, after: UUID | None = None, limit: int = 200) -> tuple[UUID, ...]:
        """Persons after `after` who follow something and got no message within DIGEST_INTERVAL."""
        last = func.max(follow.c.notified_at)
        query = select(follow.c.person_id).group_by(follow.c.person_id)
        query = (
            query.having(or_(last.is_(None), last <= now - DIGEST_INTERVAL)).order_by(follow.c.person_id).limit(limit)
        )
        if after is not None:
            query = query.where(follow.c.person_id > after)
        with reading(self._engine) as connection:
            return tuple(connection.execute(query).scalars())

    def enqueue_digest(self, person_id: UUID, keys: Sequence[UUID], *, now: datetime) -> bool:
        """Queue a message about these follows, unless the person got one within DIGEST_INTERVAL; its news are read when
        it is sent. False where another process queued it meanwhile or the person left."""
        with writing(self._engine) as connection:
            row = connection.execute(select(person).where(person.c.id == person_id).with_for_update()).first()
            last = select(func.max(follow.c.notified_at)).where(follow.c.person_id == person_id)
            last_told_at = connection.execute(last).scalar()
            if row is None or (last_told_at is not None and last_told_at > now - DIGEST_INTERVAL):
                return False
            connection.execute(update(follow).where(follow.c.id.in_(keys)).values(notified_at=now))
            enqueue_message(connection, DIGEST, row.email, row.language, {"person": str(person_id)}, now=now)
        return True

    def mark_sent(self, news: Mapping[UUID, News], *, now: datetime) -> None:
        """Note that the news of these follows were sent, as read at `now`."""
        with writing(self._engine) as connection:
            for key, seen_news in news.items():
                values = {"since": now, "seen": list(seen_news.seen), "line": seen_news.line}
                connection.execute(update(follow).where(follow.c.id == key).values(values))

    def news(self, follow_: Follow) -> News:
        """What happened since the person was told last."""
        with reading(self._engine) as connection:
            try:
                return project_news(connection, follow_)
            except CatalogError:  # it left the catalogue, or is blocked
                return News(seen=tuple(follow_.seen), line=follow_.line)


def is_followed(connection: Connection, person_id: UUID, project_id: UUID) -> bool:
    """In the caller's transaction: whether somebody follows this project."""
    mine = (follow.c.person_id == person_id, follow.c.project_id == project_id)
    return connection.execute(select(follow.c.id).where(*mine)).first() is not None


def end_follow(connection: Connection, person_id: UUID, project_id: UUID) -> None:
    """In the caller's transaction: somebody follows this project no more."""
    connection.execute(delete(follow).where(follow.c.person_id == person_id, follow.c.project_id == project_id))


def begin_follow(connection: Connection, person_id: UUID, project_id: UUID, *, now: datetime) -> Follow:
    """`Follows.begin` in the caller's transaction."""
    mine = follow.c.person_id == person_id
    this = mine & (follow.c.project_id == project_id)
    if not is_followed(connection, person_id, project_id):
        number = connection.execute(select(func.count()).select_from(follow).where(mine)).scalar_one()
        if number >= MOST:
            raise AlreadyExists(CONFIRM_FOLLOW, str(MOST))
        statement = insert(connection, follow).values(
            id=uuid4(),
            person_id=person_id,
            project_id=project_id,
            seen=seen_now(connection, project_id),
            line=last_history_line(connection, project_id),
            created_at=now,
            since=now,
        )
        connection.execute(statement.on_conflict_do_nothing())
    return Follow(*connection.execute(select(*_FOLLOW_COLUMNS).where(this)).one())


def _followed(row: Sequence[object]) -> Followed:
    """A row of `_WITH_PROJECT`."""
    *values, name, slug = row
    return Followed(Follow(*values), str(name or ""), f"/projects/{slug}" if slug else "")  # type: ignore[arg-type]


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
            change_of_license = (
                _text(line.before.value) if line.before else None,
                _text(line.after.value) if line.after else None,
            )
            if change_of_license[0] != change_of_license[1]:
                licenses.append(change_of_license)
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
