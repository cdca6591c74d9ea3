"""The mark of a sentence that people read: it is collected for translators here and translated where it is shown; and
texts of a file inside of sentences.
"""

from collections.abc import Callable

Sentence = str | Callable[[], str]  # called only when it is listed: looking for the nearest word takes time


def mark(message: str) -> str:
    """Return the message itself. It marks sentences that stand in tables of the code or in errors, for
    `forge languages extract`.
    """
    return message


def quoted(text: str) -> str:
    """Text of the file for use in a sentence: on one line, at most 60 characters, in quotation marks."""
    line = " ".join(text[:1000].split())
    return f'"{line if len(line) <= 60 else line[:59] + "…"}"'
