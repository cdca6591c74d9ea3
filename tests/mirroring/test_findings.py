"""What a moderator is asked to look at after a reading, and what not."""

import pytest

from catalog.rules.decision import serving_basis
from forge.mirroring.findings import CHANGED, DIFFERS, UNSURE, findings_of_reading


def a_record(license, free=True, commit="b" * 40, version=3):
    return {
        "version": version,
        "commit": commit,
        "license": license and {"value": license, "file": "LICENSE"},
        "free": free,
    }


def kinds(before, after, declared=None):
    return [finding.kind for finding in findings_of_reading(before, after, declared)]


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


@pytest.mark.parametrize(
    ("declared", "detected", "told"),
    [
        ("GPL-3.0-or-later", "GPL-3.0", False),
        ("MIT", "AGPL-3.0-or-later", True),
        ("MIT", None, False),
        (None, "MIT", False),
        ("nobody's license", "MIT", False),
    ],
)
def test_what_is_declared_and_what_the_files_show_are_compared_where_both_are_sure(declared, detected, told):
    assert kinds(None, a_record(detected), declared) == [DIFFERS] * told


def test_a_license_that_is_surely_not_free_is_held_against_a_free_one_even_where_nobody_is_sure_which_it_is():
    shown = a_record(None, free=False) | {"license_files": [{"value": None}, {"value": "BUSL-1.1", "file": "LICENSE"}]}
    assert [(finding.kind, finding.detail["file"]) for finding in findings_of_reading(None, shown, "MIT")] == [
        (DIFFERS, "LICENSE")
    ]
    assert kinds(None, shown, "BUSL-1.1") == kinds(None, a_record(None, free=False), "MIT") == []


def test_the_same_disagreement_has_the_same_key_at_another_commit():
    finding, other = (findings_of_reading(None, a_record("MIT", commit=c * 40), "ISC")[0] for c in "ab")
    assert finding.key == other.key


def unsure(commit="b" * 40, oid="1" * 40, free=None):
    return a_record(None, free, commit) | {"unidentified_license_files": [{"file": "LICENSE", "oid": oid}]}


def test_files_that_leave_open_whether_source_may_be_served_are_asked_about_once_until_they_change():
    first, later, other = unsure(), unsure("c" * 40), unsure("d" * 40, "2" * 40)
    (asked,) = findings_of_reading(None, first, None)
    assert (asked.kind, asked.key, asked.detail["files"]) == (UNSURE, serving_basis(first), ["LICENSE"])
    assert asked.detail["doubts"] == []
    (asked,) = findings_of_reading(None, first | {"license_doubts": [f"ee/{n}" for n in range(30)]}, None)
    assert asked.detail["doubts"][:2] == ["ee/0", "ee/1"] and len(asked.detail["doubts"]) == 20
    assert [finding.key for finding in findings_of_reading(first, later, None)] == [asked.key]
    assert [finding.key for finding in findings_of_reading(later, other, None)] == [serving_basis(other)] != [asked.key]
    assert kinds(None, unsure(free=True)) == kinds(None, unsure(free=False)) == []


def test_a_change_that_leaves_it_open_is_one_matter_not_two():
    assert kinds(BEFORE, unsure()) == [CHANGED]
