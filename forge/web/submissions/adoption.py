"""Saying that an organization uses a project: four short pages, a page to check, and taking away what was found.

No account and no script are needed. What is typed is kept under a secret link as it comes; nothing is public before the
address is proven. What a use means and who may say it is `catalog.submissions`'s matter.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules import registrable_domain
from catalog.rules.person import Person
from catalog.rules.person import normalized_address as email_address
from catalog.rules.submission import ADOPT, EDITABLE_STATES, WITHDRAW, Declaration
from catalog.sentences import mark
from catalog.store.organizations.rows import KnownOrganization
from catalog.submissions import adoption_actions
from forge.i18n.languages import plain
from forge.security.secret import keyed_digest
from forge.web.core import rate_limits
from forge.web.core.form import Form
from forge.web.core.render import address, now_of, page
from forge.web.core.session import make_private, person_of, safe_next, signed_in_person
from forge.web.submissions import adoption_fields, drafts, organization_field
from forge.web.submissions.adoption_fields import CHECK, EMAIL, HOW, ORGANIZATION, STEPS
from forge.web.submissions.organization_field import NEW, SEARCH
from forge.web.wording import adoption_form, calls
from forge.web.wording import submissions as wording_submissions

NOBODY_YET = {"organization_id": None}  # its answers say which, until it is published
NO_EMAIL = mark("Enter an e-mail address like name@example.org")


def start(request: Request) -> Response:
    """The first page: which organization."""
    project = request.app.state.store.restricted_adoptions.project(request.path_params["slug"])
    wanted = request.query_params.get("organization", "")[:100]
    form = Form({"organization": [wanted], "name": [plain(request.query_params.get("q", "")).strip()[:120]]})
    return _organization(request, project, form, wanted=wanted)


def begin(request: Request) -> Response:
    """The organization is chosen or added: a draft begins."""
    project, form = (
        request.app.state.store.restricted_adoptions.project(request.path_params["slug"]),
        request.state.form,
    )
    if form.line("step") == SEARCH:
        return _organization(request, project, form, wanted=form.line("organization"))
    answers, again = _chosen(request, project)
    if again is not None:
        return again
    store, someone, tag = request.app.state.store, person_of(request), request.state.tongue.tag
    about = {"project_id": project.id, "answers": _kept_answers(request, project, answers) | answers}
    about |= {
        "network": keyed_digest(request.app.state.secret, rate_limits.network_of(request)),
        "now": now_of(request),
    }
    about |= {"person_id": someone.id if someone else None}
    token, submission = store.submissions.begin(ADOPT, tag, token=drafts.given(request.state.form), **about)
    if (submission.kind, submission.project_id) != (ADOPT, project.id) or submission.state not in EDITABLE_STATES:
        token, submission = store.submissions.begin(ADOPT, tag, **about)  # whoever went back after it was sent
    elif {**submission.answers, **answers} != submission.answers:
        store.submissions.answer(submission.id, answers, about=NOBODY_YET, now=now_of(request))
    return RedirectResponse(_at(request, project.slug, token, HOW), 303)


def step(request: Request) -> Response:
    """One of the pages of a draft."""
    submission = _one(request)
    if _sent(submission):
        return drafts.to_own_page(request, request.path_params["token"])
    project, name = _draft(request, submission)
    if name == ORGANIZATION:
        here = _organization_of(request, submission)
        form = adoption_fields.filled_form({**submission.answers, "organization": here.slug if here else NEW})
        return _organization(request, project, form, wanted=here.slug if here else "")
    return _page(
        request,
        project,
        submission,
        name,
        adoption_fields.filled_form({**submission.answers, "email": submission.email or ""}),
    )


def send(request: Request) -> Response:
    """What was typed on one page is kept, and the next one follows; the last one sends."""
    submission = _one(request)
    if _sent(submission):
        return drafts.to_own_page(request, request.path_params["token"])
    project, name = _draft(request, submission)
    store, form, now = request.app.state.store, request.state.form, now_of(request)
    if name == CHECK:
        return _send(request, project, submission)
    if name == EMAIL:
        email = email_address(form.line("email"))
        if email is None:
            form.wrong("email", NO_EMAIL)
            return _page(request, project, submission, name, form, 422)
        store.submissions.answer(submission.id, {"email": email}, now=now)
    else:
        if name == ORGANIZATION:
            if form.line("step") == SEARCH:
                return _organization(request, project, form, wanted=form.line("organization"))
            answers, again = _chosen(request, project)
            if again is not None:
                return again
        else:
            answers = adoption_fields.typed_answers(form, name)
        store.submissions.answer(submission.id, answers, about=NOBODY_YET if name == ORGANIZATION else {}, now=now)
        for field, sentence in adoption_fields.step_problems({**submission.answers, **answers}, name, now).items():
            form.wrong(field, sentence)
        if not form:
            return _page(request, project, submission, name, form, 422)
    to = CHECK if form.line("back") == CHECK else _next(request, name)
    return RedirectResponse(_at(request, project.slug, request.path_params["token"], to), 303)


def away(request: Request) -> Response:
    """What is shown is to go: who asks, and how that is proven."""
    project, here = _found(request)
    return _away(request, project, here, Form())


def send_away(request: Request) -> Response:
    form: Form = request.state.form
    try:
        project, here = _found(request)
    except NotFound:
        if (before := drafts.sent_before(request, WITHDRAW)) is not None:
            return before  # it went by the first press
        raise
    answers = {"words": form.text("words")}
    token, _ = drafts.send_answers(request, WITHDRAW, answers, project_id=project.id, organization_id=here.id)
    if "organization" in form.problems:
        raise NotFound("adoption", here.slug)
    return drafts.to_own_page(request, token) if form else _away(request, project, here, form, 422)


def change(request: Request) -> Response:
    """One press of somebody who speaks for the organization: take a use away, or who may see it."""
    store, form, someone = request.app.state.store, request.state.form, signed_in_person(request)
    project = store.restricted_adoptions.project(request.path_params["slug"])
    here = next((organization for organization in store.organizations.spoken_for(someone.speaks_for)
                 if organization.slug == request.path_params["organization"]), None)  # fmt: skip
    if here is None:
        raise NotAllowed("adoption-change")
    if form.line("step") == "withdraw":
        adoption_actions.take_away(store, someone, project.id, here.id, now=now_of(request))
    else:
        adoption_actions.show_to(store, someone, project.id, here.id, form.line("visibility"))
    back = safe_next(form.line("next")) or f"/{request.state.tongue.tag}/me"
    return RedirectResponse(back, 303)


def _send(request: Request, project: Any, submission: Declaration) -> Response:
    store, someone, token = request.app.state.store, person_of(request), request.path_params["token"]
    try:
        submissions.send(
            store, submission.id, email=submission.answers.get("email"), person=someone, now=now_of(request)
        )
    except Invalid as error:
        form = Form(problems=dict(error.errors))
        return _page(request, project, submission, CHECK, form, 422)
    return RedirectResponse(f"/{request.state.tongue.tag}/declarations/{token}", 303)


def _one(request: Request) -> Declaration:
    submission: Declaration = request.app.state.store.submissions.by_token(request.path_params["token"])
    return submission


def _sent(submission: Declaration) -> bool:
    """Whether it was sent: whoever presses again or goes back comes to its own page."""
    return submission.kind == ADOPT and submission.state not in EDITABLE_STATES


def _draft(request: Request, submission: Declaration) -> tuple[Any, str]:
    """The project of a draft and its page. Raises NotFound for what is no draft of a use, and for another's link."""
    project, name = (
        request.app.state.store.restricted_adoptions.project(request.path_params["slug"]),
        request.path_params["step"],
    )
    fits = submission.kind == ADOPT and submission.project_id == project.id and submission.state in EDITABLE_STATES
    if not fits or name not in STEPS:
        raise NotFound("declaration", "")
    return project, name


