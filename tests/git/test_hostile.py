"""Origins that attack: bombs, forged packs and names, poisoned trees, refs that would write where they must not."""

import gzip
import os
import re
import signal
import time
import zlib
from pathlib import Path

import psutil
import pytest
from support.hosts.git_origin import (
    a_commit,
    a_delta_bomb,
    a_pack,
    a_repository,
    every_object,
    git,
    lines,
    listing,
    visit,
)

from forge.git import mirror_folder, runner
from forge.git.browse.history import changes
from forge.git.environment import Limits, environment
from forge.git.fetch import probe, ref_policy
from forge.git.fetch.sync import Bounds, Sync
from forge.git.read import ObjectMissing, ReaderPool, commit, entries, find, head, refs, resolve
from forge.git.runner import run, start, stop
from forge.security.safe_http import AddressRules


@pytest.fixture
def mirror(tmp_path):
    return tmp_path / "m.git"


@pytest.mark.parametrize("mirrored", [False, True], ids=["first", "update"])
def test_a_pack_of_four_hundred_bytes_that_unfolds_into_gigabytes_is_stopped(origin, mirror, mirrored):
    origin.pack, origin.refs = a_delta_bomb(), {b"refs/heads/main": b"1" * 40}
    assert len(origin.pack) < 600
    if mirrored:
        a_repository(origin.folder)
        assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    before, began = listing(mirror) if mirrored else b"", time.monotonic()
    seen = visit(mirror, origin.url("forged/x.git"))
    assert seen.outcome == "refused" and "dangerous" in seen.reason
    assert time.monotonic() - began < 60
    assert listing(mirror) == before
    assert mirror_folder.size_bytes(mirror) < 100_000
    assert "\x1b" not in seen.detail
    assert "attempting to allocate" in seen.detail


def test_a_pack_without_what_was_promised_changes_nothing(origin, mirror):
    origin.pack, origin.refs = a_pack((3, b"hello")), {b"refs/heads/main": b"1" * 40}
    seen = visit(mirror, origin.url("forged/x.git"))
    assert listing(mirror) == b""
    assert seen.outcome == "failed" and "did not send" in seen.reason
    assert mirror_folder.size_bytes(mirror) < 10_000


@pytest.mark.parametrize("pack", [b"", b"PACK", b"garbage" * 100, a_pack((3, b"x"))[:-4]])
def test_a_pack_that_is_none_is_refused(origin, mirror, pack):
    origin.pack, origin.refs = pack, {b"refs/heads/main": b"1" * 40}
    assert visit(mirror, origin.url("forged/x.git")).outcome in ("refused", "failed")
    assert mirror_folder.size_bytes(mirror) < 10_000 and listing(mirror) == b""


def a_named(origin, names):
    """An origin that shows one real commit under any names; git itself would not keep such names."""
    tool = a_repository(origin.folder, commits=1)
    tip = git("rev-parse", "main", cwd=tool)
    origin.pack = git("pack-objects", "--stdout", "-q", "--revs", cwd=tool, stdin=tip + b"\n")
    origin.refs = {b"HEAD": tip} | dict.fromkeys(names, tip)
    return tip


