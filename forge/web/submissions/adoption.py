"""Stating that an organization uses a project: three pages, step by step, and a message's link.

No account and no script are needed. What is typed is kept under a secret link as it comes; nothing is public before the
address is proven. `catalog.submissions` says what a use means and who may state it; its fields are rows of
`catalog.submissions.kinds.adoption_fields`.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import NotFound
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import ADOPT, EDITABLE_STATES, Submission
from catalog.store.adoptions.restricted import ProjectName
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.submissions.base.fields import FormField
from catalog.submissions.base.organization_field import FIELDS as FIELDS_OF_NEW
from catalog.submissions.base.organization_field import NAMES_OF_FIELDS
from catalog.submissions.kinds.adoption_fields import BY_NAME, FIELDS, HOW, ORGANIZATION, SHOW, STEPS, answers_of
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.projects.project_identity import project_name_of
from forge.web.submissions import drafts, form_fields, organization_field
from forge.web.submissions.organization_field import NEW
from forge.web.wording import submissions as wording_submissions

NOBODY_YET = {"organization_id": None}  # its answers say which, until it is published


def start(request: Request) -> Response:
    """The first page: which organization."""
    project = project_name_of(request)
    slug = request.query_params.get("organization", "")[:100]
    form = Form({"organization": [slug], "q": [plain(request.query_params.get("q", "")).strip()[:120]]})
    return _organization(request, project, form, slug=slug)


def begin(request: Request) -> Response:
    """The organization is chosen or added: a draft begins."""
    project, form = project_name_of(request), request.state.form
    if organization_field.is_search(form):
        return _organization(request, project, form, slug=form.line("organization"))
    answers, again = _chosen(request, project)
    if again is not None:
        return again
    about = {"project_id": project.id, "organization_id": None}
    token, submission = drafts.send_form(request, ADOPT, answers, **about, only_keep=True)
    if _sent(submission):
        return drafts.to_own_page(request, token)
    return RedirectResponse(_at(request, project.slug, token, HOW), 303)


def step(request: Request) -> Response:
    """One of the pages of a draft."""
    submission = _requested_draft(request)
    if _sent(submission):
        return drafts.to_own_page(request, request.path_params["token"])
    project, name = _draft(request, submission)
    if name == ORGANIZATION:
        here = _organization_of(request, submission)
        fields, chosen = FIELDS_OF_NEW, here.slug if here else NEW
        form = form_fields.filled_form(fields, submission.answers, organization=chosen)
        return _organization(request, project, form, slug=here.slug if here else "")
    answers = {**_standing_answers(request, project, submission), **submission.answers}
    form = form_fields.filled_form(FIELDS, answers, email=submission.email or "")
    return _page(request, project, submission, name, form)


def send(request: Request) -> Response:
    """What was typed on one page is kept, and the next one follows; the last one sends."""
    submission, form = _requested_draft(request), request.state.form
    if _sent(submission):
        return drafts.to_own_page(request, request.path_params["token"])
    project, name = _draft(request, submission)
    store, now = request.app.state.store, now_of(request)
    if name == ORGANIZATION:
        if organization_field.is_search(form):
            return _organization(request, project, form, slug=form.line("organization"))
        answers, again = _chosen(request, project)
        if again is not None:
            return again
    else:
        answers = form_fields.typed_answers(form, _fields(name))
    someone, about = person_of(request), NOBODY_YET if name == ORGANIZATION else {}
    email = None if someone else email_address(form.line("email"))
    submission, wrong = submissions.send(
        store, submission.id, answers, about=about, email=email, person=someone, only_keep=name != SHOW, now=now
    )
    # All that is wrong is told on the last page, also of the pages before.
    names = {*NAMES_OF_FIELDS, "organization"} if name == ORGANIZATION else {field.name for field in _fields(name)}
    for field, sentence in wrong.items():
        if name == SHOW or field in names:
            form.wrong(field, sentence)
    if form.problems:
        return _page(request, project, submission, name, form, 422)
    if name == SHOW:
        return drafts.to_own_page(request, request.path_params["token"])
    to = SHOW if form.line("back") == SHOW or name == HOW else HOW
    return RedirectResponse(_at(request, project.slug, request.path_params["token"], to), 303)


def _fields(name: str) -> list[FormField]:
    """The fields of one page."""
    return [field for field in FIELDS if field.step == name]


def _requested_draft(request: Request) -> Submission:
    submission: Submission = request.app.state.store.submissions.by_token(request.path_params["token"])
    return submission


def _sent(submission: Submission) -> bool:
    """Whether it was sent: a second press, or going back, then leads to its own page."""
    return submission.kind == ADOPT and submission.state not in EDITABLE_STATES


def _draft(request: Request, submission: Submission) -> tuple[ProjectName, str]:
    """The project of a draft and its page. Raises NotFound for what is no draft of a use, and for another's link."""
    project, name = project_name_of(request), request.path_params["step"]
    fits = submission.kind == ADOPT and submission.project_id == project.id and submission.state in EDITABLE_STATES
    if not fits or name not in STEPS:
        raise NotFound("declaration", "")
    return project, name


