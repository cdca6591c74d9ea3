"""Renewing, answering and ending a published call.

Each is one transaction. Allowed to the person who sent it, to maintainers of its project and representatives of its
organization, and to moderators.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import CatalogError, Invalid, NotAllowed, NotFound
from catalog.rules.call import ANSWERED, ENDED, LIFETIME, OPEN, WITHDRAWN, Call
from catalog.rules.person import Person
from catalog.store.calls import call_rows
from catalog.store.calls import queries as call_queries
from catalog.store.core.engine import Connection, reading
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.projects.slugs import open_project
from catalog.store.store import Store
from catalog.submissions.base import validation as base_validation

NO_ANSWER = "Write what answers it, or choose the project that does"
NO_SUCH_PROJECT = "Enter the address of a project’s page here, or its last part"
SENTENCES = (NO_ANSWER, NO_SUCH_PROJECT)


def may_tend(store: Store, call: Call, person: Person | None) -> bool:
    """Whether they may renew, end or answer it."""
    if person is None:
        return False
    with reading(store.engine) as connection:
        return _may_tend(connection, call, person)


def renew(store: Store, reference: str, person: Person, *, now: datetime) -> None:
    """Open a call for six months from now, also when it had ended. Where the account of its sender is gone, answers go
    to the person who renews it. Raises NotFound, NotAllowed."""

    def write(connection: Connection, call: Call, change: PublicChange) -> None:
        if call.state in (OPEN, ENDED):
            sender = call_rows.sender_id(connection, call.id) or person.id
            again = {
                "state": OPEN,
                "ends_at": now + LIFETIME,
                "ended_at": None,
                "reminded_at": None,
                "person_id": sender,
            }
            call_rows.change_call(connection, call, change=change, **again)

    _tended(store, reference, person, write)


def end(store: Store, reference: str, person: Person, *, now: datetime) -> None:
    """End a call without an answer; a second time changes nothing. Raises NotFound, NotAllowed."""

    def write(connection: Connection, call: Call, change: PublicChange) -> None:
        if call.state == OPEN:
            call_rows.change_call(connection, call, change=change, state=ENDED, ended_at=now)

    _tended(store, reference, person, write)


def answer(
    store: Store,
    reference: str,
    person: Person,
    *,
    words: str,
    slug: str,
    language: str,
    now: datetime,
) -> None:
    """Mark a call as answered, by a project of the catalogue or as the words say.

    Raises NotFound, NotAllowed; Invalid: text, project.
    """
    wrong = base_validation.words({"text": words}, {}, "text")
    if not words.strip() and not slug:
        wrong["text"] = NO_ANSWER

    def write(connection: Connection, call: Call, change: PublicChange) -> None:
        call_id = _project(connection, slug) if slug else None
        if slug and call_id is None:
            wrong["project"] = NO_SUCH_PROJECT
        if wrong:
            raise Invalid(wrong)
        if call.state not in (OPEN, ENDED):
            return
        entry: dict[str, Any] = {"at": now.isoformat(timespec="seconds"), "language": language}
        if words.strip():
            entry["text"] = words.strip()
        if call_id is not None:
            entry["project"] = str(call_id)
        record = {**call.record, "answer": entry}
        call_rows.change_call(connection, call, change=change, state=ANSWERED, ended_at=now, record=record)

    _tended(store, reference, person, write)


def _tended(
    store: Store,
    reference: str,
    person: Person,
    write: Callable[[Connection, Call, PublicChange], None],
) -> None:
    with changing(store.engine) as (connection, change):
        change()
        call = call_queries.call_by_reference(connection, reference, hold=True)
        if call.state == WITHDRAWN:
            raise NotFound("call", reference)
        if not _may_tend(connection, call, person):
            raise NotAllowed("call-manage")
        write(connection, call, change)


def _may_tend(connection: Connection, call: Call, person: Person) -> bool:
    if person.role is not None or call_rows.sender_id(connection, call.id) == person.id:
        return True
    return call.project_id in person.maintained_projects or call.organization_id in person.represented_organizations


def _project(connection: Connection, slug: str) -> UUID | None:
    try:
        project_id: UUID = open_project(connection, slug).id
    except CatalogError:
        return None
    return project_id
