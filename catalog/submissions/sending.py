"""Sends a submission, one way for all forms and programs: keeps what is typed as a draft, proves the address by a link,
then publishes it or leaves it to a moderator.

Each step is one transaction. What is said about a submission later is in the package itself.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.rules.contact_details import NO_EMAIL
from catalog.rules.person import Person
from catalog.rules.submission import (
    ADOPT,
    CORRECT,
    DRAFT,
    DRAFT_LIFETIME,
    EDITABLE_STATES,
    PUBLISHED,
    SENT,
    SENT_LIFETIME,
    WAITING,
    Submission,
)
from catalog.store.core.engine import Connection, reading
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.documents import curation
from catalog.store.people.accounts import (
    CONFIRM_SUBMISSION,
    add_link,
    begin_session,
    may_write,
    person_by_address,
    use_link,
)
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.store import Store
from catalog.store.submissions import submission_rows
from catalog.store.submissions.submission_rows import NOT_ASKED
from catalog.submissions.about import letter
from catalog.submissions.base.organization_field import organization_of
from catalog.submissions.base.protocol import ActsOnConfirmation, Publishing
from catalog.submissions.registry import KINDS

NO_ANSWERS: Mapping[str, Any] = MappingProxyType({})


def problems(store: Store, key: UUID, *, addressed: bool) -> dict[str, str]:
    """What keeps a draft from being sent, a msgid by field; `addressed`: not that an address is missing."""
    with reading(store.engine) as connection:
        return _problems(connection, submission_rows.by_id(connection, key), addressed)


def send_form(
    store: Store,
    kind: str,
    language: str,
    answers: Mapping[str, Any],
    *,
    about: Mapping[str, UUID | None] = NOT_ASKED,
    network: str | None = None,
    token: str | None = None,
    email: str | None = None,
    person: Person | None = None,
    only_keep: bool = False,
    known_problems: Mapping[str, str] | None = None,
    now: datetime,
) -> tuple[str, Submission, dict[str, str]]:
    """Keep and send what a form says, in one transaction. What may not be sent stays a draft.

    `about`: the `project_id` and the `organization_id` that the form says, None for none. `token`: the secret that the
    form held; where it was sent before, the same again is what was sent; other words, or another address, are another
    draft, whose secret is made of the first one and of them: nothing that is typed is lost, and nothing is doubled
    however often it is pressed. `only_keep`: more pages follow, or the page knows already that something is wrong.
    `known_problems`: of a program, what is wrong already: then what may not be sent leaves no draft.
    The secret and the submission as it stands then, with what is wrong, a msgid by field; nothing is, where it is sent
    now or was before. Raises NotFound when the token is of something else; with `known_problems` Invalid with all that
    is wrong, and AlreadyExists where something else was sent with the token.
    """
    begun: dict[str, Any] = {**about, "answers": answers, "network": network, "now": now}
    begun["person_id"] = person.id if person else None
    with changing(store.engine) as (connection, change):
        secret, submission = submission_rows.begin(connection, kind, language, token=token, **begun)
        if submission.kind != kind:
            raise NotFound("draft", "")
        if known_problems is not None and not submission.says(answers, about):
            raise AlreadyExists("declaration", submission.reference)
        while submission.state not in EDITABLE_STATES and not (
            submission.says(answers, about) and email in (None, submission.email)
        ):
            token = _next(secret, answers, about, email)
            secret, submission = submission_rows.begin(connection, kind, language, token=token, **begun)
        act = _Sending(connection, change, email, person, now)
        submission, wrong = act.take(submission, answers, about, only_keep, dict(known_problems or {}))
        if wrong and known_problems is not None and not only_keep:
            raise Invalid(wrong)
        return secret, submission, wrong


def send(
    store: Store,
    key: UUID,
    answers: Mapping[str, Any] = NO_ANSWERS,
    *,
    about: Mapping[str, UUID | None] = NOT_ASKED,
    email: str | None = None,
    person: Person | None = None,
    only_keep: bool = False,
    again: bool = False,
    now: datetime,
) -> tuple[Submission, dict[str, str]]:
    """The same of a draft that is here: a further page of its form, or another press; sent twice, it is sent once.

    `email` as `catalog.rules.person.normalized_address` gives it: another one than before gets a message of its own,
    and links that went to the one before open nothing. `again`: the same one gets another message. Raises NotFound.
    """
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        act = _Sending(connection, change, email, person, now, again)
        return act.take(submission, answers, about, only_keep, {})


def open_link(store: Store, token: str, language: str, *, now: datetime) -> tuple[Person, str, Submission]:
    """Use the link of a message, which proves the address and sends the submission.

    The person, what their new session's cookie holds, and the submission: a draft again, where its answers can no
    longer be sent. Raises NotFound when the link never was, was used or is too old, or when its sender took another
    address since: somebody who first typed a wrong one gave nothing away.
    """
    with changing(store.engine) as (connection, change):
        used = use_link(connection, token, now=now)
        if used.purpose != CONFIRM_SUBMISSION:
            raise NotFound("link", used.id[:8])
        someone = person_by_address(connection, used.email, language, now=now)
        submission = submission_rows.by_id(connection, UUID(used.argument["declaration"]), hold=True)
        waits = submission.state == SENT
        if submission.email != used.email if waits else submission.person_id != someone.id:
            raise NotFound("link", used.id[:8])
        submission = _sent_by(connection, submission, someone)
        kind = KINDS[submission.kind]  # one that arrives says itself what becomes of what can no longer be sent
        if waits and not isinstance(kind, ActsOnConfirmation) and kind.problems(connection, submission):
            submission_rows.change(
                connection, submission.id, state=DRAFT, changed_at=now, expires_at=now + DRAFT_LIFETIME
            )
        elif waits:
            _arrive(connection, submission, someone, change, now)
        return (
            someone,
            begin_session(connection, someone.id, now=now),
            submission_rows.by_id(connection, submission.id),
        )


def publish(
    connection: Connection, submission: Submission, sender: Person | None, change: PublicChange, *, now: datetime
) -> Submission:
    """In the caller's transaction: take a submission over; as it stands then.

    Raises Invalid when it no longer can be.
    """
    kind = KINDS[submission.kind]
    if wrong := kind.problems(connection, submission):
        raise Invalid(wrong)
    before = kind.publish(Publishing(connection, submission, sender, change, now))
    ids: dict[str, Any] = {name: UUID(before[name]) for name in ("project_id", "organization_id") if before.get(name)}
    submission_rows.change(
        connection,
        submission.id,
        state=PUBLISHED,
        before=before,
        decided_at=now,
        changed_at=now,
        expires_at=None,
        **ids,
    )
    return submission_rows.by_id(connection, submission.id)


def _at_once(connection: Connection, submission: Submission, person: Person | None) -> bool:
    """Whether it is published without a moderator. Nothing of a record that a moderator locked is corrected so."""
    if submission.kind == CORRECT:
        about = {"project": submission.project_id, "organization": submission.organization_id}
        if any(key is not None and curation.is_locked(connection, kind, key) for kind, key in about.items()):
            return False
    return KINDS[submission.kind].at_once(connection, submission, person)


def _next(secret: str, *parts: Any) -> str:
    """The secret of what is typed into a form after it was sent: another one for other words."""
    text = json.dumps([secret, *(dict(part) if isinstance(part, Mapping) else part for part in parts)], default=str)
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def _problems(connection: Connection, submission: Submission, addressed: bool) -> dict[str, str]:
    kind = KINDS[submission.kind]
    wrong = kind.problems(connection, submission)
    if not addressed and not kind.nameless:
        wrong["email"] = NO_EMAIL
    return wrong


@dataclass(frozen=True)
class _Sending:
    """One press of a form: the caller's transaction, who sends it, and when."""

    connection: Connection
    change: PublicChange
    email: str | None
    person: Person | None
    now: datetime
    again: bool = False

    def take(
        self,
        submission: Submission,
        answers: Mapping[str, Any],
        about: Mapping[str, UUID | None],
        only_keep: bool,
        wrong: dict[str, str],
    ) -> tuple[Submission, dict[str, str]]:
        """Keep what is typed, and send it where nothing is wrong; as it stands then, with what is wrong."""
        if submission.state in EDITABLE_STATES and not submission.says(answers, about):
            submission = submission_rows.answer(self.connection, submission, answers, about=about, now=self.now)
        if submission.state not in (DRAFT, SENT):
            return submission, {}
        wrong = _problems(self.connection, submission, self.person is not None or self.email is not None) | wrong
        if not (wrong or only_keep):
            self._send(submission)
            submission = submission_rows.by_id(self.connection, submission.id)
        elif submission.state == DRAFT and self.email not in (None, submission.email):
            submission_rows.change(self.connection, submission.id, email=self.email)
            submission = replace(submission, email=self.email)
        return submission, wrong

    def _send(self, submission: Submission) -> None:
        if self.person is not None:
            submission = _sent_by(self.connection, submission, self.person)
            _arrive(self.connection, submission, self.person, self.change, self.now)
        elif self.email is None:
            _arrive(self.connection, submission, None, self.change, self.now)
        elif self.again or submission.state == DRAFT or submission.email != self.email:
            _ask(self.connection, submission, self.email, self.now)


