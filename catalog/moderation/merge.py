"""Merging two records that are the same, separating them again, and saying that they are not the same.

A merge is a statement of a moderator: public, reversible within a day by an undo and later by another decision. Nothing
that was stated of either is lost.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from urllib.parse import urlsplit
from uuid import UUID

from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.federation.identity import ComparedRecord, shares_website
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import PAIR, OutcomeTransaction
from catalog.moderation.outcomes.decision_form import NOT_LAST, NOT_NOW, DecisionRequest, reason_problems
from catalog.rules import permissions
from catalog.rules.decision import APART, JOIN, UNJOIN
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.merges import rows as merge_rows
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store

NO_STAY = "Choose which of the two to keep"
THE_SAME = "Choose two different records"
SENTENCES = (NO_STAY, THE_SAME)
WEBSITE = "homepage"  # a reason of a pair that needs more in common than it says
MOST = 500  # pairs of a kind that are noted at a time
CROWD = 5  # records with the same mark: more of them are no likeness, but a name that many bear


@dataclass(frozen=True)
class MergeChoice:
    """Two records and what a person says of them: `choice` is JOIN or APART; `stays` the identity that stays."""

    kind: str
    first: UUID
    other: UUID
    choice: str
    stays: UUID | None
    reason: str
    words: str

    @property
    def given(self) -> str:
        return self.reason or ("same" if self.choice == JOIN else "different")


def pair(store: Store, person: Person, wish: MergeChoice, *, now: datetime) -> int:
    """Join two records, or say that they are not the same; the number of the line in the log.

    Raises NotFound; NotAllowed where the person may not, or has a conflict of interest; Invalid by field: choice,
    stays, reason, words; AlreadyExists("decision", "") when one of them was joined, hidden or answered meanwhile.
    """
    permissions.demand(person, "desk-merge-decide")
    with changing(store.engine) as (connection, change):
        for key in merge_rows.ordered_pair(wish.first, wish.other):
            moderation_log.hold(connection, key)
        change()
        if own(connection, person, wish.first, wish.other):
            raise NotAllowed(CONFLICT)
        both = {key: moderation_log.subject(connection, wish.kind, key=key) for key in (wish.first, wish.other)}
        wrong = reason_problems(wish.choice, wish.given, wish.words)
        if wish.choice not in (JOIN, APART):
            wrong["choice"] = NOT_NOW
        elif wish.first == wish.other:
            wrong["choice"] = THE_SAME
        elif wish.choice == JOIN and wish.stays not in both:
            wrong["stays"] = NO_STAY
        if wrong:
            raise Invalid(wrong)
        if any(about.state.hidden for about in both.values()):
            raise AlreadyExists("decision", "")
        stays = wish.stays if wish.choice == JOIN and wish.stays is not None else wish.first
        goes = wish.other if stays == wish.first else wish.first
        act = OutcomeTransaction(
            connection, change, now, person, DecisionRequest(wish.choice, "", "", ""), about=both[stays], other=goes
        )
        before = OUTCOMES[PAIR, wish.choice].apply(act)
        given = given_by(person, wish.given, wish.words)
        line = moderation_log.append(connection, wish.choice, both[stays], given, before=before, now=now)
        if wish.choice == JOIN:
            merge_rows.set_log_number(connection, wish.kind, goes, line)
        return line


def unjoin(store: Store, person: Person, kind: str, record_id: UUID, reason: str, words: str, *, now: datetime) -> int:
    """Separate merged records, also long after, and say that they are not the same; the number of the line.

    Raises NotFound where it was not joined; NotAllowed and Invalid as `pair`.
    """
    permissions.demand(person, "desk-unmerge-decide")
    with changing(store.engine) as (connection, change):
        change()
        merge = merge_rows.merge_of(connection, kind, record_id)
        if merge is None:
            raise NotFound("join", str(record_id))
        if own(connection, person, merge.into_id, record_id):
            raise NotAllowed(CONFLICT)
        wrong = reason_problems(UNJOIN, reason or "different", words)
        if merge_rows.merge_of(connection, kind, merge.into_id) is not None:
            wrong["choice"] = NOT_LAST
        if wrong:
            raise Invalid(wrong)
        merge_rows.separate_records(connection, merge, change)
        merge_rows.set_answer(connection, kind, (merge.into_id, record_id), True, now=now)
        about = moderation_log.subject(connection, kind, key=merge.into_id)
        given, before = given_by(person, reason or "different", words), {"other": str(record_id)}
        return moderation_log.append(connection, UNJOIN, about, given, concerns=merge.number, before=before, now=now)


def find_likenesses(store: Store, *, now: datetime) -> int:
    """Note the records that may be the same: organizations of one folded name and country; projects of one folded name
    or repository, or a website that suggests it (`identity.shares_website`). How many are new. It reads each record
    once; what many share is no likeness."""
    return sum(_find(store, kind, now) for kind in ("project", "organization"))


def _find(store: Store, kind: str, now: datetime) -> int:
    marks: dict[tuple[str, str], list[UUID]] = {}
    subjects: dict[UUID, ComparedRecord] = {}
    for key, name, place, repository, home in store.merges.names(kind):
        at = (repository,) if repository else ()
        subjects[key] = ComparedRecord(kind, key, home, name, repositories=at, homepage=place or "")
        for mark in _marks(kind, name, place, repository):
            bearers = marks.setdefault(mark, [])
            if len(bearers) <= CROWD:
                bearers.append(key)
    pairs: dict[tuple[UUID, UUID], set[str]] = {}
    for (reason, _), bearers in marks.items():
        if len(bearers) > CROWD:
            continue
        for bearer, other in combinations(bearers, 2):
            two = subjects[bearer], subjects[other]
            if two[0].home is not None and two[0].home == two[1].home:
                continue  # two records of another catalogue are two: it says so
            if reason == WEBSITE and not shares_website(*two):
                continue
            if len(pairs) < MOST or merge_rows.ordered_pair(bearer, other) in pairs:
                pairs.setdefault(merge_rows.ordered_pair(bearer, other), set()).add(reason)
    return store.merges.resemble(kind, pairs, now=now)


def _marks(kind: str, name: str, place: str | None, repository: str | None) -> set[tuple[str, str]]:
    """`place`: the website of a project, the country of an organization."""
    if kind == "organization":
        return {("name", f"{place or ''} {name}")} if name else set()
    found = {("name", name)} if name else set()
    if repository and (key := _place(repository)):
        found.add(("repository", key))
    if place and (key := _place(place)):
        found.add(("homepage", key))
    return found


def _place(address: str) -> str:
    """Host and path of an address, as two that mean the same place are alike; empty for what is no address."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return f"{host}/{parts.path.strip('/').removesuffix('.git').lower()}" if host else ""
