"""The fields of a form that was sent, bounded and cleaned, with what is wrong beside each. What they mean is checked
elsewhere.

Text is kept as it was typed but for characters that nobody types: control characters, bidirectional overrides,
invisible ones, private use. Names and values come back whole when something is wrong, so that nothing typed is lost.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from catalog import text_rules as rules
from catalog.unicode_normalization import normalized
from forge.web.core.request_guard import body_pieces, read_body

MAX_BODY_BYTES = 200_000
MAX_FIELDS = 300
MAX_UPLOAD_BYTES = 900_000  # of a form with a picture
MAX_UPLOAD_FIELDS = 20
MAX_NAME = 100
MAX_LINE, MAX_TEXT = 300, 10_000  # characters of a field that is kept to be shown again

# Bidirectional embeddings, overrides and isolates: https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_BIDI = "\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c"
# Characters without a shape, of which a name could be made that nobody sees: soft hyphen, grapheme joiner, zero-width
# space and word joiner, fillers of Hangul (letters to Python), marks of annotations. Joiners of letters stay.
_SHAPELESS = "\u00ad\u034f\u115f\u1160\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
_NOT_TYPED = re.compile(f"[{_BIDI}{_SHAPELESS}]")
_KEPT = "\n\t"
_BARE_ADDRESS = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]|$)")
_FILE_ENDINGS = (".md", ".rst", ".txt")  # README.md is a file, though a site in Moldova could have this name


@dataclass
class Form:
    """The fields of one form: `values` by name, each a list; `problems` by name, sentences to be translated."""

    values: Mapping[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)  # what was sent of a picture, by the name of its field
    file_names: Mapping[str, str] = field(default_factory=dict)  # how each of them is called where it comes from

    def line(self, name: str) -> str:
        """Return one line of text, trimmed; empty when nothing was typed."""
        return " ".join(self.text(name).split())

    def text(self, name: str) -> str:
        """Return text with its line breaks, trimmed."""
        values = self.values.get(name)
        return values[0] if values else ""

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return all values of a group of boxes, each once, in their order."""
        return tuple(dict.fromkeys(value for value in self.values.get(name, []) if value))

    def wrong(self, name: str, sentence: str) -> None:
        """Note what is wrong with a field; the first sentence stays."""
        self.problems.setdefault(name, sentence)


async def read_form(request: Request) -> Form:
    """Read the form of a request. Raises HTTPException: 413 for more than MAX_BODY_BYTES, 415 for what is no form,
    400 for more than MAX_FIELDS fields.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    try:
        pairs = parse_qsl(
            (await read_body(request, MAX_BODY_BYTES)).decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
            encoding="utf-8",
            errors="replace",
        )
    except ValueError:
        raise HTTPException(400) from None
    return Form(collected(pairs))


async def read_upload(request: Request) -> Form:
    """Read a form with a file: MAX_UPLOAD_BYTES in all, one file at most. Raises HTTPException as `read_form`."""
    kind, parameters = parse_options_header(request.headers.get("content-type", ""))
    if kind.strip() != b"multipart/form-data":
        return await read_form(request)
    # Browsers name none (RFC 7578, section 5.1.2). Starlette asks Python for whatever is named: "undefined" always
    # fails, and "punycode" takes minutes for a body of this size, in the event loop.
    if parameters.get(b"charset", b"utf-8").lower() != b"utf-8":
        raise HTTPException(415)
    pieces = body_pieces(request, MAX_UPLOAD_BYTES)
    parser = MultiPartParser(request.headers, pieces, max_files=1, max_fields=MAX_UPLOAD_FIELDS)
    try:
        form_data = await parser.parse()
    except MultiPartException:
        raise HTTPException(400) from None
    texts = [(name, value) for name, value in form_data.multi_items() if isinstance(value, str)]
    uploads = [(name, value) for name, value in form_data.multi_items() if not isinstance(value, str)]
    files = {name: content for name, value in uploads if (content := await value.read())}
    names = {name: clean(value.filename or "")[:MAX_NAME] for name, value in uploads if name in files}
    await form_data.close()
    return Form(collected(texts), files=files, file_names=names)


def collected(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Collect cleaned values by name, in the order of the form."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if len(name) <= MAX_NAME:
            values.setdefault(name, []).append(clean(value))
    return values


def whole_address(text: str) -> str:
    """A web address that somebody typed as people say it, without its beginning, with "https://"; other texts as they
    are.

    >>> whole_address("www.coop.example/page"), whole_address("README.md"), whole_address("Coop")
    ('https://www.coop.example/page', 'README.md', 'Coop')
    """
    if not _BARE_ADDRESS.match(text) or text.lower().endswith(_FILE_ENDINGS):
        return text
    return f"https://{text}" if rules.url(f"https://{text}") is None else text


def digits(text: str) -> str:
    """Return the text with the digits of every script as 0 to 9, as dates and numbers are kept.

    >>> digits("٢٠٢٣-٠٥")
    '2023-05'
    """
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def clean(text: str) -> str:
    """The text in Unicode's composed form, trimmed, without signs that nobody types; whole, however long it is.

    >>> clean("  Caf\\u0065\\u0301\\u202e\\x00 ")
    'Café'
    """
    text = _NOT_TYPED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    characters = (char for char in text if char in _KEPT or unicodedata.category(char) not in ("Cc", "Cs", "Co"))
    return normalized("NFC", "".join(characters)).strip()
