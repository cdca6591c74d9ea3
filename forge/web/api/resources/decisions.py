"""The public log of decisions in the API. Deciding is in `moderation`."""

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from forge.export import json_records
from forge.web.api import cursor
from forge.web.api.response import listed, one
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import CURSOR, ID, TEXT, TIME, WHOLE, fields, nullable, part, record, whole
from forge.web.core.list_query import number_beyond

TAG = "Decisions"
LINES, MOST_LINES = 50, 200
DECISION = record(
    number=WHOLE,
    at=TIME,
    kind=TEXT,
    subject=record(kind=TEXT, id=ID, slug=nullable(TEXT), name=nullable(TEXT)),
    about=nullable(TEXT),
    reason=TEXT,
    words=nullable(TEXT),
    role=TEXT,
    concerns=nullable(WHOLE),
    undone_by=nullable(WHOLE),
    confirmed_by=nullable(WHOLE),
    salt=nullable(TEXT),
    text_digest=TEXT,
    previous=TEXT,
    digest=TEXT,
)


def search(request: Request) -> Response:
    """List the log, newest first, below the number of a line."""
    asked = request.state.asked
    before = cursor.read(asked.get("cursor"), cursor.of_number) or asked.get("before")
    limit = asked.get("limit", LINES)
    lines = request.app.state.store.decisions.lines(before, limit + 1)
    following = cursor.written([lines[limit - 1].number]) if len(lines) > limit else None
    records = [json_records.a_decision(line) for line in lines[:limit]]
    return listed(request, "decisions", records, following=following, human="/log")


def show(request: Request) -> Response:
    written = request.path_params["number"]
    number = number_beyond(written)
    if number is None:
        raise NotFound("decision", written[:20])
    return one(request, json_records.a_decision(request.app.state.store.decisions.one(number)), "/log")


_LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_LINES}
_BELOW = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
ROUTES = [
    Described(
        "/api/v1/decisions",
        "api-decisions",
        TAG,
        {
            "GET": Operation(
                search,
                "The public log of decisions, the newest first",
                part("decisions", DECISION),
                (
                    Parameter("limit", f"How many lines at most, {LINES} without it.", _LIMIT),
                    CURSOR,
                    Parameter("before", "Lines below this number; `cursor` does the same.", _BELOW),
                    fields(DECISION),
                ),
                "Each line names the digest of the line before, so that what is missing or changed is found out.",
                examples={"limit": "2"},
            )
        },
    ),
    Described(
        "/api/v1/decisions/{number}",
        "api-decision",
        TAG,
        {
            "GET": Operation(
                show,
                "One line of the log",
                whole(DECISION),
                (fields(DECISION),),
                examples={"number": "1"},
                fails=(404,),
            )
        },
    ),
]
