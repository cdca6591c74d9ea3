"""Other catalogues in the API: those that are read here and by which rules each says that it works; and which records
moderators here hold to be the same, or not. The words of a card are those of its catalogue, cleaned and cut.
"""

from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.rules.peer import VISITED_STATES
from catalog.store.exports.experience_lists import MergeDecision
from catalog.store.merges.reasons import REASONS_ALIKE
from catalog.validation import OneOf, SchemaNote
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TIME_OF_TWO
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import LANGUAGE, Parameter, fields_parameter
from forge.web.api.resources.record_types import Link
from forge.web.api.resources.records import link_record
from forge.web.api.response import chosen_fields, json_answer, texts_in_language
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Id, RecordKind, TextByLanguage, Time, Uri, partly, whole_list
from forge.web.core.render import now_of
from forge.web.wording import peers as wording_peers

TAG = "Other catalogues"
SAME, APART = "same", "not-the-same"


class Refusal(TypedDict):
    reason: str
    subject: str | None
    at: Time


class PeerRecord(TypedDict):
    slug: str
    name: TextByLanguage
    host: str
    url: Uri | None
    state: Annotated[str, OneOf(tuple(wording_peers.STATES))]
    read: list[str]
    last_read_at: Time
    refused: Refusal | None
    operator: str | None
    criteria: TextByLanguage
    validation: TextByLanguage
    refresh: TextByLanguage
    languages: list[str]
    data_license: dict[str, str]


class Join(TypedDict):
    id: Id
    kind: RecordKind
    says: Annotated[str, OneOf((SAME, APART))]
    a: Id
    b: Id
    leads_to: list[Link]
    at: Time
    words: Annotated[str | None, SchemaNote("Whoever decided it, as the public log tells it.")]
    alike: Annotated[list[Annotated[str, OneOf(tuple(REASONS_ALIKE))]], SchemaNote("What made the two alike.")]


def peers(request: Request) -> Response:
    """List the catalogues that the page /about/peers shows."""
    now = now_of(request)
    visited = [peer for peer in request.app.state.store.peers.all() if peer.state in VISITED_STATES]
    records = [chosen_fields(request, _peer(request, wording_peers.shown_peer(peer, now))) for peer in visited]
    return json_answer(request, {"peers": records}, human="/about/peers")


def _peer(request: Request, shown: wording_peers.ShownPeer) -> PeerRecord:
    refusal = shown.peer.refusal
    return {
        "slug": shown.peer.slug,
        "name": texts_in_language(request, shown.name),
        "host": shown.peer.host,
        "url": shown.address or None,
        "state": shown.state,
        "read": list(shown.read),
        "last_read_at": utc_text(shown.peer.last_good_at),
        "refused": {"reason": shown.refusal, "subject": shown.subject or None, "at": utc_text(refusal.at)}
        if refusal
        else None,
        "operator": shown.operator or None,
        "criteria": texts_in_language(request, shown.criteria),
        "validation": texts_in_language(request, shown.validation),
        "refresh": texts_in_language(request, shown.refresh),
        "languages": list(shown.languages),
        "data_license": dict(shown.licenses),
    }


def joins(request: Request) -> Response:
    asked = request.state.asked
    after, limit = _JOINS.after(request), _JOINS.size(request) + 1
    page = request.app.state.store.experience_lists.joins(kind=asked.get("kind"), after=after, limit=limit)
    return _JOINS.answer(request, page, lambda rows: [_join(request, join) for _, join in rows])


def _join(request: Request, join: MergeDecision) -> Join:
    return {
        "id": str(join.id),
        "kind": join.kind,
        "says": SAME if join.same else APART,
        "a": str(join.first),
        "b": str(join.other),
        "leads_to": [link_record(request, f"{join.kind}s", *named) for named in join.leads_to],
        "at": utc_text(join.at),
        "words": join.why.words or None,
        "alike": list(join.why.alike),
    }


_JOINS = Paginator("joins", Join, BY_TIME_OF_TWO)
ROUTES = [
    DescribedRoute(
        "/api/v1/peers",
        "api-peers",
        TAG,
        {
            "GET": Operation(
                peers,
                "The catalogues whose records are read here, and by which rules each says that it works",
                whole_list("peers", partly(PeerRecord)),
                (fields_parameter(PeerRecord), LANGUAGE),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/joins",
        "api-joins",
        TAG,
        {
            "GET": _JOINS.operation(
                joins,
                "Which records moderators here hold to be the same, or not the same, and why, the newest first",
                (Parameter("kind", "Of which records.", RecordKind),),
                "Of a record that was joined away only its identity is told; `leads_to` names what stands for itself.",
                examples={"limit": "2"},
            )
        },
    ),
]
