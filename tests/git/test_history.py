"""The history of a branch: counted whole the first time, then only what is new, whatever clocks and pushes do."""

import json
from dataclasses import astuple
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories.core import NOW, later
from support.factories.history import ANA, BRUNO, Made, a_history
from support.hosts.git_origin import git

from forge.git import history
from forge.git.history import read_history
from forge.git.objects import ObjectMissing


def read(path, head, before=None, now=NOW):
    """The past, with the state as the database gives it back."""
    return read_history(path, head, None if before is None else json.loads(json.dumps(before.state)), now)


def same(first, other):
    """Both tell the same; one may have to look everywhere."""
    told = [
        (
            commit.head,
            commit.commits,
            commit.whole,
            commit.first_at,
            commit.last_at,
        )
        for commit in (first, other)
    ]
    assert told[0] == told[1]
    assert sorted(map(astuple, first.changes)) == sorted(map(astuple, other.changes))


@pytest.fixture
def orders(monkeypatch):
    """The commands of git that were asked."""
    asked = []
    run = history.run

    def counting(arguments, **named):
        asked.append(arguments)
        return run(arguments, **named)

    monkeypatch.setattr(history, "run", counting)
    return asked


def test_a_history_is_counted_with_its_dates(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(900), Made(400), Made(20, BRUNO), Made(2))
    told = read(tmp_path / "a.git", oids[-1])
    assert (told.commits, told.whole) == (4, True)
    assert (told.first_at, told.last_at) == (NOW - timedelta(days=900), NOW - timedelta(days=2))
    assert [change.address for change in told.changes] == [ANA[1], BRUNO[1]]


def test_after_a_push_only_new_commits_are_walked(tmp_path, orders):
    path = tmp_path / "a.git"
    oids = a_history(path, *(Made(400 - day) for day in range(30)))
    before = read(path, oids[-1])
    more = a_history(path, Made(2), Made(1, BRUNO), on=oids[-1])
    orders.clear()
    told = read(path, more[-1], before)
    walks = [order for order in orders if order[0] == "rev-list"]
    assert [order[-2] for order in walks] == [f"{oids[-1]}...{more[-1]}"]
    same(told, read(path, more[-1]))


def test_nothing_is_walked_when_the_head_is_the_same(tmp_path, orders):
    oids = a_history(tmp_path / "a.git", Made(3), Made(2))
    before = read(tmp_path / "a.git", oids[-1])
    orders.clear()
    same(read(tmp_path / "a.git", oids[-1], before), before)
    assert [order[0] for order in orders] == ["log"]


def test_a_rewritten_history_is_counted_anew(tmp_path):
    path = tmp_path / "a.git"
    oids = a_history(path, Made(30), Made(20), Made(10))
    before = read(path, oids[-1])
    other = a_history(path, Made(5), on=oids[0])
    told = read(path, other[-1], before)
    assert told.commits == 2
    same(told, read(path, other[-1]))


def test_a_head_that_was_erased_or_a_state_of_another_version_is_no_hindrance(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(30), Made(20))
    whole = read(tmp_path / "a.git", oids[-1])
    for state in ({**whole.state, "head": "1" * 40}, {**whole.state, "format": 0}, {}, {"head": "--all", "format": 1}):
        same(read_history(tmp_path / "a.git", oids[-1], state, NOW), whole)


def test_the_state_names_nobody_and_no_message_can(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(3), Made(2, BRUNO))
    told = read(tmp_path / "a.git", oids[-1])
    kept = f"{json.dumps(told.state)} {told!r}".lower()
    assert not any(word in kept for word in ("ana", "bruno", "example.org"))


def test_dates_that_cannot_be_are_no_first_and_no_last_change(tmp_path):
    oids = a_history(
        tmp_path / "a.git", Made(at=0), Made(300), Made(-4000), Made(10), Made(at=99_999_999_999), Made(at=7)
    )
    told = read(tmp_path / "a.git", oids[-1])
    assert told.commits == 6
    assert (told.first_at, told.last_at) == (NOW - timedelta(days=300), NOW - timedelta(days=10))
    none = a_history(tmp_path / "b.git", Made(at=0))
    assert read(tmp_path / "b.git", none[-1]).first_at is None


