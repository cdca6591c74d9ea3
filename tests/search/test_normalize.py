"""Text becomes the same words in every spelling and script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import vocabulary
from catalog.search import normalize, word_lists


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("COMPTABILITE", "comptabilité"),
        ("cooperacao", "cooperação"),
        ("lancuch", "łańcuch"),
        ("fodevare", "fødevare"),
        ("grosse", "Größe".replace("ö", "o")),
        ("oeuvre", "Œuvre"),
        ("ciftci", "ÇİFTÇİ"),
        ("محاسبة", "المحاسبه"),
        ("ادارة", "إدارة"),
        ("comptabilité", "comptabilité"),
    ],
)
def test_words_of_one_sound_are_one_word(typed, written):
    assert normalize.words(typed) == normalize.words(written)


def test_scripts_without_spaces_become_pairs():
    assert normalize.words("協同組合") == ["協同", "同組", "組合"]
    assert normalize.words("会") == ["会"]


def test_signs_inside_words_do_not_cut_them():
    assert len(normalize.words("सहकारिता")) == 1
    assert normalize.words("مُحَاسَبَة") == normalize.words("محاسبة")


@pytest.mark.parametrize(
    ("language", "first", "other"),
    [
        ("fr", "adhérents", "adherent"),
        ("fr", "coopératives", "coopérative"),
        ("en", "invoices", "invoicing"),
        ("es", "cuotas", "cuota"),
        ("pt", "associações", "associação"),
        ("ar", "الجمعيات", "جمعيات"),
        ("fr", "reçus", "reçu"),
        ("fr", "élus", "élu"),
        ("fr", "amis", "ami"),
        ("fr", "menus", "menu"),
        ("fr", "jeux", "jeu"),
        ("fr", "baux", "bail"),
        ("fr", "crédits", "crédit"),
        ("es", "actas", "acta"),
        ("es", "talleres", "taller"),
        ("pt", "atas", "ata"),
        ("pt", "ações", "ação"),
        ("pt", "fiscais", "fiscal"),
        ("pt", "mensagens", "mensagem"),
        ("ar", "إيصالات", "إيصال"),
        ("ar", "جمعيات", "جمعية"),
    ],
)
def test_forms_of_a_word_share_a_stem(language, first, other):
    [word] = normalize.query_words(other)
    assert set(word.stems) & set(normalize.index_tokens(first, (language,)))


_PLURALS = {
    "en": [("", "s"), ("", "es"), ("y", "ies")],
    "fr": [("", "s"), ("", "x"), ("al", "aux"), ("ail", "aux")],
    "es": [("", "s"), ("", "es"), ("z", "ces")],
    "pt": [("", "s"), ("", "es"), ("ão", "ões"), ("l", "is"), ("m", "ns")],
    "ar": [("", "ات"), ("ة", "ات"), ("", "ين"), ("", "ون")],
}


@pytest.mark.parametrize("language", normalize.LANGUAGES)
def test_every_word_of_our_lists_and_its_plural_there_share_a_stem_and_a_root(language):
    texts = [phrase for phrases in word_lists.category_phrases()[language].values() for phrase in phrases]
    for name in vocabulary.names():
        for term in vocabulary.vocabulary(name).terms.values():
            texts += [term.label.get(language, ""), term.definition.get(language, "")]
    words = {word for text in texts for word in normalize.spellings(text) if word.isalpha()}
    pairs = [
        (word, plural)
        for word in words
        for singular, many in _PLURALS[language]
        if len(word) > 3 and word.endswith(singular) and (plural := word[: len(word) - len(singular)] + many) in words
        if (word, plural) != ("refuge", "refugees")  # two words of which neither is the plural of the other
    ]
    assert len(pairs) > 80
    apart = [(pair, many) for pair, many in pairs if not _stems(pair, language) & _stems(many, language)]
    assert apart == []
    roots = [
        (pair, many)
        for pair, many in pairs
        if normalize.folded_stem(*normalize.words(pair), language)
        != normalize.folded_stem(*normalize.words(many), language)
    ]
    assert len(roots) <= 0.05 * len(pairs), roots


def _stems(word, language):
    return {token for token in normalize.index_tokens(word, (language,)) if token.startswith(normalize.STEM_MARK)}


def test_a_regional_tag_is_stemmed_as_its_language():
    assert (
        normalize.index_tokens("quotas", ("pt-BR",))
        == normalize.index_tokens("quotas", ("pt",))
        != normalize.index_tokens("quotas", ("de",))
    )


def test_small_words_count_only_when_they_are_alone():
    small = frozenset(normalize.words("un le la les pour logiciel"))
    assert [word.surface for word in normalize.query_words("un logiciel pour les adhérents", small)] == ["adherents"]
    assert [word.surface for word in normalize.query_words("le la les", small)] == ["le", "la", "les"]


def test_a_query_is_bounded():
    assert len(normalize.query_words(" ".join(f"word{n}" for n in range(50)))) == normalize.MAX_QUERY_WORDS
    assert len(normalize.query_words("x" * 10_000)[0].surface) == normalize.MAX_WORD


def test_a_text_is_bounded():
    assert len(normalize.words("word " * 100_000)) == normalize.MAX_TEXT // 5


def test_the_language_of_a_readme_is_told_by_its_small_words():
    assert normalize.language_of("Un logiciel pour les associations et leurs membres, avec des reçus.") == "fr"
    assert normalize.language_of("Um programa para as associações, com os dados em uma base.") == "pt"
    assert normalize.language_of("") == "en"


@given(st.text(max_size=300))
def test_folding_twice_is_folding_once_and_no_word_holds_a_space(text):
    assert normalize.fold(normalize.fold(text)) == normalize.fold(text)
    for token in normalize.index_tokens(text, normalize.LANGUAGES):
        assert token and not any(sign.isspace() for sign in token)


@given(st.text(max_size=300))
def test_what_is_indexed_is_found_by_the_same_text(text):
    indexed = set(normalize.index_tokens(text, normalize.LANGUAGES))
    for word in normalize.query_words(text):
        assert word.surface in indexed
