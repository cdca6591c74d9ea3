"""The last change of each row of a directory, with git's own answer beside it; it is found behind the page."""

import re
import threading

from support.factories.code import a_row, a_tree, a_tree_of
from support.hosts.git_origin import git

from forge.git.browse.last_commits import last_commits
from forge.web.code.background_results import BackgroundResults

CODE = "/en/projects/galette/code"


def told(site, address):
    """The name of each row and the commit beside it, once these were found."""
    assert site.get(address).status_code == 200
    site.app.state.code_readers.background.wait()
    rows = re.findall(r'<li><a href="[^"]*"><bdi>(.*?)</bdi>.*?(?:commit/([0-9a-f]{40})|</li>)', site.get(address).text)
    return {name: oid for name, oid in rows if oid}


def entries_of(site, oid, folder=b""):
    listed = git("ls-tree", "-z", oid + (f":{folder.decode()}" if folder else ""), cwd=site.repository)
    rows = [row.split(b"\t", 1) for row in listed.split(b"\0") if row]
    return {name: head.split()[2].decode() for head, name in rows}


def a_history(site, *states):
    """A chain of commits, each the tree of a dictionary of paths and contents."""
    parents, made = (), []
    for number, state in enumerate(states):
        folders, rows = {}, []
        for path, content in state.items():
            folder, _, name = path.rpartition("/")
            folders.setdefault(folder, []).append(("100644", "blob", name.encode(), content))
        for folder, inside in folders.items():
            if folder:
                rows.append(("040000", "tree", folder.encode(), a_tree(site.repository, inside)))
        tree = a_tree(site.repository, rows + folders.get("", []))
        made.append(git("commit-tree", tree, *parents, "-m", f"Change {number}", cwd=site.repository).decode())
        parents = ("-p", made[-1])
    return made


def test_each_row_names_the_change_that_git_names(code_site):
    made = a_history(
        code_site,
        {"a": b"1", "b": b"1", "d/x": b"1", "d/y": b"1"},
        {"a": b"2", "b": b"1", "d/x": b"1", "d/y": b"1"},
        {"a": b"2", "b": b"1", "d/x": b"2", "d/y": b"1", "c": b"1"},
        {"a": b"2", "b": b"1", "d/x": b"2", "d/y": b"1", "c": b"1", "e/z": b"1"},
    )
    for folder in ("", "d"):
        for name, oid in told(code_site, f"{CODE}/tree/{made[-1]}/{folder}").items():
            path = f"{folder}/{name}".strip("/")
            assert oid == git("log", "-1", "--format=%H", made[-1], "--", path, cwd=code_site.repository).decode(), path
    wanted = {"a": made[1], "b": made[0], "c": made[2], "d": made[2], "e": made[3]}
    assert told(code_site, f"{CODE}/tree/{made[-1]}") == wanted


def test_the_top_page_tells_it_too_and_a_first_reader_waits_for_nothing(code_site):
    first = code_site.get(CODE)
    assert first.status_code == 200 and first.headers["cache-control"] == "no-store"
    assert told(code_site, CODE)["src"] == code_site.ids["two"]
    again = code_site.get(CODE)
    assert "must-revalidate" in again.headers["cache-control"] and "1 January 2026" in again.text


def test_a_merge_that_took_one_side_names_the_change_of_that_side(code_site):
    base, ours = a_history(code_site, {"a": b"0", "b": b"0"}, {"a": b"ours", "b": b"0"})
    repository = code_site.repository
    tree = a_tree(repository, [("100644", "blob", b"a", b"theirs"), ("100644", "blob", b"b", b"theirs")])
    theirs = git("commit-tree", tree, "-p", base, "-m", "Theirs", cwd=repository).decode()
    both = a_tree(repository, [("100644", "blob", b"a", b"ours"), ("100644", "blob", b"b", b"theirs")])
    for parents in ((ours, theirs), (theirs, ours)):
        merge = git("commit-tree", both, "-p", parents[0], "-p", parents[1], "-m", "Merge", cwd=repository).decode()
        found = last_commits(repository, merge, b"", entries_of(code_site, merge))
        assert found == {b"a": ours, b"b": theirs}


def test_what_only_a_merge_made_is_the_merges(code_site):
    base, ours = a_history(code_site, {"a": b"0"}, {"a": b"ours"})
    repository = code_site.repository
    theirs = git(
        "commit-tree", a_tree(repository, [("100644", "blob", b"a", b"x")]), "-p", base, "-m", "T", cwd=repository
    ).decode()
    tree = a_tree(repository, [("100644", "blob", b"a", b"of the merge")])
    merge = git("commit-tree", tree, "-p", ours, "-p", theirs, "-m", "M", cwd=repository).decode()
    assert last_commits(repository, merge, b"", entries_of(code_site, merge)) == {b"a": merge}


def test_hostile_names_are_told_and_stay_text(code_site):
    names = [b"C" + b"1" * 40, b":100644 100644 a b M", b"-x", b"\xff\n<b>", b":(top)*"]
    tree = a_tree(code_site.repository, [("100644", "blob", name, b"x") for name in names])
    oid = git("commit-tree", tree, "-m", "<script>\u202e", cwd=code_site.repository).decode()
    assert last_commits(code_site.repository, oid, b"", entries_of(code_site, oid)) == dict.fromkeys(names, oid)
    told(code_site, f"{CODE}/tree/{oid}")
    answer = code_site.get(f"{CODE}/tree/{oid}")
    assert "<script>" not in answer.text and "\u202e" not in answer.text and answer.text.count(f"commit/{oid}") >= 5


def test_a_history_without_bounds_ends_in_time_with_what_was_found(code_site):
    inner = git("hash-object", "-w", "--stdin", cwd=code_site.repository, stdin=b"x\n")
    mode = b"100644"
    for _ in range(12):
        inner = a_tree_of(code_site.repository, b"".join(a_row(mode, b"d%d" % number, inner) for number in range(10)))
        mode = b"40000"
    oid = git("commit-tree", inner, "-m", "Bomb", cwd=code_site.repository).decode()
    wanted = entries_of(code_site, oid) | {b"absent": "1" * 40}
    assert (
        last_commits(code_site.repository, oid, b"", wanted, seconds=1.0).items() <= dict.fromkeys(wanted, oid).items()
    )


def test_what_is_done_behind_is_bounded_in_number_and_memory():
    behind = BackgroundResults(waiting=2, max_bytes=3000)
    go = threading.Event()
    assert behind.result("held", lambda stopping: (go.wait(60), 100)) == (False, None)
    assert behind.result("second", lambda stopping: ("made", 1000)) == (False, None)
    assert behind.result("too many", lambda stopping: ("made", 1000)) == (False, None)
    go.set()
    behind.wait()
    assert behind.result("second", lambda stopping: 1 / 0) == (True, "made")
    for number in range(5):
        behind.result(number, lambda stopping: ("made", 1000))
        behind.wait()
    assert behind.bytes <= 3000 and behind.result(4, lambda stopping: 1 / 0) == (True, "made")
    behind.close()
    assert behind.result("later", lambda stopping: ("made", 1)) == (False, None)
