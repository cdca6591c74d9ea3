"""Signing in without a password: a person gives an address, a message brings a link, its page has a button.

Every address gets the same answer, known or not. Opening the link changes nothing; only the button's POST does.
"""

from contextlib import suppress
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import NotFound
from catalog.ownership import members
from catalog.rules.person import Link, Person
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import SENT, Submission
from catalog.sentences import mark
from catalog.store.ownership.memberships import INVITATION
from catalog.store.people.accounts import ROLE_INVITATION
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import end_session, make_private, person_of, safe_next, start_session
from forge.web.wording import submissions as wording_submissions
from forge.web.wording.verification import management_path

NO_ADDRESS = mark("Enter an e-mail address like name@example.org")


def sign_in_page(request: Request) -> Response:
    going = safe_next(request.query_params.get("next", ""))
    if person_of(request):
        return RedirectResponse(going or f"/{request.state.page_language.tag}/me", 303)
    return _page(request, Form({"next": [going]}))


def send_link(request: Request) -> Response:
    form: Form = request.state.form
    email = email_address(form.line("email"))
    if email is None:
        form.wrong("email", NO_ADDRESS)
        return _page(request, form, 422)
    tag = request.state.page_language.tag
    going = safe_next(form.line("next"))
    request.app.state.store.people.send_sign_in(email, tag, {"next": going}, now=now_of(request))
    return page(request, "account/link-sent.html", follow=False, noindex=True)


def link_page(request: Request) -> Response:
    """Show the page that a message's link opens: who signs in, and a button. It holds an address and is nobody
    else's.
    """
    return _link_page(request)


def _link_page(request: Request, status: int = 200) -> Response:
    token = request.path_params["token"]
    try:
        sign_in_link = request.app.state.store.people.link(token, now=now_of(request))
        submission = _submission_to_send(request, sign_in_link)
    except NotFound:
        return _ended_link(request)
    answer = page(
        request,
        "account/sign-in-link.html",
        status,
        token=token,
        email=sign_in_link.email,
        tells=sign_in_link.purpose == submissions.CONFIRM_SUBMISSION and submission is None,
        submission=submission,
        lines=wording_submissions.submission_rows(submissions.rows(request.app.state.store, submission))
        if submission
        else (),
        anew=status != 200,
        joins=sign_in_link.argument.get("kind", "") if sign_in_link.purpose == INVITATION else "",
        role=sign_in_link.argument.get("role", "") if sign_in_link.purpose == ROLE_INVITATION else "",
        canonical=_plain_address(request),
        noindex=True,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def use_link(request: Request) -> Response:
    tag, token = request.state.page_language.tag, request.path_params["token"]
    store, now = request.app.state.store, now_of(request)
    try:
        sign_in_link = store.people.link(token, now=now)
        if sign_in_link.purpose == submissions.CONFIRM_SUBMISSION:
            submission, stamp = _submission_to_send(request, sign_in_link), request.state.form.line("seen")
            if submission is not None and stamp and stamp != submission.changed_at.isoformat():
                return _link_page(
                    request, 409
                )  # somebody typed on since it was read: nobody sends what they did not see
            _, session, submission = submissions.open_link(store, token, tag, now=now)
            return start_session(request, session, f"/{tag}/declarations/{submission.reference}")
        if sign_in_link.purpose == INVITATION:
            _, session, kind, slug = members.accept(store, token, tag, now=now)
            return start_session(request, session, f"/{tag}{management_path(kind, slug)}")
        _, session, used = store.people.sign_in(token, tag, now=now)
    except NotFound:
        return _ended_link(request)
    return start_session(request, session, safe_next(used.argument.get("next", "")) or f"/{tag}/me")


def _ended_link(request: Request) -> Response:
    """Answer a link that opens nothing any more: redirect to what the first press led to where it signed this
    browser in, else say why.
    """
    ended: Link | None = request.app.state.store.people.ended_link(request.path_params["token"])
    someone = person_of(request)
    if ended and ended.used_at and someone and ended.email in ("", someone.email):
        return RedirectResponse(_target_of(request, ended, someone), 303)
    over = ended is not None and ended.expires_at <= now_of(request)
    answer = page(
        request,
        "account/sign-in-expired-link.html",
        410,
        state="unknown" if ended is None else "used" if ended.used_at else "over" if over else "replaced",
        purpose=ended.purpose if ended else "",
        lasted=ended.expires_at - ended.created_at if ended else None,
        kept=ended is not None and _submission_of(request, ended) is not None,
        person=someone,
        canonical=_plain_address(request),
        noindex=True,
    )
    return make_private(answer)


def _target_of(request: Request, used: Link, someone: Person) -> str:
    tag, submission = request.state.page_language.tag, _submission_of(request, used)
    if submission is not None and submission.person_id == someone.id:
        return f"/{tag}/declarations/{submission.reference}"
    return safe_next(used.argument.get("next", "")) or f"/{tag}/me"


def _submission_of(request: Request, ended: Link) -> Submission | None:
    """Return what a link was for that sent a submission, or told of it; None where that is not here any more."""
    if ended.purpose != submissions.CONFIRM_SUBMISSION:
        return None
    with suppress(NotFound):
        submission: Submission = request.app.state.store.submissions.get(UUID(ended.argument["declaration"]))
        return submission
    return None


def sign_out(request: Request) -> Response:
    someone = person_of(request)
    if someone is not None:
        request.app.state.store.people.end_session(someone.id, request.state.session.id)
    return end_session(request, f"/{request.state.page_language.tag}/")


def _submission_to_send(request: Request, sign_in_link: Link) -> Submission | None:
    """Return what the press on this link's page sends; None where it sends nothing. Raises NotFound where it is gone,
    or waits for another address by now.
    """
    if sign_in_link.purpose != submissions.CONFIRM_SUBMISSION:
        return None
    submission: Submission = request.app.state.store.submissions.get(UUID(sign_in_link.argument["declaration"]))
    if submission.state == SENT and submission.email != sign_in_link.email:
        raise NotFound("link", sign_in_link.id[:8])
    return submission if submission.state == SENT else None


def _page(request: Request, form: Form, status: int = 200) -> Response:
    own, plain = request.app.state.oidc, _plain_address(request)
    return page(
        request,
        "account/sign-in.html",
        status,
        form=form,
        network=address(f"{plain}/network", [("next", form.line("next"))]) if own else "",
        host=own.host if own else "",
        deleted=request.query_params.get("deleted") == "yes",
        noindex=True,
        canonical=plain,
    )


def _plain_address(request: Request) -> str:
    return address(f"/{request.state.page_language.tag}/sign-in")
