"""Webhooks of projects: maintainers create them, and a push makes the next visit due. Callers check signatures.

The secret is not stored: `forge` derives it from the instance's secret and the row's nonce. So a stolen copy of the
database cannot sign a push.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, or_, select, update

from catalog.rules.person import Person
from catalog.store.core.engine import insert, reading, writing
from catalog.store.core.jobs import enqueue, run_sooner
from catalog.store.core.visibility import UNBLOCKED
from catalog.store.mirrors.rows import visit_key
from catalog.tables.core import former_slug, job, project
from catalog.tables.follows import push_webhook

PAUSE = timedelta(minutes=1)  # between two visits that pushes ask for
AFTER_RUNNING_VISIT = timedelta(minutes=2)  # where a visit is running, which may have read the refs before the push
PUSH_WEBHOOK_JOB = "push-webhook"


@dataclass(frozen=True)
class PushWebhook:
    project_id: UUID
    nonce: str
    since: datetime
    used_at: datetime | None


class PushWebhooks:
    def __init__(self, engine: Engine):
        self._engine = engine

    def make(self, someone: Person, project_id: UUID, *, now: datetime) -> PushWebhook:
        """Create a webhook with a new secret; an earlier secret is not valid any more."""
        nonce = secrets.token_hex(32)
        values = {"nonce": nonce, "person_id": someone.id, "since": now, "used_at": None}
        with writing(self._engine) as connection:
            statement = insert(connection, push_webhook).values(project_id=project_id, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["project_id"], set_=values))
        return PushWebhook(project_id, nonce, now, None)

    def delete(self, project_id: UUID) -> None:
        """Delete the webhook of a project."""
        with writing(self._engine) as connection:
            connection.execute(delete(push_webhook).where(push_webhook.c.project_id == project_id))

    def of_project(self, project_id: UUID) -> PushWebhook | None:
        with reading(self._engine) as connection:
            row = connection.execute(_SELECT_HOOK.where(push_webhook.c.project_id == project_id)).first()
        return PushWebhook(*row) if row else None

    def by_slug(self, slug: str) -> PushWebhook | None:
        """The webhook of a project that is not blocked, also by a former slug: forges go on sending to the old
        address."""
        earlier = select(former_slug.c.record_id).where(former_slug.c.kind == "project", former_slug.c.slug == slug)
        here = _SELECT_HOOK.join(project, project.c.id == push_webhook.c.project_id)
        wanted = here.where(UNBLOCKED, or_(project.c.slug == slug, project.c.id.in_(earlier)))
        with reading(self._engine) as connection:
            row = connection.execute(wanted.order_by((project.c.slug == slug).desc()).limit(1)).first()
        return PushWebhook(*row) if row else None

    def trigger_visit(self, project_id: UUID, *, now: datetime) -> bool:
        """Make the visit of the project's mirror due now; False, and nothing changes, within a minute of the last
        time."""
        with writing(self._engine) as connection:
            free = or_(push_webhook.c.used_at.is_(None), push_webhook.c.used_at <= now - PAUSE)
            this = update(push_webhook).where(push_webhook.c.project_id == project_id, free).values(used_at=now)
            if connection.execute(this).rowcount != 1:
                return False
            run_sooner(connection, visit_key(project_id), run_at=now)
            if _is_visit_running(connection, project_id):
                argument = {"project": str(project_id)}
                enqueue(
                    connection,
                    PUSH_WEBHOOK_JOB,
                    f"{PUSH_WEBHOOK_JOB}:{project_id}",
                    argument,
                    run_at=now + AFTER_RUNNING_VISIT,
                )
            return True

    def retry_visit(self, project_id: UUID, *, now: datetime) -> bool:
        """Make the next visit due now, after one that was running when a push came. False while it is still running."""
        with writing(self._engine) as connection:
            if _is_visit_running(connection, project_id):
                return False
            run_sooner(connection, visit_key(project_id), run_at=now)
            return True


def _is_visit_running(connection: Connection, project_id: UUID) -> bool:
    leased = select(job.c.leased_until).where(job.c.key == visit_key(project_id))
    return connection.execute(leased).scalar() is not None


_SELECT_HOOK = select(*(push_webhook.c[name] for name in PushWebhook.__dataclass_fields__))
