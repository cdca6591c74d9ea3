"""Lists that belong to no single record: all public adoptions, mirrors, vocabularies, collections, countries."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog import vocabulary
from catalog.document import keys
from catalog.errors import NotFound
from catalog.store.core.read_models import Group, Place
from forge.web.api import cursor
from forge.web.api.resources.records import (
    ADOPTION,
    MIRROR,
    NAMED,
    a_mirror,
    a_named,
    address,
    of_organization,
    stated,
    uses,
)
from forge.web.api.response import answer, listed, one, said
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import (
    COUNTRY,
    CURSOR,
    LANGUAGE,
    LICENSE,
    LIMIT,
    PART,
    SLUG,
    TEXT,
    TRUTH,
    URI,
    WHOLE,
    WORDS,
    array,
    fields,
    nullable,
    of_noun,
    part,
    record,
    whole,
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
)
GROUPS = 50
TERM = record(
    slug=TEXT,
    label=WORDS,
    parent=nullable(TEXT),
    definition=WORDS,
    match={"type": "object", "additionalProperties": array(TEXT)},
)
VOCABULARY = record(name=TEXT, title=WORDS, source=TEXT, url=URI, terms=array(TERM))
COLLECTION = record(url=URI, **of_noun(keys.COLLECTION)["properties"])
PLACE = record(country=nullable(COUNTRY), url=nullable(URI), groups=WHOLE, confirmed=WHOLE, helpers=WHOLE, makers=WHOLE)
_GROUP = record(
    organization={"type": "object"}, region=nullable(TEXT), confirmed=TRUTH, projects=array(NAMED), roles=array(TEXT)
)
COUNTRY_PAGE = record(
    **PLACE["properties"],
    organizations=array(_GROUP),
    projects=array(record(**NAMED["properties"], confirmed=WHOLE, unconfirmed=WHOLE)),
    help=array(_GROUP),
    made_by=array(_GROUP),
)


def adoptions(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_texts)
    lines = request.app.state.store.listed.adoptions(
        project_slug=asked.get("project"),
        organization_slug=asked.get("organization"),
        kind=asked.get("kind"),
        country=asked.get("country"),
        stage=asked.get("stage"),
        confirmed=asked.get("confirmed"),
        after=after,
        limit=limit,
    )
    following = cursor.written(lines[-1][0]) if len(lines) >= limit else None
    return listed(request, "adoptions", uses(request, [line for _, line in lines]), following=following)


def mirrors(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_text)
    rows = request.app.state.store.listed.mirrors(state=asked.get("state"), after=after, limit=limit + 1)
    following = cursor.written([rows[limit - 1].slug]) if len(rows) > limit else None
    records = [a_mirror(request, row.slug, row.name, row.mirror) for row in rows[:limit]]
    return listed(request, "mirrors", records, following=following)


def vocabularies(request: Request) -> Response:
    named = [_vocabulary(request, name) for name in vocabulary.names()]
    short = [
        {key: vocabulary_record[key] for key in vocabulary_record if key != "terms"} for vocabulary_record in named
    ]
    return answer(request, {"vocabularies": short})


def vocabulary_of(request: Request) -> Response:
    return one(request, _vocabulary(request, request.path_params["name"]))


def _vocabulary(request: Request, name: str) -> dict[str, Any]:
    known = vocabulary.vocabulary(name)
    return {
        "name": name,
        "title": said(request, known.title),
        "source": known.source,
        "url": address(request, "vocabularies", name),
        "terms": [
            {
                "slug": term.slug,
                "label": said(request, term.label),
                "parent": term.parent,
                "definition": said(request, term.definition),
                "match": {relation: list(targets) for relation, targets in term.match.items()},
            }
            for term in known.terms.values()
        ],
    }


def collections(request: Request) -> Response:
    records = request.app.state.store.front.collections()
    return answer(request, {"collections": [_collection(request, found_collection) for found_collection in records]})


def collection(request: Request) -> Response:
    slug = request.path_params["slug"]
    content = _collection(request, request.app.state.store.pages.collection(slug).record)
    return one(request, content, f"/collections/{slug}")


def _collection(request: Request, collection_record: Any) -> dict[str, Any]:
    return {
        "url": address(request, "collections", collection_record.slug),
        **stated(request, keys.COLLECTION, collection_record),
    }


def countries(request: Request) -> Response:
    places = request.app.state.store.places.countries()
    return answer(request, {"countries": [_place(request, place) for place in places]}, human="/places")


def country(request: Request) -> Response:
    """Describe one country. Raises NotFound where nothing is known of it."""
    code, places = request.path_params["country"], request.app.state.store.places
    if code not in {place.country for place in places.countries()}:
        raise NotFound("country", code)
    page = places.country(code, per_page=GROUPS)
    content = _place(request, page.place) | {
        "organizations": [_group(request, shown) for shown in page.groups],
        "projects": [
            a_named(request, "projects", shown.slug, shown.name)
            | {"confirmed": shown.confirmed, "unconfirmed": shown.unconfirmed}
            for shown in page.projects
        ],
        "help": [_group(request, shown) for shown in page.helpers],
        "made_by": [_group(request, shown) for shown in page.makers],
    }
    return one(request, content, f"/places/{code}")


def _place(request: Request, place: Place) -> dict[str, Any]:
    return {
        "country": place.country,
        "url": address(request, "countries", place.country) if place.country else None,
        "groups": place.groups,
        "confirmed": place.confirmed,
        "helpers": place.helpers,
        "makers": place.makers,
    }


def _group(request: Request, group: Group) -> dict[str, Any]:
    return {
        "organization": of_organization(request, group.organization),
        "region": group.region,
        "confirmed": group.confirmed,
        "projects": [a_named(request, "projects", *project) for project in group.projects],
        "roles": list(group.roles),
    }


_ADOPTION_FILTERS = (
    Parameter("project", "The slug of a project.", SLUG, "galette"),
    Parameter("organization", "The slug of an organization.", SLUG),
    Parameter("kind", "The organization's kind, a term of organization-kind.", {**TEXT, "maxLength": 64}),
    Parameter("country", "The organization's country, ISO 3166-1.", COUNTRY),
    Parameter("stage", "A term of the vocabulary stage.", {**TEXT, "maxLength": 32}),
    Parameter("confirmed", "Those that the organization confirmed, or the others.", TRUTH),
)
ROUTES = [
    Described(
        "/api/v1/adoptions",
        "api-adoptions",
        "Adoptions",
        {
            "GET": Operation(
                adoptions,
                "All public uses, by project and organization",
                part("adoptions", ADOPTION),
                (*_ADOPTION_FILTERS, PART, CURSOR, fields(ADOPTION), LANGUAGE),
                "Uses that an organization does not show publicly are in no part of this interface. The lines of one "
                "project and organization come together, so that a part may hold a few more than `limit`.",
                examples={"confirmed": "true", "limit": "2"},
            )
        },
    ),
    Described(
        "/api/v1/mirrors",
        "api-mirrors",
        "Mirrors and code",
        {
            "GET": Operation(
                mirrors,
                "Our copies of repositories, by project",
                part("mirrors", MIRROR),
                (
                    Parameter("state", "How the last visit left it.", {"type": "string", "enum": list(STATES)}),
                    PART,
                    CURSOR,
                    fields(MIRROR),
                ),
                examples={"limit": "2"},
            )
        },
    ),
    Described(
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
    Described(
        "/api/v1/vocabularies/{name}",
        "api-vocabulary",
        "Vocabularies",
        {
            "GET": Operation(
                vocabulary_of,
                "One list with its terms",
                whole(VOCABULARY),
                (fields(VOCABULARY), LANGUAGE),
                examples={"name": "stage"},
                fails=(404,),
            )
        },
    ),
    Described(
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
    Described(
        "/api/v1/collections/{slug}",
        "api-collection",
        "Collections",
        {
            "GET": Operation(
                collection,
                "One curated list",
                whole(COLLECTION),
                (fields(COLLECTION), LANGUAGE),
                examples={"slug": "suite"},
                fails=(404,),
            )
        },
    ),
    Described(
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
    Described(
        "/api/v1/countries/{country}",
        "api-country",
        "Countries",
        {
            "GET": Operation(
                country,
                "One country with its first groups, projects, helpers and makers",
                whole(COUNTRY_PAGE),
                (fields(COUNTRY_PAGE),),
                examples={"country": "ES"},
                fails=(404,),
            )
        },
    ),
]
