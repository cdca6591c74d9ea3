"""What of other catalogues may be the same as something here: noted for a person, who sees both pages side by side.

It joins nothing. What a person said of two is asked no second time.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from catalog.federation.identity import MAYBE, SAME, Subject, hints, verdict
from catalog.store import Store
from catalog.store.core.engine import reading
from catalog.store.federation.matching import state as matching_state
from catalog.store.merges import rows as merge_rows
from catalog.store.merges import same_as_claims

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
        every = [subject_of(kind, one) for one in matching_state.shown(connection, kind)]
        said = same_as_claims.pairs_stated_different(connection, kind)
    return store.merges.resemble(kind, pairs(every, keys, said), now=now)


def subject_of(kind: str, one: matching_state.Known) -> Subject:
    """What identity reads of a row that is here."""
    return Subject(
        kind=kind,
        key=one.id,
        home=one.peer_id,
        name=one.name,
        repositories=one.repositories,
        others=one.others,
        homepage=one.homepage or "",
        country=one.country or "",
        identifiers=one.identifiers,
        sources=one.sources,
    )


def pairs(
    every: Collection[Subject], keys: Collection[UUID], apart: frozenset[frozenset[UUID]] = frozenset()
) -> dict[tuple[UUID, UUID], set[str]]:
    """The pairs of these records with any of all, that may be the same, each with why; at most MOST.

    Two records of one home are none: that home says that they are two.
    """
    bearers: dict[str, list[Subject]] = {}
    marks = {one.key: hints(one) for one in every}
    for one in every:
        for mark in marks[one.key]:
            bearers.setdefault(mark, []).append(one)
    found: dict[tuple[UUID, UUID], set[str]] = {}
    for one in every:
        if one.key not in keys or len(found) >= MOST:
            continue
        near = {
            other.key: other
            for mark in marks[one.key]
            if len(bearers[mark]) <= CROWD
            for other in bearers[mark]
            if other.key != one.key and (other.home is None or other.home != one.home)
        }
        for other in near.values():
            pair = frozenset((one.key, other.key))
            if pair not in apart and verdict(one, other) in (SAME, MAYBE):
                common = marks[one.key] & marks[other.key]
                found[merge_rows.ordered_pair(one.key, other.key)] = _reasons(common)
    return found


def _reasons(common: Collection[str]) -> set[str]:
    return {REASONS.get(mark.partition(":")[0], "name") for mark in common}
