"""Find the categories that people mean by their words: everyday words of every language, products that are not free,
labels.

The lists (`word_lists`) are read when a query is answered, not when the index is written: a new word is used from the
next start on. A category is always the slug of a term of the vocabulary `domain`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import contains

from catalog import vocabulary
from catalog.rules.country_rule import RULES
from catalog.search import inflections, normalize, stop_phrases, word_lists
from catalog.search.normalize import LANGUAGES, Word
from catalog.search.word_lists import PRODUCT

MAX_NAME_PIECES = 6  # words that the name of a product may be typed in: "hello asso", "you tube"
MIN_LETTERS_OF_SPLIT_NAME = 5  # letters of such a name, where it is written in other pieces than in the list

_CONJUNCTIONS = re.compile(
    r"\s*[,،]\s*(?:and |et )?|\s+(?:and|et|y|e)\s+|\s+و(?=\w)"
)  # what joins the parts of a label


@dataclass(frozen=True)
class Meaning:
    """Consecutive words of a query with the categories that people mean by them."""

    first: int  # place of its first word among the words that say what is looked for
    words: int
    phrase: str  # as it stands in the list
    # The closest first; empty where they mean something that is no category: "car loan". Beside categories also terms
    # of other lists, with the name of the list: "audience:seniors".
    domains: tuple[str, ...]
    product: bool = False  # a name of something that is not free
    says_who: bool = False  # it says who does something or for whom: "members" in "loan between members"

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(domain for domain in self.domains if is_category(domain))

    @property
    def places(self) -> range:
        return range(self.first, self.first + self.words)


_NONE = frozenset[str]()  # Python makes another one each time, of 200 bytes


@dataclass(frozen=True, slots=True)  # there are 9,000
class _Phrase:
    text: str
    words: tuple[str, ...]  # folded
    beside: frozenset[str]  # its small words, without which the one word left means something else: "all in one"
    domains: tuple[str, ...]
    as_it_is: bool = False  # its one word has no other form: "shares" is no "share"


@dataclass(frozen=True)
class _WordList:
    """The list of a language: its phrases by their first word, and its words as they are written."""

    phrases: Mapping[str, Sequence[_Phrase]]
    words: frozenset[str]  # folded
    spellings: Mapping[str, str]  # folded -> with accents, of what is said for a category
    near: Mapping[str, Sequence[str]]  # first letters -> folded
    aside: frozenset[str]
    as_written: frozenset[str]


def is_category(term: str) -> bool:
    """Whether a term that words mean is a category, not a term of another list."""
    return ":" not in term


def telling_words(text: str, language: str) -> list[Word]:
    """The words of a query that say what is looked for; all of them where none does.

    A small word of one language may say something in the reader's: "par" in "PAR 30".
    """
    words_as_written, own = _words_as_written(), _own_list(language)
    every = normalize.query_words(text, most=normalize.MAX_QUERY)
    every = [Word(word.surface, (), word.spelling) if word.surface in words_as_written else word for word in every]
    words = _without_small_words(every, own)
    return (words or every)[: normalize.MAX_QUERY_WORDS]


def has_telling_word(words: Sequence[Word], language: str) -> bool:
    """Whether any of the `words` that `telling_words` gave says what is looked for."""
    return bool(_without_small_words(words, _own_list(language)))


def _without_small_words(words: Sequence[Word], own: str | None) -> list[Word]:
    """`words` without the small words of the reader's language, then of any language; words of a phrase stay."""
    mine = _word_list(own) if own else None
    remaining = _drop_unless_in_phrase(words, mine.aside.__contains__, (PRODUCT,), own) if mine else words
    return _drop_unless_in_phrase(remaining, _small_words().__contains__, (PRODUCT, own) if own else (PRODUCT,), own)


def _drop_unless_in_phrase(
    words: Sequence[Word], aside: Callable[[str], bool], names: Sequence[str], own: str | None
) -> list[Word]:
    """`words` without those for which `aside` is true, unless they are part of a phrase of one of the lists `names`."""
    typed = frozenset(word.surface for word in words)
    places_in_phrases = {
        place for meaning, _ in _candidate_phrases(words, typed, own, names) for place in meaning.places
    }
    return [word for place, word in enumerate(words) if place in places_in_phrases or not aside(word.surface)]


