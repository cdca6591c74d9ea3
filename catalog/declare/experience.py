"""An experience: an organization that uses a project tells how it went, in any language.

Its answers: `context`, `replaced`, `effort_days` and `cost_band` (bands), `hurt`, `advice`, `again` (one of AGAIN),
`language`. Who speaks for the organization publishes it at once; of others a person decides. Told again, it replaces
what was told before.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog.decisions import PROJECT
from catalog.declarations import EXPERIENCE, Declaration, experienced
from catalog.declare import typed
from catalog.declare.bodies import organization_of, verified
from catalog.declare.kinds import Doubt, Row, Words, texts
from catalog.errors import Invalid
from catalog.people import Person
from catalog.store import calling, experiences, organizations, records
from catalog.store.database import Connection

AGAIN = ("yes", "unsure", "no")
NO_ORGANIZATION = "Choose your organization"
NOT_DECLARED = "Say first that your organization uses it. Then tell how it went"
NO_CONTEXT = "Write for what, and by whom, it is used"
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
        elif not experiences.declared(connection, one.project_id, one.organization_id):
            wrong["organization"] = NOT_DECLARED
        wrong |= typed.words(said, {"context": NO_CONTEXT}, "hurt", "advice")
        wrong |= typed.lines(said, "replaced") | typed.terms(said, _BANDS)
        if typed.of(said, "again") not in AGAIN:
            wrong["again"] = NO_AGAIN
        return wrong | typed.language(said)

    def rows(self, connection: Connection, one: Declaration) -> tuple[Row, ...]:
        said = one.answers
        language = typed.of(said, "language") or one.language
        record = records.record_of(connection, one.project_id) if one.project_id else None
        card = organizations.card(connection, one.organization_id) if one.organization_id else None
        return (
            *((Row("project", None, record["slug"], "project"),) if record else ()),
            Row("organization", None, card.slug if card else None, "organization"),
            *(
                Row(name, None, {language: typed.of(said, name)} if typed.of(said, name) else None, "words")
                for name in ("context", "replaced")
            ),
            *(Row(name, None, typed.of(said, name), f"term:{listed}") for name, listed in _BANDS.items()),
            *(
                Row(name, None, {language: typed.of(said, name)} if typed.of(said, name) else None, "words")
                for name in ("hurt", "advice")
            ),
            Row("again", None, typed.of(said, "again"), "code:again"),
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
        before = experiences.tell(
            connection,
            experienced(one.project_id, one.organization_id),
            one.reference,
            one.project_id,
            one.organization_id,
            one.person_id,
            language=typed.of(one.answers, "language") or one.language,
            record=typed.kept(one.answers, *TEXTS, "replaced", "effort_days", "cost_band", "again"),
            now=now,
        )
        records.touch(connection, one.project_id, change())
        return {"experience": before}

    def take_back(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        if one.project_id is None or one.organization_id is None:
            return
        experiences.untell(connection, one.project_id, one.organization_id)
        before = (one.before or {}).get("experience")
        if before:
            experiences.tell(
                connection,
                experienced(one.project_id, one.organization_id),
                before["reference"],
                one.project_id,
                one.organization_id,
                one.person_id,
                language=before["language"],
                record=before["record"],
                now=datetime.fromisoformat(before["at"]),
            )
        records.touch(connection, one.project_id, change())

    def unsay(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        if one.project_id is None or one.organization_id is None:
            return
        if experiences.untell(connection, one.project_id, one.organization_id):
            records.touch(connection, one.project_id, change())
            calling.bury(
                connection,
                "experience",
                experienced(one.project_id, one.organization_id),
                project_id=one.project_id,
                organization_id=one.organization_id,
                change=change(),
                now=now,
            )
