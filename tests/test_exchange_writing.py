"""The folder that other catalogues read: whole at every moment, the same by snapshot and by changes, without what was
taken back, signed by one key that another may follow. On both databases."""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from exchange_follower import Follower, Refused, all_bytes
from factories import NOW, a_catalog, a_manifest, a_project, an_adoption, an_organization, identity, later, load
from sqlalchemy import update

from catalog import moderate
from catalog.decisions import HIDE, SHOW
from catalog.declarations import pair
from catalog.exchange import bounds, parsing, shapes, signing
from catalog.model import DataLicense, Operator
from catalog.schema import adoption, organization, project
from catalog.schema_deciding import joined, likeness
from catalog.schema_exchange import offer
from catalog.schema_foreign import acknowledgement
from catalog.store import Store
from catalog.store.database import next_change, writing
from forge import backup
from forge.exchange import folder as folders
from forge.exchange.folder import OtherFolder, standing, write
from forge.exchange.keys import FILE, KeyTrouble, keys, rotate
from forge.settings import Settings

HERE = "https://forge.example"
ORGANIZATIONS = (an_organization(), an_organization("ana-maintains", kind="tech-collective"))
GALETTE = a_project(
    features={"fr": ("Fiches", "Cotisations")},
    adoptions=(an_adoption(purpose={"fr": "Tenir les adhérents"}), an_adoption("ana-maintains", visibility="network")),
)


@pytest.fixture
def store(database_url):
    store = Store(database_url)
    yield store
    store.close()


class Folder:
    """One instance's data folder and exchange, written again and again."""

    def __init__(self, store, path: Path):
        self.store, self.data, self.path = store, path, path / "exchange"

    def write(self, now: datetime = NOW):
        return write(self.store, self.data, self.path, HERE, now=now)

    def follower(self) -> Follower:
        return Follower(self.path, keys(self.store, self.data).private.public)

    def take_back(self, project_slug="galette", organization_slug="coop-des-halles", visibility="maintainers"):
        with writing(self.store.engine) as connection:
            next_change(connection)
            mine = adoption.c.organization_id == identity(organization_slug, "organization")
            connection.execute(update(adoption).where(mine).values(visibility=visibility))


@pytest.fixture
def folder(store, tmp_path):
    load(store, a_catalog(GALETTE, a_project("paheko"), *ORGANIZATIONS))
    return Folder(store, tmp_path)


def test_a_folder_is_believed_by_its_key_and_by_no_other(folder) -> None:
    done = folder.write()
    assert done.wrote and done.sequence == 1
    follower = folder.follower().take_snapshot()
    assert set(follower.named("project")) == {"galette", "paheko"}
    assert set(follower.named("adoption")) == {"galette coop-des-halles"}
    with pytest.raises(Refused):
        Follower(folder.path, signing.Private(b"x" * 32).public).entry()
    mode = (folder.data / FILE).stat().st_mode & 0o777
    assert mode == 0o600


def test_a_record_keeps_the_documents_shape_with_texts_apart_and_references_by_identity(folder) -> None:
    folder.write()
    follower = folder.follower().take_snapshot()
    galette = follower.named("project")["galette"]
    assert galette.body["repository"] == "https://github.com/example/galette.git"
    assert not {"summary", "features", "adoptions", "id"} & set(galette.body)
    assert (galette.page, galette.origin, galette.license) == ("/projects/galette", "curated", "CC0-1.0")
    fr = follower.texts[("project", str(galette.id), "fr")].texts
    assert fr["features"] == shapes.Said("Fiches\nCotisations") and fr["summary"].origin == "original"
    use = follower.named("adoption")["galette coop-des-halles"]
    assert use.id == pair(galette.id, identity("coop-des-halles", "organization"))
    assert use.body["project"] == {"id": str(galette.id), "slug": "galette", "name": "Galette"}
    assert "visibility" not in use.body and use.body["verification"] == "found-in-public-source"


