"""What the copy of a repository tells by the interface: its state, its visits, its head, releases, languages, license.

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
    """Raises NotFound, Moved, Removed; OptedOut, since of such a project nothing else is told."""
    found = _project(request)
    assert found.mirror is not None
    told = a_mirror(request, found.record.slug, found.record.name, found.mirror)
    visits = request.app.state.store.listed.visits(found.record.slug)
    return one(request, told | {"visits": [a_visit(each) for each in visits]}, f"/projects/{found.record.slug}/code")


def code(request: Request) -> Response:
    """As the mirror showed it at its head: each with its place and dates. Raises as `mirror`."""
    found = _project(request)
    kept, slug = found.mirror, found.record.slug
    assert kept is not None
    seen = kept.observation or {}
    chosen = choose(tuple(each for each in found.facts if each.origin == "observed"))
    state = a_mirror(request, slug, found.record.name, kept)
    told: dict[str, Any] = {
        "project": a_named(request, "projects", slug, found.record.name),
        "head": kept.head,
        "branch": kept.branch,
        "last_commit_at": maybe(kept.last_commit_at),
        "observed_at": maybe(kept.observed_at),
        "served": state["served"],
        "clone_url": state["clone_url"],
        "detected_license": seen.get("license"),
        "license_files": list(seen.get("license_files") or ()),
    }
    told |= {name: a_fact(chosen[name].fact) if name in chosen else None for name in _FIELDS}
    return one(request, told, f"/projects/{slug}/code")


def _project(request: Request) -> ProjectPage:
    found, slug = project_of(request), request.path_params["slug"]
    if found.opted_out is not None:
        raise OptedOut("project", slug, found.opted_out.at)
    if found.mirror is None:
        raise NotFound("mirror", slug)
    return found


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
