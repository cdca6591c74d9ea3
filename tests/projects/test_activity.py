"""Whether a project is maintained, as its page says it: words before numbers, months as bars and as a table."""

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID
from xml.etree import ElementTree

import pytest
from support.factories.core import NOW, a_project, an_adoption

from catalog.model import LastChange
from catalog.publication.model import PublicProject
from catalog.rules.fact import Fact, choose_facts
from catalog.rules.submission import CONFIRMING
from catalog.rules.today import Activity, activity_of
from catalog.store.core.visibility import CONFIRMED, FOUND_ONLY, PAST, PAST_STAGES
from forge.i18n import languages
from forge.web.core.render import Site
from forge.web.projects.activity import alive_view
from forge.web.projects.warnings import project_warnings

RELEASE = {"value": "1.2", "date": "2026-05-04T00:00:00Z"}
TOLD = {
    "first_commit_at": "2005-04-07T22:13:13Z",
    "last_commit_at": "2026-11-20T10:00:00Z",
    "commits": 81966,
    "whole": True,
    "people_in_year": 9,
    "changes_in_year": 140,
    "automatic_in_year": 0,
    "top_share_percent": 87,
    "months": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    "as_of": "2026-11-24T12:30:00Z",
}


def a_line(number=1, at=None, **changes):
    adopted = an_adoption(**{"verification": "domain-confirmed", "seen_at": "2026-05-04"} | changes)
    confirmed = adopted.verification in CONFIRMING
    organization = SimpleNamespace(id=UUID(int=number))
    sort = PAST if adopted.stage in PAST_STAGES else CONFIRMED if confirmed else FOUND_ONLY
    return SimpleNamespace(adoption=adopted, organization=organization, sort=sort, confirmed_at=at)


def a_page(
    days=4.0,
    *,
    status=None,
    lines=(),
    confirmed=None,
    told=TOLD,
    release=RELEASE,
    read_days=0.0,
    mirror=True,
    facts=(),
    last_change=None,
):
    observation = {"activity": told, "release": release}
    last = None if days is None else NOW - timedelta(days=days)
    read = NOW - timedelta(days=read_days)
    kept = SimpleNamespace(last_commit_at=last, observation=observation, last_success_at=read, observed_at=read)
    uses = SimpleNamespace(confirmed=len(lines) if confirmed is None else confirmed, found=0)
    record = a_project(status=status, last_change=last_change)
    kept = kept if mirror else None
    looked_at = read if kept else None
    return PublicProject(
        UUID(int=0), record, NOW, NOW, 1, choose_facts(facts), tuple(lines), uses, mirror=kept, looked_at=looked_at
    )


def html(page, tag="en"):
    template = Site(None).environment(languages.page_language(tag)).get_template("projects/parts/activity.html")
    return languages.mark_untranslated(template.render(alive=alive_view(page, NOW), found=page))


def words(page, tag="en"):
    return " ".join(re.sub(r"<[^>]+>", " ", html(page, tag)).split())


def test_a_quiet_tool_whose_use_is_confirmed_is_not_punished():
    lines = [a_line(number) for number in range(1, 5)]
    said = words(a_page(14 * 30.5, lines=lines))
    assert said.startswith(
        "Little activity No change to the code for 14 months. "
        "4 organizations confirmed using it in the last 18 months. Mature software may need few changes."
    )


def test_an_idle_tool_is_not_praised():
    said = words(a_page(14 * 30.5))
    assert "No organization confirmed using it in the last 18 months." in said
    assert "Finished" not in said


@pytest.mark.parametrize(
    ("page", "beginning"),
    [
        (a_page(4), "Active Last change to the code: 20 November 2026."),
        (a_page(4, lines=[a_line()]), "Active 1 organization confirmed using it in the last 18 months."),
        (a_page(365 * 3 + 9), "Dormant No change to the code for 3 years."),
        (a_page(4, status="ended"), "Discontinued Its maintainers announced the end of the project."),
        (a_page(None, mirror=False, status="ended"), "Discontinued Its maintainers announced the end of the project."),
    ],
)
def test_the_word_comes_first(page, beginning):
    assert words(page).startswith(beginning)


