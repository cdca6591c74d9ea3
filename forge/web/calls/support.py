""" "Us too": the form by which an organization says that it lacks the same as a call. What comes of it, others say."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.rules.call import OPEN
from catalog.rules.submission import SUPPORT, reference
from catalog.store.calls.read_models import CallPage
from catalog.store.core.read_models import OrganizationCard
from catalog.store.organizations.rows import Known
from catalog.submissions.kinds.call_support import NEW
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import page
from forge.web.core.session import person_of, private
from forge.web.submissions import drafts, organization_field
from forge.web.wording import calls

FIELDS = ("variation", "language", "show", "may")
_BODY = ("name", "kind", "country", "homepage")


def ask(request: Request) -> Response:
    """The form, with what a search gives; the organizations that the reader speaks for stand there already."""
    found, text = _call(request), plain(request.query_params.get("q", "")).strip()[:200]
    own = _own(request)
    form = Form({"name": [text], "organization": [own[0].slug if len(own) == 1 and not text else ""]})
    return _page(request, found, form, drafts.fresh())


def send(request: Request) -> Response:
    form: Form = request.state.form
    found = _call(request)
    if form.line("step") == organization_field.SEARCH:
        return _page(request, found, form, drafts.given(form) or drafts.fresh())
    choice = organization_field.chosen(request, form)
    key = choice.answers.get("organization")
    answers: dict[str, Any] = {name: form.text(name) for name in FIELDS} | {"call": found.line.call.reference}
    answers |= {name: choice.answers.get(name, "") for name in _BODY}
    answers |= {"organization": NEW if choice.answers and not key else ""}
    token, _ = drafts.told(
        request,
        SUPPORT,
        answers,
        project_id=found.line.call.project_id,
        organization_id=UUID(key) if key else None,
    )
    return drafts.to_own_page(request, token) if form else _page(request, found, form, token, 422, choice.alike)


def _call(request: Request) -> CallPage:
    """An open call, or the one that it was joined to. Raises NotFound."""
    store = request.app.state.store.calls
    found: CallPage = store.page(reference(request.path_params["reference"]))
    if found.line.call.state != OPEN:
        raise NotFound("call", found.line.call.reference)
    return found


def _own(request: Request) -> tuple[OrganizationCard, ...]:
    someone = person_of(request)
    return request.app.state.store.calls.organizations(someone.speaks_for) if someone else ()


def _page(
    request: Request, found: CallPage, form: Form, token: str, status: int = 200, alike: tuple[Known, ...] = ()
) -> Response:
    tongue, wanted = request.state.tongue, form.line("organization")
    if not form.values.get("language"):
        form.values = {**form.values, "language": [tongue.tag]}
    offered = organization_field.offered(request, form, alike, wanted)
    if not offered["q"] and not alike:
        own = {one.slug: one for one in _own(request)}
        offered["found"] = (*own.values(), *(one for one in offered["found"] if one.slug not in own))
    answer = page(
        request,
        "calls/support.html",
        status,
        line=found.line,
        call=found.line.call,
        form=form,
        token=token,
        person=person_of(request),
        words=calls,
        languages_written=calls.written_languages(tongue),
        here=f"/{tongue.tag}/calls/{found.line.call.reference}/us-too",
        canonical=f"/{tongue.tag}/calls/{found.line.call.reference}",
        noindex=True,
        **offered,
    )
    return private(answer)


# For the table of `forge.routes`, below the language: pages, and what a press sends.
PAGES = [
    ("/calls/{reference}/us-too", ask, "call-support"),
]
FORMS = [
    ("/calls/{reference}/us-too", send, "call-support-send"),
]
