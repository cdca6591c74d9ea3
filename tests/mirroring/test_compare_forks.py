"""The job that compares mirrors: after visits of real repositories, by the worker, again only where a head moved."""

import shutil
from datetime import timedelta
from uuid import UUID

import pytest
from support.factories.core import NOW, a_catalog, a_project, identity, load
from support.factories.history import BRUNO, Made, a_history
from support.factories.visits import Clock, a_conductor, the_settings
from support.hosts.git_origin import an_origin, git

from catalog.model import Relation
from catalog.store.projects.forks import COMPARE_FORKS, comparison_key
from forge.git.history import read_history
from forge.mirroring import compare_forks as conducted
from forge.mirroring.compare_forks import ForkComparison
from forge.mirroring.visit_results import Interrupted
from forge.mirroring.worker import JobHandlers, Worker

SHARED = [Made(900 - day) for day in range(12)]


@pytest.fixture
def store(sqlite_store):
    """One database is enough here: the rows are tested on both."""
    return sqlite_store


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def origin(tmp_path):
    (tmp_path / "origins").mkdir()
    with an_origin(tmp_path / "origins") as host:
        yield host


@pytest.fixture
def conductor(store, tmp_path, clock):
    with a_conductor(store, the_settings(tmp_path), clock=clock) as given:
        yield given


@pytest.fixture
def handler(conductor, clock):
    return ForkComparison(conductor.store, conductor.settings.mirrors, clock, conductor.stopping)


@pytest.fixture
def compared(monkeypatch):
    """How many pairs git was asked about."""
    asked = []
    distance = conducted.measure_distance

    def counting(*given, **named):
        asked.append(given)
        return distance(*given, **named)

    monkeypatch.setattr(conducted, "measure_distance", counting)
    return asked


def forks(origin, *names):
    """Bare repositories with twelve commits in common and one of each one's own."""
    first = origin.folder / f"{names[0]}.git"
    beginning = a_history(first, *SHARED)
    for number, name in enumerate(names[1:]):
        path = origin.folder / f"{name}.git"
        shutil.copytree(first, path)
        a_history(path, *(Made(50 - day, BRUNO) for day in range(number + 1)), on=beginning[-1])
    return beginning[-1]


def catalogued(store, origin, *names, **changes):
    load(
        store,
        a_catalog(
            *(a_project(name, repository=origin.url(f"git/{name}.git"), **changes.get(name, {})) for name in names)
        ),
    )


def a_round(conductor, handler):
    """What a worker does until nothing is due."""
    conductor.stopping.clear()
    handlers = JobHandlers({COMPARE_FORKS: handler.run})
    Worker(conductor.store, conductor, jobs=1, handlers=handlers, poll_seconds=0.05).run(once=True)
    conductor.stopping.clear()


def test_after_visits_a_fork_is_known_with_its_distance_from_both_sides(origin, conductor, handler, store):
    forks(origin, "parent", "child")
    catalogued(store, origin, "parent", "child", child={"relations": (Relation("fork-of", "parent"),)})
    a_round(conductor, handler)
    a_history(
        origin.folder / "parent.git",
        Made(20),
        on=git("rev-parse", "main", cwd=origin.folder / "parent.git").decode(),
    )
    conductor.clock.move(days=2)
    a_round(conductor, handler)
    counted = store.forks.page(identity("child")).kin[identity("child"), identity("parent")]
    assert (counted.kind, counted.own_commits, counted.other_commits, counted.shared_commits) == ("fork", 1, 1, 12)
    assert counted.since == NOW - timedelta(days=889)
    assert store.jobs.waiting() == {"visit": 2}


def test_a_pair_is_compared_again_only_when_a_head_moved(origin, conductor, handler, store, compared):
    forks(origin, "one", "two", "three")
    catalogued(store, origin, "one", "two", "three")
    a_round(conductor, handler)
    assert len(store.forks.page(identity("one")).kin) == 6
    compared.clear()
    handler.compare(identity("one"))
    assert compared == []
    path = origin.folder / "two.git"
    a_history(path, Made(1), on=git("rev-parse", "main", cwd=path).decode())
    conductor.clock.move(days=2)
    a_round(conductor, handler)
    assert len(compared) == 2


def test_mirrors_stay_as_they_were(origin, conductor, handler, store):
    forks(origin, "one", "two")
    catalogued(store, origin, "one", "two")
    conductor.stopping.clear()
    Worker(store, conductor, jobs=1, poll_seconds=0.05).run(once=True)
    conductor.stopping.clear()
    before = {(file, file.stat().st_mtime_ns) for file in conductor.settings.mirrors.rglob("*")}
    assert handler.compare(identity("one")) is not None
    assert {(file, file.stat().st_mtime_ns) for file in conductor.settings.mirrors.rglob("*")} == before
    assert len(store.forks.page(identity("two")).kin) == 2


