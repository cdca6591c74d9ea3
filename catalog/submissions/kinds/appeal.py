"""An appeal: somebody asks that another person looks at a decision again.

Its answers: `decision`, the number of the line in the log, and `words`. What comes of it is in
`catalog.moderation.appeals`: it is published by nobody, and takes nothing over.
"""

from datetime import datetime
from typing import Any

from catalog.errors import Invalid, NotFound
from catalog.rules.decision import MAX_WORDS, MAY_BE_APPEALED
from catalog.rules.person import Person
from catalog.rules.submission import APPEAL, Declaration
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.moderation import log as moderation_log
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.base.protocol import Doubt, EditableText, Row

GONE = "You cannot ask for a review of this decision: it was reversed, or has already been reviewed"
ASKED_ALREADY = "Someone has already asked for a review"
NO_WORDS = "Write what was not seen, or why it is wrong"
TOO_LONG = "Use 1,000 characters or fewer"
SENTENCES = (GONE, ASKED_ALREADY, NO_WORDS, TOO_LONG)


class Appeal:
    kind = APPEAL
    nameless = False
    awaited = True

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        words = str(submission.answers.get("words") or "")
        wrong = {} if words else {"words": NO_WORDS}
        if len(words) > MAX_WORDS:
            wrong["words"] = TOO_LONG
        try:
            line = moderation_log.written(connection, number(submission)).line
        except NotFound:
            return {"decision": GONE}
        heard = moderation_log.concerning(connection, "uphold", line.number)
        if line.kind not in MAY_BE_APPEALED or line.undone_by is not None or heard is not None:
            return {"decision": GONE}
        other = submission_rows.same(connection, APPEAL, subject(line.number), but=submission.id)
        return wrong | ({"decision": ASKED_ALREADY} if other is not None else {})

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        return (
            Row("decision", None, str(number(submission))),
            Row("why", None, submission.answers.get("words") or None),
        )

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        """Whether somebody else asks than who sent what was refused."""
        try:
            refused = moderation_log.written(connection, number(submission)).declaration_id
        except NotFound:
            return ()
        if refused is None or submission_rows.by_id(connection, refused).person_id == submission.person_id:
            return ()
        return (Doubt("not-its-sender"),)

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return ()

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return ()

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
        return False

    def publish(
        self,
        connection: Connection,
        submission: Declaration,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        raise Invalid({"decision": GONE})

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        return None


def subject(number: int) -> str:
    """What tells two appeals against the same decision."""
    return f"decision:{number}"


def number(submission: Declaration) -> int:
    """Of the line in the log that is appealed against."""
    return int(submission.answers.get("decision") or 0)
