"""What the home page leads to: the two ways into the categories, projects to begin with, uses to quote, selections as
tiles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, zip_longest

from catalog.model import Collection, Words
from catalog.rules.today import ACTIVE, QUIET
from catalog.search import Finder, IndexMissing, SearchQuery
from catalog.store.core.read_models import AdoptionLine, Card
from catalog.store.public_pages.home_page import HomePage
from catalog.vocabulary import vocabulary
from forge.web.core.category_names import FINANCE_NEEDS, ORGANIZATION_NEEDS

SUITE_COLLECTION = "suite"  # slug of the list that home begins with; another instance may have none
FINANCE = "solidarity-finance"
ORGANIZATION_AREAS = ("accounting-management", "membership-governance", "collaboration", "communication")
START_HERE = 4
HEXAGONS = 6  # pictures of projects beside the search
MAX_QUOTES = 3
TILE_PICTURES = 3  # of projects on the tile of a selection


@dataclass(frozen=True)
class TaskGroup:
    """One of the two ways into the categories: `tasks` have the slug of a category and how many projects."""

    area: str  # finance | organization
    path: str
    projects: int
    tasks: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class StartingPoint:
    """A project to begin with, and what the editors say of it; no words where it is here since most use it."""

    card: Card
    why: Words


@dataclass(frozen=True)
class SelectionTile:
    """A list of the editors': the first of its projects have their pictures on it."""

    slug: str
    title: Words
    cards: tuple[Card, ...]
    projects: int


def area_terms(area: str) -> tuple[str, ...]:
    """An area of the categories and all of its categories."""
    return (area, *vocabulary("domain").children(area))


def doors(store: HomePage) -> list[TaskGroup]:
    """The two ways in, each with those of its tasks for which there is a project; one without any is left out."""
    counts = store.domain_counts()
    ways = (
        ("finance", f"/domains/{FINANCE}", (FINANCE,), FINANCE_NEEDS),
        ("organization", "/domains", ORGANIZATION_AREAS, ORGANIZATION_NEEDS),
    )
    doors_there = []
    for area, path, areas, needs in ways:
        tasks = tuple((term, counts[term]) for term in needs if counts.get(term))
        if tasks:
            terms = {term for name in areas for term in area_terms(name)} | {term for term, _ in tasks}
            doors_there.append(TaskGroup(area, path, store.in_areas(area, sorted(terms)), tasks))
    return doors_there


def count_maintained(searcher: Finder | None, category: str, now: datetime) -> int:
    """How many free programs of a category and its narrower ones are maintained; 0 without an index, or while it is
    being built."""
    if searcher is None:
        return 0
    query = SearchQuery("", {"domain": (category,), "alive": (ACTIVE, QUIET)}, per_page=1)
    try:
        result = searcher.find(query, now)
    except IndexMissing:
        return 0
    return result.total - result.context


def editors_choice(suite: Collection, cards_by_slug: Mapping[str, Card], now: datetime) -> list[StartingPoint]:
    """The first projects of the editors' list that go on, in its order. `cards_by_slug`: cards by slug."""
    points = (
        StartingPoint(cards_by_slug[line.project], line.reason)
        for line in suite.projects
        if line.project in cards_by_slug
    )
    return [point for point in points if point.card.may_be_proposed(now)][:START_HERE]


def pictured_projects(
    lists: Sequence[Collection], cards_by_slug: Mapping[str, Card], added: Iterable[Card], now: datetime
) -> list[Card]:
    """Projects that somebody uses: of different selections first, maintained ones and those with a logo before others,
    then the newest."""
    in_turn = zip_longest(*([line.project for line in editors_list.projects] for editors_list in lists))
    slugs = dict.fromkeys(slug for slug in chain.from_iterable(in_turn) if slug in cards_by_slug)
    chosen = sorted(
        (cards_by_slug[slug] for slug in slugs), key=lambda card: (card.activity.rank(now), card.logo is None)
    )
    cards = {card.slug: card for card in (*chosen, *(card for card in added if card.slug not in slugs))}
    return [card for card in cards.values() if card.may_be_proposed(now) and card.has_users][:HEXAGONS]


def as_unchosen(card: Card) -> Card:
    """A project that no editor chose: what its makers uploaded does not come to the front by itself."""
    return replace(card, logo=None) if card.logo and card.logo.uploaded else card


def selection_tiles(
    lists: Iterable[Collection], cards_by_slug: Mapping[str, Card], now: datetime
) -> list[SelectionTile]:
    """The tiles of the lists of which a project may be proposed; `cards_by_slug`: cards by slug."""
    tiles = []
    for editors_list in lists:
        every = [cards_by_slug[line.project] for line in editors_list.projects if line.project in cards_by_slug]
        cards = [card for card in every if card.may_be_proposed(now)]
        pictured = sorted(cards, key=lambda card: card.logo is None)[:TILE_PICTURES]
        tiles.append(SelectionTile(editors_list.slug, editors_list.title, tuple(pictured), len(cards)))
    return [tile for tile in tiles if tile.projects]


def quoted_adoptions(lines: Iterable[AdoptionLine], language: str) -> list[AdoptionLine]:
    """At most `MAX_QUOTES` adoptions of different projects and kinds of groups: first those with a text in the reader's
    language, in the order of `lines`. Those with texts in other languages only are last."""

    def rank(line: AdoptionLine) -> tuple[int, ...]:
        spoken = _is_in_language(line, language)
        return (bool(line.adoption.purpose) and not spoken, not spoken)

    ranked = sorted(lines, key=rank)
    adoption_lines: list[AdoptionLine] = []
    for line in ranked:
        if len(adoption_lines) < MAX_QUOTES and not any(_are_alike(line, other) for other in adoption_lines):
            adoption_lines.append(line)
    return adoption_lines


def _is_in_language(line: AdoptionLine, language: str) -> bool:
    return any(tag.partition("-")[0] == language for tag in line.adoption.purpose)


def _are_alike(line: AdoptionLine, other: AdoptionLine) -> bool:
    return line.project_slug == other.project_slug or (
        line.organization.kind is not None and line.organization.kind == other.organization.kind
    )
