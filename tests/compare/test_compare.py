"""The compare page: what differs comes first, what is the same last, and nothing is guessed."""

from types import SimpleNamespace

import pytest
from sqlalchemy import event
from support.factories.core import a_catalog, a_project, load
from support.html_structure import words
from support.world import a_client, a_site

from catalog.model import Leaving, Runs, ScreenLanguage, Support
from forge.web.compare.columns import FURTHER_FACTS, MAIN_FACTS, Column, fact_rows

MANY = "&".join(f"p=tool-{number}" for number in range(6))


def keys(rows, state):
    return [row.key for row in rows if row.state == state]


def test_what_differs_comes_before_what_is_known_of_some_and_that_before_what_is_the_same(client):
    answer = client.get("/en/compare?p=galette&p=asleep")
    assert answer.status_code == 200
    rows = answer.context["rows"]
    assert keys(rows, "different") == ["alive"] and keys(rows, "same") == ["license"] and len(rows) == 14
    main = ["made-for", "uses", "how", "cost", "languages", "accessibility"]
    assert keys(rows, "some") == [*main, "help", "makers", "features"]
    assert keys(rows, "unknown") == ["platforms", "leaving", "replaces"]
    said = words(answer)
    assert said.index("Differences") < said.index("Partly known") < said.index("In common")


def a_column(**said):
    return Column(SimpleNamespace(hosts=(), uses=None), a_project(**said), SimpleNamespace(free=True), None)


@pytest.mark.parametrize(
    ("key", "first", "other", "state"),
    [
        ("languages", {"languages": (ScreenLanguage("fr"),)}, {"languages": (ScreenLanguage("fr", 60),)}, "some"),
        ("languages", {"languages": (ScreenLanguage("fr"),)}, {"languages": (ScreenLanguage("es"),)}, "different"),
        ("how", {"runs": Runs(online="https://example.org")}, {"runs": Runs(self_hosted="easy")}, "some"),
        ("how", {"runs": Runs(self_hosted="hard")}, {"runs": Runs(self_hosted="easy")}, "different"),
        ("cost", {"cost": {"en": "Ten a month."}}, {}, "some"),
        ("cost", {}, {}, "same"),
        ("leaving", {"leaving": Leaving(exports=("CSV",))}, {"leaving": Leaving(standards=("iCal",))}, "some"),
        ("leaving", {"leaving": Leaving(exports=("CSV",))}, {"leaving": Leaving(exports=("PDF",))}, "different"),
        ("leaving", {"leaving": None}, {"leaving": None}, "unknown"),
    ],
)
def test_only_two_who_say_something_else_of_the_same_part_differ(key, first, other, state):
    fact = MAIN_FACTS | FURTHER_FACTS
    assert [row.state for row in fact_rows([a_column(**first), a_column(**other)], {key: fact[key]})] == [state]


def test_where_users_of_each_ask_is_told_of_each_and_not_of_the_first_alone(sqlite_store, tmp_path):
    ask = [Support(f"https://{slug}.example/forum") for slug in ("one", "other")]
    load(sqlite_store, a_catalog(a_project("one", support=ask[0]), a_project("other", support=ask[1])))
    with a_site(sqlite_store, tmp_path) as app:
        answer = a_client(app).get("/en/compare?p=one&p=other").text
    assert 'href="https://one.example/forum"' in answer and 'href="https://other.example/forum"' in answer


def test_what_is_not_known_of_one_is_said_in_its_place_and_of_all_in_the_end(client):
    answer = client.get("/en/compare?p=asleep&p=tool-1")
    assert "made-for" in keys(answer.context["rows"], "unknown") and "Not known for any of them" in words(answer)
    assert "Not known yet" in words(client.get("/en/compare?p=galette&p=unknown"))
    table = answer.text[answer.text.index("<table") : answer.text.index("</table>")]
    assert table.count("Not known for any of them") == 1 and table.rindex("For whom") > table.index("Not known for any")


def test_projects_stand_in_the_order_of_the_address_each_once(client):
    answer = client.get("/en/compare?p=tool-2&p=galette&p=tool-2")
    assert [column.slug for column in answer.context["columns"]] == ["tool-2", "galette"]
    assert '<link rel="canonical" href="http://testserver/en/compare?p=galette&amp;p=tool-2">' in answer.text


