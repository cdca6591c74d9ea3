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
    "sign-in-send":        _ALL,
    "sign-in-use":         _ALL,
    "sign-out":            _ALL,
    "declaration-change":  _ALL,  # by its secret link, or by its sender
    "still-answer":        _ALL,  # by the link of a message
    "speakers":            (REPRESENTATIVE,),
    "speakers-change":     (REPRESENTATIVE,),
    "vouch":               (REPRESENTATIVE,),
    "vouch-send":          (REPRESENTATIVE,),
    "vouch-back":          (REPRESENTATIVE,),
    "reported":            _OF_PROJECT,
    "reported-add":        _OF_PROJECT,
    "reported-invite":     _OF_PROJECT,
    "invitation-answer":   _ALL,  # by its secret link
    "calls-send":          _ALL,
    "call-support-send":   _ALL,
    "call-tend":           _SIGNED_IN,  # its sender, maintainers of its project, representatives of its organization
    "call-tend-change":    _SIGNED_IN,
    "call-link-change":    _ALL,  # by the link of a reminder
    "call-join":           _DESK,
    "blocks-send":         _ALL,
    "wrong-send":          _ALL,
    "obstacles":           _OF_PROJECT,
    "obstacle-answer":     (MAINTAINER,),
    "use-begin":           _ALL,
    "use-step-send":       _ALL,  # by its secret link
    "use-away-send":       _ALL,
    "use-change":          (REPRESENTATIVE,),
    "help-send":           _ALL,
    "help-away":           _SIGNED_IN,  # maintainers, representatives of the organization, or who gave their own name
    "listing-send":        _ALL,  # who does not maintain the project asks for it
    "register-begin":      _ALL,
    "register-press":      _ALL,  # by the secret link of a draft, as the next
    "register-answer":     _ALL,
    "correct-send":        _ALL,
    "claim-begin":         _SIGNED_IN,
    "claim-look":          _ALL,  # who has the page's address may ask for another check
    "keep":                (MAINTAINER,),
    "keep-change":         (MAINTAINER,),
    "answer-end":          (MAINTAINER, *_DESK),
    "experience-send":     _ALL,
    "experience-answer":   (MAINTAINER,),
    "ask-send":            _ALL,
    "call-write-send":     _ALL,
    "question-change":     _ALL,  # by its secret link, or by whom it concerns
    "me-questions":        _SIGNED_IN,
    "me-questions-change": _SIGNED_IN,
    "me":                  _SIGNED_IN,
    "me-change":           _SIGNED_IN,
    "me-delete":           _SIGNED_IN,
    "me-deleted":          _SIGNED_IN,
    "follow-send":         _ALL,
    "follow-on":           _ALL,  # by the link that their mail holds
    "off-press":           _ALL,  # by the link that each message holds
    "hooks":               (MAINTAINER, ADMINISTRATOR),
    "hook-make":           (MAINTAINER, ADMINISTRATOR),
    "advisory-send":       (MAINTAINER,),
    "me-data":             _SIGNED_IN,
    "desk":                _DESK,
    "desk-next":           _DESK,
    "desk-find":           _DESK,
    "desk-looks":          _DESK,
    "desk-looks-decide":   _DESK,
    "desk-licenses":       _DESK,
    "desk-licenses-decide": _DESK,
    "desk-declaration":    _DESK,
    "desk-declaration-preview": _DESK,
    "desk-declaration-decide": _DESK,
    "desk-organization":   _DESK,
    "desk-organization-decide": _DESK,
    "desk-confirm":        _DESK,
    "desk-join":           _DESK,
    "desk-join-decide":    _DESK,
    "desk-join-choose":    _DESK,
    "desk-join-chosen":    _DESK,
    "desk-part":           _DESK,
    "desk-part-decide":    _DESK,
    "desk-voice":          _DESK,
    "desk-voice-decide":   _DESK,
    "appeal-send":         _ALL,
    "desk-confirm-decide": _DESK,
    "desk-matter":         _DESK,
    "desk-matter-decide":  _DESK,
    "desk-project":        _DESK,
    "desk-project-decide": _DESK,
    "desk-undo":           _DESK,
    "desk-undo-decide":    _DESK,
    "offer":               (REPRESENTATIVE, *_DESK),
    "offer-send":          (REPRESENTATIVE, *_DESK),
    "desk-offers":         _DESK,
    "me-tokens":           _SIGNED_IN,
    "me-tokens-change":    _SIGNED_IN,
    "api-declarations":    _SIGNED_IN,  # by a token, as all that follows
    "api-declaration":     _SIGNED_IN,  # its sender
    "api-declaration-send": _SIGNED_IN,
    "api-declaration-reply": _SIGNED_IN,
    "api-desk":            _DESK,
    "api-desk-declaration": _DESK,
    "api-desk-project":    _DESK,
    "api-desk-organization": _DESK,
    "api-desk-finding":    _DESK,
    "desk-peers":          _ADMINISTRATOR,
    "desk-peer":           _ADMINISTRATOR,
    "desk-peer-decide":    _ADMINISTRATOR,
}
# fmt: on


# The bearer of a crawler's token (the Open Catalog API, /v1) is a subject of its own: no person, in none of LEVELS, and
# no rule above lets it do anything. It writes what crawlers post, which is stored apart, and nothing that people
# stated; no person writes there with a session.
CRAWLER = "crawler"
CRAWLER_WRITES, CRAWLER_READS = "v1-write", "v1-read"  # what is posted; webhooks and events, which readers do not see
CRAWLER_RULES: Mapping[str, tuple[str, ...]] = {CRAWLER_WRITES: (CRAWLER,), CRAWLER_READS: (CRAWLER,)}


def crawler_may(crawler: str | None, action: str) -> bool:
    """Whether the crawler of this name may do it; None bears no token. Raises KeyError for an action without a rule."""
    return (ANYONE if crawler is None else CRAWLER) in CRAWLER_RULES[action]


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
        if organization in person.speaks_for or (unnamed and person.speaks_for):
            reached.add(REPRESENTATIVE)
        if project in person.keeps or (unnamed and person.keeps):
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
