"""A net under the change numbers: after each transaction, what everybody may see of each project and organization is
read again as its page reads it. Where that differs and the record's own `change` did not move, the index, feeds, ETags
and other catalogues go on telling the old: a hole. `known_holes.yaml` holds those that are known.
"""

import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import Connection, Engine, event, exists, func, select
from support.paths import ROOT

from catalog.errors import Invalid, NotFound, Removed
from catalog.rules.forks import Family
from catalog.store import Store
from catalog.store.core import engine as store_engine
from catalog.store.core.read_models import OrganizationPage, ProjectPage, UseTallies
from catalog.store.federation.matching.record_origins import Telling
from catalog.store.federation.received.records import Voice
from catalog.tables.all_tables import metadata
from catalog.tables.core import organization, project, removed

KNOWN = ROOT / "tests" / "support" / "known_holes.yaml"
VERBS = frozenset({"calls", "desk", "follows", "merges", "moderation", "ownership", "people", "submissions"})
MOST_PROJECTS, MOST_ORGANIZATIONS = 12, 12  # larger catalogues are left out: each transaction would take seconds
# What ends by itself is read as of one moment, since time alone moves no counter.
AT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
TABLES = {"project": project, "organization": organization}
_WRITTEN = re.compile(r"\s*(INSERT|UPDATE|DELETE)\s+(?:INTO\s+|FROM\s+)?\"?(\w+)", re.I)
# Tables whose rows no page of a project or organization shows.
_PRIVATE = frozenset({
    "acknowledgement", "agreement", "attempt", "finding", "follow", "holding", "hook", "job", "link", "memory",
    "message", "meta", "personal_token", "picture", "posted_event", "posted_webhook", "published", "question",
    "question_link", "receipt", "remark", "rendering", "session", "taken_back", "told_entry", "visit",
})  # fmt: skip
# Drafts, and who signed in. A person who is deleted takes rows along.
_PRIVATE_VERBS = frozenset({("INSERT", "declaration"), ("UPDATE", "declaration"), ("INSERT", "person")})
# When and how well a mirror was visited: a visit that finds nothing new counts no change.
_OF_VISITS: Mapping[str, Any] = {
    "last_visit_at": None, "last_success_at": None, "observed_at": None, "failures": 0, "interval_seconds": 0,
    "size_bytes": None, "digest": None, "accepted": None,
}  # fmt: skip
_PRODUCT = tuple(str(ROOT / layer) for layer in ("catalog", "forge"))
_TESTS = str(ROOT / "tests")
_TRANSACTIONS = frozenset(
    str(ROOT / "catalog" / "store" / "core" / f"{name}.py") for name in ("engine", "public_changes")
)

_WATCHES: list["Watch"] = []
Key = tuple[str, UUID]


@dataclass(frozen=True)
class Hole:
    """A public difference that moved no `change`: who wrote it, of which kind of record, and which parts of its page
    differ."""

    writer: str  # module and function that opened the transaction
    kind: str
    slug: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.writer} {self.kind} {self.slug}: {', '.join(self.parts)}"


@dataclass
class _Seen:
    """What was public of one database after its last transaction."""

    views: dict[Key, Mapping[str, Any]]
    changes: dict[Key, int]


