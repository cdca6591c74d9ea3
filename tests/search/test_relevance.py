"""What readers type, in their words, against the curated catalogue: at least nine of ten phrases are answered on top.

The phrases are `relevance/{language}.tsv`: the phrase, its kind, what has to come (domain terms or project slugs, any
of them), and when it was written: before the words of `catalog/search/words` and looked at while they were chosen (""),
before them and not looked at ("held"), after them and looked at then ("later"), after all of them ("last"), or on a
day of which all were committed before a word was changed (that day, with a letter from its second lot on: write the
next ones like this). A word is never added for one phrase alone: it has to serve what others would type too. Those of
`HALVES` were written from the records alone, before any list of words was read: names typed apart or by ear, places,
audiences, technology beside a need. One half of each kind was looked at while the search was changed; of the other only
the figures were. `REACHED` holds them.
`python -m pytest -s` on this file prints the figures.
"""

import shutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from benchmarks import relevance
from benchmarks.relevance import (
    BESIDE,
    HALVES,
    LANGUAGES,
    MADE,
    NEEDED,
    WHEN,
    figures,
    halves,
    halves_report,
    made_for,
    meets,
    of_kind,
    phrases,
)
from catalog import vocabulary
from catalog.rules.country_rule import RULES
from catalog.search import normalize, word_lists

KINDS_OF_HALVES = {"name", "place", "audience", "technical", "plain", BESIDE}
KINDS_OF_LAST_LOT = KINDS_OF_HALVES | {"misspelt", "product", "question", "word"}
KINDS = {"plain", "misspelt", "regional", "question", "product", "none-yet", "out-of-scope"}
# What was reached of the half that was not looked at, by lot, with a small margin: of each language, and of each kind.
# First lot: 156 of 160 (fr 30 of 32, every other language 31 or more); names 41 of 41, places 35 of 35, audiences 28 of
# 29, technology 29 of 30, plain 23 of 25; beside the scope all 34. Second lot: 150 of 155 (en 29 of 31, fr 33 of 34, es
# 30 of 31, pt 28 of 29, ar all 30), 143 before anything was changed for it; names 29 of 29, places 28 of 29, audiences
# 28 of 28, technology 30 of 30, plain 35 of 39; beside the scope 36 of 38.
REACHED: dict[str, tuple[float, dict[str, float]]] = {
    "2026-11-29-held": (
        0.9,
        {"": 0.96, "name": 0.97, "place": 0.97, "audience": 0.93, "technical": 0.93, "plain": 0.88, BESIDE: 0.97},
    ),
    "2026-11-29b-held": (
        0.9,
        {"": 0.95, "name": 0.96, "place": 0.93, "audience": 0.96, "technical": 0.96, "plain": 0.87, BESIDE: 0.92},
    ),
    "2026-11-29c-held": (0.94, {"": 0.96, "name": 0.85, "plain": 0.96, "question": 0.93, "misspelt": 0.9, BESIDE: 0.9}),
}
EVERYDAY = 0.92  # of the phrases for a category in a language, those that nobody looked at: 95 % and more were reached
AT_LEAST = 60  # phrases that something answers, per language


@pytest.fixture(scope="module")
def curated() -> dict[str, Any]:
    return relevance.curated()


@pytest.fixture(scope="module")
def ask(sqlite_template, tmp_path_factory) -> Iterator[Any]:
    """What a phrase brings: the answer of the index, and the slugs of the first projects."""
    folder = tmp_path_factory.mktemp("relevance")
    shutil.copyfile(sqlite_template, folder / "catalog.db")
    with relevance.asking(folder) as asked:
        yield asked


@pytest.fixture(scope="module")
def told(ask, curated) -> Any:
    """The figures of a language, asked for once."""
    return cache(lambda language: figures(language, ask, curated))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_phrases_are_many_and_what_they_expect_exists(language, curated):
    found = phrases(language)
    assert len({normalize.name_key(query.text) for query in found}) == len(found)
    assert sum(query.kind != BESIDE for query in found) >= AT_LEAST
    assert {query.kind for query in found if query.when not in HALVES} == KINDS
    assert {(query.when, query.kind) for query in found if query.when in HALVES[:-2]} == {
        (when, kind) for when in HALVES[:-2] for kind in KINDS_OF_HALVES
    }
    assert (
        KINDS_OF_LAST_LOT - {"audience"}
        <= {query.kind for query in found if query.when in HALVES[-2:]}
        <= KINDS_OF_LAST_LOT
    )
    domains = vocabulary.vocabulary("domain").terms
    for query in found:
        assert bool(query.expected) == (query.kind != BESIDE), query
        met = {expected for expected in query.expected if any(meets(project, expected) for project in curated.values())}
        assert {expected for expected in query.expected - met if ":" not in expected} <= domains.keys(), query
        none_yet = query.kind in ("none-yet", "regional") or query.when in HALVES[-2:]
        assert query.kind == BESIDE or met or none_yet, query
    assert {query.when for query in found} == {*WHEN, *HALVES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_a_label_or_a_name(language, curated):
    known = {normalize.name_key(str(record["name"])) for record in curated.values()} | set(curated)
    for name in set(vocabulary.names()) - {RULES}:  # names of laws hold the words that people type
        for term in vocabulary.vocabulary(name).terms.values():
            known |= {normalize.name_key(label) for label in term.label.values()}
    assert [phrase.text for phrase in phrases(language) if normalize.name_key(phrase.text) in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_of_ten_phrases_are_answered_among_the_first_five(language, told):
    found = told(language)
    print(f"\n{found}", *found.missed, sep="\n  ")
    assert sum(found.every) >= NEEDED * len(found.every), found.missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_nine_of_ten_phrases_are_answered_by_the_very_first_and_most_by_what_is_made_for_it(language, told):
    found = told(language)
    print("", *found.second, sep="\n  second: ")
    assert sum(found.first) >= NEEDED * len(found.first), found.second
    assert len(found.made) > 100 and sum(found.made) >= MADE * len(found.made)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("reçu fiscal", "fr"),
        ("reçus fiscaux", "fr"),
        ("recu fiscal", "fr"),
        ("tax receipt", "en"),
        ("recibo fiscal", "es"),
        ("recibos fiscais", "pt"),
        ("إيصال ضريبي", "ar"),
    ],
)
def test_what_says_the_words_itself_stands_above_what_only_has_the_need(text, language, ask):
    first = ask(text, language)[1]
    assert first[0] in ("paheko", "givewp") and "paheko" in first[:3]  # both issue them


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_out_of_scope_is_never_told_as_an_answer(language, told):
    assert told(language).told == ()


