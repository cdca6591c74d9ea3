"""What people follow, as rows, and when they were last sent its news; `changes` reads the news."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, delete, func, or_, select, update

from catalog.errors import AlreadyExists, CatalogError, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.follow import DIGEST_INTERVAL, MOST, MOST_IN_A_MESSAGE, SEARCH, Follow, Followed, News
from catalog.rules.person import Person
from catalog.store.core.engine import insert, reading, writing
from catalog.store.follows.changes import (
    calls_of,
    changed_projects,
    last_history_line,
    name_and_path,
    new_projects,
    organization_news,
    project_news,
    select_new_calls,
    select_shown,
    table_of,
    users_of,
    uses_of,
    versions_of,
)
from catalog.store.people.accounts import add_link, may_write, person_by_address, use_link
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.calls import call
from catalog.tables.core import project, project_term
from catalog.tables.follows import follow
from catalog.tables.people import person

CONFIRM_FOLLOW = "confirm-follow"  # the purpose of the link in the message, and the message's kind
DIGEST = "digest"  # the message with all news for one person, and the job that finds who gets one
LINK_LIFETIME = timedelta(days=7)
MOST_NEW_PROJECTS = 500  # projects that are new here, looked through for one message

_FOLLOW_COLUMNS = tuple(follow.c[name] for name in Follow.__dataclass_fields__)


@dataclass(frozen=True)
class ProjectNews:
    """News of projects, by their id: name and path of those that are new, and of those that changed; those that ask for
    help."""

    added: Mapping[UUID, tuple[str, str]]
    changed: Mapping[UUID, tuple[str, str]]
    asking: frozenset[UUID]
    line: int  # the last one of the history


class Follows:
    def __init__(self, engine: Engine):
        self._engine = engine

    def subject(self, kind: str, slug: str) -> tuple[UUID, str]:
        """Id and name of a project or organization that may be shown. Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select_shown(kind).where(table_of(kind).c.slug == slug)).first()
        if row is None:
            raise NotFound(kind, slug)
        return row.id, row.name

    def name(self, kind: str, key: str) -> str | None:
        """The name of a project or organization by its id; None where it is not shown."""
        with reading(self._engine) as connection:
            return _name_of_record(connection, kind, key) or None

    def names_of(self, kind: str, keys: Sequence[UUID]) -> tuple[tuple[str, str], ...]:
        """Slug and name of those of these projects or organizations that are shown, by name."""
        table = table_of(kind)
        with reading(self._engine) as connection:
            rows = connection.execute(select_shown(kind).where(table.c.id.in_(keys)).order_by(table.c.folded)).all()
        return tuple((row.slug, row.name) for row in rows)

    def ask(self, email: str, language: str, argument: Mapping[str, str], *, now: datetime) -> None:
        """Queue the message whose link turns a follow on; `argument` as `link_argument` gives it. Every address is
        treated alike, but one that was not verified gets few."""
        with writing(self._engine) as connection:
            if may_write(connection, email, now=now):
                token = add_link(connection, CONFIRM_FOLLOW, email, argument, expires_at=now + LINK_LIFETIME, now=now)
                data = {
                    **argument,
                    "name": _name_of_record(connection, argument["kind"], argument["key"]),
                    "token": token,
                }
                enqueue_message(connection, CONFIRM_FOLLOW, email, language, data, now=now)

    def open_link(self, token: str, language: str, *, now: datetime) -> tuple[Person, Follow]:
        """Use a message's link: turn the follow on. Raises NotFound as `People.link`; AlreadyExists beyond MOST."""
        with writing(self._engine) as connection:
            used = use_link(connection, token, now=now)
            if used.purpose != CONFIRM_FOLLOW:
                raise NotFound("link", used.id[:8])
            someone = person_by_address(connection, used.email, language, now=now)
            return someone, begin_follow(connection, someone.id, used.argument, now=now)

    def begin(self, person_id: UUID, argument: Mapping[str, str], *, now: datetime) -> Follow:
        """Follow from now on, for a verified address; a second time changes nothing. Raises AlreadyExists beyond
        MOST."""
        with writing(self._engine) as connection:
            return begin_follow(connection, person_id, argument, now=now)

    def get(self, key: UUID) -> Followed:
        """The follow of this id. Raises NotFound: it is off."""
        with reading(self._engine) as connection:
            row = connection.execute(select(*_FOLLOW_COLUMNS).where(follow.c.id == key)).first()
            if row is None:
                raise NotFound(CONFIRM_FOLLOW, str(key))
            return _with_name_and_path(connection, Follow(*row))

    def of_person(self, person_id: UUID) -> tuple[Followed, ...]:
        """What a person follows, the newest first; what is shown no more has no name."""
        with reading(self._engine) as connection:
            return tuple(
                _with_name_and_path(connection, follow_) for follow_ in follows_of_person(connection, person_id)
            )

    def delete(self, key: UUID, person_id: UUID | None = None) -> None:
        """Turn a follow off; with `person_id`: only where it is this person's."""
        wanted = delete(follow).where(follow.c.id == key)
        with writing(self._engine) as connection:
            connection.execute(wanted if person_id is None else wanted.where(follow.c.person_id == person_id))

    def end_all(self, person_id: UUID) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(follow).where(follow.c.person_id == person_id))

    def due(self, *, now: datetime, after: UUID | None = None, limit: int = 200) -> tuple[UUID, ...]:
        """Persons after `after` who follow something and got no message within DIGEST_INTERVAL."""
        last = func.max(follow.c.notified_at)
        wanted = select(follow.c.person_id).group_by(follow.c.person_id)
        wanted = (
            wanted.having(or_(last.is_(None), last <= now - DIGEST_INTERVAL)).order_by(follow.c.person_id).limit(limit)
        )
        if after is not None:
            wanted = wanted.where(follow.c.person_id > after)
        with reading(self._engine) as connection:
            return tuple(connection.execute(wanted).scalars())

    def rows(self, person_id: UUID) -> tuple[Follow, ...]:
        """What a person follows, without names."""
        with reading(self._engine) as connection:
            return follows_of_person(connection, person_id)

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

    def news(self, follow_: Follow, terms: Sequence[str] = ()) -> News:
        """News of a project, an organization or a domain (in these terms); none of a search."""
        with reading(self._engine) as connection:
            try:
                if follow_.kind == PROJECT and follow_.record_id:
                    return project_news(connection, follow_, follow_.record_id)
                if follow_.kind == ORGANIZATION and follow_.record_id:
                    return organization_news(connection, follow_, follow_.record_id)
            except CatalogError:  # it left the catalogue, or is blocked
                return News(seen=tuple(follow_.seen), line=follow_.line)
            if not terms:
                return News()
            chosen = select(project_term.c.project_id).where(
                project_term.c.vocabulary == "domain", project_term.c.term.in_(terms)
            )
            fresh = new_projects(connection, follow_.since, project.c.id.in_(chosen), limit=MOST_IN_A_MESSAGE)
            changed = changed_projects(connection, follow_, project.c.id.in_(chosen), limit=MOST_IN_A_MESSAGE)
            return News(
                projects=tuple(name_and_path(row) for row in fresh),
                changed=tuple(name_and_path(row) for row in changed),
                calls=calls_of(connection, follow_.since, call.c.project_id.in_(chosen)),
                line=last_history_line(connection),
            )

    def search_news(self, follow_: Follow) -> ProjectNews:
        """News that a search may find: projects that are new or changed and may be shown, and those whose calls began;
        at most MOST_NEW_PROJECTS of each."""
        with reading(self._engine) as connection:
            asking = (
                select_new_calls(follow_.since)
                .with_only_columns(call.c.project_id)
                .where(call.c.project_id.is_not(None))
            )
            return ProjectNews(
                {
                    row.id: name_and_path(row)
                    for row in new_projects(connection, follow_.since, limit=MOST_NEW_PROJECTS)
                },
                {row.id: name_and_path(row) for row in changed_projects(connection, follow_, limit=MOST_NEW_PROJECTS)},
                frozenset(connection.execute(asking.limit(MOST_NEW_PROJECTS)).scalars()),
                last_history_line(connection),
            )

    def calls(self, then: datetime, projects: Collection[UUID]) -> tuple[tuple[str, str], ...]:
        """Title and path of the open calls of these projects that began after this time."""
        with reading(self._engine) as connection:
            return calls_of(connection, then, call.c.project_id.in_(projects)) if projects else ()


