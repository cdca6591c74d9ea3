"""What groups ask of a project, gathered for its makers: calls, what blocks people, why groups stopped, what these
learned; on one page, in one feed, and the reasons on the page of users and for programs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import feedparser
import pytest
from starlette.testclient import TestClient
from support.atom_schema import problems
from support.factories.calls import ANA, GALETTE, a_call, published, somebody
from support.factories.core import a_catalog, a_project, a_store, an_adoption, an_organization, later, load
from support.world import a_client, a_site

from catalog.store.store import Store
from tests.api.test_api import check, schema_of
from tests.submissions.test_obstacle import a_report, answer


@contextmanager
def an_asked_store(sqlite_template: Path, folder: Path) -> Iterator[Store]:
    """Sixty groups use it; three do not any more, one of which tells that to nobody."""
    with a_store(sqlite_template, folder) as store:
        slugs = [f"coop-{number:02}" for number in range(60)]
        over = {"stage": "stopped", "until": "2025", "seen_at": "2026-01-10"}
        past = (
            an_adoption("left", reasons=("cost", "no-support"), lesson={"en": "Ask the price of help first."}, **over),
            an_adoption("gone", reasons=("cost",), **over | {"stage": "not-retained"}),
            an_adoption("quiet", reasons=("security",), visibility="counted", lesson={"en": "zzplanted"}, **over),
        )
        uses = (*map(an_adoption, slugs), *past)
        groups = map(an_organization, (*slugs, "left", "gone", "quiet"))
        load(store, a_catalog(a_project(adoptions=uses), a_project("zeta"), *groups))
        asked = {"call": "translate", "tag": "pt", "text": "Translate the screens of fees into Portuguese."}
        a_call(store, project=GALETTE, **asked)
        report = a_report(store)
        published(store, report)
        answer(store, somebody(store, ANA, maintained_projects=[GALETTE]), report, words="It is black on white soon.")
        published(store, a_report(store, audience="visual-impairment", now=later(days=2)), now=later(days=2))
        a_report(store, happened="zzplanted")  # nobody looked at it yet
        yield store


@pytest.fixture(scope="module")
def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One for all that only read."""
    folder = tmp_path_factory.mktemp("asked")
    with an_asked_store(sqlite_template, folder) as store, a_site(store, folder / "site") as app:
        yield a_client(app)


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    with an_asked_store(sqlite_template, tmp_path) as opened:
        yield opened


@pytest.fixture
def own(store: Store, tmp_path: Path) -> Iterator[TestClient]:
    """One of a store that a test changes."""
    with a_site(store, tmp_path / "site") as app:
        yield a_client(app)


def test_why_groups_stopped_stands_once_with_its_numbers_where_past_uses_do(client: TestClient) -> None:
    first, second = (client.get(f"/en/projects/galette/users?page={page}").text for page in (1, 2))
    assert "Why they stopped</h" not in first and second.count("Why they stopped</h") == 1
    assert "<li>Cost: 2 organizations</li><li>No support available: 1 organization</li>" in second
    assert "Security problem" not in second
    assert "<li>Coût\u00a0: 2 organisations</li>" in client.get("/fr/projects/galette/users?page=2").text


def test_programs_are_told_why_uses_ended(client: TestClient) -> None:
    answer = client.get("/api/v1/projects/galette/adoptions?limit=1").json()
    description = client.get("/openapi.json").json()
    check(schema_of(description, "/api/v1/projects/{slug}/adoptions", "get", "200"), description, answer)
    assert answer["stop_reasons"] == [
        {"reason": "cost", "organizations": 2},
        {"reason": "no-support", "organizations": 1},
    ]


def test_what_groups_ask_of_a_project_stands_on_one_page_without_anybody_who_sent_it(client: TestClient) -> None:
    page = client.get("/en/projects/galette/asked").text
    main = page[page.index("<main") : page.index("</main>")]
    said = [re.sub("<[^>]+>", "", heading).strip() for heading in re.findall(r"<h[23][^>]*>(.*?)</h[23]>", main, re.S)]
    assert said == [
        *("Open requests", "Translate the screens of fees into Portuguese.", "Obstacles"),
        *(
            "Blind and partially sighted people",
            "Seniors",
            "Why they stopped",
            "Lessons from organizations that stopped",
        ),
        "Reuse this",
    ]
    assert "It is black on white soon." in main and "Ask the price of help first." in main
    assert "<li>Cost: 2 organizations</li>" in main and "zzplanted" not in page and ANA not in page
    assert "/feeds/projects/galette/asked.atom?language=en" in main
    nothing = client.get("/en/projects/zeta/asked").text
    assert "No requests that we know of." in nothing and 'content="noindex' in nothing
    assert client.get("/en/projects/nobody/asked").status_code == 404


def test_the_same_is_a_feed_whose_entries_keep_their_names_when_makers_answer(own: TestClient, store: Store) -> None:
    answered = own.get("/feeds/projects/galette/asked.atom?language=en")
    assert problems(answered.content) == [] and b"zzplanted" not in answered.content
    found = feedparser.parse(answered.content)
    assert not found.bozo and found.feed.author == "Galette" and b"<email>" not in answered.content
    assert answered.content.count(b"<author>") == 1
    titles = {entry.title: entry for entry in found.entries}
    assert titles.keys() == {
        *("Translate the screens of fees into Portuguese.", "Obstacle for: Seniors"),
        *(
            "Obstacle for: Blind and partially sighted people",
            "Why they stopped",
            "left no longer uses Galette",
        ),
        "gone decided against Galette",
    }
    assert titles["Why they stopped"].summary == "Cost: 2 organizations, No support available: 1 organization"
    assert "Ask the price of help first." in titles["left no longer uses Galette"].summary
    blocked = titles["Obstacle for: Seniors"]
    assert blocked.published != blocked.updated and "It is black on white soon." in blocked.summary
    person = somebody(store, "bruno@example.net", maintained_projects=[GALETTE])
    (code,) = [obstacle.reference for obstacle in store.obstacles.of_project(GALETTE) if obstacle.audience == "seniors"]
    answer(store, person, store.submissions.by_reference(code), state="fixed", now=later(days=3))
    again = feedparser.parse(own.get("/feeds/projects/galette/asked.atom?language=fr").content)
    assert again.entries[0].id == blocked.id and again.feed.language == "fr"
    assert {entry.id for entry in again.entries} == {entry.id for entry in found.entries}
    empty = own.get("/feeds/projects/zeta/asked.atom")
    assert problems(empty.content) == [] and feedparser.parse(empty.content).entries == []


def test_the_page_is_found_from_where_one_reads_about_the_project_and_by_programs(client: TestClient) -> None:
    assert client.get("/en/projects/galette").text.count('href="/en/projects/galette/asked"') == 1
    (listed,) = {
        location
        for location in re.findall(r"<loc>[^<]*/en/projects/[^<]*</loc>", client.get("/sitemap/asked-1.xml").text)
    }
    assert listed.endswith("/en/projects/galette/asked</loc>")
