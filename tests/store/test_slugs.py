"""What stands under a slug now: a record, another slug, or nothing that may be shown."""

import pytest
from sqlalchemy import update
from support.factories.core import NOW, a_catalog, a_project, an_organization, load
from support.factories.rewriting import rewriting

from catalog.errors import Moved, NotFound
from catalog.store.store import Store
from catalog.tables.core import organization


def test_a_slug_in_capitals_leads_to_the_record_and_never_to_a_hidden_organization(store: Store) -> None:
    load(store, a_catalog(a_project(), an_organization("coop"), an_organization("hidden")))
    with rewriting(store.engine) as connection:
        connection.execute(update(organization).where(organization.c.slug == "hidden").values(hidden="unnamed"))
    for read, slug, to in (
        (store.public_records.project, "GALETTE", "galette"),
        (store.public_records.organization, "Coop", "coop"),
    ):
        with pytest.raises(Moved) as moved:
            read(slug)
        assert moved.value.to == to
    with pytest.raises(NotFound):
        store.public_records.organization("Hidden")


def test_slugs_that_name_a_project_are_told_at_once_with_the_present_ones(store: Store) -> None:
    load(store, a_catalog(a_project("paheko", former=("garradin", "noalyss")), a_project("blocked"), a_project()))
    store.takedowns.block("blocked", "A court said so.", now=NOW)
    asked = ("garradin", "paheko", "blocked", "nothing", "galette")
    assert store.record_pages.present(asked) == {"garradin": "paheko", "paheko": "paheko", "galette": "galette"}
    assert store.record_pages.present(()) == {}


def test_a_former_slug_leads_on_and_an_unknown_one_is_not_found(store: Store) -> None:
    load(store, a_catalog(a_project("paheko", former=("garradin",))))
    for read in (store.facts.page, store.facts.history):
        with pytest.raises(Moved):
            read("garradin")
        with pytest.raises(NotFound):
            read("nothing")