def _name_of_record(connection: Connection, kind: str, key: str) -> str:
    """The name of a project or organization by its id; empty where it is none, or is not shown."""
    if kind not in (PROJECT, ORGANIZATION):
        return ""
    row = connection.execute(select_shown(kind).where(table_of(kind).c.id == UUID(key))).first()
    return row.name if row else ""


def link_argument(kind: str, *, record_id: UUID | None = None, term: str = "", query: str = "") -> dict[str, str]:
    """The argument of a link that turns a follow on."""
    if kind == SEARCH:
        key = hashlib.sha256(query.encode()).hexdigest()
        return {"kind": kind, "key": key, "query": query}
    return {"kind": kind, "key": str(record_id) if record_id else term}


def begin_follow(connection: Connection, person_id: UUID, argument: Mapping[str, str], *, now: datetime) -> Follow:
    """`Follows.begin` in the caller's transaction."""
    kind, key = argument["kind"], argument["key"]
    mine = follow.c.person_id == person_id
    this = mine & (follow.c.kind == kind) & (follow.c.key == key)
    if connection.execute(select(follow.c.id).where(this)).first() is None:
        number = connection.execute(select(func.count()).select_from(follow).where(mine)).scalar_one()
        if number >= MOST:
            raise AlreadyExists(CONFIRM_FOLLOW, str(MOST))
        record_id = UUID(key) if kind in (PROJECT, ORGANIZATION) else None
        statement = insert(connection, follow).values(
            id=uuid4(),
            person_id=person_id,
            kind=kind,
            record_id=record_id,
            key=key,
            query=argument.get("query"),
            seen=list(_seen_now(connection, kind, record_id)),
            line=last_history_line(connection, record_id),
            created_at=now,
            since=now,
        )
        connection.execute(statement.on_conflict_do_nothing())
    return Follow(*connection.execute(select(*_FOLLOW_COLUMNS).where(this)).one())


def follows_of_person(connection: Connection, person_id: UUID) -> tuple[Follow, ...]:
    wanted = (
        select(*_FOLLOW_COLUMNS)
        .where(follow.c.person_id == person_id)
        .order_by(follow.c.created_at.desc(), follow.c.id)
    )
    return tuple(Follow(*row) for row in connection.execute(wanted))


def _with_name_and_path(connection: Connection, follow_: Follow) -> Followed:
    if follow_.kind in (PROJECT, ORGANIZATION):
        row = connection.execute(
            select_shown(follow_.kind).where(table_of(follow_.kind).c.id == follow_.record_id)
        ).first()
        return Followed(follow_, row.name, f"/{follow_.kind}s/{row.slug}") if row else Followed(follow_, None, "")
    return Followed(
        follow_, None, f"/projects?{follow_.query}" if follow_.kind == SEARCH else f"/domains/{follow_.key}"
    )


def _seen_now(connection: Connection, kind: str, record_id: UUID | None) -> tuple[str, ...]:
    if record_id is None:
        return ()
    if kind == PROJECT:
        return (*versions_of(connection, record_id), *(row.id.hex for row in users_of(connection, record_id)))
    return tuple(key.hex for key in uses_of(connection, record_id))
