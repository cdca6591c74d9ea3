"""The worker: what it takes first, and that a kill or a stop loses no job."""

import fcntl
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import select
from support.factories.core import identity
from support.factories.visits import LICENSE_TEXT, Clock, a_catalog_of, a_conductor, mirror_of, visited
from support.hosts.git_origin import a_repository, git
from support.paths import ROOT
from support.waiting_rows import jobs_by_kind, next_job_at

from catalog.store.core.engine import reading
from catalog.tables.core import job
from forge.git.fetch.sync import Bounds
from forge.mirroring.politeness import HostTurns
from forge.mirroring.worker import JobHandlers, Worker

WAIT_SECONDS = 60.0  # for what a child needs a moment to do; a loaded machine needs more of them


def a_worker(conductor, **changes):
    return Worker(conductor.store, conductor, **{"jobs": 2, "poll_seconds": 0.05} | changes)


def done_once(conductor, **changes):
    """What one round of a worker tells, in the order in which it ended."""
    reports = []
    conductor.stopping.clear()
    a_worker(conductor, **changes).run(once=True, report_visit=reports.append)
    return reports


def until(condition):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def leased_until(store):
    with reading(store.engine) as connection:
        return connection.execute(select(job.c.leased_until)).scalar_one()


def test_once_does_what_is_due_and_comes_back(origin, conductor, sqlite_store):
    for number in range(3):
        a_repository(origin.folder, f"tool-{number}.git", commits=1)
    a_catalog_of(sqlite_store, **{f"p{number}": origin.url(f"git/tool-{number}.git") for number in range(3)})
    assert [report.outcome for report in done_once(conductor)] == ["full"] * 3
    assert done_once(conductor) == []
    assert sqlite_store.mirrors.states() == {"mirrored": 3}


def test_the_most_used_are_first_and_the_large_ones_last(origin, sqlite_store, settings, clock):
    a_repository(origin.folder, "large.git", noise__bin=os.urandom(300_000))
    a_repository(origin.folder, "small.git", commits=1)
    urls = {"used": origin.url("git/large.git"), "plain": origin.url("git/small.git")}
    a_catalog_of(sqlite_store, uses=3, **urls)
    with a_conductor(sqlite_store, settings, clock=clock, small_bytes=100_000) as conductor:
        told = [(report.slug, report.outcome) for report in done_once(conductor, jobs=1)]
    assert told == [("used", "on-hold"), ("plain", "full"), ("used", "full")]


def test_idle_visits_are_no_public_change_and_leave_no_record(origin, conductor, sqlite_store, clock):
    for number in range(4):
        a_repository(origin.folder, f"tool-{number}.git", commits=1)
    a_catalog_of(sqlite_store, **{f"p{number}": origin.url(f"git/tool-{number}.git") for number in range(4)})
    done_once(conductor)
    clock.move(hours=8)
    change = sqlite_store.change()
    assert [report.outcome for report in done_once(conductor)] == ["unchanged"] * 4
    for number in range(4):
        key = identity(f"p{number}")
        assert sqlite_store.mirrors.mirror(key).last_visit_at == clock()
        assert len(sqlite_store.mirrors.visits(key)) == 1
    assert not sqlite_store.jobs.due(["visit"], now=clock()) and sqlite_store.change() == change


def test_one_host_is_asked_by_two_at_once_at_most(origin, sqlite_store, settings, clock):
    for number in range(5):
        a_repository(origin.folder, f"tool-{number}.git", commits=1)
    a_catalog_of(sqlite_store, **{f"p{number}": origin.url(f"git/tool-{number}.git") for number in range(5)})
    polite = HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=0.3)
    with a_conductor(sqlite_store, settings, clock=clock, hosts=polite) as conductor:
        began = time.monotonic()
        assert len(done_once(conductor, jobs=5)) == 5
    assert time.monotonic() - began > 4 * 0.3


def test_a_job_whose_worker_died_is_taken_again_after_the_lease(origin, conductor, sqlite_store, clock):
    a_repository(origin.folder)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    assert len(sqlite_store.jobs.lease("dead:1", now=clock(), lease=timedelta(seconds=120))) == 1
    assert done_once(conductor) == []
    clock.move(seconds=121)
    assert [report.outcome for report in done_once(conductor)] == ["full"]


