"""Build the queries of the engine from what a person typed and chose, as objects: no text of theirs is ever parsed.

`matching_query` and `filter_queries` select records without scores, as facets and totals need it; `scored_query` orders
the same records.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import tantivy
from tantivy import Occur

from catalog.rules.today import ACTIVE, ACTIVE_FOR, DORMANT, ENDED, LOOK_COUNTS_FOR, MAINTAINED_FOR, QUIET
from catalog.search import normalize
from catalog.search.adoption_terms import ADOPTION_FILTERS, asked_adoption_terms
from catalog.search.facets import BY_NAME
from catalog.search.index_document import WEIGHTS, facet_term
from catalog.search.normalize import Word
from catalog.search.synonyms import Meaning, is_category

VITALITY_VALUES = tuple(BY_NAME["alive"].labels)

MAX_VALUES = 50  # of one filter
MAX_VALUE = 100  # characters
MIN_PREFIX = 2  # letters; in scripts without spaces one is enough
SURE_PREFIX = 4  # letters, for a sure answer
SURE_STEM = 4  # letters, likewise: "loto" and "loterie" share three
STEM_SHARE = 0.7  # of the score of the word as written
EXACT_NAME = 10_000.0  # above any sum of the others
CATEGORY_SCORE = 14.0  # score for a word that means one of the record's categories: about what the word in a label adds
LONGER_PHRASE_SHARE = 0.6  # of that, for each further word of a phrase
MAIN_CATEGORY_SHARE = 2.0  # of that, added where the record names the category first
WHO_SHARE = 0.2  # of that, for words that say who, beside words that say what: a loan between members is a loan
# For a word that is a name (`TypedText.names`): with it a record that names the category further down, or only says the
# words, stands above one that is made for the category without it, also where three words mean the category.
NAMED_SCORE = 100.0
SAYS_SO_SHARE = (
    1.2  # of the score of a record made for a category: for a record that has the category and contains all the words
)
PHRASE_GAPS = 3  # places that may lie between two words of a phrase; two words in the other order are two places apart
MAX_WORDS_TOGETHER = 5  # words that are searched for as a phrase
# Fields in which words have to stand for a sure answer; features only where they mean a category ("drawing" among the
# features of a map is said in passing): docs/decisions/014-what-counts-as-an-answer.md.
FIELDS_OF_SURE_ANSWERS = ("name", "summary", "category", "context")
OTHER_PLACES_SHARE = 0.1  # of the scores of the other fields that have a word, added to the best one
# Added where the screens are in the reader's language, and where it is maintained: of what matches equally well.
READERS_LANGUAGE_SCORE = 0.3
MAINTAINED_SCORE = 0.5


@dataclass(frozen=True)
class TypedText:
    """What was typed: for each word the words that may stand for it, and the categories that some of the words mean."""

    words: Sequence[Sequence[Word]]
    meanings: Sequence[Meaning] = ()
    loose: bool = False  # no record has enough of the words: fewer are enough
    # Words that are names, each with the field that has them: of technology ("python"), or of what stands in names of
    # organizations only ("Lyon").
    names: Sequence[tuple[str, str]] = ()
    elsewhere: bool = False  # some of the words mean something that is no category of the list: "car loan", "for sale"
    guessed: Sequence[str] = ()  # categories that the words are likely about, though none of them says so

    @property
    def main_meanings(self) -> Sequence[Meaning]:
        """The meanings that do not only say who does something or for whom; all meanings where there is no other."""
        return [meaning for meaning in self.meanings if not meaning.says_who] or self.meanings

    def domains(self, place: int) -> list[str]:
        """The categories that the word at `place` is part of."""
        return [domain for meaning in self.meanings if place in meaning.places for domain in meaning.domains]


def matching_query(schema: tantivy.Schema, text: TypedText, key: str, language: str) -> tantivy.Query:
    """Query for records that contain what was typed, answer a category that it means, or have exactly that name.

    One or two words must all be there; of three and more, two thirds. Where that is too much (`text.loose`), half of
    three and more in what a record says of itself, and one of two in its name and categories.
    """
    query = term_query(schema, "exact", key)
    if not text.words:
        return query
    if text.loose:
        return _any([query, _loose_match(schema, text, language), *_category_queries(schema, text.guessed)])
    groups = _word_groups(schema, text)
    together = _at_least(len(groups) if len(groups) < 3 else len(groups) - len(groups) // 3, groups)
    return _any(
        [
            query,
            together,
            *(term_query(schema, field, word) for word, field in text.names if field == "organizations"),
            *_category_queries(schema, _meant_or_guessed(text)),
        ]
    )


def sure_answers_query(schema: tantivy.Schema, typed_text: TypedText, key: str, language: str) -> tantivy.Query:
    """Query for records that answer what was typed in their own description, not in passing in a README.

    One or two words must all be there, of more at least half: what somebody adds to the category is in no record. A
    word that means a category is answered by the category, or by a record that has the words as they are: a record that
    lends cars and mentions repairs does not repair cars. Words are inflected in the reader's language only: "los" is no
    form of "lose" in English. A record also answers by the exact name of an organization that uses it; where the words
    mean something else, by its own name and those names alone."""
    fields = (*FIELDS_OF_SURE_ANSWERS, *(["features"] if typed_text.meanings else []))
    ways = [term_query(schema, "exact", key), term_query(schema, "users", key)]
    if not typed_text.words or typed_text.elsewhere:
        return _any(ways)
    end = len(typed_text.words) - 1
    texts = [
        _any(
            [
                query
                for field in fields
                for query in _word_queries_in_language(schema, field, words, language, prefixed=at == end)
            ]
        )
        for at, words in enumerate(typed_text.words)
    ]
    categories = [_category_queries(schema, typed_text.domains(at)) for at in range(len(texts))]
    for groups in (
        texts,
        [_any(category) if category else text for category, text in zip(categories, texts, strict=True)],
    ):
        ways.append(_at_least(len(groups) if len(groups) < 3 else (len(groups) + 1) // 2, groups))
    return _any(ways)


def category_query(schema: tantivy.Schema, domain: str) -> tantivy.Query:
    """Query for records that answer a category."""
    return term_query(schema, "terms", meant_term(domain))


def word_query(schema: tantivy.Schema, word: Word, language: str) -> tantivy.Query:
    """Query for records that contain a word, a form of it in the reader's language, or a word that begins with it."""
    tokens = (word.surface, *normalize.marked_stems(word, language))
    starts = [prefix_query(schema, "words", word.surface)] if _may_be_prefix(word.surface) else []
    return _any([*(term_query(schema, "words", token) for token in tokens), *starts])


