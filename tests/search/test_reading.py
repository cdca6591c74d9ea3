"""What is read out of a text beside its words: countries, names typed otherwise or by ear, for whom, technology."""

from collections.abc import Callable
from typing import Any

import pytest
from babel import Locale
from support.factories.search import NOW, an_index_row

from catalog import vocabulary
from catalog.model import AudienceClaim, Relation
from catalog.search import Finder, IndexWriter, SearchQuery, SearchResult, country_names, word_lists
from catalog.search.normalize import LANGUAGES

ROWS = (
    an_index_row("PeerTube", domains=("media-publishing",), countries=("BR",)),
    an_index_row("GNU Health", domains=("health-care",), countries=("BR", "CM"), programming_languages=("Python",)),
    an_index_row("Mapas Culturais", domains=("mapping-directory",), countries=("BR",)),
    an_index_row(
        "Selling places",
        domains=("food-chains", "culture-ticketing"),
        replaces=("Weezevent",),
        homepage="https://www.places.example.org/",
        repository="https://github.com/selling/places-of-all",
    ),
    an_index_row("Plain tickets", domains=("culture-ticketing",), summary={"en": "Weezevent"}, confirmed_uses=9),
    an_index_row("CoopCycle", domains=("delivery-mobility",), countries=("FR", "MX"), maker_countries=("FR",)),
    an_index_row(
        "Obeesdoo",
        domains=("cooperative-shop", "erp"),
        maker_countries=("BE",),
        programming_languages=("Python",),
    ),
    an_index_row("Dolibarr", domains=("erp",), programming_languages=("PHP",), confirmed_uses=9),
    an_index_row("BigBlueButton", domains=("video-meetings",)),
    an_index_row("CiviCRM", domains=("contacts-crm",)),
    an_index_row(
        "Extending", domains=("assets-premises",), relations=(Relation("extends", "odoo-community"),)
    ),
    an_index_row("Plain assets", domains=("assets-premises",), confirmed_uses=9),
    an_index_row(
        "GiveWP", domains=("donations",), summary={"en": "Receives gifts on a site", "ar": "تبرعات على موقع WordPress"}
    ),
    an_index_row("Kolibri", domains=("learning-platform",), inclusion=(AudienceClaim("offline", "declared"),)),
    an_index_row("Speaking", domains=("website",), audiences=(AudienceClaim("visual-impairment", "declared"),)),
    an_index_row("Decidim", domains=("participatory-democracy", "group-decision")),
    an_index_row("Plain votes", domains=("group-decision",), confirmed_uses=9),
    an_index_row("Galette", domains=("member-management",)),
    an_index_row("Moodle", domains=("learning-platform",)),
    an_index_row("Framadate", domains=("calendar-scheduling",)),
    an_index_row("Georgia Font", domains=("office-docs",)),
    an_index_row("Brazil Nuts", domains=("food-chains",), summary={"en": "Sells nuts"}),
)  # fmt: skip

Ask = Callable[..., tuple[SearchResult, list[str]]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory) -> Ask:
    folder = tmp_path_factory.mktemp("reading")
    with IndexWriter.open(folder) as writer:
        writer.rebuild(ROWS, 1)
    finder, names = Finder(folder), {row.id: row.record.name for row in ROWS}

    def asked(text: str, language: str = "en", **query: Any) -> tuple[SearchResult, list[str]]:
        found = finder.find(SearchQuery(text, language=language, **query), NOW)
        return found, [names[key] for key in found.ids]

    return asked


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("used in Brazil", "en"),
        ("Brazilian software", "en"),
        ("utilisé au Brésil", "fr"),
        ("logiciels brésiliens", "fr"),
        ("programas brasileños", "es"),
        ("se usa en Brasil", "es"),
        ("o que se usa no Brasil", "pt"),
        ("programas brasileiros", "pt"),
        ("مستعمل في البرازيل", "ar"),
        ("برامج برازيلية", "ar"),
    ],
)
def test_a_country_asks_for_what_is_used_or_made_there(text, language, ask):
    found, names = ask(text, language)
    assert found.place is not None and found.place.countries == ("BR",) and found.confident
    assert set(names) == {"PeerTube", "GNU Health", "Mapas Culturais"}


def test_a_country_beside_a_need_leaves_the_others_out(ask):
    found, names = ask("couriers in Mexico")
    assert (found.place.countries, found.place.words, names) == (("MX",), ("Mexico",), ["CoopCycle"])
    assert ask("belgian co-op shop")[1] == ["Obeesdoo"]
    assert set(ask("used in Belgium or Mexico")[1]) == {"Obeesdoo", "CoopCycle"}
    assert ask("used in Brazil", filters={"domain": ("health-care",)})[1] == ["GNU Health"]


def test_where_nothing_of_the_country_fits_everything_that_fits_is_shown_and_it_is_said(ask):
    found, names = ask("video meetings in Norway")
    assert found.place is None and found.place_without_projects.countries == ("NO",)
    assert names[0] == "BigBlueButton"


def test_a_country_that_the_reader_takes_literally_is_a_word(ask):
    found, names = ask("used in Brazil", literal=("brazil",))
    assert found.place is None and names == ["Brazil Nuts"]


