"""What an organization does with software, in a few phrases for the head of its page: each with the first projects that
it is about. Pure.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from catalog.model import MAKER_ROLES
from catalog.publication.model import PublicOrganization
from catalog.store.core.read_models import AdoptionLine
from forge.web.projects.profile import AdoptionsBySort

NAMED = 3
# Stages in which nobody can say yet that the organization uses the software.
TRIED = ("considering", "evaluating", "piloting")


@dataclass(frozen=True)
class Phrase:
    """`does`: makes | helps | confirmed | declared | found; the last three say that it uses something, or where `tried`
    is set that it tries or considers it. `more`: how many projects are not named; None: some."""

    does: str
    names: tuple[str, ...]
    more: int | None = 0
    tried: bool = False


def phrases(found: PublicOrganization, uses: AdoptionsBySort) -> tuple[Phrase, ...]:
    """Present deeds alone, what nobody doubts first."""
    makes = [line.project_name for line in found.maintenance if line.maintenance.role in MAKER_ROLES]
    helps = [line.project_name for line in found.maintenance if line.maintenance.role not in MAKER_ROLES]
    helps += [name for _, name in found.hosting] + [line.project_name for line in found.provided]
    # Of what it makes and helps with the first few alone are here: roles that make stand first.
    cut = found.maintained > len(found.maintenance)
    more_helps = cut or found.hosted > len(found.hosting) or found.provided_in_all > len(found.provided)
    return tuple(
        phrase
        for phrase in (
            _phrase("makes", makes, cut and not helps),
            _phrase("helps", helps, more_helps),
            *_phrases_of("confirmed", uses.confirmed, found.uses.confirmed),
            *_phrases_of("declared", uses.declared, found.uses.declared),
            *_phrases_of("found", uses.found, found.uses.found),
        )
        if phrase.names
    )


def _phrase(does: str, names: Iterable[str], cut: bool, tried: bool = False) -> Phrase:
    every = tuple(dict.fromkeys(names))
    return Phrase(does, every[:NAMED], None if cut else len(every[NAMED:]), tried)


def _phrases_of(does: str, lines: Sequence[AdoptionLine], count: int) -> Iterator[Phrase]:
    """`count`: how many there are in all, of which the lines may be the first few."""
    used = [line.project_name for line in lines if line.adoption.stage not in TRIED]
    tried = [line.project_name for line in lines if line.adoption.stage in TRIED and line.project_name not in used]
    yield _phrase(does, used, count > len(lines))
    yield _phrase(does, tried, count > len(lines), tried=True)
