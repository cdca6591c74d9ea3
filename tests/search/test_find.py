"""The find page's questions: which projects, in which order, how many under each filter."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories.search import NOW, an_index_row

from catalog.model import AudienceClaim, Runs
from catalog.rules.today import Activity
from catalog.search import SORTS, Finder, IndexWriter, SearchQuery
from catalog.search.facets import BY_NAME
from catalog.search.spelling import count_edits

ROWS = [
    an_index_row(
        "Galette",
        summary={"fr": "Gérer les adhérents et les cotisations d'une association"},
        domains=("member-management",),
        languages=("fr", "en"),
        made_for=("association",),
        countries=("FR",),
        confirmed_uses=1,
        replaces=("Excel",),
        activity=Activity(NOW - timedelta(days=10), NOW),
    ),
    an_index_row(
        "Dolibarr",
        summary={"en": "Run an organization: members, invoices, accounts", "fr": "Piloter une organisation"},
        features={"en": ("Double-entry bookkeeping", "Payment of subscriptions")},
        domains=("erp", "accounting"),
        languages=("fr", "es", "en"),
        license="GPL-3.0-or-later",
        countries=("FR", "ES"),
        helper_countries=("FR",),
        adopter_kinds=("worker-cooperative",),
        confirmed_uses=4,
        runs=Runs(online="https://example.org", self_hosted="moderate"),
        activity=Activity(NOW - timedelta(days=500), NOW),
    ),
    an_index_row(
        "GnuCash",
        summary={"en": "Keep the books of a small group"},
        domains=("accounting",),
        license="GPL-2.0",
        languages=("en", "pt"),
        audiences=(AudienceClaim("seniors", "tested-with-people"),),
        found_uses=30,
        activity=Activity(NOW - timedelta(days=900), NOW),
    ),
    an_index_row(
        "CoopCycle",
        summary={"fr": "Organiser des livraisons à vélo"},
        domains=("delivery-mobility",),
        license="LicenseRef-Coopyleft",
        context_only=True,
        organization_names=("Fédération CoopCycle",),
        countries=("FR",),
        activity=Activity(),
    ),
    an_index_row("Kasse 協同組合", summary={"de": "Die Kasse führen"}, domains=("accounting",), status="abandoned"),
]


@pytest.fixture(scope="module")
def finder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search")
    with IndexWriter.open(folder) as writer:
        writer.rebuild(ROWS, 5)
    return Finder(folder)


def names(finder, text="", **changes):
    found = finder.find(SearchQuery(text, **changes), NOW)
    known = {row.id: row.record.name for row in ROWS}
    return [known[project_id] for project_id in found.ids]


@pytest.mark.parametrize("text", ["contabilidade", "comptabilité", "accounting", "contabilidad", "محاسبة", "المحاسبة"])
def test_a_need_is_found_in_five_languages(finder, text):
    assert {"Dolibarr", "GnuCash"} <= set(names(finder, text))
    assert "CoopCycle" not in names(finder, text)


@pytest.mark.parametrize(
    "text", ["adhérents", "ADHERENT", "cotisation", "cuotas", "quotas", "socios", "اشتراكات", "dues"]
)
def test_words_that_a_treasurer_says_find_member_management(finder, text):
    assert names(finder, text)[0] == "Galette"


def test_a_parent_domain_and_a_parent_kind_match_their_children(finder):
    assert names(finder, filters={"domain": ("membership-governance",)}) == ["Galette"]
    assert names(finder, filters={"kind": ("cooperative",)}) == ["Dolibarr"]
    assert names(finder, filters={"kind": ("association",)}) == ["Galette"]


@pytest.mark.parametrize("text", ["gal", "galet", "galettes"])
def test_the_last_word_may_be_a_beginning_or_another_form(finder, text):
    assert names(finder, text) == ["Galette"]


def test_what_it_replaces_and_who_uses_it_are_found(finder):
    for asked in ("instead of excel", "remplacer Excel", "je veux remplacer excel", "بديل Excel"):
        assert names(finder, asked)[0] == "Galette"  # what people use it for follows
        assert finder.find(SearchQuery(asked), NOW).products == ("Excel",)
    assert names(finder, "Federation Coopcycle") == ["CoopCycle"]


def test_a_license_is_found_by_what_people_call_it(finder):
    assert set(names(finder, "agpl")) == {"Galette", "Kasse 協同組合"}


def test_a_middle_of_chinese_words_is_found(finder):
    assert names(finder, "組合") == ["Kasse 協同組合"]


@pytest.mark.parametrize(
    ("typed", "meant", "language"),
    [("gnucsah", "gnucash", "en"), ("dolibbar", "Dolibarr", "ar"), ("comptabilitté", "comptabilité", "fr")],
)
def test_a_word_that_nothing_holds_gives_the_nearest_says_so_and_is_not_sure(finder, typed, meant, language):
    found = finder.find(SearchQuery(typed, language=language), NOW)
    assert (found.approximate, found.corrected, found.confident) == (True, meant, False)
    assert found.total == finder.find(SearchQuery(meant, language=language), NOW).total > 0


def test_what_was_found_as_typed_is_not_corrected(finder):
    found = finder.find(SearchQuery("galette"), NOW)
    assert (found.approximate, found.corrected) == (False, None)


def test_of_three_words_two_are_enough_and_all_three_come_first(finder):
    assert "GnuCash" in names(finder, "books small penguins")
    assert names(finder, "members invoices accounts")[0] == "Dolibarr"
    assert names(finder, "useful penguins") == []


def test_a_need_that_words_mean_is_found_beside_words_that_nothing_holds_and_is_not_called_sure(finder):
    found = finder.find(SearchQuery("books penguins"), NOW)
    assert (found.categories, found.confident) == (("accounting",), False)
    assert found.total == 3
    assert finder.find(SearchQuery("books"), NOW).confident


def test_an_exact_name_comes_first_whatever_else_speaks_of_it(tmp_path):
    loud = an_index_row("Suite", summary={"en": "Mesa mesa mesa"}, replaces=("Mesa",), confirmed_uses=99)
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([loud, an_index_row("Mesa Libre"), an_index_row("Mésa", context_only=True)], 1)
    found = Finder(tmp_path).find(SearchQuery("mesa"), NOW)
    assert found.ids[0] == an_index_row("Mésa").id and found.total == 3


def test_a_project_that_is_not_free_stands_below_an_equal_free_one(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row("A", context_only=True), an_index_row("B"), an_index_row("C", license=None)], 1)
    finder = Finder(tmp_path)
    for query in (SearchQuery("useful"), SearchQuery("")):
        assert finder.find(query, NOW).ids[0] == an_index_row("B").id


def test_what_is_made_for_the_need_first_of_all_stands_above_what_also_answers_it_and_says_the_word(tmp_path):
    made = an_index_row("Galette", summary={"fr": "Gérer les adhérents"}, domains=("member-management",))
    also = an_index_row(
        "Panier",
        summary={"fr": "Adhésions et paniers"},
        domains=("food-chains", "member-management"),
        activity=Activity(NOW, NOW),
        confirmed_uses=4,
    )
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([also, made], 1)
    assert Finder(tmp_path).find(SearchQuery("gérer les adhésions", language="fr"), NOW).ids == [made.id, also.id]


def test_sorts(finder):
    assert names(finder)[:2] == ["Dolibarr", "Galette"]
    assert names(finder, sort="uses")[:2] == ["Dolibarr", "Galette"]  # 30 uses found in lists do not count
    assert names(finder, sort="recent")[:2] == ["Galette", "Kasse 協同組合"]
    assert names(finder, sort="name") == ["CoopCycle", "Dolibarr", "Galette", "GnuCash", "Kasse 協同組合"]
    assert names(finder, "accounting", sort="name") == ["Dolibarr", "GnuCash", "Kasse 協同組合"]


def test_uses_that_nobody_confirmed_are_in_no_order(tmp_path):
    rows = [
        an_index_row("Abacus", activity=Activity(NOW - timedelta(days=9), NOW)),
        an_index_row("Books", declared_uses=40, found_uses=36, activity=Activity(NOW - timedelta(days=10), NOW)),
        an_index_row("Coop", context_only=True, activity=Activity(NOW, NOW)),
        an_index_row("Zebra", confirmed_uses=1),
    ]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    for sort in ("uses", "best"):
        found = Finder(tmp_path).find(SearchQuery(sort=sort), NOW)
        assert found.ids == [an_index_row(name).id for name in ("Zebra", "Abacus", "Books", "Coop")], sort


@pytest.mark.parametrize("status", ["ended", "abandoned", "unsupported", "suspended"])
def test_what_has_ended_or_stopped_stands_below_what_goes_on(tmp_path, status):
    rows = [
        an_index_row(
            "Abacus", confirmed_uses=9, activity=Activity(NOW, NOW), summary={"en": "Keep accounts"}, status=status
        ),
        an_index_row("Zebra", summary={"en": "Keep accounts"}),
        an_index_row("Coop", summary={"en": "Keep accounts"}, status="inactive"),
    ]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    last = an_index_row("Abacus").id
    for text, sort in (("", "best"), ("", "uses"), ("keep accounts", "best")):
        assert Finder(tmp_path).find(SearchQuery(text, sort=sort), NOW).ids[-1] == last, (text, sort)
    assert Finder(tmp_path).find(SearchQuery("abacus"), NOW).ids == [last]


def test_pages_do_not_overlap_and_end(finder):
    pages = [names(finder, sort="name", page=page, per_page=2) for page in (1, 2, 3, 4)]
    assert [name for page in pages for name in page] == names(finder, sort="name") and pages[3] == []
    assert finder.find(SearchQuery(page=10**9), NOW).total == 5
    assert len(names(finder, page=-3, per_page=0)) == 1


class Listening:
    """An engine that notes what it is asked."""

    def __init__(self, searcher):
        self.searcher, self.asked = searcher, []

    def __getattr__(self, name):
        self.asked.append(name)
        return getattr(self.searcher, name)


def test_what_few_records_hold_is_counted_without_reading_all_terms(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([*ROWS, *(an_index_row(f"Other {number}") for number in range(20))], 5)
    few, finder = Finder(tmp_path), Finder(tmp_path)
    for searched in (few, finder):
        searched._fresh().searcher = Listening(searched._fresh().searcher)
    assert few.find(SearchQuery("Dolibarr"), NOW).facets["alive"] == [("quiet", 1)]
    asked = few._fresh().searcher.asked
    assert (asked.count("aggregate"), asked.count("terms_with_prefix"), asked.count("search")) == (2, 0, 5)
    assert dict(finder.find(SearchQuery(), NOW).facets["alive"])["quiet"] == 1
    asked = finder._fresh().searcher.asked
    # Without words and filters, what is shown as context only is counted too.
    assert (asked.count("aggregate"), asked.count("terms_with_prefix"), asked.count("search")) == (1, 1, 2)


def test_alive_is_told_by_the_last_commit_and_the_makers_word(finder):
    for value, expected in {
        "active": ["Galette"],
        "quiet": ["Dolibarr"],
        "asleep": ["GnuCash"],
        "ended": ["Kasse 協同組合"],
        "nonsense": [],
    }.items():
        assert names(finder, filters={"alive": (value,)}) == expected
    later = finder.find(SearchQuery(filters={"alive": ("active",)}), NOW + timedelta(days=181))
    assert later.total == 0  # nobody has looked since


def test_a_project_that_nobody_looked_at_is_in_no_state_unless_it_was_silent_for_long_by_then(tmp_path):
    def read(name, changed, looked):
        return an_index_row(name, activity=Activity(NOW - timedelta(days=changed), NOW - timedelta(days=looked)))

    rows = [read("Fresh", 30, 30), read("Old", 650, 650), read("Calm", 650, 100), read("Still", 1200, 400)]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([*rows, read("Mirrored", 300, 0)], 5)
    finder = Finder(tmp_path)
    known = {row.id: row.record.name for row in rows}

    def in_state(state, now):
        found = finder.find(SearchQuery(filters={"alive": (state,)}), now)
        return sorted(known.get(key, "Mirrored") for key in found.ids)

    assert [in_state(state, NOW) for state in ("active", "quiet", "asleep", "ended")] == [
        ["Fresh", "Mirrored"], ["Calm"], ["Still"], []
    ]  # fmt: skip
    later = NOW + timedelta(days=170)
    assert [in_state(state, later) for state in ("active", "quiet", "asleep")] == [[], ["Mirrored"], ["Still"]]
    assert dict(finder.find(SearchQuery(), NOW).facets["alive"]) == {"active": 2, "quiet": 1, "asleep": 1}
    _assert_counts_are_totals(finder, SearchQuery())
    _assert_counts_are_totals(finder, SearchQuery(filters={"alive": ("quiet",)}))


def test_filters_are_any_of_within_and_all_across(finder):
    assert set(names(finder, filters={"country": ("ES", "FR")})) == {"Galette", "Dolibarr", "CoopCycle"}
    assert names(finder, filters={"country": ("ES", "FR"), "language": ("es",)}) == ["Dolibarr"]
    assert names(finder, filters={"license": ("network-copyleft", "GPL-2.0")}, sort="name") == [
        "Galette",
        "GnuCash",
        "Kasse 協同組合",
    ]
    assert names(finder, filters={"use": ("online",)}) == names(finder, filters={"help": ("FR",)}) == ["Dolibarr"]
    assert names(finder, filters={"country": ()}) == names(finder)


def test_a_facet_is_counted_without_its_own_filter_and_under_the_others(finder):
    found = finder.find(SearchQuery(filters={"country": ("ES",), "language": ("fr",)}), NOW)
    assert found.total == 1
    assert dict(found.facets["country"]) == {"FR": 2, "ES": 1}
    assert dict(found.facets["language"]) == {"fr": 1, "es": 1, "en": 1}
    assert dict(found.facets["domain"]) == {"erp": 1, "accounting": 1, "accounting-management": 1}


def test_nothing_found_says_what_each_removal_would_bring(finder):
    found = finder.find(SearchQuery("galette", filters={"country": ("ES", "MA"), "language": ("fr",)}), NOW)
    assert found.total == 0
    assert found.without == {("country", "ES"): 0, ("country", "MA"): 0, ("language", "fr"): 0, ("text", ""): 1}
    assert finder.find(SearchQuery("galette", filters={"country": ("ES",)}), NOW).without == {
        ("country", "ES"): 1,
        ("text", ""): 1,
    }
    assert finder.find(SearchQuery("galette"), NOW).without == {}


def test_the_reader_language_orders_what_matches_equally_well(tmp_path):
    rows = [an_index_row("One", languages=("en",)), an_index_row("Two", languages=("pt",))]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    for language, first in (("en", rows[0]), ("pt", rows[1])):
        assert Finder(tmp_path).find(SearchQuery("useful", language=language), NOW).ids[0] == first.id


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '"unclosed phrase',
        "*:*",
        "name:galette",
        "galette AND OR NOT",
        "+galette -dolibarr",
        "[a TO z]",
        "(((((",
        "gal*tte~2^9",
        "\\",
        "/.*/",
        "\x00\x01\x1b[31m",
        "💶🤝🏽",
        "le la les de",
        "=membr",
        "terms:domain:accounting",
        "change",
        "%' OR 1=1 --",
        "\ud800",
        " \t\n ",
        "a" * 10_000,
        "a " * 5_000,
        "é" * 10_000,
        "ﷺ" * 200,
    ],
)
def test_hostile_text_is_only_text(finder, text):
    found = finder.find(SearchQuery(text), NOW)
    assert found.total <= len(ROWS) and len(found.ids) == min(found.total, 20)


def test_signs_of_a_query_language_change_nothing(finder):
    assert names(finder, "galette AND") == names(finder, '"galette"') == names(finder, "(galette)*") == ["Galette"]
    assert names(finder, "-galette") == ["Galette"]


def test_hostile_filters_find_nothing(finder):
    for value in ('"', "*", "\x00", "x" * 10_000, "", "FR OR ES"):
        assert finder.find(SearchQuery(filters={"country": (value,)}), NOW).total == 0
    assert finder.find(SearchQuery(filters={"country": tuple("ABC" * 500)}), NOW).total == 0


def test_an_unknown_filter_or_sort_is_refused_by_name(finder):
    with pytest.raises(ValueError, match="colour"):
        finder.find(SearchQuery(filters={"colour": ("red",)}), NOW)
    with pytest.raises(ValueError, match="stars"):
        finder.find(SearchQuery(sort="stars"), NOW)


@pytest.mark.parametrize("text", ["", "accounting", "fr"])
@pytest.mark.parametrize("base", [{}, {"country": ("FR",)}, {"language": ("en",), "domain": ("accounting",)}])
def test_each_count_of_a_facet_is_the_total_that_the_filter_gives(finder, text, base):
    _assert_counts_are_totals(finder, SearchQuery(text, filters=base))


def test_counts_hold_after_changes_and_removals(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(ROWS, 5)
        writer.follow([an_index_row("Galette", countries=("MA", "FR"))], [ROWS[1].id], 6)
        writer.follow([an_index_row("Galette", countries=("MA",)), ROWS[1]], [], 7)
        finder = Finder(tmp_path)
        for query in (SearchQuery(), SearchQuery("accounting"), SearchQuery(filters={"country": ("FR",)})):
            _assert_counts_are_totals(finder, query)


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["accounting", "erp", "chat"]),
            st.lists(st.sampled_from(["FR", "ES", "MA"]), max_size=2),
            st.sampled_from(["en", "fr"]),
            st.integers(0, 900),
            st.sampled_from([0, 200, 600]),
        ),
        min_size=1,
        max_size=15,
    ),
    st.sampled_from(["", "useful", "accounting"]),
    st.fixed_dictionaries({}, optional={"country": st.just(("FR",)), "alive": st.just(("active", "quiet"))}),
)
def test_each_count_is_a_total_for_any_catalogue(tmp_path_factory, shapes, text, base):
    folder = tmp_path_factory.mktemp("counts")
    rows = [
        an_index_row(
            f"Project {number}",
            domains=(domain,),
            countries=tuple(countries),
            languages=(language,),
            activity=Activity(NOW - timedelta(days=days), NOW - timedelta(days=min(days, seen))),
        )
        for number, (domain, countries, language, days, seen) in enumerate(shapes)
    ]
    with IndexWriter.open(folder) as writer:
        writer.rebuild(rows, 1)
    _assert_counts_are_totals(Finder(folder), SearchQuery(text, filters=base))


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=250).filter(str.strip), min_size=1, max_size=5))
def test_every_project_is_found_by_its_exact_name(tmp_path_factory, given_names):
    folder = tmp_path_factory.mktemp("names")
    rows = [an_index_row(name, slug=f"slug-{number}") for number, name in enumerate(given_names)]
    with IndexWriter.open(folder) as writer:
        writer.rebuild(rows, 1)
    finder = Finder(folder)
    for row in rows:
        found = finder.find(SearchQuery(row.record.name, per_page=100), NOW)
        assert row.id in found.ids and not found.approximate


@pytest.mark.parametrize(
    ("first", "other", "bound", "expected"),
    [
        ("galette", "galette", 1, 0),
        ("galette", "galete", 1, 1),
        ("gnucash", "gnucahs", 1, 1),
        ("ab", "ba", 1, 1),
        ("galette", "palettes", 2, 2),
        ("galette", "palettes", 1, None),
        ("a", "abcd", 2, None),
    ],
)
def test_edits_count_letters_and_swaps(first, other, bound, expected):
    assert count_edits(first, other, bound) == count_edits(other, first, bound) == expected


def _assert_counts_are_totals(finder, query):
    facets = finder.find(query, NOW).facets
    assert tuple(facets) == tuple(BY_NAME) and set(SORTS) == {"best", "uses", "recent", "name"}
    for name, counts in facets.items():
        for value, count in counts:
            alone = finder.find(SearchQuery(query.text, filters={**query.filters, name: (value,)}), NOW)
            assert (name, value, count) == (name, value, alone.total)
