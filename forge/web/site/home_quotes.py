"""Uses to tell on the first page, a sentence each: of different projects by different kinds of groups. Pure."""

from collections.abc import Iterable

from catalog.store.core.read_models import AdoptionLine
from catalog.store.core.visibility import sort_of

MOST = 3


def stories(lines: Iterable[AdoptionLine], language: str) -> list[AdoptionLine]:
    """What the reader can read first: of that what organizations say themselves, then what is told in words, the latest
    first. What is told in other languages alone comes behind all of it."""

    def rank(line: AdoptionLine) -> tuple[int, ...]:
        spoken = _spoken(line, language)
        return (bool(line.adoption.purpose) and not spoken, sort_of(line), not spoken)

    ranked = sorted(lines, key=rank)
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
