"""Numbers for monitoring: how many rows of each kind and state there are, and since when submissions wait. No names and
nothing about a single record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, case, func, select, text, true

from catalog.rules.open_catalog import BUNDLES, CATALOGS, PUBLISHERS, SOFTWARE
from catalog.rules.submission import WAITING
from catalog.store.core.engine import reading
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import job, mirror, organization, project
from catalog.tables.federation import peer
from catalog.tables.opencatalog import (
    posted_bundle,
    posted_catalog,
    posted_event,
    posted_log,
    posted_publisher,
    posted_software,
    posted_webhook,
)
from catalog.tables.submissions import declaration

RUNNING, FAILED, DUE, LATER = "running", "failed", "due", "later"
_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


_OUTCOME = case(
    (posted_webhook.c.outcome.is_(None), "none"),
    (posted_webhook.c.outcome.like("2__"), "answered"),
    else_="failed",
)


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
    posted: Mapping[str, int]  # by crawlers, by the word that the Open Catalog API has for them
    webhooks: Mapping[str, int]  # by how the last call of each ended
    database_bytes: int


class Metrics:
    def __init__(self, engine: Engine):
        self._engine = engine

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
            waits = declaration.c.state == WAITING
            return MetricsSnapshot(
                jobs={(kind, how): number for kind, how, number in connection.execute(jobs)},
                mirrors=counted(mirror.c.state),
                projects={
                    free: how_many(project, and_(OPEN, project.c.context_only.is_(not free))) for free in (True, False)
                },
                organizations=how_many(organization, VISIBLE),
                waiting=how_many(declaration, waits),
                waiting_since=connection.execute(select(func.min(declaration.c.sent_at)).where(waits)).scalar(),
                peers=counted(peer.c.state),
                posted={
                    kind: how_many(table, true())
                    for kind, table in (
                        (SOFTWARE, posted_software),
                        (PUBLISHERS, posted_publisher),
                        (CATALOGS, posted_catalog),
                        (BUNDLES, posted_bundle),
                        ("logs", posted_log),
                        ("events", posted_event),
                    )
                },
                webhooks=counted(_OUTCOME),
                database_bytes=int(connection.execute(text(_SIZE[self._engine.dialect.name])).scalar_one()),
            )
