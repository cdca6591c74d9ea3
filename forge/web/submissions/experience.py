"""Experiences that organizations tell of their use: the list, the form, and the makers' answers. What may be said is a
rule of `catalog.submissions`.
"""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.rules.submission import EXPERIENCE, normalized_reference
from catalog.store.core.read_models import OrganizationCard
from catalog.submissions import maintainer_reply
from catalog.submissions.kinds.adoption_fields import answers_of
from catalog.submissions.kinds.experience import FIELDS
from forge.i18n.languages import plain
from forge.web.core.form import Form
from forge.web.core.list_query import list_pages, page_number_of
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, person_of, signed_in_person
from forge.web.projects.project_identity import project_id_of
from forge.web.submissions import drafts
from forge.web.submissions.form_fields import drawn_fields, filled_form, typed_answers
from forge.web.submissions.organization_field import SEARCH

PER_PAGE = 20
SHOWN = 20  # organizations to choose from


def show_all(request: Request) -> Response:
    return _all(request, Form())


def answer(request: Request) -> Response:
    """A maintainer answers what an organization told."""
    form, project_id = request.state.form, project_id_of(request)
    code = normalized_reference(request.path_params["code"])
    try:
        maintainer_reply.answer_experience(
            request.app.state.store,
            signed_in_person(request),
            project_id,
            code,
            words=form.text("text"),
            language=request.state.page_language.tag,
            now=now_of(request),
        )
    except Invalid as error:
        for field, sentence in error.errors.items():
            form.wrong(field, sentence)
        return _all(request, form, code, 422)
    slug = request.path_params["slug"]
    return RedirectResponse(f"/{request.state.page_language.tag}/projects/{slug}/experiences#e-{code}", 303)


def experience_page(request: Request) -> Response:
    """The form; organizations to choose from are those that said themselves that they use it."""
    project_id, slug = project_id_of(request), request.query_params.get("organization", "")[:100]
    searched = plain(request.query_params.get("q", "")).strip()[:200]
    form = filled_form(FIELDS, _kept_answers(request, project_id, slug), q=searched, organization=slug)
    return _form(request, project_id, request.path_params["slug"], form, drafts.fresh(), begins=True)


def send(request: Request) -> Response:
    """Send it; all that is wrong is told at once."""
    form: Form = request.state.form
    project_id = project_id_of(request)
    if form.line("step") == SEARCH:
        token = drafts.given(form) or drafts.fresh()
        return _form(request, project_id, request.path_params["slug"], form, token)
    organization_id = _organization(request, form.line("organization"))
    answers = typed_answers(form, FIELDS) | {"organization": form.line("organization")}
    token, _ = drafts.send_form(request, EXPERIENCE, answers, project_id=project_id, organization_id=organization_id)
    if not form.problems:
        return drafts.to_own_page(request, token)
    return _form(request, project_id, request.path_params["slug"], form, token, 422)


def _organization(request: Request, slug: str) -> UUID | None:
    try:
        key: UUID = request.app.state.store.calls.organization_of(slug).id
    except NotFound:  # it is told beside its field
        return None
    return key


def _card(request: Request, slug: str) -> tuple[OrganizationCard, ...]:
    """The organization that was chosen before the search, which may not find it."""
    try:
        return (request.app.state.store.calls.organization_of(slug),)
    except NotFound:
        return ()


def _kept_answers(request: Request, project_id: UUID, slug: str) -> dict[str, Any]:
    """What the organization said of its use already, as far as the reader may see it: it begins the second part."""
    store, someone = request.app.state.store, person_of(request)
    try:
        here = store.calls.organization_of(slug) if slug else None
    except NotFound:
        here = None
    adoption = store.restricted_adoptions.adoption_of(project_id, here.id) if here else None
    own = here is not None and someone is not None and here.id in someone.represented_organizations
    if here is None or adoption is None or not (own or adoption.visibility == "public"):
        return {}
    answers = answers_of(adoption, adoption.provider, request.state.page_language.tag)
    return answers | {
        "replaced": ", ".join(answers["replaced"]),
        "context": answers["purpose"],
        "advice": answers["lesson"],
    }


def _form(
    request: Request,
    project_id: UUID | None,
    slug: str,
    form: Form,
    token: str,
    status: int = 200,
    *,
    begins: bool = False,
) -> Response:
    """The form; where it only begins and no organization may tell, what comes before it."""
    page_language, store, someone = request.state.page_language, request.app.state.store, person_of(request)
    if not form.values.get("language"):
        form.values = {**form.values, "language": [page_language.tag]}
    own = store.calls.organizations(someone.represented_organizations) if someone else ()
    cards = own or store.experiences.adopters(project_id, form.line("q"), SHOWN)
    chosen = form.line("organization")
    if chosen and chosen not in [card.slug for card in cards]:
        cards = (*cards, *_card(request, chosen))
    return make_private(
        page(
            request,
            "submissions/experience/form.html",
            status,
            slug=slug,
            project_name=store.follows.names_of([project_id])[0][1],
            form=form,
            token=token,
            cards=cards,
            many=len(cards) >= SHOWN or bool(form.line("q")),
            nobody=begins and not cards and not form.line("q"),
            person=someone,
            fields=drawn_fields(request, FIELDS),
            here=f"/{page_language.tag}/projects/{slug}/experience",
            canonical=address(f"/{page_language.tag}/projects/{slug}"),
            noindex=True,
        )
    )


def _all(request: Request, form: Form, code: str = "", status: int = 200) -> Response:
    store, project_id, someone = request.app.state.store, project_id_of(request), person_of(request)
    number = page_number_of(request.query_params.get("page"))
    total = store.experiences.count(project_id)
    answered = page(
        request,
        "projects/experiences.html",
        status,
        slug=request.path_params["slug"],
        project_name=store.follows.names_of([project_id])[0][1],
        experiences=store.experiences.of_project(project_id, number, PER_PAGE),
        total=total,
        pages=list_pages(number, total, PER_PAGE),
        is_maintainer=someone is not None and project_id in someone.maintained_projects,
        form=form,
        code=code,
        canonical=address(request.url.path.rpartition("/experiences")[0] + "/experiences"),
    )
    return make_private(answered) if someone else answered
