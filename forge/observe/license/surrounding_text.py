"""Which sentences next to a license text may limit who may use the work, and which only tell something.

Nobody can list the words by which somebody limits what a text grants, in whatever language. So a sentence only tells
something where it is in a language whose words of limits are known (`limits`), has none of them, and names no license
but free ones; or where its shape is a known one: a holder, a title, what the program is for, a disclaimer.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from forge.observe.license import fingerprints
from forge.observe.license.harmless import (
    PRINTED,
    is_harmless,
    without_harmless,
    without_lists_of_names,
    without_summaries,
)
from forge.observe.license.holders import is_limit, names_only
from forge.observe.license.limits import CONDITION, LIMIT, OBLIGES, STRONG, is_foreign, is_understood
from forge.observe.license.named_licenses import FREE_NAME, names_another_license

CHARACTERS = 128 * 1024  # read of the words beside
LEAST_WORDS = 3  # of a sentence that tells something, beside names and the words of titles
LINE_CHARACTERS = 300  # of one that names a holder; a longer one is prose
MAX_SENTENCES = 2_000
MAX_SHOWN = 12  # sentences that are handed on, of each kind
SHOWN_CHARACTERS = 300
MAX_PATHS = 12
EXCEPTED_CHARACTERS = 60  # behind "except", in which it is said of what

_HOLDER = re.compile(r"\W{0,20}(?:portions\b[^.]{0,40})?(?:copyright\b|\(c\)|©|all rights reserved)", re.IGNORECASE)
_ADDRESSES = re.compile(r"https?://\S{1,500}|<[^<>\n]{0,200}>|(?<![^\s(<\[])[\w.+-]{1,64}@[\w.-]{1,253}")
_LINK = re.compile(r"\[([^\]\[\n]{1,200})\]\([^()\s]{0,500}\)")  # of Markdown
_END = re.compile(r"[.;:!?。؟]+(?=\s|$)|\n[ \t]*(?=[*•-]|\n)|^[^\w\n]{4,}$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t][^\n]*|[^\n]+\n[ \t]*(?:={3,}|-{3,})[ \t]*)$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+){0,5}")
_NEUTRAL = frozenset(
    _WORD.findall(
        "a an and as at by de der des del di do du e et for from in la le of on or other others the to und van version"
        " von with y aka all its co contributors developers authors team inc ltd llc licence license licences licenses"
        " text file files notice this"
    )
)
_ORIGIN = re.compile(
    r"\b(?:licen[cs]ed|distributed|released|covered|derived|based on|adapted|copied|taken|extracted|created|written"
    r"|maintained|contributed|modified|approved|automatically added|(?:derivative|original) (?:work|algorithm)|fork of"
    r"|implementation|thanks?|attach|reproduced|included|following|end of terms|do not edit|licence|licencia|licença"
    r"|licensing information)\b",
    re.IGNORECASE,
)
# GNU notices begin with a line "to give the program's name and a brief idea of what it does": the intended users of a
# program are no limit. https://www.gnu.org/licenses/gpl-howto.html
_IDEA = re.compile(
    r"^\W{0,10}(?!so\b)(?:This |The )?[\w.-]{1,40}(?: [A-Z][\w.-]{1,40}){0,3}"
    r"(?: -{1,2} | – | — |: | is (?:an? |the )?| are | lets | helps | allows )[^\n]{1,200}$",
    re.IGNORECASE,
)
_IDEA_OF = re.compile(
    r"\b(?:software|platform|(?:web)?application|app|tool|system|library|program|server|service|website|module|plugin"
    r"|suite|features"
    r"|(?:lets|helps|allows) (?:you|people|groups|users))\b",
    re.IGNORECASE,
)
_IDEA_LIMITS = re.compile(
    r"\b(?:free for|only|solely|exclusiv\w+|unless|except|not?|never|must|may|shall|licen[cs]\w*|permi\w+"
    r"|commercial\w*|use[ds]?|using|usage|sold|sell|fees?|paid|pays?|prices?|buy|purchas\w+|subscri\w+|contact|ask"
    r"|approv\w+|proprietary|restrict\w+|available|granted|given|reserv\w+|provided|offered|belongs?|property|own"
    r"|allowed|intended|meant)\b",
    re.IGNORECASE,
)
# A disclaimer: who is not liable, and that nothing is warranted.
_DISCLAIMER = re.compile(
    r"\b(?:(?:in no event|under no circumstances)\b.{0,400}?\b(?:shall|will)\b.{0,300}?\bliable\b(?: to (?:you"
    r"|anybody|anyone))?"
    r"|(?:shall|will) (?:not )?be (?:held )?(?:liable|responsible)\b"
    r"|(?:do(?:es)?|is|are) not (?:warrant\w*|liable|responsible|guarantee\w*)\b"
    r"|(?:sans|sin|sem) (?:aucune )?garant\w+|ohne (?:jede )?(?:gewähr\w*|garantie))",
    re.IGNORECASE,
)
_OF_DAMAGES = re.compile(
    r"\b(?:damages?|losses|liabilit(?:y|ies)|warrant(?:y|ies)|injur(?:y|ies)|death)\b", re.IGNORECASE
)
_MORE = re.compile(
    r"\b(?:fees?|pay\w*|members?|compan(?:y|ies)|contact|permission|must|unless|except\w*|only|sell|sold|cooperatives?"
    r"|associations?|organi[sz]ations?)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(r"^(?:if not,? (?:please )?(?:see|write)|for details)\b", re.IGNORECASE)
_ANY_PATH = re.compile(r"\(c\)|\b[\w-]{1,60}\.[a-z]{1,4}\b|\b[\w.@-]{1,80}(?:/[\w.@*-]{1,80}){1,20}", re.IGNORECASE)
# A part with a license of its own: where it is named by its path, its own license files decide.
_PART = re.compile(
    r"\b(?:own|other|different|separate)(?: \w+){0,2} licen[cs]es?\b|\blicen[cs]es? of (?:its|their) own\b"
    r"|\bpropres? licences?\b|\blicencias? propias?\b"
    r"|\blicenças? próprias?\b|\beigenen? lizenz(?:en)?\b"
    r"|\b(?:except(?:ing)?(?: for)?|excluding|with the exception of|apart from|other than|à l.exception d\w+|sauf"
    r"|hormis"
    r"|excepto|salvo|a excepción de|exceto|com exceção d\w+|außer|ausgenommen|mit ausnahme)\b",
    re.IGNORECASE,
)
_PATH = re.compile(r"(?<![\w/:.])\.?/?((?:[\w.@-]{1,60}/){1,10}(?:[\w.@-]{1,60})?)(?:\*{1,2})?")
_PROGRAM = re.compile(
    r"\b(?:server|client|apps?|application|modules?|plugins?|add-?ons?|extensions?|librar(?:y|ies)|backend|frontend|code"
    r"|programs?|software|scripts?|tools?|packages?|components?|serveur|modules?|extensions?|servidor|módulos?)\b",
    re.IGNORECASE,
)
_REPRODUCED = re.compile(r"\b(?:reproduced|included|printed|listed|given) (?:here|below|above)\b", re.IGNORECASE)
_NO_PROGRAM = re.compile(
    r"\b(?:fonts?|typefaces?|icons?|images?|pictures?|photos?|illustrations?|documentation|docs|manual|translations?"
    r"|polices?|icônes?|photographies?|fuentes|iconos|imágenes|fontes|ícones|imagens|schriften|bilder|symbole)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SurroundingText:
    """What stands next to a license text: `doubts` are the sentences that may limit it, `tells` the others, at most
    MAX_SHOWN of each; `parts` the paths that have licenses of their own by it.
    """

    doubts: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def read_beside(words: str) -> SurroundingText:
    """What the words next to a license text say more than whose it is, where it comes from, and which license.

    >>> [read_beside(text).doubts for text in ("Copyright 2020 Ada", "Acme is licensed as follows:", "Personal use.")]
    [(), (), ('Personal use',)]
    """
    doubts, tells, parts = dict[str, None](), dict[str, None](), dict[str, None]()
    plain, listed = without_summaries(without_lists_of_names(fingerprints.without_known(words[:CHARACTERS])))
    tells |= dict.fromkeys(listed)
    for number, (sentence, is_holder) in enumerate(_sentences(plain)):
        paths = (
            tuple(dict.fromkeys(path.strip("/") for path in _PATH.findall(sentence))) if _PART.search(sentence) else ()
        )
        if number == MAX_SENTENCES or len(parts) > MAX_PATHS:
            doubts[sentence] = None
            break
        if _limits(sentence, is_holder, bool(paths)):
            doubts[sentence] = None
        elif not is_holder:
            parts |= dict.fromkeys(paths)
            if len(_telling(sentence)) >= LEAST_WORDS and not PRINTED.search(sentence) and not _POINTS.search(sentence):
                tells[sentence] = None
    return SurroundingText(_cut(doubts), _cut(tells), tuple(parts))


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees, which may stand within a word."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def _cut(sentences: dict[str, None]) -> tuple[str, ...]:
    return tuple(sentence[:SHOWN_CHARACTERS] for sentence in list(sentences)[:MAX_SHOWN])


def _sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The sentences without addresses, and whether one only names a holder."""
    text = _ADDRESSES.sub(_without_address, _LINK.sub(lambda match: match[1], text))
    text = _HEADING.sub(lambda match: f"{match[0].split(chr(10))[0]}\n\n", text)
    for line_or_prose in _blocks(text):
        for sentence in _END.split(line_or_prose):
            if sentence and sentence.strip():
                flat = " ".join(sentence.split())
                yield flat, bool(_HOLDER.match(flat)) and len(flat) <= LINE_CHARACTERS


