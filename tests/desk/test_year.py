"""The scripted year at the desk, a short one: it is lived through the web to its end, and what it counts is right."""

from benchmarks.desk import Effort, words_of
from benchmarks.year import lived, printed


def test_a_few_weeks_leave_nothing_over_and_stay_below_the_target(tmp_path):
    first, second, left = lived(tmp_path, projects=60, weeks=4)
    assert left == 0 and first.pages > 10 and first.words > 50 * first.pages and first.presses > 0
    assert (first.hours + second.hours) / 4 < 2.0
    assert "Hours a week" in printed(first, second, left, 4)


def test_words_are_those_that_a_person_reads():
    page = """<nav>one two</nav><main><nav>three</nav><h1>A heading</h1><details><summary>more</summary>much more
    </details><p>Five <span class="sr">hidden</span>words<br>stand here</p>
    <details open><p>opened</p></details></main> end"""
    assert words_of(page) == 7


def test_a_page_costs_twenty_seconds_and_two_hundred_words_a_minute():
    assert Effort(pages=180).hours == 1 and Effort(words=12_000).hours == 1
