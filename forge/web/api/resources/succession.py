"""Succession in the API: which records are part of others, or took over from them, with whose word each is. Records
that are the same are `peers`' joins.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.decision import TIES
from catalog.rules.peer import Peer
from catalog.store.merges.successors import ListedTie
from forge.export.json_records import utc_text
from forge.web.api import cursor
from forge.web.api.resources.records import LINK, link_record
from forge.web.api.response import list_part, texts_in_language
from forge.web.api.route import DescribedRoute, Operation, Parameter
from forge.web.api.schemas import (
    CURSOR,
    ID,
    INTEGER,
    LANGUAGE,
    LIMIT,
    LIMIT_PARAMETER,
    TEXT,
    TEXT_BY_LANGUAGE,
    TIME,
    fields_parameter,
    list_schema,
    nullable,
    record,
)
from forge.web.core.render import now_of
from forge.web.wording import peers

TAG = "Other catalogues"
_END_FIELDS = {**LINK["properties"], "id": ID}
TIE = record(
    kind={"type": "string", "enum": ["project", "organization"]},
    says={"type": "string", "enum": list(TIES)},
    one=record(**_END_FIELDS),
    other=record(**_END_FIELDS),
    at=TIME,
    words=nullable(TEXT) | {"description": "Why, as whoever says so tells it."},
    said_by=nullable(record(slug=TEXT, name=TEXT_BY_LANGUAGE))
    | {"description": "Another catalogue; null: a moderator here."},
    decision=nullable(INTEGER) | {"description": "The number of the decision here, for `/api/v1/decisions/{number}`."},
)


def ties(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.decode(asked.get("cursor"), cursor.of_time)
    tied_records = request.app.state.store.successors.every(kind=asked.get("kind"), after=after, limit=limit + 1)
    following = None
    if len(tied_records) > limit:
        last = tied_records[limit - 1]
        following = cursor.encode([last.tie.at.isoformat(), last.place])
    return list_part(
        request, "ties", [_tie_record(request, tied) for tied in tied_records[:limit]], following=following
    )


def _tie_record(request: Request, tied: ListedTie) -> dict[str, Any]:
    tie, many = tied.tie, f"{tied.kind}s"
    return {
        "kind": tied.kind,
        "says": tie.says,
        "one": link_record(request, many, *tied.named) | {"id": str(tied.one)},
        "other": link_record(request, many, *tie.other) | {"id": str(tied.other)},
        "at": utc_text(tie.at),
        "words": tie.words or None,
        "said_by": _catalogue_record(request, tie.peer) if tie.peer else None,
        "decision": tie.number,
    }


def _catalogue_record(request: Request, peer: Peer) -> dict[str, Any]:
    return {"slug": peer.slug, "name": texts_in_language(request, peers.shown_peer(peer, now_of(request)).name)}


ROUTES = [
    DescribedRoute(
        "/api/v1/ties",
        "api-ties",
        TAG,
        {
            "GET": Operation(
                ties,
                "Which records are part of another, or took over from it, and who says so, the newest first",
                list_schema("ties", TIE),
                (
                    Parameter("kind", "Of which records.", TIE["properties"]["kind"]),
                    LIMIT_PARAMETER,
                    CURSOR,
                    fields_parameter(TIE),
                    LANGUAGE,
                ),
                "`one` is part of `other`, or took over from it. It makes no two records one.",
                examples={"limit": "2"},
            )
        },
    ),
]
