"""What a moderator is asked to look at after a reading, and what not."""

import pytest

from catalog.rules.decision import serving_basis
from catalog.store.moderation.findings import LICENSE_UNSURE as UNSURE
from forge.mirroring.findings import CHANGED, finding_of_reading


def a_record(license, free=True, commit="b" * 40, version=3):
    return {
        "version": version,
        "commit": commit,
        "license": license and {"value": license, "file": "LICENSE"},
        "free": free,
    }


def kinds(before, after):
    finding = finding_of_reading(before, after)
    return [finding.kind] if finding else []


BEFORE = a_record("GPL-3.0", commit="a" * 40)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (BEFORE, a_record("AGPL-3.0"), True),
        (BEFORE, a_record("GPL-3.0-or-later"), False),
        (BEFORE, a_record(None, free=None), True),
        (BEFORE, a_record("BUSL-1.1", free=False), True),
        (a_record(None, None, "a" * 40), a_record("MIT"), False),
        (BEFORE | {"version": 2}, a_record("AGPL-3.0"), False),
        (BEFORE | {"version": 2}, a_record("BUSL-1.1", free=False), True),
        (BEFORE, a_record("AGPL-3.0", commit="a" * 40), False),
        (None, a_record("AGPL-3.0"), False),
    ],
)
def test_a_license_that_another_commit_shows_is_looked_at_unless_it_is_the_same_in_other_words(before, after, told):
    assert kinds(before, after) == [CHANGED] * told


def unsure(commit="b" * 40, oid="1" * 40, free=None):
    return a_record(None, free, commit) | {"unidentified_license_files": [{"file": "LICENSE", "oid": oid}]}


def test_files_that_leave_open_whether_source_may_be_served_are_asked_about_once_until_they_change():
    first, later, other = unsure(), unsure("c" * 40), unsure("d" * 40, "2" * 40)
    asked = finding_of_reading(None, first)
    assert (asked.kind, asked.key, asked.detail["files"]) == (UNSURE, serving_basis(first), ["LICENSE"])
    assert asked.detail["doubts"] == []
    asked = finding_of_reading(None, first | {"license_doubts": [f"ee/{n}" for n in range(30)]})
    assert asked.detail["doubts"][:2] == ["ee/0", "ee/1"] and len(asked.detail["doubts"]) == 20
    assert finding_of_reading(first, later).key == asked.key != serving_basis(other)
    assert finding_of_reading(later, other).key == serving_basis(other)
    assert kinds(None, unsure(free=True)) == kinds(None, unsure(free=False)) == []


def test_a_change_that_leaves_it_open_is_one_matter_not_two():
    assert kinds(BEFORE, unsure()) == [CHANGED]
