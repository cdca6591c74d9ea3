"""A net under the public records. Before a transaction of the product commits, the records that its rows are about, and
those that name them or are named by them, are built again of all tables; of a small catalogue all are. One that is not
as it is stored, or was stored without moving its `change`, was forgotten: pages, the index, feeds, ETags and other
catalogues go on telling the old. `known_holes.yaml` holds those that are known.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import yaml
from sqlalchemy import Connection, Engine, Uuid, event, func, select
from support.paths import ROOT

from catalog.publication.body import body_of, unpacked
from catalog.store.core.engine import open_engine
from catalog.store.public_records.building import build_records
from catalog.store.public_records.organization_categories import in_wrong_categories
from catalog.tables.core import metadata, organization, project, removed_record
from catalog.tables.public_records import pending_public_record, public_mention, public_record

KNOWN = ROOT / "tests" / "support" / "known_holes.yaml"
VERBS = frozenset({"calls", "desk", "follows", "merges", "moderation", "ownership", "people", "submissions"})
MOST = 12  # projects, and organizations: of larger catalogues only what the rows lead to, since each takes a while
TABLES = {"project": project, "organization": organization}
_IDS = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b")
_SCHEMA = re.compile(r"\s*(CREATE|ALTER|DROP|TRUNCATE)\b", re.I)
_WRITTEN = re.compile(r"\s*(INSERT|UPDATE|DELETE)\s+(?:INTO\s+|FROM\s+)?\"?(\w+)", re.I)
# Tables whose rows no page of a project or organization shows.
_PRIVATE = frozenset({
    "api_token", "case", "follow", "job", "message", "message_link", "meta",
    "organization_category", "own_entry_digest", "pending_public_record", "posted_event", "posted_webhook",
    "public_mention", "public_record", "question", "question_link", "rate_limit_count", "remark",
    "rendering", "screenshot", "session", "visit", "visit_state",
})  # fmt: skip
# Drafts, and who signed in. A person who is deleted takes rows along.
_PRIVATE_VERBS = frozenset({("INSERT", "submission"), ("UPDATE", "submission"), ("INSERT", "person")})
_OF_PEOPLE = frozenset({"person", "verification"})
_PRODUCT = tuple(str(ROOT / layer) for layer in ("catalog", "forge"))
_TESTS = str(ROOT / "tests")
_TRANSACTIONS = frozenset(
    str(ROOT / "catalog" / "store" / "core" / f"{name}.py") for name in ("engine", "public_changes")
)

_ID_COLUMNS = [
    column
    for table in metadata.tables.values()
    for column in table.columns
    if (column.primary_key and isinstance(column.type, Uuid)) or f"{column}" == "membership.person_id"
]
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
class Watch:
    """The transactions of one test."""

    holes: list[Hole] = field(default_factory=list)
    writes: int = 0  # transactions of the product that wrote rows which pages show, where there is any record
    compared: int = 0  # records that were compared
    moved: int = 0  # visible differences whose `change` moved
    unseen: int = 0  # records whose `change` moved without a visible difference

    def committed(self, connection: Connection) -> None:
        written: set[tuple[str, str]] = connection.info.pop("written", set())
        rebuilt = connection.info.pop("rebuilt", False)  # tables made anew, by a restore: nothing to compare with
        tables = {table for verb, table in written if table not in _PRIVATE and (verb, table) not in _PRIVATE_VERBS}
        writes = connection.get_execution_options().get("forge_writes")
        if not tables or rebuilt or not writes or (writer := _writer()) is None:
            return
        engine = open_engine(connection.engine.url.render_as_string(hide_password=False))
        try:
            with closing(engine.connect()) as others_view:  # what everybody else still sees
                connection.info["compared"] = True  # for tests that count statements
                self._compare(others_view, connection, tables, writer)
        finally:
            connection.info.pop("compared", None)
            engine.dispose()

    def _compare(self, before: Connection, after: Connection, tables: Iterable[str], writer: str) -> None:
        every = _every(before) | _every(after)
        if after.execute(select(pending_public_record)).first() is not None:
            return  # one of a series: its records, and those that follow from them, are compared at its end
        if not every or not (rows := _differing(before, after, tables)):
            return
        small = all(sum(of == kind for of, _ in every) <= MOST for kind in TABLES)
        keys = every if small else _led_to(before, after, rows, every)
        if not keys and set(tables) <= _OF_PEOPLE:
            return  # of somebody who has no part in any record
        keys = keys or every
        self.writes += 1
        differing = self._check(before, after, keys, writer)
        if not small:  # what others show of a record is another thing only where the record is
            self._check(before, after, (_neighbours(before, after, differing) & every) - keys, writer)

    def _check(self, before: Connection, after: Connection, keys: set[Key], writer: str) -> set[Key]:
        """Compare these records; those that differ from what others still see."""
        self.compared += len(keys)
        was_stored, was_change = _stored(before, keys), _changes(before)
        stored, change, built, wrong = _stored(after, keys), _changes(after), _built(after, keys), _wrong(after, keys)
        doubtful = set()
        for key in keys:
            stepped = change.get(key, 0) > was_change.get(key, 0)
            differs = stored.get(key) != was_stored.get(key)
            if built.get(key) != stored.get(key) or key in wrong or (differs and not stepped):
                doubtful.add(key)
            elif differs:
                self.moved += 1
            else:
                self.unseen += stepped
        was_built = _built(before, doubtful)
        for key in doubtful:
            was, now = was_built.get(key, {}), built.get(key, {})
            if was == now and key not in wrong:
                continue  # a test wrote it beside the store
            changed = {name for name in was.keys() | now if was.get(name) != now.get(name)}
            parts = tuple(sorted(changed | ({"categories"} if key in wrong else set())))
            self.holes.append(Hole(writer, key[0], str({**was, **now}["record"]["slug"]), parts))
        return {key for key in keys if built.get(key) != was_stored.get(key)}


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
        elif _SCHEMA.match(statement):
            connection.info["rebuilt"] = True

    def rolled_back(connection: Connection) -> None:
        connection.info.pop("written", None)
        connection.info.pop("rebuilt", None)

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
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_TESTS) and file != __file__:
            return None
        if file.startswith(_PRODUCT) and file not in _TRANSACTIONS:
            module = file.removeprefix(f"{ROOT}/").removesuffix(".py").replace("/", ".")
            return f"{module}.{frame.f_code.co_qualname}"
        frame = frame.f_back  # type: ignore[assignment]
    return None


def _every(connection: Connection) -> set[Key]:
    return {(kind, key) for kind, table in TABLES.items() for key in connection.execute(select(table.c.id)).scalars()}


def _differing(before: Connection, after: Connection, tables: Iterable[str]) -> list[Any]:
    """The rows of these tables that were written, as they were and as they are."""
    whole = "CAST(t AS text)" if after.dialect.name == "postgresql" else "*"
    differing: list[Any] = []
    for table in tables:
        were, are = (set(view.exec_driver_sql(f'SELECT {whole} FROM "{table}" t')) for view in (before, after))
        differing += were ^ are
    return differing


def _led_to(before: Connection, after: Connection, rows: Iterable[Any], every: set[Key]) -> set[Key]:
    """The records whose ids stand in these rows, or in rows that they name: an answer leads to its call, the call to
    its project."""
    kinds = {key: kind for kind, key in every}
    met: set[UUID] = set()
    new = _ids_in(rows)
    for _ in range(2):
        met |= new
        new = _ids_in(row for view in (before, after) for row in _rows_with(view, new - kinds.keys())) - met
    return {(kinds[key], key) for key in met | new if key in kinds}


def _neighbours(before: Connection, after: Connection, keys: set[Key]) -> set[Key]:
    """The records that name one of these, or that one of these names."""
    mentions = [row for view in (before, after) for row in view.execute(select(public_mention))]
    pairs = [((row.kind, row.id), (row.of_kind, row.of_id)) for row in mentions]
    return {other for one, two in pairs for key, other in ((one, two), (two, one)) if key in keys}


def _ids_in(rows: Iterable[Any]) -> set[UUID]:
    return {UUID(found) for row in rows for found in _IDS.findall(str(row))}


def _rows_with(connection: Connection, ids: Iterable[UUID]) -> Iterator[Any]:
    """As text of ours: of 60 statements after each transaction, to compile them would take a fifth of a test's time."""
    wanted = ", ".join(f"'{key.hex}'" for key in ids)
    whole = "CAST(t AS text)" if connection.dialect.name == "postgresql" else "*"
    for column in _ID_COLUMNS if wanted else ():
        yield from connection.exec_driver_sql(
            f'SELECT {whole} FROM "{column.table.name}" t WHERE "{column.name}" IN ({wanted})'
        )


