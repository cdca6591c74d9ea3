"""Visits of peers: what was decided is handed over and nothing else, whatever goes wrong is a row that leaves the last
good copy, and who was away catches up."""

import gzip
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from support.factories.core import NOW, later
from support.factories.peers import Recorder, a_peer_of, followed, pulling
from support.factories.rewriting import rewriting
from support.factories.visits import Clock
from support.hosts.peer import Home, a_key, an_id, days, served

from catalog.federation import shapes as s
from catalog.rules.peer import PAUSED, REFUSED
from catalog.store.federation import peers
from forge.federation.pull import keeping
from forge.federation.pull.pulling import EVERY, pause


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.add(1, "Galette")
    home.add(2, "Paheko")
    home.add(3, "Coop des Halles", s.ORGANIZATION)
    home.publish()
    return home


@pytest.fixture
def host(home):
    with served(home.folder) as found:
        yield found


@pytest.fixture
def taken() -> Recorder:
    return Recorder()


@pytest.fixture
def pull(sqlite_store, tmp_path, taken, clock):
    return pulling(sqlite_store, tmp_path / "peers", taken, clock)


@pytest.fixture
def peer(sqlite_store, home, host):
    return a_peer_of(sqlite_store, home, host.url)


def visit(pull, clock: Clock | None = None, home: Home | None = None, **amount: float):
    """Visit the one peer, so much later; its row after."""
    if clock and amount:
        clock.move(**amount)
        if home:
            home.now = clock.now
    peer = pull.store.peers.all()[0]
    outcome = pull.pull(peer)
    return outcome, pull.store.peers.get(peer.id)


def test_the_first_visit_hands_over_all_of_the_kinds_that_were_decided(pull, peer, taken):
    outcome, visited = visit(pull)
    assert (outcome.good, outcome.whole, outcome.records) == (True, True, 2)
    assert taken.names == ["Galette", "Paheko"] and taken.deltas[0].kinds == {"project"}
    assert taken.deltas[0].languages == ("en",)  # this instance has no page in French or Spanish
    assert (visited.taken, visited.sequence, visited.last_good_at) == (1, 1, NOW)


def test_a_visit_without_news_hands_over_nothing_and_is_small(pull, peer, host, taken, clock):
    visit(pull)
    host.asked.clear()
    outcome, visited = visit(pull, clock, days=1)
    assert outcome.good and len(taken.deltas) == 1 and visited.last_good_at == clock.now
    assert [status for _, status, _ in host.asked] == [304]
    assert sum(size for *_, size in host.asked) <= 2_000


def test_the_next_visit_hands_over_what_changed_since(pull, peer, home, host, taken, clock):
    visit(pull)
    home.add(4, "Dolibarr")
    home.withdraw(2)
    home.now = clock.move(hours=5)
    home.publish()
    host.asked.clear()
    outcome, visited = visit(pull, clock, hours=1)
    assert (outcome.whole, outcome.records, outcome.tombstones) == (False, 1, 1)
    assert taken.names == ["Dolibarr", "Galette"] and visited.taken == 2
    assert "/changes/" in host.asked[3][0]


def test_a_peer_that_is_paused_hands_over_withdrawals_and_nothing_else(pull, peer, home, taken, clock):
    visit(pull)
    with rewriting(pull.store.engine) as connection:
        peers.decide(connection, peer, {None: PAUSED}, role="operator", person_id=None, now=NOW)
    home.add(4, "Dolibarr")
    home.withdraw(2)
    home.publish()
    visit(pull)
    assert taken.deltas[-1].kinds == frozenset() and taken.deltas[-1].records == {}
    assert [tombstone.id for tombstone in taken.deltas[-1].tombstones] == [an_id(2)]
    followed(pull.store, pull.store.peers.get(peer.id))
    visit(pull)
    assert taken.names == ["Dolibarr", "Galette"] and taken.deltas[-1].whole


def test_a_new_decision_hands_over_all_again(pull, peer, taken):
    visit(pull)
    followed(pull.store, peer, organization="trust")
    outcome, _ = visit(pull)
    assert outcome.whole and taken.names == ["Coop des Halles", "Galette", "Paheko"]


def test_each_refusal_is_a_row_and_leaves_the_last_good_copy_with_its_date(pull, peer, home, host, taken, clock):
    visit(pull)
    good = pull.store.peers.get(peer.id)
    entry, signatures = ((home.folder / name).read_bytes() for name in ("entry.json", "entry.sig"))
    home.add(1, "Galette 2")
    home.now = clock.move(days=1)
    told = home.publish().changes[-1].file.path
    change = (home.folder / told).read_bytes()
    home.put(told, change[:-1] + b"x")
    outcome, visited = visit(pull, clock, days=1)
    assert (outcome.refusal.code, outcome.refusal.subject) == ("tampered", told)
    assert (visited.sequence, visited.taken, visited.last_good_at, visited.failures) == (1, 1, good.last_good_at, 1)
    assert visited.shown_state(clock.now) == REFUSED and taken.names == ["Galette", "Paheko"]
    home.put(told, change)
    assert visit(pull)[0].good and taken.names == ["Galette 2", "Paheko"]
    home.put("entry.json", entry)
    home.put("entry.sig", signatures)
    outcome, visited = visit(pull, clock, days=1)
    assert outcome.refusal.code == "rolled-back" and visited.shown_state(clock.now) == PAUSED
    assert (visited.sequence, taken.names) == (2, ["Galette 2", "Paheko"])
    home.now = clock.now
    home.publish()
    assert visit(pull)[1].shown_state(clock.now) == "following"


