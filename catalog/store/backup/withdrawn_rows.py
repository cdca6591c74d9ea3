"""What must not come back when an older copy is put in place: a row for each table that says what was withdrawn or
narrowed, with how that is done again in the copy.

The columns of a row are what a journal outside of the database holds: identities, states and the reasons that everybody
may read, and no name, address or text of a person.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, and_, delete, or_, select, update

from catalog.exchange.names import ADOPTION, PROJECT
from catalog.rules.call import ENDED
from catalog.rules.call import WITHDRAWN as CALL_WITHDRAWN
from catalog.rules.fact import DECLARED
from catalog.rules.peer import NEW
from catalog.rules.submission import HELP, REFUSED, WITHDRAWN
from catalog.store.adoptions import adoption_rows
from catalog.store.contributors import contributor_rows
from catalog.store.core import cases
from catalog.store.core.engine import insert
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.visibility import UNNAMED
from catalog.store.documents import overrides
from catalog.store.federation import taken_over
from catalog.store.federation.matching import matching_rows
from catalog.store.federation.received import records as received_records
from catalog.store.merges import merge_rows
from catalog.store.mirrors.erasures import erase_again
from catalog.store.moderation.log import take_out
from catalog.store.ownership import inbox, unlisted
from catalog.store.ownership.uploads import GONE
from catalog.store.projects import takedowns
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, experience, obstacle, question_consent
from catalog.tables.core import fact, maintenance, organization, project, takedown
from catalog.tables.federation import peer, peer_withdrawal
from catalog.tables.follows import follow
from catalog.tables.mirrors import erased_object
from catalog.tables.moderation import case, decision, merged_record
from catalog.tables.ownership import maintainer_inbox, maintainer_reply, membership, upload, verification
from catalog.tables.people import api_token, message_link, person
from catalog.tables.submissions import submission, tombstone

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Replay:
    """The restored database, in the transaction of the restore."""

    connection: Connection
    change: PublicChange
    now: datetime


@dataclass(frozen=True)
class WithdrawnRows:
    """Rows of one table. `again` withdraws again what they say and returns how often; None: they say nothing more than
    that they are there. `ends`: one that went was withdrawn, and is deleted again. `own`: both hold only in a copy of
    the same database, since another one never knew them."""

    rows: Select[Any]
    called: str  # what a restore says was taken back
    again: Callable[[Replay, Sequence[Row]], int] | None = None
    key: tuple[str, ...] = ()  # its columns; else the primary key
    ends: bool = False
    own: bool = False

    @property
    def table(self) -> Table:
        table = next(iter(self.rows.get_final_froms()))
        assert isinstance(table, Table)
        return table

    @property
    def key_columns(self) -> tuple[str, ...]:
        return self.key or tuple(column.name for column in self.table.primary_key.columns)

    def delete_gone(self, connection: Connection, is_gone: Callable[[Row], bool]) -> int:
        """In the caller's transaction: delete the rows of which this is true, and return how many."""
        count = 0
        for row in map(dict, connection.execute(self.rows).mappings().all()):
            if is_gone(row):
                this = [self.table.c[name] == row[name] for name in self.key_columns]
                count += connection.execute(delete(self.table).where(*this)).rowcount
        return count


def _set_again(table: Table, **also: Any) -> Callable[[Replay, Sequence[Row]], int]:
    """A function that gives rows that are there, by their `id`, the values that they had since the copy."""

    def again(replay: Replay, rows: Sequence[Row]) -> int:
        count = 0
        for row in rows:
            values = {name: value for name, value in row.items() if name != "id"}
            differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
            number = {"change": replay.change()} if "change" in table.c else {}
            statement = update(table).where(table.c.id == row["id"], differs).values(**values, **also, **number)
            count += replay.connection.execute(statement).rowcount
        return count

    return again


def _withdraw(replay: Replay, rows: Sequence[Row]) -> int:
    """Withdraw what tombstones stand for, which the copy does not have."""
    connection, change = replay.connection, replay.change
    present = _pairs(connection, tombstone.c.kind, tombstone.c.record_id)
    missing = [row for row in rows if (row["kind"], row["record_id"]) not in present]
    for row in missing:
        project_id, organization_id, key = row["project_id"], row["organization_id"], row["record_id"]
        if row["kind"] == ADOPTION:
            pair = (project_id, organization_id)
            adoption_rows.withdraw_adoption(connection, *pair, ground=row["ground"], change=change, now=row["at"])
        elif row["kind"] == PROJECT and row["ground"] == unlisted.OPTED_OUT:
            unlisted.opt_out(connection, key, row["reason"], row["language"], change=change, now=row["at"])
        else:
            values = {name: value for name, value in row.items() if name != "id"} | {"change": change()}
            connection.execute(insert(connection, tombstone).values(values).on_conflict_do_nothing())
        if row["kind"] == HELP:
            contributor_rows.delete_withdrawn(connection, project_id, organization_id, key)
        for table in (experience, obstacle):
            connection.execute(delete(table).where(table.c.id == key))
        if row["change"] == adoption_rows.NEVER_PUBLIC:
            this = (tombstone.c.kind == row["kind"]) & (tombstone.c.record_id == key)
            connection.execute(update(tombstone).where(this).values(change=adoption_rows.NEVER_PUBLIC))
    return len(missing)


