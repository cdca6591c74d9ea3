"""Appeals: another person than the one who decided looks at a decision again, and says what comes of it."""

from datetime import datetime
from uuid import UUID

from catalog import rights
from catalog.decisions import APPEAL_WITHIN, ASK, OUTCOMES, OVERTURN, PEER, Decision
from catalog.declarations import APPEAL, OPEN_STATES, PUBLISHED, REFUSED, Declaration
from catalog.errors import AlreadyExists, Invalid, NotAllowed
from catalog.exchange import merge
from catalog.moderate import peers, undoing
from catalog.moderate.answers import tell
from catalog.moderate.conflicts import appealed, own_declaration
from catalog.moderate.giving import given_by
from catalog.moderate.wishes import NOT_LAST, NOT_NOW, Wish, problems, stamp
from catalog.people import Person
from catalog.store import Store, decisions, declarations
from catalog.store.database import writing


def may_appeal(line: Decision, now: datetime) -> bool:
    """Whether a decision can be appealed against: it can be put back, and stands."""
    return line.may_be_appealed and now - line.at <= APPEAL_WITHIN


def outcomes(one: Declaration) -> tuple[str, ...]:
    """What may be decided about an appeal now."""
    return (*OUTCOMES, ASK) if one.kind == APPEAL and one.state in OPEN_STATES else ()


def settle(store: Store, person: Person, key: UUID, wish: Wish, *, now: datetime) -> int | None:
    """Decide on an appeal; the number of the line in the log, None for a question.

    Where it is granted, the decision is taken back: what was refused waits at the desk again. Raises as
    `answers.answer`; NotAllowed also for whoever decided what is appealed against.
    """
    rights.demand(person, "desk-declaration-decide")
    number, of_peer = _settled(store, person, key, wish, now=now)
    if of_peer:
        merge.settle(store, now=now)
    return number


def _settled(store: Store, person: Person, key: UUID, wish: Wish, *, now: datetime) -> tuple[int | None, bool]:
    """The number of the line, and whether another catalogue's records may come or go by it."""
    with writing(store.engine) as connection:
        one = declarations.one(connection, key, hold=True)
        concerned = decisions.written(connection, appealed(one))
        change = undoing.hold(connection, concerned)
        if why := own_declaration(connection, person, one):
            raise NotAllowed(why)
        can = outcomes(one)
        if not can or concerned.line.undone_by is not None:
            raise AlreadyExists("decision", "")
        wrong = problems(wish, can)
        if wish.seen != stamp(one):
            wrong["choice"] = NOT_NOW
        elif wish.choice == OVERTURN and undoing.newest(connection, concerned) != concerned.line.number:
            wrong["choice"] = NOT_LAST
        if wrong:
            raise Invalid(wrong)
        if wish.choice == ASK:
            declarations.asked(connection, key, wish.words, now=now)
            tell(connection, one, "ask", {"words": wish.words}, now=now)
            return None, False
        granted, of_peer = wish.choice == OVERTURN, concerned.line.subject_kind == PEER
        if granted and not (
            peers.put_back(connection, concerned, person, now=now)
            if of_peer
            else undoing.put_back(connection, concerned, change, now=now)
        ):
            raise Invalid({"choice": NOT_NOW})
        state = PUBLISHED if granted else REFUSED
        declarations.change(connection, key, state=state, decided_at=now, looked_at=now, changed_at=now)
        tell(connection, one, "granted" if granted else "upheld", {"words": wish.words}, now=now)
        given = given_by(person, wish.given, wish.words)
        return undoing.note(connection, wish.choice, concerned, given, change=change, now=now), of_peer and granted
