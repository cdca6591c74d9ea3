"""Looks at proposed repositories over real loopback origins: what is fetched, what is not, and origins that attack."""

import os
import shutil
import subprocess
import time

import pytest
from support.hosts.git_origin import (
    GIT_ENVIRONMENT,
    RULES,
    a_commit,
    a_delta_bomb,
    a_repository,
    an_origin,
    git,
    listing,
)

from forge.git.fetch import preview_fetch as looks
from forge.git.fetch.preview_fetch import SECONDS, TOO_LARGE, fetch_preview, remove_leftovers
from forge.git.mirror_folder import size_bytes
from forge.security.safe_http import AddressRules


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "drafts" / "one"


def filtering(repository):
    git("config", "uploadpack.allowFilter", "true", cwd=repository)
    return repository


def files(folder, oid):
    """The files of the commit that are there, with what git says of those that are not."""
    environment = GIT_ENVIRONMENT | {"GIT_NO_LAZY_FETCH": "1", "GIT_DIR": str(folder)}
    ran = subprocess.run(["git", "ls-tree", "-r", "-l", oid], capture_output=True, env=environment, check=False)
    return {line.split(b"\t")[1].decode(): line.split()[3].decode() for line in ran.stdout.splitlines()}


def test_one_commit_comes_without_its_history_and_without_large_files(origin, folder):
    tool = filtering(a_repository(origin.folder, commits=5, LICENSE="MIT", big__bin=os.urandom(600_000)))
    seen = fetch_preview(folder, origin.url("git/tool.git"), RULES)
    assert (seen.outcome, seen.head) == ("full", "refs/heads/main")
    assert seen.head_oid.encode() == git("rev-parse", "main", cwd=tool)
    assert listing(folder).count(b"\n") == 0
    assert files(folder, seen.head_oid) == {"LICENSE": "3", "README.md": "7", "big.bin": "BAD", "count.txt": "2"}
    assert seen.size_bytes < 10_000 and size_bytes(folder) < 10_000
    assert folder.stat().st_mode & 0o777 == 0o700
    assert b"remote" not in (folder / "config").read_bytes()


def test_an_origin_that_knows_no_filter_gives_all_files_of_the_one_commit(origin, folder):
    a_repository(origin.folder, commits=5, big__bin=os.urandom(600_000))
    seen = fetch_preview(folder, origin.url("git/tool.git"), RULES)
    assert seen.outcome == "full"
    assert files(folder, seen.head_oid)["big.bin"] == "600000"


@pytest.mark.parametrize("mode", ["git", "v0"])
def test_a_repository_with_longer_ids_is_read_too(origin, folder, mode):
    path = origin.folder / "longer.git"
    git("init", "-q", "--bare", "--object-format=sha256", "--initial-branch=main", path)
    git("update-ref", "refs/heads/main", a_commit(path, {"README.md": "# Longer"}), cwd=path)
    seen = fetch_preview(folder, origin.url(f"{mode}/longer.git"), RULES)
    assert seen.outcome == "full" and len(seen.head_oid) == 64


def test_a_redirect_is_followed_and_told_and_a_forbidden_one_is_refused(origin, folder):
    a_repository(origin.folder)
    origin.redirect_to = origin.url("git/")
    seen = fetch_preview(folder, origin.url("redirect/tool.git"), RULES)
    assert seen.outcome == "full"
    assert (seen.url, seen.moved_from) == (origin.url("git/tool.git"), origin.url("redirect/tool.git"))
    for inside in ("http://127.0.0.2:9/git/", "http://169.254.169.254/latest/", "file:///etc/", "http://localhost/"):
        origin.redirect_to = inside
        shutil.rmtree(folder, ignore_errors=True)
        seen = fetch_preview(folder, origin.url("redirect/tool.git"), RULES, seconds=5)
        assert seen.outcome in ("refused", "failed") and seen.reason and not folder.exists(), inside


def test_a_private_address_is_refused_without_being_contacted(origin, folder):
    a_repository(origin.folder)
    seen = fetch_preview(folder, origin.url("git/tool.git"), AddressRules())
    assert seen.outcome == "refused" and seen.reason and origin.requests == []
    assert not folder.exists()


@pytest.mark.parametrize(
    ("path", "outcome", "seconds"),
    [
        ("password/tool.git", "password", SECONDS),
        ("missing/tool.git", "not_found", SECONDS),
        ("page/tool.git", "failed", SECONDS),
        ("nonsense/tool.git", "failed", SECONDS),
        ("garbage/tool.git", "failed", SECONDS),
        ("silent/tool.git", "failed", 1),
        ("slow/tool.git", "failed", 1),
        ("busy/tool.git", "failed", SECONDS),
        ("git/empty.git", "empty", SECONDS),
        ("git/nothing.git", "not_found", SECONDS),
    ],
)
def test_what_an_origin_does_wrong_is_an_outcome_with_a_sentence(origin, folder, path, outcome, seconds):
    a_repository(origin.folder, "empty.git", commits=0)
    began = time.monotonic()
    seen = fetch_preview(folder, origin.url(path), RULES, seconds=seconds)
    assert (seen.outcome, bool(seen.reason)) == (outcome, True)
    assert time.monotonic() - began < 30
    assert not folder.exists()


