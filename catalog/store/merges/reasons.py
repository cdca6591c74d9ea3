"""Why moderators here decided that two records are the same, or are not: in their words, as in the public log, and what
made the two alike.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.contact_details import contact_in
from catalog.rules.decision import APART, UNJOIN
from catalog.store.core.cases import DECIDED_APART, LIKENESS
from catalog.store.core.engine import batches
from catalog.store.merges.rows import ordered_pair
from catalog.tables.moderation import case, decision, merged_record

_KINDS = (PROJECT, ORGANIZATION)
REASONS_ALIKE = ("name", "repository", "homepage", "domain")  # why two may be the same, as found for moderators

KindAndPair = tuple[str, UUID, UUID]  # kind, and both records


@dataclass(frozen=True)
class MergeReason:
    """`words`: empty where none were given, or where they would tell how to contact somebody. `alike`: of
    REASONS_ALIKE."""

    words: str
    alike: tuple[str, ...]


def pairs_decided_apart(connection: Connection, kind: str) -> frozenset[frozenset[UUID]]:
    """In the caller's transaction: pairs of records that are not the same, as decided here."""
    wanted = select(case.c.subject_id, case.c.other_id).where(case.c.kind == kind, *DECIDED_APART)
    return frozenset(frozenset((row.subject_id, row.other_id)) for row in connection.execute(wanted))


def reasons_for_same(connection: Connection, pairs: Collection[KindAndPair]) -> Mapping[KindAndPair, MergeReason]:
    """In the caller's transaction: why the first record of each pair was merged into the other."""
    words_of: dict[tuple[str, UUID], str | None] = {}
    for batch in batches({record_id for _, record_id, _ in pairs}):
        wanted = select(merged_record.c.kind, merged_record.c.record_id, decision.c.words)
        wanted = wanted.join(decision, decision.c.number == merged_record.c.number).where(
            merged_record.c.record_id.in_(batch)
        )
        words_of |= {(row.kind, row.record_id): row.words for row in connection.execute(wanted)}
    alike = _reasons_of_likeness(connection, pairs)
    return {two: _public_reason(words_of.get(two[:2]), alike.get(two, ())) for two in pairs}


def reasons_for_different(connection: Connection, pairs: Collection[KindAndPair]) -> Mapping[KindAndPair, MergeReason]:
    """In the caller's transaction: why the records of each pair are not the same; the last decision counts."""
    words_of: dict[tuple[str, frozenset[UUID]], str | None] = {}
    for batch in batches({key for _, *both in pairs for key in both}):
        wanted = select(decision.c.subject_kind, decision.c.subject_id, decision.c.before, decision.c.words).where(
            decision.c.kind.in_((APART, UNJOIN)), decision.c.subject_id.in_(batch)
        )
        for row in connection.execute(wanted.order_by(decision.c.number)):
            if "other" in row.before:
                words_of[row.subject_kind, frozenset({row.subject_id, UUID(row.before["other"])})] = row.words
    alike = _reasons_of_likeness(connection, pairs)
    return {two: _public_reason(words_of.get((two[0], frozenset(two[1:]))), alike.get(two, ())) for two in pairs}


def _reasons_of_likeness(
    connection: Connection, pairs: Collection[KindAndPair]
) -> Mapping[KindAndPair, tuple[str, ...]]:
    by_ordered_pair = {
        (kind, *ordered_pair(first_id, second_id)): (kind, first_id, second_id) for kind, first_id, second_id in pairs
    }
    reasons_of = {}
    for batch in batches({key for _, key, _ in by_ordered_pair}):
        for row in connection.execute(
            select(case).where(case.c.source == LIKENESS, case.c.kind.in_(_KINDS), case.c.subject_id.in_(batch))
        ):
            if two := by_ordered_pair.get((row.kind, row.subject_id, row.other_id)):
                reasons_of[two] = tuple(reason for reason in row.payload["reasons"] if reason in REASONS_ALIKE)
    return reasons_of


def _public_reason(words: str | None, alike: tuple[str, ...]) -> MergeReason:
    return MergeReason("" if not words or contact_in(words) else words, alike)
