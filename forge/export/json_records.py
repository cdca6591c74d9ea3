"""Facts, their history and decisions as JSON-safe records, the same in the API and in exports. Addresses and parts of
lists are made in `forge.web.api`.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, NotRequired

from typing_extensions import TypedDict

from catalog.rules.decision import Decision
from catalog.rules.fact import ChosenFact, Fact
from catalog.store.core.read_models import FactsPage, HistoryLine
from catalog.validation import SchemaNote

Time = Annotated[str, SchemaNote(more=(("format", "date-time"),))]


class StatedFact(TypedDict):
    field: str
    value: Any
    origin: str
    source: Annotated[
        dict[str, Any],
        SchemaNote(
            "`evidence`: the sources of this value, each with the day `seen_at`; `urls`: sources of the whole record, "
            "or of who declared it; `file` and `commit`: where it was read in the code."
        ),
    ]
    first_seen_at: Time
    seen_at: Time
    until: NotRequired[Time]


class FactOfRecord(StatedFact):
    shown: bool
    disputed: bool


class HistoryLineRecord(TypedDict):
    number: int
    at: Time
    kind: str
    origin: str
    field: str | None
    facts: int
    before: StatedFact | None
    after: StatedFact | None


class DecisionSubject(TypedDict):
    kind: str
    id: Annotated[str, SchemaNote(more=(("format", "uuid"),))]
    slug: str | None
    name: str | None


class DecisionRecord(TypedDict):
    number: int
    at: Time
    kind: str
    subject: DecisionSubject
    about: str | None
    reason: str
    words: str | None
    role: str
    concerns: int | None
    undone_by: int | None
    salt: str | None
    text_digest: str
    previous: str
    digest: str


def fact_record(fact: Fact) -> StatedFact:
    """Describe one statement with its origin; `until` only where it is no longer stated. Times are UTC, to the
    second.
    """
    content: StatedFact = {
        "field": fact.field,
        "value": fact.value,
        "origin": fact.origin,
        "source": dict(fact.source),
        "first_seen_at": utc_text(fact.first_seen_at),
        "seen_at": utc_text(fact.seen_at),
    }
    if fact.until:
        content["until"] = utc_text(fact.until)
    return content


def fact_records(page: FactsPage, chosen: dict[str, ChosenFact]) -> list[FactOfRecord]:
    """Describe all facts of a project. `shown`: the project's page shows this one; `disputed`: another origin
    disagrees.
    """
    shown = {id(choice.fact) for choice in chosen.values()}
    disputed = {choice.fact.field for choice in chosen.values() if choice.disputed}
    return [
        {**fact_record(fact), "shown": id(fact) in shown, "disputed": fact.field in disputed} for fact in page.facts
    ]


def history_line_record(line: HistoryLine) -> HistoryLineRecord:
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


def decision_record(line: Decision) -> DecisionRecord:
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
        "salt": line.salt,
        "text_digest": line.text_digest,
        "previous": line.previous,
        "digest": line.digest,
    }


def utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
