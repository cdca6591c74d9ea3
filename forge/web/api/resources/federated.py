"""What organizations tell and what is asked for in other catalogues, by the interface: beside ours, each with its home.
Nothing of it counts here, and no other list holds it; who supports, answers or takes one back does so at its home.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.federation.words import TEXTS as TRAVELING
from catalog.rules.call import HANDED_OVER, KINDS, LOOKED_FOR, STATES
from catalog.store.federation.matching.record_origins import Telling
from catalog.store.federation.received.calls import TheirCall
from catalog.store.federation.received.experiences import TheirExperience
from catalog.store.federation.received.texts import Key
from forge.web.api import cursor
from forge.web.api.resources.records import (
    NAMED,
    ORGANIZATION_NAMED,
    WHOSE,
    a_named,
    of_organization,
    of_whom,
    wanted_calls,
)
from forge.web.api.response import base, listed, said
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import (
    COUNTRY,
    CURSOR,
    ID,
    LANGUAGE,
    LIMIT,
    PART,
    SLUG,
    TEXT,
    TEXTS,
    URI,
    WORDS,
    array,
    fields,
    nullable,
    part,
    record,
)
from forge.web.core.render import now_of

DAY = {"type": "string", "format": "date"}
_CHOSEN = ("replaced", "effort_days", "cost_band", "again")
_MEANT = ("tag", "group")
_SEVERAL = {"handed": HANDED_OVER, "looked_for": LOOKED_FOR}
EXPERIENCE = record(
    id=ID,
    project=NAMED,
    organization=ORGANIZATION_NAMED,
    **dict.fromkeys(TRAVELING["experience"], WORDS),
    **dict.fromkeys(_CHOSEN, nullable(TEXT)),
    at=DAY,
    **WHOSE,
)
CALL = record(
    id=ID,
    page=URI,
    kind={"type": "string", "enum": list(KINDS)},
    state={"type": "string", "enum": list(STATES)},
    language=nullable(TEXT),
    country=nullable(COUNTRY),
    project=nullable(NAMED),
    organization=nullable(ORGANIZATION_NAMED),
    opened_at=DAY,
    ends_at=DAY,
    ended_at=nullable(DAY),
    **dict.fromkeys(TRAVELING["call"], WORDS),
    **dict.fromkeys(_MEANT, nullable(TEXT)),
    **{name: array({"type": "string", "enum": list(known)}) for name, known in _SEVERAL.items()},
    **WHOSE,
)


def experiences(request: Request) -> Response:
    asked = request.state.asked
    found, following = request.app.state.store.their_experiences.listed(
        project_slug=asked.get("project"),
        organization_slug=asked.get("organization"),
        after=cursor.read(asked.get("cursor"), cursor.of_day),
        limit=asked.get("limit", LIMIT),
    )
    records = [_experience(request, one) for one in found]
    return listed(request, "experiences", records, following=_written(following))


def calls(request: Request) -> Response:
    asked = request.state.asked
    found, following = request.app.state.store.their_calls.listed(
        wanted_calls(asked),
        after=cursor.read(asked.get("cursor"), cursor.of_day),
        limit=asked.get("limit", LIMIT),
        now=now_of(request),
    )
    records = [_call(request, one) for one in found]
    return listed(request, "calls", records, following=_written(following), human="/calls/elsewhere")


def _written(following: Key | None) -> str | None:
    return cursor.written([str(one) for one in following]) if following else None


def _experience(request: Request, one: TheirExperience) -> dict[str, Any]:
    return {
        "id": str(one.key),
        "project": a_named(request, "projects", *one.project),
        "organization": of_organization(request, one.organization),
        **{name: said(request, one.record.get(name, {})) for name in TRAVELING["experience"]},
        **{name: one.record.get(name) for name in _CHOSEN},
        "at": one.at.isoformat(),
        **of_whom(request, Telling(one.voice)),
    }


def _call(request: Request, one: TheirCall) -> dict[str, Any]:
    return {
        "id": str(one.key),
        "page": f"{base(request)}/calls/elsewhere/{one.key}",
        "kind": one.kind,
        "state": one.state,
        "language": one.language,
        "country": one.country,
        "project": a_named(request, "projects", *one.project) if one.project else None,
        "organization": of_organization(request, one.organization) if one.organization else None,
        "opened_at": one.opened_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        **{name: said(request, one.record.get(name, {})) for name in TRAVELING["call"]},
        **{name: one.record.get(name) for name in _MEANT},
        **{name: list(one.record.get(name, ())) for name in _SEVERAL},
        **of_whom(request, Telling(one.voice)),
    }


_PROJECT = Parameter("project", "The slug of a project here.", SLUG, "galette")
_MORE = "Each stands under the licenses of its home, in `data_license`; `home.page` is its own page there."
# Before the calls of this catalogue, whose references stand in the same place.
ROUTES = [
    Described(
        "/api/v1/experiences/elsewhere",
        "api-experiences-elsewhere",
        "Experiences",
        {
            "GET": Operation(
                experiences,
                "What organizations told of their uses in other catalogues, the newest first",
                part("experiences", EXPERIENCE),
                (
                    _PROJECT,
                    Parameter("organization", "The slug of an organization here.", SLUG),
                    PART,
                    CURSOR,
                    fields(EXPERIENCE),
                    LANGUAGE,
                ),
                f"{_MORE} A part may hold fewer than `limit`.",
                examples={"limit": "2"},
            )
        },
    ),
    Described(
        "/api/v1/calls/elsewhere",
        "api-calls-elsewhere",
        "Calls",
        {
            "GET": Operation(
                calls,
                "What is asked for in other catalogues, the newest first",
                part("calls", CALL),
                (
                    Parameter("kind", "What is asked for.", CALL["properties"]["kind"]),
                    Parameter("language", "The language that it is written in.", LANGUAGE.schema),
                    Parameter("country", "ISO 3166-1.", COUNTRY),
                    _PROJECT,
                    Parameter("state", "Open ones without it.", {"type": "string", "enum": ["open", "ended"]}),
                    PART,
                    CURSOR,
                    fields(CALL),
                    TEXTS,
                ),
                _MORE,
                examples={"limit": "2"},
            )
        },
    ),
]
