"""Words next to a license text: those that limit it, that add to it, that relate several to each other, "or later".

They decide whether an answer is sure. A word too many makes an answer unsure, never surer.
"""

import re
from itertools import islice

from forge.observe.license import fingerprints
from forge.observe.license.limits import CONDITION, OBLIGES
from forge.observe.license.texts import OUTSIDE

STATEMENT_CHARACTERS = 64 * 1024  # read for "or later"
MENTIONS = 200  # of a license in them that are examined
MENTION_CHARACTERS = 400  # examined of each mention
CONDITION_CHARACTERS = 128 * 1024
OFFER_CHARACTERS = 3_000  # in which several licenses are offered; a license's own terms may mention options

# Words with which a short file reserves what it covers; beside a license text they mean less, BSD's begins with them.
_RESERVED = re.compile(
    r"all rights reserved|tous droits réservés|todos los derechos reservados|todos os direitos reservados"
    r"|alle rechte vorbehalten|tutti i diritti riservati|commercial licen[cs]e|licence commerciale|confidential"
    r"|subscription|\bEULA\b|end[- ]user licen[cs]e",
    re.IGNORECASE,
)
# What is never said about free software, also in a long file.
_FORBIDS = re.compile(
    r"proprietary|confidential|trade secret|non-?commercial (?:use|purposes?) only"
    r"|not? (?:part|portion) of this \w+ may be (?:reproduced|copied|distributed)"
    r"|(?:may|must|shall) not (?:be )?(?:copy|copied|distribute|distributed|reproduce|reproduced|modif\w+|sell|sold"
    r"|resell|sublicense|reverse[- ]engineer\w*|redistribut\w+)\b"
    r"|without (?:the )?(?:prior |express )+(?:written )?(?:permission|consent)"
    r"|(?:enterprise|commercial|subscription|evaluation|trial) licen[cs]e|licence commerciale"
    r"|usage commercial interdit",
    re.IGNORECASE,
)
# Names are no part of what is given. Who changes a program gives it another one: clause 5 of Apache 1.1, clause 4
# of PHP 3.01; nobody recommends his own with that of the first: clause 3 of BSD, clause 3 of PHP 2.02.
_OTHER_NAME = re.compile(
    r"\bnames? [^.;]{1,100} (?:must|may) not be used to endorse or promote products derived from (?:the|this) software"
    r" without (?:specific )?prior (?:written )?permission(?: (?:of|from) [^.;]{1,60})?"
    r"|"
    r"products derived from (?:the|this) software may not be called [^.;]{1,60}, nor may [^.;]{1,60} appear in their"
    r" names?,? without (?:specific )?(?:prior )?written permission (?:of|from) [^.;]{1,60}",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(
    r"under (?:the terms of )?\W{0,2}(?:either|any|one)\W{1,2}(?:one )?of (?:the |these |this |following )*licen[cs]es?"
    r"|dual[- ]licen[cs]ed under (?:[^.;]{0,120}?\b(?:or|either|choice|option)\b)"
    r"|\bat your (?:option|choice)(?!\W{1,3}any later)|choose (?:either|between|one of)"
    r"|\b(?:your|the) choice of\b|tri-?licen[cs]"
    r"|either (?:of )?(?:the|these) (?:two |following )*licen[cs]es?|double licence|licence au choix|au choix de l",
    re.IGNORECASE,
)
# Exceptions after WITH, by words that occur in no other text.
_EXCEPTIONS = {
    "LLVM-exception": r"portions of this Software are embedded into an Object form of such source code, you may"
    r" redistribute such embedded portions",
    "Classpath-exception-2.0": r"special exception, the copyright holders of this library give you permission to link"
    r" this library with independent modules to produce an executable",
    "GCC-exception-3.1": r"GCC RUNTIME LIBRARY EXCEPTION",
    "PCRE2-exception": r"EXEMPTION FOR BINARY LIBRARY-LIKE PACKAGES",
    "Font-exception-2.0": r"if you create a document which uses this font, and embed this font or unaltered portions",
    "Bison-exception-2.2": r"you may create a larger work that contains part or all of the Bison parser skeleton",
}
_EXCEPTION = {
    name: re.compile(r"[\s*#/.]+".join(map(re.escape, text.split())), re.I) for name, text in _EXCEPTIONS.items()
}
# The other paragraph of LLVM's: https://spdx.org/licenses/LLVM-exception.html
_MORE_OF_LLVM = re.compile(r"if\s+you\s+combine\s+or\s+link\s+compiled\s+forms\s+of\s+this\s+Software\s+with\s", re.I)
_ANY_EXCEPTION = re.compile(
    r"special\s+exception|additional\s+permission|exception\s+particulière|linking\s+exception", re.I
)

# The FSF's words that permit to link with other libraries need no name: one may leave such a permission out.
_LINKING = re.compile(
    r"\badditional\s+permission\s+under\s+GNU\s+A?GPL\s+version\s+3\s+section\s+7\b"
    r"|\bgrant\s+you\s+additional\s+permission\s+to\s+convey\s+the\s+resulting\s+work\b",
    re.IGNORECASE,
)
# What a README says against the license of the whole, a sentence at a time. Support and hosting that is sold is no
# limit, nor is a price, nor that a commercial license is there for those who do not want the free one.
_UNFREE_NAME = re.compile(
    "|".join(pattern.pattern for pattern in OUTSIDE.values())
    + r"|\bCC[ -]?BY(?:[ -]SA)?[ -]N[CD]\b|creativecommons\.org/licenses/by(?:-sa)?-n[cd]\b"
    r"|\bcommons clause\b(?! was not)|creative commons attribution[- ]no(?:n-?commercial|-?deriv)"
    r"|\b(?:SSPL|BUSL|FSL-1\.1|PolyForm)\b"
    r"|\b(?:is|are|remains?) source[- ]available\b|\b(?:the|this|our|all) [^.]{1,60} (?:is|are|remains?) proprietary\b",
    re.IGNORECASE,
)
_COMMERCIAL = re.compile(
    r"\b(?:commercial(?:ly)?|for[- ]profit|kommerzielle[rn]?|gewerbliche[rn]?) (?:re-?)?(?:us\w+|purpos\w+|distribut\w+"
    r"|nutzung|zwecke?n?|verwendung)\b|\bus(?:e|ed|age)\b[^.]{0,40} commercially\b"
    r"|\bnon-?commercial (?:us\w+|purpos\w+|licen[cs]es?)\b|[(,:] ?non-?commercial\b"
    r"|\bcommercial licen[cs]es? (?:is|are) required\b"
    r"|\b(?:usage|utilisation|uso|fins?|fines)\b[^.]{0,20} (?:no[nt]? |não )?[ck]omm?er[ct]ia(?:le?s?|is)\b"
    r"|\bnicht-?kommerziell\w*|\b(?:may|must|can|do|shall) ?not (?:re-?)?sell\b",
    re.IGNORECASE,
)
_ANY_USE = re.compile(
    r"\b(?:commercial,?(?: and| or|,) non-?commercial|non-?commercial,?(?: and| or|,) commercial)\b", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:no[nt]?|never|except\w*|excep?to|excluded|sauf|salvo|außer|ausgenommen|nur|nicht|untersagt|verboten|pas"
    r"|não|otherwise|only|must|prohib\w+|forbid\w*|interdi\w+|proibid\w+|vietat\w+|restrict\w+|disallowed|requires?"
    r"|required|needs?)\b|n't\b|\bnon-?commercial|\bnicht-?kommerziell",
    re.IGNORECASE,
)
_WHO = (
    r"(?:compan|corporat|business|militar|polic|government|members?\b|enterprise|non-?profit|personal|private|academic"
    r"|education|non-?commercial)"
)
_FOR_SOME = re.compile(
    rf"\bfree (?:of charge )?for {_WHO}|\b(?:may|must|can) (?:not|only) be used (?:by|for|in) (?:any |the )?{_WHO}"
    r"|\b(?:use|usage) (?:of (?:the|this) [\w ]{1,30} )?(?:by|for|in) [^.]{1,60} (?:requires|needs|is (?:\w+ly )?"
    r"(?:prohibited|forbidden|excluded|not (?:allowed|permitted)))\b",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"\b(?:this|the|our|whole|entire) (?!source|object)(?:\w+ ){0,2}?(?:programs?|applications?|apps?|servers?|code"
    r"|repository|projects?|platform)\b|\b(?-i:software) (?:that|(?:in |with )?which)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n[ \t]*\n|\n(?=[ \t]*[-*#|])")
_LATER = (
    r"(?:any|or)\W+later(?:\W+version)?"
    r"|ou\W+(?:toute\W+)?version\W+ultérieure"
    r"|o\W+(?:cualquier\W+)?versión\W+posterior"
)
_GNU = {
    "AGPL": r"AGPL|Affero\W+(?:GNU\W+)?General\W+Public\W+Licen[cs]e|Affero\W+GPL",
    "LGPL": r"LGPL|Lesser\W+General\W+Public\W+Licen[cs]e|Library\W+General\W+Public\W+Licen[cs]e|Lesser\W+GPL",
    "GPL": r"(?<![AL])GPL|GNU\W+General\W+Public\W+Licen[cs]e",
}


def obliges(sentence: str) -> bool:
    """Whether a sentence has words that oblige, forbid or take away, whatever else it says."""
    return bool(CONDITION.search(sentence) or OBLIGES.search(sentence))


def reserves(words: str) -> bool:
    """Whether a short file reserves rights to an unknown extent."""
    plain = " ".join(words[:CONDITION_CHARACTERS].split())
    return bool(_RESERVED.search(plain) or obliges(plain))


def forbids(words: str) -> bool:
    """Whether a text forbids what free software allows."""
    # The GPL's own advice after its terms mentions proprietary programs.
    plain = " ".join(fingerprints.without_known(words[:CONDITION_CHARACTERS]).split())
    return bool(_FORBIDS.search(_OTHER_NAME.sub(" ", plain)))


def exceptions(beside: str) -> tuple[list[str], bool]:
    """The exceptions next to a license text, by SPDX id, and whether there is an unknown one."""
    text = beside[:CONDITION_CHARACTERS]
    known_names = [name for name, pattern in _EXCEPTION.items() if pattern.search(text)]
    unknown = not known_names and bool(_ANY_EXCEPTION.search(_LINKING.sub(" ", text)))
    return known_names, unknown


def without_exceptions(beside: str) -> str:
    """The words next to a license text without the paragraphs of known exceptions, which oblige nobody."""
    # Not \s: BETWEEN is one of its characters.
    paragraphs = re.split(r"\n[ \t\r]*\n", beside[:CONDITION_CHARACTERS])
    patterns = (*_EXCEPTION.values(), _MORE_OF_LLVM)
    return "\n\n".join(
        paragraph for paragraph in paragraphs if not any(pattern.search(paragraph) for pattern in patterns)
    )


def alternatives(beside: str) -> bool:
    """Whether the words between several licenses let the reader choose one."""
    return bool(_ALTERNATIVES.search(" ".join(beside[:OFFER_CHARACTERS].split())))


def names_unfree_part(readme: str) -> bool:
    """Whether a README names a license that is not free, mostly of pictures, or says of the whole who may not use it or
    for what.
    """
    sentences = (" ".join(part.split()) for part in _SENTENCE.split(readme[:STATEMENT_CHARACTERS]))
    return any(
        _UNFREE_NAME.search(sentence)
        or _FOR_SOME.search(sentence)
        or (_COMMERCIAL.search(plain := _ANY_USE.sub(" ", sentence)) and _DENIED.search(plain))
        for sentence in sentences
    )


def speaks_of_program(sentence: str) -> bool:
    """Whether a sentence of a license file for pictures, texts or what is bundled speaks of the program.

    >>> [speaks_of_program(f"{what} is for members.") for what in ("All of the program", "This font")]
    [True, False]
    """
    return bool(_PROGRAM.search(sentence))


def stated_suffix(spdx: str, text: str) -> str | None:
    """ "-or-later" or "-only" where `text` says so of this very GNU license and version; None where it does not.

    >>> stated_suffix("AGPL-3.0", "GNU Affero General Public License, version 3 or any later version")
    '-or-later'
    """
    text = text[:STATEMENT_CHARACTERS]
    for match in re.finditer(rf"\b{re.escape(spdx)}-(or-later|only)\b", text):
        return f"-{match[1]}"
    kind, _, version = spdx.partition("-")
    if kind not in _GNU:
        return None
    number = version.removesuffix(".0")
    between = rf"(?:(?!{_others_than(kind)})[^.]|\.(?=\d)){{0,160}}?"
    mention = rf"(?:{_GNU[kind]}){between}(?<![\d.]){re.escape(number)}(?:\.0)?(?![\d.]*\d)"
    later = re.compile(rf"{mention}(?:\+(?!\w)|[^.]{{0,90}}?\b(?:{_LATER}))", re.IGNORECASE)
    only = re.compile(rf"{mention}\W+only\b", re.IGNORECASE)
    starts = [match.start() for match in islice(re.finditer(_GNU[kind], text, re.IGNORECASE), MENTIONS)]
    for pattern, suffix in ((later, "-or-later"), (only, "-only")):
        if any(pattern.match(text, start, start + MENTION_CHARACTERS) for start in starts):
            return suffix
    return None


def _others_than(kind: str) -> str:
    return "|".join(pattern for name, pattern in _GNU.items() if name != kind)
