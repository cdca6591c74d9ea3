"""Persons with a role for tests of the store. A client that is signed in as one is of `visitors`."""

from sqlalchemy import update
from support.factories.core import NOW
from support.factories.rewriting import rewriting

from catalog.rules.person import Person
from catalog.store.core.engine import reading
from catalog.store.people.accounts import _read_person
from catalog.store.store import Store
from catalog.tables.people import person


def a_person(store: Store, email: str = "bruno@example.org", role: str | None = "moderator") -> Person:
    token = store.people.invite(email, role or "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=NOW)
    if role is None:
        with rewriting(store.engine) as connection:
            connection.execute(update(person).where(person.c.id == someone.id).values(role=None))
    return again(store, someone)


def again(store: Store, someone: Person) -> Person:
    """The person as the next request reads them."""
    with reading(store.engine) as connection:
        found = _read_person(connection, someone.id)
    assert found is not None
    return found
