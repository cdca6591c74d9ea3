"""Numbers for monitoring: how many rows of each kind and state there are, since when submissions, jobs and messages
wait, when something was last written. No names and nothing about a single record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, text

from catalog.rules.submission import WAITING
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import job, mirror, organization, project, visit
from catalog.tables.federation import peer
from catalog.tables.moderation import decision
from catalog.tables.people import message
from catalog.tables.submissions import submission

RECENT_VISITS = 1_000  # by which the outcomes of visits are told
MAIL = "mail"  # the kind of job that `catalog.store.people.mail_queue` queues
RUNNING, FAILED, DUE, LATER = "running", "failed", "due", "later"
_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


@dataclass(frozen=True)
class MailFigures:
    """`waiting` messages, the longest of them since `since`; of them `failing` were refused or found no server."""

    waiting: int
    since: datetime | None
    failing: int
    error: str | None  # of one of them
    sent_at: datetime | None  # when a message last went out, or was laid into the outbox


@dataclass(frozen=True)
class MetricsSnapshot:
    """Numbers of the present moment. `jobs` by kind and state; `waiting_since`: when the submission was sent that waits
    longest."""

    jobs: Mapping[tuple[str, str], int]
    mirrors: Mapping[str, int]
    projects: Mapping[bool, int]  # by whether they are free software
    organizations: int
    waiting: int
    waiting_since: datetime | None
    peers: Mapping[str, int]
    database_bytes: int
    due_since: datetime | None  # since when the job waits that is due for longest
    visits: int  # so far
    recent_visits: Mapping[str, int]  # the last RECENT_VISITS, by their outcome
    mail: MailFigures
    peer_failures: int  # catalogues whose last visit took nothing over


class Metrics(DatabasePart):
    def now(self, now: datetime) -> MetricsSnapshot:
        """The numbers of the present moment; projects and organizations are those that everybody may see."""
        state = case(
            (job.c.leased_until >= now, RUNNING),
            (job.c.error.is_not(None), FAILED),
            (job.c.run_at <= now, DUE),
            else_=LATER,
        )
        with reading(self._engine) as connection:

            def counted(column: Any) -> dict[str, int]:
                return {
                    value: number for value, number in connection.execute(select(column, func.count()).group_by(column))
                }

            def how_many(table: Any, condition: Any) -> int:
                return int(connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one())

            job_states = select(job.c.kind, state.label("state")).subquery()
            jobs = select(job_states.c.kind, job_states.c.state, func.count()).group_by(
                job_states.c.kind, job_states.c.state
            )
            waits = submission.c.state == WAITING
            return MetricsSnapshot(
                jobs={(kind, how): number for kind, how, number in connection.execute(jobs)},
                mirrors=counted(mirror.c.state),
                projects={
                    free: how_many(project, and_(OPEN, project.c.context_only.is_(not free))) for free in (True, False)
                },
                organizations=how_many(organization, VISIBLE),
                waiting=how_many(submission, waits),
                waiting_since=connection.execute(select(func.min(submission.c.sent_at)).where(waits)).scalar(),
                peers=counted(peer.c.state),
                database_bytes=int(connection.execute(text(_SIZE[self._engine.dialect.name])).scalar_one()),
                due_since=connection.execute(select(func.min(job.c.run_at)).where(_is_due(now))).scalar(),
                visits=int(connection.execute(select(func.max(visit.c.id))).scalar() or 0),
                recent_visits=_recent_visits(connection),
                mail=_mail_figures(connection),
                peer_failures=how_many(peer, peer.c.failures > 0),
            )

    def mail(self) -> MailFigures:
        """The numbers of messages alone."""
        with reading(self._engine) as connection:
            return _mail_figures(connection)

    def due_since(self, now: datetime) -> datetime | None:
        """Since when the job waits that is due for longest; None where none waits."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.min(job.c.run_at)).where(_is_due(now))).scalar()

    def last_written_at(self) -> datetime | None:
        """The latest time that anything here was written at, by the clock of then."""
        columns = (
            *(project.c.changed_at, organization.c.changed_at, submission.c.changed_at, decision.c.at),
            *(message.c.created_at, mirror.c.last_visit_at, peer.c.visited_at),
        )
        with reading(self._engine) as connection:
            times = [connection.execute(select(func.max(column))).scalar() for column in columns]
        return max((time for time in times if time is not None), default=None)


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Whether a job could be taken now."""
    return and_(job.c.run_at <= now, or_(job.c.leased_until.is_(None), job.c.leased_until < now))


def _recent_visits(connection: Connection) -> dict[str, int]:
    recent = select(visit.c.outcome).order_by(visit.c.id.desc()).limit(RECENT_VISITS).subquery()
    counted = select(recent.c.outcome, func.count()).group_by(recent.c.outcome)
    return {outcome: number for outcome, number in connection.execute(counted)}


def _mail_figures(connection: Connection) -> MailFigures:
    waits = and_(message.c.sent_at.is_(None), message.c.email.is_not(None))
    waiting, since = connection.execute(select(func.count(), func.min(message.c.created_at)).where(waits)).one()
    failed = and_(job.c.kind == MAIL, job.c.error.is_not(None))
    failing, error = connection.execute(select(func.count(), func.max(job.c.error)).where(failed)).one()
    sent_at = connection.execute(select(func.max(message.c.sent_at))).scalar()
    return MailFigures(int(waiting), since, int(failing), error, sent_at)
