"""Reading a mirror: refs, names, trees, files, history, and the pool of children behind it."""

import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from support.factories.code import a_row, a_tree_of
from support.hosts.git_origin import a_commit, a_repository, descendants, git

from forge.git.browse.history import changes
from forge.git.objects import ObjectReader
from forge.git.read import (
    MirrorUnreadable,
    ObjectMissing,
    ReaderPool,
    TooLarge,
    blob,
    commit,
    commits,
    entries,
    find,
    head,
    is_mirror,
    refs,
    resolve,
    tags,
)


@pytest.fixture
def tool(tmp_path):
    path = a_repository(tmp_path, commits=3, LICENSE="free\n")
    git("tag", "light", "main~1", cwd=path)
    git("tag", "-a", "-m", "Two", "v2", "main", cwd=path)
    git("tag", "-a", "-m", "Tag of a tag", "v2-again", "v2", cwd=path)
    git("branch", "a/b", "main~2", cwd=path)
    git("pack-refs", "--all", cwd=path)
    return path


@pytest.fixture
def pool():
    pool = ReaderPool(2)
    yield pool
    pool.close()


def oid(path, name):
    return git("rev-parse", name, cwd=path).decode()


def test_refs_are_branches_and_tags_with_the_commits_behind_them(tool):
    git("update-ref", f"refs/kept/{oid(tool, 'main')}", "main", cwd=tool)
    shown = {ref.name: ref for ref in refs(tool)}
    assert list(shown) == [
        "refs/heads/a/b", "refs/heads/main", "refs/tags/light", "refs/tags/v2", "refs/tags/v2-again",
    ]  # fmt: skip
    assert shown["refs/tags/v2"].commit == oid(tool, "main") != shown["refs/tags/v2"].oid
    assert shown["refs/heads/a/b"].short == "a/b" and shown["refs/heads/a/b"].at.tzinfo is not None
    assert [ref.short for ref in refs(tool, 2)] == ["a/b", "main", "light", "v2"]
    assert [ref.kind for ref in tags(tool)] == ["commit", "tag", "tag"]


def test_the_head_is_the_default_branch_or_none(tool, tmp_path):
    assert (head(tool).name, head(tool).oid) == ("refs/heads/main", oid(tool, "main"))
    assert is_mirror(tool)
    (tmp_path / "other").mkdir()
    empty = a_repository(tmp_path / "other", commits=0)
    assert head(empty) is None and not is_mirror(empty)


def test_the_first_name_that_there_is_is_resolved_branches_first(tool):
    git("tag", "main", "light", cwd=tool)
    assert resolve(tool, ["main"]) == ("main", oid(tool, "refs/heads/main"))
    assert resolve(tool, ["a/b/c", "a/b", "a"]) == ("a/b", oid(tool, "refs/heads/a/b"))
    assert resolve(tool, ["v2-again"]) == ("v2-again", oid(tool, "refs/heads/main"))
    for names in (["a"], ["b"], [oid(tool, "light")[:10]], [oid(tool, "light")], []):
        with pytest.raises(ObjectMissing):
            resolve(tool, names)


def test_trees_and_files_are_read_by_id(tool, pool):
    with pool.objects(tool) as objects:
        top = entries(objects, oid(tool, "v2-again"))
        assert [entry.name for entry in top] == [b"LICENSE", b"README.md", b"count.txt"]
        assert entries(objects, oid(tool, "main"), maximum=2) == top[:2]
        assert find(objects, oid(tool, "main"), b"").oid == oid(tool, "main^{tree}")
        assert blob(objects, find(objects, oid(tool, "main"), b"LICENSE").oid) == b"free\n"
        assert blob(objects, top[0].oid, max_bytes=4) is None
        for wrong in (oid(tool, "main"), "1" * 40, "main", "", "1" * 41):
            with pytest.raises(ObjectMissing):
                blob(objects, wrong)


