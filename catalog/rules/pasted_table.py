"""A table that somebody pasted, or saved from a spreadsheet, as rows of named cells. Pure; values are not checked.

Columns are recognized by their heads, in five languages; the separator of cells is detected. Every row keeps the number
that the person sees in their own table.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.unicode_normalization import normalized

MAX_ROWS = 200
MAX_CELLS = 30
MAX_CHARACTERS = 200_000
_SEPARATORS = "\t;,|"

# Heads of columns as people write them; compared without case, accents and signs.
HEADS: Mapping[str, tuple[str, ...]] = {
    "organization": (
        *("organization", "organisation", "group", "member", "name", "association", "cooperative"),
        *("groupe", "membre", "adherent", "nom", "structure", "organizacion", "entidad", "grupo", "nombre", "socia"),
        *("organizacao", "entidade", "nome", "associacao", "associada", "المنظمه", "المنظمة", "الاسم", "الجمعية"),
    ),
    "website": ("website", "site", "siteweb", "web", "url", "homepage", "paginaweb", "sitio", "sitioweb", "الموقع"),
    "country": ("country", "pays", "pais", "البلد", "الدولة"),
    "project": (
        *("project", "software", "tool", "projet", "logiciel", "outil", "proyecto", "programa", "herramienta"),
        *("projeto", "ferramenta", "البرنامج", "الأداة"),
    ),
    "stage": ("stage", "use", "etape", "usage", "etapa", "uso", "fase", "المرحلة", "الاستعمال"),
    "since": ("since", "year", "depuis", "annee", "desde", "ano", "منذ", "السنة"),
    "email": ("email", "mail", "address", "courriel", "adresse", "correo", "endereco", "البريد"),
}

NO_HEADS = "Write a first line with the names of the columns, among them the name of the organization"
TOO_LONG = "Send 200 lines or fewer at once"
TOO_WIDE = "Use 30 columns or fewer"
BROKEN = "This line has a quotation mark that is never closed"
SENTENCES = (NO_HEADS, TOO_LONG, TOO_WIDE, BROKEN)


class NotATable(ValueError):
    """The text is no table: `sentence` is a msgid, `row` the line where it is wrong (0: the whole)."""

    def __init__(self, sentence: str, row: int = 0):
        super().__init__(sentence)
        self.sentence, self.row = sentence, row


@dataclass(frozen=True)
class TableRow:
    """A row: `number` as the person counts, the line of heads being 1; cells by the names of HEADS, trimmed."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


def read_table(text: str, *, needed: tuple[str, ...] = ("organization",)) -> tuple[TableRow, ...]:
    """The rows that are not empty, below the line of heads. Raises NotATable.

    >>> [row["project"] for row in read_table("Nom ; Logiciel\\nCoop des Halles;galette")]
    ['galette']
    """
    if len(text) > MAX_CHARACTERS:
        raise NotATable(TOO_LONG)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    heads, _, body = text.partition("\n")
    separator = max(_SEPARATORS, key=heads.count) if any(candidate in heads for candidate in _SEPARATORS) else "\t"
    if heads.count(separator) >= MAX_CELLS:
        raise NotATable(TOO_WIDE, 1)
    columns = [column_of(head) for head in heads.split(separator)]
    if not set(needed) <= set(columns):
        raise NotATable(NO_HEADS, 1)
    return tuple(_rows(body, separator, columns))


def column_of(head: str) -> str:
    """Which of HEADS a head means; "" for another one."""
    return match_column(head, HEADS)


def match_column(head: str, heads: Mapping[str, tuple[str, ...]]) -> str:
    """Which of these columns a head means, by the words for each; "" for none."""
    key = _letters_only(head)
    for name, words in heads.items():
        if any(key == _letters_only(word) or (len(key) > 4 and key == f"{_letters_only(word)}s") for word in words):
            return name
    return ""


def _letters_only(word: str) -> str:
    return "".join(character for character in normalized("NFKD", word).casefold() if character.isalpha())


def _rows(body: str, separator: str, columns: list[str]) -> Iterator[TableRow]:
    reader = csv.reader(body.split("\n"), delimiter=separator, strict=True)
    count = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise NotATable(BROKEN, reader.line_num + 1) from None
        named_cells = {name: " ".join(cell.split()) for name, cell in zip(columns, cells, strict=False) if name}
        if any(named_cells.values()):
            count += 1
            if count > MAX_ROWS:
                raise NotATable(TOO_LONG, reader.line_num + 1)
            yield TableRow(reader.line_num + 1, {name: cell for name, cell in named_cells.items() if cell})
