"""A backup is one consistent file; a restore puts it in place whole or not at all; nothing taken back comes again."""

import json
import multiprocessing
import os
import shutil
import tarfile
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from support.factories.code import mirrored
from support.factories.core import NOW, a_catalog, a_declared_adoption, a_document, a_project, identity, later, load
from support.factories.received import a_catalogue, gone, receive, theirs
from support.factories.rewriting import rewriting
from support.facts import facts_of_all
from support.hosts.git_origin import a_repository, git
from support.world import a_client, a_site, fill

from catalog.errors import AlreadyExists, NotFound
from catalog.rules.submission import adoption_id
from catalog.store.adoptions import adoption_rows
from catalog.store.backup import table_copy
from catalog.store.core.public_changes import changing
from catalog.store.ownership import unlisted
from catalog.store.store import Store
from catalog.tables.core import project
from catalog.tables.federation import peer
from catalog.tables.people import person
from catalog.tables.submissions import submission, tombstone
from forge.backup import backup
from forge.backup.archive import InvalidArchive
from forge.config.settings import Settings
from forge.git import mirror_folder


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "data" / "mirrors").mkdir(parents=True)
    (tmp_path / "data" / "secret").write_text("first")
    return Settings(data=tmp_path / "data", catalog=tmp_path / "catalog.yaml")


def everything(store):
    """All rows as a backup writes them, but what every restore counts on."""
    with store.engine.connect() as connection:
        found = {
            table.name: list(table_copy.lines_of_table(connection, table)) for table in table_copy.described_tables()
        }
    return found


def withdraw(store, now=NOW):
    with changing(store.engine) as (connection, change):
        pair_ = (identity("galette"), identity("coop-des-halles", "organization"))
        adoption_rows.withdraw_adoption(connection, *pair_, change=change, now=now)


def users(store):
    return {line.organization.slug for line in store.public_records.project("galette").adoptions}


def restored(settings, store, file, **given):
    return backup.restore(settings, store, file, replace=given.pop("replace", True), now=later(days=2))[0]


def test_what_is_restored_into_an_empty_database_is_what_was_there(store, settings, tmp_path, empty_url):
    fill(store)
    file = tmp_path / "copy.tar.gz"
    made = backup.write(settings, store, file, mirrors=False, now=NOW)
    assert made.rows > 100 and file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    other = Store(empty_url)
    other.migrate()
    try:
        assert restored(settings, other, file, replace=False) == {}
        before, after = everything(store), everything(other)
        for name in set(before) - {"meta", "project", "organization", "removed_record"}:
            assert before[name] == after[name], name
        assert len(before["project"]) == len(after["project"])
        shown = [page.facts for page in facts_of_all(store)]
        assert shown == [page.facts for page in facts_of_all(other)]
        load(other, a_document(), now=later(days=3), digest="9")  # new rows find numbers of their own
    finally:
        other.close()


def test_a_catalogue_that_is_there_is_replaced_only_when_it_is_said(store, settings, tmp_path):
    load(store, a_document())
    backup.write(settings, store, tmp_path / "copy", mirrors=False, now=NOW)
    with pytest.raises(AlreadyExists):
        restored(settings, store, tmp_path / "copy", replace=False)


def test_drill_a_use_that_was_withdrawn_after_the_backup_stays_away(store, settings, tmp_path):
    load(store, a_document())
    a_declared_adoption(store)
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    assert users(store) == {"coop-des-halles"}
    withdraw(store, later(days=1))
    change = store.change()
    assert restored(settings, store, file)["withdrawals"] == 1
    assert users(store) == set()
    assert store.change() > change
    with store.engine.connect() as connection:
        kept = connection.execute(select(tombstone.c.record_id, tombstone.c.at)).one()
    assert kept == (adoption_id(identity("galette"), identity("coop-des-halles", "organization")), later(days=1))
    load(store, a_document(), digest="again")
    assert users(store) == set()


