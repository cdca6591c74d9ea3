"""Decisions about other catalogues: nothing enters by itself, the public log tells each, and what came from a peer
leaves with it."""

from pathlib import Path

import pytest
from support.factories.core import NOW, later
from support.factories.following import added
from support.hosts.exchange import Home, an_id

from catalog import moderation
from catalog.errors import Invalid, Moved, NotAllowed, NotFound
from catalog.rules.peer import (
    FOLLOWING,
    NEW,
    NOTHING_CHANGED,
    PAUSED,
    Peer,
)
from catalog.store.store import Store
from forge.exchange.follow.visit_job import PeerVisitor


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.addresses = (home.address,)
    home.project(1, "Contarapido")
    home.organization(3, "Coop Sol", kind="cooperative", country="ES")
    return home.publish()


@pytest.fixture
def pull(following: PeerVisitor) -> PeerVisitor:
    return following


@pytest.fixture
def peer(pull: PeerVisitor, home: Home) -> Peer:
    """The home, added from its folder: a person compared its key."""
    return added(pull, str(home.folder))


def decided(store: Store, peer: Peer, state: str = FOLLOWING, words: str = "", person=None):
    number = moderation.decide_peer(store, person, peer.id, state, words, now=NOW)
    return store.peers.get(peer.id), store.decisions.get(number)


def names(store: Store) -> list[str]:
    """What a reader finds here: the projects and organizations that pages show."""
    found = []
    for kind, table in (("project", "project"), ("organization", "organization")):
        with store.engine.connect() as connection:
            slugs = connection.exec_driver_sql(f"SELECT slug FROM {table} ORDER BY slug").scalars().all()
        for slug in slugs:
            shown = store.public_records.project(slug) if kind == "project" else store.public_records.organization(slug)
            found.append(shown.record.name)
    return found


def test_adding_lets_nothing_in(here, peer):
    assert peer.state == NEW and names(here) == ["Galette"] and here.decisions.count() == 0


def test_followed_records_come_with_the_next_visit_and_the_public_log_says_so(here, peer, pull):
    decided_peer, line = decided(here, peer)
    assert names(here) == ["Galette"]
    assert (line.kind, line.subject_kind, line.slug, line.reason, line.role) == (
        "peer-follow",
        "peer",
        peer.slug,
        "fits",
        "operator",
    )
    assert pull.visit(decided_peer).good
    assert sorted(names(here)) == ["Contarapido", "Coop Sol", "Galette"]


def test_a_paused_peer_keeps_what_is_here_but_for_what_its_home_takes_back(here, home, peer, pull):
    decided_peer, _ = decided(here, peer)
    pull.visit(decided_peer)
    decided_peer, line = decided(here, decided_peer, PAUSED)
    home.project(2, "Nuevo")
    home.withdraw(1)
    home.publish()
    assert pull.visit(decided_peer).good and line.kind == "peer-pause"
    assert sorted(names(here)) == ["Coop Sol", "Galette"]
    decided_peer, _ = decided(here, here.peers.get(decided_peer.id), FOLLOWING)
    pull.visit(decided_peer)
    assert sorted(names(here)) == ["Coop Sol", "Galette", "Nuevo"]


@pytest.mark.parametrize("way", ["leave", "remove"])
def test_what_came_from_a_peer_leaves_with_it(here, peer, pull, way):
    decided_peer, _ = decided(here, peer)
    pull.visit(decided_peer)
    if way == "remove":
        number = moderation.remove_peer(here, decided_peer.id, now=NOW)
        assert here.peers.all() == () and here.decisions.get(number).kind == "peer-leave"
    else:
        after, line = decided(here, decided_peer, NEW, "It publishes names of persons.")
        assert (after.state, line.kind, line.words) == (NEW, "peer-leave", "It publishes names of persons.")
    assert names(here) == ["Galette"]


def test_what_cannot_be_decided_says_what_to_do(here, peer):
    for state in ("refused", "love", NEW):
        with pytest.raises(Invalid) as wrong:
            decided(here, peer, state)
        assert wrong.value.errors == {"state": NOTHING_CHANGED}
    with pytest.raises(Invalid) as wrong:
        decided(here, peer, FOLLOWING, "Ask ana@example.org")
    assert set(wrong.value.errors) == {"words"}
    assert here.decisions.count() == 0 and here.peers.get(peer.id).state == NEW


def test_only_administrators_decide(here, peer):
    people = {
        role: here.people.sign_in(here.people.invite(f"{role}@x.org", role, "fr", now=NOW), "fr", now=NOW)[0]
        for role in ("moderator", "administrator")
    }
    with pytest.raises(NotAllowed):
        decided(here, peer, person=people["moderator"])
    _, line = decided(here, peer, person=people["administrator"])
    assert line.role == "administrator" and here.decisions.is_by(line.number, people["administrator"].id)


def test_the_log_of_decisions_still_checks(here, peer):
    decided(here, peer)
    decided(here, here.peers.get(peer.id), NEW, "Enough.")
    moderation.remove_peer(here, peer.id, now=later(days=1))
    assert list(here.decisions.faults()) == []


def test_a_peer_nobody_knows_is_not_decided_about(here):
    with pytest.raises(NotFound):
        moderation.decide_peer(here, None, an_id(1), FOLLOWING, now=NOW)
    with pytest.raises(NotFound):
        moderation.remove_peer(here, an_id(1), now=NOW)


def test_nothing_is_allowed_that_nobody_asked(here, peer):
    with pytest.raises(Invalid, match="Nothing was asked"):
        moderation.allow_peer(here, None, peer.id, now=NOW)


@pytest.mark.parametrize("way", ["removed", "withdrawn"])
def test_when_the_eldest_that_tells_of_a_record_leaves_its_address_still_leads_to_it(here, home, pull, tmp_path, way):
    eldest, _ = decided(here, added(pull, str(home.folder)))
    pull.visit(eldest)
    other = Home(tmp_path / "other", id=an_id(70), address="https://other.example.org")
    other.addresses = (other.address,)
    code = home.records[an_id(1)].body["repository"]
    other.project(9, "Contar Rapido", repository=code)
    other.publish()
    younger, _ = decided(here, added(pull, str(other.folder)))
    pull.visit(younger)
    assert names(here) == ["Contarapido", "Galette", "Coop Sol"]
    if way == "removed":
        moderation.remove_peer(here, eldest.id, now=NOW)
    else:
        home.withdraw(1)
        home.publish()
        pull.visit(here.peers.get(eldest.id))
    assert names(here) == ["Contar Rapido", "Galette", *(["Coop Sol"] if way == "withdrawn" else [])]
    with pytest.raises(Moved) as moved:
        here.public_records.project("contarapido")
    assert here.public_records.project(moved.value.to).record.name == "Contar Rapido"
