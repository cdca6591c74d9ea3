"""Compare names by how they sound, in Latin and in Arabic letters: "pir tube" and "بير تيوب" are PeerTube.

A sound is what its consonants are, coarsely ("B" for b and p), with the vowels between them. Arabic writes few vowels,
and each writer hears them differently: names are looked up by their consonants, then their vowels are compared.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, product

_PAIRS = {"ph": "F", "th": "T", "sh": "X", "ch": "X", "ck": "K", "qu": "K", "تش": "X", "كس": "KS"}
_LETTERS = {
    "B": "bpب",
    "F": "fvف",
    "T": "tتطث",
    "D": "dدضذ",
    "K": "kqكق",
    "G": "gjجغ",
    "S": "szسصز",
    "X": "ش",
    "L": "lل",
    "M": "mم",
    "N": "nن",
    "R": "rر",
    "KS": "x",
    "": "hحهخعءئؤ'",
    "e": "eiyي",
    "o": "ouwو",
    "a": "aا",
}
_SOUNDS = {letter: sound for sound, letters in _LETTERS.items() for letter in letters}
_SOFT = re.compile(r"c(?=[eiy])")  # the c of "civic" that sounds like s
_HARD = re.compile(r"c(?![hk])")
_FIRST_Y = re.compile(r"^[yي](?=[aeiouاوي])")  # the y of "you", which some write with a j
_OTHER_HEARING = {"v": "b", "ك": "ج", "ج": "ش", "غ": "ج", "ش": "س"}  # a letter that others hear as another
_SAID_A = re.compile(r"[ae][iy]")  # the a of "date" as others write it: "framadeit"
_AT_THE_END = {"m": "n", "n": "m"}  # likewise as the last letter: Portuguese says both through the nose
_SILENT = "e"  # a vowel at the end that may not be written ("moudl" is Moodle), and how much it then differs
_SILENT_GAP = 0.1
_MAX_HEARINGS = 8
_END = re.compile(r"(?<=[bcdfgkpstz])(?:e([lr])|([lr])e)$")  # "moodle" is said as "moodel"
_TWICE = re.compile(r"(.)\1+")
_SAID_LETTERS = """
a=ey b=bi c=si d=di e=i f=ef g=ji h=eych i=ay j=jey k=key l=el m=em n=en o=o p=bi q=kiu r=ar s=es t=ti u=yu v=vi
w=dabliu x=iks y=way z=zet
"""
_ARABIC = re.compile(r"[\u0600-\u06ff]")
# In English, as most people say them.
_LETTER_NAMES = dict(pair.split("=") for pair in _SAID_LETTERS.split())
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]{2,4}(?![A-Za-z])|(?<=[a-z])[A-Z]{2,4}(?![A-Za-z])")


@dataclass(frozen=True)
class Sound:
    """`consonants`: a letter each; `vowels`: those before each of them and after the last, "" where there is none."""

    consonants: str
    vowels: tuple[str, ...]


def sound_of(word: str) -> Sound:
    """The sound of a folded word.

    >>> sound_of("peertube") == Sound("BRTB", ("", "e", "", "o", "e"))
    True
    """
    text = _plain(word)
    consonants, vowels = "", [""]
    at = 0
    while at < len(text):
        pair = _PAIRS.get(text[at : at + 2])
        sound = pair if pair is not None else _SOUNDS.get(text[at], "")
        at += 2 if pair is not None else 1
        if sound.islower():
            vowels[-1] += sound if not vowels[-1].endswith(sound) else ""
        else:
            for consonant in sound:
                if consonants[-1:] != consonant or vowels[-1]:
                    consonants += consonant
                    vowels.append("")
    return Sound(consonants, tuple(vowels))


def hearings(word: str) -> Iterator[Sound]:
    """The sounds that a folded word may stand for: letters that others hear as another, each either way."""
    choices = [(letter, _OTHER_HEARING[letter]) if letter in _OTHER_HEARING else (letter,) for letter in word]
    choices[-1:] = [(*last, _AT_THE_END[last[0]]) if last[0] in _AT_THE_END else last for last in choices[-1:]]
    sounds: set[Sound] = set()
    spellings = chain([_SAID_A.sub("a", word)], map("".join, product(*choices)))
    for letters in islice(spellings, _MAX_HEARINGS):
        sound = sound_of(letters)
        if sound not in sounds:
            sounds.add(sound)
            yield sound


def spelled_out(name: str) -> str:
    """A name with the names of its letters in place of each group of capitals: "CiviCRM" is said "civi-see-are-em"."""
    return _CAPITALS.sub(lambda match: "".join(_LETTER_NAMES[letter] for letter in match[0].lower()), name)


def vowel_distance(heard: Sound, sound: Sound, unwritten: bool) -> float:
    """How much the vowels of two sounds of the same consonants differ. `unwritten`: the first writes few of them."""
    *pairs, last = zip(heard.vowels, sound.vowels, strict=True)
    apart = sum(_gap(first, second, unwritten) for first, second in pairs)
    return apart + (_SILENT_GAP if sorted(last) == ["", _SILENT] else _gap(*last, unwritten))


def is_arabic(word: str) -> bool:
    return _ARABIC.search(word) is not None


def _gap(heard: str, name: str, unwritten: bool) -> float:
    if heard == name:
        return 0.0
    if not heard or not name:
        return 0.1 if unwritten else 0.4
    return 0.2 if set(heard) & set(name) else 1.0


def _plain(word: str) -> str:
    """`word` with each doubled letter once, and other letters for those that sound like them."""
    return _END.sub(r"\1\2", _HARD.sub("k", _SOFT.sub("s", _FIRST_Y.sub("j", _TWICE.sub(r"\1", word)))))
