"""A list read in parts: behind a place stands what an order over all has there, whatever is added meanwhile."""

from datetime import timedelta
from uuid import uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.example_counts import examples
from support.factories.search import NOW, an_index_row

from catalog.rules.today import Activity
from catalog.search import Finder, IndexWriter, SearchQuery
from catalog.search.pagination import MAX_RESULTS_BY_TEXT, ListPlace

SPACE = an_index_row("Tool").id


def a_row(name: str, uses: int, days: int, number: int):
    return an_index_row(
        name, id=uuid5(SPACE, str(number)), slug=f"row-{number}", confirmed_uses=uses, domains=("accounting",),
        changed_at=NOW - timedelta(days=days), activity=Activity(NOW - timedelta(days=days), NOW),
    )  # fmt: skip


rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=12)


def read(finder, query, limit, between=lambda: None):
    """All that a walk gives, and how often it was asked."""
    given, place, steps = [], None, 0
    while True:
        part = finder.walk(query, place, limit, NOW)
        given += part.ids
        steps += 1
        if part.next is None or steps > 50:
            return given, steps
        place = part.next
        between()


@settings(max_examples=examples(10, 20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, rows, st.integers(1, 4), st.sampled_from(["best", "uses", "recent", "name"]))
def test_whatever_is_added_each_row_comes_once_and_none_is_left_out(tmp_path_factory, first, more, limit, sort):
    folder = tmp_path_factory.mktemp("walk")
    there = [a_row(*said, number) for number, said in enumerate(first)]
    waiting = [a_row(*said, 100 + number) for number, said in enumerate(more)]
    with IndexWriter.open(folder) as writer:
        writer.follow(there, (), 1)
        finder = Finder(folder)

        def add():
            if waiting:
                writer.follow([waiting.pop()], (), writer.change + 1)

        given, _ = read(finder, SearchQuery(sort=sort), limit, add)
    assert len(given) == len(set(given))
    assert {row.id for row in there} <= set(given)


@pytest.mark.parametrize("sort", ["best", "uses", "recent", "name"])
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_an_order_is_the_one_of_the_find_page(tmp_path, sort, limit):
    there = [a_row("abcdefgh"[number % 8], number % 3, number % 4, number) for number in range(23)]
    with IndexWriter.open(tmp_path) as writer:
        writer.follow(there, (), 1)
    finder, query = Finder(tmp_path), SearchQuery(sort=sort, filters={"domain": ("accounting",)})
    whole = finder.walk(query, None, 100, NOW)
    given, steps = read(finder, query, limit)
    assert given == whole.ids and whole.total == 23 and steps == -(-23 // limit)
    by_id = {row.id: row for row in there}
    shown = finder.find(SearchQuery(sort=sort, per_page=100), NOW).ids
    values = {
        "recent": lambda row: row.changed_at,
        "name": lambda row: row.record.name,
        "uses": lambda row: (row.confirmed_uses, row.record.name),
    }
    of = values.get(sort, lambda row: (row.confirmed_uses, row.activity.changed_at, row.record.name))
    assert [of(by_id[key]) for key in given] == [of(by_id[key]) for key in shown]


def test_with_words_a_list_ends_after_the_best_and_gives_none_twice(tmp_path):
    there = [a_row("keep", number % 5, number % 7, number) for number in range(MAX_RESULTS_BY_TEXT + 60)]
    with IndexWriter.open(tmp_path) as writer:
        writer.follow(there, (), 1)
    finder = Finder(tmp_path)
    given, _ = read(finder, SearchQuery("keep"), 70)
    assert len(given) == len(set(given)) == MAX_RESULTS_BY_TEXT
    assert finder.walk(SearchQuery("keep"), None, 10, NOW).total == MAX_RESULTS_BY_TEXT + 60


@pytest.mark.parametrize(
    "place", [ListPlace(0, 0, 0), ListPlace(2**64 - 1, 2**64 - 1, 2**40), ListPlace(5, 2**64 - 1, 7)]
)
def test_a_place_that_nobody_gave_is_no_failure(tmp_path, place):
    with IndexWriter.open(tmp_path) as writer:
        writer.follow([a_row("a", 1, 1, 1)], (), 1)
    assert len(Finder(tmp_path).walk(SearchQuery(), place, 5, NOW).ids) <= 1
    for value in ("", "a", "\U0010ffff"):
        named = ListPlace(value, place.id_high, place.near)
        assert len(Finder(tmp_path).walk(SearchQuery(sort="name"), named, 5, NOW).ids) <= 1
