"""What a database that is replaced by an older copy knows and the copy does not: what was withdrawn since.

Nothing withdrawn comes back: withdrawals, opt-outs, blocks, merges, hidden organizations, narrower visibility, refused
and withdrawn submissions, the lines of the log, and, where the copy is an older state of the same database (the same
`lineage`), persons, rights, sessions and consents that ended. What was only added since is lost, as in any restore.

It is longer than 350 lines because all that is withdrawn again is done in one order.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Table, and_, delete, select, tuple_, update

from catalog.exchange.names import ADOPTION, CALL, EXPERIENCE, ORGANIZATION, PROJECT
from catalog.exchange.statements import Withdrawal
from catalog.rules.call import WITHDRAWN as CALL_WITHDRAWN
from catalog.rules.fact import CURATED, DECLARED
from catalog.rules.peer import BLOCK, NONE
from catalog.rules.submission import HELP, adoption_id, experience_id
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.backup.withdrawal_journal import (
    BLANKED,
    DELETED_WHEN_ENDED,
    NAMED,
    WithdrawalState,
    named_persons,
    row_queries,
)
from catalog.store.contributors import rows as contributors_rows
from catalog.store.core import cases
from catalog.store.core.engine import BATCH, batches, get_meta, insert, set_meta
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.visibility import OPEN, UNNAMED, VISIBLE
from catalog.store.documents import overrides
from catalog.store.exchange.published import PUBLISHING_NOTES, STATE, learn_withdrawals
from catalog.store.federation import peers, taken_over
from catalog.store.federation.matching import rows as matching_rows
from catalog.store.federation.received import (
    adoptions as received_adoptions,
)
from catalog.store.federation.received import (
    records as received_records,
)
from catalog.store.merges import rows as merge_rows
from catalog.store.mirrors.erasures import erase_again
from catalog.store.moderation.log import HEAD, take_out
from catalog.store.ownership import inbox, unlisted
from catalog.store.ownership.uploads import GONE
from catalog.store.projects import takedowns
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, experience, obstacle
from catalog.tables.core import fact, maintenance, metadata, organization, project, removed_record, takedown
from catalog.tables.federation import peer, peer_withdrawal
from catalog.tables.moderation import decision, merged_record
from catalog.tables.ownership import maintainer_reply, upload
from catalog.tables.people import message, message_link, person
from catalog.tables.publishing import exchange_root, published_record, withdrawal
from catalog.tables.submissions import submission, tombstone

LINEAGE = "lineage"
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class PublishedState:
    """What everybody read of a database that is replaced, and what goes on growing: the log and our feed."""

    lineage: str | None
    log: Mapping[str, Any] | None
    rows: Rows
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


def published_state(connection: Connection) -> PublishedState:
    """In the caller's transaction: read into memory what must outlive the restore beside the withdrawals."""
    tables = (decision, published_record, withdrawal, exchange_root)
    rows = {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in tables}
    records = {
        table.name: frozenset(connection.execute(select(table.c.id)).scalars()) for table in (project, organization)
    }
    notes = {key: value for key in PUBLISHING_NOTES if (value := get_meta(connection, key)) is not None}
    return PublishedState(get_meta(connection, LINEAGE), get_meta(connection, HEAD), rows, records, notes)


