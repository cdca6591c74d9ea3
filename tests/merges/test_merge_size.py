"""Five thousand changes of another catalogue are merged in transactions that let others in between. How long it takes
is printed, and measured by `benchmarks.exchange`: at most ten seconds on a machine that does nothing else."""

import threading
import time
from typing import Any

import pytest
from support.factories.core import NOW, a_catalog, a_project, an_organization, load
from support.factories.deltas import TakeOverResult, apply_delta
from support.factories.received import a_catalogue, a_delta, gone, ref, theirs, use
from support.factories.rewriting import rewriting

from catalog.record_kind import ORGANIZATION
from catalog.store.core.engine import set_meta
from catalog.store.store import Store

pytestmark = pytest.mark.full


def five_thousand(license: str) -> list[Any]:
    code = "https://git.example.org/"
    maintainer = {n: [{"organization": ref(f"org{n}"), "role": "lead"}] for n in range(1500)}
    projects = [
        theirs(f"p{n}", license=license, repository=f"{code}p{n + 500}", maintenance=maintainer[n]) for n in range(1500)
    ]
    groups = [
        theirs(f"org{n}", ORGANIZATION, name=f"Group {n} {license}", identifiers={"siren": str(n)}) for n in range(2000)
    ]
    return [*projects, *groups, *(use(f"p{n}", f"org{n}", version=license) for n in range(1500))]


def test_five_thousand_changes_are_merged_while_others_write(store: Store) -> None:
    ours = [a_project(f"p{n}", repository=f"https://git.example.org/p{n}") for n in range(1000)]
    load(store, a_catalog(*ours, *(an_organization(f"o{n}", identifiers={"siren": str(n)}) for n in range(1000))))
    home = a_catalogue(store)
    ended = threading.Event()
    waits: list[float] = []
    errors: list[Exception] = []

    def write() -> None:
        while not ended.wait(0.05):
            began = time.perf_counter()
            try:
                with rewriting(store.engine) as connection:
                    set_meta(connection, "merge-test", began)
            except Exception as error:
                errors.append(error)
            waits.append(time.perf_counter() - began)

    other = threading.Thread(target=write)
    other.start()
    took = {}
    try:
        for step, delta in (
            ("first", a_delta(*five_thousand("MIT"), whole=True)),
            ("again", a_delta(*five_thousand("GPL-3.0-only"))),
            ("taken back", a_delta(tombstones=[gone(record) for record in five_thousand("MIT")])),
        ):
            began, cpu = time.perf_counter(), time.process_time()
            apply_delta(store, home.id, delta, now=NOW)
            took[step] = time.perf_counter() - began
            print(f"{step}: {took[step]:.1f} s, {time.process_time() - cpu:.1f} s of them our own processor time")
    finally:
        ended.set()
        other.join()
    print(f"who wrote meanwhile waited {max(waits):.2f} s at most")
    assert waits and errors == []  # nobody waited longer than a database lets anybody wait
    assert store.home_page.totals().projects == 1000
    assert apply_delta(store, home.id, a_delta(), now=NOW) == TakeOverResult()
