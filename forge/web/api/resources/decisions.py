"""The public log of decisions in the API. Deciding is in `moderation`."""

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from forge.export import json_records
from forge.web.api import cursor
from forge.web.api.response import list_part, single_record
from forge.web.api.route import DescribedRoute, Operation, Parameter
from forge.web.api.schemas import (
    CURSOR,
    ID,
    INTEGER,
    TEXT,
    TIME,
    fields_parameter,
    list_schema,
    nullable,
    record,
    with_license,
)
from forge.web.core.list_query import line_number

TAG = "Decisions"
LINES, MOST_LINES = 50, 200
DECISION = record(
    number=INTEGER,
    at=TIME,
    kind=TEXT,
    subject=record(kind=TEXT, id=ID, slug=nullable(TEXT), name=nullable(TEXT)),
    about=nullable(TEXT),
    reason=TEXT,
    words=nullable(TEXT),
    role=TEXT,
    concerns=nullable(INTEGER),
    undone_by=nullable(INTEGER),
    confirmed_by=nullable(INTEGER),
    salt=nullable(TEXT),
    text_digest=TEXT,
    previous=TEXT,
    digest=TEXT,
)


def search(request: Request) -> Response:
    """List the log, newest first, below the number of a line."""
    asked = request.state.asked
    before = cursor.decode(asked.get("cursor"), cursor.of_number) or asked.get("before")
    limit = asked.get("limit", LINES)
    lines = request.app.state.store.decisions.lines(before, limit + 1)
    following = cursor.encode([lines[limit - 1].number]) if len(lines) > limit else None
    records = [json_records.decision_record(line) for line in lines[:limit]]
    return list_part(request, "decisions", records, following=following, human="/log")


def show_decision(request: Request) -> Response:
    written = request.path_params["number"]
    number = line_number(written)
    if number is None:
        raise NotFound("decision", written[:20])
    return single_record(request, json_records.decision_record(request.app.state.store.decisions.get(number)), "/log")


_LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST_LINES}
_BELOW = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
ROUTES = [
    DescribedRoute(
        "/api/v1/decisions",
        "api-decisions",
        TAG,
        {
            "GET": Operation(
                search,
                "The public log of decisions, the newest first",
                list_schema("decisions", DECISION),
                (
                    Parameter("limit", f"How many lines at most, {LINES} without it.", _LIMIT),
                    CURSOR,
                    Parameter("before", "Lines below this number; `cursor` does the same.", _BELOW),
                    fields_parameter(DECISION),
                ),
                "Each line names the digest of the line before, so that what is missing or changed is found out.",
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/decisions/{number}",
        "api-decision",
        TAG,
        {
            "GET": Operation(
                show_decision,
                "One line of the log",
                with_license(DECISION),
                (fields_parameter(DECISION),),
                examples={"number": "1"},
                fails=(404,),
            )
        },
    ),
]
