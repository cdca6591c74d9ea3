"""Families of forks: what a common history says of two projects, and the tree that stated relations make of many.

Git tells how far two lines of work are apart, never which of them came first or why: only a stated relation says that.
Two projects may share their first commits only because both were started from the same skeleton. Pure functions:
nothing is merged and nothing is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from catalog.model import Words

PAIRS = 24  # projects that one is compared with, and as many that a relation names
FEW_COMMITS = 10  # in common, against more of one's own: a beginning, such as a template's first commit
ALIKE_PERCENT = 25  # of the smaller project's files that both have; with less, only the beginning is shared
MEMBERS = 60  # that a page shows
DEPTH = 6

# Relation types that make a family, each with whether the project that states it comes after the one it names.
FAMILY_RELATIONS: Mapping[str, bool] = {
    "fork-of": True,
    "derived-from": True,
    "successor-of": True,
    "renamed-from": True,
    "part-of": True,
    "moving-to": False,
}


@dataclass(frozen=True)
class RelatedMirror:
    """A mirror that shares a beginning with another. `mine` and `theirs`: the beginning of the line of first parents
    of the one, and of the other, is in the history of both."""

    project_id: UUID
    head: str
    mine: bool
    theirs: bool
    stated: bool  # there is a stated relation between the two
    known: tuple[str, str] | None = None  # both heads when they were compared last


@dataclass(frozen=True)
class HistoryRelation:
    """How two mirrors are related, seen from `project_id`; numbers of commits since they parted, and before."""

    project_id: UUID
    other_id: UUID
    kind: str
    own_commits: int
    other_commits: int
    shared_commits: int
    merge_base: str
    since: datetime | None
    head: str
    other_head: str

    def seen_from_other(self) -> "HistoryRelation":
        return HistoryRelation(
            self.other_id,
            self.project_id,
            _INVERSE.get(self.kind, self.kind),
            self.other_commits,
            self.own_commits,
            self.shared_commits,
            self.merge_base,
            self.since,
            self.other_head,
            self.head,
        )


@dataclass(frozen=True)
class FamilyMember:
    """A project as its family's page shows it."""

    id: UUID
    slug: str
    name: str
    summary: Words
    context_only: bool
    gone: bool  # its origin is; our copy stays
    deployment_countries: tuple[str, ...]
    languages: tuple[str, ...]
    adopter_countries: tuple[str, ...]  # of public uses


@dataclass(frozen=True)
class StatedRelation:
    """A stated relation."""

    project_id: UUID
    type: str
    target_id: UUID

    @property
    def before(self) -> UUID:
        return self.target_id if FAMILY_RELATIONS[self.type] else self.project_id

    @property
    def after(self) -> UUID:
        return self.project_id if FAMILY_RELATIONS[self.type] else self.target_id


@dataclass(frozen=True)
class Family:
    """What is known around one project: its members (itself included), relations, and counts between any two of
    them."""

    of: UUID
    members: Mapping[UUID, FamilyMember] = field(default_factory=dict)
    ties: Sequence[StatedRelation] = ()
    kin: Mapping[tuple[UUID, UUID], HistoryRelation] = field(default_factory=dict)


@dataclass(frozen=True)
class Branch:
    """A member with those that came after it. `tie`: its relation to the member above; `kin`: how far it went."""

    member: FamilyMember
    tie: StatedRelation | None
    kin: HistoryRelation | None
    children: tuple["Branch", ...]


_INVERSE = {"ahead": "behind", "behind": "ahead", "contains": "within", "within": "contains"}


def kind_of_common_history(
    own_commits: int, other_commits: int, shared_commits: int, *, mine: bool, theirs: bool, alike_percent: int | None
) -> str | None:
    """What counts say of two histories; None when they have only a third one in common.

    "same"; "ahead" or "behind", one holds all of the other's and more; "fork", both went on; "contains" or "within",
    the other's history was taken in, with a beginning of its own; "beginning", little but the first commits is shared.
    `alike_percent` is None where nobody compared the files.
    """
    if (not mine and not theirs) or shared_commits == 0:
        return None
    if not mine:
        return "contains"
    if not theirs:
        return "within"
    if own_commits == other_commits == 0:
        return "same"
    few = shared_commits < FEW_COMMITS and max(own_commits, other_commits) > shared_commits
    if few or (alike_percent is not None and alike_percent < ALIKE_PERCENT):
        return "beginning"
    if own_commits == 0:
        return "behind"
    return "ahead" if other_commits == 0 else "fork"


def mirrors_to_compare(head: str, relatives: Sequence[RelatedMirror]) -> list[RelatedMirror]:
    """The mirrors to compare one of this `head` with: the first PAIRS that relations name, and the first PAIRS of the
    others; both come eldest first. Pairs whose heads are those of the last comparison are left out.

    A beginning that hundreds share costs each of them at most 2 PAIRS comparisons, not one with every other.
    """
    stated = [relative for relative in relatives if relative.stated][:PAIRS]
    others = [relative for relative in relatives if not relative.stated][:PAIRS]
    return [relative for relative in (*stated, *others) if relative.known != (head, relative.head)]


def family_tree(family: Family) -> Branch | None:
    """The tree that relations make around the project, from the first one down; None where none relates it to another.

    A project that came after several is below the first of them; a circle is cut.
    """
    above: dict[UUID, StatedRelation] = {}
    below: dict[UUID, list[StatedRelation]] = {}
    for tie in family.ties:
        if tie.before in family.members and tie.after in family.members and tie.before != tie.after:
            above.setdefault(tie.after, tie)
            below.setdefault(tie.before, []).append(tie)
    top, visited = family.of, {family.of}
    while top in above and above[top].before not in visited and len(visited) < DEPTH:
        top = above[top].before
        visited.add(top)
    placed: set[UUID] = set()
    root = _build_branch(family, below, above, top, None, placed, DEPTH * 2)
    return root if root.children else None


def kin_outside_tree(family: Family, root: Branch | None) -> list[HistoryRelation]:
    """Those that share history with the project and are in no tree with it: the nearest kinds first."""
    placed = {branch.member.id for branch in branches(root)} if root else {family.of}
    kin_of_project = [
        kin for (project_id, other_id), kin in family.kin.items() if project_id == family.of and other_id not in placed
    ]
    kin_of_project = [kin for kin in kin_of_project if kin.other_id in family.members]
    return sorted(
        kin_of_project,
        key=lambda kin: (_KINDS_BY_NEARNESS.index(kin.kind), -kin.shared_commits, family.members[kin.other_id].slug),
    )


def branches(root: Branch) -> Iterable[Branch]:
    """A branch and all below it."""
    yield root
    for child in root.children:
        yield from branches(child)


_KINDS_BY_NEARNESS = ("same", "ahead", "behind", "fork", "contains", "within", "beginning")


def _build_branch(
    family: Family,
    below: Mapping[UUID, list[StatedRelation]],
    above: Mapping[UUID, StatedRelation],
    at: UUID,
    tie: StatedRelation | None,
    placed: set[UUID],
    depth: int,
) -> Branch:
    placed.add(at)
    children = []
    for next_tie in below.get(at, ()) if depth else ():
        # It is placed below the first of those that it came after.
        if next_tie.after not in placed and above[next_tie.after] == next_tie:
            children.append(_build_branch(family, below, above, next_tie.after, next_tie, placed, depth - 1))
    children.sort(key=lambda child: child.member.slug)
    kin = family.kin.get((at, tie.before)) if tie else None
    return Branch(family.members[at], tie, kin, tuple(children))