def _show_to_fewer(replay: Replay, rows: Sequence[Row]) -> int:
    count = 0
    for row in rows:
        pair = (row["project_id"], row["organization_id"])
        adoption = adoption_rows.own_adoption(replay.connection, *pair)
        if adoption is not None and adoption.visibility != row["visibility"]:
            adoption_rows.set_visibility(replay.connection, *pair, row["visibility"], change=replay.change)
            count += 1
    return count


def _block(replay: Replay, rows: Sequence[Row]) -> int:
    present = set(replay.connection.execute(select(takedown.c.project_id)).scalars())
    missing = [row for row in rows if row["project_id"] not in present]
    for row in missing:
        takedowns.block_project(replay.connection, row["project_id"], row["slug"], row["reason"], now=row["at"])
    return len(missing)


def _merge(replay: Replay, rows: Sequence[Row]) -> int:
    connection = replay.connection
    present = _pairs(connection, merged_record.c.kind, merged_record.c.record_id)
    missing = [row for row in rows if (row["kind"], row["record_id"]) not in present]
    for row in sorted(missing, key=lambda row: int(row["number"])):
        kind, key, into = row["kind"], row["record_id"], row["into_id"]
        table = project if kind == PROJECT else organization
        if len(connection.execute(select(table.c.id).where(table.c.id.in_((key, into)))).all()) == 2:
            merge_rows.merge_records(connection, kind, key, into, replay.change, now=row["at"])
            merge_rows.set_log_number(connection, kind, key, row["number"])
        else:
            connection.execute(merged_record.insert().values(dict(row)))
    return len(missing)


def _tell_apart(replay: Replay, rows: Sequence[Row]) -> int:
    for row in rows:
        pair = (row["subject_id"], row["other_id"])
        merge_rows.set_answer(replay.connection, row["kind"], pair, True, now=row["closed_at"] or row["since"])
    return 0


def _take_fewer_messages(replay: Replay, rows: Sequence[Row]) -> int:
    fewer = [row for row in rows if row["monthly"] < inbox.stated_monthly(replay.connection, row["project_id"])]
    for row in fewer:
        inbox.take_monthly(replay.connection, row["project_id"], row["monthly"], replay.change)
    return len(fewer)


def _end_submissions(replay: Replay, rows: Sequence[Row]) -> int:
    """Refuse and withdraw again; end the facts that a withdrawn submission stated."""
    connection, change, now = replay.connection, replay.change, replay.now
    withdrawn = set()
    for row in rows:
        this = and_(submission.c.id == row["id"], submission.c.state != row["state"])
        if connection.execute(update(submission).where(this).values(state=row["state"])).rowcount:
            cases.follow_submission(connection, row["id"])
            withdrawn.add(row["reference"])
            connection.execute(delete(maintenance).where(maintenance.c.submission_id == row["id"]))
    current = and_(fact.c.origin == DECLARED, fact.c.until.is_(None))
    facts = connection.execute(select(fact.c.id, fact.c.project_id, fact.c.source).where(current)).all()
    ended = [fact_row for fact_row in facts if fact_row.source.get("declaration") in withdrawn]
    for fact_row in ended:
        connection.execute(update(fact).where(fact.c.id == fact_row.id).values(until=now))
    projects = sorted({fact_row.project_id for fact_row in ended}, key=str)
    overrides.rebuild_records(connection, projects, change=change, now=now)
    for key, statements in connection.execute(select(organization.c.id, organization.c.declared)).all():
        none = {name: None for name, statement in statements.items() if statement.get("declaration") in withdrawn}
        if none:
            overrides.declare_organization_values(connection, key, none, change=change, now=now)
    return len(withdrawn)


def _take_out_texts(replay: Replay, rows: Sequence[Row]) -> int:
    present = select(decision.c.number).where(decision.c.salt.is_not(None))
    numbers = {row["number"] for row in rows} & set(replay.connection.execute(present).scalars())
    for number in sorted(numbers):
        take_out(replay.connection, number)
    return len(numbers)


def _erase_received(replay: Replay, rows: Sequence[Row]) -> int:
    """Withdraw again what other catalogues withdrew."""
    connection = replay.connection
    homes = {row.instance_id: row.id for row in connection.execute(select(peer.c.instance_id, peer.c.id))}
    columns = [peer_withdrawal.c[name] for name in ("instance_id", "kind", "record_id")]
    present = _pairs(connection, *columns)
    missing = [row for row in rows if tuple(row[column.name] for column in columns) not in present]
    left = []
    for row in missing:
        home_id, kind, key = row["instance_id"], row["kind"], row["record_id"]
        taken_over.remember_erased(connection, home_id, {(kind, key): row["n"]}, row["online_key"], now=row["at"])
        if home_id in homes and kind == ADOPTION:
            inside = taken_over.places_of_uses(taken_over.held_records(connection, homes[home_id]))
            uses = {use: inside[use] for use in (key,) if use in inside}
            left.append(received_records.leave_uses(connection, homes[home_id], uses))
        elif home_id in homes:
            left.append(received_records.leave(connection, homes[home_id], kind, [key]))
    _renew(replay, left)
    return len(missing)


