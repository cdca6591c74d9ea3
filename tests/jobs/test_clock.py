"""A clock that is set while a catalogue runs, or between two starts: nothing is deleted by a wrong date within a day,
and nothing waits for years.
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from support.factories.core import NOW, a_document, load
from support.factories.visits import Clock, a_conductor, the_settings

from catalog.store.core.clock_watch import HELD, LEASE, NOTED_EVERY
from catalog.store.core.engine import reading
from catalog.store.store import Store
from catalog.tables.core import job
from forge.config.checkup_report import GOOD
from forge.config.checkup_report import NOW as AT_ONCE
from forge.config.settings import Settings
from forge.jobs.registry import CALENDAR, job_handlers
from forge.mail.deliver import Delivery
from forge.mirroring.worker import JobHandlers, Worker
from forge.server.checks.context import DoctorContext
from forge.server.checks.environment import check_clock

YEAR, MINUTE = timedelta(days=365), timedelta(minutes=1)
AHEAD = 10 * YEAR


def planned(store: Store) -> dict[str, datetime]:
    with reading(store.engine) as connection:
        return {key: run_at for key, run_at in connection.execute(select(job.c.key, job.c.run_at))}


def told(store: Store, tmp_path, now: datetime) -> tuple[str, str]:
    (result,) = check_clock(DoctorContext(Settings(data=tmp_path), store, now))
    return result


def test_a_clock_that_leaps_ahead_deletes_nothing_for_a_day_and_doctor_says_so(sqlite_store: Store, tmp_path) -> None:
    clock = Clock(NOW)
    done: list[str] = []

    def do(job) -> None:
        done.append(job.kind)
        sqlite_store.jobs.requeue(job, at=clock() + MINUTE)

    handlers = JobHandlers({"mail": do, "forget": do}, calendar=frozenset({"forget"}))

    def work() -> list[str]:
        done.clear()
        with a_conductor(sqlite_store, the_settings(tmp_path), clock=clock) as conductor:
            Worker(sqlite_store, conductor, jobs=1, handlers=handlers, poll_seconds=0.05).run(once=True)
        return sorted(done)

    for kind in ("mail", "forget"):
        sqlite_store.jobs.add(kind, kind, {}, run_at=NOW)
    assert work() == ["forget", "mail"] and told(sqlite_store, tmp_path, NOW)[0] == GOOD
    clock.now = NOW + timedelta(days=6)  # a machine that was off for a while
    assert work() == ["forget", "mail"]
    clock.now = wrong = NOW + AHEAD
    assert work() == ["mail"]
    severity, sentence = told(sqlite_store, tmp_path, wrong)
    assert severity == AT_ONCE and f"{wrong:%Y-%m-%d}" in sentence and "timedatectl" in sentence
    clock.now = wrong + HELD - MINUTE
    assert work() == ["mail"]
    clock.now = wrong + HELD + MINUTE  # nobody set it back: it is right, and the catalogue stood still
    assert work() == ["forget", "mail"] and told(sqlite_store, tmp_path, clock.now)[0] == GOOD


def test_what_a_wrong_clock_planned_is_done_once_it_is_set_back(store: Store, tmp_path) -> None:
    watch = store.clock_watch
    watch.look(NOW)
    store.jobs.add("daily", "before", {}, run_at=NOW + timedelta(days=1))
    wrong = NOW + AHEAD
    watch.look(wrong)
    store.jobs.add("daily", "daily", {}, run_at=wrong + timedelta(hours=3))
    store.jobs.add("daily", "taken", {}, run_at=wrong)
    store.jobs.lease("gone", now=wrong, lease=LEASE, limit=1, kinds=["daily"])
    right = NOW + timedelta(hours=2)
    assert watch.look(right).is_held(right) and told(store, tmp_path, right)[0] == AT_ONCE
    store.jobs.add("daily", "late", {}, run_at=wrong)  # by another machine, which was set back a little later
    watch.look(right + NOTED_EVERY)
    later = right + timedelta(days=1, hours=1)
    found = store.jobs.lease("next", now=later, lease=LEASE, limit=9, kinds=["daily"])
    assert {leased.key for leased in found} == {"before", "daily", "taken", "late"}
    assert not watch.look(later).is_held(later) and told(store, tmp_path, later)[0] == GOOD


def test_a_message_on_its_way_waits_while_a_clock_may_be_wrong_and_goes_out_when_it_is_set_back(store: Store) -> None:
    load(store, a_document())
    clock, sent = Clock(NOW), []
    delivery = Delivery(store, "https://example.org", "us@example.org", sent.append, clock=clock)

    def deliver() -> int:
        store.clock_watch.look(clock())
        for taken in store.jobs.lease("test", now=clock(), lease=LEASE, kinds=["mail"]):
            delivery.run(taken)
        return len(sent)

    store.clock_watch.look(NOW)
    store.people.send_sign_in("ana@example.org", "fr", {}, now=NOW)
    clock.now = NOW + AHEAD
    assert deliver() == 0
    clock.now = NOW + 5 * MINUTE
    assert deliver() == 1


def test_a_clock_that_is_set_back_deletes_nothing_for_a_day_and_makes_nothing_wait_for_as_long(
    store: Store, tmp_path
) -> None:
    load(store, a_document())
    store.clock_watch.look(NOW)
    store.jobs.add("daily", "daily", {}, run_at=NOW + timedelta(hours=5))
    people = store.people
    _, cookie, _ = people.sign_in(people.invite("ana@example.org", "moderator", "fr", now=NOW), "fr", now=NOW)
    wrong = NOW - YEAR
    assert store.clock_watch.look(wrong).is_held(wrong) and planned(store)["daily"] == wrong
    severity, sentence = told(store, tmp_path, wrong)
    assert severity == AT_ONCE and "timedatectl" in sentence
    assert not store.clock_watch.look(wrong + HELD).is_held(wrong + HELD)
    assert told(store, tmp_path, wrong + HELD)[0] == AT_ONCE  # something was written later than that
    assert store.clock_watch.look(NOW + MINUTE).is_held(NOW + MINUTE)
    assert people.of_session(cookie, now=NOW + MINUTE) is not None


@pytest.mark.parametrize("minutes", [-5, 5, 60 * 24])
def test_a_clock_that_is_corrected_a_little_moves_nothing(store: Store, minutes: int) -> None:
    store.clock_watch.look(NOW)
    store.jobs.add("daily", "daily", {}, run_at=NOW + timedelta(hours=5))
    state = store.clock_watch.look(NOW + minutes * MINUTE)
    assert planned(store)["daily"] == NOW + timedelta(hours=5)
    assert state.jumped_at is None


def test_each_job_that_goes_by_the_calendar_has_a_handler(sqlite_store: Store, tmp_path) -> None:
    with a_conductor(sqlite_store, the_settings(tmp_path)) as conductor:
        handlers = job_handlers(sqlite_store, Settings(data=tmp_path), conductor)
    assert handlers.calendar == CALENDAR and set(handlers.usual) >= CALENDAR
