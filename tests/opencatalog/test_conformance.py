"""The conformance kit of the Open Catalog API, run as an operator would against a real server, ours; and what clients
do that are in the field: a crawler's run, a browser of catalogues that asks for ten thousand."""

import contextlib
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from support.factories.core import a_store, identity
from support.hosts.web import a_site_of
from support.paths import ROOT
from support.serving import served
from support.world import fill

from catalog.search import Finder, IndexWriter
from forge.app import create_app
from forge.config.settings import Settings
from forge.server.index_follower import catch_up
from forge.web.opencatalog import tokens

KEY = b"test-paseto-key-dont-use-in-prod"
FEWEST = 850  # cases of the kit
UPSTREAM = 259  # cases in the tables of the reference's own tests


@contextlib.contextmanager
def a_server(template: Path, folder: Path) -> Iterator[str]:
    """Our site over a filled store on loopback, with the real clock; its address."""
    folder.mkdir(exist_ok=True)
    settings = Settings(data=folder / "data", open_catalog_key=KEY)
    with a_store(template, folder) as store:
        fill(store)
        with contextlib.closing(IndexWriter.open(settings.search)) as writer:
            catch_up(store, writer)
        with served(create_app(settings, store, Finder(settings.search))) as base:
            yield base


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    with a_server(sqlite_template, tmp_path_factory.mktemp("v1") / "here") as base:
        yield base


@pytest.fixture(scope="module")
def token():
    return tokens.make(KEY, "our-crawler", now=datetime.now(UTC), lifetime=timedelta(days=1))


def kit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    folder = ROOT / "tests" / "conformance"
    command = [sys.executable, "-m", "pytest", "-q", "-x", str(folder), *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONFORMANCE"))}
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=550)


def test_every_case_of_the_kit_holds_and_it_leaves_nothing_behind(server, token):
    def entries(kind):
        found = httpx2.get(f"{server}/v1/{kind}?all=true&page[size]=100").json()["data"]
        return {record["id"] for record in found}

    kinds = ("software", "publishers", "catalogs", "bundles", "logs")
    before = {kind: entries(kind) for kind in kinds}
    told = kit("--base-url", f"{server}/v1", "--token", token)
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
    counted = re.search(r"(\d+) passed", told.stdout)
    assert counted and int(counted[1]) >= FEWEST and "skipped" not in told.stdout, told.stdout[-500:]
    assert {kind: entries(kind) for kind in kinds} == before


def test_the_kit_finds_a_server_that_answers_otherwise():
    with a_site_of(**{"v1/software": b"{}", "v1/catalogs": b'{"data": [], "links": {}}'}) as site:
        told = kit("--base-url", site.url("/v1"), "--level", "1", "--maxfail", "60")
    failed = re.search(r"(\d+) failed", told.stdout)
    assert told.returncode == 1 and failed and int(failed[1]) > 50


def test_each_case_of_the_references_own_tests_is_restated_by_one_that_is_there(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "tests" / "conformance")
    restated = importlib.import_module("upstream").RESTATED
    named = [entry for table in restated.values() for entry in table.values()]
    assert len(named) == UPSTREAM
    there: dict[str, set[str]] = {}
    for name in {module for module, _ in named}:
        module = importlib.import_module(f"case_{name}")
        there[name] = {case.says for case in module.CASES} | {name for name in vars(module) if name.startswith("test_")}
    assert [entry for entry in named if entry[1] not in there[entry[0]]] == []


@pytest.mark.full
def test_the_kit_needs_an_address_and_leaves_out_what_cannot_be_asked(server, token):
    assert "--base-url" in (told := kit()).stdout + told.stderr and told.returncode == 2
    reading = kit(CONFORMANCE_URL=f"{server}/v1")
    assert reading.returncode == 0 and "skipped" in reading.stdout, reading.stdout[-3000:]
    older = kit("--line", "older", "--level", "2", CONFORMANCE_URL=f"{server}/v1", CONFORMANCE_TOKEN=token)
    assert older.returncode == 0 and "skipped" in older.stdout, older.stdout[-3000:]


@dataclass(frozen=True)
class Read:
    """What a crawler reads of a repository: its file, written anew by its own writer, or nothing; where it moved."""

    file: str
    valid: bool = True
    moved_to: str | None = None


