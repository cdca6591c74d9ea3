"""What pages say: find, project, organization, needs, lists; each fact with its source, nothing that nobody stated."""

import re
from pathlib import Path

from sqlalchemy import event, select
from support.factories.core import (
    NOW,
    a_catalog,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.world import MANY, a_client, a_site, the_document, without_data

from catalog.model import Adoption, Document, Relation, Runs, ScreenLanguage
from catalog.store.core.public_changes import changing
from catalog.store.merges import merge_rows
from catalog.store.organizations import search as organizations_search
from catalog.tables.core import organization


def test_home_opens_on_solidarity_finance_and_on_running_an_organization(client):
    html = client.get("/fr/").text
    assert html.index("Finance solidaire") < html.index("Gérer les prêts") < html.index("Gérer les adhérents")
    assert 'href="/fr/domains/member-management"' in html
    assert "/fr/collections/suite" in html


def test_home_shows_only_needs_that_have_a_project_and_true_totals(client):
    answer = client.get("/en/")
    assert "Run a local currency" not in answer.text
    totals = answer.context["totals"]
    assert (totals.confirmed_uses, totals.found_uses) == (1, MANY + 1)
    assert "<b>1</b> confirmed use" in answer.text and "<b>0</b>" not in answer.text
    assert str(MANY + 1) not in answer.text.partition('<div class="strip">')[2].partition("</div>")[0]


def test_find_says_the_outcome_in_heading_and_title(client):
    html = client.get("/fr/projects?q=galette").text
    assert "<h1>1 résultat pour «" in html.replace("\xa0", " ")
    assert "<title>1 résultat pour" in html


def test_a_card_says_what_is_known_and_the_readers_language_first(client_of):
    spoken = tuple(ScreenLanguage(tag) for tag in ("ar", "en", "fr"))
    client = client_of(a_project("bare", languages=spoken, runs=None))
    html = client.get("/fr/projects").text
    card = html.partition('<li class="card pictured">')[2].partition("</ol>")[0]
    assert "Non renseigné" not in card and "Est-il maintenu" not in card  # a card says what is known
    assert "<li>français et 2 autres</li>" in card.replace("\n", " ") and "arabe" not in card


def test_a_card_says_who_develops_it_how_many_host_it_and_that_its_files_say_another_licence(client):
    cards = client.get("/en/projects?q=galette").text.partition('<li class="card pictured">')[2]
    card = cards.partition("</ol>")[0]
    assert "By <bdi>Ana &lt;maintains&gt; &amp; co</bdi>" in card and "Hosted by 1" in card
    assert '<li class="doubt">Declared GPL 3, the files say otherwise</li>' in card
    assert '<li class="sure">1 confirmed user</li>' in card and f"{MANY + 1} users in public sources" in card


def test_a_page_of_which_nobody_told_more_asks_for_it_and_has_no_heading_without_a_part(own_client, sqlite_store):
    load(sqlite_store, a_catalog(a_project("bare")))
    html = own_client.get("/en/projects/bare").text
    assert 'href="/en/projects/bare/experience"' in html and "No organization has told us yet that it uses it." in html
    assert not any(f'id="{name}"' in html for name in ("learned", "blocks", "needs"))
    told = own_client.get("/en/projects/bare/experience").text.partition("<main")[2]
    assert 'href="/en/projects/bare/declare"' in told and "<form" not in told  # nobody can send one yet


def test_find_keeps_words_and_filters_in_one_form_and_counts_each_option(client):
    html = client.get("/en/projects?q=members&domain=member-management&kind=association").text
    assert 'value="members"' in html
    assert re.search(r'<option value="member-management" selected>[^<]+ \(1\)</option>', html)
    assert re.search(r'<option value="association" selected>[^<]+ \(1\)</option>', html)
    assert "Remove: " in html and "Clear all" in html


def test_find_drops_a_filter_by_a_link_that_keeps_the_rest(client):
    html = client.get("/en/projects?q=members&domain=membership-governance&language=fr").text
    assert 'href="/en/projects?q=members&amp;language=fr" aria-label="Remove: ' in html


def test_find_tells_what_it_did_not_understand(client):
    html = client.get("/en/projects?sort=bogus").text
    assert "“<bdi>bogus</bdi>” is not a known value" in html


def test_a_page_past_the_end_leads_to_the_first(client):
    answer = client.get("/fr/projects?q=adhérents&page=900")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/fr/projects?q=adh%C3%A9rents"


def test_pages_of_results_are_linked_and_the_present_one_is_marked(client):
    html = client.get("/en/projects?page=2").text
    assert '<a href="/en/projects?page=2" aria-label="Page 2" aria-current="page">2</a>' in html
    assert 'rel="prev" href="/en/projects"' in html
    assert "page 2 of 2" in html


def test_nothing_found_offers_to_leave_out_one_thing_with_its_number(client):
    answer = client.get("/en/projects?q=galette&domain=loan-portfolio")
    assert answer.context["found"].total == 0
    assert "No results for “galette”" in answer.text
    without = "Without: <bdi>Manage loans and repayments</bdi>"
    assert f'href="/en/projects?q=galette">{without}</a> (1 program)' in answer.text


def test_the_filters_have_a_page_of_their_own_with_the_same_form(client):
    html = client.get("/en/projects/filters?q=members&alive=active").text
    assert 'action="/en/projects"' in html and 'name="alive" value="active" checked' in html
    assert "What the licence requires" in html
    assert "noindex" in html


def test_search_that_is_being_prepared_says_so(own_client):
    from forge.config.settings import Settings

    own_client.app.state.searcher = type(own_client.app.state.searcher)(Settings(data=Path("/nonexistent")).search)
    answer = own_client.get("/en/projects?q=members")
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text and 'value="members"' in answer.text


def test_a_project_shows_what_is_known_in_its_order_and_one_link_leads_to_the_sources(client):
    html = client.get("/en/projects/galette").text
    glance = html[html.index('class="glance"') : html.index("</dl>")]
    facts = [
        "For whom",
        "Who uses it",
        "How to use it",
        "Cost",
        "Languages",
        "Accessibility",
        "Is it maintained?",
    ]
    places = [glance.index(f"<dt>{fact}</dt>") for fact in facts]
    assert places == sorted(places)
    assert 'class="info" href="/en/projects/galette/facts"' in html and 'id="users"' in html
    leads = set(re.findall(r'class="src" href="/en/projects/galette/facts#([^"]+)"', html))
    assert {"features", "cost", "activity", "license"} <= leads
    listed = client.get("/en/projects/galette/facts").text
    assert {field for field in leads if f'<h3 id="{field}">' not in listed} == set()


def test_confirmed_uses_come_first_and_apart_from_those_merely_found(client):
    answer = client.get("/en/projects/galette")
    html = answer.text
    assert (
        html.index("Confirmed by the organization</h3>")
        < html.index("Coop des Halles")
        < html.index("not confirmed by")
    )
    assert (len(answer.context["uses"].confirmed), len(answer.context["uses"].found)) == (1, 8)
    counts = answer.context["found"].uses
    assert (counts.confirmed, counts.found) == (1, MANY + 1)
    assert f"{MANY + 1} found in public sources, not confirmed" in html
    assert "See all organizations that use it or have used it" in html


def test_a_stage_that_nobody_stated_is_not_known(client):
    assert "Stage not known" in client.get("/en/projects/galette/users").text
    assert "Stage not known" not in client.get("/en/projects/galette").text  # tiles say what is known


def test_all_users_stand_on_pages_of_their_own_with_their_source(client):
    first, second = (client.get(f"/en/projects/galette/users{query}").text for query in ("", "?page=2"))
    assert first.count('class="use"') == 50 and second.count('class="use"') == MANY + 2 - 50
    assert (first + second).count('href="https://example.org/users"') == MANY + 2
    assert "Confirmed by the organization</h2>" in first and "Confirmed by the organization</h2>" not in second
    assert 'rel="next" href="/en/projects/galette/users?page=2"' in first and "page 2 of 2" in second
    assert 'rel="canonical" href="http://testserver/en/projects/galette/users?page=2"' in second
    assert client.get("/en/projects/galette/users?page=3").headers["location"] == "/en/projects/galette/users"
    assert client.get("/en/projects/asleep/users?page=x").status_code == 200


def test_pages_of_a_project_do_not_grow_with_those_who_use_it(sqlite_store, tmp_path):
    sizes = []
    for adopters in (100, 3_000):
        organizations = [an_organization(f"coop-{n:04}", country="FR") for n in range(adopters)]
        used = a_project(adoptions=tuple(an_adoption(organization.slug) for organization in organizations))
        load(sqlite_store, a_catalog(used, *organizations))
        with a_site(sqlite_store, tmp_path / str(adopters)) as app:
            answers = [a_client(app).get(f"/en/projects/galette{tail}") for tail in ("", "/users")]
        sizes.append([len(answer.content) for answer in answers])
    assert all(abs(many - few) < 600 for few, many in zip(*sizes, strict=True))
    assert "See all organizations that use it or have used it" in answers[0].text and "page 1 of 60" in answers[1].text


def test_declared_and_detected_licence_stand_side_by_side_and_disagree_visibly(client):
    answer = client.get("/en/projects/galette")
    assert answer.context["license"].agrees is False
    assert "GPL-3.0-or-later" in answer.text and "AGPL-3.0</code>" in answer.text and "LICENSE" in answer.text
    assert "Declared GPL 3, the files say AGPL 3" in answer.text
    assert "The declared licence and the one in the files differ." in answer.text


def test_a_licence_that_is_not_free_is_said_so_at_the_top(client):
    html = client.get("/en/projects/coopcycle").text
    assert "This is not free software." in html
    assert "Not free software" in html[html.index('class="parts key"') : html.index('class="next"')]


def test_what_is_for_technical_people_has_no_heading_where_there_is_nothing(client):
    assert 'id="technical"' in client.get("/en/projects/galette").text
    assert 'id="technical"' not in client.get("/en/projects/unknown").text


def test_what_nobody_knows_is_listed_once_with_a_way_to_tell(client):
    answer = client.get("/en/projects/unknown")
    assert "license" in answer.context["unknown"] and "uses" in answer.context["unknown"]
    assert "https://example.org/contact" not in answer.text[: answer.text.index("</main>")]  # a form each, no mailbox
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    assert re.findall("[Tt]ell us", main) == ["Tell us"]  # once for all of it, with one way to tell
    way = re.search(r'href="/en/projects/unknown/([^"]+)">Do you know any of this', main)[1]
    offered = client.get(f"/en/projects/unknown/{way}").text
    first = offered[offered.index('id="unknown"') : offered.index("What it is</h2>")]
    asked = re.findall(r'href="(/en/projects/unknown/[^"]+)"', first)
    assert {"declare", "correct?field=license", "correct?field=security_contact"} <= {
        path.removeprefix("/en/projects/unknown/") for path in asked
    }
    for address in asked:
        form = client.get(address)
        assert form.status_code == 200 and "<form" in form.text
    assert "No licence known" in answer.text and "No licence was declared here." in answer.text
    assert "No organization has told us yet that it installs or hosts this software" in answer.text


def test_hostile_texts_stay_texts(sqlite_store, tmp_path):
    bad = a_project(
        "bad",
        name="\u202eevil <script>alert(1)</script>",
        description={"en": "<script>x</script> [a](javascript:alert(1)) <img src=x onerror=y> " + "[" * 3000},
        homepage="javascript:alert(1)",
        cost={"en": "<b>free</b>"},
        maintenance=(a_maintenance(None, person="Mallory <i>"),),
    )
    document = the_document()
    load(sqlite_store, type(document)(document.manifest, (), (bad,), ()))
    with a_site(sqlite_store, tmp_path / "data") as app:
        html = without_data(a_client(app).get("/en/projects/bad").text)
    assert "<script" not in html and "<img src=x" not in html and "<b>free" not in html and "\u202e" not in html
    assert 'href="javascript' not in html


def test_a_clone_address_is_shown_where_a_free_licence_was_detected(client):
    assert "/git/galette.git" in client.get("/en/projects/galette").text
    assert "/git/tool-1.git" not in client.get("/en/projects/tool-1").text


def test_an_organization_shows_what_it_uses_and_keeps_up(client):
    assert "Galette" in client.get("/en/organizations/coop-des-halles").text
    made = client.get("/en/organizations/ana-maintains").text
    assert '<p class="where">Develops' in made and 'href="/en/projects/galette">' in made


def helped(*adoptions: Adoption, **organizations: object) -> Document:
    """A catalogue in which adoptions of Galette name "helper" as who hosts or helps, of whom nothing else is known."""
    named = ("helper", *(adoption.organization for adoption in adoptions))
    return a_catalog(a_project(adoptions=adoptions), *(an_organization(slug, name=slug.title()) for slug in named))


def test_an_organization_shows_whom_it_hosts_for_or_helps(store, tmp_path):
    uses = [
        an_adoption("open-one", provider="helper", stage="in-production"),
        an_adoption("past-one", provider="helper", stage="stopped"),
        an_adoption("other-one", provider="past-one"), an_adoption("helper", provider="helper"), an_adoption("alone"),
    ]  # fmt: skip
    load(store, helped(*uses[:3], *uses[4:], an_adoption("network-one", provider="helper", visibility="counted"),
                       an_adoption("counted-one", provider="helper", visibility="counted"),
                       an_adoption("makers-one", provider="helper", visibility="counted")))  # fmt: skip
    with a_site(store, tmp_path / "data") as app:
        client = a_client(app)
        pages = [client.get(f"/en/organizations/helper{tail}").text for tail in ("", "/projects")]
        told = client.get("/api/v1/organizations/helper").json()
        assert "not known yet." not in pages[0] and 'href="/en/projects/galette/users"' in pages[0]
        for html in pages:
            assert 'href="/en/organizations/open-one"' in html and 'href="/en/projects/galette"' in html
            for hidden in ("past-one", "other-one", "alone", "network-one", "counted-one", "makers-one"):
                assert hidden not in html and hidden.replace("-", " ").title() not in html
        assert [record["organization"]["slug"] for record in told["provided"]] == ["open-one"]
        assert told["provided_in_all"] == 1
    load(store, helped(an_adoption("open-one", provider="helper", visibility="counted")))
    with a_site(store, tmp_path / "data") as app:
        html = a_client(app).get("/en/organizations/helper").text
        assert "We do not know yet which software it uses or supports." in html and "open-one" not in html


def test_who_helped_with_uses_that_ended_is_not_said_to_be_unknown(store, tmp_path):
    load(store, helped(an_adoption("past-one", provider="helper", stage="stopped")))
    with a_site(store, tmp_path / "data") as app:
        client = a_client(app)
        assert "With support from <bdi>Helper</bdi>" in client.get("/en/projects/galette/users").text
        html = client.get("/en/organizations/helper").text
        assert "We do not know yet" not in html and "It used to host or support software" in html


def test_a_provider_that_was_joined_with_another_organization_is_named_by_it(store, tmp_path):
    load(store, helped(an_adoption("open-one", provider="old-helper"), an_adoption("old-helper")))
    with changing(store.engine) as (connection, change):
        ids = {row.slug: row.id for row in connection.execute(select(organization.c.slug, organization.c.id))}
        merge_rows.merge_records(connection, "organization", ids["old-helper"], ids["helper"], change, now=NOW)
    with a_site(store, tmp_path / "data") as app:
        client = a_client(app)
        assert "With support from <bdi>Helper</bdi>" in client.get("/en/projects/galette/users").text
        for tail in ("", "/projects"):
            html = client.get(f"/en/organizations/helper{tail}").text
            assert 'href="/en/organizations/open-one"' in html
        told = client.get("/api/v1/organizations/helper").json()
        assert [record["organization"]["slug"] for record in told["provided"]] == ["open-one"]


def test_of_many_whom_an_organization_helps_the_first_are_shown_and_all_on_a_page(sqlite_store, tmp_path):
    load(sqlite_store, helped(*(an_adoption(f"group-{number:03}", provider="helper") for number in range(60))))
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        answers = [client.get(f"/en/organizations/helper{tail}").text for tail in ("", "/projects", "/projects?page=2")]
    assert [len(set(re.findall("organizations/group-[0-9]{3}", html))) for html in answers] == [16, 50, 10]
    assert "See all 60 programs that it develops or supports" in answers[0]


def test_whom_an_organization_helps_is_found_without_reading_all_uses(store):
    alone = (an_adoption(f"user-{number}") for number in range(300))
    load(store, helped(an_adoption("open-one", provider="helper"), *alone))
    statements = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: statements.append(given[2:4]))
    store.record_pages.organization_care("helper")
    with changing(store.engine) as (_, change):
        change.touch("organization", identity("helper", "organization"))
    asked = [statement for statement in statements if "provider" in statement[0]]
    assert asked
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE adoption")  # else the plan hangs on when the server last counted
        way = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        for statement, values in asked:
            plan = str(connection.exec_driver_sql(f"{way} {statement}", values).all())
            assert "ix_adoption_provider" in plan, plan


