"""The badge of a project, which other sites show: it counts only what is confirmed."""

import re

import pytest
from lxml import etree
from starlette.testclient import TestClient
from support.factories.core import a_declared_adoption, a_project, an_adoption, an_organization

from catalog.store.store import Store

SVG = "{http://www.w3.org/2000/svg}"


def title(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.headers["content-type"] == "image/svg+xml"
    return str(etree.fromstring(answer.content).findtext(f"{SVG}title"))


def test_a_badge_counts_confirmed_public_uses_alone(sqlite_store: Store, client_of) -> None:
    uses = (an_adoption("found"), an_adoption("hidden", visibility="counted"))
    groups = [an_organization(slug, country=of) for slug, of in (("found", "ES"), ("hidden", "IT"), ("b", "BE"))]
    client = client_of(a_project(adoptions=uses), an_organization(country="FR"), *groups)
    assert title(client, "/badge/galette.svg") == "listed in a catalogue of free software"
    a_declared_adoption(sqlite_store)
    assert title(client, "/badge/galette.svg") == "used by 1 organization in 1 country"
    a_declared_adoption(sqlite_store, organization="b")
    assert title(client, "/badge/galette.svg") == "used by 2 organizations in 2 countries"
    a_declared_adoption(sqlite_store, organization="hidden", visibility="counted")
    assert title(client, "/badge/galette.svg") == "used by 2 organizations in 2 countries"


def test_a_badge_is_a_picture_that_asks_no_other_host(client: TestClient) -> None:
    answer = client.get("/badge/galette.svg")
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", answer.text) and "<script" not in answer.text
    assert etree.fromstring(answer.content).get("role") == "img"
    assert answer.headers["access-control-allow-origin"] == "*"
    again = client.get("/badge/galette.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/badge/blocked.svg").status_code == 410


@pytest.mark.parametrize("slug", ["galette-old", "Galette"])
def test_what_other_sites_took_under_a_former_slug_goes_on(client: TestClient, slug: str) -> None:
    answer = client.get(f"/badge/{slug}.svg", params={"language": "fr"}, follow_redirects=True)
    assert (answer.status_code, answer.url.path, answer.url.query) == (200, "/badge/galette.svg", b"language=fr")


def test_a_projects_page_names_what_others_may_take(client: TestClient) -> None:
    page = client.get("/en/projects/galette").text
    for path in re.findall(r'href="(/(?:badge|export)/[^"]+)"', page):
        assert client.get(path).status_code == 200, path
    assert page.count('href="/export/projects/galette/') == 3
