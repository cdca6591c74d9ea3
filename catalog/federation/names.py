"""What two names have in common that may be those of one body or one piece of software. Pure; it joins nothing.

Names alone are no evidence: a federation, its chapters and its foundation are called alike, and so are strangers. Words
are compared without case, accents, small words and abbreviations; the words for a legal form stand apart, since
"Fondation X" and "Association X" are two.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from catalog.unicode_normalization import normalized

ACRONYM = range(3, 9)  # letters of an abbreviation that says something
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "œ": "oe", "æ": "ae", "ß": "ss", "đ": "d", "ı": "i", "’": "'", "&": " and "}
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": None, "ё": "е", "ς": "σ"}
)
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")
_JOINED = (re.compile(r"\bco-(?=op)", re.I), re.compile(r"['’](?=s\b)", re.I))  # "co-operative", "Mary's"
_BRACKETS = re.compile(r"\(([^()]{2,12})\)")
_SMALL_WORDS = """
a al an and as au aux da das de dei del della delle den der des di do dos du e ed el en et for fur gli i il in la
las le les los lo l d m of os para per por pour the to u und van von vom y zu zum zur с и в на для ال و
"""
_SMALL = frozenset(_SMALL_WORDS.split())


def folded(text: str) -> str:
    """The text without case, accents and variants of letters.

    >>> folded("Łódź, Économie")
    'lodz, economie'
    """
    plain = normalized("NFKC", text[:500]).casefold().translate(_LETTERS)
    bare = normalized("NFD", plain)
    return normalized("NFC", "".join(character for character in bare if not unicodedata.combining(character)))


# What is written short, and what for: the same form in several languages is one word.
_LONG: Mapping[str, str] = {
    folded(short): word
    for word, spelled in {
        "=association": "asso assoc ass association associations asociacion associacao associazione asociatia verein ev"
        " asbl vzw asoc ong onlus aps associacio elkartea stowarzyszenie spolek derneg dernegi جمعيه رابطه ассоциация"
        " σωματειο",
        "=cooperative": "coop cooperative cooperativa cooperatives cooperativas kooperative genossenschaft eg scop scic"
        " co-op scrl cooperatie kooperatif kooperatifi spoldzielnia تعاونيه кооператив συνεταιρισμος",
        "=foundation": "fondation foundation fundacion fundacao fondazione stiftung stichting fundacja vakfi"
        " مؤسسه фонд ιδρυμα",
        "=federation": "federation fed federacion federacao federazione foderation verband dachverband confederation"
        " confederacion confederacao اتحاد федерация",
        "=union": "union unie sindicato syndicat sindacato gewerkschaft sendika نقابه союз",
        "=company": "sarl sas sasu sa gmbh ug ag ltd llc inc cic plc srl spa bv nv ab oy kft sp zoo",
        "=network": "reseau network red rede rete netzwerk شبكه сеть",
        "saint": "st saint sankt san santo",
        "sainte": "ste sainte santa",
        "municipality": "mairie commune ville municipality ayuntamiento camara prefeitura stadt gemeinde comune",
        "university": "univ universite university universidad universidade universitat universita",
    }.items()
    for short in spelled.split()
}


@dataclass(frozen=True)
class Name:
    """A name taken apart: the words that tell it from others, its legal form, and what it may be shortened to."""

    core: tuple[str, ...]
    forms: frozenset[str]
    acronyms: frozenset[str]  # its initials, and what it gives in brackets or is itself
    whole: str  # all its letters

    @property
    def letters(self) -> str:
        return "".join(self.core)


@lru_cache(4096)
def name(text: str) -> Name:
    """What `text` says, taken apart.

    >>> name("Coop. des Halles de Lyon").core, name("Coopérative des Halles (CDH)").acronyms >= {"cdh"}
    (('halles', 'lyon'), True)
    """
    for pattern in _JOINED:
        text = pattern.sub(lambda part: part[0].rstrip("-'’"), text)
    names = {folded(match) for match in _BRACKETS.findall(text)}
    short = _DOTTED.sub(lambda part: part[0].replace(".", ""), _BRACKETS.sub(" ", text) or text)
    every = [_article(word) for word in _WORD.findall(folded(short))]
    meant = [_LONG.get(word, word) for word in every]
    forms = frozenset(word for word in meant if word.startswith("="))
    core = tuple(word for word in meant if not word.startswith("=") and word not in _SMALL)
    core = core or tuple(every)
    spoken = [word for word in every if word not in _SMALL]
    initials = {"".join(word[0] for word in words) for words in (every, spoken, core) if len(words) > 2}
    alone = set(every) if len(every) == 1 else set()
    acronyms = frozenset(
        letters for letters in initials | names | alone if len(letters) in ACRONYM and letters.isalpha()
    )
    return Name(core, forms, acronyms, "".join(every))


def agree(name: Name, other: Name) -> bool:
    """Whether both are the same name, however it is spelled; never where their legal forms differ."""
    if name.forms and other.forms and name.forms.isdisjoint(other.forms):
        return False
    return bool(name.core) and (sorted(name.core) == sorted(other.core) or name.letters == other.letters)


def shortened(name: Name, other: Name) -> bool:
    """Whether one is an abbreviation of the other."""
    return any(
        len(short.core) == 1 and short.core[0] in long.acronyms and len(long.core) > 1
        for short, long in ((name, other), (other, name))
    )


def _article(word: str) -> str:
    """An Arabic word without its article."""
    return word[2:] if word.startswith("ال") and len(word) > 4 else word
