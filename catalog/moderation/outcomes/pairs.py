"""Outcomes of two records: merged, or not the same."""

from typing import Any
from uuid import UUID

from catalog.moderation.outcomes.base import Outcome, OutcomeTransaction, UndoTransaction
from catalog.rules.decision import APART, JOIN
from catalog.store.merges import merge_rows


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


def _other_id(act: OutcomeTransaction) -> UUID:
    assert act.other is not None
    return act.other


OUTCOMES = {JOIN: Outcome(_join, _part), APART: Outcome(_apart, _ask_again)}
