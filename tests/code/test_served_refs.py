"""Which branches and versions of a mirror are served: pages, files and clones, after visits of a real origin.

A ref is served where the head that may be served reaches it, or where the license files at its own tip are free.
"""

import re
import subprocess
from dataclasses import replace

import pytest
from sqlalchemy import select
from support.client import Client
from support.factories.code import a_row, a_tree_of
from support.factories.core import NOW, identity
from support.factories.rewriting import rewriting
from support.factories.visits import LICENSE_TEXT, README, a_catalog_of, mirror_of, visited
from support.hosts.git_origin import GIT_ENVIRONMENT, a_commit, every_object, git, visit
from support.serving import served

from catalog.store.core.engine import reading
from catalog.store.moderation.subjects import serve
from catalog.tables.core import job
from forge.app import create_app
from forge.git.free_part import part_folder
from forge.mirroring.observer_process import ChildEnded
from tests.git.test_free_part import CLOSED, CODE
from tests.observe.test_license import MIT

RAW = "/projects/galette/raw"
NOT_FREE = "SPDX-License-Identifier: CC-BY-NC-4.0\n"
SECRET = "Only we may read this.\n"


class Project:
    """A project whose origin a test pushes to, and the site that shows it; `clone` gives what a clone of it holds."""

    def __init__(self, origin, tool, conductor, clock, app, folder):
        self.origin, self.tool, self.conductor, self.clock, self.folder = origin, tool, conductor, clock, folder
        self.app, self.site = app, Client(app, follow_redirects=False)
        self.head = git("rev-parse", "main", cwd=tool)
        self.clones = 0

    def push(self, ref, files, parent=b"", *, tag=False):
        """Write a commit to a ref of the origin; its id."""
        made = a_commit(self.tool, files, parent, f"Pushed to {ref}")
        if tag:
            git("tag", "-a", "-m", "A version", ref, made, cwd=self.tool)
        else:
            git("update-ref", ref, made, cwd=self.tool)
        return made.decode()

    def visit(self, outcome="full"):
        self.clock.move(hours=6)
        assert visited(self.conductor).outcome == outcome

    @property
    def mirror(self):
        return self.conductor.settings.mirrors / f"{mirror_of(self.conductor.store).project_id}.git"

    def status(self, address):
        return self.site.get(address).status_code

    def answers(self, oid, file="LICENSE"):
        """The status of each kind of address that shows a commit."""
        shown = [f"{CODE}/{kind}/{oid}" for kind in ("tree", "log", "commit")]
        return {self.status(path) for path in (*shown, f"{CODE}/blob/{oid}/{file}", f"{RAW}/{oid}/{file}")}

    def clone(self):
        """The names in a clone, and all objects that it holds."""
        self.clones += 1
        copy = self.folder / f"copy-{self.clones}.git"
        with served(self.app) as address:
            git("clone", "-q", "--mirror", f"{address}/git/galette.git", copy)
        return git("for-each-ref", "--format=%(refname)", cwd=copy).decode().split(), every_object(copy)

    def given(self, *oids):
        """Those of these objects that a client gets when it asks for them by id, by any way that git has to ask."""
        got = set()
        with served(self.app) as address:
            for number, oid in enumerate(oids):
                for way in ((), ("--depth=1",), ("--filter=blob:none",)):
                    for version in "012":
                        copy = self.folder / f"asked-{self.clones}-{number}-{version}-{''.join(way)[2:7]}"
                        git("init", "-q", "--bare", copy)
                        line = ["git", "-c", f"protocol.version={version}", "fetch", "-q", *way]
                        line += [f"{address}/git/galette.git", oid]
                        ran = subprocess.run(line, cwd=copy, capture_output=True, env=GIT_ENVIRONMENT)
                        if ran.returncode == 0:
                            got.add(oid)
        self.clones += 1
        return got


@pytest.fixture
def project(origin, tool, conductor, sqlite_store, clock, tmp_path):
    a_catalog_of(sqlite_store, galette=origin.url("git/tool.git"))
    app = create_app(replace(conductor.settings, secret="test"), sqlite_store, None, clock=clock)
    yield Project(origin, tool, conductor, clock, app, tmp_path)
    app.state.code_readers.close()


def blob(tool, commit, file):
    return git("rev-parse", f"{commit}:{file}", cwd=tool).decode()


