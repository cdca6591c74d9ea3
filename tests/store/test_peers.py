"""Other catalogues as rows: what was decided about each, how visits ended, and which visits wait."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from support.factories.core import NOW, later
from support.factories.peers import INSTANCE, a_peer, followed
from support.waiting_rows import jobs_by_kind

from catalog import moderation
from catalog.errors import AlreadyExists, NotFound
from catalog.rules.peer import (
    EXPIRED,
    FOLLOWING,
    NEW,
    PAUSED,
    REFUSED,
    TAMPERED,
    UNREACHABLE,
    Refusal,
)
from catalog.store.core.engine import writing
from catalog.store.federation import peers


def test_a_new_peer_is_not_visited(store):
    peer = a_peer(store)
    assert (peer.slug, peer.state) == ("catalogo-example-org", NEW)
    assert store.peers.plan(now=NOW) == 0
    assert store.peers.by_instance(INSTANCE) == peer and store.peers.all() == (peer,)


def test_an_instance_is_a_peer_once_and_two_of_one_name_are_told_apart(store):
    a_peer(store)
    with pytest.raises(AlreadyExists, match="catalogo-example-org"):
        a_peer(store)
    assert a_peer(store, instance_id=uuid4()).slug == "catalogo-example-org-2"


def test_a_peer_that_is_followed_or_paused_waits_for_its_visit_and_one_that_is_not_read_does_not(store):
    peer = followed(store, a_peer(store))
    assert jobs_by_kind(store) == {"peer-visit": 1}
    assert store.peers.plan(now=NOW) == 0  # it waits already
    (job,) = store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1))
    store.jobs.done(job)
    with writing(store.engine) as connection:
        peers.decide(connection, peer, NEW, now=NOW)
    (job,) = store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1))  # for its files
    store.jobs.done(job)
    assert store.peers.plan(now=NOW) == 0
    with writing(store.engine) as connection:
        peers.decide(connection, peer, PAUSED, now=NOW)
    assert jobs_by_kind(store) == {"peer-visit": 1}


def test_a_visit_that_is_not_in_the_queue_is_put_there(store):
    followed(store, a_peer(store))
    for job in store.jobs.lease("test", now=NOW, lease=timedelta(minutes=1)):
        store.jobs.done(job)
    assert (store.peers.plan(now=NOW), store.peers.plan(now=NOW)) == (1, 0)


def test_a_refusal_leaves_what_was_read_with_its_date(store):
    peer = followed(store, a_peer(store))
    store.peers.refused(peer.id, Refusal(TAMPERED, "entry.json", later(days=1)))
    store.peers.refused(peer.id, Refusal(UNREACHABLE, "", later(days=2)))
    kept = store.peers.get(peer.id)
    assert kept.refusal == Refusal(UNREACHABLE, "", later(days=2))
    assert (kept.last_good_at, kept.visited_at, kept.failures, kept.sequence) == (NOW, later(days=2), 2, 7)
    moderation.visited(store, peer, batch_number=9, now=later(days=3), sequence=9)
    good = store.peers.get(peer.id)
    assert (good.refusal, good.failures, good.sequence, good.last_good_at) == (None, 0, 9, later(days=3))


def test_what_is_decided_while_a_visit_is_under_way_is_handed_over_by_the_next_one(store):
    peer = followed(store, a_peer(store))
    with writing(store.engine) as connection:
        peers.decide(connection, peer, PAUSED, now=NOW)
    moderation.visited(store, peer, batch_number=9, now=later(days=1), sequence=9)
    assert (store.peers.get(peer.id).taken, store.peers.get(peer.id).sequence) == (None, 9)


def test_what_people_are_told_of_a_state_follows_from_the_last_visit_and_the_clock(store):
    peer = followed(store, a_peer(store))
    states = [
        replace(peer, refusal=Refusal(code, "", NOW)).shown_state(NOW) for code in (UNREACHABLE, EXPIRED, TAMPERED)
    ]
    assert states == [FOLLOWING, PAUSED, REFUSED]
    assert peer.shown_state(later(days=29)) == FOLLOWING
    assert peer.shown_state(later(days=30)) == PAUSED  # the entry expired, whether or not somebody answered


def test_a_peer_that_is_removed_is_gone_but_for_the_job_that_deletes_its_files(store):
    peer = followed(store, a_peer(store))
    with writing(store.engine) as connection:
        peers.remove(connection, peer, now=NOW)
    assert store.peers.all() == ()
    assert jobs_by_kind(store) == {"peer-visit": 1}  # for its files
    with pytest.raises(NotFound):
        store.peers.by_slug(peer.slug)


def test_a_peer_is_named_in_the_readers_language_and_its_facts_by_its_instance(sqlite_store):
    peer = a_peer(sqlite_store)
    assert peer.name_in("es").startswith("Software para") and peer.name_in("fr").startswith("Software for")
    assert peer.origin == f"peer:{peer.instance_id}"
    assert replace(peer, card={"address": "http://[broken"}).origin == peer.origin
    assert replace(peer, card={"name": "text"}).name == "catalogo-example-org"
