"""Activity: what a history of changes tells in counts, with clocks, imports, programs and people as they come."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.factories.core import NOW

from forge.observe.core.activity import (
    MONTHS,
    RELEASES,
    Tag,
    activity_record,
    developers,
    is_program,
    observe_activity,
    release,
    releases,
)

ANA, BRUNO = ("Ana Souza", "ana@example.org"), ("Bruno Lima", "bruno@example.org")


def a_change(days=1.0, who=ANA, authored=None):
    at = int((NOW - timedelta(days=days)).timestamp())
    made = at if authored is None else int((NOW - timedelta(days=authored)).timestamp())
    return SimpleNamespace(committed_at=at, authored_at=made, name=who[0], address=who[1])


def a_past(*changes, **given):
    whole = {"commits": len(changes), "whole": True, "first_at": NOW, "last_at": NOW}
    return SimpleNamespace(changes=changes, **(whole | given))


def told(*changes):
    return activity_record(a_past(*changes), NOW)


def test_people_are_counted_and_months_end_with_the_running_one():
    seen = told(a_change(3), a_change(40, BRUNO), a_change(41, BRUNO), a_change(330))
    assert (seen["people_in_year"], seen["changes_in_year"], seen["top_share_percent"]) == (2, 4, None)
    assert seen["months"] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1]
    assert seen["as_of"] == "2026-11-24T12:30:00Z"


def test_the_share_of_whoever_made_most_is_told_from_ten_changes_on():
    nine = [a_change()] * 8 + [a_change(2, BRUNO)]
    assert told(*nine)["top_share_percent"] is None
    assert told(*nine, a_change())["top_share_percent"] == 90


def test_one_person_with_two_addresses_or_a_new_name_is_one():
    spellings = [ANA, ("ana souza", "4711+ana@users.noreply.github.com"), ("Ana S.", "Ana@Example.org")]
    assert told(*(a_change(1, who) for who in spellings))["people_in_year"] == 1


def test_people_who_share_a_first_name_or_a_placeholder_address_are_several():
    several = [
        ("ana", "ana@a.example"),
        ("ana", "ana@b.example"),
        ("Bo Li", "root@localhost"),
        ("Cy Ng", "noreply@x.org"),
    ]
    assert told(*(a_change(1, who) for who in several))["people_in_year"] == 4


def test_programs_are_not_people_and_their_changes_are_counted_apart():
    bot = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
    seen = told(a_change(), *[a_change(2, bot)] * 5)
    assert (seen["people_in_year"], seen["changes_in_year"], seen["automatic_in_year"]) == (1, 1, 5)
    assert sum(seen["months"]) == 1


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"),
        ("Renovate Bot", "bot@renovateapp.com"),
        ("Weblate", "noreply@weblate.org"),
        ("Hosted Weblate", "hosted@weblate.org"),
        ("github-actions", "action@github.com"),
        ("GitHub Action", "action@github.com"),
        ("translatewiki.net", "l10n-bot@translatewiki.net"),
        ("pre-commit-ci", "x@example.org"),
        ("Release Bot", "release@example.org"),
    ],
)
def test_what_calls_itself_a_program_is_one(name, address):
    assert is_program(name, address)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Jan Bot", "jan.bot@example.nl"),
        ("Travis Abbot", "travis@example.org"),
        ("Robot Souza", "robo@example.org"),
        ("", ""),
    ],
)
def test_a_person_is_none(name, address):
    assert not is_program(name, address)


def test_a_history_that_was_imported_or_rebased_now_is_no_work_of_this_year():
    seen = told(*[a_change(2, authored=900)] * 50, a_change(1))
    assert (seen["changes_in_year"], sum(seen["months"])) == (1, 1)


def test_a_date_that_cannot_be_leaves_the_other_one():
    future, past = a_change(-4000, authored=30), a_change(20, authored=99_999)
    past.authored_at = 0
    seen = told(future, past)
    assert (seen["changes_in_year"], seen["months"][-2:]) == (2, [1, 1])
    both = a_change(-4000)
    assert told(both)["changes_in_year"] == 0


def test_nobody_is_named():
    text = json.dumps(told(a_change(), a_change(2, BRUNO))).lower()
    assert not any(word in text for word in ("ana", "bruno", "example"))


def test_an_empty_history_tells_no_date():
    seen = activity_record(a_past(commits=0, first_at=None, last_at=None), NOW)
    assert (seen["first_commit_at"], seen["people_in_year"], seen["months"]) == (None, 0, [0] * MONTHS)


@given(
    st.lists(
        st.tuples(st.integers(-1, 2**45), st.integers(-1, 2**45), st.text(max_size=20), st.text(max_size=20)),
        max_size=30,
    )
)
def test_whatever_stands_in_commits_counts_agree(rows):
    changes = [
        SimpleNamespace(committed_at=row, authored_at=other, name=name, address=address)
        for row, other, name, address in rows
    ]
    seen = told(*changes)
    assert json.loads(json.dumps(seen)) == seen
    assert seen["people_in_year"] <= seen["changes_in_year"] <= len(changes) - seen["automatic_in_year"]
    assert sum(seen["months"]) <= seen["changes_in_year"]
    assert seen["top_share_percent"] is None or 0 < seen["top_share_percent"] <= 100


def a_tag(name, days=10.0):
    return Tag(name, "1" * 40, NOW - timedelta(days=days))


def test_releases_are_tags_that_look_like_versions_newest_first():
    tags = [
        a_tag("v1.0", 300),
        a_tag("v2.0", 10),
        a_tag("nightly-2026-11-20", 4),
        a_tag("latest", 1),
        a_tag("v9", -400),
        a_tag("x1" * 80, 3),
        Tag("v0", "1" * 40, None),
    ]
    assert [tag.name for tag in releases(tags, NOW)] == ["v2.0", "v1.0"]
    assert release(tags, NOW).name == "v2.0"
    assert len(releases([a_tag(f"v{number}", number) for number in range(90)], NOW)) == RELEASES


def test_trial_versions_and_single_packages_are_releases_only_where_there_are_no_others():
    trials = [a_tag("v3.0.0-rc1", 1), a_tag("v3.0.0.beta2", 2)]
    packages = [a_tag(f"api/v{number}.0", number / 100) for number in range(RELEASES + 10)]
    assert [tag.name for tag in releases([*trials, *packages, a_tag("v2.0", 90)], NOW)] == ["v2.0"]
    assert release([*trials, *packages, a_tag("v2.0", 90)], NOW).name == "v2.0"
    assert releases([*trials, *packages], NOW)[0].name == "api/v59.0"
    assert [tag.name for tag in releases(trials, NOW)] == ["v3.0.0-rc1", "v3.0.0.beta2"]


@pytest.mark.parametrize(
    ("names", "latest"),
    [
        (("v1.46.0", "v1.47.2", "24-aout-depuis-7min"), "v1.47.2"),
        (("v4.0.0", "v4.1.0", "prod-20250404", "prod-20250301", "deploy-7"), "v4.1.0"),
        (("v1.2", "pre-Nov2022", "dev-2026", "production-12"), "v1.2"),
        (("1.0", "1.1", "2-test-of-ana", "nightly-20261101"), "1.1"),
        (("web-2.0", "web-2.1", "server-1.0"), "web-2.1"),
        (("v1.9-hotfix", "v1.9", "v1.8"), "v1.9"),
        (("2.30a", "2.30", "2.29"), "2.30a"),
        (("prod-20250404", "prod-20250301"), None),
        (("v2607.4", "v2606.1", "v2601.1", "v202508.3"), "v2607.4"),
    ],
)
def test_the_latest_version_has_the_shape_that_most_have_and_no_word_of_a_server(names, latest):
    tags = [a_tag(name, 10 + position) for position, name in enumerate(names)]
    found = release(tags, NOW)
    assert (found and found.name) == latest


def test_numbers_alone_that_went_out_of_use_yield_to_the_versions_of_a_package():
    web = [a_tag(f"web@v6.{number}.0", 100 - number) for number in range(5)]
    assert release([a_tag("v6.0.1", 600), *web], NOW).name == "web@v6.4.0"
    assert release([a_tag("v6.0.1", 300), *web], NOW).name == "v6.0.1"


def test_a_tag_that_is_years_older_than_the_others_is_not_the_latest():
    tags = [a_tag("v9.0", 3000), a_tag("v2.1", 20), a_tag("v2.0", 200)]
    assert [tag.name for tag in releases(tags, NOW)] == ["v2.1", "v2.0", "v9.0"]


def test_what_history_and_tags_tell_is_two_things_seen():
    fields = {fact.field: fact.value for fact in observe_activity(a_past(a_change()), [a_tag("v1.0")], NOW)}
    assert fields["releases"] == [{"version": "v1.0", "date": "2026-11-14"}]
    assert fields["activity"]["commits"] == 1
    assert [fact.field for fact in observe_activity(a_past(), [], NOW)] == ["activity"]


def changes_at(*addresses, days=400.0):
    """Changes, one a day, by people with these addresses, each with a name of its own."""
    return [
        a_change(days + day, (f"Person {address[:9]}".partition("@")[0], address))
        for day, address in enumerate(addresses)
    ]


def test_the_domain_of_most_of_the_last_changes_is_told_with_their_days_and_nobody():
    changes = changes_at(*["ana@mail.beet.coop", "bo@beet.coop"] * 4, "c@gmail.com", "d@kale.example", "e@gmail.com")
    told = developers(changes)
    assert told == {"domains": ["beet.coop"], "others": 3, "since": "2025-10-10", "until": "2025-10-20"}
    assert not any(word in json.dumps(told) for word in ("ana", "bo@", "Person", "gmail", "kale"))
    both = changes_at(*["a@beet.coop", "b@beet.coop", "c@kale.coop", "d@kale.coop", "e@gmail.com"] * 4)
    assert (developers(both)["domains"], developers(both)["others"]) == (["beet.coop", "kale.coop"], 1)


@pytest.mark.parametrize(
    "addresses",
    [
        ["a@gmail.com", "b@gmail.com"],
        ["a@yahoo.co.in", "b@yahoo.co.in"],
        ["1+a@users.noreply.github.com", "2+b@users.noreply.github.com"],
        ["noreply@beet.coop", "no-reply@beet.coop"],
        ["root@localhost", "a@laptop"],
        ["a@192.0.2.1", "b@192.0.2.1"],
        ["ana@souza.example"],  # one person's
        ["a@beet.coop", "b@beet.coop", "c@gmail.com", "d@gmail.com"],  # half is not most
        ["renovate-bot@beet.coop", "ci-bot@beet.coop", "a@gmail.com"],
    ],
)
def test_mailboxes_of_everybody_programs_and_single_people_are_no_developers(addresses):
    assert developers(changes_at(*addresses * 10)) is None


def test_a_domain_that_bears_a_persons_name_is_no_organizations():
    family = [("Ana Souza", "ana@souza.example"), ("Rui Souza", "rui@souza.example")]
    assert developers([a_change(day, family[day % 2]) for day in range(20)]) is None


def test_an_account_that_bears_the_domains_name_hides_no_two_people_of_it():
    people = [("Ana Souza", "ana@beet.coop"), ("Rui Lima", "rui@beet.coop"), ("beet", "it@beet.coop")]
    assert developers([a_change(day, people[day % 3]) for day in range(21)])["domains"] == ["beet.coop"]
    assert developers([a_change(day, people[1 + day % 2]) for day in range(20)]) is None


def test_few_changes_tell_no_developers_and_only_the_last_300_count():
    assert developers(changes_at(*["a@beet.coop", "b@beet.coop"] * 4)) is None
    old = changes_at(*["c@kale.coop", "d@kale.coop"] * 200, days=900)
    told = developers([*changes_at(*["a@beet.coop", "b@beet.coop"] * 150), *old])
    assert (told["domains"], told["others"]) == (["beet.coop"], 0)


def test_dates_are_told_in_utc():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert activity_record(a_past(first_at=at, last_at=at), NOW)["first_commit_at"] == "2026-01-01T00:00:00Z"
