"""Sends a submission: keeps it as a draft, proves the address by a link, then publishes it or leaves it to a moderator.

Each step is one transaction. What is said about a submission later is in the package itself.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
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
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.about import letter
from catalog.submissions.base.organization_field import organization_of
from catalog.submissions.base.protocol import ActsOnConfirmation, Publishing
from catalog.submissions.registry import KINDS


def problems(store: Store, key: UUID, *, addressed: bool) -> dict[str, str]:
    """What keeps a draft from being sent, a msgid by field; `addressed`: not that an address is missing."""
    with reading(store.engine) as connection:
        return _problems(connection, submission_rows.by_id(connection, key), addressed)


def send_answers(
    store: Store,
    kind: str,
    language: str,
    answers: Mapping[str, Any],
    *,
    about: Mapping[str, UUID | None],
    network: str | None = None,
    token: str | None = None,
    email: str | None = None,
    person: Person | None = None,
    only_keep: bool = False,
    known: Mapping[str, str] | None = None,
    now: datetime,
) -> tuple[str, Submission, dict[str, str]]:
    """Keep and send a form of one page, in one transaction. What may not be sent stays a draft.

    `about`: the `project_id` and the `organization_id` that the form says, None for none. `token`: the secret that the
    form held; where it was sent before, the same again is what was sent; other words, or another address, are another
    draft, whose secret is made of the first one and of them: nothing that is typed is lost, and nothing is doubled
    however often it is pressed. `only_keep`: the page shows it once more, or knows already that something is wrong.
    `known`: of a program, what is wrong already: then what may not be sent leaves no draft.
    The secret and the submission as it was kept, with what is wrong, a msgid by field; nothing is, where it is sent now
    or was before. Raises NotFound when the token is of something else; with `known` Invalid with all that is wrong, and
    AlreadyExists where something else was sent with the token.
    """
    with changing(store.engine) as (connection, change):
        begun: dict[str, Any] = {**about, "answers": answers, "network": network, "now": now}
        secret, submission = submission_rows.begin(connection, kind, language, token=token, **begun)
        if submission.kind != kind:
            raise NotFound("draft", "")
        if known is not None and not submission.says(answers, about):
            raise AlreadyExists("declaration", submission.reference)
        while submission.state not in EDITABLE_STATES and not (
            submission.says(answers, about) and email in (None, submission.email)
        ):
            token = _next(secret, answers, about, email)
            secret, submission = submission_rows.begin(connection, kind, language, token=token, **begun)
        if submission.state in EDITABLE_STATES and not submission.says(answers, about):
            submission = submission_rows.answer(connection, submission, answers, about=about, now=now)
        if submission.state not in (DRAFT, SENT):
            return secret, submission, {}
        wrong = _problems(connection, submission, person is not None or email is not None) | dict(known or {})
        if wrong and known is not None:
            raise Invalid(wrong)
        if not wrong and not only_keep:
            _send(connection, submission, email, person, change, now)
        return secret, submission, wrong


def send(
    store: Store, key: UUID, *, email: str | None, person: Person | None = None, again: bool = False, now: datetime
) -> Submission:
    """Send a draft: at once for signed-in people, else by a message with a link; sent twice, it is sent once.

    `email` as `catalog.rules.person.normalized_address` gives it: another one than before gets a message of its own,
    and links that went to the one before open nothing. `again`: the same one gets another message. Raises NotFound;
    Invalid with a msgid by field.
    """
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        if submission.state not in (DRAFT, SENT):
            return submission
        if wrong := _problems(connection, submission, person is not None or email is not None):
            raise Invalid(wrong)
        if again and submission.state == SENT and email is not None:
            _ask(connection, submission, email, now)
        else:
            _send(connection, submission, email, person, change, now)
        return submission_rows.by_id(connection, key)


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
    made: dict[str, Any] = {name: UUID(before[name]) for name in ("project_id", "organization_id") if before.get(name)}
    submission_rows.change(
        connection,
        submission.id,
        state=PUBLISHED,
        before=before,
        decided_at=now,
        changed_at=now,
        expires_at=None,
        **made,
    )
    return submission_rows.by_id(connection, submission.id)


def _at_once(connection: Connection, submission: Submission, person: Person | None) -> bool:
    """Whether it is published without a moderator. Nothing of a record that a moderator locked is corrected so."""
    if submission.kind == CORRECT:
        about = {"project": submission.project_id, "organization": submission.organization_id}
        if any(key is not None and curation.is_locked(connection, kind, key) for kind, key in about.items()):
            return False
    return KINDS[submission.kind].at_once(connection, submission, person)


def _next(secret: str, *said: Any) -> str:
    """The secret of what is typed into a form after it was sent: another one for other words."""
    text = json.dumps([secret, *(dict(part) if isinstance(part, Mapping) else part for part in said)], default=str)
    return urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=").decode()


def _problems(connection: Connection, submission: Submission, addressed: bool) -> dict[str, str]:
    kind = KINDS[submission.kind]
    wrong = kind.problems(connection, submission)
    if not addressed and not kind.nameless:
        wrong["email"] = NO_EMAIL
    return wrong


def _send(
    connection: Connection,
    submission: Submission,
    email: str | None,
    person: Person | None,
    change: PublicChange,
    now: datetime,
) -> None:
    if person is not None:
        _arrive(connection, _sent_by(connection, submission, person), person, change, now)
    elif email is None:
        _arrive(connection, submission, None, change, now)
    elif submission.state == DRAFT or submission.email != email:
        _ask(connection, submission, email, now)


def _sent_by(connection: Connection, submission: Submission, person: Person) -> Submission:
    """The submission with its sender: each kind takes them from there."""
    submission_rows.change(connection, submission.id, person_id=person.id, email=person.email)
    return replace(submission, person_id=person.id, email=person.email)


def _ask(connection: Connection, submission: Submission, email: str, now: datetime) -> None:
    """Send the link that proves the address; it waits where that address got many, until its page asks again."""
    if may_write(connection, email, now=now):
        argument = {"declaration": str(submission.id)}
        token = add_link(connection, CONFIRM_SUBMISSION, email, argument, expires_at=now + SENT_LIFETIME, now=now)
        told = {"token": token, "what": submission.kind, "reference": submission.reference}
        told |= {"name": letter(connection, submission, proven=False)["name"], "organization": ""}
        # One that is here alone: anybody may type anybody's address, and would have us send their words there.
        if submission.kind == ADOPT and (here := organization_of(connection, submission)) is not None:
            told["organization"] = here.name
        enqueue_message(connection, CONFIRM_SUBMISSION, email, submission.language, told, now=now)
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
    # The address stands in its own column from here on, where it is forgotten in time.
    answers = {name: said for name, said in submission.answers.items() if name != "email"}
    values = {"state": WAITING, "sent_at": submission.sent_at or now, "changed_at": now, "expires_at": None}
    submission_rows.change(connection, submission.id, answers=answers, **values)
    submission = replace(submission, answers=answers)
    if isinstance(kind, ActsOnConfirmation):
        kind.arrived(connection, submission, person, now=now)
    if not kind.awaited and _at_once(connection, submission, person):
        publish(connection, replace(submission, state=WAITING), person, change, now=now)
