"""The moderators' desk in the API: what waits, one case with what may be decided, and deciding.

It calls the same functions as the desk's pages; a person who decided the same a moment ago gets its line again.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog import moderation, submissions
from catalog.errors import AlreadyExists, NotFound
from catalog.moderation import DecisionRequest
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import KINDS, REASONS, Decision, reasons_for, serving_basis
from catalog.rules.submission import Submission, normalized_reference
from catalog.store.moderation.log import Subject
from catalog.validation import SchemaNote, members
from forge.export.json_records import DecisionRecord, decision_record, utc_text
from forge.web.api.response import private_json
from forge.web.api.route import DECIDE, DescribedRoute, Operation
from forge.web.api.types import Time
from forge.web.core.form import MAX_TEXT
from forge.web.core.list_query import line_number
from forge.web.core.problems import ApiError
from forge.web.core.render import now_of
from forge.web.core.session import signed_in_person

TAG = "Moderation"
QUEUE = 50


class Case(TypedDict):
    source: str
    key: str
    kind: str
    at: Time
    name: str | None
    slug: str | None
    language: str | None


class Queue(TypedDict):
    waiting: list[Case]


class ChangedField(TypedDict):
    field: str
    before: Any
    after: Any


class Doubt(TypedDict):
    reason: str
    detail: dict[str, Any]


class Choice(TypedDict):
    about: dict[str, Any]
    own: bool
    possible: list[str]
    reasons: list[str]
    seen: str
    rows: list[ChangedField]
    doubts: list[Doubt]


class Decided(TypedDict):
    decision: DecisionRecord | None
    state: str | None
    number: int | None


_PROSE = Annotated[str, MaxLen(MAX_TEXT)]
_EDITS = SchemaNote("Texts of a declaration as corrected, by their place, such as `summary.fr`.")
WISH = members(
    "Wish",
    {
        "choice": Literal[(*KINDS, "ask")],
        "reason": Literal[("", *REASONS)],
        "words": Annotated[str, MaxLen(MAX_TEXT), SchemaNote("Everybody can read them.")],
        "seen": Annotated[str, MaxLen(64), SchemaNote("As the GET of this address gives it.")],
        "edits": Annotated[dict[str, _PROSE], _EDITS],
    },
    ("choice", "seen"),
)
_PUBLISH_EXAMPLE = {"choice": "publish", "seen": "$SEEN"}
_HIDE_EXAMPLE = {"choice": "hide", "reason": "harm", "words": "It leads to a site that does harm.", "seen": "$SEEN"}
_LOOKED_AT_EXAMPLE = {"choice": "looked-at", "reason": "read", "seen": "$SEEN"}


def queue(request: Request) -> Response:
    """List what waits for a person: what people sent, then what was found, the oldest first."""
    waiting = request.app.state.store.moderation_queue.queue(now=now_of(request), limit=QUEUE)
    cases: list[Case] = [
        {
            "source": case.source,
            "key": case.key,
            "kind": case.kind,
            "at": utc_text(case.at),
            "name": case.name,
            "slug": case.slug,
            "language": case.language,
        }
        for case in waiting
    ]
    content: Queue = {"waiting": cases}
    return private_json(content)


def submission(request: Request) -> Response:
    """Describe what somebody submitted, with what may be answered. Nothing is told of its sender."""
    store, submission = request.app.state.store, _find_submission(request)
    mine = moderation.conflict(store, signed_in_person(request), submission)
    possible = () if mine else moderation.possible(submission)
    content: Choice = {
        "about": {
            "reference": submission.reference,
            "kind": submission.kind,
            "state": submission.state,
            "language": submission.language,
        },
        "own": mine,
        "possible": list(possible),
        "reasons": list(reasons_for(possible)),
        "seen": moderation.stamp(submission),
        "rows": [
            {"field": row.field, "before": row.before, "after": row.after}
            for row in submissions.rows_at_desk(store, submission)
        ],
        "doubts": [
            {"reason": doubt.reason, "detail": dict(doubt.detail)} for doubt in moderation.doubts(store, submission)
        ],
    }
    return private_json(content)


def answer(request: Request) -> Response:
    store, submission, someone = request.app.state.store, _find_submission(request), signed_in_person(request)
    wish = _wish_of(request, submission)

    def again() -> Decision | None:
        return next(iter(store.decisions.of_submission(submission.id, 1)), None)

    number = _decide_once(
        request, wish, lambda: moderation.answer(store, someone, submission.id, wish, now=now_of(request)), again
    )
    return _decided_answer(request, number, store.submissions.get(submission.id).state)


def project(request: Request) -> Response:
    return _record_case(request, PROJECT)


def decide_project(request: Request) -> Response:
    return _decide(request, _find_subject(request, PROJECT), None)


def organization(request: Request) -> Response:
    return _record_case(request, ORGANIZATION)


def decide_organization(request: Request) -> Response:
    return _decide(request, _find_subject(request, ORGANIZATION), None)


def finding(request: Request) -> Response:
    finding_row = _find_finding(request)
    about = request.app.state.store.decisions.subject(finding_row.slug, PROJECT)
    choice = _possible_choice(request, about, finding_row.kind)
    choice["about"]["finding"] = finding_row.kind
    return private_json(choice)


def decide_finding(request: Request) -> Response:
    finding_row = _find_finding(request)
    return _decide(request, request.app.state.store.decisions.subject(finding_row.slug, PROJECT), finding_row.number)


def _record_case(request: Request, kind: str) -> Response:
    return private_json(_possible_choice(request, _find_subject(request, kind), None))


def _possible_choice(request: Request, about: Subject, matter: str | None) -> Choice:
    mine = moderation.conflict(request.app.state.store, signed_in_person(request), about)
    possible = () if mine else moderation.offered(about, matter)
    return {
        "about": _subject_record(about),
        "own": mine,
        "possible": list(possible),
        "reasons": list(reasons_for(possible)),
        "seen": serving_basis(about.observation),
        "rows": [],
        "doubts": [],
    }


def _decide(request: Request, about: Subject, number: int | None) -> Response:
    store, someone, wish = request.app.state.store, signed_in_person(request), _wish_of(request, None)

    def act() -> int | None:
        return moderation.decide(store, someone, about.slug, wish, kind=about.kind, finding=number, now=now_of(request))

    def again() -> Decision | None:
        return store.decisions.on(number) if number else next(iter(store.decisions.about(about.id, 1)), None)

    return _decided_answer(request, _decide_once(request, wish, act, again), None)


def _decide_once(
    request: Request, wish: DecisionRequest, act: Callable[[], int | None], again: Callable[[], Decision | None]
) -> int | None:
    """Decide; return the same line again where this person decided the same before. Raises ApiError 409 where
    another one did.
    """
    try:
        return act()
    except AlreadyExists:
        line = again()
        mine = line is not None and request.app.state.store.decisions.is_by(line.number, signed_in_person(request).id)
        if line is not None and mine and (line.kind, line.words) == (wish.choice, wish.words):
            return line.number
        raise ApiError(409, detail="Somebody decided this meanwhile. Look again") from None


def _decided_answer(request: Request, number: int | None, state: str | None) -> Response:
    line = request.app.state.store.decisions.get(number) if number is not None else None
    decided: Decided = {"decision": decision_record(line) if line else None, "state": state, "number": number}
    return private_json(decided)


def _wish_of(request: Request, submission: Submission | None) -> DecisionRequest:
    body = request.state.body
    known = (
        {".".join(text.path): text.path for text in submissions.KINDS[submission.kind].editable(submission)}
        if submission
        else {}
    )
    edits = body.get("edits", {})
    if unknown := sorted(set(edits) - set(known)):
        raise ApiError(422, {f"edits.{name}": "This text cannot be corrected" for name in unknown})
    places = {known[name]: text for name, text in edits.items()}
    return DecisionRequest(body["choice"], body.get("reason", ""), body.get("words", ""), body["seen"], places)


def _find_submission(request: Request) -> Submission:
    """Find the submission. Raises NotFound, also for what was never sent: a draft is its sender's alone."""
    given = request.path_params["reference"]
    submission: Submission = request.app.state.store.submissions.by_reference(normalized_reference(given[:20]))
    if submission.sent_at is None or submission.state in ("draft", "sent", "expired"):
        raise NotFound("declaration", given[:20])
    return submission


