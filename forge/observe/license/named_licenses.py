"""Whether a sentence puts something under a license that is not known to be free."""

import re

MAX_MENTIONS = 50
MENTION_CHARACTERS = 160

FREE_NAME = re.compile(
    r"(?:GNU\W{1,3})?(?:(?:Affero|Lesser|Library)\W{1,3})?(?:General\W{1,3})?Public\W{1,3}Licen[cs]e"
    r"|(?:GNU\W{0,3})?[AL]?GPL(?:[\s-]?v?\d(?:\.\d)?)?(?![a-z])|GNU\b|FDL\b|GFDL\b|MIT\b|Expat\b|X11\b|ISC\b"
    r"|(?:(?:simplified|modified|new|revised|2-clause|3-clause|two-clause|three-clause)\W{1,3})?BSD\b|0BSD\b"
    r"|(?:the\W{1,2})?Apache\b|ASL\b|ASF\b|Mozilla\W{1,3}Public|MPL\b|Artistic\b|zlib\b|libpng\b|SIL\b|OFL\b"
    r"|Open\W{1,3}Font\b|CC-?0\b|CC\W?BY(?:-SA)?(?![\w-]*N[CD])\b|public\W{1,3}domain|domaine\W{1,3}public"
    r"|dom[ií]nio\W{1,3}público|Gemeinfrei|EUPL\b|European\W{1,3}Union\W{1,3}Public|CeCILL(?:-[BC])?\b|Boost\b"
    r"|BSL-1\.0|Unlicense\b|WTFPL\b|PSF\b|Eclipse\W{1,3}Public|EPL\b|Zope\b|ZPL\b|PostgreSQL\b|OpenSSL\b|W3C\b"
    r"|Unicode\b"
    r"|Bitstream\W{1,3}Vera|Etalab\b|ODbL\b|Creative\W{1,3}Commons\W{1,3}(?:Zero|CC-?0|BY(?!-N)"
    r"|Attribution(?!\W{1,3}(?:Non|No)))",
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"\b(?:under|sous|bajo|sob|unter|selon|según|segundo|gemäß|sotto|subject to)\b(?P<what>[^.;]{0,160})", re.IGNORECASE
)
_GRANTING = re.compile(
    r"licen[cs]|lizenz|licença|terms|conditions|agreement|contract|released|distribut|available|publi|cover|offer"
    r"|provide"
    r"|placed|put|veröffentlicht|steht|stehen|diffus|términos|termos|vertrag|contrat",
    re.IGNORECASE,
)
# Words between "under" and a license's name, or in the place of one: "under the same terms", "under the license above".
_POINTING = re.compile(
    r"(?:\W|\b(?:the|a|an|terms|and|or|conditions?|of|either|any|both|its|their|this|that|these|those|same|following"
    r"|respective|original|license[sd]?|licence[sd]?|version|free|open|source|software|permissive|liberal|whichever"
    r"|your|here|like|mentioned|other(?= copyright)|compatible|copyright|notices?"
    r"|option|choice|at|la|le|les|l|même|mêmes|el|los|las|misma|mismo|as|os|o|a|mesma|mesmo|licencia|licença|da|do|de"
    r"|der"
    r"|den|dem|die|das|derselben|gleichen|lizenz|termes|términos|termos|bedingungen)\b){0,40}",
    re.IGNORECASE,
)
_POINTER = re.compile(
    r"$|\b(?:distributed|licen[cs]ed|released|above|below|reproduced|printed|listed|described|found|stated|specified"
    r"|included|set out|given|given|in|here|see|which|that|as|copying"
    r"|licen[cs]e\.|ci-dessus|ci-dessous|suivante|siguiente|seguinte|abajo|abaixo|arriba|acima|oben|unten)\b|[\w.-]*/",
    re.IGNORECASE,
)


def names_another_license(sentence: str) -> bool:
    """Whether the sentence puts something under terms of which no name is that of a free license, and which are not
    those that it stands next to.

    >>> [names_another_license(f"Released under {name}.") for name in ("the MIT license", "Acme Terms", "this")]
    [False, True, False]
    """
    if not _GRANTING.search(sentence):
        return False
    for number, match in enumerate(_UNDER.finditer(sentence)):
        if number == MAX_MENTIONS:
            return True
        what = match["what"]
        name = what[_end_of_pointing(what) :]
        if not (FREE_NAME.match(name) or _POINTER.match(name)) and not FREE_NAME.match(what.lstrip()):
            return True
    return False


def _end_of_pointing(what: str) -> int:
    match = _POINTING.match(what)
    return match.end() if match else 0
