"""From a mirror's head to what is told of it, on real repositories."""

import json
import pickle
from dataclasses import replace
from datetime import timedelta

import pytest
from support.factories.core import NOW, a_catalog, a_project, identity, load
from support.factories.visits import LICENSE_TEXT
from support.hosts.git_origin import a_repository, git

from benchmarks import repository
from forge.git.read import MirrorUnreadable, ObjectMissing
from forge.mirroring import snapshot
from forge.mirroring.snapshot import READMES, read_mirror
from forge.render import render

LANGUAGES = ("en", "fr")


def test_a_head_tells_license_readme_releases_and_activity_and_can_be_sent(tmp_path):
    path = a_repository(tmp_path, LICENSE=LICENSE_TEXT, README__md="# Tool\n\nFor *groups*.\n", commits=3)
    git("tag", "v2", "main", cwd=path)
    told = pickle.loads(pickle.dumps(read_mirror(path, "tool", LANGUAGES, NOW)))
    assert told.commit == git("rev-parse", "main", cwd=path).decode()
    seen = json.loads(json.dumps(told.observation))
    assert (seen["license"]["value"], seen["release"]["value"], seen["activity"]["commits"]) == ("AGPL-3.0", "v2", 3)
    assert (told.free, told.last_commit_at.year) == (True, 2026)
    assert [text.renderer == "text" for text in told.texts] == [True, False]
    assert "<em>groups</em>" in told.texts[1].html


def test_the_last_version_of_a_repository_is_the_highest_and_no_tag_that_moves(tmp_path):
    path = a_repository(tmp_path, LICENSE=LICENSE_TEXT, commits=2)
    for name, commit in (("v1.10.0", "main~1"), ("v1.9.1", "main"), ("v2.0.0-rc1", "main"), ("ui@7.0.0", "main")):
        git("tag", name, commit, cwd=path)
    for name in ("v1", "latest", "stable", "2.x"):
        git("tag", name, "main", cwd=path)
    told = read_mirror(path, "tool", LANGUAGES, NOW)
    (listed,) = (fact.value for fact in told.facts if fact.field == "releases")
    assert told.observation["release"]["value"] == "v1.10.0"
    assert [version["version"] for version in listed] == ["v1.10.0", "v1.9.1"]


def test_names_of_branches_and_tags_that_are_no_text_break_no_database(tmp_path, store):
    path = a_repository(tmp_path)
    head = git("rev-parse", "main", cwd=path)
    git("update-ref", b"refs/heads/ma\xffin", head, cwd=path)
    git("update-ref", b"refs/tags/v1-\xff", head, cwd=path)
    git("symbolic-ref", "HEAD", b"refs/heads/ma\xffin", cwd=path)
    told = read_mirror(path, "tool", LANGUAGES, NOW)
    assert (told.observation["default_branch"], told.observation["release"]["value"]) == ("ma\ufffdin", "v1-\ufffd")
    load(store, a_catalog(a_project(), a_project("paheko")))
    for slug in ("galette", "paheko"):
        store.observations.observe(
            identity(slug), told.commit, told.observation, facts=told.facts, free=None,
            last_commit_at=NOW, now=NOW,
        )  # fmt: skip


def test_an_empty_mirror_tells_nothing(tmp_path):
    assert read_mirror(a_repository(tmp_path, commits=0), "tool", LANGUAGES, NOW) is None


def test_nobody_is_named(tmp_path):
    told = read_mirror(a_repository(tmp_path), "tool", LANGUAGES, NOW)
    assert "ana@example.org" not in json.dumps(told.observation)


def test_readmes_in_the_catalogues_languages_are_rendered_and_few_others(tmp_path):
    names = {f"README__{tag}__md": f"# {tag}\n" for tag in ("de", "en", "es", "fr", "it", "pt")}
    told = read_mirror(a_repository(tmp_path, README__md="# Main\n", **names), "tool", LANGUAGES, NOW)
    pages = [text for text in told.texts if text.renderer != "text"]
    assert 1 < len(pages) <= READMES


@pytest.mark.parametrize("written", ["# Crème".encode("latin-1"), "# Crème".encode("utf-16")])
def test_a_readme_in_another_encoding_is_read(tmp_path, written):
    told = read_mirror(a_repository(tmp_path, README__md=written), "tool", LANGUAGES, NOW)
    assert ["Crème" in text.html for text in told.texts] == [True, True]


def test_a_readme_that_is_no_text_is_no_page(tmp_path):
    told = read_mirror(a_repository(tmp_path, README__md=b"\x00\xff" * 5000), "tool", LANGUAGES, NOW)
    assert all("\x00" not in (text.html or "") for text in told.texts)


