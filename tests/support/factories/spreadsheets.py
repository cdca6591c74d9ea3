"""Spreadsheets as files: the least that a program accepts as ODS or XLSX, with the rows that a test writes."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODS = (
    f'<office:document-content xmlns:office="{_OPEN}:office:1.0" xmlns:table="{_OPEN}:table:1.0" '
    f'xmlns:text="{_OPEN}:text:1.0"><office:body><office:spreadsheet><table:table table:name="one">%s</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def packed(file: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def an_xlsx(file: Path, rows: str, shared: str = "") -> Path:
    """`rows` and `shared` (texts that cells name by number) as XML."""
    kind = f'Type="{_OFFICE}'
    return packed(
        file,
        **{
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
            f'{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="one" sheetId="1" r:id="a"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
            f'{kind}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
        },
    )


def xlsx_row(number: int | str, *texts: str) -> str:
    cells = (f'<c r="{"ABCDEF"[at]}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
             for at, text in enumerate(texts) if text)  # fmt: skip
    return f'<row r="{number}">{"".join(cells)}</row>'


def an_ods(file: Path, rows: str) -> Path:
    """`rows` as XML, with the usual prefixes."""
    manifest = f'<m:manifest xmlns:m="{_OPEN}:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed(file, **{"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": _ODS % rows})


def ods_row(*texts: str, more: str = "") -> str:
    """`more`: attributes of the row."""
    cells = (f'<table:table-cell office:value-type="string"><text:p>{escape(text)}</text:p></table:table-cell>'
             for text in texts)  # fmt: skip
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"