def test_nobody_listens_at_a_port(folder, tmp_path):
    (tmp_path / "o").mkdir()
    with an_origin(tmp_path / "o") as gone:
        url = gone.url("git/tool.git")
    assert fetch_preview(folder, url, RULES, seconds=2).outcome == "failed"


def test_a_pack_that_unfolds_into_gigabytes_is_stopped(origin, folder):
    origin.pack, origin.refs = a_delta_bomb(), {b"HEAD": b"1" * 40, b"refs/heads/main": b"1" * 40}
    began = time.monotonic()
    seen = fetch_preview(folder, origin.url("forged/x.git"), RULES, seconds=8)
    assert seen.outcome in ("refused", "failed") and seen.reason
    assert time.monotonic() - began < 80 and size_bytes(folder) < 100_000
    assert "\x1b" not in seen.detail


@pytest.mark.parametrize("pack", [b"", b"PACK", b"garbage" * 100])
def test_a_pack_that_is_none_is_no_commit(origin, folder, pack):
    origin.pack, origin.refs = pack, {b"HEAD": b"1" * 40, b"refs/heads/main": b"1" * 40}
    assert fetch_preview(folder, origin.url("forged/x.git"), RULES, seconds=5).outcome != "full"


@pytest.mark.parametrize("filters", [True, False])
def test_more_than_the_bound_is_not_kept(origin, folder, filters):
    names = {f"part{number}__bin": os.urandom(200_000) for number in range(12)}
    tool = a_repository(origin.folder, commits=1, **names)
    if filters:
        filtering(tool)
    seen = fetch_preview(folder, origin.url("git/tool.git"), RULES, max_bytes=1_000_000)
    assert (seen.outcome, seen.reason) == ("too_large", TOO_LARGE)
    assert size_bytes(folder) < 1_500_000


def test_a_tree_that_unfolds_without_end_is_fetched_in_no_time(origin, folder):
    tool = filtering(a_repository(origin.folder, commits=1))
    blob = git("rev-parse", "main:README.md", cwd=tool)
    tree = git("mktree", cwd=tool, stdin=b"100644 blob %s\tf\n" % blob)
    for _ in range(10):
        rows = b"".join(b"040000 tree %s\td%d\n" % (tree, number) for number in range(10))
        tree = git("mktree", cwd=tool, stdin=rows)
    tip = git("commit-tree", tree, "-m", "Bomb", cwd=tool)
    git("update-ref", "refs/heads/main", tip, cwd=tool)
    seen = fetch_preview(folder, origin.url("git/tool.git"), RULES)
    assert seen.outcome == "full" and size_bytes(folder) < 50_000


def test_hooks_symbolic_names_and_odd_branches_of_an_origin_do_nothing(origin, folder):
    tool = a_repository(origin.folder, commits=1)
    tip = git("rev-parse", "main", cwd=tool)
    origin.pack = git("pack-objects", "--stdout", "-q", "--revs", cwd=tool, stdin=tip + b"\n")
    origin.refs = {b"HEAD": tip, b"refs/heads/../../evil": tip, b"refs/heads/-x": tip, b"refs/heads/a*b": tip}
    seen = fetch_preview(folder, origin.url("forged/x.git"), RULES)
    assert seen.head in ("refs/heads/-x", "") and not (folder.parent / "evil").exists()
    assert not [name for name in os.listdir(folder.parent) if name != "one"]


def test_a_look_ends_when_it_is_told_to(origin, folder):
    a_repository(origin.folder, commits=1, **{f"part{number}__bin": os.urandom(400_000) for number in range(30)})
    seen = fetch_preview(folder, origin.url("git/tool.git"), RULES, watch=lambda: "stopping")
    assert seen.outcome in ("failed", "full")
    assert (seen.outcome == "full") is bool(seen.head_oid)


def test_without_a_new_enough_git_it_says_so(folder, monkeypatch):
    monkeypatch.setattr(looks, "git_version", lambda: (2, 30))
    assert "git 2.42" in fetch_preview(folder, "http://127.0.0.1:1/x.git", RULES).reason


def test_what_a_killed_look_left_is_done_again_or_swept_away(origin, folder):
    filtering(a_repository(origin.folder))
    url = origin.url("git/tool.git")
    seen = fetch_preview(folder, url, RULES)
    for name in ("HEAD", "refs/heads/look"):
        (folder / name).unlink()
    (folder / "objects/pack/tmp_pack_x").write_bytes(b"PACK")
    assert remove_leftovers(folder.parent, {"one"}) == 0
    assert fetch_preview(folder, url, RULES) == seen and files(folder, seen.head_oid)["README.md"] == "7"
    assert remove_leftovers(folder.parent, frozenset()) == 1 and not folder.exists()
