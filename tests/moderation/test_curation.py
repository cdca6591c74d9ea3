"""Moderators edit the catalogue itself: a field, a lock, a new organization, a list. What a load of the document over
it does, what `forge export` writes, what is put back."""

from dataclasses import replace

import pytest
from support.factories.core import (
    NOW,
    a_catalog,
    a_collection,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.people import a_person
from support.factories.submissions import begin_draft

from catalog import model, moderation, submissions
from catalog.document import dump
from catalog.document.folder import parse
from catalog.errors import Invalid, NotAllowed
from catalog.moderation import CuratedList, DecisionRequest
from catalog.rules.decision import LOCK, REMOVE, UNLOCK
from catalog.rules.submission import CORRECT, WAITING
from forge.server.load_document import edited_here

GALETTE, ANA = identity("galette"), identity("ana-maintains", "organization")
OLD, EDITED, OTHER = (f"https://{name}.example.org" for name in ("old", "edited", "other"))


def the_document(homepage=OLD, website=OLD, lists=None, **more):
    kept = a_project(homepage=homepage, maintenance=(a_maintenance(),), **more)
    organizations = an_organization("ana-maintains", homepage=website), an_organization()
    lists = (a_collection(),) if lists is None else lists
    return a_catalog(kept, a_project("paheko"), *organizations, collections=lists)


@pytest.fixture
def filled(store):
    load(store, the_document(), now=later(days=-1))
    return store


def edit(store, person, now=NOW, kind="project", field="homepage", value=EDITED, **answers):
    about = {"project_id": GALETTE} if kind == "project" else {"organization_id": ANA}
    given = {"field": field, "value": value} | answers
    _, submission = begin_draft(store, CORRECT, "en", answers=given, now=now, **about)
    return moderation.publish_draft(store, person, submission.id, "The old one is gone.", now=now)


def set_lock(store, person, kind="project", choice=LOCK, words="", now=NOW):
    slug = "galette" if kind == "project" else "ana-maintains"
    return moderation.decide(store, person, slug, DecisionRequest(choice, "", words, ""), kind=kind, now=now)


def homepage(store, kind="project"):
    if kind == "project":
        return store.public_records.project("galette").record.homepage
    return store.public_records.organization("ana-maintains").record.homepage


@pytest.mark.parametrize("kind", ["project", "organization"])
def test_an_edit_is_public_at_once_a_line_of_the_log_and_put_back_within_a_day(filled, kind):
    bruno = a_person(filled)
    number = edit(filled, bruno, kind=kind)
    line = filled.decisions.get(number)
    assert homepage(filled, kind) == EDITED and filled.moderation_queue.queue(now=NOW) == ()
    assert (line.kind, line.about, line.subject_kind, line.role) == ("edit", "correct", kind, "moderator")
    assert "bruno" not in repr(line) and filled.decisions.faults() == ()
    moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=1))
    assert homepage(filled, kind) == OLD and filled.moderation_queue.queue(now=later(hours=1)) == ()


@pytest.mark.parametrize("kind", ["project", "organization"])
def test_an_edit_holds_until_the_document_says_the_same(filled, kind):
    edit(filled, a_person(filled), kind=kind)
    name = "homepage" if kind == "project" else "website"
    load(filled, the_document(**{name: OTHER}), digest="2", now=later(days=1))
    assert homepage(filled, kind) == EDITED
    (told,) = edited_here(filled, the_document(**{name: OTHER}))
    assert EDITED in told and OTHER in told and "homepage" in told
    load(filled, the_document(**{name: EDITED}), digest="3", now=later(days=2))
    assert homepage(filled, kind) == EDITED and list(edited_here(filled, the_document(**{name: EDITED}))) == []
    load(filled, the_document(**{name: OTHER}), digest="4", now=later(days=3))
    assert homepage(filled, kind) == OTHER


