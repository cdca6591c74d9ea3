"""The base of all kinds of submissions: checks, preview, publishing and undo, made from the rows of its fields.

A kind adds what it keeps, and for what its sender needs no moderator.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from catalog.record_kind import PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import Submission
from catalog.store.calls import call_rows
from catalog.store.core.engine import Connection
from catalog.store.organizations import organization_rows
from catalog.store.projects import project_rows
from catalog.submissions.base import organization_field, validation
from catalog.submissions.base.fields import FormField, editable_texts, problems_of, rows_of
from catalog.submissions.base.protocol import Doubt, EditableText, Publishing, Row


class FormKind(ABC):
    """A kind of submission by its fields, so that sending, the desk and the log treat all of them alike. Each is one
    object of a module in `kinds`; `registry.KINDS` lists them. All its methods run in the caller's transaction.

    `nameless`: it may be sent without an address. `awaited`: a person always decides first, so that its arrival
    changes nothing that readers see, and waits for nobody who does. `adds_organization`: its answers name an
    organization that is here, or describe one that is added when this is published. `nameable`: the records that the
    public log may name.
    """

    kind = ""
    nameless = False
    awaited = False
    adds_organization = False
    nameable: tuple[str, ...] = (PROJECT,)
    fields: Sequence[FormField] = ()

    def fields_of(self, submission: Submission) -> Sequence[FormField]:
        """The fields that it asks for, in the order of asking."""
        return self.fields

    def problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        """What keeps it from being sent or published, a msgid by field; empty when nothing does."""
        sentences = problems_of(self.fields_of(submission), submission.answers, submission.changed_at)
        return self.subject_problems(connection, submission) | sentences

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        """What is wrong with the records that it is about."""
        return {}

    def rows(self, connection: Connection, submission: Submission) -> tuple[Row, ...]:
        """What it says, with what stands there now."""
        fields, language = self.fields_of(submission), language_of(submission)
        return (
            *self.subject_rows(connection, submission),
            *rows_of(fields, submission.answers, language, self.standing(connection, submission)),
        )

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        """The lines of the records that it is about."""
        return ()

    def standing(self, connection: Connection, submission: Submission) -> Mapping[str, Any]:
        """What everybody reads there now, by the name of its field."""
        return {}

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        """What a person should look at before deciding."""
        return ()

    def editable(self, submission: Submission) -> tuple[EditableText, ...]:
        """The texts that a moderator may correct before it is published."""
        new = organization_field.new_texts(submission) if self.adds_organization else ()
        return (*new, *editable_texts(self.fields_of(submission), submission.answers))

    def nameable_records(self, submission: Submission) -> tuple[str, ...]:
        """Which of the records that it is about may be named in public where it is decided on, of PROJECT and
        ORGANIZATION of `catalog.rules.decision`; none where its organization chose not to be named."""
        return self.nameable

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        """Whether it is published first and looked at after: its sender's own word about their own matter."""
        return False

    def publish(self, act: Publishing) -> dict[str, Any]:
        """Take it over into the catalogue; JSON-safe, what `take_back` needs.

        It may hold `project_id` or `organization_id` (text) of a record that it made. Raises Invalid when it no longer
        can be taken over.
        """
        if not self.adds_organization:
            return self.write(act)
        organization, is_new = organization_field.chosen_or_added(act.connection, act.submission, now=act.now)
        before = self.write(replace(act, organization=organization))
        return before | ({"organization_id": str(organization.id), "made": is_new} if organization else {})

    @abstractmethod
    def write(self, act: Publishing) -> dict[str, Any]:
        """Keep what it says; JSON-safe, what `restore` needs."""

    def take_back(self, act: Publishing) -> None:
        """Put back what stood there before it was published, from `act.submission.before`."""
        submission = act.submission
        if submission.before is None:
            return
        self.restore(act, submission.before)
        if submission.before.get("made") and submission.organization_id is not None:
            organization_rows.remove_unused(act.connection, submission.organization_id, change=act.change)

    def restore(  # noqa: B027 - a kind that keeps nothing has nothing to put back
        self, act: Publishing, before: Mapping[str, Any]
    ) -> None:
        """Put back what `write` found."""


def language_of(submission: Submission) -> str:
    """The language of its texts."""
    return validation.text_answer(submission.answers, "language") or submission.language


def project_row(connection: Connection, submission: Submission) -> tuple[Row, ...]:
    """The project that it is about, as a line; none where it is not here."""
    record = project_rows.record_of(connection, submission.project_id) if submission.project_id else None
    return (Row("project", None, record["slug"], "project"),) if record else ()


def is_project_here(connection: Connection, submission: Submission) -> bool:
    return submission.project_id is not None and project_rows.record_of(connection, submission.project_id) is not None


def leave_tombstone(act: Publishing, kind: str, key: UUID) -> None:
    """What its sender withdrew is to go in other catalogues and stay away after a restore."""
    call_rows.add_tombstone(
        act.connection,
        kind,
        key,
        project_id=act.submission.project_id,
        organization_id=act.submission.organization_id,
        change=act.change,
        now=act.now,
    )
