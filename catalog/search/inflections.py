"""Decide by their endings whether two folded words are forms of one word, as singular and plural are, by language.

Stems are too coarse for this: Snowball gives "association" and "associés" the same stem, "loyer" and "loi", "lista" and
"listo". Here two words begin alike and end in endings of the same list; a word derived from another ("cotisant" from
"cotisation") is another word, and has its own line in the word lists.
"""

from collections.abc import Iterator, Mapping, Sequence

MIN_COMMON_LETTERS = 4  # letters that two forms begin with
MIN_COMMON_LETTERS_OF_PLURAL = 3  # likewise, where the difference is only a plural or an Arabic suffix

_PLURALS = {
    "en": ("", "s", "es"),
    "fr": ("", "s", "x"),
    "es": ("", "s", "es"),
    "pt": ("", "s", "es"),
    "ar": ("", "ات", "ين", "ون", "ان", "نا", "هم", "ها"),
}
# Endings of nouns and adjectives, and of verbs: the endings of all forms of a word are in one of the two lists.
_ENDINGS = {
    "en": ("- s es y ies", "- s d ed e es ing y ied ies"),
    "fr": ("- s x e es ee ees l le les ux f fs ve ves ne nes", "- r e er ez z nt ent ns ons ant ee ees"),
    "es": (
        "- s es a as o os e z ces",
        "- r ar er ir a an e en o n mos amos emos imos ado ada ados adas ido ida do da dos das ando iendo ndo",
    ),
    "pt": (
        "- s es a as o os e ao oes aes aos l is eis m ns",
        "- r ar er ir a am e em o m mos amos emos imos ado ada ados adas ido ida do da dos das ando endo indo ndo",
    ),
    "ar": ("- ه ات ين ون ان نا هم ها تنا تهم تها ته تي", ""),
}
_ENDING_SETS = {
    language: [frozenset("" if ending == "-" else ending for ending in endings.split()) for endings in both if endings]
    for language, both in _ENDINGS.items()
}
# What a plural may end in and what its singular ends in, where the stemmer gives the two different stems ("reçus",
# "crédits", "ações", "actas", "جمعيات"); with accents and without. English needs none. Of 2,176 pairs of singular and
# plural in our lists, vocabularies and records 309 shared no stem without this, ten with it: six have three letters
# ("fim", "fins"), four are no plurals (November 2026). It costs a second stemming of each word that is not cached.
_SINGULARS = {
    "fr": "aux:al aux:ail x: s:",
    "es": "ces:z es: s:",
    "pt": "ões:ão ães:ão ãos:ão oes:ao aes:ao ais:al éis:el eis:el eis:il óis:ol ois:ol is:il ns:m res:r zes:z s:",
    "ar": "ات: ات:ة ين: ون:",
}
_SINGULAR_ENDINGS: Mapping[str, Sequence[tuple[str, str]]] = {
    language: [
        (plural_ending, singular_ending)
        for plural_ending, _, singular_ending in (pair.partition(":") for pair in pairs.split())
    ]
    for language, pairs in _SINGULARS.items()
}
_MIN_SINGULAR_LETTERS = (
    3  # letters of a singular; one more where its end is another than the plural's: "mais" is no plural of "mal"
)
_ARABIC_PREFIXES = "وبل"  # Arabic writes "and", "with", "for" before a word
_MIN_LETTERS_AFTER_PREFIX = 4  # letters that such a word has at least


def are_forms(word: str, other_word: str, language: str) -> bool:
    """Whether two folded words are forms of one word in a language of `normalize.LANGUAGES`."""
    return any(
        _are_forms_without_prefix(bare, other_bare, language)
        for bare in with_and_without_prefix(word, language)
        for other_bare in with_and_without_prefix(other_word, language)
    )


def differ_by_plural(word: str, other_word: str, language: str) -> bool:
    """Whether they are the same word or differ by a plural: for languages that the reader may not know."""
    return _differ_in_endings_only(word, other_word, _PLURALS[language], MIN_COMMON_LETTERS_OF_PLURAL)


def singulars(spelling: str, language: str) -> list[str]:
    """What a word may be the plural of, by its ending; for a word that is no plural this is no word, and finds nothing.

    >>> singulars("reçus", "fr")
    ['reçu']
    """
    return [
        spelling[: -len(plural_ending)] + singular_ending
        for plural_ending, singular_ending in _SINGULAR_ENDINGS.get(language, ())
        if spelling.endswith(plural_ending)
        and len(spelling) - len(plural_ending) + len(singular_ending) >= _MIN_SINGULAR_LETTERS + bool(singular_ending)
    ]


def with_and_without_prefix(word: str, language: str) -> tuple[str, ...]:
    """`word`, and in Arabic also without its first letter where this may be a word of its own."""
    if language == "ar" and len(word) > _MIN_LETTERS_AFTER_PREFIX and word[0] in _ARABIC_PREFIXES:
        return word, word[1:]
    return (word,)


def lookup_keys(word: str, language: str) -> Iterator[str]:
    """The first letters that all forms of a word share: keys to look words up by."""
    return (bare[:MIN_COMMON_LETTERS_OF_PLURAL] for bare in with_and_without_prefix(word, language))


def _are_forms_without_prefix(word: str, other_word: str, language: str) -> bool:
    if word == other_word or differ_by_plural(word, other_word, language):
        return True
    return any(
        _differ_in_endings_only(word, other_word, endings, MIN_COMMON_LETTERS) for endings in _ENDING_SETS[language]
    )


def _differ_in_endings_only(word: str, other_word: str, endings: frozenset[str] | tuple[str, ...], least: int) -> bool:
    """Whether after a common beginning of at least `least` letters both words end in one of `endings`."""
    shared = 0
    for letter, twin in zip(word, other_word, strict=False):
        if letter != twin:
            break
        shared += 1
    return any(word[at:] in endings and other_word[at:] in endings for at in range(shared, least - 1, -1))