@pytest.mark.parametrize("tampered", ["entry.json", "snapshot", "changes"])
def test_a_changed_byte_is_noticed(folder, tampered) -> None:
    folder.write()
    load(folder.store, a_catalog(GALETTE, *ORGANIZATIONS), now=later(hours=1))
    folder.write(later(hours=1))
    target = folder.path / tampered
    file = target if target.is_file() else sorted(target.iterdir())[0]
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(bytes(raw))
    with pytest.raises((Refused, parsing.Misread)):
        folder.follower().entry()


def test_nothing_is_written_while_nothing_changed_but_the_expiry_once_a_week(folder) -> None:
    first = folder.write()
    before = {path: path.stat().st_mtime_ns for path in folder.path.rglob("*") if path.is_file()}
    held = keys(folder.store, folder.data)
    assert standing(folder.path, folder.store, held, HERE, now=later(days=6))
    again = folder.write(later(days=6))
    assert not again.wrote and again.sequence == first.sequence == 1
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not standing(folder.path, folder.store, held, HERE, now=later(days=7))
    renewed = folder.write(later(days=7))
    assert renewed.wrote and renewed.sequence == 1
    entry = folder.follower().entry()
    assert entry.expires_at == entry.at + timedelta(days=30) == later(days=37)


def test_a_changed_card_is_told_without_a_new_sequence(folder) -> None:
    folder.write()
    changed = a_manifest(operator=Operator("April"), contact="https://april.example/contact")
    load(folder.store, a_catalog(GALETTE, a_project("paheko"), *ORGANIZATIONS, manifest=changed))
    done = folder.write()
    assert (done.wrote, done.sequence) == (True, 1)
    entry = folder.follower().entry()
    assert entry.at == later(seconds=1)
    card = parsing.card(folder.follower().unpacked(entry.card))
    assert card.operator["name"] == "April" and (folder.path / "instance.json").read_bytes() == shapes.canonical(card)


def test_a_card_says_whether_it_tells_what_a_follower_must_know(folder) -> None:
    assert folder.write().missing == ("operator", "contact", "criteria", "validation", "refresh")
    assert not parsing.card((folder.path / "instance.json").read_bytes()).complete
    whole = a_manifest(
        operator=Operator("April"),
        contact="https://april.example/contact",
        criteria={"fr": "Libre"},
        validation={"fr": "Lu par deux personnes"},
        refresh={"fr": "Chaque jour"},
        data_license=DataLicense(),
    )
    load(folder.store, a_catalog(GALETTE, *ORGANIZATIONS, manifest=whole))
    assert folder.write(later(minutes=5)).missing == ()
    assert parsing.card((folder.path / "instance.json").read_bytes()).complete


def test_changes_tell_the_same_as_the_snapshot(folder) -> None:
    folder.write()
    daily, seldom = folder.follower().take_snapshot(), folder.follower().take_snapshot()
    steps = [
        a_catalog(GALETTE, a_project("paheko", summary={"es": "Lleva las cuentas"}), *ORGANIZATIONS),
        a_catalog(GALETTE, a_project("dolibarr"), *ORGANIZATIONS),
        a_catalog(GALETTE, a_project("dolibarr"), a_project("paheko"), *ORGANIZATIONS),
        a_catalog(dataclasses.replace(GALETTE, features={}, homepage="https://galette.eu"), a_project("paheko")),
    ]
    for hours, document in enumerate(steps, 1):
        organizations = document.organizations or ORGANIZATIONS
        load(folder.store, dataclasses.replace(document, organizations=organizations), now=later(hours=hours))
        folder.write(later(hours=hours))
        assert daily.catch_up().all == folder.follower().take_snapshot().all
    assert seldom.catch_up().all == daily.all and daily.sequence == 5
    assert [one.sequence for one in folder.follower().entry().changes] == [2, 3, 4, 5]
    assert set(daily.named("project")) == {"galette", "paheko"}


