"""Asking that another person looks at a decision again: a form for everybody with an e-mail address.

Where nobody else decides here, the page names those who run the catalogue instead.
"""

from starlette.requests import Request
from starlette.responses import Response

from catalog import moderation
from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import Decision
from catalog.rules.submission import APPEAL
from catalog.submissions.kinds.appeal import AppealForm, subject
from forge.web.core.form import Form
from forge.web.core.list_query import line_number
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.submissions import drafts
from forge.web.submissions.form_fields import drawn_fields, typed_answers
from forge.web.wording import decisions


def ask(request: Request) -> Response:
    return _page(request, _line(request), Form(), drafts.fresh())


def send(request: Request) -> Response:
    form, line = request.state.form, _line(request)
    if not moderation.may_appeal(line, now_of(request)) or not _somebody_else_decides(request, line):
        return _page(request, line, form, form.line("draft"), 409)
    about = {PROJECT: "project_id", ORGANIZATION: "organization_id"}.get(line.subject_kind)
    token, _ = drafts.send_answers(
        request,
        APPEAL,
        {"decision": line.number} | typed_answers(form, AppealForm.fields),
        subject=subject(line.number),
        **({about: line.subject_id} if about else {}),
    )
    return drafts.to_own_page(request, token) if form else _page(request, line, form, token, 422)


def _page(request: Request, line: Decision, form: Form, token: str, status: int = 200) -> Response:
    answer = page(
        request,
        "submissions/appeal.html",
        status,
        line=line,
        form=form,
        token=token,
        words=decisions,
        may=moderation.may_appeal(line, now_of(request)),
        others=_somebody_else_decides(request, line),
        person=person_of(request),
        fields=drawn_fields(request, AppealForm.fields),
        here=request.url.path,
        noindex=True,
    )
    return make_private(answer)


def _somebody_else_decides(request: Request, line: Decision) -> bool:
    """Whether there is somebody else than the person who decided who could look at it."""
    found: bool = request.app.state.store.decisions.has_other_deciders(line.number)
    return found


def _line(request: Request) -> Decision:
    written = request.path_params["number"]
    number = line_number(written)
    if number is None:
        raise NotFound("decision", written[:20])
    found: Decision = request.app.state.store.decisions.get(number)
    return found
