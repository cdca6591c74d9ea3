"""A request that a project is listed no more, from somebody of whom nothing proves that they maintain it. A moderator
reads it first.

It is a submission of the kind `withdrawal` with a project as its subject.
"""

from collections.abc import Sequence
from typing import Any

from catalog.errors import Invalid
from catalog.ownership.unlist import MAX_REASON
from catalog.rules.submission import Submission
from catalog.sentences import mark
from catalog.store.core.engine import Connection
from catalog.store.ownership import unlisted
from catalog.store.projects.project_rows import record_of
from catalog.submissions.base import validation
from catalog.submissions.base.fields import TEXT, FormField
from catalog.submissions.base.protocol import Publishing, Row

LISTING = "listing"  # what is withdrawn, in the answer `what`
GONE = "It is not listed any more"
SENTENCES = (GONE,)

REASON = FormField(
    "reason",
    TEXT,
    mark("Reason"),
    called=mark("Reason (public)"),
    longest=MAX_REASON,
    numbered=True,
    row="unlist.reason",
    shape="text",
)


def is_opt_out(submission: Submission) -> bool:
    """Whether a submission to withdraw is about a project as a whole."""
    return submission.answers.get("what") == LISTING


def problems(connection: Connection, submission: Submission) -> dict[str, str]:
    if submission.project_id is None or record_of(connection, submission.project_id) is None:
        return {"reason": GONE}
    return {"reason": GONE} if unlisted.opted_out(connection, submission.project_id) is not None else {}


def rows(connection: Connection, submission: Submission) -> Sequence[Row]:
    record = record_of(connection, submission.project_id) if submission.project_id else None
    return (Row("unlist.name", record["name"], None),) if record else ()


def publish(act: Publishing) -> dict[str, Any]:
    act.change()
    submission = act.submission
    reason = validation.text_answer(submission.answers, "reason") or None
    if submission.project_id is None or not unlisted.opt_out(
        act.connection, submission.project_id, reason, submission.language, change=act.change, now=act.now
    ):
        raise Invalid({"reason": GONE})
    return {}


def take_back(act: Publishing) -> None:
    if act.submission.project_id is not None:
        unlisted.list_again(act.connection, act.submission.project_id, change=act.change)
