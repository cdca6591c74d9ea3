"""What pages are given: the right lines in the right order, in a number of queries that does not grow."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import StatementError
from support.factories.core import (
    NOW,
    a_catalog,
    a_collection,
    a_document,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.factories.rewriting import rewriting

from catalog.errors import NotFound
from catalog.model import Adoption, CollectionProject, Project, Relation, Runs
from catalog.store.core.read_models import NO_USES, UseNumbers
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.store import Store
from catalog.tables.core import organization


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, without those by which the net under the public records compares."""
    statements: list[str] = []

    def sent(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN") and not connection.info.get("compared"):
            statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", sent)
    try:
        yield statements
    finally:
        event.remove(store.engine, "before_cursor_execute", sent)


def a_used_project(adopters: int) -> Any:
    """A project in every way as busy as the number says, and all that it names."""
    organizations = [an_organization(f"coop-{n}", country=["FR", "ES", "BR"][n % 3]) for n in range(adopters)]
    others = [a_project(f"other-{n}") for n in range(adopters)]
    busy = a_project(
        adoptions=tuple(an_adoption(organization.slug, provider=organization.slug) for organization in organizations),
        maintenance=tuple(a_maintenance(organization.slug) for organization in organizations),
        relations=tuple(Relation("works-with", project.slug) for project in others),
        runs=Runs(hosted=tuple(organization.slug for organization in organizations)),
    )
    listed = a_collection(projects=tuple(CollectionProject(project.slug) for project in (busy, *others)))
    return a_catalog(busy, *others, *organizations, collections=(listed,))


READINGS: dict[str, Callable[[Store], Any]] = {
    "project": lambda store: store.public_records.project("galette"),
    "users": lambda store: store.record_pages.users("galette"),
    "organization": lambda store: store.public_records.organization("coop-0"),
    "organizations": lambda store: store.record_pages.organizations(OrganizationFilter()),
    "cards": lambda store: store.public_records.cards([identity("galette"), identity("other-0")]),
    "with_users": lambda store: store.countries.with_users(),
    "domain_cards": lambda store: store.record_pages.domain_cards(["member-management"], 500),
    "collection": lambda store: store.record_pages.collection("suite"),
    "added": lambda store: store.home_page.added(500),
    "listed": lambda store: store.home_page.listed_cards({"galette", "other-0"}),
    "most used": lambda store: store.home_page.most_used("all", ["member-management"], 500),
    "totals": lambda store: store.home_page.totals(),
    "rows": lambda store: list(store.index_rows.rows([identity("galette"), identity("other-0")])),
}


def test_a_page_takes_as_many_queries_for_two_hundred_adopters_as_for_one(store: Store) -> None:
    numbers = []
    for adopters in (1, 200):
        load(store, a_used_project(adopters))
        numbers.append({})
        for name, reading in READINGS.items():
            with counted(store) as statements:
                reading(store)
            numbers[-1][name] = len(statements)
    assert numbers[0] == numbers[1] and max(numbers[0].values()) <= 7


def test_cards_are_one_statement_that_leaves_long_records_where_they_are(store: Store) -> None:
    load(store, a_used_project(200))
    with counted(store) as statements:
        (card,) = store.public_records.cards([identity("galette")])
    columns = statements[0].partition("FROM")[0]
    assert len(statements) == 1 and ", project.record," not in columns
    assert (card.found_uses, card.countries, card.runs_hosted) == (200, 0, True)
    assert card.summary == a_project().summary and card.domains == a_project().domains


def test_the_manifest_is_read_again_only_after_a_public_change_whose_number_is_one_statement(store: Store) -> None:
    load(store, a_catalog(a_project()))
    first = store.manifest()
    with counted(store) as statements:
        second, _ = store.manifest(), store.frame()
    assert len(statements) == 2 and first is second
    other = replace(a_catalog(a_project()).manifest, name={"en": "Another"})
    load(store, replace(a_catalog(a_project()), manifest=other))
    assert store.manifest().name == {"en": "Another"}


def test_a_project_page_holds_confirmed_adopters_first_then_by_name_whatever_the_accents(store: Store) -> None:
    names = {"c": "Zèbre", "a": "école", "b": "Économie"}
    adoptions = [an_adoption(slug) for slug in names] + [an_adoption("d", verification="self-declared")]
    organizations = [an_organization(slug, name=name) for slug, name in names.items()] + [
        an_organization("d", name="Zz")
    ]
    load(store, a_catalog(a_project(adoptions=tuple(adoptions)), *organizations))
    lines = store.public_records.project("galette").adoptions
    assert [line.organization.name for line in lines] == ["Zz", "école", "Économie", "Zèbre"]


def test_a_project_with_four_hundred_users_reads_a_few_lines_and_counts_all(store: Store) -> None:
    sent = []
    for adopters in (1, 400):
        organizations = [an_organization(f"coop-{n:04}", country=["FR", "ES", None][n % 3]) for n in range(adopters)]
        kinds = ("found-in-public-source", "domain-confirmed")
        uses = tuple(
            an_adoption(organization.slug, verification=kinds[n % 2]) for n, organization in enumerate(organizations)
        )
        load(store, a_catalog(a_project(adoptions=uses), *organizations))
        with counted(store) as statements:
            page, users = store.public_records.project("galette"), store.record_pages.users("galette", page=2)
        sent.append(len(statements))
    assert sent[1] - sent[0] == 0
    shown = [line.organization.slug for line in page.adoptions]
    assert shown == [f"coop-{n:04}" for n in (*range(1, 17, 2), *range(0, 16, 2))]
    assert (page.uses.confirmed, page.uses.declared, page.uses.found, page.uses.countries) == (200, 0, 200, 2)
    assert page.uses == users.uses
    assert [line.organization.slug for line in users.adoptions] == [f"coop-{n:04}" for n in range(101, 201, 2)]


def test_present_uses_come_before_past_ones(store: Store) -> None:
    stages = {"a": "stopped", "b": "not-retained", "c": None, "d": "piloting"}
    uses = tuple(an_adoption(slug, stage=stage) for slug, stage in stages.items())
    load(store, a_catalog(a_project(adoptions=uses), *(an_organization(slug) for slug in stages)))
    for lines in (store.public_records.project("galette").adoptions, store.record_pages.users("galette").adoptions):
        assert [line.organization.slug for line in lines] == ["c", "d", "a", "b"]


def test_a_use_that_is_over_is_told_apart_and_counts_for_nothing_that_is_about_the_present(store: Store) -> None:
    uses = tuple(
        an_adoption(slug, stage=stage, verification="domain-confirmed")
        for slug, stage in (("a", "stopped"), ("b", "in-production"))
    )
    load(store, a_catalog(a_project(adoptions=uses), an_organization("a", country="ES"), an_organization("b")))
    page, (card,) = store.public_records.project("galette"), store.public_records.cards([identity("galette")])
    assert (page.uses.confirmed, page.uses.past, page.uses.total, page.uses.countries) == (1, 1, 2, 1)
    assert (card.confirmed_uses, card.countries, store.home_page.totals().confirmed_uses) == (1, 1, 1)
    (row,) = store.index_rows.rows([identity("galette")])
    assert (row.confirmed_uses, row.countries, row.organization_names) == (1, ("FR",), ("b", "a"))
    assert [card.uses.confirmed for card in store.record_pages.organizations(OrganizationFilter())[1]] == [0, 1]


def test_why_uses_ended_is_counted_over_all_of_them_once_an_organization(store: Store) -> None:
    def over(organization: str, *reasons: str, **given: Any) -> Adoption:
        return an_adoption(organization, **{"stage": "stopped", "reasons": reasons} | given)

    many = tuple(over(f"coop-{number}", "no-support") for number in range(60))
    others = (
        over("a", "cost", "language"),
        over("b", "cost"),
        over("b", "cost", "skills-left", stage="not-retained"),
        over("c", "security", visibility="counted"),
        over("d", "security", stage="in-production"),
        over("e"),
    )
    slugs = [f"coop-{number}" for number in range(60)] + list("abcde")
    load(store, a_catalog(a_project(adoptions=many + others), a_project("zeta"), *map(an_organization, slugs)))
    with counted(store) as statements:
        found = store.record_pages.stop_reasons(identity("galette"))
    assert found == (("no-support", 60), ("cost", 2), ("language", 1), ("skills-left", 1))
    assert len(statements) == 1 and store.record_pages.stop_reasons(identity("zeta")) == ()


def test_a_hidden_organization_is_on_no_page_and_in_no_number(store: Store) -> None:
    stated = a_project(
        adoptions=(an_adoption("gone", verification="domain-confirmed"), an_adoption(provider="gone")),
        maintenance=(a_maintenance("gone"),),
        runs=Runs(hosted=("gone",)),
    )
    load(store, a_catalog(stated, an_organization("gone", former=("been",), country="ES"), an_organization()))
    with rewriting(store.engine) as connection:
        hidden = update(organization).where(organization.c.slug == "gone").values(hidden="hidden")
        connection.execute(hidden)
    page, totals = store.public_records.project("galette"), store.home_page.totals()
    assert "gone" not in repr((page.adoptions[0].provider, page.maintenance, page.hosts))
    assert [line.organization.slug for line in page.adoptions] == ["coop-des-halles"]
    assert (page.uses.total, totals.organizations, totals.confirmed_uses, totals.countries) == (1, 1, 0, 1)
    assert "gone" not in repr(
        (
            list(store.record_pages.slugs()),
            store.record_pages.organizations(OrganizationFilter()),
        )
    )
    facets = store.record_pages.organization_facets({})
    assert facets["kind"] == {"cooperative": 1} and facets["country"] == {"FR": 1}
    (row,) = store.index_rows.rows([identity("galette")])
    assert (row.organization_names, row.helper_countries) == (("coop des halles",), ())
    for slug in ("gone", "been"):
        with pytest.raises(NotFound):
            store.public_records.organization(slug)


def test_relations_are_seen_from_both_sides_stated_ones_first(store: Store) -> None:
    load(
        store,
        a_catalog(
            a_project("galette", relations=(Relation("works-with", "noalyss"), Relation("fork-of", "paheko"))),
            a_project("noalyss", relations=(Relation("replaces", "galette"),)),
            a_project("paheko"),
        ),
    )
    told = [(line.slug, line.type, line.inverse) for line in store.public_records.project("galette").relations]
    assert told == [("noalyss", "works-with", False), ("paheko", "fork-of", False), ("noalyss", "replaces", True)]
    (line,) = store.public_records.project("paheko").relations
    assert (line.slug, line.type, line.inverse, line.summary) == ("galette", "fork-of", True, a_project().summary)


def test_a_page_names_hosts_and_providers_in_the_order_stated(store: Store) -> None:
    hosted = a_project(runs=Runs(hosted=("b", "a")), adoptions=(an_adoption("a", provider="b"),))
    load(store, a_catalog(hosted, an_organization("a"), an_organization("b")))
    page = store.public_records.project("galette")
    assert [host.slug for host in page.hosts] == ["b", "a"]
    assert page.adoptions[0].provider and page.adoptions[0].provider.slug == "b"
    assert page.record.adoptions == () and page.mirror is not None and page.mirror.state == "waiting"


def test_a_card_counts_confirmed_declared_and_found_uses_apart_and_the_countries_of_the_confirmed(store: Store) -> None:
    kinds = ("found-in-public-source", "self-declared", "domain-confirmed", "disputed")
    countries = ("FR", "FR", "ES", None)
    organizations = [an_organization(f"coop-{n}", country=country) for n, country in enumerate(countries)]
    adoptions = tuple(an_adoption(f"coop-{n}", verification=kind) for n, kind in enumerate(kinds))
    load(store, a_catalog(a_project(adoptions=adoptions), *organizations))
    (card,) = store.public_records.cards([identity("galette"), identity("nobody")])
    assert (card.confirmed_uses, card.declared_uses, card.found_uses, card.countries) == (1, 2, 1, 1)
    totals = store.home_page.totals()
    assert (totals.projects, totals.organizations) == (1, 4)
    assert (totals.confirmed_uses, totals.declared_uses, totals.found_uses) == (1, 2, 1)
    assert totals.countries == 2


def test_cards_come_in_the_order_asked_for(store: Store) -> None:
    load(store, a_catalog(a_project("a"), a_project("b"), a_project("c")))
    cards = store.public_records.cards([identity(slug) for slug in ("c", "a", "b")])
    assert [card.slug for card in cards] == ["c", "a", "b"] and store.public_records.cards([]) == ()


def test_a_domain_shows_what_is_made_for_it_then_confirmed_uses_then_by_name_and_context_last(store: Store) -> None:
    used = tuple(an_adoption(slug, verification="domain-confirmed") for slug in ("ana", "bruno"))
    load(
        store,
        a_catalog(
            a_project("context", context_only=True, adoptions=used),
            a_project("zulu"),
            a_project("elan", name="Élan"),
            a_project("used", adoptions=used),
            a_project("also", domains=("accounting", "member-management"), adoptions=used),
            a_project("elsewhere", domains=("accounting",), adoptions=used),
            an_organization("ana"),
            an_organization("bruno"),
        ),
    )
    assert [card.slug for card in store.record_pages.domain_cards(["member-management"], 9)] == [
        "used",
        "elan",
        "zulu",
        "also",
        "context",
    ]
    assert [card.slug for card in store.record_pages.domain_cards(["member-management"], 2)] == ["used", "elan"]
    assert store.home_page.domain_counts() == {"member-management": 4, "accounting": 2}


def test_the_few_of_a_category_that_go_on_come_before_the_many_that_ended(store: Store) -> None:
    ended = [a_project(f"a-{number:02}", status="ended") for number in range(20)]
    load(store, a_catalog(*ended, a_project("y"), a_project("z"), a_project("b", context_only=True)))
    for limit, first in ((1, ["y"]), (2, ["y", "z"]), (4, ["y", "z", "a-00", "a-01"])):
        cards = store.record_pages.domain_cards(["member-management"], limit)
        assert [card.slug for card in cards] == first
    every = [card.slug for card in store.record_pages.domain_cards(["member-management"], 50)]
    assert every == ["y", "z", *(project.slug for project in ended), "b"]


def test_the_most_used_of_an_area_are_free_go_on_and_have_a_confirmed_use(store: Store) -> None:
    def used(slug: str, uses: int, **more: Any) -> Project:
        adoptions = tuple(an_adoption(f"coop-{n}", verification="domain-confirmed") for n in range(uses))
        return a_project(slug, adoptions=adoptions, **more)

    projects = (
        used("twice", 2),
        used("thrice", 3),
        used("ended", 4, status="ended"),
        used("context", 4, context_only=True),
        used("elsewhere", 4, domains=("website",)),
        a_project("found", adoptions=(an_adoption("coop-0"),)),
    )
    load(store, a_catalog(*projects, *(an_organization(f"coop-{n}") for n in range(4))))
    members = ["member-management", "share-capital"]
    assert [card.slug for card in store.home_page.most_used("members", members, 4)] == ["thrice", "twice"]
    assert [card.slug for card in store.home_page.most_used("some", members, 1)] == ["thrice"]
    assert store.home_page.in_areas("members", members) == 4 and store.home_page.in_areas("website", ["website"]) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("100%", ["100% Bio"]),
        ("%", ["100% Bio"]),
        ("_", ["snake_case"]),
        ("ECONOMIE", ["L'Économie sociale"]),
        ("économie", ["L'Économie sociale"]),
        ("تعاونية", ["تعاونية النور"]),
        ("\\", []),
        ("/", ["Coop/Net"]),
        ("'; --", []),
    ],
)
def test_organizations_are_found_by_any_part_of_their_name(store: Store, text: str, found: list[str]) -> None:
    names = ["100% Bio", "snake_case", "L'Économie sociale", "تعاونية النور", "Coop/Net", "1000 Bio"]
    load(store, a_catalog(*(an_organization(f"o-{n}", name=name) for n, name in enumerate(names))))
    total, cards = store.record_pages.organizations(OrganizationFilter(text))
    assert (total, [card.name for card in cards]) == (len(found), found)


