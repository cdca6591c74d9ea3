"""The resources of the Open Catalog API, for every reader: software, publishers, this catalogue. It is read only.

There are no logs, since no crawler writes here; clients of the API ask for them, and get an empty list.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from catalog.errors import Incomplete, NotFound
from catalog.publication.model import PublicProject
from catalog.rules.open_catalog import ROOT, parse_id
from catalog.store.exports.records import NamedBeside
from catalog.store.opencatalog import Opencatalog
from catalog.store.opencatalog.own_entries import SoftwareEntry
from catalog.store.opencatalog.pages import Page
from forge.export.catalogue_site import CatalogueSite
from forge.export.publiccode import publiccode
from forge.export.software import software
from forge.web.core.render import base_url, manifest_of
from forge.web.opencatalog import records
from forge.web.opencatalog.lists import envelope, window
from forge.web.opencatalog.problems import OPEN, RefusedRequest, elsewhere, problem

SECONDS = 10  # for which an answer may be kept
METHODS = ["GET", "HEAD", "OPTIONS"]
PREFLIGHT = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "Authorization",
             "Access-Control-Max-Age": "86400", "Allow": ", ".join(METHODS)}  # fmt: skip

Reader = Callable[[Request, Opencatalog], Any]  # gives what is sent as JSON


def _list_software(request: Request, store: Opencatalog) -> Any:
    query = request.query_params
    entries, page = store.software_page(window(query), query.get("url") or None)
    return envelope(query, map(records.software, with_files(request, entries)), page)


def _show_software(request: Request, store: Opencatalog) -> Any:
    return records.software(with_files(request, [store.software(request.path_params["id"])])[0])


def _list_publishers(request: Request, store: Opencatalog) -> Any:
    entries, page = store.publishers_page(window(request.query_params))
    return envelope(request.query_params, map(records.publisher, entries), page)


def _show_publisher(request: Request, store: Opencatalog) -> Any:
    return records.publisher(store.publisher(request.path_params["id"]))


def _list_catalogs(request: Request, store: Opencatalog) -> Any:
    """This catalogue alone; nobody before the first load."""
    page_window, home = window(request.query_params), store.home()
    entries = [home] if home is not None and page_window.holds(home.created_at, home.id) else []
    return envelope(request.query_params, map(records.catalog, entries), Page(entries, earlier=False, later=False))


def _show_catalog(request: Request, store: Opencatalog) -> Any:
    key, home = request.path_params["id"], store.home()
    if home is None or (key != ROOT and parse_id(key) != home.id):
        raise NotFound("Catalog", key)
    return records.catalog(home)


def _list_logs(request: Request, store: Opencatalog) -> Any:
    window(request.query_params)  # refuses what cannot be read
    return envelope(request.query_params, (), Page((), earlier=False, later=False))


def _route(path: str, name: str, noun: str, reader: Reader) -> Route:
    """An address; `noun` names what is there in titles of refusals."""
    title = f"can't get {noun}"

    def answer(request: Request) -> Response:
        if request.method == "OPTIONS":  # a browser asks before another site's program reads with a condition
            return Response(status_code=204, headers=OPEN | PREFLIGHT)
        try:
            content = reader(request, request.app.state.store.opencatalog)
        except RefusedRequest as refused:
            return problem(422, title, str(refused))
        except NotFound:
            return problem(404, title, f"{noun} was not found")
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        headers = OPEN | {"Cache-Control": f"public, max-age={SECONDS}"}
        return Response(text, 200, headers, "application/json")

    return Route(path, answer, methods=METHODS, name=name)


def _status(request: Request) -> Response:
    return Response(status_code=204, headers=OPEN | {"Cache-Control": "no-store"})


class Unknown:
    """What answers where no resource does: an address without one, or a method that it does not have."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_path = any(route.matches(scope)[0] is Match.PARTIAL for route in ROUTES)
        answer = elsewhere(scope["method"], scope["path"], 405 if has_path else 404)
        if has_path:
            answer.headers["Allow"] = ", ".join(METHODS)
        await answer(scope, receive, send)


ROUTES = [
    _route("/v1/software", "v1-software", "SoftwareEntry", _list_software),
    _route("/v1/software/{id}", "v1-software-one", "SoftwareEntry", _show_software),
    _route("/v1/publishers", "v1-publishers", "Publisher", _list_publishers),
    _route("/v1/publishers/{id}", "v1-publisher", "Publisher", _show_publisher),
    _route("/v1/catalogs", "v1-catalogs", "Catalog", _list_catalogs),
    _route("/v1/catalogs/{id}", "v1-catalog", "Catalog", _show_catalog),
    _route("/v1/logs", "v1-logs", "Log", _list_logs),
    Route("/v1/status", _status, methods=METHODS, name="v1-status"),
]
UNKNOWN = [Route("/v1/{path:path}", Unknown(), name="v1")]


def with_files(request: Request, entries: Iterable[SoftwareEntry]) -> list[SoftwareEntry]:
    """The same, with a file where too little is not known for one."""
    entries = list(entries)
    home = CatalogueSite(base_url(request), manifest_of(request))
    store, ids = request.app.state.store.exported_records, [entry.id for entry in entries]
    beside = store.named_beside(ids)
    texts = {project.id: _text(project, home, beside[project.id]) for project in store.some(ids)}
    return [replace(entry, publiccode=texts.get(entry.id)) for entry in entries]


def _text(project: PublicProject, home: CatalogueSite, beside: NamedBeside) -> str | None:
    try:
        return publiccode(software(project), home, beside)
    except Incomplete:
        return None
