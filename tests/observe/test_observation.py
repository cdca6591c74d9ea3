"""Tests of `forge.observe`: activity, READMEs, and the observation as it is kept."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forge.git.history import BranchCommit, BranchHistory
from forge.observe import observation
from forge.observe.core.activity import Tag, release, releases
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.readme import sort_readmes
from forge.observe.core.tree import tree_of
from forge.observe.observation import Snapshot, TooSlow, observe_snapshot

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EUPL = {"LICENSES/EUPL-1.2.txt": b"The text"}


def a_past(*days_ago: float, person: str = "Ana Souza") -> BranchHistory:
    dates = [NOW - timedelta(days=days) for days in days_ago]
    changes = tuple(BranchCommit(int(at.timestamp()), int(at.timestamp()), person, "ana@example.org") for at in dates)
    return BranchHistory(len(dates), True, min(dates, default=None), max(dates, default=None), changes)


def a_snapshot(files=EUPL, **changes) -> Snapshot:
    defaults = {
        "head": "a" * 40,
        "default_branch": "main",
        "committed_at": NOW,
        "tree": tree_of(files),
        "past": a_past(),
    }
    return Snapshot(**{**defaults, **changes})


def test_people_are_counted_and_never_named():
    kept = observe_snapshot(a_snapshot(past=a_past(1, 2, person="Bruno Lima")), NOW).record()
    assert kept["activity"]["people_in_year"] == 1
    assert "bruno" not in json.dumps(kept).lower()


def test_the_last_release_is_the_highest_version_with_a_date():
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
    ("names", "last"),  # the latest tag first, a day between two
    [
        ("v5.0.0-rc1 v4.9.2", "v4.9.2"),
        ("1.2.0-alpha 2.0b1 3.0.dev4 v1.1.6", "v1.1.6"),
        ("v1.0-beta2 v1.0-beta1", "v1.0-beta2"),
        ("2.0.0-beta.2 2.0.0-rc.1 2.0.0-beta.11", "2.0.0-rc.1"),
        ("2.0.0-beta.2 2.0.0-beta.11 2.0.0-dev1", "2.0.0-beta.11"),
        ("v2.9.5 v3.0.0 v2.9.4", "v3.0.0"),  # a correction of the older one comes later
        ("v1.9.0 v1.10.0", "v1.10.0"),
        ("1.2.3 1.2.3-hotfix1 1.2.2", "1.2.3"),
        ("release-1.4 v1.3", "release-1.4"),
        ("release/1.4 REL_1_5", "REL_1_5"),
        ("latest stable nightly-2.0 main v1.0 2.x", "v1.0"),
        ("v1.x latest-9 9.9-SNAPSHOT v1.0", "v1.0"),
        ("2026.05 2026.1 2025.12", "2026.05"),
        ("2026-05-01 2026-04-30", "2026-05-01"),
        ("20260501 20260430", "20260501"),
        ("1.1 1.0 2019.4 2018.12", "1.1"),  # from years to numbers
        ("2026.4 12.3 12.2", "2026.4"),  # and from numbers to years
        ("npm/part/1.0.0 v0.17.5", "v0.17.5"),
        ("ui@2.0/x part/1.0", "ui@2.0/x"),
        ("client-9.0 server-1.2 server-1.10 server-1.1", "server-1.10"),
        ("client@9.0.0 client@10.0.0 v1.2.0", "v1.2.0"),
        ("galette-0.9.6.1 galette-0.9.6", "galette-0.9.6.1"),
        ("desk-tools-1.2 desk-tools-1.1", "desk-tools-1.2"),
        ("latest stable main", None),
    ],
)
def test_the_last_release_is_the_highest_that_is_for_everybody(names, last):
    tags = [Tag(name, f"{days:040x}", NOW - timedelta(days=days)) for days, name in enumerate(names.split())]
    found = release(tags, NOW)
    assert (found and found.name) == last


def test_a_name_that_was_given_up_years_ago_is_not_the_project_s():
    tags = [Tag(name, "b" * 40, NOW - timedelta(days=days)) for name, days in (("tool-2.0", 5), ("v5.0", 1500))]
    assert release(tags, NOW).name == "tool-2.0"


def test_tags_that_follow_others_are_no_versions():
    oids = {"v1": "3", "v1.2": "2", "v1.2.3": "3", "v1.2.2": "2", "v1.3": "4", "v1.3.1": "5", "v2": "6"}
    tags = [Tag(name, oid * 40, NOW) for name, oid in oids.items()]
    # v1.3 is older than v1.3.1 and leads elsewhere; v2 has nothing that it could follow.
    assert [tag.name for tag in releases(tags, NOW)] == ["v2", "v1.3.1", "v1.3", "v1.2.3", "v1.2.2"]


def test_where_each_package_has_its_own_versions_those_of_the_main_one_are_listed():
    names = enumerate(("ui-2.0", "core-1.1", "core-1.0"))
    tags = [Tag(name, "b" * 40, NOW - timedelta(days=days)) for days, name in names]
    assert [tag.name for tag in releases(tags, NOW)] == ["core-1.1", "core-1.0"]


@given(st.lists(st.tuples(st.text(max_size=30), st.sampled_from("abc"), st.integers(-3, 9000)), max_size=8))
def test_no_names_of_tags_stop_the_reading(given_tags):
    tags = [Tag(name, oid * 40, NOW - timedelta(days=days)) for name, oid, days in given_tags]
    assert set(releases(tags, NOW)) <= set(tags) and releases(tags, NOW) == releases(tags[::-1], NOW)


def test_readmes_are_sorted_by_language_then_format():
    paths = ["README.fr.md", "README", "docs/README.md", "README.rst", "README-pt-br.md", "README.md", "main.py"]
    found = [(readme.path, readme.language) for readme in sort_readmes(paths)]
    assert found[:3] == [("README.md", None), ("README.rst", None), ("README", None)]
    assert found[3:] == [("README.fr.md", "fr"), ("README-pt-br.md", "pt-br")]


def test_an_observation_is_json_and_each_value_names_file_and_commit():
    files = EUPL | {"README.rst": b"Hi", "package.json": b'{"license": "ISC"}'}
    snapshot = a_snapshot(files, past=a_past(5), size_bytes=12)
    kept = json.loads(json.dumps(observe_snapshot(snapshot, NOW).record()))
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
    kept = observe_snapshot(a_snapshot(files={}), NOW).record()
    assert (kept["license"], kept["free"], kept["license_files"], kept["readmes"], kept["release"]) == (
        None, None, [], [], None
    )  # fmt: skip


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"publiccode.yml": b"platforms: [web, android]"}, [(["web", "android"], "publiccode.yml")]),
        ({"Dockerfile": b""}, [(["container"], None)]),
        (
            {"publiccode.yml": b"platforms: [web, mac]", "Dockerfile": b""},
            [(["web", "macos"], "publiccode.yml"), (["web", "macos", "container"], None)],
        ),
        ({"publiccode.yml": b"platforms: [linux]", "debian/control": b""}, [(["linux"], "publiccode.yml")]),
        ({"publiccode.yml": b"platforms: web"}, []),
    ],
)  # fmt: skip
def test_platforms_that_publiccode_yml_names_and_those_that_manifests_show_add_up(files, told):
    facts = observe_snapshot(a_snapshot(files), NOW).facts_of("platforms")
    assert [(fact.value, fact.path) for fact in facts] == told


def test_an_observer_that_fails_is_told_and_loses_nothing_of_the_others(monkeypatch):
    def broken(tree):
        raise KeyError("what a stranger wrote")

    def slow(tree):
        raise TooSlow

    def last(tree):
        return [ObservedFact("homepage", "https://example.org/", "package.json")]

    monkeypatch.setattr(observation, "OBSERVERS", {"broken": broken, "slow": slow, "last": last})
    seen = observe_snapshot(a_snapshot(), NOW)
    assert [fact.field for fact in seen.facts if fact.path == "package.json"] == ["homepage"]
    assert seen.facts_of("license") and seen.facts_of("activity")
    assert seen.record()["faults"] == [
        {"observer": "broken", "error": "KeyError"}, {"observer": "slow", "error": "TooSlow"}
    ]  # fmt: skip
    assert "a stranger" not in json.dumps(seen.record())
    assert "a stranger" in seen.faults[0].trace


NAMES = (
    *("LICENSE", "COPYING", "LICENSES/MIT.txt", "REUSE.toml", "debian/copyright", "README.md", "src/a.py", "a.min.js"),
    *("package.json", "composer.json", "pyproject.toml", "setup.cfg", "setup.py", "pom.xml", "Cargo.toml", "go.mod"),
    *("publiccode.yml", "codemeta.json", "CITATION.cff", "tool.gemspec", "Gemfile", "requirements.txt", "Dockerfile"),
    *("CHANGELOG.md", "SECURITY.md", ".github/FUNDING.yml", ".tx/config", "debian/changelog"),
    *("locale/fr/LC_MESSAGES/a.po", "locale/a.pot", "i18n/fr.json", "i18n/en.json", "config/locales/fr.yml", "fr.xlf"),
    *("values-fr/strings.xml", "fr.ts", "docker-compose.yml", "snapcraft.yaml", "flake.nix", "a/" * 60 + "LICENSE"),
)
PIECES = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b'"',
        b"'",
        b"\n",
        b"  - ",
        b"&a ",
        b"*a",
        b"<a>",
        b"</a>",
        b"<!DOCTYPE a [",
        b"\0",
    ),
    *(
        b"\0",
        b"name",
        b"license",
        b"version",
        b"= ",
        b"msgid ",
        b"msgstr ",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"MIT",
        b"GPL-3.0",
    ),
    *(b"---", b"!!python/object:os.system", b"1e999", b"9" * 400, b"[" * 90, b"\\ud800", b"SPDX-License-Identifier: "),
)
contents = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=30).map(b"".join)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), contents, max_size=12))
def test_no_content_of_a_file_makes_an_observer_fail_or_tells_what_no_database_takes(files):
    seen = observe_snapshot(a_snapshot(files), NOW)
    assert seen.faults == ()
    kept = json.dumps([[fact.field, fact.value, fact.path] for fact in seen.facts] + [seen.record()], allow_nan=False)
    assert r"\u0000" not in kept
    json.dumps(json.loads(kept), ensure_ascii=False).encode()  # no half of a surrogate pair


def test_a_manifest_that_names_a_license_that_is_not_free_makes_a_free_text_unsure():
    text = {"LICENSES/EUPL-1.2.txt": b"The text"}
    assert observe_snapshot(a_snapshot(text), NOW).free is True
    assert observe_snapshot(a_snapshot(text | {"package.json": b'{"license": "BUSL-1.1"}'}), NOW).free is None
    unlicensed = observe_snapshot(a_snapshot(text | {"package.json": b'{"license": "UNLICENSED"}'}), NOW)
    assert (unlicensed.free, unlicensed.license_doubts) == (None, ("package.json",))
    assert observe_snapshot(a_snapshot(text | {"package.json": b'{"license": "Unlicense"}'}), NOW).free is True
    assert observe_snapshot(a_snapshot(text | {"package.json": b'{"license": "MIT"}'}), NOW).free is True
    assert observe_snapshot(a_snapshot(text | {"examples/package.json": b'{"license": "BUSL-1.1"}'}), NOW).free is True
