"""Notes records of other catalogues that may be the same as something here, for a moderator, who sees both pages.

It joins nothing. A pair that a person has answered is not suggested again.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from catalog.federation.identity import MAYBE, SAME, ComparedRecord, hints, verdict
from catalog.store.core.engine import reading
from catalog.store.federation.matching import state as matching_state
from catalog.store.merges import rows as merge_rows
from catalog.store.store import Store

CROWD = 12  # records with one hint in common: more of them share a word and nothing else
MOST = 500  # pairs that are noted at a time
REASONS: Mapping[str, str] = {  # what the desk says of a pair, by the hint that both bear; the first that fits
    "repository": "repository",
    "code": "repository",
    "domain": "domain",
    "site": "domain",
    "page": "homepage",
}


def note(store: Store, kind: str, keys: Collection[UUID], *, now: datetime) -> int:
    """Compare these rows of other catalogues with all others; how many pairs are new to the desk."""
    if not keys:
        return 0
    with reading(store.engine) as connection:
        every = [subject_of(kind, known) for known in matching_state.shown_records(connection, kind)]
        apart = merge_rows.pairs_decided_apart(connection, kind)
    return store.merges.resemble(kind, pairs(every, keys, apart), now=now)


def subject_of(kind: str, known: matching_state.KnownRecord) -> ComparedRecord:
    """The compared values of one of our rows."""
    return ComparedRecord(
        kind=kind,
        key=known.id,
        home=known.peer_id,
        name=known.name,
        repositories=known.repositories,
        others=known.others,
        homepage=known.homepage or "",
        country=known.country or "",
        identifiers=known.identifiers,
        sources=known.sources,
    )


def pairs(
    every: Collection[ComparedRecord], keys: Collection[UUID], apart: frozenset[frozenset[UUID]] = frozenset()
) -> dict[tuple[UUID, UUID], set[str]]:
    """The pairs of these records with any of all, that may be the same, each with why; at most MOST.

    Two records of one home are none: that home says that they are two.
    """
    bearers: dict[str, list[ComparedRecord]] = {}
    marks = {subject.key: hints(subject) for subject in every}
    for subject in every:
        for mark in marks[subject.key]:
            bearers.setdefault(mark, []).append(subject)
    found: dict[tuple[UUID, UUID], set[str]] = {}
    for subject in every:
        if subject.key not in keys or len(found) >= MOST:
            continue
        near = {
            other.key: other
            for mark in marks[subject.key]
            if len(bearers[mark]) <= CROWD
            for other in bearers[mark]
            if other.key != subject.key and (other.home is None or other.home != subject.home)
        }
        for other in near.values():
            pair = frozenset((subject.key, other.key))
            if pair not in apart and verdict(subject, other) in (SAME, MAYBE):
                common = marks[subject.key] & marks[other.key]
                found[merge_rows.ordered_pair(subject.key, other.key)] = _reasons(common)
    return found


def _reasons(common: Collection[str]) -> set[str]:
    return {REASONS.get(mark.partition(":")[0], "name") for mark in common}