def _stored(connection: Connection, keys: set[Key]) -> dict[Key, Mapping[str, Any]]:
    rows = connection.execute(select(public_record.c.kind, public_record.c.id, public_record.c.body))
    return {(row.kind, row.id): _plain(unpacked(row.body)) for row in rows if (row.kind, row.id) in keys}


def _built(connection: Connection, keys: set[Key]) -> dict[Key, Mapping[str, Any]]:
    """What these records are by all tables, as this connection sees them."""
    return {
        (kind, key): _plain(body_of(record.record, record.projects))
        for kind in TABLES
        for key, record in build_records(connection, kind, [key for of, key in keys if of == kind]).items()
    }


def _changes(connection: Connection) -> dict[Key, int]:
    changes: dict[Key, int] = {}
    for kind, table in TABLES.items():
        changes |= {(kind, row.id): row.change for row in connection.execute(select(table.c.id, table.c.change))}
    for row in connection.execute(select(removed_record)):
        changes[row.kind, row.record_id] = max(row.change, changes.get((row.kind, row.record_id), 0))
    return changes


def _wrong(connection: Connection, keys: set[Key]) -> set[Key]:
    """The organizations whose stored categories are not those of what they use."""
    if connection.execute(select(func.count()).select_from(pending_public_record)).scalar_one():
        return set()
    return {
        ("organization", key)
        for key in in_wrong_categories(connection, {key for of, key in keys if of == "organization"})
    }


def _plain(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parts of a body that a change is counted of, as JSON gives them back."""
    parts: Mapping[str, Any] = json.loads(json.dumps(body))
    return {**parts["shown"], "page_only": parts["page_only"], "refs": parts["refs"]}
