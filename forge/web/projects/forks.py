"""A project's family, as its page says it: a tree that people stated, and how far git counts its members apart.

Pure: it words nothing and reads nothing. Nothing is merged, and who shares history without a stated reason is listed
apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.rules.forks import Branch, Family, Kin, Member, others, tree
from catalog.store.core.read_models import ProjectPage, RelationLine

SHOWN_OTHERS = 10
SHOWN_NAMES = 6  # of countries, and of languages


@dataclass(frozen=True)
class Line:
    """One member. `above` is the name of the one that `type` (a relation) and `kin` (seen from this one) are about.

    `inverse`: the one above stated it. `here`: the page is this one's.
    """

    member: Member
    here: bool
    above: str | None
    type: str | None
    inverse: bool
    kin: Kin | None
    children: tuple["Line", ...] = ()

    @property
    def serves(self) -> tuple[str, ...]:
        """Countries it says it is made for."""
        return self.member.deployment_countries[:SHOWN_NAMES]

    @property
    def used_in(self) -> tuple[str, ...]:
        """Countries of public uses."""
        return self.member.adopter_countries[:SHOWN_NAMES]

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of its screens."""
        return self.member.languages[:SHOWN_NAMES]


@dataclass(frozen=True)
class FamilyView:
    """`tree` as stated, None where nobody stated any; `others` share history; `more` of them are not listed."""

    tree: Line | None
    others: tuple[Line, ...]
    more: int

    def beside(self, relations: Iterable[RelationLine]) -> list[RelationLine]:
        """Of the relations of the page's project those that the tree does not show."""
        shown = set(_edges(self.tree)) if self.tree else set()
        return [line for line in relations if (line.inverse, line.type, line.slug) not in shown]


def family_view(page: ProjectPage, family: Family) -> FamilyView | None:
    """What the page of a project shows of its family; None when it has none that is known."""
    if family.of not in family.members:
        return None
    root = tree(family)
    apart = others(family, root)
    if root is None and not apart:
        return None
    lines = tuple(
        Line(family.members[kin.other_id], False, page.record.name, None, False, kin.seen_from_other())
        for kin in apart[:SHOWN_OTHERS]
    )
    return FamilyView(_line(root, None, family) if root else None, lines, len(apart) - len(lines))


def _edges(line: Line) -> Iterator[tuple[bool, str | None, str]]:
    """The relations of the page's project in a tree, as its relation lines have them: stated by another or not."""
    for child in line.children:
        if line.here:
            yield not child.inverse, child.type, child.member.slug
        elif child.here:
            yield child.inverse, child.type, line.member.slug
        yield from _edges(child)


def _line(branch: Branch, above: Member | None, family: Family) -> Line:
    tie = branch.tie
    return Line(
        member=branch.member,
        here=branch.member.id == family.of,
        above=above.name if above else None,
        type=tie.type if tie else None,
        inverse=tie is not None and tie.project_id != branch.member.id,
        kin=branch.kin,
        children=tuple(_line(child, branch.member, family) for child in branch.children),
    )
