"""The history of a branch: its commits and dates, whatever clocks and pushes do."""

from datetime import timedelta

import pytest
from support.factories.core import NOW, later
from support.factories.history import ANA, BRUNO, Made, a_history
from support.hosts.git_origin import git

from forge.git import history
from forge.git.history import read_history
from forge.git.objects import ObjectMissing


def read(path, head, now=NOW):
    return read_history(path, head, now)


def test_a_history_is_counted_with_its_dates(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(900), Made(400), Made(20, BRUNO), Made(2))
    told = read(tmp_path / "a.git", oids[-1])
    assert (told.commits, told.whole) == (4, True)
    assert (told.first_at, told.last_at) == (NOW - timedelta(days=900), NOW - timedelta(days=2))
    assert [change.address for change in told.changes] == [ANA[1], BRUNO[1], ANA[1], ANA[1]]


def test_dates_that_cannot_be_are_no_first_and_no_last_change(tmp_path):
    oids = a_history(
        tmp_path / "a.git", Made(at=0), Made(300), Made(-4000), Made(10), Made(at=99_999_999_999), Made(at=7)
    )
    told = read(tmp_path / "a.git", oids[-1])
    assert told.commits == 6
    assert (told.first_at, told.last_at) == (NOW - timedelta(days=300), NOW - timedelta(days=10))
    none = a_history(tmp_path / "b.git", Made(at=0))
    assert read(tmp_path / "b.git", none[-1]).first_at is None


def test_a_clock_that_went_back_hides_nothing_that_stands_before_it(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "FEWEST_CHANGES", 1)
    path = tmp_path / "a.git"
    oids = a_history(path, Made(500), Made(90), Made(80), Made(5000), Made(60))
    told = read(path, oids[-1])
    assert len(told.changes) == 3
    pushed = a_history(path, Made(at=1_000_000_000), Made(1), on=oids[-1])
    assert len(read(path, pushed[-1]).changes) == 4


def test_old_work_that_is_merged_now_is_counted(tmp_path):
    path = tmp_path / "a.git"
    oids = a_history(path, Made(900), Made(300))
    pushed = a_history(
        path, Made(800, parents=[oids[0]]), Made(790, BRUNO), Made(2, parents=[oids[1], 1]), Made(1), on=oids[-1]
    )
    assert read(path, pushed[-1]).commits == 6


def test_a_mailmap_of_the_head_says_who_is_who(tmp_path):
    path = tmp_path / "a.git"
    files = {".mailmap": "Ana Souza <ana@example.org> <ana@old.example>\n"}
    oids = a_history(path, Made(9, ("ana", "ana@old.example")), Made(2, files=files))
    assert {(change.name, change.address) for change in read(path, oids[-1]).changes} == {ANA}


def test_names_that_are_no_text_are_read(tmp_path):
    path = tmp_path / "a.git"
    git("init", "-q", "--bare", path)
    tree = git("mktree", cwd=path, stdin=b"")
    at = int((NOW - timedelta(days=1)).timestamp())
    raw = b"tree %s\nauthor \xff\xfe <\xff> %d +0000\ncommitter a <b> %d +0000\n\nx\n" % (tree, at, at)
    oid = git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", cwd=path, stdin=raw).decode()
    assert [change.name for change in read(path, oid).changes] == ["\ufffd\ufffd"]


def test_a_mirror_of_a_part_of_a_history_is_not_whole(tmp_path):
    path = tmp_path / "a.git"
    oids = a_history(path, Made(30), Made(20), Made(10))
    git("clone", "-q", "--bare", "--depth=1", f"file://{path}", tmp_path / "part.git")
    told = read(tmp_path / "part.git", oids[-1])
    assert (told.commits, told.whole) == (1, False)


def test_a_history_longer_than_the_bound_is_at_least_so_long(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "COMMITS", 3)
    path = tmp_path / "a.git"
    oids = a_history(path, *(Made(40 - day) for day in range(5)))
    told = read(path, oids[-1])
    assert (told.commits, told.whole) == (3, False)


def test_what_is_no_commit_of_the_mirror_is_missing(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(1))
    tree = git("rev-parse", f"{oids[0]}^{{tree}}", cwd=tmp_path / "a.git").decode()
    for wrong in ("1" * 40, "main", "--all", tree):
        with pytest.raises(ObjectMissing):
            read(tmp_path / "a.git", wrong)


def test_the_last_changes_are_read_however_old_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "FEWEST_CHANGES", 2)
    oids = a_history(tmp_path / "a.git", Made(4), Made(3, BRUNO), Made(2))
    told = read(tmp_path / "a.git", oids[-1], later(days=400))
    assert [change.address for change in told.changes] == [ANA[1], BRUNO[1]]
