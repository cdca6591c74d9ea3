"""Experiences and calls of other catalogues are shown: those that came before come again, and are read by rules now.
Words of lists never came, so that nothing is decided of them any more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    record = sa.table("foreign_record", sa.column("peer_id", sa.Uuid()), sa.column("kind", sa.String()))
    peer = sa.table(
        "peer", sa.column("id", sa.Uuid()), sa.column("decisions", sa.JSON()), sa.column("taken", sa.Integer())
    )
    connection = op.get_bind()
    words = record.c.kind.in_(("experience", "call", "term"))
    homes = sa.select(record.c.peer_id).where(words).distinct()
    connection.execute(sa.update(peer).where(peer.c.id.in_(homes)).values(taken=None))
    connection.execute(sa.delete(record).where(words))
    for key, decisions in connection.execute(sa.select(peer.c.id, peer.c.decisions)).all():
        if "term" in decisions:
            kept = {kind: choice for kind, choice in decisions.items() if kind != "term"}
            connection.execute(sa.update(peer).where(peer.c.id == key).values(decisions=kept))
    calls = sa.column("kind") == sa.literal_column("'call'")
    op.create_index(
        "ix_foreign_record_call", "foreign_record", ["id"], unique=False, sqlite_where=calls, postgresql_where=calls
    )
