"""A person's tokens for programs: made, shown this once, listed, ended at one press. What one may do is checked at each
use, in `catalog.rules.permissions`.
"""

from contextlib import suppress
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from catalog.rules.api_token import LIFETIMES_DAYS
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, signed_in_person


def tokens_page(request: Request) -> Response:
    return _page(request, Form({"days": [str(LIFETIMES_DAYS[1])]}))


def change_tokens(request: Request) -> Response:
    """Make a new token, shown this once; or end one."""
    someone, form, store = signed_in_person(request), request.state.form, request.app.state.store
    if ended := form.line("end"):
        with suppress(ValueError):  # no identity: then there is none to end
            store.api_tokens.delete(UUID(ended), someone.id)
        return RedirectResponse(request.url.path, 303)
    days = form.line("days")
    number = int(days) if days in map(str, LIFETIMES_DAYS) else 0
    try:
        token = store.api_tokens.make(someone, form.line("name"), number, now=now_of(request))
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, form, 422)
    return _page(request, Form(), token=token)


def _page(request: Request, form: Form, status: int = 200, token: str = "") -> Response:
    someone = signed_in_person(request)
    return make_private(
        page(
            request,
            "account/api-tokens.html",
            status,
            form=form,
            token=token,
            tokens=request.app.state.store.api_tokens.of_person(someone.id),
            lifetimes=LIFETIMES_DAYS,
            noindex=True,
        )
    )
