"""Archives of tables: written whole or not at all, read and checked before anything is done with them.
`forge.backup.backup` decides what is in them.

A .tar.gz begins with a card in JSON: format, schema, and each table with its columns, rows and checksum; the tables
are JSON lines, packed.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from catalog.store.backup.table_copy import DescribedTable
from catalog.store.core.migrate import HEAD

FORMAT = 1
MAX_CARD_BYTES = 1_000_000
MAX_LINE_CHARACTERS = 64_000_000  # of a table; the longest row that is known has two million
MAX_READ_BYTES = 4_000_000  # at once: what names a member is read whole by tarfile, however long it says that it is
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

Tables = Iterable[tuple[DescribedTable, Iterable[str]]]


class InvalidArchive(ValueError):
    """A file that is no archive of ours, or a damaged one; the message is a sentence for people."""


@dataclass(frozen=True)
class ArchiveCard:
    """What an archive says of itself. `tables` in the order in which they are put back, with rows and checksum."""

    made_at: str
    revision: str
    name: str
    tables: tuple[tuple[DescribedTable, int, str], ...]

    @property
    def rows(self) -> int:
        return sum(rows for _, rows, _ in self.tables)


@contextlib.contextmanager
def new_archive(file: Path) -> Iterator[tuple[tarfile.TarFile, Path]]:
    """Open an archive to add to, for its owner alone, and a folder for temporary files; it gets its name when the body
    ends well. Raises OSError.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        with (
            tempfile.TemporaryDirectory(dir=file.parent, prefix=".archive-") as folder,
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw,
        ):
            # What is large in it is packed already.
            with gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
                yield archive, Path(folder)
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def add_tables(
    archive: tarfile.TarFile, folder: Path, card: str, tables: Tables, about: Callable[[], dict[str, Any]]
) -> int:
    """Add the card, then the tables; return how many rows. `about` is called when all tables are written."""
    rows_of_card: list[dict[str, Any]] = []
    for table, lines in tables:
        rows, total = 0, hashlib.sha256()
        with gzip.GzipFile(folder / f"{table.name}.jsonl.gz", "wb", 6, mtime=0) as written:
            for line in lines:
                data = line.encode("ascii")
                written.write(data)
                total.update(data)
                rows += 1
        rows_of_card.append(
            {"name": table.name, "columns": dict(table.columns), "rows": rows, "sha256": total.hexdigest()}
        )
    add_file(archive, card, json_bytes({"format": FORMAT, "revision": HEAD} | about() | {"tables": rows_of_card}))
    for row in rows_of_card:
        archive.add(folder / f"{row['name']}.jsonl.gz", f"tables/{row['name']}.jsonl.gz", filter=_without_owner)
    return sum(row["rows"] for row in rows_of_card)


