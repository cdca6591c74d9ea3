"""What may stand beside a license text and limits nobody, by its shape: why a license was chosen, what it gives, its
disclaimer in another language, what publishers print, what a program brings along, that another license can be bought.

Only whole sentences of a known shape count: "the AGPL does not allow" may be followed by anything. What a summary lists
counts below a line that says whose rights these are. Phrases with a word of a limit are left out of a sentence, the
rest of which is judged.
"""

import re
from collections.abc import Iterator

from forge.observe.license.holders import is_limit

_GNU = (
    r"(?:the )?(?:GNU )?(?:(?:Affero |Lesser |Library )?(?:General Public Licen[cs]e|GPL)|[AL]GPL)"
    r"(?:[ -]?v?\d(?:\.\d)?)?"
)
_CALLED = rf"(?:{_GNU}|(?:the )?(?:MIT|ISC|BSD|Apache|Mozilla Public|EUPL|MPL)(?: [\d.]{{1,4}})?)(?: licen[cs]e)?"
_BARE = r"[^.;:!?()]"

# What the GPL asks of distributors, and that somebody has chosen a license.
_EXPLAINS = re.compile(
    rf"^(?:{_GNU} (?:guarantees|ensures|has the requirement|requires) that any(?:one|body)(?: else)?"
    r" (?:who gets a (?:binary |modified )?(?:version|copy) of the software also gets the source code so (?:that )?they"
    r" can modify it"
    r"|using (?:that|the|this) code for their own websites? also does the courtesy of offering the source code to their"
    r" users)"
    r"|since users of websites never get the binary, just html pages, it is no better a licen[cs]e than a bsd style"
    r" licen[cs]e would be for them"
    rf"|for (?:this|that) reason,? we (?:use|chose|have chosen) {_CALLED}"
    r"|support is available (?:using|in|through|from) (?:the|our) (?:support )?(?:forum|mailing list)"
    rf"|why (?:do(?:n't| not)? (?:we|you) |not )?(?:use|chose|choose) {_CALLED})$",
    re.IGNORECASE,
)
# The disclaimer of the notice of GNU in the words of its translations, whole or from its semicolon on.
_DISCLAIMS = re.compile(
    r"^(?:without (?:even )?the implied warrant(?:y|ies) of merchantability,?(?: or| and)? fitness for a particular"
    r" purpose(?:,? (?:or|and) non-?infringement(?: of third[- ]party intellectual property rights)?)?"
    r"|die veröffentlichung dieses programms erfolgt in der hoffnung, da(?:ß|ss) es (?:ihnen )?"
    r"(?:von nutzen|nützlich) sein wird, aber ohne (?:jegliche|irgendeine|jede) (?:garantie|gewährleistung),?"
    r" (?:auch|sogar) ohne die implizite (?:garantie|gewährleistung) der marktreife oder der (?:verwendbarkeit|eignung)"
    r" für einen bestimmten zweck"
    r"|ce (?:programme|logiciel) est distribué dans l.espoir qu.il sera utile, mais sans aucune garantie"
    r"|(?:sans|y compris) même la garantie implicite de (?:commercialisation|qualité marchande) ou"
    r" d.adaptation à un (?:usage|but|objectif) particulier"
    r"|este programa se distribuye con la esperanza de que sea útil, pero sin ninguna garantía"
    r"|(?:ni siquiera|sin siquiera|incluso sin) la garantía implícita de (?:comercialización|comerciabilidad"
    r"|mercantibilidad) o (?:idoneidad|aptitud) para un propósito (?:particular|determinado)"
    r"|este programa é distribuído na esperança de que (?:possa ser|seja) útil, mas sem nenhuma garantia"
    r"|sem (?:nem )?(?:uma |a )?garantia implícita de adequação a qualquer mercado ou aplicação em particular"
    r"|questo programma è distribuito nella speranza che sia utile, ma senza alcuna garanzia"
    r"|senza neppure la garanzia implicita di commerciabilità o idoneità per un particolare scopo)$",
    re.IGNORECASE,
)
# Who does not want the GPL: what follows is said to nobody else.
_DECLINES = re.compile(
    rf"^if you (?:do not|don.t|cannot|can.t) (?:want|wish) to (?:accept|follow|comply with|be bound by)"
    rf" (?:the terms of )?{_GNU},?"
    rf" (?:then )?(?:there is an?|an?) (?:commercial|proprietary) licen[cs](?:e|ing scheme) (?:is )?available"
    rf"{_BARE}{{0,80}}$"
    rf"|^if you want to use it under the terms of {_GNU},? (?:then )?you are free to do so$"
    # What Sencha prints below the GPL of Ext JS.
    r"|^there are several floss exceptions available for use with this release for open source applications that are"
    r" distributed under a license other than gpl$"
    r"|^commercial and oem licenses are available for an alternate download of ext js$"
    r"|^this is the appropriate option if you are creating proprietary applications and you are not prepared to"
    r" distribute and share the source code of your application under the gpl v3 license$",
    re.IGNORECASE,
)
# Sentences that give the whole of it, in words that would be a limit elsewhere.
_WHOLE = re.compile(
    rf"^(?:available for use under {_CALLED}"
    r"|you may use this software under either of the following licen[cs]es"
    r"|(?:some )?(?:parts|portions) of [\w-]{1,40} use the (?:MIT|ISC|[AL]?GPL|BSD|Apache|MPL)[\d. -]{0,8} licen[cs]e"
    r"|[\w-]{1,40} is copyright \(c\) [\d, -]{4,30}[\w ,&.-]{0,80}"
    r"|all unmodified files from these and other sources retain their original(?: copyright and license notices)?)$",
    re.IGNORECASE,
)
# What publishers print with their texts, in editions that no template and no fingerprint has.
PRINTED = re.compile(
    r"^(?:for more information, please see"
    # The FSF, around the pages of its licenses.
    r"|there are also other ways to contact the FSF"
    r"|verbatim copying and distribution of this entire article is permitted in any medium without royalty provided"
    r" this notice is preserved"
    # The foundation of jQuery, below its license.
    r"|copyright and related rights for sample code are waived via cc0"
    r"|all files located in the node_modules and external directories are externally maintained libraries used by this"
    r" software which have their own licenses"
    r"|files located in the node_modules directory, and certain utilities used to build or test the software in the"
    r" test and dist directories, are externally maintained libraries used by this software which have their own"
    r" licenses"
    r"|code is defined as all source code displayed within the prose of the documentation"
    r"|we recommend you read them, as their terms may differ from the terms above"
    # Creative Commons, below each of its texts.
    r"|creative commons is not a party to its public licenses"
    r"|notwithstanding, creative commons may elect to apply one of its public licenses to material it publishes and in"
    r" those instances will be considered the .licensor\.. except for the limited purpose of indicating that material"
    r" is shared under a creative commons public license or as otherwise permitted by the creative commons policies"
    r" published at creativecommons\.org/policies, creative commons does not authorize the use of the trademark"
    r" .creative commons. or any other trademark or logo of creative commons without its prior written consent"
    r" including, without limitation, in connection with any unauthorized modifications to any of its public licenses"
    r" or any other arrangements, understandings, or agreements concerning use of licensed material"
    r"|for the avoidance of doubt, this paragraph does not form part of the public licenses"
    r"|creative commons may be contacted at(?: creativecommons\.org)?"
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
# What a program brings along has licenses of its own everywhere; where it lies in the tree, its own files decide.
_THIRD_PARTY = re.compile(
    r"^\W{0,5}(?:(?:this|the) (?:product|project|software|program|distribution) (?:bundles|includes|contains|uses) )?"
    r"(?:some |all |the |any )?(?:bundled |external )?third[- ]party "
    r"(?:(?:libraries|jars|components|dependencies|software|packages|modules|resources?|files|and) ?){1,6}"
    r"(?:used by [\w.-]{1,40} |incorporated into [\w.-]{1,40}(?: software)? |that )?"
    r"(?:are|is|may be) (?:licen[cs]ed|released|covered|distributed|published) under "
    r"(?:the |their |various |other |different |original |own |respective ){1,4}licen[cs]es?"
    r"(?: than the [\w.]{1,10} licen[cs]e| provided by the owner of the applicable component)?$"
    r"|^this software is distributed with some third[- ]party software which is not distributed under the above"
    r" licen[cs]e$"
    r"|^please note that some subdirectories of the [\w-]{1,40} distribution include their own licen[cs]e files, and"
    r" are"
    r" released under different licen[cs]es$",
    re.IGNORECASE,
)
# The permission that the FSF words for linking with what the GPL does not allow:
# https://www.gnu.org/licenses/gpl-faq.html#GPLIncompatibleLibs
_LINKING = re.compile(
    r"^(?:additional permission under GNU A?GPL version 3 section 7"
    r"|if you modify this program, or any covered work, by linking or combining it with [\w .,'()/-]{1,200}"
    r"\(or a modified version of (?:that library|those libraries|it)\), containing parts covered by the terms of"
    r" [\w .,'()/-]{1,200}, the licensors of this program grant you additional permission to convey the resulting work"
    r"|corresponding source for a non-source form of such a combination shall include the source code for the parts of"
    r" [\w .,'()/-]{1,200} used as well as that of the covered work)$",
    re.IGNORECASE,
)
# Phrases with a word of a limit that limit nobody; what is around them counts.
_HARMLESS = re.compile(
    r"\b(?:unless|except (?:where|as|when|if)) (?:it is |they are )?(?:explicitly |otherwise |specifically )?"
    r"(?:noted|stated|specified|indicated|mentioned|marked|documented)(?: below| above| otherwise)?,?"
    # Who leads and holds it, and how they like to be named where the license asks for that already.
    r"|\bunder the (?:leadership|stewardship|direction) of\b|\ba 501\(?c\)?\(?3\)? (?:organi[sz]ation|non-?profit)\b"
    r"|\b(?:is|are) the intellectual property of\b|\bpreferred (?:form of )?attribution is\b"
    r"|\bcreative commons attribution(?:[- ]share[- ]?alike)?(?= \d)|\bpermissive free software licen[cs]e\b"
    r"|\bfor (?:any(?:one|body)|every(?:one|body)|those|people) who (?:needs?|wants?) (?:it|them)\b"
    r"|\battribution information\b|\bincluding attribution\b|\bpermission notices?\b"
    r"|\b(?:is|are) (?:an? )?(?:registered )?trademarks? of [^.]{1,80} in the (?:united states|u\.?s\.?a?)\b[^.]{0,30}"
    r"\b(?:or|and) other countries\b"
    r"|\bthe exceptions? (?:for [\w ]{1,30} )?(?:is|are) as follows\b|\b(?:is|are) (?:also )?subject to the (?:same"
    r"|terms)\b"
    r"|\bunless required by (?:applicable )?law(?: or agreed to in writing)?,?"
    r"|\b(?:is|are) (?:also )?subject to the GNU (?:Affero |Lesser )?General Public Licen[cs]e\b"
    r"|\bat (?:your|the user.s) own risk\b"
    r"|\b(?:use of (?:the|this) [\w ]{1,30} )?(?:is|are) (?:not (?:a|any) substitute|no substitute) for\b"
    r"|\bwithout limitation,?|\bbut not limited to\b"
    r"|\bwithout (?:even )?(?:the implied |any )?warrant(?:y|ies)(?: of any kind)?|\bno warrant(?:y|ies)\b"
    r"|\b(?:is|are) required (?:in order )?(?:to|for) (?:the )?(?:\w+ ){0,3}(?:run|function|work|build|compile)\b"
    r"|\blicensed to the apache software foundation\b|\ball rights reserved\b|\bsome rights reserved\b"
    r"|\bnot (?:listed|mentioned|named) (?:here|above|below)\b|\b(?:is|are|was|were) not (?:required|found|needed"
    r"|affected|modified)\b|\blimitations? of liability\b"
    r"|\b(?:logos?|names?) (?:is|are) (?:registered )?(?:a )?(?:registered )?trademarks?\b"
    r"|\bthird[- ]part(?:y|ies)\b|\bif not, (?:please )?(?:see|write to)\b|\bnot (?:affiliated with|endorsed by)\b"
    r"|\b(?:for more|further) (?:details|information)\b|\bregistered (?:trade)?marks?\b|\bGPL[- ]?v?[\d.]* only\b"
    r"|\bversion \d(?:\.\d)? only\b|\b(?:business interruption|loss of (?:use|business|profits|goodwill)"
    r"|personal injury"
    r"|cost of (?:procurement|substitute)[^.]{0,60}services)\b",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"^[ \t#*]{0,6}(?:(?:the|die|la|a|il) )?(?:licen[cs]e |licencia |licença )?(?P<name>[\w.-]{2,20}(?: \d(?:\.\d)?)?)"
    r"(?:[ -](?:licen[cs]e|lizenz))? (?:guarantees|grants you|gives you|garantiert|gewährt|erlaubt|garantit|garantiza"
    r"|garante|garantisce)[ \t]*:[ \t]*\n(?:[ \t]*\n)?(?P<lines>(?:[ \t]*[-*•][ \t]+[^\n]{1,200}(?:\n|$)){1,20})",
    re.IGNORECASE | re.MULTILINE,
)
_ACTS = (
    r"(?:use|run|study|change|modify|copy|share|distribute|redistribute|sell|sublicense|improve|nutzen|verwenden"
    r"|modifizieren|verändern|ändern|kopieren|verteilen|verbreiten|weitergeben|verkaufen|utiliser|étudier|modifier|copier"
    r"|distribuer|partager|vendre|usar|estudiar|estudar|modificar|copiar|distribuir|compartir|compartilhar|vender)"
)
_GIVES = re.compile(
    r"(?:free use|freie nutzung|libre utilisation|uso libre|uso livre)"
    r"(?: \((?:commercial and private use allowed|kommerzielle und private nutzung erlaubt)\))?"
    r"|access to the source(?: code)?|(?:zugang zum quellcode|quellcode-zugang)|accès au code source"
    r"|acceso al código fuente|acesso ao código[- ]fonte"
    rf"|(?:the |das |le |el |o )?(?:right to|recht,? zu|droit (?:de|d.)|derecho a|direito de) ?{_ACTS}"
    rf"(?:(?:, | and | or |, and | und | oder | et | ou | y | e ){_ACTS}){{0,6}}",
    re.IGNORECASE,
)
# What the copyleft of the GPL asks in any case.
_COPYLEFT = re.compile(
    r"(?:copyleft ?: ?)?(?:derivative works must be (?:licensed|released|distributed) under the same licen[cs]e"
    r"|abgeleitete werke müssen unter (?:der )?gleiche[nr]? lizenz (?:stehen|veröffentlicht werden)"
    r"|les œuvres dérivées doivent être (?:distribuées|publiées) sous la même licence"
    r"|las obras derivadas deben (?:distribuirse|publicarse) bajo la misma licencia"
    r"|obras derivadas devem ser (?:distribuídas|publicadas) sob a mesma licença)",
    re.IGNORECASE,
)


_LIST = re.compile(r"(?:^[ \t]{0,8}(?:[-*][ \t])?[\w@][\w@./+-]{0,100}[ \t]*(?:\n|\Z)){5,500}", re.MULTILINE)
_QUALIFIED = re.compile(r"\w[./-]\w")


_SHAPES = (_EXPLAINS, _DISCLAIMS, _DECLINES, _WHOLE, PRINTED, _THIRD_PARTY, _LINKING)


def is_harmless(sentence: str) -> bool:
    """Whether the whole of a sentence beside a license has a shape that limits nobody.

    >>> [is_harmless(f"For this reason, we use {what}") for what in ("the GNU Affero GPL", "Acme Terms")]
    [True, False]
    """
    return any(shape.search(sentence) for shape in _SHAPES)


def without_harmless(sentence: str) -> str:
    """The sentence without phrases that have a word of a limit and limit nobody."""
    return _HARMLESS.sub(" ", sentence)


def without_summaries(text: str) -> tuple[str, list[str]]:
    """The text without the lists of rights that a license gives, and the lines of those lists.

    A list with a line that gives nothing stays, and so does one that asks for more than its license.
    """
    listed: list[str] = []

    def taken_out(match: re.Match[str]) -> str:
        lines = list(_lines(match["lines"]))
        shapes = (_GIVES, _COPYLEFT) if "GPL" in match["name"].upper() else (_GIVES,)
        if not all(any(shape.fullmatch(line) for shape in shapes) for line in lines):
            return match[0]
        listed.extend(lines)
        return "\n\n"

    return _SUMMARY.sub(taken_out, text), listed


def without_lists_of_names(text: str) -> str:
    """The text without lists of packages, one a line: `org.example/beet`. Prose with one word a line stays.

    >>> without_lists_of_names("With:\\n" + "org.example/beet\\n" * 5).strip(), len(without_lists_of_names("a\\n" * 9))
    ('With:', 18)
    """
    return _LIST.sub(lambda match: match[0] if _is_prose(match[0].split()) else "\n\n", text)


def _is_prose(names: list[str]) -> bool:
    qualified = [name for name in names if _QUALIFIED.search(name)]
    return len(qualified) * 3 < len(names) or any(
        is_limit(word.casefold()) for name in names if name not in qualified for word in re.findall(r"[^\W\d_]+", name)
    )


def _lines(listed: str) -> Iterator[str]:
    for line in listed.split("\n"):
        if line.strip():
            yield " ".join(line.strip(" \t-*•").rstrip(".;,").split())
