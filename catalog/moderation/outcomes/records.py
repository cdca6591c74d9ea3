"""Outcomes of findings and of records themselves: whether code is shown, whether a record is, whether it is locked,
whether vanished branches are deleted here too."""

from datetime import datetime
from typing import Any

from catalog.errors import NotFound
from catalog.moderation.outcomes.base import Outcome, OutcomeTransaction, UndoTransaction
from catalog.record_kind import ORGANIZATION
from catalog.rules.decision import ACCEPT, CLOSE, HIDE, LOCK, LOOKED_AT, SERVE, SHOW, UNLOCK, serving_basis
from catalog.store.core.engine import Connection
from catalog.store.documents import curation
from catalog.store.moderation import findings
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import StoredLogLine, Subject
from catalog.store.projects import takedowns


def _nothing(act: OutcomeTransaction) -> dict[str, Any]:
    return {}


def _reopened(undoing: UndoTransaction) -> bool:
    if undoing.undone.finding_id is not None:
        findings.reopen(undoing.connection, undoing.undone.finding_id)
    return True


def _accept(act: OutcomeTransaction) -> dict[str, Any]:
    moderation_log.accept(act.connection, act.record.id, act.key, now=act.now)
    return {"accepted": act.key}


def _revert_acceptance(undoing: UndoTransaction) -> bool:
    about = subject_of_line(undoing.connection, undoing.undone)
    if not undoing.before or moderation_log.accepted(undoing.connection, about.id) != undoing.before["accepted"]:
        return False  # a visit took it over: the names are gone, the commits stay
    moderation_log.accept(undoing.connection, about.id, None, now=undoing.now)
    return _reopened(undoing)


def _serve(act: OutcomeTransaction) -> dict[str, Any]:
    return _set_serving(act, True)


def _close(act: OutcomeTransaction) -> dict[str, Any]:
    return _set_serving(act, False)


def _set_serving(act: OutcomeTransaction, may: bool) -> dict[str, Any]:
    moderation_log.serve(act.connection, act.record.id, may, now=act.now)
    finding = findings.settle(act.connection, act.record.id, findings.LICENSE_UNSURE, act.wish.seen, now=act.now)
    return {"decided": act.record.state.decided, "basis": act.wish.seen, "asked": finding}


def _unset_serving(undoing: UndoTransaction) -> bool:
    before, about = undoing.before, subject_of_line(undoing.connection, undoing.undone)
    if not before:
        return False
    if before["basis"] == serving_basis(about.observation):
        moderation_log.serve(undoing.connection, about.id, before["decided"], now=undoing.now)
        if before["asked"]:
            findings.reopen(undoing.connection, before["asked"])
    return _reopened(undoing)


def _hide(act: OutcomeTransaction) -> dict[str, Any]:
    if act.record.kind == ORGANIZATION:
        takedowns.hide_organization(act.connection, act.record.id, True)
    else:
        takedowns.block_project(act.connection, act.record.id, act.record.slug, act.wish.words, now=act.now)
    return _former_takedown(act.record)


def _show(act: OutcomeTransaction) -> dict[str, Any]:
    if act.record.kind == ORGANIZATION:
        takedowns.hide_organization(act.connection, act.record.id, False)
    else:
        takedowns.unblock_project(act.connection, act.record.id)
    return _former_takedown(act.record)


def _former_takedown(about: Subject) -> dict[str, Any]:
    """The words with which a record was hidden until now, and since when."""
    return {"reason": about.takedown[0], "at": about.takedown[1].isoformat()} if about.takedown else {}


def _unhide(undoing: UndoTransaction) -> bool:
    about = subject_of_line(undoing.connection, undoing.undone)
    if about.kind == ORGANIZATION:
        takedowns.hide_organization(undoing.connection, about.id, False)
    elif undoing.before:
        _restore_takedown(undoing, about)
    else:
        takedowns.unblock_project(undoing.connection, about.id)
    return _reopened(undoing)


def _hide_again(undoing: UndoTransaction) -> bool:
    about = subject_of_line(undoing.connection, undoing.undone)
    if about.kind == ORGANIZATION:
        takedowns.hide_organization(undoing.connection, about.id, True)
    elif undoing.before:
        _restore_takedown(undoing, about)
    else:
        return False
    return _reopened(undoing)


def _restore_takedown(undoing: UndoTransaction, about: Subject) -> None:
    at = datetime.fromisoformat(undoing.before["at"])
    takedowns.block_project(undoing.connection, about.id, about.slug, undoing.before["reason"], now=at)


def _lock(act: OutcomeTransaction) -> dict[str, Any]:
    is_locked = act.wish.choice == LOCK
    curation.note(act.connection, act.record.kind, act.record.id, is_locked=is_locked, now=act.now)
    return {}


def _relock(undoing: UndoTransaction) -> bool:
    line = undoing.undone.line
    is_locked = line.kind == UNLOCK
    curation.note(undoing.connection, line.subject_kind, line.subject_id, is_locked=is_locked, now=undoing.now)
    return True


def subject_of_line(connection: Connection, undone: StoredLogLine) -> Subject:
    """In the caller's transaction: the record that a line is about, as it stands now; one that is gone as it was called
    then."""
    line = undone.line
    try:
        return moderation_log.subject(connection, line.subject_kind, key=line.subject_id)
    except NotFound:
        return Subject(
            line.subject_id, line.slug or "", line.name or "", moderation_log.NOTHING, kind=line.subject_kind
        )


OUTCOMES = {
    LOOKED_AT: Outcome(_nothing, _reopened),
    ACCEPT: Outcome(_accept, _revert_acceptance),
    SERVE: Outcome(_serve, _unset_serving),
    CLOSE: Outcome(_close, _unset_serving),
    HIDE: Outcome(_hide, _unhide),
    SHOW: Outcome(_show, _hide_again),
    LOCK: Outcome(_lock, _relock),
    UNLOCK: Outcome(_lock, _relock),
}
