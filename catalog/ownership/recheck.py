"""What is looked at again each day of who was let in, whatever became of its errands: proofs, and addresses that let
somebody speak for an organization when they were first used. It looks at no file and no domain: errands do.
"""

from datetime import datetime

from catalog.ownership import verify
from catalog.rules.verification import ABSENT, ADDRESS, ORGANIZATION, PROJECT, PROVEN, ProofOutcome
from catalog.store import Store
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.documents import overrides
from catalog.store.mirrors import verification_jobs
from catalog.store.ownership import verifications


def tend(store: Store, *, now: datetime) -> None:
    """Proofs that lost their job are looked at again; who was invited goes with the last who proved it; a voice
    that nobody keeps any more is one of many; an address that is at the domain of its organization's website no more
    is a lost proof like any other."""
    with changing(store.engine) as (connection, change):
        verifications.plan(connection)
        verifications.alone(connection, ORGANIZATION)
        verifications.alone(connection, PROJECT)
        alone = [
            key for key in overrides.projects_with_own_values(connection) if not verifications.inside(connection, key)
        ]
        if alone:
            change()
            for key in alone:
                overrides.demote_own_values(connection, key, None, change=change, now=now)
        _addresses(connection, change, now)


def _addresses(connection: Connection, change: PublicChange, now: datetime) -> None:
    for representative in verification_jobs.verified_by_address_only(connection):
        if verify.judged(
            representative.email, verifications.subject(connection, ORGANIZATION, representative.organization_id)
        ):
            continue
        change()
        begun = verifications.begin(
            connection,
            representative.person_id,
            ORGANIZATION,
            representative.organization_id,
            ADDRESS,
            representative.language,
            representative.since,
        )
        verifications.note(
            connection, begun, ProofOutcome(PROVEN, None), detail={}, reason=None, now=representative.since
        )
        held = verifications.held(connection, begun.id)
        verify.settle_held(connection, held, ABSENT, change, detail={}, reason=None, now=now)
