"""A call: a need without a tool, help for a project, a successor, or a host for a collective without legal form.

Its answers: `call` (the kind) and those of `FIELDS` that fit it, and `words` of the search that found nothing. The
texts are in `language`. Maintainers of the project, or representatives of the organization, that the call is for
publish it at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from catalog.errors import Invalid
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.call import (
    HANDED_OVER,
    HOST_FOR,
    KINDS,
    LIFETIME,
    LOOKED_FOR,
    NEED,
    OF_PROJECT,
    OPEN,
    SEVERAL,
    SUCCESSOR,
    WITHDRAWN,
    Call,
    calls_alike,
)
from catalog.rules.person import Person
from catalog.rules.submission import CALL, Submission
from catalog.sentences import mark
from catalog.store.calls import call_rows
from catalog.store.calls import queries as call_queries
from catalog.store.core.engine import Connection
from catalog.submissions.base import validation
from catalog.submissions.base.fields import (
    CHOICES,
    COUNTRY,
    DAY,
    LANGUAGE,
    SENTENCE,
    TERM,
    TEXT,
    Condition,
    FormField,
)
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import (
    FormKind,
    is_project_here,
    language_of,
    leave_tombstone,
    project_row,
)

NO_KIND = "Choose what you ask for"
NO_PROJECT = "Choose the project that needs help"
NO_NEED = "Write what you need to do, in your words"
NO_TODAY = "Write what you do today"
NO_TEXT = "Write what is needed and why"
NO_DAY = "Choose a day within the next six months"
NOBODY = "The sender no longer has an account here"
SENTENCES = (NO_KIND, NO_PROJECT, NO_NEED, NO_TODAY, NO_TEXT, NO_DAY, NOBODY)

SUGGESTED = 5
_KEPT = ("text", "group", "today", "words", "who", "effort", "tag", "handed", "looked_for", "country")


def _only(*kinds: str) -> Condition:
    """Asked of calls of these kinds alone; a program may tell it of others, too."""
    return Condition("-".join(kinds), "call", kinds)


NEED_TEXT = FormField(
    "text",
    TEXT,
    mark("What do you need to do?"),
    mark("For example: send a receipt to each donor at the end of the year. At most 1,000 characters."),
    mark("What you need to do"),
    missing=NO_NEED,
    row="need",
)
FIELDS = (
    FormField("text", TEXT, mark("What is needed, and why?"),
              mark("Two sentences are enough. At most 1,000 characters."), mark("What is needed and why"),
              missing=NO_TEXT, rows=4),
    FormField("group", TERM, mark("Kind of organization"), vocabulary="organization-kind", when=_only(NEED),
              refused=validation.NO_TERM),
    FormField("looked_for", CHOICES, mark("What is your collective looking for?"),
              called=mark("What your collective is looking for"),
              options=(("fiscal-host", mark("An organization that holds money and signs for us"), ""),
                       ("co-maintainer", mark("Someone to maintain the software with us"), ""),
                       ("users", mark("Organizations that use it"), "")), when=_only(HOST_FOR)),
    FormField("country", COUNTRY, mark("Country"), when=_only(NEED, HOST_FOR),
              also=(SEVERAL, mark("Several countries"))),
    FormField("today", TEXT, mark("How do you do it today?"),
              mark("By hand, with a spreadsheet, with a program that does not fit …"), mark("What you do today"),
              when=_only(NEED), missing=NO_TODAY),
    FormField("words", called=mark("What you searched for"), when=_only(NEED), editable=False),
    FormField("handed", CHOICES, mark("What can be handed over?"), called=mark("What will be handed over"),
              options=(("rights", mark("The rights to the code"), ""), ("names", mark("The name and the logo"), ""),
                       ("domains", mark("The domain names"), ""), ("money", mark("The money and the accounts"), ""),
                       ("users", mark("The relationship with users"), "")), when=_only(SUCCESSOR)),
    FormField("who", SENTENCE, mark("Which skills are needed?"),
              mark("For example: Arabic speakers, no technical skills required."), mark("Skills needed"),
              when=_only(*OF_PROJECT)),
    FormField("effort", SENTENCE, mark("How much time or money?"), called=mark("Time or money needed"),
              when=_only(HOST_FOR, *OF_PROJECT)),
    FormField("tag", LANGUAGE, mark("Which language?"), called=mark("Language"),
              when=_only("translate", "test", "write")),
    FormField("ends", DAY, mark("Until when?"), mark("Within six months, as 2027-03-31."), mark("Until when"),
              when=_only(HOST_FOR, *OF_PROJECT)),
    FormField("language", LANGUAGE, mark("The language of your text"), row=""),
)  # fmt: skip
OF_NEED = (NEED_TEXT, *FIELDS[1:])


def fields_of_kind(kind: str) -> Sequence[FormField]:
    """What is asked of a call of this kind."""
    return OF_NEED if kind == NEED else FIELDS


class CallForm(FormKind):
    kind = CALL
    nameable = (PROJECT, ORGANIZATION)
    fields = FIELDS

    def fields_of(self, submission: Submission) -> Sequence[FormField]:
        return fields_of_kind(validation.text_answer(submission.answers, "call"))

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        kind = validation.text_answer(submission.answers, "call")
        if kind not in KINDS:
            return {"call": NO_KIND}
        if kind in OF_PROJECT and not is_project_here(connection, submission):
            return {"call": NO_PROJECT}
        wrong = super().problems(connection, submission)
        if validation.text_answer(submission.answers, "ends") and _day(submission) is None:
            wrong["ends"] = NO_DAY
        return wrong

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        row = Row("call", None, validation.text_answer(submission.answers, "call"), "code:call")
        return (row, *project_row(connection, submission))

    def rows(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        several = submission.answers.get("country") == SEVERAL
        return tuple(
            replace(row, shape="code:country") if row.field == "country" and several else row
            for row in super().rows(connection, submission)
        )

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        near = call_queries.call_lines_by_id(connection, _near(connection, submission))
        if not near:
            return ()
        return (Doubt("alike", {"calls": [line.call.reference for line in near]}),)

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        if person is None:
            return False
        if submission.project_id is not None:
            return submission.project_id in person.maintained_projects
        return submission.organization_id is not None and submission.organization_id in person.represented_organizations

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        record = validation.filled_answers(submission.answers, *_KEPT)
        for name, terms in (("handed", HANDED_OVER), ("looked_for", LOOKED_FOR)):
            if name in record:
                record[name] = [value for value in record[name] if value in terms]
        country = validation.text_answer(submission.answers, "country")
        opened = Call(
            id=submission.id,
            reference=submission.reference,
            kind=validation.text_answer(submission.answers, "call"),
            state=OPEN,
            project_id=submission.project_id,
            organization_id=submission.organization_id,
            language=language_of(submission),
            country=country if country and country != SEVERAL else None,
            record=record,
            opened_at=act.now,
            ends_at=_day(submission) or act.now + LIFETIME,
        )
        if submission.person_id is None:
            raise Invalid({"text": NOBODY})
        before = call_queries.call_by_id(act.connection, submission.id)
        if before is None:
            call_rows.add_call(act.connection, opened, submission.person_id, change=act.change)
        else:  # published again after a decision was taken back
            again = {"state": OPEN, "record": record, "country": opened.country, "ends_at": opened.ends_at}
            call_rows.change_call(act.connection, before, change=act.change, ended_at=None, **again)
        return {"call": submission.reference}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        call = call_queries.call_by_id(act.connection, act.submission.id)
        if call is not None:
            call_rows.change_call(act.connection, call, change=act.change, state=WITHDRAWN, ended_at=act.now)

    def retract(self, act: Publishing) -> None:
        call = call_queries.call_by_id(act.connection, act.submission.id)
        if call is None or call.state == WITHDRAWN:
            return
        call_rows.change_call(act.connection, call, change=act.change, state=WITHDRAWN, ended_at=act.now)
        leave_tombstone(act, "call", act.submission.id)


def _near(connection: Connection, submission: Submission) -> tuple[UUID, ...]:
    """The identities of open calls that say about the same, the most alike first."""
    kind = validation.text_answer(submission.answers, "call")
    others = [pair for pair in call_queries.texts_of_open_calls(connection, kind) if pair[0] != submission.id]
    return calls_alike(call_queries.comparable_text(submission.answers), others, SUGGESTED)


def _day(submission: Submission) -> datetime | None:
    """The end that was asked for; None where none was, or one that cannot be."""
    text = validation.text_answer(submission.answers, "ends")
    try:
        day = datetime.combine(date.fromisoformat(text), time(23, 59), UTC)
    except ValueError:
        return None
    return day if submission.changed_at < day <= submission.changed_at + LIFETIME else None
