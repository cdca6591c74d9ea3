"""The queue: what is taken when, by whom, and that no two workers ever do the same."""

import multiprocessing
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from support.factories.core import NOW, later
from support.waiting_rows import jobs_by_kind, next_job_at

from catalog.store.core.engine import writing
from catalog.store.core.jobs import FIRST_DELAY, LONGEST_DELAY, Job, enqueue, postpone, run_sooner
from catalog.store.store import Store

LEASE = timedelta(minutes=5)


def take(store: Store, worker: str = "ana", **changes: Any) -> tuple[Job, ...]:
    return store.jobs.lease(worker, **{"now": NOW, "lease": LEASE} | changes)


def test_the_most_urgent_job_comes_first_and_then_the_one_that_waits_longest(store: Store) -> None:
    store.jobs.add("visit", "late", {}, run_at=later(minutes=-1), priority=5)
    store.jobs.add("visit", "early", {}, run_at=later(minutes=-9), priority=5)
    store.jobs.add("mail", "urgent", {"to": "ana"}, run_at=NOW, priority=1)
    store.jobs.add("visit", "tomorrow", {}, run_at=later(days=1))
    assert [job.key for job in take(store, limit=9)] == ["urgent", "early", "late"]


def test_a_job_carries_its_argument_and_counts_its_tries(store: Store) -> None:
    store.jobs.add("mail", "a", {"to": "ana", "lines": [1, None]}, run_at=NOW)
    (job,) = take(store)
    assert (job.kind, job.argument, job.tries) == ("mail", {"to": "ana", "lines": [1, None]}, 1)


def test_only_the_kinds_that_are_asked_for_are_taken(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW)
    store.jobs.add("mail", "b", {}, run_at=NOW)
    assert [job.key for job in take(store, kinds=["mail", "peers"], limit=5)] == ["b"]


def test_a_leased_job_is_not_taken_before_its_lease_runs_out(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW)
    assert take(store)
    assert not take(store, "bruno", now=NOW + LEASE)
    (again,) = take(store, "bruno", now=NOW + LEASE + timedelta(seconds=1))
    assert again.tries == 2


def test_a_lease_is_extended_only_by_the_worker_that_has_it(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW)
    jobs = take(store)
    store.jobs.extend(jobs, "bruno", now=later(hours=1), lease=LEASE)
    store.jobs.extend(jobs, "ana", now=later(minutes=4), lease=LEASE)
    assert not take(store, "bruno", now=later(minutes=8))
    assert take(store, "bruno", now=later(minutes=10))


def test_a_worker_that_lost_its_lease_cannot_end_the_job_of_another(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW)
    (lost,) = take(store)
    (held,) = take(store, "bruno", now=later(hours=1))
    store.jobs.done(lost)
    store.jobs.failed(lost, "too late", now=later(hours=1))
    store.jobs.requeue(lost, at=NOW)
    assert not take(store, now=later(hours=1, minutes=1)) and jobs_by_kind(store) == {"visit": 1}
    store.jobs.done(held)
    assert jobs_by_kind(store) == {}


def test_a_key_waits_once_and_the_first_stays(store: Store) -> None:
    store.jobs.add("visit", "a", {"first": True}, run_at=NOW)
    store.jobs.add("visit", "a", {"first": False}, run_at=later(days=-1), priority=-5)
    (job,) = take(store, limit=5)
    assert job.argument == {"first": True}


def test_a_failed_job_comes_back_after_a_doubling_delay_that_has_an_end(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW)
    now = NOW
    for tries in range(1, 20):
        (job,) = take(store, now=now)
        assert job.tries == tries
        store.jobs.failed(job, "it raised", now=now)
        due = next_job_at(store)
        expected = min(FIRST_DELAY * 2 ** (tries - 1), LONGEST_DELAY)
        assert due is not None and 0.9 * expected <= due - now <= 1.1 * expected
        assert not take(store, now=due - timedelta(seconds=1))
        now = due


