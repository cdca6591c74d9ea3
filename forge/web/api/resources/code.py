"""Mirrors in the API: the state of our copy, its visits, its head, releases, languages, license.

The code itself is served by git and by the pages of the code.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound, OptedOut
from catalog.rules.fact import choose
from catalog.store.core.read_models import ProjectPage
from forge.export.json_records import a_fact
from forge.web.api.resources.records import MIRROR, NAMED, VISIT, a_mirror, a_named, a_visit, maybe
from forge.web.api.response import one
from forge.web.api.route import Described, Operation
from forge.web.api.schemas import TEXT, TIME, TRUTH, URI, array, fields, nullable, record, whole
from forge.web.core.mirror_copies import project_of

TAG = "Mirrors and code"
_FIELDS = ("releases", "code", "activity", "languages", "programming_languages", "installs", "policies", "translations")
_FACT = {"type": ["object", "null"]}
MIRROR_PAGE = record(**MIRROR["properties"], visits=array(VISIT))
CODE = record(
    project=NAMED,
    head=nullable(TEXT),
    branch=nullable(TEXT),
    last_commit_at=nullable(TIME),
    observed_at=nullable(TIME),
    served=TRUTH,
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
    content = a_mirror(request, page.record.slug, page.record.name, page.mirror)
    visits = request.app.state.store.listed.visits(page.record.slug)
    return one(
        request, content | {"visits": [a_visit(visit) for visit in visits]}, f"/projects/{page.record.slug}/code"
    )


def code(request: Request) -> Response:
    """Describe the code as the mirror showed it at its head: each fact with its place and dates. Raises as `mirror`."""
    page = _project(request)
    mirror_row, slug = page.mirror, page.record.slug
    assert mirror_row is not None
    observation = mirror_row.observation or {}
    chosen = choose(tuple(fact for fact in page.facts if fact.origin == "observed"))
    state = a_mirror(request, slug, page.record.name, mirror_row)
    content: dict[str, Any] = {
        "project": a_named(request, "projects", slug, page.record.name),
        "head": mirror_row.head,
        "branch": mirror_row.branch,
        "last_commit_at": maybe(mirror_row.last_commit_at),
        "observed_at": maybe(mirror_row.observed_at),
        "served": state["served"],
        "clone_url": state["clone_url"],
        "detected_license": observation.get("license"),
        "license_files": list(observation.get("license_files") or ()),
    }
    content |= {name: a_fact(chosen[name].fact) if name in chosen else None for name in _FIELDS}
    return one(request, content, f"/projects/{slug}/code")


def _project(request: Request) -> ProjectPage:
    page, slug = project_of(request), request.path_params["slug"]
    if page.opted_out is not None:
        raise OptedOut("project", slug, page.opted_out.at)
    if page.mirror is None:
        raise NotFound("mirror", slug)
    return page


ROUTES = [
    Described(
        "/api/v1/projects/{slug}/mirror",
        "api-mirror",
        TAG,
        {
            "GET": Operation(
                mirror,
                "Our copy of a project's repository, and its last visits",
                whole(MIRROR_PAGE),
                (fields(MIRROR_PAGE),),
                fails=(308, 404, 410),
            )
        },
    ),
    Described(
        "/api/v1/projects/{slug}/code",
        "api-code",
        TAG,
        {
            "GET": Operation(
                code,
                "What the code tells: head, releases, languages, activity, license files",
                whole(CODE),
                (fields(CODE),),
                examples={"fields": "head,releases"},
                fails=(308, 404, 410),
            )
        },
    ),
]
