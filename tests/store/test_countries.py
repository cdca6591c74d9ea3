"""Where something is used, who helps and who makes something: each organization counts once in its country,
found ones apart, unnamed ones nowhere."""

from support.factories.core import (
    a_catalog,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)

from catalog.model import Runs
from catalog.store.core.read_models import NO_USES, CountryProject, NamedProject, PlaceCounts, UseNumbers
from catalog.store.projects.takedowns import Takedowns
from catalog.store.store import Store

SAID = {"verification": "domain-confirmed"}


def a_country(store: Store) -> None:
    """Two groups in France use something and one does so unnamed; one in Spain helps; of one nobody knows where."""
    load(
        store,
        a_catalog(
            a_project(
                adoptions=(
                    an_adoption("breton", **SAID),
                    an_adoption("nowhere"),
                    an_adoption("hidden", visibility="counted", **SAID),
                    an_adoption("parisian"),
                ),
                maintenance=(
                    a_maintenance("ana"),
                    a_maintenance("giver", role="funder"),
                    a_maintenance("maker", role="contributor"),
                    a_maintenance("teacher", role="integrator"),
                ),
                runs=Runs(hosted=("ana", "host")),
            ),
            a_project("other", adoptions=(an_adoption("breton"),)),
            an_organization("breton", region="FR-BRE"),
            an_organization("parisian"),
            an_organization("hidden"),
            an_organization("nowhere", country=None),
            an_organization("ana", country="ES"),
            an_organization("host", country="MT"),
            an_organization("giver", country="DE"),
            an_organization("maker", country="IT"),
            an_organization("teacher", country="ES"),
        ),
    )


def test_each_country_counts_its_groups_once_its_helpers_and_its_makers(store: Store) -> None:
    a_country(store)
    assert store.countries.countries() == (
        PlaceCounts("ES", NO_USES, 2, makers=1),
        PlaceCounts("FR", UseNumbers(1, 0, 1), 0),
        PlaceCounts("IT", NO_USES, 0, makers=1),
        PlaceCounts("MT", NO_USES, 1),
        PlaceCounts(None, UseNumbers(found=1), 0),
    )
    assert [place.unconfirmed for place in store.countries.countries()] == [0, 1, 0, 0, 1]
    assert store.countries.with_users() == ("FR",)


def test_the_groups_of_a_country_stand_by_region_with_what_they_use(store: Store) -> None:
    a_country(store)
    france = store.countries.country("FR")
    assert [
        (group.organization.slug, group.region, group.confirmed, group.organization.uses) for group in france.groups
    ] == [
        ("breton", "FR-BRE", True, UseNumbers(confirmed=1, found=1)),
        ("parisian", None, False, UseNumbers(found=1)),
    ]
    assert [program.name for program in france.groups[0].projects] == ["Galette", "Other"]
    assert france.projects == (
        CountryProject("galette", "Galette", UseNumbers(1, 0, 1)),
        CountryProject("other", "Other", UseNumbers(found=1)),
    )
    assert [group.organization.slug for group in store.countries.country("FR", 2, 1).groups] == ["parisian"]
    assert store.countries.country("FR", 3, 1).groups == ()


def test_the_parts_of_a_country_count_like_countries_and_stand_alone(store: Store) -> None:
    a_country(store)
    assert store.countries.regions("FR") == (PlaceCounts("FR", UseNumbers(1), 0, "FR-BRE"),)
    assert store.countries.regions("ES") == ()
    breton = store.countries.country("FR", region="FR-BRE")
    assert [group.organization.slug for group in breton.groups] == ["breton"] and breton.place.groups == 1
    assert breton.projects == (
        CountryProject("galette", "Galette", UseNumbers(1)),
        CountryProject("other", "Other", UseNumbers(found=1)),
    )
    assert store.countries.country("FR", region="FR-OCC").groups == ()


def test_who_sets_up_or_hosts_something_can_help_in_its_country_and_who_makes_it_is_told_apart(store: Store) -> None:
    a_country(store)
    spain, italy = store.countries.country("ES"), store.countries.country("IT")
    assert [(organization.organization.slug, organization.roles) for organization in spain.helpers] == [
        ("ana", ("host",)),
        ("teacher", ("integrator",)),
    ]
    assert [
        (organization.organization.slug, organization.projects, organization.roles) for organization in spain.makers
    ] == [("ana", (NamedProject("galette", "Galette"),), ("lead",))]
    assert italy.helpers == () and [organization.roles for organization in italy.makers] == [("contributor",)]
    assert [organization.roles for organization in store.countries.country("MT").helpers] == [("host",)]
    assert store.countries.country("DE").helpers == () == store.countries.country("DE").makers
    assert store.countries.country("XX").groups == ()


def test_keeping_up_code_or_paying_for_it_is_no_help_near_for_search(store: Store) -> None:
    a_country(store)
    (row,) = store.index_rows.rows([identity("galette")])
    assert row.helper_countries == ("ES", "MT") and "maker" in row.organization_names


def test_the_order_of_what_a_group_uses_tells_nothing_of_unnamed_adoptions(store: Store) -> None:
    secret = an_adoption("hidden", visibility="counted")
    told = []
    for first, second in (((), ()), ((secret,), ()), ((), (secret,))):
        project = a_project("one", adoptions=(*first, an_adoption("group")))
        other = a_project("other", adoptions=(*second, an_adoption("group")))
        load(store, a_catalog(project, other, an_organization("group"), an_organization("hidden")))
        (group,) = store.countries.country("FR").groups
        told.append(group.projects)
    assert len(told[0]) == 2 and told[0] == told[1] == told[2]


def test_how_many_of_a_country_use_given_projects_is_counted_without_those_that_are_not_named(store: Store) -> None:
    a_country(store)
    ids = [identity("galette"), identity("other")]
    assert store.countries.near("FR", ids) == {ids[0]: (1, 1), ids[1]: (0, 1)}
    assert store.countries.near("ES", ids) == {} == store.countries.near("FR", [])


def test_what_is_blocked_is_used_and_hosted_nowhere(store: Store) -> None:
    a_country(store)
    Takedowns(store.engine).block("galette", "A court said so.", now=later(days=1))
    assert [place.country for place in store.countries.countries()] == ["FR"]
    assert [country_project.slug for country_project in store.countries.country("FR").projects] == ["other"]


def test_an_organization_that_hosts_is_known_by_its_rows_after_each_load(store: Store) -> None:
    a_country(store)
    load(
        store,
        a_catalog(a_project(runs=Runs(hosted=("host",))), an_organization("host", country="FR")),
        now=later(days=1),
    )
    assert [place.country for place in store.countries.countries()] == ["FR"] and store.countries.with_users() == ()
    load(store, a_catalog(a_project(), an_organization("host")), now=later(days=2))
    assert store.countries.countries() == ()
    assert store.record_pages.project_id("galette") == identity("galette")
