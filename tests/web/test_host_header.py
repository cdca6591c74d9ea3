"""Without FORGE_BASE_URL links are made of what a request calls us, and that stays with whoever sent the request."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from support.factories.core import a_declared_adoption
from support.world import a_client, a_site, fill

from catalog.store.store import Store
from forge.export.catalogue_exports import WHOLE_EXPORTS

EVIL = "evil.example"
HERE = "http://127.0.0.1:8000"
KEPT = [f"/export/{name}" for name in WHOLE_EXPORTS]
EVERY = [
    *KEPT,
    "/export",
    "/export/statistics.csv",
    "/export/projects/galette/publiccode.yml",
    "/export/projects/galette/codemeta.json",
    "/export/projects/galette/facts.csv",
    "/feeds/projects/galette.atom",
    "/feeds/calls.atom",
    "/robots.txt",
    "/sitemap.xml",
    "/sitemap/projects-1.xml",
    "/badge/galette.svg",
    "/openapi.json",
    "/api/v1",
    "/api/v1/projects",
    "/api/v1/projects/galette",
    "/v1/software",
    "/en/",
    "/en/projects",
    "/en/projects/galette",
    "/en/compare/sheet?p=galette",
    "/en/organizations/coop-des-halles",
    "/en/help/api",
]


@pytest.fixture
def app(sqlite_store: Store, tmp_path: Path) -> Iterator[Starlette]:
    fill(sqlite_store)
    a_declared_adoption(sqlite_store, project="tool-1")
    with a_site(sqlite_store, tmp_path / "data") as site:
        yield site


def unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def test_what_the_first_reader_calls_us_is_told_to_no_other_reader(app: Starlette) -> None:
    stranger, reader = a_client(app), a_client(app)
    stranger.headers["host"] = EVIL
    for path in EVERY:
        assert stranger.get(path).status_code in (200, 404), path
    for path in EVERY:
        answer = reader.get(path)
        assert answer.status_code == 200, path
        assert EVIL.encode() not in unpacked(answer.content), path
        assert not any(EVIL in value for value in answer.headers.values()), path


@pytest.mark.parametrize("path", KEPT)
def test_what_is_kept_says_the_address_of_the_settings_and_is_written_once_for_all(app: Starlette, path: str) -> None:
    first, second = a_client(app), a_client(app)
    first.headers["host"], second.headers["host"] = EVIL, "other.example"
    answer, two = first.get(path), second.get(path)
    assert (answer.status_code, two.status_code) == (200, 200)
    assert answer.headers["etag"] == two.headers["etag"] and answer.content == two.content
    told = unpacked(answer.content)
    assert EVIL.encode() not in told
    if path.endswith(".ttl"):
        assert HERE.encode() in told