def test_a_name_is_found_only_where_a_row_begins(tool, pool):
    """Its bytes also stand at the end of another name and in ids, which a stranger chooses for submodules."""
    license = oid(tool, "main:LICENSE").encode()
    false = b" d\0".hex().encode() * 6 + b"2020"
    others = a_row(b"160000", b"a", false) + a_row(b"160000", b"b d", false) + a_row(b"100644", b"c d", license)
    with pool.objects(tool) as objects:
        without = a_tree_of(tool, others + a_row(b"160000", b"e", false)).decode()
        with pytest.raises(ObjectMissing):
            find(objects, without, b"d")
        there = a_tree_of(tool, others + a_row(b"100644", b"d", license) + a_row(b"160000", b"e", false)).decode()
        assert find(objects, there, b"d").oid == license.decode()
        for name in (b"a", b"b d", b"c d", b"e"):
            assert find(objects, there, name).name == name
        for name in (b"\0", b"100644 d", b"d\0", b"b"):
            with pytest.raises(ObjectMissing):
                find(objects, there, name)


def test_a_path_is_bounded_in_bytes_and_seconds(tool, pool):
    with pool.objects(tool) as objects:
        size_bytes = objects.info(oid(tool, "main^{tree}")).size_bytes
        assert find(objects, oid(tool, "main^{tree}"), b"LICENSE", size_bytes).kind == "blob"
        with pytest.raises(TooLarge):
            find(objects, oid(tool, "main^{tree}"), b"LICENSE", size_bytes - 1)
        with pytest.raises(TooLarge):
            entries(objects, oid(tool, "main^{tree}"), max_bytes=size_bytes - 1)
    with pool.objects(tool) as objects, pytest.raises(MirrorUnreadable):
        find(objects, oid(tool, "main"), b"LICENSE", seconds=0)
    with pool.objects(tool) as objects:  # the child that was given up is no longer asked
        assert find(objects, oid(tool, "main"), b"LICENSE").kind == "blob"


def test_a_commit_and_the_log_tell_the_same(tool, pool):
    with pool.objects(tool) as objects:
        read = commit(objects, oid(tool, "main"))
    listed = commits(tool, changes(tool, oid(tool, "main")).oids, pool)
    assert listed[0] == read
    assert [row.subject for row in listed] == ["Commit 2", "Commit 1", "Commit 0"]
    assert changes(tool, oid(tool, "main"), most=1).oids == (listed[0].oid,)
    assert changes(tool, oid(tool, "main"), without=listed[-1].oid).oids == tuple(row.oid for row in listed[:-1])
    assert changes(tool, oid(tool, "main"), b"LICENSE").oids == (listed[-1].oid,)
    for name in ("main", "--output=/tmp/x", "1" * 40):
        with pytest.raises(ObjectMissing):
            changes(tool, name)


def test_a_long_list_of_commits_keeps_its_order_around_a_very_large_one_and_names_what_is_missing(tmp_path, pool):
    path = a_repository(tmp_path, commits=70, LICENSE="free\n")
    head = git("cat-file", "commit", "main", cwd=path).partition(b"\n\n")[0].split(b"\n")
    head[1] = b"parent " + git("rev-parse", "main", cwd=path)
    written = b"\n".join([*head, b"", b"Long", b"", *[b"word " * 5_000] * 30])
    large = git("hash-object", "-t", "commit", "-w", "--stdin", cwd=path, stdin=written)
    last = a_commit(path, {"a": "y"}, large, "Last").decode()
    listed = commits(path, changes(path, last, most=200).oids, pool)
    assert [row.oid for row in listed] == git("rev-list", last, cwd=path).decode().split()
    assert [row.subject for row in listed] == ["Last", "Long", *(f"Commit {number}" for number in range(69, -1, -1))]
    assert [row.cut for row in listed] == [False, True, *[False] * 70]
    with pytest.raises(ObjectMissing):
        commits(path, [last, "1" * 40, listed[0].oid], pool)
    with pytest.raises(ObjectMissing):
        commits(path, [last, git("rev-parse", "main:LICENSE", cwd=path).decode()], pool)
    assert commits(path, [row.oid for row in reversed(listed)], pool) == listed[::-1]