def test_an_organization_that_uses_and_helps_with_much_shows_the_first_and_leads_to_all(sqlite_store, tmp_path):
    sizes = []
    for many in (40, 400):
        used = [a_project(f"p-{n:03}", adoptions=(an_adoption("big"),)) for n in range(many)]
        kept = [
            a_project(f"q-{n:03}", maintenance=(a_maintenance("big"),), runs=Runs(hosted=("big",))) for n in range(many)
        ]
        load(sqlite_store, a_catalog(*used, *kept, an_organization("big", name="Big")))
        with a_site(sqlite_store, tmp_path / str(many)) as app:
            client = a_client(app)
            answers = [client.get(f"/en/organizations/big{tail}") for tail in ("", "/uses?page=2", "/projects?page=2")]
        assert all(answer.status_code in (200, 302) for answer in answers)
        sizes.append([len(answer.content) for answer in answers])
    assert abs(sizes[0][0] - sizes[1][0]) < 400
    assert "See all software that it uses or has used" in answers[0].text and "See all 800 programs" in answers[0].text
    assert answers[1].text.count('class="use"') == 50 and answers[2].text.count("Develops:") == 50
    assert "page 2 of 8" in answers[1].text and "page 2 of 16" in answers[2].text


def test_an_organization_of_which_little_is_known_says_so_and_leads_to_its_place(client):
    html = client.get("/en/organizations/org-61").text
    assert "We do not know yet which software it uses or supports." in html and 'href="/en/places/ES"' in html
    assert client.get("/en/organizations/org-61/uses").context["found"].uses.total == 0
    assert client.get("/en/organizations/nobody/projects").status_code == 404


