"""The page of a project's license: what its family allows and requires, what is declared and what the files show, and
what it was before."""

from starlette.requests import Request
from starlette.responses import Response

from forge.web.core.render import page
from forge.web.facts.merged_record import record_shown
from forge.web.projects.license_history import license_past_of
from forge.web.projects.profile import license_view_of
from forge.web.projects.requested_project import project_of
from forge.web.wording import decisions


def license_page(request: Request) -> Response:
    project = project_of(request)
    mirror, record = project.mirror, record_shown(project.record, project.chosen)
    license = license_view_of(project, record)
    return page(
        request,
        "projects/license-page.html",
        project=record,
        mirror=mirror,
        observation=mirror.observation if mirror and mirror.observation else None,
        license=license,
        past=license_past_of(project),
        decisions=decisions.standing(project.decisions, mirror),
        noindex=project.opted_out is not None,
    )
