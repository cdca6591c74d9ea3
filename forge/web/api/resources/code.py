"""Mirrors in the API: the state of our copy, its visits, its head, releases, languages, license.

The code itself is served by git and by the pages of the code.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound, OptedOut
from catalog.publication.model import PublicProject
from catalog.rules.fact import OBSERVED, choose_facts
from forge.export.json_records import fact_record
from forge.web.api.resources.records import LINK, MIRROR, VISIT, link_record, mirror_record, time_or_none, visit_record
from forge.web.api.response import single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.schemas import BOOLEAN, TEXT, TIME, URI, array, fields_parameter, nullable, record, with_license
from forge.web.projects.requested_project import project_of

TAG = "Mirrors and code"
_FIELDS = ("releases", "code", "activity", "languages", "programming_languages", "installs", "policies", "translations")
_FACT = {"type": ["object", "null"]}
MIRROR_PAGE = record(**MIRROR["properties"], visits=array(VISIT))
CODE = record(
    project=LINK,
    head=nullable(TEXT),
    branch=nullable(TEXT),
    last_commit_at=nullable(TIME),
    observed_at=nullable(TIME),
    served=BOOLEAN,
    clone_url=nullable(URI),
    detected_license={"type": ["object", "null"]},
    license_files=array({"type": "object"}),
    **dict.fromkeys(_FIELDS, _FACT),
)


def mirror(request: Request) -> Response:
    """Describe the mirror of a project. Raises NotFound, Moved, Removed; OptedOut, since of such a project nothing
    else is told.
    """
    page = _project(request)
    assert page.mirror is not None
    content = mirror_record(request, page.record.slug, page.record.name, page.mirror)
    visits = request.app.state.store.api_lists.visits(page.record.slug)
    return single_record(
        request, content | {"visits": [visit_record(visit) for visit in visits]}, f"/projects/{page.record.slug}/code"
    )


def code(request: Request) -> Response:
    """Describe the code as the mirror showed it at its head: each fact with its place and dates. Raises as `mirror`."""
    page = _project(request)
    mirror_row, slug = page.mirror, page.record.slug
    assert mirror_row is not None
    observation = mirror_row.observation or {}
    facts = request.app.state.store.facts.page(slug).facts
    chosen = choose_facts(fact for fact in facts if fact.origin == OBSERVED)
    state = mirror_record(request, slug, page.record.name, mirror_row)
    content: dict[str, Any] = {
        "project": link_record(request, "projects", slug, page.record.name),
        "head": mirror_row.head,
        "branch": mirror_row.branch,
        "last_commit_at": time_or_none(mirror_row.last_commit_at),
        "observed_at": time_or_none(mirror_row.observed_at),
        "served": state["served"],
        "clone_url": state["clone_url"],
        "detected_license": observation.get("license"),
        "license_files": list(observation.get("license_files") or ()),
    }
    content |= {name: fact_record(chosen[name].fact) if name in chosen else None for name in _FIELDS}
    return single_record(request, content, f"/projects/{slug}/code")


def _project(request: Request) -> PublicProject:
    page, slug = project_of(request), request.path_params["slug"]
    if page.opted_out is not None:
        raise OptedOut("project", slug, page.opted_out.at)
    if page.mirror is None:
        raise NotFound("mirror", slug)
    return page


ROUTES = [
    DescribedRoute(
        "/api/v1/projects/{slug}/mirror",
        "api-mirror",
        TAG,
        {
            "GET": Operation(
                mirror,
                "Our copy of a project's repository, and its last visits",
                with_license(MIRROR_PAGE),
                (fields_parameter(MIRROR_PAGE),),
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/code",
        "api-code",
        TAG,
        {
            "GET": Operation(
                code,
                "What the code tells: head, releases, languages, activity, license files",
                with_license(CODE),
                (fields_parameter(CODE),),
                examples={"fields": "head,releases"},
                fails=(308, 404, 410),
            )
        },
    ),
]
