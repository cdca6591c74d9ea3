"""Cursors of lists: whatever fits the pattern in the description is a place in the list, and nothing else is one."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.example_counts import examples
from support.world import a_client, a_site, fill

from catalog.search import ListPlace
from forge.web.api import cursor as cursors
from forge.web.api.cursor import Cursor
from forge.web.api.route import DescribedRoute

NAMED = {name: value for name, value in vars(cursors).items() if isinstance(value, Cursor)}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1), timezones=st.just(UTC))
HIGH = st.integers(0, 2**64 - 1)
PLACES = st.one_of(
    st.builds(ListPlace, HIGH, HIGH, HIGH),
    st.builds(ListPlace, TEXTS, HIGH, HIGH),
    st.binary(min_size=1, max_size=300).map(lambda marks: ListPlace(seen=(marks * 5)[: len(marks) * 5])),
)
VALUES = {
    cursors.BY_NUMBER: st.tuples(st.integers(1, 999_999_999)),
    cursors.BY_TEXTS: st.tuples(TEXTS, TEXTS),
    cursors.BY_TIME_AND_TEXT: st.tuples(TIMES, TEXTS),
    cursors.BY_PLACE: st.tuples(PLACES),
}


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    from support.factories.core import a_store

    folder = tmp_path_factory.mktemp("cursors")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        with a_site(store, folder / "data") as app:
            yield a_client(app)


def test_each_kind_of_cursor_is_tried_here():
    assert set(VALUES) == set(NAMED.values())


@pytest.mark.parametrize("kind", NAMED.values(), ids=NAMED)
def test_what_is_written_is_read_as_it_was_and_fits_the_pattern(kind):
    @settings(max_examples=examples(50, 500))
    @given(VALUES[kind])
    def check(values):
        text = kind.encode(*values)
        assert re.fullmatch(kind.pattern, text) and len(text) < 3_000
        assert kind.decode(text) == (values if len(values) > 1 else values[0])

    check()


@pytest.mark.parametrize("kind", NAMED.values(), ids=NAMED)
def test_whatever_fits_the_pattern_is_read(kind):
    @settings(max_examples=examples(50, 500))
    @given(st.from_regex(kind.pattern, fullmatch=True).filter(lambda text: "\n" not in text))
    def check(text):
        found = kind.decode(text)
        values = found if isinstance(found, tuple) else (found,)
        assert all(isinstance(value, int | str | datetime | ListPlace) for value in values)
        assert "\0" not in str(found)

    check()


def lists(app):
    """The lists that come in parts, with a cursor of each that nothing stands behind."""
    for route in app.routes:
        operation = route.operations.get("GET") if isinstance(route, DescribedRoute) else None
        for parameter in operation.parameters if operation else ():
            if parameter.name == "cursor" and "{" not in route.path:
                yield route.path, parameter.schema["pattern"]


def test_a_cursor_that_is_none_is_refused_and_one_that_leads_behind_everything_gives_an_empty_part(client):
    found = dict(lists(client.app))
    assert len(found) > 4
    at_end = {
        kind.pattern: text
        for kind, text in (
            (cursors.BY_NUMBER, "1"),
            (cursors.BY_TEXTS, cursors.BY_TEXTS.encode("\U0010ffff", "\U0010ffff")),
            (cursors.BY_TIME_AND_TEXT, f"{'0' * 14}."),
        )
    }
    for path, pattern in found.items():
        for wrong in ("x y", "WyJ4Il0=", "1\n"):
            answer = client.get(path, params={"cursor": wrong})
            assert answer.status_code == 400, (path, wrong)
            assert answer.json()["problems"] == [{"field": "cursor", "message": cursors.INVALID_CURSOR}]
        if pattern in at_end:
            part = client.get(path, params={"cursor": at_end[pattern]})
            assert part.status_code == 200 and part.json()["next"] is None, path


def test_a_cursor_of_another_search_is_no_part_of_this_one(client):
    words = cursors.BY_PLACE.encode(ListPlace(seen=uuid4().bytes[:5]))
    number, name = (cursors.BY_PLACE.encode(ListPlace(value, 1, 1)) for value in (1, "x"))
    for query, mine in ({"q": "tool"}, words), ({"sort": "name"}, name), ({"sort": "recent"}, number):
        for text in (words, number, name):
            answer = client.get("/api/v1/projects", params=query | {"cursor": text})
            assert answer.status_code == (200 if text == mine else 404), (query, text)