def test_what_is_the_name_of_something_or_means_something_else_is_no_country(ask):
    for text in ("Georgia Font", "brazil nuts", "website in French", "visa canada"):
        assert ask(text)[0].place is None, text
    assert ask("site en français", "fr")[0].place is None
    assert ask("تقرير مالي", "ar")[0].place is None  # financial, and Mali
    assert ask("موقع بالفرنسية", "ar")[0].place is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_language_says_for_a_country_names_that_country(language):
    names = Locale(language).territories
    for country, said in word_lists.country_phrases(language).items():
        for phrase in (*said, names[country]):
            found = country_names.places_in(phrase, language)
            assert found is not None and found.countries[0] == country, (phrase, found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("peer tube", "PeerTube"),
        ("gnuhealth", "GNU Health"),
        ("big blue button", "BigBlueButton"),
        ("bigblue button", "BigBlueButton"),
        ("coop cycle", "CoopCycle"),
        ("mapasculturais", "Mapas Culturais"),
    ],
)
def test_a_name_typed_in_other_pieces_is_that_name(text, name, ask):
    found, names = ask(text)
    assert names[0] == name and found.confident and not found.approximate


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("pir tube", "es", "PeerTube"),
        ("بير تيوب", "ar", "PeerTube"),
        ("غنو هيلث", "ar", "GNU Health"),
        ("بيغ بلو بوتون", "ar", "BigBlueButton"),
        ("دوليبار", "ar", "Dolibarr"),
        ("سيفي سي ار ام", "ar", "CiviCRM"),
        ("sivi crm", "es", "CiviCRM"),
        ("colibri", "fr", "Kolibri"),
        ("mudel", "es", "Moodle"),
        ("moudl", "fr", "Moodle"),
        ("kolibrin", "es", "Kolibri"),
        ("coop cycel", "en", "CoopCycle"),
        ("give wb", "en", "GiveWP"),
        ("framadeit", "es", "Framadate"),
    ],
)
def test_a_name_typed_as_it_is_heard_is_shown_as_what_may_be_meant(text, language, name, ask):
    found, names = ask(text, language)
    assert names[0] == name and found.approximate and name.casefold() in found.corrected.casefold()


def test_a_word_that_may_be_a_form_of_another_or_a_misspelt_name_brings_both_the_name_first(ask):
    assert ask("decidin", "es")[1] == ["Decidim", "Plain votes"]
    assert ask("decidir", "es")[1] == ["Plain votes", "Decidim"]


def test_a_word_beside_small_ones_is_no_name_because_of_one_letter(ask):
    found, names = ask("envoyer la gazette à nos amis", "fr")
    assert found.corrected is None and "Galette" not in names
    assert ask("gal ete", "fr")[1] == ["Galette"]


def test_a_word_that_sounds_like_no_name_stays_as_it_is(ask):
    for text in ("zzyzx", "ظظظظ", "trombone"):
        assert ask(text)[0].corrected is None, text


def test_technology_beside_a_need_is_first(ask):
    assert ask("ERP python")[1][0] == "Obeesdoo" and ask("ERP")[1][0] == "Dolibarr"
    assert ask("odoo equipment")[1][0] == "Extending" and ask("equipment")[1][0] == "Plain assets"
    assert ask("ERP بايثون", "ar")[1][0] == "Obeesdoo"
    assert ask("ووردبريس", "ar")[1] == ["GiveWP"]


def test_what_a_record_says_that_it_replaces_is_first_for_the_name_of_that(ask):
    assert ask("alternative to Weezevent")[1] == ["Selling places", "Plain tickets"]
    assert ask("tickets")[1][0] == "Plain tickets"


@pytest.mark.parametrize(
    "text",
    [
        "https://www.places.example.org",
        "http://places.example.org/about?lang=en#us",
        "places.example.org",
        "https://github.com/Selling/places-of-all.git",
        "github.com/selling/places-of-all/issues/12",
        "<https://github.com/selling/places-of-all>",
    ],
)
def test_an_address_of_a_project_is_that_project(text, ask):
    found, names = ask(text)
    assert names[0] == "Selling places" and found.confident and not found.approximate


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://peertube.example.net/about", "PeerTube"),
        ("mobile.coopcycle.example.net", "CoopCycle"),
        ("https://code.example.net/them/x https://gitlab.com/others/kolibri", "Kolibri"),
        ("someone@kolibri.example.net", "Kolibri"),
    ],
)
def test_an_address_of_another_site_is_searched_for_by_the_name_in_it(text, name, ask):
    assert ask(text)[1][0] == name


def test_names_and_sentences_with_a_full_stop_are_no_addresses(ask):
    assert [meaning.phrase for meaning in ask("Booking.com")[0].meanings] == ["Booking.com"]
    assert ask("couriers.videos")[0].categories == ask("couriers videos")[0].categories


def test_characters_that_nobody_sees_are_left_out(ask):
    assert ask("peer\u00adtube")[1] == ask("\u200fpeertube\u200e")[1] == ask("\ufeffpeer\u200btube")[1] == ["PeerTube"]


def test_for_whom_and_what_they_need_are_read_as_claims(ask):
    assert ask("for blind people")[1][0] == "Speaking" and ask("malvoyants", "fr")[1][0] == "Speaking"
    assert ask("sin internet", "es")[1][0] == "Kolibri" and ask("بدون انترنت", "ar")[1][0] == "Kolibri"


def test_what_is_said_of_audiences_are_terms_that_exist():
    terms = {
        f"{name}:{slug}"
        for name in ("audience", "inclusion")
        for slug in vocabulary.vocabulary("audience" if name == "audience" else "inclusion-feature").terms
    } | set(vocabulary.vocabulary("domain").terms)
    for language in LANGUAGES:
        assert {term for meant in word_lists.audience_phrases(language) for term in meant} <= terms
