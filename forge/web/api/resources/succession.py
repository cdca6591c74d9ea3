"""Succession in the API: which records are part of others, or took over from them, as moderators state it. Records that
are the same are `peers`' joins.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.decision import TIES
from catalog.store.merges.successors import ListedTie
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TIME_AND_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.resources.records import LINK, link_record
from forge.web.api.route import DescribedRoute, Parameter
from forge.web.api.schemas import (
    ID,
    INTEGER,
    LANGUAGE,
    TEXT,
    TIME,
    nullable,
    record,
)

TAG = "Other catalogues"
_END_FIELDS = {**LINK["properties"], "id": ID}
TIE = record(
    kind={"type": "string", "enum": ["project", "organization"]},
    says={"type": "string", "enum": list(TIES)},
    one=record(**_END_FIELDS),
    other=record(**_END_FIELDS),
    at=TIME,
    words=nullable(TEXT) | {"description": "Why, as whoever says so tells it."},
    decision=INTEGER | {"description": "The number of the decision, for `/api/v1/decisions/{number}`."},
)


def ties(request: Request) -> Response:
    asked = request.state.asked
    after, limit = _TIES.after(request), _TIES.size(request) + 1
    tied_records = request.app.state.store.successors.all(kind=asked.get("kind"), after=after, limit=limit)
    return _TIES.answer(request, tied_records, lambda rows: [_tie_record(request, tied) for tied in rows])


def _tie_record(request: Request, tied: ListedTie) -> dict[str, Any]:
    tie, many = tied.tie, f"{tied.kind}s"
    return {
        "kind": tied.kind,
        "says": tie.says,
        "one": link_record(request, many, *tied.named) | {"id": str(tied.first)},
        "other": link_record(request, many, *tie.other) | {"id": str(tied.other)},
        "at": utc_text(tie.at),
        "words": tie.words or None,
        "decision": tie.number,
    }


_TIES = Paginator("ties", TIE, BY_TIME_AND_TEXT, lambda tied: (tied.tie.at, tied.place), LANGUAGE)
ROUTES = [
    DescribedRoute(
        "/api/v1/ties",
        "api-ties",
        TAG,
        {
            "GET": _TIES.operation(
                ties,
                "Which records are part of another, or took over from it, and who says so, the newest first",
                (Parameter("kind", "Of which records.", TIE["properties"]["kind"]),),
                "`one` is part of `other`, or took over from it. It makes no two records one.",
                examples={"limit": "2"},
            )
        },
    ),
]
