"""Facts, their history and decisions as JSON-safe records, the same in the API and in exports. Addresses and parts of
lists are made in `forge.web.api`.
"""

from datetime import UTC, datetime
from typing import Any

from catalog.rules.decision import Decision
from catalog.rules.fact import ChosenFact, Fact
from catalog.store.core.read_models import FactsPage, HistoryLine


def fact_record(fact: Fact) -> dict[str, Any]:
    """Describe one statement with its origin; `until` only where it is no longer stated. Times are UTC, to the
    second.
    """
    content = {
        "field": fact.field,
        "value": fact.value,
        "origin": fact.origin,
        "source": dict(fact.source),
        "first_seen_at": utc_text(fact.first_seen_at),
        "seen_at": utc_text(fact.seen_at),
    }
    return content | ({"until": utc_text(fact.until)} if fact.until else {})


def fact_records(page: FactsPage, chosen: dict[str, ChosenFact]) -> list[dict[str, Any]]:
    """Describe all facts of a project. `shown`: the project's page shows this one; `disputed`: another origin
    disagrees.
    """
    shown = {id(choice.fact) for choice in chosen.values()}
    disputed = {choice.fact.field for choice in chosen.values() if choice.disputed}
    return [fact_record(fact) | {"shown": id(fact) in shown, "disputed": fact.field in disputed} for fact in page.facts]


def history_line_record(line: HistoryLine) -> dict[str, Any]:
    """Describe a line of a history. `field` is null where the line is of several facts: `facts` is their number."""
    return {
        "number": line.number,
        "at": utc_text(line.at),
        "kind": line.kind,
        "origin": line.origin,
        "field": line.field or None,
        "facts": line.facts,
        "before": fact_record(line.before) if line.before else None,
        "after": fact_record(line.after) if line.after else None,
    }


def decision_record(line: Decision) -> dict[str, Any]:
    """Describe a line of the public log, with all that its digest covers: see `catalog.rules.decision.line_digest`."""
    return {
        "number": line.number,
        "at": utc_text(line.at),
        "kind": line.kind,
        "subject": {"kind": line.subject_kind, "id": str(line.subject_id), "slug": line.slug, "name": line.name},
        "about": line.about,
        "reason": line.reason,
        "words": line.words,
        "role": line.role,
        "concerns": line.concerns,
        "undone_by": line.undone_by,
        "confirmed_by": line.confirmed_by,
        "salt": line.salt,
        "text_digest": line.text_digest,
        "previous": line.previous,
        "digest": line.digest,
    }


def utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
