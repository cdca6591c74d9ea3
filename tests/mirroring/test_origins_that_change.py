"""What becomes of an origin, from visit to page and message: moved, emptied, replaced, gone, back, flooding."""

import os
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from support.client import Client
from support.factories.core import identity
from support.factories.visits import LICENSE_TEXT, a_catalog_of, a_conductor, mirror_of, the_settings, visited
from support.hosts.git_origin import a_commit, git
from support.open_findings import open_findings
from support.serving import served
from support.visitors import signed_in

from catalog.search import Finder
from catalog.store.follows.rows import DIGEST, link_argument
from catalog.store.people.mail_queue import MAIL
from catalog.tables.core import mirror
from forge.app import create_app
from forge.jobs.notifications import Notifications
from forge.mail.compose import compose
from forge.mirroring.origin_events import VALUE_CHARACTERS

FILES = {"README.md": "# Tool\n", "LICENSE": LICENSE_TEXT}


@pytest.fixture
def site(conductor, sqlite_store):
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), conductor.clock)
    yield app
    app.state.code_readers.close()


@pytest.fixture
def follower(sqlite_store, origin, tool, conductor, clock):
    """Somebody who follows the project, which was mirrored before."""
    a_catalog_of(sqlite_store, galette=origin.url("redirect/tool.git"))
    origin.redirect_to = origin.url("git/")
    visited(conductor)
    token = sqlite_store.people.invite("ana@example.org", "moderator", "en", now=clock())
    someone, _, _ = sqlite_store.people.sign_in(token, "en", now=clock())
    return sqlite_store.follows.begin(
        someone.id, link_argument("project", record_id=identity("galette")), now=clock.move(seconds=1)
    )


def text_of(site, path):
    answer = Client(site).get(f"/en/projects/galette{path}")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def told(site, sqlite_store, follower, clock, conductor):
    """The sentences about the origin in the next message."""
    telling = Notifications(sqlite_store, b"s" * 32, clock)
    (follow,) = sqlite_store.follows.rows(follower.person_id)
    return [sentence for sentence, _, _ in telling.news(follow, clock()).origin]


def test_a_permanent_redirect_is_followed_and_told_and_a_temporary_one_is_only_followed(
    origin, tool, conductor, sqlite_store, site, follower, clock
):
    assert [event["kind"] for event in mirror_of(sqlite_store).events] == ["moved"]
    assert mirror_of(sqlite_store).canonical_url == origin.url("git/tool.git")
    assert "The code has moved to another address." in text_of(site, "/code")
    assert "The code has moved to another address." in text_of(site, "")
    tool.rename(origin.folder / "other.git")
    a_catalog_of(sqlite_store, galette=origin.url("aside/other.git"))
    assert visited(conductor).good
    assert mirror_of(sqlite_store).canonical_url is None
    assert len(mirror_of(sqlite_store).events) == 1
    assert told(site, sqlite_store, follower, clock, conductor) == []
    clock.move(hours=1)
    a_catalog_of(sqlite_store, galette=origin.url("redirect/other.git"))
    assert visited(conductor).good
    assert told(site, sqlite_store, follower, clock, conductor) == ["The code has moved to another address."]


def test_a_renamed_default_branch_is_said_and_told(origin, tool, conductor, sqlite_store, site, follower, clock):
    git("branch", "-m", "main", "trunk", cwd=tool)
    git("symbolic-ref", "HEAD", "refs/heads/trunk", cwd=tool)
    clock.move(hours=1)
    assert visited(conductor).good
    assert mirror_of(sqlite_store).branch == "trunk"
    for path in ("", "/code"):
        assert "The main branch of the code has another name. main → trunk" in text_of(site, path)
    assert told(site, sqlite_store, follower, clock, conductor) == ["The main branch of the code has another name."]
    visited(conductor)
    assert len([event for event in mirror_of(sqlite_store).events if event["kind"] == "branch-renamed"]) == 1