def replay_withdrawals(
    connection: Connection,
    states: Iterable[WithdrawalState],
    was: PublishedState,
    own_exchanges: Callable[[Sequence[bytes]], Iterable[Withdrawal]] = lambda roots: (),
    *,
    now: datetime,
) -> dict[str, int]:
    """In the caller's transaction, after the copy was loaded: withdraw again what these states say that was withdrawn,
    and count a change. What is of the same lineage takes persons and rights away too: a new catalogue that
    stood in while the old one was away holds none of them, and their absence there is no withdrawal."""
    states, counts = list(states), Counter[str]()
    here = get_meta(connection, LINEAGE)
    counted = int(get_meta(connection, "change") or 0)
    set_meta(connection, "change", max([counted, *(state.change for state in states)]))
    change = PublicChange(connection)
    change()  # the copy is older than what was counted since
    for state in states:
        rows = {name: state.python_rows(name) for name in row_queries()}
        counts.update(_replay_by_identity(connection, rows, change, now))
        if state.lineage == here:
            counts["persons and rights"] += _delete_gone(connection, state, rows)
            counts["records of other catalogues"] += _replay_peers(connection, rows, change, now)
            _replay_blanks(connection, state)
    if was.lineage is not None and was.lineage == here:
        _restore_log(connection, was)
        _restore_published(connection, was)
    roots = connection.execute(select(exchange_root.c.body).order_by(exchange_root.c.version)).scalars().all()
    learned = learn_withdrawals(connection, own_exchanges(roots))
    counts["records that other catalogues were told to hide"] += _hide_published(connection, learned, change, now)
    _change_everything(connection, was, change)
    change.publish()
    return {name: count for name, count in counts.items() if count}


def _replay_by_identity(connection: Connection, rows: Rows, change: PublicChange, now: datetime) -> dict[str, int]:
    """What holds whichever database the copy is of."""
    return {
        "withdrawn uses": _replay_uses(connection, rows, change, now),
        "unlisted projects": _replay_opt_outs(connection, rows, change),
        "other withdrawals": _replay_other_withdrawals(connection, rows, change),
        "blocked projects": _replay_takedowns(connection, rows),
        "erased objects": erase_again(connection, rows["erased_object"]),
        "joined records": _replay_merges(connection, rows, change),
        "hidden organizations": _replay_hidden_organizations(connection, rows),
        "messages to maintainers": _replay_inboxes(connection, rows, change),
        "declarations": _replay_submissions(connection, rows, change, now),
    }


def _hide_published(
    connection: Connection, withdrawals: Iterable[Withdrawal], change: PublicChange, now: datetime
) -> int:
    """Hide what a folder of our own exchange says was withdrawn. A use or experience of a project that was withdrawn
    itself left with it, and stays in its rows: the project may be shown again."""
    wanted: dict[str, dict[UUID, Withdrawal]] = defaultdict(dict)
    for said in withdrawals:
        wanted[said.kind][said.id] = said
    count = 0
    pairs = select(adoption.c.project_id, adoption.c.organization_id).distinct()
    for pair in connection.execute(pairs.where(adoption.c.stands)).all():
        use = wanted[ADOPTION].get(adoption_id(*pair))
        if use is not None and pair.project_id not in wanted[PROJECT]:
            adoption_rows.withdraw_adoption(connection, *pair, ground=use.ground, change=change, now=now)
            count += 1
    for row in connection.execute(select(experience.c.id, experience.c.project_id, experience.c.organization_id)).all():
        if experience_id(*row[1:]) in wanted[EXPERIENCE] and row.project_id not in wanted[PROJECT]:
            count += connection.execute(delete(experience).where(experience.c.id == row.id)).rowcount
    for batch in batches(wanted[CALL]):
        this = (call.c.id.in_(batch), call.c.state != CALL_WITHDRAWN)
        values = {"state": CALL_WITHDRAWN, "ended_at": now, "change": change()}
        count += connection.execute(update(call).where(*this).values(values)).rowcount
    for batch in batches(wanted[PROJECT]):
        listed = select(project.c.id, project.c.slug).where(project.c.id.in_(batch), OPEN)
        for key, slug in connection.execute(listed).all():
            if wanted[PROJECT][key].ground == unlisted.OPTED_OUT:
                unlisted.opt_out(connection, key, None, None, change=change, now=now)
            else:
                takedowns.block_project(connection, key, slug, "", now=now)
            count += 1
    for batch in batches(wanted[ORGANIZATION]):
        visible = select(organization.c.id).where(organization.c.id.in_(batch), VISIBLE)
        for key in connection.execute(visible).scalars().all():
            takedowns.hide_organization(connection, key, True)
            count += 1
    return count


