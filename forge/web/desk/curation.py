"""The desk's pages by which nobody has to edit the document: a draft of a correction or a registration published as a
moderator's own decision, an organization added.
"""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog import moderation, submissions
from catalog.errors import Invalid, NotFound
from catalog.rules.submission import CORRECT, DRAFT, REGISTER, Submission
from catalog.vocabulary import vocabulary
from forge.web.core.form import Form, whole_address
from forge.web.core.render import address, now_of
from forge.web.core.session import signed_in_person
from forge.web.desk import case_pages
from forge.web.wording import submissions as wording_submissions


def draft_page(request: Request) -> Response:
    """What somebody is about to send by a form, for a moderator who publishes it at once instead."""
    return _draft_page(request, _draft(request), Form())


def publish_draft(request: Request) -> Response:
    submission, form, store = _draft(request), request.state.form, request.app.state.store
    someone, tag = signed_in_person(request), request.state.page_language.tag
    words = _words_for_log(request, submission, form.text("words"))
    try:
        number = moderation.publish_draft(store, someone, submission.id, words, now=now_of(request))
    except Invalid as error:
        case_pages.note(form, error)
        return _draft_page(request, submission, form, 422)
    line = store.decisions.get(number)
    return RedirectResponse(address(f"/{tag}/desk/{line.subject_kind}s/{line.slug}", [("done", str(number))]), 303)


def new_organization(request: Request) -> Response:
    return _organization_page(request, Form())


def add_organization(request: Request) -> Response:
    form, store, tag = request.state.form, request.app.state.store, request.state.page_language.tag
    values = {name: form.line(name) for name in ("name", "kind", "country")}
    values["homepage"] = whole_address(form.line("homepage"))
    try:
        slug, number = moderation.add_organization(
            store, signed_in_person(request), values, form.text("words"), now=now_of(request)
        )
    except Invalid as error:
        case_pages.note(form, error)
        return _organization_page(request, form, 422)
    return RedirectResponse(address(f"/{tag}/desk/organizations/{slug}", [("done", str(number))]), 303)


def _draft_page(request: Request, submission: Submission, form: Form, status: int = 200) -> Response:
    store, someone = request.app.state.store, signed_in_person(request)
    return case_pages.drawn(
        request,
        "desk/editing/publish-draft.html",
        status,
        submission=submission,
        form=form,
        own=moderation.own_records(store, someone, submission.project_id, submission.organization_id),
        lines_of=wording_submissions.submission_rows(submissions.rows(store, submission)),
        doubts=moderation.doubts(store, submission),
    )


def _words_for_log(request: Request, submission: Submission, words: str) -> str:
    """The words for the log: which field was edited is among them."""
    if submission.kind != CORRECT:
        return words
    page_language, field = request.state.page_language, str(submission.answers.get("field", ""))
    label = wording_submissions.label_of_field(field)
    sentence = page_language.gettext("Edited: %(field)s") % {"field": page_language.gettext(label) if label else field}
    return "\n".join(filter(None, (sentence, words)))


def _draft(request: Request) -> Submission:
    """Raises NotFound for what is no draft that a moderator may publish."""
    token = request.path_params["token"]
    submission: Submission = request.app.state.store.submissions.by_token(token[:100])
    if submission.kind not in (CORRECT, REGISTER) or submission.state != DRAFT:
        raise NotFound("draft", "")
    return submission


def _organization_page(request: Request, form: Form, status: int = 200) -> Response:
    page_language = request.state.page_language
    return case_pages.drawn(
        request,
        "desk/editing/new-organization.html",
        status,
        form=form,
        kinds=list(vocabulary("organization-kind").terms),
        countries=page_language.countries().items(),
    )