def test_at_most_four_stand_side_by_side_and_the_rest_is_told(client):
    answer = client.get(f"/en/compare?{MANY}")
    assert len(answer.context["columns"]) == 4 and "2 were left out" in words(answer)


def test_what_is_not_here_takes_no_place_and_is_not_counted_among_those_left_out(client):
    answer = client.get("/en/compare?p=galette&p=x1&p=x2&p=x3&p=asleep")
    assert [column.slug for column in answer.context["columns"]] == ["galette", "asleep"]
    assert answer.context["missing"] == ("x1", "x2", "x3") and "left out" not in words(answer)
    more = client.get(f"/en/compare?p=x1&p=x2&{MANY}")
    assert len(more.context["columns"]) == 4 and "2 were left out" in words(more)


def test_capitals_name_the_same_project(client):
    answer = client.get("/en/compare?p=GALETTE&p=galette&p=Asleep")
    assert [column.slug for column in answer.context["columns"]] == ["galette", "asleep"]


def test_an_address_of_many_that_are_not_here_asks_the_database_no_more(client):
    asked = []
    engine = client.app.state.store.engine

    def note(*given):
        asked.append(given[2])

    client.get("/en/compare?p=galette")
    event.listen(engine, "before_cursor_execute", note)
    client.get("/en/compare?p=galette")
    alone = len(asked)
    client.get("/en/compare?p=galette&" + "&".join(f"p=x{number}" for number in range(40)))
    event.remove(engine, "before_cursor_execute", note)
    assert 1 <= len(asked) - alone <= alone


def test_a_project_that_is_not_here_is_told_and_the_others_are_shown(client):
    answer = client.get("/en/compare?p=galette&p=nothing&p=blocked&p=%3Cb%3E")
    assert answer.status_code == 200 and [column.slug for column in answer.context["columns"]] == ["galette"]
    assert "“ nothing ”" in words(answer) and "“ blocked ”" in words(answer) and "&lt;b&gt;" in answer.text


def test_a_former_name_leads_to_the_present_one(client):
    answer = client.get("/en/compare?p=tool-1&p=galette-old", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, "/en/compare?p=tool-1&p=galette")


def test_a_project_is_added_by_a_name_and_removed_by_a_link(client):
    answer = client.get("/en/compare?p=tool-1&add=galette")
    assert 'href="/en/compare?p=tool-1&amp;p=galette"' in answer.text
    assert 'href="/en/compare?p=galette"' in client.get("/en/compare?p=tool-1&p=galette").text
    nothing = client.get("/en/compare?add=zzzqqqxx")
    assert "No software found for" in words(nothing)
    assert "/en/calls/new?kind=need&amp;text=zzzqqqxx" in nothing.text


def test_without_a_project_the_page_says_what_it_is_for(client):
    assert "Compare up to four programs" in words(client.get("/en/compare"))


@pytest.mark.parametrize("query", ["p=" + "x" * 9000, "p=%00", "p=a&" * 500, "add=%F0%9F&p=../..", "add=(%22*", "p="])
def test_no_address_is_too_odd(client, query):
    assert client.get(f"/en/compare?{query}").status_code in (200, 302, 400, 414)


def test_the_page_of_four_weighs_little(client):
    import gzip

    answer = client.get("/fr/compare?p=galette&p=asleep&p=coopcycle&p=unknown")
    assert len(gzip.compress(answer.content)) <= 20_000


def test_the_facts_stand_in_a_table_with_scopes_and_under_headings_for_narrow_screens(client):
    answer = client.get("/en/compare?p=galette&p=tool-1&p=ended")
    html, rows = answer.text, answer.context["rows"]
    named = [row for row in rows if row.state != "unknown"]
    states = {row.state for row in rows}
    assert html.count("<table") == 1 == html.count("<caption") and html.count('scope="col"') == 4
    assert len(rows) == 14 and html.count('scope="row"') == len(named) and "✓" not in html and "✗" not in html
    assert html.count("<h4>") == len(named) and html.count('<h3 class="group">') == len(states)


def test_results_offer_to_compare_what_is_chosen_without_script(client):
    html = client.get("/en/projects?q=tool").text
    assert '<form action="/en/compare" method="get"' in html and 'name="p" value="tool-1"' in html
    assert html.count('type="submit">Compare selected') == 1
    assert client.get("/en/compare?p=tool-1&p=tool-2").status_code == 200
