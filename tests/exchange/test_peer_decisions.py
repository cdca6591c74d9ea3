"""Decisions about other catalogues: nothing enters by itself, each one is a line that can be taken back, the public log
tells it, and what came from a peer leaves with it."""

from pathlib import Path

import pytest
from support.factories.core import NOW, a_project, later
from support.factories.following import added
from support.factories.peers import a_peer
from support.hosts.exchange import Home, an_id

from catalog import moderation
from catalog.errors import Invalid, Moved, NotAllowed, NotFound
from catalog.moderation import PeerDecisionRequest
from catalog.rules.peer import (
    BLOCKED,
    FOLLOWING,
    NEW,
    NO_KIND,
    NO_SUCH_KIND,
    NOTHING_CHANGED,
    PAUSED,
    Peer,
)
from catalog.store.store import Store
from forge.exchange.follow.visit_job import PeerVisitor

EVERYTHING = {"project": "follow", "organization": "follow"}


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


def decided(store: Store, peer: Peer, state: str = FOLLOWING, words: str = "", person=None, **kinds: str):
    number = moderation.decide_peer(store, person, peer.id, PeerDecisionRequest(state, kinds, words), now=NOW)
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


def test_adding_tells_what_would_come_and_lets_nothing_in(here, peer):
    assert peer.state == NEW and peer.preview["counts"] == {"project": 1, "organization": 1}
    assert [example["name"] for example in peer.preview["examples"]] == ["Contarapido", "Coop Sol"]
    assert names(here) == ["Galette"] and here.decisions.count() == 0


def test_what_is_known_here_already_is_told_before(here, home, pull):
    home.project(2, "Galette", repository=a_project().repository)
    home.publish()
    preview = added(pull, str(home.folder)).preview
    assert preview["known"]["project"] == 1 and preview["counts"]["project"] == 2


def test_followed_records_come_with_the_next_visit_and_the_public_log_says_so(here, peer, pull):
    decided_peer, line = decided(here, peer, **EVERYTHING)
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


def test_a_kind_that_is_read_no_more_leaves_at_once(here, peer, pull):
    decided_peer, _ = decided(here, peer, **EVERYTHING)
    pull.visit(decided_peer)
    decided(here, decided_peer, organization="none")
    assert sorted(names(here)) == ["Contarapido", "Galette"]
    decided_peer, _ = decided(here, here.peers.get(decided_peer.id), organization="trust")
    pull.visit(decided_peer)
    assert sorted(names(here)) == ["Contarapido", "Coop Sol", "Galette"]


def test_a_paused_peer_keeps_what_is_here_but_for_what_its_home_takes_back(here, home, peer, pull):
    decided_peer, _ = decided(here, peer, **EVERYTHING)
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


@pytest.mark.parametrize("way", ["block", "leave", "remove"])
def test_what_came_from_a_peer_leaves_with_it(here, peer, pull, way):
    decided_peer, _ = decided(here, peer, **EVERYTHING)
    pull.visit(decided_peer)
    if way == "remove":
        number = moderation.remove_peer(here, decided_peer.id, now=NOW)
        assert here.peers.all() == () and here.decisions.get(number).kind == "peer-leave"
    elif way == "block":
        after, line = decided(here, decided_peer, BLOCKED, "It publishes names of persons.")
        assert (after.state, line.kind, line.words) == (BLOCKED, "peer-block", "It publishes names of persons.")
    else:
        after, _ = decided(here, decided_peer, NEW)
        assert (after.state, after.wanted) == (NEW, frozenset())
    assert names(here) == ["Galette"]


def test_blocking_says_why_and_names_no_address(here, peer):
    with pytest.raises(Invalid) as wrong:
        decided(here, peer, BLOCKED)
    assert set(wrong.value.errors) == {"words"}
    with pytest.raises(Invalid):
        decided(here, peer, BLOCKED, "Ask ana@example.org")
    assert here.decisions.count() == 0 and here.peers.lines(peer.id) == ()


