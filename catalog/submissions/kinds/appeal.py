"""An appeal: somebody asks that another person looks at a decision again.

Its answers: `decision`, the number of the line in the log, and `words`. It is not published; what comes of it is in
`catalog.moderation.appeals`.
"""

from collections.abc import Sequence
from typing import Any

from catalog.errors import Invalid, NotFound
from catalog.rules.decision import MAY_BE_APPEALED
from catalog.rules.submission import APPEAL, Submission
from catalog.sentences import mark
from catalog.store.core.engine import Connection
from catalog.store.moderation import log as moderation_log
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.base.fields import TEXT, FormField
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind

GONE = "You cannot ask for a review of this decision: it was reversed, or has already been reviewed"
ASKED_ALREADY = "Someone has already asked for a review"
NO_WORDS = "Write what was not seen, or why it is wrong"
SENTENCES = (GONE, ASKED_ALREADY, NO_WORDS)


class AppealForm(FormKind):
    kind = APPEAL
    awaited = True
    nameable = ()
    fields = (
        FormField(
            "words",
            TEXT,
            mark("What was not seen, or why is it wrong?"),
            mark("Only those who decide here read it. At most 1,000 characters."),
            called=mark("In their own words"),
            missing=NO_WORDS,
            public=False,
            row="why",
            shape="text",
            rows=6,
        ),
    )

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = super().problems(connection, submission)
        return {"decision": GONE} if wrong.get("decision") == GONE else wrong

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        try:
            line = moderation_log.written(connection, number(submission)).line
        except NotFound:
            return {"decision": GONE}
        heard = moderation_log.concerning(connection, "uphold", line.number)
        if line.kind not in MAY_BE_APPEALED or line.undone_by is not None or heard is not None:
            return {"decision": GONE}
        other = submission_rows.same(connection, APPEAL, subject(line.number), but=submission.id)
        return {"decision": ASKED_ALREADY} if other is not None else {}

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        return (Row("decision", None, str(number(submission))),)

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        """Whether somebody else appeals than the sender of what was refused."""
        try:
            refused = moderation_log.written(connection, number(submission)).submission_id
        except NotFound:
            return ()
        if refused is None or submission_rows.by_id(connection, refused).person_id == submission.person_id:
            return ()
        return (Doubt("not-its-sender"),)

    def write(self, act: Publishing) -> dict[str, Any]:
        raise Invalid({"decision": GONE})


def subject(number: int) -> str:
    """What tells two appeals against the same decision."""
    return f"decision:{number}"


def number(submission: Submission) -> int:
    """The number of the line in the log that is appealed against."""
    return int(submission.answers.get("decision") or 0)
