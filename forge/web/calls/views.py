"""The pages of calls: all of them with filters, which are read from the address, one, and the form that makes one. It
becomes a submission."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import CatalogError, NotFound
from catalog.record_kind import PROJECT
from catalog.rules.call import HELP_WITH_USE, KINDS, OF_PROJECT, CallFilter, calls_alike
from catalog.rules.submission import CALL, DRAFT, normalized_reference
from catalog.rules.today import is_offer_confirmed
from catalog.store.calls.queries import comparable_text
from catalog.store.contributors.help_offers import HelpingOrganization
from catalog.submissions import calls_lifecycle
from catalog.submissions.base.fields import FormField
from catalog.submissions.kinds.call import fields_of_kind
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.list_query import list_pages, page_number_of
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.submissions import drafts
from forge.web.submissions.form_fields import drawn_fields, shown_to, typed_answers

MAX_SEARCHED = 200


def calls_page(request: Request) -> Response:
    """List open calls, or those that are over, by kind, language, country and project; below them some of other
    catalogues.
    """
    store, call_filters = request.app.state.store, read_filters(request)
    calls_found = store.calls.find(call_filters.wanted, page=call_filters.number, per_page=PER_PAGE)
    return calls_list_page(
        request,
        call_filters,
        calls_found,
        noindex=len(call_filters.query) > 1,
    )


def single_call_page(request: Request) -> Response:
    """Show one call: what and why, who can do it, until when."""
    store = request.app.state.store
    call_page = store.calls.page(normalized_reference(request.path_params["reference"]))
    call, someone = call_page.line.call, person_of(request)
    answer = page(
        request,
        "calls/call.html",
        found=call_page,
        line=call_page.line,
        call=call,
        tends=calls_lifecycle.may_tend(store, call, someone),
        reachable=store.calls.sender(call.id) is not None,
        offering=_own_offers(request, call_page.line.project_slug),
        canonical=f"/{request.state.page_language.tag}/calls/{call.reference}",
    )
    return make_private(answer) if someone else answer


def _own_offers(request: Request, slug: str | None) -> list[HelpingOrganization]:
    """The organizations that the reader represents and that offer help with this project."""
    someone, offers = person_of(request), request.app.state.store.help_offers
    if someone is None or slug is None:
        return []
    return [who for who in offers.who_help_with(slug) if who.organization.id in someone.represented_organizations]


def new_call_page(request: Request) -> Response:
    """Show the kinds to choose from; of a chosen one its form, with what the page before knows: the words of a search
    that found nothing, a text to begin with, the kind of group, the country.
    """
    params = request.query_params
    kind = params.get("kind", "")
    if kind not in KINDS:
        return page(
            request,
            "calls/choose-kind.html",
            project=_slug_of(params.get("project", "")),
            helpers=request.app.state.store.help_offers.who_help_with(_slug_of(params.get("project", ""))),
            is_confirmed=lambda stated_at: is_offer_confirmed(stated_at, now_of(request)),
            help_with_use=HELP_WITH_USE,
            noindex=True,
        )
    words = plain(params.get("words", "")).strip()[:MAX_SEARCHED]
    text = words or plain(params.get("text", "")).strip()[:MAX_SEARCHED]
    typed = {"words": [words], "text": [text], "project": [_slug_of(params.get("project", ""))]}
    typed |= {name: [plain(params.get(name, ""))] for name in ("group", "country")}
    return _page(request, kind, Form(typed), drafts.fresh(), _similar_calls(request, kind, text))


def send_call(request: Request) -> Response:
    """Send it, after similar calls were shown; all that is wrong is shown at once."""
    form: Form = request.state.form
    kind = form.line("call")
    if kind not in KINDS:
        raise NotFound("call", kind[:20])
    answers = {"call": kind, "project": _slug_of(form.line("project"))} | typed_answers(form, _fields(kind))
    near = () if form.line("seen") == "yes" else _similar_calls(request, kind, comparable_text(answers))
    token, submission = drafts.send_form(
        request,
        CALL,
        answers,
        project_id=_project(request, answers, kind),
        organization_id=_organization(request),
        only_keep=bool(near),
    )
    if form.problems:
        return _page(request, kind, form, token, status=422)
    if near and submission.state == DRAFT:
        return _page(request, kind, form, token, near, is_checked=True)
    return drafts.to_own_page(request, token)


def _page(
    request: Request,
    kind: str,
    form: Form,
    token: str,
    near: tuple[Any, ...] = (),
    *,
    is_checked: bool = False,
    status: int = 200,
) -> Response:
    page_language, someone = request.state.page_language, person_of(request)
    if not form.values.get("language"):
        form.values = {**form.values, "language": [page_language.tag]}
    answer = page(
        request,
        "calls/form.html",
        status,
        kind=kind,
        form=form,
        token=token,
        near=near,
        seen=is_checked or form.line("seen") == "yes",
        person=someone,
        represented_organizations=_represented(request),
        of_project=kind in OF_PROJECT,
        project_name=request.app.state.store.name_lookup.name_of(PROJECT, form.line("project")),
        fields=drawn_fields(request, _fields(kind)),
        here=f"/{page_language.tag}/calls/new",
        canonical=f"/{page_language.tag}/calls/new",
        noindex=True,
    )
    return make_private(answer)


def _similar_calls(request: Request, kind: str, text: str) -> tuple[Any, ...]:
    store = request.app.state.store
    similar: tuple[Any, ...] = store.calls.lines(calls_alike(text, store.calls.alike(kind))) if text else ()
    return similar


def _represented(request: Request) -> Mapping[str, str]:
    """Return slugs and names of the organizations that the reader represents."""
    someone = person_of(request)
    if someone is None or not someone.represented_organizations:
        return {}
    cards = request.app.state.store.calls.organizations(someone.represented_organizations)
    return {card.slug: card.name for card in cards}


def _organization(request: Request) -> UUID | None:
    """Return the organization that was chosen among those that the sender represents."""
    someone, slug = person_of(request), request.state.form.line("organization")
    if someone is None or not slug:
        return None
    cards = request.app.state.store.calls.organizations(someone.represented_organizations)
    return next((card.id for card in cards if card.slug == slug), None)


def _project(request: Request, answers: Mapping[str, Any], kind: str) -> UUID | None:
    if kind not in OF_PROJECT or not answers["project"]:
        return None
    try:
        project_id: UUID = request.app.state.store.record_pages.project_id(answers["project"])
    except CatalogError:  # it is told beside its field
        return None
    return project_id


def _slug_of(text: str) -> str:
    """Return the last part of what may be the address of a project's page."""
    return plain(text).strip().rstrip("/").rpartition("/")[2][:100]


