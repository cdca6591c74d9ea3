"""The folder that other catalogues read: whole at every moment, the same by snapshot and by changes, without what was
taken back, signed by one key that another may follow. On both databases."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_manifest, a_project, an_adoption, identity, later, load
from support.factories.rewriting import rewriting
from support.feed_folder import GALETTE, HERE, ORGANIZATIONS, Folder, a_folder
from support.feed_follower import Follower, Refused, all_bytes

from catalog import moderation
from catalog.federation import bounds, parsing, shapes, signing
from catalog.model import DataLicense, Operator
from catalog.rules.decision import HIDE, SHOW
from catalog.rules.submission import adoption_id
from catalog.store.core.public_changes import changing
from catalog.store.merges import rows as merge_rows
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project
from catalog.tables.federation import acknowledgement, offer
from catalog.tables.moderation import case, joined
from forge.federation.publish.folder import OtherFolder, standing
from forge.federation.publish.keys import FILE, keys


@pytest.fixture
def folder(store, tmp_path):
    return a_folder(store, tmp_path)


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
    assert fr["features"] == shapes.TranslatableText("Fiches\nCotisations") and fr["summary"].origin == "original"
    use = follower.named("adoption")["galette coop-des-halles"]
    assert use.id == adoption_id(galette.id, identity("coop-des-halles", "organization"))
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
    assert folder.write().missing == ("operator", "criteria", "validation", "refresh")
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
    assert [change.sequence for change in folder.follower().entry().changes] == [2, 3, 4, 5]
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
    key = str(adoption_id(identity("galette"), identity("coop-des-halles", "organization")))
    assert lesson.encode() not in all_bytes(folder.path)
    for follower in (offline.catch_up(), folder.follower().take_snapshot()):
        assert ("adoption", key) not in follower.records
        stone = follower.stones[("adoption", key)]
        assert (stone.ground, stone.revision) == ("withdrawn", 2)


def test_a_tombstone_holds_identity_date_and_ground_and_nothing_else(folder) -> None:
    folder.write()
    folder.take_back()
    folder.write(later(hours=1))
    told = next(part for part in folder.follower().entry().parts if part.kind == "tombstone")
    raw = folder.follower().unpacked(told.file)
    key = adoption_id(identity("galette"), identity("coop-des-halles", "organization"))
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
    with changing(folder.store.engine) as (connection, change):
        change()
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
    decide = moderation.decide_here
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
    with changing(folder.store.engine) as (connection, change):
        change()
        theirs = identity("elsewhere", "peer")
        connection.execute(update(project).where(project.c.slug == "paheko").values(peer_id=theirs))
        connection.execute(update(adoption).values(origin="peer:other.example"))
    folder.write()
    follower = folder.follower().take_snapshot()
    assert set(follower.named("project")) == {"galette"} and not follower.named("adoption")


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


def test_the_served_folder_is_mended_and_what_others_put_there_stays(folder) -> None:
    folder.write()
    for name in ("entry.json", "instance.json"):
        (folder.path / name).write_bytes(b"damaged")
    (folder.path / "snapshot" / "thesis.odt").write_bytes(b"mine")
    folder.take_back()
    assert folder.write(later(hours=1)).wrote
    assert folder.follower().take_snapshot().named("adoption") == {}
    assert (folder.path / "snapshot" / "thesis.odt").read_bytes() == b"mine"


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
    assert [change.sequence for change in entry.changes] == list(range(4, 54))
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


def test_an_entry_stays_small(folder) -> None:
    folder.write()
    assert (folder.path / "entry.json").stat().st_size < 4096 < bounds.ENTRY_BYTES


def test_joins_acknowledgements_and_offers_of_ours_go_out_by_changes_and_by_snapshot(folder) -> None:
    folder.write()
    follower = folder.follower().take_snapshot()
    home, other, translated = identity("elsewhere", "peer"), identity("gone", "peer"), identity("theirs", "peer")
    alike = merge_rows.case_values("project", (identity("galette"), identity("paheko")), [], now=NOW)
    given = {"id": other, "home_id": home, "kind": "project", "record_id": translated, "field": "summary", "at": NOW}
    given |= {"language": "fr", "text": "Tenir", "of_revision": 4, "translator": "April", "method": "person"}
    with rewriting(folder.store.engine) as connection:
        connection.execute(case.insert().values(alike | {"state": "closed", "closed_at": NOW, "outcome": "apart"}))
        connection.execute(
            acknowledgement.insert().values(kind="adoption", record_id=other, home_id=home, at=later(minutes=1))
        )
        connection.execute(offer.insert().values(**given, outgoing=True, state="waiting"))
    assert folder.write(later(hours=1)).sequence == 2
    told = next(change for change in follower.entry().changes if change.sequence == 2)
    changes = parsing.change_file(follower.unpacked(told.file), told)
    (join,) = changes.joins
    assert (join.says, {join.a, join.b}) == ("not-the-same", {identity("galette"), identity("paheko")})
    assert changes.acknowledgements == (shapes.Acknowledgement("adoption", other, home, later(minutes=1)),)
    assert [(offer.record, offer.text, offer.of_revision) for offer in changes.offers] == [(translated, "Tenir", 4)]
    parts = {part.kind: parsing.part(follower.unpacked(part.file), part) for part in follower.entry().parts}
    assert (parts["join"], parts["acknowledgement"], parts["offer"]) == (
        changes.joins,
        changes.acknowledgements,
        changes.offers,
    )
    with rewriting(folder.store.engine) as connection:
        connection.execute(case.delete())
        connection.execute(acknowledgement.delete())
        connection.execute(update(offer).values(state="accepted"))
    folder.write(later(hours=2))
    follower.sequence = 2
    follower.records = {("join", str(join.id)): join}
    follower.catch_up()
    assert not follower.records and {kind for kind, _ in follower.stones} == {"join", "offer"}


def test_records_that_moderators_joined_are_told_to_be_the_same(folder) -> None:
    with changing(folder.store.engine) as (connection, change):
        change()
        row = {"kind": "project", "record_id": identity("double"), "into_id": identity("galette"), "number": 1}
        connection.execute(joined.insert().values(**row, at=NOW, before={}))
        connection.execute(
            joined.insert().values(**row | {"record_id": identity("x"), "into_id": identity("y")}, at=NOW, before={})
        )
    folder.write()
    follower = folder.follower().take_snapshot()
    (said,) = [record for (kind, _), record in follower.records.items() if kind == "join"]
    assert (said.a, said.b, said.says, said.by) == (identity("double"), identity("galette"), "same", "A catalogue")