@dataclass
class Watch:
    """The transactions of one test."""

    holes: list[Hole] = field(default_factory=list)
    moved: int = 0  # visible differences whose `change` moved
    unseen: int = 0  # records whose `change` moved without a visible difference
    databases: dict[str, _Seen | None] = field(default_factory=dict)

    def committed(self, connection: Connection) -> None:
        written: set[tuple[str, str]] = connection.info.pop("written", set())
        public = {table for verb, table in written if table not in _PRIVATE and (verb, table) not in _PRIVATE_VERBS}
        address = str(connection.engine.url)
        if not public:
            return
        if not connection.get_execution_options().get("forge_writes"):
            self.databases.pop(address, None)  # a test wrote beside the store, or emptied it
            return
        before = self.databases.get(address)
        if address in self.databases and before is None:
            return  # too large
        after = self.databases[address] = _seen(connection)
        if after is None or before is None:
            return
        most = max(before.changes.values(), default=0)
        if any(0 < number <= most and number != before.changes.get(key) for key, number in after.changes.items()):
            return  # numbers never go back: a test put another database at this address
        writer = _writer()
        for key in before.views.keys() | after.views.keys():
            was, now = before.views.get(key, {}), after.views.get(key, {})
            stepped = after.changes.get(key, 0) > before.changes.get(key, 0)
            if was == now:
                self.unseen += stepped
            elif stepped:
                self.moved += 1
            elif writer is not None:
                parts = tuple(sorted(name for name in was.keys() | now if was.get(name) != now.get(name)))
                self.holes.append(Hole(writer, key[0], str({**was, **now}.get("slug")), parts))


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch all databases that this process writes; inside of another watch, instead of it."""
    watch = Watch()
    _WATCHES.append(watch)

    def committed(connection: Connection) -> None:
        if _WATCHES[-1] is watch:
            watch.committed(connection)

    def executed(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if found := _WRITTEN.match(statement):
            connection.info.setdefault("written", set()).add((found[1].upper(), found[2]))

    def rolled_back(connection: Connection) -> None:
        connection.info.pop("written", None)

    listeners: tuple[tuple[str, Callable[..., None]], ...] = (
        ("before_cursor_execute", executed),
        ("commit", committed),
        ("rollback", rolled_back),
    )
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield watch
    finally:
        _WATCHES.remove(watch)
        for name, listener in listeners:
            event.remove(Engine, name, listener)


@cache
def known_holes() -> Mapping[str, str]:
    """Writer and kind of record -> why it is a hole still."""
    return yaml.safe_load(KNOWN.read_text()) or {}


def is_watched(folder: str, database: str | None) -> bool:
    """Whether tests of this folder are watched in each run; `make test-all` watches all, on both databases."""
    return folder in VERBS and database != "postgresql"  # the statements are the same, at three times the time


def new_holes(watch: Watch) -> list[str]:
    return sorted({str(hole) for hole in watch.holes if f"{hole.writer} {hole.kind}" not in known_holes()})


def _writer() -> str | None:
    """The function of ours that opened the transaction; None where a test did so itself."""
    frame = sys._getframe(2)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_TESTS) and file != __file__:
            return None
        if file.startswith(_PRODUCT) and file not in _TRANSACTIONS:
            module = file.removeprefix(f"{ROOT}/").removesuffix(".py").replace("/", ".")
            return f"{module}.{frame.f_code.co_qualname}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _seen(connection: Connection) -> _Seen | None:
    """All public views in the transaction itself, just before it is committed; None: too many."""
    counts = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES.values()]
    if counts[0] > MOST_PROJECTS or counts[1] > MOST_ORGANIZATIONS:
        return None
    token = store_engine._VIEW.set(store_engine._TrialView(connection.engine, connection))
    store = Store(connection.engine)
    try:
        views, changes = {}, {}
        filled = {name for name, is_filled in connection.execute(_FILLED).one()._mapping.items() if is_filled}
        for kind, table in TABLES.items():
            for row in connection.execute(select(table.c.id, table.c.slug, table.c.change)).all():
                if shown := _shown(store, kind, row.id, row.slug, filled):
                    views[kind, row.id] = {"slug": row.slug, **shown}
                changes[kind, row.id] = row.change
        for row in connection.execute(select(removed)).all():
            changes[row.kind, row.record_id] = max(row.change, changes.get((row.kind, row.record_id), 0))
        return _Seen(views, changes)
    finally:
        store_engine._VIEW.reset(token)


def _shown(store: Store, kind: str, key: UUID, slug: str, filled: Collection[str]) -> Mapping[str, Any]:
    """What everybody may see of a record, by part; empty where it is hidden, as if it were not there."""
    try:
        return _VIEWS[kind](store, key, slug, filled)
    except NotFound:
        return {}
    except Removed as error:
        return {"removed": error.reason}
    except Invalid as error:  # a test wrote rows of its own, which no page can show
        return {"unreadable": str(error)}


def _project(store: Store, key: UUID, slug: str, filled: Collection[str]) -> Mapping[str, Any]:
    page: ProjectPage = store.record_pages.source(slug)
    mirror = page.mirror and replace(page.mirror, **_OF_VISITS)
    # That the same is stated again is no change: only the day when it was seen last differs.
    facts = tuple(replace(stated, seen_at=stated.first_seen_at) for stated in page.facts)
    # The sentence on groups that are not named is no part of the record: nothing may depend on them, no number either.
    uses = replace(page.uses, unnamed=None)
    shown = {**vars(page), "change": None, "mirror": mirror, "facts": facts, "uses": uses}
    if page.opted_out is not None:
        return shown
    parts: Mapping[str, tuple[str, Callable[[], Any]]] = {
        "tallies": ("adoption", lambda: _counted(store.record_pages.tallies(key))),
        "told": ("foreign_record layer_record", lambda: _told(store.record_origins.project(key))),
        "advisories": ("advisory", lambda: store.alert_subscriptions.advisories(key, 1)),
        "voices": ("maintainer", lambda: store.verifications.voices(key, AT)),
        "answers": ("answer", lambda: store.maintainer_replies.of_project(key)),
        "decisions": ("decision", lambda: store.decisions.of_project(key, 5)),
        "family": ("relation kinship", lambda: _family(store.forks.page(key))),
        "askable": ("askable", lambda: {line.organization.slug for line in store.questions.askable(key)}),
        "experiences": ("experience", lambda: store.experiences.of_project(key)),
        "told_there": ("foreign_record", lambda: store.received_experiences.of_project(key)),
        "obstacles": ("obstacle", lambda: store.obstacles.of_project(key)),
        "calls": ("call", lambda: store.calls.of_project(key)),
        "asked_there": ("foreign_record", lambda: store.received_calls.of_project(key, now=AT)),
        "ties": ("decision foreign_record", lambda: store.successors.of_record("project", key)),
        "translated": ("offer", lambda: store.translation_offers.translated(key, page.record)),
    }
    return {**shown, **_parts(parts, filled)}


def _organization(store: Store, key: UUID, slug: str, filled: Collection[str]) -> Mapping[str, Any]:
    page: OrganizationPage = store.record_pages.organization(slug)
    parts: Mapping[str, tuple[str, Callable[[], Any]]] = {
        "calls": ("call", lambda: store.calls.of_organization(key)),
        "asked_there": ("foreign_record", lambda: store.received_calls.of_organization(key, now=AT)),
        "voices": ("representative", lambda: store.verifications.spoken(key, AT)),
        "askable": ("askable", lambda: {line.project_slug for line in store.questions.askable_of(key)}),
        "told": ("foreign_record", lambda: store.received_records.voices("organization", key)),
        "ties": ("decision foreign_record", lambda: store.successors.of_record("organization", key)),
    }
    return {**vars(page), "change": None, **_parts(parts, filled)}


def _parts(parts: Mapping[str, tuple[str, Callable[[], Any]]], filled: Collection[str]) -> dict[str, Any]:
    """Each part that is not empty, and is not so for want of any row: most tests fill a few tables, and a view is read
    after each of their transactions."""
    read = {name: reader() for name, (tables, reader) in parts.items() if not filled.isdisjoint(tables.split())}
    return {name: value for name, value in read.items() if value}


def _counted(tallies: UseTallies) -> UseTallies | None:
    return None if tallies == UseTallies() else tallies


def _told(telling: Telling) -> tuple[Voice, ...]:
    """Who tells of a project, its home first; without when a list was read: reading the same again counts no change."""
    return tuple(voice if voice.peer_id else replace(voice, updated_at=AT) for voice in telling.all_voices)


def _family(family: Family) -> Family | None:
    """Without the commits at which members were compared, which no page shows; None where nobody is related."""
    same = {"merge_base": None, "head": "", "other_head": ""}
    return family.members and replace(family, kin={pair: replace(kin, **same) for pair, kin in family.kin.items()})


_RARE = sorted({
    "adoption", "advisory", "answer", "askable", "call", "decision", "experience", "foreign_record", "kinship",
    "layer_record", "maintainer", "obstacle", "offer", "relation", "representative",
})  # fmt: skip
_FILLED = select(*(exists(metadata.tables[name].select()).label(name) for name in _RARE))


_VIEWS: Mapping[str, Callable[[Store, UUID, str, Collection[str]], Mapping[str, Any]]] = {
    "project": _project,
    "organization": _organization,
}
