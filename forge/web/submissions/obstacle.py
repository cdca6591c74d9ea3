"""Obstacles: the form, for which no account and no address are needed, and the list for the maintainers."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from catalog.rules import permissions
from catalog.rules.submission import REPORT, normalized_reference
from catalog.submissions import maintainer_reply
from catalog.submissions.kinds.obstacle import BLOCKS, OF_PAGE, OF_PROJECT, PAGE
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.projects.project_identity import project_id_of
from forge.web.submissions import drafts
from forge.web.submissions.form_fields import drawn_fields, typed_answers


def ask(request: Request) -> Response:
    """The form about one project."""
    return _form(request, project_id_of(request), Form(), drafts.fresh())


def send(request: Request) -> Response:
    project_id = project_id_of(request)
    token = _sent(request, BLOCKS, project_id)
    return token if isinstance(token, Response) else _form(request, project_id, request.state.form, token, 422)


def ask_operator(request: Request) -> Response:
    """The form to those who run this catalogue, also about a page of ours."""
    path = _path(request.query_params.get("page", ""))
    return _contact(request, Form({"page": [path], "topic": ["mistake"] if path else []}), drafts.fresh())


def send_to_operator(request: Request) -> Response:
    token = _sent(request, PAGE, None)
    return token if isinstance(token, Response) else _contact(request, request.state.form, token, 422)


def reports(request: Request) -> Response:
    """What was reported about a project, for those who maintain it and moderators."""
    return _reports(
        request, _maintained_project(request), Form(), normalized_reference(request.query_params.get("code", ""))
    )


def answer(request: Request) -> Response:
    project_id, form = _maintained_project(request), request.state.form
    code = normalized_reference(request.path_params["code"])
    try:
        maintainer_reply.answer_obstacle(
            request.app.state.store,
            signed_in_person(request),
            project_id,
            code,
            state=form.line("state"),
            words=form.text("text"),
            version=form.line("version"),
            language=request.state.page_language.tag,
            now=now_of(request),
        )
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _reports(request, project_id, form, code, 422)
    slug = request.path_params["slug"]
    return RedirectResponse(f"/{request.state.page_language.tag}/projects/{slug}/obstacles#r-{code}", 303)


def _sent(request: Request, about: str, project_id: UUID | None) -> Response | str:
    """A redirect to the report's own page, or the form's secret where something is wrong."""
    form: Form = request.state.form
    answers = typed_answers(form, OF_PROJECT if about == BLOCKS else OF_PAGE) | {"about": about}
    if about == PAGE:
        answers["page"] = _path(answers["page"])
    token, _ = drafts.send_form(request, REPORT, answers, project_id=project_id)
    return token if form.problems else drafts.to_own_page(request, token)


def _maintained_project(request: Request) -> UUID:
    project_id = project_id_of(request)
    permissions.demand(signed_in_person(request), "obstacles", project=project_id)
    return project_id


def _form(request: Request, project_id: UUID, form: Form, token: str, status: int = 200) -> Response:
    page_language, slug = request.state.page_language, request.path_params["slug"]
    _language(request, form)
    return make_private(
        page(
            request,
            "submissions/obstacle/form.html",
            status,
            slug=slug,
            project_name=request.app.state.store.follows.names_of([project_id])[0][1],
            kept=request.app.state.store.obstacles.has_maintainers(project_id),
            form=form,
            token=token,
            fields=drawn_fields(request, OF_PROJECT),
            canonical=address(f"/{page_language.tag}/projects/{slug}"),
            noindex=True,
        )
    )


def _contact(request: Request, form: Form, token: str, status: int = 200) -> Response:
    _language(request, form)
    page_language = request.state.page_language
    return make_private(
        page(
            request,
            "submissions/obstacle/contact.html",
            status,
            form=form,
            token=token,
            fields=drawn_fields(request, OF_PAGE[1:]),
            here=f"/{page_language.tag}/contact",
            canonical=f"/{page_language.tag}/contact",
            noindex=True,
        )
    )


def _reports(request: Request, project_id: UUID, form: Form, code: str = "", status: int = 200) -> Response:
    return make_private(
        page(
            request,
            "submissions/obstacle/list.html",
            status,
            slug=request.path_params["slug"],
            project_name=request.app.state.store.follows.names_of([project_id])[0][1],
            obstacles=request.app.state.store.obstacles.for_maintainers(project_id),
            form=form,
            code=code,
            canonical=address(request.url.path),
            noindex=True,
        )
    )


def _language(request: Request, form: Form) -> None:
    if not form.values.get("language"):
        form.values = {**form.values, "language": [request.state.page_language.tag]}


def _path(text: str) -> str:
    """A path of this site, as it was given along; empty for anything else."""
    path = plain(text).strip()[:200]
    return path if path.startswith("/") and not path.startswith("//") else ""
