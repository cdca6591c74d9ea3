"""The warnings at the head of a project's page, and what may be a better choice.

Finished software that organizations go on confirming gets no warning: it may need few changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from catalog.publication.model import PublicProject
from catalog.rules.today import DORMANT, ENDED, WARNED_STATUSES
from catalog.store.core.read_models import Card
from forge.web.projects.activity import ActivityView

MOST_SIMILAR = 2  # that are named as a better choice


@dataclass(frozen=True)
class BetterChoice:
    """Another project. `follows`: somebody stated that it replaces this one; else it is similar and kept up."""

    slug: str
    name: str
    follows: bool


@dataclass(frozen=True)
class ProjectWarnings:
    """`status`: what its makers said, where that is a warning; `asleep_since`: the last change of its code, where it
    is long ago and nobody lately confirmed an adoption; `better`: projects to consider instead."""

    status: str | None
    asleep_since: datetime | None
    asleep_until: datetime | None  # when somebody looked last, where that is long ago
    better: tuple[BetterChoice, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.status or self.asleep_since or self.better)


def project_warnings(page: PublicProject, alive: ActivityView, kept_up: Iterable[Card]) -> ProjectWarnings:
    """The warnings of a project's page. `kept_up`: similar projects that are maintained,
    which few pages ask for."""
    status = page.record.status if page.record.status in WARNED_STATUSES else None
    asleep = alive.state == DORMANT and not alive.confirmed and not alive.at_least
    over = status is not None or asleep or alive.state == ENDED or _is_repository_gone(page)
    return ProjectWarnings(
        status=status,
        asleep_since=alive.last_change_at if asleep and status is None else None,
        asleep_until=None if alive.watched else alive.looked_at,
        better=_better_choices(page, kept_up) if over else (),
    )


def _is_repository_gone(page: PublicProject) -> bool:
    return page.mirror is not None and page.mirror.state == "gone"


def _better_choices(page: PublicProject, kept_up: Iterable[Card]) -> tuple[BetterChoice, ...]:
    follows = [
        BetterChoice(line.slug, line.name, True)
        for line in page.relations
        if (line.type == "successor-of" and line.inverse) or (line.type == "moving-to" and not line.inverse)
    ]
    if follows:
        return tuple(dict.fromkeys(follows))
    return tuple(BetterChoice(card.slug, card.name, False) for card in islice(kept_up, MOST_SIMILAR))