def test_names_that_git_forbids_or_that_hide_are_refused_and_their_commit_is_kept(origin, mirror):
    bad = [
        b"refs/heads/../../evil", b"refs/heads/.hidden", b"refs/heads/x.lock", b"refs/heads/a..b", b"refs/heads/a~1",
        b"refs/heads/a^", b"refs/heads/a:b", b"refs/heads/a?", b"refs/heads/a*", b"refs/heads/a[", b"refs/heads/a\\b",
        b"refs/heads/a\x01", b"refs/heads/a@{0}", b"refs/heads/" + b"l" * 300, b"refs/heads/d/x",
        b"refs/heads/a//b", b"refs/heads/end.", b"refs/heads/end/", b"refs/heads/" + b"a/" * 2000 + b"b",
    ]  # fmt: skip
    odd = [b"-x", b"$(id)", b"<b>", b"\xff\xfe", b"d", b"HEAD"]
    odd = [*(b"refs/heads/" + name for name in odd), b"refs/tags/v"]
    elsewhere = [b"refs/kept/" + b"1" * 40, b"refs/replace/" + b"1" * 40, b"refs/notes/x", b"config"]
    tip = a_named(origin, [*bad, *odd, *elsewhere])
    seen = visit(mirror, origin.url("forged/x.git"))
    assert seen.outcome == "partial" and "could not be shown" in seen.warnings[0]
    names = {line.split(b" ")[1] for line in listing(mirror).splitlines()}
    assert names - {b"refs/heads/d", b"refs/heads/d/x"} == set(odd) - {b"refs/heads/d"} and len(names) == len(odd)
    assert listing(mirror, "refs/") == listing(mirror, "refs/heads", "refs/tags", "refs/kept")
    assert listing(mirror, "refs/kept") == tip + b" refs/kept/" + tip
    assert not (mirror.parent / "evil").exists()
    assert visit(mirror, origin.url("forged/x.git")).outcome == "unchanged"
    git("fsck", "--strict", cwd=mirror)


@pytest.mark.parametrize("mode", ["forged", "said"], ids=["protocol 2", "protocol 0"])
def test_more_names_than_are_kept_of_one_visit_are_too_many(origin, mirror, monkeypatch, mode):
    monkeypatch.setattr(probe, "MOST_REFS", 100)
    names = [b"refs/heads/%d" % number for number in range(60)] + [b"refs/tags/%d" % number for number in range(41)]
    tip = a_named(origin, names)
    origin.said = lines(b"# service=git-upload-pack\n", None, *(tip + b" " + name for name in names), None), b""
    seen = visit(mirror, origin.url(f"{mode}/x.git"))
    assert seen.outcome == "too_large" and "more branches and tags" in seen.reason
    assert not mirror.exists()
    del origin.refs[names[0]]
    assert visit(mirror, origin.url("forged/x.git")).outcome == "full"


@pytest.mark.full
def test_an_answer_that_unfolds_into_gigabytes_ends_git_and_not_the_machine(origin, mirror):
    """Our own request asks for nothing compressed, and git's own unpacks what it is sent."""
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = [
        packing.compress(text) + packing.flush(zlib.Z_FULL_FLUSH) for text in (b"001e# service", b"0" * (1 << 20))
    ]
    origin.said_packed = gzip.compress(b"")[:10] + packed[0] + packed[1] * 2000  # a megabyte each
    tool = a_repository(origin.folder)
    assert len(origin.said_packed) < 4 << 20
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    before, new = listing(mirror), a_commit(tool, {"a": "b"}, git("rev-parse", "main", cwd=tool))
    origin.said = b"", lines(new + b" refs/heads/main\n", None)
    seen = visit(mirror, origin.url("said/x.git"))
    assert (seen.outcome, listing(mirror)) == ("refused", before) and "dangerous" in seen.reason
    assert mirror_folder.size_bytes(mirror) < 100_000


def test_a_link_in_place_of_the_list_of_submodules_is_refused(origin, mirror):
    tool = a_repository(origin.folder, commits=1)
    link = git("hash-object", "-w", "--stdin", cwd=tool, stdin=b"/etc/passwd")
    a_tree_commit(tool, a_tree(tool, (b"120000", b".gitmodules", link)))
    seen = visit(mirror, origin.url("git/tool.git"))
    assert seen.outcome == "refused" and "dangerous" in seen.reason and listing(mirror) == b""


def test_names_that_differ_in_their_letters_alone_and_a_head_that_leads_nowhere_are_followed(origin, mirror):
    tool = a_repository(origin.folder, commits=1)
    git("branch", "Main", "main", cwd=tool)
    git("symbolic-ref", "HEAD", "refs/heads/nowhere", cwd=tool)
    seen = visit(mirror, origin.url("git/tool.git"))
    assert (seen.outcome, seen.head, listing(mirror)) == ("full", "refs/heads/main", listing(tool))


