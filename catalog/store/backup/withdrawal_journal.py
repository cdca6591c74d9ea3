"""What was withdrawn, as a journal outside of the database holds it: what to write down, and what a restore reads.

A journal is a list of changes: `set` and `unset` of rows by table and key. It holds identities, states and the reasons
that everybody may read, and no name, address or text of a person. For tables whose rows are deleted when somebody
withdraws what they stand for, it holds that a row was there, and that it went.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, select

from catalog.rules.call import ENDED
from catalog.rules.call import WITHDRAWN as CALL_WITHDRAWN
from catalog.rules.fact import DECLARED
from catalog.rules.submission import REFUSED, WITHDRAWN
from catalog.store.backup import table_copy
from catalog.store.core.cases import DECIDED_APART
from catalog.store.core.engine import get_meta
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, obstacle
from catalog.tables.core import maintenance, metadata, organization, takedown
from catalog.tables.federation import peer, peer_withdrawal
from catalog.tables.mirrors import erased_object
from catalog.tables.moderation import case, decision, merged_record
from catalog.tables.ownership import maintainer_inbox, maintainer_reply, upload
from catalog.tables.people import message_link, person
from catalog.tables.submissions import submission, tombstone

# Rows are deleted when somebody withdraws what they stand for. `session` is none of them: a restore ends all sessions.
DELETED_WHEN_ENDED = (
    *(
        "membership",
        "verification",
        "follow",
        "alert_subscription",
        "question_consent",
    ),
    *("experience", "api_token"),
)
NAMED, BLANKED = "named", "blanked"  # display names of persons at projects, as digests; lines of the log without text
Row = Mapping[str, Any]


def row_queries() -> dict[str, Select[Any]]:
    """For each table, the rows that say what was withdrawn or narrowed, with the columns that a restore needs."""
    narrower = and_(adoption.c.origin == DECLARED, adoption.c.visibility != "public")
    return {
        "tombstone": select(tombstone),
        "takedown": select(takedown),
        "erased_object": select(erased_object.c.project_id, erased_object.c.oid, erased_object.c.at),
        "merged_record": select(merged_record),
        "case": select(case).where(*DECIDED_APART),
        "organization": select(organization.c.id, organization.c.hidden).where(organization.c.hidden.is_not(None)),
        "adoption": select(adoption.c.project_id, adoption.c.organization_id, adoption.c.visibility).where(narrower),
        "submission": select(submission.c.id, submission.c.reference, submission.c.state).where(
            submission.c.state.in_((REFUSED, WITHDRAWN))
        ),
        "call": select(call.c.id, call.c.state, call.c.ended_at).where(call.c.state.in_((ENDED, CALL_WITHDRAWN))),
        "obstacle": select(obstacle.c.id, obstacle.c.public).where(obstacle.c.public.is_(False)),
        "maintainer_reply": select(maintainer_reply.c.id, maintainer_reply.c.ended_at).where(
            maintainer_reply.c.ended_at.is_not(None)
        ),
        "maintainer_inbox": select(maintainer_inbox),
        "upload": select(upload.c.id, upload.c.ended_at).where(upload.c.ended_at.is_not(None)),
        "person": select(person.c.id, person.c.role),
        "message_link": select(message_link.c.id, message_link.c.used_at).where(message_link.c.used_at.is_not(None)),
        "peer_withdrawal": select(peer_withdrawal),
        "peer": select(peer.c.id, peer.c.state, peer.c.decisions),
    }


_KEYS: Mapping[str, tuple[str, ...]] = {"adoption": ("project_id", "organization_id")}  # else the primary key


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

    def python_rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a table, with values as its columns have them."""
        kinds = table_copy.column_kinds(metadata.tables[name])
        return [
            {column: table_copy.from_json(kinds[column], value) for column, value in row.items()}
            for row in self.rows.get(name, {}).values()
        ]

    def is_gone(self, name: str, key: str) -> bool:
        """Whether the row of this key was there and went."""
        return key not in self.rows.get(name, {}) if self.whole else key in self.gone.get(name, ())

    def gone_of(self, name: str, keys: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        """Those of these primary keys of a table whose rows went."""
        table = metadata.tables[name]
        kinds = [table_copy.column_kinds(table)[column.name] for column in table.primary_key.columns]
        return {key for key in keys if self.is_gone(name, _as_key(kinds, key))}


def _as_key(kinds: Iterable[str], values: Iterable[Any]) -> str:
    return json.dumps([table_copy.to_json(kind, value) for kind, value in zip(kinds, values, strict=True)])


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


def present_rows(connection: Connection) -> dict[str, dict[str, Row]]:
    """In the caller's transaction: what a journal should say now, by table and key."""
    table_copy.described_tables()  # imports every table
    found: dict[str, dict[str, Row]] = {}
    for name, query in row_queries().items():
        kinds = table_copy.column_kinds(metadata.tables[name])
        columns = _KEYS.get(name) or tuple(column.name for column in metadata.tables[name].primary_key.columns)
        found[name] = {}
        for row in connection.execute(query).mappings():
            values = {column: table_copy.to_json(kinds[column], value) for column, value in row.items()}
            found[name][json.dumps([values[column] for column in columns])] = values
    for name in DELETED_WHEN_ENDED:
        table = metadata.tables[name]
        key_kinds = [table_copy.column_kinds(table)[column.name] for column in table.primary_key.columns]
        found[name] = {_as_key(key_kinds, row): {} for row in connection.execute(select(*table.primary_key.columns))}
    found[NAMED] = {key: {} for key in named_persons(connection).values()}
    blanked = select(decision.c.number).where(decision.c.salt.is_(None))
    found[BLANKED] = {json.dumps([number]): {} for number in connection.execute(blanked).scalars()}
    return found


def named_persons(connection: Connection) -> dict[int, str]:
    """In the caller's transaction: who is named at a project as a person, as a digest, by the row's number."""
    wanted = select(maintenance.c.id, maintenance.c.project_id, maintenance.c.person)
    rows = connection.execute(wanted.where(maintenance.c.person.is_not(None))).all()
    return {key: hashlib.sha256(f"{project_id}:{name}".encode()).hexdigest() for key, project_id, name in rows}


def new_lines(state: WithdrawalState, present: WithdrawalState) -> Iterator[dict[str, Any]]:
    """What is to be added to a journal, in order. A database that is older than its journal, as a copy of its file is
    that somebody put back, unsets nothing: else it would take back what was withdrawn.
    """
    for name, rows in present.rows.items():
        known = state.rows.get(name, {})
        yield from ({"set": [name, key, row]} for key, row in rows.items() if known.get(key) != row)
        if present.change >= state.change:
            yield from ({"unset": [name, key]} for key in known if key not in rows)
    if present.change > state.change:
        yield {"change": present.change}


def present_state(connection: Connection, lineage: str | None) -> WithdrawalState:
    """In the caller's transaction: what was withdrawn in this database."""
    change = int(get_meta(connection, "change") or 0)
    return WithdrawalState(lineage, whole=True, rows=present_rows(connection), change=change)
