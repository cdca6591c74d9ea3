"""Visits of another catalogue: what was decided comes and nothing else, withdrawals come in any case, and a visit
without news is small."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from support.factories.core import NOW, a_catalog, a_manifest, a_project, load
from support.factories.following import a_following, decided, followed, names_of, visit
from support.factories.visits import Clock
from support.hosts.exchange import Home, an_id
from support.hosts.static import Served, served
from support.world import a_client

from catalog import moderation
from catalog.exchange.names import WITHDRAWN, shard_target
from catalog.exchange.statements import CardLicense
from catalog.rules.peer import NOT_THERE, PAUSED, RETURNED, SKIPPED, VANISHED
from catalog.store.store import Store
from forge.exchange.follow import adding
from forge.exchange.follow.visit_job import EVERY, SLOWEST, PeerVisitor, pause


def test_the_first_visit_brings_all(following: PeerVisitor, host: Served) -> None:
    peer = followed(following, host.url)
    outcome, peer = visit(following, peer)
    assert outcome.good and outcome.notes == ()
    assert names_of(following.store) == ["Contarapido", "Galette", "Turnos"]
    assert names_of(following.store, "organization") == ["Coop Sol"]
    assert following.store.received_records.held(peer.id) == {
        "project": 2,
        "organization": 1,
        "adoption": 1,
    }
    (use,) = following.store.public_records.project("contarapido").adoptions
    assert (use.organization.name, use.origin) == ("Coop Sol", f"peer:{peer.instance_id}")
    assert (peer.sequence, peer.last_good_at, peer.failures, peer.refusal) == (1, NOW, 0, None)


def test_a_visit_without_news_is_two_requests_and_less_than_a_kilobyte(on_sqlite: PeerVisitor, host: Served) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    host.asked.clear()
    change = on_sqlite.store.change()
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and not outcome.taken.anything
    assert [(path, status) for path, status, _ in host.asked] == [
        ("/metadata/2.root.json", 404),
        ("/metadata/timestamp.json", 304),
    ]
    assert sum(size for *_, size in host.asked) <= 1_000
    assert on_sqlite.store.change() == change


def test_the_next_visit_fetches_what_changed_and_nothing_else(
    following: PeerVisitor, home: Home, host: Served, clock: Clock
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.project(1, "Contarapido", summary={"es": "Otra frase"})
    home.project(0x15, "Dolibarr")
    home.now = clock.move(hours=1)
    home.publish()
    host.asked.clear()
    outcome, peer = visit(following, peer)
    assert outcome.good and (outcome.taken.added, outcome.taken.changed) == (1, 1)
    assert names_of(following.store) == ["Contarapido", "Dolibarr", "Galette", "Turnos"]
    summary = following.store.public_records.project("contarapido").record.summary
    assert dict(summary) == {"es": "Otra frase"}
    fetched = [path.rpartition("/")[0] for path, status, _ in host.asked if status == 200]
    assert fetched == ["/metadata", "/metadata", "/metadata", "/targets/projects", "/targets/projects"]


def test_what_came_before_a_visit_was_ended_is_shown_after_the_next_one(
    on_sqlite: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(on_sqlite, host.url)
    full = "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    with on_sqlite.store.engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TRIGGER full BEFORE UPDATE OF row_id ON received_record {full}")
    with pytest.raises(IntegrityError, match="disk full"):
        visit(on_sqlite, peer)
    assert on_sqlite.store.received_records.held(peer.id)["project"] == 2 and names_of(on_sqlite.store) == ["Galette"]
    with on_sqlite.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    outcome, _ = visit(on_sqlite, peer)
    assert outcome.good and names_of(on_sqlite.store) == ["Contarapido", "Galette", "Turnos"]


def test_a_withdrawal_goes_first_with_all_that_hangs_on_it(
    following: PeerVisitor, home: Home, host: Served, clock: Clock
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.withdraw(1)
    home.now = clock.move(minutes=15)
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.good and outcome.taken.withdrawn == 2  # and the use that stood inside of it
    assert names_of(following.store) == ["Galette", "Turnos"]
    assert following.store.received_records.held(peer.id) == {"project": 1, "organization": 1}
    kept = b"".join(file.read_bytes() for file in following.folder.rglob("*.gz"))
    assert not (following.folder / str(peer.instance_id) / "targets" / "projects" / "1").exists() and kept


def test_a_paused_catalogue_still_withdraws_and_brings_nothing(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    decided(following, peer, PAUSED)
    home.withdraw(2)
    home.project(6, "Dolibarr")
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.good and names_of(following.store) == ["Contarapido", "Galette"]
    decided(following, peer)
    visit(following, peer)
    assert names_of(following.store) == ["Contarapido", "Dolibarr", "Galette"]


def test_a_record_that_breaks_a_rule_is_named_and_costs_nothing_else(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.project(1, "Contarapido", homepage="https://x.example/\x07")
    home.project(0x11, "Dolibarr")  # in the same file
    home.withdraw(2)
    home.publish()
    _outcome, peer = visit(following, peer)
    assert [note.code for note in peer.notes] == [SKIPPED] and str(an_id(1)) in peer.notes[0].subject
    assert "homepage" in peer.notes[0].subject
    assert names_of(following.store) == ["Contarapido", "Dolibarr", "Galette"]  # it stays as it was
    assert following.store.received_records.held(peer.id)["adoption"] == 1


def test_a_file_that_fails_is_fetched_with_the_next_visit(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.project(1, "Contarapido", summary={"es": "Otra frase"})
    home.withdraw(2)
    home.publish()
    path = str(home.file(home.shard(1)).relative_to(home.folder))
    host.statuses[path] = 503
    outcome, peer = visit(following, peer)
    assert outcome.good and names_of(following.store) == ["Contarapido", "Galette"]
    assert [note.code for note in peer.notes] == ["file-refused"] and "out-of-order" in peer.notes[0].subject
    assert peer.etag is None  # the next visit looks again although nothing changed there
    host.statuses.clear()
    visit(following, peer)
    assert dict(following.store.public_records.project("contarapido").record.summary) == {"es": "Otra frase"}
    assert following.store.peers.get(peer.id).notes == ()


def test_a_file_that_is_refused_is_read_once_in_a_visit_and_asked_for_again(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    unreadable = shard_target(WITHDRAWN, "0")
    home.raw[unreadable] = b"no gzip"
    home.publish()
    for _ in range(2):
        outcome, peer = visit(following, peer)
        assert [note.code for note in outcome.notes] == ["file-refused"] and names_of(following.store) == ["Galette"]
    del home.raw[unreadable]
    home.publish()
    visit(following, peer)
    assert names_of(following.store) == ["Contarapido", "Galette", "Turnos"]


def test_records_of_another_licence_are_others_although_their_files_are_as_they_were(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.card["data_license"] = CardLicense("ODbL-1.0", "CC-BY-4.0")
    home.publish()
    path = str(home.file(home.shard(1)).relative_to(home.folder))
    (following.folder / str(home.id) / path).unlink()
    host.statuses[path] = 503
    visit(following, peer)
    host.statuses.clear()
    visit(following, peer)
    assert {fact.source["license"] for fact in following.store.facts.page("contarapido").facts} == {"ODbL-1.0"} | {
        "CC-BY-4.0"
    }
    assert {fact.source["license"] for fact in following.store.facts.page("turnos").facts} == {"ODbL-1.0", "CC-BY-4.0"}


def test_two_records_of_one_catalogue_are_two_although_their_code_is_in_one_place(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    code = a_project().repository
    home.project(6, "Uno", repository=code)
    home.project(7, "Dos", repository=code)
    home.project(8, "Tres", repository="https://git.example.org/same")
    home.project(9, "Cuatro", repository="https://git.example.org/same")
    home.publish()
    peer = followed(following, host.url)
    visit(following, peer)
    every = ["Contarapido", "Cuatro", "Dos", "Galette", "Tres", "Turnos", "Uno"]
    assert names_of(following.store) == every


def test_a_kind_that_vanishes_without_withdrawals_waits_for_a_person(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    for number in range(0x20, 0x28):
        home.organization(number, f"Coop {number}")
    home.publish()
    visit(following, peer)
    gone = [home.records.pop(an_id(number)) for number in (0x20, 0x21)]  # two of nine
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.taken.asks == peer.asks == {"organization": 2}
    assert [(note.code, note.subject) for note in peer.notes] == [(VANISHED, "organization 2")]
    assert len(names_of(following.store, "organization")) == 9
    visit(following, peer)
    assert following.store.peers.get(peer.id).asks == {"organization": 2}
    home.records |= {record.id: record for record in gone}  # they come back: nobody is asked any more
    home.publish()
    visit(following, peer)
    assert following.store.peers.get(peer.id).asks == {}
    for record in gone:
        del home.records[record.id]
    home.publish()
    visit(following, peer)
    moderation.allow_peer(following.store, None, peer.id, now=NOW)
    outcome, peer = visit(following, peer)
    assert outcome.taken.removed == 2 and peer.asks == {} and len(names_of(following.store, "organization")) == 7
    home.records.pop(an_id(0x22))  # one of seven
    home.publish()
    assert visit(following, peer)[0].taken.removed == 1


def test_uses_that_vanish_from_their_project_wait_where_they_are_more_than_a_fifth(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    project = home.project(0x30, "Tareas")
    for number in range(0x20, 0x28):
        home.uses(project, home.organization(number, f"Coop {number}"))
    home.publish()
    visit(following, peer)
    held = following.store.received_records.held(peer.id)["adoption"]
    lines = home.records[project.id].adoptions
    home.records[project.id] = replace(home.records[project.id], adoptions=lines[:4])
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.taken.asks == {"adoption": 4}
    assert following.store.received_records.held(peer.id)["adoption"] == held
    moderation.allow_peer(following.store, None, peer.id, now=NOW)
    outcome, peer = visit(following, peer)
    assert outcome.taken.removed == 4 and peer.asks == {}
    assert following.store.received_records.held(peer.id)["adoption"] == held - 4


def test_what_its_home_forgot_that_it_withdrew_comes_back_only_when_a_person_says_so(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    before = home.records[an_id(2)]
    home.withdraw(2)
    home.publish()
    visit(following, peer)
    home.records[an_id(2)], home.withdrawn = before, []  # restored from a backup: it knows of no withdrawal
    home.publish()
    _, peer = visit(following, peer)
    assert peer.asks == {RETURNED: 1} and names_of(following.store) == ["Contarapido", "Galette"]
    moderation.allow_peer(following.store, None, peer.id, now=NOW)
    _outcome, peer = visit(following, peer)
    assert peer.asks == {} and names_of(following.store) == ["Contarapido", "Galette", "Turnos"]


def test_what_its_home_publishes_again_returns_by_its_word(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    n = home.withdraw(2).n
    home.publish()
    visit(following, peer)
    home.withdrawn.clear()
    home.project(2, "Turnos", returns=n)
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.taken.asks == {} and names_of(following.store) == ["Contarapido", "Galette", "Turnos"]


def test_withdrawals_of_records_that_were_never_here_leave_no_row(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    for number in range(0x1000, 0x1400):
        home.withdraw(number, kind="adoption")
    home.publish()
    outcome, _ = visit(following, peer)
    assert outcome.good and outcome.taken.withdrawn == 0
    with following.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM peer_withdrawal").scalar() == 0


def test_many_withdrawals_are_as_good_as_few(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.bits = 8
    for number in range(0x10000, 0x10000 + 20_001):
        home.withdraw(number, kind="project")
    home.withdraw(2)
    home.publish()
    outcome, _ = visit(following, peer)
    assert outcome.good and outcome.taken.withdrawn == 1 and not outcome.notes
    assert names_of(following.store) == ["Contarapido", "Galette"]


def test_files_by_two_digits_hold_the_same_records(following: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    change = following.store.change()
    home.bits = 8
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.good and not outcome.taken.anything and following.store.change() == change
    home.withdraw(2)
    home.publish()
    assert visit(following, peer)[0].taken.withdrawn == 1


@pytest.mark.parametrize(("failures", "minutes"), [(0, 15), (1, 30), (3, 120), (20, SLOWEST.total_seconds() / 60)])
def test_a_visit_comes_back_in_a_quarter_of_an_hour_and_later_after_failures(failures: int, minutes: float) -> None:
    assert pause(failures, 0).total_seconds() == minutes * 60
    assert pause(0, 0) == EVERY


def test_a_record_in_a_language_that_we_do_not_speak_is_shown_with_its_text(
    app: Any, store: Store, home: Home, host: Served, clock: Clock
) -> None:
    load(store, a_catalog(a_project(), manifest=a_manifest(languages=("es",))))
    job = a_following(store, app.state.peers, clock)
    home.project(2, "Turnos", summary={"fr": "Répartir les tours de garde"})
    home.publish()
    visit(job, followed(job, host.url))
    page = a_client(app).get("/es/projects/turnos").text
    assert "Répartir les tours de garde" in page and 'lang="fr"' in page


def test_two_catalogues_at_one_host_are_two_and_none_takes_the_address_of_the_other(
    on_sqlite: PeerVisitor, home: Home, tmp_path: Path
) -> None:
    other = Home(tmp_path / "both" / "b", id=an_id(70))
    other.project(9, "Dolibarr")
    home.folder = tmp_path / "both" / "a"
    with served(tmp_path / "both") as host:
        for catalogue in (home, other):
            catalogue.address = f"{host.url}/{catalogue.folder.name}"
            catalogue.publish()
        one, two = (followed(on_sqlite, catalogue.address) for catalogue in (home, other))
        for peer in (one, two):
            assert visit(on_sqlite, peer)[0].good
        assert one.origin != two.origin and one.host == two.host
        facts = on_sqlite.store.facts.page("dolibarr").facts
        assert {fact.origin for fact in facts} == {two.origin}
        thief = Home(tmp_path / "both" / "c", id=an_id(71), address=other.address).publish()
        thief.publish()
        with pytest.raises(adding.NotAdded) as refused:
            followed(on_sqlite, f"{host.url}/c")
        assert refused.value.sentence == NOT_THERE
        assert len(on_sqlite.store.peers.all()) == 2


def test_a_catalogue_that_moves_is_read_at_its_new_address_once_the_old_one_is_gone(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    with served(home.folder, "/exchange") as pages:
        home.address, home.addresses = pages.url, (pages.url,)
        home.rotate()
        home.publish()
        _, peer = visit(following, peer)
        assert peer.address == f"{host.url}/" and peer.addresses == (pages.url,)
        host.down = True
        home.project(6, "Dolibarr")
        home.publish()
        outcome, peer = visit(following, peer)
        assert outcome.good and "Dolibarr" in names_of(following.store)
        assert (peer.address, peer.card["address"]) == (f"{pages.url}/exchange/", pages.url)


def test_an_address_at_another_host_must_lead_to_the_same_exchange(
    on_sqlite: PeerVisitor, home: Home, tmp_path: Path
) -> None:
    home.publish()
    with served(home.folder) as files, served(home.folder, "/exchange") as pages:
        home.address = pages.url
        home.publish()
        assert followed(on_sqlite, files.url).card["address"] == pages.url
