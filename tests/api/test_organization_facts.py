"""Facts of an organization, as programs get them, over both databases."""

from support.factories.core import a_catalog, an_organization, identity, later, load
from support.world import a_client, a_site

from catalog.store.core.public_changes import changing
from catalog.store.documents import overrides


def test_an_organizations_own_word_stands_beside_the_documents(store, tmp_path):
    load(store, a_catalog(an_organization("coop", homepage="https://coop.example.org")))
    with changing(store.engine) as (connection, change):
        said = {"homepage": {"value": "https://own.example.org", "declaration": "AAAA-2222", "own": True}}
        key = identity("coop", "organization")
        overrides.declare_organization_values(connection, key, said, change=change, now=later(days=1))
    with a_site(store, tmp_path / "data") as app:
        facts = a_client(app).get("/api/v1/organizations/coop/facts").json()["facts"]
        said = {fact["origin"]: fact for fact in facts if fact["field"] == "homepage"}
        assert (said["declared"]["value"], said["declared"]["shown"]) == ("https://own.example.org", True)
        assert (said["curated"]["value"], said["curated"]["shown"]) == ("https://coop.example.org", False)
        assert said["curated"]["disputed"] and said["declared"]["source"]["maintainer"] is True
