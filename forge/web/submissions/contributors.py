"""Stating who helps with a project: an organization that is looked for or added, or the sender under their own name;
and withdrawing what others stated, at one press. `catalog.submissions.kinds.contribution` says what it means and who
may.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.rules.submission import HELP
from catalog.store.adoptions.restricted import ProjectName
from catalog.submissions.base.organization_field import NO_ORGANIZATION
from catalog.submissions.kinds import contribution
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, person_of, safe_next, signed_in_person
from forge.web.facts.labels import SAID_BY_LABELS
from forge.web.projects.project_identity import project_name_of
from forge.web.submissions import drafts, organization_field
from forge.web.submissions.form_fields import drawn_fields, typed_answers
from forge.web.wording import submissions as wording_submissions

_AT_ONE_PRESS = {"take-away": contribution.take_away, "confirm": contribution.confirm}


def contributors_page(request: Request) -> Response:
    """The contributors that were stated here, and the form."""
    slug = request.query_params.get("organization", "")[:100]
    form = Form({"organization": [slug], "draft": [drafts.fresh()]})
    return _page(request, project_name_of(request), form, slug=slug)


def send(request: Request) -> Response:
    """One step: what was typed is checked, shown again, then sent; or a line that was stated is shown no more."""
    form: Form = request.state.form
    project, step = project_name_of(request), form.line("step")
    if step in _AT_ONE_PRESS:
        store, someone = request.app.state.store, signed_in_person(request)
        _AT_ONE_PRESS[step](store, someone, project.id, form.line("line"), now=now_of(request))
        return RedirectResponse(safe_next(form.line("next")) or _own(request, project), 303)
    looks = organization_field.is_search(form) and (step == organization_field.SEARCH or not form.line("person"))
    if step == "change" or looks:
        return _page(request, project, form, slug=form.line("organization"))
    choice = organization_field.Choice(organization_field.NOTHING_NEW | {"organization": ""})
    if organization_field.is_named(form) or not form.line("person"):
        choice = organization_field.chosen(request, form)
        if form.problems.get("organization") == NO_ORGANIZATION:
            form.problems["organization"] = contribution.NOBODY
    answers = {**choice.answers, **typed_answers(form, contribution.FIELDS)}
    token, draft = drafts.send_form(request, HELP, answers, project_id=project.id, only_keep=step != "send")
    if step == "send" and not form.problems:
        return drafts.to_own_page(request, token)
    form.values = {**form.values, "draft": [token]}
    if set(form.problems) - {"email"}:
        return _page(request, project, form, 422, choice.alike, form.line("organization"))
    return make_private(
        page(
            request,
            "submissions/contribution/summary.html",
            422 if form.problems else 200,
            project=project,
            lines=wording_submissions.submission_rows(submissions.rows(request.app.state.store, draft)),
            typed=_typed(form),
            form=form,
            canonical=_own(request, project),
            noindex=True,
        )
    )


def _typed(form: Form) -> list[tuple[str, str]]:
    return [(name, value) for name, values in form.values.items() if name not in ("step", "email") for value in values]


def _own(request: Request, project: ProjectName) -> str:
    return address(f"/{request.state.page_language.tag}/projects/{project.slug}/help")


def _page(
    request: Request, project: ProjectName, form: Form, status: int = 200, alike: Any = (), slug: str = ""
) -> Response:
    store, someone = request.app.state.store, person_of(request)
    helping = [
        (contributor, contribution.key_of(contributor), contribution.may_take_away(contributor, someone))
        for contributor in store.contributors.of_project(project.id)
    ]
    return make_private(
        page(
            request,
            "submissions/contribution/form.html",
            status,
            project=project,
            helping=helping,
            said=SAID_BY_LABELS,
            fields=drawn_fields(request, contribution.FIELDS),
            is_maintainer=someone is not None and project.id in someone.maintained_projects,
            form=form,
            canonical=_own(request, project),
            noindex=True,
            choice=organization_field.offered(request, form, alike, slug),
        )
    )
