"""Whether the sentences next to a license text may limit who may use the work.

Nobody can list the words by which somebody limits what a text grants, in whatever language. So it works the other way:
names, titles and where a work comes from are known to mean nothing, and every other sentence may mean something.
"""

import re
import unicodedata
from collections.abc import Iterator

from forge.observe.license import fingerprints

CHARACTERS = 128 * 1024  # read of the words beside
LEAST_WORDS = 3  # of a sentence that tells something, beside names and the words of titles
LINE_CHARACTERS = 300  # of one that names a holder; a longer one is prose

_HOLDER = re.compile(r"\W{0,20}(?:portions\b[^.]{0,40})?(?:copyright\b|\(c\)|©|all rights reserved)", re.IGNORECASE)
_ADDRESSES = re.compile(r"https?://\S{1,500}|<[^<>\n]{0,200}>|(?<!\S)[\w.+-]{1,64}@[\w.-]{1,253}")
_END = re.compile(r"[.;:!?。؟]+(?=\s|$)|\n[ \t]*(?=[*•-]|\n)|^[^\w\n]{4,}$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+){0,5}")
_NEUTRAL = frozenset(
    _WORD.findall(
        "a an and as at by de der des del di do du e et for from in la le of on or other others the to und van version"
        " von with y aka all its co contributors developers authors team inc ltd llc licence license licences licenses"
        " text file files notice this"
    )
)
# Where a work comes from, and which license it has. https://reuse.software and the npm ecosystem write such sentences.
_ORIGIN = re.compile(
    r"\b(?:licen[cs]ed|distributed|released|covered|derived|based on|adapted|copied|taken|extracted|created|written"
    r"|maintained|contributed|modified|approved|automatically added|(?:derivative|original) (?:work|algorithm)|fork of"
    r"|implementation|thanks|reproduced|included|following|end of terms|do not edit|licence|licencia|licença)\b",
    re.IGNORECASE,
)
# Sentences that give the whole of it, in words that would be a limit elsewhere.
_WHOLE = re.compile(
    r"^(?:you may use this software under either of the following licen[cs]es"
    r"|(?:some )?(?:parts|portions) of [\w-]{1,40} use the (?:MIT|ISC|[AL]?GPL|BSD|Apache|MPL)[\d. -]{0,8} licen[cs]e"
    r"|[\w-]{1,40} is copyright \(c\) [\d, -]{4,30}[\w ,&.-]{0,80}"
    r"|all unmodified files from these and other sources retain their original(?: copyright and license notices)?)$",
    re.IGNORECASE,
)
# What publishers print with their texts, in editions that no template and no fingerprint has.
_PRINTED = re.compile(
    r"^(?:for more information, please see"
    # The notes that git and Linux print before the GPL: the version they hold to, and a question to contributors.
    r"|(?:also )?note that the only valid version of the gpl as far as (?:this project|the kernel) is concerned is"
    r" _?this_? particular version of the license \(ie v2, not v2\.2 or v3\.x or whatever\)"
    r"(?:, unless explicitly otherwise stated)?"
    r"|however, in order to allow a migration to gplv3 if that seems like a good idea, i also ask that people involved"
    r" with the project make their preferences known"
    r"|in particular, if you trust me to make that decision, you might note so in your(?: copyright message, ie)?"
    r"|creative commons corporation \(.creative commons.\) is not a law firm and does not provide"
    r"|if the program does terminal interaction, make it output a short notice like this when it starts in an"
    r" interactive mode"
    r"|(?:\{project\} copyright \(c\) \{year\} \{fullname\} )?this program comes with absolutely no warranty"
    r"|for details type .show w.|la presente licenza pubblica dell.unione europea \(«"
    r"|a tale appendice richiedono la produzione di una nuova versione dell.eupl"
    r"|derechos reconocidos en el artículo \d de la presente licencia y protejan de la apropiación exclusiva el código"
    r" fuente cubierto"
    r"|cualquier otra modificación o adición al presente apéndice exigirá la presentación de una nueva versión de la"
    r" eupl)$",
    re.IGNORECASE,
)
_NOTED = re.compile(r",? ?\bunless (?:explicitly )?otherwise (?:noted|stated|specified)\b,?", re.IGNORECASE)
# GNU notices begin with a line "to give the program's name and a brief idea of what it does": the intended users of a
# program are no limit. https://www.gnu.org/licenses/gpl-howto.html
_IDEA = re.compile(
    r"\A\s{0,20}(?P<line>[\w.-]{1,40}(?: -{1,2} | – |: | is | lets | helps | allows )[^\n]{1,120})\n"
    rf"(?=\s{{0,20}}(?:copyright|\(c\)|©|{fingerprints.BETWEEN}))",
    re.IGNORECASE,
)
_IDEA_OF = re.compile(
    r"\b(?:software|platform|application|app|tool|system|library|program|server|service|website|module|plugin"
    r"|(?:lets|helps|allows) (?:you|people|groups|users))\b",
    re.IGNORECASE,
)
_IDEA_LIMITS = re.compile(
    r"\b(?:free for|only|solely|exclusiv\w+|unless|except|not?|never|must|may|shall|licen[cs]\w*|permi\w+"
    r"|commercial\w*|use[ds]?|using|usage|sold|sell|fees?|paid|pays?|prices?|buy|purchas\w+|subscri\w+|contact|ask"
    r"|approv\w+|proprietary|restrict\w+)\b",
    re.IGNORECASE,
)
# Who, how and for what: with one of these even a sentence on the origin may be a limit.
_LIMIT = re.compile(
    r"\b(?:free for|us(?:e|es|ed by|age|ing)|sell|sold|commercial\w*|compan(?:y|ies)|business\w*|organi[sz]ations?"
    r"|members?|personal|private|academic|research|education\w*|students?|non-?profits?|charit\w{1,9}|co-?op\w{0,12}"
    r"|paid|pays?|fees?|price|buy|licensed to|purchase\w*|subscri\w{2,9}|contact|ask|approval|permissions?|only|solely"
    r"|exclusiv\w+|unless|everybody|everyone|usages?|utilis\w{2,10}|réserv\w{1,9}|seulement|membres|coopérativ\w{1,6}"
    r"|entreprises?|gratuit\w{0,8}|uso|usar\w{0,6}|sol[oa]|sólo|apenas|somente|lucr\w{2,9}|empresas?|nutz\w{2,9}|nur|utilizz\w{2,8})\b",
    re.IGNORECASE,
)


