"""Registering many at once, for whoever is signed in: a pasted list of addresses becomes drafts, each is looked at, and
those that lack nothing are sent with one press.
"""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import Invalid
from catalog.rules.submission import DRAFT, READ, READING, REGISTER, Declaration, repository_look
from catalog.submissions.kinds import registration_form
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.submissions.repository_preview import address_of, known_of, network, want_look

MOST_LINES = 40
TOO_MANY = "Paste at most 40 addresses at once"


@dataclass(frozen=True)
class ListedDraft:
    """A draft as the list shows it. `state`: "ready" to be sent, "reading", "known" here already, or "open"."""

    submission: Declaration
    name: str
    address: str
    state: str


def pasted_lines(form: Form) -> list[str]:
    """The addresses that were pasted, one on each line."""
    lines = (" ".join(line.split()) for line in form.text("address").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def begin(request: Request) -> Response:
    """A draft for each address; those that are none come back to be corrected."""
    form: Form = request.state.form
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    lines, wrong = pasted_lines(form), list[str]()
    if len(lines) > MOST_LINES:
        form.wrong("address", TOO_MANY)
        return _page(request, form, 422)
    for line in lines:
        url, _ = address_of(request, line)
        if url is None:
            wrong.append(line)
        elif url not in {draft.address for draft in _drafts(request)}:
            given: dict[str, Any] = {"answers": {"address": url}, "email": someone.email, "person_id": someone.id}
            _, submission = store.submissions.begin(
                REGISTER, request.state.tongue.tag, **given, network=network(request), now=now
            )
            want_look(request, submission, url)
    if wrong:
        form.wrong("address", registration_form.NO_ADDRESS)
        form.values = {**form.values, "address": ["\n".join(wrong)]}
        return _page(request, form, 422)
    return RedirectResponse(f"/{request.state.tongue.tag}/register/list", 303)


def list_page(request: Request) -> Response:
    """One's drafts of registrations, and what each still lacks."""
    signed_in_person(request)
    return _page(request, Form())


def send(request: Request) -> Response:
    """Send those that lack nothing, or begin more."""
    form: Form = request.state.form
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    if form.line("step") != "send":
        return begin(request)
    for draft in _drafts(request):
        if draft.state == "ready":
            try:
                submissions.send(store, draft.submission.id, email=None, person=someone, now=now)
            except Invalid:  # somebody proposed it meanwhile: its own page says so
                continue
    return RedirectResponse(f"/{request.state.tongue.tag}/register/list", 303)


def _drafts(request: Request) -> list[ListedDraft]:
    sent = request.app.state.store.submissions.of_person(signed_in_person(request).id)
    return [_listed(request, draft) for draft in sent if draft.kind == REGISTER and draft.state == DRAFT]


def _listed(request: Request, draft: Declaration) -> ListedDraft:
    look, answers = repository_look(draft.found), draft.answers
    name = registration_form.name_of(answers, draft.found)
    complete = look.get("state") == READ and registration_form.summary_of(answers, draft.found)
    free = registration_form.free_of(answers, look) is not False or answers.get("anyway")
    state = "reading" if look.get("state") == READING else "ready" if complete and free else "open"
    if known_of(request, draft) is not None and not answers.get("apart"):
        state = "known"
    return ListedDraft(draft, name, str(answers.get("address") or ""), state)


def _page(request: Request, form: Form, status: int = 200) -> Response:
    drafts = _drafts(request)
    return make_private(
        page(
            request,
            "submissions/registration/list.html",
            status,
            drafts=drafts,
            ready=sum(draft.state == "ready" for draft in drafts),
            reading=any(draft.state == "reading" for draft in drafts),
            most=MOST_LINES,
            form=form,
            canonical=f"/{request.state.tongue.tag}/register/list",
            noindex=True,
        )
    )
