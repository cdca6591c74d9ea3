"""The lists of what people say: every need has words in every language, and each is understood as it was meant."""

import pytest

from catalog.search import everyday, fold
from catalog.vocabulary import vocabulary

LISTS = [(name, domain) for name in fold.LANGUAGES for domain in everyday.lists()[name]]


def understood(text, language="en"):
    return everyday.meant(everyday.telling(text, language), language)


@pytest.mark.parametrize("language", fold.LANGUAGES)
def test_every_need_has_words_in_every_language_and_no_list_names_another(language):
    assert list(everyday.lists()[language]) == list(vocabulary("domain").terms)


def test_products_are_for_needs_that_exist():
    terms = vocabulary("domain").terms
    assert {domain for domains in everyday.lists()[everyday.PRODUCT].values() for domain in domains} <= set(terms)


@pytest.mark.parametrize(("language", "domain"), LISTS)
def test_each_phrase_means_its_need_to_a_reader_of_the_language(language, domain):
    for phrase in everyday.lists()[language][domain]:
        words = everyday.telling(phrase, language)
        assert len(words) <= everyday.MAX_PHRASE, phrase
        whole = [one for one in everyday.meant(words, language) if one.words == len(words)]
        assert [one for one in whole if one.product or domain in one.domains], phrase


@pytest.mark.parametrize("product", everyday.lists()[everyday.PRODUCT])
def test_each_product_is_known_in_any_language(product):
    for language in fold.LANGUAGES:
        assert any(one.product and one.said for one in understood(product, language)), language


def test_a_longer_phrase_wins_over_the_words_in_it():
    assert [one.domains[0] for one in understood("caisse populaire", "fr")] == ["core-banking"]
    assert [one.domains[0] for one in understood("caisse", "fr")] == ["cooperative-shop"]


def test_the_readers_language_comes_before_others_and_others_where_it_is_silent():
    assert understood("cuota", "ar")[0].domains[0] == understood("quota", "en")[0].domains[0] == "member-management"
    assert understood("reçu fiscal", "en")[0].domains == ("donations",)


def test_forms_accents_and_case_are_the_same_word_and_stems_alone_are_not():
    for typed in ("COTISATIONS", "cotisation", "les cotisations"):
        assert understood(typed, "fr")[0].domains[0] == "member-management"
    assert understood("sábado", "es") == []  # its stem is that of "saberes"
    assert understood("dating", "en") == []


def test_what_tells_in_the_readers_language_is_no_small_word():
    assert understood("PAR 30", "es")[0].domains == ("loan-portfolio",)
    assert understood("prêt par 30", "fr")[0].said != "par 30"


def test_small_words_alone_are_looked_for():
    assert [word.surface for word in everyday.telling("le la", "fr")] == ["le", "la"]
    assert everyday.telling("", "fr") == [] and everyday.meant([], "xx") == []


@pytest.mark.parametrize("language", ["pt-BR", "FR", "de", "", "zz-Zzzz"])
def test_any_tag_of_a_reader_is_taken(language):
    assert understood("vaquinha", language)[0].domains == ("crowdfunding",)