def test_a_branch_that_names_no_commit_is_not_a_branch(origin, mirror):
    tool = a_repository(origin.folder, commits=1)
    blob = git("rev-parse", "main:README.md", cwd=tool)
    git("update-ref", "refs/tags/file", blob, cwd=tool)
    origin.pack = git("pack-objects", "--stdout", "-q", cwd=tool, stdin=b"\n".join(every_object(tool)) + b"\n")
    tip = git("rev-parse", "main", cwd=tool)
    origin.refs = {b"refs/heads/blob": blob, b"refs/tags/file": blob, b"refs/heads/main": tip}
    assert visit(mirror, origin.url("forged/x.git")).outcome == "partial"
    assert b"refs/heads/blob" not in listing(mirror) and b"refs/tags/file" in listing(mirror)
    assert {ref.name: ref.commit for ref in refs(mirror)}["refs/tags/file"] == ""


def test_a_shallow_origin_is_refused(origin, mirror):
    tool = a_repository(origin.folder, commits=3)
    git("clone", "-q", "--bare", "--depth=1", f"file://{tool}", origin.folder / "shallow.git")
    seen = visit(mirror, origin.url("git/shallow.git"))
    assert seen.outcome == "refused" and "part of its history" in seen.reason
    seen = visit(mirror, origin.url("v0/shallow.git"))
    assert seen.outcome != "full" and listing(mirror) == b"" and not (mirror / "shallow").exists()


def test_replace_refs_of_an_origin_change_nothing_here(origin, mirror):
    tool = a_repository(origin.folder, commits=1)
    other = a_commit(tool, {"README.md": "replaced"})
    tip = git("rev-parse", "main", cwd=tool)
    git("update-ref", f"refs/replace/{tip.decode()}", other, cwd=tool)
    visit(mirror, origin.url("git/tool.git"))
    assert listing(mirror, "refs/replace") == b""
    git("update-ref", f"refs/replace/{tip.decode()}", tip, cwd=mirror)
    pool = ReaderPool()
    with pool.objects(mirror) as objects:
        assert commit(objects, tip.decode()).subject == "Commit 0"
    pool.close()


def a_tree(repository, *rows):
    """A tree of raw rows (mode, name, hex id), whatever they are; its id."""
    data = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid.decode()) for mode, name, oid in rows)
    return git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", cwd=repository, stdin=data)


def a_tree_commit(repository, tree):
    tip = git("commit-tree", tree, "-m", "Odd", cwd=repository)
    git("update-ref", "refs/heads/main", tip, cwd=repository)
    return tip.decode()


def test_odd_files_are_data_never_paths(origin, mirror):
    tool = a_repository(origin.folder, commits=1)
    blob = git("rev-parse", "main:README.md", cwd=tool)
    link = git("hash-object", "-w", "--stdin", cwd=tool, stdin=b"/etc/passwd")
    rows = [
        (b"100644", b"-x", blob), (b"100644", b"<script>", blob), (b"120000", b"link", link),
        (b"160000", b"module", b"1" * 40), (b"100755", b"\xff\xfe", blob),
    ]  # fmt: skip
    tip = a_tree_commit(tool, a_tree(tool, *rows))
    assert visit(mirror, origin.url("git/tool.git")).outcome == "full"
    pool = ReaderPool()
    with pool.objects(mirror) as objects:
        shown = entries(objects, tip)
        assert [(entry.kind, entry.name) for entry in shown] == [
            ("blob", b"-x"), ("blob", b"<script>"), ("link", b"link"), ("commit", b"module"), ("blob", b"\xff\xfe"),
        ]  # fmt: skip
        assert objects.object(find(objects, tip, b"link").oid).data == b"/etc/passwd"
        assert find(objects, tip, b"\xff\xfe").oid == blob.decode()
        for path in (b"module/x", b"../x", b"link/x", b"nothing", b"a/" * 100):
            with pytest.raises(ObjectMissing):
                find(objects, tip, path)
    assert changes(mirror, tip, b"\xff\xfe").oids == (tip,)
    assert changes(mirror, tip, b":(exclude)x").oids == ()
    pool.close()


