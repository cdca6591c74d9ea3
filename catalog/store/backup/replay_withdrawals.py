"""What a database that is replaced by an older copy knows and the copy does not: what was withdrawn since, by the table
of `withdrawn_rows`; the lines of the log; what other catalogues were told. What was only added since is lost, as in any
restore.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Table, delete, select, update

from catalog.exchange.names import ADOPTION, ORGANIZATION, PROJECT
from catalog.exchange.statements import Withdrawal
from catalog.rules.submission import adoption_id
from catalog.store.backup.withdrawal_journal import WithdrawalState
from catalog.store.backup.withdrawn_rows import WITHDRAWN_ROWS, Replay, Row
from catalog.store.core.engine import BATCH, get_meta, insert, set_meta
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.exchange.published import PUBLISHING_NOTES, STATE, learn_withdrawals
from catalog.store.moderation.log import HEAD
from catalog.store.ownership import unlisted
from catalog.store.projects.takedowns import HIDDEN
from catalog.tables.adoptions import adoption
from catalog.tables.core import metadata, organization, project, removed_record, takedown
from catalog.tables.moderation import decision
from catalog.tables.people import message, person
from catalog.tables.publishing import exchange_root, published_record, withdrawal
from catalog.tables.submissions import tombstone

LINEAGE = "lineage"


@dataclass(frozen=True)
class PublishedNumbers:
    """What everybody read of a database that is replaced, and what goes on growing: the log and our feed."""

    lineage: str | None
    log: Mapping[str, Any] | None
    rows: Mapping[str, Sequence[Row]]
    records: Mapping[str, frozenset[UUID]]
    notes: Mapping[str, Any]  # of our feed, as far as there are any


def database_lineage(connection: Connection) -> str:
    """In the caller's transaction: an id that all states of one database share, and no other database; made when first
    asked."""
    value = get_meta(connection, LINEAGE)
    if value is None:
        value = str(uuid4())
        set_meta(connection, LINEAGE, value)
    return str(value)


def published_state(connection: Connection) -> PublishedNumbers:
    """In the caller's transaction: read into memory what must outlive the restore beside the withdrawals."""
    tables = (decision, published_record, withdrawal, exchange_root)
    rows = {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in tables}
    records = {
        table.name: frozenset(connection.execute(select(table.c.id)).scalars()) for table in (project, organization)
    }
    notes = {key: value for key in PUBLISHING_NOTES if (value := get_meta(connection, key)) is not None}
    return PublishedNumbers(get_meta(connection, LINEAGE), get_meta(connection, HEAD), rows, records, notes)


def replay_withdrawals(
    connection: Connection,
    states: Iterable[WithdrawalState],
    was: PublishedNumbers,
    own_exchanges: Callable[[Sequence[bytes]], Iterable[Withdrawal]] = lambda roots: (),
    *,
    now: datetime,
) -> dict[str, int]:
    """In the caller's transaction, after the copy was loaded: withdraw again what these states say that was withdrawn,
    and what was published of it, and count a change; what was taken back how often. What is of the same lineage takes
    persons and rights away too: a new catalogue that stood in while the old one was away holds none of them."""
    states, counts = list(states), Counter[str]()
    here = get_meta(connection, LINEAGE)
    counted = int(get_meta(connection, "change") or 0)
    set_meta(connection, "change", max([counted, *(state.change for state in states)]))
    replay = Replay(connection, PublicChange(connection), now)
    replay.change()  # the copy is older than what was counted since
    for state in states:
        for of in WITHDRAWN_ROWS:
            if of.own and state.lineage != here:
                continue
            if of.ends:
                counts[of.called] += of.delete_gone(connection, partial(state.is_gone, of))
            if of.again is not None:
                counts[of.called] += of.again(replay, state.python_rows(of))
        if state.lineage == here:  # what waited was sent since, or nobody knows
            connection.execute(delete(metadata.tables["session"]))
            connection.execute(delete(message).where(message.c.sent_at.is_(None)))
    if was.lineage is not None and was.lineage == here:
        _restore_log(connection, was)
        _restore_published(connection, was)
    roots = connection.execute(select(exchange_root.c.body).order_by(exchange_root.c.version)).scalars().all()
    published = _published_rows(connection, learn_withdrawals(connection, own_exchanges(roots)), now)
    for of in WITHDRAWN_ROWS:
        if of.again is not None:
            counts[of.called] += of.again(replay, published[of.table.name])
    _change_everything(connection, was, replay.change)
    replay.change.publish()
    return {name: count for name, count in counts.items() if count}


