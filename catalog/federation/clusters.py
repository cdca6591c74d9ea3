"""Decides which row each record of another catalogue belongs to, from all that are known here at once. Pure.

The same records give the same answer, in whichever order they came; only a record that has a row already keeps it. A
record is joined with one of ours, or else with one of another catalogue, where there is evidence for exactly one. Two
records of one catalogue stay two, since that catalogue says so. Where evidence points to several, a person is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.federation.identity import APART, SAME, IdentityValues, verdict


@dataclass(frozen=True)
class ForeignRecord:
    """A foreign record: `number` of its row here, what identity reads of it, and whether its own row holds something
    that people said here, which keeps it apart until a person joins the two."""

    number: int
    subject: IdentityValues
    has_row: bool = False
    holds: bool = False


def rows(
    ours: Iterable[IdentityValues],
    theirs: Sequence[ForeignRecord],
    apart: frozenset[frozenset[UUID]] = frozenset(),
) -> dict[int, UUID | None]:
    """The row of each foreign record, by its number; None for one that claims the identity of a row that it is not.

    `theirs` come in the order in which their catalogues were added; `apart` are pairs that somebody said are not one.
    """
    clusters = _Clusters(apart)
    for subject in ours:
        clusters.begin(subject)
    claims: dict[tuple[UUID | None, UUID], list[ForeignRecord]] = {}
    alone: list[ForeignRecord] = []
    for mine in theirs:
        row = None if mine.holds else clusters.only(mine.subject)
        if row is None:
            alone.append(mine)
        else:
            claims.setdefault((mine.subject.home, row), []).append(mine)
    rows_by_cluster: dict[int, UUID | None] = {}
    refused: dict[int, UUID] = {}
    for (_, row), claimants in claims.items():
        foreign_records = [candidate for candidate in claimants if candidate.subject.key == row] or claimants
        for mine in claimants:
            if len(foreign_records) == 1 and mine is foreign_records[0]:
                rows_by_cluster[mine.number] = row
            else:
                refused[mine.number] = row
                alone.append(mine)
    place = {candidate.number: at for at, candidate in enumerate(theirs)}
    for mine in sorted(
        (candidate for candidate in theirs if candidate.number in rows_by_cluster),
        key=lambda candidate: place[candidate.number],
    ):
        clusters.join(mine.subject, rows_by_cluster[mine.number])
    for mine in sorted(alone, key=lambda candidate: (not candidate.has_row, place[candidate.number])):
        row = None if mine.holds else clusters.only(mine.subject, but=refused.get(mine.number))
        if row is not None:
            clusters.join(mine.subject, row)
            rows_by_cluster[mine.number] = row
        elif clusters.begin(mine.subject):
            rows_by_cluster[mine.number] = mine.subject.key
        else:
            rows_by_cluster[mine.number] = None
    return rows_by_cluster


class _Clusters:
    """Rows, each with all the records that belong to it."""

    def __init__(self, apart: frozenset[frozenset[UUID]]):
        self._apart = apart
        self._bearers: dict[str, list[tuple[IdentityValues, UUID]]] = {}
        self._members: dict[UUID, list[IdentityValues]] = {}

    def begin(self, subject: IdentityValues) -> bool:
        """Give a record a row of its own; False where another record has that identity."""
        if subject.key in self._members:
            return False
        self._members[subject.key] = []
        self.join(subject, subject.key)
        return True

    def join(self, subject: IdentityValues, row: UUID | None) -> None:
        if row is not None:
            self._members[row].append(subject)
            for mark in subject.evidence:
                self._bearers.setdefault(mark, []).append((subject, row))

    def only(self, subject: IdentityValues, but: UUID | None = None) -> UUID | None:
        """The row for which there is evidence; None where there is none, or more than one."""
        fitting = {row for mark in subject.evidence for other, row in self._bearers.get(mark, ())
                   if row != but and self._verdict(subject, other) == SAME}  # fmt: skip
        fitting = {row for row in fitting if self._takes(row, subject)}
        if subject.key in fitting:
            return subject.key
        return fitting.pop() if len(fitting) == 1 else None

    def _takes(self, row: UUID, subject: IdentityValues) -> bool:
        members = self._members[row]
        if subject.home is not None and any(subject.home == other.home for other in members):
            return False
        return all(self._verdict(subject, other) != APART for other in members)

    def _verdict(self, subject: IdentityValues, other: IdentityValues) -> str:
        return APART if frozenset({subject.key, other.key}) in self._apart else verdict(subject, other)
