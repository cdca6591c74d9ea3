"""A request that a use is shown no more, or that a project is listed no more (`unlisting`), for whatever reason.

A representative of the organization, or somebody whose proven address is at the domain of its website, withdraws its
use by that alone; else a moderator reads it first. Its answers: `words` for the moderators; of a project `what` and a
public `reason`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from catalog.errors import Invalid
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, WITHDRAW, Submission
from catalog.sentences import mark
from catalog.store.adoptions import adoption_rows, published_statements
from catalog.store.core.engine import Connection
from catalog.submissions.base import organization_field
from catalog.submissions.base.fields import TEXT, FormField
from catalog.submissions.base.organization_field import organization_of
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind
from catalog.submissions.kinds import unlisting

GONE = "This is not shown here any more"
SENTENCES = (GONE,)

WORDS = FormField(
    "words",
    TEXT,
    mark("Something that we should know"),
    called=mark("Message to the moderators"),
    public=False,
    row="away.words",
    shape="text",
    rows=2,
)


class WithdrawalForm(FormKind):
    kind = WITHDRAW
    nameable = ()
    fields = (unlisting.REASON, WORDS)

    def fields_of(self, submission: Submission) -> Sequence[FormField]:
        return self.fields if unlisting.is_opt_out(submission) else (WORDS,)

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        if unlisting.is_opt_out(submission):
            return unlisting.problems(connection, submission)
        return {"organization": GONE} if _standing(connection, submission) is None else {}

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        if unlisting.is_opt_out(submission):
            return unlisting.rows(connection, submission)
        here = organization_of(connection, submission)
        if here is None or submission.project_id is None:
            return ()
        adoption = adoption_rows.public_adoption(connection, submission.project_id, here.id)
        stage = adoption.stage if adoption else None
        return (
            Row("organization", here.slug, here.slug, "organization"),
            *((Row("adopt.stage", stage, None, "term:stage"),) if stage else ()),
        )

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        if unlisting.is_opt_out(submission):
            return (Doubt("not-proven-keeper"),)
        here = organization_of(connection, submission)
        return (Doubt("unknown-website"),) if here is not None and here.site is None else ()

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        if unlisting.is_opt_out(submission):
            return person is not None and submission.project_id in person.maintained_projects
        return organization_field.represents(connection, submission, person)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        if unlisting.is_opt_out(submission):
            return unlisting.publish(act)
        here = organization_of(act.connection, submission)
        if here is None or submission.project_id is None:
            raise Invalid({"organization": GONE})
        before = adoption_rows.snapshot(act.connection, submission.project_id, here.id)
        adoption_rows.withdraw_adoption(act.connection, submission.project_id, here.id, change=act.change, now=act.now)
        resting = published_statements.suspend(act.connection, ADOPT, submission.project_id, here.id, now=act.now)
        return {"organization_id": str(here.id), "adoption": before, "resting": [str(key) for key in resting]}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        submission = act.submission
        if unlisting.is_opt_out(submission):
            return unlisting.take_back(act)
        if submission.project_id is None or submission.organization_id is None:
            return
        if adoption_rows.own_adoption(act.connection, submission.project_id, submission.organization_id) is not None:
            return  # it said so anew since
        published_statements.resume(act.connection, [UUID(key) for key in before.get("resting", ())], now=act.now)
        adoption_rows.restore_snapshot(
            act.connection, submission.project_id, submission.organization_id, before["adoption"], change=act.change
        )


def _standing(connection: Connection, submission: Submission) -> Any:
    here = organization_of(connection, submission)
    if here is None or submission.project_id is None:
        return None
    return adoption_rows.standing_adoption(connection, submission.project_id, here.id)
