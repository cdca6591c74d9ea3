"""What we state to other catalogues beside our records: whom we follow. The publisher writes it."""

from sqlalchemy import Connection, select

from catalog.exchange.statements import FollowedInstance
from catalog.rules.peer import VISITED_STATES
from catalog.tables.federation import peer


def followed(connection: Connection) -> tuple[FollowedInstance, ...]:
    """In the caller's transaction: the catalogues that are followed here, by identity, and the number up to which all
    that each withdrew is erased here."""
    wanted = select(peer.c.instance_id, peer.c.erased_through).where(
        peer.c.state.in_(VISITED_STATES), peer.c.root.is_not(None)
    )
    rows = connection.execute(wanted).all()
    return tuple(
        FollowedInstance(row.instance_id, row.erased_through)
        for row in sorted(rows, key=lambda row: str(row.instance_id))
    )