def test_organizations_are_listed_by_name_a_page_at_a_time_with_what_they_do(store: Store) -> None:
    used = a_project(adoptions=(an_adoption("coop-01"),), maintenance=(a_maintenance("coop-00"),))
    organizations = [an_organization(f"coop-{n:02}", country="FR" if n % 2 else None) for n in range(7)]
    load(store, a_catalog(used, *organizations))
    total, first = store.record_pages.organizations(OrganizationFilter(), per_page=3)
    assert (total, [(card.slug, card.uses, card.maintains) for card in first]) == (
        7,
        [("coop-00", NO_USES, 1), ("coop-01", UseNumbers(found=1), 0), ("coop-02", NO_USES, 0)],
    )
    _, last = store.record_pages.organizations(OrganizationFilter(), per_page=3, page=3)
    assert [card.slug for card in last] == ["coop-06"]
    assert store.record_pages.organizations(OrganizationFilter(), page=9) == (7, ())
    assert store.record_pages.organizations(OrganizationFilter(country="FR", kind="cooperative"))[0] == 3
    facets = store.record_pages.organization_facets({})
    assert facets == {"kind": {"cooperative": 7}, "country": {"FR": 3}, "domain": {"member-management": 1}}


def test_organizations_are_found_by_the_need_that_they_use_something_for_and_counted_under_the_other_filters(
    store: Store,
) -> None:
    above = {"member-management": "governance", "voting": "governance"}
    both = a_project(
        domains=("member-management", "voting"),
        adoptions=(an_adoption("one"), an_adoption("hid", visibility="counted"), an_adoption("ex", stage="stopped")),
    )
    other = a_project("other", domains=("voting",), adoptions=(an_adoption("one"), an_adoption("two")))
    records = [an_organization(slug, country="FR" if slug == "one" else "ES") for slug in ("one", "two", "hid", "ex")]
    load(store, a_catalog(both, other, *records))
    facets = store.record_pages.organization_facets(above)
    assert facets["domain"] == {"member-management": 1, "voting": 2, "governance": 2}
    _, _, french = store.record_pages.organization_list(OrganizationFilter(country="FR", domains=("voting",)), above)
    assert french["domain"] == {"member-management": 1, "voting": 1, "governance": 1}
    assert french["country"] == {"FR": 1, "ES": 1} and french["kind"] == {"cooperative": 1}
    total, cards = store.record_pages.organizations(OrganizationFilter(domains=("member-management",)))
    assert (total, [card.slug for card in cards]) == (1, ["one"])
    any_of_three = OrganizationFilter(domains=("governance", "member-management", "voting"))
    assert store.record_pages.organizations(any_of_three)[0] == 2
    assert store.record_pages.organizations(OrganizationFilter(country="ES", domains=("voting",)))[1][0].slug == "two"


