"""Which of the projects in the same categories a project's page shows as similar. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.store.core.read_models import Card
from catalog.store.public_pages.similar import DOMAINS

MAX_SHOWN = 3
MIN_COMMON = 2  # categories: two projects that share a single one often do quite different things


@dataclass(frozen=True)
class SimilarProject:
    """A project of the same categories; `common`: how many categories both name."""

    card: Card
    common: int
    kept_up: bool


def similar_projects(domains: Sequence[str], cards: Iterable[Card], now: datetime) -> list[SimilarProject]:
    """Those of the projects that may be proposed, in their order, each with what it has in common with one that names
    `domains`."""
    mine = set(domains[:DOMAINS])
    return [
        SimilarProject(card, len(mine & set(card.domains)), card.activity.is_maintained(now))
        for card in cards
        if card.may_be_proposed(now)
    ]


def shown_as_similar(projects: Iterable[SimilarProject]) -> list[SimilarProject]:
    """The first that have enough in common."""
    return [similar for similar in projects if similar.common >= MIN_COMMON][:MAX_SHOWN]
