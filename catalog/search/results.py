"""Answer a query of the find page: which projects, in which order, and how many each filter would leave.

One answer reads one commit of the index. It holds identities and numbers; names and sentences come from the store. A
project that is not free software, or of which no free license is known, is found like any other with five sixths of its
score: it stands below an equal free one. By relevance, what is dormant or has ended comes after all others, unless it
is called so.
The sort by use counts confirmed adoptions alone (decision 067, rule 2).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import tantivy
from tantivy import Order

from catalog.search import (
    country_names,
    index_document,
    likely_categories,
    misspelt,
    normalize,
    project_names,
    query_builder,
    synonyms,
)
from catalog.search.adoption_terms import ADOPTION_FILTERS, FACETED_ADOPTION_FILTER
from catalog.search.country_names import Place
from catalog.search.facets import BY_NAME, CLAIM_FILTERS
from catalog.search.misspelt import FEW_RESULTS
from catalog.search.normalize import Word
from catalog.search.query_builder import TypedText
from catalog.search.snapshot import IndexSnapshot
from catalog.search.synonyms import Meaning

SORTS = ("best", "uses", "recent", "name")
MAX_PER_PAGE = 100
MAX_TERMS = 5_000  # of all facets together
MAX_CATEGORIES = 3
# A result that has less than this share of the score before it, and all behind it, are less close; the best few never
# set others apart: a name that was typed exactly scores twice what answers a need.
CLOSE_SHARE = 0.65
MIN_CLOSE = 3
# Below a fifth of all records it is faster to read each record's terms than each term's records (100,000 records, ten
# facets: equal at about a quarter).
NARROW_DIVISOR = 5
_ORDERS = {"uses": ("used", Order.Desc), "recent": ("recent", Order.Desc), "name": ("title", Order.Asc)}
_TERMS, _ALIVE = "terms", "alive"  # names of the aggregations


@dataclass(frozen=True)
class SearchQuery:
    """What was typed and chosen. Any value of a filter, but all filters must match (`facets.FACETS`)."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "best"  # best | uses | recent | name
    page: int = 1  # from 1; a page past the end is empty
    per_page: int = 20  # at most MAX_PER_PAGE
    language: str = "en"  # of the reader: orders what matches equally well
    # Names of ADOPTION_FILTERS with the values to be counted, each by a query of its own, since no facet counts what is
    # true of one adoption: some forty on the page of filters.
    ours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    literal: tuple[str, ...] = ()  # words of the text that name no country, though they are read so by themselves
    places: tuple[str, ...] = ()  # countries that were read out of the text, which no longer names them


@dataclass(frozen=True)
class SearchResult:
    """The answer. Counts of a facet hold under the text and all other filters, the commonest value first."""

    total: int
    ids: list[UUID]
    facets: dict[str, list[tuple[str, int]]]
    corrected: str | None = None  # what may have been meant, as a text to search for
    approximate: bool = False  # no record has what was typed: these are the results for `corrected` and similar words
    # Some record answers the text, as it was typed, in its own description; False for an approximate answer, and where
    # one of the words is in no record.
    confident: bool = True
    words: tuple[Word, ...] = ()  # what was looked for, small words left out; as corrected, where it was
    meanings: tuple[Meaning, ...] = ()  # the categories that some of them mean
    searched: int = 0  # free projects in the index, as all pages count
    context: int = 0  # of `total`, where neither words nor filters were given: shown as context only, not free
    # Only when fewer than FEW were found: how many there are without this value of a filter; and, when there is
    # nothing, at ("text", "") without the text.
    without: dict[tuple[str, str], int] = field(default_factory=dict)
    close: int = 0  # of `ids`: from there on they answer the words much less than the best does
    living: int = 0  # of `ids`: from there on they are dormant or ended
    # For each filter of claims that was chosen: how many projects match all other filters and lack such a claim.
    without_claim: dict[str, int] = field(default_factory=dict)
    place: Place | None = None  # countries that the text names: only projects of these were searched
    place_without_projects: Place | None = None  # those of which no project answers the rest: all were searched

    @property
    def answered(self) -> bool:
        """Whether something that was found answers the words."""
        return self.total > 0 and self.confident

    @property
    def is_guess(self) -> bool:
        """Whether the words mean no category, name or feature: then the first of what was found are suggestions. One
        word alone may mean something else beside others that nobody knows ("tractor" in "used tractor for sale"), a
        phrase does not; nor is a name that is like one of several words what was asked for. Of 3,548 everyday phrases
        it answers 91.6 %, and 94.3 % of 652 beside the scope are a guess; if single words that are half of what was
        typed were enough, 75.8 % (3 December 2026)."""
        meant = max((m.words for m in self.meanings if m.domains and not m.says_who), default=0)
        near = self.approximate and (meant > 0 or len(self.words) == 1)
        return bool(self.words) and self.total > 0 and not (self.confident or near or meant > 1)

    @property
    def categories(self) -> tuple[str, ...]:
        """Terms of the vocabulary `domain` that the words mean, longer phrases first, those that say who last; at most
        MAX_CATEGORIES."""
        longest = sorted(self.meanings, key=lambda meaning: (meaning.says_who, -meaning.words))
        every = [domain for meaning in longest for domain in meaning.categories[:1]]
        every += [domain for meaning in longest for domain in meaning.categories]
        return tuple(dict.fromkeys(every))[:MAX_CATEGORIES]

    @property
    def products(self) -> tuple[str, ...]:
        """Names of products that are not free, among the words."""
        return tuple(meaning.phrase for meaning in self.meanings if meaning.product)