def _pair(request: Request) -> tuple[Any, KnownOrganization]:
    """Project and organization of an address. Raises NotFound, Moved, Removed."""
    store = request.app.state.store
    project = store.restricted_adoptions.project(request.path_params["slug"])
    return project, store.organizations.by_slug(request.path_params["organization"])


def _found(request: Request) -> tuple[Any, KnownOrganization]:
    """`_pair`, where everybody may read that the organization uses it; else NotFound."""
    project, here = _pair(request)
    said = request.app.state.store.restricted_adoptions.adoption_of(project.id, here.id)
    if said is None or said.visibility != "public":
        raise NotFound("adoption", here.slug)
    return project, here


def _chosen(request: Request, project: Any) -> tuple[dict[str, Any], Response | None]:
    """The answers of the first page, or the page again with what is wrong."""
    form: Form = request.state.form
    choice = organization_field.chosen(request, form)
    return choice.answers, None if form else _organization(request, project, form, 422, choice.alike)


def _organization(
    request: Request,
    project: Any,
    form: Form,
    status: int = 200,
    alike: tuple[KnownOrganization, ...] = (),
    wanted: str = "",
) -> Response:
    return make_private(
        page(
            request,
            "submissions/adoption/organization.html",
            status,
            project=project,
            form=form,
            draft=drafts.given(form) or drafts.fresh(),
            here=request.url.path,
            canonical=address(f"/{request.state.tongue.tag}/projects/{project.slug}/declare"),
            noindex=True,
            **organization_field.offered(request, form, alike, wanted),
        )
    )


