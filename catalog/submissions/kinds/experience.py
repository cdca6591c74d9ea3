"""An experience, the second part of an adoption: an organization that uses a project tells how it went.

Its answers are those of `FIELDS`. From a representative it is published at once; else a moderator decides. A new one
replaces the former. What it says of the use itself (version, people, cost and the like) is stated of the adoption too,
where its sender represents the organization or nobody confirmed the adoption.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.rules.person import Person
from catalog.rules.submission import CONFIRMING, EXPERIENCE, Submission, experience_id
from catalog.sentences import mark
from catalog.store.adoptions import adoption_rows, experiences
from catalog.store.core.engine import Connection
from catalog.store.organizations import organization_rows
from catalog.submissions.base import organization_field, validation
from catalog.submissions.base.fields import CHOICE, LANGUAGE, NAMES, SENTENCE, TEXT, FormField, recorded
from catalog.submissions.base.protocol import Doubt, Publishing, Row
from catalog.submissions.base.submission import FormKind, language_of, leave_tombstone, project_row
from catalog.submissions.kinds import adoption_options
from catalog.submissions.kinds.adoption_fields import BY_NAME, MORE, STATED
from catalog.submissions.kinds.adoption_fields import FIELDS as FIELDS_OF_ADOPTION

AGAIN = ("yes", "unsure", "no")
NO_ORGANIZATION = "Choose your organization"
NOT_DECLARED = "Say first that your organization uses it. Then tell how it went"
NO_CONTEXT = "Describe what it is used for, and by whom"
NO_AGAIN = "Choose whether you would choose it again"
SENTENCES = (NO_ORGANIZATION, NOT_DECLARED, NO_CONTEXT, NO_AGAIN)

_OWN = ("replaced", "again", "lesson")  # that an experience tells in words of its own
_OWN_TOO = ("effort_days", "cost_band", "currency")  # that an experience keeps, too
# What the adoption form left for later, as it stands there.
_OF_ADOPTION = {
    field.name: replace(field, step="", refused=validation.NO_TERM)
    for field in FIELDS_OF_ADOPTION
    if field.step == MORE and field.name not in _OWN
}
FIELDS = (
    FormField(
        "context",
        TEXT,
        mark("What do you use it for, and who uses it?"),
        mark("At most 1,000 characters."),
        mark("Purpose and users"),
        missing=NO_CONTEXT,
    ),
    *(field for name, field in _OF_ADOPTION.items() if name not in (*_OWN_TOO, "told")),
    FormField(
        "replaced",
        SENTENCE,
        mark("What did it replace?"),
        mark("A program, a spreadsheet, paper."),
        mark("It replaced"),
    ),
    *(replace(_OF_ADOPTION[name], row=name) for name in _OWN_TOO),
    FormField(
        "hurt",
        TEXT,
        mark("What was difficult?"),
        mark("What was hard, failed, or took too long."),
        mark("Difficulties"),
    ),
    FormField("advice", TEXT, mark("What would you tell others?"), called=mark("Advice for others")),
    FormField(
        "again",
        CHOICE,
        mark("Would you choose it again?"),
        options=BY_NAME["again"].options,
        missing=NO_AGAIN,
        refused=NO_AGAIN,
        shape="code:again",
    ),
    FormField("language", LANGUAGE, mark("The language of your text"), row="", refused=validation.NO_LANGUAGE),
    replace(_OF_ADOPTION["told"], row="adopt.told"),
)
TEXTS = ("context", "hurt", "advice")
_KEPT = (*TEXTS, "replaced", *_OWN_TOO, "again")


class ExperienceForm(FormKind):
    kind = EXPERIENCE
    fields = FIELDS

    def subject_problems(self, connection: Connection, submission: Submission) -> dict[str, str]:
        if submission.organization_id is None or submission.project_id is None:
            return {"organization": NO_ORGANIZATION}
        if not experiences.is_declared(connection, submission.project_id, submission.organization_id):
            return {"organization": NOT_DECLARED}
        return {}

    def subject_rows(self, connection: Connection, submission: Submission) -> Sequence[Row]:
        key = submission.organization_id
        card = organization_rows.organization_card(connection, key) if key else None
        return (
            *project_row(connection, submission),
            *((Row("organization", None, card.slug, "organization"),) if card else ()),
        )

    def doubts(self, connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
        return (Doubt("unproven"),)

    def at_once(self, connection: Connection, submission: Submission, person: Person | None) -> bool:
        return organization_field.represents(connection, submission, person)

    def write(self, act: Publishing) -> dict[str, Any]:
        submission = act.submission
        assert submission.project_id is not None and submission.organization_id is not None  # it has no problems
        pair = (submission.project_id, submission.organization_id)
        before = experiences.write_experience(
            act.connection,
            experience_id(*pair),
            submission.reference,
            *pair,
            submission.person_id,
            language=language_of(submission),
            record=validation.filled_answers(submission.answers, *_KEPT),
            now=act.now,
        )
        act.change.touch("project", submission.project_id)
        return {
            "experience": before,
            "adoption": _amend(act),
            "wishes": adoption_options.follow(act.connection, submission, submission.person_id, now=act.now),
        }

    def restore(self, act: Publishing, before: Mapping[str, Any]) -> None:
        submission = act.submission
        if submission.project_id is None or submission.organization_id is None:
            return
        pair = (submission.project_id, submission.organization_id)
        experiences.delete_experience(act.connection, *pair)
        if old_experience := before.get("experience"):
            experiences.write_experience(
                act.connection,
                experience_id(*pair),
                old_experience["reference"],
                *pair,
                submission.person_id,
                language=old_experience["language"],
                record=old_experience["record"],
                now=datetime.fromisoformat(old_experience["at"]),
            )
        amended = adoption_rows.own_adoption(act.connection, *pair)
        if before.get("adoption") and amended is not None:  # else it was withdrawn since
            adoption_rows.restore_snapshot(act.connection, *pair, before["adoption"], change=act.change)
        adoption_options.undo(act.connection, submission, before.get("wishes") or {})
        act.change.touch("project", submission.project_id)

    def retract(self, act: Publishing) -> None:
        submission = act.submission
        if submission.project_id is None or submission.organization_id is None:
            return
        pair = (submission.project_id, submission.organization_id)
        if experiences.delete_experience(act.connection, *pair):
            act.change.touch("project", submission.project_id)
            leave_tombstone(act, "experience", experience_id(*pair))


def _amend(act: Publishing) -> dict[str, Any] | None:
    """Say of the organization's own adoption what is told here; what `restore` needs, None where it says no more."""
    submission, connection = act.submission, act.connection
    assert submission.project_id is not None and submission.organization_id is not None
    pair = (submission.project_id, submission.organization_id)
    adoption = adoption_rows.own_adoption(connection, *pair)
    speaks = organization_field.represents(connection, submission, act.person)
    if adoption is None or (adoption.verification in CONFIRMING and not speaks):
        return None
    values = _of_adoption(connection, submission)
    if all(getattr(adoption, name) == value for name, value in values.items()):
        return None
    before = adoption_rows.snapshot(connection, *pair)
    adoption_rows.write_adoption(connection, *pair, replace(adoption, **values), change=act.change, now=act.now)
    return before


def _of_adoption(connection: Connection, submission: Submission) -> dict[str, Any]:
    """What it says in the fields of an adoption."""
    answers, language, values = submission.answers, language_of(submission), dict[str, Any]()
    for field in STATED:
        form_field = next((own for own in FIELDS if own.name == field.name), None)
        value = recorded(field, answers.get(field.name), language) if form_field and field.kind != NAMES else None
        if value is not None:
            values[field.name] = value
    if name := answers.get("provider"):
        provider = organization_rows.find_by_name(connection, name)
        values |= {"provider": provider.slug} if provider else {}
    return values
