"""Projects in the API: search with the parameters of the find page, one project, its facts, history and adoptions.
`catalog.search` decides what matches.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response

from catalog.document import keys
from catalog.publication.model import PublicProject
from catalog.rules.fact import LICENSE, choose_facts
from catalog.search import IndexMissing, ListPlace, SearchQuery
from catalog.search.facets import FACETS
from catalog.store.federation.matching.record_origins import RecordOrigin
from forge.export import json_records
from forge.web.api.cursor import BY_NUMBER, BY_PLACE, INVALID_CURSOR
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import (
    BEFORE,
    LANGUAGE,
    LINES_PARAMETER,
    TEXTS_LANGUAGE,
    Parameter,
    fields_parameter,
    one_of,
)
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.resources.project_types import ProjectHead, ProjectUse, StopReason, project_type
from forge.web.api.resources.record_types import ProjectListEntry, RecordFacts, RecordIdentity
from forge.web.api.resources.records import (
    api_address,
    card_records,
    count_record,
    link_record,
    mirror_record,
    noun_record,
    provenance_record,
    taken_over_fields,
)
from forge.web.api.response import json_answer, single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import list_of, members_of, partly, with_license
from forge.web.core.list_query import (
    MAX_LITERAL,
    MAX_TEXT_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    MAX_VALUES,
    SORTS,
    ListQuery,
    read_query,
    value_type,
)
from forge.web.core.problems import ApiError
from forge.web.core.render import now_of, page_language_of
from forge.web.facts.merged_record import record_shown
from forge.web.projects.profile import license_view
from forge.web.projects.requested_project import project_of

TAG = "Software"
_LEFT_OUT = ("slug", "id", "adoptions", "maintenance", "relations", "license", "context_only", "notes")
_FILTERS = tuple(
    Parameter(facet.name, facet.about, Annotated[list_of(value_type(facet.name)), MaxLen(MAX_VALUES)])
    for facet in FACETS
)
_Q = Parameter("q", "Words; with them a list ends after the 300 best.", Annotated[str, MaxLen(MAX_TEXT_CHARACTERS)])
_LITERAL = Parameter(
    "literal",
    "Words of q that name no country. Without it a country among the words asks for what is used or made there.",
    Annotated[list[Annotated[str, MaxLen(MAX_VALUE_CHARACTERS)]], MaxLen(MAX_LITERAL)],
)
_SORT = Parameter("sort", "The order, best without it.", one_of(*SORTS), "name")
PROJECT = project_type(*_LEFT_OUT)


def search(request: Request) -> Response:
    """Search. Raises ApiError: 400 for what the find page would ignore, 503 while the index is built again."""
    query = read_query(request.query_params.multi_items(), any_license=True)
    if query.ignored:
        raise ApiError(400, {"q": f"Not understood: {', '.join(query.ignored)}"})
    place = _PROJECTS.after(request)
    search = SearchQuery(
        query.text, query.filters, query.sort, language=page_language_of(request).tag, literal=query.literal
    )
    if place is not None and not _continues(place, query):
        raise ApiError(404, {"cursor": INVALID_CURSOR})
    try:
        hits = request.app.state.searcher.walk(search, place, _PROJECTS.size(request), now_of(request))
    except IndexMissing:
        detail = "The search is being built again. Ask in a minute"
        raise ApiError(503, detail=detail, headers={"Retry-After": "60"}) from None
    cards = card_records(request, request.app.state.store.public_records.cards(hits.ids))
    following = (hits.next,) if hits.next else None
    return _PROJECTS.whole(request, cards, following, human="/projects", total=hits.total)


def _continues(place: ListPlace, query: ListQuery) -> bool:
    """Whether a place is one in the list that is asked for: with words, by name, or by a number."""
    if query.text or place.seen:
        return bool(query.text) == bool(place.seen)
    return isinstance(place.value, str) == (query.sort == "name")


def show_project(request: Request) -> Response:
    """Describe the record as its page shows it; of a project whose makers asked not to be listed, name, address and
    license.
    """
    page = project_of(request)
    chosen = page.chosen
    translated = page.record.translated
    shown = page.record if page.opted_out else replace(record_shown(page.record, chosen), translated=translated)
    slug = page.record.slug
    content = _project_record(request, page, chosen, noun_record(request, keys.PROJECT, shown, *_LEFT_OUT))
    return single_record(request, content, f"/projects/{slug}")


def _project_record(
    request: Request, page: PublicProject, chosen: Mapping[str, Any], record: Mapping[str, object]
) -> dict[str, object]:
    slug, mirror = page.record.slug, page.mirror
    declared = str(chosen[LICENSE].value) if LICENSE in chosen else page.record.license
    license = license_view(declared, mirror, page.record.context_only)
    head: ProjectHead = {
        "id": str(page.id),
        "slug": slug,
        "url": api_address(request, "projects", slug),
        "page": api_address(request, "projects", slug).replace("/api/v1", "", 1),
        "unlisted": None,
        "licenses": {
            "declared": license.declared_as,
            "detected": [
                {"license": detected_license.spdx, "file": detected_license.path, "commit": detected_license.commit}
                for detected_license in license.detected
            ],
            "free": license.free,
            "agrees": license.agrees,
            "doubts": list(license.doubts),
        },
        "context_only": page.record.context_only,
    }
    if page.opted_out is not None:
        # The statement says which of the parts may be shown: the store gives no others.
        head["unlisted"] = {"at": json_records.utc_text(page.opted_out.at), "reason": page.opted_out.reason}
        whose = provenance_record(request, RecordOrigin(page.origin.home))
        return {**head, **record, **whose, "lent": taken_over_fields(chosen)}
    use: ProjectUse = {
        "uses": count_record(page.uses),
        "maintenance": [
            {
                "organization": link_record(request, "organizations", line.organization.slug, line.organization.name)
                if line.organization
                else None,
                "person": line.maintenance.person,
                "role": line.maintenance.role,
                "origin": line.origin,
            }
            for line in page.maintenance
        ],
        "relations": [
            {
                "type": relation.type,
                "stated_by": relation.slug if relation.inverse else slug,
                "project": link_record(request, "projects", relation.slug, relation.name),
            }
            for relation in page.relations
        ],
        "added_at": json_records.utc_text(page.added_at),
        "changed_at": json_records.utc_text(page.changed_at),
        "mirror": mirror_record(request, slug, mirror) if mirror else None,
        "lent": taken_over_fields(chosen),
        **provenance_record(request, page.origin),
    }
    return {**head, **record, **use}


def facts(request: Request) -> Response:
    """List all public facts of a project, each with its origin, and whether its page shows it."""
    slug = request.path_params["slug"]
    page = request.app.state.store.facts.page(slug)
    content: RecordFacts = {**_identity(page), "facts": json_records.fact_records(page, choose_facts(page.facts))}
    return json_answer(request, content, human=f"/projects/{slug}/facts")


def history(request: Request) -> Response:
    """List what changed, newest first, below the number of a line."""
    asked, slug = request.state.asked, request.path_params["slug"]
    before = _HISTORY.after(request) or asked.get("before")
    page = request.app.state.store.facts.history(slug, before, _HISTORY.size(request))
    records = [json_records.history_line_record(line) for line in page.lines]
    following = (page.next,) if page.next else None
    return _HISTORY.whole(request, records, following, human=f"/projects/{slug}/history", **_identity(page))


def adoptions(request: Request) -> Response:
    """List who says publicly that they use it, or did, and why uses ended, counted over all."""
    slug, store = request.path_params["slug"], request.app.state.store
    why = store.record_pages.stop_reasons(store.record_pages.project_id(slug))
    after, limit = ADOPTIONS.after(request), ADOPTIONS.size(request)
    lines = store.api_lists.adoptions(project_slug=slug, after=after, limit=limit)
    return adoptions_part(
        request,
        lines,
        human=f"/projects/{slug}/users",
        stop_reasons=[StopReason(reason=term, organizations=number) for term, number in why],
    )


def _identity(page: Any) -> RecordIdentity:
    return {"id": str(page.id), "slug": page.slug, "name": page.name}


_PROJECTS = Paginator("projects", ProjectListEntry, BY_PLACE, language=TEXTS_LANGUAGE)
_HISTORY = Paginator("lines", json_records.HistoryLineRecord, BY_NUMBER, limit=LINES_PARAMETER)
ROUTES = [
    DescribedRoute(
        "/api/v1/projects",
        "api-projects",
        TAG,
        {
            "GET": _PROJECTS.operation(
                search,
                "Search projects, with the filters and orders of the find page",
                (_Q, *_FILTERS, _LITERAL, _SORT),
                "Any of the values of one filter, all filters together. A list without words goes on behind the "
                "last project it gave: what is added meanwhile moves nothing.",
                examples={"domain": "member-management", "limit": "3"},
                beside={"total": int},
                fails=(404, 503),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}",
        "api-project",
        TAG,
        {
            "GET": Operation(
                show_project,
                "One project, as its page shows it",
                with_license(partly(PROJECT)),
                (fields_parameter(PROJECT), LANGUAGE),
                "Each value is the strongest of all origins; all of them stand in its facts. Of a project whose makers "
                "asked not to be listed only name, address and license are told.",
                examples={"fields": "name,summary,licenses"},
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/facts",
        "api-facts",
        TAG,
        {
            "GET": Operation(
                facts,
                "Every public fact of a project with its origin, source and dates",
                with_license(RecordFacts),
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/history",
        "api-history",
        TAG,
        {
            "GET": _HISTORY.operation(
                history,
                "What changed about a project, the newest first",
                (BEFORE,),
                beside=members_of(RecordIdentity),
                examples={"limit": "2"},
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/adoptions",
        "api-project-adoptions",
        TAG,
        {
            "GET": ADOPTIONS.operation(
                adoptions,
                "Who says publicly that they use a project",
                (),
                "`stop_reasons` says how many organizations gave each term of `stop-reason`, in all public past uses.",
                beside={"stop_reasons": list[StopReason]},
                examples={"limit": "2"},
                fails=(308, 404, 410),
            )
        },
    ),
]
