"""A use is to be shown no more: asked by somebody of the organization, for whatever reason. A project as a whole that
is to be listed no more is `unlist`'s matter.

Who speaks for the organization, or whose proven address is at the domain of its website, takes it away by that alone;
else a person reads it first. It has no answers but `words` for the desk.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import Invalid
from catalog.rules.call import MAX_WORDS
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, WITHDRAW, Declaration
from catalog.store.adoptions import published_statements
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.organization_field import organization_of, verified
from catalog.submissions.base.protocol import Doubt, EditableText, Row
from catalog.submissions.kinds import unlisting

GONE = "This is not shown here any more"
SENTENCES = (GONE,)


class Withdraw:
    kind = WITHDRAW
    nameless = False
    awaited = False

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        if unlisting.is_opt_out(submission):
            return unlisting.problems(connection, submission)
        here = organization_of(connection, submission)
        if (
            here is None
            or submission.project_id is None
            or adoption_rows.standing_adoption(connection, submission.project_id, here.id) is None
        ):
            return {"organization": GONE}
        return (
            {"words": base_validation.TOO_LONG}
            if len(base_validation.text_answer(submission.answers, "words")) > MAX_WORDS
            else {}
        )

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        if unlisting.is_opt_out(submission):
            return unlisting.rows(connection, submission)
        here = organization_of(connection, submission)
        if here is None or submission.project_id is None:
            return ()
        kept = adoption_rows.public_adoption(connection, submission.project_id, here.id)
        stage = kept.stage if kept else None
        words = submission.answers.get("words")
        return (
            Row("organization", here.slug, here.slug, "organization"),
            *((Row("adopt.stage", stage, None, "term:stage"),) if stage else ()),
            *((Row("away.words", None, words),) if words else ()),
        )

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        if unlisting.is_opt_out(submission):
            return unlisting.doubts()
        here = organization_of(connection, submission)
        return (Doubt("unknown-website"),) if here is not None and here.site is None else ()

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return unlisting.editable(submission) if unlisting.is_opt_out(submission) else ()

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return ()

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
        if unlisting.is_opt_out(submission):
            return unlisting.at_once(submission, person)
        here = organization_of(connection, submission)
        return here is not None and verified(connection, here, person) is not None

    def publish(
        self,
        connection: Connection,
        submission: Declaration,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        if unlisting.is_opt_out(submission):
            return unlisting.publish(connection, submission, change, now=now)
        here = organization_of(connection, submission)
        if here is None or submission.project_id is None:
            raise Invalid({"organization": GONE})
        before = adoption_rows.snapshot(connection, submission.project_id, here.id)
        adoption_rows.withdraw_adoption(connection, submission.project_id, here.id, change=change, now=now)
        resting = published_statements.suspend(connection, ADOPT, submission.project_id, here.id, now=now)
        return {"organization_id": str(here.id), "adoption": before, "resting": [str(key) for key in resting]}

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        if unlisting.is_opt_out(submission):
            return unlisting.take_back(connection, submission, change)
        if submission.project_id is None or submission.organization_id is None or submission.before is None:
            return
        if adoption_rows.own_adoption(connection, submission.project_id, submission.organization_id) is not None:
            return  # it said so anew since
        published_statements.resume(connection, [UUID(key) for key in submission.before.get("resting", ())], now=now)
        adoption_rows.restore_snapshot(
            connection, submission.project_id, submission.organization_id, submission.before["adoption"], change=change
        )
