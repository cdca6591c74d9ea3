"""In which role somebody decides: as the moderator or administrator that they are, or as operator at the command
line."""

from catalog.rules import permissions
from catalog.rules.decision import OPERATOR, GivenDecision
from catalog.rules.person import Person


def given_by(person: Person | None, reason: str, words: str) -> GivenDecision:
    """The decision with this reason and these words of a person; None: of the operator at the command line."""
    if person is None:
        return GivenDecision(reason, words, OPERATOR)
    return GivenDecision(reason, words, permissions.level_of(person), person.id)
