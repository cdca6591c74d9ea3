"""Politeness to one host: two at once, a pause between, and a stop that is noticed."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from forge.hosts import Hosts


def visits(hosts, names, stopping, seconds=0.1):
    """Visit hosts at the same time; when each began and how many were under way there then."""
    begun, under_way, lock = [], {}, threading.Lock()

    def visit(name):
        with hosts.turn(name, stopping) as turn:
            with lock:
                under_way[name] = under_way.get(name, 0) + 1
                begun.append((name, time.monotonic(), under_way[name], turn))
            time.sleep(seconds)
            with lock:
                under_way[name] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, names))
    return begun


def test_a_host_has_at_most_two_visits_at_once():
    begun = visits(Hosts(lambda host: False, pause_seconds=0.0), ["one"] * 6, threading.Event())
    assert max(number for _, _, number, _ in begun) == 2


def test_visits_of_a_host_begin_apart():
    begun = visits(Hosts(lambda host: False, pause_seconds=0.15), ["one"] * 4, threading.Event(), seconds=0.0)
    times = sorted(at for _, at, _, _ in begun)
    assert min(later - earlier for earlier, later in pairwise(times)) > 0.1


def test_other_hosts_do_not_wait():
    begun = visits(Hosts(lambda host: False, pause_seconds=2.0), ["one", "two", "three"], threading.Event())
    times = [at for _, at, _, _ in begun]
    assert max(times) - min(times) < 1.0


def test_hosts_of_the_operator_are_asked_as_they_come():
    begun = visits(Hosts(lambda host: host == "near", pause_seconds=2.0), ["near"] * 5, threading.Event())
    assert max(number for _, _, number, _ in begun) > 2


def test_a_stop_ends_the_wait_for_a_turn_and_for_a_pause():
    stopping = threading.Event()
    hosts = Hosts(lambda host: False, pause_seconds=60.0)
    threading.Timer(0.3, stopping.set).start()
    began = time.monotonic()
    begun = visits(hosts, ["one"] * 4, stopping, seconds=0.5)
    assert time.monotonic() - began < 30
    assert sorted(turn for _, _, _, turn in begun) == [False, False, False, True]


def test_a_place_is_given_back_when_a_visit_raises():
    hosts = Hosts(lambda host: False, pause_seconds=0.0)
    for _visit in range(4):
        try:
            with hosts.turn("one", threading.Event()):
                raise ValueError
        except ValueError:
            continue
    assert [turn for _, _, _, turn in visits(hosts, ["one"], threading.Event())] == [True]
