""" "Us too": the form by which an organization says that it lacks the same as a call. It becomes a submission."""

from dataclasses import replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.rules.call import OPEN
from catalog.rules.submission import SUPPORT, normalized_reference
from catalog.store.calls.read_models import CallPage
from catalog.store.core.read_models import OrganizationCard
from catalog.store.organizations.rows import KnownOrganization
from catalog.submissions.kinds.call_support import FIELDS, NEW
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import page
from forge.web.core.session import make_private, person_of
from forge.web.submissions import drafts, organization_field
from forge.web.submissions.form_fields import drawn_fields, typed_answers


def support_page(request: Request) -> Response:
    """Show the form, with what a search gives; the organizations that the reader represents are listed already."""
    call_page, text = _open_call(request), plain(request.query_params.get("q", "")).strip()[:200]
    own = _represented(request)
    form = Form({"name": [text], "organization": [own[0].slug if len(own) == 1 and not text else ""]})
    return _page(request, call_page, form, drafts.fresh())


def send_support(request: Request) -> Response:
    form: Form = request.state.form
    call_page = _open_call(request)
    if organization_field.is_search(form):
        return _page(request, call_page, form, drafts.given(form) or drafts.fresh())
    choice = organization_field.chosen(request, form)
    key = choice.answers.get("organization")
    answers = {"call": call_page.line.call.reference} | typed_answers(form, FIELDS)
    answers |= organization_field.NOTHING_NEW | choice.answers
    answers |= {"organization": NEW if choice.answers and not key else ""}
    token, _ = drafts.send_answers(
        request,
        SUPPORT,
        answers,
        project_id=call_page.line.call.project_id,
        organization_id=UUID(key) if key else None,
    )
    return drafts.to_own_page(request, token) if form else _page(request, call_page, form, token, 422, choice.alike)


def _open_call(request: Request) -> CallPage:
    """Return an open call, or the one that it was joined to. Raises NotFound."""
    store = request.app.state.store.calls
    call_page: CallPage = store.page(normalized_reference(request.path_params["reference"]))
    if call_page.line.call.state != OPEN:
        raise NotFound("call", call_page.line.call.reference)
    return call_page


def _represented(request: Request) -> tuple[OrganizationCard, ...]:
    someone = person_of(request)
    return request.app.state.store.calls.organizations(someone.represented_organizations) if someone else ()


def _page(
    request: Request,
    call_page: CallPage,
    form: Form,
    token: str,
    status: int = 200,
    alike: tuple[KnownOrganization, ...] = (),
) -> Response:
    page_language, wanted = request.state.page_language, form.line("organization")
    if not form.values.get("language"):
        form.values = {**form.values, "language": [page_language.tag]}
    offered = organization_field.offered(request, form, alike, wanted)
    if not offered.q and not alike:
        own = {organization.slug: organization for organization in _represented(request)}
        others = (organization for organization in offered.found if organization.slug not in own)
        offered = replace(offered, found=(*own.values(), *others))
    answer = page(
        request,
        "calls/support.html",
        status,
        line=call_page.line,
        call=call_page.line.call,
        form=form,
        token=token,
        person=person_of(request),
        fields=drawn_fields(request, FIELDS),
        here=f"/{page_language.tag}/calls/{call_page.line.call.reference}/us-too",
        canonical=f"/{page_language.tag}/calls/{call_page.line.call.reference}",
        noindex=True,
        choice=offered,
    )
    return make_private(answer)
