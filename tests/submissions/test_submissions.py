"""Declarations from draft to what pages show, and back; beside what a document says."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft
from support.waiting_rows import jobs_by_kind, waiting_submissions

from catalog import submissions
from catalog.errors import NotFound
from catalog.rules.fact import DECLARED
from catalog.rules.person import Person
from catalog.rules.submission import (
    CORRECT,
    DRAFT,
    PUBLISHED,
    SENT,
    WAITING,
    WITHDRAWN,
    adoption_id,
    normalized_reference,
)
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.tables.core import project
from catalog.tables.people import message

GALETTE = identity("galette")
ANA = "ana@example.org"


@pytest.fixture
def filled(store):
    load(store, a_catalog(a_project(homepage="https://galette.eu"), an_organization()))
    return store


def a_correction(store, **answers):
    given = {
        "field": "homepage",
        "value": "https://galette.example.org",
        "source": "https://example.org/page",
    } | answers
    return begin_draft(store, CORRECT, "fr", project_id=GALETTE, answers=given, now=NOW)


def opened(store, now=NOW):
    """Press the button of the last message's link."""
    with reading(store.engine) as connection:
        argument = (
            connection.execute(select(message.c.argument).order_by(message.c.created_at.desc())).scalars().first()
        )
    return submissions.open_link(store, argument["token"], "fr", now=now)


def published(store, submission, sender=None, now=NOW):
    with changing(store.engine) as (connection, change):
        return submissions.publish(
            connection,
            submission_rows.by_id(connection, submission.id, hold=True),
            sender,
            change,
            now=now,
        )


