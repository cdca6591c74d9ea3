"""Lists that belong to no single record: all public adoptions, vocabularies, collections, countries."""

from typing import Annotated

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog import vocabulary
from catalog.errors import NotFound
from catalog.model import Collection
from catalog.rules.country_rule import countries_with_rules
from catalog.store.core.read_models import CountryPage, PlaceCounts
from forge.web.api.parameters import FLAG, Parameter
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.response import json_answer, single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Country, Slug, TextByLanguage, whole_list, with_license

GROUPS = 50


class VocabularySummary(TypedDict):
    name: str
    title: TextByLanguage
    source: str


def adoptions(request: Request) -> Response:
    query = request.state.asked
    limit = ADOPTIONS.size(request)
    lines = request.app.state.store.api_lists.adoptions(
        project_slug=query.get("project"),
        organization_slug=query.get("organization"),
        kind=query.get("kind"),
        country=query.get("country"),
        stage=query.get("stage"),
        confirmed=query.get("confirmed"),
        after=ADOPTIONS.after(request),
        limit=limit,
    )
    return adoptions_part(request, lines)


def vocabularies(request: Request) -> Response:
    lists = [vocabulary.vocabulary(name) for name in vocabulary.names()]
    summaries: list[VocabularySummary] = [
        {"name": list_.name, "title": dict(list_.title), "source": list_.source} for list_ in lists
    ]
    return json_answer(request, {"vocabularies": summaries})


def vocabulary_of(request: Request) -> Response:
    return single_record(request, vocabulary.vocabulary(request.path_params["name"]))


def collections(request: Request) -> Response:
    return json_answer(request, {"collections": request.app.state.store.home_page.collections()})


def collection(request: Request) -> Response:
    slug = request.path_params["slug"]
    return single_record(request, request.app.state.store.record_pages.collection(slug).record, f"/collections/{slug}")


def countries(request: Request) -> Response:
    return json_answer(request, {"countries": request.app.state.store.countries.countries()}, human="/places")


def country(request: Request) -> Response:
    """Describe one country. Raises NotFound where nothing is known of it."""
    code, places = request.path_params["country"], request.app.state.store.countries
    if code not in countries_with_rules() | {place.country for place in places.countries()}:
        raise NotFound("country", code)
    return single_record(request, places.country(code, per_page=GROUPS), f"/places/{code}")


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
                with_license(vocabulary.Vocabulary),
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
                whole_list("collections", Collection),
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
                with_license(Collection),
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
                whole_list("countries", PlaceCounts),
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
                with_license(CountryPage),
                examples={"country": "ES"},
                fails=(404,),
            )
        },
    ),
]
