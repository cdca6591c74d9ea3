"""A visit killed at any point, a full disk: nothing is lost, and the next visit completes the mirror."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from support.hosts.git_origin import a_commit, a_repository, every_object, git, listing, visit
from support.paths import ROOT, TESTS

from forge.git.fetch.sync import POINTS

_CHILD = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.hosts.git_origin import visit

def die(point):
    if point == {point!r}:
        os.kill(os.getpid(), signal.SIGKILL)

print("ready", flush=True)
seen = visit(Path({mirror!r}), {url!r}, checkpoint=die, accept_deletions=True)
print(seen.outcome)
"""


def a_child(mirror, url, point=""):
    """A process of its own that visits and kills itself at `point`."""
    code = _CHILD.format(tests=str(TESTS), point=point, mirror=str(mirror), url=url)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment, start_new_session=True
    )  # fmt: skip


def next_visit(mirror, url):
    """The visit after a kill, which may have to wait for orphans of the killed one to end."""
    deadline = time.monotonic() + 60
    while (seen := visit(mirror, url, accept_deletions=True)).outcome == "busy" and time.monotonic() < deadline:
        time.sleep(0.05)
    return seen


def a_rewritten(tool):
    """News of every kind: a rewrite, a moved annotated tag, a deletion, a branch that becomes a folder."""
    other = a_commit(tool, {"README.md": "other"}, git("rev-parse", "main~1", cwd=tool))
    git("update-ref", "refs/heads/main", other, cwd=tool)
    git("tag", "-f", "-a", "-m", "Again", "v1", other, cwd=tool)
    git("branch", "-D", "foo", cwd=tool)
    git("branch", "foo/bar", other, cwd=tool)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("mirrored", [False, True], ids=["first", "update"])
def test_a_visit_killed_at_any_point_loses_nothing_and_the_next_completes_it(origin, tmp_path, point, mirrored):
    tool, mirror, url = a_repository(origin.folder), tmp_path / "m.git", origin.url("git/tool.git")
    git("branch", "foo", "main", cwd=tool)
    git("tag", "-a", "-m", "One", "v1", "main", cwd=tool)
    ever = every_object(tool) if mirrored else set()
    if mirrored:
        assert visit(mirror, url).outcome == "full"
        a_rewritten(tool)
    child = a_child(mirror, url, point)
    child.communicate(timeout=20)
    assert child.returncode == -signal.SIGKILL
    if mirrored:
        assert ever <= every_object(mirror)
    seen = next_visit(mirror, url)
    assert seen.outcome in ("full", "unchanged")
    assert listing(mirror) == listing(tool)
    assert ever | every_object(tool) <= every_object(mirror)
    git("fsck", "--strict", "--no-dangling", cwd=mirror)
    assert not list(mirror.glob("objects/incoming-*"))
    assert visit(mirror, url).outcome == "unchanged"
    git("gc", "-q", "--prune=now", cwd=mirror)
    assert ever | every_object(tool) <= every_object(mirror)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(12))
def test_a_visit_killed_at_random_loses_nothing(origin, tmp_path, seed):
    tool, mirror, url = a_repository(origin.folder, commits=3), tmp_path / "m.git", origin.url("git/tool.git")
    tip = git("rev-parse", "main", cwd=tool)
    orders = b"".join(b"create refs/tags/t%d %s\n" % (number, tip) for number in range(3000))
    git("update-ref", "--stdin", cwd=tool, stdin=orders)
    git("branch", "foo", "main", cwd=tool)
    git("tag", "-a", "-m", "One", "v1", "main", cwd=tool)
    if seed % 2:
        visit(mirror, url)
        a_rewritten(tool)
    ever = every_object(mirror) if mirror.exists() else set()
    child = a_child(mirror, url)
    child.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.6))
    child.kill()
    child.communicate()
    assert next_visit(mirror, url).outcome in ("full", "unchanged")
    assert listing(mirror) == listing(tool)
    assert ever | every_object(tool) <= every_object(mirror)
    git("fsck", "--strict", "--no-dangling", cwd=mirror)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 4 MB where this user may mount one; elsewhere the test is not the same and is not run."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True)
    yield folder if mounted.returncode == 0 else None
    if mounted.returncode == 0:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_a_reason_and_leaves_the_mirror_whole(origin, tmp_path, small_disk):
    tool, url = a_repository(origin.folder), origin.url("git/tool.git")
    mirror = (small_disk or tmp_path) / "m.git"
    assert visit(mirror, url).outcome == "full"
    before = listing(mirror)
    new = a_commit(tool, {"big": os.urandom(6 << 20)}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    # Without a small file system the same room is set by the bound: the reason is then the origin's size.
    bounds = {} if small_disk else {"max_bytes": 4 << 20}
    seen = visit(mirror, url, **bounds)
    assert seen.outcome == ("failed" if small_disk else "too_large")
    assert not small_disk or seen.reason == "The disk of this catalogue is full."
    assert listing(mirror) == before
    git("fsck", "--strict", cwd=mirror)
    assert not list(mirror.glob("objects/incoming-*"))


def test_a_disk_that_is_full_to_the_last_byte_is_survived(origin, tmp_path, small_disk):
    tool, url = a_repository(origin.folder), origin.url("git/tool.git")
    mirror = (small_disk or tmp_path) / "m.git"
    assert visit(mirror, url).outcome == "full"
    before, filler = listing(mirror), mirror.parent / "filler"
    new = a_commit(tool, {"small": "news"}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    room = {"spare_bytes": lambda: 0}
    if small_disk:
        room = {}
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
    seen = visit(mirror, url, **room)
    assert seen.outcome == "failed" and listing(mirror) == before
    filler.unlink(missing_ok=True)
    assert visit(mirror, url).outcome == "full"
    assert listing(mirror) == listing(tool)


def test_a_mirror_that_cannot_even_be_made_is_a_reason(origin, tmp_path):
    a_repository(origin.folder)
    (tmp_path / "file").write_bytes(b"")
    seen = visit(tmp_path / "file" / "m.git", origin.url("git/tool.git"))
    assert (seen.outcome, seen.reason) == ("failed", "The catalogue could not write its copy.")
