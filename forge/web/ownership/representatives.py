"""Who speaks for an organization, for those who do: whom they let in beside them, and who goes. It is private.

Uses and help that the organization told of are changed on its own page; this one is about persons alone.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid
from catalog.ownership import representatives
from catalog.rules.permissions import demand
from catalog.rules.verification import ORGANIZATION
from catalog.store.organizations.rows import KnownOrganization
from forge.web.core.form import Form
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, signed_in_person
from forge.web.ownership import invitations


def representatives_page(request: Request) -> Response:
    return _page(request, Form())


def change(request: Request) -> Response:
    """One press; whoever took themselves off the list is led to their own page."""
    here, form = _spoken_for(request, "representatives-change"), request.state.form
    act = _STEPS.get(form.line("step"))
    if act is None:
        return _page(request, form, 422)
    try:
        act(request, here.id, form)
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _page(request, form, 422)
    tag = request.state.tongue.tag
    gone = form.line("step") == "remove" and form.line("who") == str(signed_in_person(request).id)
    return RedirectResponse(f"/{tag}/me" if gone else f"/{tag}/organizations/{here.slug}/speakers", 303)


_STEPS = invitations.steps(representatives)


def _spoken_for(request: Request, action: str) -> KnownOrganization:
    """The organization, also one that nobody sees yet. Raises NotFound, and NotAllowed for all others."""
    store, someone, slug = request.app.state.store, signed_in_person(request), request.path_params["slug"]
    mine = store.organizations.spoken_for(someone.speaks_for)
    here: KnownOrganization = next(
        (organization for organization in mine if organization.slug == slug), None
    ) or store.organizations.by_slug(slug)
    demand(someone, action, organization=here.id)
    return here


def _page(request: Request, form: Form, status: int = 200) -> Response:
    here, store = _spoken_for(request, "representatives"), request.app.state.store
    return make_private(
        page(
            request,
            "ownership/representatives.html",
            status,
            about=here,
            representatives=store.verifications.members(here.id, ORGANIZATION),
            invitations=store.verifications.invitations(here.id, now_of(request), ORGANIZATION),
            person=signed_in_person(request),
            form=form,
            here=request.url.path,
            canonical=f"/{request.state.tongue.tag}/",
            noindex=True,
        )
    )