@pytest.mark.parametrize("text", [NOT_FREE, pytest.param(CLOSED, marks=pytest.mark.full)])
def test_a_branch_that_is_not_free_is_not_served_and_is_named_with_the_reason(project, text):
    reason = "We found no free licence in its files."
    closed = project.push("refs/heads/enterprise", {"LICENSE": text, "secret.txt": SECRET}, project.head)
    project.visit()
    secret = blob(project.tool, closed, "secret.txt")
    assert project.answers(project.head.decode()) == {200}
    assert project.answers(closed) == {403}
    assert project.status(f"{RAW}/enterprise/secret.txt") == 403
    assert project.status(f"{CODE}/blob/{secret}/") in (403, 404) and project.status(f"{RAW}/{secret}/") in (403, 404)
    page = project.site.get(f"{CODE}/tree/enterprise")
    assert page.status_code == 403 and reason in page.text
    refs = project.site.get(f"{CODE}/refs").text
    assert "enterprise" in refs and "code/tree/" + closed not in refs and reason in refs
    assert project.origin.url("git/tool.git") in refs
    names, objects = project.clone()
    assert names == ["refs/heads/main"] and not {closed.encode(), secret.encode()} & objects
    assert project.given(closed, secret) == set()
    assert project.given(project.head.decode()) == {project.head.decode()}


def test_a_branch_whose_top_folder_is_too_long_to_be_read_whole_is_not_served(project):
    """Names are read in git's order: behind 10,000 others a license file would not be seen."""
    free, closed = (git("hash-object", "-w", "--stdin", cwd=project.tool, stdin=text) for text in (MIT, CLOSED))
    names = [b"COPYING", *(b"D%05d" % number for number in range(10_001))]
    rows = [*(a_row(b"100644", name, free) for name in names), a_row(b"100644", b"LICENSE", closed)]
    tree = a_tree_of(project.tool, b"".join(rows))
    long = git("commit-tree", tree, "-m", "Long", cwd=project.tool).decode()
    git("update-ref", "refs/heads/long", long, cwd=project.tool)
    project.visit()
    assert 200 not in project.answers(long)
    assert "long" in project.site.get(f"{CODE}/refs").text.partition('id="withheld"')[2]


def test_each_ref_is_judged_by_its_own_license_files(project):
    tool, head = project.tool, project.head
    git("update-ref", "refs/heads/old", git("rev-parse", "main~1", cwd=tool), cwd=tool)
    same = project.push("refs/heads/same", {"LICENSE": LICENSE_TEXT, "README.md": "# Another\n"}, head)
    other = project.push("refs/heads/other", {"LICENSE": MIT})
    pages = project.push("refs/heads/gh-pages", {"index.html": "<p>Hello"})
    gone = project.push("refs/heads/gone", {"README.md": README}, head)
    version = project.push("v9", {"LICENSE": CLOSED}, head, tag=True)
    stable = project.push("v8", {"LICENSE": MIT, "a.txt": "8"}, tag=True)
    git("tag", "one-file", blob(tool, "main", "README.md"), cwd=tool)
    git("tag", "one-folder", git("rev-parse", "main^{tree}", cwd=tool), cwd=tool)
    project.visit()
    for free in (same, other, stable):
        assert project.answers(free) == {200}, free
    for closed in (pages, gone, version):
        assert 200 not in project.answers(closed), closed
    named = ["refs/heads/main", "refs/heads/old", "refs/heads/other", "refs/heads/same", "refs/tags/v8"]
    names, objects = project.clone()
    assert names == named and not {pages.encode(), gone.encode(), version.encode()} & objects
    refs = project.site.get(f"{CODE}/refs").text
    withheld = refs.partition('id="withheld"')[2]
    assert all(name in withheld for name in ("gh-pages", "gone", "v9", "one-file", "one-folder"))
    assert "We found no free licence in its files." in withheld


def test_where_everything_is_free_the_mirror_itself_is_served(project):
    project.push("refs/heads/same", {"LICENSE": LICENSE_TEXT}, project.head)
    project.visit()
    assert not part_folder(project.mirror).exists()
    assert project.clone()[0] == ["refs/heads/main", "refs/heads/same"]
    assert 'id="withheld"' not in project.site.get(f"{CODE}/refs").text


def test_a_commit_that_was_kept_when_its_branch_was_rewritten_is_judged_too(project):
    head = project.head
    free = project.push("refs/heads/free", {"LICENSE": LICENSE_TEXT, "a.txt": "1"}, head)
    closed = project.push("refs/heads/closed", {"LICENSE": CLOSED, "a.txt": "2"}, head)
    project.visit()
    project.push("refs/heads/free", {"LICENSE": LICENSE_TEXT, "a.txt": "3"}, head)
    project.push("refs/heads/closed", {"LICENSE": LICENSE_TEXT, "a.txt": "4"}, head)
    project.visit()
    assert git("for-each-ref", "--format=%(objectname)", "refs/kept/", cwd=project.mirror).decode().split() == sorted(
        (free, closed)
    )
    assert project.answers(free) == {200} and project.answers(closed) == {403}
    assert project.given(free, closed) == {free}
    assert not any("kept" in name for name in project.clone()[0])


