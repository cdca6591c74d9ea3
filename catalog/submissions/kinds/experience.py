"""An experience: an organization that uses a project tells how it went, in any language.

Its answers: `context`, `replaced`, `effort_days` and `cost_band` (bands), `hurt`, `advice`, `again` (one of AGAIN),
`language`. Who speaks for the organization publishes it at once; of others a person decides. Told again, it replaces
what was told before.
"""

from datetime import datetime
from typing import Any

from catalog.errors import Invalid
from catalog.rules.decision import PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import EXPERIENCE, Declaration, experience_id
from catalog.store.adoptions import experiences
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.organizations import rows as organization_rows
from catalog.store.projects import rows as project_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.organization_field import organization_of, verified
from catalog.submissions.base.protocol import Doubt, EditableText, Row, texts

AGAIN = ("yes", "unsure", "no")
NO_ORGANIZATION = "Choose your organization"
NOT_DECLARED = "Say first that your organization uses it. Then tell how it went"
NO_CONTEXT = "Describe what it is used for, and by whom"
NO_AGAIN = "Choose whether you would choose it again"
SENTENCES = (NO_ORGANIZATION, NOT_DECLARED, NO_CONTEXT, NO_AGAIN)

TEXTS = ("context", "hurt", "advice")
_BANDS = {"effort_days": "effort-band", "cost_band": "cost-band"}


class ExperienceKind:
    kind = EXPERIENCE
    nameless = False
    awaited = False

    def problems(self, connection: Connection, submission: Declaration) -> dict[str, str]:
        said, wrong = submission.answers, {}
        if submission.organization_id is None or submission.project_id is None:
            wrong["organization"] = NO_ORGANIZATION
        elif not experiences.is_declared(connection, submission.project_id, submission.organization_id):
            wrong["organization"] = NOT_DECLARED
        wrong |= base_validation.words(said, {"context": NO_CONTEXT}, "hurt", "advice")
        wrong |= base_validation.lines(said, "replaced") | base_validation.terms(said, _BANDS)
        if base_validation.text_answer(said, "again") not in AGAIN:
            wrong["again"] = NO_AGAIN
        return wrong | base_validation.language(said)

    def rows(self, connection: Connection, submission: Declaration) -> tuple[Row, ...]:
        said = submission.answers
        language = base_validation.text_answer(said, "language") or submission.language
        record = project_rows.record_of(connection, submission.project_id) if submission.project_id else None
        card = (
            organization_rows.organization_card(connection, submission.organization_id)
            if submission.organization_id
            else None
        )
        return (
            *((Row("project", None, record["slug"], "project"),) if record else ()),
            Row("organization", None, card.slug if card else None, "organization"),
            *(
                Row(
                    name,
                    None,
                    {language: base_validation.text_answer(said, name)}
                    if base_validation.text_answer(said, name)
                    else None,
                    "words",
                )
                for name in ("context", "replaced")
            ),
            *(
                Row(name, None, base_validation.text_answer(said, name), f"term:{listed}")
                for name, listed in _BANDS.items()
            ),
            *(
                Row(
                    name,
                    None,
                    {language: base_validation.text_answer(said, name)}
                    if base_validation.text_answer(said, name)
                    else None,
                    "words",
                )
                for name in ("hurt", "advice")
            ),
            Row("again", None, base_validation.text_answer(said, "again"), "code:again"),
        )

    def doubts(self, connection: Connection, submission: Declaration) -> tuple[Doubt, ...]:
        return (Doubt("unproven"),)

    def editable(self, submission: Declaration) -> tuple[EditableText, ...]:
        return texts(submission, "context", "replaced", "hurt", "advice")

    def nameable_records(self, submission: Declaration) -> tuple[str, ...]:
        return (PROJECT,)

    def at_once(self, connection: Connection, submission: Declaration, person: Person | None) -> bool:
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
        if submission.project_id is None or submission.organization_id is None:
            raise Invalid({"organization": NO_ORGANIZATION})
        before = experiences.write_experience(
            connection,
            experience_id(submission.project_id, submission.organization_id),
            submission.reference,
            submission.project_id,
            submission.organization_id,
            submission.person_id,
            language=base_validation.text_answer(submission.answers, "language") or submission.language,
            record=base_validation.filled_answers(
                submission.answers, *TEXTS, "replaced", "effort_days", "cost_band", "again"
            ),
            now=now,
        )
        change.touch("project", submission.project_id)
        return {"experience": before}

    def take_back(
        self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime
    ) -> None:
        if submission.project_id is None or submission.organization_id is None:
            return
        experiences.delete_experience(connection, submission.project_id, submission.organization_id)
        before = (submission.before or {}).get("experience")
        if before:
            experiences.write_experience(
                connection,
                experience_id(submission.project_id, submission.organization_id),
                before["reference"],
                submission.project_id,
                submission.organization_id,
                submission.person_id,
                language=before["language"],
                record=before["record"],
                now=datetime.fromisoformat(before["at"]),
            )
        change.touch("project", submission.project_id)

    def unsay(self, connection: Connection, submission: Declaration, change: PublicChange, *, now: datetime) -> None:
        if submission.project_id is None or submission.organization_id is None:
            return
        if experiences.delete_experience(connection, submission.project_id, submission.organization_id):
            change.touch("project", submission.project_id)
            call_rows.add_tombstone(
                connection,
                "experience",
                experience_id(submission.project_id, submission.organization_id),
                project_id=submission.project_id,
                organization_id=submission.organization_id,
                change=change,
                now=now,
            )
