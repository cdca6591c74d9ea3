"""Feeds as readers of feeds get them: of all projects, of a search, of one project, of needs."""

import re
from datetime import datetime

import feedparser
import pytest
from lxml import etree
from starlette.testclient import TestClient
from support.factories.core import a_catalog, a_declared_adoption, a_project, an_adoption, an_organization, later, load

from catalog.store.store import Store

FEEDS = (
    *("/feeds/projects.atom", "/feeds/projects.atom?domain=accounting&in=fr", "/feeds/projects.atom?q=galette"),
    *("/feeds/projects.atom?country=ES&in=fr", "/feeds/calls.atom", "/feeds/projects/galette.atom"),
)


def problems(feed: bytes) -> list[str]:
    """What RFC 4287 asks in prose, and no reader of feeds complains of."""
    root, atom = etree.fromstring(feed), "{http://www.w3.org/2005/Atom}"
    every = (root, *root.findall(f"{atom}entry"))
    wrong = [
        f"no {name}" for name in ("id", "title", "updated") for part in every if not part.findtext(f"{atom}{name}")
    ]
    wrong += [] if root.find(f"{atom}author") is not None else ["no author (4.1.1)"]
    rels = [link.get("rel") for link in root.findall(f"{atom}link")]
    wrong += [] if rels.count("self") == 1 and rels.count("alternate") <= 1 else ["self or alternate (4.1.1)"]
    ids = [part.findtext(f"{atom}id") for part in every]
    wrong += [] if len(ids) == len(set(ids)) else ["an identity stands twice (4.2.6)"]
    times = [datetime.fromisoformat(str(part.findtext(f"{atom}updated"))) for part in every]
    wrong += ["no zone"] if any(time.tzinfo is None for time in times) else []
    return wrong if times[0] == max(times[1:], default=times[0]) else [*wrong, "updated is not the newest"]


def read(client: TestClient, path: str) -> feedparser.FeedParserDict:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return feedparser.parse(answer.content, response_headers={"content-type": answer.headers["content-type"]})


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_atom_by_its_rules_and_to_a_reader(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert problems(answer.content) == []
    found = read(client, path)
    assert not found.bozo and found.version == "atom10" and found.feed.title
    assert all(entry.link.startswith("http://testserver/") for entry in found.entries)
    own = next(link.href for link in found.feed.links if link.rel == "self")
    assert client.get(own.removeprefix("http://testserver")).content == answer.content
    assert client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_feeds_of_a_need_a_country_and_a_search_hold_their_projects(client: TestClient) -> None:
    names = [entry.title for entry in read(client, "/feeds/projects.atom").entries]
    assert "Galette" in names and len(names) == 30
    for path in ("/feeds/projects.atom?domain=accounting", "/feeds/projects.atom?country=ES",
                 "/feeds/projects.atom?q=galette&use=hosted"):  # fmt: skip
        assert [entry.title for entry in read(client, path).entries] == ["Galette"], path
    french = read(client, "/feeds/projects.atom?language=fr&in=fr")  # `language` is a filter: screens in French
    assert [entry.title for entry in french.entries] == ["Galette"] and french.feed.language == "fr"
    assert client.get("/feeds/projects/blocked.atom").status_code == 410


def test_a_projects_feed_tells_versions_and_public_uses_too(client: TestClient) -> None:
    titles = [entry.title for entry in read(client, "/feeds/projects/galette.atom").entries]
    assert "Galette: version 1.2" in titles and "Galette: version 1.1" not in titles  # of which only a year is known
    assert "Coop des Halles uses Galette" in titles


def test_a_new_and_a_changed_project_come_first_and_hidden_uses_move_nothing(sqlite_store: Store, client_of) -> None:
    groups = [an_organization(), an_organization("quiet", name="Quiet Ones")]
    client = client_of(a_project(), a_project("b"), *groups)
    before = {path: client.get(path).content for path in FEEDS[:1] + FEEDS[4:]}
    a_declared_adoption(sqlite_store, organization="quiet", visibility="counted")
    assert {path: client.get(path).content for path in before} == before
    load(sqlite_store, a_catalog(a_project(name="Galette 2"), a_project("b"), a_project("c"), *groups),
         now=later(days=1), digest="2")  # fmt: skip
    entries = read(client, "/feeds/projects.atom").entries
    assert {entry.title for entry in entries[:2]} == {"Galette 2", a_project("c").name} and len(entries) == 3
    changed = next(entry for entry in entries if entry.title == "Galette 2")
    assert changed.published < changed.updated


def test_a_feed_of_what_no_filter_can_be_is_none(client: TestClient) -> None:
    assert client.get("/feeds/projects.atom?domain=accounting&in=fr").status_code == 200
    assert client.get("/feeds/projects.atom?domain=nope&in=fr").status_code == 404


@pytest.mark.parametrize(
    "path", ["/fr/", "/fr/projects?q=galette&domain=accounting", "/fr/domains/accounting", "/fr/places/ES",
             "/fr/projects/galette"]
)  # fmt: skip
def test_pages_lead_to_their_feed(client: TestClient, path: str) -> None:
    found = re.search(r'type="application/atom\+xml" href="([^"]+)"', client.get(path).text)
    assert found is not None
    assert read(client, found[1].replace("&amp;", "&")).feed.language == "fr"


def test_names_are_shown_as_they_were_written(client_of) -> None:
    name, group = "Fees & <b>fun</b> ]]>", 'Coop "A" <i>&amp;</i>'
    known = (
        a_project("fees", name=name, adoptions=(an_adoption("a", seen_at="2026-01-10"),)),
        an_organization("a", name=group),
    )
    client = client_of(*known)
    for path in ("/feeds/projects.atom", "/feeds/projects/fees.atom"):
        answer = client.get(path)
        root = etree.fromstring(answer.content)
        titles = root.xpath("//*[local-name()='title']/text()")
        assert problems(answer.content) == [] and any(name in title for title in titles)
    assert f"{group} uses {name}" in titles
