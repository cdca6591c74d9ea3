"""The index follows the store's change counter, also backwards, and survives what happens to its folder."""

import time
from datetime import UTC, datetime

import pytest
from factories import a_catalog, a_project, load

from catalog.search import Finder, IndexMissing, Query, Writer
from forge.follow import Follower, catch_up

WAIT_SECONDS = 30.0


@pytest.fixture
def index(tmp_path):
    folder = tmp_path / "search"
    folder.mkdir()
    return folder


def found(index, text):
    return Finder(index).find(Query(text=text), datetime.now(UTC)).total


def test_catching_up_takes_what_changed_and_says_whether_there_was_anything(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    writer = Writer.open(index)
    assert catch_up(sqlite_store, writer) is True
    assert catch_up(sqlite_store, writer) is False
    assert found(index, "galette") == 1
    load(sqlite_store, a_catalog(a_project("zebulon")), digest="2")
    assert catch_up(sqlite_store, writer) is True
    assert (found(index, "galette"), found(index, "zebulon")) == (0, 1)
    writer.close()


def test_a_database_older_than_the_index_has_the_index_built_again(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    writer = Writer.open(index)
    writer.rebuild(iter(()), 1000)
    assert catch_up(sqlite_store, writer) is True
    assert (found(index, "galette"), Finder(index).change) == (1, sqlite_store.change())
    writer.close()


def test_a_follower_makes_a_change_findable_by_itself(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    follower = Follower(sqlite_store, index)
    follower.start()
    assert found(index, "galette") == 1
    load(sqlite_store, a_catalog(a_project(), a_project("zebulon")), digest="2")
    deadline = time.monotonic() + WAIT_SECONDS
    while found(index, "zebulon") != 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    follower.stop()


def test_a_start_waits_for_no_long_making_of_the_index_and_an_end_leaves_it(sqlite_store, index, monkeypatch):
    load(sqlite_store, a_catalog(a_project(), a_project("zebulon")))
    follower, rows = Follower(sqlite_store, index), sqlite_store.following.rows

    def slowly(ids):
        for row in rows(ids):
            yield row
            follower._stopping.wait(WAIT_SECONDS)

    monkeypatch.setattr(sqlite_store.following, "rows", slowly)
    follower.start(patience_seconds=0.1)
    with pytest.raises(IndexMissing, match="being made"):
        found(index, "galette")
    follower.stop()
    monkeypatch.undo()
    again = Follower(sqlite_store, index)
    again.start()
    assert (found(index, "galette"), found(index, "zebulon")) == (1, 1)
    again.stop()


def test_one_follower_writes_and_the_next_one_may_when_it_ended(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    first, second = Follower(sqlite_store, index), Follower(sqlite_store, index)
    assert (first.writes, second.writes) == (True, False)
    first.start()
    first.stop()
    third = Follower(sqlite_store, index)
    assert third.writes is True
    third.start()
    third.stop()