def check_query(query: SearchQuery) -> None:
    """Raises ValueError for a filter or a sort that does not exist."""
    unknown = sorted(set(query.filters) - set(BY_NAME))
    if unknown:
        raise ValueError(f"there is no filter {unknown[0]!r}; there are {', '.join(BY_NAME)}")
    if query.sort not in SORTS:
        raise ValueError(f"there is no sort {query.sort!r}; there are {', '.join(SORTS)}")


def find_projects(opened: IndexSnapshot, query: SearchQuery, now: datetime) -> SearchResult:
    """What `query` finds in `opened`. The caller has checked the query."""
    text = project_names.with_read_addresses(opened, query.text)
    query = replace(query, text=project_names.with_joined_names(opened, text))
    place = _place_read(opened, query)
    if place is None:
        return _projects_by_text(opened, query, now)
    result = _projects_by_text(opened, replace(query, text=place.rest, places=place.countries), now)
    if result.total or any(query.filters.values()):
        return replace(result, place=place)
    anywhere = _projects_by_text(opened, replace(query, text=place.rest), now)
    if not anywhere.total:  # then the word may be no country: "بوتون" is also how Arabic hears "button"
        anywhere = _projects_by_text(opened, query, now)
    return replace(anywhere, place_without_projects=place)


def _place_read(opened: IndexSnapshot, query: SearchQuery) -> Place | None:
    """The countries that the text names, unless it is a name of a project or of an organization as it stands."""
    if not query.text.strip():
        return None
    literal = {word for phrase in query.literal for word in normalize.words(phrase[: normalize.MAX_QUERY])}

    def read(other_words: Set[str]) -> Place | None:
        small = partial(synonyms.is_small_word, language=query.language)
        return country_names.places_in(query.text, query.language, other_words, small)

    key = normalize.name_key(query.text)
    if read(literal) is None or any(opened.searcher.doc_freq(field, key) for field in ("exact", "users")):
        return None
    words = synonyms.telling_words(query.text, query.language)
    meanings = synonyms.meanings_of(words, query.language, query.text)
    # Not by another form of a word that means nothing here: "brasileiros" is no form of the football league's name.
    other_words = {
        words[place].surface
        for meaning in meanings
        for place in meaning.places
        if meaning.domains or meaning.words > 1 or normalize.name_key(meaning.phrase) == words[place].surface
    }
    return read(other_words | literal)


