"""What a declaration is: what somebody submits, in which state it stands, and how long it is kept. Pure; it keeps
nothing and judges nobody.

A declaration begins as a draft behind a secret link; sent without a proven address it waits until a message's link is
opened; then it is published at once where little can go wrong, or waits for a person at the desk.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

REGISTER, CLAIM, ADOPT, CORRECT, WITHDRAW, CALL, REPORT, SUPPORT, EXPERIENCE, ASK, APPEAL, HELP = (
    "register",  # a project that is not here yet
    "claim",  # the sender keeps a project, or speaks for an organization
    "adopt",  # an organization uses a project
    "correct",  # a field of a project or an organization
    "withdraw",  # something is to be shown no more
    "call",  # somebody asks for something
    "report",  # something is wrong, or blocks somebody
    "support",  # an organization lacks the same as a call says
    "experience",  # an organization tells how its use went
    "ask",  # a question to an organization or a caller, relayed without either address
    "appeal",  # a decision is to be looked at by another person
    "help",  # an organization, or somebody under their own name, keeps a project up or helps with it
)
KINDS = (REGISTER, CLAIM, ADOPT, CORRECT, WITHDRAW, CALL, REPORT, SUPPORT, EXPERIENCE, ASK, APPEAL, HELP)

DRAFT, SENT, WAITING, ASKED, PUBLISHED, REFUSED, WITHDRAWN, EXPIRED = (
    "draft",  # being typed
    "sent",  # waits until the message's link is opened
    "waiting",  # for a person at the desk
    "asked",  # the desk has a question; the sender's answer makes it wait again
    "published",
    "refused",
    "withdrawn",  # by its sender
    "expired",
)
STATES = (DRAFT, SENT, WAITING, ASKED, PUBLISHED, REFUSED, WITHDRAWN, EXPIRED)
OPEN_STATES = (WAITING, ASKED)  # what the desk has before it
EDITABLE_STATES = (DRAFT, SENT, ASKED)
SENT_STATES = (SENT, *OPEN_STATES)  # its sender let go of it, and nobody decided

DRAFT_LIFETIME = timedelta(days=30)
SENT_LIFETIME = timedelta(days=30)  # for the address to be proven
NETWORK_KEPT = timedelta(days=14)

SENDER, MODERATOR, MAINTAINER = "sender", "moderator", "maintainer"
VOICES = (SENDER, MODERATOR, MAINTAINER)

# Without I, L, O, U, 0 and 1, which people confuse or read as words: https://www.crockford.com/base32.html
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# Of what we saw by ourselves, the look at a repository: its key in `found`, and its states.
LOOK = "look"
READING, READ, UNREAD = "reading", "read", "unread"

# What confirms that an organization said so itself; what else stands in the vocabulary `verification` does not.
CONFIRMING = ("domain-confirmed", "file-confirmed", "network-confirmed")


@dataclass(frozen=True)
class Remark:
    at: datetime
    voice: str  # one of VOICES
    text: str
    private: bool = False  # among moderators


@dataclass(frozen=True)
class Declaration:
    """`answers` as typed, `found` as we saw it ourselves; both JSON-safe. `email` and `person_id` are private."""

    id: UUID
    reference: str
    kind: str
    state: str
    language: str
    email: str | None
    person_id: UUID | None
    project_id: UUID | None
    organization_id: UUID | None
    subject: str | None
    answers: Mapping[str, Any]
    found: Mapping[str, Any]
    before: Mapping[str, Any] | None
    created_at: datetime
    changed_at: datetime
    sent_at: datetime | None = None
    decided_at: datetime | None = None
    looked_at: datetime | None = None  # when a person looked at what was published by itself
    reported_at: datetime | None = None  # when one of the two sides of a question reported it to the moderators
    expires_at: datetime | None = None
    remarks: tuple[Remark, ...] = field(default=())

    def says(self, answers: Mapping[str, Any], about: Mapping[str, UUID | None]) -> bool:
        """Whether it holds these answers, and is about what they are about: `project_id` and `organization_id`, as far
        as they were asked for; a record that publishing it made is what was described."""
        here = {name: getattr(self, name) for name in about}
        made = {name for name, value in about.items() if value is None and name in (self.before or {})}
        said = json.loads(json.dumps({**answers}))  # as rows hold them
        return {**self.answers, **said} == self.answers and all(here[one] == about[one] for one in {*about} - made)


def new_reference() -> str:
    """What tells a declaration to people: eight letters and digits of 30, in two groups, read out without confusion."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def reference(text: str) -> str:
    """A reference as it was given out, from how somebody typed it; any text comes back as one that may not exist.

    >>> reference(" 7k3q 9m2x")
    '7K3Q-9M2X'
    """
    letters = "".join(one for one in text.upper() if one.isalnum())[:8]
    return f"{letters[:4]}-{letters[4:]}"


def pair(project_id: UUID, organization_id: UUID) -> UUID:
    """The identity of "this organization uses this project", the same here and in every tombstone."""
    return uuid5(project_id, f"adoption:{organization_id}")


def experienced(project_id: UUID, organization_id: UUID) -> UUID:
    """The identity of "this is how it went for this organization", the same here and in every tombstone."""
    return uuid5(project_id, f"experience:{organization_id}")


def help_of(project_id: UUID, organization_id: UUID, role: str) -> UUID:
    """The identity of "this organization does this for this project", the same here and in its tombstone."""
    return uuid5(project_id, f"help:{organization_id}:{role}")


def look_of(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The look of a declaration's `found`; empty where none was asked for."""
    look: Mapping[str, Any] = found.get(LOOK) or {}
    return look
