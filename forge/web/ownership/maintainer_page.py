"""A project's own desk, for those who keep it: what proves it, what they answer, who keeps it with them. It is private.

Corrections are typed on the pages of `correct`, as everybody's. What others reported and told is answered on pages of
its own; this one leads there and says how much waits.
"""

from collections.abc import Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid
from catalog.ownership import verify
from catalog.rules.fields import field_labels
from catalog.rules.permissions import demand
from forge.web.core.form import Form
from forge.web.core.render import now_of, offered_languages, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.ownership import invitations
from forge.web.wording import verification

FIELDS = field_labels()  # what one may answer to


def maintainer_page(request: Request) -> Response:
    return _page(request, Form({"field": [request.query_params.get("field", "")[:64]]}))


def change(request: Request) -> Response:
    """One press of the desk; each step is a form of its own."""
    key, form = _project(request, "maintainer-page-change"), request.state.form
    act = _STEPS.get(form.line("step"))
    if act is None:
        return _page(request, form, 422)
    try:
        act(request, key, form)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, form, 422)
    tag, slug = request.state.tongue.tag, request.path_params["slug"]
    return RedirectResponse(f"/{tag}/projects/{slug}/keep#done", 303)


def end_answer(request: Request) -> Response:
    """An answer goes, by who keeps the project or by a moderator."""
    someone, form = signed_in_person(request), request.state.form
    slug, tag = request.path_params["slug"], request.state.tongue.tag
    key = request.app.state.store.record_pages.project_id(slug)
    verify.unsay(request.app.state.store, someone, key, form.line("field"), now=now_of(request))
    back = f"/projects/{slug}/keep" if key in someone.keeps else f"/desk/projects/{slug}"
    return RedirectResponse(f"/{tag}{back}", 303)


def _answer(request: Request, key: UUID, form: Form) -> None:
    field = form.line("field") if form.line("field") in FIELDS else ""
    language = (
        form.line("language") if form.line("language") in offered_languages(request) else request.state.tongue.tag
    )
    store, someone = request.app.state.store, signed_in_person(request)
    verify.answer(store, someone, key, field, form.text("text"), language, now=now_of(request))


def _ask_erasure(request: Request, key: UUID, form: Form) -> None:
    objects = [line.strip() for line in form.text("objects").split("\n") if line.strip()]
    moderation.ask_erasure(request.app.state.store, key, objects, form.text("why"), now=now_of(request))


_STEPS: Mapping[str, invitations.Step] = {"answer": _answer, "erase": _ask_erasure, **invitations.steps(verify)}


def _project(request: Request, action: str) -> UUID:
    """Raises NotFound, Moved, Removed; NotAllowed for whoever does not keep this very project."""
    key: UUID = request.app.state.store.record_pages.project_id(request.path_params["slug"], unlisted=True)
    demand(signed_in_person(request), action, project=key)
    return key


def _page(request: Request, form: Form, status: int = 200) -> Response:
    key, store, someone, now = (
        _project(request, "maintainer-page"),
        request.app.state.store,
        signed_in_person(request),
        now_of(request),
    )
    kept = store.verifications.kept("project", request.path_params["slug"], gone=True)
    return make_private(
        page(
            request,
            "ownership/maintainer-page.html",
            status,
            about=kept,
            opted_out=store.unlisted.opt_out_of(key),
            proofs=store.verifications.of_person(someone.id, key),
            voices=store.verifications.voices(key, now),
            state_of=lambda proof: verification.state_of(proof, now),
            answers=store.maintainer_replies.of_project(key),
            maintainers=store.verifications.members(key),
            invitations=store.verifications.invitations(key, now),
            blocked=sum(obstacle.answer is None for obstacle in store.obstacles.for_maintainers(key)),
            untold=store.experiences.unanswered(key),
            waiting=store.submissions.waiting_for(key),
            fields=FIELDS,
            tongues=offered_languages(request),
            person=someone,
            words=verification,
            form=form,
            here=request.url.path,
            canonical=f"/{request.state.tongue.tag}/",
            noindex=True,
        )
    )
