"""What is erased from a mirror: it is nowhere any more, what came before it stays, and it does not come again."""

import os
import signal

import pytest
from support.hosts.git_origin import a_commit, a_repository, every_object, git, listing, visit

from forge.git import mirror_folder, refs
from forge.git.fetch import erasure

SECRET = "password: hunter2\n"


class Story:
    """An origin: `before`, then `spoiled` with a secret file in a folder, then `after` without it; a side branch that
    was built before, and tags of all three."""

    def __init__(self, folder):
        self.tool = a_repository(folder)
        self.before = git("rev-parse", "main", cwd=self.tool)
        self.secret = git("hash-object", "-w", "--stdin", cwd=self.tool, stdin=SECRET.encode())
        self.folder = git("mktree", cwd=self.tool, stdin=b"100644 blob %s\tsecret.txt\n" % self.secret)
        whole = git("ls-tree", "main", cwd=self.tool) + b"\n040000 tree %s\tconfig\n" % self.folder
        self.tree = git("mktree", cwd=self.tool, stdin=whole)
        self.spoiled = git("commit-tree", self.tree, "-p", self.before, "-m", "Spoiled", cwd=self.tool)
        self.after = a_commit(self.tool, {"README.md": "clean\n"}, self.spoiled, "Clean")
        self.side = a_commit(self.tool, {"side.txt": "side\n"}, self.before, "Side")
        git("update-ref", "refs/heads/main", self.after, cwd=self.tool)
        git("update-ref", "refs/heads/side", self.side, cwd=self.tool)
        for name, oid in (("v1", self.before), ("v2", self.spoiled)):
            git("tag", "-a", "-m", name, name, oid, cwd=self.tool)
        self.tag = git("rev-parse", "v2", cwd=self.tool)
        git("update-ref", "refs/tags/a-folder", self.folder, cwd=self.tool)

    def clean(self):
        """The origin rewrites its history without the secret."""
        self.rewritten = a_commit(self.tool, {"README.md": "clean\n"}, self.before, "Clean")
        git("update-ref", "refs/heads/main", self.rewritten, cwd=self.tool)
        for name in ("refs/tags/v2", "refs/tags/a-folder"):
            git("update-ref", "-d", name, cwd=self.tool)


def removed(mirror, *oids, checkpoint=lambda point: None):
    with mirror_folder.locked(mirror) as lock:
        return erasure.remove(mirror, set(oids), lock, checkpoint)


def is_whole(mirror):
    git("fsck", "--full", "--strict", "--no-dangling", cwd=mirror)
    return not git("fsck", "--unreachable", "--no-progress", cwd=mirror)


@pytest.mark.parametrize("what", ["secret", "folder", "tree", "spoiled"])
def test_an_object_goes_with_what_is_built_on_it_and_what_came_before_stays(origin, mirror, what):
    story = Story(origin.folder)
    url = origin.url("git/tool.git")
    visit(mirror, url)
    oid = getattr(story, what)
    gone = removed(mirror, oid)
    assert {oid, story.spoiled, story.after, story.tag} <= gone
    assert not gone & every_object(mirror) and {story.before, story.side} <= every_object(mirror)
    names = {name.decode(): git("rev-parse", name, cwd=mirror) for name in refs.branches_and_tags(mirror)}
    assert (names["refs/heads/main"], names["refs/heads/side"]) == (story.before, story.side)
    assert set(names) == {"refs/heads/main", "refs/heads/side", "refs/tags/v1"} | (
        set() if what in ("secret", "folder") else {"refs/tags/a-folder"}
    )
    assert is_whole(mirror)
    seen = visit(mirror, url, erased=lambda: [oid.decode()])
    assert seen.outcome == "partial" and "erased" in seen.warnings[0]
    assert oid not in every_object(mirror) and is_whole(mirror)
    asked = len(origin.requests)
    again = visit(mirror, url, erased=lambda: [oid.decode()])
    assert (again.outcome, again.warnings, len(origin.requests) - asked) == ("unchanged", seen.warnings, 1)


