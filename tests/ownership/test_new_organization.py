"""A new organization from its first word to a verified and public one: a moderator accepts its website, it verifies
itself there, and what it said before is its own word. What is not public stays its people's, and its network's."""

import pytest
from sqlalchemy import select
from support.factories.adoptions import GALETTE, a_use, opened
from support.factories.calls import published
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.factories.people import a_person, again
from support.factories.submissions import begin_draft
from support.visitors import BROWSER, signed_in
from support.world import a_client, a_site, fill

from catalog import submissions
from catalog.errors import NotFound
from catalog.ownership import members, recheck, verify
from catalog.record_kind import ORGANIZATION
from catalog.rules.submission import CLAIM, CORRECT, PUBLISHED, WAITING
from catalog.rules.verification import ABSENT, ADDRESS, DNS, FILE, FOUND
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.submissions import submission_rows
from catalog.submissions import adoption_actions
from catalog.tables.core import organization
from forge.web.core.session import NAME

EVA = "eva@ateliers.example"
NEW = {"organization": "", "name": "Les Ateliers", "kind": "association", "country": "FR",
       "homepage": "https://www.ateliers.example/qui"}  # fmt: skip
SLUG = "les-ateliers"
PAHEKO = identity("paheko")


@pytest.fixture
def filled(store):
    federation = an_organization("federation", name="The Federation", function="network-federation")
    load(store, a_catalog(a_project(), a_project("paheko"), an_organization(), federation))
    return store


def accepted(store, email=EVA, **answers):
    """The sender of a use of a new organization, after a moderator accepted it."""
    someone, sent = opened(store, a_use(store, **NEW | answers), email)
    assert sent.state == WAITING
    published(store, sent)
    return again(store, someone)


def key_of(store):
    with reading(store.engine) as connection:
        return connection.execute(select(organization.c.id).where(organization.c.slug == SLUG)).scalar_one()


def is_public(store, slug=SLUG):
    try:
        store.public_records.organization(slug)
    except NotFound:
        return False
    return True


def said(store, slug="galette"):
    """How each organization's use of a project is verified, as everybody reads it."""
    return {line.organization.slug: line.adoption.verification for line in store.public_records.project(slug).adoptions}


def corrected(store, someone, field, value, key=None):
    answers = {"field": field, "value": value, "source": "https://example.org/x"}
    _, submission = begin_draft(store, CORRECT, "fr", organization_id=key or key_of(store), answers=answers, now=NOW)
    return submissions.send(store, submission.id, email=someone.email, person=someone, now=NOW)[0]


