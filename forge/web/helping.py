"""Saying who helps with a project: an organization that is looked for or added, or the sender under their own name; and
taking away what others said, at one press. What it means and who may is `catalog.declare.help`'s matter.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import declare
from catalog.declarations import HELP
from catalog.declare import help as meant
from catalog.declare.adopt import NO_ORGANIZATION
from catalog.errors import Invalid
from forge.web import choosing, drafting, submitted, use_answers
from forge.web.form import Form
from forge.web.labels import SAID_BY
from forge.web.render import address, now_of, page
from forge.web.session import person_of, private, safe_next, somebody

_LINES = ("person", "role", "source")
_BODY = ("organization", "name", "kind", "country", "homepage")


def show(request: Request) -> Response:
    """Who helps as far as it was said here, and the form."""
    wanted = request.query_params.get("organization", "")[:100]
    form = Form({"organization": [wanted], "draft": [drafting.fresh()]})
    return _page(request, _project(request), form, wanted=wanted)


def send(request: Request) -> Response:
    """One step: what was typed is checked, shown again, then sent."""
    form: Form = request.state.form
    project, step = _project(request), form.line("step")
    if step in ("change", choosing.SEARCH):
        return _page(request, project, form, wanted=form.line("organization"))
    choice = choosing.Choice(dict.fromkeys(_BODY, ""))
    if any(form.line(name) for name in ("organization", "name", "homepage")) or not form.line("person"):
        choice = choosing.chosen(request, form)
        if form.problems.get("organization") == NO_ORGANIZATION:
            form.problems["organization"] = meant.NOBODY
    answers = {**choice.answers, **{name: form.line(name) for name in _LINES}, "words": form.text("words")}
    token, draft = drafting.kept(request, HELP, answers, project_id=project.id)
    if step == "send" and form:
        answer = drafting.sent(request, token, draft)
        if answer is not None:
            return answer
    else:
        try:
            declare.check(request.app.state.store, draft.id, nameless=True)
        except Invalid as error:
            for name, sentence in error.errors.items():
                form.wrong(name, sentence)
    form.values = {**form.values, "draft": [token]}
    if set(form.problems) - {"email"}:
        return _page(request, project, form, 422, choice.alike, form.line("organization"))
    return private(
        page(
            request,
            "help-check.html",
            422 if form.problems else 200,
            project=project,
            lines=submitted.lines(declare.rows(request.app.state.store, draft)),
            typed=_typed(form),
            form=form,
            here=request.url.path,
            canonical=_own(request, project),
            noindex=True,
        )
    )


def away(request: Request) -> Response:
    """One press: a line is shown no more."""
    form: Form = request.state.form
    project, someone = _project(request), somebody(request)
    meant.take_away(request.app.state.store, someone, project.id, form.line("line"), now=now_of(request))
    return RedirectResponse(safe_next(form.line("next")) or _own(request, project), 303)


def _typed(form: Form) -> list[tuple[str, str]]:
    return [(name, each) for name, values in form.values.items() if name not in ("step", "email") for each in values]


def _project(request: Request) -> Any:
    """Raises NotFound, Moved, Removed, OptedOut."""
    return request.app.state.store.uses.project(request.path_params["slug"])


def _own(request: Request, project: Any) -> str:
    return address(f"/{request.state.tongue.tag}/projects/{project.slug}/help")


def _page(request: Request, project: Any, form: Form, status: int = 200, alike: Any = (), wanted: str = "") -> Response:
    store, someone = request.app.state.store, person_of(request)
    helping = [
        (one, meant.key_of(one), meant.may_take_away(one, someone)) for one in store.helping.of_project(project.id)
    ]
    return private(
        page(
            request,
            "help-who.html",
            status,
            project=project,
            helping=helping,
            said=SAID_BY,
            roles=use_answers.terms("role"),
            keeps=someone is not None and project.id in someone.keeps,
            form=form,
            here=request.url.path,
            canonical=_own(request, project),
            noindex=True,
            **choosing.offered(request, form, alike, wanted),
        )
    )


PAGES = [("/projects/{slug}/help", show, "help-who")]  # below /{language}
FORMS = [
    ("/projects/{slug}/help", send, "help-send"),
    ("/projects/{slug}/help/away", away, "help-away"),
]