@pytest.mark.parametrize(
    ("name", "outcome"), [(b".git", "full"), (b"..git", "full"), (b"..", "refused"), (b"a/b", "refused")]
)
def test_harmless_oddities_pass_and_dangerous_trees_do_not(origin, mirror, name, outcome):
    tool = a_repository(origin.folder, commits=1)
    a_tree_commit(tool, a_tree(tool, (b"100644", name, git("rev-parse", "main:README.md", cwd=tool))))
    assert visit(mirror, origin.url("git/tool.git")).outcome == outcome


def test_an_upstream_message_with_escapes_reaches_nobody(origin, mirror):
    tip = a_named(origin, [b"refs/heads/main"])
    origin.pack = origin.pack[:-1] + b"\0"
    seen = visit(mirror, origin.url("forged/x.git"))
    assert seen.outcome == "refused" and "\x1b" not in repr(seen) and tip


def test_commits_that_are_hardly_any_are_read_tolerantly(tmp_path):
    path = a_repository(tmp_path, commits=1)
    tree = git("rev-parse", "main^{tree}", cwd=path)
    heads = [
        b"author \xff <a@b> 99999999999999999999 +0000\ncommitter x", b"author <\ncommitter A <a@b> -5 +0000",
        b"author Jos\xe9 <j@x> 1700000000 +0100\ncommitter B <b@x> 1700000000 +0100",
    ]  # fmt: skip
    pool = ReaderPool()
    with pool.objects(path) as objects:
        for lines in heads:
            data = b"tree " + tree + b"\n" + lines + b"\n\n\xe9t\xe9\n\nmore"
            oid = git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", cwd=path, stdin=data).decode()
            read = commit(objects, oid)
            assert (read.tree, read.subject) == (tree.decode(), "�t�")
        assert read.author == "Jos�" and read.authored_at.year == 2023
    pool.close()


@pytest.mark.parametrize(
    "name",
    [
        "HEAD", "main~1", "main^{tree}", "@{-1}", ":/Commit", "--output=x", "-x", "main:README.md", "", "a b",
        "x" * 2000, "refs/heads/main", "main\x00", "v1-0-g1234567", "*", "heads/main",
    ],
)  # fmt: skip
def test_no_name_is_taken_for_gits_own_grammar(tmp_path, name):
    path = a_repository(tmp_path)
    with pytest.raises(ObjectMissing):
        resolve(path, [name])
    assert resolve(path, [name, "main"]) == ("main", head(path).oid)


