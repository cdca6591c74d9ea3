"""After a change to a license that is not free we go on serving what was free, and nothing that came later."""

import os
import shutil
import subprocess

import pytest
from support.client import Client
from support.factories.code import a_site, mirrored
from support.factories.core import identity
from support.hosts.git_origin import GIT_ENVIRONMENT, a_commit, a_repository, every_object, git
from support.serving import served

from forge.git import free_part, mirror_folder
from forge.git.fetch.separate import serve_up_to
from forge.mirroring.license_history import license_history
from tests.observe.test_license import MIT

CLOSED = b"Copyright Example Ltd. All rights reserved. You may not copy, change or pass on this software.\n" * 6
CODE = "/en/projects/galette/code"


class Changed:
    """A mirror whose license changed: the ids of its commits by name, and of a file of the closed part."""

    def __init__(self, path):
        self.path = a_repository(path.parent, path.name, commits=0)
        self.first = a_commit(self.path, {"LICENSE": MIT, "a.txt": "1"}, message="First")
        self.last = a_commit(self.path, {"LICENSE": MIT, "a.txt": "2", "dir.txt": "x"}, self.first, "Last free")
        self.closed = a_commit(self.path, {"LICENSE": CLOSED, "a.txt": "secret"}, self.last, "Closed")
        self.after = a_commit(self.path, {"LICENSE": CLOSED, "a.txt": "more"}, self.closed, "After")
        self.first, self.last = self.first.decode(), self.last.decode()
        self.closed, self.after = self.closed.decode(), self.after.decode()
        self.blob = git("rev-parse", f"{self.closed}:a.txt", cwd=self.path).decode()
        git("update-ref", "refs/heads/main", self.after, cwd=self.path)
        git("update-ref", "refs/heads/dev/x", self.closed, cwd=self.path)
        git("tag", "v1", self.first, cwd=self.path)
        git("tag", "-a", "-m", "Two", "v2", self.last, cwd=self.path)
        git("tag", "v3", self.closed, cwd=self.path)
        git("update-ref", f"refs/kept/{self.closed}", self.closed, cwd=self.path)
        git("pack-refs", "--all", cwd=self.path)


@pytest.fixture
def mirror(tmp_path):
    folder = tmp_path / "data" / "mirrors"
    folder.mkdir(parents=True)
    return Changed(folder / f"{identity('galette')}.git")


@pytest.fixture
def part(mirror):
    assert serve_up_to(mirror.path, mirror.last)
    return free_part.part_folder(mirror.path)


@pytest.fixture
def app(sqlite_store, mirror, tmp_path):
    app = a_site(sqlite_store, tmp_path / "data")
    yield app
    app.state.code_readers.close()


@pytest.fixture
def site(app, sqlite_store, mirror, part):
    mirrored(sqlite_store, head=mirror.after, free=False, free_commit=mirror.last)
    return Client(app, follow_redirects=False)


def refused(*arguments, cwd):
    ran = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, env=GIT_ENVIRONMENT)
    return ran.returncode != 0


def test_the_history_names_the_commit_up_to_which_the_part_goes(mirror):
    assert license_history(mirror.path, mirror.after).once_free == mirror.last


def test_the_part_holds_what_the_last_free_commit_reaches_and_nothing_else(mirror, part):
    reached = git("rev-list", "--objects", "--no-object-names", mirror.last, "v2", cwd=mirror.path).split()
    assert every_object(part) == set(reached)
    names = git("for-each-ref", "--format=%(refname)", cwd=part).decode().split()
    assert names == ["refs/heads/main", "refs/tags/v1", "refs/tags/v2"]
    assert git("rev-parse", "main", "v2^{}", cwd=part).decode().split() == [mirror.last] * 2
    assert git("fsck", "--full", "--strict", cwd=part) == b""
    assert free_part.served_commit(mirror.path) == mirror.last
    assert not list(part.parent.glob("*.tmp")) and not list(part.parent.glob("*.gone"))


def test_a_part_that_is_right_is_left_alone_and_follows_its_tags_and_its_commit(mirror, part):
    before = (part / "packed-refs").stat().st_ino
    assert serve_up_to(mirror.path, mirror.last) and (part / "packed-refs").stat().st_ino == before
    git("tag", "v1.1", mirror.last, cwd=mirror.path)
    git("tag", "v4", mirror.after, cwd=mirror.path)
    assert serve_up_to(mirror.path, mirror.last)
    assert git("tag", cwd=part).decode().split() == ["v1", "v1.1", "v2"]
    assert serve_up_to(mirror.path, mirror.first, anew=True) and free_part.served_commit(mirror.path) == mirror.first
    assert mirror.last.encode() not in every_object(part)


