"""Why moderators here said that two records are the same, or are not: in their words, as the log tells them, and what
made the two alike. Whether that travels or is shown is others' matter.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, select

from catalog.rules.call import contact_in
from catalog.rules.decision import APART, ORGANIZATION, PROJECT, UNJOIN
from catalog.store.core.engine import batches
from catalog.store.merges.rows import ordered
from catalog.store.merges.same_as_claims import ALIKE
from catalog.tables.moderation import decision, joined, likeness

_KINDS = (PROJECT, ORGANIZATION)

Two = tuple[str, UUID, UUID]  # kind, and both records


@dataclass(frozen=True)
class Why:
    """`words`: empty where none were given, or where they would tell how to reach somebody. `alike`: of ALIKE."""

    words: str
    alike: tuple[str, ...]


def of_same(connection: Connection, pairs: Collection[Two]) -> Mapping[Two, Why]:
    """In the caller's transaction: of records that were joined away into the other of each pair."""
    said: dict[tuple[str, UUID], str | None] = {}
    for batch in batches({one for _, one, _ in pairs}):
        wanted = select(joined.c.kind, joined.c.record_id, decision.c.words)
        wanted = wanted.join(decision, decision.c.number == joined.c.number).where(joined.c.record_id.in_(batch))
        said |= {(row.kind, row.record_id): row.words for row in connection.execute(wanted)}
    alike = _alike(connection, pairs)
    return {two: _why(said.get(two[:2]), alike.get(two, ())) for two in pairs}


def of_apart(connection: Connection, pairs: Collection[Two]) -> Mapping[Two, Why]:
    """In the caller's transaction: of pairs that are not the same; the last words that were said of it."""
    said: dict[tuple[str, frozenset[UUID]], str | None] = {}
    for batch in batches({key for _, *both in pairs for key in both}):
        wanted = select(decision.c.subject_kind, decision.c.subject_id, decision.c.before, decision.c.words).where(
            decision.c.kind.in_((APART, UNJOIN)), decision.c.subject_id.in_(batch)
        )
        for row in connection.execute(wanted.order_by(decision.c.number)):
            if "other" in row.before:
                said[row.subject_kind, frozenset({row.subject_id, UUID(row.before["other"])})] = row.words
    alike = _alike(connection, pairs)
    return {two: _why(said.get((two[0], frozenset(two[1:]))), alike.get(two, ())) for two in pairs}


def _alike(connection: Connection, pairs: Collection[Two]) -> Mapping[Two, tuple[str, ...]]:
    first = {(kind, *ordered(one, other)): (kind, one, other) for kind, one, other in pairs}
    found = {}
    for batch in batches({key for _, key, _ in first}):
        for row in connection.execute(
            select(likeness).where(likeness.c.kind.in_(_KINDS), likeness.c.one_id.in_(batch))
        ):
            if two := first.get((row.kind, row.one_id, row.other_id)):
                found[two] = tuple(one for one in row.reasons if one in ALIKE)
    return found


def _why(words: str | None, alike: tuple[str, ...]) -> Why:
    return Why("" if not words or contact_in(words) else words, alike)
