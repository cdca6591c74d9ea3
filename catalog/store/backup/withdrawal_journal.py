"""What was withdrawn, as a journal outside of the database holds it: a list of changes, `set` and `unset` of rows by
table and key. Of which rows, and that there is nobody's name among them, `withdrawn_rows` says.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from catalog.store.backup import table_copy
from catalog.store.backup.withdrawn_rows import WITHDRAWN_ROWS, Row, WithdrawnRows
from catalog.store.core.engine import get_meta


@dataclass
class WithdrawalState:
    """What was withdrawn in one database: rows by table and key as they are, keys that went, and its last change.
    `whole`: read of the database itself, so that what is not among its rows went."""

    lineage: str | None
    whole: bool = False
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    gone: dict[str, set[str]] = field(default_factory=dict)
    change: int = 0

    def take(self, line: Mapping[str, Any]) -> None:
        """Follow one line. Raises KeyError, TypeError or ValueError for one that is none."""
        if "set" in line:
            table, key, row = line["set"]
            self.rows.setdefault(table, {})[key] = row
            self.gone.setdefault(table, set()).discard(key)
        elif "unset" in line:
            table, key = line["unset"]
            self.rows.setdefault(table, {}).pop(key, None)
            self.gone.setdefault(table, set()).add(key)
        else:
            self.change = max(self.change, int(line["change"]))

    def python_rows(self, of: WithdrawnRows) -> list[dict[str, Any]]:
        """The rows of a table, with values as its columns have them."""
        kinds = table_copy.column_kinds(of.table)
        return [
            {column: table_copy.from_json(kinds[column], value) for column, value in row.items()}
            for row in self.rows.get(of.table.name, {}).values()
        ]

    def is_gone(self, of: WithdrawnRows, row: Row) -> bool:
        """Whether this row of a copy was there and went."""
        name, key = of.table.name, _key_of(of, _as_json(of, row))
        return key not in self.rows.get(name, {}) if self.whole else key in self.gone.get(name, ())


def states_of(lines: Iterable[Mapping[str, Any]]) -> dict[str, WithdrawalState]:
    """Fold a journal; by the lineage of the database that it was written for, the last one last. Raises as
    `WithdrawalState.take`."""
    states: dict[str, WithdrawalState] = {}
    current: WithdrawalState | None = None
    for line in lines:
        if "lineage" in line:
            current = states.pop(line["lineage"], None) or WithdrawalState(line["lineage"])
            states[line["lineage"]] = current
        elif current is None:
            raise ValueError("a line stands before the lineage of its database")
        else:
            current.take(line)
    return states


def present_state(connection: Connection, lineage: str | None) -> WithdrawalState:
    """In the caller's transaction: what was withdrawn in this database."""
    state = WithdrawalState(lineage, whole=True, change=int(get_meta(connection, "change") or 0))
    for of in WITHDRAWN_ROWS:
        rows = [_as_json(of, dict(row)) for row in connection.execute(of.rows).mappings()]
        state.rows[of.table.name] = {_key_of(of, row): row for row in rows}
    return state


def new_lines(state: WithdrawalState, present: WithdrawalState) -> Iterator[dict[str, Any]]:
    """What is to be added to a journal, in order. A database that is older than its journal, as a copy of its file is
    that somebody put back, unsets nothing: else it would take back what was withdrawn.
    """
    for name, rows in present.rows.items():
        earlier = state.rows.get(name, {})
        yield from ({"set": [name, key, row]} for key, row in rows.items() if earlier.get(key) != row)
        if present.change >= state.change:
            yield from ({"unset": [name, key]} for key in earlier if key not in rows)
    if present.change > state.change:
        yield {"change": present.change}


def _as_json(of: WithdrawnRows, row: Row) -> Row:
    kinds = table_copy.column_kinds(of.table)
    return {column: table_copy.to_json(kinds[column], value) for column, value in row.items()}


def _key_of(of: WithdrawnRows, row: Row) -> str:
    return json.dumps([row[column] for column in of.key_columns])
