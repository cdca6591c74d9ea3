"""What the first page, the foot, an organization's page and a country's lead to, and what each says of who speaks."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.factories.document import a_collection
from support.factories.memberships import a_member
from support.factories.rewriting import rewriting
from support.world import a_client, a_shipped_site, a_site

from catalog.model import CollectionProject, LastChange, Runs
from catalog.rules.verification import MODERATOR
from catalog.store.core.read_models import Logo
from catalog.tables.adoptions import adoption
from catalog.tables.people import person
from forge.web.organizations.countries import CLUSTER_FROM
from forge.web.site.starting_points import as_unchosen, pictured_projects


def _words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def _confirm_all(store):
    with rewriting(store.engine) as connection:
        connection.execute(adoption.update().values(confirmed=True, verification="domain-confirmed"))


@pytest.fixture(scope="module")
def shipped(sqlite_template, tmp_path_factory):
    with a_shipped_site(sqlite_template, tmp_path_factory.mktemp("shipped")) as app:
        yield a_client(app)


def test_home_tells_of_groups_in_a_sentence_each_what_they_say_first(client):
    html = client.get("/en/").text
    told = html[html.index('id="stories"') : html.index("</section>", html.index('id="stories"'))]
    assert "Coop des Halles" in told and "uses" in told and told.count("<li>") <= 3
    assert len(set(re.findall(r'href="/en/projects/([^"]+)"', told))) == told.count("<li>")
    assert "Recently added" in html and "You use software" in html and "You develop software" in html


def test_home_tells_in_the_readers_language_before_any_other_and_names_that_one(sqlite_store, tmp_path):
    told = {
        "a": {"es": "Para las socias"},
        "b": {"fr": "Pour les adhérents"},
        "c": {},
        "d": {"fr": "Pour les dons", "en": "For gifts"},
    }
    kinds = ("cooperative", "association", "mutual", "foundation")
    uses = [a_project(slug, adoptions=(an_adoption(f"group-{slug}", purpose=words),)) for slug, words in told.items()]
    groups = [an_organization(f"group-{slug}", kind=kind) for slug, kind in zip(told, kinds, strict=True)]
    load(sqlite_store, a_catalog(*uses, *groups))
    _confirm_all(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        reader = a_client(app)
        html = {tag: reader.get(f"/{tag}/").text for tag in ("fr", "en")}
    order = {
        tag: re.findall(r'href="/../projects/(.)"', text[text.index('id="stories"') : text.index('id="new"')])
        for tag, text in html.items()
    }
    assert order["fr"][:2] == ["d", "b"] and order["fr"][2] == "c"
    assert order["en"][:2] == ["d", "c"] and order["en"][2] in "ab"
    assert re.search(r'<span lang="(es|fr)" dir="ltr">[^<]+</span> <span class="aside">', html["en"])


def test_home_tells_no_use_that_nobody_confirmed(client_of):
    client = client_of(a_project(adoptions=(an_adoption(),)), an_organization())
    html = client.get("/en/").text
    assert 'id="stories"' not in html and "confirmed use" not in html and "Coop des Halles" not in html


def test_home_tells_no_use_of_those_who_make_keep_up_pay_for_or_host_the_project(sqlite_store, tmp_path):
    roles = ("lead", "contributor", "integrator", "host", "funder")
    kept = [
        a_project(
            f"by-{role}", maintenance=(a_maintenance(f"a-{role}", role=role),), adoptions=(an_adoption(f"a-{role}"),)
        )
        for role in roles
    ]
    hosted = a_project("hosted", runs=Runs(hosted=("hoster",)), adoptions=(an_adoption("hoster"),))
    # Whoever makes one project uses another like anybody.
    used = a_project("used", adoptions=(an_adoption("a-lead"),))
    groups = [an_organization(slug) for slug in ("hoster", *(f"a-{role}" for role in roles))]
    load(sqlite_store, a_catalog(*kept, hosted, used, *groups))
    _confirm_all(sqlite_store)
    assert [line.project_slug for line in sqlite_store.home_page.told_last()] == ["used"]
    with a_site(sqlite_store, tmp_path / "data") as app:
        html = a_client(app).get("/en/").text
    told = html[html.index('id="stories"') : html.index("</section>", html.index('id="stories"'))]
    assert re.findall(r'href="/en/projects/([^"]+)"', told) == ["used"]


def _section(html: str, name: str) -> str:
    return html.partition(f'aria-labelledby="{name}"')[2].partition("</section>")[0]


def test_home_has_two_doors_with_tasks_that_some_project_does_and_how_many_do(client_of):
    client = client_of(
        a_project("a", domains=("microcredit", "member-management")),
        a_project("b", domains=("member-management", "chat")),
        a_project("c", domains=("member-management",), context_only=True),
        a_project("d", domains=("mutual-insurance",)),
    )
    doors = _section(client.get("/en/").text, "needs")
    finance, organization = (_words(door) for door in doors.split('<div class="cell">')[1:3])
    assert "2 programs" in finance and "Provide microcredit (1)" in finance and "Manage loans" not in finance
    assert "2 programs" in organization and "Manage members and fees (2)" in organization


def test_home_begins_with_what_the_editors_chose_until_four_have_a_confirmed_use(sqlite_store, tmp_path):
    slugs = [f"loans-{n}" for n in range(6)]
    reasons = tuple(CollectionProject(slug, {"en": f"Why {slug}"}) for slug in slugs)

    def load_with(used: int) -> str:
        projects = [
            a_project(
                slug,
                domains=("loan-portfolio",),
                status="ended" if at == 0 else None,
                adoptions=(an_adoption(verification="domain-confirmed"),) if len(slugs) - at <= used else (),
            )
            for at, slug in enumerate(slugs)
        ]
        load(sqlite_store, a_catalog(*projects, an_organization(), collections=(a_collection(projects=reasons),)))
        with a_site(sqlite_store, tmp_path / f"data-{used}") as app:
            return _section(a_client(app).get("/en/").text, "start")

    chosen, used = load_with(3), load_with(4)
    assert re.findall(r'<h3><a href="/en/projects/([^"]+)"', chosen) == slugs[1:5]  # one that ended is no beginning
    assert "Selected by the editors" in chosen and "Why loans-1" in chosen
    assert re.findall(r'<h3><a href="/en/projects/([^"]+)"', used) == slugs[2:]
    assert "Chosen by the editors" not in used and "Why loans-" not in used


def test_home_shows_selections_as_tiles_and_says_who_runs_it_and_leaves_the_story_to_about(client):
    html = client.get("/en/").text
    tiles, strip = _section(html, "lists"), html.partition('<div class="strip">')[2].partition("</div>")[0]
    assert 'href="/en/collections/suite"' in tiles and re.search(r"\d+ programs?", _words(tiles))
    assert "organizations" in _words(strip) and "countries" in _words(strip) and "confirmed" in _words(strip)
    assert 'href="/en/collections/suite"' in client.get("/en/about").text


def test_three_example_searches_find_something_in_every_language_of_the_shipped_catalogue(shipped):
    for tag in ("en", "fr", "es", "pt", "ar"):
        examples = shipped.get(f"/{tag}/").text.partition('class="examples"')[2].partition("</p>")[0]
        found = [shipped.get(link.replace("&amp;", "&")) for link in re.findall(r'href="([^"]+)"', examples)]
        assert [answer.context["found"].total > 2 and answer.context["found"].confident for answer in found] == [
            True
        ] * 3


def test_home_and_the_find_page_say_how_many_projects_there_are_and_which_of_them_are_not_free(sqlite_store, client_of):
    reader = client_of(a_project("a"), a_project("b"), a_project("c", context_only=True))
    home, found = (_words(reader.get(path).text) for path in ("/en/", "/en/projects"))
    some = _words(reader.get("/en/projects?q=useful").text)
    # What the index does not have yet is in neither number of the find page.
    load(sqlite_store, a_catalog(*(a_project(f"new-{number}", context_only=True) for number in range(5))))
    behind = _words(reader.get("/en/projects?sort=recent").text)
    assert "2 programs" in behind and "Also listed for information: 1 that is not free software." in behind
    assert "2 programs" in home and "3 programs" not in home
    assert "2 programs" in found and "3 programs" not in found
    assert "Also listed for information: 1 that is not free software." in found
    assert "Also listed for information" not in some


def test_organizations_that_totals_leave_out_are_told_of_beside_the_number_of_the_others(client_of):
    bike = a_project("bike", context_only=True, adoptions=(an_adoption("rider"), an_adoption("courier")))
    bodies = [an_organization(slug) for slug in ("rider", "courier", "coop-des-halles", "idle")]
    reader = client_of(a_project(adoptions=(an_adoption(),)), bike, *bodies)
    home, every, some = (
        _words(reader.get(path).text) for path in ("/en/", "/en/organizations", "/en/organizations?q=rider")
    )
    counted = _words(reader.get("/en/statistics").text)
    assert "2 organizations" in home and every.strip().startswith("2 organizations –")
    assert "Not counted, but listed too: organizations that only use or develop software that is not free." in every
    assert "Not counted" not in some and "nor those that have to do with non-free software only" in counted


def test_the_foot_leads_to_languages_a_map_of_the_site_feeds_and_programs(client, sqlite_store, tmp_path):
    foot = client.get("/en/").text.partition("<footer")[2]
    for way in ("/en/site-map", "/feeds/projects.atom?in=en", "/en/help/api", "/fr/"):
        assert f'href="{way}"' in foot, way
    assert "Source code" not in foot  # nobody said where it is
    assert 'href="/en/domains/membership-governance"' in client.get("/en/site-map").text
    load(sqlite_store, a_catalog(a_project()))
    with a_site(sqlite_store, tmp_path / "data", source_url="https://code.example.net/forge") as app:
        foot = a_client(app).get("/en/").text.partition("<footer")[2]
    assert '<a href="https://code.example.net/forge">Source code of this site</a>' in foot


def test_an_organization_says_what_it_does_who_speaks_for_it_and_how_one_follows_it(sqlite_store, tmp_path):
    coop = an_organization(about={"en": "Sells vegetables of its members."})
    load(sqlite_store, a_catalog(a_project(), coop))
    key = identity("coop-des-halles", "organization")
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        before = client.get("/en/organizations/coop-des-halles").text
        with rewriting(sqlite_store.engine) as connection:
            someone = {"id": key, "email": "ana@example.org", "language": "en", "created_at": NOW, "signed_in_at": NOW}
            connection.execute(person.insert().values(**someone))
            a_member(connection, key, organization_id=key, method=MODERATOR)
        a_declared_adoption(sqlite_store, stage="in-production")
        sqlite_store.questions.allow(identity("galette"), key, ["en"], 3, now=NOW)
        after = client.get("/en/organizations/coop-des-halles").text
    assert '<p class="lead">Sells vegetables' in before and "Not verified: no representative" in before
    assert "Verified: this organization speaks for itself here" in after and "by a moderator who checked" in after
    assert "ana@" not in after and 'href="/en/ask?project=galette&amp;organization=coop-des-halles"' in after


def test_a_federation_stands_in_one_line_of_its_country_and_hides_nobody(client_of):
    many = [an_organization(f"rider-{n}", country="FR") for n in range(CLUSTER_FROM)]
    others = [
        an_organization("halles", country="FR", name="Halles"),
        an_organization("both", country="FR", name="Both"),
    ]
    tool = a_project(
        "bikes", name="Bikes", adoptions=tuple(an_adoption(organization.slug) for organization in (*many, others[1]))
    )
    client = client_of(tool, a_project(adoptions=(an_adoption("halles"), an_adoption("both"))), *many, *others)
    html = client.get("/en/places/FR").text
    told = html[html.index('id="groups"') :]
    assert "Bikes : rider 0 , rider 1 " in _words(told)
    assert told.index("Halles") < told.index('class="many"') and told.count('class="many"') == 1


def test_what_is_dormant_or_published_once_is_folded_in_its_selection_and_proposed_nowhere(client_of):
    day = {"live": NOW, "asleep": NOW - timedelta(days=900), "once": NOW}
    projects = [
        a_project(
            slug,
            name=slug.title(),
            domains=("accounting", "member-management"),
            status="published-once" if slug == "once" else None,
            last_change=LastChange(NOW.date().isoformat(), "example/example@0123abc", date=at.date().isoformat()),
        )
        for slug, at in day.items()
    ]
    suite = a_collection(projects=tuple(CollectionProject(slug) for slug in day))
    reader = client_of(*projects, collections=(suite,))
    home, selection, live, once, compared = (
        reader.get(f"/en{path}").text
        for path in (
            "/",
            "/collections/suite",
            "/projects/live",
            "/projects/once",
            "/compare?p=live&add=accounting",
        )
    )
    shown, _, folded = selection.partition("Dormant or ended")
    assert "/en/projects/live" in shown and "/en/projects/asleep" not in shown and "/en/projects/once" not in shown
    assert "/en/projects/asleep" in folded and "/en/projects/once" in folded and "June 2024" in _words(folded)
    assert "1 program" in _words(home) and "Asleep" not in home and "Once" not in home
    assert "/en/projects/asleep" not in live.partition('id="similar"')[2]
    assert "Its code was published once and has not been developed since." in _words(once)
    assert "p=asleep" not in compared and "p=once" not in compared


def test_a_category_of_finance_says_what_a_board_asks_and_what_belongs_together(shipped):
    page = _words(shipped.get("/en/domains/core-banking?country=SN").text)
    for sentence in (
        "In use in 34 countries, says the registry of digital public goods (2024).",
        "Not known yet: Chart of accounts",
        "They belong together",
        "Mifos X Web App : Extends Apache Fineract",
        "Inkomoko uses Apache Fineract .",
        "Dormant or ended",
    ):
        assert sentence in page


def test_what_its_makers_uploaded_comes_to_home_where_an_editor_chose_the_program(client):
    (card, *_) = client.app.state.store.home_page.listed_cards({"galette"}).values()
    uploaded, drawn = Logo("a" * 64, 9, 9, uploaded=True), Logo("b" * 64, 9, 9)
    assert as_unchosen(replace(card, logo=uploaded)).logo is None
    assert as_unchosen(replace(card, logo=drawn)).logo is drawn
    unused = replace(card, slug="unused", declared_uses=0, found_uses=0, confirmed_uses=0)
    assert pictured_projects([], {}, [card, unused], NOW) == [card]
