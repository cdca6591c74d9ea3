"""Who may do what: one table, written by hand, from an action to those who may do it. Pure; it knows no session.

An action is the name of a route that sends something or that not everybody may see, or of a verb of `moderate`. What
has no rule here is a page for every reader; what is sent by a form always has one.
"""

from collections.abc import Mapping

from catalog.errors import NotAllowed
from catalog.people import Person

ANYONE, PERSON, MODERATOR, ADMINISTRATOR = "anyone", "person", "moderator", "administrator"
LEVELS = (ANYONE, PERSON, MODERATOR, ADMINISTRATOR)
SIGN_IN = "sign-in"  # what NotAllowed says to readers who may come back as somebody

_ALL = (ANYONE, PERSON, MODERATOR, ADMINISTRATOR)
_SOMEBODY = (PERSON, MODERATOR, ADMINISTRATOR)
_DESK = (MODERATOR, ADMINISTRATOR)

# fmt: off
RULES: Mapping[str, tuple[str, ...]] = {
    "sign-in-send":        _ALL,
    "sign-in-use":         _ALL,
    "sign-out":            _ALL,
    "me":                  _SOMEBODY,
    "me-change":           _SOMEBODY,
    "me-delete":           _SOMEBODY,
    "me-deleted":          _SOMEBODY,
    "me-data":             _SOMEBODY,
    "desk":                _DESK,
    "desk-find":           _DESK,
    "desk-matter":         _DESK,
    "desk-matter-decide":  _DESK,
    "desk-project":        _DESK,
    "desk-project-decide": _DESK,
    "desk-undo":           _DESK,
    "desk-undo-decide":    _DESK,
}
# fmt: on


def level(person: Person | None) -> str:
    """The one row of LEVELS that somebody stands in; None is a reader who did not sign in."""
    if person is None:
        return ANYONE
    return person.role if person.role in _DESK else PERSON


def may(person: Person | None, action: str) -> bool:
    """Whether they may do it. Raises KeyError for an action without a rule."""
    return level(person) in RULES[action]


def demand(person: Person | None, action: str) -> None:
    """Raises NotAllowed: SIGN_IN for a reader who may do it as somebody else, else the action. KeyError as `may`."""
    if not may(person, action):
        raise NotAllowed(SIGN_IN if person is None else action)
