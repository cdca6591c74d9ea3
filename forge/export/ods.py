"""Writes tables as one OpenDocument spreadsheet, a sheet each; no more than a row is held in memory.

Texts are texts by their type, so that no cell can become a formula. OpenDocument 1.3, part 3:
https://docs.oasis-open.org/office/OpenDocument/v1.3/
"""

import re
from collections.abc import Iterable
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from forge.export import SPREADSHEET
from forge.export.tables import Cell, Table
from forge.i18n.languages import plain

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # so that the same tables are the same bytes
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_OPEN = (
    f'{_HEAD}<office:document-content xmlns:office="{_OFFICE}"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' office:version="1.3"><office:body><office:spreadsheet>'
)
_CLOSE = "</office:spreadsheet></office:body></office:document-content>"
_MANIFEST = (
    f'{_HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    f' manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{SPREADSHEET}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)


def spreadsheet(tables: Iterable[Table], out: IO[bytes]) -> None:
    """Write the file to `out`, which need not be able to seek."""
    with ZipFile(out, "w") as packed:
        packed.writestr(_zip_info("mimetype", ZIP_STORED), SPREADSHEET)  # first and not compressed: part 2, 3.3
        with packed.open(_zip_info("content.xml"), "w", force_zip64=True) as content:
            content.write(_OPEN.encode())
            for table in tables:
                content.write(f"<table:table table:name={quoteattr(table.name)}>".encode())
                content.write(_row(table.columns))
                for row in table.rows:
                    content.write(_row(row))
                content.write(b"</table:table>")
            content.write(_CLOSE.encode())
        packed.writestr(_zip_info("META-INF/manifest.xml"), _MANIFEST)


def _zip_info(name: str, how: int = ZIP_DEFLATED) -> ZipInfo:
    info = ZipInfo(name, _FIXED_TIME)
    info.compress_type, info.external_attr = how, 0o644 << 16
    return info


def _row(values: Iterable[Cell]) -> bytes:
    return f"<table:table-row>{''.join(map(_cell, values))}</table:table-row>\n".encode()


def _cell(value: Cell) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, int):
        shown = f"<text:p>{value}</text:p>"
        return f'<table:table-cell office:value-type="float" office:value="{value}">{shown}</table:table-cell>'
    lines = escape(_NO_XML.sub("\ufffd", plain(value))).split("\n")
    shown = "".join(f"<text:p>{line}</text:p>" for line in lines)
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'