def test_what_was_blocked_unlisted_hidden_or_made_less_visible_stays_so(store, settings, tmp_path):
    load(store, a_document())
    load(store, a_catalog(*a_document().projects, *a_document().organizations, a_project("two"), a_project("three")))
    a_declared_adoption(store)
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    store.takedowns.block("two", "Asked for.", now=NOW)
    with changing(store.engine) as (connection, change):
        number = change
        unlisted.opt_out(connection, identity("three"), "Our choice", "en", change=number, now=NOW)
        adoption_rows.set_visibility(
            connection, identity("galette"), identity("coop-des-halles", "organization"), "counted", change=number
        )
    counts = restored(settings, store, file)
    assert counts == {"withdrawals": 1, "uses without a name": 1, "blocked projects": 1}
    assert store.takedowns.blocked() == {identity("two")}
    assert store.unlisted.opt_out_of(identity("three")).reason == "Our choice"
    with rewriting(store.engine) as connection:
        using = (identity("galette"), identity("coop-des-halles", "organization"))
        assert adoption_rows.own_adoption(connection, *using).visibility == "counted"


def test_persons_who_left_and_rights_that_ended_do_not_come_back_with_an_older_state(store, settings, tmp_path):
    load(store, a_document())
    with rewriting(store.engine) as connection:
        for name in ("stays", "leaves"):
            connection.execute(
                person.insert().values(
                    id=identity(name), email=f"{name}@example.org", language="en", role="moderator", created_at=NOW,
                    signed_in_at=NOW,
                )
            )  # fmt: skip
        connection.execute(
            submission.insert().values(
                id=identity("one"), token="t", reference="AAAA-BBBB", kind="register", state="waiting", language="en",
                answers={}, found={}, created_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    with rewriting(store.engine) as connection:
        connection.execute(person.delete().where(person.c.id == identity("leaves")))
        connection.execute(person.update().values(role=None))
        connection.execute(submission.update().values(state="refused"))
    counts = restored(settings, store, file)
    assert counts["declarations"] == 1 and counts["persons and rights"] == 2
    with store.engine.connect() as connection:
        assert connection.execute(select(person.c.id, person.c.role)).all() == [(identity("stays"), None)]
        assert connection.execute(select(submission.c.state)).scalar_one() == "refused"


def test_a_new_catalogue_that_only_stands_in_takes_no_person_away(store, settings, tmp_path, sqlite_template):
    load(store, a_document())
    with rewriting(store.engine) as connection:
        connection.execute(
            person.insert().values(
                id=identity("p"), email="p@example.org", language="en", created_at=NOW, signed_in_at=NOW
            )
        )
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    shutil.copyfile(sqlite_template, tmp_path / "new.db")
    other = Store(f"sqlite:///{tmp_path / 'new.db'}")
    load(other, a_document())
    restored(settings, other, file)
    with other.engine.connect() as connection:
        assert connection.execute(select(person.c.email)).scalar_one() == "p@example.org"
    other.close()


def test_an_index_that_follows_sees_all_anew_and_drops_what_is_not_there(store, settings, tmp_path):
    load(store, a_document())
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    load(store, a_catalog(*a_document().projects, *a_document().organizations, a_project("later")), digest="2")
    change = store.change()
    restored(settings, store, file)
    number, ids, dropped = store.index_rows.changed(change)
    assert number > change and identity("galette") in ids and identity("later") in dropped


@pytest.mark.parametrize("damage", ["cut", "other", "table", "newer"])
def test_a_damaged_file_changes_nothing_and_says_so(sqlite_store, settings, tmp_path, damage):
    load(sqlite_store, a_document())
    file = tmp_path / "copy"
    backup.write(settings, sqlite_store, file, mirrors=False, now=NOW)
    before = everything(sqlite_store)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-2000])
    elif damage == "other":
        file.write_bytes(b"no archive")
    else:
        with tarfile.open(file) as archive:
            archive.extractall(tmp_path / "open", filter="data")
        card = json.loads((tmp_path / "open" / backup.CARD).read_text())
        if damage == "newer":
            card["revision"] = "9999"
        else:
            card["tables"][1]["sha256"] = "0" * 64
        (tmp_path / "open" / backup.CARD).write_text(json.dumps(card))
        with tarfile.open(file, "w:gz") as archive:
            archive.add(tmp_path / "open" / backup.CARD, backup.CARD)
            archive.add(tmp_path / "open" / "tables", "tables")
    with pytest.raises(InvalidArchive):
        restored(settings, sqlite_store, file)
    assert everything(sqlite_store) == before


