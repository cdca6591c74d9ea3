"""What a visit leaves of what it read: facts, what is free, what observers remember and where they fail."""

import re
import shutil
from dataclasses import replace

from support.client import Client
from support.factories.core import NOW, a_catalog, a_project, load
from support.factories.metadata import PUBLICCODE
from support.factories.visits import (
    LICENSE_TEXT,
    README,
    a_catalog_of,
    mirror_of,
    visited,
)
from support.hosts.git_origin import a_commit, a_repository, git
from support.open_findings import open_findings

from forge.app import create_app
from forge.config.settings import Settings
from forge.git.free_part import part_folder, served_commit
from forge.mirroring import snapshot
from forge.mirroring.observer_process import ChildEnded
from forge.observe import observation
from forge.server.checks.context import DoctorContext
from forge.server.checks.mirrors_and_peers import check_observations


def facts_of(store, field, slug="galette"):
    return [fact for fact in store.facts.page(slug).facts if fact.field == field and fact.origin == "observed"]


def test_a_visit_leaves_facts_with_file_and_commit_and_a_change_of_license_is_looked_at(
    origin, tool, conductor, sqlite_store, clock
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    head = git("rev-parse", "main", cwd=tool)
    (seen,) = facts_of(sqlite_store, "license")
    assert (seen.value, seen.source["file"], seen.source["commit"]) == ("AGPL-3.0", "LICENSE", head.decode())
    assert facts_of(sqlite_store, "activity")[0].source == {"commit": head.decode()}
    looked_at = {finding.kind for finding in open_findings(sqlite_store)}
    clock.move(hours=6)
    new = a_commit(tool, {"README.md": README, "LICENSE": "Apache License\nVersion 2.0"}, head)
    git("update-ref", "refs/heads/main", new, cwd=tool)
    visited(conductor)
    (matter,) = [finding for finding in open_findings(sqlite_store) if finding.kind == "license-changed"]
    assert "license-changed" not in looked_at
    assert (matter.detail["before"], matter.detail["free"], matter.key) == ("AGPL-3.0", None, new.decode())
    assert facts_of(sqlite_store, "license") == []
    assert mirror_of(sqlite_store).free_commit == head.decode()


def test_a_publiccode_file_may_name_any_of_the_addresses_that_people_state(origin, conductor, sqlite_store):
    preferred = "https://example.org/medusa/another"
    text = re.sub(r"(?m)^url: .*", f"url: {preferred}", PUBLICCODE)
    a_repository(origin.folder, LICENSE=LICENSE_TEXT, publiccode__yml=text)
    stated = a_project(repository=origin.url("git/tool.git"), other_repositories=(f"{preferred}.git",))
    load(sqlite_store, a_catalog(stated))
    visited(conductor)
    assert facts_of(sqlite_store, "publiccode.other_repository") == []
    assert "publiccode.yml" in {fact.source.get("file") for fact in facts_of(sqlite_store, "license.manifest")}


def test_terms_of_pictures_hold_no_code_back_and_are_named_and_the_last_change_is_that_of_the_branch_of_a_version(
    origin, conductor, sqlite_store
):
    path = a_repository(origin.folder, LICENSE=LICENSE_TEXT)
    terms = b"These are the terms of the pictures, in words that nobody has read before, nor anywhere else. " * 9
    blobs = {name: git("hash-object", "-w", "--stdin", cwd=path, stdin=data) for name, data in
             (("LICENSE", terms), ("rose.svg", b"<svg/>"))}  # fmt: skip
    art = git("mktree", cwd=path, stdin=b"".join(b"100644 blob %s\t%s\n" % (blobs[n], n.encode()) for n in blobs))
    top = git("mktree", cwd=path, stdin=git("ls-tree", "main", cwd=path) + b"\n040000 tree %s\tart\n" % art)
    commit = git("commit-tree", top, "-p", "main", "-m", "Pictures", cwd=path)
    git("update-ref", "refs/heads/main", commit, cwd=path)
    for name in ("v1.2.0", "v1.2.1", "24-days-of-tests", "prod-20260401"):
        git("update-ref", f"refs/tags/{name}", commit, cwd=path)
    who = b"A <a@example.org> %d +0000" % (NOW.timestamp() + 3600)
    later = b"tree %s\nparent %s\nauthor %s\ncommitter %s\n\nNext\n" % (top, commit, who, who)
    git(
        "update-ref",
        "refs/heads/2.x",
        git("hash-object", "-t", "commit", "-w", "--stdin", cwd=path, stdin=later),
        cwd=path,
    )
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    mirror = mirror_of(sqlite_store)
    assert (mirror.free, mirror.observation["release"]["value"]) == (True, "v1.2.1")
    assert mirror.observation["activity"]["branch"] == "2.x"
    assert mirror.last_commit_at.timestamp() == NOW.timestamp() + 3600
    client = Client(create_app(conductor.settings, conductor.store, None, conductor.clock))
    assert '<code dir="ltr">art/LICENSE</code>' in client.get("/en/projects/galette/license").text
    assert "the changes of the branch" in client.get("/en/projects/galette").text


def test_what_was_free_is_set_apart_when_the_license_changes_and_joined_again_when_it_is_free_again(
    origin, tool, conductor, sqlite_store, clock
):
    def pushed(text):
        new = a_commit(tool, {"LICENSE": text}, git("rev-parse", "main", cwd=tool))
        git("update-ref", "refs/heads/main", new, cwd=tool)
        clock.move(hours=6)
        assert visited(conductor).outcome == "full"
        mirror = mirror_of(sqlite_store)
        return mirror, served_commit(conductor.settings.mirrors / f"{mirror.project_id}.git")

    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    free = git("rev-parse", "main", cwd=tool).decode()
    mirror, commit = pushed("SPDX-License-Identifier: CC-BY-NC-4.0\n")
    assert (mirror.free, mirror.free_commit, commit) == (False, free, free)
    shutil.rmtree(part_folder(conductor.settings.mirrors / f"{mirror.project_id}.git"))
    mirror, commit = pushed("SPDX-License-Identifier: CC-BY-NC-ND-4.0\n")
    assert (mirror.free_commit, commit) == (free, free)
    mirror, commit = pushed(LICENSE_TEXT)
    assert (mirror.free, mirror.free_commit, commit) == (True, mirror.head, mirror.head)


def test_where_the_reading_of_a_new_head_is_cut_off_what_was_judged_is_given_out(
    origin, tool, conductor, sqlite_store, clock, monkeypatch
):
    def cut_off(*given):
        raise ChildEnded("out of time")

    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    judged = git("rev-parse", "main", cwd=tool)
    git("update-ref", "refs/heads/main", a_commit(tool, {"LICENSE": "All rights reserved."}, judged), cwd=tool)
    clock.move(hours=6)
    monkeypatch.setattr(conductor.observers, "run", cut_off)
    assert visited(conductor).outcome == "unreadable"
    mirror = conductor.settings.mirrors / f"{mirror_of(sqlite_store).project_id}.git"
    assert served_commit(mirror) == judged.decode()


def test_the_next_reading_is_given_what_the_last_one_remembers(origin, tool, conductor, sqlite_store):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    visited(conductor)
    memory = sqlite_store.observations.memory(mirror_of(sqlite_store).project_id)
    assert memory["license history"]["head"] == git("rev-parse", "main", cwd=tool).decode()


def test_an_observer_that_fails_is_logged_with_its_project_and_told_by_doctor(
    origin, tool, conductor, sqlite_store, monkeypatch, caplog
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    monkeypatch.setattr(conductor.observers, "run", lambda stopping, task, *given: task(*given))
    monkeypatch.setattr(observation, "OBSERVERS", observation.OBSERVERS | {"broken": lambda tree: 1 / 0})
    assert visited(conductor).outcome == "full"
    assert "galette: observer broken failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert mirror_of(sqlite_store).observation["license"]["value"] == "AGPL-3.0"
    ((_, sentence),) = check_observations(DoctorContext(Settings(), sqlite_store, NOW))
    assert "galette: broken (ZeroDivisionError)" in sentence


def test_a_file_that_our_copy_lacks_is_told_by_doctor_and_hides_nothing_of_the_others(
    origin, tool, conductor, sqlite_store, monkeypatch
):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    whole = snapshot.list_files
    monkeypatch.setattr(conductor.observers, "run", lambda stopping, task, *given: task(*given))
    monkeypatch.setattr(snapshot, "list_files", lambda *given: replace(whole(*given), lost=2))
    assert visited(conductor).license == "AGPL-3.0"
    ((_, sentence),) = check_observations(DoctorContext(Settings(), sqlite_store, NOW))
    assert "galette: 2" in sentence


def test_a_page_in_place_of_a_repository_is_not_told_as_a_host_that_does_not_answer(origin, conductor, clock):
    a_catalog_of(conductor.store, galette=origin.url("page/x.git"))
    for _ in range(4):
        assert not visited(conductor).good
        clock.move(days=1)
    app = create_app(conductor.settings, conductor.store, None, conductor.clock)
    page = Client(app).get("/en/projects/galette").text
    app.state.code_readers.close()
    assert "The code cannot be downloaded from its address at the moment." in page
    assert "The address answers, but not as a git repository." in page and "does not answer" not in page
