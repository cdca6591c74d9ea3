"""The frame of all pages: languages, redirects, errors, headers, caches, hostile addresses, and what a page costs."""

import gzip
from urllib.parse import quote

import pytest
from sqlalchemy import event
from support.factories.rewriting import rewriting
from support.form_crawler import read as read_page
from support.world import a_client, a_site, fill, without_data

from forge.web.site.content_pages import FEW_PROJECTS

PAGES = [
    ("/", "site/home.html"),
    ("/projects", "search/find.html"),
    ("/projects/filters", "search/filters.html"),
    ("/projects/galette", "projects/project.html"),
    ("/projects/galette/users", "projects/adopters.html"),
    ("/domains", "search/categories.html"),
    ("/domains/member-management", "search/category.html"),
    ("/collections/suite", "search/collection.html"),
    ("/organizations", "organizations/list.html"),
    ("/organizations/coop-des-halles", "organizations/organization.html"),
    ("/about", "site/about.html"),
    ("/about/alveole", "site/text.html"),
    ("/legal", "site/legal.html"),
    ("/accessibility", "site/accessibility.html"),
    ("/help", "site/help.html"),
    ("/help/ready", "site/readiness.html"),
]


@pytest.mark.parametrize("tag", ["en", "fr"])
@pytest.mark.parametrize(("path", "template"), PAGES)
def test_each_page_is_drawn_by_its_template_in_its_language(client, tag, path, template):
    answer = client.get(f"/{tag}{path}")
    assert answer.status_code == 200
    assert answer.template.name == template
    assert f'<html lang="{tag}" dir="ltr">' in answer.text
    assert answer.headers["content-language"] == tag
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize(("path", "template"), PAGES)
def test_pages_keep_to_their_weight(client, path, template):
    wide = ("search/find.html", "search/filters.html", "organizations/list.html")  # the last with its map
    most = 20_000 if template in wide else 14_000
    assert len(gzip.compress(client.get(f"/fr{path}").content, 6)) <= most


