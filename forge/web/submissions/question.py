"""Relayed questions ("May I ask you?"): the form to an organization, a caller or the maintainers of a project, the page
where a question is answered, and the off switch.

Neither side's address is on any page here. A question's page opens by a message's link, or for the people concerned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import Invalid, NotFound
from catalog.publication.model import PublicProject
from catalog.record_kind import PROJECT
from catalog.rules.call import ADDRESSEE, ASKER, LATE, MONTHLY, RELAYED
from catalog.rules.person import Person
from catalog.rules.submission import ASK, normalized_reference
from catalog.store.adoptions.relayed_questions import Question
from catalog.store.core.read_models import OrganizationCard
from catalog.store.store import Store
from catalog.submissions import answering
from catalog.submissions.base.fields import FormField
from catalog.submissions.kinds.question import FIELDS, MAINTAINERS, OF_CALL
from catalog.vocabulary import vocabulary
from forge.web.core.form import Form
from forge.web.core.render import address, base_url, now_of, page
from forge.web.core.session import make_private, person_of, signed_in_person
from forge.web.submissions import drafts
from forge.web.submissions.form_fields import drawn_fields, typed_answers
from forge.web.wording import calls

REFERENCE_LETTERS = 12  # what is no longer is a reference; a secret has 43


@dataclass(frozen=True)
class Addressee:
    """Who is asked, by the parameters of the form's address. `answers`: what says so in the submission; `context`: what
    the page shows of them.
    """

    project_id: UUID | None
    organization_id: UUID | None
    answers: Mapping[str, str]
    fields: Sequence[FormField]
    canonical: str
    context: Mapping[str, Any]


def ask(request: Request) -> Response:
    """The form to the sender of a call (`call`), to an organization that uses a project (`project`, `organization`), or
    to the maintainers of a project (`project`)."""
    offer = _offer(request)
    return _form(request, Form({"text": [offer]} if offer else {}), drafts.fresh())


def _offer(request: Request) -> str:
    """What the message to a caller begins with: the offer (`offer`) of an organization that the reader represents."""
    someone, slug = person_of(request), request.query_params.get("offer", "")
    represented = someone.represented_organizations if someone else ()
    offers = [
        offer
        for offer in request.app.state.store.help_offers.all()
        if offer.organization.slug == slug and offer.organization.id in represented
    ]
    if not offers:
        return ""
    tag = request.state.page_language.tag
    lines = dict.fromkeys(f"{vocabulary('role').label(offer.role, tag)}: {offer.project_name}" for offer in offers)
    return "\n".join((offers[0].organization.name, *lines, f"{base_url(request)}/{tag}/organizations/{slug}", ""))


def send(request: Request) -> Response:
    form, addressee = request.state.form, _addressee(request)
    answers = {**typed_answers(form, addressee.fields), **addressee.answers}
    token, _ = drafts.send_form(
        request, ASK, answers, project_id=addressee.project_id, organization_id=addressee.organization_id
    )
    return _form(request, form, token, 422) if form.problems else drafts.to_own_page(request, token)


def question_page(request: Request) -> Response:
    """A question: for who answers it with a form, for who asked it with what came of it."""
    try:
        question, answers = _question(request)
    except NotFound:
        return _old(request)
    return _page(request, question, answers, Form())


def change(request: Request) -> Response:
    """One press: the answer, no answer, no more questions, or a report to the moderators."""
    try:
        question, answers = _question(request)
    except NotFound:
        return _old(request)
    form: Form = request.state.form
    store, now, step = request.app.state.store, now_of(request), form.line("step")
    if answers and step == "answer":
        over = question.asker_gone or question.state not in (RELAYED, LATE)  # the asker left, or a colleague was first
        if over and form.text("text") != question.answer:
            return _page(request, question, answers, form, 409)
        try:
            answering.reply(store, question.id, form.text("text"), now=now)
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
            return _page(request, question, answers, form, 422)
    elif answers and step == "decline":
        answering.decline(store, question.id, now=now)
    elif answers and step == "stop" and question.organization_id:
        answering.stop(store, question.organization_id)
    elif answers and step == "stop" and question.to_maintainers and question.project_id:
        answering.stop_messages(store, question.project_id)
    elif step == "report":
        try:
            answering.report(store, question.id, ADDRESSEE if answers else ASKER, form.text("why"), now=now)
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
            return _page(request, question, answers, form, 422)
    return RedirectResponse(request.url.path + ("?stopped=1" if step == "stop" else ""), 303)


def mine(request: Request) -> Response:
    """For which uses of their organizations somebody takes questions."""
    return _mine(request, Form())


def mine_change(request: Request) -> Response:
    """One press: questions are allowed about a project, or no more."""
    form: Form = request.state.form
    someone, store = signed_in_person(request), request.app.state.store
    chosen = next((use for use in _uses(request, someone) if form.line("use") == f"{use[1]} {use[3].slug}"), None)
    if form.line("step") == "stop-all":
        for organization_id in someone.represented_organizations:
            answering.stop(store, organization_id)
    elif chosen and form.line("step") == "stop":
        answering.stop(store, chosen[3].id, chosen[0])
    elif chosen:
        try:
            answering.allow(
                store,
                someone,
                chosen[0],
                chosen[3].id,
                languages=form.chosen("languages"),
                monthly=form.line("monthly"),
                now=now_of(request),
            )
        except Invalid as error:
            for field, sentence in error.errors.items():
                form.wrong(field, sentence)
            return _mine(request, form, 422)
    return RedirectResponse(f"/{request.state.page_language.tag}/me/questions", 303)


def _addressee(request: Request) -> Addressee:
    """Raises NotFound where nobody would get it; Moved, Removed."""
    store, tag = request.app.state.store, request.state.page_language.tag
    call, slug, organization = (request.query_params.get(name, "") for name in ("call", "project", "organization"))
    if call:
        about = store.calls.page(normalized_reference(call)).line.call
        path = f"/{tag}/calls/{about.reference}"
        return Addressee(about.project_id, None, {"call": about.reference}, OF_CALL, path, {"call": about})
    if organization:
        project_id = store.record_pages.project_id(slug)
        addressees = [
            askable
            for askable in store.questions.askable(project_id, limit=1000)
            if askable.organization.slug == organization
        ]
        if not addressees:
            raise NotFound("organization", organization[:100])
        path, context = f"/{tag}/projects/{addressees[0].project_slug}", {"found": addressees[0]}
        return Addressee(project_id, addressees[0].organization.id, {}, FIELDS, path, context)
    project: PublicProject = store.public_records.project(slug)
    if not project.takes_messages:
        raise NotFound("maintainers", project.slug)
    written = {"written": project, "monthly": store.maintainer_inboxes.monthly(project.id)}
    path = f"/{tag}/projects/{project.slug}"
    return Addressee(project.id, None, {"to": MAINTAINERS}, OF_CALL, path, written)


def _question(request: Request) -> tuple[Question, bool]:
    """The question, and whether the reader is to answer it. Raises NotFound, also for somebody else's."""
    token, store = request.path_params["token"], request.app.state.store
    if len(token) > REFERENCE_LETTERS:
        question_and_side: tuple[Question, bool] = store.questions.by_token(token)
        return question_and_side
    someone = signed_in_person(request)
    question_asked, asker = store.questions.by_reference(normalized_reference(token))
    if asker == someone.id:
        return question_asked, False
    addressed = (
        question_asked.project_id in someone.maintained_projects
        if question_asked.to_maintainers
        else question_asked.organization_id in someone.represented_organizations
    )
    if addressed and question_asked.relayed_at is not None:
        return question_asked, True
    raise NotFound("question", "")