def test_what_was_taken_back_is_in_no_file_and_its_tombstone_in_the_next(folder) -> None:
    folder.write()
    lesson = "Une leçon que personne ne doit plus lire"
    told = an_adoption(lesson={"fr": lesson})
    load(folder.store, a_catalog(dataclasses.replace(GALETTE, adoptions=(told,)), *ORGANIZATIONS), now=later(hours=1))
    folder.write(later(hours=1))
    offline = folder.follower().take_snapshot()
    assert lesson.encode() in all_bytes(folder.path)
    folder.take_back()
    assert folder.write(later(hours=2)).sequence == 3
    key = str(pair(identity("galette"), identity("coop-des-halles", "organization")))
    assert lesson.encode() not in all_bytes(folder.path)
    for follower in (offline.catch_up(), folder.follower().take_snapshot()):
        assert ("adoption", key) not in follower.records
        stone = follower.stones[("adoption", key)]
        assert (stone.ground, stone.revision) == ("withdrawn", 2)


def test_a_tombstone_holds_identity_date_and_ground_and_nothing_else(folder) -> None:
    folder.write()
    folder.take_back()
    folder.write(later(hours=1))
    told = next(one for one in folder.follower().entry().parts if one.kind == "tombstone")
    raw = folder.follower().unpacked(told.file)
    key = pair(identity("galette"), identity("coop-des-halles", "organization"))
    (stone,) = parsing.part(raw, told)
    assert stone == shapes.Tombstone("adoption", key, later(hours=1), "withdrawn", 1)
    assert b"coop" not in raw and b"galette" not in raw


def test_who_declares_again_is_told_again_without_a_tombstone(folder) -> None:
    folder.write()
    folder.take_back()
    folder.write(later(hours=1))
    late = folder.follower().take_snapshot()
    folder.take_back(visibility="public")
    folder.write(later(hours=2))
    back = late.catch_up().named("adoption")["galette coop-des-halles"]
    assert back.revision == 3 and not late.stones
    assert folder.follower().take_snapshot().all == late.all


def test_a_use_that_nobody_saw_publicly_has_no_tombstone(folder) -> None:
    folder.write()
    folder.take_back(organization_slug="ana-maintains", visibility="counted")
    assert not folder.write(later(hours=1)).wrote
    assert not folder.follower().take_snapshot().stones


def test_a_tombstone_goes_after_two_years(folder) -> None:
    folder.write()
    folder.take_back()
    folder.write(later(hours=1))
    folder.write(later(days=729))
    assert folder.follower().take_snapshot().stones
    folder.write(later(days=738))
    assert not folder.follower().take_snapshot().stones


def test_opted_out_projects_and_hidden_organizations_leave_with_what_hangs_on_them(folder) -> None:
    folder.write()
    with writing(folder.store.engine) as connection:
        next_change(connection)
        gone = project.c.slug == "galette"
        connection.execute(update(project).where(gone).values(opted_out_at=NOW))
        hidden = organization.c.slug == "ana-maintains"
        connection.execute(update(organization).where(hidden).values(hidden="hidden"))
    folder.write(later(hours=1))
    follower = folder.follower().take_snapshot()
    grounds = {(kind, stone.ground) for (kind, _), stone in follower.stones.items()}
    assert grounds == {("project", "opted-out"), ("organization", "withdrawn"), ("adoption", "withdrawn")}
    raw = all_bytes(folder.path)
    assert b"galette" not in raw and b"ana-maintains" not in raw


def test_followers_are_told_the_ground_that_a_moderator_gave_until_it_is_shown_again(folder) -> None:
    folder.write()
    decide = moderate.decide_here
    decide(folder.store, "galette", HIDE, "court", "A judgment of 3 May.", now=NOW)
    decide(folder.store, "ana-maintains", HIDE, "mistake", "It was another one.", kind="organization", now=NOW)
    folder.write(later(hours=1))
    stones = folder.follower().take_snapshot().stones
    grounds = {kind: stone.ground for (kind, _), stone in stones.items()}
    assert grounds == {"project": "court", "organization": "mistake", "adoption": "withdrawn"}
    decide(folder.store, "galette", SHOW, "over", "", now=later(hours=1))
    folder.write(later(hours=2))
    load(folder.store, a_catalog(a_project("paheko"), *ORGANIZATIONS), now=later(hours=3))
    folder.write(later(hours=3))
    stones = folder.follower().take_snapshot().stones
    assert stones[("project", str(identity("galette")))].ground == "withdrawn"


