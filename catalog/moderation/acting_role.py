"""In whose role a decision is given: that of the person who decides, or that of whoever has the command line. It judges
nothing and writes no line.
"""

from catalog.rules import permissions
from catalog.rules.decision import OPERATOR, GivenDecision
from catalog.rules.person import Person


def given_by(person: Person | None, reason: str, words: str) -> GivenDecision:
    """With this reason and these words by a person; None: by whoever has the command line."""
    if person is None:
        return GivenDecision(reason, words, OPERATOR)
    return GivenDecision(reason, words, permissions.level_of(person), person.id)
