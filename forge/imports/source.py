"""Chooses the reader for a source, and tells what is known of the source before it is read."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from forge.imports import awesome, opencatalog, publiccode, sheet
from forge.imports.formats import AWESOME, DOCUMENT, OPEN_CATALOG, PUBLICCODE, SHEET
from forge.imports.read_source import ReadSource
from forge.security.safe_http import AddressRules


class SourceNotFound(ValueError):
    """There is nothing to read at a source, as a sentence that says what to do."""


@dataclass(frozen=True)
class ImportSource:
    """`name` is the layer's where nobody gives another; `address` is where it came from, None for files here."""

    form: str
    name: str
    address: str | None = None


def find_source(given: str, form: str | None = None) -> ImportSource:
    """Find out what is to be read at an address or a path. Raises SourceNotFound."""
    if opencatalog.is_address(given):
        if form not in (None, OPEN_CATALOG):
            raise SourceNotFound(f"Only --format {OPEN_CATALOG} is read from an address; download other files first.")
        host = urlsplit(given).hostname
        if not host:
            raise SourceNotFound(f"{given} is no address; write it as https://host/v1.")
        return ImportSource(OPEN_CATALOG, host, given)
    path = Path(given)
    if not path.exists():
        raise SourceNotFound(f"There is no file {path}.")
    return ImportSource(form or _guess_format(path), path.resolve().stem.removeprefix(".").lower() or "import")


def read_source(addresses: AddressRules, given: str, what: ImportSource) -> ReadSource:
    """Read a source. Raises SourceNotFound, OSError."""
    if what.form == OPEN_CATALOG:
        return opencatalog.read_server(addresses, given)
    path = Path(given)
    if what.form == AWESOME:
        if not awesome.is_awesome_folder(path):
            raise SourceNotFound(f"{path} has no folder {awesome.FOLDER} with a file for each project.")
        return awesome.read_folder(path)
    if what.form == SHEET:
        return sheet.read_sheet(path)
    return publiccode.read_files(path)


def _guess_format(path: Path) -> str:
    if awesome.is_awesome_folder(path):
        return AWESOME
    if path.is_dir() or path.name.lower().startswith("publiccode"):
        return PUBLICCODE
    if path.suffix.lower() in sheet.FORMATS:
        return SHEET
    return PUBLICCODE if _is_publiccode(path) else DOCUMENT


def _is_publiccode(path: Path) -> bool:
    """Return whether a file whose name tells nothing is a publiccode.yml by its first keys."""
    with path.open("rb") as opened:
        return b"publiccodeYmlVersion" in opened.read(64_000)
