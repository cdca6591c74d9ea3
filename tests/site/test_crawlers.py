"""The site map, robots.txt and OpenSearch: every page that may be indexed, in each language, and none beside."""

import pytest
from lxml import etree
from starlette.testclient import TestClient

from forge.web.site import crawlers

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def parts(client: TestClient) -> list[str]:
    index = etree.fromstring(client.get("/sitemap.xml").content)
    return [str(location.text).removeprefix("http://testserver") for location in index.iter(f"{MAP}loc")]


def test_every_address_of_the_map_is_a_page_that_may_be_indexed(client: TestClient) -> None:
    found = {}
    for part in parts(client):
        for url in etree.fromstring(client.get(part).content).iter(f"{MAP}url"):
            found[url.findtext(f"{MAP}loc")] = url
    paths = {str(address).removeprefix("http://testserver") for address in found}
    assert {"/en/projects/galette", "/fr/projects/galette", "/fr/organizations/coop-des-halles", "/en/"} <= paths
    assert not [path for path in paths if "blocked" in path]
    for path in ("/places/ES", "/help/choose", "/help/api", "/help/licenses", "/about/peers", "/legal"):
        assert {f"/en{path}", f"/fr{path}"} <= paths
        assert client.get(f"/fr{path}").status_code == 200
    for path in sorted(paths)[::7]:
        answer = client.get(path)
        assert answer.status_code == 200 and 'content="noindex' not in answer.text, path
    galette = found["http://testserver/fr/projects/galette"]
    assert galette.findtext(f"{MAP}lastmod") == "2026-11-24"
    others = {record.get("hreflang"): record.get("href") for record in galette.iter(LINK)}
    assert others == {
        "en": "http://testserver/en/projects/galette",
        "fr": "http://testserver/fr/projects/galette",
        "x-default": "http://testserver/projects/galette",
    }


def test_a_large_catalogue_is_parted(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawlers, "PAGES", 10)
    found = [part for part in parts(client) if "projects" in part]
    assert found[:2] == ["/sitemap/projects-1.xml", "/sitemap/projects-2.xml"] and len(found) == 3
    seen = [
        str(location.text)
        for part in found
        for location in etree.fromstring(client.get(part).content).iter(f"{MAP}loc")
    ]
    assert len(seen) == len(set(seen)) == 2 * 30
    for wrong in ("projects-4", "projects-0", "projects-x", "pages-2", "projects-²", "x", "projects-99999999"):
        assert client.get(f"/sitemap/{wrong}.xml").status_code == 404


def test_robots_names_the_map_and_keeps_its_rules(client: TestClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/*/projects/*/code", "/projects/*/raw/", "/projects/*/archive/", "/git/"):
        assert f"Disallow: {path}" in lines
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"
