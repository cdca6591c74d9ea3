"""Tests of `forge.observe.metadata.changelog`: versions with their days, in the forms that are met; nothing undated."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge.observe.core.tree import tree_of
from forge.observe.metadata import changelog


def releases(text: str, path: str = "CHANGELOG.md") -> list[tuple[str, str]]:
    told = changelog.observe_changelog(tree_of({path: text.encode()}))
    return [(release["version"], release["date"]) for fact in told for release in fact.value]


@pytest.mark.parametrize(
    "heading",
    [
        "## [1.2.0] - 2024-05-21", "## 1.2.0 (2024-05-21)", "# v1.2.0 / 2024-05-21", "Version 1.2.0 - 21 May 2024",
        "1.2.0 (May 21, 2024)\n--------------------", "1.2.0 (2024-05-21)\n++++++++++", "== 1.2.0 == 2024-05-21",
        "## [1.2.0](https://example.org/compare/1.1...1.2) (2024-05-21)", "### Galette 1.2.0 – May 21st, 2024",
        "## Version 1.2.0\n\n*2024-05-21*", "1.2.0\n=====\n\nReleased 2024-05-21", "**1.2.0** (2024-05-21)",
        "Release 1.2.0: 2024/05/21",
    ],
)  # fmt: skip
def test_a_heading_with_version_and_day_is_a_release(heading):
    assert releases(f"# Changelog\n\n## Unreleased\n\n- a\n\n{heading}\n\n- b\n") == [("1.2.0", "2024-05-21")]


@pytest.mark.parametrize(
    "line",
    [
        "## 1.2.0", "## Unreleased - 2024-05-21", "- 1.2.0 (2024-05-21)", "* Update babel to 1.2.0 (2024-05-21)",
        "1.2.0 was the version that we had tested on 2024-05-21", "## 1.2.0 (2024-13-41)", "## 1.2.0 (23/12/2020)",
        "## 1.2.0 - 1970-01-01", "## 2024-05-21", "x" * 200 + " 1.2.0 2024-05-21",
    ],
)  # fmt: skip
def test_what_is_undated_or_no_heading_is_not_told(line):
    assert releases(line + "\n") == []


def test_the_newest_stand_first_and_not_too_many():
    text = "".join(f"## 1.{n}.0 - {2000 + n // 12}-{n % 12 + 1:02}-01\n" for n in range(200))
    told = releases(text)
    assert told[0] == ("1.199.0", "2016-08-01") and len(told) == changelog.MAX_RELEASES


def test_debians_changelog_tells_the_days_of_the_upstreams_versions():
    text = (
        "app (1:2.1-2) unstable; urgency=low\n\n -- Jane Doe <j@example.org>  Tue, 21 May 2024 10:00:00 +0000\n\n"
        "app (1:2.1-1) unstable; urgency=low\n\n -- Jane Doe <j@example.org>  Mon, 20 May 2024 10:00:00 +0000\n\n"
        "app (2.2) UNRELEASED; urgency=low\n\n -- Jane Doe <j@example.org>  Mon, 27 May 2024 10:00:00 +0000\n"
    )
    assert releases(text, "debian/changelog") == [("2.1", "2024-05-20")]


def test_the_changelog_at_the_top_comes_before_others():
    files = {
        "NEWS": b"1.0 (2020-01-01)\n",
        "CHANGELOG.md": b"## 2.0 - 2024-01-01\n",
        "docs/CHANGELOG.md": b"## 3.0 - 2024-01-01",
    }
    assert [fact.path for fact in changelog.observe_changelog(tree_of(files))] == ["CHANGELOG.md"]
    assert releases("## 3.0 - 2024-01-01", "docs/CHANGELOG.md") == []


@pytest.mark.parametrize("unit", ["1.1", "1.a-", "# ", "2024-05-", "app (1", " -- >", "may 1 ", "[1.0]("])
def test_hostile_lines_are_read_in_bounded_time(unit):
    spent = time.process_time()
    for text in (unit * 100_000, (unit * 20 + "\n") * 5_000):
        releases(text)
        releases(text, "debian/changelog")
    assert time.process_time() - spent < 30


@given(st.binary(max_size=400), st.sampled_from(["CHANGELOG", "NEWS.md", "debian/changelog"]))
def test_no_bytes_make_it_raise(data, path):
    changelog.observe_changelog(tree_of({path: data}))


def test_trial_versions_are_told_only_where_there_are_no_others():
    trials = "## 2.0.0-rc.1 - 2024-03-01\n\n## 2.0.0-beta2 - 2024-02-01\n"
    assert releases(f"{trials}\n## 1.9 - 2024-01-01\n") == [("1.9", "2024-01-01")]
    assert [version for version, _ in releases(trials)] == ["2.0.0-rc.1", "2.0.0-beta2"]