def _without_address(match: re.Match[str]) -> str:
    """Nothing for an address or a placeholder; but somebody may write a limit in angle brackets."""
    words = _WORD.findall(match[0])
    return f" {match[0][1:-1]} " if " " in match[0] and any(is_limit(word.casefold()) for word in words) else " "


def _blocks(text: str) -> Iterator[str]:
    """Lines that name a holder one by one, and what is between them."""
    lines: list[str] = []
    for line in text.split("\n"):
        if _HOLDER.match(line) and len(line) <= LINE_CHARACTERS:
            yield "\n".join(lines)
            yield line
            lines = []
        else:
            lines.append(line)
    yield "\n".join(lines)


def _telling(sentence: str) -> list[str]:
    words = _WORD.findall(_ANY_PATH.sub(" ", sentence))
    return [word for word in words if not word[0].isupper() and word.lower() not in _NEUTRAL]


def _is_of_pictures(sentence: str) -> bool:
    """Whether what a sentence excepts are typefaces, pictures or texts under a free license, and no program."""
    excepted = " ".join(sentence[match.end() : match.end() + EXCEPTED_CHARACTERS] for match in _PART.finditer(sentence))
    return bool(_NO_PROGRAM.search(excepted) and FREE_NAME.search(sentence) and not _PROGRAM.search(excepted))


