"""Fingerprints of a catalogue's root key, as twenty hexadecimal digits or six words to read aloud."""

import hashlib
from functools import cache
from importlib.resources import files

DIGITS = 20
WORDS = 6  # of 1,024: 60 of the 80 bits that the digits show


def fingerprint(root: bytes) -> str:
    """The first 20 hexadecimal digits of the SHA-256 of a root.json, as it is served."""
    return hashlib.sha256(root).hexdigest()[:DIGITS]


def grouped(digits: str) -> str:
    """A fingerprint for the eye.

    >>> grouped("3f2a90bb17c4e05d88a1")
    '3f2a 90bb 17c4 e05d 88a1'
    """
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def spoken(digits: str) -> tuple[str, ...]:
    """A fingerprint to read aloud: six plain English words, no two of the list alike in their first four letters."""
    number = int(digits, 16) >> (4 * DIGITS - 10 * WORDS)
    return tuple(_words()[(number >> (10 * place)) & 1023] for place in reversed(range(WORDS)))


@cache
def _words() -> tuple[str, ...]:
    """1,024 words, sorted; their order is part of the format and never changes."""
    return tuple((files("catalog.exchange") / "fingerprint_words.txt").read_text("ascii").split())