def _die_in_the_middle(url, settings, file):
    filled = table_copy.fill_table

    def fill_until(connection, statement, lines):
        if statement.name == "fact":
            os._exit(9)
        return filled(connection, statement, lines)

    table_copy.fill_table = fill_until
    restored(settings, Store(url), file)


def test_killed_in_the_middle_the_old_state_stays(database_url, store, settings, tmp_path):
    load(store, a_document())
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    load(store, a_catalog(a_project("since")), digest="2")
    before = everything(store)
    store.engine.dispose()
    process = multiprocessing.get_context("spawn").Process(
        target=_die_in_the_middle, args=(database_url, settings, file)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert everything(store) == before
    restored(settings, store, file)
    assert store.public_records.project("galette").record.name


def test_a_backup_made_while_others_write_is_of_one_moment(store, settings, tmp_path):
    load(store, a_document())
    with store.database_copies.tables() as tables:
        found = {}
        for table, lines in tables:
            found[table.name] = list(lines)
            if table.name == "meta":
                load(store, a_catalog(a_project("since")), digest="2")
    assert not any('"since"' in line for line in found["project"])


def test_mirrors_go_with_it_when_wanted_and_never_replace_one_that_is_there(sqlite_store, settings, tmp_path):
    load(sqlite_store, a_document())
    mirror = settings.mirrors / f"{identity('galette')}.git"
    (mirror / "objects" / "pack").mkdir(parents=True)
    (mirror / "refs").mkdir()
    (mirror / "HEAD").write_text("ref: refs/heads/main\n")
    pack = mirror / "objects" / "pack" / f"pack-{'a' * 40}.pack"
    pack.write_text("pack")
    file = tmp_path / "copy"
    assert backup.write(settings, sqlite_store, file, mirrors=True, now=NOW).mirrors == 1
    (mirror / "HEAD").write_text("newer\n")
    (settings.data / "secret").write_text("second")
    _, mirrors = backup.restore(settings, sqlite_store, file, replace=True, now=NOW)
    assert mirrors == 0 and (mirror / "HEAD").read_text() == "newer\n"
    assert (settings.data / "secret").read_text() == "first"
    shutil.rmtree(mirror)
    _, mirrors = backup.restore(settings, sqlite_store, file, replace=True, now=NOW)
    assert mirrors == 1 and pack.read_text() == "pack" and (mirror / "refs").is_dir()


@pytest.mark.parametrize("beside", [False, True])
def test_a_mirror_of_a_backup_brings_no_command_into_a_page(sqlite_store, settings, tmp_path, beside):
    load(sqlite_store, a_document())
    (settings.data / "secret").write_text("ab" * 32)
    mirror, ran, outside = settings.mirrors / f"{identity('galette')}.git", tmp_path / "ran", tmp_path / "outside"
    a_repository(mirror.parent, mirror.name)
    git("pack-refs", "--all", cwd=mirror)
    mirrored(sqlite_store, head=git("rev-parse", "main", cwd=mirror).decode())
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    script.chmod(0o700)
    hostile = f'[core]\n\tbare = true\n\tfsmonitor = {script}\n[diff "x"]\n\ttextconv = {script}\n'
    hostile += f'[filter "x"]\n\tsmudge = {script}\n\tclean = {script}\n\trequired = true\n'

    def poison():
        (mirror / "config").write_text(hostile)
        (mirror / "info").mkdir(exist_ok=True)
        (mirror / "info/attributes").write_text("* diff=x filter=x\n")

    def pages():
        with a_site(sqlite_store, settings.data) as app:
            client = a_client(app)
            code = "/en/projects/galette/code"
            shown = [
                client.get(path).status_code for path in (code, f"{code}/blame/main/count.txt", f"{code}/log/main")
            ]
            return [*shown, client.get("/projects/galette/archive/main.tar.gz").status_code]

    poison()
    assert 200 in pages() and ran.exists()  # such a file does run commands
    ran.unlink()
    (mirror / "hooks").mkdir(exist_ok=True)
    (mirror / "hooks/post-checkout").write_bytes(script.read_bytes())
    outside.mkdir()
    (mirror / "objects/info/alternates").write_text(f"{outside}\n")
    (mirror / "refs/heads/link").symlink_to(script)
    if beside:
        place, _, _ = backup.write_into(settings, sqlite_store, tmp_path / "copies", mirrors=True, keep=None, now=NOW)
        place = place.parent
    else:
        place = tmp_path / "copy"
        backup.write(settings, sqlite_store, place, mirrors=True, now=NOW)
    shutil.rmtree(mirror)
    assert backup.restore(settings, sqlite_store, place, replace=True, now=NOW)[1] == 1
    names = {path.relative_to(mirror).parts[0] for path in mirror.rglob("*") if path.is_file()}
    assert names <= {"HEAD", "config", "info", "objects", "packed-refs", "refs"}
    assert (
        not any(path.is_symlink() for path in mirror.rglob("*")) and not (mirror / "objects/info/alternates").exists()
    )
    assert 200 in pages() and not ran.exists()
    poison()
    mirror_folder.prepare(mirror, "sha1")  # as each visit does
    assert str(script) not in (mirror / "config").read_text() + (mirror / "info/attributes").read_text()
    assert 200 in pages() and not ran.exists()


def test_the_document_comes_back_where_none_is(sqlite_store, settings, tmp_path):
    from catalog.document import dump

    load(sqlite_store, a_document())
    settings.catalog.write_text(dump(a_document()))
    backup.write(settings, sqlite_store, tmp_path / "copy", mirrors=False, now=NOW)
    settings.catalog.unlink()
    restored(settings, sqlite_store, tmp_path / "copy")
    assert settings.catalog.read_text() == dump(a_document())
    settings.catalog.unlink()
    elsewhere = replace(settings, catalog=tmp_path / "elsewhere" / "ours.yaml")
    restored(elsewhere, sqlite_store, tmp_path / "copy")
    assert elsewhere.catalog.read_text() == dump(a_document())
    assert [file.name for file in elsewhere.catalog.parent.iterdir()] == ["ours.yaml"]


def test_what_another_catalogue_took_back_since_stays_away_and_so_do_catalogues_that_are_not_read_any_more(
    store, settings, tmp_path
):
    load(store, a_document())
    home = a_catalogue(store)
    receive(store, home, theirs("payroll"), theirs("ledger"))
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    receive(store, home, tombstones=[gone(theirs("payroll"))])
    assert restored(settings, store, file)["records of other catalogues"] == 1
    with pytest.raises(NotFound):
        store.public_records.project("payroll")
    assert store.public_records.project("ledger").record.name == "Ledger"
    with rewriting(store.engine) as connection:
        connection.execute(update(peer).values(state="new"))
    restored(settings, store, file)
    with pytest.raises(NotFound):
        store.public_records.project("ledger")


def test_a_backup_of_an_edition_before_the_first_release_is_refused_with_what_to_do(store, settings, tmp_path):
    load(store, a_document())
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    with tarfile.open(file) as archive:
        archive.extractall(tmp_path / "open", filter="data")
    card = json.loads((tmp_path / "open" / backup.CARD).read_text()) | {"revision": "0014"}
    (tmp_path / "open" / backup.CARD).write_text(json.dumps(card))
    with tarfile.open(file, "w:gz") as archive:
        archive.add(tmp_path / "open" / backup.CARD, backup.CARD)
        archive.add(tmp_path / "open" / "tables", "tables")
    with pytest.raises(InvalidArchive, match=r"before 0\.2\.0.*forge export"):
        restored(settings, store, file, replace=True)
    with store.engine.connect() as connection:
        assert connection.execute(select(project.c.slug)).scalar_one() == "galette"
