"""What becomes of an origin, from visit to page: moved, emptied, replaced, gone, flooding."""

import os
import re
import shutil

import pytest
from sqlalchemy import update
from support.client import Client
from support.factories.visits import LICENSE_TEXT, a_catalog_of, a_conductor, mirror_of, the_settings, visited
from support.hosts.git_origin import a_commit, git
from support.serving import served

from catalog.search import Finder
from catalog.tables.core import mirror
from forge.app import create_app

FILES = {"README.md": "# Tool\n", "LICENSE": LICENSE_TEXT}


@pytest.fixture
def site(conductor, sqlite_store):
    app = create_app(conductor.settings, sqlite_store, Finder(conductor.settings.search), conductor.clock)
    yield app
    app.state.code_readers.close()


def text_of(site, path):
    answer = Client(site).get(f"/en/projects/galette{path}")
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def test_a_permanent_redirect_is_followed_and_noted_and_a_temporary_one_is_only_followed(
    origin, tool, conductor, sqlite_store
):
    a_catalog_of(sqlite_store, galette=origin.url("redirect/tool.git"))
    origin.redirect_to = origin.url("git/")
    visited(conductor)
    assert mirror_of(sqlite_store).canonical_url == origin.url("git/tool.git")
    tool.rename(origin.folder / "other.git")
    a_catalog_of(sqlite_store, galette=origin.url("aside/other.git"))
    assert visited(conductor).good
    assert mirror_of(sqlite_store).canonical_url is None


def test_an_emptied_repository_stays_here_until_somebody_decides(origin, tool, conductor, sqlite_store, site, clock):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    head = git("rev-parse", "main", cwd=tool).decode()
    git("update-ref", "-d", "refs/heads/main", cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    assert mirror_of(sqlite_store).head == head
    assert "Most of the origin vanished." in text_of(site, "")
    git("update-ref", "refs/heads/main", head, cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    assert "Most of the origin vanished." not in text_of(site, "")


def test_a_replaced_repository_is_said_and_the_earlier_one_stays_clonable(
    origin, tool, conductor, sqlite_store, site, clock, tmp_path
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    before = git("rev-parse", "main", cwd=tool)
    git("update-ref", "refs/heads/main", a_commit(tool, FILES | {"new.txt": "other\n"}), cwd=tool)
    clock.move(hours=1)
    visited(conductor)
    assert "history was replaced by another one. The earlier one is kept." in text_of(site, "")
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
    origin, tool, conductor, sqlite_store, site, clock, tmp_path
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    shutil.rmtree(tool)
    for _visit in range(7):
        visited(conductor)
        clock.move(hours=60)
    assert mirror_of(sqlite_store).state == "gone"
    for path in ("", "/code"):
        text = text_of(site, path)
        at = text.index("The source is gone. We keep our copy.")
        assert 0 < text.index("git clone http://testserver/git/galette.git") - at < 200
        assert at < text.index("Licence" if not path else "A copy of the code that stays if the original disappears")
    with served(site) as base:
        git("clone", "-q", f"{base}/git/galette.git", tmp_path / "copy")
        git("fsck", "--full", "--strict", cwd=tmp_path / "copy")


def test_an_origin_that_pushes_new_data_hourly_fills_no_more_than_its_mirror_may_have(
    origin, tool, sqlite_store, tmp_path, clock
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    settings = the_settings(tmp_path, mirror_max_bytes=2_000_000)
    with a_conductor(sqlite_store, settings, clock=clock) as conductor:
        visited(conductor)
        pushes = 0
        while mirror_of(sqlite_store).state == "mirrored" and pushes < 30:
            pushes += 1
            noise = a_commit(tool, FILES | {"noise.bin": os.urandom(120_000)})
            git("update-ref", "refs/heads/noise", noise, cwd=tool)
            clock.move(hours=1)
            visited(conductor)
        assert (mirror_of(sqlite_store).state, pushes < 20) == ("too-large", True)
        assert mirror_of(sqlite_store).size_bytes <= settings.mirror_max_bytes
        app = create_app(settings, sqlite_store, Finder(settings.search), clock)
        assert Client(app).get("/en/projects/galette/code").status_code == 200
        app.state.code_readers.close()
