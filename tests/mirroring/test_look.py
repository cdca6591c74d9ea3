"""Looks: when a repository changed last is known before there is a copy of it, from a real origin."""

import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from urllib.parse import urlsplit

import yaml
from support.factories.core import a_catalog, a_project, load
from support.factories.visits import a_conductor, mirror_of, the_settings, visited
from support.hosts.git_origin import a_repository, an_origin, git
from support.paths import ROOT

from catalog.store.mirrors.mirror_rows import LOOK
from forge.git.fetch.preview_fetch import ANSWER_SECONDS
from forge.jobs.registry import job_handlers
from forge.mirroring import worker
from forge.mirroring.look_job import AFTER_FAILURE, AGAIN, MAX_BYTES, LookJob
from forge.mirroring.politeness import AT_ONCE, PAUSE_SECONDS, HostTurns
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


def programs_by_host():
    """How many programs of the shipped catalogue are copied from each host."""
    document = yaml.load((ROOT / "catalog.yaml").read_bytes(), yaml.CSafeLoader)
    addresses = [project.get("repository") for project in document["projects"] if not project.get("context_only")]
    return Counter(urlsplit(address).hostname for address in filter(None, addresses))


def test_all_programs_of_the_shipped_catalogue_are_looked_at_within_an_hour():
    """Also where each host takes its time to answer, and two copies begin between two looks at it."""
    each_seconds = ANSWER_SECONDS + (AT_ONCE + 1) * PAUSE_SECONDS
    hosts = programs_by_host()
    (_, most), total = hosts.most_common(1)[0], hosts.total()
    figure = f"{total} programs of {len(hosts)} hosts, {most} of one: {most * each_seconds / 60:.0f} minutes"
    print(figure)
    assert len(hosts) > 3 and total > 200
    assert max(most, total / worker.AT_ONCE) * each_seconds < 3600, figure


def test_a_host_that_is_silent_or_has_most_programs_keeps_no_other_from_being_looked_at(
    sqlite_store, tmp_path, settings
):
    """Hosts as the catalogue has them, a tenth of the largest: one look at a time at each, begun apart."""
    numbers = [max(1, number // 10) for number in programs_by_host().values()]
    with ExitStack() as stack:
        hosts = [stack.enter_context(an_origin(tmp_path, f"127.0.0.{2 + place}")) for place in range(len(numbers))]
        tool = a_repository(tmp_path, commits=1)
        committed_at = int(git("log", "-1", "--format=%ct", "main", cwd=tool))
        projects = [
            a_project(f"p{place}-{number}", repository=hosts[place].url("git/tool.git"))
            for place, many in enumerate(numbers)
            for number in range(many)
        ]
        silent = stack.enter_context(an_origin(tmp_path, "127.0.0.99"))
        load(sqlite_store, a_catalog(a_project("silent", repository=silent.url("silent/tool.git")), *projects))
        polite = HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=0.05)
        near = replace(settings, allow_networks=(ip_network("127.0.0.0/8"),))
        conductor = stack.enter_context(a_conductor(sqlite_store, near, hosts=polite, clock=lambda: datetime.now(UTC)))
        looks = JobHandlers(apart={LOOK: LookJob(conductor).run})
        Worker(sqlite_store, conductor, jobs=1, handlers=looks).run(once=True)
    dates = {mirror_of(sqlite_store, project.slug).last_commit_at for project in projects}
    assert {date and date.timestamp() for date in dates} == {committed_at}
    assert mirror_of(sqlite_store, "silent").last_commit_at is None
    assert not sqlite_store.jobs.due([LOOK], now=datetime.now(UTC))
