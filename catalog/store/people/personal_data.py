"""All data about one person: read into a file for that person alone, and erased. It follows the schema, so that a table
which is added later is in both from its first day.

A row is about a person when it names them by a foreign key or by their address. What signs somebody in, what counts for
limits and what others may not know is left out of the file, by the names below.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, ColumnElement, Connection, Row, String, Table, Text, delete, or_, select, update

from catalog.rules.submission import DRAFT, EXPIRED, OPEN_STATES, SENT, WITHDRAWN
from catalog.store.core import cases
from catalog.tables.core import job, metadata
from catalog.tables.people import message, message_link, person
from catalog.tables.submissions import remark, submission

EMAIL = "email"
# Columns that are in no file: digests and secrets that sign in, keyed digests, messages to others.
LEFT_OUT = {
    "session.id": "the digest of what a cookie holds",
    "message_link.id": "the digest of what a message's link holds",
    "message_link.argument": "what a link does, such as an invitation by others",
    "message.argument": "holds what opens a door",
    "submission.token": "the digest of what its secret link holds",
    "submission.network": "a keyed digest that tells nobody anything",
    "decision.salt": "keeps the text of a public line from being guessed",
    "decision.finding_id": "a number of a table of ours",
}
_SECRET_COLUMN = re.compile(r"(^|_)(token|nonce|salt|digest)($|_)")  # of tables that come later


def tables_about_persons() -> Iterator[tuple[Table, tuple[Column[Any], ...]]]:
    """Every table whose rows may be about a person, except `person`, with the columns that name them."""
    for table in metadata.sorted_tables:
        person_columns = tuple(column for column in table.columns if _names_person(column))
        if person_columns and table is not person:
            yield table, person_columns


def is_left_out(column: Column[Any]) -> bool:
    """Whether a column is left out of the file."""
    return f"{column.table.name}.{column.name}" in LEFT_OUT or bool(_SECRET_COLUMN.search(column.name))


def data_of_person(connection: Connection, someone: Row[Any]) -> dict[str, list[dict[str, Any]]]:
    """The rows about a person, by table; JSON-safe."""
    by_table = {}
    for table, person_columns in tables_about_persons():
        columns = [column for column in table.columns if not is_left_out(column) and column not in person_columns]
        rows = connection.execute(select(*columns).where(_is_about(person_columns, someone))).all() if columns else []
        by_table[table.name] = [{name: _as_json(value) for name, value in row._mapping.items()} for row in rows]
    by_table[remark.name] = _remarks_to(connection, someone)
    return by_table


def _remarks_to(connection: Connection, someone: Row[Any]) -> list[dict[str, Any]]:
    """The remarks on their submissions, as their pages show them."""
    mine = or_(submission.c.person_id == someone.id, submission.c.email == someone.email)
    query = (
        select(submission.c.reference, remark.c.at, remark.c.voice, remark.c.text)
        .join(submission, submission.c.id == remark.c.submission_id)
        .where(mine)
        .order_by(remark.c.at, remark.c.id)
    )
    return [{name: _as_json(value) for name, value in row._mapping.items()} for row in connection.execute(query)]


def erase_person(connection: Connection, someone: Row[Any]) -> None:
    """In the caller's transaction: delete the person, and their address from every row about them.

    What they began ends; what was published stays, without them.
    """
    mine = or_(submission.c.person_id == someone.id, submission.c.email == someone.email)
    connection.execute(delete(submission).where(mine, submission.c.state.in_((DRAFT, SENT, EXPIRED, WITHDRAWN))))
    connection.execute(update(submission).where(mine, submission.c.state.in_(OPEN_STATES)).values(state=WITHDRAWN))
    cases.follow(connection, mine)
    theirs = remark.c.submission_id.in_(select(submission.c.id).where(mine))
    _remove_address_in_rows(connection, remark, theirs, someone.email)
    for table, person_columns in tables_about_persons():
        _remove_address_in_rows(connection, table, _is_about(person_columns, someone), someone.email)
    # A mail server's refusal names the address, also where the message's own is forgotten already.
    for table in (message, job):
        _remove_address_in_rows(
            connection, table, table.c.error.contains(someone.email, autoescape=True), someone.email
        )
    invited = message_link.c.argument["by"].as_string() == str(someone.id)  # others, by this person, to a role
    connection.execute(delete(message_link).where(or_(message_link.c.email == someone.email, invited)))
    connection.execute(delete(message).where(message.c.email == someone.email))
    for table, _ in tables_about_persons():
        if EMAIL in table.c and table.c.email.nullable:
            connection.execute(update(table).where(table.c.email == someone.email).values(email=None))
        elif EMAIL in table.c:
            connection.execute(delete(table).where(table.c.email == someone.email))
    connection.execute(delete(person).where(person.c.id == someone.id))


def _names_person(column: Column[Any]) -> bool:
    return column.name == EMAIL or any(key.column is person.c.id for key in column.foreign_keys)


def _is_about(person_columns: tuple[Column[Any], ...], someone: Row[Any]) -> ColumnElement[bool]:
    return or_(*(column == (someone.email if column.name == EMAIL else someone.id) for column in person_columns))


def _remove_address_in_rows(connection: Connection, table: Table, condition: ColumnElement[bool], email: str) -> None:
    """Remove the address from the texts of these rows, however it is written."""
    texts = [
        column
        for column in table.columns
        if isinstance(column.type, JSON | Text | String) and not column.primary_key and column.name != EMAIL
    ]
    keys = list(table.primary_key.columns)
    for row in connection.execute(select(*keys, *texts).where(condition)).all():
        values = row._mapping
        changed = {column.name: _without_address(values[column.name], email) for column in texts}
        changed = {name: value for name, value in changed.items() if value != values[name]}
        if changed:
            this = [key == values[key.name] for key in keys]
            connection.execute(update(table).where(*this).values(**changed))


def _without_address(value: Any, email: str) -> Any:
    """The value without the address. JSON is searched value by value and not as text: there the "n" behind a backslash
    is the end of a line and no letter of an address."""
    if isinstance(value, str):
        return re.sub(re.escape(email), "", value, flags=re.IGNORECASE)
    if isinstance(value, Mapping):
        return {_without_address(key, email): _without_address(entry, email) for key, entry in value.items()}
    if isinstance(value, list):
        return [_without_address(entry, email) for entry in value]
    return value


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
