"""Adoptions that are not public leave the store by no reading: no name, no number, no order, no change of a page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.factories.core import (
    a_catalog,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.facts import facts_of_all

from catalog.store.mirrors.mirror_rows import VISIT
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.store import Store

HIDDEN = ("counted",)
PLANTED = "zzplanted"

hidden = pytest.mark.parametrize("visibility", HIDDEN)


def readings(store: Store) -> Iterator[Any]:
    """Every read model that pages, feeds, interfaces and the index are made of, save the list of organizations."""
    slugs = list(store.record_pages.slugs())
    ids = [store.record_pages.project_id(slug) for kind, slug in slugs if kind == "project"]
    for kind, slug in slugs:
        if kind == "project":
            yield store.public_records.project(slug)
            yield store.record_pages.users(slug)
            yield store.record_pages.stop_reasons(store.record_pages.project_id(slug))
            yield store.facts.page(slug)
            yield store.facts.history(slug)
        elif not slug.startswith(PLANTED):
            yield store.public_records.organization(slug)
            yield store.record_pages.organization_uses(slug)
            yield store.record_pages.organization_care(slug)
    yield from (store.similar_projects.similar_to(key, ["member-management", "accounting"], 9) for key in ids)
    yield store.countries.countries()
    yield store.countries.with_users()
    yield from (store.countries.near(code, ids) for code in ("FR", "ES"))
    yield from (store.countries.country(code) for code in ("FR", "ES", "BR"))
    yield store.public_records.cards(ids)
    yield store.home_page.added(50)
    yield store.home_page.listed_cards({*store.record_pages.present([slug for _, slug in store.record_pages.slugs()])})
    yield store.record_pages.domain_cards(["member-management", "accounting"], 50)
    yield store.home_page.domain_counts()
    yield from (store.record_pages.collection(collection.slug) for collection in store.home_page.collections())
    yield list(store.index_rows.rows(ids))
    yield store.facts.changes()
    yield list(facts_of_all(store))


def counts(store: Store) -> Any:
    totals = store.home_page.totals()
    return totals.projects, totals.confirmed_uses, totals.found_uses


def a_secret(**changes: Any) -> Any:
    """An adoption in which every free word is the planted one."""
    given = {"purpose": {"en": PLANTED}, "lesson": {"en": PLANTED}, "version": PLANTED, "replaced": (PLANTED,)}
    return an_adoption(PLANTED, **given | {"provider": PLANTED, "sources": (f"https://{PLANTED}.example",)} | changes)


@hidden
def test_a_curated_adoption_that_is_not_public_is_in_no_reading(store: Store, visibility: str) -> None:
    secret = a_secret(visibility=visibility, verification="self-declared")
    load(store, a_catalog(a_project(adoptions=(secret,)), an_organization(PLANTED), an_organization()))
    assert PLANTED not in repr(list(readings(store)))
    assert counts(store) == (1, 0, 0)
    page = store.public_records.organization(PLANTED)
    assert page.adoptions == () and "galette" not in repr(page)
    assert [card.uses.total for card in store.record_pages.organizations(OrganizationFilter(PLANTED))[1]] == [0]


@hidden
def test_an_adoption_that_is_not_public_counts_on_no_card_and_sorts_nothing(store: Store, visibility: str) -> None:
    organizations = [an_organization(f"coop-{n}") for n in range(3)]
    secrets = tuple(an_adoption(organization.slug, visibility=visibility) for organization in organizations)
    load(store, a_catalog(a_project("alpha"), a_project("zeta", adoptions=secrets), *organizations))
    cards = store.record_pages.domain_cards(["member-management"], 5)
    assert [(card.slug, card.confirmed_uses, card.found_uses, card.countries) for card in cards] == [
        ("alpha", 0, 0, 0),
        ("zeta", 0, 0, 0),
    ]
    assert [slug for slug, _ in store.mirrors.due([])] == ["alpha", "zeta"]
    jobs = store.jobs.lease("ana", now=later(), lease=later() - later(), limit=5)
    assert [job.priority for job in jobs if job.kind == VISIT] == [1000, 1000]


@hidden
def test_a_change_that_only_an_adoption_tells_that_is_not_public_moves_no_number_and_no_date(
    store: Store, visibility: str
) -> None:
    load(store, a_catalog(a_project(), an_organization()))
    before = (store.change(), list(readings(store)))
    secret = an_adoption(visibility=visibility)
    document = a_catalog(a_project(adoptions=(secret,)), an_organization())
    assert load(store, document, now=later(days=1)).changed == ("galette",)
    assert (store.change(), list(readings(store))) == before
    assert store.curated_document.document() == replace(
        document,
        projects=tuple(replace(project, id=identity(project.slug)) for project in document.projects),
        organizations=tuple(
            replace(organization, id=identity(organization.slug, "organization"))
            for organization in document.organizations
        ),
    )
    public = a_catalog(a_project(adoptions=(an_adoption(),)), an_organization())
    load(store, public, now=later(days=2))
    assert store.change() == before[0] + 1 and len(store.public_records.project("galette").adoptions) == 1