def test_each_decision_is_taken_back_by_its_line_unless_another_followed(here, peer, pull):
    decided_peer, _ = decided(here, peer, **EVERYTHING)
    pull.visit(decided_peer)
    decided(here, decided_peer, project="trust")
    trust, whole, organization, first = (line.id for line in here.peers.lines(decided_peer.id))
    with pytest.raises(Invalid, match="Take that back first"):
        moderation.take_back_peer(here, None, first, now=NOW)
    moderation.take_back_peer(here, None, trust, now=NOW)
    assert here.peers.get(decided_peer.id).decision("project") == "follow"
    moderation.take_back_peer(here, None, organization, now=NOW)
    assert here.peers.get(decided_peer.id).decision("organization") == "none" and sorted(names(here)) == [
        "Contarapido",
        "Galette",
    ]
    moderation.take_back_peer(here, None, whole, now=NOW)
    after = here.peers.get(decided_peer.id)
    assert (after.state, after.wanted, names(here)) == (NEW, frozenset(), ["Galette"])
    with pytest.raises(NotFound):
        moderation.take_back_peer(here, None, 999, now=NOW)


def test_taking_back_the_last_kind_that_is_read_reads_nothing_of_it(here, peer, pull):
    decided_peer, _ = decided(here, peer, project="follow")
    pull.visit(decided_peer)
    kind = next(line.id for line in here.peers.lines(decided_peer.id) if line.kind == "project")
    moderation.take_back_peer(here, None, kind, now=NOW)
    assert here.peers.get(decided_peer.id).state == NEW and names(here) == ["Galette"]


def test_what_cannot_be_decided_says_what_to_do(here, peer):
    for state, kinds, sentence in (
        (FOLLOWING, {}, NO_KIND),
        (FOLLOWING, {"project": "pause"}, NO_KIND),
        (FOLLOWING, {"festival": "follow"}, NO_SUCH_KIND),
        (FOLLOWING, {"project": "love"}, NO_SUCH_KIND),
        ("refused", {}, NO_SUCH_KIND),
        (NEW, {}, NOTHING_CHANGED),
    ):
        with pytest.raises(Invalid) as wrong:
            decided(here, peer, state, **kinds)
        assert sentence in wrong.value.errors.values(), (state, kinds)
    assert here.decisions.count() == 0


def test_only_administrators_decide(here, peer):
    people = {
        role: here.people.sign_in(here.people.invite(f"{role}@x.org", role, "fr", now=NOW), "fr", now=NOW)[0]
        for role in ("moderator", "administrator")
    }
    with pytest.raises(NotAllowed):
        decided(here, peer, person=people["moderator"], project="follow")
    with pytest.raises(NotAllowed):
        moderation.take_back_peer(here, people["moderator"], 1, now=NOW)
    _, line = decided(here, peer, person=people["administrator"], project="follow")
    assert line.role == "administrator" and here.decisions.is_by(line.number, people["administrator"].id)


def test_the_log_of_decisions_still_checks(here, peer):
    decided(here, peer, project="follow")
    decided(here, here.peers.get(peer.id), BLOCKED, "Enough.")
    moderation.remove_peer(here, peer.id, now=later(days=1))
    assert list(here.decisions.faults()) == []


def test_a_peer_nobody_knows_is_not_decided_about(here):
    with pytest.raises(NotFound):
        moderation.decide_peer(here, None, an_id(1), PeerDecisionRequest(FOLLOWING, {"project": "follow"}), now=NOW)
    with pytest.raises(NotFound):
        moderation.remove_peer(here, an_id(1), now=NOW)
    assert a_peer(here).state == NEW


def test_nothing_is_allowed_that_nobody_asked(here, peer):
    with pytest.raises(Invalid, match="Nothing was asked"):
        moderation.allow_peer(here, None, peer.id, now=NOW)


@pytest.mark.parametrize("way", ["removed", "withdrawn"])
def test_when_the_eldest_that_tells_of_a_record_leaves_its_address_still_leads_to_it(here, home, pull, tmp_path, way):
    eldest, _ = decided(here, added(pull, str(home.folder)), **EVERYTHING)
    pull.visit(eldest)
    other = Home(tmp_path / "other", id=an_id(70), address="https://other.example.org")
    other.addresses = (other.address,)
    code = home.records[an_id(1)].repository
    other.project(9, "Contar Rapido", repository=code)
    other.publish()
    younger, _ = decided(here, added(pull, str(other.folder)), **EVERYTHING)
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
