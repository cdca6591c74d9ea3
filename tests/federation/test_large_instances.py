"""Sizes of the exchange between whole instances, which take a while: five thousand changes, a hundred catalogues. What
is measured is printed and decides nothing; that it all arrives is what is tested.
"""

import time
from contextlib import ExitStack
from dataclasses import replace
from uuid import UUID

import pytest
from support.factories.peers import a_peer_of
from support.factories.visits import Clock
from support.hosts.peer import Home, a_key, served
from support.instances import LEASE, a_database, an_instance

from benchmarks.exchange import document
from catalog.federation.shapes import PROJECT
from catalog.store.federation.peers import PULL

pytestmark = pytest.mark.full
PEERS = 100


def test_five_thousand_changes_of_a_catalogue_arrive_at_another(database_url, tmp_path, sqlite_template) -> None:
    """A first visit of 2,000 projects and 3,000 organizations, a second one in which each was changed."""
    clock, made = Clock(), document(2_000, 3_000)
    made = replace(made, projects=tuple(replace(one, adoptions=()) for one in made.projects))
    with ExitStack() as stack:
        french = stack.enter_context(
            an_instance(tmp_path, a_database(sqlite_template, tmp_path, "annuaire"), clock, "annuaire", "fr", "en")
        )
        spanish = stack.enter_context(an_instance(tmp_path, database_url, clock, "catalogo", "es", "en"))
        french.load(*made.projects, *made.organizations)
        began = time.process_time()
        one = spanish.follows(french)
        first = time.process_time() - began
        held = spanish.store.received_records.held(one.id)
        assert held[PROJECT] == 2_000 and sum(held.values()) > 4_000
        changed = [replace(one, name=f"{one.name} bis") for one in made.projects]
        french.load(*changed, *(replace(one, name=f"{one.name} bis") for one in made.organizations))
        clock.move(days=1.2)
        french.write()
        began = time.process_time()
        spanish.pull()
        second = time.process_time() - began
        print(f"written, first visit {first:.1f} s; second visit {second:.1f} s (CPU, both instances)")
        assert spanish.store.received_records.held(one.id) == held
        slug = made.projects[7].slug
        assert f"{made.projects[7].name} bis" in spanish.page(f"/en/projects/{slug}")


def test_a_round_of_a_hundred_catalogues_without_news_asks_each_once_and_little(tmp_path, sqlite_template) -> None:
    clock = Clock()
    with ExitStack() as stack:
        url = a_database(sqlite_template, tmp_path, "catalogo")
        here = stack.enter_context(an_instance(tmp_path, url, clock, "catalogo", "es", "en"))
        host = stack.enter_context(served(tmp_path / "peers"))
        for number in range(PEERS):
            home = Home(tmp_path / "peers" / str(number), UUID(int=number + 1, version=4), a_key(number + 1))
            home.now = clock()
            home.address = f"https://catalogue-{number}.example.org"
            for project in range(5):
                home.add(number * 10 + project + 1, f"Tool {number} {project}", license="MIT")
            home.publish()
            a_peer_of(here.store, home, f"{host.url}/{number}")
        here.pulling.plan()
        took = []
        for _ in range(2):
            host.asked.clear()
            began = time.process_time()
            jobs = here.store.jobs.take("here", now=clock(), lease=LEASE, kinds=[PULL], limit=1_000)
            for job in jobs:
                here.pulling.take(job)
            took.append(time.process_time() - began)
            assert len(jobs) == PEERS
            clock.move(days=1.2)
        assert [status for _, status, _ in host.asked] == [304] * PEERS
        assert max(size for _, _, size in host.asked) <= 2_000
        assert all(one.refusal is None for one in here.store.peers.every())
        here.index()
        assert here.store.home_page.totals().projects == PEERS * 5
        print(f"first round {took[0]:.1f} s, idle round {took[1]:.2f} s (CPU), {sum(s for *_, s in host.asked)} bytes")
