"""The find page in everyday words: which need was understood, why a result matches, what to do where little fits."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient
from support.factories.calls import ANA, a_call, somebody
from support.factories.core import NOW, a_catalog, a_maintenance, a_project, an_organization, load
from support.world import a_client, a_site, a_store

from catalog.model import LastChange
from catalog.search import normalize, synonyms
from catalog.search.snippet import SoughtWords
from catalog.store.store import Store
from catalog.submissions import calls_lifecycle
from forge.i18n import languages
from forge.web.core.list_query import read_query
from forge.web.search.facets import facets

PRODUCTS = (  # R06: forty names that people know
    "Excel", "Airtable", "Microsoft Access", "Google Sheets", "Google Drive", "Dropbox", "OneDrive", "SharePoint",
    "WeTransfer", "Doodle", "Calendly", "Google Forms", "SurveyMonkey", "Typeform", "Zoom", "Microsoft Teams", "Skype",
    "Google Meet", "WhatsApp", "Slack", "Mailchimp", "Trello", "Asana", "Notion", "Facebook", "Meetup", "Eventbrite",
    "YouTube", "Wix", "Google Maps", "Salesforce", "HelloAsso", "AssoConnect", "QuickBooks", "Sage", "SAP", "PayFit",
    "Kickstarter", "Patreon", "BlaBlaCar", "Uber Eats", "Mambu", "Doctolib", "SignUpGenius", "Google Classroom",
)  # fmt: skip

LONG = "Il range. " * 40 + "Des écharpes."


def words(text: str) -> list[normalize.Word]:
    return synonyms.telling_words(text, "en")


@pytest.fixture(scope="module")
def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Of one site for all tests of this file that only read."""
    folder = tmp_path_factory.mktemp("site")
    with a_store(sqlite_template, folder) as store:
        yield from _client_of(store, folder)


@pytest.fixture
def own_client(sqlite_store: Store, tmp_path: Path) -> Iterator[TestClient]:
    """Of a site of this test's own, which writes."""
    yield from _client_of(sqlite_store, tmp_path)


def _client_of(store: Store, folder: Path) -> Iterator[TestClient]:
    load(
        store,
        a_catalog(
            a_project("plain", name="Plain", summary={"en": "Keep lists"}, domains=("member-management",)),
            a_project(
                "told",
                name="Told",
                domains=("website",),
                summary={"en": "Keep lists"},
                features={"en": ("Prints <b>badges</b> & cuts",)},
            ),
            a_project(
                "long", name="Long", domains=("website",), summary={"en": "Keep lists"}, description={"fr": LONG}
            ),
            a_project(
                "cells",
                name="Cells",
                summary={"en": "Keep rows"},
                features={"en": ("Gathers names under a petition",)},
                replaces=("Excel",),
                domains=("office-docs",),
            ),
            a_project(
                "kept",
                name="Kept",
                domains=("website",),
                summary={"en": "Keep rows"},
                maintenance=(a_maintenance("les-hirondelles"),),
            ),
            an_organization("les-hirondelles", name="Les Hirondelles"),
        ),
    )
    with a_site(store, folder / "data") as app:
        yield a_client(app)


def why(client: TestClient, path: str) -> list[str]:
    return re.findall(r'<p class="why">(.*?)</p>', client.get(path).text)


def test_the_need_that_words_mean_is_named_with_its_page(client):
    html = client.get("/en/projects?q=cuota").text
    assert 'See also this category: <a href="/en/domains/member-management">Manage members and fees</a>' in html
    reason = '<span class="aside">Category:</span> <bdi>Manage members and fees</bdi>'
    assert why(client, "/en/projects?q=cuota") == [reason]


def test_a_result_that_shows_the_words_needs_no_reason(client):
    assert why(client, "/en/projects?q=lists") == []


def test_a_feature_is_quoted_with_the_words_marked_and_markup_as_text(client):
    [line] = why(client, "/en/projects?q=badges")
    assert line == (
        '<span class="aside">Features:</span> <bdi>Prints &lt;b&gt;<mark>badges</mark>&lt;/b&gt; &amp; cuts</bdi>'
    )


