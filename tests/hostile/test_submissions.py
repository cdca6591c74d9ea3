"""What somebody with bad intent tried with what people submit, and what it must not do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support.factories.adoptions import NEW, a_use, decided, opened, shown_adoptions
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, load
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft

from catalog import submissions
from catalog.errors import Invalid, NotFound
from catalog.ownership import members, verify
from catalog.rules import registrable_domain
from catalog.rules.submission import CORRECT, DRAFT, PUBLISHED, REPORT, WITHDRAW
from catalog.store.core.engine import reading, writing
from catalog.store.core.public_changes import changing
from catalog.store.people.accounts import UNPROVEN_AN_HOUR, person_by_address
from catalog.store.projects import registered
from catalog.store.submissions import submission_rows
from catalog.tables.core import organization
from catalog.tables.people import message
from catalog.tables.submissions import submission
from forge.jobs.verification_checks import _links
from tests.ownership.test_verification import proven, somebody
from tests.submissions.test_adoption import filled  # noqa: F401  the fixture

pytestmark = pytest.mark.sqlite_first

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
EVA, MALLORY = "eva@coop.example", "mallory@elsewhere.example"


def link_to(store, email, reference):
    with reading(store.engine) as connection:
        rows = connection.execute(
            select(message.c.argument).where(message.c.email == email, message.c.kind == submissions.CONFIRM_SUBMISSION)
        ).scalars()
        return next(row["token"] for row in rows if row["reference"] == reference)


def written_to(store, email):
    with reading(store.engine) as connection:
        return connection.execute(select(func.count()).where(message.c.email == email)).scalar_one()


def test_a_link_to_an_address_that_was_replaced_takes_no_declaration_over_regression(filled):  # noqa: F811
    submission = a_use(filled)
    submissions.send(filled, submission.id, email=MALLORY, now=NOW)
    submissions.send(filled, submission.id, email=EVA, now=NOW)
    early = link_to(filled, MALLORY, submission.reference)
    with pytest.raises(NotFound):  # its sender took another address since
        submissions.open_link(filled, early, "en", now=NOW)
    eva, _, sent = submissions.open_link(filled, link_to(filled, EVA, submission.reference), "en", now=NOW)
    assert sent.state == PUBLISHED and sent.person_id == eva.id
    with pytest.raises(NotFound):
        submissions.open_link(filled, early, "en", now=NOW)
    assert filled.submissions.get(submission.id).person_id == eva.id


def test_answers_that_were_made_wrong_after_sending_do_not_arrive_regression(filled):  # noqa: F811
    submission = a_use(filled)
    submissions.send(filled, submission.id, email=EVA, now=NOW)
    submissions.send(filled, submission.id, {"lesson": "x" * 1_500, "stage": "everywhere"}, only_keep=True, now=NOW)
    _, _, sent = submissions.open_link(filled, link_to(filled, EVA, submission.reference), "en", now=NOW)
    assert sent.state == DRAFT
    assert filled.public_records.project("galette").uses.confirmed == 0


def test_all_forms_together_write_few_messages_to_an_address_that_nobody_proved_regression(filled):  # noqa: F811
    victim = "victim@third.example"
    maintainer, _ = proven(filled, "bo@example.org")
    for _ in range(30):
        try:
            members.invite(filled, maintainer, "project", GALETTE, victim, now=NOW)
            members.withdraw_invitation(filled, maintainer, "project", GALETTE, victim, now=NOW)
        except Invalid as error:
            assert set(error.errors) == {"email"}
    for _ in range(30):
        filled.follows.ask(victim, "en", {"kind": "project", "key": str(GALETTE)}, now=NOW)
        submissions.send(filled, a_use(filled).id, email=victim, now=NOW)
    assert 1 <= written_to(filled, victim) <= UNPROVEN_AN_HOUR


def test_reports_of_strangers_bury_nobody_who_keeps_a_project_regression(filled):  # noqa: F811
    maintainer, _ = proven(filled, "bo@example.org")
    before = written_to(filled, maintainer.email)
    for _ in range(30):
        answers = {
            "about": "blocks",
            "audience": "seniors",
            "where": "Start",
            "happened": "It does not open",
            "language": "en",
        }
        _, submission = begin_draft(filled, REPORT, "en", project_id=GALETTE, answers=answers, now=NOW)
        submissions.send(filled, submission.id, email=None, now=NOW)
    assert 1 <= written_to(filled, maintainer.email) - before <= 5


def test_the_address_of_a_sender_stands_nowhere_but_in_its_own_column_regression(filled):  # noqa: F811
    use = a_use(filled)
    _, sent = opened(filled, use)
    assert sent.state == PUBLISHED
    with rewriting(filled.engine) as connection:
        connection.execute(submission.update().values(changed_at=NOW - timedelta(days=100)))
    filled.submissions.forget(NOW)
    kept = filled.submissions.get(use.id)
    assert EVA not in str(kept)


def test_a_correction_of_an_organization_that_only_declarations_made_is_undone_whole_regression(filled):  # noqa: F811
    _, sent = opened(filled, a_use(filled, **NEW), "eva@gmail.com")
    key = decided(filled, sent).organization_id

    def row():
        with reading(filled.engine) as connection:
            kept = connection.execute(select(organization).where(organization.c.id == key)).one()._asdict()
        return {name: value for name, value in kept.items() if name not in ("change", "changed_at")}

    before = row()
    for field, value in (("region", "FR-BRE"), ("homepage", "https://ateliers.example"), ("kind", "cooperative")):
        _, submission = begin_draft(
            filled, CORRECT, "fr", organization_id=key, answers={"field": field, "value": value}, now=NOW
        )
        sent = submissions.send(filled, submission.id, email=None, person=somebody(filled), now=NOW)[0]
        sent = decided(filled, sent)
        assert row() != before
        with changing(filled.engine) as (connection, change):
            submissions.take_back(connection, submission_rows.by_id(connection, sent.id), change, now=NOW)
        assert row() == before


def test_no_project_gets_the_address_of_another_page_regression(filled):  # noqa: F811
    with rewriting(filled.engine) as connection:
        assert registered.free_slug(connection, "Filters") == "filters-2"


@pytest.mark.parametrize(
    "host", ["straße.example", "ςυν.example", "a\u200db.example", "a\u200cb.example", "a\u00adb.example"]
)
def test_letters_that_two_rules_read_as_two_domains_confirm_nothing_regression(host):
    assert registrable_domain.registrable_domain(f"https://{host}/") is None


def test_who_keeps_a_project_does_not_call_it_free_by_their_word_alone_regression(store):
    load(store, a_catalog(a_project(context_only=True, license="LicenseRef-Coopyleft"), an_organization()))
    maintainer = replace(somebody(store), maintained_projects=(GALETTE,))
    _, submission = begin_draft(
        store, CORRECT, "en", project_id=GALETTE, answers={"field": "context_only", "value": False}, now=NOW
    )
    try:
        sent = submissions.send(store, submission.id, email=None, person=maintainer, now=NOW)[0]
    except Invalid:
        return
    assert sent.state != PUBLISHED


def undone(store, submission):
    with changing(store.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, submission.id), change, now=NOW)


def test_taking_back_an_earlier_statement_leaves_the_later_one_regression(filled):  # noqa: F811
    _, first = opened(filled, a_use(filled, stage="evaluating"), "eva@gmail.com")
    first = decided(filled, first)
    _, second = opened(filled, a_use(filled), EVA, now=NOW + timedelta(hours=1))
    assert second.state == PUBLISHED
    undone(filled, first)
    (line,) = shown_adoptions(filled)
    assert (line.adoption.stage, line.adoption.verification) == ("in-production", "domain-confirmed")
    undone(filled, filled.submissions.get(second.id))
    (line,) = shown_adoptions(filled)
    assert line.adoption.stage == "piloting"  # what the document found, as before both


def test_taking_back_a_statement_brings_nothing_back_that_its_organization_took_away_regression(filled):  # noqa: F811
    _, first = opened(filled, a_use(filled, stage="evaluating"), "eva@gmail.com")
    first = decided(filled, first)
    _, away = opened(filled, a_use(filled, WITHDRAW), EVA)
    assert away.state == PUBLISHED and shown_adoptions(filled) == ()
    undone(filled, first)
    assert shown_adoptions(filled) == ()


def test_taking_back_an_earlier_correction_leaves_the_later_one_regression(filled):  # noqa: F811
    def corrected(text, minutes):
        now = NOW + timedelta(minutes=minutes)
        answers = {"field": "homepage", "value": text}
        _, submission = begin_draft(filled, CORRECT, "en", project_id=GALETTE, answers=answers, now=now)
        sent = submissions.send(filled, submission.id, email=None, person=somebody(filled), now=now)[0]
        return decided(filled, sent, now=now)

    def homepage():
        return filled.verifications.record("project", GALETTE).get("homepage")

    before = homepage()
    first, second = corrected("https://one.example", 1), corrected("https://two.example", 2)
    undone(filled, first)
    assert homepage() == "https://two.example"
    undone(filled, filled.submissions.get(second.id))
    assert homepage() == before


@pytest.mark.parametrize("mark", ['title=">" rel="nofollow"', "title='>' rel='ugc'", 'title="a>b" class=x rel="x ugc"'])
def test_a_sign_in_quotes_hides_no_mark_of_what_users_of_a_site_wrote_regression(mark):
    link = f'<p><a href="https://forge.example/en/projects/galette#forge-claim=abc" {mark}>us</a>'
    assert _links(link.encode(), "abc") == []
    assert len(_links(link.replace("nofollow", "me").replace("ugc", "me").encode(), "abc")) == 1


@pytest.mark.parametrize("host", ["ouvaton.org", "lautre.net", "infini.fr", "systemli.org", "asso.lautre.net"])
def test_who_gives_mailboxes_and_sites_to_many_groups_confirms_none_of_them_regression(host):
    assert not registrable_domain.is_confirming(registrable_domain.registrable_domain(f"https://{host}/"))


def test_taking_back_a_statement_takes_no_proof_from_who_sent_it_regression(filled):  # noqa: F811
    eva, sent = opened(filled, a_use(filled), EVA)
    verify.begin(filled, eva, "organization", "coop-des-halles", "address", "fr", now=NOW)
    undone(filled, sent)
    assert COOP in speaking(filled, EVA)
    assert shown_adoptions(filled)[0].adoption.stage == "piloting"


def speaking(store, email):
    with writing(store.engine) as connection:
        return person_by_address(connection, email, "fr", now=NOW).represented_organizations