def _delete_gone(connection: Connection, state: WithdrawalState, rows: Rows) -> int:
    """Delete rows of the copy that went since; end all sessions, and send nothing that waited when the copy was made:
    it was sent since, or nobody knows.
    """
    count = 0
    for name in ("person", "peer", *DELETED_WHEN_ENDED):
        table = metadata.tables[name]
        present = {tuple(row) for row in connection.execute(select(*table.primary_key.columns))}
        gone = list(state.gone_of(name, present))
        for start in range(0, len(gone), BATCH):
            this = tuple_(*table.primary_key.columns).in_(gone[start : start + BATCH])
            count += connection.execute(delete(table).where(this)).rowcount
    for row in rows["person"]:
        connection.execute(update(person).where(person.c.id == row["id"]).values(role=row["role"]))
    for row in rows["message_link"]:
        connection.execute(update(message_link).where(message_link.c.id == row["id"]).values(used_at=row["used_at"]))
    for key, digest in named_persons(connection).items():
        if state.is_gone(NAMED, digest):
            count += connection.execute(
                delete(maintenance).where(maintenance.c.id == key, maintenance.c.origin != CURATED)
            ).rowcount
    connection.execute(delete(metadata.tables["session"]))
    connection.execute(delete(message).where(message.c.sent_at.is_(None)))
    return count


def _replay_blanks(connection: Connection, state: WithdrawalState) -> None:
    """Take texts out of the copy's log that were taken out since."""
    wanted = {json.loads(key)[0] for key in state.rows.get(BLANKED, {})}
    present = select(decision.c.number).where(decision.c.salt.is_not(None))
    for number in wanted & set(connection.execute(present).scalars()):
        take_out(connection, number)


def _replay_uses(connection: Connection, rows: Rows, change: PublicChange, now: datetime) -> int:
    count = 0
    present = {tuple(row) for row in connection.execute(select(tombstone.c.kind, tombstone.c.record_id))}
    for row in rows["tombstone"]:
        if row["kind"] == "adoption" and (row["kind"], row["record_id"]) not in present:
            pair = (row["project_id"], row["organization_id"])
            adoption_rows.withdraw_adoption(connection, *pair, ground=row["ground"], change=change, now=row["at"])
            never = row["change"] == adoption_rows.NEVER_PUBLIC
            if never:
                this = (tombstone.c.kind == "adoption") & (tombstone.c.record_id == row["record_id"])
                connection.execute(update(tombstone).where(this).values(change=adoption_rows.NEVER_PUBLIC))
            count += 1
    for row in rows["adoption"]:
        stated = adoption_rows.own_adoption(connection, row["project_id"], row["organization_id"])
        if stated is not None and stated.visibility != row["visibility"]:
            adoption_rows.set_visibility(
                connection, row["project_id"], row["organization_id"], row["visibility"], change=change
            )
            count += 1
    return count


def _replay_opt_outs(connection: Connection, rows: Rows, change: PublicChange) -> int:
    opt_outs = [row for row in rows["tombstone"] if row["kind"] == "project" and row["ground"] == unlisted.OPTED_OUT]
    return sum(
        unlisted.opt_out(connection, row["record_id"], row["reason"], row["language"], change=change, now=row["at"])
        for row in opt_outs
    )