def test_what_was_not_looked_at_is_answered_as_well(ask, curated):
    told = halves(ask, curated)
    print("", *halves_report(told), sep="\n")
    for when, (of_language, of_kinds) in REACHED.items():
        shares = told[when]
        for language in LANGUAGES:
            every = shares[language, ""]
            assert every.good >= of_language * every.asked, (when, language, every)
        for kind, least in of_kinds.items():
            every = of_kind(shares, kind)
            assert every.good >= least * every.asked, (when, kind, every)


@pytest.mark.full
def test_what_each_category_is_for_is_found_in_everyday_words(ask, curated):
    for (half, language), share in relevance.everyday_shares(ask, curated).items():
        assert share.good >= EVERYDAY * share.asked, (half, language, share)


@pytest.mark.parametrize(
    ("text", "language", "category"),
    [
        ("antennas for the valley", "en", "community-networks"),
        ("something for the hungry this evening", "en", "food-aid"),
        ("ce que nos brebis ont mangé dans les champs", "fr", "agriculture-farm"),
    ],
)
def test_a_sentence_brings_what_it_is_likely_about(text, language, category, ask):
    assert category in ask(text, language)[0].categories


@pytest.mark.parametrize(
    ("text", "language", "joined"), [("news letter", "en", "newsletter"), ("co voiturage", "fr", "delivery-mobility")]
)
def test_a_word_typed_as_two_is_that_word(text, language, joined, ask):
    assert ask(text, language)[0].categories[0] == joined


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_say_for_a_need_brings_what_is_made_for_it_first(language, ask, curated):
    made = made_for(curated)
    first = []
    for need, said in word_lists.category_phrases()[language].items():
        found, slugs = ask(said[0], language)
        if need in made and found.categories[:1] == (need,):
            first.append(slugs[0] in made[need])
    assert len(first) > 30 and sum(first) >= NEEDED * len(first)


def test_what_people_say_for_a_need_that_no_project_has_first_brings_what_answers_it_first(ask, curated):
    beside = {need for project in curated.values() for need in project.get("domains", ())} - made_for(curated).keys()
    brought = []
    for language in LANGUAGES:
        for need in sorted(beside):
            found, slugs = ask(word_lists.category_phrases()[language][need][0], language)
            if found.categories[:1] == (need,):
                brought.append(need in curated[slugs[0]]["domains"])
    assert len(brought) > 30 and sum(brought) >= NEEDED * len(brought)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("loan between members", "en"),
        ("prêt entre membres", "fr"),
        ("préstamo entre socios", "es"),
        ("empréstimo entre sócios", "pt"),
        ("قرض بين الأعضاء", "ar"),
    ],
)
def test_what_is_done_is_answered_before_who_does_it(text, language, ask, curated):
    found, first = ask(text, language)
    assert found.categories[:2] == ("loan-portfolio", "member-management")
    lending = ["loan-portfolio" in curated[slug]["domains"] for slug in first]
    assert all(lending[:2]) and sum(lending) >= 4


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("valorisation du bénévolat", "fr"),
        ("compter les heures de bénévolat", "fr"),
        ("value of volunteer hours", "en"),
        ("contar las horas de voluntariado", "es"),
        ("contar as horas de voluntariado", "pt"),
        ("حساب ساعات التطوع", "ar"),
    ],
)
def test_what_is_made_for_one_need_stands_above_what_has_it_among_several_however_often_it_is_said(
    text, language, ask, curated
):
    """VIC also counts hours, so it may stand above Bénévalibre; both have no other need."""
    first = ask(text, language)[1]
    assert "benevalibre" in first[:3] and "paheko" not in first[:3]
    assert [curated[slug]["domains"][0] for slug in first[:3]] == ["volunteer-management"] * 3


def test_what_a_record_says_that_data_leaves_as_is_found(ask):
    found = ask("FEC", "fr")[1]
    assert found[0] in ("paheko", "odoo-foodcoop") and "paheko" in found and "paheko" in ask("export FEC", "fr")[1]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("invoices", "en"),
        ("quotes", "en"),
        ("factures", "fr"),
        ("devis", "fr"),
        ("facturas", "es"),
        ("faturas", "pt"),
        ("فواتير", "ar"),
    ],
)
def test_what_says_that_it_writes_invoices_stands_above_what_only_has_the_need_and_few_others(text, language, ask):
    writing = ("dolibarr", "endi", "invoiceplane", "invoiceshelf", "odoo-community", "solidinvoice")
    assert ask(text, language)[1][0] in writing
