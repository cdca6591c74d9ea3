"""Looks: when a repository changed last is known before there is a copy of it, from a real origin."""

import random
from datetime import timedelta

from support.factories.core import a_catalog, a_project, load
from support.factories.visits import a_conductor, mirror_of, the_settings, visited
from support.hosts.git_origin import a_repository, git

from catalog.store.mirrors.mirror_rows import LOOK
from forge.jobs.registry import job_handlers
from forge.mirroring.look_job import AFTER_FAILURE, AGAIN, MAX_BYTES, LookJob
from forge.mirroring.worker import JobHandlers, Worker

AT_FAULT = (("galette", "page/x.git"), ("large", "git/large.git"))


def look(conductor):
    """Do all looks that are due; how many there were."""
    jobs = conductor.store.jobs.lease("test", now=conductor.clock(), lease=timedelta(minutes=1), kinds=[LOOK], limit=9)
    for job in jobs:
        LookJob(conductor).run(job)
    return len(jobs)


def push(tool, at):
    """Commit to the main branch at this time."""
    tree, parent = git("rev-parse", "main^{tree}", cwd=tool), git("rev-parse", "main", cwd=tool)
    who = b"A <a@example.org> %d +0000" % at.timestamp()
    commit = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nNext\n" % (tree, parent, who, who)
    new = git("hash-object", "-t", "commit", "-w", "--stdin", cwd=tool, stdin=commit)
    git("update-ref", "refs/heads/main", new, cwd=tool)


def activity_of(store):
    return store.public_records.project("galette").activity


def test_the_last_change_is_known_before_any_copy_and_a_visit_says_more(origin, tool, conductor, sqlite_store, clock):
    load(sqlite_store, a_catalog(a_project("galette", repository=origin.url("git/tool.git"))))
    assert look(conductor) == 1
    mirror = mirror_of(sqlite_store)
    committed_at = int(git("log", "-1", "--format=%ct", "main", cwd=tool))
    assert mirror.last_commit_at.timestamp() == committed_at
    assert (mirror.state, mirror.head, mirror.first_mirrored_at, mirror.observed_at) == ("waiting", None, None, None)
    assert activity_of(sqlite_store).changed_at == mirror.last_commit_at
    assert activity_of(sqlite_store).is_watched(clock()) and not list(conductor.settings.drafts.iterdir())
    push(tool, clock.move(hours=6))
    assert look(conductor) == 0 and visited(conductor).outcome == "full"
    assert activity_of(sqlite_store).changed_at == clock()
    clock.move(days=AGAIN.days)
    assert look(conductor) == 1
    clock.move(days=AGAIN.days)
    assert look(conductor) == 0  # there is a copy


def test_where_there_is_no_room_for_a_copy_the_worker_looks_again_each_month(
    origin, tool, sqlite_store, tmp_path, clock
):
    load(sqlite_store, a_catalog(a_project("galette", repository=origin.url("git/tool.git"))))
    with a_conductor(sqlite_store, the_settings(tmp_path, mirrors_max_bytes=1), clock=clock) as conductor:
        looks = JobHandlers(apart=job_handlers(sqlite_store, conductor.settings, conductor).apart)
        for months in range(3):
            push(tool, clock.move(days=AGAIN.days))
            conductor.stopping.clear()
            Worker(sqlite_store, conductor, jobs=1, handlers=looks).run(once=True)
            activity = activity_of(sqlite_store)
            assert activity.changed_at == clock() and activity.is_maintained(clock()), months
    assert mirror_of(sqlite_store).state == "no-room"


def test_an_origin_that_does_not_answer_or_sends_too_much_tells_nothing_and_is_asked_the_next_day(
    origin, conductor, sqlite_store, clock
):
    tool = a_repository(origin.folder, "large.git", picture__bin=random.Random(1).randbytes(2 * MAX_BYTES))
    git("config", "uploadpack.allowFilter", "false", cwd=tool)
    load(sqlite_store, a_catalog(*(a_project(slug, repository=origin.url(path)) for slug, path in AT_FAULT)))
    change = sqlite_store.change()
    assert look(conductor) == 2 and look(conductor) == 0
    clock.move(days=AFTER_FAILURE.days)
    assert look(conductor) == 2
    assert all(mirror_of(sqlite_store, slug).last_commit_at is None for slug, _ in AT_FAULT)
    assert sqlite_store.change() == change