def test_a_description_in_another_language_is_quoted_around_the_word_and_says_its_language(client):
    [line] = why(client, "/en/projects?q=echarpe")
    assert '<bdi lang="fr" dir="auto">… ' in line and "<mark>écharpes</mark>." in line
    assert len(unescape(re.sub("<[^>]+>", "", line))) < 220


def test_what_it_takes_the_place_of_and_who_keeps_it_are_reasons(client):
    assert why(client, "/en/projects?q=instead+of+excel")[0].endswith("<mark>Excel</mark></bdi>")
    [line] = why(client, "/en/projects?q=hirondelles")
    assert line.startswith('<span class="aside">Used or maintained by:</span>') and "<mark>Hirondelles</mark>" in line


def test_what_nothing_fits_well_is_said_so(client):
    html = client.get("/en/projects?q=cuota+penguins").text
    assert "<h1>No results for “cuota penguins”</h1>" in html
    assert html.index("Publish your need") < html.index("Suggestions that may not fit</h2>")
    assert "<select" not in html and "/en/projects/filters" not in html, "nothing was found that filters make fewer"
    filtered = client.get("/en/projects?q=cuota+penguins&domain=member-management").text
    assert "<select" not in filtered and 'name="domain" value="member-management"' in filtered
    assert "/en/calls/new?kind=need&amp;words=cuota+penguins" in html


def test_what_stands_for_a_misspelt_word_is_told_as_coming_close(client):
    html = client.get("/en/projects?q=membershp").text
    assert "<h1>1 result for “membershp”</h1>" in html
    assert "No results for “membershp”. Showing results for “" in html
    assert "What you can try" in html


def test_nothing_found_says_what_was_searched_and_how_to_say_what_is_missing(client):
    html = client.get("/en/projects?q=zzzqqq").text
    assert "We searched names, categories, features, descriptions, users and README of 5 programs" in html
    assert 'href="/en/calls/new?kind=need&amp;words=zzzqqq"' in html
    assert 'href="/en/domains"' in html


def test_few_results_under_filters_say_what_each_filter_takes_away(client):
    html = client.get("/en/projects?q=lists&domain=member-management").text
    assert "<h1>1 result for" in html
    assert '<a href="/en/projects?q=lists">Without: <bdi>Manage members and fees</bdi></a> (3 programs)' in html


def test_nothing_found_says_in_words_what_every_project_lacked_and_what_is_left_without_one_filter(client):
    html = client.get("/en/projects?domain=website&language=es").text
    asked = re.findall(r"<li>([^<:]+): <bdi>([^<]+)</bdi></li>", html)
    assert asked == [("Category", "Websites"), ("Interface language", "Spanish")]
    assert "We looked at 5 programs, with these filters:" in html
    assert "Without: <bdi>Spanish</bdi></a> (3 programs)" in html and "Without: <bdi>Websites</bdi>" not in html
    assert 'href="/en/calls/new?kind=need&amp;text=Websites"' in html


def test_where_leaving_out_one_filter_brings_nothing_two_are_offered_together(client):
    html = client.get("/en/projects?domain=website&language=es&country=AT").text
    assert "Removing only one of these changes nothing." in html
    assert (
        '<a href="/en/projects?domain=website">Without: <bdi>Spanish</bdi> and <bdi>Austria</bdi></a> (3 programs)'
    ) in html
    html = client.get("/en/projects?q=lists&language=es&country=AT").text
    assert "Without: <bdi>Spanish</bdi> and <bdi>Austria</bdi></a> (3 programs)" in html


def test_where_nothing_less_helps_all_filters_are_offered_at_once(client):
    html = client.get("/en/projects?language=es&country=AT").text
    assert '<a href="/en/projects">Without any filter</a> (5 programs)' in html
    assert 'href="/en/calls/new?kind=need&amp;country=AT"' in html
    html = client.get("/en/projects?q=lists&language=es&country=AT&domain=website&alive=active&kind=union").text
    assert '<a href="/en/projects?q=lists">Without any filter</a> (3 programs)' in html


def test_values_of_one_filter_are_told_as_a_choice(client):
    html = client.get("/en/projects?language=es&language=ar").text
    assert "<li>Interface language: <bdi>Arabic</bdi> or <bdi>Spanish</bdi></li>" in html


