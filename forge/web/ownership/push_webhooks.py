"""Webhooks of forges, which make a visit due and do nothing else; and the page where maintainers of a project make one
and warn its adopters.

A sender learns nothing: an address without a project, a webhook or a right signature gets the same answer.
"""

from uuid import UUID, uuid4, uuid5

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from catalog.rules.permissions import demand
from catalog.rules.person import Person
from catalog.submissions.kinds import advisory
from forge.security.webhook_signatures import is_signed, webhook_secret
from forge.web.core.form import Form
from forge.web.core.render import base_url, now_of, page
from forge.web.core.request_guard import read_body
from forge.web.core.session import make_private, signed_in_person
from forge.web.projects.project_identity import project_id_of
from forge.web.submissions import drafts
from forge.web.submissions.form_fields import drawn_fields, typed_answers

MAX_BYTES = 256 << 10


async def receive(request: Request) -> Response:
    """A push: 202 where its sender knows the secret, else 403; 413 for a body beyond MAX_BYTES, which is not read."""
    return await run_in_threadpool(_receive, request, await read_body(request, MAX_BYTES))


def _receive(request: Request, body: bytes) -> Response:
    state = request.app.state
    found = state.store.push_webhooks.by_slug(request.path_params["slug"][:100])
    secret = webhook_secret(state.secret, found.nonce if found else "")
    fine = is_signed(request.headers, request.query_params.get("key", ""), body, secret)
    if found is None or not fine:
        return Response(status_code=403, headers={"Cache-Control": "no-store"})
    state.store.push_webhooks.trigger_visit(found.project_id, now=now_of(request))
    return Response(status_code=202, headers={"Cache-Control": "no-store"})


def push_webhook_page(request: Request) -> Response:
    _, key = _keeper(request, "push-webhooks")
    return _page(request, key, Form())


def make(request: Request) -> Response:
    """A new secret, shown this once; or the webhook ends."""
    someone, key = _keeper(request, "push-webhook-make")
    state, form = request.app.state, request.state.form
    if form.line("step") == "end":
        state.store.push_webhooks.delete(key)
        return RedirectResponse(request.url.path, 303)
    made = state.store.push_webhooks.make(someone, key, now=now_of(request))
    return _page(request, key, form, secret=webhook_secret(state.secret, made.nonce))


def advise(request: Request) -> Response:
    """A warning goes to the adopters who agreed; the same form sent twice is one warning."""
    someone, key = _keeper(request, "advisory-send")
    form: Form = request.state.form
    said, token = typed_answers(form, advisory.FIELDS), drafts.given(form)
    same = uuid5(key, "\n".join((token, *said.values()))) if token else uuid4()
    try:
        advisory.send_advisory(request.app.state.store, someone, key, said, identity=same, now=now_of(request))
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, key, form, status=422)
    tag, slug = request.state.page_language.tag, request.path_params["slug"]
    return RedirectResponse(f"/{tag}/projects/{slug}/hooks#told", 303)


def _keeper(request: Request, action: str) -> tuple[Person, UUID]:
    """The signed-in person, and the project. Raises NotFound, Moved, Removed, NotAllowed."""
    someone = signed_in_person(request)
    key = project_id_of(request)
    demand(someone, action, project=key)
    return someone, key


def _page(request: Request, key: UUID, form: Form, *, status: int = 200, secret: str = "") -> Response:
    store, slug = request.app.state.store, request.path_params["slug"]
    name = store.follows.name("project", str(key))
    base = base_url(request)
    return make_private(
        page(
            request,
            "ownership/push-webhooks.html",
            status,
            form=form,
            draft=drafts.given(form) or drafts.fresh(),
            slug=slug,
            called=name,
            hook=store.push_webhooks.of_project(key),
            secret=secret,
            hook_address=f"{base}/hooks/{slug}",
            advisories=store.alert_subscriptions.advisories(key),
            agreed=store.alert_subscriptions.step(key),
            fields=drawn_fields(request, advisory.FIELDS),
            may_warn=key in signed_in_person(request).maintained_projects,
            noindex=True,
        )
    )
