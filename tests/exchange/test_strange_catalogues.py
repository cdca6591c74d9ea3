"""What other catalogues may say or do by mistake or with intent, and what a follower makes of it."""

import shlex
from dataclasses import replace
from uuid import uuid4

import pytest
from support.factories.following import decided, followed, names_of, visit
from support.hosts.exchange import Home, a_signer, an_id
from tuf.api.metadata import Metadata, Root

from catalog.exchange.limits import LIMITS
from catalog.exchange.names import INSTANCE
from catalog.exchange.statements import X_CATALOGUE, FollowedCatalogue, RootStatement
from catalog.exchange.writing import card_bytes, root_member
from catalog.rules.peer import PAUSED
from catalog.store.core.engine import writing
from catalog.store.federation import peers
from forge.exchange.card import instance_card
from forge.exchange.follow import adding
from forge.exchange.follow.visit import RepositoryVisit
from forge.web.wording.peers import hints


def published_anew(home: Home, clock) -> None:
    home.now = clock.move(hours=1)
    home.publish()


def test_a_root_that_gives_the_same_keys_other_roles_waits_for_a_day_as_one_of_other_keys_does(
    on_sqlite, home, host, clock
):
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    root_key, online_key = home.roots[0], home.online
    home.root_version += 1
    root = Root(home.root_version, expires=home.expires("root"), consistent_snapshot=True)
    for role in ("root", "timestamp", "snapshot", "targets"):
        root.add_key(root_key.public_key, role)
    root.keys[online_key.public_key.keyid] = online_key.public_key
    root.unrecognized_fields[X_CATALOGUE] = root_member(RootStatement(home.id, ()))
    metadata = Metadata(root)
    metadata.sign(root_key)
    for name in (f"{home.root_version}.root.json", "root.json"):
        home.put(f"metadata/{name}", metadata.to_bytes())
    home.online = root_key
    home.project(9, "Evil")
    home.publish()
    visit(on_sqlite, peer)
    assert "Evil" not in names_of(on_sqlite.store)


def test_who_compares_a_root_that_led_on_to_other_keys_takes_nothing_over_for_a_day(on_sqlite, home, host, clock):
    compared = home.root
    home.rotate(roots=[a_signer()], online=a_signer())
    published_anew(home, clock)
    home.put("metadata/root.json", compared)
    sight = adding.meet(on_sqlite, adding.find(on_sqlite, host.url))
    peer = adding.add(on_sqlite, sight, now=clock())
    decided(on_sqlite, peer)
    visit(on_sqlite, peer)
    assert "Turnos" not in names_of(on_sqlite.store)
    clock.move(hours=30)
    visit(on_sqlite, peer)
    assert "Turnos" in names_of(on_sqlite.store)


def test_what_is_here_stays_and_nothing_comes_where_a_catalogue_is_paused_during_a_visit(
    on_sqlite, home, host, clock, monkeypatch
):
    for number in range(0x10, 0x30):
        home.project(number, f"P {number}")
    published_anew(home, clock)
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    before = names_of(on_sqlite.store)
    home.project(0x11, "P 17", summary={"es": "cambio"})
    home.project(0x40, "P 64")
    published_anew(home, clock)
    read = RepositoryVisit._read

    def pause_and_read(self, path):
        if path.startswith("projects/") and on_sqlite.store.peers.get(peer.id).state != PAUSED:
            decided(on_sqlite, peer, PAUSED)
        return read(self, path)

    monkeypatch.setattr(RepositoryVisit, "_read", pause_and_read)
    visit(on_sqlite, peer)
    assert names_of(on_sqlite.store) == before


def test_files_that_go_while_keys_wait_are_asked_about_a_day_later(on_sqlite, home, host, clock):
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.rotate(online=a_signer())
    published_anew(home, clock)
    visit(on_sqlite, peer)
    home.records.clear()
    home.now = clock.move(hours=30)
    home.publish()
    _, peer = visit(on_sqlite, peer)
    assert peer.asks


