"""A table as CSV (RFC 4180, UTF-8 with a mark for spreadsheets), in pieces. No cell of it can become a formula.

A spreadsheet runs a cell that begins like a formula, whoever wrote it: such a text gets an apostrophe before it.
https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import re
from collections.abc import Iterator

from forge.export.tables import Cell, Table
from forge.languages import plain

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%\t\r]")
MARK = "\ufeff"  # without it spreadsheets read the bytes as an old code page
ROWS = 200  # of one piece
_SURROGATE = re.compile("[\ud800-\udfff]")


def delimited(table: Table) -> Iterator[bytes]:
    """The header, then the rows, some `ROWS` at once."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    out.write(MARK)
    writer.writerow(table.columns)
    for number, row in enumerate(table.rows, 1):
        writer.writerow([cell(one) for one in row])
        if number % ROWS == 0:
            yield _taken(out)
    yield _taken(out)


def cell(value: Cell) -> Cell:
    """The value without what hides or runs."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = _SURROGATE.sub("\ufffd", plain(value)).replace("\r\n", "\n")
    return f"'{text}" if _FORMULA.match(text) else text


def _taken(out: io.StringIO) -> bytes:
    written = out.getvalue()
    out.seek(0)
    out.truncate()
    return written.encode()