def test_a_call_for_what_is_missing_begins_with_what_is_known_of_it(client):
    html = client.get("/en/calls/new?kind=need&text=A+website&country=AT&group=association").text
    assert "\nA website</textarea>" in html and '<option value="AT" selected>' in html
    assert '<option value="association" selected>' in html and 'name="words"' not in html


def test_empty_fields_of_a_form_do_not_stay_in_the_address(client):
    answer = client.get("/en/projects?q=lists&family=&domain=website&domain=&sort=", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/en/projects?q=lists&domain=website")
    assert client.get(answer.headers["location"], follow_redirects=False).status_code == 200
    every = client.get("/en/projects?q=&sort=", follow_redirects=False)
    assert every.headers["location"] == "/en/projects"
    for kept in ("?q=a%3D&domain=website&domain=accounting", "?q=1%2B1=", "?q=a&q", "?q=caf%C3%A9+%26"):
        assert client.get(f"/en/projects{kept}", follow_redirects=False).status_code == 200


def test_a_need_that_nothing_answers_yet_is_said_so(client):
    html = client.get("/en/projects?q=tontine").text
    assert "No software is listed under “Save and lend together” yet." in html


def test_nobody_is_said_to_have_listed_nothing_for_words_that_something_found_answers(client):
    html = client.get("/en/projects?q=petition").text
    assert "1 result for “petition”" in html and "No software is listed" not in html
    html = client.get("/en/projects?q=petition&domain=website").text
    assert "No software is listed under" in html


def test_who_asks_without_saying_for_what_is_shown_every_project_as_what_comes_close(client):
    for text in ("I am looking for free software please", "could you help me"):
        html = client.get("/en/projects", params={"q": text}).text
        assert "<h1>5 programs</h1>" in html


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_product_brings_a_free_project_or_says_that_there_is_none_yet(client, product):
    """R06, on a catalogue that has next to nothing: then the way to open a need is there."""
    assert len(set(PRODUCTS)) >= 40
    answer = client.get("/en/projects", params={"q": f"instead of {product}"})
    html, found = unescape(re.sub("</?bdi>", "", answer.text)), answer.context["found"]
    assert product in found.products
    if found.total:
        assert f"{product} is not free software. These free alternatives cover some of its uses." in html
    else:
        assert f"We know of no free alternative to {product} yet." in html
        assert "/en/calls/new?kind=need" in html


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("Gérer les adhérents", "adherent", ["adhérents"]),
        ("Tax receipts, receipt by receipt", "receipt", ["receipts", "receipt", "receipt"]),
        ("التبرعات والهبات", "تبرعات", ["التبرعات"]),
        ("協同組合の会計", "会計", ["協同組合の会計"]),
        ("Reception desk", "receipt", []),
        ("The archive", "arc", ["archive"]),  # the last word may be a beginning
        ("İstanbul'da kooperatif", "kooperatif", ["kooperatif"]),
    ],
)
def test_words_are_marked_in_their_forms(text, typed, marked):
    parts = SoughtWords(words(typed)).excerpt(text)
    assert [part for part, hit in parts or () if hit] == marked
    assert SoughtWords(words(typed)).stands_in(text) == bool(marked)


def test_an_excerpt_is_short_whatever_the_text_is():
    for text in ("x" * 100_000 + " receipt", "receipt" + "y" * 100_000, "a receipt " * 10_000, "receipt\n" * 500):
        parts = SoughtWords(words("receipt")).excerpt(text)
        assert parts is None or sum(len(part) for part, _ in parts) < 200
    assert SoughtWords([]).excerpt("anything") is None


def test_a_need_that_nothing_answers_leads_to_a_call_for_it_and_to_adding_a_project(client):
    html = client.get("/en/domains/loan-portfolio").text
    assert "We do not know of any free software in this category yet." in html
    assert 'href="/en/calls/new?kind=need&amp;text=' in html and '<a href="/en/register">Add software</a>' in html


