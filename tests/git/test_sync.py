"""A visit: what it brings, what it keeps, and what becomes of an origin's faults."""

import fcntl
import os
import time
from itertools import product

import pytest
from support.hosts.git_origin import (
    BROKEN_ADVERTISEMENTS,
    EMPTY_ADVERTISEMENTS,
    a_commit,
    a_repository,
    descendants,
    every_object,
    git,
    lines,
    listing,
    visit,
)

from forge.git import maintenance, mirror_folder


@pytest.fixture
def tool(origin):
    """A repository with two branches, a light and an annotated tag."""
    path = a_repository(origin.folder)
    git("branch", "side", "main~1", cwd=path)
    git("tag", "light", "main~1", cwd=path)
    git("tag", "-a", "-m", "One", "v1", "main", cwd=path)
    return path


def whole(mirror):
    git("fsck", "--strict", "--no-dangling", cwd=mirror)
    assert not list(mirror.glob("objects/incoming-*"))
    assert not [path for path in mirror.rglob("*.lock") if path.name != "mirror.lock"]


@pytest.mark.parametrize("mode", ["git", "v0"])
def test_a_first_visit_brings_all_branches_and_tags(origin, tool, mirror, mode):
    git("update-ref", "refs/pull/1/head", "main", cwd=tool)
    records = []
    seen = visit(mirror, origin.url(f"{mode}/tool.git"), records=records)
    assert (seen.outcome, seen.head, seen.address) == ("full", "refs/heads/main", "127.0.0.1")
    assert listing(mirror) == listing(tool)
    assert listing(mirror, "refs/pull", "refs/kept") == b""
    assert seen.head_oid.encode() == git("rev-parse", "main", cwd=tool)
    assert {(change.ref, change.kind) for change in seen.changes} == {
        ("refs/heads/main", "created"), ("refs/heads/side", "created"),
        ("refs/tags/light", "created"), ("refs/tags/v1", "created"),
    }  # fmt: skip
    assert [(record.outcome, record.changes) for record in records] == [("full", seen.changes)]
    whole(mirror)
    assert git("rev-parse", "v1^{}", cwd=mirror) == git("rev-parse", "main", cwd=tool)


@pytest.mark.parametrize("mode", ["git", "v0"])
def test_a_branch_and_a_tag_called_head_are_brought_like_any_other(origin, tool, mirror, mode):
    """Git lets nobody make them by `git branch`, but takes them from a push."""
    git("update-ref", "refs/heads/HEAD", "refs/heads/side", cwd=tool)
    git("update-ref", "refs/tags/HEAD", "refs/heads/main", cwd=tool)
    seen = visit(mirror, origin.url(f"{mode}/tool.git"))
    assert (seen.outcome, seen.head) == ("full", "refs/heads/main")
    assert listing(mirror) == listing(tool) and b"refs/heads/HEAD" in listing(mirror)
    git("update-ref", "refs/heads/HEAD", a_commit(tool, {"a": "b"}), cwd=tool)
    git("symbolic-ref", "HEAD", "refs/heads/HEAD", cwd=tool)
    seen = visit(mirror, origin.url(f"{mode}/tool.git"))
    assert (seen.outcome, seen.head) == ("full", "refs/heads/HEAD")
    assert listing(mirror) == listing(tool)
    whole(mirror)
    git("update-ref", "-d", "refs/tags/HEAD", cwd=tool)
    assert visit(mirror, origin.url(f"{mode}/tool.git")).outcome == "full"
    assert listing(mirror) == listing(tool)


def test_the_record_is_made_before_refs_move(origin, tool, mirror):
    class Full(Exception):
        pass

    def refuse(point):
        if point == "recorded":
            raise Full

    records = []
    with pytest.raises(Full):
        visit(mirror, origin.url("git/tool.git"), records=records, checkpoint=refuse)
    assert len(records) == 1
    assert listing(mirror) == b""


def test_a_visit_with_nothing_new_is_one_request_and_writes_nothing(origin, tool, mirror):
    first = visit(mirror, origin.url("git/tool.git"))
    before = {path: path.stat().st_mtime_ns for path in mirror.rglob("*")}
    origin.requests.clear()
    records = []
    seen = visit(mirror, origin.url("git/tool.git"), records=records)
    assert (seen.outcome, seen.head_oid, seen.digest) == ("unchanged", first.head_oid, first.digest)
    assert (len(origin.requests), records) == (1, [])
    assert {path: path.stat().st_mtime_ns for path in mirror.rglob("*")} == before