def adds_conditions(words: str) -> bool:
    """Whether the words next to a license text say more than whose it is, where it comes from, and which license.

    >>> [adds(text) for text in ("Copyright 2020 Ada\\n", "Acme is licensed as follows:", "Personal use.")]
    [False, False, True]
    """
    plain = fingerprints.without_known(_without_idea(without_invisible(words[:CHARACTERS])))
    return any(_says_more(sentence) for sentence in _sentences(plain))


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees, which may stand within a word."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def _without_idea(text: str) -> str:
    """The text without a first line that says no more than what the program is for."""
    found = _IDEA.match(text)
    line = found["line"] if found else ""
    idea = line.isascii() and _IDEA_OF.search(line) and not _IDEA_LIMITS.search(line)
    return text[found.end() :] if found and idea else text


def _sentences(text: str) -> Iterator[str]:
    """What is left without addresses and without the holders' names."""
    lines = []
    for line in _ADDRESSES.sub(" ", text).split("\n"):
        if _HOLDER.match(line) and len(line) <= LINE_CHARACTERS:
            line = ". ".join(_END.split(line)[1:])
        lines.append(line)
    for sentence in _END.split("\n".join(lines)):
        if sentence and not _HOLDER.match(sentence):
            yield " ".join(sentence.split())


def _says_more(sentence: str) -> bool:
    if _WHOLE.search(sentence) or _PRINTED.search(sentence):
        return False
    sentence = _NOTED.sub("", sentence)
    words = _WORD.findall(sentence)
    if sentence.isupper():  # a title, or a shout
        return len(words) > 1 and bool(_LIMIT.search(sentence))
    telling = [word for word in words if not word[0].isupper() and word.lower() not in _NEUTRAL]
    if not telling:
        return False
    if _LIMIT.search(sentence):
        return True
    if any(not word.isascii() and word == word.upper() == word.lower() for word in telling):
        return True  # a script without capitals, whose words cannot be classified here
    return len(telling) >= LEAST_WORDS and not _ORIGIN.search(sentence)
