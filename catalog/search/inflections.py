"""Whether two folded words are forms of one, as singular and plural are: by what they end in, language by language.

Stems say too little of this: Snowball gives "association" and "associés" the same one, "loyer" and "loi", "lista" and
"listo". Here two words begin alike and end in endings of one and the same list; what is built of a word ("cotisant" of
"cotisation") is another word, and has its own line in the lists of what people say.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

ALIKE = 4  # letters that two forms begin with
ROOT = 3  # of them, where only a plural or what Arabic writes behind a word makes the difference

_PLURALS = {
    "en": ("", "s", "es"),
    "fr": ("", "s", "x"),
    "es": ("", "s", "es"),
    "pt": ("", "s", "es"),
    "ar": ("", "ات", "ين", "ون", "ان", "نا", "هم", "ها"),
}
# Endings of nouns and adjectives, and of verbs: the forms of one word have all of theirs in one of the two.
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
_SETS = {
    language: [frozenset("" if each == "-" else each for each in endings.split()) for endings in both if endings]
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
_ONE_OF_MANY: Mapping[str, Sequence[tuple[str, str]]] = {
    language: [(many, one) for many, _, one in (each.partition(":") for each in pairs.split())]
    for language, pairs in _SINGULARS.items()
}
_LEFT = 3  # letters of a singular; one more where its end is another than the plural's: "mais" is no plural of "mal"
_BEFORE = "وبل"  # Arabic writes "and", "with", "for" before a word
_WITHOUT = 4  # letters that such a word has at least


def same(one: str, other: str, language: str) -> bool:
    """Whether two folded words are forms of one in a language of `fold.LANGUAGES`."""
    return any(_same(bare, known, language) for bare in bares(one, language) for known in bares(other, language))


def plural(one: str, other: str, language: str) -> bool:
    """Whether they are one word or differ by a plural: for languages that the reader may not know."""
    return _differ(one, other, _PLURALS[language], ROOT)


def singulars(spelling: str, language: str) -> list[str]:
    """What a word may be the plural of, by how it ends; of one that is no plural that is no word, and finds nothing.

    >>> singulars("reçus", "fr")
    ['reçu']
    """
    return [
        spelling[: -len(many)] + one
        for many, one in _ONE_OF_MANY.get(language, ())
        if spelling.endswith(many) and len(spelling) - len(many) + len(one) >= _LEFT + bool(one)
    ]


@lru_cache(maxsize=20_000)
def bares(word: str, language: str) -> tuple[str, ...]:
    """`word`, and in Arabic what is left without a letter before it that may be a word of its own."""
    if language == "ar" and len(word) > _WITHOUT and word[0] in _BEFORE:
        return word, word[1:]
    return (word,)


def beginnings(word: str, language: str) -> Iterator[str]:
    """What another form of it begins with too: keys to look words up by."""
    return (bare[:ROOT] for bare in bares(word, language))


def _same(one: str, other: str, language: str) -> bool:
    if one == other or plural(one, other, language):
        return True
    return any(_differ(one, other, endings, ALIKE) for endings in _SETS[language])


def _differ(one: str, other: str, endings: frozenset[str] | tuple[str, ...], least: int) -> bool:
    """Whether some beginning of at least `least` letters leaves one of the `endings` of both."""
    shared = 0
    for letter, twin in zip(one, other, strict=False):
        if letter != twin:
            break
        shared += 1
    return any(one[at:] in endings and other[at:] in endings for at in range(shared, least - 1, -1))
