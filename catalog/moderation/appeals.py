"""Appeals: another person than the one who decided looks at a decision again, and says what comes of it."""

from datetime import datetime
from uuid import UUID

from catalog.errors import AlreadyExists, Invalid, NotAllowed
from catalog.federation import received_rows
from catalog.moderation import peers, revert
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import appealed, own_submission
from catalog.moderation.outcomes.decision_form import NOT_LAST, NOT_NOW, DecisionRequest, problems, stamp
from catalog.moderation.outcomes.sender import notify_sender
from catalog.rules import permissions
from catalog.rules.decision import APPEAL_WITHIN, ASK, OUTCOMES, OVERTURN, PEER, Decision
from catalog.rules.person import Person
from catalog.rules.submission import APPEAL, OPEN_STATES, PUBLISHED, REFUSED, Submission
from catalog.store.core.public_changes import changing
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store
from catalog.store.submissions import rows as submission_rows


def may_appeal(line: Decision, now: datetime) -> bool:
    """Whether a decision can be appealed against: it can be put back, and stands."""
    return line.may_be_appealed and now - line.at <= APPEAL_WITHIN


def outcomes(submission: Submission) -> tuple[str, ...]:
    """What may be decided about an appeal now."""
    return (*OUTCOMES, ASK) if submission.kind == APPEAL and submission.state in OPEN_STATES else ()


def settle(store: Store, person: Person, key: UUID, wish: DecisionRequest, *, now: datetime) -> int | None:
    """Decide on an appeal; the number of the line in the log, None for a question.

    Where it is granted, the decision is taken back: what was refused waits at the desk again. Raises as
    `review.answer`; NotAllowed also for the person whose decision is appealed against.
    """
    permissions.demand(person, "desk-submission-decide")
    number, of_peer = _settled(store, person, key, wish, now=now)
    if of_peer:
        received_rows.settle(store, now=now)
    return number


def _settled(
    store: Store, person: Person, key: UUID, wish: DecisionRequest, *, now: datetime
) -> tuple[int | None, bool]:
    """The number of the line, and whether another catalogue's records may come or go by it."""
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        concerned = moderation_log.written(connection, appealed(submission))
        revert.hold(connection, concerned, change)
        if why := own_submission(connection, person, submission):
            raise NotAllowed(why)
        can = outcomes(submission)
        if not can or concerned.line.undone_by is not None:
            raise AlreadyExists("decision", "")
        wrong = problems(wish, can)
        if wish.seen != stamp(submission):
            wrong["choice"] = NOT_NOW
        elif wish.choice == OVERTURN and revert.newest(connection, concerned) != concerned.line.number:
            wrong["choice"] = NOT_LAST
        if wrong:
            raise Invalid(wrong)
        if wish.choice == ASK:
            submission_rows.ask_sender(connection, key, wish.words, now=now)
            notify_sender(connection, submission, "ask", {"words": wish.words}, now=now)
            return None, False
        granted, of_peer = wish.choice == OVERTURN, concerned.line.subject_kind == PEER
        if granted and not (
            peers.put_back(connection, concerned, person, change=change, now=now)
            if of_peer
            else revert.put_back(connection, concerned, change, now=now)
        ):
            raise Invalid({"choice": NOT_NOW})
        state = PUBLISHED if granted else REFUSED
        submission_rows.change(connection, key, state=state, decided_at=now, reviewed_at=now, changed_at=now)
        notify_sender(connection, submission, "granted" if granted else "upheld", {"words": wish.words}, now=now)
        given = given_by(person, wish.given, wish.words)
        return revert.note(connection, wish.choice, concerned, given, change=change, now=now), of_peer and granted