def _replay_other_withdrawals(connection: Connection, rows: Rows, change: PublicChange) -> int:
    """Delete what tombstones of calls, reports and experiences stand for."""
    count = 0
    for row in rows["tombstone"]:
        number = 0 if row["kind"] == HELP else change()
        values = {name: value for name, value in row.items() if name != "id"} | {"change": number}
        statement = insert(connection, tombstone).values(values).on_conflict_do_nothing().returning(tombstone.c.id)
        if connection.execute(statement).scalar() is None:
            continue
        count += 1
        if row["kind"] == HELP:
            contributors_rows.delete_withdrawn(connection, row["project_id"], row["organization_id"], row["record_id"])
        for table in (experience, obstacle):
            connection.execute(delete(table).where(table.c.id == row["record_id"]))
    for row in rows["call"]:
        values = {"state": row["state"], "ended_at": row["ended_at"], "change": change()}
        this = and_(call.c.id == row["id"], call.c.state != row["state"])
        count += connection.execute(update(call).where(this).values(values)).rowcount
    for row in rows["obstacle"]:
        this = and_(obstacle.c.id == row["id"], obstacle.c.public)
        count += connection.execute(update(obstacle).where(this).values(public=False)).rowcount
    for row in rows["maintainer_reply"]:
        this = and_(maintainer_reply.c.id == row["id"], maintainer_reply.c.ended_at.is_(None))
        count += connection.execute(update(maintainer_reply).where(this).values(ended_at=row["ended_at"])).rowcount
    for row in rows["upload"]:
        this = and_(upload.c.id == row["id"], upload.c.ended_at.is_(None))
        count += connection.execute(update(upload).where(this).values(ended_at=row["ended_at"], **GONE)).rowcount
    return count


def _replay_takedowns(connection: Connection, rows: Rows) -> int:
    present = set(connection.execute(select(takedown.c.project_id)).scalars())
    missing = [row for row in rows["takedown"] if row["project_id"] not in present]
    for row in missing:
        takedowns.block_project(connection, row["project_id"], row["slug"], row["reason"], now=row["at"])
    return len(missing)


def _replay_merges(connection: Connection, rows: Rows, change: PublicChange) -> int:
    present = {tuple(row) for row in connection.execute(select(merged_record.c.kind, merged_record.c.record_id))}
    missing = [row for row in rows["merged_record"] if (row["kind"], row["record_id"]) not in present]
    for row in sorted(missing, key=lambda row: row["number"]):
        table = project if row["kind"] == "project" else organization
        both = select(table.c.id).where(table.c.id.in_((row["record_id"], row["into_id"])))
        if len(connection.execute(both).all()) == 2:
            merge_rows.merge_records(connection, row["kind"], row["record_id"], row["into_id"], change, now=row["at"])
            merge_rows.set_log_number(connection, row["kind"], row["record_id"], row["number"])
        else:
            connection.execute(merged_record.insert().values(dict(row)))
    for row in rows["case"]:
        pair = (row["subject_id"], row["other_id"])
        merge_rows.set_answer(connection, row["kind"], pair, True, now=row["closed_at"] or row["since"])
    return len(missing)


def _replay_hidden_organizations(connection: Connection, rows: Rows) -> int:
    """Hide again only what somebody decided: that all uses are unnamed follows from the uses, and a merge is a
    merge."""
    count = 0
    for row in rows["organization"]:
        if row["hidden"] in (UNNAMED, merge_rows.JOINED):
            continue
        this = and_(organization.c.id == row["id"], organization.c.hidden.is_distinct_from(row["hidden"]))
        count += connection.execute(update(organization).where(this).values(hidden=row["hidden"])).rowcount
    return count


def _replay_inboxes(connection: Connection, rows: Rows, change: PublicChange) -> int:
    """Maintainers get no more messages than they wanted last."""
    count = 0
    for row in rows["maintainer_inbox"]:
        if row["monthly"] < inbox.stated_monthly(connection, row["project_id"]):
            inbox.take_monthly(connection, row["project_id"], row["monthly"], change)
            count += 1
    return count


