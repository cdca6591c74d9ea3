"""All that a page reads is of one moment, over one connection, until its handler writes something itself."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient
from support.factories.core import a_catalog, a_project, load

from catalog.store.core import query_cache
from catalog.store.core.engine import get_meta, reading, reading_once, reading_within, set_meta, writing
from catalog.store.core.public_changes import changing
from catalog.store.core.query_cache import QueryCache
from catalog.store.store import Store
from forge.app import create_app
from forge.config.settings import Settings


def _write(store: Store, value: int) -> None:
    with writing(store.engine) as connection:
        set_meta(connection, "view-test", value)


def _elsewhere(store: Store, value: int) -> None:
    other = threading.Thread(target=_write, args=(store, value))
    other.start()
    other.join()


def _read(store: Store) -> int:
    with reading(store.engine) as connection:
        found: int = get_meta(connection, "view-test")
    with reading_once(store.engine) as connection:
        assert get_meta(connection, "view-test") == found
    return found


@contextmanager
def _begun(store: Store) -> Iterator[list[None]]:
    """The transactions that begin meanwhile."""
    every: list[None] = []

    def begin(_connection: object) -> None:
        every.append(None)

    event.listen(store.engine, "begin", begin)
    try:
        yield every
    finally:
        event.remove(store.engine, "begin", begin)


def test_all_reads_within_a_view_see_one_moment_and_the_next_view_sees_what_came_since(store: Store) -> None:
    _write(store, 1)
    with store.one_view():
        assert _read(store) == 1
        _elsewhere(store, 2)
        assert _read(store) == 1
    assert _read(store) == 2
    with store.one_view():
        assert _read(store) == 2


def test_whoever_writes_within_a_view_reads_what_they_wrote(store: Store) -> None:
    with store.one_view():
        _write(store, 1)
        assert _read(store) == 1
        _write(store, 2)
        _elsewhere(store, 3)
        assert _read(store) == 3


def test_what_is_read_while_something_is_written_is_read_anew_when_it_is(store: Store) -> None:
    _write(store, 1)
    with store.one_view():
        assert _read(store) == 1
        with writing(store.engine) as connection:
            set_meta(connection, "view-test", 2)
            assert _read(store) == 1
        assert _read(store) == 2


def test_a_write_that_fails_leaves_the_view_able_to_read(store: Store) -> None:
    _write(store, 1)
    with store.one_view():
        with pytest.raises(ZeroDivisionError), writing(store.engine) as connection:
            set_meta(connection, "view-test", 1 // 0)
        assert _read(store) == 1


def test_a_question_that_the_database_refuses_does_not_spoil_those_after_it(store: Store) -> None:
    _write(store, 1)
    with store.one_view():
        assert _read(store) == 1
        with pytest.raises(DBAPIError), reading(store.engine) as connection:
            connection.execute(text("SELECT no_such_column FROM meta"))
        assert _read(store) == 1


def test_a_view_is_of_one_thread_and_of_one_database(store: Store, tmp_path: Path) -> None:
    another = Store(f"sqlite:///{tmp_path / 'another.db'}")
    another.migrate()
    _write(store, 1)
    _write(another, 7)
    found: list[int] = []
    with closing(another), store.one_view():
        assert (_read(store), _read(another)) == (1, 7)
        _elsewhere(store, 2)
        other = threading.Thread(target=lambda: found.append(_read(store)))
        other.start()
        other.join()
    assert found == [2]


def test_what_a_transaction_wrote_is_read_within_it_by_this_thread_alone_and_remembered_nowhere(store: Store) -> None:
    _write(store, 1)
    remembered = QueryCache(store.engine)

    def value(connection: Connection) -> int:
        return int(get_meta(connection, "view-test"))

    assert remembered("value", value) == 1
    seen: list[int] = []
    with pytest.raises(KeyError), writing(store.engine) as connection:
        set_meta(connection, "view-test", 2)
        with reading_within(connection):
            assert _read(store) == 2 == remembered("value", value)
            other = threading.Thread(target=lambda: seen.append(_read(store)))
            other.start()
            other.join()
        raise KeyError
    assert seen == [1] and _read(store) == 1 == remembered("value", value)


def test_numbers_of_a_large_catalogue_are_counted_again_behind_readers(store: Store, monkeypatch) -> None:
    load(store, a_catalog(a_project()))
    monkeypatch.setattr(query_cache, "WAITED_FOR", 0)
    monkeypatch.setattr(query_cache, "PAUSE_SECONDS", 0)
    remembered, threads = QueryCache(store.engine), []

    def change(connection: Connection) -> int:
        threads.append(threading.current_thread())
        return int(get_meta(connection, "change") or 0)

    before = remembered.numbers("change", change)
    with changing(store.engine) as (_, count):
        count()
    assert remembered.numbers("change", change) == before  # nobody waits
    until = time.monotonic() + 60
    while remembered.numbers("change", change) == before and time.monotonic() < until:
        time.sleep(0.01)
    assert remembered.numbers("change", change) == before + 1
    assert threads[0] is threading.current_thread() and threading.current_thread() not in threads[1:]
    with changing(store.engine) as (_, count):
        count()
    assert remembered("change", change) == before + 2  # what names records is never old


def test_no_connection_is_held_by_a_view_that_reads_nothing_or_by_one_that_ended(store: Store) -> None:
    with store.one_view():
        assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        assert store.change() == 0
        assert store.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/en/projects/galette", "/en/organizations", "/en/log", "/api/v1/projects/galette"])
def test_a_page_is_drawn_within_one_transaction(store: Store, tmp_path: Path, path: str) -> None:
    load(store, a_catalog(a_project()))
    with TestClient(create_app(Settings(data=tmp_path), store, None)) as client, _begun(store) as begun:
        assert client.get(path).status_code == 200
    counted = path.startswith("/api/")  # before, how much is asked of the interface
    assert len(begun) == 1 + counted