def _published_rows(connection: Connection, withdrawals: Iterable[Withdrawal], now: datetime) -> dict[str, list[Row]]:
    """By table, what is to be withdrawn because a folder of our own exchange says so. A use of a project that was
    withdrawn itself left with it, and stays in its rows: the project may be shown again."""
    withdrawals_by_kind: dict[str, dict[UUID, Withdrawal]] = defaultdict(dict)
    for statement in withdrawals:
        withdrawals_by_kind[statement.kind][statement.id] = statement
    rows: dict[str, list[Row]] = defaultdict(list)

    def add_tombstone(kind: str, key: UUID, project_id: UUID, organization_id: UUID | None, ground: str) -> None:
        who = {"kind": kind, "record_id": key, "project_id": project_id, "organization_id": organization_id}
        values = {"ground": ground, "reason": None, "language": None, "at": now, "change": None}
        rows[tombstone.name].append(who | values)

    pairs = select(adoption.c.project_id, adoption.c.organization_id).where(adoption.c.stands).distinct()
    for pair in connection.execute(pairs).all():
        use = withdrawals_by_kind[ADOPTION].get(adoption_id(*pair))
        if use is not None and pair.project_id not in withdrawals_by_kind[PROJECT]:
            add_tombstone(ADOPTION, use.id, *pair, use.ground)
    for key, slug in connection.execute(select(project.c.id, project.c.slug).where(OPEN)).all():
        if key in withdrawals_by_kind[PROJECT] and withdrawals_by_kind[PROJECT][key].ground == unlisted.OPTED_OUT:
            add_tombstone(PROJECT, key, key, None, unlisted.OPTED_OUT)
        elif key in withdrawals_by_kind[PROJECT]:
            rows[takedown.name].append({"project_id": key, "slug": slug, "reason": "", "at": now})
    for key in connection.execute(select(organization.c.id).where(VISIBLE)).scalars():
        if key in withdrawals_by_kind[ORGANIZATION]:
            rows[organization.name].append({"id": key, "hidden": HIDDEN})
    return rows


def _restore_published(connection: Connection, was: PublishedNumbers) -> None:
    """What other catalogues read is as it was: what of it is here no more is withdrawn at the next writing, and what
    was withdrawn since the copy was made stays withheld where the copy brings it back."""
    keys = {(row.kind, row.record_id, row.n) for row in connection.execute(select(withdrawal))}
    versions = {row.version for row in connection.execute(select(exchange_root.c.version))}
    rows: dict[Table, list[dict[str, Any]]] = {
        published_record: [dict(row) for row in was.rows["published_record"]],
        withdrawal: [
            {**row, "learned": row["learned"] or (row["kind"], row["record_id"], row["n"]) not in keys}
            if not row["returned"]
            else dict(row)
            for row in was.rows["withdrawal"]
        ],
        exchange_root: [dict(row) for row in was.rows["exchange_root"] if row["version"] not in versions],
    }
    for table, every in rows.items():
        if table is not exchange_root:
            connection.execute(delete(table))
        for start in range(0, len(every), BATCH):
            connection.execute(table.insert(), every[start : start + BATCH])
    for key, value in was.notes.items():
        set_meta(connection, key, {**value, "change": -1} if key == STATE else value)


def _restore_log(connection: Connection, was: PublishedNumbers) -> None:
    """The log is public and only grows: where the copy's log is its beginning, keep the longer one, blanks included."""
    head = get_meta(connection, HEAD)
    lines = sorted(was.rows["decision"], key=lambda row: row["number"])
    if was.log is None or (
        head and (len(lines) < head["number"] or lines[head["number"] - 1]["digest"] != head["digest"])
    ):
        return
    persons = set(connection.execute(select(person.c.id)).scalars())
    connection.execute(delete(decision))
    rows = [dict(row) | ({} if row["person_id"] in persons else {"person_id": None}) for row in lines]
    for start in range(0, len(rows), BATCH):
        connection.execute(decision.insert(), rows[start : start + BATCH])
    set_meta(connection, HEAD, dict(was.log))


def _change_everything(connection: Connection, was: PublishedNumbers, change: PublicChange) -> None:
    """Have followers of the change counter read everything again, and remove what the copy does not have."""
    for table in (project, organization):
        connection.execute(update(table).values(change=change()))
        gone = was.records[table.name] - set(connection.execute(select(table.c.id)).scalars())
        for key in gone:
            statement = insert(connection, removed_record).values(kind=table.name, record_id=key, change=change())
            connection.execute(
                statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_={"change": change()})
            )
    set_meta(connection, "digest", None)  # the document is loaded anew at the next start
