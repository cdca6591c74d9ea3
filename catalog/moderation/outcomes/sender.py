"""The sender of a submission: who they are now, their answers as a moderator corrected them, and messages to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog import submissions
from catalog.rules.person import Person
from catalog.rules.submission import SENT_LIFETIME, Submission
from catalog.store.core.engine import Connection
from catalog.store.people.accounts import add_link, person_by_id
from catalog.store.people.mail_queue import enqueue_message
from catalog.submissions.about import letter

TOLD = "decisions"  # messages to senders are of the kinds "decisions/<what>"


def notify_sender(
    connection: Connection, submission: Submission, what: str, texts: Mapping[str, str], *, now: datetime
) -> None:
    """In the caller's transaction: a message to its sender, with a link that opens its page; without an address
    they see it there."""
    if submission.email is None:
        return
    opens = {"declaration": str(submission.id)}
    token = add_link(
        connection, submissions.CONFIRM_SUBMISSION, submission.email, opens, expires_at=now + SENT_LIFETIME, now=now
    )
    argument = {**said_to_sender(connection, submission, what), "reason": "", "words": "", **texts, "token": token}
    enqueue_message(connection, f"{TOLD}/{what}", submission.email, submission.language, argument, now=now)


def said_to_sender(connection: Connection, submission: Submission, what: str) -> dict[str, str]:
    """What each message to a sender says of what they sent; `path`, where it stands, once it is published."""
    about = letter(connection, submission, published=what == "publish")
    return {"reference": submission.reference, "what": submission.kind, **about}


def sender_of(connection: Connection, submission: Submission) -> Person | None:
    """In the caller's transaction: who sent it, as they stand now."""
    return person_by_id(connection, submission.person_id)


def corrected(submission: Submission, edits: Mapping[tuple[str, ...], str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers with a moderator's corrections, and those that these replaced."""
    answers, before = dict(submission.answers), dict[str, Any]()
    for text in submissions.KINDS[submission.kind].editable(submission):
        new = edits.get(text.path, text.value)
        if new == text.value:
            continue
        name = text.path[0]
        before.setdefault(name, submission.answers.get(name))
        answers[name] = new if len(text.path) == 1 else {**answers[name], text.path[1]: new}
    return answers, before
