"""Tests of `forge.observe`: activity, READMEs, and the observation as it is kept."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from forge.observe import observation
from forge.observe.activity import Commit, Tag, activity, release, vitality
from forge.observe.observation import Snapshot, TooSlow, observe
from forge.observe.readme import readme
from forge.observe.seen import Seen
from forge.observe.tree import tree_of

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EUPL = {"LICENSES/EUPL-1.2.txt": b"The text"}


def a_commit(days_ago: float, author: str = "ana") -> Commit:
    return Commit(f"{days_ago}", NOW - timedelta(days=days_ago), author)


def a_snapshot(files=EUPL, **changes) -> Snapshot:
    defaults = {"head": "a" * 40, "default_branch": "main", "committed_at": NOW, "tree": tree_of(files)}
    return Snapshot(**{**defaults, **changes})


@pytest.mark.parametrize(
    ("days", "term"), [(0, "active"), (183, "active"), (184, "quiet"), (548, "quiet"), (549, "asleep")]
)
def test_vitality_is_said_in_three_words(days, term):
    assert vitality(NOW - timedelta(days=days), NOW) == term


def test_vitality_is_unknown_without_a_date():
    assert vitality(None, NOW) is None


def test_people_are_counted_for_a_year_and_never_kept():
    seen = activity([a_commit(1), a_commit(2), a_commit(300, "bruno"), a_commit(400, "chloe")], NOW)
    assert (seen.people_in_year, seen.commits) == (2, 4)
    assert seen.first_commit_at == NOW - timedelta(days=400)
    assert "bruno" not in json.dumps(observe(a_snapshot(commits=[a_commit(3, "bruno")]), NOW).record())


def test_dates_of_broken_clocks_say_nothing():
    seen = activity([a_commit(-4000), a_commit(10), Commit("x", datetime(1970, 1, 1, tzinfo=UTC), "ana")], NOW)
    assert seen.first_commit_at == seen.last_commit_at == NOW - timedelta(days=10)
    assert activity([a_commit(-4000)], NOW).last_commit_at is None


def test_the_last_release_is_the_latest_dated_tag_with_a_number():
    tags = [
        Tag("v1.9", "b" * 40, NOW - timedelta(days=9)),
        Tag("v2.0", "c" * 40, NOW - timedelta(days=3)),
        Tag("nightly", "d" * 40, NOW),
        Tag("v9.0", "e" * 40, NOW + timedelta(days=900)),
        Tag("v3", "f" * 40, None),
    ]
    assert release(tags, NOW).name == "v2.0"
    assert release([], NOW) is None


@pytest.mark.parametrize(
    ("paths", "languages", "chosen"),
    [
        (["README.md", "README.fr.md"], ["fr"], "README.fr.md"),
        (["README.md", "README_FR.md", "README-pt-br.md"], ["pt"], "README-pt-br.md"),
        (["README.md", "README.fr.md"], ["es"], "README.md"),
        (["README.rst", "README.md", "README"], [], "README.md"),
        (["README.fr.md"], ["en"], "README.fr.md"),
        (["docs/README.md", "main.py"], ["en"], None),
    ],
)
def test_the_readme_is_chosen_by_language_then_format(paths, languages, chosen):
    found = readme(paths, languages)
    assert (found and found.path) == chosen


def test_an_observation_is_json_and_each_value_names_file_and_commit():
    files = EUPL | {"README.rst": b"Hi", "package.json": b'{"license": "ISC"}'}
    snapshot = a_snapshot(files, commits=[a_commit(5)], size_bytes=12)
    kept = json.loads(json.dumps(observe(snapshot, NOW).record()))
    assert kept["license"] == {
        "value": "EUPL-1.2", "files": ["LICENSES/EUPL-1.2.txt"], "file": "LICENSES/EUPL-1.2.txt", "oid": f"{0:040}",
        "commit": "a" * 40,
    }  # fmt: skip
    assert kept["free"] is True
    assert kept["declared_licenses"][0]["value"] == "ISC"
    assert kept["readmes"] == [
        {"language": None, "format": "rst", "file": "README.rst", "oid": f"{1:040}", "commit": "a" * 40}
    ]
    assert kept["activity"]["last_commit_at"] == "2026-11-19T00:00:00Z"


def test_a_repository_without_anything_known_says_so():
    kept = observe(a_snapshot(files={}), NOW).record()
    assert (kept["license"], kept["free"], kept["license_files"], kept["readmes"], kept["release"]) == (
        None, None, [], [], None
    )  # fmt: skip


def test_an_observer_that_fails_is_told_and_loses_nothing_of_the_others(monkeypatch):
    def broken(tree):
        raise KeyError("what a stranger wrote")

    def slow(tree):
        raise TooSlow

    def last(tree):
        return [Seen("homepage", "https://example.org/", "package.json")]

    monkeypatch.setattr(observation, "OBSERVERS", (broken, slow, last))
    seen = observe(a_snapshot(), NOW)
    assert [one.field for one in seen.seen] == ["homepage"]
    assert [fault["error"] for fault in seen.record()["faults"]] == ["KeyError", "TooSlow"]
    assert "a stranger" not in json.dumps(seen.record())
    assert "a stranger" in seen.faults[0].trace