def test_what_came_from_elsewhere_does_not_go_out_again(folder) -> None:
    with writing(folder.store.engine) as connection:
        next_change(connection)
        theirs = identity("elsewhere", "peer")
        connection.execute(update(project).where(project.c.slug == "paheko").values(peer_id=theirs))
        connection.execute(update(adoption).values(origin="peer:other.example"))
    folder.write()
    follower = folder.follower().take_snapshot()
    assert set(follower.named("project")) == {"galette"} and not follower.named("adoption")


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


def test_a_second_folder_holds_the_same_bytes(folder, tmp_path) -> None:
    folder.write()
    stick = Folder(folder.store, folder.data)
    stick.path = tmp_path / "stick"
    assert stick.write(later(days=1)).wrote
    assert all_bytes(stick.path) == all_bytes(folder.path)


def test_a_folder_of_another_catalogue_is_left_alone(folder, tmp_path) -> None:
    folder.write()
    elsewhere = a_manifest(id=identity("elsewhere", "peer"))
    load(folder.store, a_catalog(GALETTE, *ORGANIZATIONS, manifest=elsewhere))
    before = all_bytes(folder.path)
    with pytest.raises(OtherFolder, match="another catalogue"):
        folder.write(later(hours=1))
    assert all_bytes(folder.path) == before


def test_a_restored_database_goes_on_above_what_was_told(folder, tmp_path, database_url) -> None:
    """A restored copy remembers less than the folder tells: all is told anew, and followers take the snapshot."""
    folder.write()
    backup = folder.store.sent.state()
    for hours in (1, 2, 3):
        load(folder.store, a_catalog(GALETTE, a_project(f"tool-{hours}"), *ORGANIZATIONS), now=later(hours=hours))
        folder.write(later(hours=hours))
    follower = folder.follower().take_snapshot()
    with writing(folder.store.engine) as connection:
        from catalog.schema_exchange import published, taken_back
        from catalog.store.database import note
        from catalog.store.sent import _STATE, _plain

        connection.execute(published.delete())
        connection.execute(taken_back.delete())
        note(connection, _STATE, _plain(backup))
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


@pytest.mark.sqlite_first
def test_only_the_last_fifty_changes_are_told_one_by_one(folder) -> None:
    folder.write()
    behind, near = folder.follower().take_snapshot(), folder.follower()
    for number in range(1, 53):
        tool = a_project("paheko", homepage=f"https://example.org/{number}")
        load(folder.store, a_catalog(GALETTE, tool, *ORGANIZATIONS), now=later(minutes=number))
        folder.write(later(minutes=number))
        if number == 10:
            near.take_snapshot()
    entry = folder.follower().entry()
    assert [one.sequence for one in entry.changes] == list(range(4, 54))
    assert near.catch_up().all == behind.catch_up().all == folder.follower().take_snapshot().all


def test_what_no_entry_names_goes_after_a_day(folder) -> None:
    folder.write()
    first = set(folder.path.rglob("*.gz"))
    load(
        folder.store,
        a_catalog(dataclasses.replace(GALETTE, homepage="https://galette.eu"), a_project("paheko"), *ORGANIZATIONS),
    )
    folder.write(later(hours=1))
    assert first < set(folder.path.rglob("*.gz"))
    folder.write(later(hours=26))
    assert not first <= set(folder.path.rglob("*.gz"))
    folder.follower().entry()


_CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from catalog.store import Store
from forge.exchange.folder import write

def die(point):
    if point == {point!r}:
        os.kill(os.getpid(), signal.SIGKILL)