def test_a_job_that_is_to_come_back_starts_counting_anew(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW, priority=3)
    (job,) = take(store)
    store.jobs.requeue(job, at=later(hours=6), priority=7)
    assert not take(store, now=later(hours=5))
    (job,) = take(store, now=later(hours=6))
    assert (job.tries, job.priority) == (1, 7)


def test_the_next_time_is_when_a_job_is_due_or_a_lease_runs_out(store: Store) -> None:
    assert next_job_at(store) is None
    store.jobs.add("visit", "a", {}, run_at=NOW)
    assert next_job_at(store) == NOW
    take(store)
    assert next_job_at(store) == NOW + LEASE
    store.jobs.add("visit", "b", {}, run_at=later(minutes=1))
    assert next_job_at(store) == later(minutes=1)


def test_a_waiting_job_can_be_drawn_forward_and_put_off(store: Store) -> None:
    store.jobs.add("visit", "tomorrow", {}, run_at=later(days=1))
    store.jobs.add("visit", "now", {}, run_at=NOW)
    with writing(store.engine) as connection:
        run_sooner(connection, "tomorrow", run_at=NOW)
        postpone(connection, "now", at=later(days=2))
    assert [job.key for job in take(store, limit=5)] == ["tomorrow"]
    assert next_job_at(store) == NOW + LEASE


def test_a_job_that_is_being_done_is_neither_drawn_forward_nor_put_off(store: Store) -> None:
    store.jobs.add("visit", "a", {}, run_at=NOW)
    (job,) = take(store)
    with writing(store.engine) as connection:
        run_sooner(connection, "a", run_at=later(days=-1))
        postpone(connection, "a", at=later(days=9))
    store.jobs.requeue(job, at=later(minutes=1))
    assert next_job_at(store) == later(minutes=1)


def test_a_job_is_kept_only_when_the_transaction_that_asked_for_it_is(store: Store) -> None:
    with pytest.raises(RuntimeError), writing(store.engine) as connection:
        enqueue(connection, "mail", "a", {}, run_at=NOW)
        raise RuntimeError("the caller failed")
    assert jobs_by_kind(store) == {}


def test_fifty_of_many_due_jobs_are_taken_in_one_go_and_no_more(store: Store) -> None:
    for number in range(120):
        store.jobs.add("visit", f"visit:{number:03}", {}, run_at=later(seconds=number - 500))
    batches = [[job.key for job in take(store, limit=50)] for _ in range(4)]
    assert [len(batch) for batch in batches] == [50, 50, 20, 0]
    assert [key for batch in batches for key in batch] == [f"visit:{number:03}" for number in range(120)]


def _work(url: str, worker: str, limit: int, results: Any) -> None:
    """A worker's loop in a process of its own: take until nothing is left, end each job."""
    store = Store(url)
    taken = []
    while jobs := store.jobs.lease(worker, now=NOW, lease=LEASE, limit=limit):
        taken += [job.key for job in jobs]
        for job in jobs:
            store.jobs.done(job)
    store.close()
    results.put((worker, taken))


@pytest.mark.parametrize("limit", [pytest.param(1, marks=pytest.mark.full), 7])
def test_several_processes_never_take_the_same_job(database_url: str, limit: int) -> None:
    store = Store(database_url)
    keys = {f"visit:{number}" for number in range(60)}
    for key in sorted(keys):
        store.jobs.add("visit", key, {}, run_at=NOW)
    store.close()
    spawn = multiprocessing.get_context("spawn")
    results = spawn.Queue()
    workers = [spawn.Process(target=_work, args=(database_url, f"worker-{n}", limit, results)) for n in range(3)]
    for worker in workers:
        worker.start()
    taken = Counter(key for _ in workers for key in results.get(timeout=60)[1])
    for worker in workers:
        worker.join(10)
    results.close()
    assert taken == Counter(keys)
