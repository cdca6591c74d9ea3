"""The conformance kit of the Open Catalog API, run as an operator would against a real server, ours."""

import contextlib
import os
import re
import subprocess
import sys

import httpx2
import pytest
from support.factories.core import a_store
from support.hosts.web import a_site_of
from support.paths import ROOT
from support.serving import served
from support.world import fill

from catalog.search import Finder, IndexWriter
from forge.app import create_app
from forge.config.settings import Settings
from forge.server.index_follower import catch_up

FEWEST = 165  # cases of the kit


@pytest.fixture(scope="module")
def server(sqlite_template, tmp_path_factory):
    """Our site over a filled store on loopback, with the real clock; its address."""
    folder = tmp_path_factory.mktemp("v1")
    settings = Settings(data=folder / "data")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        with contextlib.closing(IndexWriter.open(settings.search)) as writer:
            catch_up(store, writer)
        with served(create_app(settings, store, Finder(settings.search))) as base:
            yield base


def kit(*arguments: str) -> subprocess.CompletedProcess[str]:
    folder = ROOT / "tests" / "conformance"
    command = [sys.executable, "-m", "pytest", "-q", str(folder), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CONFORMANCE"))}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=550)


def test_every_case_of_the_kit_holds(server):
    told = kit("--base-url", f"{server}/v1")
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
    counted = re.search(r"(\d+) passed", told.stdout)
    assert counted and int(counted[1]) >= FEWEST and "skipped" not in told.stdout, told.stdout[-500:]


def test_the_kit_finds_a_server_that_answers_otherwise():
    with a_site_of(**{"v1/software": b"{}", "v1/catalogs": b'{"data": [], "links": {}}'}) as site:
        told = kit("--base-url", site.url("/v1"), "--maxfail", "60")
    failed = re.search(r"(\d+) failed", told.stdout)
    assert told.returncode == 1 and failed and int(failed[1]) > 50


def test_a_client_that_asks_for_ten_thousand_is_given_a_hundred(server):
    document = httpx2.get(f"{server}/v1/software?page[size]=10000").json()
    assert {record["url"] for record in document["data"]} >= {"https://github.com/example/galette.git"}
    assert len(document["data"]) <= 100 and all(record["active"] for record in document["data"])