write(Store({url!r}), Path({data!r}), Path({folder!r}), {here!r}, now=datetime.fromisoformat({now!r}), reached=die)
"""


@pytest.mark.sqlite_first
@pytest.mark.parametrize("rotating", [False, True])
@pytest.mark.parametrize("point", folders.POINTS)
def test_a_writing_killed_at_any_point_leaves_a_folder_that_verifies(folder, database_url, point, rotating) -> None:
    folder.write()
    old = folder.follower().take_snapshot()
    folder.take_back()
    if rotating:
        rotate(folder.store, folder.data, now=later(hours=1))
    told = {"url": database_url, "data": str(folder.data), "folder": str(folder.path), "here": HERE}
    code = _CHILD.format(point=point, now=later(hours=1).isoformat(), **told)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    seen = folder.follower() if not rotating else Follower(folder.path, old.pinned)
    assert seen.entry().sequence in (1, 2)
    key = ("adoption", str(pair(identity("galette"), identity("coop-des-halles", "organization"))))
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


def test_an_entry_stays_small(folder) -> None:
    folder.write()
    assert (folder.path / "entry.json").stat().st_size < 4096 < bounds.ENTRY_BYTES


def test_joins_acknowledgements_and_offers_of_ours_go_out_by_changes_and_by_snapshot(folder) -> None:
    folder.write()
    follower = folder.follower().take_snapshot()
    home, other, translated = identity("elsewhere", "peer"), identity("gone", "peer"), identity("theirs", "peer")
    moderator = {"kind": "project", "one_id": identity("galette"), "other_id": identity("paheko"), "reasons": []}
    given = {"id": other, "home_id": home, "kind": "project", "record_id": translated, "field": "summary", "at": NOW}
    given |= {"language": "fr", "text": "Tenir", "of_revision": 4, "translator": "April", "method": "person"}
    with writing(folder.store.engine) as connection:
        connection.execute(likeness.insert().values(**moderator, at=NOW, done_at=NOW, apart=True))
        connection.execute(
            acknowledgement.insert().values(kind="adoption", record_id=other, home_id=home, at=later(minutes=1))
        )
        connection.execute(offer.insert().values(**given, outgoing=True, state="waiting"))
    assert folder.write(later(hours=1)).sequence == 2
    told = next(one for one in follower.entry().changes if one.sequence == 2)
    changes = parsing.change_file(follower.unpacked(told.file), told)
    (join,) = changes.joins
    assert (join.says, {join.a, join.b}) == ("not-the-same", {identity("galette"), identity("paheko")})
    assert changes.acknowledgements == (shapes.Acknowledgement("adoption", other, home, later(minutes=1)),)
    assert [(one.record, one.text, one.of_revision) for one in changes.offers] == [(translated, "Tenir", 4)]
    parts = {one.kind: parsing.part(follower.unpacked(one.file), one) for one in follower.entry().parts}
    assert (parts["join"], parts["acknowledgement"], parts["offer"]) == (
        changes.joins,
        changes.acknowledgements,
        changes.offers,
    )
    with writing(folder.store.engine) as connection:
        connection.execute(likeness.delete())
        connection.execute(acknowledgement.delete())
        connection.execute(update(offer).values(state="accepted"))
    folder.write(later(hours=2))
    follower.sequence = 2
    follower.records = {("join", str(join.id)): join}
    follower.catch_up()
    assert not follower.records and {kind for kind, _ in follower.stones} == {"join", "offer"}


def test_records_that_moderators_joined_are_told_to_be_the_same(folder) -> None:
    with writing(folder.store.engine) as connection:
        next_change(connection)
        row = {"kind": "project", "record_id": identity("double"), "into_id": identity("galette"), "number": 1}
        connection.execute(joined.insert().values(**row, at=NOW, before={}))
        connection.execute(
            joined.insert().values(**row | {"record_id": identity("x"), "into_id": identity("y")}, at=NOW, before={})
        )
    folder.write()
    follower = folder.follower().take_snapshot()
    (said,) = [one for (kind, _), one in follower.records.items() if kind == "join"]
    assert (said.a, said.b, said.says, said.by) == (identity("double"), identity("galette"), "same", "A catalogue")
