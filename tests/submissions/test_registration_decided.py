"""A registration that was decided: the project that it becomes, what the desk is told and corrects, and what is left
when it is taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.registration import (
    ANA,
    HERE,
    SAID,
    a_draft,
    published,
    value,
)
from support.facts import facts_of_all

from catalog import submissions
from catalog.errors import Invalid, NotFound
from catalog.rules.fact import DECLARED
from catalog.rules.submission import REGISTER, WAITING
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.submissions.kinds import registration_form
from catalog.tables.core import removed_record
from forge.web.wording import submissions as wording_submissions


def test_a_published_registration_is_a_project_of_declared_facts_that_no_document_holds(store):
    load(store, a_catalog(a_project()))
    document, before = store.curated_document.document(), store.change()
    submission = published(store, a_draft(store), later(hours=1))
    page = store.public_records.project("caisse-commune")
    record = page.record
    assert (record.name, record.summary, record.repository) == (SAID["name"], {"fr": SAID["summary"]}, HERE)
    assert (record.license, record.domains, record.runs.self_hosted) == ("AGPL-3.0-or-later", ("accounting",), "easy")
    assert [line.term for line in record.languages] == ["fr", "en"]
    assert {choice.fact.origin for choice in page.chosen.values()} == {DECLARED}
    assert {choice.fact.source["declaration"] for choice in page.chosen.values()} == {submission.reference}
    assert store.change() == before + 1 and store.index_rows.changed(before)[1] == (page.id,)
    assert [row.slug for row in store.index_rows.rows([page.id])] == ["caisse-commune"]
    assert submission.project_id == page.id and submission.before["slug"] == "caisse-commune"
    assert store.curated_document.document() == document
    assert not load(store, document, now=later(hours=2)).anything
    assert store.public_records.project("caisse-commune").record == record
    assert [card.slug for card in store.record_pages.domain_cards(["accounting"], 5)] == ["caisse-commune"]
    lines = store.facts.history("caisse-commune").lines
    assert {line.origin for line in lines} == {DECLARED} and "license" in [line.field for line in lines]
    assert "caisse-commune" in [line.slug for line in store.facts.changes().lines]
    assert "caisse-commune" in [project.slug for project in facts_of_all(store)]


def test_its_mirror_is_wanted_at_once_and_only_where_it_is_free(store):
    published(store, a_draft(store), NOW)
    kept = store.mirrors.mirror(store.record_pages.project_id("caisse-commune"))
    assert (kept.repository, kept.state) == (HERE, "waiting")
    assert [visit.argument["project"] for visit in visits(store)] == [str(kept.project_id)]
    other = a_draft(store, address="https://git.example.org/group/coopy", name="Coopy", license="SSPL-1.0")
    published(store, other, NOW)
    assert store.public_records.project("coopy").record.context_only
    with pytest.raises(NotFound):
        store.mirrors.mirror(store.record_pages.project_id("coopy"))


def visits(store):
    return store.jobs.lease("test", now=NOW, lease=timedelta(seconds=9), kinds=["visit"], limit=9)


def test_taking_it_back_leaves_no_trace_on_any_page_and_its_slug_free(store):
    load(store, a_catalog(a_project()))
    submission = published(store, a_draft(store), NOW)
    number = store.change()
    with changing(store.engine) as (connection, change):
        submissions.take_back(connection, store.submissions.get(submission.id), change, now=later(hours=1))
    with pytest.raises(NotFound):
        store.public_records.project("caisse-commune")
    assert store.index_rows.changed(number)[2] == (submission.project_id,)
    assert "caisse-commune" not in [line.slug for line in store.facts.changes().lines]
    assert store.mirrors.mirror(submission.project_id).repository == HERE
    assert store.submissions.get(submission.id).state == WAITING
    again = published(store, store.submissions.get(submission.id), later(hours=2))
    assert (again.project_id, again.before["slug"]) == (submission.project_id, "caisse-commune")
    assert store.public_records.project("caisse-commune").record.license == "AGPL-3.0-or-later"
    with reading(store.engine) as connection:
        assert connection.execute(select(func.count()).select_from(removed_record)).scalar_one() == 0


def test_a_slug_is_one_that_no_record_has_or_had(store):
    load(store, a_catalog(a_project("caisse", former=("caisse-commune",)), a_project("caisse-commune-2")))
    store.takedowns.block("caisse-commune-2", "Asked for.", now=NOW)
    assert published(store, a_draft(store), NOW).before["slug"] == "caisse-commune-3"
    arabic = a_draft(
        store, name="صندوق", address="https://git.example.org/x/sunduq.git", language="ar", summary="صندوق المجموعة"
    )
    assert published(store, arabic, NOW).before["slug"] == "sunduq"
    emptied = a_draft(store, name="Фильтры", address="https://git.example.org/x/filters")
    assert published(store, emptied, NOW).before["slug"] == "filters-2"


def test_what_the_files_say_just_so_is_left_to_the_mirror(store):
    found = {
        "values": {
            "homepage": value(SAID["homepage"], "publiccode.yml"),
            "license.detected": value("AGPL-3.0-or-later", "LICENSE"),
            "languages": value([{"term": "fr"}, {"term": "en"}]),
        },
        "free": True,
    }
    published(store, a_draft(store, found=found), NOW)
    said = {fact.field for fact in store.facts.page("caisse-commune").facts}
    assert said == {"name", "summary", "repository", "domains", "runs"}


def test_organizations_that_its_files_name_with_a_role_keep_it_and_no_person_does(store):
    load(store, a_catalog(an_organization(name="Coop des Halles")))
    lines = [
        {"organization": "Coop des Halles", "role": "lead"},
        {"organization": "Ana Durand", "role": "lead"},
        {"organization": "Nowhere", "role": None},
    ]
    published(store, a_draft(store, found={"values": {"maintenance": value(lines, "publiccode.yml")}}), NOW)
    page = store.public_records.project("caisse-commune")
    assert [(line.organization.slug, line.maintenance.role, line.maintenance.person) for line in page.maintenance] == [
        ("coop-des-halles", "lead", None)
    ]


def test_the_desk_is_told_what_to_look_at(store):
    load(store, a_catalog(a_project("caisse", name="CAISSE-Commune")))
    seen = {
        "values": {"license.detected": value("SSPL-1.0", "LICENSE"), "summary": value({"fr": "x" * 130})},
        "free": False,
    }
    submission = a_draft(store, found=seen, summary="")
    told = {doubt.reason: doubt.detail for doubt in submissions.doubts(store, submission)}
    assert told["same-name"]["project"] == "caisse" and told["long-summary"] == {"count": 130}
    assert told["license-differs"] == {"declared": "AGPL-3.0-or-later", "detected": "SSPL-1.0"}
    assert "license-not-free" in told
    unread = {doubt.reason for doubt in submissions.doubts(store, a_draft(store, name="Other", summary=""))}
    assert unread == {"not-read", "no-summary"}
    unsure = a_draft(store, found={"free": None, "doubts": ["vendor"]}, name="Third")
    assert "license-unsure" in {doubt.reason for doubt in submissions.doubts(store, unsure)}
    sent = a_draft(store, email=ANA, name="Fourth")
    submissions.send(store, sent.id, email=ANA, now=NOW)
    assert "sender-before" in {
        doubt.reason for doubt in submissions.doubts(store, a_draft(store, email=ANA, now=later(hours=1)))
    }
    assert {
        doubt.reason for waiting in (submission, unsure, sent) for doubt in submissions.doubts(store, waiting)
    } <= set(wording_submissions.DOUBTS)


def test_what_its_sender_said_in_words_becomes_data_when_the_desk_corrects_it(store):
    load(store, a_catalog(an_organization(name="Coop des Halles")))
    submission = a_draft(
        store, needs=[], need_words="Les cotisations", use=["hosted"], host_words="la coop", hardness=""
    )
    said = {"need_terms": "Comptabilité, member-management", "hosts": "Nobody"}
    submissions.send(store, submission.id, said, only_keep=True, now=NOW)
    with pytest.raises(Invalid, match="hosts"):
        published(store, store.submissions.get(submission.id), NOW)
    submissions.send(store, submission.id, {"hosts": "coop des halles"}, only_keep=True, now=NOW)
    published(store, store.submissions.get(submission.id), NOW)
    page = store.public_records.project("caisse-commune")
    assert page.record.domains == ("accounting", "member-management") and page.record.runs.hosted == (
        "coop-des-halles",
    )
    assert [host.name for host in page.hosts] == ["Coop des Halles"]
    assert [each.slug for each in store.public_records.organization("coop-des-halles").hosting] == ["caisse-commune"]
    assert registration_form.needs_of({"need_terms": "accounting, what"}) is None


def test_it_is_never_published_by_itself(store):
    token = store.people.invite(ANA, "moderator", "fr", now=NOW)
    someone, _, _ = store.people.sign_in(token, "fr", now=NOW)
    submission = a_draft(store)
    assert submissions.send(store, submission.id, email=None, person=someone, now=NOW)[0].state == WAITING
    assert not submissions.KINDS[REGISTER].at_once(
        None, submission, replace(someone, maintained_projects=(identity("galette"),))
    )


def test_what_came_meanwhile_keeps_it_from_being_published_twice(store):
    submission = a_draft(store)
    load(store, a_catalog(a_project("caisse", repository=HERE)))
    with pytest.raises(Invalid) as refused:
        published(store, submission, NOW)
    assert refused.value.errors == {"address": registration_form.HERE_ALREADY}
