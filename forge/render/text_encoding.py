"""Reads bytes of a file as text, in the encoding that they are in as far as they show it.

Files of many years are in Windows-1252, of which Latin-1 is a part, or in UTF-16, and say so nowhere but for a mark at
the beginning (https://www.unicode.org/faq/utf_bom.html).
"""

import codecs
from typing import NamedTuple

UTF_8, UTF_16, WINDOWS_1252 = "UTF-8", "UTF-16", "Windows-1252"


class DecodedText(NamedTuple):
    """A text without its mark of the encoding, and the encoding that it was read in."""

    text: str
    encoding: str


def decoded(data: bytes) -> DecodedText:
    """The text of these bytes; what cannot be read in the encoding is U+FFFD.

    >>> decoded("cr\u00e8me".encode("latin-1"))
    DecodedText(text='cr\u00e8me', encoding='Windows-1252')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return DecodedText(data.decode("utf-16", "replace"), UTF_16)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return DecodedText(data.decode("utf-8"), UTF_8)
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    unread = text.count("\ufffd")
    # Where as much is UTF-8 as is not, a part of it is damaged or foreign; in another encoding next to nothing is.
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if beyond_ascii >= 2 * unread:
        return DecodedText(text, UTF_8)
    return DecodedText(data.decode("cp1252", "replace"), WINDOWS_1252)
