"""The addresses of exports: one project in the formats of others, and the whole catalogue; the
formats are in `forge.export`.

Everything is public and any site may read it. A whole export is written once a public change: see `export_cache`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from catalog.errors import NotFound
from catalog.publication.model import PublicProject
from forge.export import tables
from forge.export.catalogue_exports import CSV, JSON, WHOLE_EXPORTS
from forge.export.catalogue_site import CatalogueSite
from forge.export.codemeta import codemeta
from forge.export.delimited import csv_pieces
from forge.export.publiccode import publiccode
from forge.export.software import software
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.list_query import ListQuery
from forge.web.core.render import CACHE, PUBLIC, base_url, manifest_of, now_of, offered_languages
from forge.web.exports.export_cache import ExportBusy
from forge.web.exports.statistics_table import combined_table, statistics_tables
from forge.web.search.matches import MAX_ROWS, matching_ids, query_of

YAML, JSON_LD = "application/yaml; charset=utf-8", "application/ld+json"
STATISTICS, PROJECTS = "statistics.csv", "projects.csv"
RETRY_SECONDS = 5


@dataclass(frozen=True)
class _ProjectExport:
    media_type: str
    about: str
    body: Callable[[Request, PublicProject, CatalogueSite], bytes]


def _publiccode(request: Request, project: PublicProject, home: CatalogueSite) -> bytes:
    beside = request.app.state.store.exported_records.named_beside([project.id])[project.id]
    return publiccode(software(project), home, beside).encode()


def _codemeta(request: Request, project: PublicProject, home: CatalogueSite) -> bytes:
    return codemeta(software(project), home, request.query_params.get("language", "en")).encode()


def _facts(request: Request, project: PublicProject, home: CatalogueSite) -> bytes:
    return b"".join(
        csv_pieces(tables.facts(project.slug, request.app.state.store.facts.page(project.slug).facts, home))
    )


_OF_A_PROJECT = {
    "publiccode.yml": _ProjectExport(YAML, "A project as publiccode.yml 0.7", _publiccode),
    "codemeta.json": _ProjectExport(JSON_LD, "A project as CodeMeta 3", _codemeta),
    "facts.csv": _ProjectExport(CSV, "Every fact of a project with who says it", _facts),
}


def export_index(request: Request) -> Response:
    """List what there is, with media type and license."""
    home = home_of(request)
    listed = [
        {"url": home.export(export.name), "media_type": export.media_type, "about": export.about}
        for export in WHOLE_EXPORTS.values()
    ]
    listed += [{"url": home.export(STATISTICS), "media_type": CSV, "about": "What the catalogue holds, in numbers"}]
    single_exports = [
        {"url_template": home.export(f"projects/{{slug}}/{name}"), "media_type": one.media_type, "about": one.about}
        for name, one in _OF_A_PROJECT.items()
    ]
    content = {
        "license": home.license.facts,
        "texts_license": home.license.texts,
        "whole": listed,
        "each": single_exports,
    }
    return _answer(request, json.dumps(content, ensure_ascii=False, indent=1).encode(), JSON)


def project_export(request: Request) -> Response:
    """A project in one of the formats of _OF_A_PROJECT. Raises NotFound; Incomplete where too little is known for a
    valid publiccode.yml.
    """
    written = _OF_A_PROJECT.get(request.path_params["name"])
    if written is None:
        raise NotFound("page", request.url.path)
    project = request.app.state.store.exported_records.project(request.path_params["slug"])
    body = written.body(request, project, home_of(request))
    return _answer(request, body, written.media_type, project.record.slug)


def catalogue_export(request: Request) -> Response:
    """The whole catalogue in one of its formats, its numbers, or the programs of a search. Raises NotFound."""
    name = request.path_params["name"]
    if name == STATISTICS:
        now = now_of(request)
        counted = combined_table(statistics_tables(request.app.state.store, now), home_of(request), now)
        return _answer(request, b"".join(csv_pieces(counted)), CSV)
    if name not in WHOLE_EXPORTS:
        raise NotFound("page", request.url.path)
    if name == PROJECTS and (query := query_of(request, "table")).is_search:
        return _matching_projects(request, query)
    export = WHOLE_EXPORTS[name]
    # Kept for everybody: a request's own Host in it would have it written anew for each reader who sends another.
    store, home = request.app.state.store, CatalogueSite(request.app.state.here, manifest_of(request))
    stand = (store.change(), home.base, repr(home.manifest))  # read before the records: never newer than they are
    tag = etag_of(repr((export.name, stand)).encode())
    headers = {"Cache-Control": CACHE, "ETag": tag, "Link": _license_links(home)} | PUBLIC
    if not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    try:
        drawn = request.app.state.export_cache.get_or_write(
            export.name, stand, lambda out: export.write(store.exported_records, home, out)
        )
    except ExportBusy:
        return _busy_answer()
    headers |= {"Content-Length": str(drawn.size_bytes)}
    pieces = iter(()) if request.method == "HEAD" else drawn.pieces()
    return StreamingResponse(pieces, headers=headers, media_type=export.media_type)


def _matching_projects(request: Request, query: ListQuery) -> Response:
    """The table of the programs that the find page's own parameters ask for, the first `MAX_ROWS` in that order."""
    ids = matching_ids(request, query, offered_languages(request)[0], MAX_ROWS)
    records = {record.id: record for record in request.app.state.store.exported_records.some(ids)}
    ordered = [records[key] for key in ids if key in records]
    return _answer(request, b"".join(csv_pieces(tables.projects(ordered, home_of(request)))), CSV)


def _busy_answer() -> Response:
    detail = f"Another export is being written; ask again in {RETRY_SECONDS} seconds."
    content = {"status": 503, "title": "Busy", "detail": detail}
    headers = {"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"} | PUBLIC
    return JSONResponse(content, 503, headers=headers, media_type="application/problem+json")


def home_of(request: Request) -> CatalogueSite:
    base = base_url(request)
    return CatalogueSite(base, manifest_of(request))


def _answer(request: Request, body: bytes, media_type: str, project: str = "") -> Response:
    tag = etag_of(body)
    home = home_of(request)
    page = f'<{home.project(project)}>; rel="describedby"; type="text/html", ' if project else ""
    headers = {"Cache-Control": CACHE, "ETag": tag, "Link": page + _license_links(home)} | PUBLIC
    if not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _license_links(home: CatalogueSite) -> str:
    """Return a Link header that says under which licenses what is answered may be reused (RFC 4946)."""
    return ", ".join(
        f'<https://spdx.org/licenses/{license_id}>; rel="license"'
        for license_id in (home.license.facts, home.license.texts)
    )