def _find_subject(request: Request, kind: str) -> Subject:
    subject: Subject = request.app.state.store.decisions.subject(request.path_params["slug"], kind)
    return subject


def _find_finding(request: Request) -> Any:
    written = request.path_params["number"]
    number = line_number(written)
    if number is None:
        raise NotFound("finding", written[:20])
    return request.app.state.store.findings.get(number)


def _subject_record(about: Subject) -> dict[str, Any]:
    return {"kind": about.kind, "slug": about.slug, "name": about.name}


def _case_route(path: str, name: str, show: Any, act: Any, summary: str, example: Any) -> DescribedRoute:
    return DescribedRoute(
        path,
        name,
        TAG,
        {
            "GET": Operation(show, f"{summary}, with what may be decided", Choice, scope=DECIDE, fails=(404,)),
            "POST": Operation(
                act,
                f"Decide on {summary[:1].lower()}{summary[1:]}",
                Decided,
                more="Each decision is a line of the public log. Sent again as it was, it is given again.",
                body=WISH,
                example=example,
                scope=DECIDE,
                fails=(404, 409),
            ),
        },
    )


ROUTES = [
    DescribedRoute(
        "/api/v1/desk",
        "api-desk",
        TAG,
        {
            "GET": Operation(
                queue,
                "What waits for a person: what people sent, then what was found, the oldest first",
                Queue,
                scope=DECIDE,
            )
        },
    ),
    _case_route(
        "/api/v1/desk/declarations/{reference}",
        "api-desk-declaration",
        submission,
        answer,
        "What somebody submitted",
        _PUBLISH_EXAMPLE,
    ),
    _case_route(
        "/api/v1/desk/projects/{slug}", "api-desk-project", project, decide_project, "A project", _HIDE_EXAMPLE
    ),
    _case_route(
        "/api/v1/desk/organizations/{slug}",
        "api-desk-organization",
        organization,
        decide_organization,
        "An organization",
        _HIDE_EXAMPLE,
    ),
    _case_route(
        "/api/v1/desk/findings/{number}",
        "api-desk-finding",
        finding,
        decide_finding,
        "What a visit found",
        _LOOKED_AT_EXAMPLE,
    ),
]