def test_what_was_served_stays_when_its_name_goes_on_to_what_is_not_free(mirror, part):
    git("branch", "stable", mirror.last, cwd=mirror.path)
    side = a_commit(mirror.path, {"LICENSE": MIT, "a.txt": "side"}, mirror.first.encode()).decode()
    git("branch", "side", side, cwd=mirror.path)
    assert serve_up_to(mirror.path, mirror.last, {side})
    git("update-ref", "refs/heads/side", mirror.after, cwd=mirror.path)
    assert serve_up_to(mirror.path, mirror.last)
    names = git("for-each-ref", "--format=%(refname)", cwd=part).decode().split()
    assert names == ["refs/heads/main", "refs/heads/stable", f"refs/kept/{side}", "refs/tags/v1", "refs/tags/v2"]
    assert git("rev-parse", f"refs/kept/{side}", cwd=mirror.path).decode() == side


def test_without_a_free_branch_the_newest_free_version_is_what_readers_see(mirror):
    assert serve_up_to(mirror.path, None, {mirror.first, mirror.last})
    part = free_part.part_folder(mirror.path)
    assert git("for-each-ref", "--format=%(refname)", cwd=part).decode().split() == ["refs/tags/v1", "refs/tags/v2"]
    assert free_part.served_commit(mirror.path) == mirror.last
    assert serve_up_to(mirror.path, None, anew=True)
    assert free_part.served_commit(mirror.path) == "" and every_object(part) == set()


@pytest.mark.parametrize("commit", ["0" * 40, "main", "--all", ""])
def test_a_commit_that_is_not_there_leaves_no_part(mirror, part, commit):
    assert not serve_up_to(mirror.path, commit)
    assert free_part.served_commit(mirror.path) == "" and not free_part.is_judged(mirror.path)


def test_a_part_that_would_be_too_large_is_not_made(mirror):
    noise = a_commit(mirror.path, {"LICENSE": MIT, "noise.bin": os.urandom(200_000)}).decode()
    assert not serve_up_to(mirror.path, noise, max_bytes=50_000)
    assert free_part.served_commit(mirror.path) == ""
    assert serve_up_to(mirror.path, noise, max_bytes=5_000_000)


def test_a_mirror_that_is_being_visited_waits_and_what_a_kill_left_is_swept(mirror):
    part = free_part.part_folder(mirror.path)
    with mirror_folder.locked(mirror.path):
        assert not serve_up_to(mirror.path, mirror.last)
    (part / "objects/pack").mkdir(parents=True)
    (part / "objects/pack/tmp_pack_x").write_bytes(b"half")
    assert serve_up_to(mirror.path, mirror.last)
    assert [path.name for path in part.parent.iterdir() if path != mirror.path] == [part.name]


def test_before_the_change_everything_is_served_and_after_it_what_was_free(app, sqlite_store, mirror, tmp_path):
    mirrored(sqlite_store, head=mirror.last, free=True)
    client = Client(app)
    assert "Last free" in client.get(CODE).text
    mirrored(sqlite_store, head=mirror.after, free=False, free_commit=mirror.last)
    assert "not a free one" in client.get(CODE).text
    serve_up_to(mirror.path, mirror.last)
    answer = client.get(CODE)
    assert "Last free" in answer.text and "the last free version of the code" in answer.text
    assert "After" not in answer.text and "Closed" not in answer.text
    mirrored(sqlite_store, head=mirror.after, free=True, free_commit=mirror.after)
    assert serve_up_to(mirror.path, mirror.after) and not free_part.part_folder(mirror.path).exists()
    assert "After" in client.get(CODE).text and "the last free version of the code" not in client.get(CODE).text


def test_a_license_that_became_unknown_is_treated_alike(site, sqlite_store, mirror):
    mirrored(sqlite_store, head=mirror.after, free=None, free_commit=mirror.last)
    assert site.get(CODE).status_code == 200


@pytest.mark.parametrize("name", ["first", "last"])
def test_pages_open_up_to_the_last_free_commit(site, mirror, name):
    oid = getattr(mirror, name)
    assert site.get(f"{CODE}/tree/{oid}").status_code == 200
    assert site.get(f"{CODE}/commit/{oid}").status_code == 200
    assert site.get(f"/projects/galette/raw/{oid}/a.txt").text == ("1" if name == "first" else "2")


def test_names_mean_what_was_free(site, mirror):
    assert mirror.last in site.get(f"{CODE}/tree/main").text
    assert site.get("/projects/galette/raw/main/a.txt").text == "2"
    history = site.get(f"{CODE}/log/main").text
    assert "First" in history and "After" not in history
    refs = site.get(f"{CODE}/refs").text
    shown, _, withheld = refs.partition('id="withheld"')
    assert "<bdi>v2<" in shown and "<bdi>v3<" not in shown and "dev/x" not in shown
    assert "v3" in withheld and "dev/x" in withheld and "code/tree/" not in withheld


