"""What the sender of a call does with it later: renew it, mark it as answered, end it.

The page opens for signed-in people who may, and by the link of a reminder; its address changes nothing by itself.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.call import ANSWERED, LIFETIME
from catalog.rules.submission import normalized_reference
from catalog.store.calls.read_models import CallPage
from catalog.submissions import calls_lifecycle
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of, signed_in_person
from forge.web.wording import calls


def manage_page(request: Request) -> Response:
    call_page, token = _open_call(request)
    if call_page is None:
        return page(request, "calls/expired-link.html", 410, noindex=True)
    return _page(request, call_page, Form(), token)


def change_call(request: Request) -> Response:
    """Renew, end, or answer a call with words or a project."""
    call_page, token = _open_call(request)
    if call_page is None:
        return page(request, "calls/expired-link.html", 410, noindex=True)
    form: Form = request.state.form
    store, someone, now, call = request.app.state.store, person_of(request), now_of(request), call_page.line.call
    if call.state == ANSWERED and form.line("step") == "answer":
        return _page(request, call_page, form, token, 409)  # it says since when; somebody was first, or pressed twice
    step = form.line("step")
    if step == "renew":
        calls_lifecycle.renew(store, call.reference, someone, token, now=now)
    elif step == "end":
        calls_lifecycle.end(store, call.reference, someone, token, now=now)
    elif step == "answer":
        slug = plain(form.line("project")).rstrip("/").rpartition("/")[2]
        language = request.state.page_language.tag
        try:
            calls_lifecycle.answer(
                store,
                call.reference,
                someone,
                token,
                words=form.text("text"),
                slug=slug,
                language=language,
                now=now,
            )
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
            return _page(request, call_page, form, token, 422)
    return RedirectResponse(f"/{request.state.page_language.tag}/calls/{call.reference}", 303)


def _open_call(request: Request) -> tuple[CallPage | None, str]:
    """Return the call and the link's secret, empty where there is none; no call where the link is too old.

    Raises NotAllowed for people who may not manage it.
    """
    store = request.app.state.store
    asked, token = normalized_reference(request.path_params["reference"]), request.path_params.get("token", "")
    if token:
        try:
            if calls_lifecycle.opened(store, token) != asked:
                return None, ""
        except NotFound:
            return None, ""
        return store.calls.page(asked), token
    call_page: CallPage = store.calls.page(asked)
    if not calls_lifecycle.may_tend(store, call_page.line.call, signed_in_person(request)):
        raise NotAllowed("call-manage")
    return call_page, ""


def _page(request: Request, call_page: CallPage, form: Form, token: str, status: int = 200) -> Response:
    answer = page(
        request,
        "calls/manage.html",
        status,
        found=call_page,
        line=call_page.line,
        call=call_page.line.call,
        form=form,
        words=calls,
        months=LIFETIME,
        here=request.url.path,
        canonical=f"/{request.state.page_language.tag}/calls/{call_page.line.call.reference}",
        noindex=True,
    )
    return make_private(answer)
