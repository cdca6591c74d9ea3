"""Addresses that are not a page's own: where they lead, and that each gets a clear page."""

import re

import pytest


def test_a_former_slug_leads_to_the_present_one(client):
    answer = client.get("/fr/projects/galette-old/users?x=1")
    assert answer.status_code == 301
    assert answer.headers["location"] == "/fr/projects/galette/users?x=1"


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("/fr/projects/GALETTE", "/fr/projects/galette"),
        ("/fr/projects/Galette/users?x=1", "/fr/projects/galette/users?x=1"),
        ("/fr/projects/Galette-Old", "/fr/projects/galette"),
        ("/fr/organizations/Coop-des-Halles", "/fr/organizations/coop-des-halles"),
        ("/fr/domains/Accounting", "/fr/domains/accounting"),
        ("/fr/collections/SUITE", "/fr/collections/suite"),
        ("/fr/projects/galette/", "/fr/projects/galette"),
        ("/fr/projects/galette/facts//?x=1", "/fr/projects/galette/facts?x=1"),
        ("/fr/organizations/coop-des-halles/", "/fr/organizations/coop-des-halles"),
        ("/fr/about/", "/fr/about"),
        ("/FR/projects?q=x", "/fr/projects?q=x"),
        ("/Fr/", "/fr/"),
        ("/api/v1/", "/api/v1"),
        ("/api/v1/projects/?limit=2", "/api/v1/projects?limit=2"),
        ("/export/", "/export"),
        ("/exchange/", "/exchange"),
    ],
)
def test_capitals_and_a_slash_at_the_end_lead_to_the_address_as_it_is(client, written, right):
    answer = client.get(written)
    assert (answer.status_code, answer.headers.get("location")) == (301, right)


def test_without_language_a_slash_at_the_end_leads_there_at_once(client):
    for path in ("/projects/galette", "/me"):
        answer = client.get(f"{path}/", headers={"accept-language": "fr"})
        assert (answer.status_code, answer.headers.get("location")) == (302, f"/fr{path}")


@pytest.mark.parametrize(
    "path", ["/fr/projects/NOTHING", "/fr/domains/NOTHING", "/fr/nothing/", "/de/about/", "/xx//", "/feeds/"]
)
def test_capitals_and_a_slash_lead_nowhere_where_nothing_is(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/fr/%FF", "/fr/projects?q=%FF", "/fr/projects/a%00b", "/fr/projects/%0A"])
def test_bytes_that_are_no_text_get_a_clear_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 400
    assert "<h1>" in answer.text


@pytest.mark.parametrize(
    "path", ["/fr/projects?q=" + "a" * 10_000, "/fr/organizations?kind=" + "b" * 10_000, "/fr/" + "c" * 10_000]
)
def test_addresses_that_are_too_long_get_a_clear_page(client, path):
    answer = client.get(path)
    assert answer.status_code == 414
    assert "<h1>" in answer.text and len(answer.content) < 12_000
    languages = re.findall(r'<a href="([^"]*)" lang="[^"]*" hreflang', answer.text)
    assert languages and {client.get(language).status_code for language in languages} == {200}


@pytest.mark.parametrize("path", ["/fr/help/", "/fr/help/licenses/", "/static/", "/sitemap/", "/exchange/metadata/"])
def test_a_name_that_no_file_system_holds_is_no_page(client, path):
    assert client.get(path + "a" * 1_500).status_code == 404
