"""Words of limits that belong to a holder's name: "Association", "Cooperative", or what somebody is called."""

import re
from functools import cache

from forge.observe.license.limits import LIMIT, OBLIGES, STRONG

MOST_NAMED = 2  # capitalized words of limits in a holder's line; "Companies Pay A Fee" has more

_WORD = re.compile(r"[^\W\d_]+")
_KIND = re.compile(
    r"organi[sz]ations?|universit\w+|associations?|associaç\w+|asociaci\w+|associazion\w*|co|op|coop\w*"
    r"|compan(?:y|ies)|corporat\w+|groups?|gro?up|networks?|communit(?:y|ies)|federations?|schools?|enterprises?"
    r"|business\w*|members?|partners?|governments?|research|education|academic|movements?|verein|genossenschaft\w*"
    r"|entreprises?|empresas?|socios|rede?|réseau|mouvement|movimiento|movimento|workers?|staff|volunteers?|police"
    r"|students?",
    re.IGNORECASE,
)


def names_only(line: str) -> bool:
    """Whether each word of a limit in a line of holders may belong to a name.

    >>> [names_only(f"Copyright 2021 {who}") for who in ("the Gardeners' Association", "Ada, for companies that pay")]
    [True, False]
    """
    words = [word for word in _WORD.findall(line) if is_limit(word.casefold())]
    names = named_words(line)
    kinds = [word for word in names if _KIND.fullmatch(word)]
    return len(words) == len(names) and len(names) - len(kinds) <= MOST_NAMED and not OBLIGES.search(line)


def named_words(place: str) -> list[str]:
    """The words of limits that may belong to a holder's name there, folded."""
    return [
        word.casefold()
        for word in _WORD.findall(place)
        if is_limit(word.casefold())
        and (_KIND.fullmatch(word) or (word[0].isupper() and not place.isupper() and not STRONG.fullmatch(word)))
    ]


@cache
def is_limit(word: str) -> bool:
    """Whether a word, folded, is one of a limit."""
    return bool(LIMIT.fullmatch(word) or STRONG.fullmatch(word))