def filter_queries(
    schema: tantivy.Schema, filters: Mapping[str, tuple[str, ...]], now: datetime, but: str | None = None
) -> list[tantivy.Query]:
    """A query for each filter except `but`: any of its values. All that is said of an organization has to be true of
    one and the same adoption.
    """
    values_by_filter = {
        name: values for name, values in filters.items() if values and name != but and name not in ADOPTION_FILTERS
    }
    queries = [
        _any(
            [
                _value_query(schema, name, normalize.without_surrogates(value[:MAX_VALUE]), now)
                for value in values[:MAX_VALUES]
            ]
        )
        for name, values in values_by_filter.items()
    ]
    if terms := asked_adoption_terms(filters, but):
        queries.append(
            _any(
                [
                    term_query(schema, "adoptions", normalize.without_surrogates(use_term[: 4 * MAX_VALUE]))
                    for use_term in terms
                ]
            )
        )
    return queries


def place_queries(schema: tantivy.Schema, countries: Sequence[str]) -> list[tantivy.Query]:
    """A query for records of any of the countries that were read out of the text; none where there is none."""
    return [_any([term_query(schema, "places", country) for country in countries])] if countries else []


def text_and_filters_query(
    schema: tantivy.Schema, text: tantivy.Query | None, filters: Sequence[tantivy.Query]
) -> tantivy.Query:
    """Query for records that match `text` and every filter; all projects where there is neither."""
    parts = [text, *filters] if text is not None else list(filters)
    if not parts:
        return term_query(schema, "all", "project")
    return parts[0] if len(parts) == 1 else tantivy.Query.boolean_query([(Occur.Must, part) for part in parts])