def test_what_was_rewritten_or_deleted_is_listed_with_its_day_and_leads_to_its_history(project):
    free = project.push("refs/heads/free", {"LICENSE": LICENSE_TEXT, "a.txt": "1"}, project.head)
    closed = project.push("refs/heads/closed", {"LICENSE": CLOSED}, project.head)
    project.push("v<b>1", {"LICENSE": LICENSE_TEXT, "a.txt": "2"}, project.head, tag=True)
    project.visit()
    assert 'id="former"' not in project.site.get(f"{CODE}/refs").text
    project.push("refs/heads/free", {"LICENSE": LICENSE_TEXT, "a.txt": "3"}, project.head)
    project.push("refs/heads/closed", {"LICENSE": LICENSE_TEXT, "a.txt": "4"}, project.head)
    git("tag", "-d", "v<b>1", cwd=project.tool)
    project.visit()
    listed = project.site.get(f"{CODE}/refs").text.partition('id="former"')[2]
    assert f"{CODE}/log/{free}" in listed and closed not in listed and listed.count("rewritten on") == 2
    assert "deleted on" in listed and "v&lt;b&gt;1" in listed and "kept, and not shown here" in listed
    addresses = re.findall(r'href="([^"]*/log/[^"]*)"', listed)
    assert len(addresses) == 2 and {project.status(address) for address in addresses} == {200}


def test_a_branch_becomes_free_and_ceases_to_be(project):
    closed = project.push("refs/heads/dev", {"LICENSE": CLOSED}, project.head)
    project.visit()
    free = project.push("refs/heads/dev", {"LICENSE": MIT}, closed.encode())
    project.visit()
    assert project.answers(free) == {200} and project.answers(closed) == {200}  # a free head reaches it
    after = project.push("refs/heads/dev", {"LICENSE": CLOSED, "a.txt": "x"}, free.encode())
    project.visit()
    assert project.answers(after) == {403} and project.answers(project.head.decode()) == {200}
    assert project.clone()[0] == ["refs/heads/main"]


def test_what_was_judged_is_served_while_a_new_head_is_read_and_nothing_new(project, monkeypatch):
    read, seen = project.conductor.observers.run, []
    project.push("refs/heads/same", {"LICENSE": LICENSE_TEXT}, project.head)
    project.visit()

    def reading(*given):
        names, objects = project.clone()
        statuses = project.answers(project.head.decode()) | {project.status(CODE), project.status(f"{CODE}/log/main")}
        new = project.answers(project.new)
        seen.append((statuses, names, {oid_.encode() for oid_ in project.fresh} & objects, 200 in new))
        seen.append(project.given(project.new))
        return read(*given)

    monkeypatch.setattr(project.conductor.observers, "run", reading)
    for ref, text in (("refs/heads/main", LICENSE_TEXT), ("refs/heads/dev", CLOSED), ("refs/heads/main", NOT_FREE)):
        parent = git("rev-parse", "main", cwd=project.tool)
        project.new = project.push(ref, {"LICENSE": text, "n.txt": f"{ref} {len(text)}"}, parent)
        project.fresh = (project.new, blob(project.tool, project.new, "n.txt"))
        project.visit()
        for (statuses, names, leaked, shown), given in zip(seen[::2], seen[1::2], strict=True):
            assert (statuses, leaked, shown, given) == ({200}, set(), False, set()), ref
            assert names == ["refs/heads/main", "refs/heads/same"]
        seen.clear()
        assert (project.answers(project.new) == {200}) is (text == LICENSE_TEXT)
    assert project.status(CODE) == 200 and "the last free version" in project.site.get(CODE).text


def test_where_the_reading_never_ends_what_was_judged_stays_and_the_next_visit_reads_again(project, monkeypatch):
    project.visit()
    new = project.push("refs/heads/dev", {"LICENSE": CLOSED}, project.head)

    def cut_off(*given):
        raise ChildEnded("out of time")

    with monkeypatch.context() as patch:
        patch.setattr(project.conductor.observers, "run", cut_off)
        project.visit("unreadable")
    assert project.answers(project.head.decode()) == {200} and 200 not in project.answers(new)
    assert project.clone()[0] == ["refs/heads/main"]
    project.visit("unchanged")
    assert project.answers(new) == {403} and "dev" in project.site.get(f"{CODE}/refs").text


