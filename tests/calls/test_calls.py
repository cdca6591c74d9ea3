"""Calls from a draft to their end, and calls that say the same; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.factories.calls import (
    A_NEED,
    ANA,
    CARLA,
    COOP,
    GALETTE,
    a_call,
    messages,
    proven,
    published,
    somebody,
)
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.submissions import begin_draft

from catalog import submissions
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.exchange.scrubbing import scrubbed
from catalog.rules import call as words
from catalog.rules.call import LIFETIME, OPEN, REMINDED_BEFORE, CallFilter, calls_alike
from catalog.rules.contact_details import contact_in
from catalog.rules.submission import CALL, PUBLISHED, SENT, WAITING
from catalog.store.core.public_changes import changing
from catalog.store.core.read_models import NamedProject
from catalog.submissions import calls_lifecycle, expire_calls

OTHERS = tuple(identity(f"org-{number}", "organization") for number in range(6))


@pytest.fixture
def filled(store):
    organizations = [an_organization(f"org-{number}", country="ES") for number in range(6)]
    load(store, a_catalog(a_project(), a_project("asleep"), an_organization(), *organizations))
    return store


def wrong(store, project=None, organization_id=None, of=CALL, **answers):
    """What keeps this from being sent, by field."""
    given = (A_NEED if of == CALL else {}) | answers
    _, submission = begin_draft(
        store, of, "en", project_id=project, organization_id=organization_id, answers=given, now=NOW
    )
    return set(submissions.send(store, submission.id, email=ANA, now=NOW)[1])


def test_a_need_waits_for_its_link_then_for_a_person_then_it_is_listed_without_its_sender(filled):
    _, submission = begin_draft(filled, CALL, "en", answers=A_NEED, now=NOW)
    assert submissions.send(filled, submission.id, email=ANA, now=NOW)[0].state == SENT
    assert proven(filled, submission).state == WAITING and filled.calls.find().total == 0
    before = filled.change()
    published(filled, submission)
    assert filled.change() == before + 1
    found = filled.calls.find()
    (line,) = found.lines
    assert (found.total, line.call.title) == (1, "Keep the register of the shares that our members hold.")
    assert (line.call.country, line.call.language, line.call.record["words"]) == ("FR", "en", "registre des parts")
    assert line.call.ends_at == NOW + LIFETIME
    assert ANA not in str(filled.calls.page(submission.reference)) and "email" not in line.call.record
    assert found.facets == {"kind": {"need": 1}, "language": {"en": 1}, "country": {"FR": 1}}


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({"text": " ", "today": ""}, {"text", "today"}),
        ({"text": "x" * 1001}, {"text"}),
        ({"text": "Write to me at ana@example.org"}, {"text"}),
        ({"today": "Call +33 1 23 45 67 89"}, {"today"}),
        ({"group": "aliens", "country": "ZZ"}, {"group", "country"}),
        ({"country": "<script>"}, {"country"}),
        ({"language": "no such tag!"}, {"language"}),
        ({"call": "magic"}, {"call"}),
        ({"call": "translate"}, {"call"}),
        ({"call": ["need"]}, {"call"}),
        ({"text": {"a": 1}}, {"text"}),
        ({"call": "collective", "ends": "yesterday"}, {"ends"}),
        ({"call": "collective", "ends": "2026-11-01"}, {"ends"}),
        ({"call": "collective", "ends": "2036-11-01"}, {"ends"}),
        ({"call": "collective", "who": "y" * 201, "effort": "ana@example.org"}, {"who", "effort"}),
    ],
)
def test_all_that_is_wrong_with_a_call_is_told_by_field(filled, answers, fields):
    assert wrong(filled, **answers) == fields


def test_who_keeps_a_project_calls_for_it_at_once_and_nobody_else_does(filled):
    ana = somebody(filled, ANA, maintained_projects=[GALETTE])
    given = A_NEED | {"call": "successor", "handed": ["names"], "ends": "2027-01-31"}
    for key, state in ((GALETTE, PUBLISHED), (identity("asleep"), WAITING)):
        _, submission = begin_draft(filled, CALL, "en", project_id=key, answers=given, now=NOW)
        assert submissions.send(filled, submission.id, email=None, person=ana, now=NOW)[0].state == state
    (line,) = filled.calls.of_project(GALETTE)
    assert (line.call.kind, line.call.record["handed"], line.project_slug) == ("successor", ["names"], "galette")
    assert line.call.ends_at.date().isoformat() == "2027-01-31"
    assert filled.calls.awaiting(3) == (line,)


def test_a_representative_calls_for_their_organization_at_once(filled):
    ana = somebody(filled, ANA, represented_organizations=[COOP])
    given = A_NEED | {"call": "collective", "looked_for": ["fiscal-host"], "country": "several"}
    _, submission = begin_draft(filled, CALL, "fr", organization_id=COOP, answers=given, now=NOW)
    assert submissions.send(filled, submission.id, email=None, person=ana, now=NOW)[0].state == PUBLISHED
    (line,) = filled.calls.of_organization(COOP)
    assert (line.organization.slug, line.call.record["looked_for"]) == ("coop-des-halles", ["fiscal-host"])
    assert (line.call.country, line.call.record["country"]) == (None, "several")


def test_a_decision_about_a_call_is_taken_back_and_made_again(filled):
    submission = a_call(filled)
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission, change, now=later(hours=1))
    with pytest.raises(NotFound):
        filled.calls.page(submission.reference)
    published(filled, submission, later(hours=2))
    assert filled.calls.page(submission.reference).line.call.state == OPEN


def test_a_need_whose_decision_was_taken_back_is_not_published_again_when_its_sender_is_gone(filled):
    submission = a_call(filled)
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission, change, now=later(hours=1))
    filled.account_erasure.delete(submission.person_id, now=later(hours=2))
    with pytest.raises(Invalid, match="no longer has an account"):
        published(filled, submission, later(hours=3))
    assert filled.calls.find().total == 0


def test_who_renews_a_need_whose_sender_is_gone_gets_its_answers(filled):
    submission = a_call(filled, project=GALETTE, call="test", text="We look for somebody who tries it on a phone.")
    filled.account_erasure.delete(submission.person_id, now=later(hours=1))
    carla = replace(somebody(filled, CARLA), maintained_projects=(GALETTE,))
    calls_lifecycle.renew(filled, submission.reference, carla, now=later(hours=2))
    (line,) = filled.calls.of_project(GALETTE)
    assert (line.call.state, [call.id for call in filled.calls.mine(carla.id)]) == (OPEN, [line.call.id])


def test_calls_that_say_the_same_are_suggested(filled):
    a_call(filled)
    a_call(filled, CARLA, text="We must keep a register of the shares of all our members.", country="ES")
    a_call(filled, "d@example.org", text="Print labels for jars of honey.", today="By hand", words="")
    _, third = begin_draft(filled, CALL, "en", answers=A_NEED | {"words": ""}, now=NOW)
    (doubt,) = submissions.doubts(filled, third)
    assert doubt.reason == "alike" and len(doubt.detail["calls"]) == 2


def test_whoever_sent_a_call_says_that_it_is_answered(filled):
    submission = a_call(filled)
    ana = somebody(filled, ANA)
    given = {"words": "It has a register now.", "slug": "galette", "language": "en", "now": later(days=3)}
    with pytest.raises(NotAllowed):
        calls_lifecycle.answer(filled, submission.reference, somebody(filled, CARLA), **given)
    with pytest.raises(Invalid) as refused:
        calls_lifecycle.answer(filled, submission.reference, ana, **given | {"words": "", "slug": "no-such"})
    assert set(refused.value.errors) == {"project"}
    with pytest.raises(Invalid) as refused:
        calls_lifecycle.answer(filled, submission.reference, ana, **given | {"words": " ", "slug": ""})
    assert set(refused.value.errors) == {"text"}
    for _ in range(2):
        calls_lifecycle.answer(filled, submission.reference, ana, **given)
    page = filled.calls.page(submission.reference)
    assert (page.line.call.state, page.answer_project) == ("answered", NamedProject("galette", "Galette"))
    assert filled.calls.find().total == 0 and filled.calls.find(CallFilter(ended=True)).total == 1


def test_a_withdrawn_call_is_gone_from_every_list(filled):
    submission = a_call(filled, project=GALETTE, call="test", text="Try the new screens.")
    submissions.withdraw(filled, submission.id, now=later(days=1))
    with pytest.raises(NotFound):
        filled.calls.page(submission.reference)
    assert not filled.calls.find().total and not filled.calls.find(CallFilter(ended=True)).total
    with pytest.raises(NotFound):
        calls_lifecycle.renew(filled, submission.reference, somebody(filled, ANA), now=later(days=2))


def test_calls_of_a_blocked_project_are_not_shown(filled):
    submission = a_call(filled, project=GALETTE, call="test", text="Try the new screens.")
    filled.takedowns.block("galette", "Requested by the maintainers.", now=NOW)
    assert filled.calls.find(CallFilter(kind="test")).total == 0
    with pytest.raises(NotFound):
        filled.calls.page(submission.reference)


def test_a_call_ends_after_six_months_unless_it_is_renewed_and_is_told_of_a_month_before(filled):
    submission = a_call(filled, project=GALETTE, call="successor", text="We look for somebody who takes it over.")
    assert (
        expire_calls.calls_due(filled, now=submission.decided_at + LIFETIME - REMINDED_BEFORE - timedelta(seconds=1))
        == 0
    )
    soon = NOW + LIFETIME - REMINDED_BEFORE
    assert [expire_calls.calls_due(filled, now=soon) for _ in range(2)] == [1, 0]
    ((to, said),) = messages(filled, "call-ending")
    ana, _, link = filled.people.sign_in(said["token"], "en", now=soon)
    assert (to, ana.email, link.argument["next"]) == (ANA, ANA, f"/en/calls/{submission.reference}/tend")
    with pytest.raises(NotAllowed):
        calls_lifecycle.renew(filled, submission.reference, somebody(filled, CARLA), now=soon)
    calls_lifecycle.renew(filled, submission.reference, ana, now=soon)
    assert expire_calls.calls_due(filled, now=NOW + LIFETIME + timedelta(hours=1)) == 0
    over = soon + LIFETIME
    expire_calls.calls_due(filled, now=over - timedelta(days=2))
    before = filled.change()
    assert [expire_calls.calls_due(filled, now=over + timedelta(hours=1)) for _ in range(2)] == [1, 0]
    assert filled.change() == before + 1 and filled.calls.of_project(GALETTE) == ()
    (line,) = filled.calls.find(CallFilter(ended=True)).lines
    assert (line.call.state, line.call.ended_at) == ("ended", over)
    calls_lifecycle.renew(filled, submission.reference, somebody(filled, ANA), now=over + timedelta(days=3))
    assert filled.calls.of_project(GALETTE)[0].call.ends_at == over + timedelta(days=3) + LIFETIME


@pytest.mark.parametrize("start", [datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2027, 8, 31, tzinfo=UTC)])
def test_six_months_of_a_call_are_182_days_over_the_turn_of_the_year_and_a_leap_day(filled, start):
    submission = a_call(filled, project=GALETTE, call="test", text="Try it with us.", now=start)
    expire_calls.calls_due(filled, now=start + LIFETIME - REMINDED_BEFORE)
    expire_calls.calls_due(filled, now=start + LIFETIME - timedelta(seconds=1))
    assert filled.calls.page(submission.reference).line.call.state == "open"
    expire_calls.calls_due(filled, now=start + LIFETIME + timedelta(seconds=1))
    ended = filled.calls.page(submission.reference).line.call
    assert (ended.state, ended.ended_at) == ("ended", start + timedelta(days=182))


def test_what_is_as_alike_has_one_order_whatever_order_its_words_come_in():
    text = (
        "Registre des parts sociales et cotisations de la société coopérative ouvrière pour membres actifs, bénévoles, "
        "salariés, avec factures, reçus, relances et échéances"
    )
    spoken = text.split()
    parts = [" ".join(spoken[first:end]) for first in range(8) for end in range(first + 4, len(spoken))]
    known = [(identity(f"call-{number}"), part) for number, part in enumerate(parts)]
    assert calls_alike(text, known, limit=len(known)) == tuple(sorted((key for key, _ in known), key=str))


def test_words_alike_whatever_their_endings_case_and_accents():
    known = [(GALETTE, "gestion des adhérents et des cotisations"), (COOP, "prêter des livres entre voisins")]
    assert calls_alike("Gérer une ADHERENTE, ses cotisation", known) == (GALETTE,)
    assert calls_alike("", known) == () and calls_alike("abc", known) == ()
    assert calls_alike("السجل التعاوني للأعضاء", [(COOP, "سجل تعاوني")]) == (COOP,)
    assert contact_in("ana [at] x.org") is False and contact_in("a@b.org") and contact_in("0123456789")
    assert words.title_of("x " * 100).endswith("…")
    assert timedelta(days=180) < LIFETIME < timedelta(days=185)


@pytest.mark.parametrize(
    "text", ["0 " * 200_000 + "x", "0((" * 200_000, "a" * 400_000 + " @", "a@" + "b." * 200_000 + "1"]
)
def test_no_text_makes_the_look_for_addresses_and_numbers_long(text):
    """Where time grew with the square of the length, this took hours."""
    contact_in(text)
    assert len(scrubbed(text)) <= len(text)