def _projects_by_text(opened: IndexSnapshot, query: SearchQuery, now: datetime) -> SearchResult:
    filters = {name: values for name, values in query.filters.items() if values}
    if not query.text.strip():
        return _Search(opened, query, filters, now, TypedText(()), None).result()
    words, key = synonyms.telling_words(query.text, query.language), normalize.name_key(query.text)
    meanings = synonyms.meanings_of(words, query.language, query.text)
    for_oneself = synonyms.asks_for_oneself(query.text, query.language, meanings)
    is_name = opened.count(query_builder.term_query(opened.schema, "exact", key)) > 0
    if not is_name and not meanings and _has_no_telling_words(words, query):
        # "Used in Brazil" asks for what is used there, and is answered by that.
        return _Search(opened, query, filters, now, TypedText((), loose=not query.places), None).result()
    search = _Search(
        opened,
        query,
        filters,
        now,
        _wanted_text(opened, query, [[word] for word in words], meanings, for_oneself),
        key,
    )
    if is_name:
        return search.result()
    understood = {place for meaning in meanings for place in meaning.places}
    doubtful = [word for place, word in enumerate(words) if place not in understood]
    unsaid = misspelt.unsaid_words(opened, doubtful, query.language)
    strange = [word for word in unsaid if not synonyms.is_known_word(word.surface, query.language)]
    enough = search.confident and (search.total >= FEW_RESULTS or search.records_of_text >= FEW_RESULTS)
    if enough and not unsaid:
        return search.with_guess().result()
    records = search.records_of_text
    # A word that only begins others ("survei" begins "surveillance") may be a name too, where not enough was found.
    begun = [] if enough else [word for word in doubtful if not misspelt.is_written(opened, word, query.language)]
    small = partial(synonyms.is_small_word, language=query.language)
    if heard := project_names.meant_name(opened, query.text, unsaid, begun, small):
        text, better = project_names.with_heard_name(query.text, heard)
        named_words = synonyms.telling_words(text, query.language)
        named_meanings = synonyms.meanings_of(named_words, query.language, text)
        nearly = _wanted_text(opened, query, [[word] for word in named_words], named_meanings, for_oneself)
        return _Search(opened, query, filters, now, nearly, normalize.name_key(text)).result(better, approximate=True)
    if near := misspelt.respelling_candidates(opened, strange, query.language):
        respelled = misspelt.with_candidates(words, near)
        respelled_meanings = synonyms.meanings_of([choices[0] for choices in respelled], query.language, query.text)
        nearly = _wanted_text(opened, query, respelled, respelled_meanings, for_oneself)
        # A similar word that answers nothing was not meant either: "dairy" is no "diary".
        if _Search(opened, query, {}, now, nearly, key).confident:
            better = misspelt.corrected_text(query.text, words, near)
            # Also where the other words find enough: "volenteer hours log" found whatever has hours and logs.
            if not records or misspelt.completes_a_category(
                words, near, respelled_meanings, answered=search.confident and bool(meanings)
            ):
                return _Search(opened, query, filters, now, nearly, key).with_guess().result(better, approximate=True)
            if not enough:
                return search.with_guess().result(better, strange=True)
    if enough:
        return search.with_guess().result(strange=bool(strange))
    if not records and len(words) > 1:
        loose = _wanted_text(opened, query, [[word] for word in words], meanings, for_oneself, loose=True)
        return _Search(opened, query, filters, now, loose, key).with_guess().result()
    return search.with_guess().result()


