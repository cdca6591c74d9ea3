"""A table as CSV (RFC 4180, UTF-8 with a mark for spreadsheets), in pieces. No cell of it can become a formula.

A spreadsheet runs a cell that begins like a formula, whoever wrote it: such a text gets an apostrophe before it. So
does what follows a semicolon, a tab or the end of a line inside of a text: where a comma stands in numbers (French,
Spanish, Portuguese), a spreadsheet takes the semicolon to part cells, and no quotation mark of ours begins one for it.
https://owasp.org/www-community/attacks/CSV_Injection
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
    safe = _INSIDE.sub(r"\g<0>'", text)
    return f"'{safe}" if _FORMULA.match(text) else safe


def _taken(out: io.StringIO) -> bytes:
    written = out.getvalue()
    out.seek(0)
    out.truncate()
    return written.encode()
