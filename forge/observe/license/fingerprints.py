"""Recognizes texts that the classifier does not have by fingerprints of their words: EUPL and CeCILL in languages other
than English, GFDL 1.1 and 1.2 as the FSF publishes them today, and the advice around licenses ("How to apply these
terms"). No text is kept here.

A text is cut after words that a checksum picks, so that the cuts depend on the words alone and one changed word
changes one or two pieces. `fingerprints.json` holds the pieces' hashes by SPDX id and language, one list for each
edition: what a publisher changed between two editions (a bullet, a footnote) is in one of them. It was made by `pieces`
from the texts of joinup.ec.europa.eu, cecill.info, gnu.org and creativecommons.org; under "around" are the pieces of
what publishers print around their terms.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

from catalog.unicode_normalization import normalized

FINGERPRINTS = Path(__file__).with_name("fingerprints.json")
ONE_IN = 8  # words at which a piece ends
LEAST_WORDS = 6  # of a piece
AROUND = "around"
BETWEEN = "\x1e"  # marks in the words next to license texts where a license text was
NEAR_SHARE = 0.6  # of an edition's pieces, from which on a text is reported as similar to it, and no more than that

_HINT = re.compile(r"cecill|eupl\b|free documentation licen[cs]e", re.IGNORECASE)
_NO_WORDS = re.compile(r"<#[\w-]{1,80}>|https?://[^\s<>]{1,300}")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class RecognizedText:
    """A text that was found: `start` and `end` in characters; `exact` where it has all its words and no others."""

    spdx: str
    language: str
    start: int
    end: int
    exact: bool


def pieces(text: str) -> list[tuple[str, int, int]]:
    """The hash of each piece of `text` with its start and end in characters. Digits and URLs are no words."""
    plain = _NO_WORDS.sub(lambda match: " " * len(match[0]), text)
    pieces_of_text, words, start, end = list[tuple[str, int, int]](), list[str](), 0, 0
    for match in _WORD.finditer(plain):
        word = _folded(match[0])
        if not words:
            start = match.start()
        words.append(word)
        end = match.end()
        if len(words) >= LEAST_WORDS and crc32(word.encode()) % ONE_IN == 0:
            pieces_of_text.append((_hash(words), start, end))
            words = []
    return [*pieces_of_text, (_hash(words), start, end)] if words else pieces_of_text


def find_known(text: str) -> RecognizedText | None:
    """The known text that occurs in `text`, the one with most of its pieces; None when none is near."""
    if not _HINT.search(text):
        return None
    cut = pieces(text)
    places: dict[str, list[int]] = {}
    for position, (digest, _, _) in enumerate(cut):
        places.setdefault(digest, []).append(position)
    best: tuple[float, RecognizedText] | None = None
    for spdx, languages in _fingerprints().items():
        if spdx == AROUND:
            continue
        for language, editions in languages.items():
            allowed = {digest for edition in editions for digest in edition}
            for edition in editions:
                shared = [digest for digest in edition if digest in places]
                share = len(shared) / len(edition)
                if share < NEAR_SHARE or (best and share <= best[0]):
                    continue
                first = min(places[digest][0] for digest in shared)
                window = cut[first : first + len(edition) + len(edition) // 8]
                last = max(position for position, (digest, _, _) in enumerate(window, first) if digest in allowed)
                exact = share == 1 and all(digest in allowed for digest, _, _ in cut[first : last + 1])
                best = share, RecognizedText(spdx, language, cut[first][1], cut[last][2], exact)
    return best[1] if best else None


def without_known(text: str) -> str:
    """The words of `text` without the pieces that publishers print around their terms."""
    around = _surrounding_digests()
    words_left = []
    for block in text.split(BETWEEN):
        last = 0
        for digest, start, end in pieces(block):
            if digest in around:
                words_left.append(block[last:start])
                last = end
        words_left.append(block[last:])
    return "\n\n".join(words_left)


def _folded(word: str) -> str:
    decomposed = normalized("NFKD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _hash(words: list[str]) -> str:
    return blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


@cache
def _surrounding_digests() -> frozenset[str]:
    return frozenset(digest for edition in _fingerprints()[AROUND]["en"] for digest in edition)


@cache
def _fingerprints() -> dict[str, dict[str, list[list[str]]]]:
    fingerprints: dict[str, dict[str, list[list[str]]]] = json.loads(FINGERPRINTS.read_text())
    return fingerprints
