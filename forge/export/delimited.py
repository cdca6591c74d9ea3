"""A table as CSV (RFC 4180, UTF-8 with a byte order mark for spreadsheets), in pieces. No cell of it can become a
formula.

A spreadsheet runs a cell that begins like a formula: such a text gets an apostrophe before it. So
does what follows a semicolon, a tab or the end of a line inside of a text: where numbers have a decimal comma
(French, Spanish, Portuguese), a spreadsheet splits cells at the semicolon, and no quotation mark of ours begins one
for it. https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterator

from forge.export.tables import Cell, Table
from forge.i18n.languages import plain

_BEGINS = r"[=+\-@\uff1d\uff0b\uff0d\uff20|%]"
_FORMULA = re.compile(rf"\s*{_BEGINS}|\s*[\t\r]")
_INSIDE = re.compile(rf'(?<![;"\s])(?=(?:"|[^\S\t\r\n])*+[;\t\r\n])[;"\s]++(?={_BEGINS})')
BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets read the bytes as an old code page
ROWS = 200  # of one piece
_SURROGATE = re.compile("[\ud800-\udfff]")


def csv_pieces(table: Table) -> Iterator[bytes]:
    """Yield the header, then the rows, some `ROWS` at once."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(BYTE_ORDER_MARK)
    writer.writerow(table.columns)
    for number, row in enumerate(table.rows, 1):
        writer.writerow([cell(value) for value in row])
        if number % ROWS == 0:
            yield _flush(out)
    yield _flush(out)


def cell(value: Cell) -> Cell:
    """Return the value without characters that hide or run."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = _SURROGATE.sub("\ufffd", plain(value)).replace("\r\n", "\n")
    safe = _INSIDE.sub(r"\g<0>'", text)
    return f"'{safe}" if _FORMULA.match(text) else safe


def _flush(out: io.StringIO) -> bytes:
    written = out.getvalue()
    out.seek(0)
    out.truncate()
    return written.encode()
