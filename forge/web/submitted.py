"""What people submitted, as pages say it: names of kinds and states, and each line of it before and after. Pure.

What was typed is a stranger's: it is cleaned and cut. `templates/declaration-parts.html` draws it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.declarations import Declaration
from catalog.declare import Row
from forge.languages import mark
from forge.web.facts import label
from forge.web.values import clean, draw

KINDS: Mapping[str, str] = {
    "register": mark("A project that is not here yet"),
    "claim": mark("You look after it"),
    "adopt": mark("Your organization uses it"),
    "correct": mark("A correction"),
    "withdraw": mark("Something is to be shown no more"),
    "call": mark("Somebody asks for something"),
    "report": mark("Something is wrong"),
}
STATES: Mapping[str, str] = {
    "draft": mark("Not sent yet"),
    "sent": mark("It waits for you: open the link in the message that we sent you"),
    "waiting": mark("A person reads it within 7 days"),
    "asked": mark("There is a question for you"),
    "published": mark("It is published"),
    "refused": mark("It was not accepted"),
    "withdrawn": mark("You took it back"),
    "expired": mark("It was never finished, and is deleted soon"),
}
# Of the fields of declarations, those that are not fields of facts.
FIELDS: Mapping[str, str] = {
    "source": mark("Where one can check it"),
}
DOUBTS: Mapping[str, str] = {  # reasons of catalog.declare.Doubt
    "no-source": mark("No source is named"),
}


@dataclass(frozen=True)
class Line:
    """A row as it is shown: `label` is a msgid, None for a field that nobody named; `before` and `after` as drawn."""

    field: str
    label: str | None
    shape: str
    before: Any
    after: Any
    differs: bool


def lines(rows: Iterable[Row]) -> tuple[Line, ...]:
    return tuple(
        Line(
            row.field,
            FIELDS.get(row.field) or label(row.field),
            row.shape,
            _drawn(row, row.before),
            _drawn(row, row.after),
            row.differs,
        )
        for row in rows
    )


def kind_of(one: Declaration) -> str:
    """What its kind is called, as a msgid."""
    return KINDS[one.kind]


def _drawn(row: Row, value: Any) -> Any:
    if value in (None, "", [], {}):
        return None
    return draw(row.field, value) if row.shape == "fact" else clean(value)
