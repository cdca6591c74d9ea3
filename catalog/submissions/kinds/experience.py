"""An experience: an organization that uses a project tells how it went, in any language.

Its answers: `context`, `replaced`, `effort_days` and `cost_band` (bands), `hurt`, `advice`, `again` (one of AGAIN),
`language`. Who speaks for the organization publishes it at once; of others a person decides. Told again, it replaces
what was told before.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog.errors import Invalid
from catalog.rules.decision import PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import EXPERIENCE, Declaration, experience_id
from catalog.store.adoptions import experiences
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.organizations import rows as organization_rows
from catalog.store.projects import rows as project_rows
from catalog.submissions.base import validation as base_validation
from catalog.submissions.base.organization_field import organization_of, verified
from catalog.submissions.base.protocol import Doubt, Row, Words, texts

AGAIN = ("yes", "unsure", "no")
NO_ORGANIZATION = "Choose your organization"
NOT_DECLARED = "Say first that your organization uses it. Then tell how it went"
NO_CONTEXT = "Describe what it is used for, and by whom"
NO_AGAIN = "Choose whether you would choose it again"
SENTENCES = (NO_ORGANIZATION, NOT_DECLARED, NO_CONTEXT, NO_AGAIN)

TEXTS = ("context", "hurt", "advice")
_BANDS = {"effort_days": "effort-band", "cost_band": "cost-band"}


class Told:
    kind = EXPERIENCE
    nameless = False
    awaited = False

    def problems(self, connection: Connection, one: Declaration) -> dict[str, str]:
        said, wrong = one.answers, {}
        if one.organization_id is None or one.project_id is None:
            wrong["organization"] = NO_ORGANIZATION
        elif not experiences.is_declared(connection, one.project_id, one.organization_id):
            wrong["organization"] = NOT_DECLARED
        wrong |= base_validation.words(said, {"context": NO_CONTEXT}, "hurt", "advice")
        wrong |= base_validation.lines(said, "replaced") | base_validation.terms(said, _BANDS)
        if base_validation.of(said, "again") not in AGAIN:
            wrong["again"] = NO_AGAIN
        return wrong | base_validation.language(said)

    def rows(self, connection: Connection, one: Declaration) -> tuple[Row, ...]:
        said = one.answers
        language = base_validation.of(said, "language") or one.language
        record = project_rows.record_of(connection, one.project_id) if one.project_id else None
        card = organization_rows.organization_card(connection, one.organization_id) if one.organization_id else None
        return (
            *((Row("project", None, record["slug"], "project"),) if record else ()),
            Row("organization", None, card.slug if card else None, "organization"),
            *(
                Row(
                    name,
                    None,
                    {language: base_validation.of(said, name)} if base_validation.of(said, name) else None,
                    "words",
                )
                for name in ("context", "replaced")
            ),
            *(Row(name, None, base_validation.of(said, name), f"term:{listed}") for name, listed in _BANDS.items()),
            *(
                Row(
                    name,
                    None,
                    {language: base_validation.of(said, name)} if base_validation.of(said, name) else None,
                    "words",
                )
                for name in ("hurt", "advice")
            ),
            Row("again", None, base_validation.of(said, "again"), "code:again"),
        )

    def doubts(self, connection: Connection, one: Declaration) -> tuple[Doubt, ...]:
        return (Doubt("unproven"),)

    def editable(self, one: Declaration) -> tuple[Words, ...]:
        return texts(one, "context", "replaced", "hurt", "advice")

    def named(self, one: Declaration) -> tuple[str, ...]:
        return (PROJECT,)

    def at_once(self, connection: Connection, one: Declaration, person: Person | None) -> bool:
        here = organization_of(connection, one)
        return here is not None and verified(connection, here, person) is not None

    def publish(
        self,
        connection: Connection,
        one: Declaration,
        person: Person | None,
        change: Callable[[], int],
        *,
        now: datetime,
    ) -> dict[str, Any]:
        if one.project_id is None or one.organization_id is None:
            raise Invalid({"organization": NO_ORGANIZATION})
        before = experiences.write_experience(
            connection,
            experience_id(one.project_id, one.organization_id),
            one.reference,
            one.project_id,
            one.organization_id,
            one.person_id,
            language=base_validation.of(one.answers, "language") or one.language,
            record=base_validation.kept(one.answers, *TEXTS, "replaced", "effort_days", "cost_band", "again"),
            now=now,
        )
        project_rows.set_change(connection, one.project_id, change())
        return {"experience": before}

    def take_back(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        if one.project_id is None or one.organization_id is None:
            return
        experiences.delete_experience(connection, one.project_id, one.organization_id)
        before = (one.before or {}).get("experience")
        if before:
            experiences.write_experience(
                connection,
                experience_id(one.project_id, one.organization_id),
                before["reference"],
                one.project_id,
                one.organization_id,
                one.person_id,
                language=before["language"],
                record=before["record"],
                now=datetime.fromisoformat(before["at"]),
            )
        project_rows.set_change(connection, one.project_id, change())

    def unsay(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        if one.project_id is None or one.organization_id is None:
            return
        if experiences.delete_experience(connection, one.project_id, one.organization_id):
            project_rows.set_change(connection, one.project_id, change())
            call_rows.add_tombstone(
                connection,
                "experience",
                experience_id(one.project_id, one.organization_id),
                project_id=one.project_id,
                organization_id=one.organization_id,
                change=change(),
                now=now,
            )