def test_a_mirror_that_cannot_be_read_keeps_what_was_counted_and_harms_no_other(
    origin, conductor, handler, store, compared
):
    forks(origin, "one", "two", "three")
    catalogued(store, origin, "one", "two", "three")
    conductor.stopping.clear()
    Worker(store, conductor, jobs=1, poll_seconds=0.05).run(once=True)
    conductor.stopping.clear()
    shutil.rmtree(conductor.settings.mirrors / f"{identity('two')}.git")
    handler.compare(identity("one"))
    assert len(compared) == 2
    assert set(store.forks.page(identity("one")).kin) == {
        (identity("one"), identity("three")),
        (identity("three"), identity("one")),
    }


def mirrored(handler, slug, head):
    """What a visit keeps of a mirror that stands in its place already."""
    found = read_history(handler.mirrors / f"{identity(slug)}.git", head, None, NOW)
    given = {"free": True, "last_commit_at": NOW, "roots": found.roots, "now": NOW}
    handler.store.observations.observe(identity(slug), head, {"commit": head}, **given)


def test_a_history_that_was_taken_in_and_a_skeleton_are_no_forks(handler, store):
    load(store, a_catalog(*(a_project(slug) for slug in ("app", "library", "shop", "club"))))
    paths = {slug: handler.mirrors / f"{identity(slug)}.git" for slug in ("app", "library", "shop", "club")}
    library = a_history(paths["library"], *(Made(700 - day) for day in range(20)))
    shutil.copytree(paths["library"], paths["app"])
    own = a_history(paths["app"], Made(300), Made(290), branch="own")
    app = a_history(paths["app"], Made(200, parents=[own[-1], library[9]]))
    skeleton = a_history(paths["shop"], Made(900, files={"skeleton.py": "x\n"}))
    shutil.copytree(paths["shop"], paths["club"])
    shop = a_history(paths["shop"], *(Made(80 - day) for day in range(30)), on=skeleton[-1])
    club = a_history(paths["club"], *(Made(80 - day, BRUNO) for day in range(20)), on=skeleton[-1])
    for slug, oids in (("library", library), ("app", app), ("shop", shop), ("club", club)):
        mirrored(handler, slug, oids[-1])
    for slug in ("app", "shop"):
        handler.compare(identity(slug))
    said = {
        (slug, other): store.forks.page(identity(slug)).kin[identity(slug), identity(other)].kind
        for slug, other in (("app", "library"), ("library", "app"), ("shop", "club"))
    }
    assert said == {
        ("app", "library"): "contains",
        ("library", "app"): "within",
        ("shop", "club"): "beginning",
    }


def test_when_the_service_stops_the_job_is_free_again(origin, conductor, handler, store):
    forks(origin, "one", "two")
    catalogued(store, origin, "one", "two")
    conductor.stopping.clear()
    Worker(store, conductor, jobs=1, poll_seconds=0.05).run(once=True)
    conductor.stopping.set()
    with pytest.raises(Interrupted):
        handler.compare(identity("one"))
    assert store.jobs.waiting()[COMPARE_FORKS] >= 1


def test_one_that_was_read_at_another_commit_meanwhile_is_compared_again(
    origin, conductor, handler, store, monkeypatch
):
    forks(origin, "one", "two")
    catalogued(store, origin, "one", "two")
    conductor.stopping.clear()
    Worker(store, conductor, jobs=1, poll_seconds=0.05).run(once=True)
    conductor.stopping.clear()
    jobs = store.jobs.lease("test", now=conductor.clock(), lease=timedelta(seconds=60), kinds=[COMPARE_FORKS], limit=5)
    head = "9" * 40
    given = {"free": True, "last_commit_at": NOW, "now": NOW}

    def pushed(*_given, **_named):
        roots = [git("rev-list", "--max-parents=0", "main", cwd=origin.folder / "one.git").decode()]
        store.observations.observe(UUID(jobs[0].argument["project"]), head, {"commit": head}, roots=roots, **given)

    monkeypatch.setattr(conducted, "measure_distance", pushed)
    handler.run(jobs[0])
    assert store.jobs.waiting()[COMPARE_FORKS] >= 1


def test_a_job_for_a_project_that_is_gone_is_done(store, handler, clock):
    store.jobs.add(COMPARE_FORKS, comparison_key(identity("none")), {"project": str(identity("none"))}, run_at=clock())
    (job,) = store.jobs.lease("test", now=clock(), lease=timedelta(seconds=60), kinds=[COMPARE_FORKS])
    handler.run(job)
    assert store.jobs.waiting() == {}