def test_a_tag_goes_alone(origin, mirror):
    story = Story(origin.folder)
    visit(mirror, origin.url("git/tool.git"))
    assert removed(mirror, story.tag) == {story.tag}
    assert story.after in every_object(mirror) and is_whole(mirror)
    seen = visit(mirror, origin.url("git/tool.git"), erased=lambda: [story.tag.decode()])
    assert seen.outcome == "partial" and story.tag not in every_object(mirror) and is_whole(mirror)


def test_what_the_origin_took_back_is_erased_and_all_that_it_shows_stays(origin, mirror):
    story = Story(origin.folder)
    url = origin.url("git/tool.git")
    visit(mirror, url)
    story.clean()
    assert visit(mirror, url).outcome == "full"
    assert story.secret in every_object(mirror)  # it is kept, as everything is
    removed(mirror, story.secret)
    assert listing(mirror) == listing(story.tool)
    assert not {story.secret, story.spoiled, story.after} & every_object(mirror) and is_whole(mirror)
    assert visit(mirror, url, erased=lambda: [story.secret.decode()]).outcome == "full"


def test_what_was_erased_comes_again_under_no_name_and_other_news_do(origin, mirror):
    story = Story(origin.folder)
    url, erased = origin.url("git/tool.git"), [story.secret.decode()]
    visit(mirror, url)
    story.clean()
    visit(mirror, url)
    removed(mirror, story.secret)
    files = {"README.md": "x\n", "elsewhere.txt": SECRET}
    good = a_commit(story.tool, {"README.md": "good\n"}, story.rewritten, "Good")
    bad = a_commit(story.tool, files, good, "Bad")
    later = a_commit(story.tool, {"README.md": "later\n"}, bad, "Later")
    merged = git("commit-tree", f"{good.decode()}^{{tree}}", "-p", good, "-p", later, "-m", "Merged", cwd=story.tool)
    git("update-ref", "refs/heads/main", merged, cwd=story.tool)
    git("update-ref", "refs/heads/again", later, cwd=story.tool)
    git("update-ref", "refs/heads/orphan", a_commit(story.tool, files), cwd=story.tool)
    git("update-ref", "refs/tags/file", story.secret, cwd=story.tool)
    git("update-ref", "refs/heads/side", good, cwd=story.tool)
    seen = visit(mirror, url, erased=lambda: erased)
    assert seen.outcome == "partial"
    now = refs.branches_and_tags(mirror)
    expected = {b"refs/heads/main": good, b"refs/heads/again": good, b"refs/heads/side": good}
    assert {name: oid for name, oid in now.items() if name.startswith(b"refs/heads/")} == expected
    assert not {story.secret, bad, later, merged} & every_object(mirror) and is_whole(mirror)
    assert visit(mirror, url, erased=lambda: erased).outcome == "unchanged"
    git("update-ref", "refs/heads/main", good, cwd=story.tool)
    for name in ("refs/heads/again", "refs/heads/orphan", "refs/tags/file"):
        git("update-ref", "-d", name, cwd=story.tool)
    assert visit(mirror, url, erased=lambda: erased).outcome == "full"
    assert listing(mirror) == listing(story.tool)


@pytest.mark.parametrize("mode", ["git", "v0"])
def test_a_first_mirror_takes_nothing_that_was_erased(origin, mirror, mode):
    story = Story(origin.folder)
    seen = visit(mirror, origin.url(f"{mode}/tool.git"), erased=lambda: [story.secret.decode()])
    assert seen.outcome == "partial"
    assert story.secret not in every_object(mirror) and git("rev-parse", "main", cwd=mirror) == story.before
    assert is_whole(mirror)


@pytest.mark.parametrize("point", erasure.POINTS)
def test_an_erasure_killed_at_any_point_is_completed_by_the_next(origin, mirror, point):
    story = Story(origin.folder)
    visit(mirror, origin.url("git/tool.git"))

    def die(reached):
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        removed(mirror, story.secret, checkpoint=die)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert {story.before, story.side} <= every_object(mirror)
    removed(mirror, story.secret)
    assert story.secret not in every_object(mirror) and git("rev-parse", "main", cwd=mirror) == story.before
    assert {story.before, story.side} <= every_object(mirror) and is_whole(mirror)
