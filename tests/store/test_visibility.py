"""Adoptions that are not public leave the store by no reading: no name, no number, no order, no change of a page."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.example_counts import examples
from support.factories.core import (
    a_catalog,
    a_declared_adoption,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)

from catalog.model import Collection, CollectionProject, Document, Relation, Runs
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
    yield list(store.facts.export())


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
def test_a_declared_adoption_that_is_not_public_is_in_no_reading(store: Store, visibility: str) -> None:
    load(store, a_catalog(a_project(), an_organization(PLANTED)))
    a_declared_adoption(store, organization=PLANTED, visibility=visibility, purpose={"en": PLANTED})
    assert PLANTED not in repr(list(readings(store)))
    assert counts(store) == (1, 0, 0) and store.public_records.organization(PLANTED).adoptions == ()


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
    assert [job.priority for job in store.jobs.lease("ana", now=later(), lease=later() - later(), limit=5)] == [
        1000,
        1000,
    ]


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


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Document, Document]:
    """A catalogue with unnamed adoptions of planted organizations, and the same one without them."""
    slugs = draw(st.lists(st.sampled_from(["galette", "noalyss", "paheko", "dolibarr"]), min_size=1, unique=True))
    organizations = ["coop-des-halles", "ana-maintains"]
    planted = [f"{PLANTED}-{number}" for number in range(3)]
    shown, whole = [], []
    for slug in slugs:
        public = draw(st.lists(st.builds(an_adoption, st.sampled_from(organizations)), max_size=2))
        secret = st.builds(
            a_secret,
            visibility=st.sampled_from(HIDDEN),
            verification=st.sampled_from(["found-in-public-source", "self-declared"]),
            stage=st.sampled_from([None, "in-production", "stopped"]),
            reasons=st.sampled_from([(), ("cost", "no-support")]),
        )
        secrets = [
            replace(use, organization=draw(st.sampled_from(planted)), provider=draw(st.sampled_from(planted)))
            for use in draw(st.lists(secret, max_size=3))
        ]
        others = [other for other in slugs if other != slug]
        relations = (Relation("fork-of", draw(st.sampled_from(others))),) if others else ()
        project = a_project(
            slug,
            domains=draw(st.sampled_from([("accounting",), ("member-management", "accounting")])),
            relations=relations,
            runs=draw(st.sampled_from([None, Runs(hosted=("coop-des-halles",))])),
            context_only=draw(st.booleans()),
        )
        shown.append(replace(project, adoptions=tuple(public)))
        mixed = list(public)
        for word in secrets:
            mixed.insert(draw(st.integers(0, len(mixed))), word)
        whole.append(replace(project, adoptions=tuple(mixed)))
    collections = (Collection("suite", {"en": "Suite"}, projects=tuple(CollectionProject(slug) for slug in slugs)),)
    cast = [an_organization(slug) for slug in (*organizations, *planted)]
    return (
        a_catalog(*whole, *cast, collections=collections),
        a_catalog(*shown, *cast, collections=collections),
    )


@pytest.mark.sqlite_first
@settings(
    max_examples=examples(10, 25), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(world=worlds())
def test_no_reading_tells_whether_there_are_unnamed_adoptions(store: Store, world: tuple[Document, Document]) -> None:
    whole, shown = world
    load(store, a_catalog())
    load(store, whole)
    told = [*readings(store), counts(store), store.record_pages.organizations(OrganizationFilter()), store.change()]
    assert PLANTED not in repr(told[:-2])
    load(store, shown)
    again = [*readings(store), counts(store), store.record_pages.organizations(OrganizationFilter()), store.change()]
    assert [pair for pair in zip(told, again, strict=True) if pair[0] != pair[1]] == []
