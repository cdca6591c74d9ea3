"""Proposing a project by the address of its code: an address, a preview while one waits, and one page with what was
found and all that no file answers, from which it is sent.

Every page is below the secret link of a draft, so that one may leave and come back. The worker fetches the repository.
The questions are in `registration_questions`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import NotFound
from catalog.rules.permissions import may
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import (
    DRAFT,
    READ,
    READING,
    REGISTER,
    Submission,
    normalized_reference,
    preview_result,
)
from catalog.store.submissions.repository_previews import HISTORY
from catalog.submissions.base.fields import FormField
from catalog.submissions.kinds import registration_form
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.submissions import drafts, form_fields, registration_display, registration_questions
from forge.web.submissions.registration_questions import EMAIL, QUESTIONS, RIGHT
from forge.web.submissions.repository_preview import SEVERAL, WAIT, address_of, known_of, network, want_preview
from forge.web.submissions.repository_url import are_several

REFERENCE_LETTERS = 12  # what is no longer is a reference; a secret has 43
NO_EMAIL = submissions.NO_EMAIL


def start(request: Request) -> Response:
    """What one needs, what becomes public, what happens next; and the first question."""
    return _start(request, Form({"draft": [drafts.fresh()]}))


def begin(request: Request) -> Response:
    """The address: a draft, and a preview unless it is known already."""
    form = request.state.form
    url = _address(request, form)
    if url is None:
        return _start(request, form, 422)
    token, submission, _ = submissions.send_form(
        request.app.state.store,
        REGISTER,
        request.state.page_language.tag,
        {"address": url},
        network=network(request),
        token=drafts.given(form),
        person=person_of(request),
        only_keep=True,
        now=now_of(request),
    )
    if preview_result(submission.found).get("asked") != url:
        want_preview(request, submission, url)
    return RedirectResponse(_to(request, token), 303)


def registration_page(request: Request) -> Response:
    """Where a draft stands: being looked at, known already, not to be read, not free; else on to the next question."""
    submission = _find_draft(request)
    if submission is None:
        return _expired_link_page(request)
    return _gate(request, submission) or RedirectResponse(_to(request, _token(request), RIGHT), 303)


def press(request: Request) -> Response:
    """A press on one of these pages: look again, at another address too; go on without; it is another one."""
    submission, form = _find_draft(request), request.state.form
    if submission is None:
        return _expired_link_page(request)
    store, now, step = request.app.state.store, now_of(request), form.line("step")
    if submission.state != DRAFT:
        return RedirectResponse(_to(request, _token(request)), 303)
    if step == "look":
        url = _address(request, form)
        if url is None:
            return _gate(request, submission, form, 422) or RedirectResponse(_to(request, _token(request)), 303)
        looked = {"address": url, "alone": False, "apart": False, "anyway": False}
        submissions.send(store, submission.id, looked, only_keep=True, now=now)
        want_preview(request, submission, url)
    elif step in ("alone", "apart", "anyway"):
        submissions.send(store, submission.id, {step: True}, only_keep=True, now=now)
    return RedirectResponse(_to(request, _token(request)), 303)


def question(request: Request) -> Response:
    """What was found, with all that no file answers; or one question, to change its answer."""
    submission, step = _find_draft(request), request.path_params["step"]
    if submission is None:
        return _expired_link_page(request)
    if step not in (RIGHT, *QUESTIONS):
        raise NotFound("page", step)
    if submission.state != DRAFT:
        return RedirectResponse(_to(request, _token(request)), 303)
    if (closed := _gate(request, submission)) is not None:
        return closed
    if step == RIGHT:
        return _all_page(request, submission, _filled(request, submission))
    page_language = request.state.page_language
    form = registration_questions.filled(step, submission.answers, submission.found, page_language)
    return _question(request, submission, step, form)


def answer(request: Request) -> Response:
    """A question answered, or all of them kept or sent; wrong answers come back with all that was typed."""
    submission, step, form = _find_draft(request), request.path_params["step"], request.state.form
    if submission is None:
        return _expired_link_page(request)
    if submission.state != DRAFT:
        return RedirectResponse(_to(request, _token(request)), 303)
    if step == RIGHT:
        return _answer_all(request, submission)
    if step not in QUESTIONS:
        raise NotFound("page", step)
    store, now = request.app.state.store, now_of(request)
    unknown = set(submission.answers.get("unknown") or ())
    if form.line("step") == "unknown" and step in registration_questions.UNKNOWABLE:
        answers, unknown = registration_questions.nothing(step), unknown | {step}
    else:
        answers, unknown = (
            registration_questions.read_answers(step, form, request.state.page_language),
            unknown - {step},
        )
    if form.problems:
        return _question(request, submission, step, form, 422)
    answers["unknown"] = sorted(unknown)
    submissions.send(store, submission.id, answers, only_keep=True, now=now)
    return RedirectResponse(_to(request, _token(request), RIGHT), 303)


def _answer_all(request: Request, submission: Submission) -> Response:
    """Keep what was answered; what was left open is not known. Sent, where that was pressed."""
    form, store, now, someone = request.state.form, request.app.state.store, now_of(request), person_of(request)
    answers, unknown = dict[str, Any](), set(submission.answers.get("unknown") or ())
    for step in registration_questions.asked(submission.answers, submission.found):
        if registration_questions.is_answered(step, submission.answers) and not registration_questions.is_asked(
            step, form
        ):
            continue
        if registration_questions.is_left_open(step, form):
            answers, unknown = answers | registration_questions.nothing(step), unknown | {step}
        else:
            answers |= registration_questions.read_answers(step, form, request.state.page_language)
            unknown -= {step}
    email = email_address(form.line(EMAIL))
    keeps = form.line("step") == "keep"
    if someone is None and email is None and (form.line(EMAIL) or not keeps):
        form.wrong(EMAIL, NO_EMAIL)
    if form.problems:
        return _all_page(request, submission, form, 422)
    answers["unknown"] = sorted(unknown)
    email = None if someone else email
    submission, wrong = submissions.send(
        store, submission.id, answers, email=email, person=someone, only_keep=keeps, now=now
    )
    if keeps:
        return RedirectResponse(_to(request, _token(request), RIGHT), 303)
    for field, sentence in wrong.items():
        form.wrong(field, sentence)
    if form.problems:
        return _all_page(request, submission, form, 422)
    return RedirectResponse(_to(request, _token(request)), 303)


def _gate(request: Request, submission: Submission, form: Form | None = None, status: int = 200) -> Response | None:
    """The page that stands before the questions; None where they may be asked."""
    if submission.state != DRAFT:
        return RedirectResponse(f"/{request.state.page_language.tag}/declarations/{_token(request)}", 303)
    preview, answers = preview_result(submission.found), submission.answers
    repository = known_of(request, submission)
    if repository is not None and not (repository.how == HISTORY and answers.get("apart")):
        return _page(
            request,
            "submissions/registration/already-known.html",
            submission,
            known=repository,
            shared=repository.how == HISTORY,
            there=_project_actions(request),
        )
    typed = Form({"address": [answers.get("address") or ""]}) if form is None else form  # one with problems is false
    if form is None and answers.get("alone"):
        return None
    if form is None and preview.get("state") == READING and _waited(preview, now_of(request)) < WAIT:
        return _page(request, "submissions/registration/reading.html", submission, asked=preview.get("asked"))
    if form is not None or preview.get("state") != READ:
        late = preview.get("state") == READING
        reason = registration_display.LATE if late else preview.get("reason") or registration_display.LATE
        helps = registration_display.helps("late" if late else preview.get("outcome"))
        return _page(
            request,
            "submissions/registration/unreadable.html",
            submission,
            status,
            form=typed,
            repository_preview=preview,
            reason=reason,
            helps=helps,
        )
    if registration_form.free_of(answers, preview) is False and not answers.get("anyway"):
        return _page(
            request,
            "submissions/registration/not-free.html",
            submission,
            form=typed,
            found=registration_display.license_found(preview),
        )
    return None


def _all_page(request: Request, submission: Submission, form: Form, status: int = 200) -> Response:
    """What was found, each with its source, and all that no file answers."""
    steps = registration_questions.asked(submission.answers, submission.found)
    fields = [field for step in steps for field in _fields(request, submission, step, form)]
    fields = [field for field in fields if field.name != "language"]  # its words say it
    doubts = submissions.doubts(request.app.state.store, submission)
    return _page(
        request,
        "submissions/registration/what-was-found.html",
        submission,
        status,
        found=registration_display.found_values(submission.answers, submission.found, steps),
        alike=[doubt.detail for doubt in doubts if doubt.reason == "same-name"],
        repository_preview=preview_result(submission.found),
        fields=form_fields.drawn_fields(request, fields),
        named={field.name for field in fields} | {EMAIL},
        person=person_of(request),
        form=form,
        desk=request.path_params["token"] if may(person_of(request), "desk-draft-publish") else "",
    )


def _filled(request: Request, submission: Submission) -> Form:
    """The form of all questions with what was said before, else with what the files say."""
    answers, preview, values = submission.answers, submission.found, dict[str, list[str]]()
    for step in registration_questions.asked(answers, preview):
        values |= registration_questions.filled(step, answers, preview, request.state.page_language).values
    return Form(values | {EMAIL: [submission.email or ""]})


def _fields(request: Request, submission: Submission, step: str, form: Form) -> list[FormField]:
    return registration_questions.form_fields(step, submission.found, form, request.state.page_language)


def _question(request: Request, submission: Submission, step: str, form: Form, status: int = 200) -> Response:
    return _page(
        request,
        "submissions/registration/question.html",
        submission,
        status,
        step=step,
        form=form,
        title=registration_questions.TITLES[step],
        fields=form_fields.drawn_fields(request, _fields(request, submission, step, form)),
        unknowable=step in registration_questions.UNKNOWABLE,
    )


def _page(request: Request, name: str, submission: Submission, status: int = 200, **context: Any) -> Response:
    here = _to(request, _token(request))
    days = (submission.expires_at - now_of(request)).days if submission.expires_at else 0
    plain = f"/{request.state.page_language.tag}/register"  # the secret stands in no canonical address
    return make_private(
        page(
            request, name, status, submission=submission, here=here, days=days, noindex=True, canonical=plain, **context
        )
    )


def _start(request: Request, form: Form, status: int = 200) -> Response:
    return make_private(page(request, "submissions/registration/address.html", status, form=form))


def _expired_link_page(request: Request) -> Response:
    """The link is too old, or never was: nobody learns which."""
    plain = f"/{request.state.page_language.tag}/register"
    return make_private(page(request, "submissions/registration/expired-link.html", 410, noindex=True, canonical=plain))


def _find_draft(request: Request) -> Submission | None:
    """The draft behind the secret link, or one's own by its reference; None when its time is over or it never was."""
    token, store, someone = _token(request), request.app.state.store, person_of(request)
    try:
        submission: Submission
        if len(token) > REFERENCE_LETTERS or someone is None:
            submission = store.submissions.by_token(token)
        else:
            submission = store.submissions.by_reference(normalized_reference(token))
            if submission.person_id != someone.id:
                return None
    except NotFound:
        return None
    over = submission.state == DRAFT and submission.expires_at is not None and submission.expires_at <= now_of(request)
    return None if over or submission.kind != REGISTER else submission


def _project_actions(request: Request) -> frozenset[str]:
    """What can be done on a project's page, as far as this site has pages for it."""
    below = "/projects/{slug}/"
    paths = (str(route.path).partition(below) for route in request.app.state.pages)
    return frozenset(after for _, action, after in paths if action)


def _address(request: Request, form: Form) -> str | None:
    """The canonical address of what was pasted; None, with a sentence beside the field, when it is none or several."""
    typed = form.line("address")
    url, sentence = (None, SEVERAL) if are_several(typed) else address_of(request, typed)
    if url is None:
        form.wrong("address", sentence)
    return url


def _waited(preview: Mapping[str, Any], now: datetime) -> timedelta:
    try:
        return now - datetime.fromisoformat(str(preview.get("since")))
    except ValueError:
        return WAIT


def _token(request: Request) -> str:
    token: str = request.path_params["token"]
    return token


def _to(request: Request, token: str, step: str = "") -> str:
    return f"/{request.state.page_language.tag}/register/{token}{f'/{step}' if step else ''}"
