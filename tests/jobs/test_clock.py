"""A clock that is set while a catalogue runs, or between two starts: nothing is deleted by a wrong date, nothing waits
for years, and what people have stays valid once the clock is right again.
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
from catalog.tables.people import session
from forge.config.checkup_report import GOOD
from forge.config.checkup_report import NOW as AT_ONCE
from forge.config.settings import Settings
from forge.jobs.registry import CALENDAR, job_handlers
from forge.mail.deliver import Delivery
from forge.mirroring.worker import JobHandlers, Worker
from forge.server.checks.context import CheckContext
from forge.server.checks.environment import check_clock

YEAR, MINUTE = timedelta(days=365), timedelta(minutes=1)
AHEAD = 10 * YEAR


def planned(store: Store) -> dict[str, datetime]:
    with reading(store.engine) as connection:
        return {key: run_at for key, run_at in connection.execute(select(job.c.key, job.c.run_at))}


def told(store: Store, tmp_path, now: datetime) -> tuple[str, str]:
    (finding,) = check_clock(CheckContext(Settings(data=tmp_path), store, now))
    return finding.severity, finding.sentence


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


def test_what_was_planned_and_dated_by_a_wrong_clock_is_put_right_when_it_is_set_back(store: Store, tmp_path) -> None:
    watch, people = store.clock_watch, store.people
    load(store, a_document())
    watch.look(NOW)
    store.jobs.add("daily", "before", {}, run_at=NOW + timedelta(days=1))
    ana = people.sign_in(people.invite("ana@example.org", "moderator", "fr", now=NOW), "fr", now=NOW)
    wrong = NOW + AHEAD
    watch.look(wrong)
    store.jobs.add("daily", "daily", {}, run_at=wrong + timedelta(hours=3))
    store.jobs.add("daily", "taken", {}, run_at=wrong)
    (taken,) = store.jobs.lease("gone", now=wrong, lease=LEASE, limit=1, kinds=["daily"])
    bo = people.sign_in(people.invite("bo@example.org", "moderator", "fr", now=wrong), "fr", now=wrong)
    watch.look(wrong + NOTED_EVERY)
    right = NOW + timedelta(hours=2)
    watch.look(right)
    at = planned(store)
    assert right < at["daily"] < right + timedelta(hours=3) and at["before"] <= NOW + timedelta(days=1)
    late = people.sign_in(people.invite("zoe@example.org", "moderator", "fr", now=wrong), "fr", now=wrong)
    watch.look(right + NOTED_EVERY)  # another machine was set back a little later, and had written meanwhile
    later = right + timedelta(days=1, hours=1)
    found = store.jobs.lease("next", now=later, lease=LEASE, limit=9, kinds=["daily"])
    assert {leased.key for leased in found} == {"before", "daily", "taken"}
    with reading(store.engine) as connection:
        ends = connection.execute(select(session.c.expires_at)).scalars().all()
    assert len(ends) == 3 and all(right < end <= right + timedelta(days=31) for end in ends)
    assert all(people.of_session(cookie, now=right) is not None for _, cookie, _ in (ana, bo, late))
    assert store.people.forget(right + timedelta(days=40)) > 0 and store.people.roles() == {"moderator": 3}
    assert told(store, tmp_path, right)[0] == GOOD
    assert not watch.look(later).is_held(later) and taken.key in at


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
    assert deliver() == 0 and store.jobs.due(["mail"], now=NOW + 10 * MINUTE)
    clock.now = NOW + 10 * MINUTE
    assert deliver() == 1


def test_a_clock_that_is_set_back_makes_nothing_wait_for_as_long(store: Store, tmp_path) -> None:
    load(store, a_document())
    store.clock_watch.look(NOW)
    store.jobs.add("daily", "daily", {}, run_at=NOW + timedelta(hours=5))
    people = store.people
    _, cookie, _ = people.sign_in(people.invite("ana@example.org", "moderator", "fr", now=NOW), "fr", now=NOW)
    wrong = NOW - YEAR
    for _ in range(3):  # the worker that looks first puts it right, once
        store.clock_watch.look(wrong)
    assert planned(store)["daily"] == wrong + timedelta(hours=5)
    severity, sentence = told(store, tmp_path, wrong)
    assert severity == AT_ONCE and "timedatectl" in sentence
    store.clock_watch.look(NOW + MINUTE)
    assert people.of_session(cookie, now=NOW + MINUTE) is not None
    assert store.jobs.due(["daily"], now=NOW + MINUTE)


@pytest.mark.parametrize("minutes", [-5, 5, 60 * 24])
def test_a_clock_that_is_corrected_a_little_moves_nothing(store: Store, minutes: int) -> None:
    store.clock_watch.look(NOW)
    store.jobs.add("daily", "daily", {}, run_at=NOW + timedelta(hours=5))
    state = store.clock_watch.look(NOW + minutes * MINUTE)
    assert planned(store)["daily"] == NOW + timedelta(hours=5)
    assert (state.leapt_at, state.back_from) == (None, None)


def test_each_job_that_goes_by_the_calendar_has_a_handler(sqlite_store: Store, tmp_path) -> None:
    with a_conductor(sqlite_store, the_settings(tmp_path)) as conductor:
        handlers = job_handlers(sqlite_store, Settings(data=tmp_path), conductor)
    assert handlers.calendar == CALENDAR and set(handlers.usual) >= CALENDAR
