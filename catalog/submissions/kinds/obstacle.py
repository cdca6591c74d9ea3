"""A report: what blocks somebody who uses a project, or what somebody has to say to those who run this catalogue.

Its answers: `about` ("blocks" or "page") and those of the fields. It needs no address. What blocks somebody is told to
the project's maintainers at once, and shown on its page only after a person looked at it; who sent it is shown nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from catalog.rules.person import Person
from catalog.rules.submission import REPORT, Submission
from catalog.sentences import mark
from catalog.store.calls import call_rows
from catalog.store.core.engine import Connection
from catalog.store.obstacles import obstacle_rows
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.projects import project_rows
from catalog.submissions.base import validation
from catalog.submissions.base.fields import CHOICE, LANGUAGE, SENTENCE, TERM, TEXT, FormField
from catalog.submissions.base.protocol import Publishing, Row
from catalog.submissions.base.submission import FormKind, is_project_here, project_row

BLOCKS, PAGE = "blocks", "page"
MOST_TOLD, TOLD_WITHIN = 5, timedelta(hours=1)  # messages about one project: anybody may report, without an address

NO_AUDIENCE = "Choose who is blocked, or Everyone"
NO_WHERE = "Write where it happened"
NO_HAPPENED = "Write what happened"
NO_PROJECT = "This project is no longer here"
NO_TOPIC = "Choose what it is about"
NO_MESSAGE = "Write your message"
SENTENCES = (NO_AUDIENCE, NO_WHERE, NO_HAPPENED, NO_PROJECT, NO_TOPIC, NO_MESSAGE)

_HAPPENED = FormField(
    "happened",
    TEXT,
    mark("What happened?"),
    mark("At most 1,000 characters."),
    mark("What happened"),
    missing=NO_HAPPENED,
)
_LANGUAGE = FormField("language", LANGUAGE, mark("The language of your text"), row="")
OF_PROJECT = (
    FormField(
        "audience",
        TERM,
        mark("Who is blocked?"),
        called=mark("Who is affected"),
        vocabulary="audience",
        missing=NO_AUDIENCE,
        refused=validation.NO_TERM,
    ),
    FormField(
        "where", SENTENCE, mark("Where?"), mark("The page, the screen or the button."), mark("Where"), missing=NO_WHERE
    ),
    _HAPPENED,
    FormField(
        "device",
        SENTENCE,
        mark("With which device or aid?"),
        mark("For example: an old phone, a screen reader, only the keyboard."),
        mark("Device or assistive technology"),
    ),
    _LANGUAGE,
)
OF_PAGE = (
    FormField("page", label=mark("Page"), public=False),
    FormField(
        "topic",
        CHOICE,
        mark("What is it about?"),
        called=mark("Subject"),
        options=(
            ("question", mark("A question"), ""),
            ("mistake", mark("A mistake on a page"), ""),
            ("press", mark("A request from the press"), ""),
            ("partner", mark("Working together"), ""),
        ),
        missing=NO_TOPIC,
        public=False,
    ),
    replace(_HAPPENED, label=mark("Your message"), called=mark("Message"), missing=NO_MESSAGE, public=False),
    _LANGUAGE,
)


class ObstacleForm(FormKind):
    kind = REPORT
    nameless = True
    awaited = True
    fields = (*OF_PROJECT, OF_PAGE[0])

    def fields_of(self, submission: Submission) -> Sequence[FormField]:
        return OF_PROJECT if _blocks(submission) else OF_PAGE

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        wrong = super().problems(connection, submission)
        gone = _blocks(submission) and not is_project_here(connection, submission)
        return wrong | {"happened": NO_PROJECT} if gone else wrong

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        return project_row(connection, submission)

    def arrived(self, connection: Connection, submission: Submission, person: Person | None, *, now: datetime) -> None:
        """Tell the maintainers, whatever is decided about showing it."""
        if not _blocks(submission) or submission.project_id is None:
            return
        obstacle_rows.add_obstacle(
            connection,
            submission,
            _record(submission),
            validation.text_answer(submission.answers, "audience"),
            now=now,
        )
        maintainers = call_rows.addresses_of_maintainers(connection, submission.project_id)
        if (
            not maintainers
            or obstacle_rows.count_since(connection, submission.project_id, now - TOLD_WITHIN) > MOST_TOLD
        ):
            return  # or they were told of others just now, and find this one on their page
        record = project_rows.record_of(connection, submission.project_id)
        values = {"reference": submission.reference, "slug": record["slug"], "name": record["name"]} if record else {}
        for email, language in maintainers if values else ():
            enqueue_message(connection, obstacle_rows.OBSTACLE_MESSAGE, email, language, values, now=now)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        if _blocks(submission):
            obstacle_rows.publish_decision(act.connection, submission.reference, True, _record(submission))
            act.change.touch("project", submission.project_id)
        return {}

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        if _blocks(act.submission):
            obstacle_rows.publish_decision(act.connection, act.submission.reference, False)
            act.change.touch("project", act.submission.project_id)

    def retract(self, act: Publishing) -> None:
        obstacle_rows.delete_obstacle(act.connection, act.submission.reference)
        act.change.touch("project", act.submission.project_id)


def _blocks(submission: Submission) -> bool:
    return submission.answers.get("about") != PAGE


def _record(submission: Submission) -> dict[str, Any]:
    return validation.filled_answers(submission.answers, "where", "happened", "device")
