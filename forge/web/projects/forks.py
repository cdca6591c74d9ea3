"""The forks and relatives of a project, for its page: a tree of stated relations, and how many commits git counts
between its members.

Pure. Projects that share history without a stated relation are listed apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.publication.model import PublicProject
from catalog.rules.forks import Branch, Family, FamilyMember, HistoryRelation, family_tree, kin_outside_tree
from catalog.store.core.read_models import RelationLine

SHOWN_OTHERS = 10
SHOWN_NAMES = 6  # of countries, and of languages


@dataclass(frozen=True)
class MemberLine:
    """One member of a family. `above` is the name of the member to which it has the relation `type`, and `kin` (as seen
    from this member).

    `inverse`: the member above stated the relation. `here`: the page is about this member.
    """

    member: FamilyMember
    here: bool
    above: str | None
    type: str | None
    inverse: bool
    kin: HistoryRelation | None
    children: tuple["MemberLine", ...] = ()

    @property
    def serves(self) -> tuple[str, ...]:
        """Countries for which its makers say it is made."""
        return self.member.deployment_countries[:SHOWN_NAMES]

    @property
    def used_in(self) -> tuple[str, ...]:
        """Countries of public adoptions."""
        return self.member.adopter_countries[:SHOWN_NAMES]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of its screens."""
        return self.member.languages[:SHOWN_NAMES]


@dataclass(frozen=True)
class FamilyView:
    """`tree` as stated, None where nobody stated any; `others` share history; `more` of them are not listed."""

    tree: MemberLine | None
    others: tuple[MemberLine, ...]
    more: int

    def beside(self, relations: Iterable[RelationLine]) -> list[RelationLine]:
        """The relations of the page's project that the tree does not show."""
        shown = set(_shown_relations(self.tree)) if self.tree else set()
        return [line for line in relations if (line.inverse, line.type, line.slug) not in shown]


def family_view(page: PublicProject, family: Family) -> FamilyView | None:
    """The family of a project for its page; None when none is known."""
    if family.of not in family.members:
        return None
    root = family_tree(family)
    apart = kin_outside_tree(family, root)
    if root is None and not apart:
        return None
    lines = tuple(
        MemberLine(family.members[kin.other_id], False, page.record.name, None, False, kin.seen_from_other())
        for kin in apart[:SHOWN_OTHERS]
    )
    return FamilyView(_member_line(root, None, family) if root else None, lines, len(apart) - len(lines))


def _shown_relations(line: MemberLine) -> Iterator[tuple[bool, str | None, str]]:
    """The relations of the page's project in a tree, as its relation lines have them: stated by another or not."""
    for child in line.children:
        if line.here:
            yield not child.inverse, child.type, child.member.slug
        elif child.here:
            yield child.inverse, child.type, line.member.slug
        yield from _shown_relations(child)


def _member_line(branch: Branch, above: FamilyMember | None, family: Family) -> MemberLine:
    tie = branch.tie
    return MemberLine(
        member=branch.member,
        here=branch.member.id == family.of,
        above=above.name if above else None,
        type=tie.type if tie else None,
        inverse=tie is not None and tie.project_id != branch.member.id,
        kin=branch.kin,
        children=tuple(_member_line(child, branch.member, family) for child in branch.children),
    )