def test_a_visit_after_news_advances(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    new = a_commit(tool, {"README.md": "new"}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    git("branch", "more", new, cwd=tool)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert [(change.ref, change.kind) for change in sorted(seen.changes, key=lambda change: change.ref)] == [
        ("refs/heads/main", "advanced"), ("refs/heads/more", "created"),
    ]  # fmt: skip
    assert (seen.outcome, seen.head_oid, seen.discontinued) == ("full", new.decode(), False)
    assert listing(mirror) == listing(tool)
    assert listing(mirror, "refs/kept") == b""
    assert visit(mirror, origin.url("git/tool.git")).outcome == "unchanged"
    whole(mirror)


def test_nothing_ever_seen_is_lost_when_history_is_rewritten_and_replaced(origin, tool, mirror):
    git("branch", "foo", "main", cwd=tool)
    url, ever = origin.url("git/tool.git"), every_object(tool)
    visit(mirror, url)
    other = a_commit(tool, {"README.md": "other"}, git("rev-parse", "main~1", cwd=tool))
    git("update-ref", "refs/heads/main", other, cwd=tool)
    git("tag", "-f", "light", other, cwd=tool)
    git("tag", "-f", "-a", "-m", "Again", "v1", other, cwd=tool)
    git("branch", "-D", "foo", cwd=tool)
    git("branch", "foo/bar", other, cwd=tool)
    seen = visit(mirror, url)
    assert (seen.outcome, seen.discontinued) == ("full", False)
    assert listing(mirror) == listing(tool)
    ever |= every_object(tool)
    orphan = a_commit(tool, {"x": "orphan"})
    for name in git("for-each-ref", "--format=%(refname)", cwd=tool).splitlines():
        git("update-ref", "-d", name, cwd=tool)
    git("update-ref", "refs/heads/main", orphan, cwd=tool)
    seen = visit(mirror, url, accept_deletions=True)
    assert seen.discontinued and seen.head_oid == orphan.decode()
    assert listing(mirror) == listing(tool)
    git("gc", "-q", "--prune=now", cwd=mirror)
    assert ever | every_object(tool) <= every_object(mirror)
    whole(mirror)


def test_a_branch_that_becomes_a_folder_and_back_is_followed(origin, tool, mirror):
    git("branch", "foo", "main", cwd=tool)
    visit(mirror, origin.url("git/tool.git"))
    for old, new in (("foo", "foo/bar"), ("foo/bar", "foo")):
        git("branch", "-D", old, cwd=tool)
        git("branch", new, "main", cwd=tool)
        assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
        assert listing(mirror) == listing(tool)


def test_an_origin_that_is_wiped_does_not_wipe_the_mirror(origin, tool, mirror):
    url, before = origin.url("git/tool.git"), listing(tool)
    visit(mirror, url)
    for name in git("for-each-ref", "--format=%(refname)", cwd=tool).splitlines():
        git("update-ref", "-d", name, cwd=tool)
    seen = visit(mirror, url)
    assert seen.outcome == "partial" and "vanished" in seen.warnings[0]
    assert listing(mirror) == before
    origin.requests.clear()
    again = visit(mirror, url)
    # Two requests: that there is no branch is believed only with an advertisement.
    assert (again.outcome, again.warnings, len(origin.requests)) == ("unchanged", seen.warnings, 2)
    accepted = visit(mirror, url, accept_deletions=True)
    assert accepted.outcome == "empty" and listing(mirror) == b""
    assert listing(mirror, "refs/kept").count(b"\n") >= 2
    whole(mirror)


def test_most_branches_gone_waits_but_a_few_do_not(origin, tool, mirror):
    for number in range(8):
        git("branch", f"topic{number}", "main", cwd=tool)
    visit(mirror, origin.url("git/tool.git"))
    git("branch", "-D", "topic0", "topic1", cwd=tool)
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    git("branch", "-D", *(f"topic{number}" for number in range(2, 8)), cwd=tool)
    new = a_commit(tool, {"a": "b"}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert (seen.outcome, seen.head_oid) == ("partial", new.decode())
    assert b"topic7" in listing(mirror)


def test_a_renamed_default_branch_is_followed(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    git("branch", "-m", "main", "trunk", cwd=tool)
    git("symbolic-ref", "HEAD", "refs/heads/trunk", cwd=tool)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert (seen.outcome, seen.head) == ("full", "refs/heads/trunk")
    assert git("symbolic-ref", "HEAD", cwd=mirror) == b"refs/heads/trunk"
    assert listing(mirror) == listing(tool)


def test_a_default_branch_that_vanishes_waits_for_a_person(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    git("update-ref", "-d", "refs/heads/main", cwd=tool)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert seen.outcome == "partial" and b"refs/heads/main" in listing(mirror)


def test_another_default_branch_is_shown_without_other_news(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    git("symbolic-ref", "HEAD", "refs/heads/side", cwd=tool)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert (seen.outcome, seen.head, seen.changes) == ("full", "refs/heads/side", ())
    assert git("symbolic-ref", "HEAD", cwd=mirror) == b"refs/heads/side"


@pytest.mark.parametrize("said", EMPTY_ADVERTISEMENTS.values(), ids=EMPTY_ADVERTISEMENTS)
def test_a_well_formed_advertisement_without_refs_is_an_empty_repository(origin, mirror, said):
    origin.said = said
    seen = visit(mirror, origin.url("said/tool.git"))
    assert (seen.outcome, seen.reason) == ("empty", "The repository has no commits yet.")
    assert not mirror.exists()


@pytest.mark.parametrize("ending", [(), (None,)], ids=["no flush", "flush"])
def test_an_origin_of_protocol_2_that_says_that_it_failed_is_told_so(origin, mirror, ending):
    origin.said = (lines(b"version 2\n", b"ls-refs\n", None), lines(b"ERR the disk is full\n", *ending))
    seen = visit(mirror, origin.url("said/tool.git"))
    assert (seen.outcome, seen.reason) == ("failed", "The origin answers with an error.")


@pytest.mark.parametrize("said", BROKEN_ADVERTISEMENTS.values(), ids=BROKEN_ADVERTISEMENTS)
def test_any_other_answer_is_a_failed_visit_with_its_reason(origin, tool, mirror, said):
    origin.said = said
    seen = visit(mirror, origin.url("said/tool.git"))
    assert seen.outcome == "failed" and seen.reason.endswith(".") and not mirror.exists()
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    before = listing(mirror)
    again = visit(mirror, origin.url("said/tool.git"))
    assert (again.outcome, again.reason, listing(mirror)) == ("failed", seen.reason, before)


@pytest.mark.parametrize("commits", [0, 1])
def test_dumb_http_says_nothing_of_what_a_repository_holds(origin, mirror, commits):
    a_repository(origin.folder, commits=commits)
    seen = visit(mirror, origin.url("dumb/tool.git"))
    assert (seen.outcome, "git repository" in seen.reason) == ("failed", True)


@pytest.mark.parametrize("mode", ["git", "v0"])
@pytest.mark.parametrize("name", ["refs/pull/1/head", "HEAD"])
def test_a_repository_without_a_branch_is_not_called_empty(origin, tool, mirror, mode, name):
    tip = git("rev-parse", "main", cwd=tool)
    git("update-ref", "--no-deref", name, tip, cwd=tool)
    for branch in ("refs/heads/main", "refs/heads/side", "refs/tags/light", "refs/tags/v1"):
        git("update-ref", "-d", branch, cwd=tool)
    seen = visit(mirror, origin.url(f"{mode}/tool.git"))
    assert (seen.outcome, "no branch" in seen.reason) == ("failed", True)


def test_a_repository_that_was_too_large_and_is_empty_now_is_said_to_be_empty(origin, mirror):
    tool = a_repository(origin.folder, big__bin=os.urandom(1 << 20))
    assert visit(mirror, origin.url("git/tool.git"), max_bytes=1 << 18).outcome == "too_large"
    git("update-ref", "-d", "refs/heads/main", cwd=tool)
    assert visit(mirror, origin.url("git/tool.git")).outcome == "empty"


@pytest.mark.parametrize("mirrored", [False, True], ids=["first", "update"])
def test_an_origin_that_lists_refs_and_then_none_is_not_believed(origin, tool, mirror, mirrored):
    if mirrored:
        visit(mirror, origin.url("git/tool.git"))
        git("branch", "new", "main", cwd=tool)
    before = listing(mirror) if mirrored else b""
    row = git("rev-parse", "main", cwd=tool) + b" refs/heads/main"
    empty = lines(b"# service=git-upload-pack\n", None, b"0" * 40 + b" capabilities^{}\0agent=git/2\n", None)
    full = lines(b"# service=git-upload-pack\n", None, row + b"\0agent=git/2\n", None)
    origin.said = (empty, lines(row, None)) if mirrored else (full, b"")
    origin.then = (empty, b"")
    seen = visit(mirror, origin.url("said/tool.git"))
    assert (seen.outcome, seen.reason) == ("failed", "The origin did not send what it names.")
    assert not mirrored or listing(mirror) == before


def after_news(origin, tool, mirror):
    """A mirror of it that lacks a commit."""
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    new = a_commit(tool, {"news": os.urandom(3000)}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)


@pytest.mark.parametrize(
    ("mirrored", "kind"),
    [*product([False, True], ["hush", "mute", "drip", "hush-v0", "mute-v0"]), (True, "unseen")],
)
def test_an_origin_that_accepts_and_sends_nothing_is_given_up(origin, tool, mirror, mirrored, kind):
    if mirrored:
        after_news(origin, tool, mirror)
    began, before = time.monotonic(), listing(mirror) if mirrored else b""
    seen = visit(mirror, origin.url(f"{kind}/tool.git"), slow_seconds=1.0, timeout_seconds=600.0)
    assert seen.outcome == "failed" and ("too slowly" in seen.reason or kind == "drip"), seen
    assert time.monotonic() - began < 500  # and not after `timeout_seconds`
    assert listing(mirror) == before or not mirrored
    assert not descendants(lambda process: str(mirror) in " ".join(process.cmdline()))
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    assert listing(mirror) == listing(tool)


@pytest.mark.parametrize(
    "mirrored", [pytest.param(False, id="first", marks=pytest.mark.full), pytest.param(True, id="update")]
)
@pytest.mark.parametrize("kind", ["trickle", pytest.param("trickle-v0", marks=pytest.mark.full)])
def test_an_origin_that_only_keeps_the_line_alive_is_given_up_later(origin, tool, mirror, mirrored, kind):
    if mirrored:
        after_news(origin, tool, mirror)
    began = time.monotonic()
    seen = visit(mirror, origin.url(f"{kind}/tool.git"), slow_seconds=2.0, timeout_seconds=600.0)
    assert (seen.outcome, seen.reason) == ("failed", "The origin sends too slowly.")
    assert 2.0 <= time.monotonic() - began < 80
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"


@pytest.mark.parametrize(
    ("mirrored", "kind"), [(False, "flood"), (False, "begun"), (True, "flood"), (True, "begun"), (True, "endless")]
)
def test_an_origin_that_sends_much_and_no_whole_pack_is_given_up(origin, tool, mirror, mirrored, kind):
    if mirrored:
        after_news(origin, tool, mirror)
    began, before = time.monotonic(), listing(mirror) if mirrored else b""
    seen = visit(mirror, origin.url(f"{kind}/tool.git"), slow_seconds=1.0, timeout_seconds=150.0)
    assert (seen.outcome, seen.reason) == ("failed", "The origin sends too slowly.")
    assert time.monotonic() - began < 140  # and not after `timeout_seconds`
    assert not mirrored or listing(mirror) == before
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"


def test_an_origin_that_counts_for_long_and_says_so_is_waited_for(origin, tool, mirror):
    bounds = {"slow_seconds": 600.0, "timeout_seconds": 600.0}
    assert visit(mirror, origin.url("late/tool.git"), **bounds).outcome == "full"
    assert listing(mirror) == listing(tool)


def test_an_address_without_its_ending_is_found(origin, tool, mirror):
    git("init", "-q", "--bare", origin.folder / "plain")
    tool.rename(origin.folder / "spare.git")
    seen = visit(mirror, origin.url("missing/tool"))
    assert seen.outcome == "not_found"
    assert origin.requests[-1].startswith("GET /missing/tool.git/info/refs")


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch /tmp/forge-was-here", "ext::sh -c 'touch /tmp/forge-was-here'", "file:///tmp", "/tmp",
        "https://user:secret@example.org/a", "ssh://example.org/a", "git@example.org:a", "http://127.0.0.2/a", "",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_visited_is_refused_before_anything_happens(mirror, url):
    seen = visit(mirror, url)
    assert seen.outcome == "refused" and seen.reason.endswith(".")
    assert "secret" not in repr(seen)
    assert not mirror.exists() and not os.path.exists("/tmp/forge-was-here")


@pytest.mark.parametrize("mode", ["git", "v0"])
def test_a_repository_that_is_too_large_is_refused_and_leaves_no_bytes(origin, mirror, mode):
    a_repository(origin.folder, big__bin=os.urandom(3 << 20))
    seen = visit(mirror, origin.url(f"{mode}/tool.git"), max_bytes=1 << 20)
    assert (seen.outcome, seen.size_bytes > 1000) == ("too_large", True)
    assert mirror_folder.size_bytes(mirror) < 10_000
    assert visit(mirror, origin.url(f"{mode}/tool.git"), max_bytes=5 << 20).outcome == "full"


def test_an_update_that_is_too_large_leaves_the_mirror_as_it_was(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    before = listing(mirror)
    new = a_commit(tool, {"big": os.urandom(3 << 20)}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    assert visit(mirror, origin.url("git/tool.git"), max_bytes=1 << 20).outcome == "too_large"
    assert listing(mirror) == before
    whole(mirror)


def test_the_disks_last_tenth_is_never_taken(origin, tool, mirror):
    seen = visit(mirror, origin.url("git/tool.git"), spare_bytes=lambda: -1)
    assert (seen.outcome, "disk" in seen.reason) == ("failed", True)
    disk = os.statvfs(mirror.parent)
    floor = disk.f_blocks * disk.f_frsize // 10
    assert abs(mirror_folder.spare_bytes(mirror.parent) - (disk.f_bavail * disk.f_frsize - floor)) < 1 << 30


def test_two_visits_at_once_do_not_meet(origin, tool, mirror):
    inner = []

    def meanwhile(point):
        if point == "downloaded":
            inner.append(visit(mirror, origin.url("git/tool.git")).outcome)

    assert visit(mirror, origin.url("git/tool.git"), checkpoint=meanwhile).outcome == "full"
    assert inner == ["busy"]


def test_a_lock_held_by_another_is_busy_and_its_files_are_left_alone(origin, tool, mirror):
    mirror.mkdir(parents=True)
    (mirror / "packed-refs.lock").write_bytes(b"")
    with open(mirror / mirror_folder.LOCK, "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert visit(mirror, origin.url("git/tool.git")).outcome == "busy"
        assert (mirror / "packed-refs.lock").exists()
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"


def test_locks_left_by_a_killed_git_do_not_block(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    for left in ("packed-refs.lock", "HEAD.lock", "config.lock", "refs/heads/new.lock", "objects/pack/tmp_pack_x"):
        (mirror / left).write_bytes(b"")
    git("branch", "new", "main", cwd=tool)
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    assert listing(mirror) == listing(tool)
    whole(mirror)


def test_upkeep_packs_and_graphs_without_losing_kept_objects(origin, tool, mirror):
    url, ever = origin.url("git/tool.git"), set()
    for number in range(maintenance.PACKS + 3):
        git("update-ref", "refs/heads/main", a_commit(tool, {"n": f"{number}"}), cwd=tool)
        ever |= every_object(tool)
        seen = visit(mirror, url)
    assert seen.upkeep_due
    assert maintenance.maintain(mirror)
    assert len(list(mirror.glob("objects/pack/*.pack"))) < maintenance.PACKS
    assert ever <= every_object(mirror)
    assert list(mirror.glob("objects/info/commit-graphs/*.graph"))
    assert maintenance.find_damage(mirror) == ""


def test_damage_on_disk_is_found(origin, tool, mirror):
    visit(mirror, origin.url("git/tool.git"))
    pack = next(mirror.glob("objects/pack/*.pack"))
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 0xFF
    pack.chmod(0o600)
    pack.write_bytes(data)
    assert maintenance.find_damage(mirror)
