"""How large a feed is: of a national network's catalogue, and of a visit that brings one change."""

from contextlib import closing
from dataclasses import replace

import pytest
from support.factories.core import NOW, later, load
from support.feed_follower import Follower

from benchmarks.exchange import BUDGET_BYTES, HERE, document
from catalog.federation import bounds
from catalog.store import Store
from forge.federation.publish.folder import write
from forge.federation.publish.keys import keys


def of(store, tmp_path) -> Follower:
    return Follower(tmp_path / "out", keys(store, tmp_path).private.public)


@pytest.mark.full
def test_three_thousand_projects_and_ten_thousand_organizations_take_at_most_15_megabytes(sqlite_url, tmp_path) -> None:
    made = document(3_000, 10_000)
    persons = [organization for organization in made.organizations if organization.kind == "self-employed"]
    with closing(Store(sqlite_url)) as store:
        load(store, made)
        done = write(store, tmp_path, tmp_path / "out", HERE, now=NOW)
        follower = of(store, tmp_path).take_snapshot()
        assert done.size_bytes <= BUDGET_BYTES
        assert len(follower.named("project")) == 3_000
        assert len(follower.named("organization")) == 10_000 - len(persons)
        assert (tmp_path / "out" / "entry.json").stat().st_size < 8_000
        first = replace(made.projects[0], homepage="https://new.example/")
        load(store, replace(made, projects=(first, *made.projects[1:])))
        write(store, tmp_path, tmp_path / "out", HERE, now=later(hours=1))
        (change,) = follower.entry().changes
        assert change.file.size_bytes < 4_000


def test_a_large_kind_comes_in_parts_and_too_many_changes_in_none(sqlite_url, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("catalog.federation.writing.PART_BYTES", 20_000)
    monkeypatch.setattr("catalog.federation.writing.CHANGE_RECORDS", 60)
    made = document(60, 100)
    with closing(Store(sqlite_url)) as store:
        load(store, replace(made, projects=made.projects[:5]))
        write(store, tmp_path, tmp_path / "out", HERE, now=NOW)
        follower = of(store, tmp_path).take_snapshot()
        load(store, replace(made, projects=made.projects[:8]), now=later(hours=1))
        write(store, tmp_path, tmp_path / "out", HERE, now=later(hours=1))
        assert [change.sequence for change in follower.entry().changes] == [2]
        load(store, made, now=later(hours=2))
        write(store, tmp_path, tmp_path / "out", HERE, now=later(hours=2))
        entry = follower.entry()
        assert entry.changes == ()
        assert len([part for part in entry.parts if (part.kind, part.language) == ("project", None)]) == 3
        assert max(part.file.unpacked_bytes for part in entry.parts) < 30_000 < bounds.UNPACKED_BYTES
        assert len(follower.catch_up().named("project")) == 60


def test_a_record_that_no_reader_would_take_stays_here(sqlite_url, tmp_path) -> None:
    made = document(5, 10)
    huge = replace(made.projects[0], description={"fr": "mot " * 70_000})
    with closing(Store(sqlite_url)) as store:
        load(store, replace(made, projects=(huge, *made.projects[1:])))
        write(store, tmp_path, tmp_path / "out", HERE, now=NOW)
        follower = of(store, tmp_path).take_snapshot()
        assert huge.slug not in follower.named("project") and len(follower.named("project")) == 4
