"""Lists that belong to no single record: all public adoptions, vocabularies, collections, countries."""

from typing import Annotated, Any

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog import vocabulary
from catalog.document import keys
from catalog.errors import NotFound
from catalog.store.core.read_models import PlaceCounts, PlaceOrganization
from catalog.validation import SchemaNote
from forge.web.api.parameters import FLAG, LANGUAGE, Parameter, fields_parameter
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.resources.record_types import Link, OrganizationLink, UsesBySayer
from forge.web.api.resources.records import (
    api_address,
    link_record,
    noun_record,
    organization_record,
    use_numbers,
)
from forge.web.api.response import json_answer, single_record, texts_in_language
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import (
    Country,
    Slug,
    TextByLanguage,
    Uri,
    members_of_noun,
    partly,
    record,
    whole_list,
    with_license,
)

GROUPS = 50


class TermRecord(TypedDict):
    slug: str
    label: TextByLanguage
    parent: str | None
    definition: TextByLanguage
    match: dict[str, list[str]]


class VocabularySummary(TypedDict):
    name: str
    title: TextByLanguage
    source: str
    url: Uri


class VocabularyRecord(VocabularySummary):
    terms: list[TermRecord]


COLLECTION = record("Collection", {"url": Uri, **members_of_noun(keys.COLLECTION)})


class Place(TypedDict):
    country: Country | None
    url: Uri | None
    groups: Annotated[UsesBySayer, SchemaNote("Organizations that use free software, each once, by its surest use.")]
    helpers: int
    makers: int


class PlaceGroup(TypedDict):
    organization: OrganizationLink
    region: str | None
    confirmed: bool
    projects: list[Link]
    roles: list[str]


class PlaceProject(Link, UsesBySayer):
    pass


class CountryPage(Place):
    organizations: list[PlaceGroup]
    projects: list[PlaceProject]
    help: list[PlaceGroup]
    made_by: list[PlaceGroup]


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


def vocabularies(request: Request) -> Response:
    named = [_vocabulary_summary(request, name) for name in vocabulary.names()]
    return json_answer(request, {"vocabularies": named})


def vocabulary_of(request: Request) -> Response:
    return single_record(request, _vocabulary(request, request.path_params["name"]))


def _vocabulary_summary(request: Request, name: str) -> VocabularySummary:
    known = vocabulary.vocabulary(name)
    return {
        "name": name,
        "title": texts_in_language(request, known.title),
        "source": known.source,
        "url": api_address(request, "vocabularies", name),
    }


def _vocabulary(request: Request, name: str) -> VocabularyRecord:
    return {
        **_vocabulary_summary(request, name),
        "terms": [
            {
                "slug": term.slug,
                "label": texts_in_language(request, term.label),
                "parent": term.parent,
                "definition": texts_in_language(request, term.definition),
                "match": {relation: list(targets) for relation, targets in term.match.items()},
            }
            for term in vocabulary.vocabulary(name).terms.values()
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
    content: CountryPage = {
        **_place(request, page.place),
        "organizations": [_group(request, shown) for shown in page.groups],
        "projects": [
            {**link_record(request, "projects", shown.slug, shown.name), **use_numbers(shown.uses)}
            for shown in page.projects
        ],
        "help": [_group(request, shown) for shown in page.helpers],
        "made_by": [_group(request, shown) for shown in page.makers],
    }
    return single_record(request, content, f"/places/{code}")


def _place(request: Request, place: PlaceCounts) -> Place:
    return {
        "country": place.country,
        "url": api_address(request, "countries", place.country) if place.country else None,
        "groups": use_numbers(place.uses),
        "helpers": place.helpers,
        "makers": place.makers,
    }


def _group(request: Request, group: PlaceOrganization) -> PlaceGroup:
    return {
        "organization": organization_record(request, group.organization),
        "region": group.region,
        "confirmed": group.confirmed,
        "projects": [link_record(request, "projects", *project) for project in group.projects],
        "roles": list(group.roles),
    }


_ADOPTION_FILTERS = (
    Parameter("project", "The slug of a project.", Slug, "galette"),
    Parameter("organization", "The slug of an organization.", Slug),
    Parameter("kind", "The organization's kind, a term of organization-kind.", Annotated[str, MaxLen(64)]),
    Parameter("country", "The organization's country, ISO 3166-1.", Country),
    Parameter("stage", "A term of the vocabulary stage.", Annotated[str, MaxLen(32)]),
    Parameter("confirmed", "Those that the organization confirmed, or the others.", FLAG),
)
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
        "/api/v1/vocabularies",
        "api-vocabularies",
        "Vocabularies",
        {
            "GET": Operation(
                vocabularies,
                "The closed lists of terms",
                whole_list("vocabularies", VocabularySummary),
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
                with_license(partly(VocabularyRecord)),
                (fields_parameter(VocabularyRecord), LANGUAGE),
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
                whole_list("collections", COLLECTION),
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
                with_license(partly(COLLECTION)),
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
                whole_list("countries", Place),
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
                with_license(partly(CountryPage)),
                (fields_parameter(CountryPage),),
                examples={"country": "ES"},
                fails=(404,),
            )
        },
    ),
]
