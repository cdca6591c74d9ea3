"""Histories from the commit graph: what git lists, in its order, or nothing."""

import shutil
import subprocess

import pytest
from support.hosts.git_origin import GIT_ENVIRONMENT, git

from forge.git.browse.commit_graph import newest

GRAPHS = "objects/info/commit-graphs"


def a_history(folder, object_format):
    """A repository with merges of two and of four, commits of the same second and clocks that went wrong; the order in
    which they were made goes on from one to the next."""
    git("init", "-q", "--bare", f"--object-format={object_format}", "--initial-branch=main", folder)
    rows = []
    for number in range(1, 121):
        second = 1_700_000_000 + number // 3 * 5 - (40 if number % 17 == 0 else 0)
        rows.append(f"commit refs/heads/main\nmark :{number}\ncommitter Ana <a@b> {second} +0000\ndata 1\nn\n")
        if number > 1:
            rows.append(f"from :{number - 1 if number % 4 else max(1, number - 6)}\n")
        others = range(number - 4, number - 1) if number % 20 == 0 else [number - 2] if number % 6 == 0 else ()
        rows += [f"merge :{other}\n" for other in others if other > 0]
        rows.append(f"M 100644 inline f\ndata 3\n{number:03}\n")
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=folder, input="".join(rows).encode(), env=GIT_ENVIRONMENT, check=True
    )


@pytest.fixture(params=["sha1", "sha256"])
def mirror(request, tmp_path):
    folder = tmp_path / "m.git"
    a_history(folder, request.param)
    # As two visits write it: the older half, and later what was pushed since.
    for tip in ("main~40", "main"):
        oid = git("rev-parse", tip, cwd=folder)
        git("commit-graph", "write", "--stdin-commits", "--split=no-merge", cwd=folder, stdin=oid)
    return folder


def listed(mirror, start, maximum):
    return git("rev-list", f"--max-count={maximum}", start, cwd=mirror).decode().split()


def told(found, oid):
    ids, whole = found
    return [ids[at : at + len(oid) // 2].hex() for at in range(0, len(ids), len(oid) // 2)], whole


def test_it_tells_the_commits_that_git_lists_in_its_order(mirror):
    assert len((mirror / GRAPHS / "commit-graph-chain").read_text().split()) == 2
    everything = listed(mirror, "main", 1_000)
    for start in everything[::7]:
        for maximum in (1, 10, 51, 1_000):
            expected = listed(mirror, start, maximum)
            assert told(newest(mirror, start, maximum), start) == (expected, expected == listed(mirror, start, 1_000))


def test_what_it_does_not_tell_is_left_to_git(mirror):
    head = listed(mirror, "main", 1)[0]
    tree = git("rev-parse", "main^{tree}", cwd=mirror).decode()
    assert newest(mirror, tree, 10) is None and newest(mirror, "0" * len(head), 10) is None
    other_format = "a" * (64 if len(head) == 40 else 40)
    assert newest(mirror, other_format, 10) is None
    (mirror / "shallow").touch()
    assert newest(mirror, head, 10) is None
    (mirror / "shallow").unlink()
    for file in (mirror / GRAPHS).glob("*.graph"):
        whole = file.read_bytes()
        file.chmod(0o600)
        for broken in (b"", whole[:7], whole[:40], b"CGPH" + bytes(200), whole[:1200]):
            file.write_bytes(broken)
            found = newest(mirror, head, 200)
            assert found is None or told(found, head)[0] == listed(mirror, "main", 200)
        file.write_bytes(whole)
    shutil.rmtree(mirror / GRAPHS)
    assert newest(mirror, head, 10) is None