@pytest.mark.parametrize(
    "query",
    ["domain=nope", "license=agpl", "license=mit", "audience=volunteers", "inclusion=x", "kind=x", "family=x", "use=x",
     "alive=x", "platform=beos", "people=many", "stage=x", "country=France", "help=fr", "where=x", "region=Bretagne",
     "language=klingon"],
)  # fmt: skip
def test_what_no_filter_can_be_is_left_aside_and_said(client, query):
    value = query.partition("=")[2]
    answer = client.get(f"/en/projects?{query}")
    assert answer.context["query"].ignored == (value,) and not answer.context["query"].chosen
    assert "is not a known value" in answer.text and answer.context["found"].total > 1


@pytest.mark.parametrize(
    "query",
    ["domain=accounting", "license=network-copyleft", "license=AGPL-3.0-or-later", "license=LicenseRef-X",
     "audience=seniors", "kind=association", "kind=s1-5", "platform=android", "where=ZZ",
     "language=zh-Hant", "country=ZZ", "region=FR-ZZZ", "programming=Brainfuck", "standard=nothing", "use=hosted",
     "family=family-not-known", "people=p1", "stage=piloting"],
)  # fmt: skip
def test_what_a_filter_can_be_is_asked_for_also_where_no_project_has_it(query):
    read = read_query([tuple(query.split("="))])
    assert read.ignored == () and read.chosen == [tuple(query.split("="))]


def test_a_country_that_no_project_has_is_an_honest_empty_answer(client):
    answer = client.get("/en/projects?country=ZZ")
    assert answer.context["found"].total == 0 and "No results" in answer.text


def test_where_nothing_fits_and_no_filter_was_chosen_none_is_offered_to_remove_or_apply(client):
    html = client.get("/en/projects?q=submarine+navigation").text
    assert "No results for" in html and "What you can try" in html
    assert "Filters you can remove" not in html and "Apply filters" not in html and "Skip to results" not in html


def test_a_kind_that_is_not_known_is_offered_only_to_whom_an_address_chose_it():
    counts = {"kind": [("family-not-known", 14), ("association", 2), ("cooperative", 3)]}
    page_language = languages.page_language("en")
    [facet] = facets(counts, read_query([]), page_language, ("kind",))
    assert [(option.value, option.count) for option in facet.options] == [("cooperative", 3), ("association", 2)]
    [facet] = facets(counts, read_query([("kind", "family-not-known")]), page_language, ("kind",))
    assert [(option.label, option.count, option.chosen) for option in facet.options][-1] == (
        "Unknown kind of organization",
        14,
        True,
    )


IN_AREAS = {
    "domain": [
        ("membership-governance", 5), ("member-management", 5), ("accounting-management", 3), ("accounting", 2),
        ("share-capital", 2), ("billing", 1), ("website", 0),
    ]
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "total", "offered", "hidden"),
    [
        # Without words the areas.
        ([], 5, ["membership-governance", "accounting-management"], ()),
        ([("kind", "association")], 5, ["membership-governance", "accounting-management"], ()),
        # With words the needs of all areas, but for those that all that was found has.
        ([("q", "list")], 5, ["accounting", "share-capital", "billing"], ()),
        ([("q", "list")], 9, ["member-management", "accounting", "share-capital", "billing"], ()),
        # In a chosen area its needs; it is no choice itself, and kept.
        ([("domain", "membership-governance")], 5, ["share-capital"], ("membership-governance",)),
        ([("q", "a"), ("domain", "accounting-management")], 3, ["accounting", "billing"], ("accounting-management",)),
        # Beside a chosen need its neighbours.
        ([("domain", "accounting")], 2, ["accounting", "billing"], ()),
        ([("q", "a"), ("domain", "billing")], 1, ["member-management", "accounting", "share-capital", "billing"], ()),
        # A chosen need without a result can still be taken away.
        ([("domain", "budgeting")], 0, ["accounting", "billing", "budgeting"], ()),
    ],
)  # fmt: skip
def test_a_search_is_parted_by_needs_and_the_whole_catalogue_by_areas(query, total, offered, hidden):
    [facet] = facets(IN_AREAS, read_query(query), languages.page_language("en"), ("domain", "standard"), total)
    assert [option.value for option in facet.options] == offered and facet.hidden == hidden
    assert [term.count for term in facet.options] == [dict(IN_AREAS["domain"]).get(term, 0) for term in offered]
    held = {term for term, count in IN_AREAS["domain"] if count} | {value for name, value in query if name == "domain"}
    assert facet.left_out == len(held) - len(offered)  # the page of all has the areas too


