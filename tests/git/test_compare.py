"""How far two mirrors are apart, on real repositories: git sees the objects of both and changes neither."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from support.factories.core import NOW
from support.factories.history import BRUNO, Made, a_history
from support.hosts.git_origin import every_object, git

from forge.git.history_distance import measure_distance
from forge.git.objects import MirrorUnreadable, ObjectMissing

SHARED = [Made(900 - day, files={"README.md": "x\n"}) for day in range(12)]


def two(folder: Path, own: int, other: int, name: str = "b.git", **files: str) -> tuple[Path, str, Path, str]:
    """Two repositories with a history in common, and so many commits of their own."""
    first, another = folder / "a.git", folder / name
    beginning = a_history(first, *SHARED)
    git("clone", "-q", "--bare", f"file://{first}", another)
    heads = [beginning[-1], beginning[-1]]
    if own:
        heads[0] = a_history(first, *(Made(40 - day) for day in range(own)), on=beginning[-1])[-1]
    if other:
        made = [Made(30 - day, BRUNO, files=files) for day in range(other)]
        heads[1] = a_history(another, *made, on=beginning[-1])[-1]
    return first, heads[0], another, heads[1]


def files_of(folder: Path) -> set[tuple[str, int]]:
    return {(str(file), file.stat().st_mtime_ns) for file in folder.rglob("*")}


def test_commits_of_each_are_counted_since_they_parted(tmp_path):
    first, head, other, other_head = two(tmp_path, 3, 5)
    found = measure_distance(first, head, other, other_head)
    assert (found.own_commits, found.other_commits, found.shared_commits) == (3, 5, 12)
    assert found.since == NOW - timedelta(days=900 - 11)
    assert found.alike_percent == 100
    back = measure_distance(other, other_head, first, head)
    assert (back.own_commits, back.other_commits, back.merge_base) == (5, 3, found.merge_base)


@pytest.mark.parametrize(("own", "other"), [(0, 0), (4, 0), (0, 4)])
def test_one_that_only_follows_has_none_of_its_own(tmp_path, own, other):
    found = measure_distance(*two(tmp_path, own, other))
    assert (found.own_commits, found.other_commits, found.alike_percent) == (own, other, None)


def test_nothing_is_written_in_either(tmp_path):
    first, head, other, other_head = two(tmp_path, 2, 2)
    before, objects = files_of(tmp_path), every_object(first)
    measure_distance(first, head, other, other_head)
    assert files_of(tmp_path) == before
    assert every_object(first) == objects


def test_a_folder_may_have_any_name(tmp_path):
    first, head, other, other_head = two(tmp_path, 1, 1, name='b:"\\ x.git')
    assert measure_distance(first, head, other, other_head).other_commits == 1


def test_two_histories_without_a_common_commit_are_no_kin(tmp_path):
    first = a_history(tmp_path / "a.git", Made(9), Made(8))
    other = a_history(tmp_path / "b.git", Made(7, BRUNO))
    assert measure_distance(tmp_path / "a.git", first[-1], tmp_path / "b.git", other[-1]) is None


def test_a_skeleton_of_which_nothing_is_left_shows_in_the_names_of_files(tmp_path):
    first, head, other, _ = two(tmp_path, 1, 0)
    tree = git("mktree", cwd=other, stdin=b"100644 blob %s\tnew.py\n" % git("hash-object", "-w", "--stdin", cwd=other))
    last = git("rev-parse", "main", cwd=other)
    other_head = git("commit-tree", tree, "-p", last, "-m", "New", cwd=other).decode()
    assert measure_distance(first, head, other, other_head).alike_percent == 0


def test_a_mirror_that_is_gone_or_lacks_a_commit_cannot_be_compared(tmp_path):
    first, head, other, _ = two(tmp_path, 1, 1)
    with pytest.raises(MirrorUnreadable):
        measure_distance(first, head, other, "1" * 40)
    with pytest.raises(MirrorUnreadable):
        measure_distance(tmp_path / "none.git", head, other, head)
    with pytest.raises(ObjectMissing):
        measure_distance(first, head, other, "main")


def test_it_ends_when_it_is_told_to(tmp_path):
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(MirrorUnreadable):
        measure_distance(*two(tmp_path, 1, 1), watch=lambda: "stopping" if stopping.is_set() else "")
