"""Two records that are the same: joined, found under the old address, kept joined by loads, and parted exactly."""

from dataclasses import replace

import pytest
from sqlalchemy import select, text, update
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.memberships import a_member
from support.factories.people import a_person
from support.factories.rewriting import rewriting
from support.paths import ROOT

from catalog import model, moderation
from catalog.document import parse
from catalog.errors import AlreadyExists, Invalid, Moved, NotAllowed
from catalog.moderation import MergeChoice
from catalog.moderation.outcomes.decision_form import NOT_NOW
from catalog.rules.decision import APART, JOIN, UNDO, UNJOIN
from catalog.store.core.engine import reading
from catalog.store.moderation.queue import LIKENESS
from catalog.store.organizations.search import OrganizationFilter
from catalog.tables.adoptions import adoption
from catalog.tables.core import former_slug, hosting, maintenance, organization, project, project_term, relation
from catalog.tables.moderation import decision
from forge.server.load_document import hidden_slugs

HALLES, TWIN = identity("coop-des-halles", "organization"), identity("coop-halles", "organization")
RELATIONS = (model.Relation("works-with", "galette-again"),)
GALETTE, FORK = identity("galette"), identity("galette-again")


def the_document(**changes):
    return a_catalog(
        a_project(
            **{"adoptions": (an_adoption("coop-des-halles", since="2019"), an_adoption("coop-halles"))} | changes
        ),
        a_project(
            "galette-again",
            name="Galette",
            repository="https://www.example.org/x.git",
            adoptions=(an_adoption("coop-des-halles"), an_adoption("third")),
            maintenance=(a_maintenance("third"),),
        ),
        a_project(
            "paheko",
            adoptions=(an_adoption("coop-halles"),),
            relations=RELATIONS,
        ),
        an_organization(name="Coop des Halles", homepage="https://www.halles.example.net/fr"),
        an_organization("coop-halles", name="COOP DES HALLES", homepage="http://halles.example.net"),
        an_organization("third"),
    )


@pytest.fixture
def filled(store):
    load(store, the_document())
    return store


def pair(store, someone, first=TWIN, other=HALLES, stays=HALLES, kind="organization", choice=JOIN, now=NOW, **more):
    wish = MergeChoice(kind, first, other, choice, stays if choice == JOIN else None, "", more.get("words", ""))
    return moderation.pair(store, someone, wish, now=now)


def stands(store):
    """What the tables say, without what counts writes."""
    said = {}
    with reading(store.engine) as connection:
        for table in (organization, project):
            columns = [table.c[name] for name in ("id", "slug", "name", "record", "document", "curated")]
            said[table.name] = sorted(map(repr, connection.execute(select(*columns))))
        said["hidden"] = sorted(map(repr, connection.execute(select(organization.c.id, organization.c.hidden))))
        for table in (adoption, maintenance, hosting, relation, project_term, former_slug):
            columns = [column for column in table.c if column.name != "id"]
            said[table.name] = sorted(map(repr, connection.execute(select(*columns))))
    return said


def users(store, slug):
    return sorted(line.organization.slug for line in store.record_pages.users(slug).adoptions)


def test_an_organization_leads_to_the_one_that_stays_with_all_that_was_said(filled):
    a_declared_adoption(filled, "galette-again", "coop-halles", stage="in-production")
    bruno = a_person(filled)
    assert pair(filled, bruno, words="The same cooperative.") == 1
    with pytest.raises(Moved) as moved:
        filled.public_records.organization("coop-halles")
    assert moved.value.to == "coop-des-halles"
    assert users(filled, "paheko") == ["coop-des-halles"] and users(filled, "galette") == ["coop-des-halles"]
    assert users(filled, "galette-again") == ["coop-des-halles", "third"]
    (line,) = filled.decisions.lines()
    assert (line.kind, line.slug, line.reason) == (JOIN, "coop-des-halles", "same") and filled.decisions.faults() == ()
    total, cards = filled.record_pages.organizations(OrganizationFilter())
    assert total == 2 and [card.slug for card in cards] == ["coop-des-halles", "third"]


