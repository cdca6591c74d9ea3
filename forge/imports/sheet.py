"""Reads spreadsheets of projects, as CSV, ODS or XLSX: a row a project, columns named in one of five languages.

Values of a cell that may hold several are separated by ; or |. Formulas are not evaluated: what was saved as their
result counts. Persons have no column.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any

from catalog.rules.pasted_table import match_column
from forge.imports.awesome import domain_called
from forge.imports.found import (
    ImportedProject,
    ImportProblem,
    ReadSource,
    clean_line,
    fitting_values,
    without_duplicates,
)
from forge.observe.bounded import Element, Unreadable, xml_of
from forge.observe.core.privacy_filter import organization_name

FORMATS = (".csv", ".tsv", ".ods", ".xlsx")
MAX_FILE_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 60_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 60

# What people write above a column, compared without case, accents and signs. A summary's head may end with a language.
HEADS: Mapping[str, tuple[str, ...]] = {
    "name": (
        *("name", "project", "software", "tool", "nom", "projet", "logiciel", "outil", "nombre", "proyecto"),
        *("programa", "herramienta", "nome", "projeto", "ferramenta", "الاسم", "البرنامج", "الأداة", "المشروع"),
    ),
    "summary": (
        *("summary", "description", "what it does", "résumé", "à quoi ça sert", "resumen", "descripción"),
        *("para qué sirve", "resumo", "descrição", "para que serve", "الوصف", "الملخص", "ملخص"),
    ),
    "repository": (
        *("repository", "source", "source code", "code", "git", "dépôt", "code source", "repositorio"),
        *("código", "código fuente", "repositório", "código fonte", "المستودع", "الشيفرة", "المصدر"),
    ),
    "homepage": (
        *("homepage", "website", "site", "web", "url", "site web", "sitio", "sitio web", "página web"),
        *("página", "الموقع", "موقع الويب"),
    ),
    "license": ("license", "licence", "licencia", "licença", "الرخصة", "الترخيص"),
    "languages": ("languages", "langues", "idiomas", "lenguas", "línguas", "اللغات"),
    "domains": (
        "domains",
        "needs",
        "domaines",
        "besoins",
        "ámbitos",
        "necesidades",
        "domínios",
        "المجالات",
        "الاحتياجات",
    ),
    "replaces": ("replaces", "remplace", "reemplaza", "sustituye", "substitui", "يحل محل", "بديل عن"),
    "maintainer": (
        *("maintained by", "organization", "maintenu par", "organisation", "mantenido por", "organización"),
        *("mantido por", "organização", "المنظمة", "تصونه"),
    ),
    "language": ("language", "langue", "idioma", "língua", "اللغة"),  # of the summary
}


def read_sheet(path: Path) -> ReadSource:
    """Read the first sheet of a file."""
    try:
        # No more is asked for than is read: one repeated row of a small file is millions.
        rows = list(islice(dropwhile(lambda row: not any(row[1]), _read_rows(path)), MAX_ROWS + 2))
    except Unreadable as wrong:
        return ReadSource(problems=(ImportProblem(path.name, wrong.line, "", str(wrong)),), complete=False)
    columns = [match_column(head, HEADS) for head in rows[0][1]] if rows else []
    if not {"name", "summary"} <= set(columns):
        sentence = "Write a first line with the names of the columns, among them name and description."
        return ReadSource(problems=(ImportProblem(path.name, rows[0][0] if rows else 1, "", sentence),), complete=False)
    projects: list[ImportedProject] = []
    problems: list[ImportProblem] = []
    for number, cells in rows[1 : MAX_ROWS + 1]:
        values = {name: cell for name, cell in zip(columns, map(clean_line, cells), strict=False) if name and cell}
        if values:
            record, unfit = fitting_values(path.name, number, _record_of(values))
            problems += unfit
            bodies = tuple(
                (body, None) for body in map(_organization_name, _split_cell(values.get("maintainer"))) if body
            )
            projects += [ImportedProject(path.name, number, record, bodies)] if record else []
    if len(rows) > MAX_ROWS + 1:
        problems.append(
            ImportProblem(path.name, rows[MAX_ROWS + 1][0], "", f"Only {MAX_ROWS:,} rows are read; split it.")
        )
    return without_duplicates(projects, problems, complete=len(rows) <= MAX_ROWS + 1)


def _record_of(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": values.get("name"),
        "summary": {values.get("language", "en"): values["summary"]} if "summary" in values else None,
        "repository": values.get("repository"),
        "homepage": values.get("homepage"),
        "license": values.get("license"),
        "languages": _split_cell(values.get("languages")),
        "domains": [domain_called(term) or term for term in _split_cell(values.get("domains"))],
        "replaces": _split_cell(values.get("replaces")),
    }


def _organization_name(name: str) -> str | None:
    """Return the name of an organization; a person's is dropped."""
    return organization_name(name, stated=True)


