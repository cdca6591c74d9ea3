"""Decisions on findings, projects and organizations: whether code is shown, whether a record is. Each is one
transaction: what is decided, the record that changes, the line of the public log and the change counter are kept
together or not at all.
"""

from datetime import datetime

from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import RECORD, OutcomeTransaction
from catalog.moderation.outcomes.decision_form import NOT_NOW, DecisionRequest, problems
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.decision import BLANK, CLOSE, HIDE, SERVE, possible_decisions, serving_basis
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.moderation import findings
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.store import Store


def decide(
    store: Store,
    person: Person | None,
    slug: str,
    wish: DecisionRequest,
    *,
    kind: str = PROJECT,
    finding: int | None = None,
    now: datetime,
) -> int:
    """Decide on a project, an organization, or a finding about a project; the number of the line in the log. Without a
    person the operator decides at the command line, who may also give what is hidden another reason.

    Raises NotFound; NotAllowed where the person may not, or has a conflict of interest (CONFLICT); Invalid as
    `problems` says; AlreadyExists("decision", "") when the finding was decided on meanwhile, or closed by itself.
    """
    if person is not None:
        permissions.demand(person, f"desk-{kind}-decide" if finding is None else "desk-case-decide")
    with changing(store.engine) as (connection, change):
        key = moderation_log.subject(connection, kind, slug=slug).id
        moderation_log.hold(connection, key)
        change()  # from here on nobody else decides or ends a visit of this project
        about = moderation_log.subject(connection, kind, key=key)
        if person is not None and own(connection, person, key):
            raise NotAllowed(CONFLICT)
        matter = findings.matter(connection, finding) if finding else None
        if matter and matter.project_id != key:
            raise NotFound("finding", str(finding))
        if matter and (matter.done_at is not None or about.state.hidden):
            raise AlreadyExists("decision", "")
        possible = offered(about, matter.kind if matter else None)
        wrong = problems(wish, possible if person else (*possible, HIDE))
        if wish.choice in (SERVE, CLOSE) and wish.seen != serving_basis(about.observation):
            wrong["choice"] = NOT_NOW
        if wrong:
            raise Invalid(wrong)
        if matter and wish.choice != HIDE:  # of what is hidden nothing waits; it does again when it is shown
            findings.close(connection, matter.number, now=now, outcome=wish.choice)
        act = OutcomeTransaction(connection, change, now, person, wish, about=about, key=matter.key if matter else "")
        before = OUTCOMES[RECORD, wish.choice].apply(act)
        moderation_log.touch(about, change)
        return moderation_log.append(
            connection,
            wish.choice,
            about,
            given_by(person, wish.given, wish.words),
            finding=matter.kind if matter else None,
            finding_id=matter.number if matter else None,
            before=before,
            now=now,
        )


def blank(store: Store, number: int, *, now: datetime) -> int:
    """Take the text of a line out of the log, since the law asks for it; the number of the line that says so.

    Raises NotFound; AlreadyExists("decision", number) when it has no text any more.
    """
    with changing(store.engine) as (connection, change):
        change()
        line = moderation_log.written(connection, number).line
        if line.blanked:
            raise AlreadyExists("decision", str(number))
        nameless = Subject(line.subject_id, "", "", moderation_log.NOTHING, kind=line.subject_kind)
        moderation_log.take_out(connection, number)
        moderation_log.touch(nameless, change)
        return moderation_log.append(
            connection,
            BLANK,
            nameless,
            given_by(None, "law", ""),
            concerns=number,
            now=now,
        )


def offered(about: Subject, finding: str | None = None) -> tuple[str, ...]:
    """What may be decided about a record now, or about a finding of this kind. What an organization took back itself is
    nobody else's to show."""
    if about.kind == ORGANIZATION and about.state.hidden and about.takedown is None:
        return ()
    return possible_decisions(about.state, finding)
