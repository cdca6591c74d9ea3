"""Outcomes of editing the catalogue: a field, a record or a list edited, added or removed."""

from typing import Any

from catalog import submissions
from catalog.moderation.outcomes.base import Outcome, OutcomeTransaction, UndoTransaction
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import ADD, COLLECTION, EDIT_RECORD, REMOVE
from catalog.rules.submission import PUBLISHED, WITHDRAWN
from catalog.store.documents import collections, curation
from catalog.store.organizations import organization_rows
from catalog.store.submissions import submission_rows


def _write(act: OutcomeTransaction) -> dict[str, Any]:
    """A list as `act.values` has it, without them it is removed; of a record, its submission is published."""
    if act.submission is None:
        before = collections.read(act.connection, act.record.slug)
        collections.write(act.connection, act.record.slug, act.values, change=act.change)
        return {"row": before}
    published = submissions.publish(act.connection, act.submission, None, act.change, now=act.now)
    if act.wish.choice == EDIT_RECORD:
        curation.mark_edit(act.connection, published, change=act.change, now=act.now)
    elif published.project_id is not None:
        curation.adopt_project(act.connection, published.project_id, now=act.now)
    return {}


def _revert_edit(undoing: UndoTransaction) -> bool:
    line = undoing.undone.line
    if line.subject_kind == COLLECTION:
        if "row" not in undoing.before:
            return False  # the line came with all public data of another copy
        collections.restore(undoing.connection, line.slug or "", undoing.before["row"], change=undoing.change)
        return True
    if undoing.undone.submission_id is not None:
        return _withdraw(undoing)
    if line.subject_kind != ORGANIZATION or not organization_rows.remove_curated(
        undoing.connection, line.subject_id, change=undoing.change
    ):
        return False  # something refers to it by now
    curation.note(undoing.connection, ORGANIZATION, line.subject_id, is_added=False, now=undoing.now)
    return True


def _withdraw(undoing: UndoTransaction) -> bool:
    assert undoing.undone.submission_id is not None
    submission = submission_rows.by_id(undoing.connection, undoing.undone.submission_id, hold=True)
    if submission.state != PUBLISHED:
        return False
    submissions.take_back(undoing.connection, submission, undoing.change, now=undoing.now)
    submission_rows.change(undoing.connection, submission.id, state=WITHDRAWN, changed_at=undoing.now)
    if undoing.undone.line.kind == ADD:
        curation.note(undoing.connection, PROJECT, undoing.undone.line.subject_id, is_added=False, now=undoing.now)
    return True


OUTCOMES = {
    EDIT_RECORD: Outcome(_write, _revert_edit),
    ADD: Outcome(_write, _revert_edit),
    REMOVE: Outcome(_write, _revert_edit),
}
