"""Lists that belong to no single record: all public adoptions, mirrors, vocabularies, collections, countries."""

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog import vocabulary
from catalog.document import keys
from catalog.errors import NotFound
from catalog.store.core.read_models import PlaceCounts, PlaceOrganization
from forge.web.api.cursor import BY_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.resources.records import (
    LINK,
    MIRROR,
    USE_NUMBERS,
    api_address,
    link_record,
    mirror_record,
    noun_record,
    organization_record,
)
from forge.web.api.response import json_answer, single_record, texts_in_language
from forge.web.api.route import DescribedRoute, Operation, Parameter
from forge.web.api.schemas import (
    BOOLEAN,
    COUNTRY,
    INTEGER,
    LANGUAGE,
    LICENSE,
    SLUG,
    TEXT,
    TEXT_BY_LANGUAGE,
    URI,
    array,
    fields_parameter,
    noun_schema,
    nullable,
    record,
    with_license,
)

STATES = (
    "waiting",
    "mirrored",
    "failing",
    "unreachable",
    "gone",
    "password",
    "empty",
    "too-large",
    "refused",
    "no-room",
    "frozen",
)
GROUPS = 50
TERM = record(
    slug=TEXT,
    label=TEXT_BY_LANGUAGE,
    parent=nullable(TEXT),
    definition=TEXT_BY_LANGUAGE,
    match={"type": "object", "additionalProperties": array(TEXT)},
)
VOCABULARY = record(name=TEXT, title=TEXT_BY_LANGUAGE, source=TEXT, url=URI, terms=array(TERM))
COLLECTION = record(url=URI, **noun_schema(keys.COLLECTION)["properties"])
GROUPS_BY_WORD = USE_NUMBERS | {"description": "Organizations that use free software, each once, by its surest use."}
PLACE = record(country=nullable(COUNTRY), url=nullable(URI), groups=GROUPS_BY_WORD, helpers=INTEGER, makers=INTEGER)
_GROUP = record(
    organization={"type": "object"}, region=nullable(TEXT), confirmed=BOOLEAN, projects=array(LINK), roles=array(TEXT)
)
COUNTRY_PAGE = record(
    **PLACE["properties"],
    organizations=array(_GROUP),
    projects=array(record(**LINK["properties"], **USE_NUMBERS["properties"])),
    help=array(_GROUP),
    made_by=array(_GROUP),
)


def adoptions(request: Request) -> Response:
    asked = request.state.asked
    limit = ADOPTIONS.size(request)
    lines = request.app.state.store.api_lists.adoptions(
        project_slug=asked.get("project"),
        organization_slug=asked.get("organization"),
        kind=asked.get("kind"),
        country=asked.get("country"),
        stage=asked.get("stage"),
        confirmed=asked.get("confirmed"),
        after=ADOPTIONS.after(request),
        limit=limit,
    )
    return adoptions_part(request, lines)


def mirrors(request: Request) -> Response:
    asked = request.state.asked
    after, limit = _MIRRORS.after(request), _MIRRORS.size(request) + 1
    found = request.app.state.store.api_lists.mirrors(state=asked.get("state"), after=after, limit=limit)
    return _MIRRORS.answer(
        request, found, lambda rows: [mirror_record(request, row.slug, row.name, row.mirror) for row in rows]
    )


def vocabularies(request: Request) -> Response:
    named = [_vocabulary(request, name) for name in vocabulary.names()]
    short = [
        {key: vocabulary_record[key] for key in vocabulary_record if key != "terms"} for vocabulary_record in named
    ]
    return json_answer(request, {"vocabularies": short})


def vocabulary_of(request: Request) -> Response:
    return single_record(request, _vocabulary(request, request.path_params["name"]))


def _vocabulary(request: Request, name: str) -> dict[str, Any]:
    known = vocabulary.vocabulary(name)
    return {
        "name": name,
        "title": texts_in_language(request, known.title),
        "source": known.source,
        "url": api_address(request, "vocabularies", name),
        "terms": [
            {
                "slug": term.slug,
                "label": texts_in_language(request, term.label),
                "parent": term.parent,
                "definition": texts_in_language(request, term.definition),
                "match": {relation: list(targets) for relation, targets in term.match.items()},
            }
            for term in known.terms.values()
        ],
    }


def collections(request: Request) -> Response:
    records = request.app.state.store.home_page.collections()
    return json_answer(
        request, {"collections": [_collection(request, found_collection) for found_collection in records]}
    )


def collection(request: Request) -> Response:
    slug = request.path_params["slug"]
    content = _collection(request, request.app.state.store.record_pages.collection(slug).record)
    return single_record(request, content, f"/collections/{slug}")


def _collection(request: Request, collection_record: Any) -> dict[str, Any]:
    return {
        "url": api_address(request, "collections", collection_record.slug),
        **noun_record(request, keys.COLLECTION, collection_record),
    }


