"""The desk's page of moderators and administrators. Everybody with a role sees how many there are; an administrator
sees their addresses, invites people and ends a role. The public log says that a role ended, and not whose.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation
from catalog.errors import Invalid, NotFound
from catalog.rules.contact_details import NO_EMAIL
from catalog.rules.permissions import may
from catalog.rules.person import ROLES, normalized_address
from catalog.sentences import mark
from forge.web.core.form import Form
from forge.web.core.render import now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages

END, TAKE_BACK = "end", "take-back"
NO_ROLE = mark("Choose a role")
NOBODY = mark("Nobody with this address has a role here")
LAST = mark("This is the last administrator. Invite another one first")
ROLE_NAMES = {"moderator": mark("Moderator"), "administrator": mark("Administrator")}


def people_page(request: Request) -> Response:
    return _page(request, Form())


def change(request: Request) -> Response:
    """Invite somebody, take an invitation back, or end a role."""
    form, store, now = request.state.form, request.app.state.store, now_of(request)
    email = normalized_address(form.line("email"))
    if email is None:
        form.wrong("email", NO_EMAIL)
        return _page(request, form, 422)
    try:
        if form.line("step") == END:
            moderation.end_role(store, email, form.text("words"), person=signed_in_person(request), now=now)
        elif form.line("step") == TAKE_BACK:
            store.people.take_back_invitations(email)
        elif form.line("role") not in ROLES:
            form.wrong("role", NO_ROLE)
            return _page(request, form, 422)
        else:
            by = signed_in_person(request).id
            store.people.invite(email, form.line("role"), request.state.page_language.tag, by=by, now=now)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong("email" if field == "role" else field, LAST if field == "role" else sentence)
        return _page(request, form, 422)
    except NotFound:
        form.wrong("email", NOBODY)
        return _page(request, form, 422)
    return RedirectResponse(request.url.path + "#people", 303)


def _page(request: Request, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, signed_in_person(request)
    manages = may(someone, "desk-people-change")
    return case_pages.drawn(
        request,
        "desk/editing/people.html",
        status,
        form=form,
        me=someone.email,
        counts=store.people.roles(),
        people=store.roles.all() if manages else (),
        invited=store.roles.invited(now=now_of(request)) if manages else (),
        manages=manages,
        names=ROLE_NAMES,
    )
