"""Politeness to one host: two at once, a pause between, for all workers together, and a stop that is noticed."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from support.factories.visits import Clock

from forge.mirroring.politeness import HostTurns

WAIT_SECONDS = 30.0  # for what happens at once, where a machine is busy


def visits(hosts, names, stopping, during=lambda: time.sleep(0.1)):
    """Visit hosts at the same time, doing so much `during` each; when each began and how many were under way there
    then."""
    begun, under_way, lock = [], {}, threading.Lock()

    def visit(name):
        with hosts.turn(name, stopping) as turn:
            with lock:
                under_way[name] = under_way.get(name, 0) + 1
                begun.append((name, time.monotonic(), under_way[name], bool(turn)))
            during()
            with lock:
                under_way[name] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, names))
    return begun


def test_a_host_has_at_most_two_visits_at_once(sqlite_store):
    pair = threading.Barrier(2)

    def during():
        pair.wait(WAIT_SECONDS)
        time.sleep(0.1)  # a third one that was let in would be seen

    begun = visits(
        HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=0.0),
        ["one"] * 6,
        threading.Event(),
        during,
    )
    assert max(number for _, _, number, _ in begun) == 2


def test_visits_of_a_host_begin_apart(sqlite_store):
    began = time.monotonic()
    begun = visits(
        HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=0.15),
        ["one"] * 4,
        threading.Event(),
        lambda: None,
    )
    # From the start and not from the one before, which may have been late by itself.
    after = [at - began for at in sorted(at for _, at, _, _ in begun)]
    assert all(seconds >= 0.15 * number for number, seconds in enumerate(after))


def test_other_hosts_do_not_wait(sqlite_store):
    together = threading.Barrier(3)
    hosts = HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=10 * WAIT_SECONDS)
    visits(hosts, ["one", "two", "three"], threading.Event(), lambda: together.wait(WAIT_SECONDS))


def test_hosts_of_the_operator_are_asked_as_they_come(sqlite_store):
    together = threading.Barrier(5)
    hosts = HostTurns(lambda host: host == "near", sqlite_store.remote_hosts, pause_seconds=10 * WAIT_SECONDS)
    begun = visits(hosts, ["near"] * 5, threading.Event(), lambda: together.wait(WAIT_SECONDS))
    assert max(number for _, _, number, _ in begun) == 5


def test_a_stop_ends_the_wait_for_a_turn_and_for_a_pause(sqlite_store):
    stopping = threading.Event()
    hosts = HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=10 * WAIT_SECONDS)

    def stop():
        stopping.wait(0.3)  # the others wait by now, and all is the same where they do not yet
        stopping.set()

    began = time.monotonic()
    begun = visits(hosts, ["one"] * 4, stopping, stop)
    assert time.monotonic() - began < WAIT_SECONDS
    assert sorted(turn for _, _, _, turn in begun) == [False, False, False, True]


def test_a_place_is_given_back_when_a_visit_raises(sqlite_store):
    hosts = HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=0.0)
    for _visit in range(4):
        try:
            with hosts.turn("one", threading.Event()):
                raise ValueError
        except ValueError:
            continue
    assert [turn for _, _, _, turn in visits(hosts, ["one"], threading.Event())] == [True]


def test_workers_of_several_machines_share_the_turns_of_a_host(store):
    """Two processes as far as the database can tell: each with turns of its own."""
    under_way, most, lock = [], [], threading.Lock()
    began = time.monotonic()
    starts = []

    def visit(hosts):
        with hosts.turn("one", threading.Event()) as turn:
            assert turn
            with lock:
                under_way.append(1)
                most.append(len(under_way))
                starts.append(time.monotonic() - began)
            time.sleep(0.1)
            with lock:
                under_way.pop()

    workers = [HostTurns(lambda host: False, store.remote_hosts, pause_seconds=0.2) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(visit, workers * 2))
    assert max(most) <= 2
    assert all(seconds >= 0.19 * number for number, seconds in enumerate(sorted(starts)))
    for worker in workers:
        worker.close()


def test_a_host_that_asks_for_a_pause_is_left_alone_by_all(store):
    clock = Clock()
    workers = [HostTurns(lambda host: False, store.remote_hosts, pause_seconds=0.0, clock=clock) for _ in range(2)]
    with workers[0].turn("one", threading.Event()) as turn:
        turn.pause(3600)
    with workers[1].turn("one", threading.Event()) as turn:
        assert not turn and turn.paused_until == clock.now + timedelta(hours=1)
    with workers[1].turn("two", threading.Event()) as turn:
        assert turn
    clock.move(hours=1)
    with workers[1].turn("one", threading.Event()) as turn:
        assert turn


def test_the_turn_of_a_worker_that_died_ends_with_its_lease(store):
    clock = Clock()
    rules = {"at_once": 1, "apart": timedelta(0), "lease": timedelta(minutes=2)}
    assert store.remote_hosts.take("one", "dead", now=clock(), **rules).begins_at == clock()
    assert store.remote_hosts.take("one", "next", now=clock(), **rules).begins_at is None
    store.remote_hosts.extend([("one", "dead")], lease=timedelta(minutes=2), now=clock.move(minutes=1))
    assert store.remote_hosts.take("one", "next", now=clock.move(minutes=1, seconds=30), **rules).begins_at is None
    assert store.remote_hosts.take("one", "next", now=clock.move(minutes=1), **rules).begins_at == clock()
    store.remote_hosts.give_back("one", "next", pause_until=None, now=clock.move(days=2))
    assert store.remote_hosts.take("one", "again", now=clock(), **rules).begins_at == clock()
