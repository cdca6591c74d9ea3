"""Spreadsheets of projects, as CSV, ODS or XLSX: a row a project, columns named in one of five languages.

Values of a cell that may hold several are separated by ; or |. Formulas are not worked out: what was saved as their
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

from catalog.rules.pasted_table import named
from forge.imports.awesome import domain
from forge.imports.found import Found, Problem, Read, fitting, gathered, said
from forge.observe.bounded import Element, Unreadable, xml_of
from forge.observe.core.privacy_filter import organization

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


def read(path: Path) -> Read:
    """The first sheet of a file."""
    try:
        # No more is asked for than is read: one repeated row of a small file is millions.
        rows = list(islice(dropwhile(lambda row: not any(row[1]), _rows(path)), MAX_ROWS + 2))
    except Unreadable as wrong:
        return Read(problems=(Problem(path.name, wrong.line, "", str(wrong)),), complete=False)
    columns = [named(one, HEADS) for one in rows[0][1]] if rows else []
    if not {"name", "summary"} <= set(columns):
        sentence = "Write a first line with the names of the columns, among them name and description."
        return Read(problems=(Problem(path.name, rows[0][0] if rows else 1, "", sentence),), complete=False)
    found: list[Found] = []
    problems: list[Problem] = []
    for number, cells in rows[1 : MAX_ROWS + 1]:
        values = {name: cell for name, cell in zip(columns, map(said, cells), strict=False) if name and cell}
        if values:
            record, unfit = fitting(path.name, number, _record(values))
            problems += unfit
            bodies = tuple((one, None) for one in map(_body, _several(values.get("maintainer"))) if one)
            found += [Found(path.name, number, record, bodies)] if record else []
    if len(rows) > MAX_ROWS + 1:
        problems.append(Problem(path.name, rows[MAX_ROWS + 1][0], "", f"Only {MAX_ROWS:,} rows are read; split it."))
    return gathered(found, problems, complete=len(rows) <= MAX_ROWS + 1)


def _record(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": values.get("name"),
        "summary": {values.get("language", "en"): values["summary"]} if "summary" in values else None,
        "repository": values.get("repository"),
        "homepage": values.get("homepage"),
        "license": values.get("license"),
        "languages": _several(values.get("languages")),
        "domains": [domain(one) or one for one in _several(values.get("domains"))],
        "replaces": _several(values.get("replaces")),
    }


def _body(name: str) -> str | None:
    """The name of an organization; a person's is dropped."""
    return organization(name, stated=True)


def _several(cell: str | None) -> list[str]:
    return list(dict.fromkeys(filter(None, (one.strip() for one in (cell or "").replace("|", ";").split(";")))))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with their number as people count them. Raises Unreadable."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Unreadable(f"The file has more than {MAX_FILE_BYTES:,} bytes; split it.", 0)
    data = path.read_bytes()
    if path.suffix.lower() == ".ods":
        return _of_ods(_member(data, "content.xml"))
    if path.suffix.lower() == ".xlsx":
        return _of_xlsx(_member(data, "xl/worksheets/sheet1.xml"), _shared(data))
    return _of_csv(_text(data))


def _text(data: bytes) -> str:
    """As spreadsheets save it: UTF-8, UTF-16 with a mark, or the code page of Western Europe."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _of_csv(text: str) -> Iterator[tuple[int, list[str]]]:
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


_NO_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    NotImplementedError,  # zipfile's, for a way of packing that it does not know
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def _member(data: bytes, name: str) -> bytes:
    """A file of the archive, unpacked as far as the bound. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as opened:
            content = opened.read(MAX_UNPACKED_BYTES + 1)
    except _NO_ARCHIVE as wrong:
        raise Unreadable("This is no spreadsheet that can be read; save it as CSV.", 0) from wrong
    if len(content) > MAX_UNPACKED_BYTES:
        raise Unreadable(f"The sheet has more than {MAX_UNPACKED_BYTES:,} bytes unpacked; split it.", 0)
    return content


def _of_ods(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part3-schema/ 9.1: rows and cells may be repeated."""
    table = _below(xml_of(content, MAX_UNPACKED_BYTES), "body", "spreadsheet", "table")
    number = 1
    for row in _all_rows(table):
        cells: list[str] = []
        for cell in row.children:
            if cell.name in ("table-cell", "covered-table-cell"):
                text = "\n".join(filter(None, map(_inner, cell.all("p"))))
                cells += [text] * min(_times(cell, "number-columns-repeated"), MAX_COLUMNS - len(cells))
        times = _times(row, "number-rows-repeated")
        for one in range(min(times, MAX_ROWS) if any(cells) else 0):
            yield number + one, cells
        number += times


def _all_rows(table: Element | None) -> Iterator[Element]:
    for child in table.children if table else ():
        if child.name == "table-row":
            yield child
        elif child.name in ("table-rows", "table-header-rows", "table-row-group"):
            yield from child.all("table-row")


def _times(element: Element, name: str) -> int:
    times = _count(element.attributes.get(name, ""))
    return 1 if times is None else times


def _count(stated: str) -> int | None:
    """A number of a sheet's own counting; None for what is none, or larger than any sheet."""
    return int(stated) if stated.isascii() and stated.isdigit() and len(stated) < 8 else None


def _inner(element: Element) -> str:
    return element.text + "".join(map(_inner, element.children))


def _shared(data: bytes) -> list[str]:
    """The texts that cells name by number; a sheet may have none."""
    try:
        root = xml_of(_member(data, "xl/sharedStrings.xml"), MAX_UNPACKED_BYTES)
    except Unreadable:
        return []
    return [_inner(one) for one in root.all("si")]


def _of_xlsx(content: bytes, shared: list[str]) -> Iterator[tuple[int, list[str]]]:
    """ECMA-376, part 1, 18.3.1: a cell says its column by letters, and its type by `t`."""
    rows = _below(xml_of(content, MAX_UNPACKED_BYTES), "sheetData")
    for position, row in enumerate(rows.all("row") if rows else (), 1):
        cells = [""] * MAX_COLUMNS
        for place, cell in enumerate(row.all("c")):
            column = _column(cell.attributes.get("r", ""), place)
            if column < MAX_COLUMNS:
                cells[column] = _value(cell, shared)
        yield _count(row.attributes.get("r", "")) or position, cells


def _value(cell: Element, shared: list[str]) -> str:
    kind, inner = cell.attributes.get("t", ""), cell.first("v")
    text = inner.text if inner else ""
    if kind == "s":
        at = _count(text)
        return shared[at] if at is not None and at < len(shared) else ""
    if kind == "inlineStr":
        return "".join(map(_inner, cell.all("is")))
    return text


def _column(reference: str, place: int) -> int:
    letters = [one for one in reference.upper()[:4] if "A" <= one <= "Z"]
    number = 0
    for one in letters:
        number = number * 26 + ord(one) - 64
    return number - 1 if letters else place


def _below(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = element.first(name) if element else None
    return element
