"""Every mirror is checked in full each month; what rots is made anew by the next visit, and a clone is whole again."""

import os
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import httpx2
import psutil
import pytest
from sqlalchemy import update
from support.factories.core import identity
from support.factories.visits import LICENSE_TEXT, a_catalog_of, mirror_of, visited
from support.hosts.git_origin import GIT_ENVIRONMENT, a_commit, a_repository, every_object, git, listing
from support.serving import served
from support.waiting_rows import next_job_at

from catalog.search import Finder
from catalog.store.core.engine import writing
from catalog.tables.core import mirror
from forge.app import create_app
from forge.git import mirror_folder
from forge.git.maintenance import find_damage
from forge.mirroring.check_job import MIRROR_CHECK, MirrorCheck

FILES = {"README.md": "# Tool\n", "LICENSE": LICENSE_TEXT}
WAIT_SECONDS = 60.0


def checked(store, conductor):
    """Run the job as often as it is due now."""
    checking = MirrorCheck(store, conductor.settings.mirrors, conductor.clock)
    checking.plan()
    runs = 0
    while jobs := store.jobs.lease("test", now=conductor.clock(), lease=timedelta(minutes=1), kinds=[MIRROR_CHECK]):
        checking.run(jobs[0])
        runs += 1
    return runs


def rot(folder):
    for pack in folder.glob("objects/pack/*.pack"):
        data = bytearray(pack.read_bytes())
        for place in range(20, len(data) - 20, 50):
            data[place] ^= 255
        os.chmod(pack, 0o600)
        pack.write_bytes(data)


def rot_object(folder, name):
    """A byte flips in the middle of one object in a pack."""
    (index,) = folder.glob("objects/pack/*.idx")
    oid = git("rev-parse", name, cwd=folder)
    rows = [row.split() for row in git("verify-pack", "-v", index, cwd=folder).splitlines()]
    size, at = next((int(row[3]), int(row[4])) for row in rows if row[0] == oid)
    pack = index.with_suffix(".pack")
    data = bytearray(pack.read_bytes())
    data[at + size // 2] ^= 255
    os.chmod(pack, 0o600)
    pack.write_bytes(data)


def test_a_mirror_that_rots_is_found_within_a_month_and_whole_after_the_next_visit(
    origin, tool, conductor, sqlite_store, clock, tmp_path
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    before = git("rev-parse", "main", cwd=tool)
    visited(conductor)
    git("update-ref", "refs/heads/main", a_commit(tool, FILES | {"new.txt": "x\n"}, before), cwd=tool)
    visited(conductor)
    folder = conductor.settings.mirrors / f"{identity('galette')}.git"
    ever = every_object(folder)
    assert before in ever
    assert checked(sqlite_store, conductor) == 1  # nothing is due yet
    rot(folder)
    clock.move(days=29)
    assert checked(sqlite_store, conductor) == 2
    assert mirror_of(sqlite_store).damaged
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), clock)
    with served(app) as base:
        assert next_job_at(sqlite_store) <= clock()  # the visit that repairs it
        assert visited(conductor).outcome == "full"
        assert not mirror_of(sqlite_store).damaged
        git("clone", "-q", "--mirror", f"{base}/git/galette.git", tmp_path / "copy.git")
        git("fetch", "-q", f"{base}/git/galette.git", before, cwd=tmp_path / "copy.git")
    assert find_damage(folder) == "" and ever <= every_object(folder)
    assert listing(tmp_path / "copy.git") == listing(tool)
    git("fsck", "--full", "--strict", cwd=tmp_path / "copy.git")
    clock.move(days=29)
    assert checked(sqlite_store, conductor) == 2 and not mirror_of(sqlite_store).damaged
    app.state.code_readers.close()