def _replay_submissions(connection: Connection, rows: Rows, change: PublicChange, now: datetime) -> int:
    """Refuse and withdraw again; end the facts that a withdrawn submission stated."""
    count, withdrawn = 0, set()
    for row in rows["submission"]:
        this = and_(submission.c.id == row["id"], submission.c.state != row["state"])
        if connection.execute(update(submission).where(this).values(state=row["state"])).rowcount:
            count += 1
            cases.follow_submission(connection, row["id"])
            withdrawn.add(row["reference"])
            connection.execute(delete(maintenance).where(maintenance.c.submission_id == row["id"]))
    current = and_(fact.c.origin == DECLARED, fact.c.until.is_(None))
    facts = connection.execute(select(fact.c.id, fact.c.project_id, fact.c.source).where(current)).all()
    ended = [fact_row for fact_row in facts if fact_row.source.get("declaration") in withdrawn]
    for fact_row in ended:
        connection.execute(update(fact).where(fact.c.id == fact_row.id).values(until=now))
    overrides.rebuild_records(
        connection, sorted({fact_row.project_id for fact_row in ended}, key=str), change=change, now=now
    )
    for key, statements in connection.execute(select(organization.c.id, organization.c.declared)).all():
        withdrawn_fields = {
            name: None for name, statement in statements.items() if statement.get("declaration") in withdrawn
        }
        if withdrawn_fields:
            overrides.declare_organization_values(connection, key, withdrawn_fields, change=change, now=now)
    return count


def _replay_peers(connection: Connection, rows: Rows, change: PublicChange, now: datetime) -> int:
    """Withdraw again what other catalogues withdrew, and apply decisions about catalogues made since."""
    deleted: list[received_records.AffectedRows] = []
    homes = {row.instance_id: row.id for row in connection.execute(select(peer.c.instance_id, peer.c.id))}
    present = {
        (row.instance_id, row.kind, row.record_id)
        for row in connection.execute(
            select(peer_withdrawal.c.instance_id, peer_withdrawal.c.kind, peer_withdrawal.c.record_id)
        )
    }
    count = 0
    for row in rows["peer_withdrawal"]:
        home_id, kind, record_id = row["instance_id"], row["kind"], row["record_id"]
        if (home_id, kind, record_id) not in present:
            taken_over.remember_erased(
                connection, home_id, {(kind, record_id): row["n"]}, row["online_key"], now=row["at"]
            )
            count += 1
            if (home := homes.get(home_id)) is not None:
                deleted.append(received_records.leave(connection, home, [kind], [record_id]))
    for row in rows["peer"]:
        decided = update(peer).where(peer.c.id == row["id"])
        connection.execute(decided.values(state=row["state"], decisions=row["decisions"]))
        if row["id"] in homes.values():
            decided_peer = peers.held(connection, row["id"])
            against = [
                kind
                for kind in received_records.kinds(connection, row["id"])
                if decided_peer.decision(kind) in (NONE, BLOCK)
            ]
            deleted.append(received_records.leave(connection, row["id"], against))
    for affected in deleted:
        received_adoptions.renew(connection, affected.pairs, change=change)
        for kind, keys in affected.keys.items():
            matching_rows.renew(connection, kind, keys, change=change, now=now)
            received_adoptions.renew_of(connection, kind, keys, change=change)
    return count


def _restore_published(connection: Connection, was: PublishedState) -> None:
    """What other catalogues read is as it was: what of it is here no more is withdrawn at the next writing, and what
    was withdrawn since the copy was made stays withheld where the copy brings it back."""
    known = {(row.kind, row.record_id, row.n) for row in connection.execute(select(withdrawal))}
    kept = {row.version for row in connection.execute(select(exchange_root.c.version))}
    rows: dict[Table, list[dict[str, Any]]] = {
        published_record: [dict(row) for row in was.rows["published_record"]],
        withdrawal: [
            {**row, "learned": row["learned"] or (row["kind"], row["record_id"], row["n"]) not in known}
            if not row["returned"]
            else dict(row)
            for row in was.rows["withdrawal"]
        ],
        exchange_root: [dict(row) for row in was.rows["exchange_root"] if row["version"] not in kept],
    }
    for table, every in rows.items():
        if table is not exchange_root:
            connection.execute(delete(table))
        for start in range(0, len(every), BATCH):
            connection.execute(table.insert(), every[start : start + BATCH])
    for key, value in was.notes.items():
        set_meta(connection, key, {**value, "change": -1} if key == STATE else value)


def _restore_log(connection: Connection, was: PublishedState) -> None:
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


def _change_everything(connection: Connection, was: PublishedState, change: PublicChange) -> None:
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
