"""Entries of feeds: public adoptions, versions, decisions, calls. `says`: the macros of a template, in the feed's
language.

What has no full day is left out: a feed orders by days, and a year is not a day.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5

from catalog.publication.model import PublicProject
from catalog.rules.call import Call
from catalog.rules.decision import Decision
from catalog.store.core.read_models import AdoptionLine
from forge.i18n.languages import plain
from forge.web.facts.values import draw_value
from forge.web.feeds.atom import Entry
from forge.web.wording import calls as call_words
from forge.web.wording import decisions as decision_words


def adoption_entry(says: Any, of: UUID, line: AdoptionLine) -> Entry | None:
    """Make the entry of an adoption with the day on which its organization confirmed it, else on which it was found;
    None without a day.
    """
    at = line.confirmed_at or day(line.adoption.seen_at)
    if at is None:
        return None
    return Entry(
        id=uuid5(of, f"use:{line.project_slug}:{line.organization.id}"),
        title=says.uses(line).unescape(),
        updated=at,
        address=f"/projects/{line.project_slug}/users",
        content=says.how(line.adoption).unescape(),
    )


def release_entries(says: Any, page: PublicProject) -> Iterator[Entry]:
    releases = page.chosen.get("releases")
    drawn = draw_value("releases", releases.value) if releases else None
    for release in drawn.value if drawn and drawn.kind == "releases" else ():
        if at := day(release["date"]):
            yield Entry(
                id=uuid5(page.id, f"release:{release['version']}"),
                title=says.release(page.record, release["version"]).unescape(),
                updated=at,
                address=f"/projects/{page.record.slug}",
                content=release["version"],
            )


def decision_entry(says: Any, id: UUID, decision: Decision) -> Entry:
    return Entry(
        id=id,
        title=says.what(decision, decision_words).striptags(),
        updated=decision.at,
        address=f"/log?before={decision.number + 1}#d{decision.number}",
        content=says.why(decision, decision_words),
    )


def call_entry(says: Any, call: Call) -> Entry:
    """Make the entry of a call, in the language of its author."""
    return Entry(
        id=call.id,
        title=plain(call.title),
        language=call.language,
        updated=call.opened_at,
        address=f"/calls/{call.reference}",
        categories=[(call.kind, says.call_kind(call, call_words).unescape())],
        content=plain(call.record["text"]),
    )


def day(text: str | None) -> datetime | None:
    """Return the beginning of a whole day, in UTC."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text and len(text) == 10 else None
    except ValueError:
        return None
