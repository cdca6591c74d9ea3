""" "Us too": an organization lacks the same as a call says, on this day, perhaps with words of its own.

Its answers: `call` (a reference), those of `FIELDS`; of an organization that is not here yet `organization` (NEW) and
what describes it. It is published at once from a representative, or from a proven address at the domain of the
organization's website; else a moderator decides, since anybody can choose any organization.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.call import OPEN, Call, support_id
from catalog.rules.person import Person
from catalog.rules.submission import SUPPORT, Submission
from catalog.sentences import mark
from catalog.store.calls import queries as call_queries
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.submissions.base import organization_field, validation
from catalog.submissions.base.fields import CHOICE, CONSENT, LANGUAGE, TEXT, FormField, problems_of
from catalog.submissions.base.organization_field import organization_of
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind, language_of

NO_CALL = "This call is over"
NO_ORGANIZATION = "Choose your organization"
NO_SHOW = "Choose whether your organization is named"
NO_RIGHT = "Confirm that you may speak for the organization"
SENTENCES = (NO_CALL, NO_ORGANIZATION, NO_SHOW, NO_RIGHT)
NEW = "new"  # in place of the slug of an organization: it is not here yet
NAMED, COUNTED = "named", "counted"

FIELDS = (
    FormField(
        "variation",
        TEXT,
        mark("What is different in your case?"),
        mark("For example: in Spanish, or for 40 groups at once. At most 1,000 characters."),
        mark("What is different for you"),
    ),
    FormField(
        "show",
        CHOICE,
        mark("What may we show?"),
        options=(
            (NAMED, mark("Our organization’s name and our text"), ""),
            (COUNTED, mark("Only that one more organization agrees"), ""),
        ),
        missing=NO_SHOW,
        refused=NO_SHOW,
        row="",
    ),
    FormField("language", LANGUAGE, mark("The language of your text"), row=""),
    FormField(
        "may",
        CONSENT,
        mark("I am authorised to speak for this organization."),
        missing=NO_RIGHT,
        row="",
    ),
)
# A program may leave out what a new organization's kind and country are: a moderator reads it in any case.
_OF_NEW = tuple(
    replace(field, missing="") if field.name in ("kind", "country") else field for field in organization_field.FIELDS
)


class CallSupportForm(FormKind):
    kind = SUPPORT
    adds_organization = True
    fields = FIELDS

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        if _open_call(connection, submission) is None:
            return {"organization": NO_CALL}
        if organization_of(connection, submission) is not None:
            return {}
        if validation.text_answer(submission.answers, "organization") != NEW:
            return {"organization": NO_ORGANIZATION}
        return problems_of(_OF_NEW, submission.answers)

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        about = _any_call(connection, submission)
        return (
            Row("supports", None, about.title if about and about.state == OPEN else None, "text"),
            *organization_field.organization_row(connection, submission),
        )

    def rows(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        return (*super().rows(connection, submission), Row("named", None, _wants_to_be_named(submission), "yes-no"))

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        known = organization_of(connection, submission) is not None
        new = [] if known else organization_field.doubts_of_new(connection, submission)
        return (*new, Doubt("unproven"))

    def nameable_records(self, submission: Submission) -> tuple[str, ...]:
        return (PROJECT, ORGANIZATION) if _wants_to_be_named(submission) else ()

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        return organization_field.represents(connection, submission, person)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        about = _open_call(act.connection, submission)
        assert about is not None and act.organization is not None  # it has no problems
        before = call_rows.support_call(
            act.connection,
            about,
            act.organization.id,
            submission.person_id,
            language=language_of(submission),
            variation=validation.text_answer(submission.answers, "variation") or None,
            named=_wants_to_be_named(submission),
            change=act.change,
            now=act.now,
        )
        return {"support": before}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        submission = act.submission
        about = _any_call(act.connection, submission)
        if about is None or submission.organization_id is None:
            return
        call_rows.delete_support(act.connection, about, submission.organization_id, change=act.change)
        if before.get("support"):
            stood = call_rows.statement_columns(before["support"])
            at = stood.pop("at")
            call_rows.support_call(
                act.connection,
                about,
                submission.organization_id,
                submission.person_id,
                **stood,
                change=act.change,
                now=at,
            )

    def retract(self, act: Publishing) -> None:
        submission = act.submission
        about = _any_call(act.connection, submission)
        if about is None or submission.organization_id is None:
            return
        if call_rows.delete_support(act.connection, about, submission.organization_id, change=act.change):
            call_rows.add_tombstone(
                act.connection,
                "support",
                support_id(about.id, submission.organization_id),
                project_id=about.project_id,
                organization_id=submission.organization_id,
                change=act.change,
                now=act.now,
            )


def _wants_to_be_named(submission: Submission) -> bool:
    return validation.text_answer(submission.answers, "show") == NAMED


def _open_call(connection: Connection, submission: Submission) -> Call | None:
    found = _any_call(connection, submission)
    return found if found and found.state == OPEN else None


def _any_call(connection: Connection, submission: Submission) -> Call | None:
    try:
        return call_queries.call_by_reference(connection, validation.text_answer(submission.answers, "call"))
    except NotFound:
        return None