def meanings_of(words: Sequence[Word], language: str, text: str) -> list[Meaning]:
    """The meanings of the `words` of a `text`, in order, for a reader of `language`; a word counts for one phrase.

    Phrases that mean no category of the list are included, with no domains ("car loan"), unless the same words mean a
    category too. Longer phrases win, then names of products and the reader's own language. Where that language has
    nothing, all others are used, and only words as they are written there: "cuota" and "quota" mean the same to one who
    reads the page in English, and a word of English ("region") is not looked up in any other language."""
    own = _own_list(language)
    near, typed = (
        (PRODUCT, own),
        frozenset(word.surface for word in words) | set(normalize.words(text[: normalize.MAX_QUERY])),
    )
    meanings = sorted(
        _candidate_phrases(words, typed, own), key=lambda pair: (-pair[0].words, pair[1] not in near, pair[0].first)
    )
    places: dict[int, tuple[int, int, bool]] = {}  # place -> first, words, and whether the reader's language said it
    chosen: list[Meaning] = []
    for meaning, name in meanings:
        mark = (meaning.first, meaning.words, name in near)
        if all(places.get(place, mark) == mark for place in meaning.places):
            places |= dict.fromkeys(meaning.places, mark)
            chosen.append(meaning)
    needed = {place for meaning in chosen if meaning.domains for place in meaning.places}
    phrases = (meaning for meaning in chosen if meaning.domains or not needed.issuperset(meaning.places))
    return sorted(phrases, key=lambda meaning: meaning.first)


def asks_for_oneself(text: str, language: str, meanings: Iterable[Meaning]) -> bool:
    """Whether a `text` asks for one thing for the person who asks, not for a group or for software.

    `meanings`: those of its words.
    """
    own = _own_list(language)
    words = normalize.words(text[: normalize.MAX_QUERY])
    return stop_phrases.asks_for_oneself(words, (own,) if own else LANGUAGES) and not any(
        meaning.says_who for meaning in meanings
    )


def is_small_word(word: str, language: str) -> bool:
    """Whether a folded word is a small word of the reader's language, which says nothing of what is looked for."""
    own = _own_list(language)
    return word in (_word_list(own).aside if own else _small_words())


def is_known_word(word: str, language: str) -> bool:
    """Whether a folded word is one of the reader's language, as far as the lists and the vocabularies hold it."""
    own = _own_list(language)
    return own is not None and (
        word in _known_words(own) or f"{word}s" in _known_words(own) or word.removesuffix("s") in _known_words(own)
    )


def is_listed_word(word: str, language: str) -> bool:
    """Whether a folded word is one that the reader's language says for a category."""
    own = _own_list(language)
    return own is not None and word in _word_list(own).spellings


@cache
def listed_spellings() -> tuple[tuple[str, str], ...]:
    """Language and word, for every word of the lists as it is written there: what somebody may have meant by a word
    that no record has. Names have the language PRODUCT.
    """
    words = ((name, word) for name in (*LANGUAGES, PRODUCT) for word in _word_list(name).spellings.values())
    return tuple(dict.fromkeys(pair for pair in words if pair[1].isalpha()))


def _own_list(language: str) -> str | None:
    """The name of the list of a reader's language; None where there is none."""
    base = language.partition("-")[0].lower()
    return base if base in LANGUAGES else None


