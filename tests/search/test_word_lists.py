"""The lists of what people say: every need has words in every language, and each is understood as it was meant."""

import pytest

from catalog.search import normalize, synonyms, word_lists
from catalog.vocabulary import vocabulary

LISTS = [(name, domain) for name in normalize.LANGUAGES for domain in word_lists.category_phrases()[name]]
LONGEST = 4  # telling words of a phrase of the lists: nobody types more of them in just this order


def understood(text, language="en"):
    return synonyms.meanings_of(synonyms.telling_words(text, language), language, text)


@pytest.mark.parametrize("language", normalize.LANGUAGES)
def test_every_need_has_words_in_every_language_and_no_list_names_another(language):
    assert list(word_lists.category_phrases()[language]) == list(vocabulary("domain").terms)


def test_products_are_for_needs_that_exist():
    terms = vocabulary("domain").terms
    assert {
        domain for domains in word_lists.category_phrases()[word_lists.PRODUCT].values() for domain in domains
    } <= set(terms)


@pytest.mark.parametrize(("language", "domain"), LISTS)
def test_each_phrase_means_its_need_to_a_reader_of_the_language(language, domain):
    for phrase in word_lists.category_phrases()[language][domain]:
        words = synonyms.telling_words(phrase, language)
        assert len(words) <= LONGEST, phrase
        whole = [meaning for meaning in synonyms.meanings_of(words, language, phrase) if meaning.words == len(words)]
        assert [meaning for meaning in whole if meaning.product or domain in meaning.domains], phrase


@pytest.mark.parametrize("language", normalize.LANGUAGES)
def test_what_is_said_for_things_that_are_no_need_here_means_none_to_a_reader_of_the_language(language):
    for phrase in word_lists.phrases_under(language, "elsewhere"):
        words = synonyms.telling_words(phrase, language)
        assert len(words) <= LONGEST, phrase
        assert [(meaning.words, meaning.domains) for meaning in synonyms.meanings_of(words, language, phrase)] == [
            (len(words), ())
        ], phrase


@pytest.mark.parametrize("language", normalize.LANGUAGES)
def test_what_somebody_wants_for_themselves_is_a_job_unless_a_group_or_software_is_meant(language):
    theirs = word_lists.phrases_under(language, "theirs")[0]
    for mark in word_lists.phrases_under(language, "personal"):
        assert synonyms.asks_for_oneself(mark, language, ()), mark
        assert not synonyms.asks_for_oneself(f"{theirs} {mark}", language, ()), mark


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("phone numbers", "en"),
        ("phone number of each member", "en"),
        ("our opening hours", "en"),
        ("used bikes", "en"),
        ("numéros de téléphone", "fr"),
        ("le numéro de téléphone de chaque adhérent", "fr"),
        ("les horaires d'ouverture de notre local", "fr"),
        ("factures d'électricité", "fr"),
        ("bicicletas de segunda mano", "es"),
        ("horario de atención de nuestra sede", "es"),
        ("telefone dos sócios", "pt"),
        ("رقم هاتف جمعيتنا", "ar"),
    ],
)
def test_what_those_with_a_need_say_is_no_errand(text, language):
    assert not synonyms.asks_for_oneself(text, language, understood(text, language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("reconcile the bank account", "en"),
        ("an app for loans of our credit union", "en"),
        ("cars used by our members", "en"),
        ("membership card", "en"),
        ("football club", "en"),
        ("appointments with the doctor in our clinic", "en"),
        ("find jobs for jobless people", "en"),
        ("book a room", "en"),
        ("rendez-vous des patients", "fr"),
        ("retour à l'emploi", "fr"),
        ("agendar consultas da clínica", "pt"),
        ("bolsa de trabajo", "es"),
        ("مركز صحي وطبيب", "ar"),
        ("compte bancaire de l'association", "fr"),
        ("carte d'adhérent", "fr"),
        ("prêt de voiture entre voisins", "fr"),
        ("préstamo con aval", "es"),
        ("banco digital comunitário", "pt"),
        ("crédito de uma hora", "pt"),
        ("قرض بضمان", "ar"),
    ],
)
def test_what_those_with_a_need_say_is_not_among_what_is_said_for_things_that_are_none_here(text, language):
    assert all(meaning.domains for meaning in understood(text, language))


