"""Licenses over the whole history of a real repository: when they changed, by which commit, and what was free last."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hosts.git_origin import a_commit, a_repository, git

from forge.git.license_commits import find_license_commits
from forge.git.objects import MirrorUnreadable, ObjectMissing
from forge.mirroring.license_history import last_free, license_history
from forge.observe.core.tree import tree_of
from forge.observe.license_history import VERSION, LicenseStep, history_of, may_change_license
from forge.observe.license_history import license_history as told_by
from tests.observe.test_license import APACHE, GPL, MIT, MPL

CLOSED = b"Copyright Example Ltd. All rights reserved. You may not copy, change or pass on this software.\n" * 6
NON_COMMERCIAL = b"SPDX-License-Identifier: CC-BY-NC-4.0\n"


class Branch:
    """A repository that grows a commit at a time."""

    def __init__(self, folder):
        self.path, self.files, self.head, self.commits = a_repository(folder, commits=0), {}, b"", []

    def __call__(self, **changes):
        """Commit these files, named with `__` for the dot; None takes one away. The id of the commit."""
        for name, data in changes.items():
            self.files[name.replace("__", ".")] = data
        wanted = {name: data for name, data in self.files.items() if data is not None}
        self.head = a_commit(self.path, wanted, self.head, f"Commit {len(self.commits)}")
        self.commits.append(self.head.decode())
        git("update-ref", "refs/heads/main", self.head, cwd=self.path)
        return self.commits[-1]

    def history(self, before=None):
        record = json.loads(json.dumps(before.as_dict())) if before else None
        return license_history(self.path, self.commits[-1], record)


@pytest.fixture
def branch(tmp_path):
    return Branch(tmp_path)


def said(history):
    return [(entry["commit"], entry["license"], entry["free"], entry["path"]) for entry in history.entries]


def test_every_change_is_told_with_its_commit_and_nothing_else(branch):
    branch(main__py="1")
    first = branch(LICENSE=MIT)
    branch(main__py="2", README__md="# Tool")
    branch(LICENSE=MIT.replace(b"2006", b"2026"))
    second = branch(LICENSE=MPL)
    branch(COPYING=MPL, LICENSE=None)
    history = branch.history()
    assert said(history) == [(first, "MIT", True, "LICENSE"), (second, "MPL-2.0", True, "LICENSE")]
    assert history.free_commit == branch.commits[-1] and history.once_free is None and history.whole
    assert history.entries[0]["at"] == "2026-01-01T00:00:00+00:00"


def test_the_commit_before_a_change_to_a_license_that_is_not_free_was_free_last(branch):
    branch(LICENSE=MIT)
    last = branch(main__py="2")
    closed = branch(LICENSE=CLOSED, main__py="3")
    branch(main__py="4")
    history = branch.history()
    assert [entry["commit"] for entry in history.entries] == [branch.commits[0], closed]
    assert history.free_commit == history.once_free == last


def test_a_license_that_went_away_is_a_change_and_names_the_file(branch):
    branch(LICENSE=MIT)
    gone = branch(LICENSE=None, main__py="x")
    assert said(branch.history())[-1] == (gone, None, None, "LICENSE") and branch.history().entries[-1]["gone"]


def test_a_text_that_nobody_can_name_is_no_license_that_went_away(branch):
    branch(LICENSE=MIT)
    branch(LICENSE=b"Some words that nobody knows. " * 40)
    doubted = branch.history()
    assert "gone" not in doubted.entries[-1]
    branch(LICENSE=None)
    assert [entry.get("gone") for entry in branch.history(doubted).entries] == [None, None, True]
    assert branch.history(doubted).entries == branch.history().entries


def test_what_came_back_is_free_again(branch):
    branch(LICENSE=MIT)
    branch(LICENSE=NON_COMMERCIAL)
    history = branch.history()
    assert said(history)[-1][1:3] == ("CC-BY-NC-4.0", False) and history.once_free == branch.commits[0]
    branch(LICENSE=MIT)
    assert branch.history(history).once_free is None
    assert [line[1] for line in said(branch.history(history))] == ["MIT", "CC-BY-NC-4.0", "MIT"]


def test_a_manifest_tells_where_there_is_no_license_file_and_makes_nothing_free(branch):
    first = branch(package__json='{"license": "MIT"}')
    branch(package__json='{"license": "MIT", "version": "2"}')
    second = branch(LICENSE=APACHE)
    assert said(branch.history()) == [(first, "MIT", None, "package.json"), (second, "Apache-2.0", True, "LICENSE")]


def test_the_readme_of_that_time_says_or_later(branch):
    branch(COPYING=GPL, README__md="Licensed under the GPL, version 3 or any later version.")
    assert said(branch.history())[0][1] == "GPL-3.0-or-later"


def test_a_merged_branch_counts_from_its_merge_on(branch):
    base = branch(LICENSE=MIT)
    side = a_commit(branch.path, {"LICENSE": APACHE}, base.encode(), "Aside")
    own = branch(main__py="2")
    tree = git("rev-parse", f"{side.decode()}^{{tree}}", cwd=branch.path)
    merge = git("commit-tree", tree, "-p", own, "-p", side, "-m", "Merge", cwd=branch.path).decode()
    branch.commits.append(merge)
    before = license_history(branch.path, own)
    for history in (branch.history(), branch.history(before)):
        assert said(history) == [(base, "MIT", True, "LICENSE"), (merge, "Apache-2.0", True, "LICENSE")]


def test_a_reading_goes_on_from_the_one_before_and_tells_the_same(branch):
    histories = []
    for number in range(12):
        texts = {2: {"LICENSE": MIT}, 5: {"LICENSE": CLOSED}, 7: {"LICENSE": MPL}, 9: {"COPYING": MIT}}
        branch(main__py=str(number), **texts.get(number, {}))
        histories.append(branch.history(histories[-1] if histories else None))
        whole = branch.history()
        assert (whole.entries, whole.free_commit) == (histories[-1].entries, histories[-1].free_commit)
    found = find_license_commits(branch.path, branch.commits[-1], may_change_license, branch.commits[8])
    assert found.since == branch.commits[8] and [commit.commit for commit in found.steps] == [branch.commits[9]]


def test_a_rewritten_branch_is_read_anew(branch):
    base = branch(LICENSE=MIT)
    branch(LICENSE=CLOSED)
    before = branch.history()
    branch.head = base.encode()
    other = branch(LICENSE=APACHE)
    assert said(branch.history(before)) == [(base, "MIT", True, "LICENSE"), (other, "Apache-2.0", True, "LICENSE")]
    branch.commits.append(base)
    assert said(branch.history(before)) == [(base, "MIT", True, "LICENSE")]


def test_what_is_older_than_the_bounds_is_left_out_and_said_to_be(branch):
    for number in range(6):
        branch(LICENSE=MIT + b"\n" * number)
    for bounds in ({"touches": 3}, {"commits": 3}):
        found = find_license_commits(branch.path, branch.commits[-1], may_change_license, **bounds)
        assert [commit.commit for commit in found.steps] == branch.commits[3:] and not found.whole
    assert find_license_commits(branch.path, branch.commits[-1], may_change_license).whole


def test_names_that_look_like_commits_and_odd_bytes_confuse_nothing(branch):
    odd = ["0" * 40, branch(LICENSE=MIT), ":100644", "LICENSE\nX", "\udcff"]
    last = a_commit(branch.path, {**dict.fromkeys(odd, "x"), "LICENSE": MIT}, branch.head).decode()
    assert [commit.commit for commit in find_license_commits(branch.path, last, may_change_license).steps] == [
        branch.commits[0]
    ] or [commit.commit for commit in find_license_commits(branch.path, last, may_change_license).steps] == [
        branch.commits[0],
        last,
    ]
    assert said(license_history(branch.path, last)) == [(branch.commits[0], "MIT", True, "LICENSE")]


def test_a_commit_that_is_not_there_is_missing_and_a_lost_beginning_is_no_fault(branch):
    branch(LICENSE=MIT)
    for oid in ("0" * 40, "main", "--all", ""):
        with pytest.raises(ObjectMissing):
            find_license_commits(branch.path, oid, may_change_license)
    assert find_license_commits(branch.path, branch.commits[0], may_change_license, "1" * 40).steps
    with pytest.raises(MirrorUnreadable):
        find_license_commits(branch.path, branch.commits[0], may_change_license, seconds=0.0)


def test_a_history_that_tells_too_much_is_read_from_its_newest_commit_as_far_as_it_goes(branch, monkeypatch):
    for number in range(12):
        branch(LICENSE=MIT + b"\n" * number, **{f"a{extra}": str(number) for extra in range(20)})
    monkeypatch.setattr("forge.git.license_commits.OUTPUT_BYTES", 3000)
    found = find_license_commits(branch.path, branch.commits[-1], may_change_license)
    assert 0 < len(found.steps) < 12 and not found.whole
    assert [commit.commit for commit in found.steps] == branch.commits[-len(found.steps) :]


def test_a_folder_that_was_reserved_already_keeps_the_last_free_commit_closed(branch):
    branch(LICENSE=MIT)
    branch(LICENSE=CLOSED)
    history = branch.history()
    free, hindered = tree_of({"LICENSE": MIT}), tree_of({"LICENSE": MIT, "ee/LICENSE": CLOSED})
    assert last_free(history, None, lambda oid: free)[1] == branch.commits[0]
    kept, none = last_free(history, False, lambda oid: hindered)
    assert none is None and last_free(kept, False, lambda oid: free)[1] is None
    assert last_free(history, True, lambda oid: hindered)[1] == branch.commits[1]


def test_a_record_of_another_version_or_shape_is_none():
    for record in (None, {}, {"version": 0}, {"version": VERSION, "head": "x"}, [], {"version": VERSION, "entries": 5}):
        assert history_of(record) is None


NAMES = st.sampled_from(["LICENSE", "COPYING", "LICENSES/MIT.txt", "package.json", "README.md", "REUSE.toml"])
TEXTS = {"a": MIT, "b": CLOSED, "c": NON_COMMERCIAL, "d": b"", "e": b"\xff\0", "f": b'{"license": "MIT"}'}


@given(st.lists(st.dictionaries(NAMES, st.sampled_from([*TEXTS, "gone"]), max_size=4), max_size=6), st.integers(0, 6))
def test_any_history_told_in_two_parts_is_the_same_as_told_at_once(states, cut):
    steps = [
        LicenseStep(f"c{number}", f"c{number - 1}" if number else "", None, files)
        for number, files in enumerate(states)
    ]
    head = steps[-1].commit if steps else "c0"
    whole = told_by(head, steps, TEXTS.get)
    first = steps[:cut]
    if first:
        before = told_by(first[-1].commit, first, TEXTS.get)
        parts = told_by(head, steps[cut:], TEXTS.get, history_of(json.loads(json.dumps(before.as_dict()))))
        assert [(entry["commit"], entry["license"], entry["free"], entry.get("gone")) for entry in parts.entries] == [
            (entry["commit"], entry["license"], entry["free"], entry.get("gone")) for entry in whole.entries
        ]
        assert parts.free_commit == whole.free_commit
    changes = [(entry["license"], entry["free"], entry.get("gone")) for entry in whole.entries]
    assert all(change != other for change, other in pairwise(changes))


def test_the_names_that_tell_are_those_of_license_files():
    names = "LICENSE Licence.md COPYING.LESSER LICENCIA LICENZA LICENÇA LIZENZ.md EULA.txt MIT-LICENSE x.license.txt"
    for name in (*names.split(), "LICENSES", "package.json", "REUSE.toml"):
        assert may_change_license(name.encode()), name
    assert (
        not may_change_license(b"README.md")
        and not may_change_license(b"src")
        and not may_change_license(b"\xff" * 5000)
    )


def test_the_license_of_one_file_at_the_top_is_none_of_the_project(branch):
    first = branch(LICENSE=MIT, main__py="1")
    branch(__nvmrc="20", __nvmrc__license=b"SPDX-License-Identifier: CC0-1.0\n")
    assert said(branch.history()) == [(first, "MIT", True, "LICENSE")]
