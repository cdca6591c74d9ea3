"""How a similar project differs from the project of the page, and what is known of only one of the two.

Pure. Only what is known of both is a difference: that nobody named a language does not mean that it lacks one, and a
way to use it that a record does not name is not known. `forge.web.compare.columns` has the same rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.store.core.read_models import Card
from forge.web.projects.profile import card_vitality

LANGUAGES = 3  # named at most
GROUPS = 3
NOT_KEPT_UP = ("asleep", "ended")


@dataclass(frozen=True)
class Profile:
    """The parts of a project that can be compared; empty or None where not known."""

    ways: frozenset[str]  # online, hosted, self-hosted
    languages: tuple[str, ...]
    made_for: tuple[str, ...]
    alive: str | None
    confirmed_uses: int


@dataclass(frozen=True)
class Differences:
    """What is said of one project and not of the other. `ways` as in a Profile; `more_languages`: how many are not
    named."""

    ways: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    more_languages: int = 0
    made_for: tuple[str, ...] = ()
    kept_up: bool = False  # its code changes, that of the other does not
    confirmed_uses: int = 0

    @property
    def any(self) -> bool:
        return bool(self.ways or self.languages or self.made_for or self.kept_up or self.confirmed_uses)


@dataclass(frozen=True)
class SimilarProject:
    """A similar project: what it has that the page's project lacks, and what it lacks; then what is known only of it,
    and only of the page's project."""

    card: Card
    more: Differences
    less: Differences
    told: Differences
    untold: Differences


def profile_of_card(card: Card, now: datetime) -> Profile:
    return Profile(
        ways=ways_to_use(card.runs_online, card.runs_hosted, card.self_hosted),
        languages=card.languages,
        made_for=card.made_for,
        alive=card_vitality(card, now),
        confirmed_uses=card.confirmed_uses,
    )


def ways_to_use(online: object, hosted: object, self_hosted: object) -> frozenset[str]:
    """How it can be used."""
    given = (("online", online), ("hosted", hosted), ("self-hosted", self_hosted))
    return frozenset(name for name, value in given if value)


def similar_projects(
    mine: Profile, cards: Iterable[Card], spoken: Sequence[str], now: datetime
) -> list[SimilarProject]:
    """The similar projects in their order. `spoken`: languages that are named first, the reader's own before others."""
    found = []
    for card in cards:
        compared = profile_of_card(card, now)
        found.append(
            SimilarProject(
                card,
                has_more(compared, mine, spoken),
                has_more(mine, compared, spoken),
                known_of_one_only(compared, mine, spoken),
                known_of_one_only(mine, compared, spoken),
            )
        )
    return found


def has_more(project: Profile, other: Profile, spoken: Sequence[str]) -> Differences:
    """What `project` has and `other` lacks, where both are known."""
    both = bool(project.languages and other.languages), bool(project.made_for and other.made_for)
    return replace(
        _languages(project.languages if both[0] else (), other.languages, spoken),
        made_for=tuple(kind for kind in project.made_for if both[1] and kind not in other.made_for)[:GROUPS],
        kept_up=project.alive in ("active", "quiet") and other.alive in NOT_KEPT_UP,
    )


def known_of_one_only(project: Profile, other: Profile, spoken: Sequence[str]) -> Differences:
    """What is known of `project`, and not of `other`."""
    return replace(
        _languages(() if other.languages else project.languages, (), spoken),
        ways=tuple(sorted(project.ways - other.ways)),
        made_for=() if other.made_for else project.made_for[:GROUPS],
        confirmed_uses=0 if other.confirmed_uses else project.confirmed_uses,
    )


def _languages(mine: Sequence[str], others: Sequence[str], spoken: Sequence[str]) -> Differences:
    ranks = {tag: place for place, tag in reversed(list(enumerate(spoken)))}
    found = [tag for tag in mine if tag not in others]
    found.sort(key=lambda tag: ranks.get(tag.partition("-")[0], len(spoken)))
    return Differences(languages=tuple(found[:LANGUAGES]), more_languages=max(0, len(found) - LANGUAGES))
