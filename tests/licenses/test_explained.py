"""Licences in plain words: every id of the catalogue has them in every language, and they say what the texts say."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.paths import ROOT
from support.world import a_client, a_filled_site

from catalog.licenses import expressions
from catalog.licenses.terms import DUTIES, MAY, NOT_GIVEN, known_licenses, terms_of
from forge.i18n import languages
from forge.web.projects import license_explained
from forge.web.projects.license_explained import explain_expression

DOCUMENT = yaml.safe_load((ROOT / "catalog.yaml").read_text())
USED = sorted({term.id for project in DOCUMENT["projects"] if project.get("license")
               for term in expressions.parse(project["license"]).terms})  # fmt: skip
SENTENCES = [*license_explained.MAY.values(), *license_explained.DUTIES.values(), *license_explained.NOT_GIVEN.values()]


@pytest.fixture(scope="module")
def client(sqlite_template, tmp_path_factory):
    with a_filled_site(sqlite_template, tmp_path_factory.mktemp("licenses")) as app:
        yield a_client(app)


@pytest.mark.parametrize("license_id", USED)
def test_every_license_of_the_catalogue_has_words_in_every_language_of_its_manifest(license_id):
    words = explain_expression(license_id)
    assert words is not None and len(words.whole.parts[0].sentences) >= 2
    for tag in DOCUMENT["manifest"]["languages"]:
        page_language = languages.page_language(tag)
        for sentence in words.whole.parts[0].sentences:
            assert languages.OPEN not in page_language.gettext(sentence)
            assert tag == "en" or page_language.gettext(sentence) != sentence


def test_every_code_has_one_sentence_and_every_sentence_a_license():
    assert (set(license_explained.MAY), set(license_explained.DUTIES), set(license_explained.NOT_GIVEN)) == (
        set(MAY), set(DUTIES), set(NOT_GIVEN))  # fmt: skip
    used = {
        code
        for license_id in known_licenses()
        for terms in [terms_of(license_id)]
        for code in terms.may + terms.duties + terms.not_given
    }
    assert used | {"later-version", "this-version"} == {*MAY, *DUTIES, *NOT_GIVEN}
    assert len(set(SENTENCES)) == len(SENTENCES)


def test_sentences_are_whole_and_speak_to_the_reader():
    for sentence in license_explained.MAY.values():
        assert sentence.endswith(".")
    for sentence in license_explained.DUTIES.values():
        assert re.match(r"If .+, (you must|this counts|you lose) .+\.", sentence) or " you must " in sentence, sentence


@pytest.mark.parametrize("license_id", known_licenses())
def test_the_table_names_licenses_of_the_list_and_gives_no_freedom_that_is_not_there(license_id):
    assert expressions.canonical(license_id) == license_id
    assert expressions.family(license_id) is not None
    assert ("everything" in terms_of(license_id).may) == (expressions.is_free(license_id) is not False)


@pytest.mark.parametrize(
    ("license_id", "has", "lacks"),
    [
        ("MIT", "notice", "changes source-of-parts source-of-whole network"),
        ("Apache-2.0", "notice notice-file changes patent-suit", "source-of-parts source-of-whole"),
        ("0BSD", "", " ".join(DUTIES)),
        ("MPL-2.0", "source-of-parts", "source-of-whole network"),
        ("LGPL-2.1-or-later", "source-of-parts replaceable", "source-of-whole network device"),
        ("GPL-2.0-only", "source-of-whole this-version", "network network-changed device"),
        ("GPL-3.0-or-later", "source-of-whole device patent-suit", "network network-changed this-version"),
        ("AGPL-3.0", "source-of-whole network-changed", "network this-version"),
        ("EUPL-1.2", "source-of-whole network", "network-changed device"),
        ("CC-BY-SA-4.0", "attribution share-alike", "source-of-whole"),
        ("etalab-2.0", "source-and-date", "share-alike"),
    ],
)
def test_what_a_license_asks(license_id, has, lacks):
    duties = set(terms_of(license_id).duties)
    assert set(has.split()) <= duties and not set(lacks.split()) & duties


def test_or_later_is_a_freedom():
    assert "later-version" in terms_of("GPL-3.0-or-later").may
    assert "later-version" not in terms_of("GPL-3.0").may + terms_of("GPL-3.0-only").may


def test_a_choice_and_a_sum_are_told_apart_and_what_is_common_is_told_once():
    words = explain_expression("MIT OR (Apache-2.0 AND GPL-3.0-only)")
    assert words.whole.operator == "OR" and words.whole.parts[1].operator == "AND"
    assert license_explained.MAY["everything"] in words.shared
    assert license_explained.DUTIES["source-of-whole"] not in words.shared


def test_an_exception_says_what_it_adds():
    (license_group,) = explain_expression("GPL-2.0-only WITH Classpath-exception-2.0").whole.parts
    assert license_explained.EXCEPTIONS["Classpath-exception-2.0"] in license_group.sentences
    (other,) = explain_expression("GPL-2.0-only WITH AdditionRef-theirs").whole.parts
    assert license_explained.OWN_ADDITION in other.sentences


def test_what_nobody_described_is_said_to_be_so():
    words = explain_expression("MIT AND LicenseRef-theirs")
    assert words.shared == () and words.whole.parts[1].sentences == ()
    (short,) = explain_expression("Artistic-2.0").whole.parts
    assert short.sentences == (license_explained.FAMILIES["permissive"],) and short.address == ""
    assert explain_expression("no license at all") is None and explain_expression(None) is None


def test_every_family_has_a_sentence():
    assert set(license_explained.FAMILIES) == set(expressions.FAMILIES)


@given(st.text(max_size=60) | st.lists(st.sampled_from(known_licenses()), min_size=1, max_size=8).map(" AND ".join))
def test_no_expression_is_too_odd_for_words(text):
    words = explain_expression(text)
    assert words is None or words.expression


def test_the_page_of_a_license_has_its_words_and_leads_to_its_text(client):
    answer = client.get("/fr/help/licenses/AGPL-3.0-or-later")
    assert (
        "proposer son code source" in answer.text and "https://spdx.org/licenses/AGPL-3.0-or-later.html" in answer.text
    )
    assert client.get("/en/help/licenses/agpl-3.0+", follow_redirects=False).headers["location"] == (
        "/en/help/licenses/AGPL-3.0-or-later"
    )
    assert "AGPL-3.0-only" in client.get("/en/help/licenses/AGPL-3.0").text


@pytest.mark.parametrize("asked", ["nothing", "MIT OR ISC", "x" * 400, "GPL-2.0 WITH Classpath-exception-2.0"])
def test_what_is_no_single_license_has_no_page(client, asked):
    assert client.get(f"/en/help/licenses/{asked}").status_code == 404


def test_the_list_shows_every_license_that_has_words(client):
    shown = re.findall(r'href="/en/help/licenses/([^"]+)"', client.get("/en/help/licenses").text)
    assert sorted(shown, key=str.lower) == list(known_licenses())