def test_organizations_are_searched_by_name_kind_and_country(client):
    answer = client.get("/en/organizations?q=halles&kind=cooperative&country=FR")
    assert [card.slug for card in answer.context["cards"]] == ["coop-des-halles"]
    assert "<h1>1 organization</h1>" in answer.text
    assert client.get("/en/organizations?country=XX").context["total"] == MANY + 4


def test_organizations_are_listed_by_the_need_that_they_use_something_for_with_counts_and_the_need_leads_there(
    client, monkeypatch
):
    html = client.get("/en/domains/accounting").text
    (link,) = re.findall(r'<a href="(/en/organizations[^"]*)">Organizations that use software in this', html)
    answer = client.get(link)
    assert link == "/en/organizations?domain=accounting" and answer.context["total"] == MANY + 2
    chosen = re.search(r'<option value="accounting" selected>\s*(.*?)</option>', answer.text)
    assert chosen and chosen[1].endswith(f"({MANY + 2})")
    wider = client.get("/en/organizations?domain=accounting-management&country=ES")
    assert wider.context["total"] == MANY + 1 and wider.context["noindex"]
    assert wider.context["countries"] == [("FR", 1), ("ES", MANY + 1)]
    none = client.get("/en/organizations?domain=accounting&kind=tech-collective")
    assert none.context["total"] == 0 and "No organization matches these filters." in none.text
    assert ("accounting", 0) in none.context["needs"]
    assert client.get("/en/organizations?domain=no-such-need").context["ignored"] == ["no-such-need"]
    monkeypatch.setattr(organizations_search, "COUNTED_BY_CATEGORY", 1)
    many = client.get("/en/organizations?country=ES")
    assert ("accounting", None) in many.context["needs"]
    assert re.search(r'<option value="accounting">\s*[^<(]*</option>', many.text)


