"""Registering many at once, for people who are signed in: a pasted list of addresses becomes drafts, each is looked at,
and those that lack nothing are sent with one press.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.document import repository_key
from catalog.errors import Invalid, NotFound
from catalog.rules.submission import (
    DRAFT,
    OPEN_STATES,
    READ,
    READING,
    REGISTER,
    Submission,
    normalized_reference,
    preview_result,
)
from catalog.sentences import mark
from catalog.store.submissions.repository_previews import KnownRepository
from catalog.submissions.kinds import registration_form
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.submissions.repository_preview import NOT_NOW, address_of, known_of, network, want_preview

MOST_LINES = 40
MOST_SHOWN = 200  # drafts, and what was sent
SHOWN_OF_LINE = 120  # characters of a line that is no address, beside its reason
TOO_MANY = mark("Paste at most 40 addresses at once")
SOME_WRONG = mark("Correct the lines that are left, or delete them")
_BULLET = re.compile(r"^(?:[-*•–]|\d{1,3}[.)])\s+")  # of a list that was written elsewhere


@dataclass(frozen=True)
class ListedDraft:
    """A draft as the list shows it. `state`: "ready" to be sent; "reading"; "later", as too many are looked at now;
    "not-free"; "open", as something is to be completed; of what is here, as `known` tells, "project", "closed" or
    "proposed".
    """

    submission: Submission
    name: str
    address: str
    state: str
    known: KnownRepository | None = None


def pasted_lines(form: Form) -> list[str]:
    """The addresses that were pasted, one on each line."""
    lines = (" ".join(line.split()) for line in form.text("address").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def begin(request: Request) -> Response:
    """A draft for each address; those that are none come back to be corrected."""
    form: Form = request.state.form
    lines, wrong = pasted_lines(form), dict[str, str]()
    if not lines or len(lines) > MOST_LINES:
        form.wrong("address", TOO_MANY if lines else registration_form.NO_ADDRESS)
        return _page(request, form, 422)
    kept = {repository_key(str(draft.answers.get("address") or "")): draft for draft in _own(request, DRAFT)}
    for line in lines:
        url, sentence = address_of(request, _BULLET.sub("", line))
        if url is None:
            wrong[line] = sentence
            continue
        before = kept.get(repository_key(url))
        if before is None or preview_result(before.found).get("outcome") in NOT_NOW:
            draft = before or _begun(request, url)
            want_preview(request, draft, url)
            kept[repository_key(url)] = request.app.state.store.submissions.get(draft.id)
    if wrong:
        form.wrong("address", SOME_WRONG)
        form.values = {**form.values, "address": ["\n".join(wrong)]}
        return _page(request, form, 422, [(line[:SHOWN_OF_LINE], reason) for line, reason in wrong.items()])
    return RedirectResponse(f"/{request.state.page_language.tag}/register/list", 303)


def list_page(request: Request) -> Response:
    """One's drafts of registrations, what each still lacks, and what was sent and is not decided."""
    signed_in_person(request)
    return _page(request, Form())


def send(request: Request) -> Response:
    """Send those that lack nothing, take one away, or begin more."""
    form: Form = request.state.form
    store, someone, now = request.app.state.store, signed_in_person(request), now_of(request)
    if form.line("step") not in ("send", "remove"):
        return begin(request)
    if form.line("step") == "remove":
        draft: Submission = store.submissions.by_reference(normalized_reference(form.line("draft")))
        if draft.kind != REGISTER or draft.person_id != someone.id:
            raise NotFound("draft", "")
        if draft.state == DRAFT:
            submissions.withdraw(store, draft.id, now=now)
    for listed in _drafts(request) if form.line("step") == "send" else ():
        if listed.state == "ready":
            try:
                submissions.send(store, listed.submission.id, email=None, person=someone, now=now)
            except Invalid:  # somebody proposed it meanwhile: the list says so
                continue
    return RedirectResponse(f"/{request.state.page_language.tag}/register/list", 303)


def _own(request: Request, *states: str) -> list[Submission]:
    """One's registrations in these states, the newest first, without drafts whose time is over."""
    someone, now = signed_in_person(request), now_of(request)
    found = request.app.state.store.submissions.of_person(someone.id, MOST_SHOWN, kind=REGISTER, states=states)
    return [said for said in found if said.expires_at is None or said.expires_at > now]


def _begun(request: Request, url: str) -> Submission:
    store, someone = request.app.state.store, signed_in_person(request)
    given: dict[str, Any] = {"answers": {"address": url}, "email": someone.email, "person_id": someone.id}
    given |= {"network": network(request), "now": now_of(request)}
    submission: Submission
    _, submission = store.submissions.begin(REGISTER, request.state.page_language.tag, **given)
    return submission


def _drafts(request: Request) -> list[ListedDraft]:
    return [_listed(request, draft) for draft in _own(request, DRAFT)]


def _listed(request: Request, draft: Submission) -> ListedDraft:
    address, known = str(draft.answers.get("address") or ""), known_of(request, draft)
    if draft.answers.get("apart"):
        known = None
    name = known.name if known and known.name else registration_form.name_of(draft.answers, draft.found)
    return ListedDraft(draft, name, address, known.kind if known else _state(request, draft), known)


def _state(request: Request, draft: Submission) -> str:
    """What is to be done with a draft of what is not here yet."""
    preview, answers = preview_result(draft.found), draft.answers
    if preview.get("state") == READING:
        return "reading"
    if preview.get("outcome") in NOT_NOW:
        return "later"
    if registration_form.free_of(answers, preview) is False and not answers.get("anyway"):
        return "not-free"
    complete = preview.get("state") == READ and registration_form.summary_of(answers, draft.found)
    return "ready" if complete and submissions.whole(request.app.state.store, draft) else "open"


def _page(request: Request, form: Form, status: int = 200, wrong: Sequence[tuple[str, str]] = ()) -> Response:
    drafts = _drafts(request)
    reading = any(draft.state == "reading" for draft in drafts)
    return make_private(
        page(
            request,
            "submissions/registration/list.html",
            status,
            drafts=drafts,
            sent=[(said, registration_form.name_of(said.answers, said.found)) for said in _own(request, *OPEN_STATES)],
            ready=sum(draft.state == "ready" for draft in drafts),
            # It is loaded again while something is read, which would take away what is being typed.
            refresh=reading and not form.problems and not request.query_params.get("more"),
            wrong=wrong,
            form=form,
            canonical=f"/{request.state.page_language.tag}/register/list",
            noindex=True,
        )
    )
