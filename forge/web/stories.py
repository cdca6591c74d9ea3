"""Uses to tell on the first page, a sentence each: of different projects by different kinds of groups. Pure."""

from collections.abc import Iterable

from catalog.store.lines import sort_of
from catalog.store.views import AdoptionLine

MOST = 3


def stories(lines: Iterable[AdoptionLine], language: str) -> list[AdoptionLine]:
    """What organizations say themselves first, then what is told in the reader's language, the latest first."""
    ranked = sorted(lines, key=lambda line: (sort_of(line), not _spoken(line, language), not line.adoption.purpose))
    found: list[AdoptionLine] = []
    for line in ranked:
        if len(found) < MOST and not any(_alike(line, other) for other in found):
            found.append(line)
    return found


def _spoken(line: AdoptionLine, language: str) -> bool:
    return any(tag.partition("-")[0] == language for tag in line.adoption.purpose)


def _alike(line: AdoptionLine, other: AdoptionLine) -> bool:
    return line.project_slug == other.project_slug or (
        line.organization.kind is not None and line.organization.kind == other.organization.kind
    )
