"""A cache of query results, valid until the next public change; for counts over all rows."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, select

from catalog.store.core.engine import get_meta, is_reading_within, reading_once
from catalog.tables.core import project

# Readers wait for counts in a catalogue of up to so many projects: there they take a few tenths of a second.
WAITED_FOR = 100_000
PAUSE_SECONDS = 10  # between counts behind readers, so that they leave the processor to others

T = TypeVar("T")
Read = Callable[[Connection], Any]

log = logging.getLogger("catalog.store.core.query_cache")
_counting = Lock()  # one thread of a process counts, whatever there is to count


@dataclass(frozen=True)
class _Kept:
    change: int
    value: Any
    may_lag: bool


class QueryCache:
    """Results by name; a process keeps one result for each name, so use few names."""

    def __init__(self, engine: Engine):
        self._engine = engine
        self._kept: dict[str, _Kept] = {}

    def __call__(self, name: str, load: Callable[[Connection], T]) -> T:
        """The result of `load`, which runs again only after a public change: counting takes 0.2 s at 100,000 projects.

        Outside of `one_view` the result may hold part of a change that is committed meanwhile; the next call then sees
        another change number and reads again.
        """
        return self._now(name, load, lagging=False)  # type: ignore[no-any-return]

    def numbers(self, name: str, load: Callable[[Connection], T]) -> T:
        """As a call, for numbers alone: in a catalogue of more than WAITED_FOR projects readers get the last ones while
        a thread counts again. Nothing that names a record may be got so: a withdrawal is seen by the next request."""
        return self._now(name, load, lagging=True)  # type: ignore[no-any-return]

    def _now(self, name: str, load: Read, *, lagging: bool) -> Any:
        with reading_once(self._engine) as connection:
            change = int(get_meta(connection, "change") or 0)
            if is_reading_within(self._engine):
                return load(connection)
            entry = self._kept.get(name)
            if entry is not None and entry.change == change:
                return entry.value
            if entry is None or not (lagging and entry.may_lag):
                return self._keep(name, connection, change, load, lagging)
        if _counting.acquire(blocking=False):
            Thread(target=self._again, args=(name, load), daemon=True).start()
        return entry.value

    def _keep(self, name: str, connection: Connection, change: int, load: Read, lagging: bool) -> Any:
        value = load(connection)
        may_lag = lagging and connection.execute(_IS_LARGE.offset(WAITED_FOR)).first() is not None
        self._kept[name] = _Kept(change, value, may_lag)
        return value

    def _again(self, name: str, load: Read) -> None:
        try:
            with reading_once(self._engine) as connection:
                self._keep(name, connection, int(get_meta(connection, "change") or 0), load, True)
        except Exception:
            log.warning("%s were not counted again; the next reader tries.", name, exc_info=True)
        finally:
            Event().wait(PAUSE_SECONDS)
            _counting.release()


_IS_LARGE = select(project.c.id).limit(1)
