"""Other catalogues by the interface: those that are read here and by which rules each says that it works; and which
records moderators here hold to be the same, or not. A card is its catalogue's word, cleaned and cut.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.peer import VISITED
from catalog.store.exports.experience_lists import SaidOfTwo
from catalog.store.merges.same_as_claims import ALIKE
from forge.export.json_records import a_time
from forge.web.api import cursor
from forge.web.api.resources.records import NAMED, a_named
from forge.web.api.response import answer, listed, said, sparse
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import (
    CURSOR,
    ID,
    LANGUAGE,
    LICENSE,
    LIMIT,
    PART,
    TEXT,
    TIME,
    URI,
    WORDS,
    array,
    fields,
    nullable,
    part,
    record,
)
from forge.web.core.render import now_of
from forge.web.wording import peers as wording_peers

TAG = "Other catalogues"
PEER = record(
    slug=TEXT,
    name=WORDS,
    host=TEXT,
    url=nullable(URI),
    state={"type": "string", "enum": list(wording_peers.STATES)},
    read=array(TEXT),
    last_read_at=TIME,
    refused=nullable(record(reason=TEXT, subject=nullable(TEXT), at=TIME)),
    operator=nullable(TEXT),
    criteria=WORDS,
    validation=WORDS,
    refresh=WORDS,
    languages=array(TEXT),
    data_license={"type": "object", "additionalProperties": TEXT},
)
SAME, APART = "same", "not-the-same"
JOIN = record(
    id=ID,
    kind={"type": "string", "enum": ["project", "organization"]},
    says={"type": "string", "enum": [SAME, APART]},
    a=ID,
    b=ID,
    leads_to=array(NAMED),
    at=TIME,
    words=nullable(TEXT) | {"description": "Whoever decided it, as the public log tells it."},
    alike=array({"type": "string", "enum": list(ALIKE)}) | {"description": "What made the two alike."},
)


def peers(request: Request) -> Response:
    """Those that the page /about/peers tells of."""
    now = now_of(request)
    every = [one for one in request.app.state.store.peers.every() if one.state in VISITED]
    told = [sparse(request, _peer(request, wording_peers.shown(one, now))) for one in every]
    return answer(request, {"peers": told}, human="/about/peers")


def _peer(request: Request, one: wording_peers.Shown) -> dict[str, Any]:
    refusal = one.peer.refusal
    return {
        "slug": one.peer.slug,
        "name": said(request, one.name),
        "host": one.peer.host,
        "url": one.address or None,
        "state": one.state,
        "read": list(one.read),
        "last_read_at": a_time(one.peer.last_good_at),
        "refused": {"reason": one.refusal, "subject": one.subject or None, "at": a_time(refusal.at)}
        if refusal
        else None,
        "operator": one.operator or None,
        "criteria": said(request, one.criteria),
        "validation": said(request, one.validation),
        "refresh": said(request, one.refresh),
        "languages": list(one.languages),
        "data_license": dict(one.licenses),
    }


def joins(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_pair)
    found = request.app.state.store.told.joins(kind=asked.get("kind"), after=after, limit=limit + 1)
    following = None
    if len(found) > limit:
        at, one, other = found[limit - 1][0]
        following = cursor.written([at.isoformat(), str(one), str(other)])
    return listed(request, "joins", [_join(request, one) for _, one in found[:limit]], following=following)


def _join(request: Request, one: SaidOfTwo) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "says": SAME if one.same else APART,
        "a": str(one.one),
        "b": str(one.other),
        "leads_to": [a_named(request, f"{one.kind}s", *each) for each in one.leads_to],
        "at": a_time(one.at),
        "words": one.why.words or None,
        "alike": list(one.why.alike),
    }


ROUTES = [
    Described(
        "/api/v1/peers",
        "api-peers",
        TAG,
        {
            "GET": Operation(
                peers,
                "The catalogues whose records are read here, and by which rules each says that it works",
                {
                    "type": "object",
                    "properties": {"license": LICENSE, "peers": array(PEER)},
                    "required": ["peers"],
                },
                (fields(PEER), LANGUAGE),
            )
        },
    ),
    Described(
        "/api/v1/joins",
        "api-joins",
        TAG,
        {
            "GET": Operation(
                joins,
                "Which records moderators here hold to be the same, or not the same, and why, the newest first",
                part("joins", JOIN),
                (
                    Parameter("kind", "Of which records.", JOIN["properties"]["kind"]),
                    PART,
                    CURSOR,
                    fields(JOIN),
                ),
                "Of a record that was joined away only its identity is told; `leads_to` names what stands for itself.",
                examples={"limit": "2"},
            )
        },
    ),
]
