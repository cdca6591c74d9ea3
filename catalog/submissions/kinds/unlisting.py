"""A project is to be listed no more: asked by somebody of whom nothing proves that they keep it. A person
reads it first.

It is a declaration to withdraw with a project as its subject: `withdraw` leads here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from catalog.errors import Invalid
from catalog.ownership.unlist import faults
from catalog.rules.person import Person
from catalog.rules.submission import Declaration
from catalog.store.core.engine import Connection
from catalog.store.ownership import unlisted
from catalog.store.projects.rows import record_of
from catalog.submissions.base.protocol import Doubt, Row, Words, texts

LISTING = "listing"  # what is withdrawn, in the answer `what`
GONE = "It is not listed any more"
SENTENCES = (GONE,)


def asked(one: Declaration) -> bool:
    """Whether a declaration to withdraw is about a project as a whole."""
    return one.answers.get("what") == LISTING


def problems(connection: Connection, one: Declaration) -> dict[str, str]:
    if one.project_id is None or record_of(connection, one.project_id) is None:
        return {"reason": GONE}
    if unlisted.opted_out(connection, one.project_id) is not None:
        return {"reason": GONE}
    return faults(_reason(one))


def rows(connection: Connection, one: Declaration) -> tuple[Row, ...]:
    record = record_of(connection, one.project_id) if one.project_id else None
    if record is None:
        return ()
    words = one.answers.get("words")
    return (
        Row("unlist.name", record["name"], None),
        *((Row("unlist.reason", None, _reason(one)),) if _reason(one) else ()),
        *((Row("away.words", None, words),) if words else ()),
    )


def doubts() -> tuple[Doubt, ...]:
    return (Doubt("not-proven-keeper"),)


def editable(one: Declaration) -> tuple[Words, ...]:
    return texts(one, "reason", label="unlist.reason") if _reason(one) else ()


def at_once(one: Declaration, person: Person | None) -> bool:
    return person is not None and one.project_id in person.keeps


def publish(connection: Connection, one: Declaration, change: Callable[[], int], *, now: datetime) -> dict[str, Any]:
    number = change()
    if one.project_id is None or not unlisted.opt_out(
        connection, one.project_id, _reason(one) or None, one.language, change=number, now=now
    ):
        raise Invalid({"reason": GONE})
    return {}


def take_back(connection: Connection, one: Declaration, change: Callable[[], int]) -> None:
    if one.project_id is not None:
        unlisted.list_again(connection, one.project_id, change=change())


def _reason(one: Declaration) -> str:
    found = one.answers.get("reason")
    return found.strip() if isinstance(found, str) else ""
