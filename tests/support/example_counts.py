"""How many examples a property is tried with: a few in the usual run, more in the full one; the same each time."""

from hypothesis import settings

USUAL, FULL = 25, 100  # of a property that names no number of its own


def examples(usual: int, full: int) -> int:
    """The one or the other, by the run that this is; `conftest` says so before tests are imported."""
    return full if settings.default.max_examples == FULL else usual
