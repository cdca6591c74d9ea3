"""Offers of help as people meet them: made by a helper, found by a group, and named in the answer to a need."""

from datetime import timedelta

import pytest
from support.factories.calls import a_call
from support.factories.core import a_catalog, a_maintenance, a_project, an_organization, identity, load
from support.html_structure import words
from support.visitors import signed_in, standing
from support.world import a_client, a_site

from catalog.model import Maintenance

COOP, GALETTE = identity("coop-des-halles", "organization"), identity("galette")
PATH = "/en/projects/galette/help"
OFFER = {
    "organization": "coop-des-halles",
    "role": ["integrator", "trainer"],
    "countries": ["FR", "BE"],
    "online": "yes",
    "languages": ["fr", "nl"],
    "terms": "For associations, by quotation",
}


@pytest.fixture
def app(store, tmp_path):
    far = Maintenance(role="host", organization="far", countries=("BR",), terms={"en": "Free for members"})
    load(
        store,
        a_catalog(
            a_project(maintenance=(a_maintenance("coop-des-halles", role="trainer"), far)),
            a_project("paheko", name="Paheko", maintenance=(a_maintenance("other", role="host"),)),
            an_organization(name="Coop des Halles", kind="worker-cooperative", country="FR"),
            an_organization("far", name="Far Hosts", kind="association", country="ES"),
            an_organization("other", name="Other Hosts", kind="association", country="FR"),
        ),
    )
    with a_site(store, tmp_path / "data") as site:
        yield site


@pytest.fixture
def reader(app):
    return a_client(app)


def offered(client):
    """The offer, sent by somebody who represents the cooperative: the form, its preview, done."""
    check = client.post(PATH, data=OFFER)
    assert check.status_code == 200, words(check)
    assert "France, Belgium" in words(check) and "For associations, by quotation" in words(check)
    draft = check.text.split('name="draft" value="')[1].split('"')[0]
    assert client.post(PATH, data=OFFER | {"step": "send", "draft": draft}).status_code == 303


def test_an_offer_says_what_where_in_which_languages_and_on_which_terms(app, store, reader):
    theirs, present = standing(app, store, organization_id=COOP), app.state.clock
    app.state.clock = lambda: present() - timedelta(days=366)
    offered(theirs)
    page = words(reader.get("/en/projects/galette"))
    assert "not confirmed since" not in page
    assert "Installs for others, Trains users: Coop des Halles" in page
    assert "France, Belgium, online French, Dutch For associations, by quotation" in page
    record = reader.get("/api/v1/projects/galette").json()["maintenance"]
    lines = [line["maintenance"] for line in record if line["maintenance"]["organization"] == "coop-des-halles"]
    assert [(line["role"], line["countries"], line["languages"]) for line in lines] == [
        (role, ["FR", "BE"], ["fr", "nl"]) for role in OFFER["role"]
    ], "its own word takes the place of the document's line"
    app.state.clock = present
    assert "not confirmed since" in words(reader.get("/en/projects/galette"))
    press = {"line": "trainer coop-des-halles", "step": "confirm", "next": "/en/me"}
    assert reader.post(PATH, data=press).status_code == 303
    assert "not confirmed since" in words(reader.get("/en/helpers")), "only who represents it may confirm it"
    again = signed_in(app, store, "stands@example.org", None)
    assert again.post(PATH, data=press).headers["location"] == "/en/me"
    assert "not confirmed since" not in words(reader.get("/en/helpers")) + words(reader.get("/en/projects/galette"))


def test_one_kind_of_help_is_taken_away_and_the_other_stays(app, store, reader):
    theirs = standing(app, store, organization_id=COOP)
    offered(theirs)
    press = {"line": "integrator coop-des-halles", "step": "take-away", "next": "/en/me"}
    assert theirs.post(PATH, data=press).status_code == 303
    page = words(reader.get("/en/projects/galette"))
    assert "Trains users: Coop des Halles" in page and "Installs for others" not in page


def test_what_is_no_offer_has_no_terms_and_wrong_places_are_told_beside_their_fields(app, store, reader):
    refused = reader.post(PATH, data=OFFER | {"countries": ["XX"], "languages": ["?"], "terms": "write to a@b.org"})
    assert refused.status_code == 422
    for field in ("countries", "languages", "terms"):
        assert f'href="#{field}"' in refused.text, field


def shown(client, **query):
    page = client.get("/en/helpers", params=query)
    assert page.status_code == 200
    return [name for name in ("Coop des Halles", "Far Hosts", "Other Hosts") if name in words(page)]


def test_helpers_are_found_by_program_kind_of_help_country_language_and_as_cooperatives(app, store, reader):
    offered(standing(app, store, organization_id=COOP))
    assert shown(reader) == ["Coop des Halles", "Far Hosts", "Other Hosts"]
    assert shown(reader, project="paheko") == ["Other Hosts"]
    assert shown(reader, role="trainer") == ["Coop des Halles"]
    assert shown(reader, country="FR") == ["Coop des Halles", "Other Hosts"]
    assert shown(reader, country="BR") == ["Coop des Halles", "Far Hosts"], "online help counts everywhere"
    assert shown(reader, language="nl") == ["Coop des Halles"]
    assert shown(reader, only="cooperative") == ["Coop des Halles"]
    assert shown(reader, role="host", language="nl") == []
    assert shown(reader, project='"><script>', country="\x00") == []
    assert "Free for members" in words(reader.get("/fr/helpers"))


def test_who_asks_for_help_is_shown_first_who_offers_it(app, store, reader):
    offered(standing(app, store, organization_id=COOP))
    page = reader.get("/en/calls/new", params={"project": "galette"}).text
    assert page.index("Coop des Halles") < page.index("kind=")
    assert "Other Hosts" not in page


def test_a_need_is_answered_with_an_offer_by_those_alone_who_represent_it(app, store, reader):
    theirs = standing(app, store, organization_id=COOP)
    offered(theirs)
    call = a_call(store, call="install", project=GALETTE, text="Who installs it for us?")
    page = words(theirs.get(f"/en/calls/{call.reference}"))
    assert "Answer with the offer of Coop des Halles" in page
    assert "Answer with the offer" not in reader.get(f"/en/calls/{call.reference}").text
    path = f"/en/ask?call={call.reference}&offer=coop-des-halles"
    assert (
        "Trains users: Galette" in theirs.get(path).text and "/organizations/coop-des-halles" in theirs.get(path).text
    )
    assert "Trains users" not in reader.get(path).text