def test_git_sees_nothing_of_this_machines_environment(monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'alias.hello=!echo hacked'")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    ran = run(["-c", "alias.environment=!env", "environment"])
    variables = dict(line.split("=", 1) for line in ran.out.decode().splitlines() if "=" in line)
    assert "http_proxy" not in variables and "GIT_DIR" not in variables
    assert variables["HOME"] == "/nonexistent" and "hello" not in variables.get("GIT_CONFIG_PARAMETERS", "")
    assert run(["hello"]).status != 0


@pytest.mark.parametrize("scheme", ["ext::id", "file:///tmp", "/tmp", "ssh://h/a", "git://h/a", "http://h/a", "fd::3"])
def test_git_itself_may_speak_no_protocol_unless_told(tmp_path, scheme):
    path = a_repository(tmp_path)
    ran = run(["fetch", "--end-of-options", scheme], git_dir=path)
    assert not ran.ok and ("not allowed" in ran.err or "protocol" in ran.err)


def in_group(process, group):
    """Whether a process lives in this group; one that waits for its parent to notice its end does not live."""
    try:
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def family(group):
    return [process for process in psutil.process_iter() if in_group(process, group)]


def test_what_a_git_that_was_killed_leaves_running_is_ended_too(tmp_path):
    """git-remote-https waits on for its host, where git itself ran into a limit."""
    child = tmp_path / "child"
    ran = run(
        ["-c", f"alias.leave=!echo $$ > '{child}'; kill -9 $PPID; exec sleep 300", "leave"],
        limits=Limits(wall_seconds=1.0),
    )
    assert (ran.status, ran.stopped) == (-signal.SIGKILL, "time")
    deadline = time.monotonic() + 20  # what was killed lives until the machine comes to it
    while (left := psutil.pid_exists(int(child.read_text()))) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left


def test_limits_are_kept_and_the_whole_family_ends(tmp_path):
    began = time.monotonic()
    ran = run(["-c", "alias.wait=!sleep 30", "wait"], limits=Limits(wall_seconds=0.2))
    assert ran.stopped == "time" and time.monotonic() - began < 25
    ran = run(["-c", "alias.much=!yes", "much"], limits=Limits(output_bytes=100_000))
    assert ran.stopped == "output" and len(ran.out) == 100_000
    ran = run(["-c", "alias.fill=!dd if=/dev/zero of=" + str(tmp_path / "f") + " bs=1k count=999 2>&1; true", "fill"],
              limits=Limits(file_bytes=10_240))  # fmt: skip
    assert (tmp_path / "f").stat().st_size <= 10_240
    process = start(["-c", "alias.wait=!sleep 30 & sleep 30", "wait"])
    time.sleep(0.1)
    stop(process, 0.1)
    deadline = time.monotonic() + 20  # what was killed lives until the machine comes to it
    while family(process.pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not family(process.pid)


def test_the_environment_names_every_switch():
    variables = environment({"x.y": "z"})
    numbers = range(int(variables["GIT_CONFIG_COUNT"]))
    settings = {variables[f"GIT_CONFIG_KEY_{at}"]: variables[f"GIT_CONFIG_VALUE_{at}"] for at in numbers}
    assert settings["core.hooksPath"] == "/dev/null" and settings["credential.helper"] == ""
    assert settings["x.y"] == "z" and settings["protocol.allow"] == "never"


def test_a_wipe_is_more_than_half_of_more_than_a_few():
    names = [b"refs/heads/%d" % number for number in range(10)]
    assert ref_policy.is_mass_deletion(names, names)
    assert ref_policy.is_mass_deletion(names, names[:6])
    assert not ref_policy.is_mass_deletion(names, names[:5])
    assert not ref_policy.is_mass_deletion(names[:5], names[:3])
    assert ref_policy.is_mass_deletion([b"refs/heads/a"], [b"refs/heads/a"])
    tags = [b"refs/tags/%d" % number for number in range(6)]
    assert ref_policy.is_mass_deletion([b"refs/heads/a", *tags], tags)


def test_gitpython_is_used_as_the_starter_of_processes_only():
    folder = Path(runner.__file__).parent
    used = {path.name for path in folder.glob("*.py") if re.search(r"^\s*(from|import) git\b", path.read_text(), re.M)}
    assert used == {"runner.py"}
    forbidden = r"\bRepo\(|clone_from|create_remote|config_writer|repo\.git\.|iter_commits|shell=True"
    assert not [path.name for path in folder.glob("*.py") if re.search(forbidden, path.read_text())]


def test_a_name_that_leads_nowhere_is_a_failure_and_no_refusal(tmp_path):
    found = Sync(tmp_path / "m.git", "https://nowhere.invalid/a.git", AddressRules(), Bounds()).run()
    assert (found.outcome, found.reason) == ("failed", "The host name cannot be found.")