def test_a_clock_that_went_back_hides_nothing_that_stands_before_it(tmp_path):
    path = tmp_path / "a.git"
    oids = a_history(path, Made(500), Made(90), Made(80), Made(5000), Made(60))
    told = read(path, oids[-1])
    assert len(told.changes) == 3
    pushed = a_history(path, Made(at=1_000_000_000), Made(1), on=oids[-1])
    again = read(path, pushed[-1], told)
    assert len(again.changes) == 4
    same(again, read(path, pushed[-1]))


def test_a_clock_that_went_back_is_minded_only_as_long_as_it_matters(tmp_path, orders):
    oids = a_history(tmp_path / "a.git", Made(5000), Made(4000), Made(4900), Made(3))
    read(tmp_path / "a.git", oids[-1])
    assert "--since=" in orders[-1][2]


def test_old_work_that_is_merged_now_is_counted(tmp_path):
    path = tmp_path / "a.git"
    oids = a_history(path, Made(900), Made(300))
    before = read(path, oids[-1])
    pushed = a_history(
        path, Made(800, parents=[oids[0]]), Made(790, BRUNO), Made(2, parents=[oids[1], 1]), Made(1), on=oids[-1]
    )
    told = read(path, pushed[-1], before)
    assert told.commits == 6
    same(told, read(path, pushed[-1]))


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
    more = a_history(path, Made(1), on=oids[-1])
    assert (read(path, more[-1], told).commits, read(path, more[-1], told).whole) == (4, False)


def test_a_push_of_more_than_the_bound_is_read_like_a_new_history(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "NEW_COMMITS", 2)
    path = tmp_path / "a.git"
    oids = a_history(path, Made(50))
    before = read(path, oids[-1])
    more = a_history(path, *(Made(40 - day) for day in range(4)), on=oids[-1])
    same(read(path, more[-1], before), read(path, more[-1]))


def test_what_is_no_commit_of_the_mirror_is_missing(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(1))
    tree = git("rev-parse", f"{oids[0]}^{{tree}}", cwd=tmp_path / "a.git").decode()
    for wrong in ("1" * 40, "main", "--all", tree):
        with pytest.raises(ObjectMissing):
            read(tmp_path / "a.git", wrong)


def test_a_year_later_nothing_of_this_year_is_told(tmp_path):
    oids = a_history(tmp_path / "a.git", Made(3), Made(2))
    before = read(tmp_path / "a.git", oids[-1])
    assert read(tmp_path / "a.git", oids[-1], before, later(days=400)).changes == ()


@settings(max_examples=25)
@given(
    days=st.lists(st.sampled_from([1, 2, 30, 200, 364, 366, 500, 5000, -500]), min_size=2, max_size=9),
    parents=st.lists(st.integers(0, 8), min_size=9, max_size=9),
    stop=st.integers(0, 8),
)
def test_whatever_the_shape_and_the_clocks_a_continued_reading_tells_what_a_whole_one_does(
    tmp_path_factory, days, parents, stop
):
    path = tmp_path_factory.mktemp("any") / "a.git"
    made = []
    for place, (day, other) in enumerate(zip(days, parents, strict=False)):
        # Usually the commit before and, at times, another one; at times none: a beginning of its own, merged later.
        given = [] if place == 0 or other == 7 else [place - 1]
        if place > 1 and other < place - 1:
            given.append(other)
        if place and other == 7:
            given = [place - 1] if place == len(days) - 1 else []
        made.append(Made(day, parents=given))
    oids = a_history(path, *made)
    before = read(path, oids[min(stop, len(oids) - 1)])
    same(read(path, oids[-1], before), read(path, oids[-1]))