def test_of_code_that_was_not_read_nothing_is_said_here_since_the_facts_at_the_top_say_it():
    assert words(a_page(None, mirror=False)) == ""


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"verification": "file-confirmed", "seen_at": "2025-06-01"}, True),
        ({"at": NOW, "seen_at": None}, True),
        ({"at": NOW - timedelta(days=700), "seen_at": None}, False),
        ({"verification": "self-declared"}, False),
        ({"seen_at": "2026"}, True),
        ({"seen_at": "2026-03"}, True),
        ({"seen_at": "2025"}, False),  # which may be its first of January, too long ago
        ({"seen_at": "2025-05-20"}, False),
        ({"seen_at": "2031-01-01"}, False),
        ({"seen_at": None}, False),
        ({"verification": "found-in-public-source"}, False),
        ({"verification": "to-reconfirm"}, False),
        ({"verification": "disputed"}, False),
        ({"stage": "stopped"}, False),
    ],
)
def test_only_what_an_organization_confirmed_in_time_counts(changes, counts):
    assert alive_view(a_page(lines=[a_line(**changes)]), NOW).confirmed == counts


def test_an_organization_counts_once_and_lines_beyond_the_page_may_add_to_it():
    view = alive_view(a_page(400, lines=[a_line(1), a_line(1), a_line(2)], confirmed=70), NOW)
    assert (view.confirmed, view.at_least) == (2, True)
    assert "At least 2 organizations confirmed" in words(a_page(400, lines=[a_line(1), a_line(2)], confirmed=70))
    assert "No organization confirmed" not in words(a_page(400, lines=[a_line(seen_at=None)], confirmed=70))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "9 people changed it in the year before 24 November 2026. One person made 9 of 10 changes."),
        ({"top_share_percent": 97}, "Nearly all of these changes are by one person."),
        ({"top_share_percent": 40}, "Nobody made more than half of the changes."),
        ({"people_in_year": 1, "top_share_percent": 100}, "1 person changed it in the year before 24 November 2026."),
        ({"automatic_in_year": 1200}, "1,200 further changes were automated."),
        ({"commits": 1}, "Its history is a single change, so it says little."),
        ({"whole": False}, "At least 81,966 changes, since 7 April 2005 or earlier."),
    ],
)
def test_what_stands_behind_it_is_counts_and_dates(changes, sentence):
    assert sentence in words(a_page(told=TOLD | changes))


@pytest.mark.parametrize("changes", [{"top_share_percent": None}, {"automatic_in_year": 9}, {"people_in_year": 0}])
def test_what_says_too_little_is_left_out(changes):
    said = words(a_page(told=TOLD | changes))
    assert ("of 10 changes" in said) == ("automatic_in_year" in changes)
    assert "programs" not in said


def test_a_project_without_versions_says_so_and_an_unread_one_says_nothing_of_them():
    assert "No version is tagged in its code." in words(a_page(release=None))
    assert "version" not in words(a_page(None, mirror=False))


def test_a_version_that_no_tag_marks_is_read_in_a_file_and_no_document_dates_it():
    def a_fact(value, origin="observed"):
        return Fact("releases", value, origin, {}, NOW, NOW)

    named = [
        {"version": "4.8", "date": "2024-02-15"},
        {"version": "4.10", "date": "2024-02-15"},
        {"version": "4.9", "date": "2024-02-15"},
        {"version": "5", "date": "2031-01-01"},
        {"version": "6", "date": None},
    ]
    facts = (a_fact(named), a_fact([{"version": "9", "date": "2026-01-01"}], "curated"), a_fact("odd"))
    assert "Latest version: 4.10 , 15 February 2024." in words(a_page(release=None, facts=facts))
    assert "Latest version: 1.2 , 4 May 2026." in words(a_page(facts=facts))


