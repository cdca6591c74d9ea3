"""Taking a use away: by a form of somebody whom it names, or at one press by a representative of the organization."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from catalog.rules import registrable_domain
from catalog.rules.person import Person
from catalog.rules.submission import WITHDRAW
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.submissions import adoption_actions
from catalog.submissions.kinds.withdrawal import WORDS
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, person_of, safe_next, signed_in_person
from forge.web.projects.project_identity import project_name_of
from forge.web.submissions import drafts, organization_field
from forge.web.submissions.form_fields import drawn_fields, typed_answers


def away(request: Request) -> Response:
    """What is shown is to go: who asks, and how that is proven."""
    project, here = _public_adoption(request)
    return _away(request, project, here, Form())


def send_away(request: Request) -> Response:
    form: Form = request.state.form
    try:
        project, here = _public_adoption(request)
    except NotFound:
        if (before := drafts.page_of_sent_form(request, WITHDRAW)) is not None:
            return before  # it went by the first press
        raise
    answers = typed_answers(form, (WORDS,))
    token, _ = drafts.send_form(request, WITHDRAW, answers, project_id=project.id, organization_id=here.id)
    if "organization" in form.problems:
        raise NotFound("adoption", here.slug)
    return _away(request, project, here, form, 422) if form.problems else drafts.to_own_page(request, token)


def change(request: Request) -> Response:
    """A press of a representative: withdraw a use, or change who may see it."""
    store, form, someone = request.app.state.store, request.state.form, signed_in_person(request)
    project = project_name_of(request)
    here = store.organizations.known_by_slug(request.path_params["organization"])
    if form.line("step") == "withdraw":
        adoption_actions.take_away(store, someone, project.id, here.id, now=now_of(request))
    else:
        adoption_actions.show_to(store, someone, project.id, here.id, form.line("visibility"))
    back = safe_next(form.line("next")) or f"/{request.state.page_language.tag}/me"
    return RedirectResponse(back, 303)


def _pair(request: Request) -> tuple[Any, KnownOrganization]:
    """Project and organization of an address. Raises NotFound, Moved, Removed."""
    store = request.app.state.store
    project = project_name_of(request)
    return project, store.organizations.by_slug(request.path_params["organization"])


def _public_adoption(request: Request) -> tuple[Any, KnownOrganization]:
    """`_pair`, where everybody may read that the organization uses it; else NotFound."""
    project, here = _pair(request)
    adoption = request.app.state.store.restricted_adoptions.adoption_of(project.id, here.id)
    if adoption is None or adoption.visibility != "public":
        raise NotFound("adoption", here.slug)
    return project, here


def _away(request: Request, project: Any, here: KnownOrganization, form: Form, status: int = 200) -> Response:
    return make_private(
        page(
            request,
            "submissions/adoption/removal.html",
            status,
            project=project,
            organization=here,
            domain=organization_field.confirming_domain(here),
            known=(someone := person_of(request)) is not None and _knows(someone, here),
            person=person_of(request),
            form=form,
            fields=drawn_fields(request, (WORDS,)),
            draft=drafts.given(form) or drafts.fresh(),
            canonical=address(request.url.path),
            noindex=True,
        )
    )


def _knows(person: Person, here: KnownOrganization) -> bool:
    """Whether the signed-in person represents an organization, by verification or by their address."""
    domain = organization_field.confirming_domain(here)
    return here.id in person.represented_organizations or (
        domain is not None and registrable_domain.registrable_domain(person.email) == domain
    )
