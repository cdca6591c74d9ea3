"""The bounds within which a stranger's file is read, its text, and the one error of all readers."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from catalog.sentences import mark
from forge.observe.core.observed_fact import ObservedFact
from forge.observe.core.tree import MAX_FILE_BYTES

MAX_DEPTH = 64  # of lists and groups in each other
MAX_NODES = 100_000

TOO_DEEP = mark("Lists and groups stand more than 64 deep in each other; flatten them.")

_REPEATED = re.compile(r"\s*\([^)]*\)?|\s*'.*'|\s*\".*\"", re.DOTALL)
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Unreadable(Exception):
    """The content cannot be read within the bounds; the text is a sentence, `line` counts from 1."""

    def __init__(self, sentence: str, line: int = 1):
        super().__init__(sentence)
        self.line = line


def unreadable(path: str, error: Unreadable) -> ObservedFact:
    """What an observer returns for a file that it could not read."""
    return ObservedFact("unreadable", {"problem": str(error), "line": error.line}, path)


def text_of(data: bytes, max_bytes: int = MAX_FILE_BYTES) -> str:
    """The text of a UTF-8 file, without its byte order mark."""
    if len(data) > max_bytes:
        raise Unreadable(f"The file has {len(data):,} bytes, more than the {max_bytes:,} that are read.")
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise Unreadable(mark("The file is encoded as UTF-16; save it as UTF-8."))
    data = data.removeprefix(BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"Byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8.", line) from error


def without_unstorable(text: str) -> str:
    """The text without what databases and JSON do not accept: NUL and halves of surrogate pairs."""
    return _NO_TEXT.sub("\ufffd", text)


def without_quotes(message: str) -> str:
    """A parser's message without its quotes from the file, which may be a person's name."""
    return _REPEATED.sub(lambda match: "" if re.search(r"\w", match[0]) else match[0], message)[:200]