def test_pages_go_out_compressed(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        answer = a_client(app, packed=True).get("/fr/projects", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip" and "Accept-Encoding" in answer.headers["vary"]


def test_the_style_sheet_weighs_little_and_is_kept_a_year(client):
    address = client.get("/en/").text.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert len(gzip.compress(answer.content)) <= 12_000


def test_no_page_brings_script_inline_style_or_another_host(client):
    for path, _ in PAGES:
        html = without_data(client.get(f"/fr{path}").text)
        assert "<script" not in html and " style=" not in html and "<style" not in html and 'src="http' not in html


@pytest.mark.parametrize(
    ("header", "tag"),
    [("fr-CA,fr;q=0.9,en;q=0.5", "fr"), ("de, fr ; Q=0.1", "fr"), ("en; q=0.5, fr", "fr"), ("", "en"), ("*", "en")],
)
def test_an_address_without_language_leads_to_the_readers_once(client, header, tag):
    answer = client.get("/projects?q=membres", headers={"accept-language": header})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/{tag}/projects?q=membres"
    assert "Accept-Language" in answer.headers["vary"]


def test_home_without_language_and_language_without_slash_lead_home(client):
    assert client.get("/").headers["location"] == "/en/"
    assert client.get("/fr").headers["location"] == "/fr/"


@pytest.mark.parametrize("path", ["/ar/projects", "/xx/", "/de/projects/galette", "/nothing", "/fr/nothing", "/you"])
def test_what_is_no_page_or_no_language_of_ours_is_not_found(client, path):
    answer = client.get(path, headers={"accept-language": "fr"})
    assert answer.status_code == 404
    assert "Page introuvable" in answer.text


def test_language_links_keep_page_and_question(client):
    html = client.get("/fr/projects?q=membres&domain=accounting").text
    assert 'href="/en/projects?q=membres&amp;domain=accounting" lang="en" hreflang="en"' in html


def test_alternates_and_canonical_are_full_addresses(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data", base_url="https://catalog.example.org") as app:
        answer = a_client(app).get("/fr/projects/galette")
    assert '<link rel="canonical" href="https://catalog.example.org/fr/projects/galette">' in answer.text
    assert 'hreflang="en" href="https://catalog.example.org/en/projects/galette"' in answer.text
    assert 'hreflang="x-default" href="https://catalog.example.org/projects/galette"' in answer.text
    assert answer.headers["strict-transport-security"]


def test_a_language_without_translation_is_english_with_marks_and_its_own_direction(sqlite_store, tmp_path):
    fill(sqlite_store, languages=("en", "he"))
    with a_site(sqlite_store, tmp_path / "data") as app:
        html = a_client(app).get("/he/projects/galette").text
    assert '<html lang="he" dir="rtl">' in html
    assert '<span lang="en" dir="ltr">Can our organization use it?</span>' in html
    assert "צרפת" in html
    assert "\ue000" not in html and "<title>Galette" in html


def test_a_text_in_another_language_is_marked_and_labelled(client):
    html = client.get("/fr/projects/unknown").text
    assert '<span lang="es" dir="ltr">Lleva cuentas</span> <span class="aside">(en espagnol)</span>' in html


def test_what_was_taken_away_says_why(client):
    answer = client.get("/fr/projects/blocked")
    assert answer.status_code == 410
    assert "Requested by the maintainers." in answer.text


def test_an_error_of_ours_is_a_page_without_detail(own_client, caplog):
    own_client.app.state.store.close()
    own_client.app.state.searcher = None
    answer = own_client.get("/fr/projects")
    assert answer.status_code == 500
    assert "Le service a rencontré un problème" in answer.text and "Traceback" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_what_was_typed_comes_back_with_an_error_of_ours_to_be_sent_again(own_client):
    form = {"draft": "d" * 43, "happened": "Letters are\ntoo <small>.", "where": "The list", "step": ""}
    own_client.get("/en/projects")
    with rewriting(own_client.app.state.store.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE submission RENAME TO away")
    answer = own_client.post("/en/projects/galette/blocks", data=form)
    assert answer.status_code == 500 and "Nothing you wrote is lost" in answer.text
    (again,) = [form for form in read_page("", answer.text)[1] if form.action == "/en/projects/galette/blocks"]
    assert {field.name: field.value for field in again.fields} == form
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_too_large_says_so_and_how_much_is_taken(client):
    answer = client.post("/en/projects/galette/blocks", data={"happened": "a" * 300_000})
    assert answer.status_code == 413 and "Too much data was sent" in answer.text
    assert "at most 200,000 letters" in answer.text and "Go back in your browser" in answer.text


def test_what_is_refused_before_anybody_reads_it_is_told_on_a_page_of_ours(client):
    huge = b"happened=" + b"a" * 1_100_000
    kind = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/fr/projects/galette/blocks", content=huge, headers=kind)
    assert answer.status_code == 413 and '<html lang="fr"' in answer.text and "200\u202f000" in answer.text
    assert "default-src" in answer.headers["content-security-policy"]
    elsewhere = client.post("/nowhere", content=huge, headers=kind | {"accept-language": "fr"})
    assert elsewhere.status_code == 413 and "Trop de données" in elsewhere.text
    in_pieces = client.post("/fr/projects/galette/blocks", content=iter([huge[:700_000], huge[700_000:]]), headers=kind)
    assert in_pieces.status_code == 413 and '<html lang="fr"' in in_pieces.text
    assert client.request("GET", "/fr/projects/galette", content=huge).status_code == 413
    for path in ("/api/v1/declarations", "/v1/logs"):
        told = client.post(path, content=huge)
        assert told.status_code == 413 and told.headers["content-type"] == "application/problem+json"


def test_where_a_need_has_few_projects_one_can_say_what_is_missing(client):
    few, many = client.get("/en/domains/loan-portfolio").text, client.get("/en/domains/member-management").text
    assert "Dormant or ended" in few and many.count('class="card pictured"') >= FEW_PROJECTS
    assert "/en/calls/new?kind=need&amp;text=" in few and "calls/new" not in many


def test_errors_below_api_are_problem_json(client):
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_only_reading_is_allowed(client):
    answer = client.post("/fr/projects/galette")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/fr/", "/livez", "/static/none.css", "/fr/nothing", "/", "/fr/%FF"])
def test_every_answer_carries_the_security_headers_and_no_cookie(client, path):
    answer = client.get(path)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in answer.headers and "strict-transport-security" not in answer.headers


def test_a_page_that_the_reader_has_is_not_sent_again(client):
    first = client.get("/fr/projects/galette")
    again = client.get("/fr/projects/galette", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    other = client.get("/en/projects/galette", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("path", ["/fr/projects", "/fr/organizations", "/fr/projects/filters"])
@pytest.mark.parametrize(
    "query",
    ["page=-1", "page=0", "page=x", "page=1000000000", "page=" + "9" * 400, "sort=bogus", "q=%00", "q=(%22*",
     "q=\u202e", "domain=nothing", "alive=x&use=x&license=x", "kind=x&country=%27%20OR%201", "q=" + quote("é" * 400),
     "&".join(f"domain=d{n}" for n in range(60)), "page=1&page=2", "=&&;;="],
)  # fmt: skip
def test_no_question_makes_an_error(client, path, query):
    answer = client.get(f"{path}?{query}", follow_redirects=True)
    assert answer.status_code == 200


def test_the_service_tells_whether_it_lives_and_can_answer(client):
    for path in ("/livez", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_faulty_document_is_told_to_the_operator_and_not_on_pages(own_client):
    from support.factories.core import NOW

    own_client.app.state.store.note_problem("catalog.yaml has 3 problems.", now=NOW)
    answer = own_client.get("/readyz")
    assert (answer.status_code, answer.text.splitlines()[0]) == (200, "ok") and "3 problems" in answer.text
    assert "3 problems" not in own_client.get("/en/").text


def test_an_empty_store_has_pages_and_is_not_ready(sqlite_store, tmp_path):
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        assert client.get("/en/").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "no document is loaded\n")


def test_an_instance_replaces_a_page_and_may_extend_ours(sqlite_store, tmp_path):
    fill(sqlite_store)
    own = tmp_path / "data" / "templates" / "site"
    own.mkdir(parents=True)
    (own / "help.html").write_text('{% extends "shipped/site/help.html" %}{% block title %}Our help{% endblock %}')
    with a_site(sqlite_store, tmp_path / "data") as app:
        html = a_client(app).get("/en/help").text
    assert "<title>Our help" in html and "How to read the page of a program" in html


@pytest.mark.parametrize(
    "path", ["/projects/galette", "/organizations/org-1", "/projects/galette/users", "/projects?q=galette"]
)
def test_no_page_about_one_record_and_no_search_reads_all_projects(own_client, path):
    asked = []
    engine = own_client.app.state.store.engine
    own_client.get(f"/fr{path}")
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    own_client.get(f"/fr{path}")
    plans, steps = _plans(engine, asked)
    whole = [step for step in steps if step in ("SCAN opted", "SCAN adoption") or step.startswith("SCAN project")]
    assert len(plans) > 1 and whole == []  # nor through an index, in the order of all their slugs


def test_the_first_page_reads_neither_all_uses_nor_all_projects_for_what_came_last(own_client):
    asked = []
    store = own_client.app.state.store
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    assert store.home_page.told_last() and store.home_page.added(5)
    steps = _plans(store.engine, asked)[1]
    assert "SCAN adoption USING INDEX ix_adoption_confirmed" in steps
    assert "SCAN project" not in steps


def _plans(engine, asked):
    """The statements that read, and the steps by which SQLite answers them."""
    plans = [(statement, given) for statement, given in asked if statement.startswith(("SELECT", "WITH"))]
    with engine.connect() as connection:
        steps = [
            row[3] for plan in plans for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plan[0]}", plan[1])
        ]
    return plans, steps


@pytest.mark.parametrize(
    ("path", "most"),
    # A record is one row; a project asks for similar ones and their cards. Find asks once more where it finds little:
    # who needs the same.
    [("/", 20), ("/projects?q=adh", 4), ("/projects?q=tool", 3),
     ("/projects/galette", 4), ("/projects/unknown", 3), ("/domains", 3),
     ("/domains/accounting", 13), ("/collections/suite", 6), ("/organizations", 9),
     ("/organizations/org-1", 3), ("/places", 4),
     ("/help", 1)],
)  # fmt: skip
def test_a_page_asks_the_database_a_fixed_number_of_times(own_client, path, most):
    own_client.get(f"/fr{path}")  # what is read once a public change is read
    asked = []
    event.listen(own_client.app.state.store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    own_client.get(f"/fr{path}")
    assert 1 <= len([statement for statement in asked if statement.startswith("SELECT")]) <= most