def _without_damages(disclaimer: str) -> str:
    """What a disclaimer says before it lists damages; all of it where something else may follow."""
    match = _OF_DAMAGES.search(disclaimer)
    return disclaimer[: match.start()] if match and not _MORE.search(disclaimer, match.end()) else disclaimer


def _limits(sentence: str, is_holder: bool, has_paths: bool) -> bool:
    """Whether a sentence may limit whom the license text beside it lets use the work, or for what."""
    if is_harmless(sentence):
        return False
    words = _WORD.findall(sentence)
    if any(is_foreign(word) and (not word[0].isupper() or word[0].isascii() or word[-1].isascii()) for word in words):
        return True  # another script, or letters of one that only look like others
    plain = without_harmless(sentence)
    if has_paths or _REPRODUCED.search(plain) or _is_of_pictures(plain):
        plain = _PART.sub(" ", plain)
    if _DISCLAIMER.search(plain):
        plain = _without_damages(_DISCLAIMER.sub(" ", plain))
    if STRONG.search(plain):
        return True
    if is_holder:
        return not names_only(plain)
    if sentence.isupper():  # a title, or a shout
        return len(words) > 1 and bool(LIMIT.search(plain))
    telling = _telling(sentence)
    if not telling:
        return False
    if OBLIGES.search(plain) or CONDITION.search(plain):
        return True
    if names_another_license(plain) and names_another_license(sentence):
        return True
    if _IDEA.match(sentence) and _IDEA_OF.search(sentence) and not _IDEA_LIMITS.search(sentence):
        return False
    if LIMIT.search(plain):
        return True
    return len(telling) >= LEAST_WORDS and not _ORIGIN.search(sentence) and not is_understood(words)
