"""What public sources tell of a program's users: uses of long ago, how they went, and in how many countries."""

from pathlib import Path

from support.factories.core import a_catalog, a_project, an_adoption, an_organization, load
from support.world import a_client, a_site

from catalog.model import Adoption, Evidence
from catalog.store.store import Store

REGISTRY = "DPGAlliance/publicgoods-candidates@a1d99f08b175:digitalpublicgoods/apache-fineract.json#L110-L146"


def _page(store: Store, folder: Path, *adoptions: Adoption, address: str = "", **changes: object) -> str:
    organizations = [an_organization(use.organization, name=use.organization) for use in adoptions]
    load(store, a_catalog(a_project(adoptions=adoptions, **changes), *organizations))
    with a_site(store, folder) as app:
        return a_client(app).get(f"/en/projects/galette{address}").text


def test_a_use_of_long_ago_stands_under_former_users_with_its_last_sign_and_in_no_count(
    sqlite_store: Store, tmp_path: Path
) -> None:
    html = _page(sqlite_store, tmp_path, an_adoption("circle", until="2011"))
    former = html.partition("Former users, or decided against it")[2]
    assert "Used in 2011" in former and "Last sign of use: 2011" in former and "Until" not in former
    assert sqlite_store.public_records.project("galette").uses.present == 0


def test_what_public_sources_tell_stands_apart_from_reviews_with_its_sources_and_comes_first(
    sqlite_store: Store, tmp_path: Path
) -> None:
    story = {"en": "Moved 300 members in 2012; the old data took a year to mend."}
    html = _page(
        sqlite_store, tmp_path, an_adoption("aa"), an_adoption("zz", lesson=story, sources=("https://x.org/a",))
    )
    told = html.partition("Reported by public sources")[2].partition("</section>")[0]
    assert "did not write to us" in told and story["en"] in told and 'href="https://x.org/a"' in told
    users = html.partition('id="users"')[2]
    assert users.index("/organizations/zz") < users.index("/organizations/aa")


def test_countries_of_use_are_said_to_be_what_the_registry_says(sqlite_store: Store, tmp_path: Path) -> None:
    evidence = {"deployment_countries": Evidence(REGISTRY, "2024-08-19")}
    html = _page(sqlite_store, tmp_path, deployment_countries=("KE", "IN"), evidence=evidence)
    said = html.partition('id="users"')[2].partition("</section>")[0]
    assert "In use in 2 countries, says" in said and "the registry of digital public goods" in said and "(2024)" in said