def test_it_verifies_itself_once_a_moderator_accepted_its_website_and_what_it_said_before_is_its_own(filled):
    someone, sent = opened(filled, a_use(filled, **NEW), EVA)
    with pytest.raises(NotFound):
        verify.begin(filled, someone, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    published(filled, sent)
    assert said(filled)[SLUG] == "self-declared" and not filled.public_records.organization(SLUG).verifications
    verify.begin(filled, someone, ORGANIZATION, SLUG, ADDRESS, "fr", now=later(days=1))
    assert said(filled)[SLUG] == "domain-confirmed" and filled.public_records.project("galette").uses.confirmed == 1
    (line,) = (line for line in filled.public_records.project("galette").adoptions if line.organization.slug == SLUG)
    assert line.confirmed_at == NOW  # it says so since then
    (voice,) = filled.verifications.standing(ORGANIZATION, key_of(filled), later(days=1))
    assert voice.method == ADDRESS
    with reading(filled.engine) as connection:
        declared = connection.execute(select(organization.c.declared).where(organization.c.slug == SLUG)).scalar_one()
    assert all(entry["own"] for entry in declared.values())


@pytest.mark.parametrize("method", [DNS, FILE])
def test_who_has_no_address_there_verifies_by_a_record_or_a_file_and_nobody_elsewhere_by_an_address(filled, method):
    eva = accepted(filled, "eva@gmail.com")
    with pytest.raises(Exception, match="way"):
        verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    begun = verify.begin(filled, eva, ORGANIZATION, SLUG, method, "fr", now=NOW)
    verify.settle(filled, begun.id, FOUND, detail={}, reason=None, now=later(days=1))
    assert said(filled)[SLUG] == "file-confirmed"
    assert again(filled, eva).represented_organizations == (key_of(filled),)


def test_what_others_declared_of_it_is_not_lifted_by_somebody_elses_verification(filled):
    accepted(filled, "other@gmail.com")
    eva = a_person(filled, EVA, None)
    verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    assert said(filled)[SLUG] == "self-declared"


def test_a_website_that_it_says_itself_moves_no_verification_until_a_moderator_accepts_it(filled):
    eva = accepted(filled)
    verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    eva = again(filled, eva)
    assert corrected(filled, eva, "homepage", "https://elsewhere.example").state == PUBLISHED
    assert filled.public_records.organization(SLUG).record.homepage == "https://elsewhere.example"
    recheck.tend(filled, now=later(days=1))
    assert [entry.state for entry in filled.verifications.of_person(eva.id)] == ["verified"]
    for mallory in ("mallory@elsewhere.example", "mallory@gmail.com"):
        with pytest.raises(Exception, match="way"):
            verify.begin(filled, a_person(filled, mallory, None), ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    (found,) = filled.verifications.of_person(eva.id)
    verify.give_up(filled, eva, found.id, now=later(days=2))  # what it said is a declaration now, which nobody decided
    with pytest.raises(Exception, match="way"):
        verify.begin(filled, a_person(filled, "m@elsewhere.example", None), ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    assert verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=later(days=3)).state == "verified"


def test_what_a_moderators_mistake_lifted_falls_with_it(filled):
    eva = accepted(filled, "eva@gmail.com")
    answers = {"words": "Ask the board."}
    _, submission = begin_draft(
        filled, CLAIM, "fr", organization_id=key_of(filled), answers=answers, person_id=eva.id, now=NOW
    )
    sent = submissions.send(filled, submission.id, email=eva.email, person=eva, now=NOW)[0]
    published(filled, sent)
    assert said(filled)[SLUG] == "moderator-confirmed"
    with changing(filled.engine) as (connection, change):
        submissions.take_back(connection, submission_rows.by_id(connection, sent.id), change, now=NOW)
    assert said(filled)[SLUG] == "self-declared" and again(filled, eva).represented_organizations == ()


def test_taking_back_its_only_use_leaves_the_page_of_a_verified_organization_and_no_other(filled):
    eva = accepted(filled)
    verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    assert is_public(filled)
    adoption_actions.take_away(filled, again(filled, eva), GALETTE, key_of(filled), now=later(days=1))
    assert said(filled) == {} and is_public(filled)
    members.invite(filled, again(filled, eva), ORGANIZATION, key_of(filled), "bo@gmail.com", now=NOW)
    filled.account_erasure.delete(eva.id, now=NOW)
    assert not is_public(filled)


def test_a_page_that_its_verification_kept_goes_with_the_last_verified_member(filled):
    eva = accepted(filled)
    verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    adoption_actions.take_away(filled, again(filled, eva), GALETTE, key_of(filled), now=later(days=1))
    members.remove(filled, again(filled, eva), ORGANIZATION, key_of(filled), eva.id, now=later(days=2))
    assert not is_public(filled)


def test_an_address_that_came_with_a_use_that_is_not_public_shows_on_no_page_until_its_person_says_so(filled):
    eva = accepted(filled)
    bo, sent = opened(filled, a_use(filled, organization=str(key_of(filled)), visibility="counted", project=PAHEKO),
                      "bo@ateliers.example")  # fmt: skip
    assert sent.state == PUBLISHED and again(filled, bo).represented_organizations == (key_of(filled),)
    assert filled.public_records.organization(SLUG).verifications == () and said(filled)[SLUG] == "self-declared"
    verify.begin(filled, bo, ORGANIZATION, SLUG, ADDRESS, "fr", now=later(days=1))
    assert [voice.method for voice in filled.public_records.organization(SLUG).verifications] == [ADDRESS]
    assert said(filled)[SLUG] == "self-declared" and again(filled, eva).represented_organizations == ()  # Eva said it


def test_an_unverified_organization_goes_with_its_only_use_and_a_verified_one_that_is_not_to_be_named_too(filled):
    eva = accepted(filled)
    verify.begin(filled, eva, ORGANIZATION, SLUG, ADDRESS, "fr", now=NOW)
    adoption_actions.show_to(filled, again(filled, eva), GALETTE, key_of(filled), "counted")
    assert not is_public(filled)
    _, sent = opened(filled, a_use(filled, **NEW | {"name": "Autre", "homepage": ""}), "bo@gmail.com")
    published(filled, sent)
    assert is_public(filled, "autre")
    adoption_actions.take_back(filled, sent.id, now=later(days=1))
    assert not is_public(filled, "autre")


def test_a_project_counts_what_its_maintainer_corrected_before_as_its_own_word(filled):
    load(filled, a_catalog(a_project(homepage="https://www.galette.eu"), an_organization()))
    bo = a_person(filled, "bo@galette.eu", None)
    answers = {"field": "cost", "language": "fr", "value": "Libre", "source": "https://example.org/x"}
    _, submission = begin_draft(filled, CORRECT, "fr", project_id=GALETTE, answers=answers, now=NOW)
    sent = submissions.send(filled, submission.id, email=bo.email, person=bo, now=NOW)[0]
    published(filled, sent)
    own = [fact.source.get("maintainer") for fact in filled.facts.page("galette").facts if fact.field == "cost"]
    assert own == [None]
    begun = verify.begin(filled, bo, "project", "galette", ADDRESS, "fr", now=NOW)
    own = [fact.source.get("maintainer") for fact in filled.facts.page("galette").facts if fact.field == "cost"]
    assert own == [True]
    for day in (1, 31):
        verify.settle(filled, begun.id, ABSENT, detail={}, reason="no-place", now=later(days=day))
    own = [fact.source.get("maintainer") for fact in filled.facts.page("galette").facts if fact.field == "cost"]
    assert own == [None]


@pytest.fixture
def app(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as opened_site:
        yield opened_site


def as_person(app, store, someone):
    """A client of somebody whose account is there already."""
    client = a_client(app)
    token = store.people.invite(someone.email, "moderator", "en", now=NOW)
    client.cookies.set(NAME, store.people.sign_in(token, "en", now=NOW)[1])
    client.headers.update(BROWSER)
    return client


def test_the_desk_says_whether_the_address_is_at_the_website_and_my_page_leads_to_the_verification(app, sqlite_store):
    store, bruno = sqlite_store, signed_in(app, sqlite_store, "bruno@example.org")
    for email, sentence in ((EVA, "e-mail domain matches"), ("eva@gmail.com", "address is not at the domain of")):
        _, sent = opened(store, a_use(store, **NEW), email)
        page = bruno.get(f"/en/desk/declarations/{sent.reference}").text
        assert f"The sender’s {sentence} the website: <bdi>ateliers.example" in page
    someone, sent = opened(store, a_use(store, **NEW), EVA)
    client = as_person(app, store, someone)
    claim = f"/en/organizations/{SLUG}/claim"
    assert claim not in client.get("/en/me").text
    published(store, sent)
    assert f'href="{claim}"' in client.get("/en/me").text
    page = client.get(claim).text
    assert (
        all(f'value="{method}"' in page for method in ("file", "dns", "address")) and "A person must decide" not in page
    )
    begun = client.post(claim, data={"way": "dns"}).headers["location"]
    page = client.get("/en/me").text
    assert f'href="{begun}"' in page and "Not checked yet" in page and f'href="{claim}"' not in page
    done = client.post(claim, data={"way": "address"}).headers["location"]
    page = client.get(done).text
    assert "Verified" in page and f'href="/en/organizations/{SLUG}/speakers"' in page
    page = a_client(app).get(f"/en/organizations/{SLUG}").text
    assert "Verified: this organization speaks for itself here" in page and "Confirmed by the organization" in page
    assert "not confirmed" not in page and "Not verified" not in page


def test_its_own_people_see_its_page_while_nothing_of_it_is_public(app, sqlite_store):
    store, path = sqlite_store, f"/en/organizations/{SLUG}"
    someone, sent = opened(store, a_use(store, **NEW | {"visibility": "counted"}), EVA)
    published(store, sent)
    eva, eve = as_person(app, store, someone), signed_in(app, store, "eve@example.org", None)
    assert eva.get(f"{path}/claim").status_code == 200
    for client in (eve, a_client(app)):
        assert client.get(f"{path}/claim").status_code == client.get(path).status_code == 404
        assert client.get(f"{path}/speakers").status_code in (303, 403)
    assert eva.get(path).status_code == 404
    assert eva.post(f"{path}/claim", data={"way": "address"}).status_code == 303
    page = eva.get(path)
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    assert "Only you and its other representatives see this page" in page.text and "Galette" in page.text
    assert 'name="visibility"' in page.text and "noindex" in page.text
    for below in ("speakers", "correct"):
        assert eva.get(f"{path}/{below}").status_code == 200, below
    assert eve.get(path).status_code == 404 and eve.get(f"{path}/correct").status_code == 404
    assert eva.post(f"{path}/speakers", data={"step": "invite", "email": "bo@ateliers.example"}).status_code == 303
