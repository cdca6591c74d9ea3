"""What another catalogue says of two records: put before a person, joined by itself only where it is trusted and a mark
of evidence agrees, and over when it says so no more; on both databases."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from support.factories.core import NOW, a_catalog, a_project, identity, later, load
from support.factories.people import a_person
from support.factories.received import a_catalogue, key, receive, theirs
from support.factories.told import Join, Tombstone
from support.visitors import signed_in

from catalog import moderation
from catalog.federation import merge
from catalog.federation.shapes import NOT_THE_SAME, PROJECT, SAME
from catalog.moderation import Pairing, Peering
from catalog.rules.decision import APART
from catalog.rules.peer import BLOCKED, FOLLOWING, Peer
from catalog.store import Store
from catalog.store.merges.same_as_claims import STATED_BY_PEER
from tests.hostile.test_visibility_everywhere import a_world

GALETTE, TWIN = identity("galette"), key("galeta")
REASON = "Both are made by the same group"


def a_join(a: UUID = GALETTE, b: UUID = TWIN, says: str = SAME, **changes: object) -> Join:
    values = {"id": key("join"), "kind": PROJECT, "a": a, "b": b, "says": says, "by": "Red de Redes", "at": NOW}
    return Join(**values | {"reason": REASON} | changes)  # type: ignore[arg-type]


def waiting(store: Store) -> list[tuple[str, ...]]:
    """The reasons of each pair that is before a person."""
    every = store.moderation_queue.queue(now=NOW)
    return [store.merges.likeness(int(case.key)).reasons for case in every if case.source == "likeness"]


def slugs(store: Store) -> list[str]:
    return sorted(slug for _, slug in store.record_pages.slugs())


@pytest.fixture
def home(store: Store) -> Store:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette")))
    return store


def twin(**body: object) -> object:
    """A record of another catalogue that nothing but a word joins with ours."""
    return theirs("galeta", **{"name": "Lista de miembros"} | body)


def test_a_statement_waits_for_a_person_who_is_told_by_whom_when_and_why_until_it_is_taken_back(home: Store) -> None:
    peer = a_catalogue(home)
    receive(home, peer, joins=(a_join(),))
    assert waiting(home) == []  # the other one is not here
    receive(home, peer, twin())
    assert waiting(home) == [(STATED_BY_PEER,)] and slugs(home) == ["galeta", "galette"]
    (said,) = home.peer_statements.between(PROJECT, GALETTE, TWIN)
    assert (said.peer.name, said.says, said.at, said.reason) == ("Catalogue of b.example.org", SAME, NOW, REASON)
    merge.settle(home, now=later(days=1))
    assert waiting(home) == [(STATED_BY_PEER,)]
    receive(home, peer, tombstones=[Tombstone("join", key("join"), NOW, "withdrawn", 1)])
    assert waiting(home) == [] and home.peer_statements.between(PROJECT, GALETTE, TWIN) == ()


@pytest.mark.parametrize("how", ["blocked", "not heard", "removed"])
def test_who_is_heard_no_more_leaves_no_question(home: Store, how: str) -> None:
    peer, other = a_catalogue(home), a_catalogue(home, "c.example.org")
    receive(home, other, twin())
    receive(home, peer, joins=(a_join(),))
    assert waiting(home) == [(STATED_BY_PEER,)]
    if how == "removed":
        moderation.remove_peer(home, peer.id, now=NOW)
    else:
        kinds = {} if how == "blocked" else {"join": "none"}
        state = BLOCKED if how == "blocked" else FOLLOWING
        moderation.decide_peer(home, None, peer.id, Peering(state, kinds, "Why not."), now=NOW)
    assert waiting(home) == [] and slugs(home) == ["galeta", "galette"]


def test_what_a_person_answered_is_asked_no_second_time(home: Store) -> None:
    peer = a_catalogue(home)
    receive(home, peer, twin(), joins=(a_join(),))
    wish = Pairing(PROJECT, GALETTE, TWIN, APART, None, "", "A fork.")
    moderation.pair(home, a_person(home), wish, now=NOW)
    receive(home, peer, joins=(a_join(reason="We say it again"),), whole=True, kinds=frozenset({"join"}))
    assert waiting(home) == []


def test_a_likeness_of_names_stays_when_the_word_for_it_goes(home: Store) -> None:
    peer = a_catalogue(home)
    receive(home, peer, theirs("galeta", name="Galette"), joins=(a_join(),))
    assert waiting(home) == [("name", STATED_BY_PEER)]
    receive(home, peer, whole=True, kinds=frozenset({"join"}))
    assert waiting(home) == [("name",)]


DOUBTFUL = {"other_repositories": ["https://git.example.org/galette"]}  # a mark, but a changed copy has it too


def trust(store: Store, peer: Peer, choice: str) -> None:
    moderation.decide_peer(store, None, peer.id, Peering(FOLLOWING, {"join": choice}, "We know them."), now=NOW)


def test_a_trusted_word_decides_where_evidence_leaves_a_doubt_and_not_without_evidence(home: Store) -> None:
    peer, other = a_catalogue(home), a_catalogue(home, "c.example.org")
    receive(home, other, twin(**DOUBTFUL))
    receive(home, peer, joins=(a_join(),))
    assert len(slugs(home)) == 2 and waiting(home) == [("repository", STATED_BY_PEER)]
    trust(home, peer, "trust")
    assert slugs(home) == ["galette"]
    assert [statement.host for statement in home.received_records.voices(PROJECT, GALETTE)] == ["c.example.org"]
    receive(home, other, replace(twin(), revision=2))  # without the mark it is a word like others
    assert len(slugs(home)) == 2 and waiting(home) == [("repository", STATED_BY_PEER)]
    receive(home, other, replace(twin(**DOUBTFUL), revision=3))
    assert slugs(home) == ["galette"]
    trust(home, peer, "follow")
    assert len(slugs(home)) == 2


def test_what_a_trusted_word_joined_is_parted_by_a_person_by_another_word_and_when_it_is_taken_back(
    home: Store,
) -> None:
    peer, other = a_catalogue(home, project="follow", join="trust"), a_catalogue(home, "c.example.org")
    receive(home, other, twin(**DOUBTFUL))
    receive(home, peer, joins=(a_join(),))
    assert slugs(home) == ["galette"]
    no = a_join(id=key("no"), says=NOT_THE_SAME)
    receive(home, other, joins=(no,))
    assert len(slugs(home)) == 2
    receive(home, other, tombstones=[Tombstone("join", no.id, NOW, "withdrawn", 1)])
    assert slugs(home) == ["galette"]
    line = moderation.tell_apart(home, a_person(home), PROJECT, TWIN, "", now=NOW)
    assert len(slugs(home)) == 2
    moderation.undo(home, a_person(home), line, "mistake", "", now=NOW)
    merge.settle(home, now=NOW)
    assert slugs(home) == ["galette"]
    receive(home, peer, whole=True, kinds=frozenset({"join"}))
    assert len(slugs(home)) == 2


def test_of_several_that_evidence_points_to_a_trusted_word_says_which(store: Store) -> None:
    here = "https://git.example.org/tool", "https://git.example.org/tool-old"
    load(store, a_catalog(a_project("one", repository=here[0]), a_project("two", repository=here[1])))
    peer, other = a_catalogue(store, project="follow", join="co_edit"), a_catalogue(store, "c.example.org")
    both = theirs("galeta", repository=here[0], sources=["https://www.wikidata.org/wiki/Q1"])
    load(
        store,
        a_catalog(
            a_project("one", repository=here[0]),
            a_project("two", repository=here[1], sources=("https://www.wikidata.org/wiki/Q1",)),
        ),
        digest="2",
    )
    receive(store, other, both)
    assert slugs(store) == ["galeta", "one", "two"]
    receive(store, peer, joins=(a_join(identity("two")),))
    assert slugs(store) == ["one", "two"]
    assert len(store.received_records.voices(PROJECT, identity("two"))) == 1


def test_two_of_ours_are_joined_by_nobodys_word(home: Store) -> None:
    load(home, a_catalog(a_project(), a_project("paheko", other_repositories=("https://git.example.org/galette",))))
    receive(home, a_catalogue(home, join="trust"), joins=(a_join(b=identity("paheko")),), kinds=frozenset({"join"}))
    assert slugs(home) == ["galette", "paheko"] and waiting(home) == [(STATED_BY_PEER,)]


def test_one_catalogue_fills_no_desk(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.store.merges.same_as_claims.MOST_ASKED", 2)
    names = [f"tool-{number}" for number in range(4)]
    every = [theirs(name, name=f"Herramienta número {name}") for name in names]
    peer = a_catalogue(home)
    receive(home, peer, *every, joins=[a_join(b=key(name), id=key(f"join {name}")) for name in names])
    assert [case for case in waiting(home) if STATED_BY_PEER in case] == [(STATED_BY_PEER,)] * 2


def test_the_desk_shows_who_said_it_when_and_why(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, _):
        receive(world.store, a_catalogue(world.store), twin(), joins=(a_join(reason="<b>Same</b> group"),))
        (entry,) = [
            case
            for case in world.store.moderation_queue.queue(now=NOW)
            if case.source == "likeness" and STATED_BY_PEER in world.store.merges.likeness(int(case.key)).reasons
        ]
        desk = signed_in(app, world.store, "bruno@example.org")
        page = desk.get(f"/en/desk/joins/{entry.key}").text
        assert "Another catalogue says so." in page and "&lt;b&gt;Same&lt;/b&gt; group" in page
        assert "said on" in page and "Catalogue of b.example.org" in page
