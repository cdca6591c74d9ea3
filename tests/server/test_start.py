"""What a start reads before it answers, and what only behind the first answer. How long it takes no test decides."""

import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from support.factories.core import a_catalog, a_project, load

from catalog.store import Store
from forge.config.settings import Settings
from forge.server import serve
from forge.web.core.fast_router import FastRouter

# What only some page, format or verb needs: none of it may be read for the first page.
BEHIND = (
    "alembic",
    "catalog.document.folder",
    "catalog.search.results",
    "catalog.search.index",
    "catalog.store.public_pages.records",
    "catalog.submissions",
    "catalog.federation.merge",
    "forge.export.tables",
    "forge.server.index_follower",
    "forge.mirroring.visit",
    "forge.routes",
    "forge.web.core.not_found_suggestion",
    "forge.web.projects.views",
    "markdown",
    "snowballstemmer",
    "sqlalchemy.dialects.postgresql",
    "tantivy",
)


def said(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


def routed(router: ASGIApp) -> TestClient:
    return TestClient(router, raise_server_exceptions=False)


def rest_of(read: list[str]) -> list[BaseRoute]:
    read.append("rest")
    return [Route("/other", said)]


@asynccontextmanager
async def no_lifespan(app: object) -> AsyncIterator[None]:
    yield


def a_router(read: list[str]) -> FastRouter:
    return FastRouter([Route("/", said)], lambda: rest_of(read), no_lifespan)


def test_the_first_page_is_answered_without_reading_the_rest() -> None:
    read: list[str] = []
    client = routed(a_router(read))
    assert client.get("/").text == "/" and read == []


def test_any_other_address_reads_the_rest_once() -> None:
    read: list[str] = []
    client = routed(a_router(read))
    assert [client.get(path).status_code for path in ("/other", "/nowhere", "/other")] == [200, 404, 200]
    assert read == ["rest"]


def test_a_press_at_a_first_address_is_looked_for_in_the_rest_too() -> None:
    read: list[str] = []
    assert routed(a_router(read)).post("/").status_code == 405 and read == ["rest"]


def test_whoever_looks_at_the_routes_sees_all_of_them() -> None:
    assert [route.path for route in a_router([]).routes if isinstance(route, Route)] == ["/", "/other"]


def test_the_rest_is_read_behind_the_first_answer() -> None:
    read: list[str] = []
    router = a_router(read)
    with router.completing():
        assert routed(router).get("/").status_code == 200
        for thread in threading.enumerate():
            if thread.name == "routes":
                thread.join(timeout=20)
        assert read == ["rest"]


def test_a_site_that_ends_at_once_has_read_the_rest_and_left_no_thread() -> None:
    read: list[str] = []
    with a_router(read).completing():
        pass
    assert read == ["rest"] and "routes" not in {thread.name for thread in threading.enumerate()}


def test_the_modules_of_a_start_are_those_of_the_first_page() -> None:
    code = "import sys, uvicorn, forge.cli, forge.server.serve, forge.app; print(*sys.modules)"
    read = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in BEHIND if name in read] == []


def test_worker_and_index_begin_behind_the_first_answer_and_who_finds_first_finds_all(sqlite_store, tmp_path) -> None:
    load(sqlite_store, a_catalog(a_project()))
    settings, worker = Settings(data=tmp_path), []
    with serve._follow_index(settings, sqlite_store) as follow:
        client = TestClient(serve._make_site(settings, sqlite_store, [follow, lambda: worker.append("begun")]))
        assert client.get("/fr/").status_code == 200 and worker == []
        assert "Galette" in client.get("/fr/projects?q=galette").text and worker == ["begun"]


def test_every_room_of_the_store_is_there_when_it_is_asked_for(sqlite_url) -> None:
    store = Store(sqlite_url)
    rooms = [name for name, kind in Store.__annotations__.items() if isinstance(kind, str)]
    assert len(rooms) > 50
    for name in rooms:
        assert type(getattr(store, name)).__name__ == Store.__annotations__[name]
        assert getattr(store, name) is getattr(store, name)
    with pytest.raises(AttributeError, match="cellar"):
        store.cellar  # noqa: B018
    store.close()
