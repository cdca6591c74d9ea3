"""Visits from origin to page: what a visit fills, and what becomes of every fault of an origin, a disk or a mirror."""

import os
import re
import shutil
import signal
import threading
import time
from datetime import timedelta

import pytest
from support.client import Client
from support.factories.core import a_catalog, later, load
from support.factories.visits import (
    LICENSE_TEXT,
    a_catalog_of,
    a_conductor,
    mirror_of,
    queued,
    the_settings,
    visited,
)
from support.hosts.git_origin import a_commit, a_repository, an_origin, git
from support.waiting_rows import jobs_by_kind, next_job_at

from catalog.search import Finder
from forge.app import create_app
from forge.git.fetch.sync import Bounds
from forge.i18n import languages
from forge.mirroring.politeness import HostTurns
from forge.mirroring.visit import LARGE_PRIORITY, NO_ROOM, ON_HOLD
from forge.mirroring.visit_results import Interrupted
from forge.render.document_cache import ANY_COMMIT, document_name
from forge.render.links import LinkBase


def pages(conductor, slug="galette"):
    """The project's page in both languages, as plain text."""
    app = create_app(conductor.settings, conductor.store, Finder(conductor.settings.search), conductor.clock)
    client, texts = Client(app), []
    for language in ("en", "fr"):
        answer = client.get(f"/{language}/projects/{slug}")
        assert answer.status_code == 200
        texts.append(" ".join(re.sub(r"<[^>]*>", " ", answer.text).replace("&#39;", "'").split()))
    return texts


def shown(conductor, reason, slug="galette"):
    """The reason stands on the English page as it is, and on the French one in French."""
    english, french = pages(conductor, slug)
    assert reason in english
    translated = languages.page_language("fr").texts.gettext(reason)
    assert translated != reason, f"without French: {reason}"
    assert " ".join(translated.split()) in french


def state(store, slug="galette"):
    mirror = store.public_records.project(slug).mirror
    return mirror.state, mirror.reason


def test_a_visit_fills_mirror_observation_readme_and_the_next_visit(origin, tool, conductor, sqlite_store):
    git("tag", "v1.0", "main", cwd=tool)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    report = queued(conductor)
    assert (report.outcome, report.good, report.reason, report.license) == ("full", True, "", "AGPL-3.0")
    mirror, head = mirror_of(sqlite_store), git("rev-parse", "main", cwd=tool).decode()
    assert (mirror.state, mirror.reason, mirror.head, mirror.branch) == ("mirrored", None, head, "main")
    assert (mirror.free, mirror.failures, mirror.size_bytes > 0) == (True, 0, True)
    assert mirror.first_mirrored_at == mirror.last_success_at == conductor.clock()
    seen = mirror.observation
    assert (seen["commit"], seen["license"]["value"], seen["license"]["file"]) == (head, "AGPL-3.0", "LICENSE")
    assert (seen["release"]["value"], seen["activity"]["commits"]) == ("v1.0", 2)
    readme = seen["readmes"][0]["oid"]
    html = sqlite_store.mirrors.rendering(readme, document_name(LinkBase(slug="galette", commit=ANY_COMMIT)))
    assert "<em>members</em>" in html
    assert "members" in sqlite_store.mirrors.rendering(readme, "text")
    assert later(hours=5) < next_job_at(sqlite_store) < later(hours=7)
    visits = sqlite_store.mirrors.visits(mirror.project_id)
    assert [(visit.outcome, visit.address, visit.ended_at is not None) for visit in visits] == [
        ("full", "127.0.0.1", True)
    ]
    assert {change["ref"] for change in visits[0].changes} == {"refs/heads/main", "refs/tags/v1.0"}
    assert "We keep a backup copy of the code." in pages(conductor)[0]


def test_a_default_branch_whose_name_is_no_text_is_mirrored_like_another(origin, tool, conductor, sqlite_store):
    git("branch", "-m", "main", b"ma\xffin", cwd=tool)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    assert visited(conductor).good and visited(conductor).outcome == "unchanged"
    assert mirror_of(sqlite_store).branch == "ma\ufffdin"


