"""What sets a similar project apart from the one of the page, in words, and apart from it what is known of one alone.

Pure. Only what is known of both is a difference: that nobody named a language is no lack of it, and a way to use it
that a record does not name is not known there. `columns` holds to the same on the page that compares.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.store.core.read_models import Card
from forge.web.projects.profile import card_vitality

LANGUAGES = 3  # named at most
GROUPS = 3
STILL = ("asleep", "ended")


@dataclass(frozen=True)
class Profile:
    """What of a project can be compared; empty or None where it is not known."""

    ways: frozenset[str]  # online, hosted, self-hosted
    languages: tuple[str, ...]
    made_for: tuple[str, ...]
    alive: str | None
    confirmed_uses: int


@dataclass(frozen=True)
class Points:
    """What is said of one and not of the other. `ways` as in a Profile; `more_languages` of them are not named."""

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
class Alike:
    """A similar project: what it has that the page's lacks, and the other way round; then what is known of it alone,
    and of the page's alone."""

    card: Card
    more: Points
    less: Points
    told: Points
    untold: Points


def profile(card: Card, now: datetime) -> Profile:
    return Profile(
        ways=ways(card.runs_online, card.runs_hosted, card.self_hosted),
        languages=card.languages,
        made_for=card.made_for,
        alive=card_vitality(card, now),
        confirmed_uses=card.confirmed_uses,
    )


def ways(online: object, hosted: object, self_hosted: object) -> frozenset[str]:
    """How it can be used."""
    given = (("online", online), ("hosted", hosted), ("self-hosted", self_hosted))
    return frozenset(name for name, value in given if value)


def alike(mine: Profile, cards: Iterable[Card], spoken: Sequence[str], now: datetime) -> list[Alike]:
    """The similar projects in their order. `spoken`: languages that are named first, the reader's own before others."""
    found = []
    for card in cards:
        other = profile(card, now)
        found.append(
            Alike(
                card,
                points(other, mine, spoken),
                points(mine, other, spoken),
                alone(other, mine, spoken),
                alone(mine, other, spoken),
            )
        )
    return found


def points(one: Profile, other: Profile, spoken: Sequence[str]) -> Points:
    """What `one` has and `other` lacks, where both are known."""
    both = bool(one.languages and other.languages), bool(one.made_for and other.made_for)
    return replace(
        _languages(one.languages if both[0] else (), other.languages, spoken),
        made_for=tuple(each for each in one.made_for if both[1] and each not in other.made_for)[:GROUPS],
        kept_up=one.alive in ("active", "quiet") and other.alive in STILL,
    )


def alone(one: Profile, other: Profile, spoken: Sequence[str]) -> Points:
    """What is known of `one`, and of `other` not."""
    return replace(
        _languages(() if other.languages else one.languages, (), spoken),
        ways=tuple(sorted(one.ways - other.ways)),
        made_for=() if other.made_for else one.made_for[:GROUPS],
        confirmed_uses=0 if other.confirmed_uses else one.confirmed_uses,
    )


def _languages(mine: Sequence[str], others: Sequence[str], spoken: Sequence[str]) -> Points:
    ranks = {tag: place for place, tag in reversed(list(enumerate(spoken)))}
    found = [tag for tag in mine if tag not in others]
    found.sort(key=lambda tag: ranks.get(tag.partition("-")[0], len(spoken)))
    return Points(languages=tuple(found[:LANGUAGES]), more_languages=max(0, len(found) - LANGUAGES))
