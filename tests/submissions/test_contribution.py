"""Support offered for a project, as organizations, makers and persons say it: at once or read first, and taken away."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from support.factories.calls import messages, somebody
from support.factories.core import NOW, a_catalog, a_maintenance, a_project, an_organization, identity, later, load
from support.factories.rewriting import rewriting
from support.factories.submissions import begin_draft, send_draft

from catalog import moderation, submissions
from catalog.errors import Invalid, NotAllowed
from catalog.rules.submission import HELP, PUBLISHED, WAITING, WITHDRAWN
from catalog.store.backup import replay_withdrawals, withdrawal_journal
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.submissions.base.organization_field import GONE_ORGANIZATION
from catalog.submissions.kinds import contribution as meant
from catalog.tables.core import maintenance
from catalog.tables.submissions import tombstone

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")
HOSTS = {"organization": str(COOP), "role": ["host"]}
NEW = {"organization": "", "name": "Les Ateliers", "kind": "association", "country": "FR", "role": ["integrator"]}


@pytest.fixture
def filled(store):
    coop = an_organization(homepage="https://www.coop.example/qui")
    load(store, a_catalog(a_project(), a_project("paheko"), coop, an_organization("autre")))
    return store


@pytest.fixture
def maker(filled):
    return somebody(filled, "bo@example.org", maintained_projects=(GALETTE,))


@pytest.fixture
def representative(filled):
    return somebody(filled, "eva@example.org", represented_organizations=(COOP,))


def sent(store, who, now=NOW, /, **answers):
    given = HOSTS | answers
    _, submission = begin_draft(store, HELP, "fr", project_id=GALETTE, answers=given, now=now)
    return send_draft(store, submission.id, email=None, person=who, now=now)


def wrong(store, **answers):
    _, submission = begin_draft(store, HELP, "fr", project_id=GALETTE, answers=answers, now=NOW)
    return submissions.problems(store, submission.id, addressed=True)


def decided(store, submission, now=NOW):
    with changing(store.engine) as (connection, change):
        held = submission_rows.by_id(connection, submission.id, hold=True)
        return submissions.publish(connection, held, None, change, now=now)


def lines(store, slug="galette"):
    return [
        (
            line.maintenance.role,
            line.organization.slug if line.organization else line.maintenance.person,
            line.stated_by,
        )
        for line in store.public_records.project(slug).maintenance
    ]


def pressed(store, person, now=NOW):
    (line,) = store.contributors.of_project(GALETTE)
    meant.take_away(store, person, GALETTE, meant.key_of(line), now=now)


def test_who_keeps_the_project_names_who_helps_at_once_and_whoever_it_is_takes_it_away(filled, maker, representative):
    before = filled.change()
    submission = sent(filled, maker)
    assert submission.state == PUBLISHED and lines(filled) == [("host", "coop-des-halles", "project")]
    assert filled.public_records.organization("coop-des-halles").maintained == 1
    assert GALETTE in filled.index_rows.changed(before)[1]
    with pytest.raises(NotAllowed):
        pressed(filled, somebody(filled, "mallory@example.org"))
    pressed(filled, representative)
    assert lines(filled) == [] and filled.submissions.get(submission.id).state == WITHDRAWN
    again = sent(filled, maker, role=["host"])
    assert again.state == WAITING, "what the organization took away is no longer the makers' alone to say"
    assert [doubt.reason for doubt in submissions.doubts(filled, again)] == [
        "unproven",
        "withdrawn-before",
        "no-source",
    ]
    assert sent(filled, representative).state == PUBLISHED and lines(filled) == [
        ("host", "coop-des-halles", "organization")
    ]


@pytest.mark.parametrize("role", ["host", "integrator", "funder", "contributor"])
def test_an_organization_offers_help_at_once_and_the_makers_take_it_away(filled, maker, representative, role):
    assert sent(filled, representative, role=[role]).state == PUBLISHED
    assert lines(filled) == [(role, "coop-des-halles", "organization")]
    pressed(filled, maker)
    assert lines(filled) == [] and sent(filled, representative, role=[role]).state == WAITING


def test_that_an_organization_leads_a_project_is_for_its_makers_or_a_person_to_say(filled, maker, representative):
    waiting = sent(filled, representative, role=["lead"])
    assert waiting.state == WAITING and lines(filled) == []
    assert sent(filled, maker, role=["lead"]).state == PUBLISHED
    with pytest.raises(Invalid):
        decided(filled, waiting)  # it stands there already


def test_anybody_else_waits_for_a_person_and_a_new_organization_is_listed_with_it_alone(filled, maker):
    submission = sent(filled, somebody(filled, "dora@example.net"), **NEW)
    assert submission.state == WAITING and sent(filled, maker, **NEW).state == WAITING
    decided(filled, submission)
    assert lines(filled) == [("integrator", "les-ateliers", "desk")]
    assert filled.public_records.organization("les-ateliers").maintained == 1
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, submission.id), change, now=NOW)
    assert lines(filled) == [] and not filled.organizations.resembling("Les Ateliers")


def test_a_display_name_is_given_by_that_person_and_goes_with_one_press_or_with_them(filled, maker):
    own = {"organization": "", "person": "Bo Ferreira", "role": ["contributor"]}
    submission = sent(filled, maker, **own)
    assert submission.state == PUBLISHED and lines(filled) == [("contributor", "Bo Ferreira", "person")]
    submissions.withdraw(filled, submission.id, now=NOW)
    assert lines(filled) == []
    dora = somebody(filled, "dora@example.net")
    named = sent(filled, dora, **own | {"person": "Dora"})
    assert named.state == WAITING
    decided(filled, named)
    with pytest.raises(NotAllowed):
        pressed(filled, somebody(filled, "eve@example.net"))
    number = filled.change()
    filled.account_erasure.delete(dora.id, now=NOW)
    assert lines(filled) == [] and GALETTE in filled.index_rows.changed(number)[1]
    with reading(filled.engine) as connection:
        rows = connection.execute(select(submission_rows.submission.c.answers)).scalars()
        assert "Dora" not in [row.get("person") for row in rows]


def test_no_name_of_a_person_leaves_by_what_travels_or_is_exported(filled, maker):
    sent(filled, maker, organization="", person="Bo Ferreira", role=["contributor"])
    with filled.outgoing_records.view() as view:
        assert "Ferreira" not in repr(list(view.records("projects", view.ids("projects"))))
    assert "Ferreira" not in repr(list(filled.exported_records.projects()))
    assert "Ferreira" not in repr(list(filled.index_rows.rows([GALETTE])))


def test_all_that_is_wrong_is_told_beside_its_field(filled, maker):
    assert wrong(filled) == {"organization": meant.NOBODY, "role": meant.NO_ROLE}
    assert wrong(filled, **HOSTS, person="Bo") == {"person": meant.ONE_OF_BOTH}
    assert set(wrong(filled, name="X", role=["host"])) == {"kind", "country"}
    for name in ("bo@example.org", "x" * 101, "https://spam.example", "123"):
        assert wrong(filled, person=name, role=["host"]) == {"person": meant.NO_NAME}
    assert wrong(filled, **HOSTS, source="x", words="w" * 2_001) == {
        "source": meant.NO_SOURCE, "words": meant.LONG_WORDS}  # fmt: skip
    assert wrong(filled, organization=str(GALETTE), role=["host"]) == {"organization": GONE_ORGANIZATION}
    sent(filled, maker)
    assert wrong(filled, **HOSTS) == {"organization": meant.STANDS}


def test_nobody_decides_on_help_of_their_own_organization(filled):
    submission = sent(filled, somebody(filled, "dora@example.net"))
    mine = somebody(filled, "carla@desk.example", role="moderator", represented_organizations=(COOP,))
    other = somebody(filled, "bruno@desk.example", role="moderator")
    assert moderation.conflict(filled, mine, submission) and not moderation.conflict(filled, other, submission)


def test_what_was_taken_away_or_said_here_outlives_a_load_that_says_the_same(filled, maker, representative):
    stated = a_project(maintenance=(a_maintenance("coop-des-halles", role="host"), a_maintenance("autre")))
    document = a_catalog(
        stated, a_project("paheko"), an_organization(homepage="https://www.coop.example/qui"), an_organization("autre")
    )
    submission = sent(filled, maker)
    load(filled, document, now=later(hours=1))
    assert lines(filled) == [("host", "coop-des-halles", "project"), ("lead", "autre", None)]
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, submission.id), change, now=NOW)
    assert ("host", "coop-des-halles", None) in lines(filled), "the document's own line stands again"
    decided_again = replace(submission, state=WAITING)
    with pytest.raises(Invalid):
        decided(filled, decided_again)
    load(filled, a_catalog(*_without(document)), now=later(hours=2))
    sent(filled, maker)
    pressed(filled, representative)
    load(filled, document, now=later(hours=3))
    assert lines(filled) == [("lead", "autre", None)]


def _without(document):
    bare = [replace(project, maintenance=()) for project in document.projects]
    return (*bare, *document.organizations)


def test_a_restore_takes_away_again_what_was_taken_away(filled, maker, representative):
    sent(filled, maker)
    with reading(filled.engine) as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(maintenance))]
    pressed(filled, representative)
    with rewriting(filled.engine) as connection:
        was = replay_withdrawals.published_state(connection)
        here = withdrawal_journal.present_state(connection, was.lineage)
        connection.execute(maintenance.insert(), rows)
        connection.execute(tombstone.delete())
        replay_withdrawals.replay_withdrawals(connection, [here], was, now=NOW)
    assert lines(filled) == []
    with reading(filled.engine) as connection:
        assert [row.kind for row in connection.execute(select(tombstone))] == [HELP]


def test_help_is_sent_by_its_link_where_nobody_signed_in(filled):
    _, submission = begin_draft(filled, HELP, "fr", project_id=GALETTE, answers=HOSTS, now=NOW)
    send_draft(filled, submission.id, email="eva@coop.example", now=NOW)
    token = messages(filled, submissions.CONFIRM_SUBMISSION)[-1][1]["token"]
    _, _, arrived = submissions.open_link(filled, token, "fr", now=NOW)
    assert arrived.state == PUBLISHED, "an address at the organization's website speaks for it"
    assert lines(filled) == [("host", "coop-des-halles", "organization")]