def _split_cell(cell: str | None) -> list[str]:
    return list(dict.fromkeys(filter(None, (part.strip() for part in (cell or "").replace("|", ";").split(";")))))


def _read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their number as people count them. Raises Unreadable."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Unreadable(f"The file has more than {MAX_FILE_BYTES:,} bytes; split it.", 0)
    data = path.read_bytes()
    if path.suffix.lower() == ".ods":
        return _ods_rows(_unpack_member(data, "content.xml"))
    if path.suffix.lower() == ".xlsx":
        return _xlsx_rows(_unpack_member(data, "xl/worksheets/sheet1.xml"), _shared_texts(data))
    return _csv_rows(_decode(data))


def _decode(data: bytes) -> str:
    """Decode a CSV as spreadsheets save it: UTF-8, UTF-16 with a mark, or the code page of Western Europe."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.lstrip("\r\n").partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max("\t;,", key=head.count), strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            yield begins, next(reader)[:MAX_COLUMNS]
        except StopIteration:
            return
        except csv.Error:
            raise Unreadable("This line has a quotation mark that is never closed.", begins) from None


_UNREADABLE_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    NotImplementedError,  # zipfile's, for a way of packing that it does not know
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def _unpack_member(data: bytes, name: str) -> bytes:
    """Unpack a file of the archive as far as the bound. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as opened:
            content = opened.read(MAX_UNPACKED_BYTES + 1)
    except _UNREADABLE_ARCHIVE as wrong:
        raise Unreadable("This is no spreadsheet that can be read; save it as CSV.", 0) from wrong
    if len(content) > MAX_UNPACKED_BYTES:
        raise Unreadable(f"The sheet has more than {MAX_UNPACKED_BYTES:,} bytes unpacked; split it.", 0)
    return content


def _ods_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of an ODS sheet: rows and cells may be repeated.
    https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part3-schema/ 9.1
    """
    table = _find_below(xml_of(content, MAX_UNPACKED_BYTES), "body", "spreadsheet", "table")
    number = 1
    for row in _all_rows(table):
        cells: list[str] = []
        for cell in row.children:
            if cell.name in ("table-cell", "covered-table-cell"):
                text = "\n".join(filter(None, map(_inner_text, cell.all("p"))))
                cells += [text] * min(_repetitions(cell, "number-columns-repeated"), MAX_COLUMNS - len(cells))
        times = _repetitions(row, "number-rows-repeated")
        for repetition in range(min(times, MAX_ROWS) if any(cells) else 0):
            yield number + repetition, cells
        number += times


def _all_rows(table: Element | None) -> Iterator[Element]:
    for child in table.children if table else ():
        if child.name == "table-row":
            yield child
        elif child.name in ("table-rows", "table-header-rows", "table-row-group"):
            yield from child.all("table-row")


def _repetitions(element: Element, name: str) -> int:
    times = _number(element.attributes.get(name, ""))
    return 1 if times is None else times


def _number(stated: str) -> int | None:
    """Read a number of a sheet's own counting; None for what is none, or larger than any sheet."""
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else None


def _inner_text(element: Element) -> str:
    return element.text + "".join(map(_inner_text, element.children))


def _shared_texts(data: bytes) -> list[str]:
    """Return the texts that cells name by number; a sheet may have none."""
    try:
        root = xml_of(_unpack_member(data, "xl/sharedStrings.xml"), MAX_UNPACKED_BYTES)
    except Unreadable:
        return []
    return [_inner_text(element) for element in root.all("si")]


def _xlsx_rows(content: bytes, shared: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of an XLSX sheet: a cell gives its column by letters, and its type by `t`. ECMA-376, part 1,
    18.3.1
    """
    rows = _find_below(xml_of(content, MAX_UNPACKED_BYTES), "sheetData")
    for position, row in enumerate(rows.all("row") if rows else (), 1):
        cells = [""] * MAX_COLUMNS
        for place, cell in enumerate(row.all("c")):
            column = _column_number(cell.attributes.get("r", ""), place)
            if column < MAX_COLUMNS:
                cells[column] = _cell_text(cell, shared)
        yield _number(row.attributes.get("r", "")) or position, cells


def _cell_text(cell: Element, shared: list[str]) -> str:
    kind, inner = cell.attributes.get("t", ""), cell.first("v")
    text = inner.text if inner else ""
    if kind == "s":
        at = _number(text)
        return shared[at] if at is not None and at < len(shared) else ""
    if kind == "inlineStr":
        return "".join(map(_inner_text, cell.all("is")))
    return text


def _column_number(reference: str, place: int) -> int:
    letters = [char for char in reference.upper()[:4] if "A" <= char <= "Z"]
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1 if letters else place


def _find_below(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = element.first(name) if element else None
    return element
