"""Experiences and calls of other catalogues in the API, each with its home. They are not counted here, and no other
list holds them; supporting, answering or withdrawing one happens at its home.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.federation.translatable_texts import TEXTS as TEXT_FIELDS
from catalog.rules.call import HANDED_OVER, KINDS, LOOKED_FOR, STATES
from catalog.store.federation.matching.record_origins import RecordOrigin
from catalog.store.federation.received.calls import ReceivedCall
from catalog.store.federation.received.experiences import ReceivedExperience
from forge.web.api.cursor import BY_DAY
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import LANGUAGE, TEXTS_LANGUAGE, Parameter, one_of
from forge.web.api.resources.record_types import Link, OrganizationLink, Provenance
from forge.web.api.resources.records import link_record, organization_record, provenance_record, wanted_calls
from forge.web.api.response import texts_in_language
from forge.web.api.route import DescribedRoute
from forge.web.api.types import Country, Day, Id, LanguageTag, Slug, TextByLanguage, Uri, list_of, members_of, record
from forge.web.core.render import base_url, now_of

_CHOSEN_FIELDS = ("replaced", "effort_days", "cost_band", "again")
_TEXT_FIELDS = ("tag", "group")
_LIST_FIELDS = {"handed": HANDED_OVER, "looked_for": LOOKED_FOR}
EXPERIENCE = record(
    "ReceivedExperience",
    {
        "id": Id,
        "project": Link,
        "organization": OrganizationLink,
        **dict.fromkeys(TEXT_FIELDS["experience"], TextByLanguage),
        **dict.fromkeys(_CHOSEN_FIELDS, str | None),
        "at": Day,
        **members_of(Provenance),
    },
)
CALL = record(
    "ReceivedCall",
    {
        "id": Id,
        "page": Uri,
        "kind": one_of(*KINDS),
        "state": one_of(*STATES),
        "language": str | None,
        "country": Country | None,
        "project": Link | None,
        "organization": OrganizationLink | None,
        "opened_at": Day,
        "ends_at": Day,
        "ended_at": Day | None,
        **dict.fromkeys(TEXT_FIELDS["call"], TextByLanguage),
        **dict.fromkeys(_TEXT_FIELDS, str | None),
        **{name: list_of(one_of(*known)) for name, known in _LIST_FIELDS.items()},
        **members_of(Provenance),
    },
)


def experiences(request: Request) -> Response:
    asked = request.state.asked
    page, following = request.app.state.store.received_experiences.listed(
        project_slug=asked.get("project"),
        organization_slug=asked.get("organization"),
        after=_EXPERIENCES.after(request),
        limit=_EXPERIENCES.size(request),
    )
    return _EXPERIENCES.whole(request, [_experience(request, experience) for experience in page], following)


def calls(request: Request) -> Response:
    page, following = request.app.state.store.received_calls.listed(
        wanted_calls(request.state.asked),
        after=_CALLS.after(request),
        limit=_CALLS.size(request),
        now=now_of(request),
    )
    return _CALLS.whole(request, [_call_record(request, call) for call in page], following, human="/calls/elsewhere")


def _experience(request: Request, experience: ReceivedExperience) -> dict[str, Any]:
    return {
        "id": str(experience.key),
        "project": link_record(request, "projects", *experience.project),
        "organization": organization_record(request, experience.organization),
        **{name: texts_in_language(request, experience.record.get(name, {})) for name in TEXT_FIELDS["experience"]},
        **{name: experience.record.get(name) for name in _CHOSEN_FIELDS},
        "at": experience.at.isoformat(),
        **provenance_record(request, RecordOrigin(experience.catalogue)),
    }


def _call_record(request: Request, call: ReceivedCall) -> dict[str, Any]:
    return {
        "id": str(call.key),
        "page": f"{base_url(request)}/calls/elsewhere/{call.key}",
        "kind": call.kind,
        "state": call.state,
        "language": call.language,
        "country": call.country,
        "project": link_record(request, "projects", *call.project) if call.project else None,
        "organization": organization_record(request, call.organization) if call.organization else None,
        "opened_at": call.opened_at.isoformat(),
        "ends_at": call.ends_at.isoformat(),
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        **{name: texts_in_language(request, call.record.get(name, {})) for name in TEXT_FIELDS["call"]},
        **{name: call.record.get(name) for name in _TEXT_FIELDS},
        **{name: list(call.record.get(name, ())) for name in _LIST_FIELDS},
        **provenance_record(request, RecordOrigin(call.catalogue)),
    }


_PROJECT = Parameter("project", "The slug of a project here.", Slug, "galette")
_LICENSE_NOTE = "Each stands under the licenses of its home, in `data_license`; `home.page` is its own page there."
_EXPERIENCES = Paginator("experiences", EXPERIENCE, BY_DAY, language=LANGUAGE)
_CALLS = Paginator("calls", CALL, BY_DAY, language=TEXTS_LANGUAGE)
# Before the routes of this catalogue's calls, whose references are in the same place of the path.
ROUTES = [
    DescribedRoute(
        "/api/v1/experiences/elsewhere",
        "api-experiences-elsewhere",
        "Experiences",
        {
            "GET": _EXPERIENCES.operation(
                experiences,
                "What organizations told of their uses in other catalogues, the newest first",
                (_PROJECT, Parameter("organization", "The slug of an organization here.", Slug)),
                f"{_LICENSE_NOTE} A part may hold fewer than `limit`.",
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/calls/elsewhere",
        "api-calls-elsewhere",
        "Calls",
        {
            "GET": _CALLS.operation(
                calls,
                "What is asked for in other catalogues, the newest first",
                (
                    Parameter("kind", "What is asked for.", one_of(*KINDS)),
                    Parameter("language", "The language that it is written in.", LanguageTag),
                    Parameter("country", "ISO 3166-1.", Country),
                    _PROJECT,
                    Parameter("state", "Open ones without it.", one_of("open", "ended")),
                ),
                _LICENSE_NOTE,
                examples={"limit": "2"},
            )
        },
    ),
]
