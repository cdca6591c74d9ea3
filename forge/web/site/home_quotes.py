"""Choose adoptions to quote on the home page: of different projects by different kinds of groups. Pure."""

from collections.abc import Iterable

from catalog.store.core.read_models import AdoptionLine

MAX_QUOTES = 3


def quoted_adoptions(lines: Iterable[AdoptionLine], language: str) -> list[AdoptionLine]:
    """At most `MAX_QUOTES` adoptions of different projects and kinds of groups: first those with a text in the reader's
    language, in the order of `lines`. Those with texts in other languages only are last."""

    def rank(line: AdoptionLine) -> tuple[int, ...]:
        spoken = _is_in_language(line, language)
        return (bool(line.adoption.purpose) and not spoken, not spoken)

    ranked = sorted(lines, key=rank)
    adoption_lines: list[AdoptionLine] = []
    for line in ranked:
        if len(adoption_lines) < MAX_QUOTES and not any(_are_alike(line, other) for other in adoption_lines):
            adoption_lines.append(line)
    return adoption_lines


def _is_in_language(line: AdoptionLine, language: str) -> bool:
    return any(tag.partition("-")[0] == language for tag in line.adoption.purpose)


def _are_alike(line: AdoptionLine, other: AdoptionLine) -> bool:
    return line.project_slug == other.project_slug or (
        line.organization.kind is not None and line.organization.kind == other.organization.kind
    )