def test_the_lease_of_a_long_visit_is_kept(origin, sqlite_store, settings):
    a_catalog_of(sqlite_store, galette=origin.url("silent/x.git"))
    with a_conductor(sqlite_store, settings, clock=lambda: datetime.now(UTC)) as conductor:
        worker = a_worker(conductor, lease=timedelta(seconds=1))
        thread = threading.Thread(target=worker.run)
        thread.start()
        until(lambda: origin.requests)
        for _time in range(3):
            end = leased_until(sqlite_store)
            until(lambda end=end: leased_until(sqlite_store) > end)
            # When it would have been over: not by today's clock, which may go on while this process stands still.
            over = end + timedelta(milliseconds=1)
            assert sqlite_store.jobs.lease("other", now=over, lease=timedelta(seconds=1)) == ()
        origin.released.set()
        worker.stop()
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()


@pytest.mark.parametrize("path", ["silent/x.git", "slow/x.git"])
def test_a_stop_gives_the_job_back_though_an_origin_takes_its_time(origin, sqlite_store, settings, path):
    a_catalog_of(sqlite_store, galette=origin.url(path))
    before = mirror_of(sqlite_store)
    with a_conductor(
        sqlite_store, settings, clock=lambda: datetime.now(UTC), patience=Bounds(probe_seconds=20 * WAIT_SECONDS)
    ) as conductor:
        worker = a_worker(conductor)
        thread = threading.Thread(target=worker.run)
        thread.start()
        until(lambda: origin.requests)
        worker.stop()
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
        assert worker.left_behind == 1
    assert mirror_of(sqlite_store) == before
    (job,) = sqlite_store.jobs.lease("next", now=datetime.now(UTC), lease=timedelta(seconds=9))
    assert job.tries == 1
    origin.released.set()


def test_what_raises_is_noted_on_its_job_and_ends_no_other(origin, conductor, sqlite_store, settings, clock, caplog):
    a_repository(origin.folder)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"), other=origin.url("git/tool.git"))
    kept_folder = settings.mirrors / f"{mirror_of(sqlite_store, 'other').project_id}.git"
    kept_folder.write_text("a file where a folder should be")
    with caplog.at_level(logging.CRITICAL, "forge.mirroring.worker"):
        told = done_once(conductor)
    assert "full" in [report.outcome for report in told]
    assert jobs_by_kind(sqlite_store) == {"visit": 2}
    assert next_job_at(sqlite_store) > clock()


def the_environment(settings, store):
    return {"PATH": os.environ["PATH"], "FORGE_DATA": str(settings.data), "FORGE_DATABASE": str(store.engine.url),
            "FORGE_CATALOG": str(settings.catalog), "FORGE_ALLOW_NETWORKS": "127.0.0.1/32",
            "PYTHONPATH": str(ROOT)}  # fmt: skip


def a_process(settings, store, *arguments):
    command = [sys.executable, "-m", "forge.cli", "work", *arguments]
    return subprocess.Popen(command, env=the_environment(settings, store), stderr=subprocess.PIPE, text=True)


def family(process):
    return [process, *process.children(recursive=True)]


def test_a_worker_ends_at_sigterm_though_an_origin_trickles(origin, settings, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("slow/x.git"))
    with a_process(settings, sqlite_store) as process:
        until(lambda: origin.requests)
        everyone = family(psutil.Process(process.pid))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_SECONDS)
        assert process.returncode == 0
    until(lambda: not any(process.is_running() for process in everyone))
    assert len(sqlite_store.jobs.lease("next", now=datetime.now(UTC), lease=timedelta(seconds=9))) == 1


def test_a_worker_that_is_killed_leaves_no_process_and_the_next_one_does_its_job(origin, settings, sqlite_store):
    a_repository(origin.folder, LICENSE=LICENSE_TEXT)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"), other=origin.url("silent/x.git"))
    with a_process(settings, sqlite_store) as process:
        until(lambda: mirror_of(sqlite_store).state == "mirrored")
        until(lambda: any("silent" in request for request in origin.requests))
        everyone = family(psutil.Process(process.pid))
        assert len(everyone) > 1
        process.kill()
        process.communicate(timeout=WAIT_SECONDS)
    until(lambda: not any(process.is_running() and process.status() != "zombie" for process in everyone))
    origin.released.set()
    with a_conductor(sqlite_store, settings, clock=Clock(datetime.now(UTC) + timedelta(seconds=130))) as conductor:
        told = done_once(conductor)
    assert [(report.slug, report.outcome) for report in told] == [("other", "failed")]


