"""The conformance kit of the Open Catalog API, run as an operator would against a real server, ours; and what clients
do that are in the field: a crawler's run, a browser of catalogues that asks for ten thousand."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
import uvicorn
from factories import identity
from sitehost import a_site_of
from world import fill

from catalog.search import Finder, Writer
from catalog.store import Store
from forge.app import create_app
from forge.follow import catch_up
from forge.settings import Settings
from forge.web.opencatalog import tokens

ROOT = Path(__file__).parents[1]
KEY = b"test-paseto-key-dont-use-in-prod"
FEWEST = 800  # cases of the kit


@contextlib.contextmanager
def a_server(template: Path, folder: Path) -> Iterator[str]:
    """Our site over a filled store on loopback, with the real clock; its address."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(template, folder / "catalog.db")
    store = Store(f"sqlite:///{folder / 'catalog.db'}")
    fill(store)
    settings = Settings(data=folder / "data", open_catalog_key=KEY)
    with contextlib.closing(Writer.open(settings.search)) as writer:
        catch_up(store, writer)
    app = create_app(settings, store, Finder(settings.search))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            app.state.shelf.close()
            store.close()


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
        return {one["id"] for one in found}

    kinds = ("software", "publishers", "catalogs", "bundles", "logs")
    before = {kind: entries(kind) for kind in kinds}
    told = kit("--base-url", f"{server}/v1", "--token", token)
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
    counted = re.search(r"(\d+) passed", told.stdout)
    assert counted and int(counted[1]) >= FEWEST and "skipped" not in told.stdout, told.stdout[-500:]
    assert {kind: entries(kind) for kind in kinds} == before


def test_the_kit_finds_a_server_that_answers_otherwise():
    with a_site_of(**{"v1/software": b"{}", "v1/catalogs": b'{"data": [], "links": {}}'}) as site:
        told = kit("--base-url", site.url("/v1"), "--level", "1", "--maxfail", "1000")
    failed = re.search(r"(\d+) failed", told.stdout)
    assert told.returncode == 1 and failed and int(failed[1]) > 50


@pytest.mark.full
def test_the_kit_needs_an_address_and_leaves_out_what_cannot_be_asked(server, token):
    assert "--base-url" in (told := kit()).stdout + told.stderr and told.returncode == 2
    reading = kit(CONFORMANCE_URL=f"{server}/v1")
    assert reading.returncode == 0 and "skipped" in reading.stdout, reading.stdout[-3000:]
    older = kit("--line", "older", "--level", "2", CONFORMANCE_URL=f"{server}/v1", CONFORMANCE_TOKEN=token)
    assert older.returncode == 0 and "skipped" in older.stdout, older.stdout[-3000:]


def a_client_of(base: str, token: str) -> httpx2.Client:
    return httpx2.Client(base_url=f"{base}/v1", headers={"Authorization": f"Bearer {token}"})


class Crawler:
    """Does what italia/publiccode-crawler does: asks who publishes, looks each repository up, posts or patches what it
    found there, and logs."""

    def __init__(self, http: httpx2.Client):
        self.http = http
        self.said: list[tuple[str, int]] = []

    def every(self, path: str) -> Iterator[dict]:
        query = "?page[size]=2&all=true"
        while query:
            document = self.http.get(f"{path}{query}").raise_for_status().json()
            yield from document["data"]
            query = document["links"]["next"]

    def run(self, found: dict[str, dict]) -> None:
        """`found`: for each address that a publisher names, what is in the repository."""
        list(self.every("/catalogs"))
        for publisher in self.every("/publishers"):
            for hosting in publisher["codeHosting"]:
                if (seen := found.get(hosting["url"])) is not None:
                    self.software(seen)

    def software(self, seen: dict) -> None:
        known = self.http.get("/software", params={"url": seen["url"]}).raise_for_status().json()["data"]
        if known:
            kind = {"Content-Type": "application/merge-patch+json"}
            answer = self.http.patch(f"/software/{known[0]['id']}", json=seen, headers=kind)
        else:
            answer = self.http.post("/software", json=seen)
        self.said.append((seen["url"], answer.status_code))
        if answer.status_code != 200:
            self.http.post("/logs", json={"message": f"{seen['url']}: {answer.json()['detail']}"}).raise_for_status()
        else:
            log = f"/software/{answer.json()['id']}/logs"
            self.http.post(log, json={"message": "GOOD publiccode.yml"}).raise_for_status()


def test_a_crawler_runs_twice_and_leaves_what_people_said_alone(sqlite_template, tmp_path, token):
    with a_server(sqlite_template, tmp_path / "here") as base, a_client_of(base, token) as http:
        crawler = Crawler(http)
        ours, theirs = "https://github.com/example/galette.git", "https://gitlab.example.org/group"
        town = {"description": "A town", "codeHosting": [{"url": theirs, "group": True}]}
        http.post("/publishers", json=town).raise_for_status()
        before = http.get(f"/software/{identity('galette')}").json()
        seen = {"url": f"{theirs}/tool", "aliases": [], "publiccodeYml": "name: Tool", "active": True}
        own = {"url": ours.removesuffix(".git"), "aliases": [ours], "active": True}
        for _ in range(2):
            crawler.run({ours: own, theirs: seen})
        assert crawler.said == [(own["url"], 200), (seen["url"], 200)] * 2
        crawler.software(own | {"active": False})  # it found that the repository is gone, as it thinks
        assert crawler.said[-1] == (own["url"], 409)
        assert http.get(f"/software/{identity('galette')}").json() == before
        posted = http.get("/software", params={"url": seen["url"]}).json()["data"]
        assert [one["publiccodeYml"] for one in posted] == ["name: Tool"]
        logs = [one["message"] for one in crawler.every("/logs")]
        assert len(logs) == 5 and logs.count("GOOD publiccode.yml") == 4


def test_a_client_that_asks_for_ten_thousand_is_given_a_hundred_and_the_way_on(server):
    document = httpx2.get(f"{server}/v1/software?page[size]=10000").json()
    assert {one["url"] for one in document["data"]} >= {"https://github.com/example/galette.git"}
    assert len(document["data"]) <= 100 and all(one["active"] for one in document["data"])


def test_readers_of_catalogues_find_the_urls_that_they_show(server):
    """What publiccode-ui and the Italian site read: lists without a token, from a browser of another site."""
    for path in ("software", "publishers", "catalogs", "logs"):
        answer = httpx2.get(f"{server}/v1/{path}", headers={"Origin": "https://else.example"})
        assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
