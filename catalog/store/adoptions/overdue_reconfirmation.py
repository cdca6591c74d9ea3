"""Findings for moderators of public adoptions that nobody reconfirmed for two years: one finding a project, with the
ids of the organizations. Adoptions that are not public are left out.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select, tuple_, update

from catalog.rules.fact import DECLARED
from catalog.rules.submission import ADOPT, PUBLISHED
from catalog.store.core.cases import CLOSED, FINDING, OPEN
from catalog.store.core.engine import batches
from catalog.store.core.visibility import PUBLIC
from catalog.store.ownership.memberships import REPRESENTS
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization
from catalog.tables.moderation import case
from catalog.tables.ownership import membership
from catalog.tables.submissions import submission

OVERDUE_FINDING = "use-stale"  # the kind of the finding
MOST_IN_A_FINDING = 50  # organizations in one finding; more make another one

_OVERDUE = and_(adoption.c.origin == DECLARED, PUBLIC, adoption.c.overdue_noted_at.is_not(None))
_OPEN_FINDINGS = (case.c.kind == OVERDUE_FINDING, case.c.state == OPEN)
_ASKABLE = or_(
    adoption.c.organization_id.in_(select(membership.c.record_id).where(REPRESENTS)),
    select(submission.c.id)
    .where(
        submission.c.kind == ADOPT,
        submission.c.state == PUBLISHED,
        submission.c.project_id == adoption.c.project_id,
        submission.c.organization_id == adoption.c.organization_id,
        submission.c.email.is_not(None),
    )
    .exists(),
)


def add_findings(connection: Connection, uses: Sequence[tuple[int, UUID, UUID]], *, now: datetime) -> None:
    """In the caller's transaction: add findings of these adoptions (row, project, organization), each once."""
    projects: dict[UUID, list[str]] = {}
    for _, project_id, organization_id in uses:
        projects.setdefault(project_id, []).append(str(organization_id))
    for project_id, keys in projects.items():
        this = (case.c.subject_id == project_id, *_OPEN_FINDINGS)
        row = connection.execute(select(case.c.id, case.c.payload).where(*this)).first()
        if row is not None and len(row.payload["uses"]) + len(keys) <= MOST_IN_A_FINDING:
            payload = {"uses": [*row.payload["uses"], *keys]}
            connection.execute(update(case).where(case.c.id == row.id).values(payload=payload))
            continue
        for start in range(0, len(keys), MOST_IN_A_FINDING):
            values = {
                "source": FINDING,
                "from_people": False,
                "kind": OVERDUE_FINDING,
                "key": f"{now.isoformat()} {start}",
                "payload": {"uses": keys[start : start + MOST_IN_A_FINDING]},
                "state": OPEN,
            }
            connection.execute(case.insert().values(subject_id=project_id, since=now, **values))
    for batch in batches([key for key, _, _ in uses]):
        connection.execute(update(adoption).where(adoption.c.id.in_(batch)).values(overdue_noted_at=now))


def close_findings(connection: Connection, *, now: datetime) -> None:
    """In the caller's transaction: close findings whose adoptions were reconfirmed, withdrawn or hidden since."""
    waiting = connection.execute(select(case.c.id, case.c.subject_id, case.c.payload).where(*_OPEN_FINDINGS)).all()
    pairs = [(row.subject_id, UUID(key)) for row in waiting for key in row.payload["uses"]]
    overdue: set[tuple[UUID, UUID]] = set()
    for batch in batches(pairs):
        mine = tuple_(adoption.c.project_id, adoption.c.organization_id).in_(batch)
        wanted = select(adoption.c.project_id, adoption.c.organization_id).where(_OVERDUE, mine)
        overdue |= {(row.project_id, row.organization_id) for row in connection.execute(wanted)}
    for row in waiting:
        if not any((row.subject_id, UUID(key)) in overdue for key in row.payload["uses"]):
            connection.execute(update(case).where(case.c.id == row.id).values(state=CLOSED, closed_at=now))


def overdue_adoptions(connection: Connection, project_id: UUID, keys: Sequence[str]) -> list[dict[str, Any]]:
    """In the caller's transaction: name, slug, the day of its last confirmation, and whether anybody can be asked, of
    those of these organizations whose adoption is still overdue."""
    wanted = (
        select(organization.c.name, organization.c.slug, adoption.c.confirmed_at, _ASKABLE.label("askable"))
        .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
        .where(_OVERDUE, adoption.c.project_id == project_id)
        .where(adoption.c.organization_id.in_([UUID(key) for key in keys]))
        .order_by(organization.c.folded)
    )
    return [
        {"name": row.name, "slug": row.slug, "said": row.confirmed_at.date().isoformat(), "askable": bool(row.askable)}
        for row in connection.execute(wanted)
    ]