def test_an_idle_visit_reads_nothing_again(project, monkeypatch):
    project.push("refs/heads/enterprise", {"LICENSE": CLOSED}, project.head)
    project.visit()
    part = part_folder(project.mirror)
    before = {path: path.stat().st_ino for path in part.rglob("*")}

    def never(*given):
        raise AssertionError("nothing is to be read")

    monkeypatch.setattr(project.conductor.observers, "run", never)
    project.visit("unchanged")
    assert {path: path.stat().st_ino for path in part.rglob("*")} == before


def test_a_push_to_a_large_part_packs_what_is_new_alone(project):
    project.push("refs/heads/enterprise", {"LICENSE": CLOSED}, project.head)
    project.visit()
    packs = part_folder(project.mirror) / "objects" / "pack"
    before = {path.name for path in packs.glob("*.pack")}
    project.push("refs/heads/main", {"LICENSE": LICENSE_TEXT, "n.txt": "new"}, project.head)
    project.visit()
    assert before < {path.name for path in packs.glob("*.pack")}
    assert git("fsck", "--full", "--strict", cwd=packs.parent.parent) == b""


def test_a_moderators_decision_holds_for_refs_with_the_same_license_files(project, sqlite_store):
    odd = "You may use, study, change and share it, says our lawyer.\n" * 20
    git("update-ref", "refs/heads/main", a_commit(project.tool, {"LICENSE": odd}), cwd=project.tool)
    head = git("rev-parse", "main", cwd=project.tool)
    same = project.push("refs/heads/same", {"LICENSE": odd, "a.txt": "1"}, head)
    closed = project.push("refs/heads/closed", {"LICENSE": CLOSED}, head)
    project.visit()
    assert 200 not in project.answers(head.decode())
    decide(sqlite_store, True)
    assert next_visit(sqlite_store) == NOW and 200 not in project.answers(closed)
    project.origin.folder.joinpath("tool.git").rename(project.folder / "away.git")  # its origin need not be there
    project.visit("not-found")
    assert project.answers(head.decode()) == {200} and project.answers(same) == {200}
    assert project.answers(closed) == {403}
    decide(sqlite_store, False)
    assert project.answers(head.decode()) == {403}


def decide(store, served):
    with rewriting(store.engine) as connection:
        serve(connection, identity("galette"), served, now=NOW)


def next_visit(store):
    with reading(store.engine) as connection:
        return connection.execute(select(job.c.run_at).where(job.c.key == f"visit:{identity('galette')}")).scalar_one()


def test_a_repository_of_many_versions_is_judged_once(project):
    parent, orders = project.head, []
    side = a_commit(project.tool, {"LICENSE": CLOSED, "a.txt": "side"})
    for number in range(300):
        orders.append(b"create refs/tags/v%d %s\n" % (number, parent))
        orders.append(b"create refs/tags/side-%d %s\n" % (number, side))
    git("update-ref", "--stdin", cwd=project.tool, stdin=b"".join(orders))
    project.visit()
    names, objects = project.clone()
    assert len(names) == 301 and side not in objects
    assert "side-7" in project.site.get(f"{CODE}/refs").text


def test_a_visit_that_was_killed_leaves_what_was_served_and_the_next_one_judges(project):
    project.visit()
    new = project.push("refs/heads/dev", {"LICENSE": CLOSED}, project.head)

    class Killed(BaseException):
        pass

    for point in ("held", "adopted", "updated", "done"):

        def killed(at, point=point):
            if at == point:
                raise Killed

        with pytest.raises(Killed):
            url = project.origin.url("git/tool.git")
            visit(project.mirror, url, checkpoint=killed, all_served=lambda: True)
        assert project.answers(project.head.decode()) == {200} and 200 not in project.answers(new), point
        assert project.given(new) == set(), point
    project.clock.move(hours=6)
    assert visited(project.conductor).outcome in ("full", "unchanged")
    assert project.answers(new) == {403} and "dev" in project.site.get(f"{CODE}/refs").text


def test_another_default_branch_is_judged_before_it_is_served(project, monkeypatch):
    closed = project.push("refs/heads/enterprise", {"LICENSE": CLOSED}, project.head)
    free = project.push("refs/heads/next", {"LICENSE": LICENSE_TEXT}, project.head)
    project.visit()
    for branch, oid in (("next", free), ("enterprise", closed)):
        git("symbolic-ref", "HEAD", f"refs/heads/{branch}", cwd=project.tool)
        project.visit()
        assert (project.answers(oid) == {200}) is (oid == free)
        assert project.answers(project.head.decode()) == {200}
    assert project.given(closed) == set()