def test_what_does_not_exist_is_not_found(store: Store) -> None:
    pages, records = store.record_pages, store.public_records
    for reading in (records.project, pages.users, pages.project_id, records.organization, pages.collection):
        with pytest.raises(NotFound) as missing:
            reading("nothing")
        assert missing.value.key == "nothing"


def test_every_page_is_in_the_site_map(store: Store) -> None:
    load(store, a_document())
    assert list(store.record_pages.slugs()) == [
        ("project", "galette"),
        ("organization", "ana-maintains"),
        ("organization", "coop-des-halles"),
    ]


def test_times_are_aware_and_the_same_instant_in_any_zone(store: Store) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-5)))
    load(store, a_document(), now=elsewhere)
    page = store.public_records.project("galette")
    assert page.added_at == NOW and page.added_at.tzinfo == UTC
    with pytest.raises(StatementError, match="without zone"):
        load(store, a_document(projects=(a_project("new"),)), now=NOW.replace(tzinfo=None))


def test_another_kind_of_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        Store("mysql://root@localhost/x")


def test_lists_hold_only_what_is_shown(store: Store) -> None:
    lines = tuple(CollectionProject(slug) for slug in ("other", "galette"))
    load(store, a_document(projects=(a_project(), a_project("other")), collections=(a_collection(projects=lines),)))
    assert [line.project for line in store.home_page.collections()[0].projects] == ["other", "galette"]
    store.takedowns.block("galette", "A court said so.", now=NOW)
    assert [line.project for line in store.home_page.collections()[0].projects] == ["other"]
    assert [card.slug for card in store.record_pages.collection("suite").cards] == ["other"]


def test_a_project_kept_by_a_person_who_said_so_names_no_organization(store: Store) -> None:
    load(store, a_catalog(a_project(maintenance=(a_maintenance(None, person="Ana"),))))
    (line,) = store.public_records.project("galette").maintenance
    assert line.organization is None and line.maintenance.person == "Ana"