def scored_query(
    schema: tantivy.Schema,
    records: tantivy.Query,
    text: TypedText,
    *,
    key: str,
    language: str,
    is_present: Mapping[str, bool],
    now: datetime,
) -> tantivy.Query:
    """`records`, with a score for how well each answers what was typed.

    `is_present`: the categories that any record has, and whether some record names them first.
    """
    spoken = term_query(schema, "terms", facet_term("language", language))
    parts = [
        (Occur.Must, tantivy.Query.const_score_query(records, 0.0)),
        (Occur.Should, tantivy.Query.const_score_query(term_query(schema, "exact", key), EXACT_NAME)),
    ]
    what = text.main_meanings
    aside = {place for meaning in text.meanings if meaning not in what for place in meaning.places}
    parts += [
        (Occur.Should, _share(_best_place_score(schema, words), WHO_SHARE if place in aside else 1.0))
        for place, words in enumerate(text.words)
    ]
    for meaning in text.meanings:
        main, share = (MAIN_CATEGORY_SHARE, 1.0) if meaning in what else (0.0, WHO_SHARE)
        parts.append((Occur.Should, _share(_category_score(schema, meaning, main, is_present), share)))
    parts += [(Occur.Should, query) for query in _phrase_scores(schema, text, language)]
    parts += [
        (Occur.Should, tantivy.Query.const_score_query(term_query(schema, field, word), NAMED_SCORE))
        for word, field in text.names
    ]
    parts += [
        (Occur.Should, tantivy.Query.const_score_query(term_query(schema, "replaces", key_of_product), NAMED_SCORE))
        for meaning in text.meanings
        if meaning.product and (key_of_product := normalize.name_key(meaning.phrase))
    ]
    parts += [
        (Occur.Should, tantivy.Query.const_score_query(category_query(schema, domain), CATEGORY_SCORE))
        for domain in text.guessed
    ]
    last = text.words[-1][0].surface if text.words else ""
    if _may_be_prefix(last):
        parts += [
            (Occur.Should, tantivy.Query.const_score_query(prefix_query(schema, field, last), WEIGHTS[field] / 2))
            for field in ("name", "category")
        ]
    # A query of its own, around the rest: most records have the language, and beside the words each of them would be
    # scored as well (among a million projects a quarter of the time that sorting takes).
    best = (Occur.Must, tantivy.Query.boolean_query(parts))
    return tantivy.Query.boolean_query(
        [
            best,
            (Occur.Should, tantivy.Query.const_score_query(spoken, READERS_LANGUAGE_SCORE)),
            (Occur.Should, tantivy.Query.const_score_query(maintained_query(schema, now), MAINTAINED_SCORE)),
        ]
    )


def alive_limits(now: datetime) -> tuple[int, int]:
    """Times of the last change (Unix seconds): before the first a project is dormant, from the second it is active."""
    return int((now - MAINTAINED_FOR).timestamp()), int((now - ACTIVE_FOR).timestamp())


def watched_query(schema: tantivy.Schema, now: datetime) -> tantivy.Query:
    """Projects at which somebody looked lately enough for the date of their last change to say what they are now."""
    since = int((now - LOOK_COUNTS_FOR).timestamp())
    return tantivy.Query.range_query(schema, "last_look", tantivy.FieldType.Integer, since, None)


def maintained_query(schema: tantivy.Schema, now: datetime) -> tantivy.Query:
    """Projects that changed in the last two years, as far as somebody looked lately."""
    return _any([_value_query(schema, "alive", value, now) for value in (ACTIVE, QUIET)])


def resting_query(schema: tantivy.Schema, key: str, now: datetime) -> tantivy.Query:
    """Projects that are dormant or ended, but those that are called so."""
    rest = _any([_value_query(schema, "alive", value, now) for value in (DORMANT, ENDED)])
    query = term_query(schema, "exact", key)
    return tantivy.Query.boolean_query([(Occur.Must, rest), (Occur.MustNot, query)])


def term_query(schema: tantivy.Schema, field: str, value: str) -> tantivy.Query:
    return tantivy.Query.term_query(schema, field, value, index_option="basic")


def meant_term(term: str) -> str:
    """What words mean (`Meaning.domains`) as it is in the field `terms`."""
    return facet_term("domain", term) if is_category(term) else normalize.without_surrogates(term)


def prefix_query(schema: tantivy.Schema, field: str, start: str) -> tantivy.Query:
    return tantivy.Query.fuzzy_term_query(schema, field, start, distance=0, prefix=True)


def _meant_or_guessed(text: TypedText) -> list[str]:
    return [*(domain for meaning in text.meanings for domain in meaning.domains), *text.guessed]


def _word_groups(schema: tantivy.Schema, text: TypedText) -> list[tantivy.Query]:
    end = len(text.words) - 1
    return [
        _any([*_word_queries(schema, words, at == end), *_category_queries(schema, text.domains(at))])
        for at, words in enumerate(text.words)
    ]


def _loose_match(schema: tantivy.Schema, text: TypedText, language: str) -> tantivy.Query:
    if len(text.words) < 3:
        every = [word for words in text.words for word in words]
        queries = [term_query(schema, "name", word.surface) for word in every]
        return _any([*queries, *_word_queries_in_language(schema, "category", every, language)])
    groups = [_any(_word_queries_in_language(schema, "own_words", words, language)) for words in text.words]
    return _at_least((len(groups) + 1) // 2, groups)


def _at_least(least: int, groups: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, group) for group in groups], least)


def _category_queries(schema: tantivy.Schema, domains: Iterable[str]) -> list[tantivy.Query]:
    return [category_query(schema, domain) for domain in dict.fromkeys(domains)]


