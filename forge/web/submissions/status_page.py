"""A submission's own page, for the person who sent it: where it stands, what was asked, and taking it back.

It opens by the secret link, or by its reference for the signed-in sender. What each kind asks is in the module of its
form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import Invalid, NotFound
from catalog.rules.adoption import PUBLIC
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import (
    ADOPT,
    CORRECT,
    DRAFT,
    PUBLISHED,
    REGISTER,
    SENT,
    WAITING,
    Submission,
    normalized_reference,
)
from catalog.submissions import adoption_actions
from catalog.submissions.about import SubmissionSubject, shown_subjects
from forge.web.core import rate_limits
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of, signed_in_person
from forge.web.wording import screenshots
from forge.web.wording import submissions as wording_submissions

REFERENCE_LETTERS = 12  # what is no longer is a reference; a secret has 43


def status_page(request: Request) -> Response:
    return _page(request, _requested_submission(request), Form())


def change(request: Request) -> Response:
    """One press: an answer to the desk, another message with the link, also to another address, sending what came back,
    or taking it back."""
    submission, form, store, now = (
        _requested_submission(request),
        request.state.form,
        request.app.state.store,
        now_of(request),
    )
    step = form.line("step")
    if step == "withdraw":
        if adoption_actions.may_take_back(store, submission):
            adoption_actions.take_back(store, submission.id, now=now)
        else:
            submissions.withdraw(store, submission.id, now=now)
    elif step == "again":
        rate_limits.count_network(request, rate_limits.SIGN_IN_NETWORK)
        submissions.send(store, submission.id, email=submission.email, again=True, now=now)
    elif step == "address" and submission.state != SENT:
        pass  # it was proven or taken back meanwhile: the page says so
    elif step == "address":
        email = email_address(form.line("email"))
        if email is None:
            form.wrong("email", submissions.NO_EMAIL)
            return _page(request, submission, form, 422)
        rate_limits.count_network(request, rate_limits.SIGN_IN_NETWORK)
        submissions.send(store, submission.id, email=email, again=True, now=now)
    elif step == "send":
        if submission.sent_at is not None:
            submissions.send(store, submission.id, email=submission.email, person=person_of(request), now=now)
    else:
        try:
            submissions.reply(store, submission.id, form.text("text"), now=now)
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
            return _page(request, submission, form, 422)
        except NotFound:  # it was decided or taken back meanwhile
            return _page(request, _requested_submission(request), form, 409)
    return RedirectResponse(request.url.path, 303)


def _requested_submission(request: Request) -> Submission:
    """Raises NotFound, also for somebody else's: nobody learns which references exist."""
    token, store = request.path_params["token"], request.app.state.store
    if len(token) > REFERENCE_LETTERS:
        sent_submission: Submission = store.submissions.by_token(token)
        return sent_submission
    someone = signed_in_person(request)
    submission: Submission = store.submissions.by_reference(normalized_reference(token))
    if submission.person_id != someone.id:
        raise NotFound("declaration", "")
    return submission


def _wrong(request: Request, submission: Submission) -> Mapping[str, str]:
    """What keeps from being sent what was sent once already, a msgid by field."""
    if submission.state not in (DRAFT, SENT) or submission.sent_at is None:
        return {}
    addressed = submission.email is not None
    return submissions.problems(request.app.state.store, submission.id, addressed=addressed)


def _pictures_not_shown(request: Request, submission: Submission) -> list[tuple[str, str]]:
    """The files that a published correction names as screenshots and that the project's page does not show."""
    if (
        submission.kind != CORRECT
        or submission.state != PUBLISHED
        or submission.answers.get("field") != screenshots.FIELD
    ):
        return []
    paths = submission.answers.get("value")
    try:
        mirror = request.app.state.store.mirrors.mirror(submission.project_id)
    except NotFound:  # it has no repository
        return []
    return screenshots.not_shown(mirror, map(str, paths if isinstance(paths, list) else ()))


@dataclass(frozen=True)
class Thanks:
    """What the sender of a use or a program is told: `path`, the page where everybody reads of it, "" where nobody
    does; `offers`: what they can do next, each with its address."""

    path: str
    offers: Mapping[str, str]


def _thanks(request: Request, submission: Submission, about: Sequence[SubmissionSubject]) -> Thanks | None:
    if submission.kind not in (ADOPT, REGISTER) or submission.state not in (WAITING, PUBLISHED):
        return None
    return Thanks(_path_of_use(submission, about), _offers(request, submission))


def _path_of_use(submission: Submission, about: Sequence[SubmissionSubject]) -> str:
    """The page where everybody reads of a use, or of a program that was added; empty where nobody does."""
    if submission.kind == REGISTER:
        return about[0].path if about else ""
    is_public = submission.answers.get("visibility") == PUBLIC and about and about[0].path
    return f"{about[0].path}/users" if is_public else ""


def _offers(request: Request, submission: Submission) -> Mapping[str, str]:
    """What the sender of a use can do next, each with its address: tell more of a use that is public, prove that
    they represent its organization, take the project's badge. Of a registration: add another one.
    """
    store, someone = request.app.state.store, person_of(request)
    slug = store.calls.project_slug(submission.project_id) if submission.project_id else None
    if submission.kind == REGISTER:
        return {"add": "/register"}
    if submission.kind != ADOPT or slug is None:
        return {}
    key = submission.organization_id or submission.answers.get("organization")
    here = store.organizations.identified(str(key)) if key else None
    is_public = submission.state == PUBLISHED and submission.answers.get("visibility") == PUBLIC
    speaks = here is not None and someone is not None and here.id in someone.represented_organizations
    offers = {
        "tell": f"/projects/{slug}/experience?organization={here.slug}" if here and is_public else "",
        "prove": f"/organizations/{here.slug}/claim" if here and not speaks else "",
        "badge": f"/badge/{slug}.svg" if is_public else "",
    }
    return {name: path for name, path in offers.items() if path}


def _page(request: Request, submission: Submission, form: Form, status: int = 200) -> Response:
    if submission.state == SENT and not form.values:
        form = Form({"email": [submission.email or ""]})
    about = shown_subjects(request.app.state.store, submission)
    return make_private(
        page(
            request,
            "submissions/status.html",
            status,
            submission=submission,
            about=about,
            thanks=_thanks(request, submission, about),
            lines=wording_submissions.submission_rows(submissions.rows(request.app.state.store, submission)),
            obstacle=request.app.state.store.obstacles.by_reference(submission.reference),
            decisions=request.app.state.store.decisions.of_submission(submission.id),
            form=form,
            pictures_not_shown=_pictures_not_shown(request, submission),
            wrong=_wrong(request, submission),
            may_withdraw=submissions.may_withdraw(submission)
            or adoption_actions.may_take_back(request.app.state.store, submission),
            secret=given if len(given := request.path_params["token"]) > REFERENCE_LETTERS else "",
            canonical=f"/{request.state.page_language.tag}/",
            noindex=True,
        )
    )
