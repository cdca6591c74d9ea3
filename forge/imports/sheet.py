"""Reads spreadsheets of projects, as CSV, ODS or XLSX: a row a project, columns named in one of five languages.

Values of a cell that may hold several are separated by ; or |. Persons have no column.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any

from catalog.unicode_normalization import normalized
from catalog.vocabulary import vocabulary
from forge.imports.read_source import (
    ImportedProject,
    ImportProblem,
    ReadSource,
    clean_line,
    fitting_values,
    without_duplicates,
)
from forge.observe.bounded import Unreadable
from forge.observe.core.privacy_filter import organization_name
from forge.render.process import run_child

FORMATS = (".csv", ".tsv", ".ods", ".xlsx")
MAX_FILE_BYTES = 20_000_000
MEMORY_BYTES = 512 * 1024 * 1024  # and seconds of the processor, for what is unpacked of a file
MAX_SECONDS = 10.0
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
    columns = [_column_of(head) for head in rows[0][1]] if rows else []
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
        "domains": [vocabulary("domain").called(term) or term for term in _split_cell(values.get("domains"))],
        "replaces": _split_cell(values.get("replaces")),
    }


def _organization_name(name: str) -> str | None:
    """Return the name of an organization; a person's is dropped."""
    return organization_name(name, is_stated=True)


def _split_cell(cell: str | None) -> list[str]:
    return list(dict.fromkeys(filter(None, (part.strip() for part in (cell or "").replace("|", ";").split(";")))))


def _read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their number as people count them. Raises Unreadable."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Unreadable(f"The file has more than {MAX_FILE_BYTES:,} bytes; split it.", 0)
    data = path.read_bytes()
    if path.suffix.lower() in (".ods", ".xlsx"):
        return iter(_spreadsheet_rows(data))
    return _csv_rows(_decode(data))


def _spreadsheet_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Rows of ODS or XLSX, read in a process that is bounded in time and memory. Raises Unreadable."""
    options = {"rows": MAX_ROWS + 2, "columns": MAX_COLUMNS}
    is_zip = data.startswith(b"PK")
    content = run_child("spreadsheet", data, options, MAX_SECONDS, MEMORY_BYTES, MAX_FILE_BYTES) if is_zip else None
    if content is None:
        raise Unreadable("This is no spreadsheet that can be read, or too large a one; save it as CSV, or split it.", 0)
    rows: list[tuple[int, list[str]]] = json.loads(content)
    return rows


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


def _column_of(head: str) -> str:
    """Which of HEADS a head means, without case, accents and signs; "" for none."""
    key = _letters_only(head)
    for name, words in HEADS.items():
        if any(key == _letters_only(word) or (len(key) > 4 and key == f"{_letters_only(word)}s") for word in words):
            return name
    return ""


def _letters_only(word: str) -> str:
    return "".join(character for character in normalized("NFKD", word).casefold() if character.isalpha())
