"""What the API gives of a record: the public record, or its card or line in a list, with what is true of it today and
whose it is. Fields with their default value are left out of the JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NotRequired
from uuid import UUID

from starlette.requests import Request

from catalog.publication.model import PublicProject
from catalog.rules.fact import Fact, choose_facts
from catalog.rules.today import ProjectToday
from catalog.store.core.read_models import (
    OURS,
    AdoptionLine,
    Card,
    FactsPage,
    HistoryPage,
    OrganizationCard,
    RecordOrigin,
)
from catalog.store.core.visibility import CONFIRMED, DECLARED_SORT, FOUND_ONLY, PAST
from forge.web.api.types import License, Uri, record
from forge.web.core.mirror_copies import state_here
from forge.web.core.render import base_url, now_of
from forge.web.facts.fact_groups import is_code_served
from forge.web.facts.merged_record import record_shown

IDENTITY: Mapping[str, Any] = {"id": UUID, "slug": str, "name": str}  # types of what `identity` gives
STANDINGS = {CONFIRMED: "confirmed", DECLARED_SORT: "declared", FOUND_ONLY: "found", PAST: "past"}


@dataclass(frozen=True, kw_only=True)
class ProjectAnswer(PublicProject):
    """`record` is as its page shows it: `chosen` says who says each value."""

    today: ProjectToday
    clone_url: Uri | None = None


@dataclass(frozen=True, kw_only=True)
class ListedOrganization(OrganizationCard):
    origin: RecordOrigin = OURS


@dataclass(frozen=True, kw_only=True)
class ListedAdoption(AdoptionLine):
    """`standing`: confirmed by the organization, declared by somebody, found in a public source, or past."""

    standing: str
    record_origin: RecordOrigin = OURS


@dataclass(frozen=True, kw_only=True)
class ListedFact(Fact):
    """`shown`: its page shows this one; `disputed`: another origin disagrees."""

    shown: bool
    disputed: bool


def project_answer(request: Request, project: PublicProject) -> ProjectAnswer:
    """A project as its page shows it, without the names of people."""
    record = project.record if project.opted_out else record_shown(project.record, project.chosen)
    values = vars(project) | {
        "record": record,
        "maintenance": tuple(line for line in project.maintenance if line.organization),
    }
    return ProjectAnswer(
        **values,
        today=project.today_at(now_of(request)),
        clone_url=f"{base_url(request)}/git/{project.slug}.git" if is_code_served(project.mirror) else None,
    )


def listed_projects(request: Request, cards: Sequence[Card]) -> list[Card]:
    """These cards with the state of today, and of the copies that are here."""
    now = now_of(request)
    return [
        replace(
            card,
            mirror_state=state_here(request, card.id, card.mirror_state),
            state=card.activity.state(now),
        )
        for card in cards
    ]


def listed_organizations(request: Request, cards: Sequence[OrganizationCard]) -> list[ListedOrganization]:
    whose: Mapping[UUID, RecordOrigin] = request.app.state.store.record_origins.organizations(
        [card.id for card in cards]
    )
    return [ListedOrganization(**vars(card), origin=whose.get(card.id, OURS)) for card in cards]


def listed_adoptions(request: Request, lines: Sequence[AdoptionLine]) -> list[ListedAdoption]:
    whose = request.app.state.store.record_origins.uses(lines)
    return [
        ListedAdoption(**vars(line), standing=STANDINGS[line.sort], record_origin=telling)
        for line, telling in zip(lines, whose, strict=True)
    ]


def facts_answer(page: FactsPage) -> dict[str, Any]:
    chosen = choose_facts(page.facts).values()
    ids = {id(choice.fact) for choice in chosen}
    disputed = {choice.fact.field for choice in chosen if choice.disputed}
    return identity(page) | {
        "facts": [
            ListedFact(**vars(fact), shown=id(fact) in ids, disputed=fact.field in disputed) for fact in page.facts
        ]
    }


def facts_type() -> Any:
    return record("RecordFacts", {"license": NotRequired[License], **IDENTITY, "facts": list[ListedFact]})


def identity(page: FactsPage | HistoryPage) -> dict[str, Any]:
    return {"id": str(page.id), "slug": page.slug, "name": page.name}