def test_code_that_could_not_be_read_for_long_leaves_the_silence_open():
    assert "We last read its code on 28 July 2026." in words(a_page(200, read_days=119))
    assert "last read" not in words(a_page(200, read_days=20))


def test_months_end_where_the_code_was_read_last():
    view = alive_view(a_page(told=TOLD | {"as_of": "2026-08-30T00:00:00Z"}), NOW)
    assert [month.changes for month in view.months] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0]
    assert (view.months[0].at, view.months[-1].at) == ("2025-12", "2026-11")
    assert (view.busiest.at, view.total) == ("2026-08", 72)
    assert {month.height for month in view.months[-3:]} == {1}
    assert max(month.height for month in view.months) == 48


def test_a_year_without_a_change_has_no_chart_and_one_long_ago_no_people():
    assert alive_view(a_page(told=TOLD | {"months": [0] * 12}), NOW).months == ()
    old = alive_view(a_page(500, told=TOLD | {"as_of": "2025-07-01T00:00:00Z"}), NOW)
    assert (old.months, old.year) == ((), None)


def test_an_observation_of_an_older_version_says_less_and_breaks_nothing():
    assert "Last change to the code" in words(a_page(told={"people_in_year": 3, "commits": 10}))
    assert words(a_page(told={}))
    assert alive_view(a_page(told=TOLD | {"as_of": "yesterday", "months": None}), NOW).months == ()


@pytest.mark.parametrize("tag", ["en", "fr", "ar"])
def test_the_chart_is_bars_in_the_ink_of_the_text_with_a_sentence_and_a_table(tag):
    drawn = html(a_page(), tag)
    assert "style=" not in drawn
    picture = ElementTree.fromstring(re.search(r"<svg.*?</svg>", drawn, re.DOTALL)[0])
    assert (picture.get("fill"), picture.get("role")) == ("currentColor", "img")
    assert picture[0].tag == "title" and picture[0].get("id") == picture.get("aria-labelledby")
    assert len(list(picture.iter("rect"))) == drawn.count('<th scope="row">') == 12
    assert ("transform" in drawn) == (tag == "ar")


def test_the_chart_has_words_for_those_who_do_not_see_it():
    said = words(a_page())
    assert "Changes by month, from December 2025 to November 2026: 78 in all, most in November 2026 (12)." in said
    assert "August 2026 9" in said


def test_french_says_the_same():
    said = words(a_page(14 * 30.5, lines=[a_line()]), "fr")
    assert "Aucune modification du code depuis 14 mois." in said
    assert "1 organisation a confirmé l’utiliser ces 18 derniers mois." in said


def test_no_score_is_in_the_view():
    fields = set(alive_view(a_page(), NOW).__dataclass_fields__)
    assert not {field for field in fields if re.search("score|rank|grade|stars", field)}


@pytest.mark.parametrize(
    ("days", "term"), [(0, "active"), (365, "active"), (366, "quiet"), (730, "quiet"), (731, "asleep")]
)
def test_vitality_is_said_in_three_words(days, term):
    assert Activity(NOW - timedelta(days=days), NOW).state(NOW) == term


def test_vitality_is_unknown_without_a_date():
    assert Activity(None, NOW).state(NOW) is None


def test_until_the_first_visit_the_editors_say_when_it_changed_and_where_they_saw_it():
    stated = LastChange("2026-11-20", "galette/galette@0123abc", date="2026-10", release="3.26", released="2026-09-01")
    said = words(a_page(None, mirror=False, last_change=stated))
    assert said.startswith("Active Last change to the code: October 2026. Latest version: 3.26 , 1 September 2026.")
    assert "Read in the version of 20 November 2026: Is it maintained? source" in said
    assert 'href="https://github.com/galette/galette/commit/0123abc"' in html(
        a_page(None, mirror=False, last_change=stated)
    )
    older = words(a_page(600, last_change=stated))
    assert older.startswith("Active") and "Read in the version of" in older
    assert "Read in the version of" not in words(a_page(1, last_change=stated))


