"""Forms of one page: kept as they are typed, and sent. What the fields of a form mean is in its kind.

The page of the form holds a secret from its opening on: without a cookie, the same form sent twice is one draft, and
its own page opens by that secret without an account. No cache on the way keeps a page with such a form.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import NotFound
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import DRAFT, SENT, Submission
from forge.security.secret import keyed_digest
from forge.web.core import rate_limits
from forge.web.core.form import Form
from forge.web.core.render import now_of
from forge.web.core.session import person_of

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def fresh() -> str:
    """What a form holds that nobody sent yet."""
    return secrets.token_urlsafe(32)


def given(form: Form) -> str | None:
    """What the page of a form that was sent held; None where it is nothing that `fresh` made."""
    token = form.line("draft")
    return token if _TOKEN.fullmatch(token) else None


def send_form(
    request: Request,
    kind: str,
    answers: Mapping[str, Any],
    *,
    project_id: UUID | None = None,
    organization_id: UUID | None = None,
    only_keep: bool = False,
) -> tuple[str, Submission]:
    """The secret and the submission of the form that was sent, with what is typed now; sent at once where nothing is
    wrong, which the form else tells. `only_keep`: it is shown once more before it is sent, and needs no address yet.
    """
    form: Form = request.state.form
    email = _email(request)
    token, submission, wrong = submissions.send_form(
        request.app.state.store,
        kind,
        request.state.page_language.tag,
        answers,
        about={"project_id": project_id, "organization_id": organization_id},
        network=_network(request),
        token=given(form),
        email=email,
        person=person_of(request),
        only_keep=only_keep or bool(form.problems),
        now=now_of(request),
    )
    if submission.state not in (DRAFT, SENT):
        form.problems = {}  # it is what was sent before
    _note(form, {field: sentence for field, sentence in wrong.items() if not (only_keep and field == "email")})
    return token, submission


def page_of_sent_form(request: Request, kind: str) -> Response | None:
    """Redirect to the page of what this form sent before; None where it sent nothing."""
    token = given(request.state.form)
    try:
        submission = request.app.state.store.submissions.by_token(token) if token else None
    except NotFound:
        return None
    return (
        to_own_page(request, token)
        if token and submission and submission.kind == kind and submission.state != DRAFT
        else None
    )


def _email(request: Request) -> str | None:
    """The address that was typed, where it is needed; the form tells of one that is none."""
    form: Form = request.state.form
    if person_of(request) is not None:
        return None
    typed = form.line("email")
    address = email_address(typed)
    if typed and address is None:
        form.wrong("email", submissions.NO_EMAIL)
    return address


def _note(form: Form, wrong: Mapping[str, str]) -> None:
    """What is wrong beside the address, which was looked at first and stands last on the page."""
    email = form.problems.pop("email", None)
    for field, sentence in wrong.items():
        form.wrong(field, sentence)
    if email is not None:
        form.problems["email"] = email


def _network(request: Request) -> str:
    return keyed_digest(request.app.state.secret, f"network {rate_limits.network_of(request)}")


def to_own_page(request: Request, token: str) -> Response:
    return RedirectResponse(f"/{request.state.page_language.tag}/declarations/{token}", 303)
