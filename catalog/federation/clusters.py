"""Which row each foreign record belongs to, of all that are known here at once. Pure: the same records give the same
answer, in whichever order they came; only a record that has a row of its own keeps it before another takes its place.

A record is joined with one of ours, or else with one of another catalogue, where evidence says so and it is the only
one. Two records of one home are two: that home says so. Where evidence points to several, a person is asked, unless a
trusted catalogue says which. Its word is no evidence; where a mark of it leaves a doubt, it decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from catalog.federation.identity import APART, MAYBE, SAME, Subject, evidence, verdict


@dataclass(frozen=True)
class Theirs:
    """A foreign record: `number` of its row here, what identity reads of it, and whether its own row holds something
    that people said here, which keeps it apart until a person joins the two."""

    number: int
    subject: Subject
    has_row: bool = False
    holds: bool = False


def rows(
    ours: Iterable[Subject],
    theirs: Sequence[Theirs],
    apart: frozenset[frozenset[UUID]] = frozenset(),
    same: frozenset[frozenset[UUID]] = frozenset(),
) -> dict[int, UUID | None]:
    """The row of each foreign record, by its number; None for one that claims the identity of a row that it is not.

    `theirs` come in the order in which their catalogues were added; `apart` are pairs that somebody said are not one;
    `same` those that a trusted catalogue says are.
    """
    known = _Clusters(apart, same)
    for one in ours:
        known.begin(one)
    claims: dict[tuple[UUID | None, UUID], list[Theirs]] = {}
    alone: list[Theirs] = []
    for mine in theirs:
        row = None if mine.holds else known.only(mine.subject)
        if row is None:
            alone.append(mine)
        else:
            claims.setdefault((mine.subject.home, row), []).append(mine)
    found: dict[int, UUID | None] = {}
    refused: dict[int, UUID] = {}
    for (_, row), claimants in claims.items():
        said = [one for one in claimants if one.subject.key == row] or claimants
        for mine in claimants:
            if len(said) == 1 and mine is said[0]:
                found[mine.number] = row
            else:
                refused[mine.number] = row
                alone.append(mine)
    place = {one.number: at for at, one in enumerate(theirs)}
    for mine in sorted((one for one in theirs if one.number in found), key=lambda one: place[one.number]):
        known.join(mine.subject, found[mine.number])
    for mine in sorted(alone, key=lambda one: (not one.has_row, place[one.number])):
        row = None if mine.holds else known.only(mine.subject, but=refused.get(mine.number))
        if row is not None:
            known.join(mine.subject, row)
            found[mine.number] = row
        elif known.begin(mine.subject):
            found[mine.number] = mine.subject.key
        else:
            found[mine.number] = None
    return found


class _Clusters:
    """Rows, each with all the records that are it."""

    def __init__(self, apart: frozenset[frozenset[UUID]], same: frozenset[frozenset[UUID]]):
        self._apart, self._same = apart, same
        self._bearers: dict[str, list[tuple[Subject, UUID]]] = {}
        self._members: dict[UUID, list[Subject]] = {}

    def begin(self, one: Subject) -> bool:
        """A row of its own; False where another record has that identity."""
        if one.key in self._members:
            return False
        self._members[one.key] = []
        self.join(one, one.key)
        return True

    def join(self, one: Subject, row: UUID | None) -> None:
        if row is not None:
            self._members[row].append(one)
            for mark in _marks(one):
                self._bearers.setdefault(mark, []).append((one, row))

    def only(self, one: Subject, but: UUID | None = None) -> UUID | None:
        """The one row that evidence says is this record's; None where there is none, or more than one."""
        fitting = {row for mark in _marks(one) for other, row in self._bearers.get(mark, ())
                   if row != but and self._verdict(one, other) == SAME}  # fmt: skip
        fitting = {row for row in fitting if self._takes(row, one)}
        if one.key in fitting:
            return one.key
        if len(fitting) > 1:
            fitting = {row for row in fitting if any(self._said(one, other) for other in self._members[row])}
        return fitting.pop() if len(fitting) == 1 else None

    def _takes(self, row: UUID, one: Subject) -> bool:
        members = self._members[row]
        if one.home is not None and any(one.home == other.home for other in members):
            return False
        return all(self._verdict(one, other) != APART for other in members)

    def _verdict(self, one: Subject, other: Subject) -> str:
        if frozenset({one.key, other.key}) in self._apart:
            return APART
        found = verdict(one, other)
        agrees = found == MAYBE and self._said(one, other) and evidence(one) & evidence(other)
        return SAME if agrees else found

    def _said(self, one: Subject, other: Subject) -> bool:
        return frozenset({one.key, other.key}) in self._same


def _marks(one: Subject) -> frozenset[str]:
    return evidence(one) | {f"id:{one.key}"}