def test_all_needs_stand_below_their_areas_the_commonest_first():
    read = read_query([("domain", "budgeting"), ("domain", "accounting"), ("q", "list")])
    [facet] = facets(IN_AREAS, read, languages.page_language("en"), ("domain",), 3)
    told = [
        (part.title, [(option.value, option.count, option.chosen) for option in part.options]) for part in facet.parts
    ]
    assert facet.options == () and told == [
        (
            "Members and democratic life",
            [("membership-governance", 5, False), ("member-management", 5, False), ("share-capital", 2, False)],
        ),
        (
            "Accounting and management",
            [
                ("accounting-management", 3, False),
                ("accounting", 2, True),
                ("billing", 1, False),
                ("budgeting", 0, True),
            ],
        ),
    ]
    assert {part.options[0].label for part in facet.parts} == {
        "Accounting and management",
        "Members and democratic life",
    }


def test_a_need_in_an_area_that_was_chosen_too_asks_for_no_more_than_the_need():
    read = read_query([("domain", "membership-governance"), ("domain", "member-management"), ("domain", "website")])
    assert read.filters == {"domain": ("member-management", "website")} and read.ignored == ()
    kinds = read_query([("kind", "volunteer-association"), ("kind", "association"), ("kind", "s1-5")]).filters["kind"]
    assert kinds == ("s1-5", "volunteer-association")


def test_the_pages_offer_needs_keep_a_chosen_area_and_list_all_below_their_areas(client):
    html = client.get("/en/projects?q=lists").text.partition('id="results"')[0]
    assert "Manage members and fees (1)</option>" in html and '<optgroup label="Members and democratic life">' in html
    html = client.get("/en/projects?domain=communication&kind=association").text.partition('id="results"')[0]
    assert html.count('<option value="communication" selected>') == 1 and 'type="hidden" name="domain"' not in html
    html = client.get("/en/projects/filters?only=domain").text
    assert html.count("<fieldset") == 4 and "<legend>Members and democratic life</legend>" in html
    assert 'id="f-domain-1-1"' in html and 'id="f-domain-3-2"' in html and 'value="member-management"' in html
    # An area is one more choice here, so nothing of it is kept beside.
    html = client.get("/en/projects/filters?only=domain&domain=communication").text
    assert html.count('name="domain" value="communication"') == 1 and 'value="communication" checked' in html


def test_more_words_than_are_searched_are_cut_in_every_address_and_the_page_says_so(client: TestClient) -> None:
    asked = {"q": "lists " * 200, "domain": "website"}
    for path in ("/en/projects", "/en/projects/filters", "/en/organizations"):
        page = client.get(path, params=asked).text
        told = "Only the first 200 characters of your search were used."
        assert told in page and page.count(told) == 1
        assert told not in client.get(path, params={"q": "lists " * 33 + "li"}).text
    for path in ("/en/projects", "/en/projects/filters"):
        page = client.get(path, params=asked).text
        links = [unescape(link) for link in re.findall(r'href="([^"]*)"', page)]
        carried = [parse_qs(urlsplit(link).query) for link in links]
        assert {len(record["q"][0]) for record in carried if "q" in record} <= {199, 200}
        (french,) = {link for link in links if link.startswith("/fr/projects")}
        assert len(french) < 300 and "domain=website" in french


def test_a_page_where_much_is_chosen_stays_small_and_leads_to_all_of_it(client: TestClient) -> None:
    codes = [first + second for first in "ABCDEFGH" for second in "ABCDEFGHIJKLMNOPQRST"]
    chosen = [(name, code) for name in ("country", "help", "where") for code in codes[:20]]
    chosen += [("programming", f"language {code}") for code in codes[:20]] + [("q", "é" * 200)]
    for path in ("/en/projects", "/en/projects/filters"):
        page = client.get(path, params=chosen).text
        assert len(page) < 150_000 and page.count("Remove: ") == 12
        assert "and 68 more</a>" in page and "Clear all" in page
    assert "and 1 more</a>" not in client.get("/en/projects", params=chosen[:12]).text