def _category_score(
    schema: tantivy.Schema, meant: Meaning, main: float, is_present: Mapping[str, bool]
) -> tantivy.Query:
    """A score for the categories that words mean: a longer phrase leaves less doubt.

    A record that names the category first gets `main` times as much in addition: a record that is made for the category
    stands above one that also answers it, even where only the latter has the very word ("adhésions"). Where no record
    names the category first, every record that has it gets as much: else it would be lost beside another category ("an
    invoice for the town hall")."""
    score = CATEGORY_SCORE * (1 + (meant.words - 1) * LONGER_PHRASE_SHARE)
    scores = []
    for domain in meant.domains:
        every = score if is_present.get(domain) else score * (1 + main)
        scores.append(tantivy.Query.const_score_query(term_query(schema, "terms", meant_term(domain)), every))
        if main and is_present.get(domain):
            first = term_query(schema, "main_category", normalize.without_surrogates(domain))
            scores.append(tantivy.Query.const_score_query(first, score * (1 + main)))
    return tantivy.Query.disjunction_max_query(scores, 0.1)


def _phrase_scores(schema: tantivy.Schema, text: TypedText, language: str) -> list[tantivy.Query]:
    """Scores for records that have a category and contain, close together, the words of the phrase that means it, or
    all that was typed: such a record stands above one that is made for the category without these words ("tax
    receipt").

    Without the category the words mean something else: "member loans" of a body that issues shares are no loans to
    members."""
    if not text.meanings:
        return []
    groups = {tuple(meaning.places): list(meaning.domains) for meaning in text.meanings}
    groups.setdefault(
        tuple(range(len(text.words))), [domain for meaning in text.main_meanings for domain in meaning.domains]
    )
    scores = []
    for places, domains in groups.items():
        if not 1 < len(places) <= MAX_WORDS_TOGETHER or not domains:
            continue
        roots = [normalize.folded_stem(text.words[at][0].surface, language) for at in places]
        together = tantivy.Query.phrase_query(
            schema, "sentence_stems", list(roots), slop=PHRASE_GAPS * (len(places) - 1)
        )
        answers = tantivy.Query.boolean_query(
            [(Occur.Must, together), (Occur.Must, _any(_category_queries(schema, domains)))]
        )
        score = (
            CATEGORY_SCORE * (1 + (len(places) - 1) * LONGER_PHRASE_SHARE) * (1 + MAIN_CATEGORY_SHARE) * SAYS_SO_SHARE
        )
        scores.append(tantivy.Query.const_score_query(answers, score))
    return [tantivy.Query.disjunction_max_query(scores, 0.1)] if scores else []


def _may_be_prefix(word: str, letters: int = MIN_PREFIX) -> bool:
    return len(word) >= letters or (word != "" and normalize.is_unspaced(word))


def _word_queries(schema: tantivy.Schema, words: Iterable[Word], last: bool) -> list[tantivy.Query]:
    tokens = dict.fromkeys(token for word in words for token in (word.surface, *word.stems))
    queries = [term_query(schema, "words", token) for token in tokens]
    starts = [word.surface for word in words if last and _may_be_prefix(word.surface)]
    return queries + [prefix_query(schema, "words", start) for start in starts]


def _word_queries_in_language(
    schema: tantivy.Schema, field: str, words: Sequence[Word], language: str, prefixed: bool = False
) -> list[tantivy.Query]:
    """Queries for the words as they are, and for their forms in the reader's language."""
    stems = [stem for word in words for stem in normalize.marked_stems(word, language) if len(stem) > SURE_STEM]
    queries = [term_query(schema, field, token) for token in dict.fromkeys([*(word.surface for word in words), *stems])]
    starts = [word.surface for word in words if prefixed and _may_be_prefix(word.surface, SURE_PREFIX)]
    return queries + [prefix_query(schema, field, start) for start in starts]


def _share(query: tantivy.Query, share: float) -> tantivy.Query:
    return query if share == 1.0 else tantivy.Query.boost_query(query, share)


def _best_place_score(schema: tantivy.Schema, words: Sequence[Word]) -> tantivy.Query:
    """A score for the best place in which a record has one of the words."""
    tokens: dict[str, float] = {}
    for word in words:
        tokens[word.surface] = 1.0
        tokens.update(dict.fromkeys(word.stems, STEM_SHARE))
    places = [
        tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, token, "freq"), weight * share)
        for field, weight in WEIGHTS.items()
        for token, share in tokens.items()
    ]
    return tantivy.Query.disjunction_max_query(places, OTHER_PLACES_SHARE)


def _value_query(schema: tantivy.Schema, name: str, value: str, now: datetime) -> tantivy.Query:
    query = term_query(schema, "terms", facet_term(name, value))
    if name != "alive" or value == "ended":
        return query
    asleep, active = alive_limits(now)
    limits = {"active": (active, None), "quiet": (asleep, active - 1), "asleep": (None, asleep - 1)}
    if value not in limits:
        return tantivy.Query.empty_query()
    changed = tantivy.Query.range_query(schema, "last_change", tantivy.FieldType.Integer, *limits[value])
    by_date = tantivy.Query.boolean_query([(Occur.Must, changed), (Occur.Must, watched_query(schema, now))])
    return _any([by_date, query])


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])
