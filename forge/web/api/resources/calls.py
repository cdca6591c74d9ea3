"""Calls in the API: what groups and makers ask for, and who says "us too". Who sent one is never told."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.call import KINDS
from catalog.rules.submission import normalized_reference
from catalog.store.calls.read_models import SupportStatement
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TIME, BY_TIME_AND_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.resources.records import (
    CALL,
    LINK,
    ORGANIZATION_LINK,
    call_record,
    link_record,
    organization_record,
    wanted_calls,
)
from forge.web.api.response import single_record
from forge.web.api.route import DescribedRoute, Operation, Parameter
from forge.web.api.schemas import (
    COUNTRY,
    LANGUAGE,
    SLUG,
    TEXT,
    TIME,
    array,
    fields_parameter,
    nullable,
    record,
    with_license,
)

TAG = "Calls"
SUPPORT = record(organization=ORGANIZATION_LINK, at=TIME, language=TEXT, variation=nullable(TEXT))
CALL_PAGE = record(
    **CALL["properties"],
    statements=array(SUPPORT),
    joined=array(TEXT),
    joined_to=nullable(TEXT),
    answer={"type": ["object", "null"]},
    answer_project=nullable(LINK),
)


def search(request: Request) -> Response:
    wanted, after, limit = wanted_calls(request.state.asked), _CALLS.after(request), _CALLS.size(request) + 1
    calls = request.app.state.store.api_lists.calls(wanted, after=after, limit=limit)
    return _CALLS.answer(request, calls, lambda rows: [call_record(request, line) for _, line in rows], human="/calls")


def show_call(request: Request) -> Response:
    page = request.app.state.store.calls.page(normalized_reference(request.path_params["reference"]))
    content: dict[str, Any] = call_record(request, page.line)
    content |= {
        "statements": [_support(request, statement) for statement in page.statements],
        "joined": [joined.call.reference for joined in page.joined],
        "joined_to": page.into.call.reference if page.into else None,
        "answer": {name: page.answer[name] for name in ("text", "language") if page.answer.get(name)} or None,
        "answer_project": link_record(request, "projects", *page.answer_project) if page.answer_project else None,
    }
    return single_record(request, content, f"/calls/{page.line.call.reference}")


def supports(request: Request) -> Response:
    """List who says the same publicly, the newest first."""
    code = normalized_reference(request.path_params["reference"])
    after, limit = _SUPPORTS.after(request), _SUPPORTS.size(request) + 1
    statements = request.app.state.store.experience_lists.supports(code, after=after, limit=limit)
    return _SUPPORTS.answer(
        request,
        statements,
        lambda rows: [_support(request, statement) for _, statement in rows],
        human=f"/calls/{code}",
    )


def _support(request: Request, statement: SupportStatement) -> dict[str, Any]:
    return {
        "organization": organization_record(request, statement.organization),
        "at": utc_text(statement.at),
        "language": statement.language,
        "variation": statement.variation,
    }


_FILTERS = (
    Parameter("kind", "What is asked for.", {"type": "string", "enum": list(KINDS)}),
    Parameter("language", "The language that it is written in.", LANGUAGE.schema),
    Parameter("country", "ISO 3166-1.", COUNTRY),
    Parameter("project", "The slug of a project.", SLUG),
    Parameter("state", "Open ones without it.", {"type": "string", "enum": ["open", "ended"]}),
)
_CALLS = Paginator("calls", CALL, BY_TIME_AND_TEXT)
_SUPPORTS = Paginator("supports", SUPPORT, BY_TIME)
ROUTES = [
    DescribedRoute(
        "/api/v1/calls",
        "api-calls",
        TAG,
        {
            "GET": _CALLS.operation(
                search,
                "What is asked for, the newest first",
                _FILTERS,
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/calls/{reference}",
        "api-call",
        TAG,
        {
            "GET": Operation(
                show_call,
                "One call, with the organizations that say the same",
                with_license(CALL_PAGE),
                (fields_parameter(CALL_PAGE),),
                fails=(404,),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/calls/{reference}/supports",
        "api-call-supports",
        TAG,
        {
            "GET": _SUPPORTS.operation(
                supports,
                "The organizations that say publicly that they lack the same",
                (),
                "Of a call that others joined, over all of them. Organizations that are only counted are in no part.",
                examples={"limit": "2"},
                fails=(404,),
            )
        },
    ),
]
