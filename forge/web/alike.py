"""What sets a similar project apart from the one of the page, in words: what each has that the other lacks.

Pure. Only what is known of both is held against either: that nobody named a language is no lack of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.store.views import Card
from forge.web.profile import card_vitality

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
    """What one has and the other lacks. `ways` as in a Profile; `more_languages` of them are not named."""

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
    """A similar project: what it has that the page's lacks, and the other way round."""

    card: Card
    more: Points
    less: Points


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
        found.append(Alike(card, points(other, mine, spoken), points(mine, other, spoken)))
    return found


def points(one: Profile, other: Profile, spoken: Sequence[str]) -> Points:
    """What `one` has and `other` lacks."""
    languages = _beyond(one.languages, other.languages)
    ranks = {tag: place for place, tag in reversed(list(enumerate(spoken)))}
    languages.sort(key=lambda tag: ranks.get(tag.partition("-")[0], len(spoken)))
    return Points(
        ways=tuple(sorted(one.ways - other.ways)) if one.ways and other.ways else (),
        languages=tuple(languages[:LANGUAGES]),
        more_languages=max(0, len(languages) - LANGUAGES),
        made_for=tuple(_beyond(one.made_for, other.made_for)[:GROUPS]),
        kept_up=one.alive in ("active", "quiet") and other.alive in STILL,
        confirmed_uses=one.confirmed_uses if one.confirmed_uses and not other.confirmed_uses else 0,
    )


def _beyond(mine: Sequence[str], others: Sequence[str]) -> list[str]:
    return [one for one in mine if one not in others] if mine and others else []
