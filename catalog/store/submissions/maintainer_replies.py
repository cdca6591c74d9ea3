"""What the makers of a project answer beside its facts, as rows: public at once, reviewed later.
`catalog.ownership.verify` decides who may answer.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.visibility import CLOSED
from catalog.tables.ownership import maintainer_reply


@dataclass(frozen=True)
class MaintainerReply:
    number: int
    field: str
    language: str
    text: str
    at: datetime


class MaintainerReplies(DatabasePart):
    def of_project(self, project_id: UUID) -> dict[str, MaintainerReply]:
        """What the makers answer, by field."""
        query = select(*(maintainer_reply.c[name] for name in ("id", "field", "language", "text", "at"))).where(
            maintainer_reply.c.project_id == project_id,
            maintainer_reply.c.ended_at.is_(None),
            maintainer_reply.c.project_id.not_in(CLOSED),
        )
        with reading(self._engine) as connection:
            return {
                row.field: MaintainerReply(*row) for row in connection.execute(query.order_by(maintainer_reply.c.id))
            }


def add_reply(
    connection: Connection, project_id: UUID, *, person_id: UUID, field: str, language: str, text: str, now: datetime
) -> None:
    """In the caller's transaction: what the makers answer beside a field from now on."""
    retract(connection, project_id, field, now)
    row = {"project_id": project_id, "person_id": person_id, "field": field, "language": language, "text": text}
    connection.execute(maintainer_reply.insert().values(**row, at=now))


def retract(connection: Connection, project_id: UUID, field: str, now: datetime) -> bool:
    """In the caller's transaction: what was answered beside a field is over; whether anything was."""
    mine = (
        (maintainer_reply.c.project_id == project_id)
        & (maintainer_reply.c.field == field)
        & maintainer_reply.c.ended_at.is_(None)
    )
    return bool(connection.execute(update(maintainer_reply).where(mine).values(ended_at=now)).rowcount)
