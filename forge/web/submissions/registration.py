"""Proposing a project by the address of its code: an address, a look while one waits, a few questions, a check, sent.

Every page is below the secret link of a draft, so that one may leave and come back; each press is a form, and what was
typed is kept at every step. It fetches nothing: the worker looks. What the questions say is `questions`' matter.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import Invalid, NotFound
from catalog.rules.permissions import may
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import (
    DRAFT,
    PUBLISHED,
    READ,
    READING,
    REGISTER,
    SENT_STATES,
    Declaration,
    repository_look,
)
from catalog.store.submissions.repository_previews import HISTORY
from catalog.submissions.kinds import registration_form
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.submissions import registration_found, registration_questions
from forge.web.submissions.registration_questions import CHECK, EMAIL, QUESTIONS, RIGHT
from forge.web.submissions.repository_preview import WAIT, address_of, known_of, network, want_look

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
NO_EMAIL = submissions.NO_EMAIL


def start(request: Request) -> Response:
    """What one needs, what becomes public, what happens next; and the first question."""
    return _start(request, Form({"draft": [secrets.token_urlsafe(32)]}))


def begin(request: Request) -> Response:
    """The address: a draft, and a look unless it is known already."""
    form = request.state.form
    url = _address(request, form)
    if url is None:
        return _start(request, form, 422)
    store, now, someone = request.app.state.store, now_of(request), person_of(request)
    chosen = form.line("draft")
    token, submission = store.submissions.begin(
        REGISTER,
        request.state.tongue.tag,
        answers={"address": url},
        person_id=someone.id if someone else None,
        network=network(request),
        token=chosen if _TOKEN.fullmatch(chosen) else None,
        now=now,
    )
    if submission.kind != REGISTER:
        raise NotFound("declaration", "")
    if not repository_look(submission.found):
        want_look(request, submission, url)
    return RedirectResponse(_to(request, token), 303)


def registration_page(request: Request) -> Response:
    """Where a draft stands: being looked at, known already, not to be read, not free; else on to the next question."""
    submission = _one(request)
    if submission is None:
        return _gone(request)
    return _gate(request, submission) or RedirectResponse(_to(request, _token(request), RIGHT), 303)


def press(request: Request) -> Response:
    """A press on one of these pages: look again, at another address too; go on without; it is another one."""
    submission, form = _one(request), request.state.form
    if submission is None:
        return _gone(request)
    store, now, step = request.app.state.store, now_of(request), form.line("step")
    if submission.state != DRAFT:
        return RedirectResponse(_to(request, _token(request)), 303)
    if step == "look":
        url = _address(request, form)
        if url is None:
            return _gate(request, submission, form, 422) or RedirectResponse(_to(request, _token(request)), 303)
        store.submissions.answer(
            submission.id, {"address": url, "alone": False, "apart": False, "anyway": False}, now=now
        )
        want_look(request, submission, url)
    elif step in ("alone", "apart", "anyway"):
        store.submissions.answer(submission.id, {step: True}, now=now)
    return RedirectResponse(_to(request, _token(request)), 303)


def question(request: Request) -> Response:
    submission, step = _one(request), request.path_params["step"]
    if submission is None:
        return _gone(request)
    if step not in (RIGHT, CHECK, *QUESTIONS):
        raise NotFound("page", step)
    if submission.state != DRAFT:
        return RedirectResponse(_to(request, _token(request)), 303)
    if (closed := _gate(request, submission)) is not None:
        return closed
    if step in (RIGHT, CHECK):
        return _summary_page(request, submission, step, Form())
    form = registration_questions.filled(
        step, submission.answers, submission.found, submission.email or "", request.state.tongue
    )
    return _question(request, submission, step, form)


def answer(request: Request) -> Response:
    """A question answered, or the whole of it sent; wrong answers come back with all that was typed."""
    submission, step, form = _one(request), request.path_params["step"], request.state.form
    if submission is None:
        return _gone(request)
    if submission.state != DRAFT:
        return RedirectResponse(_to(request, _token(request)), 303)
    if step == CHECK:
        return _send(request, submission, form)
    if step not in QUESTIONS:
        raise NotFound("page", step)
    store, now = request.app.state.store, now_of(request)
    unknown = set(submission.answers.get("unknown") or ())
    said: dict[str, Any]
    email = ""
    if form.line("step") == "unknown" and step in registration_questions.UNKNOWABLE:
        said, unknown = registration_questions.nothing(step), unknown | {step}
    elif step == EMAIL:
        said, email = {}, _email(form)
    else:
        said, unknown = registration_questions.read_answers(step, form, request.state.tongue), unknown - {step}
    if not form:
        return _question(request, submission, step, form, 422)
    if step == EMAIL:
        store.submissions.note_email(submission.id, email, now=now)
    store.submissions.answer(submission.id, said | {"unknown": sorted(unknown)}, now=now)
    back = form.line("back")
    onward = back if back in (RIGHT, CHECK) else registration_questions.following(step, _skipped(request, submission))
    return RedirectResponse(_to(request, _token(request), onward), 303)


def _send(request: Request, submission: Declaration, form: Form) -> Response:
    store, now, someone = request.app.state.store, now_of(request), person_of(request)
    try:
        submissions.send(store, submission.id, email=submission.email, person=someone, now=now)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _summary_page(request, submission, CHECK, form, 422)
    return RedirectResponse(_to(request, _token(request)), 303)


def _gate(request: Request, submission: Declaration, form: Form | None = None, status: int = 200) -> Response | None:
    """The page that stands before the questions; None where they may be asked."""
    if submission.state not in (DRAFT, *SENT_STATES, PUBLISHED):  # it was taken back, or not accepted
        return RedirectResponse(f"/{request.state.tongue.tag}/declarations/{_token(request)}", 303)
    if submission.state != DRAFT:
        return _page(
            request,
            "submissions/registration/sent.html",
            submission,
            token=_token(request),
            slug=(submission.before or {}).get("slug"),
        )
    look, answers = repository_look(submission.found), submission.answers
    known = known_of(request, submission)
    if known is not None and not (known.how == HISTORY and answers.get("apart")):
        return _page(
            request,
            "submissions/registration/already-known.html",
            submission,
            known=known,
            shared=known.how == HISTORY,
            there=_there(request),
        )
    typed = Form({"address": [answers.get("address") or ""]}) if form is None else form  # one with problems is false
    if form is None and answers.get("alone"):
        return None
    if form is None and look.get("state") == READING and _waited(look, now_of(request)) < WAIT:
        return _page(request, "submissions/registration/reading.html", submission, asked=look.get("asked"))
    if form is not None or look.get("state") != READ:
        late = look.get("state") == READING
        reason = registration_found.LATE if late else look.get("reason") or registration_found.LATE
        helps = registration_found.helps("late" if late else look.get("outcome"))
        return _page(
            request,
            "submissions/registration/unreadable.html",
            submission,
            status,
            form=typed,
            look=look,
            reason=reason,
            helps=helps,
        )
    if registration_form.free_of(answers, look) is False and not answers.get("anyway"):
        return _page(
            request,
            "submissions/registration/not-free.html",
            submission,
            form=typed,
            found=registration_found.license_found(look),
        )
    return None


def _summary_page(request: Request, submission: Declaration, step: str, form: Form, status: int = 200) -> Response:
    """What was found, or all that will be sent."""
    rows, skipped = submissions.rows(request.app.state.store, submission), _skipped(request, submission)
    if step == RIGHT:
        found = registration_found.found_values(submission.answers, submission.found)
        onward = registration_questions.following(RIGHT, skipped)
        return _page(
            request,
            "submissions/registration/what-was-found.html",
            submission,
            found=found,
            onward=onward,
            look=repository_look(submission.found),
        )
    lines = registration_found.answered(rows, submission.answers, signed_in=person_of(request) is not None)
    back = registration_questions.preceding(CHECK, skipped)
    return _page(
        request,
        "submissions/registration/summary.html",
        submission,
        status,
        lines=lines,
        form=form,
        before=back,
        desk=request.path_params["token"] if may(person_of(request), "desk-draft-publish") else "",
        asks_email=EMAIL not in skipped,
    )


def _question(request: Request, submission: Declaration, step: str, form: Form, status: int = 200) -> Response:
    back = request.query_params.get("back", "") if request.method == "GET" else form.line("back")
    back = back if back in (RIGHT, CHECK) else ""
    tags = [*dict.fromkeys([request.state.tongue.tag, *registration_questions.FOUND_LANGUAGES])]
    return _page(
        request,
        "submissions/registration/question.html",
        submission,
        status,
        step=step,
        form=form,
        words=registration_questions,
        unknowable=step in registration_questions.UNKNOWABLE,
        back=back,
        before=back or registration_questions.preceding(step, _skipped(request, submission)),
        needs=registration_questions.needs_offered(submission.found, form.chosen("needs")) if step == "needs" else None,
        tags=[*dict.fromkeys([*tags, *(tag for tag in form.chosen("screens") if registration_found.is_tag(tag))])],
        standards=registration_form.STANDARDS,
    )


def _page(request: Request, name: str, submission: Declaration, status: int = 200, **context: Any) -> Response:
    here = _to(request, _token(request))
    days = (submission.expires_at - now_of(request)).days if submission.expires_at else 0
    plain = f"/{request.state.tongue.tag}/register"  # the secret stands in no canonical address
    return make_private(
        page(
            request, name, status, submission=submission, here=here, days=days, noindex=True, canonical=plain, **context
        )
    )


def _start(request: Request, form: Form, status: int = 200) -> Response:
    return make_private(page(request, "submissions/registration/address.html", status, form=form))


def _gone(request: Request) -> Response:
    """The link is too old, or never was: nobody learns which."""
    plain = f"/{request.state.tongue.tag}/register"
    return make_private(page(request, "submissions/registration/expired-link.html", 410, noindex=True, canonical=plain))


def _one(request: Request) -> Declaration | None:
    """The draft behind the secret link; None when its time is over or it never was."""
    try:
        submission: Declaration = request.app.state.store.submissions.by_token(_token(request))
    except NotFound:
        return None
    over = submission.state == DRAFT and submission.expires_at is not None and submission.expires_at <= now_of(request)
    return None if over or submission.kind != REGISTER else submission


def _there(request: Request) -> frozenset[str]:
    """What can be done on a project's page, as far as this site has pages for it."""
    below = "/projects/{slug}/"
    paths = (str(route.path).partition(below) for route in request.app.state.pages)
    return frozenset(after for _, found, after in paths if found)


def _address(request: Request, form: Form) -> str | None:
    """The canonical address of what was pasted; None, with a sentence beside the field, when it is none."""
    url, sentence = address_of(request, form.line("address"))
    if url is None:
        form.wrong("address", sentence)
    return url


def _email(form: Form) -> str:
    email = email_address(form.line(EMAIL))
    if email is None:
        form.wrong(EMAIL, NO_EMAIL)
    return email or ""


def _waited(look: Mapping[str, Any], now: datetime) -> timedelta:
    try:
        return now - datetime.fromisoformat(str(look.get("since")))
    except ValueError:
        return WAIT


def _skipped(request: Request, submission: Declaration) -> tuple[str, ...]:
    return registration_questions.skipped(submission.answers, submission.found, person_of(request) is not None)


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token


def _to(request: Request, token: str, step: str = "") -> str:
    return f"/{request.state.tongue.tag}/register/{token}{f'/{step}' if step else ''}"