class Crawler:
    """Asks what italia/publiccode-crawler asks, with the same bodies and headers (crawler/crawler.go, ProcessRepo;
    apiclient/apiclient.go): reads without a token, looks each repository up, posts it or merges what it read there, and
    logs how that went. It never asks whether its merge was taken over, only whether it failed."""

    def __init__(self, base: str, token: str):
        self.reads = httpx2.Client(base_url=f"{base}/v1")
        self.writes = httpx2.Client(base_url=f"{base}/v1", headers={"Authorization": f"Bearer {token}"})
        self.said: list[tuple[str, str, int]] = []

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.reads.close()
        self.writes.close()

    def every(self, path: str, query: str = "") -> Iterator[dict]:
        while query is not None:
            document = self.reads.get(f"{path}{query}").raise_for_status().json()
            yield from document["data"]
            query = document["links"]["next"]

    def run(self, found: dict[str, Read]) -> None:
        """`found`: what is in the repository that is met at an address."""
        list(self.every("/catalogs", "?all=true"))
        for publisher in list(self.every("/publishers")):
            for hosting in publisher["codeHosting"]:
                if (read := found.get(hosting["url"])) is not None:
                    self.process(hosting["url"], read)

    def process(self, url: str, read: Read) -> None:
        url = url.removesuffix(".git")
        known = self.reads.get(f"/software?url={url}").raise_for_status().json()["data"]
        now_at = read.moved_to or url
        aliases = [url] if now_at != url else []
        if known:
            aliases += [alias for alias in known[0]["aliases"] if alias not in aliases]
            body = {"publiccodeYml": read.file, "url": now_at, "aliases": aliases or None}
            kind = {"Content-Type": "application/merge-patch+json"}
            answer = self.writes.patch(f"/software/{known[0]['id']}", json=body, headers=kind)
        else:
            body = {"publiccodeYml": read.file, "url": now_at, "aliases": aliases or None, "active": read.valid}
            answer = self.writes.post("/software", json=body)
        self.said.append((answer.request.method, url, answer.status_code))
        told = [f"[{url}] publiccode.yml found at {url}/raw/publiccode.yml\n"]
        told.append(f"[{url}] {'GOOD' if read.valid else 'BAD'} publiccode.yml\n")
        if answer.status_code >= 300:
            told.append(f"[{url}]: can't update software: API replied with HTTP {answer.status_code}")
        log = f"/software/{known[0]['id']}/logs" if known else "/logs"
        self.writes.post(log, json={"message": "\n".join(told)}).raise_for_status()


def test_a_crawler_runs_again_and_again_and_leaves_what_people_said_alone(sqlite_template, tmp_path, token):
    with a_server(sqlite_template, tmp_path / "here") as base, Crawler(base, token) as crawler:
        ours, theirs = "https://github.com/example/galette.git", "https://gitlab.example.org/group/tool"
        town = {"description": "A town", "codeHosting": [{"url": theirs, "group": False}]}
        crawler.writes.post("/publishers", json=town).raise_for_status()
        before = crawler.reads.get(f"/software/{identity('galette')}").json()
        files = ["publiccodeYmlVersion: '0'\nname: Galette, as its makers say\n", "", "name: Another\n"]
        assert before["publiccodeYml"] not in files
        for file, moved_to in zip(files, (None, None, "https://github.com/renamed/galette"), strict=True):
            own = Read(file, valid=False, moved_to=moved_to)  # in its eyes: it asks for a code of the publisher's
            crawler.run({ours: own, theirs: Read("name: Tool")})
            assert crawler.reads.get(f"/software/{identity('galette')}").json() == before
        url = ours.removesuffix(".git")
        assert sorted(crawler.said) == sorted(
            [("PATCH", url, 200)] * 3 + [("POST", theirs, 200)] + [("PATCH", theirs, 200)] * 2
        )
        (posted,) = crawler.reads.get("/software", params={"url": theirs}).json()["data"]
        assert posted["publiccodeYml"] == "name: Tool"
        logs = [(record.get("entity"), "GOOD" in record["message"]) for record in crawler.every("/logs")]
        assert logs.count((f"/software/{identity('galette')}", False)) == 3
        assert logs.count((None, True)) == 1 and logs.count((f"/software/{posted['id']}", True)) == 2


def test_a_client_that_asks_for_ten_thousand_is_given_a_hundred_and_the_way_on(server):
    document = httpx2.get(f"{server}/v1/software?page[size]=10000").json()
    assert {record["url"] for record in document["data"]} >= {"https://github.com/example/galette.git"}
    assert len(document["data"]) <= 100 and all(record["active"] for record in document["data"])


def test_readers_of_catalogues_find_the_urls_that_they_show(server):
    """What publiccode-ui and the Italian site read: lists without a token, from a browser of another site."""
    for path in ("software", "publishers", "catalogs", "logs"):
        answer = httpx2.get(f"{server}/v1/{path}", headers={"Origin": "https://else.example"})
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
