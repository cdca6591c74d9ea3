"""Declaring a use by its pages: three short ones, the message's link, what becomes public, and taking it away."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.factories.calls import published
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, load
from support.visitors import signed_in, standing
from support.waiting_rows import waiting_submissions
from support.world import a_client, a_site

from catalog.store.core.engine import reading
from catalog.tables.people import message
from catalog.tables.submissions import submission
from catalog.text_rules import countries

GALETTE = identity("galette")
EVA = "eva@coop.example"
DECLARE = "/en/projects/galette/declare"
HOW = {"stage": "in-production", "since": "2021", "purpose": "Nos adhérents"}
PRESS = {"step": "send"}
SHOW = {"visibility": "public", "speaks": "yes"}


@pytest.fixture
def site(sqlite_store, tmp_path):
    coop = an_organization(homepage="https://www.coop.example/qui", name="Coop des Halles")
    found = an_adoption(stage="piloting", since="2019")
    load(sqlite_store, a_catalog(a_project(adoptions=(found,)), a_project("paheko"), coop, an_organization("autre")))
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield app


@pytest.fixture
def client(site):
    return a_client(site)


def link_of(store, email=EVA):
    with reading(store.engine) as connection:
        rows = connection.execute(
            select(message.c.argument).where(message.c.email == email).order_by(message.c.created_at)
        ).scalars()
        return [row["token"] for row in rows][-1]


def begun(client, **fields):
    answer = client.post(DECLARE, data={"organization": "coop-des-halles"} | fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removesuffix("/how")


def described(client, how=HOW, **fields):
    """The draft's address, filled in up to its last page."""
    at = begun(client, **fields)
    assert client.post(f"{at}/how", data=how).headers["location"] == f"{at}/show"
    return at


def sent(client, how=HOW, show=SHOW, email=EVA, **fields):
    at = described(client, how, **fields)
    return client.post(f"{at}/show", data=show | ({"email": email} if email else {})).headers["location"]


def confirmed(client, site, **given):
    sent(client, **given)
    token = link_of(site.state.store, given.get("email", EVA))
    return client.post(f"/en/sign-in/{token}", data=PRESS).headers["location"]


def test_three_pages_a_link_and_it_is_public_as_confirmed(client, site):
    first = client.get(DECLARE)
    assert "Step 1 of 3" in first.text and first.headers["cache-control"] == "private, no-store"
    assert first.text.count('id="q"') == 1 and 'id="country"' not in first.text  # one field, which finds
    found = client.post(DECLARE, data={"q": "halles"}).text
    assert 'value="coop-des-halles"' in found and "None of these: add it" in found
    at = described(client)
    page = client.get(f"{at}/show").text
    assert "Step 3 of 3" in page and "Nos adhérents" in page and "Until now:" in page
    assert "Coop des Halles" in page.partition("Check what you send")[2] and ">coop-des-halles<" not in page
    waiting = client.post(f"{at}/show", data=SHOW | {"email": EVA}).headers["location"]
    thanks = client.get(waiting).text
    assert "Thank you. One step left" in thanks and EVA in thanks
    assert "Confirmed by the organization" not in client.get("/en/projects/galette").text
    own = client.post(f"/en/sign-in/{link_of(site.state.store)}", data=PRESS).headers["location"]
    thanks = client.get(own).text
    assert "Thank you" in thanks and "What you sent is public now" in thanks
    assert "/experience?organization=coop-des-halles" in thanks and "/badge/galette.svg" in thanks
    assert "Prove that it is you" not in thanks  # the address at its domain did
    for about in ("projects/galette", "organizations/coop-des-halles"):
        assert f'<a href="/en/{about}"><bdi>' in client.get(own).text
    html = client.get("/fr/projects/galette").text
    assert "Nos adhérents" in html and EVA not in html
    html = client.get("/en/organizations/coop-des-halles").text
    assert "You represent" in html and "Confirmed by e-mail from its own domain" in html


def test_all_of_a_page_is_private_and_no_page_of_a_draft_is_found_by_a_machine(client):
    at = described(client)
    for step in ("organization", "how", "show"):
        answer = client.get(f"{at}/{step}")
        assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
        assert (
            'content="noindex' in answer.text and at.rpartition("/")[2] not in re.findall("canonical.*", answer.text)[0]
        )
    assert client.get(f"{at}/nothing").status_code == 404
    assert client.get(f"{at.replace('galette', 'paheko')}/how").status_code == 404


