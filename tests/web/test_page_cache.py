"""Finished pages are given again only while nothing changed, and never to somebody they were not drawn for."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from support.factories.core import NOW, identity, load
from support.world import HEAD, a_client, a_site, an_observation, fill, the_document

from catalog.search import IndexWriter
from catalog.store.store import Store
from forge.server.index_follower import catch_up
from forge.web.core.page_cache import PageCache

PAGE = "/en/projects/galette"


@pytest.fixture
def client(sqlite_store: Store, tmp_path: Path) -> Iterator[TestClient]:
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app, packed=True)


def drawn(client: TestClient, path: str, **given: object) -> bool:
    """Whether an answer asked the store for more than the change counter."""
    engine, asked = client.app.state.store.engine, []

    def sent(*given: object) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", sent)
    try:
        client.get(path, **given)
    finally:
        event.remove(engine, "before_cursor_execute", sent)
    return bool(asked)


@pytest.mark.parametrize("path", ["/fr/", "/fr/projects?q=adh", PAGE, f"{PAGE}/users?page=2", "/en/help"])
def test_a_page_is_drawn_once_and_given_again_the_same(client, path):
    first = client.get(path)
    assert not drawn(client, path)
    again = client.get(path)
    assert (again.content, dict(again.headers)) == (first.content, dict(first.headers))
    assert again.headers["content-encoding"] == "gzip" and again.headers["content-security-policy"]


def test_who_cannot_unpack_gets_plain_bytes(client):
    packed = client.get(PAGE)
    for _ in range(2):
        plain = client.get(PAGE, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers and plain.text == packed.text
        assert plain.headers["vary"] == "Accept-Encoding" and plain.headers["etag"] == packed.headers["etag"]


def test_head_has_the_headers_of_the_page_and_no_body(client):
    before = client.head(PAGE)
    page = client.get(PAGE)
    assert not drawn(client, PAGE)
    after = client.head(PAGE)
    assert before.headers == after.headers == page.headers and before.content == after.content == b""


def test_who_has_the_page_is_told_so_drawn_or_kept(client):
    tag = client.get("/en/help").headers["etag"]
    known = {"if-none-match": f'"other", {tag}'}
    client.app.state.store.takedowns.block("asleep", "Asked for.", now=NOW)
    answers = [client.get("/en/help", headers=known) for _ in range(2)]
    assert [(answer.status_code, answer.content, answer.headers["etag"]) for answer in answers] == [(304, b"", tag)] * 2
    assert "content-length" not in answers[1].headers and answers[1].headers["cache-control"]
    assert not drawn(client, "/en/help")
    assert client.get("/en/help", headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/api/v1/projects", "/api/v1/projects/galette", "/api/v1/organizations?limit=2", "/openapi.json", "/en/help", PAGE,
     f"{PAGE}/code", "/fr/places", "/badge/galette.svg", "/feeds/calls.atom", "/export/projects/galette/facts.csv",
     "/export/projects.csv"],
)  # fmt: skip
def test_whatever_has_a_tag_is_not_sent_again_to_who_has_it(client, path):
    """Through all that stands before the pages: a middleware that kept the condition to itself sent the whole. Tags are
    compared as RFC 9110, 13.1.2 says: one of several, weak or not, in quotes and whole; "*" is any."""
    first = client.get(path)
    assert first.status_code == 200
    tag = first.headers["etag"]
    opaque = tag.removeprefix("W/")
    for known in (tag, f'"other",{tag}', f'"a, b" , {tag},', opaque, f"W/{opaque}", "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), known
    for other in ('"other"', opaque.strip('"'), f'"{opaque[2:]}', f'"* {tag}', "**"):
        assert client.get(path, headers={"if-none-match": other}).content == first.content, other


def test_what_is_taken_away_is_gone_with_the_next_request(client):
    assert client.get(PAGE).status_code == 200 and not drawn(client, PAGE)
    client.app.state.store.takedowns.block("galette", "A person asked.", now=NOW)
    gone = client.get(PAGE)
    assert gone.status_code == 410 and "A person asked." in gone.text
    client.app.state.store.takedowns.unblock("galette")
    assert client.get(PAGE).status_code == 200


def test_a_load_and_a_visit_are_seen_by_the_next_request(client):
    store = client.app.state.store
    assert "A new name" not in client.get(PAGE).text
    document = the_document()
    renamed = replace(document.projects[0], name="A new name")
    load(store, replace(document, projects=(renamed, *document.projects[1:])))
    assert "A new name" in client.get(PAGE).text
    later = NOW - timedelta(days=1)
    seen = an_observation() | {"activity": {"people_in_year": 77, "commits": 10}}
    store.observations.observe(identity("galette"), HEAD, seen, free=True, last_commit_at=later, now=NOW)
    assert "77 people changed it" in client.get(PAGE).text


def test_a_commit_of_the_index_is_seen_by_the_next_search(client, tmp_path):
    store, path = client.app.state.store, "/en/projects?sort=name"
    store.takedowns.block("tool-3", "Asked for.", now=NOW)
    assert client.get(path).status_code == 200 and not drawn(client, path)
    writer = IndexWriter.open(tmp_path / "data" / "search")
    assert writer is not None
    catch_up(store, writer)
    writer.close()
    assert drawn(client, path)


def test_languages_and_hosts_do_not_mix(client):
    assert 'lang="en"' in client.get("/en/help").text and 'lang="fr"' in client.get("/fr/help").text
    for host in ("a.example", "b.example", "a.example"):
        assert f'href="http://{host}/en/help"' in client.get("/en/help", headers={"host": host}).text


def test_with_an_address_of_its_own_the_site_draws_a_page_once_for_all_hosts(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data", base_url="https://c.example") as app:
        client = a_client(app, packed=True)
        client.get(PAGE)
        assert not drawn(client, PAGE, headers={"host": "evil.example"})
        assert "evil" not in client.get(PAGE, headers={"host": "evil.example"}).text


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/en/projects/nothing", {}), ("/en/projects/galette-old", {}), ("/en/projects?page=99", {}),
     (f"/en/help?x={'x' * 600}", {}), ("/en/help", {"cookie": "a=b"}), ("/en/help", {"authorization": "Basic eDp5"}),
     ("/readyz", {}), ("/en/help", {"host": "x" * 300})],
)  # fmt: skip
def test_errors_redirects_and_what_is_not_for_everybody_are_not_kept(client, path, headers):
    client.get(path, headers=headers)
    assert drawn(client, path, headers=headers)


def test_a_database_that_does_not_answer_keeps_no_page_alive(client):
    client.get(PAGE)
    with client.app.state.store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE meta RENAME TO other")
    assert client.get(PAGE).status_code == 500


def test_the_counter_is_the_change_number_on_every_database(store: Store) -> None:
    assert store.counter() == store.change() == 0
    fill(store)
    assert store.counter() == store.change() > 0


class PageRequests:
    """Requests to `Finished` over a page that says how often it was drawn."""

    def __init__(self, size_bytes: int = 10, **bounds: int):
        self.drawn, self.now, self.stands = 0, NOW, 1
        self._size_bytes = size_bytes
        self.kept = PageCache(self._site, lambda: self.stands, lambda: self.now, quick=True, one_host=True, **bounds)

    async def _site(self, scope, receive, send) -> None:
        self.drawn += 1
        headers = {"cache-control": "public", "etag": '"x"'}
        headers |= {"set-cookie": "a=b"} if scope["query_string"] == b"c" else {}
        await HTMLResponse("x" * self._size_bytes, headers=headers)(scope, receive, send)

    def __call__(self, path: str, query: bytes = b"") -> int:
        """How often the page was drawn so far."""

        async def nothing(message=None) -> None:
            return None

        scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": []}
        asyncio.run(self.kept(scope, nothing, nothing))
        return self.drawn


def test_a_page_is_at_most_a_minute_old():
    asked = PageRequests()
    assert asked("/en/") == asked("/en/") == 1
    asked.now += timedelta(seconds=59)
    assert asked("/en/") == 1
    asked.now += timedelta(seconds=1)
    assert asked("/en/") == asked("/en/") == 2
    asked.now -= timedelta(hours=1)
    assert asked("/en/") == 3


def test_what_is_kept_is_bounded_and_goes_when_something_changes():
    asked = PageRequests(size_bytes=10_000, max_bytes=60_000, max_pages=100)
    for number in range(50):
        asked("/en/projects", str(number).encode())
    assert asked.kept.number == 5 and asked.kept.bytes <= 60_000
    assert asked("/en/projects", b"49") == 50 and asked("/en/projects", b"0") == 51
    asked.stands = 2
    asked("/en/")
    assert asked.kept.number == 1
    few = PageRequests(max_pages=3)
    assert [few("/en/", str(number).encode()) for number in range(9)][-1] == 9 and few.kept.number == 3
    large = PageRequests(size_bytes=500_001)
    assert large("/en/") + 1 == large("/en/") and large.kept.number == 0


def test_an_answer_with_a_cookie_is_not_kept():
    asked = PageRequests()
    assert [asked("/en/", b"c"), asked("/en/", b"c")] == [1, 2]