def _candidate_phrases(
    words: Sequence[Word], typed: Set[str], own: str | None, names: Sequence[str] = (PRODUCT, *LANGUAGES)
) -> Iterator[tuple[Meaning, str]]:
    """Every phrase that some of the words form, with the name of its list; the closest phrases of the same words as one
    meaning.

    `typed`: every word of the text, small ones too.
    """
    for name in names:
        if name == PRODUCT:
            yield from ((meaning, name) for meaning in _product_names(words))
            continue
        phrases, forms = _word_list(name).phrases, [_listed_forms(word.surface, name, own) for word in words]
        alone = _label_words(name) if name == own else {}
        for first in range(len(words)):
            close: dict[int, dict[tuple[bool, int], list[_Phrase]]] = {}
            begun = (
                (phrase, exact)
                for form, exact in forms[first].items()
                for phrase in (*phrases.get(form, ()), *([alone[form]] if form in alone else ()))
            )
            for phrase, exact in begun:
                rest = forms[first + 1 : first + len(phrase.words)]
                whole = len(rest) == len(phrase.words) - 1 and all(map(contains, rest, phrase.words[1:]))
                if phrase.as_it_is and words[first].surface != phrase.words[0]:
                    continue
                if whole and phrase.beside <= typed and (rest or name == own or not _is_own_word(words[first], own)):
                    ranks = close.setdefault(len(phrase.words), {})
                    ranks.setdefault((exact, len(phrase.beside)), []).append(phrase)
            for length, phrases_of_length in close.items():
                closest = phrases_of_length[max(phrases_of_length)]
                domains = tuple(dict.fromkeys(domain for phrase in closest for domain in phrase.domains))
                who = _says_who(closest[0].words, name) or any(domain.startswith("audience:") for domain in domains)
                yield Meaning(first, length, closest[0].text, domains, says_who=who), name


@cache
def _says_who(words: tuple[str, ...], name: str) -> bool:
    """Whether folded words are, in singular or plural, among those of a language that say who."""
    every = [normalize.words(phrase) for phrase in word_lists.phrases_under(name, "who")]
    return any(
        len(words) == len(phrase) and all(map(inflections.differ_by_plural, words, phrase, [name] * len(phrase)))
        for phrase in every
    )


def _is_own_word(word: Word, own: str | None) -> bool:
    return own is not None and is_known_word(word.surface, own)


def _product_names(words: Sequence[Word]) -> Iterator[Meaning]:
    """The names of products among the words, however they were divided into words."""
    names = _joined_product_names()
    for first in range(len(words)):
        joined = ""
        for last in range(first, min(len(words), first + MAX_NAME_PIECES)):
            joined += words[last].surface
            phrase, length = names.get(joined), last - first + 1
            if phrase and (len(joined) >= MIN_LETTERS_OF_SPLIT_NAME or length == len(phrase.words)):
                yield Meaning(first, length, phrase.text, phrase.domains, True)


@lru_cache(maxsize=20_000)
def _listed_forms(surface: str, name: str, own: str | None) -> Mapping[str, bool]:
    """The words of a list that are forms of a word, and whether each is the word itself or its plural.

    In the list of another language than the reader's only the word and its plural.
    """
    listed = _word_list(name)
    forms = {surface: True} if surface in listed.words else {}
    if surface in _words_as_written():
        return forms
    like = inflections.are_forms if own in (name, None) or not surface.isascii() else inflections.differ_by_plural
    for beginning in inflections.lookup_keys(surface, name):
        for word in listed.near.get(beginning, ()):
            if word not in forms and word not in _words_as_written() and like(word, surface, name):
                forms[word] = inflections.differ_by_plural(word, surface, name)
    return forms


@cache
def _word_list(name: str) -> _WordList:
    aside, alone = (
        frozenset(normalize.words(word_lists.small_words(name))),
        word_lists.phrases_under(name, "no-other-form"),
    )
    phrases: dict[str, list[_Phrase]] = {}
    listed: set[str] = set()
    spelled: dict[str, str] = {}
    for phrase, domains in _phrases_with_categories(name):
        every = [
            (surface, spelling) for spelling in normalize.spellings(phrase) for surface in normalize.words(spelling)
        ]
        pairs = list(dict.fromkeys([pair for pair in every if pair[0] not in aside] or every))
        listed |= dict(pairs).keys()
        spelled |= pairs if domains else ()
        words = tuple(surface for surface, _ in pairs)
        small = [surface for surface, _ in every if surface not in words and len(words) == 1]
        beside = frozenset(small) if small else _NONE
        phrases.setdefault(words[0], []).append(_Phrase(phrase, words, beside, domains, phrase in alone))
    near: dict[str, list[str]] = {}
    if name != PRODUCT:
        for word in sorted(listed):
            for beginning in inflections.lookup_keys(word, name):
                near.setdefault(beginning, []).append(word)
    words_of_list = frozenset(
        word for phrase in word_lists.phrases_under(name, "as-written") for word in normalize.words(phrase)
    )
    return _WordList(phrases, frozenset(listed), spelled, near, aside, words_of_list)