def test_what_is_typed_is_kept_and_stands_in_the_fields_again(client):
    at = begun(client)
    wrong = HOW | {"since": "last year", "purpose": "Nos <b> adhérents"}
    answer = client.post(f"{at}/how", data=wrong)
    assert answer.status_code == 422 and "<title>Error: " in answer.text and 'href="#since"' in answer.text
    assert "Nos &lt;b&gt; adhérents" in answer.text and 'value="last year"' in answer.text
    again = client.get(f"{at}/how").text
    assert "Nos &lt;b&gt; adhérents" in again


def test_a_year_in_the_digits_of_any_script_is_that_year(client):
    at = begun(client)
    client.post(f"{at}/how", data=HOW | {"since": "٢٠٢١-٠٥"})
    assert 'value="2021-05"' in client.get(f"{at}/how").text


def test_a_page_that_was_changed_from_the_last_one_leads_back_to_it(client):
    at = described(client)
    for step, data in (("how", HOW), ("organization", {"organization": "coop-des-halles"})):
        assert 'name="back" value="show"' in client.get(f"{at}/{step}?back=show").text
        assert client.post(f"{at}/{step}", data=data | {"back": "show"}).headers["location"] == f"{at}/show"


def test_what_hangs_on_an_answer_counts_with_that_answer_alone(client, site):
    at = described(client, how=HOW | {"until": "2024", "reasons": "cost"})
    assert "<dt>Until" not in client.get(f"{at}/show").text
    at = described(client, how={"stage": "stopped", "until": "2024", "reasons": ["cost"]})
    page = client.get(f"{at}/show").text
    assert "2024" in page and "Why you stopped" in page


def test_what_is_wrong_on_other_pages_is_told_on_the_last_one_with_where_to_mend_it(client):
    at = begun(client)
    client.post(f"{at}/how", data=HOW | {"stage": ""})
    answer = client.post(f"{at}/show", data=PRESS)
    assert answer.status_code == 422 and f'href="{at}/how?back=show#stage"' in answer.text
    assert 'href="#visibility"' in answer.text and 'href="#email"' in answer.text


def test_an_organization_like_one_that_is_here_is_asked_about_before_it_is_added(client, site):
    new = {"organization": "new", "name": "coop  DES Hallés", "kind": "cooperative", "country": "fr"}
    asked = client.post(DECLARE, data=new)
    assert asked.status_code == 422 and "Is it one of these?" in asked.text and 'value="coop-des-halles"' in asked.text
    same_site = client.post(DECLARE, data=new | {"name": "Halles", "homepage": "http://coop.example"})
    assert same_site.status_code == 422 and 'value="coop-des-halles"' in same_site.text
    assert client.post(DECLARE, data=new | {"organization": "other"}).status_code == 303
    assert client.post(DECLARE, data={"organization": "nobody"}).status_code == 422
    empty = client.post(DECLARE, data=PRESS)
    assert empty.status_code == 422 and 'id="organization-problem"' in empty.text
    assert "les-ateliers" not in dict(site.state.store.record_pages.slugs()).values()


def test_a_new_organization_needs_name_kind_and_country(client):
    answer = client.post(DECLARE, data={"organization": "new", "homepage": "coop"})
    assert answer.status_code == 422
    for field in ("name", "kind", "country", "homepage"):
        assert f'id="{field}-problem"' in answer.text


