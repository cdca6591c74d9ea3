"""What is looked at again each day of who was let in, whatever became of its errands: proofs, and addresses that let
somebody speak for an organization when they were first used. It looks at no file and no domain: errands do.
"""

from datetime import datetime

from catalog import keep
from catalog.proofs import ABSENT, ADDRESS, ORGANIZATION, PROJECT, PROVEN, Next
from catalog.store import Store, declared, keeping, rechecks
from catalog.store.database import ChangeNumber, Connection, writing


def tend(store: Store, *, now: datetime) -> None:
    """Proofs that lost their job are looked at again; who was invited goes with the last who proved it; a voice
    that nobody keeps any more is one of many; an address that is at the domain of its organization's website no more
    is a lost proof like any other."""
    with writing(store.engine) as connection:
        keeping.plan(connection)
        keeping.alone(connection, ORGANIZATION)
        keeping.alone(connection, PROJECT)
        alone = [key for key in declared.voiced(connection) if not keeping.inside(connection, key)]
        if alone:
            change = ChangeNumber(connection)
            change()
            for key in alone:
                declared.lower(connection, key, None, change=change, now=now)
        _addresses(connection, now)


def _addresses(connection: Connection, now: datetime) -> None:
    change = ChangeNumber(connection)
    for one in rechecks.let_in_by_address(connection):
        if keep.judged(one.email, keeping.subject(connection, ORGANIZATION, one.organization_id)):
            continue
        change()
        begun = keeping.begin(
            connection, one.person_id, ORGANIZATION, one.organization_id, ADDRESS, one.language, one.since
        )
        keeping.note(connection, begun, Next(PROVEN, None), detail={}, reason=None, now=one.since)
        held = keeping.held(connection, begun.id)
        keep.settle_held(connection, held, ABSENT, change, detail={}, reason=None, now=now)
