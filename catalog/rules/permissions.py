"""Permissions: one table, written by hand, from an action to those who may do it. Pure; sessions are not known here.

An action is the name of a route that sends something or that not everybody may see, or of a step of
`catalog.moderation` or `catalog.submissions`. What has no rule here is a page for every reader; what a form sends
always has one. Representatives of an organization and maintainers of a project may act for that one: the caller names
it in `demand`.
"""

from collections.abc import Mapping
from uuid import UUID

from catalog.errors import NotAllowed
from catalog.rules.person import Person

ANYONE, PERSON, REPRESENTATIVE, MAINTAINER = "anyone", "person", "representative", "maintainer"
MODERATOR, ADMINISTRATOR = "moderator", "administrator"
LEVELS = (ANYONE, PERSON, REPRESENTATIVE, MAINTAINER, MODERATOR, ADMINISTRATOR)
SIGN_IN = "sign-in"  # the action of NotAllowed for readers who may do it once they signed in

_ALL = LEVELS
_SIGNED_IN = (PERSON, REPRESENTATIVE, MAINTAINER, MODERATOR, ADMINISTRATOR)
_DESK = (MODERATOR, ADMINISTRATOR)
_ADMINISTRATOR = (ADMINISTRATOR,)
_OF_PROJECT = (MAINTAINER, MODERATOR, ADMINISTRATOR)

# fmt: off
RULES: Mapping[str, tuple[str, ...]] = {
    "sign-in-send":                   _ALL,
    "sign-in-use":                    _ALL,
    "sign-out":                       _ALL,
    "submission-status-change":       _ALL,  # by its secret link, or by its sender
    "adoption-reconfirmation-answer": _ALL,  # by the link of a message
    "calls-send":                     _ALL,
    "call-manage":                    _SIGNED_IN,  # its sender, and members of the record that it is about
    "call-manage-change":             _SIGNED_IN,
    "obstacle-send":                  _ALL,
    "contact-send":          _ALL,
    "obstacles":                      _OF_PROJECT,
    "obstacle-answer":                (MAINTAINER,),
    "adoption-begin":                 _ALL,
    "adoption-step-send":             _ALL,  # by its secret link
    "adoption-away-send":             _ALL,
    "adoption-change":                (REPRESENTATIVE,),
    "contributors-send":              _ALL,
    "unlisting-send":                 _ALL,  # a request of people who do not maintain the project
    "registration-begin":             _ALL,
    "registration-press":             _ALL,  # by the secret link of a draft, as the next
    "registration-answer":            _ALL,
    "correction-send":                _ALL,
    "verification-begin":             _SIGNED_IN,
    "verification-look":              _ALL,  # people with the page's address may ask for another check
    "project-pictures":               _OF_PROJECT,
    "project-pictures-change":        _OF_PROJECT,
    "organization-pictures":          (REPRESENTATIVE, *_DESK),
    "organization-pictures-change":   (REPRESENTATIVE, *_DESK),
    "project-manage":                 (MAINTAINER,),
    "project-manage-change":          (MAINTAINER,),
    "organization-manage":            (REPRESENTATIVE,),
    "organization-manage-change":     (REPRESENTATIVE,),
    "maintainer-reply-end":           (MAINTAINER, *_DESK),
    "experience-send":                _ALL,
    "experience-answer":              (MAINTAINER,),
    "question-send":                  _ALL,
    "question-change":                _ALL,  # by its secret link, or by the people concerned
    "account-questions":              _SIGNED_IN,
    "account-questions-change":       _SIGNED_IN,
    "account":                        _SIGNED_IN,
    "account-change":                 _SIGNED_IN,
    "account-delete":                 _SIGNED_IN,
    "account-deleted":                _SIGNED_IN,
    "follow-send":                    _ALL,
    "follow-confirm":                 _ALL,  # by the link that their mail holds
    "unsubscribe-press":              _ALL,  # by the link that each message holds
    "account-data":                   _SIGNED_IN,
    "desk":                           _DESK,
    "desk-next":                      _DESK,
    "desk-group":                     _DESK,
    "desk-group-decide":              _DESK,
    "desk-submission":                _DESK,
    "desk-submission-decide":         _DESK,
    "desk-organization":              _DESK,
    "desk-organization-decide":       _DESK,
    "desk-merge":                     _DESK,
    "desk-merge-decide":              _DESK,
    "desk-merge-choose":              _DESK,
    "desk-merge-chosen":              _DESK,
    "desk-separate":                  _DESK,
    "desk-separate-send":             _DESK,
    "desk-case":                      _DESK,
    "desk-case-decide":               _DESK,
    "desk-project":                   _DESK,
    "desk-project-decide":            _DESK,
    "desk-revert":                    _DESK,
    "desk-revert-decide":             _DESK,
    "account-api-tokens":             _SIGNED_IN,
    "account-api-tokens-change":      _SIGNED_IN,
    "api-declarations":               _SIGNED_IN,  # by a token, as all that follows
    "api-declaration":                _SIGNED_IN,  # its sender
    "api-declaration-send":           _SIGNED_IN,
    "desk-draft":                     _DESK,
    "desk-draft-publish":             _DESK,
    "desk-collections":               _DESK,
    "desk-collection":                _DESK,
    "desk-collection-change":         _DESK,
    "desk-organization-new":          _DESK,
    "desk-organization-add":          _DESK,
    "desk-people":                    _DESK,
    "desk-people-change":             _ADMINISTRATOR,
    "desk-health":                    _ADMINISTRATOR,
    "desk-erase":                     _ADMINISTRATOR,
    "desk-erase-send":                _ADMINISTRATOR,
    "desk-peers":                     _DESK,
    "desk-peer":                      _DESK,
    "desk-peer-decide":               _ADMINISTRATOR,
}
# fmt: on


def level_of(person: Person | None) -> str:
    """The one of LEVELS that a person's role gives them; None is a reader who did not sign in."""
    if person is None:
        return ANYONE
    return person.role if person.role in _DESK else PERSON


def levels_of(
    person: Person | None, *, project: UUID | None = None, organization: UUID | None = None
) -> frozenset[str]:
    """All levels of a person: about this project or organization, or, where none is named, about any."""
    reached = {level_of(person)}
    if person is not None:
        unnamed = project is None and organization is None
        if organization in person.represented_organizations or (unnamed and person.represented_organizations):
            reached.add(REPRESENTATIVE)
        if project in person.maintained_projects or (unnamed and person.maintained_projects):
            reached.add(MAINTAINER)
    return frozenset(reached)


def may(person: Person | None, action: str, *, project: UUID | None = None, organization: UUID | None = None) -> bool:
    """Whether they may do it, for this project or organization where one is named. Raises KeyError for an action
    without a rule."""
    return not levels_of(person, project=project, organization=organization).isdisjoint(RULES[action])


def demand(
    person: Person | None, action: str, *, project: UUID | None = None, organization: UUID | None = None
) -> None:
    """Raises NotAllowed: with SIGN_IN for a reader who may do it once signed in, else with the action. KeyError as
    `may`."""
    if not may(person, action, project=project, organization=organization):
        raise NotAllowed(SIGN_IN if person is None else action)
