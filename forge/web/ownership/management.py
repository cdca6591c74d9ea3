"""The private page on which maintainers of a project, or representatives of an organization, manage its record: what
waits for them, what verifies them, who the other members are, and of a project what they reply beside facts.

Corrections are typed on the pages of `forge.web.submissions.correction`, as everybody's. What others reported is
answered on pages of its own; this one links there and says how much waits.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid
from catalog.ownership import members, replies
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fields import field_labels
from catalog.rules.person import normalized_address as email_address
from catalog.store.ownership.subjects import VerifiedRecord
from catalog.submissions import answering
from forge.web.core.form import Form
from forge.web.core.render import now_of, offered_languages, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.organizations.represented import organization_of_page
from forge.web.wording import verification

FIELDS = field_labels()  # what one may reply to
Step = Callable[[Request, VerifiedRecord, Form], None]


def project(request: Request) -> Response:
    return _page(request, PROJECT, Form({"field": [request.query_params.get("field", "")[:64]]}))


def organization(request: Request) -> Response:
    return _page(request, ORGANIZATION, Form())


def change_project(request: Request) -> Response:
    return _change(request, PROJECT)


def change_organization(request: Request) -> Response:
    return _change(request, ORGANIZATION)


def end_reply(request: Request) -> Response:
    """Remove a reply beside a fact, by a maintainer of the project or a moderator."""
    someone, form = signed_in_person(request), request.state.form
    slug, tag = request.path_params["slug"], request.state.page_language.tag
    key = request.app.state.store.record_pages.project_id(slug)
    replies.end_reply(request.app.state.store, someone, key, form.line("field"), now=now_of(request))
    back = f"/projects/{slug}/keep" if key in someone.maintained_projects else f"/desk/projects/{slug}"
    return RedirectResponse(f"/{tag}{back}", 303)


def _change(request: Request, kind: str) -> Response:
    """One press; each step is a form of its own. A person who took themselves off the list is led to their own page."""
    about, form = _managed(request, kind), request.state.form
    act = _STEPS[kind].get(form.line("step"))
    if act is None:
        return _page(request, kind, form, 422)
    try:
        act(request, about, form)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, kind, form, 422)
    tag = request.state.page_language.tag
    if form.line("step") == "remove" and form.line("who") == str(signed_in_person(request).id):
        return RedirectResponse(f"/{tag}/me", 303)
    return RedirectResponse(f"/{tag}{verification.management_path(kind, about.slug)}#done", 303)


def _invite(request: Request, about: VerifiedRecord, form: Form) -> None:
    email, someone = email_address(form.line("email")), signed_in_person(request)
    members.invite(request.app.state.store, someone, about.kind, about.id, email, now=now_of(request))


def _withdraw_invitation(request: Request, about: VerifiedRecord, form: Form) -> None:
    email, someone = form.line("invited"), signed_in_person(request)
    members.withdraw_invitation(request.app.state.store, someone, about.kind, about.id, email, now=now_of(request))


def _remove(request: Request, about: VerifiedRecord, form: Form) -> None:
    try:
        who = UUID(form.line("who"))
    except ValueError:
        return
    members.remove(request.app.state.store, signed_in_person(request), about.kind, about.id, who, now=now_of(request))


def _reply(request: Request, about: VerifiedRecord, form: Form) -> None:
    field = form.line("field") if form.line("field") in FIELDS else ""
    language = (
        form.line("language")
        if form.line("language") in offered_languages(request)
        else request.state.page_language.tag
    )
    store, someone = request.app.state.store, signed_in_person(request)
    replies.reply(store, someone, about.id, field, form.text("text"), language, now=now_of(request))


def _take_messages(request: Request, about: VerifiedRecord, form: Form) -> None:
    store, someone = request.app.state.store, signed_in_person(request)
    answering.take_messages(store, someone, about.id, form.line("monthly"))


def _ask_erasure(request: Request, about: VerifiedRecord, form: Form) -> None:
    objects = [line.strip() for line in form.text("objects").split("\n") if line.strip()]
    moderation.ask_erasure(request.app.state.store, about.id, objects, form.text("why"), now=now_of(request))


_OF_MEMBERS: Mapping[str, Step] = {"invite": _invite, "uninvite": _withdraw_invitation, "remove": _remove}
_STEPS: Mapping[str, Mapping[str, Step]] = {
    PROJECT: {"answer": _reply, "messages": _take_messages, "erase": _ask_erasure, **_OF_MEMBERS},
    ORGANIZATION: _OF_MEMBERS,
}


def _managed(request: Request, kind: str, *, change: bool = True) -> VerifiedRecord:
    """The record, also one that nobody else sees. Raises NotFound, Moved, Removed; NotAllowed for all others."""
    store, someone, slug = request.app.state.store, signed_in_person(request), request.path_params["slug"]
    key = store.record_pages.project_id(slug, unlisted=True) if kind == PROJECT else organization_of_page(request).id
    members.demand(someone, kind, key, change=change)
    record: VerifiedRecord = store.verifications.subject(kind, key)
    return record


def _page(request: Request, kind: str, form: Form, status: int = 200) -> Response:
    about, someone, now = _managed(request, kind, change=False), signed_in_person(request), now_of(request)
    store = request.app.state.store
    of_kind: dict[str, Any] = _of_project(request, about) if kind == PROJECT else {}
    return make_private(
        page(
            request,
            "ownership/management.html",
            status,
            about=about,
            verifications=store.verifications.of_person(someone.id, about.id),
            standing=store.verifications.standing(kind, about.id, now),
            members=store.memberships.of_record(kind, about.id),
            invitations=store.memberships.invitations(kind, about.id, now),
            person=someone,
            form=form,
            canonical=f"/{request.state.page_language.tag}/",
            noindex=True,
            **of_kind,
        )
    )


def _of_project(request: Request, about: VerifiedRecord) -> dict[str, Any]:
    store = request.app.state.store
    return {
        "opted_out": store.unlisted.opt_out_of(about.id),
        "answers": store.maintainer_replies.of_project(about.id),
        "blocked": sum(obstacle.answer is None for obstacle in store.obstacles.for_maintainers(about.id)),
        "untold": store.experiences.unanswered(about.id),
        "waiting": store.submissions.waiting_for(about.id),
        "monthly": store.maintainer_inboxes.monthly(about.id),
        "choices": sorted({*answering.MONTHLY_CHOICES, str(store.maintainer_inboxes.monthly(about.id))}, key=int),
        "fields": FIELDS,
        "page_languages": offered_languages(request),
    }
