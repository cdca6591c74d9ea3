"""Calls by the interface: what groups and makers ask for, and who says "us too". Who sent one stands nowhere."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.calls import KINDS
from catalog.declarations import reference
from forge.exports import a_time
from forge.web.api import cursor
from forge.web.api.answers import listed, one
from forge.web.api.described import Described, Operation, Parameter
from forge.web.api.records import CALL, NAMED, a_call, a_named, of_organization
from forge.web.api.schemas import (
    COUNTRY,
    CURSOR,
    LANGUAGE,
    LIMIT,
    PART,
    SLUG,
    TEXT,
    TIME,
    array,
    fields,
    nullable,
    part,
    record,
    whole,
)

TAG = "Calls"
CALL_PAGE = record(
    **CALL["properties"],
    statements=array(record(organization={"type": "object"}, at=TIME, language=TEXT, variation=nullable(TEXT))),
    joined=array(TEXT),
    joined_to=nullable(TEXT),
    answer={"type": ["object", "null"]},
    answer_project=nullable(NAMED),
)


def search(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_time)
    found = request.app.state.store.listed.calls(
        kind=asked.get("kind"),
        language=asked.get("language"),
        country=asked.get("country"),
        project_slug=asked.get("project"),
        ended=asked.get("state") == "ended",
        after=after,
        limit=limit + 1,
    )
    following = None
    if len(found) > limit:
        at, last = found[limit - 1][0]
        following = cursor.written([at.isoformat(), last])
    records = [a_call(request, line) for _, line in found[:limit]]
    return listed(request, "calls", records, following=following, human="/calls")


def show(request: Request) -> Response:
    found = request.app.state.store.calls.page(reference(request.path_params["reference"]))
    told: dict[str, Any] = a_call(request, found.line)
    told |= {
        "statements": [
            {
                "organization": of_organization(request, each.organization),
                "at": a_time(each.at),
                "language": each.language,
                "variation": each.variation,
            }
            for each in found.statements
        ],
        "joined": [each.call.reference for each in found.joined],
        "joined_to": found.into.call.reference if found.into else None,
        "answer": {name: found.answer[name] for name in ("text", "language") if found.answer.get(name)} or None,
        "answer_project": a_named(request, "projects", *found.answer_project) if found.answer_project else None,
    }
    return one(request, told, f"/calls/{found.line.call.reference}")


_FILTERS = (
    Parameter("kind", "What is asked for.", {"type": "string", "enum": list(KINDS)}),
    Parameter("language", "The language that it is written in.", LANGUAGE.schema),
    Parameter("country", "ISO 3166-1.", COUNTRY),
    Parameter("project", "The slug of a project.", SLUG),
    Parameter("state", "Open ones without it.", {"type": "string", "enum": ["open", "ended"]}),
)
ROUTES = [
    Described(
        "/api/v1/calls",
        "api-calls",
        TAG,
        {
            "GET": Operation(
                search,
                "What is asked for, the newest first",
                part("calls", CALL),
                (*_FILTERS, PART, CURSOR, fields(CALL)),
                examples={"limit": "2"},
            )
        },
    ),
    Described(
        "/api/v1/calls/{reference}",
        "api-call",
        TAG,
        {
            "GET": Operation(
                show,
                "One call, with the organizations that say the same",
                whole(CALL_PAGE),
                (fields(CALL_PAGE),),
                fails=(404,),
            )
        },
    ),
]