def test_each_mirror_is_checked_once_a_month_the_longest_unchecked_first(origin, conductor, sqlite_store, clock):
    names = ["galette", "paheko", "third"]
    for name in names:
        a_repository(origin.folder, f"{name}.git", commits=1)
    a_catalog_of(sqlite_store, **{name: origin.url(f"git/{name}.git") for name in names})
    for name in names:
        visited(conductor, name)
        clock.move(days=1)
    order = []
    for _day in range(29):
        checked(sqlite_store, conductor)
        clock.move(days=1)
    with writing(sqlite_store.engine) as connection:
        rows = connection.execute(mirror.select().order_by(mirror.c.checked_at)).all()
        order = [row.project_id for row in rows if row.checked_at is not None]
        connection.execute(update(mirror).values(checked_at=None))
    assert order == [identity(name) for name in names]


def test_a_mirror_that_is_visited_is_checked_a_little_later(origin, tool, conductor, sqlite_store, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    clock.move(days=29)
    folder = conductor.settings.mirrors / f"{identity('galette')}.git"
    with mirror_folder.locked(folder):
        assert checked(sqlite_store, conductor) == 1
    assert not mirror_of(sqlite_store).damaged
    clock.move(minutes=6)
    assert checked(sqlite_store, conductor) == 2


def test_a_copy_that_a_reading_finds_damaged_is_repaired_by_the_next_visit(
    origin, tool, conductor, sqlite_store, clock
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    folder = conductor.settings.mirrors / f"{identity('galette')}.git"
    rot(folder)
    kept = mirror_of(sqlite_store)
    older = {**kept.observation, "version": 0}  # made anew after an upgrade
    sqlite_store.observations.observe(kept.project_id, kept.head, older, free=True, last_commit_at=None, now=clock())
    assert visited(conductor).outcome == "unreadable"
    assert mirror_of(sqlite_store).damaged and next_job_at(sqlite_store) <= clock()
    assert visited(conductor).outcome == "full"
    assert not mirror_of(sqlite_store).damaged and mirror_of(sqlite_store).state == "mirrored"
    assert find_damage(folder) == ""


@pytest.mark.parametrize("reader", ["page", "clone"])
def test_what_a_page_or_a_clone_cannot_read_is_checked_and_brought_anew_by_the_next_visit(
    reader, origin, tool, conductor, sqlite_store, clock, tmp_path
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    folder = conductor.settings.mirrors / f"{identity('galette')}.git"
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), clock)
    with served(app) as base:
        clone = ["git", "clone", "-q", "--mirror", f"{base}/git/galette.git", tmp_path / "copy.git"]
        page = f"{base}/projects/galette/raw/main/LICENSE"
        rot_object(folder, "main:LICENSE" if reader == "page" else "main^{tree}")
        if reader == "page":
            assert httpx2.get(page).status_code == 503
        else:
            assert subprocess.run(clone, env=GIT_ENVIRONMENT, capture_output=True).returncode
        assert visited(conductor).outcome == "full" and not mirror_of(sqlite_store).damaged
        assert find_damage(folder) == ""
        assert httpx2.get(page).text == LICENSE_TEXT
        subprocess.run(clone, env=GIT_ENVIRONMENT, check=True)
        assert visited(conductor).outcome == "unchanged"


@contextmanager
def a_check_under_way(store, conductor, folder):
    """The process of git that checks a mirror, held in the middle: it reads a list that nobody writes yet."""
    held = folder / "objects/info/alternates"
    os.mkfifo(held)
    checking = threading.Thread(target=checked, args=(store, conductor))
    checking.start()
    deadline, writer = time.monotonic() + WAIT_SECONDS, None
    while writer is None:
        try:
            writer = os.open(held, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < deadline and checking.is_alive()
            time.sleep(0.01)
    (found,) = [
        child for child in psutil.Process().children(True) if {"fsck", f"--git-dir={folder}"} <= set(child.cmdline())
    ]
    try:
        yield found
    finally:
        held.unlink()
        os.close(writer)
        checking.join(WAIT_SECONDS)
        assert not checking.is_alive()


def test_a_check_runs_at_low_priority(origin, tool, conductor, sqlite_store, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    clock.move(days=29)
    with a_check_under_way(
        sqlite_store, conductor, conductor.settings.mirrors / f"{identity('galette')}.git"
    ) as process:
        # Linux gives a nice process less of the disk too: ioprio_set(2)
        assert process.nice() == min(19, psutil.Process().nice() + 10)
    assert not mirror_of(sqlite_store).damaged
