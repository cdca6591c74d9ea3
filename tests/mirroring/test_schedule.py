"""When a mirror is visited next and what its state is called: the rules, one by one."""

from datetime import timedelta

import pytest
from support.factories.core import NOW, identity, later

from catalog.store.core.read_models import Mirror
from forge.git.outcome import MirrorUpdate, RefMove
from forge.mirroring import schedule

HOUR, DAY = 3600, 86_400
NEWS = (RefMove("refs/heads/main", "1", "2", "advanced"),)


def a_mirror(**changes):
    given = {"project_id": identity("galette"), "repository": "https://example.org/x.git", "state": "mirrored",
             "first_mirrored_at": NOW, "last_success_at": NOW}  # fmt: skip
    return Mirror(**(given | changes))


def after(mirror, outcome, **changes):
    since = changes.pop("failing_since", None)
    return schedule.mirror_after_visit(
        mirror, MirrorUpdate(outcome, **changes), now=later(hours=6), failing_since=since
    )


def test_a_visit_with_news_halves_the_pause_down_to_an_hour():
    assert after(a_mirror(interval_seconds=6 * HOUR), "full", changes=NEWS).interval_seconds == 3 * HOUR
    assert after(a_mirror(interval_seconds=HOUR), "full", changes=NEWS).interval_seconds == HOUR


def test_a_visit_without_news_lengthens_the_pause_up_to_two_weeks():
    assert after(a_mirror(interval_seconds=6 * HOUR), "unchanged").interval_seconds == 9 * HOUR
    assert after(a_mirror(interval_seconds=13 * DAY), "unchanged").interval_seconds == 14 * DAY


def test_a_first_visit_is_followed_by_one_six_hours_later():
    mirror = after(a_mirror(first_mirrored_at=None, last_success_at=None, state="waiting"), "full", changes=NEWS)
    assert (mirror.interval_seconds, mirror.first_mirrored_at) == (6 * HOUR, later(hours=6))


def test_failures_double_the_pause_up_to_a_week_and_success_forgets_them():
    mirror, pauses = a_mirror(), []
    for _failure in range(10):
        mirror = after(mirror, "failed", reason="No.")
        pauses.append(mirror.interval_seconds)
    assert pauses == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, 32 * HOUR, 64 * HOUR, 128 * HOUR, 7 * DAY, 7 * DAY]
    well = after(mirror, "unchanged")
    assert (well.failures, well.interval_seconds, well.state, well.reason) == (0, 6 * HOUR, "mirrored", None)


def test_a_thousand_failures_are_counted_without_a_number_too_large():
    assert after(a_mirror(failures=5000), "failed").interval_seconds == 7 * DAY


@pytest.mark.parametrize(
    ("failures", "since", "state"),
    [(5, timedelta(days=14), "gone"), (4, timedelta(days=14), "unreachable"), (5, timedelta(days=13), "unreachable")],
)
@pytest.mark.parametrize("mirrored", [True, False])
def test_gone_needs_six_failures_and_two_weeks(failures, since, state, mirrored):
    mirror = a_mirror(failures=failures, last_success_at=NOW - timedelta(days=400) if mirrored else None)
    seen = after(mirror, "not_found", failing_since=later(hours=6) - since)
    assert seen.state == state
    assert (seen.interval_seconds == 30 * DAY) is (state == "gone")


def test_two_weeks_count_from_the_last_success_when_failures_are_older():
    mirror = a_mirror(failures=9, last_success_at=NOW)
    assert after(mirror, "not_found", failing_since=NOW - timedelta(days=90)).state == "unreachable"


def test_a_silent_host_is_never_called_gone():
    assert after(a_mirror(failures=50), "failed", failing_since=NOW - timedelta(days=400)).state == "unreachable"


def test_a_failure_keeps_what_is_known_of_the_mirror():
    mirror = a_mirror(head="1" * 40, branch="main", size_bytes=5, canonical_url="https://example.org/y.git")
    failed = after(mirror, "failed", reason="No.")
    assert (failed.head, failed.branch, failed.size_bytes, failed.last_success_at) == ("1" * 40, "main", 5, NOW)
    assert failed.canonical_url is None


def test_a_copy_that_cannot_be_read_is_no_fault_of_the_origin():
    mirror = a_mirror(failures=4)
    unread = schedule.mirror_after_unreadable(mirror, "It cannot.", now=NOW)
    assert (unread.state, unread.reason, unread.failures) == ("failing", "It cannot.", 5)
    assert unread.interval_seconds == 16 * HOUR


def test_the_next_visit_moves_by_a_tenth_at_most_and_not_before_a_hosts_own_wish():
    mirror = a_mirror(interval_seconds=10 * HOUR)
    times = [schedule.next_visit_at(mirror, MirrorUpdate("unchanged"), now=NOW, jitter=jitter) for jitter in (-1, 0, 1)]
    assert times == [later(hours=9), later(hours=10), later(hours=11)]
    asked = MirrorUpdate("failed", retry_after_seconds=12 * HOUR)
    assert schedule.next_visit_at(mirror, asked, now=NOW, jitter=0) == later(hours=12)
