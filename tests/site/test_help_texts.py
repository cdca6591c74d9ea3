"""Our own texts agree with the pages that they tell of: what they quote stands there in the reader's language, and who
read them is told as the manifest says."""

import re
from functools import cache
from pathlib import Path

import pytest
from support.factories.core import a_catalog, a_manifest, load
from support.world import a_client, a_site

from catalog.search.facets import BY_NAME
from catalog.vocabulary import vocabulary
from forge.i18n import languages
from forge.i18n.catalogs import collect_sentences
from forge.web.core.markdown import own_page
from forge.web.search.facets import MAIN_FILTERS
from forge.web.site.content_pages import GUIDES

PAGES = Path(languages.__file__).parent / "pages"
TAGS = ("en", "fr", "es", "pt", "ar")
DRAFTS = ("es", "pt", "ar")
QUOTED = {"en": re.compile(r'"([^"]+)"')}
OTHERS = re.compile(r"«\s?([^»]+?)\s?»")
# What a reader may type or say, and what stands on a page with another number.
EXAMPLES = {"members and fees", "receipts for donations", "lend and save together", "5 or more organizations"}
OURS = "Used by an organization like ours"
NOTE = "No native speaker has reviewed this text yet. Tell us what sounds wrong."


def own(tag, name):
    return (PAGES / tag / "help" / f"{name}.md").read_text(encoding="utf-8")


def quoted(tag, name):
    return QUOTED.get(tag, OTHERS).findall(own(tag, name))


@cache
def known():
    """The sentences of pages and messages; collecting them takes five seconds."""
    return {message.id for message in collect_sentences()}


@pytest.mark.parametrize("name", GUIDES)
def test_what_a_help_page_quotes_is_a_sentence_of_the_pages_in_its_language(name):
    english, sentences = quoted("en", name), known()
    assert [sentence for sentence in english if sentence not in sentences | EXAMPLES] == []
    for tag in TAGS[1:]:
        spoken, told = languages.page_language(tag), quoted(tag, name)
        assert len(told) == len(english), tag
        wanted = [
            (spoken.gettext(sentence), said)
            for sentence, said in zip(english, told, strict=True)
            if sentence in sentences
        ]
        assert [pair for pair in wanted if pair[0] != pair[1]] == [], tag


@pytest.mark.parametrize("tag", TAGS)
def test_filters_and_sorts_of_use_are_named_as_the_pages_name_them(tag):
    spoken, text = languages.page_language(tag), own(tag, "use")
    filters = re.findall(r"^- \*\*(.+?)\*\*", text, re.MULTILINE)
    assert filters == [spoken.gettext(name) for name in (*(BY_NAME[name].title for name in MAIN_FILTERS), OURS)]
    sorts = re.findall(r"^\| (.+?) \|", text, re.MULTILINE)[1:]
    assert sorts == [
        spoken.gettext(name)
        for name in (
            "Confirmed by the organization",
            "Declared, not confirmed yet",
            "Found in a public source, not confirmed by the organization",
            "Used in the past, or not chosen",
        )
    ]
    begun = f"- **{spoken.gettext(BY_NAME['alive'].title)}**"
    (alive,) = (line for line in text.splitlines() if line.startswith(begun))
    states = vocabulary("vitality").terms.values()
    assert [term.slug for term in states if term.label[tag].casefold() not in alive.casefold()] == []


@pytest.fixture
def client(sqlite_store, tmp_path):
    load(sqlite_store, a_catalog(manifest=a_manifest(languages=TAGS, readers={"es": "Cooperativa de Lectura"})))
    with a_site(sqlite_store, tmp_path / "data") as app:
        yield a_client(app)


def test_a_text_says_that_nobody_read_it_until_the_manifest_names_who_did(client):
    for path in ("/help/use", "/help/api", "/about", "/accessibility"):
        noted = {tag for tag in TAGS if languages.page_language(tag).gettext(NOTE) in client.get(f"/{tag}{path}").text}
        assert noted == {"pt", "ar"}, path


def test_the_statement_of_accessibility_names_the_languages_that_nobody_read(client, sqlite_store):
    said = "by a native speaker: Portuguese, Arabic."
    assert said in client.get("/en/accessibility").text
    load(sqlite_store, a_catalog(manifest=a_manifest(languages=TAGS, readers=dict.fromkeys(DRAFTS, "Lectores"))))
    html = client.get("/en/accessibility").text
    assert "whose own language" not in html and "{{" not in html and html.count("<li>") > 5


@pytest.mark.parametrize("tag", TAGS)
def test_about_says_that_other_catalogues_are_read_and_leads_to_which(client, tag):
    html = client.get(f"/{tag}/about").text
    assert html.count(f'href="/{tag}/about/peers"') == 2
    assert client.get(f"/{tag}/about/peers").status_code == 200


@pytest.mark.parametrize("tag", TAGS)
def test_about_states_of_a_catalogue_only_what_its_manifest_states(client, sqlite_store, tag):
    before = client.get(f"/{tag}/about").text
    for shipped in ("2026", "CoopCycle", "FoodCoopShop", "Decidim", "publicgoods", "awesome-selfhosted"):
        assert shipped not in before
    told = {key: {tag: "Gathered <by hand> in 1999."} for key in ("criteria", "validation", "refresh")}
    load(sqlite_store, a_catalog(manifest=a_manifest(languages=TAGS, **told)))
    assert client.get(f"/{tag}/about").text.count("Gathered &lt;by hand&gt; in 1999.") == 3


@pytest.mark.parametrize("tag", TAGS)
def test_each_cell_of_a_table_with_three_columns_says_what_it_is_when_it_stands_alone(tag):
    for name in ("legal", "about"):
        html = str(own_page(name, tag)[1])
        for table in re.findall(r"<table>.*?</table>", html, re.S):
            headings = re.findall(r"<th\b[^>]*>(.*?)</th>", table, re.S)
            cells = re.findall(r"<td>(.*?)</td>", table, re.S)
            told = [re.match(r'<b class="of">(.*?)</b> ', cell) for cell in cells]
            expected = headings if len(headings) > 2 else [None] * len(headings)
            assert cells and [match and match[1] for match in told] == expected * (len(cells) // len(headings))


@pytest.mark.parametrize("contact", [None, "https://example.org/contact"])
def test_an_answer_is_promised_only_where_there_is_an_address_to_write_to(client_of, contact):
    reader = client_of(manifest=a_manifest(languages=TAGS, contact=contact))
    for tag in TAGS:
        spoken = languages.page_language(tag)
        told, help_page = reader.get(f"/{tag}/accessibility").text, reader.get(f"/{tag}/help").text
        assert (spoken.gettext("You should get an answer within seven days.") in told) == bool(contact), tag
        assert (f'href="/{tag}/contact?page=' in told) == (f'href="/{tag}/contact?page=' in help_page) == (not contact)


def test_the_form_that_a_page_leads_to_names_that_page_and_leads_back(client_of):
    reader = client_of(manifest=a_manifest(languages=TAGS, contact=None))
    for came in ("/en/help", "/fr/help", "/fr/accessibility", "/ar/help"):
        (form,) = set(re.findall(r'href="(/../contact\?page=[^"]*)"', reader.get(came).text))
        (back,) = re.findall(r'<a href="([^"]*)" dir="ltr">', reader.get(form).text)
        assert back == came and reader.get(back).status_code == 200