def test_license_files_of_the_licenses_folder_are_read(tmp_path):
    path = a_repository(tmp_path)
    blob = git("hash-object", "-w", "--stdin", cwd=path, stdin=LICENSE_TEXT.encode())
    inner = git("mktree", cwd=path, stdin=b"100644 blob %s\tAGPL-3.0-or-later.txt\n" % blob)
    tree = git("mktree", cwd=path, stdin=b"040000 tree %s\tLICENSES\n" % inner)
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "x", cwd=path), cwd=path)
    told = read_mirror(path, "tool", LANGUAGES, NOW)
    assert [line["file"] for line in told.observation["license_files"]] == ["LICENSES/AGPL-3.0-or-later.txt"]


def test_a_damaged_mirror_raises_what_reading_raises(tmp_path):
    path = a_repository(tmp_path)
    oid = git("rev-parse", "main^{tree}", cwd=path).decode()
    (path / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises((ObjectMissing, MirrorUnreadable)):
        read_mirror(path, "tool", LANGUAGES, NOW)


def test_after_a_push_a_reading_that_remembers_tells_the_same_as_one_that_does_not(tmp_path):
    path = repository.make(tmp_path / "made.git", 400, 60)
    memory = json.loads(json.dumps(read_mirror(path, "tool", LANGUAGES, NOW).memory))
    repository.push(path)
    remembering, fresh = read_mirror(path, "tool", LANGUAGES, NOW, memory), read_mirror(path, "tool", LANGUAGES, NOW)
    assert remembering.facts == fresh.facts
    assert remembering == replace(fresh, texts=remembering.texts)
    assert fresh.faults == ()


def test_changes_are_those_of_the_newest_branch_of_a_version_not_of_translations_or_of_one_change(tmp_path):
    path = repository.make(tmp_path / "made.git", 40, 10)
    default = read_mirror(path, "tool", LANGUAGES, NOW)
    assert default.observation["activity"]["branch"] is None

    def push(branch, days):
        tree, parent = (git("rev-parse", name, cwd=path).strip() for name in ("main^{tree}", "main"))
        who = b"A <a@example.org> %d +0000" % (NOW - timedelta(days=days)).timestamp()
        written = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nx\n" % (tree, parent, who, who)
        commit = git("hash-object", "-t", "commit", "-w", "--stdin", cwd=path, stdin=written).strip()
        git("update-ref", f"refs/heads/{branch}", commit, cwd=path)

    push("12.0", -0.5)
    for branch in ("weblate", "dependabot/npm/x-1.2", "fix-login", "gh-pages", "translations-2.0"):
        push(branch, -0.9)
    found = read_mirror(path, "tool", LANGUAGES, NOW)
    assert (found.commit, found.observation["activity"]["branch"]) == (default.commit, "12.0")
    assert found.last_commit_at == NOW + timedelta(hours=12) > default.last_commit_at
    assert found.observation["activity"]["commits"] == default.observation["activity"]["commits"] + 1


def test_a_readme_is_rendered_once_whatever_commits_follow_and_again_when_it_changed_or_could_not_be(
    tmp_path, monkeypatch
):
    ran = []

    def counted(kind, data, options):
        ran.append(data)
        return None if b"Hard" in data else render(kind, data, options, timeout_seconds=60)

    monkeypatch.setattr(snapshot, "render", counted)
    path = repository.make(tmp_path / "made.git", 400, 10)
    first = read_mirror(path, "tool", LANGUAGES, NOW)
    assert len(ran) == 2  # README.md and README.fr.md
    repository.push(path)
    second = read_mirror(path, "tool", LANGUAGES, NOW, first.memory)
    assert (len(ran), [text.renderer for text in second.texts]) == (2, ["text"])
    readmes = git("ls-tree", "main", "README.md", cwd=path)
    for number, written in enumerate((b"# Hard\n", b"# Hard\n", b"# New\n"), 3):
        blob = git("hash-object", "-w", "--stdin", cwd=path, stdin=written)
        top = git("ls-tree", "main", cwd=path).replace(readmes, b"100644 blob %s\tREADME.md" % blob)
        readmes = b"100644 blob %s\tREADME.md" % blob
        commit = git("commit-tree", git("mktree", cwd=path, stdin=top + b"\n"), "-p", "main", "-m", "x", cwd=path)
        git("update-ref", "refs/heads/main", commit, cwd=path)
        second = read_mirror(path, "tool", LANGUAGES, NOW, second.memory)
        assert len(ran) == number
    assert "New" in second.texts[-1].html


def test_the_memory_of_a_reading_gives_the_same_again_without_reading_files(tmp_path, monkeypatch):
    path = a_repository(tmp_path, LICENSE=LICENSE_TEXT, README__md="# Tool\n", package__json='{"license": "ISC"}')
    cold = read_mirror(path, "tool", LANGUAGES, NOW)
    warm = read_mirror(path, "tool", LANGUAGES, NOW, json.loads(json.dumps(cold.memory)))
    assert warm == replace(cold, texts=warm.texts)
