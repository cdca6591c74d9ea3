"""Mirrors in the API: the state of our copy, its visits, its head, releases, languages, license.

The code itself is served by git and by the pages of the code.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.errors import NotFound, OptedOut
from catalog.publication.model import PublicProject
from catalog.rules.fact import OBSERVED, choose_facts
from forge.export.json_records import StatedFact, fact_record
from forge.web.api.parameters import fields_parameter
from forge.web.api.resources.record_types import Link, MirrorRecord, VisitRecord
from forge.web.api.resources.records import link_record, mirror_record, time_or_none, visit_record
from forge.web.api.response import single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Time, Uri, members_of, partly, record, with_license
from forge.web.projects.requested_project import project_of

TAG = "Mirrors and code"
_FIELDS = ("releases", "code", "activity", "languages", "programming_languages", "installs", "policies", "translations")


class MirrorPage(MirrorRecord):
    visits: list[VisitRecord]


class CodeHead(TypedDict):
    project: Link
    head: str | None
    branch: str | None
    last_commit_at: Time | None
    observed_at: Time | None
    served: bool
    clone_url: Uri | None
    detected_license: dict[str, Any] | None
    license_files: list[dict[str, Any]]


CODE = record("Code", {**members_of(CodeHead), **dict.fromkeys(_FIELDS, StatedFact | None)})


def mirror(request: Request) -> Response:
    """Describe the mirror of a project. Raises NotFound, Moved, Removed; OptedOut, since of such a project nothing
    else is told.
    """
    page = _project(request)
    assert page.mirror is not None
    visits = request.app.state.store.api_lists.visits(page.record.slug)
    content: MirrorPage = {
        **mirror_record(request, page.record.slug, page.record.name, page.mirror),
        "visits": [visit_record(visit) for visit in visits],
    }
    return single_record(request, content, f"/projects/{page.record.slug}/code")


def code(request: Request) -> Response:
    """Describe the code as the mirror showed it at its head: each fact with its place and dates. Raises as `mirror`."""
    page = _project(request)
    mirror_row, slug = page.mirror, page.record.slug
    assert mirror_row is not None
    observation = mirror_row.observation or {}
    facts = request.app.state.store.facts.page(slug).facts
    chosen = choose_facts(fact for fact in facts if fact.origin == OBSERVED)
    state = mirror_record(request, slug, page.record.name, mirror_row)
    head: CodeHead = {
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
    content = head | {name: fact_record(chosen[name].fact) if name in chosen else None for name in _FIELDS}
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
                with_license(partly(MirrorPage)),
                (fields_parameter(MirrorPage),),
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
                with_license(partly(CODE)),
                (fields_parameter(CODE),),
                examples={"fields": "head,releases"},
                fails=(308, 404, 410),
            )
        },
    ),
]
