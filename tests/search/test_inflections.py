"""Forms of one word: singular and plural, the ends of verbs; what is built of a word is another one."""

import pytest

from catalog.search import inflections, normalize


@pytest.mark.parametrize(
    ("first", "other", "language"),
    [
        ("cotisations", "cotisation", "fr"),
        ("locaux", "local", "fr"),
        ("participative", "participatif", "fr"),
        ("payer", "paye", "fr"),
        ("families", "family", "en"),
        ("borrowed", "borrow", "en"),
        ("socias", "socio", "es"),
        ("cobramos", "cobrar", "es"),
        ("editais", "edital", "pt"),
        ("votações", "votação", "pt"),
        ("لجمعيتنا", "جمعية", "ar"),
        ("منخرطين", "منخرط", "ar"),
        ("وقروض", "قروض", "ar"),
    ],
)
def test_forms_of_a_word_are_the_same(first, other, language):
    (first,), (other,) = normalize.words(first), normalize.words(other)
    assert inflections.are_forms(first, other, language) and inflections.are_forms(other, first, language)


@pytest.mark.parametrize(
    ("first", "other", "language"),
    [
        ("association", "associés", "fr"),
        ("loi", "loyer", "fr"),
        ("café", "CAF", "fr"),
        ("asociación", "asociado", "es"),
        ("medias", "medir", "es"),
        ("peso", "pesar", "es"),
        ("editar", "editais", "pt"),
        ("associados", "associações", "pt"),
        ("vídeos", "vida", "pt"),
        ("dating", "date", "en"),
        ("supporters", "support", "en"),
        ("ميزانية", "ميزان", "ar"),
        ("قراءة", "فقراء", "ar"),
    ],
)
def test_words_that_only_share_a_stem_are_not(first, other, language):
    (first,), (other,) = normalize.words(first), normalize.words(other)
    assert not inflections.are_forms(first, other, language) and not inflections.are_forms(other, first, language)


@pytest.mark.parametrize("language", normalize.LANGUAGES)
def test_a_form_begins_as_the_word_does_and_a_plural_is_a_form(language):
    for word, other in [("socios", "socio"), ("وقروض", "قروض")]:
        if inflections.are_forms(word, other, language):
            assert set(inflections.lookup_keys(word, language)) & set(inflections.lookup_keys(other, language))
        assert inflections.are_forms(word, other, language) or not inflections.differ_by_plural(word, other, language)
