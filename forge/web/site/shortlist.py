"""Choose, of the projects that answer a need, the few to consider first, each with why. Pure.

A reason is always something that the reader can check: an editors' list, an organization's own word, an offer, a
language. What was merely found in a public source is shown and does not change the order (decision 067, rule 2).
Projects whose first need it is stand before those that also answer it, since who keeps accounts looks for a tool for
accounts; among these, what is made for any group stands before what is made for one narrow kind of group
(docs/decisions/023-order-by-what-can-be-checked.md).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.model import Collection, Words
from catalog.rules.today import MAINTAINED
from catalog.store.core.read_models import Card
from catalog.vocabulary import vocabulary

MAX_SHORTLISTED = 3
UNKNOWN_YEARS = 100
MIN_REASONS = 2  # without an editors' list and an organization's word


@dataclass(frozen=True)
class AdoptionsNearby:
    """Organizations of the reader's country that use a project."""

    confirmed: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True)
class ListEntry:
    """The editors' list that a project is on, and what they say about it there."""

    slug: str
    title: Words
    reason: Words


@dataclass(frozen=True)
class ShortlistChoice:
    """A project and why to consider it. `small_reasons`: how many of these are true: somebody hosts it,
    it is ready online, its screens are in the reader's language, it is maintained. `main`: the need is the
    first of those it answers. `narrow`: it is made for kinds below a family alone ("housing cooperative")."""

    card: Card
    activity_rank: int  # of `Activity.rank`
    years_silent: int  # since its last known change
    proposable: bool  # by `Card.may_be_proposed`
    curated: ListEntry | None = None
    near: AdoptionsNearby = AdoptionsNearby()
    small_reasons: int = 0
    main: bool = False
    narrow: bool = False

    @property
    def kept_up(self) -> bool:
        return self.activity_rank == MAINTAINED

    @property
    def worth(self) -> bool:
        """Whether there is reason enough to propose it, where it may be proposed at all."""
        if not self.proposable:
            return False
        has_strong_reason = self.curated is not None or self.near.confirmed or self.card.confirmed_uses
        return bool(has_strong_reason) or self.small_reasons >= MIN_REASONS

    @property
    def rank(self) -> tuple[int, ...]:
        """Sort key, the best first; equal ones stay in their order."""
        return (
            not self.main,
            self.narrow,
            -(self.curated is not None),
            -self.near.confirmed,
            -self.card.confirmed_uses,
            self.activity_rank,
            self.years_silent,
            -self.small_reasons,
        )


def shortlist_choices(
    cards: Iterable[Card],
    lists: Sequence[Collection],
    near: Mapping[UUID, AdoptionsNearby],
    language: str,
    now: datetime,
    terms: Container[str],
) -> list[ShortlistChoice]:
    """Each project with its reasons, in the order of the cards; the first list that names it counts. `terms`: the need
    and its narrower needs."""
    kinds = vocabulary("organization-kind")
    entries: dict[str, ListEntry] = {}
    for editors_list in lists:
        for line in editors_list.projects:
            entries.setdefault(line.project, ListEntry(editors_list.slug, editors_list.title, line.reason))
    return [
        ShortlistChoice(
            card=card,
            activity_rank=card.activity.rank(now),
            years_silent=(now - card.activity.changed_at).days // 365 if card.activity.changed_at else UNKNOWN_YEARS,
            proposable=card.may_be_proposed(now),
            curated=entries.get(card.slug),
            near=near.get(card.id, AdoptionsNearby()),
            small_reasons=sum(
                (
                    card.runs_hosted,
                    card.runs_online,
                    any(tag.partition("-")[0] == language for tag in card.languages),
                    card.activity.is_maintained(now),
                )
            ),
            main=bool(card.domains) and card.domains[0] in terms,
            narrow=bool(card.made_for)
            and all(kind in kinds.terms and kinds.terms[kind].parent for kind in card.made_for),
        )
        for card in cards
    ]


def shortlist(every: Iterable[ShortlistChoice]) -> list[ShortlistChoice]:
    """At most MAX_SHORTLISTED of them, the best first, only maintained ones where there are enough of these; none where
    no project has reasons enough."""
    worth = sorted((choice for choice in every if choice.worth), key=lambda choice: choice.rank)
    maintained = [choice for choice in worth if choice.kept_up]
    return (maintained if len(maintained) >= MAX_SHORTLISTED else worth)[:MAX_SHORTLISTED]
