"""Normalization of Unicode text, in a time that grows with its length alone. Pure.

Python sorts the marks behind a letter by insertion: 100,000 of them, which a form holds, take 20 seconds, in which the
whole process stands still.
"""

import re
import unicodedata
from typing import Literal

MAX_MARKS = 30  # in a row, as in https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format; scripts need about ten

# Halfwidth voiced sound marks are letters that become marks. No mark is a letter or digit for Python.
_HALFWIDTH = "\uff9e\uff9f"
_MAY_HOLD_MANY = re.compile(rf"[^\w\x00-\x7f]{{{MAX_MARKS}}}|[{_HALFWIDTH}]")


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return `text` in this form; of the marks that stand in a row, the first MAX_MARKS.

    >>> normalized("NFC", "cafe\\u0301"), len(normalized("NFC", "a" + "\\u0315\\u0300" * 50_000))
    ('café', 30)
    """
    if text.isascii():
        return text
    return unicodedata.normalize(form, _with_few_marks(text) if _MAY_HOLD_MANY.search(text) else text)


def _with_few_marks(text: str) -> str:
    characters, marks = [], 0
    for character in text:
        is_mark = character in _HALFWIDTH or unicodedata.category(character).startswith("M")
        marks = marks + 1 if is_mark else 0
        if marks <= MAX_MARKS:
            characters.append(character)
    return "".join(characters)
