"""Asking that another person looks at a decision again: a form for whoever has an address. Others say what comes of it.

Where nobody else decides here, the page names those who run the catalogue instead.
"""

from starlette.requests import Request
from starlette.responses import Response

from catalog import moderate
from catalog.decisions import ORGANIZATION, PROJECT, Decision
from catalog.declarations import APPEAL
from catalog.declare.appeal import subject
from catalog.errors import NotFound
from forge.web import decided, drafting
from forge.web.form import Form
from forge.web.render import now_of, page
from forge.web.session import person_of, private
from forge.web.wish import number_beyond


def ask(request: Request) -> Response:
    return _page(request, _line(request), Form(), drafting.fresh())


def send(request: Request) -> Response:
    form, line = request.state.form, _line(request)
    if not moderate.may_appeal(line, now_of(request)) or not _others(request, line):
        return _page(request, line, form, form.line("draft"), 409)
    about = {PROJECT: "project_id", ORGANIZATION: "organization_id"}.get(line.subject_kind)
    token, _ = drafting.told(
        request,
        APPEAL,
        {"decision": line.number, "words": form.text("words")},
        subject=subject(line.number),
        **({about: line.subject_id} if about else {}),
    )
    return drafting.to_own_page(request, token) if form else _page(request, line, form, token, 422)


def _page(request: Request, line: Decision, form: Form, token: str, status: int = 200) -> Response:
    answer = page(
        request,
        "appeal.html",
        status,
        line=line,
        form=form,
        token=token,
        words=decided,
        may=moderate.may_appeal(line, now_of(request)),
        others=_others(request, line),
        person=person_of(request),
        here=request.url.path,
        noindex=True,
    )
    return private(answer)


def _others(request: Request, line: Decision) -> bool:
    """Whether somebody else than who decided could look at it."""
    found: bool = request.app.state.store.decisions.others(line.number)
    return found


def _line(request: Request) -> Decision:
    written = request.path_params["number"]
    number = number_beyond(written)
    if number is None:
        raise NotFound("decision", written[:20])
    found: Decision = request.app.state.store.decisions.one(number)
    return found


PAGES = [("/log/{number}/appeal", ask, "appeal")]  # below /{language}
FORMS = [("/log/{number}/appeal", send, "appeal-send")]
