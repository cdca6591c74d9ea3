"""Submissions: what people send, in which state it is, and how long it is stored. Pure.

A submission begins as a draft behind a secret link; sent without a verified address it waits until a message's link is
opened; then it is published at once where little can go wrong, or waits for a moderator.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

REGISTER, CLAIM, ADOPT, CORRECT, WITHDRAW, CALL, REPORT, EXPERIENCE, ASK, HELP = (
    "register",  # a project that is not here yet
    "claim",  # the sender is a maintainer of a project, or a representative of an organization
    "adopt",  # an organization uses a project
    "correct",  # a field of a project or an organization
    "withdraw",  # something is to be shown no more
    "call",  # a published need
    "report",  # something is wrong, or an obstacle
    "experience",  # an organization tells how its use went
    "ask",  # a question to an organization or a caller, relayed without either address
    "help",  # an organization, or a person under their own name, is a contributor of a project
)
KINDS = (REGISTER, CLAIM, ADOPT, CORRECT, WITHDRAW, CALL, REPORT, EXPERIENCE, ASK, HELP)

DRAFT, SENT, WAITING, ASKED, PUBLISHED, REFUSED, WITHDRAWN, EXPIRED = (
    "draft",  # being typed
    "sent",  # waits until the message's link is opened
    "waiting",  # for a moderator
    "asked",  # a moderator has a question; the sender's answer makes it wait again
    "published",
    "refused",
    "withdrawn",  # by its sender
    "expired",
)
STATES = (DRAFT, SENT, WAITING, ASKED, PUBLISHED, REFUSED, WITHDRAWN, EXPIRED)
OPEN_STATES = (WAITING, ASKED)  # what moderators have before them
EDITABLE_STATES = (DRAFT, SENT, ASKED)

DRAFT_LIFETIME = timedelta(days=30)
SENT_LIFETIME = timedelta(days=30)  # for the address to be verified
NETWORK_KEPT = timedelta(days=14)

SENDER, MODERATOR, MAINTAINER = "sender", "moderator", "maintainer"
VOICES = (SENDER, MODERATOR, MAINTAINER)

# Without I, L, O, U, 0 and 1, which people confuse or read as words: https://www.crockford.com/base32.html
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

# In `found`, what we observed ourselves, the key of the preview of a repository; and its states.
PREVIEW = "preview"
READING, READ, UNREAD = "reading", "read", "unread"

# Terms of the vocabulary `verification` that confirm an organization's own statement; the other terms do not.
CONFIRMING = ("domain-confirmed", "file-confirmed", "moderator-confirmed")


@dataclass(frozen=True)
class Remark:
    at: datetime
    voice: str  # one of VOICES
    text: str


@dataclass(frozen=True)
class Submission:
    """`answers` as typed, `found` as we observed it; both JSON-safe. `email` and `person_id` are private."""

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
    reviewed_at: datetime | None = None  # when a person reviewed what was published without review
    reported_at: datetime | None = None  # when one of the two sides of a question reported it to the moderators
    expires_at: datetime | None = None
    remarks: tuple[Remark, ...] = field(default=())

    @property
    def is_open(self) -> bool:
        """Whether moderators have it before them."""
        return self.state in OPEN_STATES

    def says(self, answers: Mapping[str, Any], about: Mapping[str, UUID | None]) -> bool:
        """Whether it has these answers, and is about these records: `project_id` and `organization_id`, as far as
        `about` has them. A record that was made when it was published counts as the described one."""
        subjects = {name: getattr(self, name) for name in about}
        made_records = {name for name, value in about.items() if value is None and name in (self.before or {})}
        as_stored = json.loads(json.dumps({**answers}))  # as rows hold them
        return {**self.answers, **as_stored} == self.answers and all(
            subjects[name] == about[name] for name in {*about} - made_records
        )


def new_reference() -> str:
    """A new reference of a submission: eight letters and digits of 30, in two groups, read out without confusion."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def normalized_reference(text: str) -> str:
    """A reference as it was issued, from how somebody typed it; any other text gives one that may not exist.

    >>> normalized_reference(" 7k3q 9m2x")
    '7K3Q-9M2X'
    """
    letters = "".join(character for character in text.upper() if character.isalnum())[:8]
    return f"{letters[:4]}-{letters[4:]}"


def adoption_id(project_id: UUID, organization_id: UUID) -> UUID:
    """The id of "this organization uses this project", the same here and in every tombstone."""
    return uuid5(project_id, f"adoption:{organization_id}")


def experience_id(project_id: UUID, organization_id: UUID) -> UUID:
    """The id of "this is how it went for this organization", the same here and in every tombstone."""
    return uuid5(project_id, f"experience:{organization_id}")


def help_id(project_id: UUID, organization_id: UUID, role: str) -> UUID:
    """The id of "this organization does this for this project", the same here and in its tombstone."""
    return uuid5(project_id, f"help:{organization_id}:{role}")


def preview_result(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The preview of a repository in a submission's `values`; empty where there was none."""
    preview: Mapping[str, Any] = values.get(PREVIEW) or {}
    return preview