def test_sent_twice_is_sent_once_and_a_draft_that_was_sent_leads_to_its_own_page(client, site):
    at, last = described(client), SHOW | {"email": EVA}
    first, second = (client.post(f"{at}/show", data=last) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    with reading(site.state.store.engine) as connection:
        assert len(connection.execute(select(message.c.id)).all()) == 1
    client.post(f"/en/sign-in/{link_of(site.state.store)}", data=PRESS)
    for again in (client.get(f"{at}/how"), client.post(f"{at}/show", data=last)):
        assert again.headers["location"] == first.headers["location"] and again.status_code == 303


def test_what_stands_is_filled_in_to_be_confirmed_or_corrected(client):
    at = begun(client)
    html = client.get(f"{at}/how").text
    assert 'value="2019"' in html and re.search('value="piloting" checked', html)


def test_what_is_not_public_is_filled_in_for_nobody_else(client, site):
    confirmed(client, site, show={"visibility": "counted", "speaks": "yes"})
    client.cookies.clear()
    at = begun(client)
    html = client.get(f"{at}/how").text + client.get(f"{at}/show").text
    assert "Nos adhérents" not in html and "2021" not in html and "Until now" not in html


def test_at_one_press_it_is_gone_from_every_page_also_from_kept_ones(site):
    client = a_client(site, packed=True)
    confirmed(client, site)
    reader = a_client(site, packed=True)
    paths = ("/fr/projects/galette", "/fr/projects/galette/users", "/fr/organizations/coop-des-halles")
    before = {path: reader.get(path) for path in paths}
    assert all("Nos adhérents" in answer.text for answer in before.values())
    assert {reader.get(path).headers["etag"] for path in paths} == {
        answer.headers["etag"] for answer in before.values()
    }
    use = "/en/projects/galette/users/coop-des-halles"
    assert reader.post(use, data={"step": "withdraw"}).status_code == 303  # to the page that signs in
    assert "Nos adhérents" in reader.get(paths[0]).text
    gone = client.post(use, data={"step": "withdraw", "next": "/en/organizations/coop-des-halles"})
    assert gone.headers["location"] == "/en/organizations/coop-des-halles"
    for path in paths:
        answer = reader.get(path, headers={"if-none-match": before[path].headers["etag"]})
        assert answer.status_code == 200 and "Nos adhérents" not in answer.text
    assert client.post(use, data={"step": "withdraw"}).status_code == 303


def test_who_may_see_it_is_one_press_on_ones_own_page(client, site):
    confirmed(client, site)
    mine = client.get("/en/me").text
    assert "You represent" in mine and 'name="visibility"' in mine
    use = "/en/projects/galette/users/coop-des-halles"
    assert client.post(use, data={"step": "show", "visibility": "counted"}).headers["location"] == "/en/me"
    assert "Nos adhérents" not in client.get("/fr/projects/galette").text
    assert "Nos adhérents" not in a_client(site).get("/fr/organizations/coop-des-halles").text
    assert client.post(use, data={"step": "show", "visibility": "all"}).status_code == 422
    client.post(use, data={"step": "show", "visibility": "public"})
    assert "Nos adhérents" in client.get("/fr/projects/galette").text
    assert client.post("/en/projects/galette/users/autre", data={"step": "withdraw"}).status_code == 403


def test_who_speaks_for_it_changes_it_without_a_message(client, site):
    confirmed(client, site)
    at = described(client, how=HOW | {"stage": "stopped", "until": "2025", "reasons": "cost"})
    assert client.get(f"{at}/show").text.count("You are signed in as") == 1
    client.post(f"{at}/show", data=SHOW)
    html = client.get("/en/projects/galette/users").text
    assert "Former users, or decided against it" in html and "Before:" in html and "Why they stopped:" in html


def test_its_sender_takes_back_what_the_desk_published(client, site):
    from support.factories.adoptions import decided

    own = confirmed(client, site, email="eva@gmail.com")
    submission = site.state.store.submissions.by_reference(own.rpartition("/")[2])
    decided(site.state.store, submission)
    assert "Declared, not confirmed yet" in client.get("/en/projects/galette").text
    assert "Withdraw this" in client.get(own).text
    client.post(own, data={"step": "withdraw"})
    assert "Declared, not confirmed yet" not in client.get("/en/projects/galette").text
    assert "Withdrawn by you" in client.get(own).text and "Withdraw this" not in client.get(own).text


def test_what_was_found_goes_with_an_address_at_the_domain(client, site):
    page = client.get("/en/organizations/coop-des-halles").text
    assert "Is this your organization?" in page
    away = "/en/projects/galette/users/coop-des-halles/away"
    assert "coop.example" in client.get(away).text
    assert client.post(away, data={"email": "x"}).status_code == 422
    client.post(away, data={"email": EVA})
    assert "Coop des Halles" in client.get("/en/projects/galette/users").text
    client.post(f"/en/sign-in/{link_of(site.state.store)}", data=PRESS)
    assert "Coop des Halles" not in client.get("/en/projects/galette/users").text
    assert client.get(away).status_code == 404 and client.post(away, data={"email": EVA}).status_code == 404


@pytest.mark.parametrize("speaks", [False, True])
def test_taking_away_is_asked_once_however_often_it_is_pressed(client, site, speaks):
    away, store = "/en/projects/galette/users/coop-des-halles/away", site.state.store
    if speaks:
        client = standing(site, store, organization_id=identity("coop-des-halles", "organization"))
    draft = re.search(r'name="draft" value="([\w-]{43})"', client.get(away).text)[1]
    form = {"draft": draft, "email": "x@example.org", "words": "It was a test."}
    sent = [client.post(away, data=form) for _ in range(2)]
    assert [answer.headers.get("location") for answer in sent] == [f"/en/declarations/{draft}"] * 2
    with reading(store.engine) as connection:
        assert len(connection.execute(select(submission.c.id)).all()) == 1
        assert len(connection.execute(select(message.c.id).where(message.c.email == "x@example.org")).all()) == (
            not speaks
        )
    assert store.submissions.by_token(draft).state == ("published" if speaks else "sent")


def test_the_sentence_of_unnamed_groups_stands_on_the_page_from_five_on(sqlite_store, client_of):
    secrets = [an_organization(f"org-{number}") for number in range(6)]
    uses = tuple(an_adoption(organization.slug, visibility="counted") for organization in secrets)
    client = client_of(a_project(adoptions=uses), *secrets)
    before = client.get("/en/projects/galette")
    assert "without being named" not in before.text
    sqlite_store.restricted_adoptions.count_unnamed(now=NOW + timedelta(days=7))
    page = client.get("/en/projects/galette")
    assert "At least 5 organizations use it without being named." in page.text and "org-" not in page.text
    assert "without being named" in client.get("/en/projects/galette/users").text


def test_the_last_page_asks_about_questions_and_knows_the_answer_again(client, site):
    at = described(client)
    page = client.get(f"{at}/show").text
    assert "May other organizations ask you?" in page and '<option value="en" selected>' in page
    bare = client.post(f"{at}/show", data=SHOW | {"questions": "yes", "email": EVA})
    assert bare.status_code == 422 and 'href="#languages"' in bare.text
    client.post(f"{at}/show", data=SHOW | {"questions": "yes", "languages": ["fr", "pt"], "email": EVA})
    read = client.get(f"/en/sign-in/{link_of(site.state.store)}").text
    assert "Other organizations may ask you questions" in read and "Portuguese" in read
    client.post(f"/en/sign-in/{link_of(site.state.store)}", data=PRESS)
    assert "Ask a user organization" in client.get("/en/projects/galette").text
    assert "Portuguese" in client.get("/en/me/questions").text
    again = client.get(f"{begun(client)}/show").text
    assert re.search('value="yes" checked', again) and '<option value="pt" selected>' in again


def test_the_second_part_tells_more_of_the_use_and_its_sender_may_follow_the_project(client, site):
    confirmed(client, site)
    tell = "/en/projects/galette/experience"
    page = client.get(f"{tell}?organization=coop-des-halles").text
    assert "Nos adhérents" in page and 'value="coop-des-halles" checked' in page
    told = {"organization": "coop-des-halles", "context": "Nos adhérents", "again": "yes", "version": "1.2",
            "cost_band": "c101-1000", "currency": "EUR", "people": "p6-20", "told": "yes"}  # fmt: skip
    own = client.post(tell, data=told | {"step": "send"}).headers["location"]
    assert "Published" in client.get(own).text
    html = client.get("/en/projects/galette/users").text
    assert "Version <bdi>1.2</bdi>" in html and "101 to 1,000 a year EUR" in html and "6 to 20" in html
    assert "Nos adhérents" in html and "Galette" in client.get("/en/me").text.partition('id="follows"')[2]
    again = client.get(f"{tell}?organization=coop-des-halles").text
    assert 'value="1.2"' in again


@pytest.mark.parametrize("tag", ["en", "fr"])
def test_every_form_lists_the_same_countries_in_the_same_order_and_takes_each_of_them(client, tag):
    listed = {}
    for path, field in (
        ("projects/galette/declare?q=nobody", "country"),
        ("calls/new?kind=need", "country"),
        ("organizations/coop-des-halles/correct?field=country", "value"),
    ):
        html = client.get(f"/{tag}/{path}").text
        list_of = html.split(f'name="{field}"', 1)[1].split("</select>", 1)[0]
        likely, _, every = list_of.partition("<optgroup")
        listed[path] = [re.findall(r'<option value="([A-Z]{2})"', part) for part in (likely, every)]
    (likely, every), *others = listed.values()
    assert set(every) == countries() == {*every, *likely} and all(lists == [likely, every] for lists in others)
    assert likely[0] == {"en": "GB", "fr": "FR"}[tag] and len(every) == len(countries())


NEW = {"organization": "new", "name": "Halle Neuve", "kind": "cooperative", "country": "fr",
       "homepage": "www.neuve.example", "networks": "Réseau Sud, Union des halles"}  # fmt: skip
READ_FIRST = "A moderator reads it within 7 days."


def test_who_names_a_new_organization_is_told_that_a_person_reads_it_and_one_does(client, site):
    at = described(client, **NEW)
    page = client.get(f"{at}/show").text
    assert READ_FIRST in page and "shown as soon as" not in page and "Halle Neuve" in page and "Réseau Sud" in page
    client.post(f"{at}/show", data=SHOW | {"email": "eva@neuve.example"})
    own = client.post(f"/en/sign-in/{link_of(site.state.store, 'eva@neuve.example')}", data=PRESS).headers["location"]
    thanks = client.get(own).text
    assert "We review it within 7 days" in thanks and "What you can do now" not in thanks  # nothing, yet
    (case,) = waiting_submissions(site.state.store)
    assert case.state == "waiting"
    published(site.state.store, case)
    told = client.get("/api/v1/organizations/halle-neuve").json()["record"]
    assert told["networks"] == ["Réseau Sud", "Union des halles"] and told["homepage"] == "https://www.neuve.example"


def test_the_last_page_names_the_website_whose_addresses_need_no_reader(client, site):
    page = client.get(f"{described(client)}/show").text
    assert "address is at" in page and "coop.example" in page and "published as soon as you open the link" in page
    unknown = client.get(f"{described(client, organization='autre')}/show").text
    assert "address is at" not in unknown and "Otherwise a moderator reads it" in unknown


def test_who_speaks_for_it_is_told_that_it_is_shown_at_once_and_who_does_not_that_a_person_reads_it(site):
    organization = identity("coop-des-halles", "organization")
    speaks = standing(site, site.state.store, organization_id=organization)
    page = speaks.get(f"{described(speaks)}/show").text
    assert "published as soon as you send it" in page and READ_FIRST not in page
    other = signed_in(site, site.state.store, "somebody@example.org", None)
    page = other.get(f"{described(other)}/show").text
    assert READ_FIRST in page and "shown as soon as" not in page


def test_the_website_that_a_moderator_accepted_verifies_and_where_none_is_known_a_person_must_decide(client, site):
    confirmed(client, site, email="eva@neuve.example", **NEW)
    (case,) = waiting_submissions(site.state.store)
    published(site.state.store, case)
    page = client.get("/en/organizations/halle-neuve/claim").text
    assert "no website of its own domain" not in page and "neuve.example" in page
    assert 'value="dns"' in page and "A person must decide" not in page
    assert "knows no website of its own" in client.get("/en/organizations/autre/claim").text


def test_who_is_signed_in_is_promised_no_link_and_knows_that_moderators_read(site, client):
    organization = identity("coop-des-halles", "organization")
    speaks = standing(site, site.state.store, organization_id=organization)
    other = signed_in(site, site.state.store, "somebody@example.org", None)
    assert "the link that we send you" in client.get(DECLARE).text
    assert "the link that we send you" not in speaks.get(DECLARE).text
    assert "Moderators of this catalogue read what you send" in client.get(f"{begun(client)}/show").text
    away = "/en/projects/galette/users/coop-des-halles/away"
    assert "it is removed at once" in speaks.get(away).text
    assert READ_FIRST in other.get(away).text and "the link" not in other.get(away).text.partition("</h1>")[2]


PROVEN = "If you represent this organization here, it is removed as soon as you open the link that we send you."


def test_who_may_take_away_is_told_truly_what_the_link_does_and_what_came_of_it(site, client):
    store = site.state.store
    uses = (an_adoption(), an_adoption(organization="autre"))
    coop = an_organization(homepage="https://www.coop.example/qui", name="Coop des Halles")
    load(store, a_catalog(a_project(adoptions=uses), a_project("paheko"), coop, an_organization("autre")))
    bare, dotted = (f"/en/projects/galette/users/{slug}/away" for slug in ("autre", "coop-des-halles"))
    page = client.get(dotted).text
    assert "coop.example" in page and "or you represent this organization here, it is removed as soon as" in page
    assert "Otherwise a moderator reads it within 7 days." in page and "With any other address" not in page
    page = client.get(bare).text
    assert PROVEN in page and f"Otherwise a {READ_FIRST[2:]}" in page and "could prove your address" not in page
    standing(site, store, organization_id=identity("autre", "organization"))
    own = client.post(bare, data={"email": "stands@example.org"}).headers["location"]
    waits = client.get(own).text
    assert "Nothing changes until you open the link" in waits and "Nothing is public until" not in waits
    client.post(f"/en/sign-in/{link_of(store, 'stands@example.org')}", data=PRESS)
    done = client.get(own).text
    assert "Done" in done and "Published" not in done
    assert client.get(bare).status_code == 404