def _chosen(request: Request, project: ProjectName) -> tuple[dict[str, Any], Response | None]:
    """The answers of the first page, or the page again with what is wrong."""
    form: Form = request.state.form
    choice = organization_field.chosen(request, form)
    return choice.answers, None if not form.problems else _organization(request, project, form, 422, choice.alike)


def _organization(
    request: Request,
    project: ProjectName,
    form: Form,
    status: int = 200,
    alike: tuple[KnownOrganization, ...] = (),
    slug: str = "",
) -> Response:
    offered = organization_field.offered(request, form, alike, slug)
    return make_private(
        page(
            request,
            "submissions/adoption/organization.html",
            status,
            project=project,
            form=form,
            choice=offered,
            draft=drafts.given(form) or drafts.fresh(),
            back=SHOW in (request.query_params.get("back", ""), form.line("back")),
            canonical=address(f"/{request.state.page_language.tag}/projects/{project.slug}/declare"),
            noindex=True,
        )
    )


def _organization_of(request: Request, submission: Submission) -> KnownOrganization | None:
    organization: KnownOrganization | None = request.app.state.store.organizations.identified(
        submission.answers.get("organization") or ""
    )
    return organization


def _standing_answers(request: Request, project: ProjectName, submission: Submission) -> dict[str, Any]:
    """What stands of this use already, to be confirmed or corrected: what everybody sees, or one's own."""
    store, someone, here = request.app.state.store, person_of(request), _organization_of(request, submission)
    adoption = store.restricted_adoptions.adoption_of(project.id, here.id) if here else None
    represents = someone is not None and here is not None and here.id in someone.represented_organizations
    if here is None or adoption is None or not (represents or adoption.visibility == "public"):
        return {}
    answers = answers_of(adoption, adoption.provider, request.state.page_language.tag)
    if not represents:
        return answers | {"visibility": ""}  # what may be shown is theirs to choose
    fields = [
        question for question in store.questions.of_representative([here.id]) if question.project_slug == project.slug
    ]
    return answers | {"questions": "yes" if fields else "no", "languages": list(fields[0].languages) if fields else []}


def _page(
    request: Request, project: ProjectName, submission: Submission, name: str, form: Form, status: int = 200
) -> Response:
    store, someone = request.app.state.store, person_of(request)
    here, token = _organization_of(request, submission), request.path_params["token"]
    page_language = request.state.page_language
    if name == SHOW and not form.values.get("languages") and not form.line("questions"):
        form.values = {**form.values, "languages": [page_language.tag]}
    where = {field.name: field.step for field in FIELDS} | dict.fromkeys(NAMES_OF_FIELDS, ORGANIZATION)
    return make_private(
        page(
            request,
            f"submissions/adoption/{name}.html",
            status,
            project=project,
            organization=here,
            submission=submission,
            form=form,
            fields=form_fields.drawn_fields(request, _fields(name)),
            where=where | {"organization": ORGANIZATION},
            lines=_summary(request, submission) if name == SHOW else (),
            domain=organization_field.confirming_domain(here),
            known=someone is not None and name == SHOW and submissions.at_once(store, submission, someone),
            person=someone,
            at={step: _at(request, project.slug, token, step) for step in STEPS},
            back=SHOW in (request.query_params.get("back", ""), form.line("back")),
            canonical=address(f"/{page_language.tag}/projects/{project.slug}/declare"),
            noindex=True,
        )
    )


def _summary(request: Request, submission: Submission) -> Any:
    """What was said on the pages before."""
    asked_here = {BY_NAME[field.name].row_name for field in _fields(SHOW)}
    rows = submissions.rows(request.app.state.store, submission)
    return wording_submissions.submission_rows(row for row in rows if row.field not in asked_here)


def _at(request: Request, slug: str, token: str, name: str) -> str:
    return address(f"/{request.state.page_language.tag}/projects/{slug}/declare/{token}/{name}")