def test_news_are_observed_and_bring_the_next_visit_nearer(origin, tool, conductor, sqlite_store, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    new = a_commit(tool, {"README.md": "# New\n", "LICENSE": LICENSE_TEXT}, git("rev-parse", "main", cwd=tool))
    git("update-ref", "refs/heads/main", new, cwd=tool)
    change, _ = sqlite_store.change(), clock.move(hours=6)
    assert visited(conductor).outcome == "full"
    mirror = mirror_of(sqlite_store)
    assert (mirror.head, mirror.interval_seconds) == (new.decode(), 3 * 3600)
    assert mirror.observation["activity"]["commits"] == 3
    assert sqlite_store.change() > change


def test_a_visit_that_finds_nothing_new_is_no_public_change_and_leaves_no_record(
    origin, tool, conductor, sqlite_store, clock
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    queued(conductor)
    change = sqlite_store.change()
    clock.move(hours=7)
    assert queued(conductor).outcome == "unchanged"
    mirror = mirror_of(sqlite_store)
    assert (mirror.last_success_at, mirror.interval_seconds) == (clock(), 9 * 3600)
    assert sqlite_store.change() == change
    assert len(sqlite_store.mirrors.visits(mirror.project_id)) == 1
    assert queued(conductor) is None
    assert next_job_at(sqlite_store) > clock.move(hours=8)


def test_an_origin_that_does_not_answer_is_failing_then_unreachable_and_asked_ever_later(
    origin, conductor, sqlite_store, clock
):
    a_catalog_of(sqlite_store, galette="http://127.0.0.1:9/tool.git")
    states, waits = [], []
    for _visit in range(4):
        assert queued(conductor).outcome == "failed"
        states.append(state(sqlite_store)[0])
        waits.append((next_job_at(sqlite_store) - clock()).total_seconds() / 3600)
        clock.now = next_job_at(sqlite_store)
    assert states == ["failing", "failing", "unreachable", "unreachable"]
    assert [round(hours) for hours in waits] == pytest.approx([1, 2, 4, 8], abs=1)
    assert len(sqlite_store.mirrors.visits(mirror_of(sqlite_store).project_id)) == 4
    shown(conductor, state(sqlite_store)[1])


@pytest.mark.parametrize("mirrored", [False, True])
def test_an_origin_is_gone_after_six_failures_over_two_weeks_and_asked_once_a_month(
    origin, tool, conductor, sqlite_store, clock, mirrored
):
    path = "git/tool.git" if mirrored else "missing/tool.git"
    a_catalog_of(sqlite_store, galette=origin.url(path))
    if mirrored:
        assert visited(conductor).outcome == "full"
        shutil.rmtree(tool)
    for _visit in range(6):
        assert visited(conductor).outcome == "not-found"
        clock.move(hours=20)
    assert state(sqlite_store)[0] == "unreachable"
    clock.move(days=14)
    visited(conductor)
    assert state(sqlite_store)[0] == "gone"
    assert mirror_of(sqlite_store).interval_seconds == 30 * 86_400
    shown(conductor, "There is no repository at this address.")
    said = "The source is gone. We keep our copy." if mirrored else "The code is no longer at its address."
    assert said in pages(conductor)[0]
    assert bool(mirror_of(sqlite_store).head) is mirrored


def test_an_origin_that_is_back_is_mirrored_again(origin, tool, conductor, sqlite_store, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    tool.rename(tool.with_name("away"))
    visited(conductor)
    assert state(sqlite_store)[0] == "unreachable"
    tool.with_name("away").rename(tool)
    change = sqlite_store.change()
    assert visited(conductor).outcome == "unchanged"
    assert state(sqlite_store) == ("mirrored", None)
    assert (mirror_of(sqlite_store).failures, mirror_of(sqlite_store).interval_seconds) == (0, 6 * 3600)
    assert sqlite_store.change() == change + 1


def test_a_renamed_repository_is_followed_and_its_new_address_asked_next(origin, tool, conductor, sqlite_store):
    origin.redirect_to = origin.url("git/")
    a_catalog_of(sqlite_store, galette=origin.url("redirect/tool.git"))
    assert visited(conductor).outcome == "full"
    assert mirror_of(sqlite_store).canonical_url == origin.url("git/tool.git")
    origin.requests.clear()
    assert visited(conductor).outcome == "unchanged"
    assert {request.split()[1].split("/")[1] for request in origin.requests} == {"git"}


def test_an_address_that_a_redirect_gave_and_that_fails_is_forgotten(origin, tool, conductor, sqlite_store):
    origin.redirect_to = origin.url("git/")
    a_catalog_of(sqlite_store, galette=origin.url("redirect/tool.git"))
    visited(conductor)
    tool.rename(origin.folder / "moved.git")
    assert visited(conductor).outcome == "not-found"
    assert mirror_of(sqlite_store).canonical_url is None


def test_a_redirect_to_a_forbidden_address_is_refused_and_nobody_is_asked_there(
    tmp_path, origin, conductor, sqlite_store
):
    with an_origin(origin.folder, host="127.0.0.2") as other:
        a_repository(other.folder, "secret.git")
        origin.redirect_to = other.url("git/")
        a_catalog_of(sqlite_store, galette=origin.url("redirect/secret.git"))
        assert visited(conductor).outcome == "refused"
        assert other.requests == []
    assert state(sqlite_store)[0] == "refused"
    shown(conductor, state(sqlite_store)[1])


def test_an_empty_repository_is_empty_and_no_failure(origin, conductor, sqlite_store):
    a_repository(origin.folder, "empty.git", commits=0)
    a_catalog_of(sqlite_store, galette=origin.url("git/empty.git"))
    report = visited(conductor)
    assert (report.outcome, report.good) == ("empty", True)
    assert (state(sqlite_store)[0], mirror_of(sqlite_store).failures) == ("empty", 0)
    shown(conductor, "The repository has no commits yet.")


@pytest.mark.parametrize(
    ("path", "outcome", "expected"),
    [("password/x.git", "password", "password"), ("garbage/x.git", "failed", "failing"),
     ("silent/x.git", "failed", "failing"), ("slow/x.git", "failed", "failing"), ("page/x.git", "failed", "failing"),
     ("busy/x.git", "failed", "failing"), ("missing/x.git", "not-found", "unreachable")],
)  # fmt: skip
def test_an_origin_that_misbehaves_has_a_state_and_a_reason_on_its_page(
    origin, sqlite_store, settings, path, outcome, expected
):
    a_catalog_of(sqlite_store, galette=origin.url(path))
    patience = {"patience": Bounds(probe_seconds=0.5)} if path in ("silent/x.git", "slow/x.git") else {}
    with a_conductor(sqlite_store, settings, **patience) as conductor:
        began = time.monotonic()
        report = visited(conductor)
        assert time.monotonic() - began < 20
        assert (report.outcome, report.good) == (outcome, False)
        assert state(sqlite_store) == (expected, report.reason)
        shown(conductor, report.reason)


def test_a_host_that_asks_for_a_pause_gets_it_from_all_its_projects(origin, tool, sqlite_store, settings, clock):
    a_catalog_of(sqlite_store, galette=origin.url("busy/tool.git"), other=origin.url("git/tool.git"))
    hosts = HostTurns(lambda host: False, sqlite_store.remote_hosts, pause_seconds=0.0, clock=clock)
    with a_conductor(sqlite_store, settings, clock=clock, hosts=hosts) as conductor:
        assert visited(conductor).outcome == "failed"
        origin.requests.clear()
        assert visited(conductor, "other").outcome == "host-pauses" and origin.requests == []
        clock.move(seconds=121)
        assert visited(conductor, "other").outcome == "full"
    hosts.close()


def test_a_large_first_mirror_waits_for_the_small_ones_then_is_copied(origin, sqlite_store, settings, clock):
    a_repository(origin.folder, noise__bin=os.urandom(300_000), LICENSE=LICENSE_TEXT)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    with a_conductor(sqlite_store, settings, clock=clock, small_bytes=200_000) as conductor:
        assert queued(conductor).outcome == "on-hold"
        assert state(sqlite_store) == ("waiting", ON_HOLD)
        assert mirror_of(sqlite_store).failures == 0
        shown(conductor, ON_HOLD)
        (job,) = sqlite_store.jobs.lease("test", now=clock(), lease=timedelta(seconds=9))
        assert job.priority == LARGE_PRIORITY
        assert conductor.run(job).outcome == "full"
    assert state(sqlite_store) == ("mirrored", None)


def test_a_repository_above_the_limit_says_so_after_two_tries_and_is_tried_monthly(
    origin, sqlite_store, tmp_path, clock
):
    a_repository(origin.folder, noise__bin=os.urandom(300_000))
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    settings = the_settings(tmp_path, mirror_max_bytes=250_000)
    with a_conductor(sqlite_store, settings, clock=clock, small_bytes=200_000) as conductor:
        assert [queued(conductor).outcome for _try in range(2)] == ["on-hold", "too-large"]
        assert state(sqlite_store)[0] == "too-large"
        assert later(days=26) < next_job_at(sqlite_store) < later(days=34)
        shown(conductor, state(sqlite_store)[1])


def test_no_room_by_the_setting_waits_and_is_no_fault_of_the_origin(origin, tool, sqlite_store, tmp_path, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    with a_conductor(sqlite_store, the_settings(tmp_path, mirrors_max_bytes=1), clock=clock) as conductor:
        assert queued(conductor).outcome == "no-room"
        assert (state(sqlite_store), mirror_of(sqlite_store).failures) == (("no-room", NO_ROOM), 0)
        assert next_job_at(sqlite_store) == later(hours=6)
        shown(conductor, NO_ROOM)
    clock.move(hours=6)
    with a_conductor(sqlite_store, the_settings(tmp_path), clock=clock) as conductor:
        assert queued(conductor).outcome == "full"


def test_a_repository_larger_than_the_room_left_waits_for_room(origin, sqlite_store, tmp_path, clock):
    a_repository(origin.folder, noise__bin=os.urandom(300_000))
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    with a_conductor(sqlite_store, the_settings(tmp_path, mirrors_max_bytes=200_000), clock=clock) as conductor:
        assert queued(conductor).outcome == "no-room"
    assert state(sqlite_store) == ("no-room", NO_ROOM)


def test_no_room_keeps_a_mirror_that_is_there_and_says_so(origin, tool, sqlite_store, tmp_path, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    with a_conductor(sqlite_store, the_settings(tmp_path), clock=clock) as conductor:
        visited(conductor)
    with a_conductor(sqlite_store, the_settings(tmp_path, mirrors_max_bytes=1), clock=clock) as conductor:
        visited(conductor)
    assert state(sqlite_store) == ("mirrored", NO_ROOM)


def test_a_disk_with_its_last_tenth_left_has_no_room(origin, tool, sqlite_store, settings, clock, monkeypatch):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    full = shutil.disk_usage(settings.mirrors)._replace(total=1000, free=99)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with a_conductor(sqlite_store, settings, clock=clock) as conductor:
        assert visited(conductor).outcome == "no-room"


def test_an_observer_that_is_killed_is_replaced_and_the_visit_goes_on(origin, tool, conductor, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    stopping = threading.Event()
    first = conductor.observers.run(stopping, os.getpid)
    os.kill(first, signal.SIGKILL)
    assert visited(conductor).outcome == "full"
    assert mirror_of(sqlite_store).observation
    assert conductor.observers.run(stopping, os.getpid) != first


def test_a_visit_of_a_service_that_stops_leaves_no_trace(origin, tool, conductor, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    before = mirror_of(sqlite_store)
    conductor.stopping.set()
    with pytest.raises(Interrupted):
        visited(conductor)
    assert (mirror_of(sqlite_store), origin.requests) == (before, [])


def test_the_job_of_a_blocked_project_goes(origin, tool, conductor, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    sqlite_store.takedowns.block("galette", "Asked for by its makers.", now=later())
    assert queued(conductor) is None
    assert (jobs_by_kind(sqlite_store), origin.requests) == ({}, [])


def test_the_job_of_a_project_that_left_the_document_goes(origin, tool, conductor, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    load(sqlite_store, a_catalog(), digest="2")
    assert queued(conductor) is None
    assert (jobs_by_kind(sqlite_store), origin.requests) == ({}, [])