def _decide_about_peers(replay: Replay, rows: Sequence[Row]) -> int:
    connection = replay.connection
    present, left = set(connection.execute(select(peer.c.id)).scalars()), []
    for row in rows:
        if row["id"] in present:
            connection.execute(update(peer).where(peer.c.id == row["id"]).values(state=row["state"]))
            if row["state"] == NEW:
                left.append(received_records.leave(connection, row["id"]))
    _renew(replay, left)
    return 0


def _renew(replay: Replay, left: Iterable[Mapping[str, Collection[UUID]]]) -> None:
    for rows in left:
        matching_rows.renew_all(replay.connection, rows, change=replay.change, now=replay.now)


def _pairs(connection: Connection, *columns: Any) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(select(*columns))}


def _ended(table: Table) -> WithdrawnRows:
    """Rows that are deleted when somebody withdraws what they stand for."""
    return WithdrawnRows(select(*table.primary_key.columns), RIGHTS, ends=True, own=True)


RIGHTS = "persons and rights"
# In the order in which they are withdrawn again. A restore ends all sessions, which are therefore none of them.
WITHDRAWN_ROWS = (
    WithdrawnRows(select(tombstone), "withdrawals", _withdraw),
    WithdrawnRows(
        select(adoption.c.project_id, adoption.c.organization_id, adoption.c.visibility).where(
            adoption.c.origin == DECLARED, adoption.c.visibility != "public"
        ),
        "uses without a name",
        _show_to_fewer,
        key=("project_id", "organization_id"),
    ),
    WithdrawnRows(
        select(call.c.id, call.c.state, call.c.ended_at).where(call.c.state.in_((ENDED, CALL_WITHDRAWN))),
        "needs",
        _set_again(call),
    ),
    WithdrawnRows(
        select(obstacle.c.id, obstacle.c.public).where(obstacle.c.public.is_(False)), "reports", _set_again(obstacle)
    ),
    WithdrawnRows(
        select(maintainer_reply.c.id, maintainer_reply.c.ended_at).where(maintainer_reply.c.ended_at.is_not(None)),
        "answers of maintainers",
        _set_again(maintainer_reply),
    ),
    WithdrawnRows(
        select(upload.c.id, upload.c.ended_at).where(upload.c.ended_at.is_not(None)),
        "pictures",
        _set_again(upload, **GONE),
    ),
    WithdrawnRows(select(takedown), "blocked projects", _block),
    WithdrawnRows(
        select(erased_object.c.project_id, erased_object.c.oid, erased_object.c.at),
        "erased objects",
        lambda replay, rows: erase_again(replay.connection, rows),
    ),
    WithdrawnRows(select(merged_record), "joined records", _merge),
    WithdrawnRows(select(case).where(*cases.DECIDED_APART), "records told apart", _tell_apart),
    WithdrawnRows(  # that all uses are unnamed follows from the uses, and a merge is a merge
        select(organization.c.id, organization.c.hidden).where(
            organization.c.hidden.not_in((UNNAMED, merge_rows.JOINED))
        ),
        "hidden organizations",
        _set_again(organization),
    ),
    WithdrawnRows(select(maintainer_inbox), "messages to maintainers", _take_fewer_messages),
    WithdrawnRows(
        select(submission.c.id, submission.c.reference, submission.c.state).where(
            submission.c.state.in_((REFUSED, WITHDRAWN))
        ),
        "declarations",
        _end_submissions,
    ),
    WithdrawnRows(select(person.c.id, person.c.role), RIGHTS, _set_again(person), ends=True, own=True),
    *map(_ended, (membership, verification, follow, question_consent)),
    *map(_ended, (experience, api_token)),
    WithdrawnRows(
        select(maintenance.c.submission_id).where(maintenance.c.person.is_not(None), maintenance.c.origin == DECLARED),
        "names of persons",
        key=("submission_id",),
        ends=True,
        own=True,
    ),
    WithdrawnRows(
        select(message_link.c.id, message_link.c.used_at).where(message_link.c.used_at.is_not(None)),
        "links",
        _set_again(message_link),
        own=True,
    ),
    WithdrawnRows(select(peer_withdrawal), "records of other catalogues", _erase_received, own=True),
    WithdrawnRows(select(peer.c.id, peer.c.state), "catalogues", _decide_about_peers, ends=True, own=True),
    WithdrawnRows(select(decision.c.number).where(decision.c.salt.is_(None)), "texts", _take_out_texts, own=True),
)