def a_keeper(store):
    token = store.people.invite(ANA, "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=NOW)
    with rewriting(store.engine) as connection:
        a_member(connection, someone.id, project_id=GALETTE)
    return replace(someone, maintained_projects=(GALETTE,))


def homepage(store):
    return store.public_records.project("galette").record.homepage


def test_what_is_sent_waits_for_its_link_then_for_a_person(filled):
    _, submission = a_correction(filled)
    assert submission.state == DRAFT
    assert submissions.send(filled, submission.id, email=ANA, now=NOW)[0].state == SENT
    assert waiting_submissions(filled) == ()
    someone, _, sent = opened(filled)
    assert (someone.email, sent.state, sent.person_id) == (ANA, WAITING, someone.id)
    assert [waiting.reference for waiting in waiting_submissions(filled)] == [submission.reference]
    assert homepage(filled) == "https://galette.eu"


def test_a_link_works_once_and_a_second_sending_changes_nothing(filled):
    _, submission = a_correction(filled)
    submissions.send(filled, submission.id, email=ANA, now=NOW)
    before = jobs_by_kind(filled)
    assert submissions.send(filled, submission.id, email=ANA, now=NOW)[0].state == SENT
    assert jobs_by_kind(filled) == before
    opened(filled)
    with pytest.raises(NotFound):
        opened(filled)
    assert submissions.send(filled, submission.id, email=ANA, now=NOW)[0].state == WAITING


def test_all_that_is_wrong_is_told_at_once_and_the_draft_stays(filled):
    _, submission = a_correction(filled, value="https://galette.eu")
    assert submissions.send(filled, submission.id, email=None, now=NOW)[1] == {
        "value": "This is already there",
        "email": submissions.NO_EMAIL,
    }
    assert filled.submissions.get(submission.id).state == DRAFT


def test_a_published_correction_is_a_declared_fact_and_what_the_page_shows(filled):
    _, submission = a_correction(filled)
    before = filled.change()
    assert published(filled, submission, now=later(hours=1)).state == PUBLISHED
    assert homepage(filled) == "https://galette.example.org"
    assert filled.change() == before + 1 and filled.index_rows.changed(before)[1] == (GALETTE,)
    declared = [fact for fact in filled.facts.page("galette").facts if fact.origin == DECLARED]
    assert [(fact.field, fact.source["declaration"]) for fact in declared] == [("homepage", submission.reference)]
    assert "https://galette.eu" in [fact.value for fact in filled.facts.page("galette").facts]
    assert filled.facts.history("galette").lines[0].field == "homepage"


def test_export_gives_the_document_back_and_a_load_of_the_same_changes_nothing(filled):
    document = filled.curated_document.document()
    published(filled, a_correction(filled)[1], now=later(hours=1))
    assert filled.curated_document.document() == document
    before = filled.change()
    assert not load(filled, document, now=later(hours=2)).anything and filled.change() == before
    assert homepage(filled) == "https://galette.example.org"


def test_the_later_of_document_and_correction_is_shown_but_the_maintainers_word_stands(filled):
    published(filled, a_correction(filled)[1], now=later(hours=1))
    load(
        filled,
        a_catalog(a_project(homepage="https://new.galette.eu"), an_organization()),
        now=later(hours=2),
        digest="2",
    )
    assert homepage(filled) == "https://new.galette.eu"
    ana = a_keeper(filled)
    _, submission = a_correction(filled, value="https://own.galette.eu")
    submissions.send(filled, submission.id, email=None, person=ana, now=later(hours=3))
    assert filled.submissions.get(submission.id).state == PUBLISHED and homepage(filled) == "https://own.galette.eu"
    load(filled, a_catalog(a_project(homepage="https://later.eu"), an_organization()), now=later(hours=4), digest="3")
    assert homepage(filled) == "https://own.galette.eu"


def test_taking_back_puts_back_what_stood_before(filled):
    first = published(filled, a_correction(filled)[1], now=later(hours=1))
    second = published(filled, a_correction(filled, value="https://second.example.org")[1], now=later(hours=2))
    for submission, shown in ((second, "https://galette.example.org"), (first, "https://galette.eu")):
        with changing(filled.engine) as (connection, change):
            submissions.take_back(connection, submission, change, now=later(hours=3))
        assert homepage(filled) == shown and filled.submissions.get(submission.id).state == WAITING
    with reading(filled.engine) as connection:
        assert connection.execute(select(project.c.document).where(project.c.id == GALETTE)).scalar() is None


def test_a_project_that_left_the_document_stays_with_what_was_declared(filled):
    published(filled, a_correction(filled)[1], now=later(hours=1))
    load(filled, a_catalog(an_organization()), now=later(hours=2), digest="2")
    page = filled.public_records.project("galette")
    assert (page.record.homepage, page.record.license) == ("https://galette.example.org", None)


def test_words_are_corrected_one_language_at_a_time(filled):
    stood = filled.public_records.project("galette").record.summary
    published(
        filled, a_correction(filled, field="summary", language="pt", value="Gere os membros")[1], now=later(hours=1)
    )
    assert filled.public_records.project("galette").record.summary == {**stood, "pt": "Gere os membros"}


def test_a_correction_of_domains_moves_the_project_to_them(filled):
    published(filled, a_correction(filled, field="domains", value=["loan-portfolio"])[1], now=later(hours=1))
    assert [card.slug for card in filled.record_pages.domain_cards(["loan-portfolio"], 5)] == ["galette"]
    assert filled.record_pages.domain_cards(["member-management"], 5) == ()


def test_its_sender_takes_it_back_before_anything_came_of_it(filled):
    _, submission = a_correction(filled)
    submissions.withdraw(filled, submission.id, now=NOW)
    submissions.withdraw(filled, submission.id, now=NOW)
    assert filled.submissions.get(submission.id).state == WITHDRAWN
    other = published(filled, a_correction(filled)[1])
    with pytest.raises(NotFound):
        submissions.withdraw(filled, other.id, now=NOW)


def test_drafts_are_forgotten_after_thirty_days_and_what_was_sent_stays(filled):
    token, _ = a_correction(filled)
    _, sent = a_correction(filled)
    submissions.send(filled, sent.id, email=ANA, now=NOW)
    opened(filled)
    filled.submissions.forget(later(days=29))
    assert filled.submissions.by_token(token)
    filled.submissions.forget(later(days=31))
    with pytest.raises(NotFound):
        filled.submissions.by_token(token)
    assert filled.submissions.get(sent.id).state == WAITING


def test_a_reference_is_read_as_people_type_it_and_a_use_has_one_identity():
    assert normalized_reference("  7k3q9m2x ") == normalized_reference("7K3Q-9M2X") == "7K3Q-9M2X"
    assert adoption_id(GALETTE, identity("coop", "organization")) == adoption_id(
        GALETTE, identity("coop", "organization")
    )


def test_a_person_keeps_only_what_they_keep(filled):
    assert not submissions.KINDS[CORRECT].at_once(None, a_correction(filled)[1], Person(GALETTE, ANA, "fr", None))