def test_where_little_fits_open_calls_that_hold_the_words_are_named_and_nowhere_else(
    own_client: TestClient, sqlite_store: Store
) -> None:
    said = {"today": "A spreadsheet.", "words": "registre des parts"}
    submission = a_call(
        sqlite_store, text="Keep the register of shares that our members hold. The law asks for it.", **said
    )
    heading, link = (
        "Similar published needs",
        f'<a href="/en/calls/{submission.reference}">Keep the register of',
    )
    for asked in ("law?", "share register", "registers shares", "Registre  PARTS", "spreadsheets"):
        page = own_client.get("/en/projects", params={"q": asked}).text
        assert page.count(heading) == 1 and link in page and '<a href="/en/calls">All needs</a>' in page, asked
    for asked in ("register of boats", "shareholder meeting", "par", "100 %", "keep lists", ""):
        assert heading not in own_client.get("/en/projects", params={"q": asked}).text, asked
    assert heading not in own_client.get("/en/projects?domain=website&language=xx").text
    for number in range(4):
        a_call(sqlite_store, text=f"A register of boats, number {number}.", words="")
    page = own_client.get("/en/projects", params={"q": "boat register"}).text
    assert page.count("A register of boats") == 3
    calls_lifecycle.end(sqlite_store, submission.reference, somebody(sqlite_store, ANA, role="moderator"), now=NOW)
    assert heading not in own_client.get("/en/projects", params={"q": "share register"}).text


def test_five_filters_stand_beside_the_search_and_offer_what_leaves_something(client):
    html = client.get("/en/projects").text.partition('<div class="selects">')[2].partition("</div>")[0]
    titles = re.findall(r"<label for=\"s-(\w+)\">([^<]+)</label>", html)
    # Nothing here says for whom it is, how it is used or in which languages: no empty list is offered.
    assert titles == [("domain", "Category")]
    assert (
        '<optgroup label="Communication and visibility">' in html
        and "Websites (3)</option>" in html
        and "(0)" not in html
    )


def test_of_one_chosen_value_another_can_be_chosen_and_several_are_kept(client):
    first = client.get("/en/projects?domain=website").text
    assert '<option value="website" selected>' in first and 'type="hidden" name="domain"' not in first
    two = client.get("/en/projects?domain=website&domain=office-docs").text.partition('id="results"')[0]
    assert two.count('type="hidden" name="domain"') == 2 and "selected" not in two and ">2 chosen</option>" in two


def test_without_words_the_order_is_that_of_the_alphabet_and_none_is_by_relevance(client):
    html = client.get("/en/projects").text
    assert re.findall(r"<h2><a[^>]*><bdi>([^<]+)", html) == ["Cells", "Kept", "Long", "Plain", "Told"]
    sorts = html.partition('<nav class="sorts"')[2].partition("</nav>")[0]
    assert "Relevance" not in sorts and 'aria-current="true">A to Z' in sorts
    assert "Relevance" in client.get("/en/projects?q=lists").text


def test_at_most_three_suggestions_stand_under_words_that_nothing_answers(client_of):
    client = client_of(*(a_project(f"p-{n}", description={"en": "Count the goats"}) for n in range(9)))
    html = client.get("/en/projects?q=goats").text
    assert "<h1>No results for" in html and "close match" not in html
    assert html.partition("Suggestions that may not fit</h2>")[2].count('class="card pictured"') == 3


def test_beside_words_that_nobody_knows_a_phrase_of_a_category_is_answered_and_a_single_word_of_it_is_not(client_of):
    client = client_of(a_project("books", domains=("accounting",), description={"en": "Keep the books"}))
    phrase, word = (client.get(f"/en/projects?q={q}+penguins").text for q in ("chart+of+accounts", "ledger"))
    assert "<h1>1 result for “chart of accounts penguins”</h1>" in phrase and "Suggestions" not in phrase
    assert "<h1>No results for “ledger penguins”</h1>" in word and "Suggestions that may not fit</h2>" in word