def test_once_as_a_command_says_a_line_a_project(origin, settings, sqlite_store):
    a_repository(origin.folder, LICENSE=LICENSE_TEXT)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    with a_process(settings, sqlite_store, "--once") as process:
        _, said = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 0
    assert "galette: full" in said
    assert "license AGPL-3.0" in said


def test_a_mirror_that_another_process_holds_is_tried_again_soon(origin, conductor, sqlite_store, settings, clock):
    tool = a_repository(origin.folder)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    git("branch", "news", "main", cwd=tool)
    before, _ = mirror_of(sqlite_store), clock.move(hours=8)
    with (settings.mirrors / f"{before.project_id}.git" / "mirror.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert [report.outcome for report in done_once(conductor)] == ["busy"]
    assert mirror_of(sqlite_store) == before
    assert next_job_at(sqlite_store) == clock() + timedelta(minutes=5)


def test_jobs_have_their_own_places_and_one_that_raises_comes_back(conductor, sqlite_store, clock, caplog):
    done = []

    def run(job):
        done.append(job.argument["name"])
        if job.argument["name"] == "bad":
            raise ValueError("no")
        sqlite_store.jobs.done(job)

    for name in ("good", "bad"):
        sqlite_store.jobs.add("handler", f"handler:{name}", {"name": name}, run_at=clock())
    with caplog.at_level(logging.ERROR, "forge.mirroring.worker"):
        done_once(conductor, handlers=JobHandlers({"handler": run}))
    assert sorted(done) == ["bad", "good"]
    assert jobs_by_kind(sqlite_store) == {"handler": 1}
    done_once(conductor)
    assert sorted(done) == ["bad", "good"]


def test_a_job_that_somebody_waits_for_starts_at_once_while_the_others_are_busy(conductor, sqlite_store, clock):
    began, release = threading.Event(), threading.Event()

    def wait(job):
        release.wait(WAIT_SECONDS)
        sqlite_store.jobs.done(job)

    def look(job):
        began.set()
        sqlite_store.jobs.done(job)

    for number in range(3):
        sqlite_store.jobs.add("slow", f"slow:{number}", {}, run_at=clock())
    worker = a_worker(conductor, handlers=JobHandlers({"slow": wait}, {"look": look}), poll_seconds=WAIT_SECONDS)
    conductor.stopping.clear()
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        until(lambda: len(sqlite_store.jobs.lease("x", now=clock(), lease=timedelta(0), kinds=["slow"], limit=9)) <= 1)
        sqlite_store.jobs.add("look", "look:1", {}, run_at=clock())
        assert began.wait(WAIT_SECONDS / 2)
    finally:
        release.set()
        worker.stop()
        running.join(WAIT_SECONDS)


def test_jobs_that_wait_for_slow_hosts_hold_up_no_other(conductor, sqlite_store, clock):
    began, release = threading.Event(), threading.Event()

    def wait(job):
        release.wait(WAIT_SECONDS)
        sqlite_store.jobs.done(job)

    def send(job):
        began.set()
        sqlite_store.jobs.done(job)

    for number in range(5):
        sqlite_store.jobs.add("pull", f"pull:{number}", {}, run_at=clock())
    sqlite_store.jobs.add("mail", "mail:1", {}, run_at=clock())
    worker = a_worker(conductor, handlers=JobHandlers({"mail": send}, apart={"pull": wait}))
    conductor.stopping.clear()
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        assert began.wait(WAIT_SECONDS / 2)
    finally:
        release.set()
        worker.stop()
        running.join(WAIT_SECONDS)


def test_an_idle_worker_sees_within_a_moment_what_somebody_waits_for(conductor, sqlite_store, clock):
    began = threading.Event()
    look = JobHandlers(prompt={"look": lambda job: began.set()})
    worker = a_worker(conductor, handlers=look, poll_seconds=10 * WAIT_SECONDS)
    conductor.stopping.clear()
    running = threading.Thread(target=worker.run)
    running.start()
    time.sleep(0.5)  # it has nothing to do and waits for its next round
    sqlite_store.jobs.add("look", "look:1", {}, run_at=clock())
    assert began.wait(WAIT_SECONDS)
    worker.stop()
    running.join(WAIT_SECONDS)
