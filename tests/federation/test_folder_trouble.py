"""The folder that other catalogues read, when something happens to it: a key that goes on, is lost or is another one, a
database that was restored, a writing that is killed. On both databases.
"""

import os
import shutil
import signal
import subprocess
import sys

import pytest
from support.factories.core import NOW, a_catalog, a_project, identity, later, load
from support.feed_folder import GALETTE, HERE, ORGANIZATIONS, a_folder
from support.feed_follower import Follower, Refused
from support.paths import ROOT

from catalog.federation import parsing, signing
from catalog.rules.submission import adoption_id
from catalog.store.core.engine import writing
from forge.backup import backup
from forge.config.settings import Settings
from forge.federation.publish import folder as folders
from forge.federation.publish.folder import write
from forge.federation.publish.keys import FILE, KeyTrouble, rotate


@pytest.fixture
def folder(store, tmp_path):
    return a_folder(store, tmp_path)


def test_a_followers_key_goes_on_through_a_rotation(folder) -> None:
    folder.write()
    old = folder.follower().take_snapshot()
    new = rotate(folder.store, folder.data, now=later(hours=1)).private
    assert new.public != old.pinned
    folder.write(later(hours=1))
    assert old.catch_up().pinned == new.public
    rotate(folder.store, folder.data, now=later(hours=2))
    rotate(folder.store, folder.data, now=later(hours=3))
    folder.write(later(hours=3))
    assert old.catch_up().entry().at == later(hours=3)


def test_a_key_that_did_not_sign_last_signs_nothing(folder, tmp_path) -> None:
    folder.write()
    (folder.data / FILE).rename(tmp_path / "kept")
    with pytest.raises(KeyTrouble, match="backup"):
        folder.write(later(days=8))
    other = tmp_path / "other"
    other.mkdir()
    (other / FILE).write_bytes((tmp_path / "kept").read_bytes())
    (folder.data / FILE).write_bytes(b'{"previous":[],"seed":"' + b"A" * 43 + b'="}')
    with pytest.raises(KeyTrouble, match="right file"):
        folder.write(later(days=8))
    (folder.data / FILE).write_bytes((other / FILE).read_bytes())
    assert folder.write(later(days=8)).wrote


def test_a_lost_key_begins_anew_and_followers_must_compare(folder) -> None:
    folder.write()
    before = folder.follower()
    (folder.data / FILE).unlink()
    rotate(folder.store, folder.data, now=later(hours=1), lost=True)
    folder.write(later(hours=1))
    with pytest.raises(Refused):
        before.entry()
    assert folder.follower().entry().sequence == 1


def test_a_restored_database_goes_on_above_what_was_told(folder, tmp_path, database_url) -> None:
    """A restored copy remembers less than the folder tells: all is told anew, and followers take the snapshot."""
    folder.write()
    backup = folder.store.exchange_state.state()
    for hours in (1, 2, 3):
        load(folder.store, a_catalog(GALETTE, a_project(f"tool-{hours}"), *ORGANIZATIONS), now=later(hours=hours))
        folder.write(later(hours=hours))
    follower = folder.follower().take_snapshot()
    with writing(folder.store.engine) as connection:
        from catalog.store.core.engine import set_meta
        from catalog.store.federation.publish.state import _STATE, _plain
        from catalog.tables.federation import published, taken_back

        connection.execute(published.delete())
        connection.execute(taken_back.delete())
        set_meta(connection, _STATE, _plain(backup))
    load(folder.store, a_catalog(GALETTE, *ORGANIZATIONS), now=later(hours=4))
    assert folder.write(later(hours=4)).sequence == 5
    entry = folder.follower().entry()
    assert entry.changes == () and entry.at == later(hours=4)
    assert set(follower.catch_up().named("project")) == {"galette"}


def test_a_backup_that_is_put_back_elsewhere_goes_on_above_whatever_was_told(folder, tmp_path) -> None:
    """No folder is there to say how far the feed was: nobody's sequence grows faster than its seconds."""
    folder.write()
    follower = folder.follower().take_snapshot()
    settings = Settings(data=folder.data, catalog=tmp_path / "catalog.yaml")
    file = tmp_path / "backup.tar.gz"
    backup.write(settings, folder.store, file, mirrors=False, now=NOW)
    for seconds in (30, 60):
        load(folder.store, a_catalog(GALETTE, a_project(f"tool-{seconds}"), *ORGANIZATIONS), now=later(seconds=seconds))
        folder.write(later(seconds=seconds))
    rotate(folder.store, folder.data, now=later(seconds=70))
    folder.write(later(seconds=71))
    follower.catch_up()
    backup.restore(settings, folder.store, file, replace=True, now=later(seconds=80))
    shutil.rmtree(folder.path)
    assert folder.write(later(seconds=90)).sequence > follower.sequence == 3
    assert set(follower.catch_up().named("project")) == {"galette", "paheko"}
    assert follower.all == folder.follower().take_snapshot().all
    assert not folder.write(later(seconds=100)).wrote


_CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from catalog.store import Store
from forge.federation.publish.folder import write

def die(point):
    if point == {point!r}:
        os.kill(os.getpid(), signal.SIGKILL)

write(Store({url!r}), Path({data!r}), Path({folder!r}), {here!r}, now=datetime.fromisoformat({now!r}), reached=die)
"""


@pytest.mark.sqlite_first
@pytest.mark.parametrize("rotating", [pytest.param(False, marks=pytest.mark.full), True])
@pytest.mark.parametrize("point", folders.POINTS)
def test_a_writing_killed_at_any_point_leaves_a_folder_that_verifies(folder, database_url, point, rotating) -> None:
    folder.write()
    old = folder.follower().take_snapshot()
    folder.take_back()
    if rotating:
        rotate(folder.store, folder.data, now=later(hours=1))
    told = {"url": database_url, "data": str(folder.data), "folder": str(folder.path), "here": HERE}
    code = _CHILD.format(point=point, now=later(hours=1).isoformat(), **told)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    seen = folder.follower() if not rotating else Follower(folder.path, old.pinned)
    assert seen.entry().sequence in (1, 2)
    key = ("adoption", str(adoption_id(identity("galette"), identity("coop-des-halles", "organization"))))
    done = folder.write(later(hours=2))
    assert done.sequence == 2
    assert key in old.records and key not in old.catch_up().records and key in old.stones
    assert b"adh\xc3\xa9rents" not in b"".join(
        old.unpacked(one.file) for one in old.entry().parts if one.kind == "adoption"
    )
    named = {one.path for one in (old.entry().card, *(p.file for p in (*old.entry().parts, *old.entry().changes)))}
    assert {str(one.relative_to(folder.path)) for one in folder.path.rglob("*.gz")} == named


def test_a_first_reader_believes_the_card_at_every_point_of_a_rotation(folder, database_url) -> None:
    folder.write()
    rotate(folder.store, folder.data, now=later(hours=1))

    def first_visit(point: str) -> None:
        card = parsing.card((folder.path / "instance.json").read_bytes())
        Follower(folder.path, signing.public_bytes(card.key.public)).entry()

    write(folder.store, folder.data, folder.path, HERE, now=later(hours=1), reached=first_visit)
    first_visit("")