def test_a_frozen_copy_is_noticed_when_it_expires_although_nothing_in_it_changed(pull, peer, home, taken, clock):
    visit(pull)
    assert visit(pull, clock, days=29)[0].good
    outcome, visited = visit(pull, clock, days=1)
    assert outcome.refusal.code == "expired" and visited.shown_state(clock.now) == PAUSED
    assert visited.last_good_at == NOW + days(29) and taken.names == ["Galette", "Paheko"]


def test_a_renewed_entry_without_news_extends_the_expiry(pull, peer, home, taken, clock):
    visit(pull)
    home.now = clock.move(days=20)
    home.write()
    outcome, visited = visit(pull)
    assert outcome.good and visited.expires_at == NOW + days(50) and len(taken.deltas) == 1


def test_a_peer_that_is_down_for_five_days_is_asked_ever_less_often_and_catches_up(
    pull, peer, home, host, taken, clock
):
    visit(pull)
    host.down = True
    for _ in range(5):
        outcome, visited = visit(pull, clock, days=1)
        assert outcome.refusal.code == "unreachable" and visited.shown_state(clock.now) == "following"
    assert visited.failures == 5 and visited.last_good_at == NOW
    home.withdraw(2)  # while it was down
    home.now = clock.now
    home.publish()
    host.down = False
    outcome, visited = visit(pull, clock, hours=1)
    assert outcome.tombstones == 1 and taken.names == ["Galette"] and visited.failures == 0


def test_who_was_away_for_a_year_takes_the_snapshot(pull, peer, home, taken, clock):
    visit(pull)
    for number in range(60):
        home.add(10 + number % 3, f"Tool {number}")
        home.publish()
    home.withdraw(1)
    home.now = clock.move(days=365)
    home.publish()
    outcome, visited = visit(pull)
    assert outcome.whole and taken.names == ["Paheko", "Tool 57", "Tool 58", "Tool 59"] and visited.taken == 62


def test_a_folder_that_is_written_while_it_is_read_is_read_anew(pull, peer, home, host, taken):
    """The entry was read, then its home published again and the file that it named is gone."""

    def meanwhile(path: str) -> None:
        if path.startswith("snapshot/project.") and home.sequence == 1:
            (home.folder / path).unlink()
            home.add(4, "Dolibarr")
            home.publish()

    host.before = meanwhile
    outcome, visited = visit(pull)
    assert outcome.good and visited.sequence == 2 and taken.names == ["Dolibarr", "Galette", "Paheko"]


def test_a_file_that_is_not_there_at_all_is_named(pull, peer, home, host, taken):
    gone = next(path for path in home.paths() if path.startswith("snapshot/project."))
    (home.folder / gone).unlink()
    outcome, _ = visit(pull)
    assert (outcome.refusal.code, outcome.refusal.subject) == ("unreachable", gone)
    assert [path for path, _, _ in host.asked].count("/entry.json") == 3 and taken.deltas == []


def test_a_key_that_follows_is_pinned_from_then_on(pull, peer, home, taken, clock):
    first = home.key
    home.rotate(a_key(2))
    home.publish()
    _, visited = visit(pull)
    assert visited.fingerprint == a_key(2).key.fingerprint and visited.failures == 0
    home.key = first  # whoever stole the old key signs with it
    home.card.pop("previous_keys")
    home.publish()
    outcome, visited = visit(pull)
    assert outcome.refusal.code == "wrong-key" and visited.public_key == a_key(2).key.public


def test_records_that_were_handed_over_are_read_at_their_new_home(pull, peer, home, host, taken, tmp_path):
    visit(pull)
    heir = Home(tmp_path / "heir", id=an_id(50), key=a_key(9), address="https://nuevo.example.org")
    heir.add(1, "Galette, kept on")
    heir.publish()
    with served(heir.folder, "/exchange") as there:
        home.hand_over(there.url, heir.key.key)
        home.publish()
        outcome, visited = visit(pull)
        assert outcome.good and outcome.whole and taken.names == ["Galette, kept on"]
        assert (visited.address, visited.instance_id, visited.host) == (
            f"{there.url}/exchange",
            heir.id,
            "nuevo.example.org",
        )
        heir.add(2, "Paheko, kept on")
        heir.publish()
        assert visit(pull)[0].records == 1


