"""The page behind a message's link that asks whether an organization still uses a project, with three buttons. It signs
nobody in.
"""

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import Invalid, NotFound
from catalog.submissions.kinds import adoption_reconfirmation
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private


def reconfirmation_page(request: Request) -> Response:
    return _page(request, Form())


def answer(request: Request) -> Response:
    form, choice = request.state.form, request.state.form.line("choice")
    try:
        stated_use = adoption_reconfirmation.answer(
            request.app.state.store, request.path_params["token"], choice, now=now_of(request)
        )
    except Invalid as error:
        form.wrong("choice", error.errors["choice"])
        return _page(request, form, 422)
    except NotFound:
        return _page(request, form)
    return make_private(
        page(
            request,
            "submissions/adoption/reconfirmation.html",
            form=form,
            stated_use=stated_use,
            choice=choice,
            noindex=True,
        )
    )


def _page(request: Request, form: Form, status: int = 200) -> Response:
    try:
        stated_use = adoption_reconfirmation.open_question(
            request.app.state.store, request.path_params["token"], now=now_of(request)
        )
    except NotFound:
        return page(
            request,
            "submissions/adoption/reconfirmation.html",
            410,
            form=Form(),
            stated_use=None,
            choice="",
            noindex=True,
        )
    here = request.url.path
    return make_private(
        page(
            request,
            "submissions/adoption/reconfirmation.html",
            status,
            form=form,
            stated_use=stated_use,
            choice="",
            here=here,
            noindex=True,
        )
    )
