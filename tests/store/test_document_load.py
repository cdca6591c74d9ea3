"""Loading a document and giving it back: what changes, what stays, which address leads where."""

from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from support.example_counts import examples
from support.factories.core import (
    NOW,
    a_catalog,
    a_collection,
    a_declared_adoption,
    a_document,
    a_maintenance,
    a_manifest,
    a_project,
    an_adoption,
    an_organization,
    documents,
    identity,
    later,
    load,
)
from support.waiting_rows import jobs_by_kind

from catalog.document import complete, dump
from catalog.errors import Moved, NotFound, Removed
from catalog.model import Document, Relation, Runs
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.store import Store

THOROUGH = settings(
    max_examples=examples(15, 60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

pytestmark = pytest.mark.sqlite_first


def test_an_empty_store_has_no_document_and_no_change(store: Store) -> None:
    assert (store.curated_document.document(), store.manifest(), store.digest(), store.change()) == (
        None,
        None,
        None,
        0,
    )


@THOROUGH
@given(document=documents())
def test_what_was_loaded_is_given_back_whatever_was_loaded_before(store: Store, document: Document) -> None:
    load(store, document)
    assert store.curated_document.document() == complete(document)


@THOROUGH
@given(document=documents())
def test_an_export_loaded_again_changes_nothing(store: Store, document: Document) -> None:
    load(store, document)
    before = store.change()
    exported = store.curated_document.document()
    assert exported is not None
    assert not load(store, exported, now=later(days=1)).anything
    assert store.change() == before
    assert dump(store.curated_document.document() or document) == dump(document)


def test_loading_the_same_document_again_changes_nothing(store: Store) -> None:
    load(store, a_document())
    before = (store.change(), store.public_records.project("galette"), store.index_rows.changed(0))
    loaded = load(store, a_document(), now=later(days=1), digest="another file, the same words")
    assert not loaded.anything
    assert (store.change(), store.public_records.project("galette"), store.index_rows.changed(0)) == before
    assert store.digest() == "another file, the same words"


def test_a_load_tells_what_it_added_changed_and_dropped(store: Store) -> None:
    load(store, a_catalog(a_project(), a_project("noalyss"), an_organization()))
    loaded = load(store, a_catalog(a_project(name="Galette!"), a_project("paheko"), an_organization()))
    assert (loaded.added, loaded.changed, loaded.dropped) == (("paheko",), ("galette",), ("noalyss",))
    assert (loaded.skipped, loaded.texts) == ((), False)


def test_a_load_that_raises_leaves_everything_as_it_was(store: Store) -> None:
    load(store, a_document(), digest="good")
    before = (store.curated_document.document(), store.change(), store.digest(), jobs_by_kind(store))
    adrift = a_catalog(a_project(name="Changed"), a_project("noalyss", adoptions=(an_adoption("nobody"),)))
    with pytest.raises(KeyError):
        load(store, adrift, digest="bad")
    assert (store.curated_document.document(), store.change(), store.digest(), jobs_by_kind(store)) == before


def test_a_good_load_takes_the_problem_of_the_last_one_away(store: Store) -> None:
    load(store, a_document())
    store.note_problem("catalog.yaml has 3 problems.", now=NOW)
    assert "3 problems" in (store.problem() or "")
    load(store, a_document())
    assert store.problem() is None


def test_the_manifest_and_the_collections_are_those_of_the_last_document(store: Store) -> None:
    load(store, a_document())
    assert load(store, a_document(collections=(a_collection(title={"en": "Another"}),))).texts
    assert store.record_pages.collection("suite").record.title == {"en": "Another"}
    assert load(store, a_document(collections=(), manifest=a_manifest(name={"en": "Ours"}))).texts
    manifest = store.manifest()
    assert store.home_page.collections() == () and manifest is not None and manifest.name == {"en": "Ours"}


def test_a_record_without_id_that_takes_another_slug_is_another_record(store: Store) -> None:
    load(store, a_catalog(a_project()))
    loaded = load(store, a_catalog(a_project("galette-2")))
    assert (loaded.added, loaded.dropped) == (("galette-2",), ("galette",))
    with pytest.raises(NotFound):
        store.public_records.project("galette")


@pytest.mark.parametrize("named", ["by its id", "by its former slug"])
def test_a_renamed_record_keeps_its_identity_and_its_old_address_leads_to_it(store: Store, named: str) -> None:
    load(store, a_catalog(a_project()))
    before = store.public_records.project("galette")
    how = {"id": before.id} if named == "by its id" else {"former": ("galette",)}
    assert load(store, a_catalog(a_project("paheko", **how)), now=later(days=1)).changed == ("paheko",)
    after = store.public_records.project("paheko")
    assert (after.id, after.added_at, after.changed_at) == (before.id, NOW, later(days=1))
    for reading in (store.public_records.project, store.record_pages.project_id):
        with pytest.raises(Moved) as moved:
            reading("galette")
        assert (moved.value.key, moved.value.to) == ("galette", "paheko")


def test_a_former_slug_of_an_organization_leads_to_it_and_not_to_a_project(store: Store) -> None:
    load(store, a_catalog(an_organization("scop", former=("coop",)), a_project("coop-app")))
    with pytest.raises(Moved):
        store.public_records.organization("coop")
    with pytest.raises(NotFound):
        store.public_records.project("coop")


def test_a_former_slug_that_another_record_takes_shows_that_record(store: Store) -> None:
    load(store, a_catalog(a_project()))
    first = store.public_records.project("galette").id
    load(store, a_catalog(a_project("paheko", id=first), a_project("galette", id=identity("other"))))
    assert store.public_records.project("galette").id == identity("other")
    assert store.public_records.project("paheko").id == first


def test_two_records_swap_their_slugs_and_what_names_them_follows(store: Store) -> None:
    key, two = identity("one"), identity("two")
    ana, coop = identity("ana", "organization"), identity("coop", "organization")
    lists = a_project("lists", relations=(Relation("works-with", "galette"),), adoptions=(an_adoption("coop"),))
    load(
        store,
        a_catalog(
            lists, a_project("galette", id=key), a_project("paheko", id=two),
            an_organization("ana", id=ana, name="Ana"), an_organization("coop", id=coop, name="Coop"),
        ),
    )  # fmt: skip
    load(
        store,
        a_catalog(
            lists, a_project("paheko", id=key), a_project("galette", id=two),
            an_organization("coop", id=ana, name="Ana"), an_organization("ana", id=coop, name="Coop"),
        ),
    )  # fmt: skip
    assert (store.public_records.project("galette").id, store.public_records.project("paheko").id) == (two, key)
    page = store.public_records.project("lists")
    assert [line.slug for line in page.relations] == ["galette"] and page.change == store.change()
    assert [(line.organization.id, line.organization.slug) for line in page.adoptions] == [(ana, "coop")]
    assert [line.slug for line in store.public_records.project("galette").relations] == ["lists"]
    assert store.public_records.project("paheko").relations == ()


def test_a_project_whose_identity_changed_keeps_the_relations_that_name_its_slug(store: Store) -> None:
    lists = a_project("lists", relations=(Relation("works-with", "galette"),))
    load(store, a_catalog(lists, a_project()))
    load(store, a_catalog(lists, a_project(id=identity("other"))))
    assert [line.slug for line in store.public_records.project("lists").relations] == ["galette"]


def test_an_organization_whose_identity_changed_keeps_what_names_its_slug(store: Store) -> None:
    used = a_project(adoptions=(an_adoption(),), maintenance=(a_maintenance("coop-des-halles"),))
    load(store, a_catalog(used, an_organization()))
    load(store, a_catalog(used, an_organization(id=identity("other", "organization"), name="Les Halles")))
    page = store.public_records.project("galette")
    assert [line.organization.name for line in page.adoptions] == ["Les Halles"]
    assert [line.organization and line.organization.name for line in page.maintenance] == ["Les Halles"]
    assert page.change == store.change() and page.changed_at == NOW


def test_projects_that_name_a_changed_organization_are_read_again_by_followers(store: Store) -> None:
    projects = (
        a_project("adopted", adoptions=(an_adoption(),)),
        a_project("maintained", maintenance=(a_maintenance("coop-des-halles"),)),
        a_project("provided", adoptions=(an_adoption("ana-maintains", provider="coop-des-halles"),)),
        a_project("hosted", runs=Runs(hosted=("coop-des-halles",))),
        a_project("hidden", adoptions=(an_adoption(visibility="counted"),)),
        a_project("other"),
    )
    load(store, a_catalog(*projects, an_organization(), an_organization("ana-maintains")))
    before = store.change()
    load(store, a_catalog(*projects, an_organization(name="Les Halles"), an_organization("ana-maintains")))
    _, changed, dropped = store.index_rows.changed(before)
    assert set(changed) == {identity(slug) for slug in ("adopted", "maintained", "provided", "hosted")} and not dropped


def test_a_dropped_record_is_gone_and_followers_are_told(store: Store) -> None:
    load(store, a_document())
    before = store.change()
    assert load(store, a_catalog(an_organization())).dropped == ("galette", "ana-maintains")
    with pytest.raises(NotFound):
        store.public_records.project("galette")
    with pytest.raises(NotFound):
        store.public_records.organization("ana-maintains")
    assert store.index_rows.changed(before) == (store.change(), (), (identity("galette"),))
    load(store, a_document())
    assert store.index_rows.changed(before)[1:] == ((identity("galette"),), ())


def test_a_dropped_project_that_an_organization_declared_to_use_stays_without_its_curated_values(store: Store) -> None:
    load(store, a_document())
    a_declared_adoption(store)
    load(store, a_catalog(an_organization()))
    page = store.public_records.project("galette")
    assert (page.record.name, page.record.license, page.record.repository, page.record.domains) == (
        "Galette",
        None,
        None,
        (),
    )
    assert [line.origin for line in page.adoptions] == ["declared"] and page.maintenance == ()
    document = store.curated_document.document()
    assert document is not None and document.projects == ()
    load(store, a_document())
    assert [line.origin for line in store.public_records.project("galette").adoptions] == ["declared"]


def test_a_dropped_organization_that_declared_something_stays_without_its_curated_values(store: Store) -> None:
    load(store, a_document())
    a_declared_adoption(store)
    load(store, a_catalog(a_project()))
    page = store.public_records.organization("coop-des-halles")
    assert (page.record.name, page.record.kind, page.record.country) == ("coop des halles", None, None)
    assert [line.project_slug for line in page.adoptions] == ["galette"]
    assert store.record_pages.organization_facets({}) == {"kind": {}, "country": {}, "domain": {"member-management": 1}}


def test_what_is_context_only_does_not_pass_for_free_when_the_document_drops_it(store: Store) -> None:
    load(store, a_catalog(a_project(context_only=True), an_organization()))
    a_declared_adoption(store)
    load(store, a_catalog(an_organization()))
    (card,) = store.public_records.cards([identity("galette")])
    assert card.context_only and store.public_records.project("galette").record.context_only
    assert store.home_page.totals().projects == 0


def test_a_record_that_stayed_gives_its_slug_to_one_of_the_document(store: Store) -> None:
    load(store, a_catalog(a_project(), an_organization()))
    a_declared_adoption(store)
    load(store, a_catalog(an_organization()))
    load(store, a_catalog(a_project(id=identity("other")), an_organization()))
    assert store.public_records.project("galette").id == identity("other")
    (aside,) = store.public_records.cards([identity("galette")])
    assert aside.slug.startswith("galette-") and store.public_records.project(aside.slug).record.slug == aside.slug


def test_a_blocked_project_answers_removed_and_outlives_every_load(store: Store) -> None:
    other = a_project("paheko", relations=(Relation("works-with", "galette"),))
    load(store, a_catalog(a_project(adoptions=(an_adoption(),)), other, an_organization()))
    store.takedowns.block("galette", "A court said so.", now=NOW)
    for document in (
        a_catalog(a_project(name="Changed", adoptions=(an_adoption(),)), other, an_organization()),
        a_catalog(other, an_organization()),
        a_catalog(a_project(), other, an_organization()),
    ):
        assert load(store, document).skipped == (("galette",) if len(document.projects) == 2 else ())
        for reading in (store.public_records.project, store.record_pages.project_id):
            with pytest.raises(Removed) as removed:
                reading("galette")
            assert removed.value.reason == "A court said so."
    assert store.public_records.project("paheko").relations == ()


def test_a_blocked_project_is_in_no_list_and_no_number(store: Store) -> None:
    load(store, a_document())
    store.takedowns.block("galette", "A court said so.", now=NOW)
    page = store.public_records.organization("coop-des-halles")
    assert page.adoptions == () and store.public_records.organization("ana-maintains").maintenance == ()
    assert store.public_records.cards([identity("galette")]) == () == store.home_page.added(5)
    assert store.record_pages.domain_cards(["member-management"], 5) == () and store.home_page.domain_counts() == {}
    assert store.record_pages.collection("suite").cards == ()
    totals = store.home_page.totals()
    assert (totals.projects, totals.confirmed_uses, totals.found_uses) == (0, 0, 0)
    assert [
        (card.uses.total, card.maintains) for card in store.record_pages.organizations(OrganizationFilter())[1]
    ] == [(0, 0), (0, 0)]
    assert list(store.record_pages.slugs()) == [("organization", "ana-maintains"), ("organization", "coop-des-halles")]
    assert store.index_rows.changed(0)[1:] == ((), (identity("galette"),))


def test_an_unblocked_project_is_shown_again_and_the_document_is_to_be_loaded_anew(store: Store) -> None:
    load(store, a_document())
    store.takedowns.block("galette", "A court said so.", now=NOW)
    load(store, a_document(projects=(a_project("paheko", former=("galette",)),), collections=()))
    store.takedowns.unblock("galette")
    assert store.public_records.project("galette").record.slug == "galette" and store.digest() is None
    assert store.index_rows.changed(0)[1:] == ((identity("galette"),), ())
    with pytest.raises(NotFound):
        store.takedowns.unblock("galette")


def test_a_blocked_project_gives_its_slug_to_another_record_and_stays_blocked(store: Store) -> None:
    load(store, a_catalog(a_project()))
    store.takedowns.block("galette", "A court said so.", now=NOW)
    load(store, a_catalog(a_project(id=identity("other"))))
    assert store.public_records.project("galette").id == identity("other")
    assert store.public_records.cards([identity("galette")]) == ()
    store.takedowns.unblock("galette")
    assert len(store.public_records.cards([identity("galette")])) == 1


def test_after_many_records_the_database_knows_how_many_there_are(postgres_url: str) -> None:
    with closing(Store(postgres_url)) as store:
        load(store, a_catalog(*(a_project(f"p{number}", repository=None) for number in range(600))))
        with store.engine.connect() as connection:
            known = connection.exec_driver_sql("SELECT reltuples FROM pg_class WHERE relname = 'project'").scalar()
    assert known == 600


def test_a_database_that_ended_our_connections_is_connected_with_again(postgres_url: str) -> None:
    with closing(Store(postgres_url)) as store, closing(Store(postgres_url)) as other:
        before = store.change(), store.counter(), store.manifest()
        with store.engine.connect() as connection:
            pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with other.engine.connect() as connection:
            assert connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 2000)").scalar() is True
        assert (store.change(), store.counter(), store.manifest()) == before