@cache
def _label_words(name: str) -> Mapping[str, _Phrase]:
    """The words of a label that mean its category by themselves.

    No phrase of another category has them, except a wider category; and either the label joins them ("Microcredit and
    microfinance"), or no other label or definition has them.
    """
    categories, listed, phrases_by_label = vocabulary.vocabulary("domain"), _word_list(name), {}
    every = (phrase for group in listed.phrases.values() for phrase in group)
    phrases = (phrase for phrase in every if all(map(is_category, phrase.domains)))
    phrase_owners = _owners_by_word(
        name, ((domain, word) for phrase in phrases for domain in phrase.domains for word in phrase.words)
    )
    texts = [
        (vocabulary_name, term)
        for vocabulary_name in vocabulary.names()
        if vocabulary_name != RULES  # names of laws: what people call their need stands in them too
        for term in vocabulary.vocabulary(vocabulary_name).terms.values()
    ]
    text_owners = _owners_by_word(
        name,
        (
            (term.slug if vocabulary_name == "domain" else vocabulary_name, word)
            for vocabulary_name, term in texts
            for text in (term.label, term.definition)
            for word in normalize.words(text.get(name, ""))
        ),
    )
    for term in categories.terms.values():
        label = term.label.get(name, "")
        joined = {words[0] for part in _CONJUNCTIONS.split(label) if len(words := normalize.words(part)) == 1}
        wider = {term.slug, *categories.ancestors(term.slug)}
        for word in dict.fromkeys(normalize.words(label)):
            others = phrase_owners(word) - wider
            if word not in joined:
                others |= (
                    text_owners(word) - wider
                    if len(word) >= inflections.MIN_COMMON_LETTERS and word not in listed.aside
                    else {""}
                )
            if not others:
                phrases_by_label[word] = _Phrase(word, (word,), frozenset(), (term.slug,))
    return phrases_by_label


def _owners_by_word(name: str, pairs: Iterable[tuple[str, str]]) -> Callable[[str], set[str]]:
    """From pairs of an owner and a word, a function that gives the owners of all forms of a word."""
    near: dict[str, dict[str, set[str]]] = {}
    for owner, word in pairs:
        for beginning in inflections.lookup_keys(word, name):
            near.setdefault(beginning, {}).setdefault(word, set()).add(owner)

    def owners(word: str) -> set[str]:
        like = (pair for beginning in inflections.lookup_keys(word, name) for pair in near.get(beginning, {}).items())
        return {
            owner
            for known_word, known_owners in like
            if inflections.are_forms(word, known_word, name)
            for owner in known_owners
        }

    return owners


@cache
def _joined_product_names() -> Mapping[str, _Phrase]:
    """The names of products by their spelling as one word."""
    every = (phrase for group in _word_list(PRODUCT).phrases.values() for phrase in group)
    return {"".join(phrase.words): phrase for phrase in every}


@cache
def _known_words(name: str) -> frozenset[str]:
    terms = [
        term for vocabulary_name in vocabulary.names() for term in vocabulary.vocabulary(vocabulary_name).terms.values()
    ]
    texts = [text.get(name, "") for term in terms for text in (term.label, term.definition)]
    return frozenset(word for text in texts for word in normalize.words(text)) | set(_word_list(name).spellings)


def _phrases_with_categories(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Phrases with the categories that they mean: those of the list, every whole label; those of
    `elsewhere` with none; those of audiences also with what they mean there."""
    if name == PRODUCT:
        yield from word_lists.category_phrases()[PRODUCT].items()
        return
    for domain, phrases in word_lists.category_phrases()[name].items():
        yield from ((phrase, (domain,)) for phrase in phrases)
    for terms, phrases in word_lists.audience_phrases(name).items():
        yield from ((phrase, terms) for phrase in phrases)
    yield from ((phrase, ()) for phrase in word_lists.phrases_under(name, "elsewhere"))
    for term in vocabulary.vocabulary("domain").terms.values():
        if label := term.label.get(name):
            yield label, (term.slug,)


@cache
def _small_words() -> frozenset[str]:
    """The small words of all languages: "de" is one in three of them."""
    return frozenset(word for name in LANGUAGES for word in _word_list(name).aside)


@cache
def _words_as_written() -> frozenset[str]:
    return frozenset(word for name in LANGUAGES for word in _word_list(name).as_written)
