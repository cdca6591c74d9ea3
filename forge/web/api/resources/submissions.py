"""Registrations and statements of use in the API: sent with a token, so that no message has to prove an address; read
again and withdrawn by their senders. It calls the same functions as the forms, and refuses with the same sentences.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog import submissions
from catalog.errors import AlreadyExists, CatalogError, Moved, NotFound
from catalog.rules.person import Person
from catalog.rules.submission import (
    ADOPT,
    DRAFT,
    KINDS,
    PUBLISHED,
    READING,
    REGISTER,
    STATES,
    Submission,
    normalized_reference,
    preview_result,
)
from catalog.store.submissions.repository_previews import HISTORY
from catalog.submissions import adoption_actions
from catalog.submissions.base.organization_field import GONE_ORGANIZATION, NO_ORGANIZATION
from catalog.submissions.kinds import registration_form
from catalog.validation import OneOf, Pattern
from forge.security.secret import keyed_digest
from forge.web.api.parameters import Parameter
from forge.web.api.resources import submission_bodies
from forge.web.api.response import private_json
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Uri
from forge.web.core.problems import ApiError
from forge.web.core.render import base_url, now_of, offered_languages
from forge.web.core.session import signed_in_person
from forge.web.submissions import repository_preview

TAG = "Declarations"
NO_KEY = "Use at most 200 letters, digits and signs without spaces"
IDEMPOTENCY = Parameter(
    "Idempotency-Key",
    "A text of yours for this request: sent again with it, it is done once. Another body with it is refused.",
    Annotated[str, Pattern("^[!-~]{1,200}$")],
    refused=NO_KEY,
)
OTHER_BODY = "Something else was sent with this key. Use a new one"
WAIT_FOR_LOOK = "Its code is being looked at. Ask again in some seconds, or send `alone`"
SAME_HISTORY = "It shares its history with a project that is here. Send `apart` if it is another one"
NOT_FREE = "It is not free software. Send `anyway` to propose it for information"
ALIKE = "An organization like this is here already. Choose it, or say that yours is another one"


class RepositoryLook(TypedDict):
    state: str
    outcome: str | None
    reason: str | None


class SubmissionRemark(TypedDict):
    at: datetime
    voice: str
    text: str


class SubmissionRecord(TypedDict):
    reference: str
    url: Uri
    page: Uri
    kind: Annotated[str, OneOf(KINDS)]
    state: Annotated[str, OneOf(STATES)]
    language: str
    project: str | None
    organization: str | None
    answers: dict[str, Any]
    look: RepositoryLook | None
    remarks: list[SubmissionRemark]
    may_withdraw: bool
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None
    decided_at: datetime | None


class OwnSubmissions(TypedDict):
    declarations: list[SubmissionRecord]


def own_submissions(request: Request) -> Response:
    """List what the person of the token sent, and their drafts, the newest hundred."""
    submissions_sent = request.app.state.store.submissions.of_person(signed_in_person(request).id)
    content: OwnSubmissions = {
        "declarations": [_submission_record(request, submission) for submission in submissions_sent]
    }
    return private_json(content)


def show_submission(request: Request) -> Response:
    return private_json(_submission_record(request, _find_own(request)))


def send(request: Request) -> Response:
    """Send a statement of use, or begin a registration. Raises ApiError 422 with all that is wrong, and nothing of it
    is kept.
    """
    begin = _begin_registration if request.state.body["kind"] == REGISTER else _send_adoption
    submission = begin(request)
    content = _submission_record(request, request.app.state.store.submissions.get(submission.id))
    return private_json(content, 201, {"Location": content["url"]})


def send_draft(request: Request) -> Response:
    """Send a registration, with what its files left open. Raises ApiError 422."""
    submission, store, now = _find_own(request), request.app.state.store, now_of(request)
    if submission.kind != REGISTER:
        raise NotFound("draft", submission.reference)
    if submission.state == DRAFT:
        answers = submission_bodies.registration_answers(request.state.body)
        if wrong := _problems_before_form(request, submission, {**submission.answers, **answers}):
            raise ApiError(422, wrong)
        _, wrong = submissions.send(store, submission.id, answers, person=signed_in_person(request), now=now)
        if wrong:
            raise ApiError(422, wrong)
    return private_json(_submission_record(request, store.submissions.get(submission.id)))


def withdraw(request: Request) -> Response:
    """Withdraw at once, also what was published where its kind allows that; a second time changes nothing."""
    submission, store, now = _find_own(request), request.app.state.store, now_of(request)
    if adoption_actions.may_take_back(store, submission):
        adoption_actions.take_back(store, submission.id, now=now)
    else:
        submissions.withdraw(store, submission.id, now=now)
    return private_json(_submission_record(request, store.submissions.get(submission.id)))


def _send_adoption(request: Request) -> Submission:
    """Send a statement of use of a project by an organization, one that is here or a new one."""
    store, body, someone = request.app.state.store, request.state.body, signed_in_person(request)
    answers, project_id, wrong = submission_bodies.adoption_answers(body), None, {}
    try:
        project_id = store.record_pages.project_id(body["project"])
    except Moved as moved:
        wrong["project"] = f"It is now {moved.to}"
    except CatalogError as error:
        wrong["project"] = str(error)
    if "organization" in body:
        own = store.organizations.spoken_for(someone.represented_organizations)  # also one that nobody else sees
        try:
            organization = next(
                (own_organization for own_organization in own if own_organization.slug == body["organization"]), None
            )
            answers["organization"] = str((organization or store.organizations.by_slug(body["organization"])).id)
        except NotFound:
            wrong["organization"] = GONE_ORGANIZATION
    if new := body.get("new_organization"):
        if "organization" in body:
            wrong["organization"] = NO_ORGANIZATION
        alike = store.organizations.perhaps(new["name"], new.get("homepage", ""))
        if alike and not new.get("other"):
            wrong["new_organization"] = f"{ALIKE}: {', '.join(own_organization.slug for own_organization in alike)}"
    language, tags = body.get("language"), offered_languages(request)
    if language is not None and language not in tags:
        raise ApiError(422, {"language": f"Texts of a use are kept in {', '.join(tags)}"})
    try:
        _, reference, _ = submissions.send_form(
            store,
            ADOPT,
            _language_of(request, someone, language),
            answers,
            about={"project_id": project_id, "organization_id": None},
            token=_idempotency_token(request, someone),
            person=someone,
            known_problems=wrong,
            now=now_of(request),
        )
    except AlreadyExists:
        raise ApiError(422, {IDEMPOTENCY.name: OTHER_BODY}) from None
    return reference


def _begin_registration(request: Request) -> Submission:
    """Begin a draft, and a preview of its code where its address is not known here."""
    store, body, someone = request.app.state.store, request.state.body, signed_in_person(request)
    language = _language_of(request, someone, body.get("language"))
    answers = {"language": language, **submission_bodies.registration_answers(body)}
    url, sentence = repository_preview.address_of(request, " ".join(body["address"].split()))
    if url is None:
        raise ApiError(422, {"address": sentence})
    answers["address"] = url
    try:
        _, registration, _ = submissions.send_form(
            store,
            REGISTER,
            language,
            answers,
            network=repository_preview.network(request),
            token=_idempotency_token(request, someone),
            person=someone,
            only_keep=True,
            known_problems={},
            now=now_of(request),
        )
    except (AlreadyExists, NotFound):
        raise ApiError(422, {IDEMPOTENCY.name: OTHER_BODY}) from None
    if not preview_result(registration.found):
        repository_preview.want_preview(request, registration, url)
    return registration


def _problems_before_form(request: Request, submission: Submission, answers: Mapping[str, Any]) -> dict[str, str]:
    """Return what the pages ask before their questions, as problems."""
    look, repository = preview_result(submission.found), repository_preview.known_of(request, submission)
    if repository is not None and repository.how != HISTORY:
        return {"address": registration_form.HERE_ALREADY}
    if repository is not None and not answers.get("apart"):
        return {"apart": SAME_HISTORY}
    if look.get("state") == READING and not answers.get("alone"):
        return {"alone": WAIT_FOR_LOOK}
    if registration_form.free_of(answers, look) is False and not answers.get("anyway"):
        return {"anyway": NOT_FREE}
    return {}


def _find_own(request: Request) -> Submission:
    """Find a submission of the person. Raises NotFound, also for somebody else's: nobody learns which references
    exist.
    """
    reference = request.path_params["reference"]
    submission: Submission = request.app.state.store.submissions.by_reference(normalized_reference(reference[:20]))
    if submission.person_id != signed_in_person(request).id:
        raise NotFound("declaration", reference[:20])
    return submission


def _language_of(request: Request, someone: Person, language: str | None) -> str:
    """Return the language of messages about it, and of texts that are kept with it."""
    tags = offered_languages(request)
    return next((tag for tag in (language, someone.language) if tag in tags), tags[0])


def _idempotency_token(request: Request, someone: Person) -> str | None:
    """Return what tells a request sent twice to be one; None where nothing does. Raises ApiError 400.

    It is stored where a form's secret would be, so that what is sent twice is one submission, without a table of the
    answers that were given.
    """
    header = request.headers.get(IDEMPOTENCY.name.lower())
    if header is None:
        return None
    key = IDEMPOTENCY.read(header)
    return keyed_digest(request.app.state.secret, f"idempotency {someone.id} {key}")


def _submission_record(request: Request, submission: Submission) -> SubmissionRecord:
    """Describe a submission as its sender sees it: nothing of what moderators say among themselves."""
    store, look = request.app.state.store, preview_result(submission.found)
    organization = (
        store.organizations.identified(str(submission.organization_id)) if submission.organization_id else None
    )
    shown_look: RepositoryLook | None = (
        {"state": look["state"], "outcome": look.get("outcome"), "reason": look.get("reason")} if look else None
    )
    return {
        "reference": submission.reference,
        "url": f"{base_url(request)}/api/v1/declarations/{submission.reference}",
        "page": f"{base_url(request)}/declarations/{submission.reference}",
        "kind": submission.kind,
        "state": submission.state,
        "language": submission.language,
        "project": store.calls.project_slug(submission.project_id) if submission.project_id else None,
        "organization": organization.slug if organization else None,
        "answers": dict(submission.answers),
        "look": shown_look,
        "remarks": [{"at": remark.at, "voice": remark.voice, "text": remark.text} for remark in submission.remarks],
        "may_withdraw": submissions.may_withdraw(submission)
        or (submission.state == PUBLISHED and adoption_actions.may_take_back(store, submission)),
        "created_at": submission.created_at,
        "changed_at": submission.changed_at,
        "sent_at": submission.sent_at,
        "decided_at": submission.decided_at,
    }


ROUTES = [
    DescribedRoute(
        "/api/v1/declarations",
        "api-declarations",
        TAG,
        {
            "GET": Operation(
                own_submissions,
                "What you sent, and your drafts",
                OwnSubmissions,
                needs_token=True,
            ),
            "POST": Operation(
                send,
                "Register a project, or state that an organization uses one",
                SubmissionRecord,
                more="It is published at once where it is your own word about your own matter, else a person reads it "
                "first: see `state`. All that is wrong is told at once. No message is sent to prove your address.",
                body=submission_bodies.ANY_BODY,
                example=submission_bodies.EXAMPLES[ADOPT],
                bodies=submission_bodies.EXAMPLES,
                needs_token=True,
                status=201,
                headers=(IDEMPOTENCY,),
            ),
        },
    ),
    DescribedRoute(
        "/api/v1/declarations/{reference}",
        "api-declaration",
        TAG,
        {
            "GET": Operation(
                show_submission, "One of your declarations", SubmissionRecord, needs_token=True, fails=(404,)
            ),
            "DELETE": Operation(
                withdraw,
                "Take it back; what was published goes too, where its kind allows it",
                SubmissionRecord,
                needs_token=True,
                fails=(404,),
            ),
        },
    ),
    DescribedRoute(
        "/api/v1/declarations/{reference}/send",
        "api-declaration-send",
        TAG,
        {
            "POST": Operation(
                send_draft,
                "Send a registration, with what its files left open",
                SubmissionRecord,
                body=submission_bodies.SEND_BODY,
                example={"summary": "Keep the members of an association", "language": "en", "needs": []},
                needs_token=True,
                fails=(404,),
            )
        },
    ),
]