@pytest.mark.parametrize(
    ("kind", "first", "other"), [("organization", TWIN, HALLES), ("project", FORK, GALETTE), ("project", GALETTE, FORK)]
)
def test_taking_a_join_back_restores_exactly_what_was(filled, kind, first, other):
    a_declared_adoption(filled, "galette-again", "coop-halles", stage="in-production")
    a_declared_adoption(filled, "galette", "third", stage="piloting")
    bruno, before = a_person(filled), stands(filled)
    number = pair(filled, bruno, first, other, other, kind)
    assert stands(filled) != before
    moderation.undo(filled, bruno, number, "mistake", "", now=later(hours=23))
    assert stands(filled) == before
    assert filled.decisions.lines()[0].kind == UNDO and filled.decisions.faults() == ()
    again = pair(filled, bruno, first, other, other, kind, now=later(days=1))
    with pytest.raises(Invalid):
        moderation.undo(filled, bruno, again, "mistake", "", now=later(days=3))
    moderation.separate(filled, bruno, kind, first, "They share a name alone.", now=later(days=90))
    assert stands(filled) == before and filled.decisions.lines()[0].kind == UNJOIN
    assert filled.decisions.get(again).undone_by == filled.decisions.lines()[0].number


@pytest.mark.parametrize("choice", [JOIN, APART])
def test_what_came_without_what_was_before_is_told_to_be_past_taking_back(filled, choice):
    """As all public data of a catalogue are: its log says what was decided, and holds nothing that only it needs."""
    bruno = a_person(filled)
    number = pair(filled, bruno, choice=choice, words="They are two." if choice == APART else "")
    with rewriting(filled.engine) as connection:
        connection.execute(update(decision).values(before={}))
    before = stands(filled)
    with pytest.raises(Invalid) as told:
        moderation.undo(filled, bruno, number, "mistake", "", now=NOW)
    assert told.value.errors == {"choice": NOT_NOW} and stands(filled) == before


def test_a_project_leads_to_the_one_that_stays_and_its_uses_are_told_there(filled):
    bruno, change = a_person(filled), filled.change()
    pair(filled, bruno, FORK, GALETTE, GALETTE, "project")
    with pytest.raises(Moved) as moved:
        filled.public_records.project("galette-again")
    assert moved.value.to == "galette"
    assert users(filled, "galette") == ["coop-des-halles", "coop-halles", "third"]
    assert [
        line.organization.slug for line in filled.public_records.project("galette").maintenance if line.organization
    ] == ["third"]
    _, touched, dropped = filled.index_rows.changed(change)
    assert FORK in dropped and GALETTE in touched and FORK not in touched
    assert [line.slug for line in filled.public_records.project("paheko").relations] == ["galette"]
    assert filled.takedowns.hidden() == ()


def test_a_join_outlives_every_load_and_what_is_skipped_is_named(filled):
    bruno = a_person(filled)
    pair(filled, bruno)
    pair(filled, bruno, FORK, GALETTE, GALETTE, "project")
    document = the_document(homepage="https://new.example.org")
    assert set(hidden_slugs(filled, document)) == {"coop-halles", "galette-again"}
    loaded = load(filled, document, digest="2", now=later(days=1))
    assert set(loaded.skipped) == {"coop-halles", "galette-again"} and loaded.changed == ("galette",)
    assert users(filled, "galette") == ["coop-des-halles", "third"] and users(filled, "paheko") == ["coop-des-halles"]
    for kind, slug in (("project", "galette-again"), ("organization", "coop-halles")):
        with pytest.raises(Moved):
            getattr(filled.public_records, kind)(slug)
    change = filled.change()
    assert not load(filled, document, digest="2", now=later(days=2)).anything and filled.change() == change
    assert {organization.slug for organization in filled.curated_document.document().organizations} == {
        "coop-des-halles",
        "coop-halles",
        "third",
    }


def test_what_was_parted_is_loaded_as_the_document_says_it_now(filled):
    bruno = a_person(filled)
    pair(filled, bruno)
    document = the_document(adoptions=(an_adoption("coop-halles"),))
    load(filled, document, digest="2", now=later(days=1))
    moderation.separate(filled, bruno, "organization", TWIN, "", now=later(days=2))
    assert filled.digest() is None
    load(filled, document, digest="2", now=later(days=3))
    assert users(filled, "galette") == ["coop-halles"]


