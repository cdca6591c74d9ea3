"""When what is found is called an answer, when it only comes close, and which other spelling may have been meant."""

from support.factories.search import NOW, an_index_row

from catalog.search import Finder, IndexWriter, SearchQuery


def test_another_spelling_is_of_the_readers_language_or_a_name_and_no_word_of_it_is_doubted(tmp_path):
    rows = [
        an_index_row(f"Caja {n}", summary={"es": "Vende los recibos pasados", "en": "Sells the receipts named"})
        for n in range(30)
    ]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([*rows, an_index_row("Losing", summary={"en": "Lose, vendes the game"})], 1)
    finder = Finder(tmp_path)
    assert finder.find(SearchQuery("rezibos", language="es"), NOW).corrected == "recibos"
    for typed in ("rezibos", "lose", "vendes", "game", "los"):
        assert finder.find(SearchQuery(typed), NOW).corrected is None, typed
    assert finder.find(SearchQuery("members"), NOW).corrected is None  # a word of the lists
    assert finder.find(SearchQuery("losin", language="ar"), NOW).total == 1


def test_a_short_word_that_nothing_holds_begins_as_it_was_typed(tmp_path):
    rows = [an_index_row(f"Book {n}", summary={"en": "Read the treasurer"}) for n in range(30)]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    finder = Finder(tmp_path)
    assert (finder.find(SearchQuery("bread"), NOW).total, finder.find(SearchQuery("reaf"), NOW).corrected) == (
        0,
        "read",
    )
    assert finder.find(SearchQuery("dreasurer"), NOW).corrected == "treasurer"


def test_a_small_word_is_no_other_word_misspelt(tmp_path):
    rows = [an_index_row(f"Libro {n}", summary={"es": "Abre una hoja"}) for n in range(30)]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    found = Finder(tmp_path).find(SearchQuery("hola", language="es"), NOW)
    assert (found.total, found.corrected) == (0, None)


def test_only_forms_of_the_readers_language_make_an_answer_sure(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row("Caja", summary={"es": "Pesa los quesos", "en": "Weighs cheeses"})], 1)
    finder = Finder(tmp_path)
    for language, sure in (("en", True), ("fr", False), ("xx", True)):
        found = finder.find(SearchQuery("weighing", language=language), NOW)
        assert (found.total, found.confident) == (1, sure), language
    assert not finder.find(SearchQuery("lose"), NOW).confident


def test_where_nothing_has_both_words_those_of_its_name_and_needs_do_and_are_not_called_sure(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row("Galette", summary={"en": "Keep members"}), an_index_row("Other")], 1)
    finder = Finder(tmp_path)
    found = finder.find(SearchQuery("galette penguins"), NOW)
    assert (found.total, found.confident, found.approximate) == (1, False, False)
    assert finder.find(SearchQuery("keep penguins"), NOW).total == 0


def test_who_uses_it_answers_surely_by_the_whole_name_alone(tmp_path):
    row = an_index_row("Courier", organization_names=("Cat Collective", "Food Box"))
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([row], 1)
    finder = Finder(tmp_path)
    assert (
        finder.find(SearchQuery("cat collective"), NOW).confident
        and finder.find(SearchQuery("cat food"), NOW).total == 1
    )
    assert not finder.find(SearchQuery("cat food"), NOW).confident


