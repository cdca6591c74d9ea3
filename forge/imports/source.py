"""Chooses the reader for a source, and tells what is known of the source before it is read."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from forge.imports import awesome, opencatalog, publiccode, sheet
from forge.imports.formats import AWESOME, DOCUMENT, OPEN_CATALOG, PUBLICCODE, SHEET
from forge.imports.found import Read
from forge.security.safe_http import Addresses


class NoSource(ValueError):
    """There is nothing to read at a source, as a sentence that says what to do."""


@dataclass(frozen=True)
class Source:
    """`name` is the layer's where nobody gives another; `address` is where it came from, None for files here."""

    form: str
    name: str
    address: str | None = None


def source(given: str, form: str | None = None) -> Source:
    """Find out what is to be read at an address or a path. Raises NoSource."""
    if opencatalog.is_one(given):
        if form not in (None, OPEN_CATALOG):
            raise NoSource(f"Only --format {OPEN_CATALOG} is read from an address; download other files first.")
        host = urlsplit(given).hostname
        if not host:
            raise NoSource(f"{given} is no address; write it as https://host/v1.")
        return Source(OPEN_CATALOG, host, given)
    path = Path(given)
    if not path.exists():
        raise NoSource(f"There is no file {path}.")
    return Source(form or _guess_format(path), path.resolve().stem.removeprefix(".").lower() or "import")


def read(addresses: Addresses, given: str, what: Source) -> Read:
    """Read a source. Raises NoSource, OSError."""
    if what.form == OPEN_CATALOG:
        return opencatalog.read(addresses, given)
    path = Path(given)
    if what.form == AWESOME:
        if not awesome.is_one(path):
            raise NoSource(f"{path} has no folder {awesome.FOLDER} with a file for each project.")
        return awesome.read(path)
    if what.form == SHEET:
        return sheet.read(path)
    return publiccode.read(path)


def _guess_format(path: Path) -> str:
    if awesome.is_one(path):
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
