"""What people take back is written down outside of the database, so that no restore brings it again; folders of backups
hold what is new, read back.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update
from starlette.testclient import TestClient
from support import forked_command
from support.exchange_reader import ExchangeReader
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_document,
    a_project,
    identity,
    later,
    load,
)
from support.factories.received import a_catalogue, gone, receive, theirs
from support.hosts.git_origin import a_repository, git
from support.paths import ROOT
from support.waiting_rows import jobs_by_kind

from catalog import moderation
from catalog.errors import NotFound
from catalog.store.adoptions import adoption_rows
from catalog.store.core.engine import set_meta, writing
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.ownership import unlisted
from catalog.store.store import Store
from catalog.tables.core import maintenance
from catalog.tables.moderation import decision
from catalog.tables.people import message, person, session
from forge.app import create_app
from forge.backup import archive, backup
from forge.backup.archive import InvalidArchive
from forge.backup.withdrawal_journal_file import (
    FILE,
    DamagedJournal,
    WithdrawalJournal,
    WithdrawalWriter,
    read_journal,
)
from forge.config.settings import Settings
from forge.server.polling_thread import PollingThread

WAIT_SECONDS = 60.0
PAIR = (identity("galette"), identity("coop-des-halles", "organization"))
Make = Callable[[], Store]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data" / "mirrors").mkdir(parents=True)
    return Settings(data=tmp_path / "data", catalog=tmp_path / "catalog.yaml", withdrawals=tmp_path / "elsewhere")


@pytest.fixture
def empty(empty_url: str) -> Iterator[Store]:
    with closing(Store(empty_url)) as store:
        store.migrate()
        yield store


def a_person(store: Store, name: str, role: str | None = "moderator") -> None:
    values = {"id": identity(name), "email": f"{name}@example.org", "language": "en", "role": role}
    with writing(store.engine) as connection:
        connection.execute(insert(person).values(**values, created_at=NOW, signed_in_at=NOW))


def put_in_an_empty_place(settings: Settings, store: Store, place: Path) -> dict[str, int]:
    """What somebody does whose disk died: the folder is new, the document and the backups are on another."""
    shutil.rmtree(settings.data)
    (settings.data / "mirrors").mkdir(parents=True)
    return dict(backup.restore(settings, store, place, replace=False, now=later(days=2))[0])


def users(store: Store) -> set[str]:
    return {line.organization.slug for line in store.public_records.project("galette").adoptions}


def test_drill_nothing_that_was_taken_back_comes_again_though_the_database_is_lost(
    store: Store, empty: Store, settings: Settings, tmp_path: Path
) -> None:
    load(store, a_catalog(*a_document().projects, *a_document().organizations, a_project("two"), a_project("three")))
    a_declared_adoption(store)
    for name in ("stays", "leaves", "demoted"):
        a_person(store, name)
    home = a_catalogue(store)
    receive(store, home, theirs("payroll"), theirs("ledger"))
    with writing(store.engine) as connection:
        connection.execute(
            insert(maintenance).values(
                project_id=identity("galette"),
                person="Ana Pérez",
                role="lead",
                origin="declared",
                position=9,
                record={"person": "Ana Pérez", "role": "lead"},
                submission_id=identity("help"),
            )
        )
        connection.execute(
            insert(session).values(
                id="s", person_id=identity("stays"), created_at=NOW, seen_at=NOW, expires_at=later(days=30)
            )
        )
        connection.execute(
            insert(message).values(
                id=identity("m"), kind="sign-in", email="x@example.org", language="en", argument={}, created_at=NOW
            )
        )
    moderation.decide(
        store, None, "three", moderation.DecisionRequest("hide", "other", "Ana Pérez is named here.", ""), now=NOW
    )
    moderation.decide(store, None, "three", moderation.DecisionRequest("show", "over", "", ""), now=NOW)
    journal = WithdrawalJournal(settings.withdrawals_folder)
    journal.write_down(store)
    file = tmp_path / "copy"
    backup.write(settings, store, file, mirrors=False, now=NOW)
    assert users(store) == {"coop-des-halles"}

    with writing(store.engine) as connection:
        change = PublicChange(connection)
        adoption_rows.withdraw_adoption(connection, *PAIR, change=change, now=later(days=1))
        unlisted.opt_out(connection, identity("three"), "Our choice", "en", change=change, now=NOW)
        connection.execute(delete(person).where(person.c.id == identity("leaves")))
        connection.execute(update(person).where(person.c.id == identity("demoted")).values(role=None))
        connection.execute(delete(maintenance).where(maintenance.c.person == "Ana Pérez"))
    store.takedowns.block("two", "Asked for.", now=NOW)
    moderation.blank(store, 1, now=later(days=1))
    moderation.erase(store, None, "galette", ["5" * 40], "law", "The law demands it.", now=later(days=1))
    store.erasures.removed(identity("galette"), ["5" * 40], now=later(days=1))
    receive(store, home, tombstones=[gone(theirs("payroll"))])
    written = journal.write_down(store)
    assert written > 5

    text = (settings.withdrawals_folder / FILE).read_text()
    for private in ("Ana", "leaves@example.org", "is named here"):
        assert private not in text
    counts = put_in_an_empty_place(settings, empty, file)
    assert (counts["withdrawals"], counts["blocked projects"]) == (2, 1)
    assert users(empty) == set() and empty.takedowns.blocked() == {identity("two")}
    assert counts["erased objects"] == 1 and empty.erasures.pending(identity("galette"))  # the copy may hold it
    assert empty.public_records.source("galette").mirror.erasing and jobs_by_kind(empty)["erase"] == 1
    assert empty.unlisted.opt_out_of(identity("three")).reason == "Our choice"
    with pytest.raises(NotFound):
        empty.public_records.project("payroll")
    with empty.engine.connect() as connection:
        roles = connection.execute(select(person.c.id, person.c.role)).all()
        assert sorted(roles, key=str) == sorted(
            [(identity("stays"), "moderator"), (identity("demoted"), None)], key=str
        )
        assert connection.execute(select(maintenance.c.person).where(maintenance.c.person == "Ana Pérez")).all() == []
        assert connection.execute(select(decision.c.words).where(decision.c.number == 1)).scalar() is None
        for table in (session, message):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0
    assert WithdrawalJournal(settings.withdrawals_folder).write_down(empty) >= 0
    load(empty, a_document(), now=later(days=3), digest="again")
    assert users(empty) == set()


def test_without_a_journal_a_lost_database_tells_nothing(
    store: Store, empty: Store, settings: Settings, tmp_path: Path
) -> None:
    """So that the test above is one of the journal."""
    load(store, a_document())
    a_declared_adoption(store)
    backup.write(settings, store, tmp_path / "copy", mirrors=False, now=NOW)
    with writing(store.engine) as connection:
        adoption_rows.withdraw_adoption(connection, *PAIR, change=PublicChange(connection), now=NOW)
    assert put_in_an_empty_place(settings, empty, tmp_path / "copy") == {}
    assert users(empty) == {"coop-des-halles"}


def test_what_is_allowed_again_later_is_allowed_after_a_restore_too(
    sqlite_store: Store, empty: Store, settings: Settings, tmp_path: Path
) -> None:
    load(sqlite_store, a_catalog(a_project("two")))
    backup.write(settings, sqlite_store, tmp_path / "copy", mirrors=False, now=NOW)
    journal = WithdrawalJournal(settings.withdrawals_folder)
    sqlite_store.takedowns.block("two", "A mistake.", now=NOW)
    journal.write_down(sqlite_store)
    sqlite_store.takedowns.unblock("two")
    journal.write_down(sqlite_store)
    assert put_in_an_empty_place(settings, empty, tmp_path / "copy") == {}
    assert empty.takedowns.blocked() == frozenset()


def test_a_database_that_is_older_than_its_journal_takes_nothing_back_of_it(
    sqlite_store: Store, settings: Settings
) -> None:
    load(sqlite_store, a_catalog(a_project("two"), a_project("three")))
    sqlite_store.takedowns.block("two", "Asked for.", now=NOW)
    journal = WithdrawalJournal(settings.withdrawals_folder)
    journal.write_down(sqlite_store)
    with writing(sqlite_store.engine) as connection:  # as a copy of the file of yesterday is
        set_meta(connection, "change", 0)
    sqlite_store.takedowns.unblock("two")
    with writing(sqlite_store.engine) as connection:
        set_meta(connection, "change", 0)
    journal.write_down(sqlite_store)
    (state,) = read_journal(settings.withdrawals_folder / FILE).values()
    assert len(state.rows["takedown"]) == 1


def test_nothing_is_written_twice_by_several_processes_and_a_torn_line_is_left_out(
    sqlite_store: Store, settings: Settings
) -> None:
    load(sqlite_store, a_catalog(a_project("two"), a_project("three")))
    first, second = (WithdrawalJournal(settings.withdrawals_folder) for _ in range(2))
    first.write_down(sqlite_store)
    sqlite_store.takedowns.block("two", "Asked for.", now=NOW)
    assert (second.write_down(sqlite_store) > 0, first.write_down(sqlite_store)) == (True, 0)
    file = settings.withdrawals_folder / FILE
    before = file.read_bytes()
    file.write_bytes(before + b'{"set":["takedown","[')
    assert len(read_journal(file)) == 1
    sqlite_store.takedowns.block("three", "Asked for.", now=NOW)
    first.write_down(sqlite_store)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert len([line for line in lines if line.get("set", [""])[0] == "takedown"]) == 2
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("nonsense\n")
    with pytest.raises(DamagedJournal, match="line 1"):
        read_journal(file)
    with pytest.raises(DamagedJournal):
        first.write_down(sqlite_store)
    assert file.read_text() == "nonsense\n"


def test_a_follower_writes_down_what_others_take_back(sqlite_store: Store, settings: Settings) -> None:
    load(sqlite_store, a_catalog(a_project("two")))
    follower = PollingThread("w", WithdrawalWriter(sqlite_store, settings.withdrawals_folder).look, 0.02, 1)
    follower.start()
    try:
        sqlite_store.takedowns.block("two", "Asked for.", now=NOW)
        deadline = time.monotonic() + WAIT_SECONDS
        while not any(
            state.rows.get("takedown") for state in read_journal(settings.withdrawals_folder / FILE).values()
        ):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        follower.stop()


@pytest.fixture
def mirrored(sqlite_store: Store, settings: Settings, tmp_path: Path) -> Path:
    """A real mirror of a project of the catalogue."""
    load(sqlite_store, a_document())
    (tmp_path / "origins").mkdir()
    a_repository(tmp_path / "origins", LICENSE="free\n")
    mirror = settings.mirrors / f"{identity('galette')}.git"
    subprocess.run(["git", "clone", "--quiet", "--mirror", tmp_path / "origins/tool.git", mirror], check=True)
    return mirror


def written_into(settings: Settings, store: Store, place: Path, days: int, keep: int | None = None) -> int:
    place.mkdir(exist_ok=True)
    return backup.write_into(settings, store, place, mirrors=True, keep=keep, now=later(days=days))[2]


def heads(repository: Path) -> str:
    return subprocess.run(["git", "-C", repository, "for-each-ref"], capture_output=True, text=True, check=True).stdout


def test_a_folder_of_backups_holds_of_mirrors_only_what_is_new_and_is_put_in_place(
    sqlite_store: Store, empty: Store, settings: Settings, mirrored: Path, tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    written_into(settings, sqlite_store, place, 1)
    copy = place / "mirrors" / mirrored.name
    assert heads(copy) == heads(mirrored) != ""
    old = next(path for path in copy.glob("objects/??/*"))
    before = old.stat().st_ino
    work = tmp_path / "work"
    subprocess.run(["git", "clone", "--quiet", mirrored, work], check=True)
    git("-C", work, "commit", "--quiet", "--allow-empty", "-m", "two")
    git("-C", work, "push", "--quiet", str(mirrored), "HEAD:refs/heads/second")
    assert written_into(settings, sqlite_store, place, 2) == 0
    assert old.stat().st_ino == before and heads(copy) == heads(mirrored)
    assert subprocess.run(["git", "-C", copy, "fsck", "--strict"], capture_output=True).returncode == 0
    shutil.rmtree(mirrored)  # lost, and not withdrawn: the copy stays
    sqlite_store.mirrors.states()
    assert written_into(settings, sqlite_store, place, 3, keep=2) == 1
    assert copy.is_dir() and len(backup.archives_in(place)) == 2
    shutil.rmtree(settings.data)
    settings.mirrors.mkdir(parents=True)
    _, count = backup.restore(settings, empty, place, replace=False, now=later(days=4))
    assert count == 1 and heads(settings.mirrors / mirrored.name) == heads(copy)


def test_a_mirror_of_a_project_that_is_here_no_more_leaves_the_backup(
    sqlite_store: Store, settings: Settings, mirrored: Path, tmp_path: Path
) -> None:
    place = tmp_path / "backups"
    written_into(settings, sqlite_store, place, 1)
    other = place / "mirrors" / f"{identity('never-here')}.git"
    shutil.copytree(place / "mirrors" / mirrored.name, other)
    written_into(settings, sqlite_store, place, 2)
    assert not other.exists() and (place / "mirrors" / mirrored.name).is_dir()


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_backup_that_does_not_read_back_does_not_count(
    sqlite_store: Store, settings: Settings, tmp_path: Path, damage: str
) -> None:
    load(sqlite_store, a_document())
    file = tmp_path / "copy"
    made = backup.write(settings, sqlite_store, file, mirrors=False, now=NOW)
    assert archive.verify(file, backup.CARD) == made.rows
    data = bytearray(file.read_bytes())
    if damage == "cut":
        del data[-3000:]
    else:
        data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    with pytest.raises(InvalidArchive):
        archive.verify(file, backup.CARD)


def forge(folder: Path, *arguments: object, **given: object) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    environment |= {f"FORGE_{name.upper()}": str(value) for name, value in given.items()}
    return forked_command.run(arguments, cwd=folder, env=environment, timeout=120)


def test_the_drill_by_the_commands_alone(tmp_path: Path) -> None:
    """As docs/operate.md says it: a backup, a withdrawal, a disk that dies, a restore."""
    home, place = tmp_path / "home", tmp_path / "backups"
    home.mkdir()
    place.mkdir()
    given = {"withdrawals": place}
    assert forge(home, "init", **given).returncode == 0
    assert forge(home, "import", "catalog.yaml", **given).returncode == 0
    assert "read it back" in forge(home, "backup", "--mirrors", "--keep", "2", place, **given).stdout
    assert "good  backup" in forge(home, "doctor", "--offline", **given).stdout
    assert forge(home, "block", "galette", "--reason", "Asked for by its makers.", **given).returncode == 0
    assert forge(home, "backup", home / "another.tar.gz", **given).returncode == 0  # which writes down what is new
    (first,) = place.glob("catalog-*.tar.gz")
    shutil.rmtree(home / "data")
    ran = forge(home, "restore", first, **given)
    assert ran.returncode == 0 and "1 blocked projects stay" in ran.stdout, ran.stderr
    assert forge(home, "unblock", "galette", **given).returncode == 0
    assert forge(home, "backup", "--keep", "2", home / "none.tar.gz", **given).returncode == 2
    (place / FILE).write_text("nonsense\n")
    ran = forge(home, "restore", "--replace", place, **given)
    assert ran.returncode == 1 and "Nothing was changed" in ran.stderr


@pytest.mark.parametrize("kind", ["project", "adoption"])
def test_drill_what_was_taken_back_is_read_from_the_stick_when_the_data_folder_is_lost(
    tmp_path: Path, kind: str
) -> None:
    """No journal outlives: what was written for other catalogues says what is to be hidden here too."""
    home, stick, copy = tmp_path / "home", tmp_path / "stick", tmp_path / "copy.tar.gz"
    home.mkdir()
    database = f"sqlite:///{home / 'data/catalog.db'}"

    def shown() -> tuple[bool, bool]:
        """Whether the project is on its page and in the API, and whether the use is."""
        settings = Settings(data=home / "data", catalog=home / "catalog.yaml")
        with closing(Store(database)) as store:
            client = TestClient(create_app(settings, store, None, clock=lambda: datetime.now(UTC)))
            page, api = client.get("/projects/galette"), client.get("/api/v1/projects/galette")
            assert page.status_code == api.status_code
            uses = client.get("/api/v1/projects/galette/adoptions").json().get("adoptions", ())
            named = any(use["organization"]["slug"] == "coop-des-halles" for use in uses)
            assert ("/organizations/coop-des-halles" in page.text) == named
            return page.status_code == 200, named

    (home / "data").mkdir()
    with closing(Store(database)) as store:
        store.migrate()
        load(store, a_document(), now=datetime.now(UTC))
        a_declared_adoption(store)
    assert forge(home, "exchange", "write", stick).returncode == 0
    assert forge(home, "backup", copy).returncode == 0
    assert shown() == (True, True)
    with closing(Store(database)) as store:
        if kind == "project":
            store.takedowns.block("galette", "Asked for.", now=datetime.now(UTC))
        else:
            with changing(store.engine) as (connection, change):
                adoption_rows.withdraw_adoption(connection, *PAIR, change=change, now=datetime.now(UTC))
    assert forge(home, "exchange", "write", stick).returncode == 0
    shutil.rmtree(home / "data")
    (tmp_path / "other").mkdir()
    ran = forge(home, "restore", copy, "--exchange", tmp_path / "other")
    assert ran.returncode == 1 and "Nothing was changed" in ran.stderr
    ran = forge(home, "restore", copy, "--exchange", stick)
    assert ran.returncode == 0 and "stay as they were taken back here" in ran.stdout, ran.stderr
    assert shown() == (kind == "adoption", False)
    assert forge(home, "exchange", "write", tmp_path / "next").returncode == 0
    with ExchangeReader(tmp_path / "next", datetime.now(UTC)) as reader:
        assert any(of == kind for of, _ in reader.withdrawn)
        assert "galette coop-des-halles" not in reader.adoptions()


def test_the_archive_alone_says_where_the_journal_lies(settings: Settings) -> None:
    assert settings.withdrawals_folder == settings.withdrawals
    assert replace(settings, withdrawals=None).withdrawals_folder == settings.data
