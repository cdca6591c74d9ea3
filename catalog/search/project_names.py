"""Recognize names of projects in what was typed: divided into other words ("peer tube", "big blue button"), written as
they are heard, in Latin or in Arabic letters, or both divided and misspelt ("coop cycel"); and by their addresses.

The index holds each name as one word too, and its sound (`name_terms`); a query looks both up. Of an address that is
no project's own the name in it is looked for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import chain

import tantivy

from catalog import text_rules
from catalog.model import Project
from catalog.search import normalize, sounds
from catalog.search.normalize import Word
from catalog.search.snapshot import IndexSnapshot
from catalog.search.spelling import NAME_LANGUAGE, Candidate, count_edits

MAX_PIECES = 6  # words that a name may be typed in
MIN_LETTERS_JOINED = 5  # letters of a name that is typed in other pieces than it has
MIN_LETTERS_OF_SOUND = 4  # letters of a word whose sound is indexed or looked up
MIN_CONSONANTS = 2
MAX_CANDIDATES = 50  # names of the same consonants that are compared
MIN_LETTERS_MISSPELT = 6  # letters of a misspelt name, all its pieces together
MAX_PIECES_MISSPELT = 3
MAX_MISSPELT = 12  # groups of neighbouring words that are compared with all names
# How much the vowels may differ, for each consonant: Arabic writes few vowels, and hears those of English as it can.
# Two consonants alone say little: there the vowels have to be the same, and in Latin letters nearly so beside three.
VOWELS_APART = 0.2
VOWELS_APART_IN_ARABIC = 0.3
MAX_ADDRESSES = 3
_ADDRESS = re.compile(
    r"(?P<scheme>https?://)?(?:[\w.+-]+@)?(?P<host>[\w-]+(?:\.[\w-]+)+)(?P<rest>[/:?#]\S*)?", re.IGNORECASE
)
# Sites where the path says which project: account and repository come first in it.
_CODE_HOST = re.compile(r"^(?:github|gitlab|codeberg|bitbucket|framagit|sourceforge|sr|salsa|git|gitea|forge)\b")

_SEPARATOR = "\t"
_OTHER_SCRIPT = "~"  # before sounds that are only looked up for words of another script


@dataclass(frozen=True)
class NameBySound:
    """A name that consecutive folded words of a text sound like."""

    first: int  # place of the first of them
    words: int
    token: str  # the word that records with this name have
    name: str  # as a record writes it
    apart: float
    edits: int = 0  # letters that differ: of two names that sound alike the one that is written more alike was meant


def joined_word(name: str) -> str:
    """The words of a name as one folded word; "" where a script writes none."""
    words = normalize.words(name)
    return "" if any(map(normalize.is_unspaced, words)) else "".join(words)[: normalize.MAX_WORD]


def name_terms(
    names: Iterable[str], technology: Iterable[str] = (), organizations: Iterable[str] = ()
) -> Iterator[str]:
    """The terms by which the names of a record, whole and word by word, are found by their sound; likewise names of
    technology ("WordPress"), and words in names of organizations ("Barcelona"), these for other scripts alone."""
    for name in names:
        words = normalize.spellings(name)
        whole = joined_word(name)
        for spelling in dict.fromkeys((whole, joined_word(sounds.spelled_out(name)))):
            yield from _terms(spelling, whole, name)
        for word in words if len(words) > 1 else ():
            yield from _terms(word, word, word)
    for word in technology:
        folded = joined_word(word)
        yield from _terms(folded, folded, word)
    for name in organizations:
        for word in normalize.spellings(name):
            folded = joined_word(word)
            yield from _terms(folded, folded, word[:1].upper() + word[1:], _OTHER_SCRIPT)


def with_joined_names(opened: IndexSnapshot, text: str) -> str:
    """A text with each name of a project that was typed in other pieces written as one word: "peer tube"."""
    words = normalize.words(text[: normalize.MAX_QUERY])
    if not len(words) > 1 or any(map(normalize.is_unspaced, words)):
        return text
    pieces, at = list[str](), 0
    while at < len(words):
        for last in range(min(len(words), at + MAX_PIECES), at + 1, -1):
            whole = "".join(words[at:last])
            if len(whole) >= MIN_LETTERS_JOINED and (
                _is_divided_word_of_name(opened, words[at:last])
                if not _is_name(opened, whole)
                else not _is_name(opened, " ".join(words[at:last]))
            ):
                pieces.append(whole)
                at = last
                break
        else:
            pieces.append(words[at])
            at += 1
    return text if pieces == words else " ".join(pieces)


def meant_name(
    opened: IndexSnapshot, text: str, unsaid: Sequence[Word], begun: Sequence[Word], small: Callable[[str], bool]
) -> NameBySound | None:
    """The name that some words of a text sound most like, or are a misspelling of; the one of more words first.

    One of `unsaid` is among these words: words of no record. Or one of `begun`, words with which other words begin
    ("survei" begins "surveillance"): then the whole name of a project is meant, in the script of the word. `small`:
    whether a word says nothing by itself.
    """
    words = normalize.words(text[: normalize.MAX_QUERY])
    strange = {word.surface for word in unsaid}
    unknown = strange | {word.surface for word in begun if not sounds.is_arabic(word.surface)}
    names = [
        name
        for name in (_heard_name(opened, words, strange, unknown), _misspelt_name(opened, words, unknown, small))
        if name
    ]
    return max(names, key=_closeness, default=None)


def with_heard_name(text: str, heard: NameBySound) -> tuple[str, str]:
    """The text with the name in place of what sounds like it: as one word that is searched for, and as it is shown."""
    words = normalize.words(text[: normalize.MAX_QUERY])
    before, after = words[: heard.first], words[heard.first + heard.words :]
    return " ".join([*before, heard.token, *after]), " ".join([*before, heard.name, *after])


def names_near(opened: IndexSnapshot, word: str) -> list[Candidate]:
    """The whole names, each as one folded word, that a folded word may be a misspelling of, the nearest first."""
    if len(word) < MIN_LETTERS_MISSPELT or not word.isalpha() or normalize.is_unspaced(word):
        return []
    # The engine knows at once whether any is near; only then all names are compared here.
    if not opened.count(tantivy.Query.fuzzy_term_query(opened.schema, "exact", word, distance=2)):
        return []
    return opened.names.near(word, NAME_LANGUAGE)


def _heard_name(
    opened: IndexSnapshot, words: Sequence[str], strange: Set[str], unknown: Set[str]
) -> NameBySound | None:
    """The name that some of the words sound most like; the longest first. Without one of `strange` among them, a name
    of a project."""
    best: NameBySound | None = None
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + MAX_PIECES) + 1):
            pieces = words[first:last]
            if unknown.isdisjoint(pieces):
                continue
            whole = "".join(pieces)
            for token, name, apart in _like(opened, whole):
                if strange.isdisjoint(pieces) and not _is_name(opened, token):
                    continue
                edits = count_edits(whole, token, len(whole))
                heard = NameBySound(first, last - first, token, name, apart, len(whole) if edits is None else edits)
                if best is None or _closeness(heard) > _closeness(best):
                    best = heard
    return best


def _misspelt_name(
    opened: IndexSnapshot, words: Sequence[str], unknown: Set[str], small: Callable[[str], bool]
) -> NameBySound | None:
    """The name nearest to neighbouring words, written as one; None where none is near. A single word is compared with
    other words too (`catalog.search.misspelt`). Beside a small word only one letter may differ: "gazette à" is not
    Galette."""
    groups = [
        (first, length)
        for length in range(min(MAX_PIECES_MISSPELT, len(words)), 1, -1)
        for first in range(len(words) - length + 1)
        if not unknown.isdisjoint(words[first : first + length])
    ]
    for first, length in groups[:MAX_MISSPELT]:
        pieces = words[first : first + length]
        most = 1 if any(map(small, pieces)) else 2
        for near in names_near(opened, "".join(pieces)):
            if near.distance <= most:
                return NameBySound(first, length, near.surface, _as_written(opened, near.surface), 0.0, near.distance)
    return None


def _is_divided_word_of_name(opened: IndexSnapshot, pieces: Sequence[str]) -> bool:
    """Whether the pieces, of which no record has one, are a word of a name of several words: "open cbs" of OpenCBS
    Cloud."""
    if all(opened.searcher.doc_freq("words", piece) for piece in pieces):
        return False
    return int(opened.searcher.doc_freq("name", "".join(pieces))) > 0


def _is_name(opened: IndexSnapshot, key: str) -> bool:
    return int(opened.searcher.doc_freq("exact", key)) > 0


def _closeness(heard: NameBySound) -> tuple[int, float, int]:
    return heard.words, -heard.apart, -heard.edits


def _as_written(opened: IndexSnapshot, token: str) -> str:
    """The name that is `token` as one word, as its record writes it."""
    start = _SEPARATOR.join((sounds.sound_of(token).consonants, token, token, ""))
    terms = opened.searcher.terms_with_prefix("sounds", start, None, 1)
    return next((term.rpartition(_SEPARATOR)[2] for term, _ in terms), token)


def _terms(spelling: str, token: str, name: str, start: str = "") -> Iterator[str]:
    sound = sounds.sound_of(spelling)
    if spelling.isalpha() and len(spelling) >= MIN_LETTERS_OF_SOUND and len(sound.consonants) >= MIN_CONSONANTS:
        written = normalize.without_surrogates(" ".join(name.split()))
        yield start + _SEPARATOR.join((sound.consonants, spelling, token, written))


def _like(opened: IndexSnapshot, word: str) -> Iterator[tuple[str, str, float]]:
    if len(word) < MIN_LETTERS_OF_SOUND or normalize.is_unspaced(word):
        return
    arabic = sounds.is_arabic(word)
    for sound in sounds.hearings(word):
        if len(sound.consonants) < MIN_CONSONANTS:
            continue
        starts = [sound.consonants + _SEPARATOR]
        starts += [_OTHER_SCRIPT + starts[0]] if arabic else []
        likenesses = (opened.searcher.terms_with_prefix("sounds", start, None, MAX_CANDIDATES) for start in starts)
        for term, _ in chain.from_iterable(likenesses):
            _, spelling, token, name = term.split(_SEPARATOR)
            apart = sounds.vowel_distance(sound, sounds.sound_of(spelling), arabic)
            if token != word and apart <= _most_apart(len(sound.consonants), arabic):
                yield token, name, apart


def _most_apart(consonants: int, arabic: bool) -> float:
    if consonants == MIN_CONSONANTS:
        return 0.0
    return VOWELS_APART_IN_ARABIC * consonants if arabic else VOWELS_APART * (consonants - MIN_CONSONANTS)


def address_keys(project: Project) -> Iterator[str]:
    """The keys by which a record is found by its addresses, as `normalize.name_key`s."""
    for address in (project.homepage, project.repository, project.demo):
        if address:
            yield normalize.name_key(_bare(address))


def with_read_addresses(opened: IndexSnapshot, text: str) -> str:
    """A text with each address of a project in its shortest form, and with what others are likely named after in place
    of them: "https://peertube.example.org/about" is "peertube"."""
    typed = text[: normalize.MAX_QUERY]
    if "." not in typed:
        return text
    pieces, place = typed.split(), 0
    for at, piece in enumerate(pieces):
        match = _ADDRESS.fullmatch(piece.strip("<>()[]\"'«»,;"))
        if match and place < MAX_ADDRESSES:
            words = _what_it_says(opened, match)
            pieces[at], place = words or piece, place + bool(words)
    return " ".join(pieces) if place else text


def _what_it_says(opened: IndexSnapshot, match: re.Match[str]) -> str | None:
    """The address of a project that begins this one, or the name in it; None where it may be no address at all, as in
    "Booking.com"."""
    bare = _bare(match.group())
    for end in (len(bare), *(at.start() for at in reversed([*re.finditer("/", bare)]))):
        if _is_exact(opened, normalize.name_key(bare[:end])):
            return bare[:end]
    host, rest = match["host"].lower().removeprefix("www."), match["rest"] or ""
    labels = host.split(".")[:-1]
    path = [part for part in re.split(r"[/?#]", rest) if part]
    if _CODE_HOST.match(host) and len(path) > 1:
        return path[1].removesuffix(".git")
    names = [label for label in labels if _is_exact(opened, normalize.name_key(label))]
    if names:
        return names[0]
    written_out = match["scheme"] or rest or "@" in match.group() or match["host"].lower().startswith("www.")
    return max(labels, key=len) if written_out else None


def _is_exact(opened: IndexSnapshot, key: str) -> bool:
    return int(opened.searcher.doc_freq("exact", key)) > 0


def _bare(address: str) -> str:
    """An address without scheme, "www.", account, query and fragment."""
    return text_rules.repository_key(re.split(r"[?#]", address)[0]).rpartition("@")[2]