def test_a_need_has_its_sentence_its_projects_and_its_neighbours(client):
    html = client.get("/fr/domains/member-management").text
    assert "<h1>Gérer les adhérents et les cotisations</h1>" in html
    assert "Galette" in html
    assert client.get("/fr/domains/no-such-need").status_code == 404


def test_a_collection_keeps_the_curators_order_and_reasons(client):
    html = client.get("/en/collections/suite").text
    assert "The suite" in html and "It is used." in html


def test_what_a_project_states_of_another_stands_on_both_pages_until_one_is_blocked(sqlite_store, client_of):
    child = a_project("child", name="Child", relations=(Relation("fork-of", "parent"), Relation("part-of", "suite")))
    client = client_of(a_project("parent", name="Parent"), child, a_project("suite", name="Suite"))
    pages = {slug: client.get(f"/en/projects/{slug}").text for slug in ("child", "parent")}
    assert '<a href="/en/projects/parent">' in pages["child"] and '<a href="/en/projects/suite">' in pages["child"]
    assert '<a href="/en/projects/child">' in pages["parent"] and "/en/projects/suite" not in pages["parent"]
    sqlite_store.takedowns.block("parent", "Requested by the maintainers.", now=NOW)
    assert "/projects/parent" not in client.get("/en/projects/child").text


def test_names_that_people_typed_are_escaped_and_set_apart(client):
    html = client.get("/en/projects/galette").text
    assert "<bdi>Ana &lt;maintains&gt; &amp; co</bdi>" in html