@pytest.mark.parametrize(
    ("text", "language", "left"),
    [
        ("prêt entre membres", "fr", ["pret", "membres"]),
        ("échange chez les voisins", "fr", ["echange", "voisins"]),
        ("loan between members", "en", ["loan", "members"]),
        ("préstamo hacia socios", "es", ["prestamo", "socios"]),
        ("empréstimo perante sócios", "pt", ["emprestimo", "socios"]),
        ("قرض عند الأعضاء", "ar", ["قرض", "اعضاء"]),
        ("could you please recommend a newsletter", "en", ["newsletter"]),
    ],
)
def test_small_words_say_nothing_of_what_is_looked_for(text, language, left):
    words = synonyms.telling_words(text, language)
    assert [word.surface for word in words] == left
    assert synonyms.has_telling_word(words, language) == bool(left)


@pytest.mark.parametrize(
    ("noun", "other", "language"),
    [
        ("shares", "share a calendar", "en"),
        ("member shares", "share contacts", "en"),
        ("share capital", "share documents", "en"),
        ("parts", "à part entière", "fr"),
        ("acciones", "plan de acción", "es"),
        ("ações", "plano de ação", "pt"),
    ],
)
def test_a_word_without_another_form_means_its_need_in_that_form_alone(noun, other, language):
    assert "share-capital" in [term for meaning in understood(noun, language) for term in meaning.domains]
    assert "share-capital" not in [term for meaning in understood(other, language) for term in meaning.domains]


@pytest.mark.parametrize("language", normalize.LANGUAGES)
def test_who_is_said_by_words_that_mean_a_need_too(language):
    for phrase in word_lists.phrases_under(language, "who"):
        assert [meaning for meaning in understood(phrase, language) if meaning.says_who and meaning.domains], phrase


def test_a_label_says_who_as_the_list_does():
    assert [
        (meaning.domains, meaning.says_who) for meaning in understood("prêter de l'argent entre adhérents", "fr")
    ] == [
        (("loan-portfolio",), False),
        (("member-management",), True),
    ]


@pytest.mark.parametrize("product", word_lists.category_phrases()[word_lists.PRODUCT])
def test_each_product_is_known_in_any_language(product):
    for language in normalize.LANGUAGES:
        assert any(meaning.product and meaning.phrase for meaning in understood(product, language)), language


def test_a_longer_phrase_wins_over_the_words_in_it():
    assert [meaning.domains for meaning in understood("car loan")] == [()]
    assert [meaning.domains[0] for meaning in understood("caisse populaire", "fr")] == ["core-banking"]
    assert [meaning.domains[0] for meaning in understood("caisse", "fr")] == ["cooperative-shop"]


@pytest.mark.parametrize(
    ("text", "language", "domain"),
    [
        ("prêt d'outils", "fr", "assets-premises"),
        ("prêt outils", "fr", "assets-premises"),
        ("prêt de vélos", "fr", "assets-premises"),
        ("prêt outils entre voisins", "fr", "assets-premises"),
        ("bibliothèque d'outils", "fr", "assets-premises"),
        ("bibliothèque", "fr", "library-documentation"),
        ("biblioteca de herramientas", "es", "assets-premises"),
        ("prêt", "fr", "loan-portfolio"),
        ("empréstimo de ferramentas", "pt", "assets-premises"),
        ("empréstimo", "pt", "loan-portfolio"),
        ("préstamo de herramientas", "es", "assets-premises"),
        ("banco de horas", "pt", "mutual-credit"),
        ("banco", "pt", "core-banking"),
        ("presupuestos", "es", "budgeting"),
        ("orçamento", "pt", "budgeting"),
        ("orçamento participativo", "pt", "participatory-democracy"),
        ("تعاونية استهلاكية", "ar", "food-chains"),
        ("passwords", "en", "backup-security"),
        ("annual report", "en", "impact-reporting"),
    ],
)
def test_a_word_that_others_use_too_means_its_need_by_what_stands_beside_it(text, language, domain):
    assert [meaning.domains[0] for meaning in understood(text, language)] == [domain]


