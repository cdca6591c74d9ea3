"""A report: what blocks somebody who uses a project, or what is wrong on a page of ours that no field covers.

Its answers: `about` ("blocks" or "page"), `happened`, `where`, and of what blocks `audience` and `device`; of a page
its `page`. It needs no address. What blocks somebody is told to the project's keepers at once, and shown on its page
only after a person looked at it; who sent it is shown nowhere.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from catalog.decisions import PROJECT
from catalog.declarations import REPORT, Declaration
from catalog.declare import typed
from catalog.declare.kinds import Doubt, Row, Words, texts
from catalog.people import Person
from catalog.store import calling, obstacles, records
from catalog.store.database import Connection
from catalog.store.messages import enqueue_message

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

    def problems(self, connection: Connection, one: Declaration) -> dict[str, str]:
        said = one.answers
        wrong = typed.words(said, {"happened": NO_HAPPENED})
        if _blocks(one):
            if one.project_id is None or records.record_of(connection, one.project_id) is None:
                wrong["happened"] = NO_PROJECT
            wrong |= typed.terms(said, {"audience": "audience"})
            if not typed.of(said, "audience"):
                wrong["audience"] = NO_AUDIENCE
            if not typed.of(said, "where"):
                wrong["where"] = NO_WHERE
            wrong |= typed.lines(said, "where", "device")
        return wrong | typed.language(said)

    def rows(self, connection: Connection, one: Declaration) -> tuple[Row, ...]:
        said = one.answers
        language = typed.of(said, "language") or one.language
        record = records.record_of(connection, one.project_id) if one.project_id else None
        found = [Row("project", None, record["slug"], "project")] if record else []
        if typed.of(said, "page"):
            found.append(Row("page", None, typed.of(said, "page"), "text"))
        if _blocks(one):
            found.append(Row("audience", None, typed.of(said, "audience"), "term:audience"))
        for name in ("where", "happened", "device"):
            if typed.of(said, name):
                found.append(Row(name, None, {language: typed.of(said, name)}, "words"))
        return tuple(found)

    def doubts(self, connection: Connection, one: Declaration) -> tuple[Doubt, ...]:
        return ()

    def editable(self, one: Declaration) -> tuple[Words, ...]:
        return texts(one, "where", "happened", "device")

    def named(self, one: Declaration) -> tuple[str, ...]:
        return (PROJECT,)

    def at_once(self, connection: Connection, one: Declaration, person: Person | None) -> bool:
        return False

    def arrived(self, connection: Connection, one: Declaration, person: Person | None, *, now: datetime) -> None:
        """Its keepers are told, whatever is decided about showing it."""
        if not _blocks(one) or one.project_id is None:
            return
        obstacles.add(connection, one, _record(one), typed.of(one.answers, "audience"), now=now)
        keepers = calling.keepers(connection, one.project_id)
        if not keepers or obstacles.lately(connection, one.project_id, now - TOLD_WITHIN) > MOST_TOLD:
            return  # or they were told of others just now, and find this one on their desk
        record = records.record_of(connection, one.project_id)
        told = {"reference": one.reference, "slug": record["slug"], "name": record["name"]} if record else {}
        for email, language in keepers if told else ():
            message = (obstacles.OBSTACLE_MESSAGE, email, language, told)
            enqueue_message(connection, *message, about=one.reference, now=now)

    def publish(
        self,
        connection: Connection,
        one: Declaration,
        person: Person | None,
        change: Callable[[], int],
        *,
        now: datetime,
    ) -> dict[str, Any]:
        if _blocks(one):
            obstacles.show(connection, one.reference, True, _record(one))
            records.touch(connection, one.project_id, change())
        return {}

    def take_back(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        if _blocks(one):
            obstacles.show(connection, one.reference, False)
            records.touch(connection, one.project_id, change())

    def unsay(self, connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> None:
        obstacles.remove(connection, one.reference)
        records.touch(connection, one.project_id, change())


def _blocks(one: Declaration) -> bool:
    return one.answers.get("about") != PAGE


def _record(one: Declaration) -> dict[str, Any]:
    return typed.kept(one.answers, "where", "happened", "device")
