"""Succession in the API: which records are part of others, or their successors, as moderators state it. Records that
are the same are in `peers`.
"""

from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.rules.decision import TIES
from catalog.store.merges.successors import ListedTie
from catalog.validation import Described, OneOf
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TIME_AND_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import LANGUAGE, Parameter
from forge.web.api.resources.record_types import Link
from forge.web.api.resources.records import link_record
from forge.web.api.route import DescribedRoute
from forge.web.api.types import Id, RecordKind, Time

TAG = "Other catalogues"


class TieEnd(Link):
    id: Id


class TieRecord(TypedDict):
    kind: RecordKind
    says: Annotated[str, OneOf(tuple(TIES))]
    one: TieEnd
    other: TieEnd
    at: Time
    words: Annotated[str | None, Described("Why, as whoever says so tells it.")]
    decision: Annotated[int, Described("The number of the decision, for `/api/v1/decisions/{number}`.")]


def ties(request: Request) -> Response:
    asked = request.state.asked
    after, limit = _TIES.after(request), _TIES.size(request) + 1
    tied_records = request.app.state.store.successors.all(kind=asked.get("kind"), after=after, limit=limit)
    return _TIES.answer(request, tied_records, lambda rows: [_tie_record(request, tied) for tied in rows])


def _tie_record(request: Request, tied: ListedTie) -> TieRecord:
    tie, many = tied.tie, f"{tied.kind}s"
    return {
        "kind": tied.kind,
        "says": tie.says,
        "one": {**link_record(request, many, *tied.named), "id": str(tied.first)},
        "other": {**link_record(request, many, *tie.other), "id": str(tied.other)},
        "at": utc_text(tie.at),
        "words": tie.words or None,
        "decision": tie.number,
    }


_TIES = Paginator("ties", TieRecord, BY_TIME_AND_TEXT, lambda tied: (tied.tie.at, tied.place), LANGUAGE)
ROUTES = [
    DescribedRoute(
        "/api/v1/ties",
        "api-ties",
        TAG,
        {
            "GET": _TIES.operation(
                ties,
                "Which records are part of another, or took over from it, and who says so, the newest first",
                (Parameter("kind", "Of which records.", RecordKind),),
                "`one` is part of `other`, or took over from it. It makes no two records one.",
                examples={"limit": "2"},
            )
        },
    ),
]