def test_an_emptied_repository_stays_here_and_is_told_and_so_is_its_return(
    origin, tool, conductor, sqlite_store, site, follower, clock
):
    head = git("rev-parse", "main", cwd=tool).decode()
    git("update-ref", "-d", "refs/heads/main", cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    for path in ("", "/code"):
        assert "The code was removed at its address. We keep our copy." in text_of(site, path)
    assert mirror_of(sqlite_store).head == head
    visited(conductor)
    git("update-ref", "refs/heads/main", head, cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    assert [event["kind"] for event in mirror_of(sqlite_store).events[:2]] == ["back", "emptied"]
    assert told(site, sqlite_store, follower, clock, conductor) == [
        "The code was removed at its address. We keep our copy.",
        "The code is at its address again.",
    ]


def test_a_replaced_repository_is_said_and_told_and_the_earlier_one_stays_clonable(
    origin, tool, conductor, sqlite_store, site, follower, clock, tmp_path
):
    before = git("rev-parse", "main", cwd=tool)
    git("update-ref", "refs/heads/main", a_commit(tool, FILES | {"new.txt": "other\n"}), cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    sentence = "Other code took the place of this code at its address. We keep the earlier one."
    for path in ("", "/code"):
        assert sentence in text_of(site, path)
    assert told(site, sqlite_store, follower, clock, conductor) == [sentence]
    assert "the former history is kept" in text_of(site, "/code/refs")
    with served(site) as base:
        git("init", "-q", "--bare", tmp_path / "copy.git")
        git("fetch", "-q", f"{base}/git/galette.git", before, cwd=tmp_path / "copy.git")
        assert before not in git("ls-remote", f"{base}/git/galette.git", cwd=tmp_path)


def test_a_repository_with_tags_alone_is_served_from_its_newest_one(
    origin, tool, conductor, sqlite_store, site, clock, tmp_path
):
    git("tag", "v1", "main", cwd=tool)
    for branch in git("for-each-ref", "--format=%(refname)", "refs/heads", cwd=tool).splitlines():
        git("update-ref", "-d", branch, cwd=tool)
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    assert visited(conductor).outcome == "full"
    head = git("rev-parse", "v1", cwd=tool).decode()
    assert (mirror_of(sqlite_store).head, mirror_of(sqlite_store).free) == (head, True)
    assert "README.md" in text_of(site, "/code") and "v1" in text_of(site, "/code/refs")
    with served(site) as base:
        git("clone", "-q", f"{base}/git/galette.git", tmp_path / "copy")
    assert git("rev-parse", "HEAD", cwd=tmp_path / "copy").decode() == head
    clock.move(hours=6)
    assert visited(conductor).outcome == "unchanged"
    assert "README.md" in text_of(site, "/code")


def test_what_was_free_before_a_change_of_license_stays_clonable_after_the_code_was_replaced(
    origin, tool, conductor, sqlite_store, site, clock, tmp_path
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    last_free, closed = git("rev-parse", "main", cwd=tool), FILES | {"LICENSE": "SPDX-License-Identifier: BUSL-1.1\n"}
    pushed = [a_commit(tool, closed, last_free)]
    pushed += [a_commit(tool, closed | {"new.txt": "other\n"}), a_commit(tool, FILES | {"new.txt": "free\n"})]
    with served(site) as base:
        for head in pushed:
            git("update-ref", "refs/heads/main", head, cwd=tool)
            clock.move(hours=6)
            assert visited(conductor).outcome == "full"
            copy = tmp_path / f"{head.decode()}.git"
            git("init", "-q", "--bare", copy)
            git("fetch", "-q", f"{base}/git/galette.git", last_free, cwd=copy)
            assert text_of(site, f"/code/commit/{last_free.decode()}")
            with sqlite_store.engine.begin() as connection:  # as after an upgrade: the next visit reads all anew
                connection.execute(update(mirror).values(observation={"version": 0, "commit": head.decode()}))
            assert visited(conductor).outcome == "unchanged"
            assert text_of(site, f"/code/commit/{last_free.decode()}")
        git("fetch", "-q", f"{base}/git/galette.git", pushed[-1], cwd=copy)
        for head in pushed[:-1]:
            with pytest.raises(AssertionError, match="not our ref"):
                git("fetch", "-q", f"{base}/git/galette.git", head, cwd=copy)


def test_a_source_that_is_gone_is_kept_with_the_address_to_clone_from_at_the_top(
    origin, tool, conductor, sqlite_store, site, follower, clock, tmp_path
):
    shutil.rmtree(tool)
    for _visit in range(7):
        visited(conductor)
        clock.move(hours=60)
    assert mirror_of(sqlite_store).state == "gone"
    for path in ("", "/code"):
        text = text_of(site, path)
        at = text.index("The source is gone. We keep our copy.")
        assert 0 < text.index("git clone http://testserver/git/galette.git") - at < 200
        assert at < text.index("Licence" if not path else "This is our copy of the code")
    assert told(site, sqlite_store, follower, clock, conductor) == [
        "The code is no longer at its address. We keep our copy."
    ]
    with served(site) as base:
        git("clone", "-q", f"{base}/git/galette.git", tmp_path / "copy")
        git("fsck", "--full", "--strict", cwd=tmp_path / "copy")


def test_the_message_names_what_was_and_what_is(follower, sqlite_store, conductor, clock, tool):
    git("branch", "-m", "main", "trunk", cwd=tool)
    git("symbolic-ref", "HEAD", "refs/heads/trunk", cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    clock.move(days=8)
    telling = Notifications(sqlite_store, b"s" * 32, clock)
    telling.plan()
    (job,) = sqlite_store.jobs.lease("test", now=clock(), lease=timedelta(minutes=1), kinds=[DIGEST])
    telling.digests(job)
    jobs = sqlite_store.jobs.lease("test", now=clock(), lease=timedelta(minutes=1), kinds=[MAIL], limit=9)
    written = [sqlite_store.mail_queue.message(UUID(job.argument["message"])) for job in jobs]
    (message,) = [found for found in written if found.kind == DIGEST]
    fresh = replace(message, argument=telling.digest(message, clock()).argument)
    mail = compose(fresh, None, base_url="https://forge.example", sender="x@forge.example")
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "- The main branch of the code has another name.\n\n  main → trunk\n" in text


def test_a_name_of_any_length_is_cut(origin, tool, conductor, sqlite_store, follower, clock):
    name = "/".join(["x" * 190] * 2)
    git("branch", "-m", "main", name, cwd=tool)
    git("symbolic-ref", "HEAD", f"refs/heads/{name}", cwd=tool)
    visited(conductor)
    assert len(mirror_of(sqlite_store).events[0]["after"]) <= VALUE_CHARACTERS


def test_an_origin_that_pushes_new_data_hourly_is_frozen_and_shown_at_the_desk(
    origin, tool, sqlite_store, tmp_path, clock
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    settings = the_settings(tmp_path, mirror_max_bytes=2_000_000)
    with a_conductor(sqlite_store, settings, clock=clock) as conductor:
        visited(conductor)
        pushes = 0
        while mirror_of(sqlite_store).state != "frozen" and pushes < 20:
            pushes += 1
            noise = a_commit(tool, FILES | {"noise.bin": os.urandom(120_000)})
            git("update-ref", "refs/heads/noise", noise, cwd=tool)
            clock.move(hours=1)
            visited(conductor)
        assert 6 < pushes < 12
        (matter,) = [found for found in open_findings(sqlite_store) if found.kind == "origin-floods"]
        origin.requests.clear()
        clock.move(hours=1)
        assert visited(conductor).outcome == "frozen" and origin.requests == []
        app = create_app(settings, sqlite_store, Finder(settings.search), clock)
        desk = signed_in(app, sqlite_store, "moderator@example.org")
        assert "Its origin sends more new data than usual" in desk.get("/en/desk").text
        assert "It is not visited until you close this case" in desk.get(f"/en/desk/{matter.number}").text
        assert Client(app).get("/en/projects/galette/code").status_code == 200
        seen = {"choice": "looked-at", "reason": "read", "step": "decide", "words": ""}
        assert desk.post(f"/en/desk/{matter.number}", data=seen).status_code == 303
        clock.move(hours=1)
        assert visited(conductor).good and mirror_of(sqlite_store).state == "mirrored"
        app.state.code_readers.close()


def test_when_the_disk_is_full_visits_pause_with_a_state_and_reading_goes_on(
    origin, tool, conductor, sqlite_store, site, follower, clock, monkeypatch, tmp_path
):
    git("update-ref", "refs/heads/main", a_commit(tool, FILES | {"new.txt": "x\n"}), cwd=tool)
    full = shutil.disk_usage(conductor.settings.mirrors)._replace(total=1000, free=99)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: full)
        assert visited(conductor).outcome == "no-room"
        assert "There is no room left for mirrors." in text_of(site, "")
        assert "Files" in text_of(site, "/code")
        with served(site) as base:
            git("clone", "-q", f"{base}/git/galette.git", tmp_path / "copy")
    assert visited(conductor).outcome == "full"
