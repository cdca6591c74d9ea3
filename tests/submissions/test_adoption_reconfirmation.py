"""What nobody says again grows old: asked after 18 months, uncounted after 24, never deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_project,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.paths import ROOT
from support.world import a_client, a_site, fill

from catalog.errors import Invalid, NotFound
from catalog.record_kind import ORGANIZATION
from catalog.store.adoptions.reconfirmation import LOWERED_AFTER, MONTH, UNCOUNTED_AFTER, ReconfirmationRun
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.ownership.memberships import remove_member
from catalog.submissions.kinds import adoption_reconfirmation
from catalog.tables.adoptions import adoption
from catalog.tables.people import message, person

HALLES = identity("coop-des-halles", "organization")
YEAR_AND_HALF, TWO_YEARS = 18 * MONTH + timedelta(days=1), 24 * MONTH + timedelta(days=1)


@pytest.fixture
def filled(store):
    load(store, a_catalog(a_project(), an_organization(name="Coop des Halles"), an_organization("other")))
    a_declared_adoption(store, stage="in-production", verification="domain-confirmed")
    return store


def speaks(store, email="eva@halles.example.org", organization=HALLES):
    token = store.people.invite(email, "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=NOW)
    with rewriting(store.engine) as connection:
        connection.execute(update(person).where(person.c.id == someone.id).values(role=None))
        a_member(connection, someone.id, organization_id=organization)
    return someone


def questions(store):
    with reading(store.engine) as connection:
        rows = connection.execute(
            select(message).where(message.c.kind == "adoption-reconfirmation").order_by(message.c.created_at)
        )
        return list(rows.all())


def use(store):
    return store.public_records.project("galette").adoptions[0]


def test_at_eighteen_months_the_mark_is_lowered_and_who_speaks_is_asked_once(filled):
    speaks(filled)
    assert filled.reconfirmations.age(now=NOW + 17 * MONTH) == ReconfirmationRun(0, 0, 0)
    assert filled.reconfirmations.age(now=NOW + YEAR_AND_HALF) == ReconfirmationRun(1, 0, 1)
    assert filled.reconfirmations.age(now=NOW + YEAR_AND_HALF + timedelta(days=1)) == ReconfirmationRun(0, 0, 0)
    assert use(filled).adoption.verification == "to-reconfirm"
    assert filled.public_records.project("galette").uses.confirmed == 1  # it still counts
    assert [row.email for row in questions(filled)] == ["eva@halles.example.org"]


def test_at_twenty_four_months_it_leaves_the_counts_and_stays_on_the_page(filled):
    speaks(filled)
    filled.reconfirmations.age(now=NOW + YEAR_AND_HALF)
    before = filled.change()
    assert filled.reconfirmations.age(now=NOW + TWO_YEARS).uncounted == 1
    page = filled.public_records.project("galette")
    assert (page.uses.confirmed, len(page.adoptions)) == (0, 1)
    assert filled.home_page.totals().confirmed_uses == 0 and filled.change() == before + 1
    assert len(questions(filled)) == 1  # one who never answered is not asked again


def test_a_question_is_asked_once_more_before_it_leaves_the_counts(filled):
    speaks(filled)
    for months in (18.1, 18.2, 20, 21.2, 22, 23.9, 24.5, 30, 40):
        filled.reconfirmations.age(now=NOW + months * MONTH)
    assert len(questions(filled)) == 2


@pytest.mark.parametrize("after", [YEAR_AND_HALF, TWO_YEARS])
def test_one_press_without_a_password_restores_all(filled, after):
    speaks(filled)
    filled.reconfirmations.age(now=NOW + YEAR_AND_HALF)
    filled.reconfirmations.age(now=NOW + after)
    token = questions(filled)[0].argument["token"]
    assert adoption_reconfirmation.open_question(filled, token, now=NOW + after).organization == "Coop des Halles"
    adoption_reconfirmation.answer(filled, token, adoption_reconfirmation.YES, now=NOW + after)
    assert use(filled).adoption.verification == "domain-confirmed"
    assert filled.public_records.project("galette").uses.confirmed == 1
    assert filled.reconfirmations.age(now=NOW + after + 17 * MONTH) == ReconfirmationRun(0, 0, 0)
    with pytest.raises(NotFound):
        adoption_reconfirmation.answer(filled, token, adoption_reconfirmation.YES, now=NOW + after)


def test_the_other_two_buttons_end_it_or_take_it_back(filled):
    speaks(filled)
    speaks(filled, "leo@halles.example.org")
    filled.reconfirmations.age(now=NOW + YEAR_AND_HALF)
    first, second = (row.argument["token"] for row in questions(filled))
    with pytest.raises(Invalid):
        adoption_reconfirmation.answer(filled, first, "", now=NOW + YEAR_AND_HALF)
    adoption_reconfirmation.answer(filled, first, adoption_reconfirmation.STOPPED, now=NOW + YEAR_AND_HALF)
    assert (use(filled).adoption.stage, use(filled).adoption.before[0].stage) == ("stopped", "in-production")
    adoption_reconfirmation.answer(filled, second, adoption_reconfirmation.GONE, now=NOW + YEAR_AND_HALF)
    assert filled.public_records.project("galette").adoptions == ()


def test_who_speaks_no_more_can_answer_nothing_by_an_old_link(filled):
    speaks(filled)
    gone = speaks(filled, "leo@halles.example.org")
    filled.reconfirmations.age(now=NOW + YEAR_AND_HALF)
    tokens = {row.email: row.argument["token"] for row in questions(filled)}
    with changing(filled.engine) as (connection, change):
        remove_member(connection, gone.id, ORGANIZATION, HALLES, change)
    for choice in adoption_reconfirmation.CHOICES:
        with pytest.raises(NotFound):
            adoption_reconfirmation.answer(filled, tokens["leo@halles.example.org"], choice, now=NOW + YEAR_AND_HALF)
    with pytest.raises(NotFound):
        adoption_reconfirmation.open_question(filled, tokens["leo@halles.example.org"], now=NOW + YEAR_AND_HALF)
    assert use(filled).adoption.stage == "in-production"
    adoption_reconfirmation.answer(
        filled, tokens["eva@halles.example.org"], adoption_reconfirmation.GONE, now=NOW + YEAR_AND_HALF
    )
    assert filled.public_records.project("galette").adoptions == ()


def test_what_is_over_or_only_found_is_never_asked_about(store):
    load(store, a_catalog(a_project(adoptions=(an_adoption("other"),)), an_organization(), an_organization("other")))
    a_declared_adoption(store, stage="stopped", verification="domain-confirmed")
    speaks(store)
    assert store.reconfirmations.age(now=NOW + 30 * MONTH) == ReconfirmationRun(0, 0, 0)


def test_an_unnamed_use_grows_old_without_a_sign(filled):
    with rewriting(filled.engine) as connection:
        connection.execute(update(adoption).values(visibility="counted"))
    speaks(filled)
    before = filled.change()
    assert filled.reconfirmations.age(now=NOW + TWO_YEARS) == ReconfirmationRun(1, 1, 1)
    assert filled.change() == before


def test_where_nobody_speaks_nobody_is_asked_and_it_grows_old_all_the_same(filled):
    assert filled.reconfirmations.age(now=NOW + YEAR_AND_HALF) == ReconfirmationRun(1, 0, 0)


def test_leap_days_and_the_turn_of_the_year_move_no_bound(store):
    load(store, a_catalog(a_project(), an_organization()))
    a_declared_adoption(store, stage="in-production", verification="domain-confirmed")
    said = datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)
    with rewriting(store.engine) as connection:
        connection.execute(update(adoption).values(confirmed_at=said))
    assert store.reconfirmations.age(now=datetime(2029, 8, 28, tzinfo=UTC)) == ReconfirmationRun(0, 0, 0)
    assert store.reconfirmations.age(now=datetime(2029, 8, 31, tzinfo=UTC)).lowered == 1


def test_the_page_asks_with_three_buttons_and_opening_it_changes_nothing(sqlite_store, tmp_path):
    fill(sqlite_store)
    with rewriting(sqlite_store.engine) as connection:
        old = adoption.c.organization_id == HALLES
        connection.execute(update(adoption).where(old).values(confirmed_at=NOW - YEAR_AND_HALF))
    speaks(sqlite_store)
    sqlite_store.reconfirmations.age(now=NOW)
    token = questions(sqlite_store)[0].argument["token"]
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        for _ in range(3):
            page = client.get(f"/en/still/{token}")
            assert page.status_code == 200 and page.text.count('name="choice"') == 3
        missing = client.post(f"/en/still/{token}", data={"choice": ""})
        assert missing.status_code == 422 and "<title>Error: " in missing.text
        assert "still uses" in client.post(f"/en/still/{token}", data={"choice": "yes"}).text
        assert client.get(f"/en/still/{token}").status_code == 410
        assert client.post(f"/en/still/{token}", data={"choice": "gone"}).status_code == 410


def test_every_sentence_about_the_age_of_an_adoption_says_the_months_of_the_rule():
    """The number is written out where that reads better: it changes with the rule, in all languages."""
    assert (LOWERED_AFTER, UNCOUNTED_AFTER) == (18 * MONTH, 24 * MONTH)
    said = {
        "mail/adoption-reconfirmation.txt": ("eighteen months", "two years"),
        "submissions/adoption/reconfirmation.html": ("in 18 months", "two years"),
        "projects/parts/activity.html": ("in the last 18 months",),
    }
    for template, times in said.items():
        text = (ROOT / "templates" / template).read_text()
        assert [time for time in times if time not in text] == [], template