def _sent_by(connection: Connection, submission: Submission, person: Person) -> Submission:
    """The submission with its sender: each kind takes them from there."""
    submission_rows.change(connection, submission.id, person_id=person.id, email=person.email)
    return replace(submission, person_id=person.id, email=person.email)


def _ask(connection: Connection, submission: Submission, email: str, now: datetime) -> None:
    """Send the link that proves the address; it waits where that address got many, until its page asks again."""
    if may_write(connection, email, now=now):
        argument = {"declaration": str(submission.id)}
        token = add_link(connection, CONFIRM_SUBMISSION, email, argument, expires_at=now + SENT_LIFETIME, now=now)
        values = {"token": token, "what": submission.kind, "reference": submission.reference}
        values |= {"name": letter(connection, submission, proven=False)["name"], "organization": ""}
        # One that is here alone: anybody may type anybody's address, and would have us send their words there.
        if submission.kind == ADOPT and (here := organization_of(connection, submission)) is not None:
            values["organization"] = here.name
        enqueue_message(connection, CONFIRM_SUBMISSION, email, submission.language, values, now=now)
    submission_rows.change(
        connection, submission.id, state=SENT, email=email, changed_at=now, sent_at=now, expires_at=now + SENT_LIFETIME
    )


def _arrive(
    connection: Connection, submission: Submission, person: Person | None, change: PublicChange, now: datetime
) -> None:
    """Publish a submission whose address is proven, or needs none, or let it wait for a moderator."""
    kind = KINDS[submission.kind]
    if not kind.awaited:
        lock_changes(connection)  # from here on nobody else writes what it may change
    values = {"state": WAITING, "sent_at": submission.sent_at or now, "changed_at": now, "expires_at": None}
    submission_rows.change(connection, submission.id, **values)
    if isinstance(kind, ActsOnConfirmation):
        kind.arrived(connection, submission, person, now=now)
    if not kind.awaited and _at_once(connection, submission, person):
        publish(connection, replace(submission, state=WAITING), person, change, now=now)
