"""Outcomes of what people submitted: published, corrected or not, not accepted, looked at, removed, reopened."""

from dataclasses import replace
from typing import Any

from catalog import submissions
from catalog.errors import Invalid
from catalog.moderation.outcomes.base import Outcome, OutcomeTransaction, UndoTransaction
from catalog.moderation.outcomes.decision_form import NOTHING_CORRECTED
from catalog.moderation.outcomes.sender import corrected, notify_sender, sender_of
from catalog.rules.decision import EDIT, LOOKED_AT, PUBLISH, REFUSE, REOPEN, TAKE_AWAY
from catalog.rules.submission import ASKED, PUBLISHED, REFUSED, WAITING, Submission
from catalog.store.submissions import submission_rows


def _publish(act: OutcomeTransaction) -> dict[str, Any]:
    return _published(act, act.sent)


def _published(act: OutcomeTransaction, submission: Submission) -> dict[str, Any]:
    sender = sender_of(act.connection, submission)
    published = submissions.publish(act.connection, submission, sender, act.change, now=act.now)
    submission_rows.change(act.connection, submission.id, reviewed_at=act.now)
    notify_sender(act.connection, published, "publish", {"words": act.wish.words}, now=act.now)
    return {}


def _publish_edited(act: OutcomeTransaction) -> dict[str, Any]:
    answers, before = corrected(act.sent, act.wish.edits)
    if not before:
        raise Invalid({"choice": NOTHING_CORRECTED})
    submission_rows.change(act.connection, act.sent.id, answers=answers)
    _published(act, replace(act.sent, answers=answers))
    return {"answers": before}


def _unpublish(undoing: UndoTransaction) -> bool:
    submission = _held(undoing)
    if submission.state != PUBLISHED:
        return False
    submissions.take_back(undoing.connection, submission, undoing.change, now=undoing.now)
    restored = {**submission.answers, **undoing.before.get("answers", {})}  # as their sender typed them
    answers = {name: answer for name, answer in restored.items() if answer is not None}
    submission_rows.change(undoing.connection, submission.id, reviewed_at=None, answers=answers)
    return _notify_of_undo(undoing, submission)


def _refuse(act: OutcomeTransaction) -> dict[str, Any]:
    submission, now = act.sent, act.now
    submission_rows.change(act.connection, submission.id, state=REFUSED, decided_at=now, changed_at=now)
    texts = {"words": act.wish.words, "reason": act.wish.given}
    notify_sender(act.connection, submission, "refuse", texts, now=now)
    return {"state": submission.state}


def _wait_again(undoing: UndoTransaction) -> bool:
    submission = _held(undoing)
    if submission.state != REFUSED:
        return False
    state = ASKED if undoing.before.get("state") == ASKED else WAITING
    submission_rows.change(undoing.connection, submission.id, state=state, decided_at=None, changed_at=undoing.now)
    return _notify_of_undo(undoing, submission)


def _mark_reviewed(act: OutcomeTransaction) -> dict[str, Any]:
    submission_rows.change(act.connection, act.sent.id, reviewed_at=act.now, changed_at=act.now)
    return {}


def _unmark_reviewed(undoing: UndoTransaction) -> bool:
    submission = _held(undoing)
    if submission.state != PUBLISHED:
        return False
    submission_rows.change(undoing.connection, submission.id, reviewed_at=None, changed_at=undoing.now)
    return True


def _take_away(act: OutcomeTransaction) -> dict[str, Any]:
    submission, now = act.sent, act.now
    submissions.take_back(act.connection, submission, act.change, now=now)
    values = {"state": REFUSED, "decided_at": now, "reviewed_at": now, "changed_at": now}
    submission_rows.change(act.connection, submission.id, **values)
    texts = {"words": act.wish.words, "reason": act.wish.given}
    notify_sender(act.connection, submission, "away", texts, now=now)
    return {"looked": submission.reviewed_at is not None}


def _publish_again(undoing: UndoTransaction) -> bool:
    submission = _held(undoing)
    if submission.state != REFUSED:
        return False
    submission_rows.change(undoing.connection, submission.id, state=WAITING)
    waiting, sender = replace(submission, state=WAITING), sender_of(undoing.connection, submission)
    submissions.publish(undoing.connection, waiting, sender, undoing.change, now=undoing.now)
    looked = undoing.now if undoing.before.get("looked") else None
    submission_rows.change(undoing.connection, submission.id, reviewed_at=looked)
    return _notify_of_undo(undoing, submission)


def _reopen(act: OutcomeTransaction) -> dict[str, Any]:
    """Of what was not accepted, or was removed: it waits again."""
    values = {"state": WAITING, "decided_at": None, "reviewed_at": None, "changed_at": act.now}
    submission_rows.change(act.connection, act.sent.id, **values)
    notify_sender(act.connection, act.sent, "reopen", {"words": act.wish.words}, now=act.now)
    return {}


def _cannot(undoing: UndoTransaction) -> bool:
    return False


def _held(undoing: UndoTransaction) -> Submission:
    assert undoing.undone.submission_id is not None
    return submission_rows.by_id(undoing.connection, undoing.undone.submission_id, hold=True)


def _notify_of_undo(undoing: UndoTransaction, submission: Submission) -> bool:
    notify_sender(undoing.connection, submission, "undo", {}, now=undoing.now)
    return True


OUTCOMES = {
    PUBLISH: Outcome(_publish, _unpublish),
    EDIT: Outcome(_publish_edited, _unpublish),
    REFUSE: Outcome(_refuse, _wait_again),
    LOOKED_AT: Outcome(_mark_reviewed, _unmark_reviewed),
    TAKE_AWAY: Outcome(_take_away, _publish_again),
    REOPEN: Outcome(_reopen, _cannot),  # it is decided anew
}
