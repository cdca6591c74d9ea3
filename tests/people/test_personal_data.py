"""All that is kept of a person is in their file and goes with their account: every table of the schema that may hold a
person is filled with a row of theirs, whoever adds it and whenever."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import JSON, Boolean, ForeignKeyConstraint, LargeBinary, Numeric, String, Text, Uuid, select
from support.factories.core import NOW
from support.factories.submissions import begin_draft

from catalog.store.core.engine import reading, writing
from catalog.store.people import personal_data
from catalog.store.people.mail_queue import MAIL
from catalog.tables.all_tables import metadata
from catalog.tables.core import Instant
from catalog.tables.people import message

EMAIL = "ana.silva@example.org"
HOLDERS = {table.name: named for table, named in personal_data.tables_about_persons()}
SAID = f"write to Ana.Silva@Example.org or {EMAIL}"


def a_value(column):
    """Any value that the column takes; texts and JSON hold the address, but for what is public of its own."""
    kind, private = column.type, column.table.name in (*HOLDERS, "remark")
    if isinstance(kind, JSON):
        return {"typed": [SAID, {"more": EMAIL}]} if private else {}
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, Instant):
        return NOW
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, LargeBinary):
        return b""
    if isinstance(kind, Text) or (isinstance(kind, String) and (kind.length or 999) >= len(SAID)):
        return uuid4().hex if column.unique or column.primary_key or not private else SAID
    if isinstance(kind, String):
        return uuid4().hex[: kind.length]
    return uuid4().int % 10**6 + 1


def a_row(connection, table, person_id, made):
    """A row of a table that names the person, and one of each table that it needs."""
    if table.name in made:
        return made[table.name]
    values = {}
    for column in table.columns:
        target = next((key.column for key in column.foreign_keys), None)
        if target is not None and target.table.name == "person":
            values[column.name] = person_id
        elif target is not None:
            values[column.name] = a_row(connection, target.table, person_id, made)[target.name]
        elif column.name == "email":
            values[column.name] = EMAIL
        elif not (column.primary_key and isinstance(column.type, Numeric) and column.autoincrement):
            values[column.name] = a_value(column)
    if table.name == "submission":
        values["state"] = "published"
    made[table.name] = values
    connection.execute(table.insert().values(**values))
    return values


@pytest.fixture
def ana(store):
    token = store.people.invite(EMAIL, "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=NOW)
    made = {}
    with writing(store.engine) as connection:
        for name in HOLDERS:
            a_row(connection, metadata.tables[name], someone.id, made)
        a_row(connection, metadata.tables["remark"], someone.id, made)
    return someone


def whole(store):
    """The database as text."""
    with reading(store.engine) as connection:
        return {
            table.name: "\n".join(str(tuple(row)) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }


def test_every_column_that_names_a_person_is_found_by_its_key():
    """A column called person_id that is no key would be in no file and would outlive the account."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("person_id") or "email" in column.name:
                assert column in HOLDERS.get(table.name, ()) or table.name == "person", f"{table.name}.{column.name}"
        for key in table.constraints:
            if isinstance(key, ForeignKeyConstraint) and key.referred_table.name == "person":
                assert key.ondelete in ("CASCADE", "SET NULL"), f"{table.name} keeps the account from going"


def test_what_is_left_out_of_the_file_is_named_and_exists():
    for name in personal_data.LEFT_OUT:
        table, column = name.split(".")
        assert column in metadata.tables[table].c


def test_the_file_has_a_row_of_every_table_and_nothing_that_opens_a_door(store, ana):
    kept = store.people.everything(ana.id)
    assert {name for name in HOLDERS if not kept[name]} == set()
    assert kept["email"] == EMAIL and kept["role"] == "moderator"
    for table, column in (part.split(".") for part in personal_data.LEFT_OUT):
        assert column not in kept[table][0]
    for name, named in HOLDERS.items():
        assert not {column.name for column in named} & set(kept[name][0])


def test_somebody_else_s_file_holds_nothing_of_it(store, ana):
    token = store.people.invite("bo@example.org", "moderator", "fr", now=NOW)
    bo, _, _ = store.people.sign_in(token, "fr", now=NOW)
    kept = store.people.everything(bo.id)
    assert EMAIL not in json.dumps(kept) and {name for name in HOLDERS if kept[name]} <= {
        "session",
        "message_link",
        "message",
    }


def test_after_the_account_the_address_is_nowhere(store, ana):
    with writing(store.engine) as connection:
        refused = {"kind": "sign-in", "email": None, "language": "fr", "argument": {}, "created_at": NOW}
        connection.execute(message.insert().values(id=uuid4(), error=f"550 <{EMAIL}> no such mailbox", **refused))
    store.jobs.add(MAIL, "mail:x", {}, run_at=NOW)
    (job,) = [
        job for job in store.jobs.lease("t", now=NOW, lease=NOW - NOW, kinds=[MAIL], limit=99) if job.key == "mail:x"
    ]
    store.jobs.failed(job, f"451 <{EMAIL}> later", now=NOW)
    store.account_erasure.delete(ana.id, now=NOW)
    found = {name for name, text in whole(store).items() if EMAIL in text.lower() or str(ana.id) in text}
    assert found == set()


@pytest.mark.parametrize("said", ["Who asks?\nina@example.org", "a\tnina@example.org", '"nina@example.org\\'])
def test_an_account_goes_whatever_stands_before_an_address_in_what_was_typed(store, said):
    """In JSON a line that ends before "ina@…" reads "\\nina@…"."""
    token = store.people.invite("nina@example.org", "moderator", "fr", now=NOW)
    nina, _, _ = store.people.sign_in(token, "fr", now=NOW)
    _, submission = begin_draft(
        store, "correct", "fr", person_id=nina.id, answers={"words": said, said: [said]}, now=NOW
    )
    with writing(store.engine) as connection:
        from catalog.store.submissions import submission_rows

        submission_rows.change(connection, submission.id, state="waiting")
    store.account_erasure.delete(nina.id, now=NOW)
    left = said.replace("nina@example.org", "")
    assert store.submissions.get(submission.id).answers == {"words": left, left: [left]}


def test_what_was_published_stays_and_what_was_begun_goes(store, ana):
    _, draft = begin_draft(store, "correct", "fr", person_id=ana.id, now=NOW)
    _, open_one = begin_draft(store, "correct", "fr", person_id=ana.id, email=EMAIL, now=NOW)
    with writing(store.engine) as connection:
        from catalog.store.submissions import submission_rows

        submission_rows.change(connection, open_one.id, state="waiting")
    store.account_erasure.delete(ana.id, now=NOW)
    with reading(store.engine) as connection:
        table = metadata.tables["submission"]
        left = {row.id: row for row in connection.execute(select(table))}
    assert draft.id not in left and left[open_one.id].state == "withdrawn"
    assert "published" in {row.state for row in left.values()}
    assert all(row.person_id is None and row.email is None for row in left.values())