class _Search:
    """One query on one commit of the index: the text as words that may stand for each word typed, and the filters."""

    def __init__(
        self,
        opened: IndexSnapshot,
        query: SearchQuery,
        filters: Mapping[str, tuple[str, ...]],
        now: datetime,
        text: TypedText,
        key: str | None,
    ):
        self._opened, self._query, self._filters, self._now = opened, query, filters, now
        self._wanted, self._key, self._schema = text, key, opened.schema
        self._text = None if key is None else query_builder.matching_query(opened.schema, text, key, query.language)
        self._records = self._set(filters)

    def with_guess(self) -> "_Search":
        """The same search, also for what the words are likely about, where no word means a category outright and none
        is a name."""
        says_what = any(not meaning.says_who for meaning in self._wanted.meanings)
        meant = {place for meaning in self._wanted.meanings for place in meaning.places}
        if says_what or self._wanted.elsewhere or self._wanted.names or len(meant) == len(self._wanted.words):
            return self
        if any(self._opened.searcher.doc_freq("exact", words[0].surface) for words in self._wanted.words):
            return self
        likely = likely_categories.likely_categories(self._query.text, self._query.language)
        own = {domain for meaning in self._wanted.meanings for domain in meaning.domains}
        guessed = [domain for domain in likely if domain not in own]
        if not guessed:
            return self
        text = replace(self._wanted, guessed=guessed)
        return _Search(self._opened, self._query, self._filters, self._now, text, self._key)

    @cached_property
    def records_of_text(self) -> int:
        """How many records match the text, without the filters."""
        return self._opened.count(self._set({})) if self._filters else self.total

    @property
    def total(self) -> int:
        return self.page[0]

    @cached_property
    def close(self) -> int:
        """How many of the page's results stand before the first sharp drop of the scores of those that live, looked for
        among as many as a first page has."""
        scores = self.page[2]
        if not scores:
            return self.page[3]
        first = scores if self._query.page <= 1 else self._first_scores()
        least = next(
            (before for before, after in list(pairwise(first))[MIN_CLOSE - 1 :] if after < before * CLOSE_SHARE), 0.0
        )
        return sum(score >= least for score in scores)

    @cached_property
    def confident(self) -> bool:
        """Whether some record, of the countries that the text names, answers it in its own description, without the
        filters."""
        if self._key is None:
            return True
        sure = query_builder.sure_answers_query(self._schema, self._wanted, self._key, self._query.language)
        there = query_builder.place_queries(self._schema, self._query.places)
        return self._opened.count(query_builder.text_and_filters_query(self._schema, sure, there)) > 0

    @cached_property
    def page(self) -> tuple[int, list[UUID], list[float], int]:
        """How many records there are, the identities of those on the page that was asked for, in the order of relevance
        the scores of those that live, the highest first, and how many live: in this order they come first."""
        return self._page()

    def result(self, corrected: str | None = None, approximate: bool = False, strange: bool = False) -> SearchResult:
        """The answer. `strange`: one of the words is unknown."""
        total, ids, *_ = self.page
        context = self._opened.count(query_builder.term_query(self._schema, "terms", index_document.CONTEXT_TERM))
        return SearchResult(
            total,
            ids,
            self._facets(total),
            corrected,
            approximate,
            not approximate and not strange and not self._wanted.loose and self.confident,
            tuple(words[0] for words in self._wanted.words),
            (*self._wanted.meanings, *(Meaning(0, 0, "", (domain,)) for domain in self._wanted.guessed)),
            max(0, self._opened.searcher.num_docs - 1 - context),  # one document counts changes
            0 if self._query.text.strip() or self._filters or self._query.places else context,
            {} if total >= FEW_RESULTS else self._without(),
            self.close,
            self.page[3],
            self._silent_counts(),
        )

    def _silent_counts(self) -> dict[str, int]:
        chosen = [name for name in CLAIM_FILTERS if self._filters.get(name)]
        if not chosen:
            return {}
        rest = {name: values for name, values in self._filters.items() if name not in CLAIM_FILTERS}
        every = self._opened.count(self._set(rest))
        answered = {name: self._opened.count(self._set({**rest, name: self._filters[name]})) for name in chosen}
        return {name: every - count for name, count in answered.items() if count < every}

    def _set(self, filters: Mapping[str, tuple[str, ...]], but: str | None = None) -> tantivy.Query:
        return query_builder.text_and_filters_query(self._schema, self._text, self._filter_queries(filters, but))

    def _filter_queries(self, filters: Mapping[str, tuple[str, ...]], but: str | None = None) -> list[tantivy.Query]:
        queries = query_builder.filter_queries(self._schema, filters, self._now, but)
        return queries + query_builder.place_queries(self._schema, self._query.places)

    def _scored(self) -> tantivy.Query:
        assert self._key is not None
        return query_builder.scored_query(
            self._schema,
            self._records,
            self._wanted,
            key=self._key,
            language=self._query.language,
            is_present=self._held(),
            now=self._now,
        )

    def _ids(self, places: Sequence[Any]) -> list[UUID]:
        halves = (self._opened.searcher.fast_field_values(half, places) for half in ("id_high", "id_low"))
        return index_document.ids_from_halves(*halves) if places else []

    def _first_scores(self) -> list[float]:
        per_page = min(max(1, self._query.per_page), MAX_PER_PAGE)
        hits = self._best(tantivy.Occur.MustNot, per_page, 0).hits
        return [float(score) for score, _ in hits]

    def _best(self, resting: tantivy.Occur, limit: int, offset: int) -> Any:
        """Those of the records that rest, or do not, the best first."""
        assert self._key is not None
        rest = tantivy.Query.const_score_query(query_builder.resting_query(self._schema, self._key, self._now), 0.0)
        parts = [(tantivy.Occur.Must, self._scored()), (resting, rest)]
        query = tantivy.Query.boolean_query(parts)
        return self._opened.searcher.search(query, limit, True, None, offset, Order.Desc, "weight")

    def _page(self) -> tuple[int, list[UUID], list[float], int]:
        searcher, per_page = self._opened.searcher, min(max(1, self._query.per_page), MAX_PER_PAGE)
        # For a page far beyond the end the engine would reserve that many places.
        offset = min((max(1, self._query.page) - 1) * per_page, searcher.num_docs)
        scores: list[float] = []
        if self._by_relevance:
            living = self._best(tantivy.Occur.MustNot, per_page, offset)
            scores = [float(score) for score, _ in living.hits]
            left, passed = per_page - len(scores), max(0, offset - int(living.count))
            resting = self._best(tantivy.Occur.Must, max(1, left), passed)
            hits, total = [*living.hits, *resting.hits[:left]], int(living.count) + int(resting.count)
        else:
            by, order = _ORDERS.get(self._query.sort, ("rank", Order.Desc))
            result = searcher.search(self._records, per_page, True, by, offset, order)
            hits, total = result.hits, int(result.count)
        places = [place for _, place in hits]
        return total, self._ids(places), scores, len(scores) if scores or self._by_relevance else len(places)

    @property
    def _by_relevance(self) -> bool:
        return self._query.sort == "best" and self._key is not None

    def _held(self) -> dict[str, bool]:
        """The categories meant that any record has, and whether some record names them first."""
        count = self._opened.searcher.doc_freq
        categories = {domain for meaning in self._wanted.meanings for domain in meaning.domains}
        filters = (category for category in categories if count("terms", query_builder.meant_term(category)))
        return {category: count("main_category", normalize.without_surrogates(category)) > 0 for category in filters}

    def _facets(self, total: int) -> dict[str, list[tuple[str, int]]]:
        facets: dict[str, list[tuple[str, int]]] = {name: [] for name in BY_NAME}
        if total:
            self._count(facets, self._records, total, [name for name in facets if name not in self._filters])
        for name in self._filters:
            self._count(facets, self._set(self._filters, but=name), self._opened.searcher.num_docs, [name])
        for name in ADOPTION_FILTERS:
            if name == FACETED_ADOPTION_FILTER and not any(
                self._filters.get(other_name) for other_name in ADOPTION_FILTERS if other_name != name
            ):
                continue
            values = self._query.ours.get(name, ())
            counts = [(value, self._opened.count(self._set({**self._filters, name: (value,)}))) for value in values]
            facets[name] = sorted((pair for pair in counts if pair[1]), key=lambda pair: (-pair[1], pair[0]))
        return facets

    def _count(
        self, facets: dict[str, list[tuple[str, int]]], records: tantivy.Query, total: int, names: list[str]
    ) -> None:
        """Fill `facets` of these `names` with the counts over `records`, which are about `total`."""
        searcher, start = self._opened.searcher, f"{names[0]}:" if len(names) == 1 else ""
        if total * NARROW_DIVISOR > searcher.num_docs:
            counts = searcher.terms_with_prefix("terms", start, records, MAX_TERMS)
        else:
            counted = searcher.aggregate(records, {_TERMS: {"terms": {"field": "terms", "size": MAX_TERMS}}})
            counts = _buckets(counted, _TERMS)
        by_term = dict(counts)
        for key, count in self._count_by_date(records) if "alive" in names else ():
            term = index_document.facet_term("alive", key)
            by_term[term] = by_term.get(term, 0) + count
        for term, count in sorted(by_term.items(), key=lambda pair: (-pair[1], pair[0])):
            name, _, value = term.partition(":")
            if count and name in names:
                facets[name].append((value, count))

    def _count_by_date(self, records: tantivy.Query) -> list[tuple[str, int]]:
        """How many of the records are active, have little activity, or are dormant by the date of their last change."""
        asleep, active = query_builder.alive_limits(self._now)
        ranges = [{"key": "asleep", "to": asleep}, {"key": "quiet", "from": asleep, "to": active}]
        ranges.append({"key": "active", "from": active})
        watched = query_builder.text_and_filters_query(
            self._schema, records, [query_builder.watched_query(self._schema, self._now)]
        )
        counted = self._opened.searcher.aggregate(
            watched, {_ALIVE: {"range": {"field": "last_change", "ranges": ranges}}}
        )
        return [pair for pair in _buckets(counted, _ALIVE) if pair[0] in query_builder.VITALITY_VALUES]

    def _without(self) -> dict[tuple[str, str], int]:
        counts: dict[tuple[str, str], int] = {}
        for name, values in self._filters.items():
            for value in values:
                remaining = {
                    **self._filters,
                    name: tuple(other_value for other_value in values if other_value != value),
                }
                counts[name, value] = self._opened.count(self._set(remaining))
        if self._text is not None and not self.total:
            filters = query_builder.filter_queries(self._schema, self._filters, self._now)
            counts["text", ""] = self._opened.count(query_builder.text_and_filters_query(self._schema, None, filters))
        return counts