def test_an_export_holds_edits_and_loading_it_ends_them(filled):
    bruno = a_person(filled)
    edit(filled, bruno, source="https://example.org/page")
    edit(filled, bruno, kind="organization")
    document = filled.curated_document.document()
    (galette,) = (project for project in document.projects if project.slug == "galette")
    (ana,) = (organization for organization in document.organizations if organization.slug == "ana-maintains")
    assert (galette.homepage, ana.homepage) == (EDITED, EDITED)
    assert galette.evidence["homepage"].source == "https://example.org/page"
    assert list(edited_here(filled, document)) == []
    load(filled, document, digest="2", now=later(days=1))
    assert filled.curated_document.document() == document
    load(filled, the_document(homepage=OTHER), digest="3", now=later(days=2))
    assert homepage(filled) == OTHER


@pytest.mark.parametrize("kind", ["project", "organization"])
def test_a_locked_record_is_left_alone_by_a_load_until_it_is_unlocked(filled, kind):
    bruno, slug = a_person(filled), "galette" if kind == "project" else "ana-maintains"
    set_lock(filled, bruno, kind, words="It is disputed.")
    with pytest.raises(Invalid):
        set_lock(filled, bruno, kind)
    changed = the_document(homepage=OTHER, website=OTHER)
    outcome = load(filled, changed, digest="2", now=later(days=1))
    assert homepage(filled, kind) == OLD and outcome.locked == (slug,)
    assert any(slug in told and "locked" in told for told in edited_here(filled, changed))
    without = a_catalog(an_organization()) if kind == "project" else a_catalog(a_project("paheko"))
    load(filled, without, digest="3", now=later(days=2))
    assert homepage(filled, kind) == OLD  # a document without it does not remove it either
    edit(filled, bruno, now=later(days=2), kind=kind)
    assert homepage(filled, kind) == EDITED  # moderators still edit it
    number = set_lock(filled, bruno, kind, UNLOCK, now=later(days=3))
    assert filled.digest() is None  # the next start reads the document again
    assert filled.decisions.get(number).kind == "unlock"
    load(filled, changed, digest="2", now=later(days=4))
    assert homepage(filled, kind) == EDITED and filled.decisions.faults() == ()


def test_what_maintainers_correct_of_a_locked_record_waits_for_a_moderator(filled):
    keeper = replace(a_person(filled, "ana@example.org", role=None), maintained_projects=(GALETTE,))
    set_lock(filled, a_person(filled))
    given = {"field": "homepage", "value": EDITED}
    _, submission = begin_draft(filled, CORRECT, "en", project_id=GALETTE, answers=given, now=NOW)
    sent = submissions.send(filled, submission.id, email=None, person=keeper, now=NOW)[0]
    assert sent.state == WAITING and homepage(filled) == OLD
    assert [case.key for case in filled.moderation_queue.queue(now=NOW)] == [sent.reference]


def test_nobody_edits_or_locks_their_own(filled):
    keeper = replace(a_person(filled), maintained_projects=(GALETTE,))
    with pytest.raises(NotAllowed):
        edit(filled, keeper)
    with pytest.raises(NotAllowed):
        set_lock(filled, keeper)
    assert homepage(filled) == OLD and filled.decisions.count() == 0


def test_an_organization_is_added_stays_through_loads_and_is_exported(filled):
    bruno = a_person(filled)
    values = {"name": "Régie des Halles", "country": "FR", "homepage": EDITED, "kind": "cooperative"}
    slug, _ = moderation.add_organization(filled, bruno, values, "", now=NOW)
    assert filled.public_records.organization(slug).record.name == "Régie des Halles"
    load(filled, the_document(homepage=OTHER), digest="2", now=later(days=1))
    assert filled.public_records.organization(slug).record.homepage == EDITED
    document = filled.curated_document.document()
    assert slug in [organization.slug for organization in document.organizations]
    load(filled, document, digest="3", now=later(days=2))
    load(filled, the_document(), digest="4", now=later(days=3))  # it was in the document, and is so no more
    assert filled.curated_document.document() == the_document_as_stored(filled)
    with pytest.raises(Invalid) as error:
        moderation.add_organization(filled, bruno, values | {"name": "", "country": "France"}, "", now=NOW)
    assert set(error.value.errors) == {"name", "country"}


