"""Uses that others report: seen by nobody but those who maintain the project, until the organization says so itself."""

import pytest
from support.factories.adoptions import GMAIL, NEW, a_use, decided, opened
from support.factories.core import NOW, a_catalog, a_project, an_organization, identity, later, load
from support.visitors import LEVELS, signed_in, standing
from support.world import a_client, a_site, fill

from catalog.errors import NotFound
from catalog.rules.fact import Statement
from catalog.store.adoptions import reported
from tests.desk.test_desk import GALETTE
from tests.submissions.test_adoption import undone

SECRET = "Secret Society"
NAMES = [f"Cooperative {number}" for number in range(10)]


@pytest.fixture
def filled(store):
    load(store, a_catalog(a_project(), an_organization()))
    return store


def observed(store, *names, commit="1" * 40, now=NOW):
    said = [Statement("used_by", list(names), {"file": "ADOPTERS.md", "oid": "0" * 40, "commit": commit})]
    store.observations.observe(GALETTE, commit, {}, facts=said, free=True, last_commit_at=now, now=now)


def test_ten_names_of_a_file_are_reported_and_none_is_published(filled):
    observed(filled, *NAMES)
    before = filled.change()
    assert filled.reported_adoptions.gather(now=later(hours=1)) == 10
    assert filled.reported_adoptions.gather(now=later(hours=2)) == 0
    assert [line.name for line in filled.reported_adoptions.of_project(GALETTE)] == NAMES
    assert filled.reported_adoptions.waiting() == 10 and filled.change() == before
    assert filled.record_pages.users("galette").adoptions == () and filled.home_page.totals().confirmed_uses == 0


def test_a_name_that_comes_again_in_another_spelling_is_the_same(filled):
    filled.reported_adoptions.add(GALETTE, ["Coopérative du Lac"], {"by": "maintainer"}, now=NOW)
    assert (
        filled.reported_adoptions.add(GALETTE, ["cooperative  du lac", " "], {"by": "maintainer"}, now=later(days=1))
        == 0
    )


def test_an_invitation_opens_by_its_newest_link_until_it_is_answered_and_nobody_asks_again(filled):
    filled.reported_adoptions.add(GALETTE, [SECRET], {"by": "maintainer"}, now=NOW)
    key = filled.reported_adoptions.of_project(GALETTE)[0].id
    first = filled.reported_adoptions.invite(key, GALETTE, None, "fr", now=NOW)
    second = filled.reported_adoptions.invite(key, GALETTE, "office@society.example.org", "fr", now=NOW)
    with pytest.raises(NotFound):
        filled.reported_adoptions.invited(first)
    assert filled.reported_adoptions.invited(second).name == SECRET
    assert filled.jobs.waiting()["mail"] == 1
    filled.reported_adoptions.refuse(second, now=later(days=1))
    with pytest.raises(NotFound):
        filled.reported_adoptions.invited(second)
    with pytest.raises(NotFound):
        filled.reported_adoptions.invite(key, GALETTE, None, "fr", now=later(days=2))
    observed(filled, SECRET, now=later(days=3))
    filled.reported_adoptions.gather(now=later(days=3))
    assert [line.state for line in filled.reported_adoptions.of_project(GALETTE)] == [reported.REFUSED]


def test_what_an_organization_says_by_the_form_stands_beside_its_name_until_it_takes_it_back(site, sqlite_store):
    client, page = keeps(site, sqlite_store), "/en/projects/galette/reported"
    sqlite_store.reported_adoptions.add(GALETTE, ["Les  Ateliers"], {"by": "maintainer"}, now=NOW)
    key = next(line.id for line in sqlite_store.reported_adoptions.of_project(GALETTE) if "Ateliers" in line.name)
    link = client.post(f"{page}/{key}", data={"email": ""}).text.partition("/en/invitations/")[2].partition("<")[0]
    _, sent = opened(sqlite_store, a_use(sqlite_store, **NEW), GMAIL)
    assert "It said so itself" not in client.get(page).text
    decided(sqlite_store, sent)
    assert "It said so itself" in client.get(page).text
    assert client.post(f"{page}/{key}", data={"email": ""}).status_code == 404
    assert a_client(site).get(f"/en/invitations/{link}").status_code == 410
    undone(sqlite_store, sent)
    assert "It said so itself" not in client.get(page).text
    assert a_client(site).get(f"/en/invitations/{link}").status_code == 200


@pytest.fixture
def site(sqlite_store, tmp_path):
    fill(sqlite_store)
    sqlite_store.reported_adoptions.gather(now=NOW)
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield app


def keeps(app, store, slug="galette"):
    return standing(app, store, project_id=identity(slug))


def test_only_those_who_keep_the_project_and_moderators_see_names(site, sqlite_store):
    page = "/en/projects/galette/reported"
    assert SECRET in keeps(site, sqlite_store).get(page).text
    assert SECRET in signed_in(site, sqlite_store, "bruno@example.org").get(page).text
    assert LEVELS["person"](site, sqlite_store).get(page).status_code == 403
    assert a_client(site).get(page).status_code == 303
    for path in ("", "/users", "/facts", "/history"):
        assert SECRET not in a_client(site).get(f"/en/projects/galette{path}").text


def test_whoever_keeps_another_project_sees_nothing(site, sqlite_store):
    client = keeps(site, sqlite_store, "asleep")
    assert client.get("/en/projects/galette/reported").status_code == 403
    assert client.post("/en/projects/galette/reported", data={"names": "X"}).status_code == 403


def test_a_link_to_pass_on_is_shown_once_and_leads_to_the_form_or_to_silence(site, sqlite_store):
    client = keeps(site, sqlite_store)
    key = sqlite_store.reported_adoptions.of_project(GALETTE)[0].id
    page = client.post(f"/en/projects/galette/reported/{key}", data={"email": ""}).text
    link = page.partition("/en/invitations/")[2].partition("<")[0]
    assert link and link not in client.get("/en/projects/galette/reported").text
    stranger = a_client(site)
    shown = stranger.get(f"/en/invitations/{link}")
    assert SECRET in shown.text and shown.headers["cache-control"] == "private, no-store"
    yes = stranger.post(f"/en/invitations/{link}", data={"answer": "yes"})
    assert yes.headers["location"] == "/en/projects/galette/declare?q=Secret+Society"
    assert "not want to be named" in stranger.post(f"/en/invitations/{link}", data={"answer": "no"}).text
    assert stranger.post(f"/en/invitations/{link}", data={"answer": "yes"}).status_code == 410
    assert stranger.get(f"/en/invitations/{link}").status_code == 410
    assert "does not want to be named" in client.get("/en/projects/galette/reported").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "one on each line"), ("x" * 201, "200 characters"), ("\n".join(map(str, range(101))), "100 names or fewer")],
)
def test_names_that_cannot_be_taken_are_told_and_kept(site, sqlite_store, typed, sentence):
    answer = keeps(site, sqlite_store).post("/en/projects/galette/reported", data={"names": typed})
    assert answer.status_code == 422 and sentence in answer.text and typed in answer.text
    assert "<title>Error: " in answer.text


def test_an_address_that_is_none_is_told_beside_its_field(site, sqlite_store):
    key = sqlite_store.reported_adoptions.of_project(GALETTE)[0].id
    answer = keeps(site, sqlite_store).post(f"/en/projects/galette/reported/{key}", data={"email": "nobody"})
    assert answer.status_code == 422 and "name@example.org" in answer.text and 'value="nobody"' in answer.text