def add_file(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass") + b"\n"


def _without_owner(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Remove who made it, and when: the same data are the same bytes."""
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info


def read_card(file: Path, name: str) -> ArchiveCard:
    """Read the card of an archive. Raises InvalidArchive, OSError."""
    with _open(file) as archive:
        first = archive.next()
        if first is None or first.name != name or not first.isfile() or first.size > MAX_CARD_BYTES:
            raise InvalidArchive(f"{file} does not begin with {name}: it is another kind of file.")
        try:
            values = json.loads(_member_content(archive, first).read())
            if values["format"] != FORMAT:
                raise InvalidArchive(
                    f"{file} is of format {values['format']}, which this Forge does not know: upgrade it."
                )
            tables = tuple((_description_of(row), int(row["rows"]), str(row["sha256"])) for row in values["tables"])
            made_at, revision, called = (str(values[key]) for key in ("made_at", "revision", "name"))
            return ArchiveCard(made_at, revision, called, tables)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
            if isinstance(wrong, InvalidArchive):
                raise
            raise InvalidArchive(f"{file}: {name} cannot be understood ({type(wrong).__name__}).") from wrong


def _description_of(row: Any) -> DescribedTable:
    columns = {str(name): str(kind) for name, kind in row["columns"].items()}
    for name in (row["name"], *columns):
        if not _NAME.fullmatch(name):
            raise ValueError(name)
    return DescribedTable(row["name"], columns)


def unpack(file: Path, contents: ArchiveCard, folder: Path) -> Tables:
    """Unpack the members into a folder and return the tables, checked. Raises InvalidArchive."""
    with _open(file) as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()):
                raise InvalidArchive(f"{file}: {member.name} is neither a file nor a folder.")
            try:
                archive.extract(member, folder, filter="data")
            except (tarfile.TarError, EOFError, OSError, ValueError) as wrong:
                raise InvalidArchive(f"{file}: {member.name} cannot be unpacked ({wrong}).") from wrong
    for table, rows, digest in contents.tables:
        total, count = hashlib.sha256(), 0
        try:
            for line in _read_lines(folder / f"tables/{table.name}.jsonl.gz"):
                total.update(line.encode("ascii"))
                count += 1
                if count > rows:
                    break
        except (OSError, EOFError, ValueError, zlib.error) as wrong:
            raise InvalidArchive(f"{file}: the table {table.name} cannot be read ({wrong}); it is damaged.") from wrong
        if (count, total.hexdigest()) != (rows, digest):
            raise InvalidArchive(f"{file}: the table {table.name} is not what was written; it is damaged.")
    return ((table, _read_lines(folder / f"tables/{table.name}.jsonl.gz")) for table, _, _ in contents.tables)


def verify(file: Path, name: str) -> int:
    """Read an archive to its end, and compare each table with what its card says; return how many rows there are.

    Nothing is unpacked to the disk. Raises InvalidArchive, OSError.
    """
    card = read_card(file, name)
    tables = {f"tables/{table.name}.jsonl.gz": (table.name, rows, digest) for table, rows, digest in card.tables}
    with _open(file) as archive:
        for member in archive:
            if not member.isfile():
                continue
            content = _member_content(archive, member)
            if member.name not in tables:
                while content.read(MAX_READ_BYTES):
                    pass
                continue
            table_name, rows, digest = tables.pop(member.name)
            total, count = hashlib.sha256(), 0
            try:
                with gzip.GzipFile(fileobj=content) as unpacked:
                    while piece := unpacked.read(MAX_READ_BYTES):
                        total.update(piece)
                        count += piece.count(b"\n")
            except (OSError, EOFError, zlib.error) as wrong:
                raise InvalidArchive(f"{file}: the table {table_name} cannot be read ({wrong}).") from wrong
            if (count, total.hexdigest()) != (rows, digest):
                raise InvalidArchive(f"{file}: the table {table_name} is not what was written; it is damaged.")
    if tables:
        raise InvalidArchive(f"{file}: the tables {', '.join(name for name, *_ in tables.values())} are missing.")
    return card.rows


def _read_lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="ascii", newline="\n") as opened:
        while line := opened.readline(MAX_LINE_CHARACTERS):
            if len(line) == MAX_LINE_CHARACTERS:
                raise ValueError("a line is too long")
            yield line


class _BoundedGzip(gzip.GzipFile):
    """A packed file that is read a few megabytes at a time, as `tarfile` asks of one."""

    def read(self, size: int | None = -1) -> bytes:
        bytes_left = -1 if size is None else size
        if not 0 <= bytes_left <= MAX_READ_BYTES:
            raise InvalidArchive(f"{self.name} names a member with {bytes_left:,} bytes: it is damaged.")
        return super().read(bytes_left)


@contextlib.contextmanager
def _open(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with _BoundedGzip(file, "rb") as packed, tarfile.open(fileobj=packed, mode="r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as wrong:
        raise InvalidArchive(f"{file} is no archive, or damaged: {wrong}.") from wrong


def _member_content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    assert content is not None  # it is a file
    return content