def test_a_home_that_left_only_its_card_behind_still_hands_over(pull, peer, home, taken, tmp_path, clock):
    visit(pull)
    heir = Home(tmp_path / "heir", id=an_id(50), key=a_key(9), now=later(days=300))
    heir.add(1, "Galette, kept on")
    heir.publish()
    with served(heir.folder) as there:
        home.hand_over(there.url, heir.key.key)
        home.write()
        for path in ("entry.json", "entry.sig"):
            (home.folder / path).unlink()
        shutil.rmtree(home.folder / "snapshot")
        outcome, visited = visit(pull, clock, days=300)
        assert outcome.good and visited.address == there.url and taken.names == ["Galette, kept on"]


def test_a_transfer_to_a_key_that_does_not_sign_there_is_refused(pull, peer, home, taken, tmp_path):
    visit(pull)
    heir = Home(tmp_path / "heir", id=an_id(50), key=a_key(9))
    heir.publish()
    with served(heir.folder) as there:
        home.hand_over(there.url, a_key(8).key)
        home.publish()
        outcome, visited = visit(pull)
    assert outcome.refusal.code == "wrong-key" and visited.instance_id == home.id
    assert taken.names == ["Galette", "Paheko"]


def test_a_card_that_says_less_than_before_is_refused(pull, peer, home):
    home.card["criteria"] = {}
    home.publish()
    outcome, _ = visit(pull)
    assert (outcome.refusal.code, outcome.refusal.subject) == ("incomplete-card", "criteria")


def test_a_stick_is_read_as_a_host_is(sqlite_store, tmp_path, home, taken, clock):
    stick = tmp_path / "stick"
    shutil.copytree(home.folder, stick)
    pull = pulling(sqlite_store, tmp_path / "peers", taken, clock)
    peer = a_peer_of(sqlite_store, home, None, project="follow")
    with rewriting(sqlite_store.engine) as connection:
        connection.exec_driver_sql(f"UPDATE peer SET folder = '{stick}'")
    assert visit(pull)[0].good and taken.names == ["Galette", "Paheko"]
    shutil.rmtree(stick)
    outcome, peer = visit(pull, clock, days=1)
    assert outcome.refusal.code == "unreachable" and peer.last_good_at == NOW
    home.withdraw(2)
    home.publish()
    shutil.copytree(home.folder, stick)
    assert visit(pull)[0].tombstones == 1 and taken.names == ["Galette"]


def test_the_last_signed_files_are_kept_whole_and_what_was_withdrawn_is_not(pull, peer, home, taken, clock):
    visit(pull)
    kept = keeping.folder_of(pull.folder, peer.id)
    again = Home(kept, id=home.id)
    assert {"entry.json", "entry.sig", "instance.json"} < set(again.paths())
    assert not [path for path in again.paths() if ".es." in path or ".fr." in path]
    first = (kept / "entry.json").read_bytes()
    home.add(4, "Dolibarr")
    home.publish()
    visit(pull, clock, days=1)
    assert (kept / "entry.json").read_bytes() == first  # a week is soon enough for what is only more
    home.withdraw(2)
    home.publish()
    visit(pull, clock, days=1)
    entry = (kept / "entry.json").read_bytes()
    assert entry == (home.folder / "entry.json").read_bytes()
    assert not any(b"Paheko" in gzip.decompress(file.read_bytes()) for file in kept.rglob("*.gz"))
    home.write()
    visit(pull, clock, days=7)
    assert sorted(path.name for path in pull.folder.iterdir()) == [str(peer.id)]


def test_where_a_withdrawal_cannot_be_kept_anew_nothing_is_kept(pull, peer, home, taken, monkeypatch):
    visit(pull)
    monkeypatch.setattr(keeping, "KEPT_BYTES", 10)
    home.add(4, "Dolibarr")
    home.withdraw(2)
    home.publish()
    assert visit(pull)[0].good and taken.names == ["Dolibarr", "Galette"]
    assert not list(pull.folder.iterdir()) and pull.store.peers.get(peer.id).kept_at is None


def test_the_errand_comes_back_in_a_day_and_sooner_after_the_first_failure(pull, peer, host, clock):
    (job,) = pull.store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1))
    pull.run(job)
    assert NOW + EVERY * 0.9 <= pull.store.jobs.next_at() <= NOW + EVERY * 1.1
    host.down = True
    clock.move(days=2)
    (job,) = pull.store.jobs.lease("test", now=clock.now, lease=timedelta(minutes=1))
    pull.run(job)
    assert clock.now + timedelta(minutes=54) <= pull.store.jobs.next_at() <= clock.now + timedelta(minutes=66)
    assert [pause(failures, 0) for failures in (0, 1, 2, 5, 6, 90)] == [
        timedelta(hours=hours) for hours in (24, 1, 2, 16, 24, 24)
    ]


def test_no_file_is_kept_of_a_peer_that_was_removed(pull, peer, clock):
    visit(pull)
    assert list(pull.folder.iterdir())
    with rewriting(pull.store.engine) as connection:
        peers.remove(connection, peer, now=NOW)
    (job,) = pull.store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1))
    pull.run(job)
    assert pull.store.jobs.waiting() == {} and not list(pull.folder.iterdir())