def test_a_child_is_used_again_and_never_by_two_at_once(tool, pool):
    with pool.objects(tool) as first, pool.objects(tool) as second:
        assert first is not second
    with pool.objects(tool) as again:
        assert again in (first, second)


def test_many_readers_of_many_mirrors_get_each_their_own_bytes(tmp_path):
    pool, wanted = ReaderPool(3), []
    for number in range(5):
        path = a_repository(tmp_path, f"m{number}.git", commits=1, own=f"mirror {number}" * 5000)
        wanted.append((path, oid(path, "main:own"), (f"mirror {number}" * 5000).encode()))

    def read(number):
        path, wished, content = wanted[number % 5]
        with pool.objects(path) as objects:
            return blob(objects, wished) == content

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(read, range(200)))
    children = descendants(lambda process: "cat-file" in process.cmdline())
    assert len(children) <= 3
    pool.close()
    assert not descendants(lambda process: "cat-file" in process.cmdline())


def test_a_reader_that_fails_halfway_spoils_nobody_elses_answer(tool, pool):
    with pytest.raises(ZeroDivisionError), pool.objects(tool) as objects:
        objects._process.stdin.write(b"contents " + oid(tool, "main:LICENSE").encode() + b"\0")
        objects._process.stdin.flush()
        objects.broken = True
        raise ZeroDivisionError
    with pool.objects(tool) as objects:
        assert blob(objects, oid(tool, "main:README.md")) == b"# Tool\n"


def test_a_child_that_died_is_replaced(tool, pool):
    with pool.objects(tool) as objects:
        objects._process.kill()
        objects._process.wait()
        with pytest.raises(MirrorUnreadable):
            blob(objects, oid(tool, "main:LICENSE"))
    with pool.objects(tool) as objects:
        assert blob(objects, oid(tool, "main:LICENSE")) == b"free\n"


def test_what_a_visit_brings_is_seen_by_children_that_already_run(tool, pool):
    with pool.objects(tool) as objects:
        blob(objects, oid(tool, "main:LICENSE"))
        new = a_commit(tool, {"new": "news"}, git("rev-parse", "main", cwd=tool))
        git("update-ref", "refs/heads/main", new, cwd=tool)
        git("repack", "-q", "-a", "-d", cwd=tool)
        assert blob(objects, oid(tool, "main:new")) == b"news"


def test_a_mirror_that_is_not_there_is_unreadable(tmp_path, pool):
    with pytest.raises(MirrorUnreadable):
        refs(tmp_path / "none.git")
    with pytest.raises(MirrorUnreadable), pool.objects(tmp_path / "none.git") as objects:
        blob(objects, "1" * 40)


def test_more_readers_than_children_wait_and_are_then_told(tool, monkeypatch):
    monkeypatch.setattr("forge.git.objects.ANSWER_SECONDS", 0.3)
    pool = ReaderPool(1)
    with pool.objects(tool), pytest.raises(MirrorUnreadable, match="too many"), pool.objects(tool):
        pass
    with pool.objects(tool) as objects:
        assert isinstance(objects, ObjectReader)
    pool.close()


def test_a_silent_child_is_given_up_in_time(tool, monkeypatch):
    monkeypatch.setattr("forge.git.objects.ANSWER_SECONDS", 0.2)
    pool = ReaderPool(1)
    began = time.monotonic()
    with pool.objects(tool) as objects:
        psutil.Process(objects._process.pid).suspend()
        with pytest.raises(MirrorUnreadable, match="too slow"):
            blob(objects, oid(tool, "main:LICENSE"))
    assert time.monotonic() - began < 20
    pool.close()
