"""What waits, read from the tables themselves: submissions for a person, jobs for a worker; and counts that a job
keeps."""

from sqlalchemy import func, select

from catalog.rules.submission import WAITING
from catalog.store.core.engine import reading
from catalog.tables.adoptions import unnamed_adopters
from catalog.tables.core import job
from catalog.tables.submissions import submission


def waiting_submissions(store):
    """The submissions that wait for a person, the oldest first."""
    query = select(submission.c.id).where(submission.c.state == WAITING).order_by(submission.c.sent_at, submission.c.id)
    with reading(store.engine) as connection:
        keys = connection.execute(query).scalars().all()
    return tuple(store.submissions.get(key) for key in keys)


def jobs_by_kind(store):
    """How many jobs of each kind are queued."""
    with reading(store.engine) as connection:
        return dict(map(tuple, connection.execute(select(job.c.kind, func.count()).group_by(job.c.kind))))


def next_job_at(store):
    """When the next job can be taken: it is due, or the lease of a worker that died runs out."""
    with reading(store.engine) as connection:
        free = connection.execute(select(func.min(job.c.run_at)).where(job.c.leased_until.is_(None))).scalar()
        leased = connection.execute(select(func.min(job.c.leased_until))).scalar()
    return min((time for time in (free, leased) if time is not None), default=None)


def unnamed_users(store, project_id):
    """The least number of groups that use a project without being named, as counted last; None below five."""
    query = select(unnamed_adopters.c.least).where(unnamed_adopters.c.project_id == project_id)
    with reading(store.engine) as connection:
        return connection.execute(query).scalar()
