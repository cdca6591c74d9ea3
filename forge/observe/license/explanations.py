"""Sentences that explain a license beside its text, and limit nobody: why it was chosen, what it gives, its disclaimer
in another language, and that those who do not want it may buy another one.

Only whole sentences of a known shape explain: "the AGPL does not allow" may be followed by anything. What a summary
lists counts below a line that says whose rights these are.
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


def explains(sentence: str) -> bool:
    """Whether a sentence explains the license beside it.

    >>> [explains(f"For this reason, we use {what}") for what in ("the GNU Affero GPL", "Acme Terms")]
    [True, False]
    """
    return any(shape.search(sentence) for shape in (_EXPLAINS, _DISCLAIMS, _DECLINES))


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