@pytest.mark.parametrize("name", ["closed", "after"])
def test_what_came_later_is_not_shown_and_the_page_says_why(site, mirror, name):
    oid = getattr(mirror, name)
    for address in (
        f"{CODE}/tree/{oid}",
        f"{CODE}/commit/{oid}",
        f"{CODE}/log/{oid}",
        f"/projects/galette/raw/{oid}/a.txt",
    ):
        answer = site.get(address)
        assert answer.status_code == 403 and "ceased to be a free one" in answer.text and "secret" not in answer.text
    for address in (f"{CODE}/tree/v3", f"{CODE}/tree/dev/x", "/projects/galette/raw/v3/a.txt"):
        assert site.get(address).status_code == 403


def test_what_came_later_and_leaves_a_doubt_did_not_cease_to_be_free(site, sqlite_store, mirror):
    mirrored(sqlite_store, head=mirror.after, free=None, free_commit=mirror.last)
    later = site.get(f"{CODE}/tree/{mirror.after}")
    assert later.status_code == 403 and "leaves open whether all of it is free software" in later.text
    whole = site.get(CODE).text
    assert "What came later leaves open" in whole
    assert all("ceased to be" not in page and "changed its licence" not in page for page in (later.text, whole))


def test_what_is_nowhere_is_missing_as_ever(site, mirror):
    for address in (f"{CODE}/tree/{'0' * 40}", f"{CODE}/tree/nothing", f"{CODE}/blob/{mirror.last}/none.txt"):
        assert site.get(address).status_code == 404


def test_a_clone_gives_the_last_free_commit_and_no_later_object(site, app, mirror, tmp_path):
    with served(app) as address:
        url = f"{address}/git/galette.git"
        git("clone", "-q", "--mirror", url, tmp_path / "copy.git")
        copy = tmp_path / "copy.git"
        assert git("rev-parse", "main", cwd=copy).decode() == mirror.last
        assert not {mirror.closed.encode(), mirror.after.encode(), mirror.blob.encode()} & every_object(copy)
        for version in ("0", "2"):
            config = ("-c", f"protocol.version={version}")
            for oid in (mirror.closed, mirror.after, mirror.blob):
                assert refused(*config, "fetch", "-q", url, oid, cwd=copy)
            assert not refused(*config, "fetch", "-q", url, "refs/tags/v1", cwd=copy)


def test_pages_survive_a_part_that_vanishes(site, part):
    shutil.rmtree(part)
    assert site.get(CODE).status_code == 200 and "not a free one" in site.get(CODE).text


@pytest.mark.parametrize("detected", [None, False])
def test_what_a_moderator_closed_is_closed_altogether_also_where_a_free_part_is(site, sqlite_store, mirror, detected):
    mirrored(sqlite_store, head=mirror.after, free=detected, free_commit=mirror.last, decided=False)
    page = site.get(CODE)
    assert "A moderator decided that its code may not be shown here." in page.text and "Last free" not in page.text
    for address in (f"{CODE}/tree/{mirror.last}", f"/projects/galette/raw/{mirror.first}/a.txt"):
        assert site.get(address).status_code == 403
    refused = site.get("/git/galette.git/info/refs?service=git-upload-pack")
    assert refused.status_code == 403 and "a moderator decided" in refused.text


def test_a_head_that_moved_and_was_not_read_yet_is_not_given_out(app, sqlite_store, mirror):
    judged = {"commit": mirror.last}
    mirrored(sqlite_store, head=mirror.last, free=True, free_commit=mirror.last, observation=judged)
    client = Client(app, follow_redirects=False)
    assert "have not read its licence yet" in client.get(CODE).text
    assert client.get(f"/projects/galette/raw/{mirror.after}/a.txt").status_code == 403
    assert client.get("/git/galette.git/info/refs?service=git-upload-pack").status_code == 403
    for pack in (False, True):  # what was judged is served, wherever git keeps the name
        git("update-ref", "refs/heads/main", mirror.last, cwd=mirror.path)
        if pack:
            git("pack-refs", "--all", cwd=mirror.path)
        assert "Last free" in client.get(CODE).text
    git("update-ref", "refs/heads/main", mirror.after, cwd=mirror.path)
    serve_up_to(mirror.path, mirror.last)
    assert client.get(CODE).status_code == 200
    assert client.get(f"/projects/galette/raw/{mirror.after}/a.txt").status_code == 403
