"""Delete an account: the person's rows, and their name wherever it is shown as helping with a project."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, select

from catalog.errors import Invalid
from catalog.record_kind import ORGANIZATION
from catalog.store.adoptions.adoption_rows import update_listing
from catalog.store.calls import call_rows
from catalog.store.contributors import contributor_rows
from catalog.store.core.public_changes import changing, lock_changes
from catalog.store.ownership import memberships, verifications
from catalog.store.people import personal_data
from catalog.store.people.accounts import last_administrator
from catalog.tables.people import person


class AccountErasure:
    def __init__(self, engine: Engine):
        self._engine = engine

    def delete(self, person_id: UUID, *, now: datetime) -> None:
        """Delete the address and all that it gave access to; what organizations stated stays theirs. Their open needs
        end: nobody would get what is written to them.

        Raises Invalid for the last administrator: nobody could be invited any more.
        """
        with changing(self._engine) as (connection, change):
            lock_changes(connection)  # before the person, whom transactions that count may wait for
            row = connection.execute(select(person).where(person.c.id == person_id).with_for_update()).first()
            if row is None:
                return
            if row.email == last_administrator(connection):
                raise Invalid({"account": "You are the last administrator. Invite another one first."})
            contributor_rows.withdraw_names_of_person(connection, person_id, change=change)
            for kind, keys in verifications.records_verified_by(connection, person_id).items():
                change.touch(kind, *keys)
            represented = memberships.records_of_person(connection, ORGANIZATION, person_id)
            change.touch_askable(represented)
            call_rows.end_calls_of(connection, person_id, change=change, now=now)
            personal_data.erase_person(connection, row)
            for organization_id in represented:  # one that was listed for its verification alone is so no more
                update_listing(connection, organization_id, change)
