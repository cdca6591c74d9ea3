"""How one statement of an adoption follows another, and how many unnamed adopters may be published. Pure functions."""

from dataclasses import replace
from datetime import date

from catalog.model import Adoption, FormerStage

PUBLIC, COUNTED = VISIBILITIES = ("public", "counted")
SELF_DECLARED = "self-declared"
FORMER_STAGES = 20  # kept of one adoption
# The only numbers that are published of groups that are not named: fewer than the first would reveal who they are.
STEPS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)


def published_step(number: int) -> int | None:
    """The step that so many unnamed groups reach; None below the first.

    >>> published_step(4), published_step(5), published_step(24)
    (None, 5, 10)
    """
    return max((step for step in STEPS if step <= number), default=None)


def following_statement(before_adoption: Adoption | None, adoption: Adoption, day: date) -> Adoption:
    """What an organization states now, with the stages that it was in before.

    Stating the same stage again adds no former one: it only corrects what was stated of it.
    """
    if before_adoption is None:
        return adoption
    before = before_adoption.before
    if before_adoption.stage is not None and before_adoption.stage != adoption.stage:
        former = FormerStage(day.isoformat(), before_adoption.stage, before_adoption.since, before_adoption.until)
        before = tuple(dict.fromkeys((former, *before)))[:FORMER_STAGES]
    return replace(adoption, before=before)