def test_maintained_ones_come_first_and_what_is_dormant_or_ended_stands_apart(client_of):
    def changed(days: int, looked: int, **more: Any) -> dict[str, Any]:
        day, look = ((NOW - timedelta(days=ago)).date().isoformat() for ago in (days, looked))
        return {"last_change": LastChange(look, "example/example@0123abc", date=day), **more}

    states = {
        "a-ended": changed(10, 5, status="ended"), "b-dormant": changed(900, 5), "c-unknown": changed(400, 300),
        "d-quiet": changed(400, 5), "e-active": changed(10, 5),
    }  # fmt: skip
    client = client_of(*(a_project(slug, name=slug, **more) for slug, more in states.items()))
    pages = [client.get(f"/en/projects{query}").text for query in ("?q=members", "", "?q=b-dormant")]
    found, every, named = (re.findall(r'<h\d><a href="/en/projects/([^"]+)', html) for html in pages)
    assert set(found[:2]) == {"d-quiet", "e-active"} and found[2] == "c-unknown" and named[0] == "b-dormant"
    behind = pages[0].partition("Dormant or ended</h2>")[2]
    assert set(found[3:]) == {"a-ended", "b-dormant"} == set(re.findall(r'<h3><a href="/en/projects/([^"]+)', behind))
    assert every == sorted(states) and "Dormant or ended</h2>" not in pages[1]


def test_results_behind_a_sharp_drop_stand_apart_on_every_page(client_of):
    close = [a_project(f"close-{n}", summary={"en": "Keep shares"}, domains=("share-capital",)) for n in range(3)]
    weak = [
        a_project(f"weak-{n:02}", name=f"Weak {n}", domains=("website",), summary={"en": "Draw maps"},
                  description={"en": "It can also print shares."})
        for n in range(30)
    ]  # fmt: skip
    reader = client_of(*close, *weak)
    first, second = (reader.get(f"/en/projects?q=shares{page}").text for page in ("", "&page=2"))
    named = reader.get("/en/projects?q=maps").text
    before, _, behind = first.partition("Less close matches</h2>")
    assert before.count('class="card pictured"') == 3 and behind.count('class="card pictured"') == 17
    before, _, behind = second.partition("Less close matches</h2>")
    assert before.count('class="card pictured"') == 0 and behind.count('class="card pictured"') == 13
    assert "Less close matches" not in named


def test_kinds_of_organizations_are_chosen_by_family_and_by_leaf():
    counts = {"kind": [("cooperative", 5), ("worker-cooperative", 2), ("association", 4), ("financial-cooperative", 1)]}
    read = read_query([("kind", "worker-cooperative")])
    [facet] = facets(counts, read, languages.page_language("en"), ("kind",))
    assert [option.value for option in facet.options] == ["association"]
    [part] = facet.parts
    assert [(option.value, option.chosen) for option in part.options] == [
        ("cooperative", False),
        ("worker-cooperative", True),
        ("financial-cooperative", False),
    ]


def test_software_is_found_by_the_family_of_who_develops_it(client_of):
    team = an_organization("team", kind="worker-cooperative")
    made = a_project("made", name="Made", maintenance=(a_maintenance("team", role="lead"),))
    hosted = a_project("hosted", name="Hosted", maintenance=(a_maintenance("team", role="host"),))
    client = client_of(made, hosted, team)
    html, page = (client.get(f"/en/projects{path}").text for path in ("?maker=cooperative", "/filters"))
    assert re.findall(r'<h\d><a href="/en/projects/([^"]+)', html) == ["made"]
    assert "<legend>Developed by</legend>" in page


def test_what_is_maintained_is_one_press_away_and_a_filter_of_single_programs_is_one_sentence(client_of):
    day = NOW.date().isoformat()
    fresh = LastChange(day, "example/example@0123abc", date=day)
    several = [a_project(f"p-{n}", last_change=fresh if n < 3 else None) for n in range(21)]
    client = client_of(*several, a_project("one", standards=("ActivityPub",)))
    html, filters = (client.get(f"/en/projects{path}").text for path in ("", "/filters"))
    [press] = re.findall(r'href="([^"]+)">Maintained only</a> \(3\)', html)
    kept = client.get(unescape(press)).text
    assert "<h1>3 programs</h1>" in kept and "Maintained only" not in kept
    sentence = filters.partition("Standard supported, one program each:")[2].partition("</p>")[0]
    assert re.findall(r'href="([^"]+)"><bdi>ActivityPub</bdi></a>', sentence) == ["/en/projects?standard=ActivityPub"]
    assert "<legend>Standard supported</legend>" not in filters