def _fields(kind: str) -> list[FormField]:
    return shown_to(fields_of_kind(kind), call=kind)


PER_PAGE = 20
MAX_VALUE = 100
CHOICES = ("kind", "language", "country", "project")


@dataclass(frozen=True)
class CallFilters:
    """The filters of an address. `chosen`: kind, language, country and project, "" where any will do; `ignored`: what
    is no kind.
    """

    chosen: dict[str, str]
    ignored: tuple[str, ...]
    over: bool
    number: int

    @property
    def wanted(self) -> CallFilter:
        kind, language, country, slug = (self.chosen[name] or None for name in CHOICES)
        return CallFilter(kind, language, country, slug, self.over)

    @property
    def query(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.chosen.items() if value] + [("state", "ended")] * self.over


def read_filters(request: Request) -> CallFilters:
    params = request.query_params
    chosen = {name: plain(params.get(name, "")).strip()[:MAX_VALUE] for name in CHOICES}
    ignored = () if chosen["kind"] in ("", *KINDS) else (chosen["kind"],)
    if ignored:
        chosen["kind"] = ""
    return CallFilters(chosen, ignored, params.get("state") == "ended", page_number_of(params.get("page")))


def calls_list_page(request: Request, call_filters: CallFilters, calls_found: Any, **context: Any) -> Response:
    """Draw the part that was asked for; beyond the last part redirect to the first."""
    return page(
        request,
        "calls/list.html",
        found=calls_found,
        chosen=call_filters.chosen,
        over=call_filters.over,
        ignored=call_filters.ignored,
        pages=list_pages(call_filters.number, calls_found.total, PER_PAGE, call_filters.query),
        **context,
    )
