"""A project is to be listed no more: asked by somebody of whom nothing proves that they keep it. A person
reads it first.

It is a declaration to withdraw with a project as its subject: `withdraw` leads here.
"""

from datetime import datetime
from typing import Any

from catalog.errors import Invalid
from catalog.ownership.unlist import faults
from catalog.rules.person import Person
from catalog.rules.submission import Declaration
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.ownership import unlisted
from catalog.store.projects.rows import record_of
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts

LISTING = "listing"  # what is withdrawn, in the answer `what`
GONE = "It is not listed any more"
SENTENCES = (GONE,)


def is_opt_out(submission: Declaration) -> bool:
    """Whether a declaration to withdraw is about a project as a whole."""
    return submission.answers.get("what") == LISTING


def problems(connection: Connection, submission: Declaration) -> dict[str, str]:
    if submission.project_id is None or record_of(connection, submission.project_id) is None:
        return {"reason": GONE}
    if unlisted.opted_out(connection, submission.project_id) is not None:
        return {"reason": GONE}
    return faults(_reason(submission))


def rows(connection: Connection, submission: Declaration) -> tuple[Row, ...]:
    record = record_of(connection, submission.project_id) if submission.project_id else None
    if record is None:
        return ()
    words = submission.answers.get("words")
    return (
        Row("unlist.name", record["name"], None),
        *((Row("unlist.reason", None, _reason(submission)),) if _reason(submission) else ()),
        *((Row("away.words", None, words),) if words else ()),
    )


def doubts() -> tuple[Doubt, ...]:
    return (Doubt("not-proven-keeper"),)


def editable(submission: Declaration) -> tuple[EditableText, ...]:
    return texts(submission, "reason", label="unlist.reason") if _reason(submission) else ()


def at_once(submission: Declaration, person: Person | None) -> bool:
    return person is not None and submission.project_id in person.keeps


def publish(connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime) -> dict[str, Any]:
    change()
    if submission.project_id is None or not unlisted.opt_out(
        connection, submission.project_id, _reason(submission) or None, submission.language, change=change, now=now
    ):
        raise Invalid({"reason": GONE})
    return {}


def take_back(connection: Connection, submission: Declaration, change: PublicChange) -> None:
    if submission.project_id is not None:
        unlisted.list_again(connection, submission.project_id, change=change)


def _reason(submission: Declaration) -> str:
    found = submission.answers.get("reason")
    return found.strip() if isinstance(found, str) else ""