def test_a_version_of_the_editors_yields_only_to_a_later_one():
    stated = LastChange("2026-11-20", "galette/galette@0123abc", date="2026-10", release="3.26", released="2026-09-01")
    for day, shown in (("2026-08-31", "3.26"), ("2026-09-01", "v3.25"), ("2026-10-02", "v3.25")):
        page = a_page(1, release={"value": "v3.25", "date": day}, last_change=stated)
        assert alive_view(page, NOW).release[0] == shown


def test_an_archived_repository_is_told_as_archived_until_a_later_commit_shows_otherwise():
    stated = LastChange("2026-11-20", "galette/galette@0123abc", date="2026-11-01", archived=True)
    for page in (a_page(None, mirror=False, last_change=stated), a_page(30, last_change=stated)):
        assert alive_view(page, NOW).state == "ended"
        assert "The maintainers archived the code: it no longer changes." in words(page)
    assert alive_view(a_page(1, last_change=stated), NOW).state == "active"


@pytest.mark.parametrize(
    ("date", "seen_at", "day"),
    [("2026", "2026-11-20", "2026-11-20"), ("2024-02", "2026-11", "2024-02-29"), ("2025-03-09", "2026", "2025-03-09")],
)
def test_a_month_or_a_year_is_its_last_day_but_no_later_than_it_was_seen(date, seen_at, day):
    assert activity_of(None, LastChange(seen_at, "a/b:c", date=date), None, None).changed_at.date().isoformat() == day


@pytest.mark.parametrize(
    ("date", "seen_at", "state"),
    [
        ("2026-08-21", "2026-08-21", "active"),
        ("2025-02-12", "2025-02-12", None),  # fresh when it was read: what came after, nobody here knows
        ("2025-02-12", "2026-05-12", None),
        ("2025-02-12", "2026-06-12", "quiet"),
        ("2022-02-12", "2023-10-12", None),
        ("2022-02-12", "2024-03-12", "asleep"),  # for long silent when it was read
        ("2025-02-12", "2026", None),  # it may have been seen in January
        (None, "2026-11-20", None),  # the day of a release alone says nothing about the changes after it
    ],
)
def test_silence_counts_as_far_as_somebody_looked(date, seen_at, state):
    stated = LastChange(seen_at, "a/b@0123abc", date=date, release="3", released="2024-01-05")
    page = a_page(None, mirror=False, last_change=stated)
    alive = alive_view(page, NOW)
    assert alive.state == state and alive.unchecked == (state is None)
    assert bool(project_warnings(page, alive, ()).asleep_since) == (state == "asleep")


def test_a_mirror_that_nobody_looked_at_for_half_a_year_says_no_state_and_one_that_was_silent_for_long_does():
    assert alive_view(a_page(300, read_days=179), NOW).state == "active"
    assert alive_view(a_page(300, read_days=181), NOW).state is None
    assert alive_view(a_page(1000, read_days=200), NOW).state == "asleep"


def test_a_change_that_nobody_checked_since_is_told_as_the_last_one_known():
    def of(date, seen_at, tag="en"):
        return words(a_page(None, mirror=False, last_change=LastChange(seen_at, "a/b@0123abc", date=date)), tag)

    said = of("2025-02-12", "2025-02-12")
    assert said.startswith("Last known change 12 February 2025, not checked since")
    assert "Read in the version of 12 February 2025: Is it maintained? source" in said and "No change" not in said
    said = of("2025-02-12", "2025-02-12", "fr")
    assert "Dernière modification connue : 12 février 2025, pas vérifiée depuis" in said
    dormant = of("2022-02-12", "2025-10-20")
    assert dormant.startswith(
        "Dormant Its code did not change from 12 February 2022 to 20 October 2025. We have not checked"
    )


def test_an_archived_or_ended_project_is_ended_however_old_the_version_that_was_read():
    old = LastChange("2020-02-12", "a/b@0123abc", date="2020-02-12")
    for page in (
        a_page(None, mirror=False, last_change=replace(old, archived=True)),
        a_page(None, mirror=False, last_change=old, status="abandoned"),
    ):
        assert alive_view(page, NOW).state == "ended"
