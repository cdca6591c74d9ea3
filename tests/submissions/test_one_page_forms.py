"""A form of one page: kept and sent in one transaction, once however often it is pressed, kept where it is wrong."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load

from catalog import submissions
from catalog.errors import NotFound
from catalog.rules.submission import CALL, DRAFT, REPORT, SENT, WAITING, WITHDRAW
from catalog.store.core.engine import reading
from catalog.store.submissions import submission_rows
from catalog.submissions.kinds.unlisting import LISTING
from catalog.tables.calls import obstacle
from catalog.tables.people import message
from catalog.tables.submissions import submission

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
TOKEN = "a" * 43
A_REPORT = {"about": "blocks", "audience": "seniors", "where": "Fees", "happened": "Grey on grey.", "language": "en"}
A_WISH = {"what": LISTING, "reason": "moved", "words": ""}


@pytest.fixture
def filled(store):
    load(store, a_catalog(a_project(), an_organization()))
    return store


def told(store, answers=A_REPORT, kind=REPORT, now=NOW, **how):
    given = {"about": {"project_id": GALETTE, "organization_id": None}, "token": TOKEN} | how
    return submissions.send_form(store, kind, "en", answers, **given, now=now)


def rows(store, table):
    with reading(store.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_right_is_sent_and_pressed_again_it_is_the_same_one(filled):
    secret, kept, wrong = told(filled)
    assert (secret, wrong) == (TOKEN, {})
    assert filled.submissions.by_token(TOKEN).state == WAITING
    _, again, wrong = told(filled, now=later(days=1))
    assert (again.reference, again.state, wrong) == (kept.reference, WAITING, {})
    assert rows(filled, submission) == rows(filled, obstacle) == 1


def test_other_words_in_a_form_that_was_sent_are_another_one_once_however_often_they_are_pressed(filled):
    _, first, _ = told(filled)
    others = {**A_REPORT, "happened": "Something else."}
    (secret, other, wrong), (again, same, _) = told(filled, others), told(filled, others)
    assert wrong == {} and again == secret != TOKEN and len(secret) == 43
    assert other.id == same.id != first.id and rows(filled, submission) == rows(filled, obstacle) == 2
    assert filled.submissions.by_token(TOKEN).answers["happened"] == "Grey on grey."
    assert filled.submissions.by_token(secret).answers["happened"] == "Something else."
    third = told(filled, {**A_REPORT, "happened": "A third word."}, token=secret)
    assert told(filled, others)[1].id == other.id and rows(filled, submission) == 3
    assert told(filled, {**A_REPORT, "happened": "A third word."}, token=secret)[1].id == third[1].id


def test_other_words_that_are_wrong_stay_as_they_are_typed_beside_what_was_sent(filled):
    told(filled)
    secret, _, wrong = told(filled, {**A_REPORT, "where": "", "happened": "Something else."})
    assert set(wrong) == {"where"} and rows(filled, obstacle) == 1
    kept = filled.submissions.by_token(secret)
    assert (kept.state, kept.answers["happened"]) == (DRAFT, "Something else.")
    told(filled, {**A_REPORT, "happened": "Something else."}, token=secret)
    assert filled.submissions.by_token(secret).state == WAITING and rows(filled, submission) == 2


def test_an_address_that_is_given_after_a_report_was_sent_without_one_is_not_lost(filled):
    told(filled)
    secret, kept, _ = told(filled, email="ana@example.org")
    assert filled.submissions.by_token(secret).state == SENT and kept.reference and rows(filled, message) == 1
    told(filled, email="ana@example.org")
    assert rows(filled, submission) == 2 and rows(filled, message) == 1


def test_an_organization_that_is_chosen_no_more_is_forgotten_and_one_that_was_not_asked_for_stays(filled):
    about = {"project_id": GALETTE, "organization_id": COOP}
    keep = partial(submissions.send_form, filled, CALL, "en", {"text": "x"}, token=TOKEN, only_keep=True, now=NOW)
    assert keep(about=about)[1].organization_id == COOP
    submissions.send(filled, filled.submissions.by_token(TOKEN).id, {"text": "y"}, only_keep=True, now=NOW)
    assert filled.submissions.by_token(TOKEN).organization_id == COOP
    assert keep(about=about | {"organization_id": None})[1].organization_id is None
    assert filled.submissions.by_token(TOKEN).organization_id is None
    assert keep(about={"project_id": None, "organization_id": None})[1].project_id is None


def test_what_is_wrong_stays_as_it_was_typed_and_is_sent_once_it_is_mended(filled):
    _, draft, wrong = told(filled, {**A_REPORT, "where": "", "happened": ""})
    assert set(wrong) == {"where", "happened"}
    kept = filled.submissions.by_token(TOKEN)
    assert (kept.state, kept.answers["audience"]) == (DRAFT, "seniors") and rows(filled, obstacle) == 0
    _, mended, wrong = told(filled, now=later(days=2))
    assert (mended.id, wrong) == (draft.id, {}) and rows(filled, submission) == 1
    sent = filled.submissions.by_token(TOKEN)
    assert (sent.state, sent.answers["where"], sent.sent_at) == (WAITING, "Fees", later(days=2))


def test_a_page_that_knows_of_a_fault_has_it_kept_only_and_learns_of_the_others(filled):
    _, _, wrong = told(filled, {**A_REPORT, "happened": ""}, only_keep=True)
    assert set(wrong) == {"happened"}
    assert told(filled, only_keep=True)[2] == {}
    assert filled.submissions.by_token(TOKEN).state == DRAFT and rows(filled, obstacle) == 0


def test_what_needs_an_address_says_so_with_all_else_and_then_waits_for_its_link(filled):
    assert set(told(filled, {**A_WISH, "reason": "ask ana@example.org"}, WITHDRAW)[2]) == {"reason", "email"}
    _, _, wrong = told(filled, A_WISH, WITHDRAW, email="ana@example.org")
    assert wrong == {} and filled.submissions.by_token(TOKEN).state == SENT
    assert rows(filled, message) == 1
    told(filled, A_WISH, WITHDRAW, email="ana@example.org")
    assert rows(filled, message) == 1


def test_a_secret_of_another_form_opens_nothing(filled):
    told(filled, {**A_REPORT, "happened": ""})
    with pytest.raises(NotFound):
        told(filled, A_WISH, WITHDRAW, email="ana@example.org")
    assert filled.submissions.by_token(TOKEN).answers["where"] == "Fees" and rows(filled, submission) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_pressed_four_times_at_once_it_arrives_once(filled, begun):
    if begun:
        told(filled, {**A_REPORT, "happened": ""})
    ready = Barrier(4)

    def press(number):
        ready.wait()
        return told(filled, now=later(seconds=number))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(press, range(4)))
    assert len({answer.id for _, answer, _ in answers}) == 1 and not any(wrong for _, _, wrong in answers)
    assert rows(filled, submission) == rows(filled, obstacle) == 1
    assert filled.submissions.by_token(TOKEN).state == WAITING


def test_a_reference_that_somebody_has_is_given_to_nobody_else(filled, monkeypatch):
    drawn = iter(["AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"])
    monkeypatch.setattr(submission_rows, "new_reference", lambda: next(drawn))
    assert told(filled)[1].reference == "AAAA-AAAA"
    assert told(filled, token="b" * 43)[1].reference == "BBBB-BBBB"
