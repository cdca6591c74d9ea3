"""Outcomes of two records, or of two calls: merged, not the same, one part of the other or its successor."""

from typing import Any
from uuid import UUID

from catalog.errors import NotFound
from catalog.moderation.outcomes.base import Outcome, OutcomeTransaction, UndoTransaction
from catalog.rules.call import Call
from catalog.rules.decision import APART, JOIN, PART_OF, SUCCESSOR_OF
from catalog.store.calls import queries as call_queries
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.merges import rows as merge_rows


def _join(act: OutcomeTransaction) -> dict[str, Any]:
    """Merge `act.other` into `act.about`, to which its address then leads."""
    stays, goes = act.record, _other_id(act)
    merge_rows.merge_records(act.connection, stays.kind, goes, stays.id, act.change, now=act.now)
    return _set_answer(act, False)


def _apart(act: OutcomeTransaction) -> dict[str, Any]:
    return _set_answer(act, True)


def _set_answer(act: OutcomeTransaction, apart: bool) -> dict[str, Any]:
    pair = (act.record.id, _other_id(act))
    act.change.touch(act.record.kind, *pair)
    merge_rows.set_answer(act.connection, act.record.kind, pair, apart, now=act.now)
    return {"other": str(_other_id(act))}


def _part(undoing: UndoTransaction) -> bool:
    line, before = undoing.undone.line, undoing.before
    if not before:
        return False  # the line came with all public data of another copy: what was before is not in there
    merge = merge_rows.merge_of(undoing.connection, line.subject_kind, UUID(before["other"]))
    if merge is None or merge.number != line.number:
        return False
    if merge_rows.merge_of(undoing.connection, line.subject_kind, merge.into_id) is not None:
        return False  # something was joined since
    merge_rows.separate_records(undoing.connection, merge, undoing.change)
    return _ask_again(undoing)


def _ask_again(undoing: UndoTransaction) -> bool:
    line, before = undoing.undone.line, undoing.before
    if not before:
        return False
    pair = (line.subject_id, UUID(before["other"]))
    undoing.change.touch(line.subject_kind, *pair)
    merge_rows.set_answer(undoing.connection, line.subject_kind, pair, None, now=undoing.now)
    return True


def _tie(act: OutcomeTransaction) -> dict[str, Any]:
    """Change nothing: the statement is the line of the log itself."""
    act.change.touch(act.record.kind, act.record.id, _other_id(act))
    return {"other": str(_other_id(act))}


def _untie(undoing: UndoTransaction) -> bool:
    other = undoing.before.get("other")
    undoing.change.touch(undoing.undone.line.subject_kind, UUID(other) if other else None)
    return True


def _join_calls(act: OutcomeTransaction) -> dict[str, Any]:
    """Merge the call `act.about` into `act.other`, with all who said "us too"."""
    call, other = (_call_by_id(act.connection, key) for key in (act.record.id, _other_id(act)))
    call_rows.change_call(act.connection, call, change=act.change, joined_to=other.id)
    call_rows.follow_merge(act.connection, call, other)
    act.change.touch("project", other.project_id)
    return {"other": str(other.id), "reference": call.reference}


def _call_by_id(connection: Connection, key: UUID) -> Call:
    found = call_queries.call_by_id(connection, key)
    if found is None:
        raise NotFound("call", str(key))
    return found


def part_call(connection: Connection, call: Call, change: PublicChange) -> None:
    """In the caller's transaction: separate a call that was merged into another one."""
    call_rows.change_call(connection, call, change=change, joined_to=None)
    call_rows.undo_followed_merge(connection, call)


def _part_calls(undoing: UndoTransaction) -> bool:
    if not undoing.before:
        return False
    try:
        call = call_queries.call_by_reference(undoing.connection, undoing.before["reference"], hold=True)
    except NotFound:
        return False
    if call.joined_to != UUID(undoing.before["other"]):
        return False  # it was parted, or joined to another one, meanwhile
    part_call(undoing.connection, call, undoing.change)
    return True


def _other_id(act: OutcomeTransaction) -> UUID:
    assert act.other is not None
    return act.other


OF_RECORDS = {JOIN: Outcome(_join, _part), APART: Outcome(_apart, _ask_again)}
OF_CALLS = {JOIN: Outcome(_join_calls, _part_calls)}
TIES = {PART_OF: Outcome(_tie, _untie), SUCCESSOR_OF: Outcome(_tie, _untie)}
