"""A password pushed by mistake: asked for by a maintainer, decided by an administrator, gone within a minute."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from support.client import Client
from support.factories.core import identity
from support.factories.visits import LICENSE_TEXT, a_catalog_of, a_conductor, mirror_of, the_settings, visited
from support.hosts.git_origin import a_commit, every_object, git, listing
from support.open_findings import open_findings
from support.serving import served
from support.visitors import LEVELS, signed_in

from catalog import moderation
from catalog.search import Finder
from forge.app import create_app
from forge.cli import forge
from forge.commands import operate
from forge.git import mirror_folder
from forge.jobs.registry import job_handlers
from forge.mirroring.worker import Worker

WAIT_SECONDS = 60.0
SECRET = "password: hunter2\n"
FILES = {"README.md": "# Tool\n", "LICENSE": LICENSE_TEXT}


@pytest.fixture
def site(conductor, sqlite_store):
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), conductor.clock)
    yield app
    app.state.code_readers.close()


@pytest.fixture
def folder(conductor):
    return conductor.settings.mirrors / f"{identity('galette')}.git"


@pytest.fixture
def leaked(origin, tool, conductor, sqlite_store, clock):
    """The commit that brought the password; the origin took it back since, and our mirror kept it."""
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    before = git("rev-parse", "main", cwd=tool)
    commit = a_commit(tool, FILES | {"secret.txt": SECRET}, before, "Oops")
    git("update-ref", "refs/heads/main", commit, cwd=tool)
    visited(conductor)
    git("update-ref", "refs/heads/main", a_commit(tool, FILES | {"new.txt": "new\n"}, before), cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    return commit.decode()


def work(conductor, sqlite_store):
    """What a running worker does until nothing is due."""
    handlers = job_handlers(sqlite_store, conductor.settings, conductor)
    Worker(sqlite_store, conductor, jobs=1, handlers=handlers, poll_seconds=0.05).run(once=True)
    conductor.stopping.clear()


def until(condition):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def holds_secret(folder):
    """Whether any file of the data folder gives the password to whoever reads it with git, or as it is."""
    blob = git("hash-object", "--stdin", cwd=folder.parent, stdin=SECRET.encode())
    repositories = [path for path in folder.rglob("*") if (path / "objects" / "pack").is_dir()]
    assert repositories
    return any(blob in every_object(path) for path in repositories if (path / "HEAD").exists())


def test_from_the_maintainers_wish_to_a_copy_without_it(
    origin, tool, conductor, sqlite_store, site, folder, leaked, clock, tmp_path
):
    blob = git("hash-object", "--stdin", cwd=tool, stdin=SECRET.encode()).decode()
    with served(site) as base:
        git("init", "-q", "--bare", tmp_path / "before.git")
        git("fetch", "-q", f"{base}/git/galette.git", leaked, cwd=tmp_path / "before.git")
        raw = f"/projects/galette/raw/{leaked}/secret.txt"
        assert SECRET in Client(site).get(raw).text

        maintainer = LEVELS["maintainer"](site, sqlite_store)
        page = maintainer.get("/en/projects/galette/keep")
        assert "Remove something from our copy of the code" in page.text
        asked = {"step": "erase", "objects": f"{leaked}:secret.txt", "why": "A password was pushed by mistake."}
        assert maintainer.post("/en/projects/galette/keep", data=asked | {"why": ""}).status_code == 422
        assert maintainer.post("/en/projects/galette/keep", data=asked).status_code == 303
        (matter,) = [found for found in open_findings(sqlite_store) if found.kind == "erasure-asked"]

        moderator = signed_in(site, sqlite_store, "moderator@example.org")
        assert "A password was pushed by mistake." in moderator.get(f"/en/desk/{matter.number}").text
        assert moderator.get("/en/desk/projects/galette/erase").status_code == 403
        administrator = signed_in(site, sqlite_store, "administrator@example.org", "administrator")
        assert "/en/desk/projects/galette/erase" in administrator.get(f"/en/desk/{matter.number}").text
        form = administrator.get("/en/desk/projects/galette/erase")
        assert f"{leaked}:secret.txt" in form.text and "A password was pushed by mistake." in form.text
        decided = {
            "objects": f"{leaked}:secret.txt\n",
            "reason": "harm",
            "words": "A password was published by mistake.",
            "sure": "yes",
        }
        for wrong in ({"objects": "main"}, {"objects": ""}, {"words": ""}, {"reason": ""}, {"sure": ""}):
            answer = administrator.post("/en/desk/projects/galette/erase", data=decided | wrong)
            assert answer.status_code == 422, wrong
        assert administrator.post("/en/desk/projects/galette/erase", data=decided).status_code == 303
        # From now on nothing is given out, until it is removed.
        assert Client(site).get(raw).status_code == 403
        assert "Something is being removed" in Client(site).get("/en/projects/galette/code").text
        with pytest.raises(AssertionError, match="403"):
            git("ls-remote", f"{base}/git/galette.git", cwd=tmp_path)
        work(conductor, sqlite_store)

        assert not holds_secret(conductor.settings.data)
        assert Client(site).get(raw).status_code == 404
        git("clone", "-q", "--mirror", f"{base}/git/galette.git", tmp_path / "after.git")
        git("fsck", "--full", "--strict", cwd=tmp_path / "after.git")
        assert listing(tmp_path / "after.git") == listing(tool)
        with pytest.raises(AssertionError, match=r"not our ref|upload-pack"):
            git("fetch", "-q", f"{base}/git/galette.git", leaked, cwd=tmp_path / "after.git")
    assert "the former history was removed here" in Client(site).get("/en/projects/galette/code/refs").text
    log = Client(site).get("/en/log").text
    assert "Something was removed from our copy of its code, for ever" in log
    assert "A password was published by mistake." in log
    assert not [found for found in open_findings(sqlite_store) if found.kind == "erasure-asked"]

    # It comes again, under another name.
    again = a_commit(tool, FILES | {"copy.txt": SECRET}, git("rev-parse", "main", cwd=tool), "Again")
    git("update-ref", "refs/heads/again", again, cwd=tool)
    clock.move(hours=1)
    assert visited(conductor).outcome == "partial"
    assert not holds_secret(conductor.settings.data)
    assert "A part of the code was erased here." in Client(site).get("/en/projects/galette").text
    assert blob in sqlite_store.erasures.oids(identity("galette"))


def test_a_branch_that_still_holds_it_is_given_out_up_to_the_commit_before(
    origin, tool, conductor, sqlite_store, site, folder, clock, tmp_path
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    before = git("rev-parse", "main", cwd=tool)
    leaked = a_commit(tool, FILES | {"secret.txt": SECRET}, before)
    git("update-ref", "refs/heads/main", a_commit(tool, FILES | {"new.txt": "new\n"}, leaked), cwd=tool)
    visited(conductor)
    run = CliRunner().invoke(
        forge, ["erase", "galette", f"{leaked.decode()}:secret.txt"], env=the_environment(conductor, sqlite_store)
    )
    assert run.exit_code == 0, run.output
    assert "It is removed" in run.output
    clock.now = datetime.now(UTC)  # which the command goes by
    work(conductor, sqlite_store)
    assert mirror_of(sqlite_store).head == before.decode() and not holds_secret(conductor.settings.data)
    with served(site) as base:
        git("clone", "-q", f"{base}/git/galette.git", tmp_path / "copy")
    assert git("rev-parse", "HEAD", cwd=tmp_path / "copy") == before


def test_between_the_decision_and_the_removal_stands_no_other_job(
    origin, conductor, sqlite_store, folder, leaked, clock
):
    """Every other place of the worker is taken, by jobs that end only when this test does."""
    held, started = threading.Event(), []

    def hold(job):
        started.append(job)
        held.wait(WAIT_SECONDS)

    handlers = job_handlers(sqlite_store, conductor.settings, conductor)
    groups = {name: dict.fromkeys(getattr(handlers, name), hold) for name in ("usual", "prompt", "apart")}
    for name, kinds in groups.items():
        for number in range(3):
            sqlite_store.jobs.add(next(iter(kinds)), f"held:{name}:{number}", {}, run_at=clock())
    worker = Worker(sqlite_store, conductor, jobs=1, handlers=replace(handlers, **groups), poll_seconds=WAIT_SECONDS)
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        until(lambda: len(started) == 6)
        moderation.erase(sqlite_store, None, "galette", [leaked], "harm", "A password.", now=clock())
        assert sqlite_store.jobs.due(["erase"], now=clock())
        until(lambda: not sqlite_store.erasures.pending(identity("galette")))
        assert not held.is_set()
    finally:
        held.set()
        worker.stop()
        running.join(WAIT_SECONDS)
    assert not holds_secret(conductor.settings.data)  # read when the job no longer makes anew what is given out


def test_what_is_decided_while_another_thing_is_being_erased_is_erased_next(
    origin, tool, conductor, sqlite_store, leaked, clock
):
    handlers = job_handlers(sqlite_store, conductor.settings, conductor)
    moderation.erase(sqlite_store, None, "galette", [leaked], "harm", "A password.", now=clock())
    (first,) = sqlite_store.jobs.lease("test", now=clock(), lease=timedelta(minutes=1), kinds=["erase"])
    second = git("rev-parse", "main:new.txt", cwd=tool).decode()
    moderation.erase(sqlite_store, None, "galette", [second], "harm", "Another one.", now=clock())
    sqlite_store.jobs.done(first)  # which did not know of the second
    (job,) = sqlite_store.jobs.lease("test", now=clock(), lease=timedelta(minutes=1), kinds=["erase"])
    handlers.urgent[job.kind](job)
    assert not sqlite_store.erasures.pending(identity("galette")) and not mirror_of(sqlite_store).erasing


def the_environment(conductor, store):
    networks = ",".join(map(str, conductor.settings.allow_networks))
    data = {"FORGE_DATA": str(conductor.settings.data), "FORGE_CATALOG": str(conductor.settings.catalog)}
    return data | {"FORGE_DATABASE": store.engine.url.render_as_string(False), "FORGE_ALLOW_NETWORKS": networks}


def test_what_names_nothing_is_told_and_nothing_is_done(origin, tool, conductor, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    head = mirror_of(sqlite_store).head
    for wrong in (["main"], [f"{head}:no/such/file"], [head[:10]], []):
        run = CliRunner().invoke(forge, ["erase", "galette", *wrong], env=the_environment(conductor, sqlite_store))
        assert run.exit_code in (1, 2), wrong
    run = CliRunner().invoke(forge, ["erase", "nobody", head], env=the_environment(conductor, sqlite_store))
    assert run.exit_code == 1
    assert not sqlite_store.erasures.oids(identity("galette")) and mirror_of(sqlite_store).head == head


def test_a_visit_under_way_is_waited_for_and_no_other_begins(origin, tool, sqlite_store, tmp_path, clock, monkeypatch):
    monkeypatch.setattr(operate, "ERASE_SECONDS", 0.2)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    settings = the_settings(tmp_path)
    with a_conductor(sqlite_store, settings, clock=clock) as conductor:
        visited(conductor)
        folder = settings.mirrors / f"{identity('galette')}.git"
        head = mirror_of(sqlite_store).head
        with mirror_folder.locked(folder) as lock:
            assert lock is not None
            run = CliRunner().invoke(forge, ["erase", "galette", head], env=the_environment(conductor, sqlite_store))
            assert run.exit_code == 1 and "A visit has the mirror." in run.output
        assert visited(conductor).outcome == "busy"  # nobody visits it before that is done
        clock.now = datetime.now(UTC)  # which the command goes by
        work(conductor, sqlite_store)
        assert head.encode() not in every_object(folder)