def test_what_resembles_is_asked_once(filled):
    assert moderation.find_likenesses(filled, now=NOW) == 1  # not the project of the same name
    (waiting,) = filled.moderation_queue.queue(now=NOW)
    assert (waiting.source, waiting.kind) == (LIKENESS, "organization")
    assert moderation.find_likenesses(filled, now=later(days=1)) == 0
    bruno = a_person(filled)
    number = pair(filled, bruno, choice=APART)
    assert filled.moderation_queue.queue(now=NOW) == () and moderation.find_likenesses(filled, now=later(days=2)) == 0
    moderation.undo(filled, bruno, number, "mistake", "", now=NOW)
    assert [entry.kind for entry in filled.moderation_queue.queue(now=NOW)] == ["organization"]


def test_what_many_share_is_no_likeness(store):
    names = [an_organization(f"org-{at}", name="Les Amis") for at in range(7)]
    load(store, a_catalog(*names))
    assert moderation.find_likenesses(store, now=NOW) == 0


@pytest.fixture
def shipped(store):
    document, problems = parse((ROOT / "catalog.yaml").read_bytes())
    assert problems == [] and document is not None
    return store, document


def test_at_the_first_start_of_the_shipped_catalogue_nobody_is_asked_in_vain(shipped):
    store, document = shipped
    load(store, document)
    assert moderation.find_likenesses(store, now=NOW) == 0


def test_a_true_duplicate_is_found_among_many_that_only_look_like_one(shipped):
    store, document = shipped
    chapters = (
        an_organization("velo-lyon", name="Toutenvélo Lyon", homepage="https://toutenvelo.fr/lyon"),
        an_organization("velo-grenoble", name="Toutenvélo Grenoble (Isère)", homepage="https://toutenvelo.fr/grenoble"),
        an_organization("velo-isere", name="Toutenvelo Grenoble (Isère)", homepage="https://velo-isere.fr"),
    )
    load(store, replace(document, organizations=document.organizations + chapters))
    assert moderation.find_likenesses(store, now=NOW) == 1
    (waiting,) = store.moderation_queue.queue(now=NOW)
    two = store.merges.likeness(int(waiting.key))
    sides = {store.merges.side("organization", key).slug for key in (two.one_id, two.other_id)}
    assert sides == {"velo-grenoble", "velo-isere"}


def test_joins_follow_each_other_and_are_parted_from_the_end(filled):
    third, bruno = identity("third", "organization"), a_person(filled)
    before = stands(filled)
    pair(filled, bruno)
    last = pair(filled, bruno, HALLES, third, third)
    for slug in ("coop-halles", "coop-des-halles"):
        with pytest.raises(Moved) as moved:
            filled.public_records.organization(slug)
        assert moved.value.to == "third"
    assert users(filled, "paheko") == ["third"]
    with pytest.raises(Invalid):
        moderation.separate(filled, bruno, "organization", TWIN, "", now=NOW)
    moderation.undo(filled, bruno, last, "mistake", "", now=NOW)
    moderation.separate(filled, bruno, "organization", TWIN, "", now=NOW)
    assert stands(filled) == before


def test_nobody_joins_their_own_or_what_is_no_longer_there(filled):
    bruno, dora = a_person(filled), a_person(filled, "dora@example.org")
    with rewriting(filled.engine) as connection:
        a_member(connection, dora.id, organization_id=HALLES)
    from support.factories.people import again

    with pytest.raises(NotAllowed, match="conflict"):
        pair(filled, again(filled, dora))
    for wrong, field in (({"stays": GALETTE}, "stays"), ({"other": TWIN}, "choice")):
        with pytest.raises((Invalid, AlreadyExists)) as refused:
            pair(filled, bruno, **wrong)
        assert field in refused.value.errors
    pair(filled, bruno)
    with pytest.raises(AlreadyExists):
        pair(filled, bruno)
    with filled.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM merged_record")).scalar() == 1