def countries(request: Request) -> Response:
    places = request.app.state.store.countries.countries()
    return json_answer(request, {"countries": [_place(request, place) for place in places]}, human="/places")


def country(request: Request) -> Response:
    """Describe one country. Raises NotFound where nothing is known of it."""
    code, places = request.path_params["country"], request.app.state.store.countries
    if code not in {place.country for place in places.countries()}:
        raise NotFound("country", code)
    page = places.country(code, per_page=GROUPS)
    content = _place(request, page.place) | {
        "organizations": [_group(request, shown) for shown in page.groups],
        "projects": [
            link_record(request, "projects", shown.slug, shown.name) | asdict(shown.uses) for shown in page.projects
        ],
        "help": [_group(request, shown) for shown in page.helpers],
        "made_by": [_group(request, shown) for shown in page.makers],
    }
    return single_record(request, content, f"/places/{code}")


def _place(request: Request, place: PlaceCounts) -> dict[str, Any]:
    return {
        "country": place.country,
        "url": api_address(request, "countries", place.country) if place.country else None,
        "groups": asdict(place.uses),
        "helpers": place.helpers,
        "makers": place.makers,
    }


def _group(request: Request, group: PlaceOrganization) -> dict[str, Any]:
    return {
        "organization": organization_record(request, group.organization),
        "region": group.region,
        "confirmed": group.confirmed,
        "projects": [link_record(request, "projects", *project) for project in group.projects],
        "roles": list(group.roles),
    }


_ADOPTION_FILTERS = (
    Parameter("project", "The slug of a project.", SLUG, "galette"),
    Parameter("organization", "The slug of an organization.", SLUG),
    Parameter("kind", "The organization's kind, a term of organization-kind.", {**TEXT, "maxLength": 64}),
    Parameter("country", "The organization's country, ISO 3166-1.", COUNTRY),
    Parameter("stage", "A term of the vocabulary stage.", {**TEXT, "maxLength": 32}),
    Parameter("confirmed", "Those that the organization confirmed, or the others.", BOOLEAN),
)
_MIRRORS = Paginator("mirrors", MIRROR, BY_TEXT, lambda row: (row.slug,))
ROUTES = [
    DescribedRoute(
        "/api/v1/adoptions",
        "api-adoptions",
        "Adoptions",
        {
            "GET": ADOPTIONS.operation(
                adoptions,
                "All public uses, by project and organization",
                _ADOPTION_FILTERS,
                "Uses that an organization does not show publicly are in no part of this interface. The lines of one "
                "project and organization come together, so that a part may hold a few more than `limit`.",
                examples={"confirmed": "true", "limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/mirrors",
        "api-mirrors",
        "Mirrors and code",
        {
            "GET": _MIRRORS.operation(
                mirrors,
                "Our copies of repositories, by project",
                (Parameter("state", "How the last visit left it.", {"type": "string", "enum": list(STATES)}),),
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/vocabularies",
        "api-vocabularies",
        "Vocabularies",
        {
            "GET": Operation(
                vocabularies,
                "The closed lists of terms",
                {
                    "type": "object",
                    "properties": {"license": LICENSE, "vocabularies": array(VOCABULARY)},
                    "required": ["vocabularies"],
                },
                (LANGUAGE,),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/vocabularies/{name}",
        "api-vocabulary",
        "Vocabularies",
        {
            "GET": Operation(
                vocabulary_of,
                "One list with its terms",
                with_license(VOCABULARY),
                (fields_parameter(VOCABULARY), LANGUAGE),
                examples={"name": "stage"},
                fails=(404,),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/collections",
        "api-collections",
        "Collections",
        {
            "GET": Operation(
                collections,
                "The curated lists",
                {
                    "type": "object",
                    "properties": {"license": LICENSE, "collections": array(COLLECTION)},
                    "required": ["collections"],
                },
                (LANGUAGE,),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/collections/{slug}",
        "api-collection",
        "Collections",
        {
            "GET": Operation(
                collection,
                "One curated list",
                with_license(COLLECTION),
                (fields_parameter(COLLECTION), LANGUAGE),
                examples={"slug": "suite"},
                fails=(404,),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/countries",
        "api-countries",
        "Countries",
        {
            "GET": Operation(
                countries,
                "Where something is used, and where somebody helps",
                {
                    "type": "object",
                    "properties": {"license": LICENSE, "countries": array(PLACE)},
                    "required": ["countries"],
                },
            )
        },
    ),
    DescribedRoute(
        "/api/v1/countries/{country}",
        "api-country",
        "Countries",
        {
            "GET": Operation(
                country,
                "One country with its first groups, projects, helpers and makers",
                with_license(COUNTRY_PAGE),
                (fields_parameter(COUNTRY_PAGE),),
                examples={"country": "ES"},
                fails=(404,),
            )
        },
    ),
]
