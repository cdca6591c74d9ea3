"""The warnings at the head of a project's page, and what may be a better choice.

Finished software that organizations go on confirming gets no warning: it may need few changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.publication.model import PublicProject
from catalog.rules.today import DORMANT, ENDED, WARNED_STATUSES
from forge.web.projects.activity import ActivityView
from forge.web.projects.similar import SimilarProject


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


def project_warnings(page: PublicProject, alive: ActivityView, like: Sequence[SimilarProject]) -> ProjectWarnings:
    """The warnings of a project's page. `like` are the similar projects that the page shows."""
    status = page.record.status if page.record.status in WARNED_STATUSES else None
    asleep = alive.state == DORMANT and not alive.confirmed and not alive.at_least
    over = status is not None or asleep or alive.state == ENDED or _is_repository_gone(page)
    return ProjectWarnings(
        status=status,
        asleep_since=alive.last_change_at if asleep and status is None else None,
        asleep_until=None if alive.watched else alive.looked_at,
        better=_better_choices(page, like) if over else (),
    )


def _is_repository_gone(page: PublicProject) -> bool:
    return page.mirror is not None and page.mirror.state == "gone"


def _better_choices(page: PublicProject, like: Sequence[SimilarProject]) -> tuple[BetterChoice, ...]:
    follows = [
        BetterChoice(line.slug, line.name, True)
        for line in page.relations
        if (line.type == "successor-of" and line.inverse) or (line.type == "moving-to" and not line.inverse)
    ]
    if follows:
        return tuple(dict.fromkeys(follows))
    kept_up = (similar.card for similar in like if similar.kept_up)
    return tuple(BetterChoice(card.slug, card.name, False) for card, _ in zip(kept_up, range(2), strict=False))
