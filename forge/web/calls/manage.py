"""What the sender of a call does with it later: renew it, mark it as answered, end it. The link of a reminder signs
them in and leads here.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotAllowed
from catalog.rules.call import ANSWERED, LIFETIME
from catalog.rules.submission import normalized_reference
from catalog.store.calls.read_models import CallPage
from catalog.submissions import calls_lifecycle
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, signed_in_person


def manage_page(request: Request) -> Response:
    return _page(request, _open_call(request), Form())


def change_call(request: Request) -> Response:
    """Renew, end, or answer a call with words or a project."""
    call_page, form, step = _open_call(request), request.state.form, request.state.form.line("step")
    store, someone, now, call = request.app.state.store, signed_in_person(request), now_of(request), call_page.line.call
    if call.state == ANSWERED and step == "answer":
        return _page(request, call_page, form, 409)  # it says since when; somebody was first, or pressed twice
    if step == "renew":
        calls_lifecycle.renew(store, call.reference, someone, now=now)
    elif step == "end":
        calls_lifecycle.end(store, call.reference, someone, now=now)
    elif step == "answer":
        slug = plain(form.line("project")).rstrip("/").rpartition("/")[2]
        language, words = request.state.page_language.tag, form.text("text")
        try:
            calls_lifecycle.answer(store, call.reference, someone, words=words, slug=slug, language=language, now=now)
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
            return _page(request, call_page, form, 422)
    return RedirectResponse(f"/{request.state.page_language.tag}/calls/{call.reference}", 303)


def _open_call(request: Request) -> CallPage:
    """Raises NotFound; NotAllowed for people who may not manage it."""
    store = request.app.state.store
    call_page: CallPage = store.calls.page(normalized_reference(request.path_params["reference"]))
    if not calls_lifecycle.may_tend(store, call_page.line.call, signed_in_person(request)):
        raise NotAllowed("call-manage")
    return call_page


def _page(request: Request, call_page: CallPage, form: Form, status: int = 200) -> Response:
    answer = page(
        request,
        "calls/manage.html",
        status,
        found=call_page,
        line=call_page.line,
        call=call_page.line.call,
        form=form,
        months=LIFETIME,
        canonical=f"/{request.state.page_language.tag}/calls/{call_page.line.call.reference}",
        noindex=True,
    )
    return make_private(answer)
