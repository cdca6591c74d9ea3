"""A report: what blocks somebody who uses a project, or what is wrong on a page of ours that no field covers.

Its answers: `about` ("blocks" or "page"), `happened`, `where`, and of what blocks `audience` and `device`; of a page
its `page`. It needs no address. What blocks somebody is told to the project's maintainers at once, and shown on its
page only after a person looked at it; who sent it is shown nowhere."""

from datetime import datetime, timedelta
from typing import Any

from catalog.rules.decision import PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import REPORT, Declaration
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.obstacles import rows as obstacle_rows
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.projects import rows as project_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts

BLOCKS, PAGE = "blocks", "page"
MOST_TOLD, TOLD_WITHIN = 5, timedelta(hours=1)  # messages about one project: anybody may report, without an address

NO_AUDIENCE = "Choose who is blocked, or Everyone"
NO_WHERE = "Write where it happened"
NO_HAPPENED = "Write what happened"
NO_PROJECT = "This project is no longer here"
SENTENCES = (NO_AUDIENCE, NO_WHERE, NO_HAPPENED, NO_PROJECT)


class Report:
    kind = REPORT
    nameless = True
    awaited = True

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        said = submission.answers
        wrong = base_validation.words(said, {"happened": NO_HAPPENED})
        if _blocks(submission):
            if submission.project_id is None or project_rows.record_of(connection, submission.project_id) is None:
                wrong["happened"] = NO_PROJECT
            wrong |= base_validation.terms(said, {"audience": "audience"})
            if not base_validation.text_answer(said, "audience"):
                wrong["audience"] = NO_AUDIENCE
            if not base_validation.text_answer(said, "where"):
                wrong["where"] = NO_WHERE
            wrong |= base_validation.lines(said, "where", "device")
        return wrong | base_validation.language(said)

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        said = submission.answers
        language = base_validation.text_answer(said, "language") or submission.language
        record = project_rows.record_of(connection, submission.project_id) if submission.project_id else None
        found = [Row("project", None, record["slug"], "project")] if record else []
        if base_validation.text_answer(said, "page"):
            found.append(Row("page", None, base_validation.text_answer(said, "page"), "text"))
        if _blocks(submission):
            found.append(Row("audience", None, base_validation.text_answer(said, "audience"), "term:audience"))
        for name in ("where", "happened", "device"):
            if base_validation.text_answer(said, name):
                found.append(Row(name, None, {language: base_validation.text_answer(said, name)}, "words"))
        return tuple(found)

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        return ()

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return texts(submission, "where", "happened", "device")

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return (PROJECT,)

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
        return False

    def arrived(self, connection: Connection, submission: Declaration, person: Person | None, *, now: datetime) -> None:
        """Its maintainers are told, whatever is decided about showing it."""
        if not _blocks(submission) or submission.project_id is None:
            return
        obstacle_rows.add_obstacle(
            connection,
            submission,
            _record(submission),
            base_validation.text_answer(submission.answers, "audience"),
            now=now,
        )
        maintainers = call_rows.addresses_of_maintainers(connection, submission.project_id)
        if (
            not maintainers
            or obstacle_rows.count_since(connection, submission.project_id, now - TOLD_WITHIN) > MOST_TOLD
        ):
            return  # or they were told of others just now, and find this one on their desk
        record = project_rows.record_of(connection, submission.project_id)
        told = {"reference": submission.reference, "slug": record["slug"], "name": record["name"]} if record else {}
        for email, language in maintainers if told else ():
            message = (obstacle_rows.OBSTACLE_MESSAGE, email, language, told)
            enqueue_message(connection, *message, about=submission.reference, now=now)

    def publish(
        self,
        connection: Connection,
        submission: Declaration,
        person: Person | None,
        change: PublicChange,
        *,
        now: datetime,
    ) -> dict[str, Any]:
        if _blocks(submission):
            obstacle_rows.publish_decision(connection, submission.reference, True, _record(submission))
            change.touch("project", submission.project_id)
        return {}

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        if _blocks(submission):
            obstacle_rows.publish_decision(connection, submission.reference, False)
            change.touch("project", submission.project_id)

    def unsay(self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime) -> None:
        obstacle_rows.delete_obstacle(connection, submission.reference)
        change.touch("project", submission.project_id)


def _blocks(submission: Declaration) -> bool:
    return submission.answers.get("about") != PAGE


def _record(submission: Declaration) -> dict[str, Any]:
    return base_validation.filled_answers(submission.answers, "where", "happened", "device")