def _uses(request: Request, someone: Person) -> tuple[tuple[UUID, str, str, OrganizationCard], ...]:
    store: Store = request.app.state.store
    return store.questions.uses(someone.represented_organizations)


def _form(request: Request, form: Form, token: str, status: int = 200) -> Response:
    page_language, addressee = request.state.page_language, _addressee(request)
    if not form.values.get("language"):
        form.values = {**form.values, "language": [page_language.tag]}
    return make_private(
        page(
            request,
            "submissions/question/form.html",
            status,
            form=form,
            token=token,
            person=person_of(request),
            fields=drawn_fields(request, addressee.fields),
            here=address(request.url.path, request.query_params.multi_items()),
            canonical=addressee.canonical,
            noindex=True,
            **{"call": None, "written": None, "found": None, **addressee.context},
        )
    )


def _page(request: Request, question: Question, answers: bool, form: Form, status: int = 200) -> Response:
    store = request.app.state.store
    slug = store.calls.project_slug(question.project_id) if question.project_id else None
    return make_private(
        page(
            request,
            "submissions/question/question.html",
            status,
            asked=question,
            answers=answers,
            form=form,
            mine=ADDRESSEE if answers else ASKER,
            slug=slug,
            project=store.name_lookup.name_of(PROJECT, slug) if slug else "",
            stopped=bool(request.query_params.get("stopped")),
            canonical=f"/{request.state.page_language.tag}/",
            noindex=True,
        )
    )


def _mine(request: Request, form: Form, status: int = 200) -> Response:
    store, someone, page_language = request.app.state.store, signed_in_person(request), request.state.page_language
    allowed = store.questions.of_representative(someone.represented_organizations)
    open_ones = {(askable.project_slug, askable.organization.slug) for askable in allowed}
    return make_private(
        page(
            request,
            "account/questions.html",
            status,
            form=form,
            allowed=allowed,
            others=[use for use in _uses(request, someone) if (use[1], use[3].slug) not in open_ones],
            languages_written=calls.written_languages(page_language),
            monthly=MONTHLY,
            speaks=bool(someone.represented_organizations),
            here=f"/{page_language.tag}/me/questions",
            noindex=True,
        )
    )


def _old(request: Request) -> Response:
    return page(request, "calls/expired-link.html", 410, noindex=True)