def test_beside_a_word_that_stands_nowhere_no_answer_is_called_sure(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        rows = [an_index_row(f"Club {n}", summary={"en": "Keeps rosters of riders"}) for n in range(4)]
        writer.rebuild(rows, 1)
    finder = Finder(tmp_path)
    whole, strange = (finder.find(SearchQuery(text), NOW) for text in ("rosters of riders", "rosters of riders zxcvb"))
    assert (whole.total, whole.confident) == (4, True)
    assert (strange.total, strange.confident) == (4, False)


def test_what_is_told_by_the_way_is_no_answer_where_the_words_mean_no_need(tmp_path):
    rows = [
        an_index_row("Map", domains=("maps-gis",), features={"en": ("Draws places and ways",)}),
        an_index_row("Whiteboard", summary={"en": "Lets a group scribble on one board"}),
    ]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    found = Finder(tmp_path).find(SearchQuery("drawing software"), NOW)
    assert found.total == 1 and not found.confident
    assert Finder(tmp_path).find(SearchQuery("scribble"), NOW).confident
    assert Finder(tmp_path).find(SearchQuery("agpl"), NOW).confident


def test_a_need_that_no_project_has_is_answered_by_who_says_it_among_its_features_and_not_in_passing(tmp_path):
    rows = [
        an_index_row("Mailer", domains=("erp",), features={"en": ("Sends newsletters",)}),
        an_index_row("Chatty", domains=("erp",), description={"en": "Its makers write a newsletter about payslips"}),
    ]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    for text, total, sure in (("newsletter", 2, True), ("payslips", 1, False)):
        found = Finder(tmp_path).find(SearchQuery(text), NOW)
        assert (found.total, found.confident) == (total, sure), text


def test_beside_what_is_said_for_no_need_here_nothing_is_called_an_answer_but_what_is_named_so(tmp_path):
    rows = [an_index_row(f"Lender {n}", domains=("loan-portfolio",), summary={"en": "Handles loans"}) for n in range(4)]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild(rows, 1)
    loan, car = (Finder(tmp_path).find(SearchQuery(text), NOW) for text in ("loan", "car loan calculator"))
    assert (loan.total, loan.confident, loan.categories) == (4, True, ("loan-portfolio",))
    assert not car.confident and car.categories == () and car.corrected is None
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([*rows, an_index_row("Car Loan", summary={"en": "Shares cars"})], 2)
    assert Finder(tmp_path).find(SearchQuery("car loan"), NOW).confident


def test_a_misspelt_word_of_a_need_is_read_as_it_was_meant_though_the_words_beside_it_find_enough(tmp_path):
    rows = [an_index_row(f"Club {n}", summary={"en": "Keeps hours and a log of riders"}) for n in range(4)]
    helpers = an_index_row("Helpers", domains=("volunteer-management",), summary={"en": "Counts what volunteers do"})
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([*rows, helpers], 1)
    finder = Finder(tmp_path)
    found = finder.find(SearchQuery("volenteer hours log"), NOW)
    assert (found.approximate, found.confident, found.corrected) == (True, False, "volunteer hours log")
    assert found.ids[0] == helpers.id
    assert finder.find(SearchQuery("hours log zxcvb"), NOW).corrected is None


def test_a_short_word_beside_a_need_that_is_answered_is_not_read_as_another(tmp_path):
    rows = [an_index_row(f"Street {n}", domains=("mutual-aid",), summary={"pt": "Junta vizinhos"}) for n in range(4)]
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([*rows, an_index_row("Shifts", summary={"pt": "Faz a escala"})], 1)
    found = Finder(tmp_path).find(SearchQuery("uma escada ao vizinho", language="pt"), NOW)
    assert (found.total, found.approximate, found.confident) == (4, False, False)


def test_a_name_that_is_like_one_of_several_words_is_a_suggestion_and_like_the_only_word_an_answer(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row("Kohinos", summary={"fr": "Tient une monnaie"})], 1)
    finder = Finder(tmp_path)
    one, several = (finder.find(SearchQuery(text, language="fr"), NOW) for text in ("koinos", "koinos tient abattus"))
    assert (one.approximate, one.is_guess) == (True, False)
    assert (several.total, several.is_guess, several.corrected) == (1, True, "Kohinos tient abattus")


def test_where_a_country_has_no_project_the_words_beside_its_name_are_answered(tmp_path):
    with IndexWriter.open(tmp_path) as writer:
        writer.rebuild([an_index_row("Basket", domains=("food-chains",), summary={"fr": "Suit les paniers"})], 1)
    found = Finder(tmp_path).find(SearchQuery("amap à La Réunion", language="fr"), NOW)
    assert found.place_without_projects.countries == ("RE",)
    assert (found.total, found.is_guess, [word.surface for word in found.words]) == (1, False, ["amap"])
