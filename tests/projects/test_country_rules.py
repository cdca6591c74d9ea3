"""Rules of countries: what a program has for those of the reader's country, on its page, in comparisons and files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.factories.core import a_catalog, a_project, load
from support.formats import rows
from support.world import a_client, a_site

from catalog.model import RuleSupport
from catalog.rules.country_rule import UNIONS, rules_of
from catalog.store.store import Store

FILE = "https://example.org/charts/syscohada.xml"
CHART = RuleSupport("ohada-syscohada", "file", FILE, "2026-12-01", "2024-10-24", "chart of Benin", "Charts of Ana")
LATE_LOANS = RuleSupport("intl-par30", "built-in", "https://example.org/late", "2026-12-01", note={"en": "By branch."})
LACKS_RATIOS = RuleSupport("umoa-sfd-ratios", "missing", "https://example.org/no-ratios", "2026-12-01")
FORMER_CHART = RuleSupport("fr-plan-comptable-asso-1999", "file", "https://example.org/1999", "2026-12-01")


@pytest.fixture
def client(sqlite_store: Store, tmp_path: Path) -> Iterator[TestClient]:
    load(
        sqlite_store,
        a_catalog(
            a_project("bank", name="Bank", rules=(CHART, LATE_LOANS, LACKS_RATIOS)),
            a_project("books", name="Books", rules=(FORMER_CHART,)),
            a_project("lists", name="Lists"),
        ),
    )
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def part(client: TestClient, address: str, name: str = "rules") -> str:
    html = client.get(address).text
    start = html.index(f'aria-labelledby="{name}"')
    return words(html[start : html.index("</section>", start)])


def test_a_reader_who_says_no_country_is_asked_for_it_and_nothing_is_kept(client):
    asked = part(client, "/en/projects/bank")
    assert "Your country" in asked and "It has something for 2 rules that we know of." in asked
    assert "syscohada" not in asked.lower() and "Not known for" not in asked
    assert "what does your country ask for?" in part(client, "/en/projects/lists")
    answer = client.get("/en/projects/bank?country=SN")
    assert "set-cookie" not in answer.headers and '<option value="SN" selected>' in answer.text


def test_rules_of_unions_and_of_everywhere_hold_in_a_country_and_what_is_known_stands_apart_from_what_is_not(client):
    said = part(client, "/en/projects/bank?country=SN")
    has, lacks, unknown = (said.index(title) for title in ("What it has", "Known to be missing", "Not known for"))
    assert has < said.index("SYSCOHADA") < said.index("File to load: chart of Benin") < lacks
    assert "published by Charts of Ana" in said and "last seen in the version of 24 October 2024" in said
    assert has < said.index("Portfolio at risk (PAR 30, PAR 90)") < said.index("By branch.") < lacks
    assert "read on 1 December 2026, in a version whose date is not known" in said
    assert lacks < said.index("Prudential rules of West African microfinance bodies") < unknown
    assert "may have changed: check the present text" in said and "usual practice, not a law" in said
    assert unknown < said.index("SYCEBNL") and "This is not legal advice." in said
    elsewhere = part(client, "/en/projects/bank?country=CM")
    assert "SYSCOHADA" in elsewhere and "Prudential rules of West African" not in elsewhere
    assert "SYSCOHADA" not in part(client, "/en/projects/bank?country=PE")


def test_a_rule_that_ended_is_shown_so_where_a_program_has_it_and_nowhere_else(client):
    assert "Règlement CRC n° 99-01" in part(client, "/en/projects/books?country=FR")
    assert "no longer in force" in part(client, "/en/projects/books?country=FR")
    assert "Règlement CRC n° 99-01" not in part(client, "/en/projects/lists?country=FR")


def test_the_page_of_facts_names_each_part_with_its_source_and_its_date(client):
    html = client.get("/en/projects/bank/facts").text
    said = part(client, "/en/projects/bank/facts")
    assert FILE in html and "SYSCOHADA" in said and "last seen in the version of 24 October 2024" in said
    assert "version of 1 December 2026" not in said


def test_each_country_has_its_own_rules_first_then_those_of_its_unions_then_those_of_everywhere():
    places = [rule.details.get("country") for rule in rules_of("FR")]
    assert list(dict.fromkeys(places)) == ["FR", "EU", None]
    assert {rule.details.get("country") for rule in rules_of("SN")} == {"UEMOA", "OHADA", None}
    assert {rule.details.get("country") for rule in rules_of("AQ")} == {None}
    assert len(UNIONS["EU"]) == 27 and len(UNIONS["OHADA"]) == 17 and UNIONS["UEMOA"] < UNIONS["OHADA"]


def test_programs_are_found_by_a_rule_and_by_its_kind_and_what_is_missing_is_not_support(client):
    def found(asked: str) -> list[str]:
        return [card["slug"] for card in client.get(f"/api/v1/projects?{asked}").json()["projects"]]

    assert found("rule=ohada-syscohada") == ["bank"] and found("rule=chart-of-accounts") == ["bank", "books"]
    assert found("rule=umoa-sfd-ratios") == [] and found("q=SYSCOHADA")[:1] == ["bank"]
    html = client.get("/en/projects?rule=ohada-syscohada").text
    assert 'href="/en/projects/bank"' in html and 'href="/en/projects/books"' not in html
    table = {row["slug"]: row["rules"] for row in rows(client.get("/export/projects.csv").content)}
    assert table == {"bank": "ohada-syscohada intl-par30", "books": "fr-plan-comptable-asso-1999", "lists": ""}


def test_programs_read_each_part_with_its_source_and_its_dates(client):
    record = client.get("/api/v1/projects/bank").json()["record"]
    chart = next(line for line in record["rules"] if line["rule"] == "ohada-syscohada")
    assert (chart["how"], chart["source"], chart["seen_at"], chart["version_at"]) == (
        "file",
        FILE,
        "2026-12-01",
        "2024-10-24",
    )
    lines = [json.loads(line) for line in client.get("/export/records.jsonl").text.splitlines()]
    bank = next(line for line in lines if line.get("slug") == "bank" or line.get("record", {}).get("slug") == "bank")
    assert "umoa-sfd-ratios" in json.dumps(bank)


def test_a_comparison_and_its_sheet_have_a_row_of_rules_for_the_country_that_was_chosen(client):
    assert "For your country" not in words(client.get("/en/compare?p=bank&p=books").text)
    html = client.get("/en/compare?p=bank&p=books&country=SN").text
    row = words(html[html.index('<th scope="row">For your country</th>') :].partition("</tr>")[0])
    assert "Senegal" in row and "OHADA accounting system of enterprises" in row and "Known to be missing" in row
    assert "may have changed" in row and "Not known yet" in row
    assert "/en/compare/sheet?p=bank&amp;p=books&amp;country=SN" in html and 'value="SN" selected' in html
    sheet = words(client.get("/en/compare/sheet?p=bank&country=SN").text)
    assert "OHADA accounting system of enterprises" in sheet and "example.org" in sheet
    assert "This is not legal advice." in sheet
    assert "For your country" not in words(client.get("/en/compare/sheet?p=bank").text)


def test_the_page_of_a_country_gathers_its_rules_and_the_programs_that_have_something_for_them(client):
    html = client.get("/en/places/SN").text
    said = part(client, "/en/places/SN")
    assert said.index("SYSCOHADA") < said.index("Bank") < said.index("No software known for")
    assert said.index("No software known for") < said.index("Prudential rules of West African microfinance bodies")
    assert 'href="/en/projects/bank?country=SN#rules"' in html and "This is not legal advice." in said
    assert 'content="noindex"' not in html and "Books" not in said
    assert "no longer in force" in part(client, "/en/places/FR") and "CRC n° 99-01" not in part(client, "/en/places/SN")
    assert 'href="/en/places/TD"' in client.get("/en/places").text


def test_programs_read_the_rules_of_a_country_with_what_supports_them(client):
    rules = {line["rule"]: line["projects"] for line in client.get("/api/v1/countries/SN").json()["rules"]}
    assert rules["ohada-syscohada"] == [{"slug": "bank", "name": "Bank"}] and rules["umoa-sfd-ratios"] == []
    assert client.get("/api/v1/countries/AQ").status_code == 404


def test_a_category_says_of_each_program_what_it_has_for_the_rules_of_the_reader_s_country(client):
    term = a_project().domains[0]
    asked = client.get(f"/en/domains/{term}").text
    assert '<option value="SN">Senegal</option>' in asked and "For your country" not in words(asked)
    html = client.get(f"/en/domains/{term}?country=SN").text
    card = words(html[html.index('href="/en/projects/bank?country=SN"') :].partition("</li>")[0])
    assert "For your country: OHADA accounting system of enterprises, Portfolio at risk (usual practice" in card
    assert "Prudential rules" not in card and words(html).count("For your country") == 1
    assert 'href="/en/places/SN#rules"' in html and "This is not legal advice." in words(html)
