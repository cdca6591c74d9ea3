"""Checks every day, by rows alone, who may still act for a record, whatever became of the jobs that look at files and
domains. Addresses are rows: whether they are at the domain of the record's website is known here.
"""

from datetime import datetime

from catalog.ownership import methods, verify
from catalog.record_kind import PROJECT
from catalog.rules.verification import ABSENT
from catalog.store.core.public_changes import changing
from catalog.store.documents import own_values
from catalog.store.ownership import memberships, verifications
from catalog.store.ownership.subjects import subject
from catalog.store.store import Store


def tend(store: Store, *, now: datetime) -> None:
    """Check again verifications that lost their job; an address that is no longer at the domain of its record's website
    is lost; invited members are removed with the last verified one; what nobody verified states any more is a
    submission like any other."""
    with changing(store.engine) as (connection, change):
        verifications.plan(connection)
        memberships.remove_left_alone(connection)
        for verification in verifications.verified_by_address(connection):
            email, _ = verifications.email_of(connection, verification.person_id)
            if not methods.is_at_domain(email, subject(connection, verification.kind, verification.record_id)):
                change()
                verify.settle_held(connection, verification, ABSENT, change, detail={}, reason="no-place", now=now)
        silent = [
            key
            for key in own_values.projects_with_own_values(connection)
            if not memberships.roles_of_members(connection, PROJECT, key)
        ]
        if silent:
            change()
            for key in silent:
                own_values.demote_own_values(connection, key, None, change=change, now=now)
