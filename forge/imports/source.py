"""Chooses the reader for a source, and tells what is known of the source before it is read."""

from dataclasses import dataclass
from pathlib import Path

from forge.imports import DOCUMENT, PUBLICCODE, SHEET, publiccode, sheet
from forge.imports.read_source import ReadSource


class SourceNotFound(ValueError):
    """There is nothing to read at a source, as a sentence that says what to do."""


@dataclass(frozen=True)
class ImportSource:
    """`name` is the layer's where nobody gives another."""

    form: str
    name: str


def find_source(path: Path, form: str | None = None) -> ImportSource:
    """Find out what is to be read at a path. Raises SourceNotFound."""
    if not path.exists():
        raise SourceNotFound(f"There is no file {path}.")
    return ImportSource(form or _guess_format(path), path.resolve().stem.removeprefix(".").lower() or "import")


def read_source(path: Path, what: ImportSource) -> ReadSource:
    """Read a source. Raises OSError."""
    return sheet.read_sheet(path) if what.form == SHEET else publiccode.read_files(path)


def _guess_format(path: Path) -> str:
    if path.is_dir() or path.name.lower().startswith("publiccode"):
        return PUBLICCODE
    if path.suffix.lower() in sheet.FORMATS:
        return SHEET
    return PUBLICCODE if _is_publiccode(path) else DOCUMENT


def _is_publiccode(path: Path) -> bool:
    """Return whether a file whose name tells nothing is a publiccode.yml by its first keys."""
    with path.open("rb") as opened:
        return b"publiccodeYmlVersion" in opened.read(64_000)
