"""Why a record is not public any more, which other catalogues are told with its withdrawal."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, exists, select

from catalog.rules.decision import GROUNDS, SHOW, TAKING_BACK, TAKING_OUT
from catalog.rules.submission import ADOPT, REGISTER, adoption_id
from catalog.store.core.engine import batches
from catalog.tables.core import project
from catalog.tables.moderation import decision
from catalog.tables.submissions import submission, tombstone

WITHDRAWN, OPTED_OUT = "withdrawn", "opted-out"


def grounds(connection: Connection, kind: str, keys: Iterable[UUID]) -> dict[UUID, str]:
    """In the caller's transaction: why each left, as far as more is known than that it was taken back."""
    found: dict[UUID, str] = {}
    taken_out = _taken_out(connection, kind)
    for some in batches(keys):
        if kind == "project":
            opted = select(project.c.id).where(project.c.id.in_(some), project.c.opted_out_at.is_not(None))
            found |= dict.fromkeys(connection.execute(opted).scalars(), OPTED_OUT)
        found |= {key: taken_out[key] for key in some if key in taken_out}
        said = select(tombstone.c.record_id, tombstone.c.ground)
        rows = connection.execute(said.where(tombstone.c.kind == kind, tombstone.c.record_id.in_(some)))
        found |= {row.record_id: row.ground for row in rows}
    return found


def _taken_out(connection: Connection, kind: str) -> dict[UUID, str]:
    """What moderators took out of the catalogue for a reason that followers are told, and did not take back."""
    others = decision.alias("others")
    still_decided = ~exists().where(others.c.kind.in_(TAKING_BACK), others.c.concerns == decision.c.number)
    wanted = (
        select(decision.c.kind, decision.c.reason, decision.c.subject_kind, decision.c.subject_id)
        .add_columns(submission.c.kind.label("sent"), submission.c.project_id, submission.c.organization_id)
        .join(submission, submission.c.id == decision.c.submission_id, isouter=True)
        .where(decision.c.kind.in_((*TAKING_OUT, SHOW)), still_decided)
        .order_by(decision.c.number)
    )
    found: dict[UUID, str | None] = {}
    for row in connection.execute(wanted):
        ground = None if row.kind == SHOW else GROUNDS.get(row.reason)
        if row.sent is None and row.subject_kind == kind:
            found[row.subject_id] = ground
        elif row.sent == REGISTER and kind == "project":
            found[row.project_id] = ground
        elif row.sent == ADOPT and kind == "adoption" and row.project_id and row.organization_id:
            found[adoption_id(row.project_id, row.organization_id)] = ground
    return {key: ground for key, ground in found.items() if ground}
