"""Cursors of lists: what is written is read as it was, and everything else is refused."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.example_counts import examples
from support.world import a_client, a_site, fill

from catalog.search import ListPlace
from forge.web.api import cursor as cursors
from forge.web.api.cursor import Cursor
from forge.web.api.route import DescribedRoute
from forge.web.api.sentences import INVALID_CURSOR

NAMED = {name: value for name, value in vars(cursors).items() if isinstance(value, Cursor)}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1), timezones=st.just(UTC))
HIGH = st.integers(0, 2**64 - 1)
MARK = "AZ_-09"
PLACES = st.one_of(
    st.builds(ListPlace, HIGH, HIGH, HIGH),
    st.builds(ListPlace, TEXTS, HIGH, HIGH),
    st.integers(1, 300).map(lambda marks: ListPlace(seen=MARK * marks)),
)
VALUES = {
    cursors.BY_NUMBER: st.integers(1, 999_999_999),
    cursors.BY_TEXTS: st.tuples(TEXTS, TEXTS),
    cursors.BY_TIME_AND_TEXT: st.tuples(TIMES, TEXTS),
    cursors.BY_PLACE: PLACES,
}
NO_PLACES = (
    *(
        "",
        "[",
        "[" * 2_900,
        "null",
        "0",
        "1000000000",
        "1.5",
        '"x"',
        '["x"]',
        '["x", "y", "z"]',
        '["x\\u0000", "y"]',
    ),
    *('["\\ud800", "y"]', '{"value": -1}', '{"id_high": 18446744073709551616}', '{"near": "x"}'),
    *('{"seen": "short"}', '{"seen": "' + MARK * 301 + '"}', "{}x"),
)


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
def test_what_is_written_is_read_as_it_was(kind):
    @settings(max_examples=examples(50, 500))
    @given(VALUES[kind])
    def check(place):
        text = kind.write(place)
        assert len(text) < 3_000 and kind.read(text) == place

    check()


@pytest.mark.parametrize("kind", NAMED.values(), ids=NAMED)
def test_what_is_no_place_is_refused(kind):
    for json in NO_PLACES:
        with pytest.raises(ValueError):
            kind.read(base64.urlsafe_b64encode(json.encode()).decode().rstrip("="))

    @settings(max_examples=examples(50, 500))
    @given(st.from_regex("^[A-Za-z0-9_-]{1,80}$", fullmatch=True))
    def check(text):
        with pytest.raises(ValueError):
            kind.read(text.strip())

    check()


def lists(app):
    """The lists that come in parts."""
    for route in app.routes:
        operation = route.operations.get("GET") if isinstance(route, DescribedRoute) else None
        for parameter in operation.parameters if operation else ():
            if parameter.name == "cursor" and "{" not in route.path:
                yield route.path


LAST = (
    cursors.BY_NUMBER.write(1),
    cursors.BY_TEXTS.write(("\U0010ffff", "\U0010ffff")),
    cursors.BY_TIME_AND_TEXT.write((datetime(1970, 1, 1, tzinfo=UTC), "")),
)


def test_a_cursor_that_is_none_is_refused_and_one_that_leads_behind_everything_gives_an_empty_part(client):
    paths = list(lists(client.app))
    assert len(paths) > 4
    for path in paths:
        for wrong, status in {"x y": 400, "WyJ4Il0=": 400, "1\n": 400, "WyJ4Il0": 404}.items():
            answer = client.get(path, params={"cursor": wrong})
            assert answer.status_code == status, (path, wrong)
            assert answer.json()["problems"] == [{"field": "cursor", "message": INVALID_CURSOR}]
        parts = [client.get(path, params={"cursor": cursor}) for cursor in LAST]
        ends = [part.status_code == 200 and part.json()["next"] is None for part in parts]
        assert any(ends) == (path != "/api/v1/projects"), path


def test_a_cursor_of_another_search_is_no_part_of_this_one(client):
    words = cursors.BY_PLACE.write(ListPlace(seen=MARK))
    number, name = (cursors.BY_PLACE.write(ListPlace(value, 1, 1)) for value in (1, "x"))
    for query, mine in ({"q": "tool"}, words), ({"sort": "name"}, name), ({"sort": "recent"}, number):
        for text in (words, number, name):
            answer = client.get("/api/v1/projects", params=query | {"cursor": text})
            assert answer.status_code == (200 if text == mine else 404), (query, text)
