"""A call: a need without a tool, help for a project, a successor, or a host for a collective without legal form.

Its answers: `call` (the kind) and `text`; of a need `group`, `country`, `today` and the `words` of the search that
found nothing; of the others `who`, `effort`, `tag` (a language), `ends` (a day), `handed`, `looked_for`. The texts are
in `language`. Who keeps the project, or speaks for the organization, that the call is for publishes it at once.
"""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

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
from catalog.rules.decision import ORGANIZATION, PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import CALL, Declaration
from catalog.store.calls import queries as call_queries
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.projects import rows as project_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts

NO_KIND = "Choose what you ask for"
NO_PROJECT = "Choose the project that needs help"
NO_NEED = "Write what you need to do, in your words"
NO_TODAY = "Write what you do today"
NO_TEXT = "Write what is needed and why"
NO_DAY = "Choose a day within the next six months"
SENTENCES = (NO_KIND, NO_PROJECT, NO_NEED, NO_TODAY, NO_TEXT, NO_DAY)

SUGGESTED = 5
_ASKED = ("text", "group", "country", "today", "who", "effort", "tag", "ends", "language")  # as the page does
_KEPT = ("text", "group", "today", "words", "who", "effort", "tag", "handed", "looked_for", "country")


class CallKind:
    kind = CALL
    nameless = False
    awaited = False

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        said, kind = submission.answers, base_validation.text_answer(submission.answers, "call")
        if kind not in KINDS:
            return {"call": NO_KIND}
        if kind in OF_PROJECT and (
            submission.project_id is None or project_rows.record_of(connection, submission.project_id) is None
        ):
            return {"call": NO_PROJECT}
        needed = {"text": NO_NEED, "today": NO_TODAY} if kind == NEED else {"text": NO_TEXT}
        wrong = base_validation.words(said, needed)
        wrong |= base_validation.lines(said, "who", "effort", "words")
        wrong |= base_validation.terms(said, {"group": "organization-kind"})
        wrong |= base_validation.country(said, "country", SEVERAL)
        wrong |= base_validation.language(said) | base_validation.language(said, "tag")
        if base_validation.text_answer(said, "ends") and _day(submission) is None:
            wrong["ends"] = NO_DAY
        return base_validation.in_order(wrong, _ASKED)

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        said = submission.answers
        kind = base_validation.text_answer(said, "call")
        language = base_validation.text_answer(said, "language") or submission.language
        record = project_rows.record_of(connection, submission.project_id) if submission.project_id else None
        found = [Row("call", None, kind, "code:call")]
        if record:
            found.append(Row("project", None, record["slug"], "project"))
        found.append(
            Row(
                "need" if kind == NEED else "text", None, {language: base_validation.text_answer(said, "text")}, "words"
            )
        )
        if kind == NEED:
            found.append(Row("group", None, base_validation.text_answer(said, "group"), "term:organization-kind"))
        if kind in (NEED, HOST_FOR):
            country = base_validation.text_answer(said, "country")
            found.append(Row("country", None, country, "code:country" if country == SEVERAL else "country"))
        for name in ("today", "words", "who", "effort"):
            if base_validation.text_answer(said, name):
                shape = "text" if name == "words" else "words"
                found.append(
                    Row(
                        name,
                        None,
                        base_validation.text_answer(said, name) if shape == "text" else {language: said[name]},
                        shape,
                    )
                )
        if base_validation.text_answer(said, "tag"):
            found.append(Row("tag", None, base_validation.text_answer(said, "tag"), "language"))
        for name in ("handed", "looked_for"):
            if said.get(name):
                found.append(Row(name, None, list(said[name]), f"code:{name}"))
        if _day(submission):
            found.append(Row("ends", None, base_validation.text_answer(said, "ends"), "text"))
        return tuple(found)

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        near = call_queries.call_lines_by_id(connection, self.near(connection, submission))
        if not near:
            return ()
        return (Doubt("alike", {"calls": [line.call.reference for line in near]}),)

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        first = "need" if base_validation.text_answer(submission.answers, "call") == NEED else "text"
        return (*texts(submission, "text", label=first), *texts(submission, "today", "who", "effort"))

    def near(self, connection: Connection, submission: Declaration) -> tuple[UUID, ...]:
        """The identities of open calls that say about the same, the most alike first."""
        kind = base_validation.text_answer(submission.answers, "call")
        others = [pair for pair in call_queries.texts_of_open_calls(connection, kind) if pair[0] != submission.id]
        return calls_alike(
            call_queries.comparable_text(base_validation.filled_answers(submission.answers, *_KEPT)), others, SUGGESTED
        )

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return (PROJECT, ORGANIZATION)

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
        if person is None:
            return False
        own = submission.organization_id is not None and submission.organization_id in person.speaks_for
        kept = submission.project_id is not None and submission.project_id in person.keeps
        if submission.project_id is not None:
            return kept
        return own

    def publish(
        self,
        connection: Connection,
        submission: Declaration,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        record = base_validation.filled_answers(submission.answers, *_KEPT)
        for name, known in (("handed", HANDED_OVER), ("looked_for", LOOKED_FOR)):
            if name in record:
                record[name] = [value for value in record[name] if value in known]
        country = base_validation.text_answer(submission.answers, "country")
        opened = Call(
            id=submission.id,
            reference=submission.reference,
            kind=base_validation.text_answer(submission.answers, "call"),
            state=OPEN,
            project_id=submission.project_id,
            organization_id=submission.organization_id,
            joined_to=None,
            language=base_validation.text_answer(submission.answers, "language") or submission.language,
            country=country if country and country != SEVERAL else None,
            record=record,
            opened_at=now,
            ends_at=_day(submission) or now + LIFETIME,
        )
        before = call_queries.call_by_id(connection, submission.id)
        if before is None:
            call_rows.add_call(connection, opened, submission.person_id, change=change)
        else:  # published again after a decision was taken back: what organizations said about it is still there
            again = {"state": OPEN, "record": record, "country": opened.country, "ends_at": opened.ends_at}
            call_rows.change_call(connection, before, change=change, ended_at=None, **again)
        return {"call": submission.reference}

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        found = call_queries.call_by_id(connection, submission.id)
        if found is not None:
            call_rows.change_call(connection, found, change=change, state=WITHDRAWN, ended_at=now)

    def unsay(self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime) -> None:
        found = call_queries.call_by_id(connection, submission.id)
        if found is None or found.state == WITHDRAWN:
            return
        call_rows.change_call(connection, found, change=change, state=WITHDRAWN, ended_at=now)
        call_rows.add_tombstone(
            connection,
            "call",
            submission.id,
            project_id=submission.project_id,
            organization_id=submission.organization_id,
            change=change,
            now=now,
        )


def _day(submission: Declaration) -> datetime | None:
    """The end that was asked for; None where none was, or one that cannot be."""
    text = base_validation.text_answer(submission.answers, "ends")
    try:
        day = datetime.combine(date.fromisoformat(text), time(23, 59), UTC)
    except ValueError:
        return None
    return day if submission.changed_at < day <= submission.changed_at + LIFETIME else None


__all__ = ["SUCCESSOR", "CallKind"]