def _buckets(aggregation: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    return (
        [(bucket["key"], int(bucket["doc_count"])) for bucket in aggregation[name]["buckets"]]
        if name in aggregation
        else []
    )


def _has_no_telling_words(words: Sequence[Word], query: SearchQuery) -> bool:
    """Whether a text asks without saying for what: "I am looking for free software" is about every project.

    If they were searched for, such words would find any README with two of them. A single small word is searched for.
    """
    asks = len(words) > 1 or bool(query.places) or (not words and bool(normalize.words(query.text)))
    return asks and not synonyms.has_telling_word(words, query.language)


def _wanted_text(
    opened: IndexSnapshot,
    query: SearchQuery,
    words: Sequence[Sequence[Word]],
    meanings: Sequence[Meaning],
    for_oneself: bool = False,
    loose: bool = False,
) -> TypedText:
    """`words` with the categories that they mean, those that are names, and whether some mean something that is no
    category of the list."""
    categories = [meaning for meaning in meanings if meaning.domains]
    surfaces = list(dict.fromkeys(word.surface for choices in words for word in choices))
    names = [(word, field) for word in surfaces if (field := _field_of_name(opened, word, query.language))]
    if len(surfaces) == 1:
        names += [(name, "name") for name in _names_of_misspelling(opened, surfaces[0], query.language)]
    return TypedText(words, categories, loose, names, for_oneself or len(categories) < len(meanings))


def _field_of_name(opened: IndexSnapshot, word: str, language: str) -> str | None:
    """The field that has a word as a name: of technology, or of organizations, where hardly any record says the word
    of itself; None for words of the reader's language."""
    records = opened.searcher.doc_freq
    if synonyms.is_listed_word(word, language):
        return None
    if records("technology", word):
        return "technology"
    if synonyms.is_known_word(word, language) or records("own_words", word) >= records("organizations", word):
        return None
    return "organizations"


def _names_of_misspelling(opened: IndexSnapshot, word: str, language: str) -> list[str]:
    """The names of projects that a word may be by one letter, where no record and no list has it as it is: "decidin"
    is also understood as a form of "decidir"."""
    if opened.searcher.doc_freq("words", word) or synonyms.is_listed_word(word, language):
        return []
    if synonyms.is_known_word(word, language) or synonyms.is_small_word(word, language):
        return []
    return [near.surface for near in project_names.names_near(opened, word) if near.distance == 1]