def test_the_readers_language_comes_before_others_and_others_where_it_is_silent():
    assert understood("cuota", "ar")[0].domains[0] == understood("quota", "en")[0].domains[0] == "member-management"
    assert understood("reçu fiscal", "en")[0].domains == ("donations",)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("association", "fr"),  # stems to "associés"
        ("association", "en"),
        ("loi", "fr"),  # "loyer"
        ("letters to all", "en"),  # "lets", "all in one"
        ("a home", "en"),  # "home help"
        ("editar", "es"),  # the Portuguese "editais"
        ("petits", "fr"),  # "pétition"
        ("vidas", "pt"),  # "vídeo"
        ("يوم", "ar"),  # "يومية"
    ],
)
def test_ordinary_words_mean_no_need_that_only_sounds_like_them(text, language):
    assert understood(text, language) == []


def test_the_words_that_stand_beside_a_small_phrase_have_to_be_typed():
    assert understood("all in one", "en")[0].domains == ("erp",)
    assert understood("لا حساب في البنك", "ar") != understood("دون بنك", "ar")
    assert understood("llevar la caja", "es")[0].domains == ("accounting",)
    assert understood("la caja", "es")[0].domains[0] == "core-banking"


def test_a_word_of_the_readers_language_is_asked_of_no_other_list_and_what_is_asked_is_taken_as_written():
    assert understood("fotos", "en") == understood("editar", "en") == []
    assert understood("cuotas", "en")[0].domains[0] == "member-management"
    assert synonyms.is_known_word("associations", "en") and not synonyms.is_known_word("cuota", "en")
    assert understood("associe", "en")[0].phrase == "associés" and understood("associer", "en") == []


@pytest.mark.parametrize(
    ("word", "language", "domain"),
    [
        ("microcredit", "en", "microcredit"),
        ("microcrédit", "fr", "microcredit"),
        ("crowdfunding", "en", "crowdfunding"),
        ("المواعيد", "ar", "calendar-scheduling"),
        ("geográfica", "es", "maps-gis"),
    ],
)
def test_a_word_of_one_label_alone_means_its_need(word, language, domain):
    assert understood(word, language)[0].domains[0] == domain


@pytest.mark.parametrize(
    ("word", "language"), [("information", "en"), ("action", "fr"), ("vida", "es"), ("vida", "pt")]
)
def test_a_word_of_a_label_that_others_have_too_means_nothing_by_itself(word, language):
    assert understood(word, language) == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("hello asso", "HelloAsso"),
        ("you tube", "YouTube"),
        ("We Transfer", "WeTransfer"),
        ("فيس بوك", "فيسبوك"),
    ],
)
def test_a_product_is_known_in_other_pieces(typed, name):
    for language in ("fr", "ar"):
        assert [meaning.phrase for meaning in understood(typed, language)] == [name]
    assert not [meaning for meaning in understood("s ap", "en") if meaning.product]


def test_forms_accents_and_case_are_the_same_word_and_stems_alone_are_not():
    for typed in ("COTISATIONS", "cotisation", "les cotisations"):
        assert understood(typed, "fr")[0].domains[0] == "member-management"
    assert understood("sábado", "es") == []  # its stem is that of "saberes"
    assert understood("dating", "en") == []


def test_what_tells_in_the_readers_language_is_no_small_word():
    assert understood("PAR 30", "es")[0].domains == ("loan-portfolio",)
    assert understood("prêt par 30", "fr")[0].phrase != "par 30"


def test_small_words_alone_are_looked_for():
    assert [word.surface for word in synonyms.telling_words("le la", "fr")] == ["le", "la"]
    assert synonyms.telling_words("", "fr") == [] and synonyms.meanings_of([], "xx", "") == []


@pytest.mark.parametrize("language", ["pt-BR", "FR", "de", "", "zz-Zzzz"])
def test_any_tag_of_a_reader_is_taken(language):
    assert understood("vaquinha", language)[0].domains == ("crowdfunding",)
