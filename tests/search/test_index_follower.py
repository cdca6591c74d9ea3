"""The index follows the store's change counter, also backwards, and survives what happens to its folder."""

import json
import shutil
import time
from datetime import UTC, datetime

import pytest
from support.factories.core import a_catalog, a_project, load

from catalog.search import Finder, IndexMissing, IndexWriter, SearchQuery
from forge.server.index_follower import IndexFollower, catch_up

WAIT_SECONDS = 30.0


@pytest.fixture
def index(tmp_path):
    folder = tmp_path / "search"
    folder.mkdir()
    return folder


def found(index, text):
    return Finder(index).find(SearchQuery(text=text), datetime.now(UTC)).total


def test_catching_up_takes_what_changed_and_says_whether_there_was_anything(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    writer = IndexWriter.open(index)
    assert catch_up(sqlite_store, writer) is True
    assert catch_up(sqlite_store, writer) is False
    assert found(index, "galette") == 1
    load(sqlite_store, a_catalog(a_project("zebulon")), digest="2")
    assert catch_up(sqlite_store, writer) is True
    assert (found(index, "galette"), found(index, "zebulon")) == (0, 1)
    writer.close()


def test_a_database_older_than_the_index_has_the_index_built_again(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    writer = IndexWriter.open(index)
    writer.rebuild(iter(()), 1000)
    assert catch_up(sqlite_store, writer) is True
    assert (found(index, "galette"), Finder(index).change) == (1, sqlite_store.change())
    writer.close()


def test_a_follower_makes_a_change_findable_by_itself(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    follower = IndexFollower(sqlite_store, index)
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
    follower, rows = IndexFollower(sqlite_store, index), sqlite_store.index_rows.rows

    def slowly(ids):
        for row in rows(ids):
            yield row
            follower._stopping.wait(WAIT_SECONDS)

    monkeypatch.setattr(sqlite_store.index_rows, "rows", slowly)
    follower.start(patience_seconds=0.1)
    with pytest.raises(IndexMissing, match="none yet"):
        found(index, "galette")
    follower.stop()
    monkeypatch.undo()
    again = IndexFollower(sqlite_store, index)
    again.start()
    assert (found(index, "galette"), found(index, "zebulon")) == (1, 1)
    again.stop()


def test_one_follower_writes_and_the_next_one_may_when_it_ended(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    first, second = IndexFollower(sqlite_store, index), IndexFollower(sqlite_store, index)
    assert (first.writes, second.writes) == (True, False)
    first.start()
    first.stop()
    third = IndexFollower(sqlite_store, index)
    assert third.writes is True
    third.start()
    third.stop()


def wait_until(what):
    deadline = time.monotonic() + WAIT_SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def finds(index):
    try:
        return found(index, "galette") == 1
    except IndexMissing:
        return False


@pytest.mark.parametrize("name", ["writer.lock", "current"])
def test_a_follower_that_may_not_write_keeps_nobody_from_starting_and_goes_on_when_it_may(
    name, sqlite_store, index, monkeypatch, caplog
):
    monkeypatch.setattr("forge.server.index_follower.LOCK_SECONDS", 0.05)
    load(sqlite_store, a_catalog(a_project()))
    (index / name).mkdir()
    follower = IndexFollower(sqlite_store, index)
    follower.start(patience_seconds=0.1)
    wait_until(lambda: caplog.messages)
    (index / name).rmdir()
    wait_until(lambda: finds(index))
    follower.stop()
    assert len([message for message in caplog.messages if "search index" in message]) == 1  # told once, tried often


def test_an_index_that_somebody_deletes_or_replaces_is_made_again_though_nothing_changed(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    follower = IndexFollower(sqlite_store, index, poll_seconds=0.02)
    follower.start()
    shutil.rmtree(index.rename(index.with_name("gone")))  # at once: else it is made again in what is being deleted
    wait_until(lambda: finds(index))
    (index / "current").write_text("[" * 200_000)
    wait_until(lambda: finds(index))
    generation = json.loads((index / "current").read_text())["name"]
    (index / generation / "meta.json").write_text("{}")
    wait_until(lambda: finds(index))
    follower.stop()


def test_a_file_where_the_next_index_would_lie_is_no_hindrance(sqlite_store, index):
    load(sqlite_store, a_catalog(a_project()))
    (index / "g1").write_text("somebody's")
    with IndexWriter.open(index) as writer:
        catch_up(sqlite_store, writer)
    assert finds(index) and not (index / "g1").is_file()
