"""A list of programs for a board: it stands in its address, is printed or taken as a table, and nothing is stored."""

import csv
import io

import pytest
from support.html_structure import words

from forge.web.core.list_query import read_own_list

SLUGS = [f"tool-{number}" for number in range(22)]


def test_a_list_shows_up_to_twenty_programs_and_says_how_many_it_left_out(client):
    answer = client.get("/en/list?" + "&".join(f"p={slug}" for slug in SLUGS))
    assert answer.status_code == 200 and answer.text.count('scope="row"') == 20
    assert "At most 20 programs fit here. 2 were left out." in words(answer)
    assert "Yes / No" in words(answer) and "Remark" in words(answer)


def test_programs_are_added_and_removed_by_links_that_keep_the_title(client):
    found = client.get("/en/list?p=tool-1&title=For+May&add=galette")
    assert 'href="/en/list?p=tool-1&amp;title=For+May&amp;p=galette"' in found.text
    both = client.get("/en/list?p=tool-1&p=galette&title=For+May")
    assert 'href="/en/list?p=galette&amp;title=For+May"' in both.text
    assert 'href="/en/list?p=tool-1&amp;title=For+May"' in both.text
    assert "Which software?" in words(client.get("/en/list"))


def test_the_title_is_the_readers_own_text_and_no_address_of_a_page_that_is_kept(client):
    answer = client.get("/en/list?p=galette&title=" + "%3Cb%3Ehttps://evil.example%20" + "x" * 200)
    shown = "&lt;b&gt;https://evil.example " + "x" * 56
    assert f"<bdi>{shown}</bdi></h1>" in answer.text
    assert 'href="https://evil.example' not in answer.text
    assert answer.headers["cache-control"] == "no-store" and "noindex" in answer.text
    assert 'rel="canonical" href="http://testserver/en/list?p=galette"' in answer.text


def test_the_same_list_is_a_table_for_a_spreadsheet(client):
    answer = client.get("/en/list?p=tool-1&p=galette&title=%3DHYPERLINK&as=csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["slug"] for row in rows] == ["tool-1", "galette"] and rows[1]["name"] == "Galette"
    assert rows[1]["page"].endswith("/projects/galette") and "HYPERLINK" not in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="list.csv"'


def test_a_former_name_leads_to_the_present_one_and_a_foreign_one_is_named(client):
    moved = client.get("/en/list?p=tool-1&p=galette-old&title=Ours", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, "/en/list?p=tool-1&p=galette&title=Ours")
    table = client.get("/en/list?p=galette-old&as=csv", follow_redirects=False)
    assert table.headers["location"] == "/en/list?p=galette&as=csv"
    assert "“ blocked ”" in words(client.get("/en/list?p=galette&p=blocked"))


def test_results_the_comparison_and_a_projects_page_lead_to_a_list(client):
    assert 'formaction="/en/list"' in client.get("/en/projects?q=tool").text
    assert 'href="/en/list?p=galette&amp;p=tool-1"' in client.get("/en/compare?p=galette&p=tool-1").text
    assert 'href="/en/list?p=galette"' in client.get("/en/projects/galette").text


def test_finding_keeps_the_list_in_one_parameter_that_no_cache_and_no_search_engine_keeps(client):
    page = client.get("/en/projects?q=tool&list=galette,asleep,%3Cb%3E")
    assert page.headers["cache-control"] == "no-store" and "noindex" in page.text and "<b>,asleep" not in page.text
    assert "List of programs (2)" in words(page)
    kept = "list=galette%2Casleep"
    assert f'href="/en/projects/tool-1?{kept}"' in page.text and f"sort=name&amp;{kept}" in page.text
    assert '<input type="hidden" name="list" value="galette,asleep">' in page.text
    assert kept not in page.text.partition('rel="canonical"')[2][:200] and f"atom?q=tool&amp;{kept}" not in page.text
    program = client.get(f"/en/projects/tool-1?{kept}")
    assert program.headers["cache-control"] == "no-store" and "noindex" in program.text
    assert f'href="/en/list?{kept}&amp;p=tool-1"' in program.text
    assert "At most 20" not in words(client.get(f"/en/list?{kept}&p=tool-1"))
    (found,) = {row["slug"] for row in rows_of(client, f"{kept}&p=tool-1")} - {"galette", "asleep"}
    assert found == "tool-1"


def test_the_title_of_a_list_goes_with_it_while_its_reader_finds_more(client):
    first = client.get("/en/list?p=galette&title=For+our+<b>board</b>")
    kept = "list=galette~For+our+%3Cb%3Eboard%3C%2Fb%3E"
    assert f'href="/en/projects?{kept}"' in first.text and "<b>board" not in first.text
    results = client.get(f"/en/projects?q=tool&{kept}")
    assert (
        "For our &lt;b&gt;board&lt;/b&gt;</bdi></a> (1)" in results.text
        and f'href="/en/projects/tool-1?{kept}"' in results.text
    )
    program = client.get(f"/en/projects/tool-1?{kept}")
    assert f'href="/en/list?{kept}&amp;p=tool-1"' in program.text
    whole = client.get(f"/en/list?{kept}&p=tool-1")
    assert "<h1>" in whole.text and "For our &lt;b&gt;board&lt;/b&gt;" in whole.text
    assert read_own_list("a,b~" + "x" * 500).title == "x" * 80


def rows_of(client, query):
    return csv.DictReader(io.StringIO(client.get(f"/en/list?{query}&as=csv").content.decode("utf-8-sig")))


@pytest.mark.parametrize("query", ["p=" + "x" * 9000, "p=%00&title=%00", "p=a&" * 500, "title=%F0%9F", "as=csv", "p="])
def test_no_address_is_too_odd(client, query):
    assert client.get(f"/en/list?{query}").status_code in (200, 302, 400, 414)
