"""Items of a project's feed beside the changes of its facts: versions, public adoptions, decisions. Pure.

A version without a full day is left out: a feed orders by days, and a year is not a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from catalog.publication.model import PublicProject
from catalog.rules.decision import Decision
from catalog.store.core.read_models import AdoptionLine
from forge.web.facts.values import draw_value


@dataclass(frozen=True)
class FeedItem:
    """`kind`: release | use | decision; `about` is the version, the line, or the decision."""

    kind: str
    at: datetime
    id: UUID
    about: Any


def project_items(page: PublicProject, users: Iterable[AdoptionLine], decisions: Iterable[Decision]) -> list[FeedItem]:
    items = [
        FeedItem("decision", decision.at, uuid5(page.id, f"decision:{decision.number}"), decision)
        for decision in decisions
    ]
    items += [use for line in users if (use := adoption_item(page.id, line))]
    releases = page.chosen.get("releases")
    drawn = draw_value("releases", releases.value) if releases else None
    for release in drawn.value if drawn and drawn.kind == "releases" else ():
        if at := day(release["date"]):
            items.append(FeedItem("release", at, uuid5(page.id, f"release:{release['version']}"), release))
    return items


def adoption_item(of: UUID, line: AdoptionLine) -> FeedItem | None:
    """Make the item of an adoption with the day on which its organization confirmed it, else on which it was found;
    None without a day.
    """
    at = line.confirmed_at or day(line.adoption.seen_at)
    return FeedItem("use", at, uuid5(of, f"use:{line.project_slug}:{line.organization.id}"), line) if at else None


def day(text: str | None) -> datetime | None:
    """Return the beginning of a whole day, in UTC."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text and len(text) == 10 else None
    except ValueError:
        return None
