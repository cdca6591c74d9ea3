"""A net under the public records: after each transaction all of them are built again, of all tables. One that is
another than before, and not the one that is stored, or whose `change` did not move, was forgotten: pages, the index,
feeds, ETags and other catalogues go on telling the old. `known_holes.yaml` holds those that are known.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import Connection, Engine, event, func, select
from support.paths import ROOT

from catalog.publication.body import body_of, unpacked
from catalog.store.public_records.building import build_records
from catalog.store.public_records.organization_categories import in_wrong_categories
from catalog.tables.core import organization, project, removed_record
from catalog.tables.public_records import pending_public_record, public_record

KNOWN = ROOT / "tests" / "support" / "known_holes.yaml"
VERBS = frozenset({"calls", "desk", "follows", "merges", "moderation", "ownership", "people", "submissions"})
MOST_PROJECTS, MOST_ORGANIZATIONS = 12, 12  # larger catalogues are left out: each transaction would take seconds
TABLES = {"project": project, "organization": organization}
_WRITTEN = re.compile(r"\s*(INSERT|UPDATE|DELETE)\s+(?:INTO\s+|FROM\s+)?\"?(\w+)", re.I)
# Tables whose rows no page of a project or organization shows.
_PRIVATE = frozenset({
    "alert_subscription", "api_token", "case", "follow", "job", "message", "message_link", "meta",
    "organization_category", "own_entry_digest", "pending_public_record", "posted_event", "posted_webhook",
    "public_mention", "public_record", "question", "question_link", "rate_limit_count", "remark",
    "rendering", "screenshot", "session", "visit", "visit_state",
})  # fmt: skip
# Drafts, and who signed in. A person who is deleted takes rows along.
_PRIVATE_VERBS = frozenset({("INSERT", "submission"), ("UPDATE", "submission"), ("INSERT", "person")})
_PRODUCT = tuple(str(ROOT / layer) for layer in ("catalog", "forge"))
_TESTS = str(ROOT / "tests")
_TRANSACTIONS = frozenset(
    str(ROOT / "catalog" / "store" / "core" / f"{name}.py") for name in ("engine", "public_changes")
)

_WATCHES: list["Watch"] = []
Key = tuple[str, UUID]


@dataclass(frozen=True)
class Hole:
    """A public difference that is not stored, or moved no `change`: who wrote it, of which kind of record, and which
    parts of the record differ."""

    writer: str  # module and function that opened the transaction
    kind: str
    slug: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.writer} {self.kind} {self.slug}: {', '.join(self.parts)}"


@dataclass
class _Seen:
    """What was public of one database after its last transaction: as it is built of all tables, and as it is stored."""

    built: dict[Key, Mapping[str, Any]]
    stored: dict[Key, Mapping[str, Any]]
    changes: dict[Key, int]
    wrong_categories: set[Key]  # organizations whose categories are not those of what they use


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
        for key in before.built.keys() | after.built.keys():
            was, now, stored = (views.get(key, {}) for views in (before.built, after.built, after.stored))
            stepped = after.changes.get(key, 0) > before.changes.get(key, 0)
            wrong = key in after.wrong_categories
            if was == now and not wrong:
                self.unseen += stepped
            elif stepped and now == stored and not wrong:
                self.moved += 1
            elif writer is not None:
                changed = {name for name in was.keys() | now if was.get(name) != now.get(name)}
                parts = tuple(sorted(changed | ({"categories"} if wrong else set())))
                self.holes.append(Hole(writer, key[0], str({**was, **now}["record"]["slug"]), parts))


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
    """All public records in the transaction itself, just before it is committed; None: too many."""
    counts = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES.values()]
    if counts[0] > MOST_PROJECTS or counts[1] > MOST_ORGANIZATIONS:
        return None
    built, stored, changes = {}, {}, {}
    for kind, table in TABLES.items():
        changes |= {(kind, row.id): row.change for row in connection.execute(select(table.c.id, table.c.change))}
        ids = [key for of, key in changes if of == kind]
        for key, found in build_records(connection, kind, ids).items():
            built[kind, key] = _plain(body_of(found.record, found.projects))
    for row in connection.execute(select(public_record)):
        stored[row.kind, row.id] = _plain(unpacked(row.body))
    organizations = [key for of, key in changes if of == "organization"]
    waiting = connection.execute(select(func.count()).select_from(pending_public_record)).scalar_one()
    wrong = set() if waiting else in_wrong_categories(connection, organizations)
    for row in connection.execute(select(removed_record)):
        changes[row.kind, row.record_id] = max(row.change, changes.get((row.kind, row.record_id), 0))
    return _Seen(built, stored, changes, {("organization", key) for key in wrong})


def _plain(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parts of a body that a change is counted of, as JSON gives them back."""
    parts: Mapping[str, Any] = json.loads(json.dumps(body))
    return {**parts["shown"], "page_only": parts["page_only"], "refs": parts["refs"]}
