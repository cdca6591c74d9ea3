"""On what a program works, and what to know before choosing it: on pages, in filter, comparison, API and files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from support.factories.core import a_catalog, a_project, identity, later, load
from support.formats import rows
from support.world import HEAD, a_client, a_site, an_observation

from catalog import document
from catalog.model import Caution
from catalog.rules.caution import MAX_CAUTIONS, cautions_of
from catalog.rules.fact import OBSERVED, ChosenFact, Fact, Statement
from catalog.store.store import Store

NOTE = {"en": "One setting stops it.", "fr": "Un réglage l’arrête."}
TRACKING = Caution("tracking", "https://example.org/privacy", "2026-12-01", note=NOTE)
NOTICE = Caution("security-notice", "example/app:SECURITY.md", "2026-12-01", "2026-10-03", "CVE-2026-1 <b>")
ORACLE = {"kind": "not-free-service", "name": "Oracle <i>"}


@pytest.fixture
def client(store: Store, tmp_path: Path) -> Iterator[TestClient]:
    names = {"app": "App", "read": "Read", "lists": "Lists"}
    stated: dict[str, Any] = {"app": {"platforms": ("web", "android"), "cautions": (TRACKING, NOTICE)}}
    programs = [
        a_project(slug, name=name, repository=f"https://github.com/example/{slug}.git", **stated.get(slug, {}))
        for slug, name in names.items()
    ]
    load(store, a_catalog(*programs))
    for slug in ("app", "read"):
        facts = [
            Statement("platforms", ["linux", "container"], {"commit": HEAD}),
            Statement("cautions", [ORACLE], {"commit": HEAD, "file": "publiccode.yml"}),
            Statement("installs", ["docker"], {"commit": HEAD}),
        ]
        store.observations.observe(
            identity(slug), HEAD, an_observation(), facts=facts, free=True, last_commit_at=later(), now=later(days=1)
        )
    with a_site(store, tmp_path / "data") as app:
        yield a_client(app)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html))


def box(client: TestClient, slug: str, tag: str = "en") -> str:
    html = client.get(f"/{tag}/projects/{slug}").text
    print(html[:3000])
    return html[html.index('<dl class="glance">') :].partition("</dl>")[0]


def found(client: TestClient, asked: str) -> set[str]:
    return {card["slug"] for card in client.get(f"/api/v1/projects?{asked}").json()["projects"]}


def test_where_a_reader_chooses_stands_on_what_it_works_and_what_to_know_with_source_and_date(client):
    html = box(client, "app")
    assert "Works on: Web browser, Android" in words(html) and "Linux" not in html
    said = words(html.partition("Before you choose")[2])
    assert "Sends data about its use to others. One setting stops it. source, read on 1 December 2026" in said
    assert "Security notice: CVE-2026-1 &lt;b&gt; (3 October 2026)" in said
    assert 'href="https://example.org/privacy"' in html
    assert 'href="https://github.com/example/app/blob/HEAD/SECURITY.md"' in html
    assert "Un réglage l’arrête." in box(client, "app", "fr")
    assert "Works on" not in box(client, "lists") and "Before you choose" not in box(client, "lists")


def test_what_files_state_is_read_with_its_commit_and_adds_to_what_editors_wrote(client):
    html = box(client, "read")
    assert "Works on: Linux, Server with containers" in words(html)
    assert "not free software: Oracle &lt;i&gt;" in words(html)
    assert f"https://github.com/example/read/blob/{HEAD}/publiccode.yml" in html
    said = words(box(client, "app"))
    assert said.index("Sends data") < said.index("Oracle &lt;i&gt;") and "others differ" not in said
    facts = words(client.get("/en/projects/read/facts").text)
    assert f"Read in the file publiccode.yml, version {HEAD[:10]}." in facts and "Server with containers" in facts


def test_programs_are_found_by_a_platform_also_where_their_code_shows_it(client):
    assert found(client, "platform=android") == {"app"} and found(client, "platform=container") == {"read"}
    assert found(client, "platform=web&platform=linux") == {"app", "read"}
    assert client.get("/api/v1/projects?platform=beos").status_code == 400
    html = client.get("/en/projects/filters").text
    assert re.search(r'name="platform"[^>]* value="android"', html) and "Web browser" in html


def test_comparison_and_sheet_have_a_row_of_each_and_none_of_cautions_where_none_is_known(client):
    html = client.get("/en/compare?p=app&p=lists").text
    assert "Android" in words(html.partition('<th scope="row">Works on</th>')[2].partition("</tr>")[0])
    row = words(html.partition('<th scope="row">Before you choose</th>')[2].partition("</tr>")[0])
    assert "Security notice" in row and "read on 1 December 2026" in row and "None known" in row
    assert "Before you choose" not in words(client.get("/en/compare?p=lists").text)
    for asked in ("p=app", "p=app&p=lists"):
        sheet = words(client.get(f"/en/compare/sheet?{asked}").text)
        assert "One setting stops it." in sheet and "example.org" in sheet
        assert ("Web browser, Android" in sheet) == ("lists" not in asked)  # a board reads fewer rows of several


def test_programs_read_both_from_the_api_the_table_and_publiccode_yml(client):
    record = client.get("/api/v1/projects/app").json()["record"]
    assert record["platforms"] == ["web", "android"]
    assert [caution["kind"] for caution in record["cautions"]] == ["tracking", "security-notice", "not-free-service"]
    own = client.get("/api/v1/projects/read").json()["record"]
    assert own["cautions"][0]["source"] == f"example/read@{HEAD}:publiccode.yml"
    table = {row["slug"]: row for row in rows(client.get("/export/projects.csv").content)}
    assert table["app"]["platforms"] == "web android" and table["read"]["cautions"] == "not-free-service"
    exported = yaml.safe_load(client.get("/export/projects/read/publiccode.yml").text)
    assert exported["platforms"] == ["linux"]
    assert exported["dependsOn"] == {"proprietary": [{"name": "Oracle <i>"}]}


def test_hostile_cautions_of_others_are_no_link_and_no_more_than_a_few_stand_in_the_box():
    entries = [
        *({"kind": "tracking", "source": address, "seen_at": "2026-01-01"} for address in ("javascript:alert(1)", "x")),
        *({"kind": kind} for kind in ("unheard-of", ["tracking"], None)),
        *("tracking", 7, {"kind": "tracking", "seen_at": "soon"}, {"kind": "tracking", "more": "x"}),
        *({"kind": "open-core", "name": f"<script>{number}</script>"} for number in range(10_000)),
    ]
    at = later()
    fact = Fact("cautions", entries, OBSERVED, {"commit": HEAD, "file": "publiccode.yml"}, at, at)
    record = a_project("app", repository="https://github.com/example/app.git")
    cautions = cautions_of(record, ChosenFact(fact))
    assert 0 < len(cautions) <= MAX_CAUTIONS and {caution.kind for caution in cautions} == {"open-core"}
    assert cautions_of(record, ChosenFact(Fact("cautions", {"kind": "x"}, "peer:a", {}, at, at))) == ()


@pytest.mark.parametrize(
    "line",
    [
        "{kind: tracking, source: 'javascript:alert(1)', seen_at: '2026-12-01'}",
        "{kind: tracking, source: 'https://example.org/', seen_at: yesterday}",
        "{kind: dangerous, source: 'https://example.org/', seen_at: '2026-12-01'}",
        "{kind: tracking, seen_at: '2026-12-01'}",
        "{kind: tracking, source: 'https://example.org/'}",
    ],
)
def test_a_document_s_caution_needs_a_kind_of_the_list_a_source_and_a_day(line):
    program = a_project("app", homepage="https://app.example.org/")
    text = document.dump(a_catalog(program)).replace("  homepage:", f"  cautions: [{line}]\n  homepage:", 1)
    _, problems = document.parse(text.encode())
    assert line in text and problems and all("cautions" in problem.field for problem in problems)
