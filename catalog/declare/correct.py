"""A correction: one field of a project is said to be otherwise, by anybody, with where one can check it.

Its answers: `field`, `language` (of words and lines), `value` (as the field is read), `source` (an https address), and
`words` for the desk. A verified maintainer's correction is published at once, as the project's own voice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from catalog.declarations import CORRECT, Declaration
from catalog.declare.kinds import Doubt, Row, Words, texts
from catalog.errors import Invalid
from catalog.facts import Statement
from catalog.people import Person
from catalog.store import declared
from catalog.store.database import Connection
from catalog.store.declared import OF_PROJECT
from catalog.store.records import record_of

NO_FIELD = "Choose what is to be corrected"
NOT_HERE = "This project is no longer here"
SAME = "This is what stands there already"
SENTENCES = (NO_FIELD, NOT_HERE, SAME)


class Correct:
    kind = CORRECT
    nameless = False

    def problems(self, connection: Connection, one: Declaration) -> dict[str, str]:
        if one.answers.get("field") not in OF_PROJECT:
            return {"field": NO_FIELD}
        record = _record(connection, one)
        if record is None:
            return {"field": NOT_HERE}
        if _after(one, record) == record.get(one.answers["field"]):
            return {"value": SAME}
        return {}

    def rows(self, connection: Connection, one: Declaration) -> tuple[Row, ...]:
        record = _record(connection, one) or {}
        name = one.answers.get("field", "")
        source = one.answers.get("source") or None
        return (
            Row(name, record.get(name), _after(one, record), "fact"),
            *((Row("source", None, source, "url"),) if source else ()),
        )

    def doubts(self, connection: Connection, one: Declaration) -> tuple[Doubt, ...]:
        return () if one.answers.get("source") else (Doubt("no-source"),)

    def editable(self, one: Declaration) -> tuple[Words, ...]:
        return (*texts(one, "value", label=one.answers.get("field", "")), *texts(one, "source"))

    def at_once(self, connection: Connection, one: Declaration, person: Person | None) -> bool:
        return person is not None and one.project_id in person.keeps

    def publish(
        self,
        connection: Connection,
        one: Declaration,
        person: Person | None,
        change: Callable[[], int],
        *,
        now: datetime,
    ) -> dict[str, Any]:
        record = _record(connection, one)
        if record is None or one.project_id is None:
            raise Invalid({"field": NOT_HERE})
        change()
        name = one.answers["field"]
        before = declared.stated(connection, one.project_id, [name])
        source: dict[str, Any] = {"declaration": one.reference}
        if one.answers.get("source"):
            source["urls"] = [one.answers["source"]]
        if person is not None and one.project_id in person.keeps:
            source["maintainer"] = True
        said = {name: Statement(name, _after(one, record), source)}
        declared.state(connection, one.project_id, said, now=now)
        declared.settle(connection, [one.project_id], change=change, now=now)
        return {"facts": before}

    def take_back(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        if one.project_id is None or one.before is None:
            return
        change()
        declared.state(connection, one.project_id, declared.restated(one.before["facts"]), now=now)
        declared.settle(connection, [one.project_id], change=change, now=now)


def _record(connection: Connection, one: Declaration) -> Mapping[str, Any] | None:
    return record_of(connection, one.project_id) if one.project_id else None


def _after(one: Declaration, record: Mapping[str, Any]) -> Any:
    """The whole value of the field after the correction: of words and lines, the other languages stay."""
    value, language = one.answers.get("value"), one.answers.get("language")
    if not language:
        return value
    others = {tag: text for tag, text in (record.get(one.answers["field"]) or {}).items() if tag != language}
    return others | ({language: value} if value else {})
