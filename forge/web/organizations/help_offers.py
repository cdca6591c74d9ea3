"""The page of those who help: organizations that install, host, develop or teach, by program, kind of help, country and
language.
"""

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.today import is_offer_confirmed
from catalog.store.contributors.help_offers import HelpOffer, by_organization
from catalog.vocabulary import vocabulary
from forge.web.core.list_query import list_pages, page_number_of
from forge.web.core.render import now_of, page

PER_PAGE = 30  # organizations
COOPERATIVE = "cooperative"
_VALUES: Mapping[str, Callable[[HelpOffer], Sequence[str]]] = {
    "project": lambda offer: (offer.project_slug,),
    "role": lambda offer: (offer.role,),
    "country": lambda offer: offer.places,
    "language": lambda offer: offer.languages,
}


def help_offers_page(request: Request) -> Response:
    """The organizations that help, by name. Online help counts in every country."""
    params, language = request.query_params, request.state.page_language
    offers = request.app.state.store.help_offers.all()
    chosen = {name: params.get(name, "")[:100] for name in _VALUES} | {"only": params.get("only", "")}
    offered = {name: _counts(offers, chosen, name) for name in _VALUES}
    names = {offer.project_slug: offer.project_name for offer in offers}
    labels: Mapping[str, Callable[[str], str]] = {
        "project": lambda slug: names[slug],
        "role": lambda role: vocabulary("role").label(role, language.tag),
        "country": language.country,
        "language": language.language,
    }
    helpers = by_organization([offer for offer in offers if all(_fits(offer, chosen, name) for name in chosen)])
    number, now = page_number_of(params.get("page")), now_of(request)
    return page(
        request,
        "organizations/help-offers.html",
        helpers=helpers[(number - 1) * PER_PAGE : number * PER_PAGE],
        total=len(helpers),
        chosen=chosen,
        names=names,
        choices={
            name: sorted(
                ((value, labels[name](value), count) for value, count in counts.items()),
                key=lambda choice: language.in_order(choice[1]),
            )
            for name, counts in offered.items()
        },
        is_confirmed=lambda stated_at: is_offer_confirmed(stated_at, now),
        pages=list_pages(number, len(helpers), PER_PAGE, list(chosen.items())),
        noindex=sum(map(bool, chosen.values())) > 1,
    )


def _fits(offer: HelpOffer, chosen: Mapping[str, str], name: str) -> bool:
    value = chosen[name]
    if not value:
        return True
    if name == "only":
        kind = offer.organization.kind
        return value != COOPERATIVE or COOPERATIVE in (kind, vocabulary("organization-kind").above.get(kind or ""))
    return value in _VALUES[name](offer) or (name == "country" and offer.online)


def _counts(offers: Sequence[HelpOffer], chosen: Mapping[str, str], name: str) -> dict[str, int]:
    """How many organizations each value of a filter leaves under the other filters; the chosen one stands there too."""
    others = [other for other in chosen if other != name]
    found: dict[str, set[str]] = {}
    for offer in offers:
        if all(_fits(offer, chosen, other) for other in others):
            for value in _VALUES[name](offer):
                found.setdefault(value, set()).add(offer.organization.slug)
    return {value: len(slugs) for value, slugs in found.items()}
