"""What a project is in easy words: by the document or by a form, shown in the reader's language with its status."""

import re

import pytest
from support.factories.core import a_project
from support.world import a_client, a_filled_site

from catalog.document import as_record
from catalog.document.check_value import faults_of_value
from catalog.model import EasyText, Project
from catalog.text_rules import MAX_EASY


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("easy"), ("en", "fr", "ar")) as app:
        yield a_client(app)


def _slot(html):
    return html.partition('<details class="easy"')[2].partition("</details>")[0]


def test_it_stands_before_the_facts_a_sentence_a_line_with_who_checked_it(client):
    html = client.get("/fr/projects/galette").text
    slot = _slot(html)
    assert html.index('class="easy"') < html.index('id="glance"')
    assert re.findall(r"<p>(.*?)</p>", slot)[:2] == ["Galette est un logiciel.", "Il aide une association."]
    assert '<strong class="tag active">' in slot and "Nous Aussi" in slot and "mai 2026" in slot


def test_a_text_that_no_reader_checked_says_so(client):
    slot = _slot(client.get("/en/projects/galette").text)
    assert "Galette is a program." in slot and "Not tested with readers yet" in slot


def test_a_text_in_another_language_is_labelled(client):
    slot = _slot(client.get("/ar/projects/galette").text)
    assert 'lang="en"' in slot and "Galette is a program." in slot


def test_without_one_the_page_says_so_once_and_leads_to_a_form_for_it(client):
    html = client.get("/en/projects/asleep").text
    assert _slot(html) == "" and "Easy-to-read version" in html
    form = client.get("/en/projects/asleep/correct?field=easy_to_read").text
    assert 'name="value.text"' in form and 'name="value.checked_by"' in form


def test_a_form_for_it_tells_what_is_too_long_and_shows_before_and_after(client):
    where = "/en/projects/galette/correct"
    page = client.get(f"{where}?field=easy_to_read&language=fr").text
    assert "Il aide une association." in page and 'value="Nous Aussi"' in page
    draft = page.partition('name="draft" value="')[2].partition('"')[0]
    sent = {"field": "easy_to_read", "draft": draft, "language": "fr", "value.text": "a" * (MAX_EASY + 1)}
    wrong = client.post(where, data=sent)
    assert wrong.status_code == 422 and 'id="value.text-problem"' in wrong.text
    right = client.post(where, data=sent | {"value.text": "Il tient la liste.", "value.checked_by": ""})
    while right.status_code == 303:
        right = client.get(right.headers["location"])
    assert right.status_code == 200 and "Il tient la liste." in right.text


def test_every_fact_tells_it_with_its_source(client):
    html = client.get("/fr/projects/galette/facts").text
    assert '<h3 id="easy_to_read">' in html and "Il aide une association." in html


def test_a_text_of_more_than_a_card_and_an_unknown_key_are_refused():
    stated = as_record(a_project(easy_to_read={"fr": EasyText("a" * (MAX_EASY + 1))}))["easy_to_read"]
    assert [path for path, _ in faults_of_value(Project, "easy_to_read", stated, lambda *_: True).items()] == [
        ("fr", "text")
    ]
    assert faults_of_value(Project, "easy_to_read", {"fr": {"text": "Oui."}}, lambda *_: True) == {}
    assert faults_of_value(Project, "easy_to_read", {"fr": {"checked_by": "Nous Aussi"}}, lambda *_: True) != {}
