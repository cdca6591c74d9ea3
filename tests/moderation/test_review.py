"""What moderators answer to what people submitted: published, corrected, asked, refused, looked at, taken away; who may
not; what is reopened."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from support.factories.calls import COOP
from support.factories.core import NOW, a_catalog, a_maintenance, a_project, an_organization, identity, later, load
from support.factories.memberships import a_member
from support.factories.people import a_person, again
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft

from catalog import moderation, submissions
from catalog.errors import AlreadyExists, Invalid
from catalog.moderation import DecisionRequest, stamp
from catalog.rules.decision import (
    ASK,
    DECLARATION,
    EDIT,
    HIDE,
    LOOKED_AT,
    PUBLISH,
    REFUSE,
    REOPEN,
    TAKE_AWAY,
)
from catalog.rules.submission import ADOPT, ASKED, CORRECT, PUBLISHED, REFUSED, WAITING
from catalog.store.core.engine import reading
from catalog.store.moderation.queue import FINDING, LOOK
from catalog.store.moderation.queue import SUBMISSION as SUBMITTED
from catalog.tables.people import message

GALETTE, ANA = identity("galette"), identity("ana-maintains", "organization")
NEW = "https://galette.example.org"


@pytest.fixture
def filled(store):
    kept = a_project(homepage="https://galette.eu", maintenance=(a_maintenance(),))
    load(
        store,
        a_catalog(kept, a_project("paheko"), an_organization("ana-maintains"), an_organization()),
        now=later(days=-1),
    )
    return store


def a_correction(store, email="sender@example.org", now=NOW, **answers):
    given = {"field": "homepage", "value": NEW, "source": "https://example.org/page"} | answers
    _, submission = begin_draft(store, CORRECT, "fr", project_id=GALETTE, answers=given, now=now)
    return sent(store, submission, email, now)


def sent(store, submission, email, now=NOW):
    submissions.send(store, submission.id, email=email, now=now)
    with reading(store.engine) as connection:
        rows = connection.execute(
            select(message.c.argument).where(message.c.kind == "confirm-submission", message.c.email == email)
        )
        token = next(row.argument["token"] for row in rows if row.argument["reference"] == submission.reference)
    return submissions.open_link(store, token, "fr", now=now)[2]


def answer(store, someone, submission, choice, reason="", words="", *, now=NOW, edits=None, seen=None):
    submission = store.submissions.get(submission.id)
    wish = DecisionRequest(choice, reason, words, seen or stamp(submission), edits or {})
    return moderation.answer(store, someone, submission.id, wish, now=now)


def homepage(store):
    return store.public_records.project("galette").record.homepage


def letters(store, email="sender@example.org"):
    with reading(store.engine) as connection:
        wanted = select(message.c.kind, message.c.argument).where(
            message.c.email == email, message.c.kind != "confirm-submission"
        )
        return [(row.kind, row.argument) for row in connection.execute(wanted.order_by(message.c.created_at))]


def state(store, submission):
    return store.submissions.get(submission.id).state


def test_publishing_is_undone_within_a_day_and_waits_again(filled):
    submission, bruno = a_correction(filled), a_person(filled)
    number = answer(filled, bruno, submission, PUBLISH)
    with pytest.raises(Invalid) as late:
        moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=25))
    assert late.value.errors == {"choice": moderation.TOO_LATE}
    moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=23))
    assert (homepage(filled), state(filled, submission)) == ("https://galette.eu", WAITING)
    assert [kind for kind, _ in letters(filled)] == ["decisions/publish", "decisions/undo"]
    assert [entry.key for entry in filled.moderation_queue.queue(now=NOW)] == [submission.reference]


def test_a_moderator_s_corrections_are_published_kept_and_taken_back_with_it(filled):
    submission, bruno = a_correction(filled, value="http://typo.example.org"), a_person(filled)
    with pytest.raises(Invalid) as nothing:
        answer(filled, bruno, submission, EDIT, edits={("value",): "http://typo.example.org"})
    assert nothing.value.errors == {"choice": moderation.NOTHING_CORRECTED}
    number = answer(filled, bruno, submission, EDIT, words="Corrected: Homepage.", edits={("value",): NEW})
    assert homepage(filled) == NEW and filled.submissions.get(submission.id).answers["value"] == NEW
    assert letters(filled)[0][1]["words"] == "Corrected: Homepage."
    moderation.undo(filled, bruno, number, "mistake", "", now=NOW)
    assert filled.submissions.get(submission.id).answers["value"] == "http://typo.example.org"
    assert homepage(filled) == "https://galette.eu"


def test_a_correction_that_says_nothing_new_is_told_and_nothing_is_kept(filled):
    submission, bruno = a_correction(filled), a_person(filled)
    with pytest.raises(Invalid) as wrong:
        answer(filled, bruno, submission, EDIT, edits={("value",): "https://galette.eu"})
    assert "value" in wrong.value.errors and filled.decisions.count() == 0
    assert filled.submissions.get(submission.id).answers["value"] == NEW and letters(filled) == []


def test_a_question_goes_to_its_sender_alone_and_their_answer_brings_it_back(filled):
    submission, bruno = a_correction(filled), a_person(filled)
    assert answer(filled, bruno, submission, ASK, words="Where does it say so?") is None
    assert (state(filled, submission), filled.decisions.count()) == (ASKED, 0)
    assert filled.moderation_queue.queue(now=later(days=13)) == ()
    assert [entry.key for entry in filled.moderation_queue.queue(now=later(days=15))] == [submission.reference]
    submissions.reply(filled, submission.id, "On its second page.", now=later(hours=1))
    assert state(filled, submission) == WAITING
    assert [said.text for said in filled.submissions.get(submission.id).remarks] == [
        "Where does it say so?",
        "On its second page.",
    ]
    assert letters(filled)[0][1]["words"] == "Where does it say so?"


def test_what_is_not_accepted_gives_its_reason_and_can_be_taken_up_again(filled):
    submission, bruno = a_correction(filled), a_person(filled)
    number = answer(filled, bruno, submission, REFUSE, "not-checkable", "The page says nothing of it.")
    assert (state(filled, submission), homepage(filled)) == (REFUSED, "https://galette.eu")
    assert letters(filled)[0] == ("decisions/refuse", letters(filled)[0][1])
    assert letters(filled)[0][1]["reason"] == "not-checkable"
    moderation.undo(filled, bruno, number, "new-facts", "", now=NOW)
    assert state(filled, submission) == WAITING and filled.decisions.faults() == ()


def test_a_refused_thing_that_is_no_record_is_in_the_log_by_its_kind_alone(filled):
    said = {"organization": str(COOP), "stage": "piloting", "visibility": "counted", "speaks": "yes"}
    _, draft = begin_draft(filled, ADOPT, "fr", project_id=GALETTE, answers=said, now=NOW)
    submission = sent(filled, draft, "sender@example.org")
    answer(filled, a_person(filled), submission, REFUSE, "not-theirs")
    (line,) = filled.decisions.lines()
    assert (line.subject_kind, line.subject_id, line.slug, line.name) == (
        DECLARATION,
        submission.id,
        submission.reference,
        "",
    )


def maintainer_of(store, email="ana@example.org"):
    someone = a_person(store, email, role=None)
    with rewriting(store.engine) as connection:
        a_member(connection, someone.id, project_id=GALETTE)
    return again(store, someone)


def by_itself(store, now=NOW):
    """A correction by its maintainer: published first, looked at after."""
    ana = maintainer_of(store)
    _, submission = begin_draft(
        store, CORRECT, "fr", project_id=GALETTE, answers={"field": "homepage", "value": NEW}, person_id=ana.id, now=now
    )
    return submissions.send(store, submission.id, email=None, person=ana, now=now)[0]


def test_what_was_published_by_itself_is_looked_at_after(filled):
    submission, bruno = by_itself(filled), a_person(filled)
    assert [(entry.source, entry.key) for entry in filled.moderation_queue.queue(now=NOW)] == [
        (LOOK, submission.reference)
    ]
    number = answer(filled, bruno, submission, LOOKED_AT, "as-it-should-be")
    assert filled.moderation_queue.queue(now=NOW) == () and homepage(filled) == NEW
    assert [kind for kind, _ in letters(filled, "ana@example.org")] == ["role-invitation"]
    moderation.undo(filled, bruno, number, "mistake", "", now=NOW)
    assert len(filled.moderation_queue.queue(now=NOW)) == 1


def test_what_was_public_goes_at_once_and_is_reopened_long_after(filled):
    submission, bruno, chris = by_itself(filled), a_person(filled), a_person(filled, "chris@example.org")
    number = answer(filled, bruno, submission, TAKE_AWAY, "not-theirs", "It is another project's page.")
    assert (homepage(filled), state(filled, submission)) == ("https://galette.eu", REFUSED)
    late = later(days=90)
    with pytest.raises(Invalid):
        moderation.undo(filled, chris, number, "mistake", "", now=late)
    with pytest.raises(Invalid) as without_words:
        answer(filled, chris, submission, REOPEN, "new-facts", now=late)
    assert "words" in without_words.value.errors
    assert answer(filled, chris, submission, REOPEN, "new-facts", "It is theirs after all.", now=late) == 2
    assert (homepage(filled), state(filled, submission)) == ("https://galette.eu", WAITING)
    assert (
        filled.decisions.get(number).undone_by == 2 and letters(filled, "ana@example.org")[-1][0] == "decisions/reopen"
    )
    with pytest.raises(Invalid):  # it is decided anew
        moderation.undo(filled, bruno, 2, "mistake", "", now=late)
    answer(filled, bruno, submission, PUBLISH, now=late)
    assert homepage(filled) == NEW and filled.decisions.faults() == ()


def hide(store, someone, slug="galette", now=NOW, kind="project"):
    wish = DecisionRequest(HIDE, "harm", "It puts people at risk.", moderate_basis(store, slug))
    return moderation.decide(store, someone, slug, wish, kind=kind, now=now)


def moderate_basis(store, slug):
    from catalog.rules.decision import serving_basis

    return serving_basis(store.decisions.subject(slug).observation) if slug != "ana-maintains" else ""


def test_an_organization_is_hidden_and_shown_again(filled):
    bruno = a_person(filled)
    number = hide(filled, bruno, "ana-maintains", kind="organization")
    about = filled.decisions.subject("ana-maintains", "organization")
    assert about.state.hidden and about.takedown is not None and about.takedown[0] == "It puts people at risk."
    moderation.undo(filled, bruno, number, "mistake", "", now=NOW)
    assert not filled.decisions.subject("ana-maintains", "organization").state.hidden


def test_nobody_answers_what_changed_since_they_saw_it(filled):
    submission, bruno = a_correction(filled), a_person(filled)
    seen = stamp(submission)
    submissions.reply(filled, submission.id, "I meant the other page.", now=NOW)
    with pytest.raises(Invalid) as refused:
        answer(filled, bruno, submission, PUBLISH, seen=seen)
    assert refused.value.errors == {"choice": moderation.NOT_NOW}
    submissions.withdraw(filled, submission.id, now=NOW)
    with pytest.raises(AlreadyExists):
        answer(filled, bruno, submission, PUBLISH)


def test_of_two_moderators_at_once_one_answers(filled):
    people = [a_person(filled), a_person(filled, "chris@example.org")]
    submission, start, told = a_correction(filled), threading.Barrier(2), []

    def press(someone, choice):
        start.wait(60)
        try:
            told.append(
                answer(
                    filled,
                    someone,
                    submission,
                    choice,
                    "not-checkable" if choice == REFUSE else "",
                    seen=stamp(submission),
                )
            )
        except AlreadyExists:
            told.append(None)

    threads = [threading.Thread(target=press, args=given) for given in zip(people, (PUBLISH, REFUSE), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(told, key=str) == [1, None] and filled.decisions.count() == 1
    assert len(letters(filled)) == 1 and state(filled, submission) in (PUBLISHED, REFUSED)


def test_the_queue_has_one_order_is_read_by_pages_and_narrowed(filled):
    ones = [a_correction(filled, f"s{at}@example.org", later(minutes=at), value=f"{NEW}/{at}") for at in range(5)]
    filled.findings.add(GALETTE, "license-changed", "c1", {}, now=later(minutes=2))
    by_itself(filled, later(minutes=3))
    every = filled.moderation_queue.queue(now=later(hours=1))
    assert [entry.source for entry in every] == [*[SUBMITTED] * 4, LOOK, SUBMITTED, FINDING]  # people first
    paged, after = [], None
    while page := filled.moderation_queue.queue(now=later(hours=1), after=after, limit=2):
        paged, after = [*paged, *page], page[-1].place
    assert tuple(paged) == every
    assert filled.moderation_queue.counts(now=later(hours=1)) == {CORRECT: 5, FINDING: 1, LOOK: 1}
    only = filled.moderation_queue.queue(now=later(hours=1), kind=CORRECT)
    assert [entry.key for entry in only] == [submission.reference for submission in ones]
    assert (
        filled.moderation_queue.queue(now=NOW, kind="register")
        == ()
        == filled.moderation_queue.queue(now=NOW, language="pt")
    )
    assert len(filled.moderation_queue.queue(now=NOW, language="fr")) == 6


def test_what_is_doubted_of_every_kind_is_told(filled):
    first, bruno = a_correction(filled), a_person(filled)
    answer(filled, bruno, first, REFUSE, "advertising")
    second = a_correction(filled, value=f"{NEW}/2")
    third = a_correction(filled, "other@example.org", value=f"{NEW}/3")
    told = {doubt.reason: dict(doubt.detail) for doubt in moderation.doubts(filled, second)}
    assert told == {"sender-refused": {"count": 1}, "also-open": {"reference": third.reference}}


def test_how_soon_people_are_answered_is_told_from_five_on(filled):
    bruno, sent_at = a_person(filled), later(days=-30)
    ones = [a_correction(filled, f"p{number}@example.org", sent_at, value=f"{NEW}/{number}") for number in range(4)]
    for submission, days in zip(ones, (1, 6, 20), strict=False):
        answer(filled, bruno, submission, REFUSE, "not-checkable", now=sent_at + timedelta(days=days))
    answer(filled, bruno, ones[3], ASK, words="Where is that?", now=sent_at + timedelta(days=2))
    assert filled.decisions.answered_share(now=NOW) is None
    late = a_correction(filled, "late@example.org", sent_at, value=f"{NEW}/late")
    a_correction(filled, "new@example.org", NOW - timedelta(days=2), value=f"{NEW}/new")  # may yet be answered in time
    assert filled.decisions.answered_share(now=NOW) == 60
    answer(filled, bruno, late, REFUSE, "not-checkable", now=NOW)
    assert filled.decisions.answered_share(now=NOW) == 60
    assert filled.decisions.answered_share(now=sent_at + timedelta(days=91)) is None


@pytest.mark.parametrize("start", [datetime(2026, 12, 31, 23, 30, tzinfo=UTC), datetime(2028, 2, 28, 23, tzinfo=UTC)])
def test_a_day_to_take_it_back_is_a_day_over_the_turn_of_the_year_and_a_leap_day(filled, start):
    submission, bruno = a_correction(filled, now=start), a_person(filled)
    number = answer(filled, bruno, submission, PUBLISH, now=start)
    with pytest.raises(Invalid):
        moderation.undo(filled, bruno, number, "mistake", "", now=start + timedelta(hours=24, seconds=1))
    moderation.undo(filled, bruno, number, "mistake", "", now=start + timedelta(hours=24))
    assert state(filled, submission) == WAITING
