""" "Us too": the form by which an organization says that it lacks the same as a call. What comes of it, others say."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.calls import OPEN
from catalog.declarations import SUPPORT, reference
from catalog.errors import NotFound
from catalog.store.call_views import CallPage
from forge.languages import plain
from forge.web import called, drafting
from forge.web.form import Form
from forge.web.render import page
from forge.web.session import person_of, private

SHOWN = 10  # organizations that a search gives
FIELDS = ("variation", "language", "show", "may", "organization", "name", "kind", "country")


def ask(request: Request) -> Response:
    """The search for one's organization, and the form once it is chosen."""
    found = _call(request)
    text = plain(request.query_params.get("q", "")).strip()[:200]
    form = Form({"q": [text], "name": [text]})
    return _page(request, found, form, drafting.fresh())


def send(request: Request) -> Response:
    form: Form = request.state.form
    found = _call(request)
    answers = {name: form.text(name) for name in FIELDS}
    answers["call"] = found.line.call.reference
    token, _ = drafting.told(
        request,
        SUPPORT,
        answers,
        project_id=found.line.call.project_id,
        organization_id=_organization(request, answers["organization"]),
    )
    return drafting.to_own_page(request, token) if form else _page(request, found, form, token, 422)


def _call(request: Request) -> CallPage:
    """An open call, or the one that it was joined to. Raises NotFound."""
    store = request.app.state.store.calls
    found: CallPage = store.page(reference(request.path_params["reference"]))
    if found.line.call.state != OPEN:
        raise NotFound("call", found.line.call.reference)
    return found


def _organization(request: Request, slug: str) -> UUID | None:
    try:
        found: UUID = request.app.state.store.calls.organization_of(slug).id
    except NotFound:  # it is told beside its field
        return None
    return found


def _page(request: Request, found: CallPage, form: Form, token: str, status: int = 200) -> Response:
    tongue, store, someone = request.state.tongue, request.app.state.store, person_of(request)
    text = form.line("q")
    total, cards = store.pages.organizations(text, page=1, per_page=SHOWN) if text else (0, ())
    own = store.calls.organizations(someone.speaks_for) if someone and not text else ()
    chosen = form.line("organization")
    if chosen and chosen not in [card.slug for card in (*cards, *own)]:
        cards = (*cards, *_chosen(request, chosen))
    if not form.values.get("language"):
        form.values = {**form.values, "language": [tongue.tag]}
    answer = page(
        request,
        "call-support.html",
        status,
        found=found,
        line=found.line,
        call=found.line.call,
        form=form,
        token=token,
        cards=(*own, *cards),
        total=total,
        person=someone,
        words=called,
        languages_written=called.written_languages(tongue),
        kinds=called.terms("organization-kind", tongue),
        countries=called.all_countries(tongue),
        here=f"/{tongue.tag}/calls/{found.line.call.reference}/us-too",
        canonical=f"/{tongue.tag}/calls/{found.line.call.reference}",
        noindex=True,
    )
    return private(answer)


def _chosen(request: Request, slug: str) -> tuple[object, ...]:
    try:
        return (request.app.state.store.calls.organization_of(slug),)
    except NotFound:
        return ()


# For the table of `forge.app`, below the language: pages, and what a press sends.
PAGES = [
    ("/calls/{reference}/us-too", ask, "call-support"),
]
FORMS = [
    ("/calls/{reference}/us-too", send, "call-support-send"),
]