def test_what_a_person_allowed_while_keys_wait_holds_a_day_later(on_sqlite, home, host, clock):
    for number in range(0x10, 0x18):
        home.project(number, f"P {number}")
    published_anew(home, clock)
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    for number in range(0x10, 0x18):
        del home.records[an_id(number)]
    published_anew(home, clock)
    _, peer = visit(on_sqlite, peer)
    assert peer.asks
    home.rotate(online=a_signer())
    published_anew(home, clock)
    _, peer = visit(on_sqlite, peer)
    with writing(on_sqlite.store.engine) as connection:
        peers.allow(connection, peer, now=clock())
    visit(on_sqlite, peer)
    clock.move(hours=30)
    _, peer = visit(on_sqlite, peer)
    assert not peer.asks and "P 16" not in names_of(on_sqlite.store)


@pytest.mark.parametrize(
    "wrong",
    [["x"], [{"by": 5, "field": "summary", "language": "es"}], [{"by": "a", "field": "summary", "language": []}]],
)
def test_a_faulty_line_of_translators_costs_itself_alone(on_sqlite, home, host, clock, wrong):
    home.project(7, "Malo", translated=wrong)
    published_anew(home, clock)
    visit(on_sqlite, followed(on_sqlite, host.url))
    assert {"Turnos", "Malo"} <= set(names_of(on_sqlite.store))


def test_a_translator_who_can_be_reached_is_not_named(on_sqlite, home, host, clock):
    names = ("Ana, ana@example.org", "Bo, 01 23 45 67 89", "Fiare")
    lines = [{"by": name, "field": "summary", "language": "es"} for name in names]
    home.project(7, "Tareas", translated=lines)
    published_anew(home, clock)
    visit(on_sqlite, followed(on_sqlite, host.url))
    assert [line.by for line in on_sqlite.store.public_records.project("tareas").record.translated] == ["Fiare"]


def test_a_text_in_indonesian_alone_is_no_reference(on_sqlite, home, host, clock):
    home.project(7, "Perpus", summary={"id": "Perangkat lunak bebas untuk perpustakaan."})
    published_anew(home, clock)
    visit(on_sqlite, followed(on_sqlite, host.url))
    assert on_sqlite.store.public_records.project("perpus").record.summary["id"].startswith("Perangkat")


def test_a_use_that_its_home_does_not_call_public_is_not_shown(on_sqlite, home, host, clock):
    home.uses(home.records[an_id(2)], home.records[an_id(3)], visibility="unnamed")
    published_anew(home, clock)
    visit(on_sqlite, followed(on_sqlite, host.url))
    assert not on_sqlite.store.public_records.project("turnos").adoptions


def test_a_command_that_a_person_copies_holds_no_address_that_a_shell_would_read(on_sqlite, home, host, clock):
    home.card = {
        "follows": (
            FollowedCatalogue("Strange", "https://a.example/;touch$IFS/tmp/x;#", "0" * 20),
            FollowedCatalogue("Good", "https://b.example/catalogue", "1" * 20),
        )
    }
    published_anew(home, clock)
    visit(on_sqlite, followed(on_sqlite, host.url))
    shown = [hint.address for hint in hints(on_sqlite.store.peers.all(), "https://here.example")]
    assert shown == ["https://b.example/catalogue"] == [shlex.quote(address) for address in shown]


def test_whom_we_follow_never_makes_our_card_larger_than_others_read(on_sqlite, home, host, clock):
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    peer = on_sqlite.store.peers.get(peer.id)
    tags = [f"{first}{last}" for first in "abcdefghij" for last in "abcdefghij"]
    long = {**peer.card, "name": {"en": "\U0001d4d0" * 200}, "languages": tags}
    many = [replace(peer, id=uuid4(), card=long | {"address": host.url + "/" + "a" * 1900}) for _ in range(100)]
    card = instance_card(on_sqlite.store.manifest(), "https://here.example", many)
    assert card.follows and len(card_bytes(card)) <= LIMITS[INSTANCE].unpacked
