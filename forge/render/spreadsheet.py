"""Rows of a stranger's spreadsheet (ODS, XLSX), for the child process: what the file says of its size decides how much
memory is asked for, and a number that no memory has ends the process.
"""

import json
from io import BytesIO
from itertools import islice
from typing import Any

from python_calamine import CalamineWorkbook


def rows(data: bytes, options: dict[str, Any]) -> bytes:
    """JSON of the first sheet's rows, at most `rows` of them and `columns` of each: their number as people count them,
    and their cells as texts. Formulas are not evaluated: what was saved as their result counts.

    Raises python_calamine.CalamineError.
    """
    sheet = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0)
    first = sheet.start[0] + 1 if sheet.start else 1
    filled = (
        (number, [_text(value) for value in row[: options["columns"]]])
        for number, row in enumerate(sheet.iter_rows(), first)
        if any(value != "" for value in row)
    )
    return json.dumps(list(islice(filled, options["rows"]))).encode()


def _text(value: Any) -> str:
    """A year or a version that a spreadsheet took for a number is written without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