def _organization_of(request: Request, submission: Declaration) -> KnownOrganization | None:
    found: KnownOrganization | None = request.app.state.store.organizations.identified(
        submission.answers.get("organization") or ""
    )
    return found


def _kept_answers(request: Request, project: Any, answers: dict[str, Any]) -> dict[str, Any]:
    """What stands of this use already, to be confirmed or corrected: what everybody sees, or one's own."""
    if not answers["organization"]:
        return {}
    store, someone = request.app.state.store, person_of(request)
    here = store.organizations.identified(answers["organization"])
    said = store.restricted_adoptions.adoption_of(project.id, here.id) if here else None
    representative = someone if here and someone and here.id in someone.speaks_for else None
    if said is None or not (representative or said.visibility == "public"):
        return {}
    kept = adoption_fields.answers_of(said, said.provider, request.state.tongue.tag)
    if representative is None:
        return kept | {"visibility": ""}  # what may be shown is theirs to choose
    asked = [
        question for question in store.questions.of_representative([here.id]) if question.project_slug == project.slug
    ]
    told = store.alert_subscriptions.agreed(representative.id, project.id, here.id)
    kept |= {"questions": "yes" if asked else "no", "languages": list(asked[0].languages) if asked else []}
    return kept | {"told": "yes", "told_before": "yes"} if told else kept


def _page(
    request: Request, project: Any, submission: Declaration, name: str, form: Form, status: int = 200
) -> Response:
    store, someone = request.app.state.store, person_of(request)
    here, token = _organization_of(request, submission), request.path_params["token"]
    names = [known for known in STEPS if known != EMAIL or someone is None]
    place = names.index(name) if name in names else len(names) - 1
    return make_private(
        page(
            request,
            f"submissions/adoption/{name}.html",
            status,
            project=project,
            organization=here,
            submission=submission,
            form=form,
            choices=adoption_form,
            languages_written=calls.written_languages(request.state.tongue),
            lines=wording_submissions.submission_rows(submissions.rows(store, submission)) if name == CHECK else (),
            domain=_domain(here),
            known=someone is not None and name == CHECK and submissions.at_once(store, submission, someone),
            person=someone,
            email=someone.email if someone else submission.answers.get("email"),
            at={known: _at(request, project.slug, token, known) for known in STEPS},
            previous=_at(request, project.slug, token, names[place - 1]),
            back=request.query_params.get("back", "") == CHECK or form.line("back") == CHECK,
            here=request.url.path,
            canonical=address(f"/{request.state.tongue.tag}/projects/{project.slug}/declare"),
            noindex=True,
        )
    )


def _away(request: Request, project: Any, here: KnownOrganization, form: Form, status: int = 200) -> Response:
    return make_private(
        page(
            request,
            "submissions/adoption/removal.html",
            status,
            project=project,
            organization=here,
            domain=_domain(here),
            known=(someone := person_of(request)) is not None and _knows(someone, here),
            person=person_of(request),
            form=form,
            draft=drafts.given(form) or drafts.fresh(),
            here=request.url.path,
            canonical=address(request.url.path),
            noindex=True,
        )
    )


def _domain(here: KnownOrganization | None) -> str | None:
    """The domain whose addresses prove that somebody speaks for an organization; None where none does."""
    site = registrable_domain.registrable_domain(here.site) if here and here.site else None
    return site if site and registrable_domain.is_confirming(site) else None


def _knows(person: Person, here: KnownOrganization) -> bool:
    """Whether who signed in speaks for an organization, by proof or by their address."""
    domain = _domain(here)
    return here.id in person.speaks_for or (
        domain is not None and registrable_domain.registrable_domain(person.email) == domain
    )


def _next(request: Request, name: str) -> str:
    later = STEPS[STEPS.index(name) + 1]
    return CHECK if later == EMAIL and person_of(request) is not None else later


def _at(request: Request, slug: str, token: str, name: str) -> str:
    return address(f"/{request.state.tongue.tag}/projects/{slug}/declare/{token}/{name}")


PAGES = [  # below /{language}
    ("/projects/{slug}/declare", start, "adoption"),
    ("/projects/{slug}/declare/{token}/{step}", step, "adoption-step"),
    ("/projects/{slug}/users/{organization}/away", away, "adoption-away"),
]
FORMS = [
    ("/projects/{slug}/declare", begin, "adoption-begin"),
    ("/projects/{slug}/declare/{token}/{step}", send, "adoption-step-send"),
    ("/projects/{slug}/users/{organization}/away", send_away, "adoption-away-send"),
    ("/projects/{slug}/users/{organization}", change, "adoption-change"),
]
