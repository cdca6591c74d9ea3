"""What another catalogue, its host or a network does wrong: each is a row with its own sentence, the last good copy
stays, and withdrawals are applied wherever the signatures hold."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from support.factories.following import added, followed, names_of, visit
from support.factories.visits import Clock
from support.hosts.exchange import Home, a_signer, an_id
from support.hosts.static import Served, served
from tuf.api.metadata import Metadata

from catalog import moderation
from catalog.exchange import names
from catalog.rules import peer as rules
from catalog.rules.peer import REFUSAL_SENTENCES
from forge.exchange.follow.repository import VisitRefused
from forge.exchange.follow.visit_job import PeerVisitor

PAGE = b"<!doctype html><title>Log in to this network</title>"


def cut(home: Home, host: Served) -> None:
    host.cuts.add("metadata/timestamp.json")


def out_of_order(home: Home, host: Served) -> None:
    host.statuses["metadata/timestamp.json"] = 503


def absent(home: Home, host: Served) -> None:
    host.statuses["metadata/timestamp.json"] = 404


def silent(home: Home, host: Served) -> None:
    host.slow["metadata/timestamp.json"] = 1.0


def elsewhere(home: Home, host: Served) -> None:
    host.redirects["metadata/timestamp.json"] = "https://login.example.org/"


def portal(home: Home, host: Served) -> None:
    host.bodies |= {f"metadata/{name}": PAGE for name in ("2.root.json", "timestamp.json")}


def page_for_an_absent_root(home: Home, host: Served) -> None:
    host.bodies["metadata/2.root.json"] = PAGE


def endless(home: Home, host: Served) -> None:
    host.bodies["metadata/timestamp.json"] = b"{" * 100_000


def deep(home: Home, host: Served) -> None:
    host.bodies["metadata/timestamp.json"] = b"[" * 2_000 + b"]" * 2_000


def other_key(home: Home, host: Served) -> None:
    home.online = a_signer()
    home.publish()


def other_instance(home: Home, host: Served) -> None:
    home.id = an_id(77)
    home.rotate()
    home.publish()


def rolled_back(home: Home, host: Served) -> None:
    home.publish(timestamp=1)


def a_key_of_another_kind(home: Home, host: Served) -> None:
    home.rotate()
    root = json.loads(home.root)
    key = next(iter(root["signed"]["keys"].values()))
    key["keytype"], key["scheme"] = "ecdsa", "ecdsa-sha2-nistp256"
    host.bodies["metadata/2.root.json"] = json.dumps(root).encode()


ALL = {
    cut: rules.BROKEN_OFF,
    out_of_order: rules.OUT_OF_ORDER,
    absent: rules.ABSENT,
    silent: rules.TOO_SLOW,
    elsewhere: rules.ELSEWHERE,
    portal: rules.NO_EXCHANGE,
    page_for_an_absent_root: rules.NO_EXCHANGE,
    endless: rules.OVERSIZED,
    deep: rules.MALFORMED,
    other_key: rules.WRONG_KEY,
    other_instance: rules.WRONG_INSTANCE,
    rolled_back: rules.ROLLED_BACK,
    a_key_of_another_kind: rules.WRONG_KEY,
}


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.__name__)
def test_each_is_told_apart_and_what_was_read_stays(
    on_sqlite: PeerVisitor,
    home: Home,
    host: Served,
    clock: Clock,
    wrong: Callable[[Home, Served], None],
) -> None:
    home.publish()
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    on_sqlite = replace(on_sqlite, request_seconds=0.5)
    good_at = clock.now
    clock.move(days=1)
    wrong(home, host)
    host.etags = False
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.refusal is not None and outcome.refusal.code == ALL[wrong]
    assert peer.refusal is not None and peer.refusal.code in REFUSAL_SENTENCES
    assert (peer.last_good_at, peer.failures) == (good_at, 1)
    assert names_of(on_sqlite.store) == ["Contarapido", "Galette", "Turnos"]


def test_a_host_that_is_not_there_is_unreachable(on_sqlite: PeerVisitor, home: Home, tmp_path: Path) -> None:
    with served(home.folder) as host:
        home.address = host.url
        home.publish()
        peer = followed(on_sqlite, host.url)
        visit(on_sqlite, peer)
    outcome, _ = visit(on_sqlite, peer)
    assert outcome.refusal is not None and outcome.refusal.code == rules.UNREACHABLE


def flip(file: Path, place: float) -> bytes:
    """Change a byte at a place between 0, the first one, and 1, the last; what the file was."""
    raw = file.read_bytes()
    at = round(place * (len(raw) - 1))
    file.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
    return raw


def news(home: Home) -> None:
    """Everything that is published differs."""
    text = {"es": f"Otra {home.version}"}
    home.project(1, "Contarapido", summary=text)
    home.organization(3, "Coop Sol", about=text)
    home.card["contact"] = f"https://catalogo.example.org/{home.version}"
    home.withdraw(0x1000 + 16 * home.version, kind="project")  # in one file, whatever the version
    home.rotate()
    home.publish()


@pytest.mark.parametrize(
    "place", [0.5, *(pytest.param(place, marks=pytest.mark.full) for place in (0.0, 0.2, 0.8, 1.0))]
)
def test_a_changed_byte_in_any_file_is_noticed_and_costs_no_more_than_that_file(
    on_sqlite: PeerVisitor, home: Home, host: Served, place: float
) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    for name in ("root", "timestamp", "snapshot", "targets"):
        news(home)
        number = home.root_version if name == "root" else home.version
        path = f"metadata/{number}.{name}.json" if name != "timestamp" else "metadata/timestamp.json"
        raw = flip(home.folder / path, place)
        outcome, after = visit(on_sqlite, peer)
        assert outcome.refusal is not None, name
        assert outcome.refusal.code in (rules.TAMPERED, rules.WRONG_KEY, rules.MALFORMED)
        assert after.sequence < home.version
        home.put(path, raw)
        assert visit(on_sqlite, peer)[1].sequence == home.version
    for target in sorted(home.targets()):
        if target == home.shard(2):
            continue  # it never changes
        news(home)
        file = home.file(target)
        raw = flip(file, place)
        outcome, after = visit(on_sqlite, peer)
        told = rules.CARD_REFUSED if target == names.INSTANCE else rules.FILE_REFUSED
        codes = [note.code for note in outcome.notes]
        assert outcome.good and set(codes) == {told}, (target, outcome)
        file.write_bytes(raw)
        outcome, after = visit(on_sqlite, peer)
        assert outcome.good and outcome.notes == ()
    assert dict(on_sqlite.store.public_records.project("contarapido").record.summary) == {
        "es": f"Otra {home.version - 1}"
    }


def test_files_that_were_exchanged_are_refused_and_what_is_withdrawn_goes(
    on_sqlite: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.project(1, "Contarapido", summary={"es": "Otra"})
    home.project(6, "Dolibarr")
    home.withdraw(2)
    home.publish()
    one, two = home.file(home.shard(1)), home.file(home.shard(6))
    raw = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(raw)
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and [note.code for note in peer.notes] == [rules.FILE_REFUSED] * 2
    assert names_of(on_sqlite.store) == ["Contarapido", "Galette"]


@pytest.mark.parametrize("length", [9 << 20, 10**12])
def test_a_file_that_is_said_to_be_huge_is_not_fetched(
    on_sqlite: PeerVisitor, home: Home, host: Served, length: int
) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.project(6, "Dolibarr")
    home.lengths[home.shard(6)] = length
    home.withdraw(2)
    home.publish()
    before = len(host.asked)
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and [note.code for note in peer.notes] == [rules.FILE_REFUSED]
    assert names_of(on_sqlite.store) == ["Contarapido", "Galette"]
    assert not [path for path, *_ in host.asked[before:] if "projects" in path]


def test_withdrawals_are_applied_although_the_signatures_have_expired(
    following: PeerVisitor, home: Home, host: Served, clock: Clock
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.withdraw(2)
    home.project(6, "Dolibarr")
    home.publish()
    clock.move(days=40)
    outcome, peer = visit(following, peer)
    assert outcome.refusal is not None and outcome.refusal.code == rules.EXPIRED and outcome.taken.withdrawn == 1
    assert names_of(following.store) == ["Contarapido", "Galette"]
    home.now = clock.now
    home.publish()
    assert visit(following, peer)[0].good and "Dolibarr" in names_of(following.store)


@pytest.mark.parametrize("days", [400, 3000])  # the timestamp alone; all of it
def test_who_has_a_wrong_clock_is_told_so_and_still_takes_withdrawals(
    following: PeerVisitor, home: Home, host: Served, clock: Clock, days: int
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    home.withdraw(2)
    home.publish()
    host.date = format_datetime(home.now, usegmt=True)
    clock.move(days=days)
    outcome, peer = visit(following, peer)
    assert outcome.refusal is not None and outcome.refusal.code == rules.WRONG_CLOCK
    assert names_of(following.store) == ["Contarapido", "Galette"]
    clock.move(days=-days - 400)  # far behind: nothing expires, and that is told
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.good and [note.code for note in outcome.notes] == [rules.CLOCKS]


def test_an_expired_state_is_no_way_around_the_signatures(
    on_sqlite: PeerVisitor, home: Home, host: Served, clock: Clock
) -> None:
    home.publish()
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    clock.move(days=40)
    good = home.online
    home.withdraw(2)
    home.online = a_signer()
    home.publish()
    assert visit(on_sqlite, peer)[0].refusal.code == rules.WRONG_KEY
    home.online = good
    home.version = 0
    home.publish()
    home.version = 3
    assert visit(on_sqlite, peer)[0].refusal.code == rules.ROLLED_BACK
    home.publish()
    timestamp = home.folder / "metadata/timestamp.json"
    raw = timestamp.read_bytes()
    for change in (b'"version": ', b'"sha256"'):
        timestamp.write_bytes(raw.replace(change, change + b" ", 1).replace(b'"length"', b'"lenght"', 1))
        outcome, _ = visit(on_sqlite, peer)
        assert outcome.refusal is not None and outcome.refusal.code != rules.EXPIRED
    assert "Turnos" in names_of(on_sqlite.store)
    timestamp.write_bytes(raw)
    assert visit(on_sqlite, peer)[0].refusal.code == rules.EXPIRED
    assert "Turnos" not in names_of(on_sqlite.store)


def test_a_home_whose_clock_was_ahead_once_heals_with_the_next_signing(
    on_sqlite: PeerVisitor, home: Home, host: Served, clock: Clock
) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.now = clock.now + timedelta(days=400)
    home.publish()
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and [note.code for note in outcome.notes] == [rules.CLOCKS]
    home.now = clock.now
    home.project(6, "Dolibarr")
    home.publish()
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and outcome.notes == () and "Dolibarr" in names_of(on_sqlite.store)


def test_a_thief_of_the_servers_key_is_believed_until_the_next_root_and_then_all_heals(
    following: PeerVisitor, home: Home, host: Served, clock: Clock
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    victim, real = home.records[an_id(2)], home.online
    home.withdraw(2, n=10**9)
    home.project(0x66, "Robada")
    home.lifetimes |= {"timestamp": timedelta(days=36_500)}
    home.publish(timestamp=2**31)
    visit(following, peer)
    assert names_of(following.store) == ["Contarapido", "Galette", "Robada"]
    stolen, home.lifetimes = real, home.lifetimes | {"timestamp": timedelta(days=30)}
    home.withdrawn, home.n = [], 0
    home.records.pop(an_id(0x66))
    home.records[an_id(2)] = victim
    home.publish()
    assert visit(following, peer)[0].refusal.code == rules.ROLLED_BACK  # the true home, until its keepers act
    home.rotate(online=a_signer())
    home.withdraw(1)
    home.publish()
    outcome, peer = visit(following, peer)
    assert [note.code for note in outcome.notes] == [rules.KEYS_CHANGED]
    assert names_of(following.store) == ["Galette", "Robada"]
    clock.move(hours=25)
    outcome, peer = visit(following, peer)
    moderation.allow_peer(following.store, None, peer.id, now=clock.now)
    outcome, peer = visit(following, peer)
    assert outcome.good and names_of(following.store) == ["Galette", "Turnos"]
    home.online = stolen
    home.publish()
    assert visit(following, peer)[0].refusal.code == rules.WRONG_KEY


def test_a_root_needs_the_signatures_of_the_one_before(on_sqlite: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.roots = [a_signer()]
    home.rotate()
    home.publish()
    assert visit(on_sqlite, peer)[0].refusal.code == rules.WRONG_KEY
    assert on_sqlite.store.peers.get(peer.id).fingerprint == peer.fingerprint


def test_two_of_three_must_sign_where_the_root_says_so(on_sqlite: PeerVisitor, home: Home, host: Served) -> None:
    three = [a_signer() for _ in range(3)]
    home.threshold = 2
    home.rotate(roots=three)
    home.publish()
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.roots = three[:1]
    home.threshold = 1
    home.rotate()
    home.publish()
    assert visit(on_sqlite, peer)[0].refusal.code == rules.WRONG_KEY


def test_forty_rotations_while_away_are_followed(on_sqlite: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    for _ in range(40):
        home.rotate(roots=[a_signer()], online=a_signer())
    home.publish()
    assert visit(on_sqlite, peer)[0].good
    assert visit(on_sqlite, peer)[1].root == home.root.decode()


def test_the_same_number_with_another_content_is_not_taken(on_sqlite: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(on_sqlite, host.url)
    home.publish()
    visit(on_sqlite, peer)
    home.version -= 1  # restored from a backup of before
    home.project(6, "Dolibarr")
    home.publish()
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and "Dolibarr" not in names_of(on_sqlite.store)
    home.publish()
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.notes == () and "Dolibarr" in names_of(on_sqlite.store)


@pytest.mark.parametrize(
    "raw",
    [
        gzip.compress(b'{"records":' + b"[" * 200_000),
        gzip.compress(b'{"records":[' + b" " * (70 << 20) + b"]}", 9),
        gzip.compress(b'{"records":["\xff\xfe"]}'),
        gzip.compress(b'{"records":[{"id": 1.5}, 7, null, {"id": "x"}]}'),
        b"no gzip",
        gzip.compress(b'{"records":[]}') + b"more",
    ],
    ids=["deep", "bomb", "not UTF-8", "no records", "not packed", "trailing"],
)
def test_a_signed_file_that_would_hurt_costs_only_itself(
    on_sqlite: PeerVisitor, home: Home, host: Served, raw: bytes
) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.raw[home.shard(1)] = raw
    home.withdraw(2)
    home.project(6, "Dolibarr")
    home.publish()
    outcome, peer = visit(on_sqlite, peer)
    assert outcome.good and peer.notes
    assert names_of(on_sqlite.store) == ["Contarapido", "Dolibarr", "Galette"]


def test_a_list_of_withdrawals_with_wrong_lines_is_applied_without_them(
    following: PeerVisitor, home: Home, host: Served
) -> None:
    peer = followed(following, host.url)
    visit(following, peer)
    good = home.withdraw(2)
    line = {"n": good.n, "kind": good.kind, "id": str(good.id), "at": "2026-11-24T12:30:00Z", "ground": "withdrawn"}
    wrong: list[Any] = [{"n": "x"}, line | {"n": 1.5}, 7, line | {"unknown": True}, line | {"kind": "term", "n": 9}]
    home.raw[home.shard(2, names.WITHDRAWN)] = gzip.compress(json.dumps({"withdrawn": wrong}).encode())
    home.publish()
    outcome, peer = visit(following, peer)
    assert outcome.good and names_of(following.store) == ["Contarapido", "Galette"]
    assert {note.code for note in peer.notes} == {rules.SKIPPED}


def test_a_stick_is_read_as_a_host_is_and_shows_nothing_but_itself(
    following: PeerVisitor, home: Home, tmp_path: Path
) -> None:
    home.addresses = (home.address,)
    home.publish()
    peer = followed(following, str(home.folder))
    assert visit(following, peer)[0].good and "Turnos" in names_of(following.store)
    home.project(1, "Contarapido", summary={"es": "Otra"})
    home.publish()
    file = home.file(home.shard(1))
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    outcome, peer = visit(following, peer)
    assert [note.code for note in outcome.notes] == ["file-refused"]


def test_a_card_that_claims_anothers_address_is_refused(on_sqlite: PeerVisitor, home: Home, host: Served) -> None:
    peer = followed(on_sqlite, host.url)
    visit(on_sqlite, peer)
    home.card = {"address": "https://catalogo.example.org", "name": {"en": "Somebody else"}}
    home.publish()
    outcome, peer = visit(on_sqlite, peer)
    assert [note.code for note in outcome.notes] == [rules.CARD_REFUSED] and peer.card["address"] == host.url


def test_a_catalogue_of_another_instance_is_none(on_sqlite: PeerVisitor, home: Home, host: Served) -> None:
    (home.folder / "metadata/root.json").write_bytes(
        Metadata.from_bytes(home.root).to_bytes().replace(b"x-cat", b"y-cat")
    )
    with pytest.raises(VisitRefused) as refused:
        added(on_sqlite, host.url)
    assert refused.value.code == rules.WRONG_KEY
    assert not any(on_sqlite.folder.glob("*"))