def the_document_as_stored(store):
    load(store, the_document(), digest="5", now=later(days=4))
    return store.curated_document.document()


def test_an_organization_that_was_added_is_taken_back_unless_something_refers_to_it(filled):
    bruno = a_person(filled)
    slug, number = moderation.add_organization(filled, bruno, {"name": "Régie"}, "", now=NOW)
    with pytest.raises(Invalid):
        moderation.add_organization(filled, bruno, {"name": "régie"}, "", now=NOW)
    moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=1))
    assert slug not in [organization.slug for organization in filled.curated_document.document().organizations]


def test_a_list_is_edited_added_removed_and_put_back_beside_the_document(filled):
    bruno = a_person(filled)
    slug = a_collection().slug
    before = filled.collections.get(slug)[0]
    edited = dict(before) | {"title": {"en": "Start here"}}
    number = moderation.edit_list(filled, bruno, CuratedList(slug, edited), "", now=NOW)
    added = CuratedList("for-boards", {"slug": "for-boards", "title": {"en": "For boards"}})
    moderation.edit_list(filled, bruno, added, "", now=NOW)
    load(filled, the_document(homepage=OTHER), digest="2", now=later(hours=1))
    titles = [curated.title for curated in filled.home_page.collections()]
    assert titles == [{"en": "Start here"}, {"en": "For boards"}]
    (told,) = edited_here(filled, the_document())
    assert slug in told
    assert [curated.slug for curated in filled.curated_document.document().collections] == [slug, "for-boards"]
    moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=2))
    assert filled.home_page.collections()[0].title == before["title"]
    number = moderation.decide_list(filled, bruno, slug, REMOVE, "", now=later(hours=3))
    load(filled, the_document(), digest="3", now=later(hours=4))
    assert [curated.slug for curated in filled.home_page.collections()] == ["for-boards"]
    moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=5))
    assert {curated.slug for curated in filled.home_page.collections()} == {slug, "for-boards"}
    assert filled.decisions.faults() == ()


def test_a_locked_list_stays_as_it_is(filled):
    slug = a_collection().slug
    moderation.decide_list(filled, a_person(filled), slug, LOCK, "", now=NOW)
    load(filled, the_document(lists=()), digest="2", now=later(hours=1))
    assert [curated.slug for curated in filled.home_page.collections()] == [slug]


def test_a_locked_project_is_exported_with_what_it_names_as_that_is_called_now(filled):
    uses = an_adoption("coop-des-halles", provider="ana-maintains"), an_adoption("ana-maintains")
    ties = model.Relation("works-with", "paheko"), model.Relation("implements", "paheko")
    runs = model.Runs(hosted=("ana-maintains", "coop-des-halles"))
    load(filled, the_document(adoptions=uses, relations=ties, runs=runs), digest="2", now=NOW)
    set_lock(filled, a_person(filled))
    stated = the_document(adoptions=(), relations=())
    projects = [
        replace(it, slug="paheko-new", former=("paheko",)) if it.slug == "paheko" else it for it in stated.projects
    ]
    halles = replace(an_organization(), slug="halles", former=("coop-des-halles",))
    load(filled, replace(stated, projects=tuple(projects), organizations=(halles,)), digest="3", now=later(days=1))
    read, problems = parse(dump(filled.curated_document.document()).encode())
    assert problems == []
    (galette,) = (it for it in read.projects if it.slug == "galette")
    assert {line.project for line in galette.relations} == {"paheko-new"} and galette.runs.hosted == ("halles",)
    assert [(use.organization, use.provider) for use in galette.adoptions] == [("halles", None)]
    assert galette.maintenance == ()
