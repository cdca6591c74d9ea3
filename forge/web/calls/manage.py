"""What whoever sent a call does with it later: renew it, say that it is answered, end it; and what moderators join.

The page opens for those who signed in and may, and by the link of a reminder; its address changes nothing by itself.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules.call import ANSWERED, LIFETIME
from catalog.rules.submission import reference
from catalog.store.calls.read_models import CallPage
from catalog.submissions import calls_lifecycle
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import person_of, private, somebody
from forge.web.wording import calls


def show(request: Request) -> Response:
    found, token = _opened(request)
    if found is None:
        return page(request, "calls/expired-link.html", 410, noindex=True)
    return _page(request, found, Form(), token)


def change(request: Request) -> Response:
    """One press: renewed, ended, or answered with words or a project."""
    found, token = _opened(request)
    if found is None:
        return page(request, "calls/expired-link.html", 410, noindex=True)
    form: Form = request.state.form
    store, someone, now, one = request.app.state.store, person_of(request), now_of(request), found.line.call
    if one.state == ANSWERED and form.line("step") == "answer":
        return _page(request, found, form, token, 409)  # it says since when; somebody was first, or pressed twice
    step = form.line("step")
    if step == "renew":
        calls_lifecycle.renew(store, one.reference, someone, token, now=now)
    elif step == "end":
        calls_lifecycle.end(store, one.reference, someone, token, now=now)
    elif step == "answer":
        slug = plain(form.line("project")).rstrip("/").rpartition("/")[2]
        language = request.state.tongue.tag
        try:
            calls_lifecycle.answer(
                store,
                one.reference,
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
            return _page(request, found, form, token, 422)
    return RedirectResponse(f"/{request.state.tongue.tag}/calls/{one.reference}", 303)


def join(request: Request) -> Response:
    """A moderator joins this call to another that says the same, or parts it again."""
    form: Form = request.state.form
    store, someone, now = request.app.state.store, somebody(request), now_of(request)
    one = store.calls.page(reference(request.path_params["reference"])).line.call
    if form.line("step") == "part":
        moderation.part_call(store, someone, one.reference, now=now)
    else:
        moderation.join_call(store, someone, one.reference, reference(form.line("into")), now=now)
    return RedirectResponse(f"/{request.state.tongue.tag}/calls/{one.reference}", 303)


def _opened(request: Request) -> tuple[CallPage | None, str]:
    """The call and the link's secret, empty where there is none; no call where the link is too old.

    Raises NotAllowed for whoever may not tend it.
    """
    store = request.app.state.store
    asked, token = reference(request.path_params["reference"]), request.path_params.get("token", "")
    if token:
        try:
            if calls_lifecycle.opened(store, token) != asked:
                return None, ""
        except NotFound:
            return None, ""
        return store.calls.page(asked), token
    found: CallPage = store.calls.page(asked)
    if not calls_lifecycle.may_tend(store, found.line.call, somebody(request)):
        raise NotAllowed("call-tend")
    return found, ""


def _page(request: Request, found: CallPage, form: Form, token: str, status: int = 200) -> Response:
    answer = page(
        request,
        "calls/manage.html",
        status,
        found=found,
        line=found.line,
        call=found.line.call,
        form=form,
        words=calls,
        months=LIFETIME,
        here=request.url.path,
        canonical=f"/{request.state.tongue.tag}/calls/{found.line.call.reference}",
        noindex=True,
    )
    return private(answer)


# For the table of `forge.routes`, below the language: pages, and what a press sends.
PAGES = [
    ("/calls/{reference}/tend", show, "call-tend"),
    ("/calls/{reference}/tend/{token}", show, "call-link"),
]
FORMS = [
    ("/calls/{reference}/tend", change, "call-tend-change"),
    ("/calls/{reference}/tend/{token}", change, "call-link-change"),
    ("/calls/{reference}/join", join, "call-join"),
]
