"""What a language says of names in a row, of shares and of the values of filters."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from support.paths import ROOT
from support.world import a_client, a_filled_site

from forge.i18n.languages import page_language
from forge.web.core.list_query import ListQuery
from forge.web.core.template_filters import TemplateFilters
from forge.web.search.facets import facets

COUNTS = [("ar", 4), ("de", 9), ("es", 9), ("et", 1), ("zh", 12)]


@pytest.fixture(scope="module")
def client(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("words"), ("en", "fr", "ar")) as app:
        yield a_client(app)


@pytest.mark.parametrize(
    ("tag", "comma"),
    [
        ("en", ", "),
        ("fr", ", "),
        ("he", ", "),
        ("ar", "، "),
        ("fa", "، "),
        ("ja", "、"),
        ("zh-Hant", "、"),
        ("am", "፣ "),
    ],
)
def test_names_in_a_row_are_parted_as_the_script_parts_them(tag, comma):
    assert page_language(tag).comma == comma


@pytest.mark.parametrize("path", ["/projects/galette", "/projects/galette/facts", "/compare?p=galette&p=asleep"])
def test_an_arabic_page_has_no_latin_comma_between_two_names(client, path):
    html = client.get(f"/ar{path}").text
    assert "، " in html
    assert re.findall(r">[^<,]*[\u0600-\u06ff][^<]*,\s+[^<]*<", html) == []


@pytest.mark.parametrize(("tag", "share"), [("en", "60%"), ("fr", "60\xa0%"), ("es", "60\xa0%"), ("pt", "60%")])
def test_a_share_has_the_sign_and_the_space_of_its_language(tag, share):
    assert page_language(tag).percent(60) == share


@pytest.mark.parametrize("path", ["/projects/galette", "/projects/galette/facts", "/compare?p=galette&p=asleep"])
def test_pages_write_shares_as_the_language_does(client, path):
    assert "60%" in client.get(f"/en{path}").text and "60 %" not in client.get(f"/en{path}").text
    assert "60\xa0%" in client.get(f"/fr{path}").text


def test_a_size_that_software_is_made_for_is_named_and_not_shown_as_its_slug(client):
    (kind,) = facets({"kind": [("association", 3), ("volunteers-only", 2)]}, ListQuery(), page_language("en"))
    assert [option.label for option in kind.options] == ["Association", "Volunteers only"]
    for tag in ("en", "fr", "ar"):
        html = client.get(f"/{tag}/projects/filters").text
        assert "kind=volunteers-only" in html and not re.search(r">[^<]*volunteers-only", html)


def test_no_filter_offers_a_value_without_a_name(client):
    for tag in ("en", "fr", "ar"):
        html = client.get(f"/{tag}/projects/filters").text
        offered = re.findall(r' name="(\w+)" value="([^"]+)"[^>]*><label[^>]*><bdi>([^<]*)</bdi>', html)
        assert ("license", "not-free", page_language(tag).gettext("Not free software")) in offered
        named = [term for term in offered if term[0] not in ("programming", "standard")]  # these are names themselves
        assert [value for _, value, name in named if value == name] == []


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_a_long_text_in_another_language_is_a_block_that_begins_with_its_label(client, tag):
    html = client.get(f"/{tag}/projects/galette").text
    label = {"en": "in French", "ar": "بالفرنسية"}[tag]
    assert f'<div class="foreign"><p class="aside">({label})</p><div lang="fr" dir="ltr"><p>Gère' in html
    assert 'class="foreign"' not in client.get("/fr/projects/galette").text


@pytest.mark.parametrize(
    ("tag", "order"), [("en", ["ar", "zh", "et", "de", "es"]), ("fr", ["de", "ar", "zh", "es", "et"])]
)
def test_languages_of_the_screens_stand_in_the_order_of_their_names(tag, order):
    (found,) = facets({"language": COUNTS}, ListQuery(), page_language(tag), ("language",))
    assert [option.value for option in found.options] == order


def test_beside_the_results_stand_the_commonest_languages_in_the_order_of_their_names():
    rare = [("cy", 1), ("eu", 1), ("br", 1)]
    common = [(tag, 5) for tag in ("de", "en", "es", "fr", "it", "nl", "oc", "pl", "pt", "sv")]
    (found,) = facets({"language": [*rare, *common]}, ListQuery(), page_language("en"))
    labels = [option.label for option in found.options]
    assert labels == ["English", *sorted(label for label in labels if label != "English")]  # the reader's own first
    assert {option.value for option in found.options} == {tag for tag, _ in common} and found.left_out == 3


@pytest.mark.parametrize("tag", ["en", "fr", "es", "pt", "ar"])
@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        (
            'CodeMeta 1 has other terms; write "@context": "https://w3id.org/codemeta/3.0".',
            ['"@context": "https://w3id.org/codemeta/3.0"'],
        ),
        (
            'Write an object with "@type": "Person" or "Organization" and a name.',
            ['"@type": "Person"', '"Organization"'],
        ),
        ('Write the version as a text: publiccodeYmlVersion: "0".', ['publiccodeYmlVersion: "0"']),
    ],
)
def test_what_a_sentence_quotes_of_a_file_keeps_the_direction_of_files(tag, sentence, quoted):
    html = str(TemplateFilters(page_language(tag)).reason(sentence))
    assert [unescape(code) for code in re.findall(r'<code dir="ltr">(.*?)</code>', html)] == quoted


def test_a_text_of_which_nobody_says_the_language_is_called_of_none():
    """Babel takes "und" for the English of the United States."""
    page = TemplateFilters(page_language("fr"))
    assert str(page.localized({"und": "Keeps the books"})) == '<span lang="" dir="auto">Keeps the books</span>'
    assert str(page.prose({"und": "Keeps the books"})) == '<div lang="" dir="auto"><p>Keeps the books</p></div>'
    assert page.language("und") == "langue indéterminée"


def test_a_quotation_of_strangers_brings_no_markup():
    html = str(TemplateFilters(page_language("fr")).reason('No "<b>": "<script>" <i>'))
    assert html.startswith('<span lang="en" dir="ltr">No <code dir="ltr">&#34;&lt;b&gt;') and "<i>" not in html


@pytest.mark.parametrize(
    ("tag", "ordered"),
    [
        ("fr", ["fr", "de", "en", "ar", "es"]),
        ("es", ["es", "de", "ar", "fr", "en"]),
        ("en", ["en", "ar", "fr", "de", "es"]),
        ("ar", ["ar", "es", "de", "en", "fr"]),
        ("es-MX", ["es", "de", "ar", "fr", "en"]),
    ],
)
def test_languages_stand_by_their_names_in_the_reader_s_which_comes_first(tag: str, ordered: list[str]) -> None:
    assert TemplateFilters(page_language(tag)).own_first(["ar", "de", "en", "es", "fr"]) == ordered


def test_a_language_of_a_country_speaks_with_the_sentences_of_its_neighbour() -> None:
    for sentence in ("Search", "Skip to content"):
        portuguese = page_language("pt").gettext(sentence)
        assert page_language("pt-BR").gettext(sentence) == portuguese != page_language("de").gettext(sentence)
        assert page_language("en-IE").gettext(sentence) == sentence


def test_where_the_readers_own_language_is_none_of_them_a_widespread_one_stands_first() -> None:
    assert TemplateFilters(page_language("ar")).own_first(["et", "de", "fr", "en"])[0] == "en"
    assert TemplateFilters(page_language("fr")).own_first(["et", "de"]) == ["de", "et"]


def test_a_number_in_a_sentence_is_written_as_the_language_does() -> None:
    """`count` chooses the plural form; what is shown has gone through `number`, which groups digits from 1,000 on."""
    raw = re.compile(r"{% trans [^%]*\bcount=(?:(?!{% endtrans %}).)*{{ count }}", re.DOTALL)
    pages = (ROOT / "templates").rglob("*.html")
    assert [page.name for page in pages if raw.search(page.read_text(encoding="utf-8"))] == []


def test_no_colon_is_glued_to_words_that_a_translator_cannot_reach(client: TestClient) -> None:
    """French sets a space before it, also in what only a screen reader says."""
    for path in ("/fr/projects", "/fr/projects/galette/users", "/fr/organizations/org-60"):
        html = client.get(path).text
        assert re.findall(r'<span class="sr">:', html) == [] and '<span class="sr">\u00a0: ' in html, path
