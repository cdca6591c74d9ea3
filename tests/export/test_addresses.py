"""Exports as a program gets them: addresses, media types, licenses, conditional requests, and what is refused."""

import json
import re
import threading
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient
from support.factories.core import (
    a_catalog,
    a_declared_adoption,
    a_project,
    an_organization,
    later,
    load,
)
from support.formats import amiss, graph, rows

from catalog.store.store import Store
from forge.export.catalogue_exports import WHOLE_EXPORTS
from forge.web.exports.export_cache import ExportBusy, ExportCache


@pytest.mark.parametrize("name", WHOLE_EXPORTS)
def test_a_whole_export_has_its_type_its_licenses_and_an_etag(client: TestClient, name: str) -> None:
    answer = client.get(f"/export/{name}")
    assert answer.status_code == 200 and answer.headers["content-type"] == WHOLE_EXPORTS[name].media_type
    assert int(answer.headers["content-length"]) == len(answer.content) > 2
    assert '<https://spdx.org/licenses/CC0-1.0>; rel="license"' in answer.headers["link"]
    assert answer.headers["access-control-allow-origin"] == "*"
    known = client.get(f"/export/{name}", headers={"If-None-Match": answer.headers["etag"]})
    assert known.status_code == 304 and not known.content
    assert client.head(f"/export/{name}").headers["etag"] == answer.headers["etag"]


def test_whole_exports_are_read_by_their_readers(client: TestClient) -> None:
    assert amiss(graph(client.get("/export/catalog.ttl").content)) == []
    found = {row["slug"]: row for row in rows(client.get("/export/projects.csv").content)}
    assert "blocked" not in found and found["coopcycle"]["free"] == "no"
    assert found["galette"]["license_declared"] and found["galette"]["license_detected"] == "AGPL-3.0"
    assert found["galette"]["confirmed_uses"] == "1" and found["galette"]["countries"] == "1"
    assert "curated observed" in found["galette"]["origins"]


def test_the_programs_of_a_search_or_a_country_are_a_table(client: TestClient) -> None:
    there = client.get("/export/projects.csv?country=ES")
    assert there.headers["content-type"] == WHOLE_EXPORTS["projects.csv"].media_type
    assert [row["slug"] for row in rows(there.content)] == ["galette"]
    assert "tool-1" in [row["slug"] for row in rows(client.get("/export/projects.csv?q=tool&sort=name").content)]
    assert client.get("/export/projects.csv?country=nowhere").status_code == 404
    whole = client.get("/export/projects.csv").content
    assert len(rows(client.get("/export/projects.csv?foo=bar&sort=name").content)) == len(rows(whole))
    assert 'href="/export/projects.csv?country=ES"' in client.get("/en/places/ES").text
    assert 'href="/export/projects.csv?q=tool"' in client.get("/en/projects?q=tool").text


def test_what_there_is_is_listed_with_working_addresses(client: TestClient) -> None:
    told = client.get("/export").json()
    assert told["license"] == "CC0-1.0" and told["texts_license"] == "CC-BY-4.0"
    for record in told["whole"]:
        assert client.get(record["url"].replace("http://testserver", "")).status_code == 200
    for entry in told["each"]:
        answer = client.get(entry["url_template"].replace("{slug}", "galette"))
        assert (answer.status_code, answer.headers["content-type"]) == (200, entry["media_type"])


def test_a_projects_files_are_served_and_lead_on_from_a_former_slug(client: TestClient) -> None:
    answer = client.get("/export/projects/galette/publiccode.yml")
    assert yaml.safe_load(answer.text)["name"] == "Galette"
    assert 'rel="describedby"' in answer.headers["link"]
    known = client.get("/export/projects/galette/publiccode.yml", headers={"If-None-Match": answer.headers["etag"]})
    assert known.status_code == 304
    moved = client.get("/export/projects/galette-old/codemeta.json")
    assert (moved.status_code, moved.headers["location"]) == (308, "/export/projects/galette/codemeta.json")
    french = json.loads(client.get("/export/projects/galette/codemeta.json?language=fr").text)
    assert french["description"] == "Gère les **adhérents**."
    facts = rows(client.get("/export/projects/galette/facts.csv").content)
    assert {"curated", "observed"} <= {row["origin"] for row in facts}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("projects/unknown/publiccode.yml", 409),
        ("projects/coopcycle/publiccode.yml", 409),
        ("projects/blocked/publiccode.yml", 410),
        ("projects/nobody/codemeta.json", 404),
    ],
)
def test_a_refusal_is_a_problem_that_says_what_is_missing(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/export/{path}")
    assert answer.status_code == status == answer.json()["status"]
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 409:
        assert "legal.license" in answer.json()["detail"]


def test_an_export_follows_the_change_counter_and_a_hidden_use_moves_nothing(sqlite_store: Store, client_of) -> None:
    client = client_of(a_project(), an_organization(), an_organization("other"))
    first = client.get("/export/adoptions.csv")
    a_declared_adoption(sqlite_store, organization="other", visibility="counted")
    assert client.get("/export/adoptions.csv").headers["etag"] == first.headers["etag"]
    a_declared_adoption(sqlite_store)
    second = client.get("/export/adoptions.csv")
    assert second.headers["etag"] != first.headers["etag"]
    assert [row["organization"] for row in rows(second.content)] == ["coop-des-halles"]
    load(sqlite_store, a_catalog(a_project(), a_project("new")), now=later(days=1), digest="2")
    assert [row["slug"] for row in rows(client.get("/export/projects.csv").content)] == ["galette", "new"]


def test_one_export_is_written_at_a_time_and_the_old_one_is_still_given(tmp_path: Path) -> None:
    with closing(ExportCache(tmp_path)) as export_cache:
        old = export_cache.get_or_write("a", 1, lambda out: out.write(b"old"))
        writing, done = threading.Event(), threading.Event()

        def slowly(out: object) -> None:
            writing.set()
            assert done.wait(10)

        thread = threading.Thread(target=lambda: export_cache.get_or_write("b", 1, slowly))
        thread.start()
        assert writing.wait(10)
        with pytest.raises(ExportBusy):
            export_cache.get_or_write("a", 2, lambda out: out.write(b"new"))
        assert export_cache.get_or_write("a", 1, lambda out: out.write(b"never")) is old
        done.set()
        thread.join()
        new = export_cache.get_or_write("a", 2, lambda out: out.write(b"new" * 50_000))
        assert b"".join(new.pieces()) == b"new" * 50_000
        assert b"".join(old.pieces()) == b"old"
        assert list(tmp_path.iterdir()) == []


def test_an_export_that_failed_is_written_again(tmp_path: Path) -> None:
    export_cache = ExportCache(tmp_path)
    with pytest.raises(ZeroDivisionError):
        export_cache.get_or_write("a", 1, lambda out: out.write(b"" * (1 // 0)))
    assert export_cache.get_or_write("a", 1, lambda out: out.write(b"x")).size_bytes == 1


def test_a_projects_page_holds_schema_org_data_and_no_script_that_runs(client: TestClient) -> None:
    page = client.get("/fr/projects/galette")
    data = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert page.text.count("<script") == len(data) == 1
    told = json.loads(data[0])
    assert (told["@type"], told["name"], told["@context"]) == ("SoftwareSourceCode", "Galette", "https://schema.org")
    assert told["maintainer"][0]["name"] == "Ana <maintains> & co"
    assert "script-src" not in page.headers["content-security-policy"]  # default-src 'none': data alone is let in
