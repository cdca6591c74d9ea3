"""A catalogue in one file, made while it runs, and put back: tables, secret, document, mirrors if wanted.

The archive is a .tar.gz: `backup.json` says what is in it, with a checksum of each table, so that a damaged one is
refused before anything is changed. The search index is derived and in none. Mirrors are only ever added by a restore:
what an origin showed is never taken away by an older copy.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from catalog.document import files
from catalog.store import Store
from catalog.store.copying import Described
from catalog.store.migrate import HEAD
from catalog.store.replaying import Replayed
from forge.settings import Settings

FORMAT = 1
CARD = "backup.json"
MAX_CARD_BYTES = 1_000_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CHUNK = 1 << 20
SNAPSHOT_TRIES = 5
_MIRRORS, _DOCUMENT, _SECRET = "mirrors/", "document/", "secret"


class NoBackup(ValueError):
    """A file that is no backup, or a damaged one, as a sentence."""


@dataclass(frozen=True)
class Made:
    """What a backup holds."""

    rows: int
    mirrors: int
    size_bytes: int


@dataclass(frozen=True)
class Card:
    """What a backup says of itself. `tables` in the order in which they are put back, with rows and checksum."""

    made_at: str
    revision: str
    name: str
    tables: tuple[tuple[Described, int, str], ...]

    @property
    def rows(self) -> int:
        return sum(rows for _, rows, _ in self.tables)


def write(settings: Settings, store: Store, file: Path, *, mirrors: bool, now: datetime) -> Made:
    """Make the archive; it stands under its name when it is whole. Raises OSError."""
    draft = file.with_name(f".{file.name}.new")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            made = _written(settings, store, draft, Path(folder), mirrors, now)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return made


def _written(settings: Settings, store: Store, draft: Path, folder: Path, mirrors: bool, now: datetime) -> Made:
    told: list[dict[str, Any]] = []
    with store.copies.tables() as tables:
        for one, lines in tables:
            path = folder / f"{one.name}.jsonl.gz"
            rows, total = 0, hashlib.sha256()
            with gzip.open(path, "wt", encoding="ascii", compresslevel=6) as written:
                for line in lines:
                    written.write(line)
                    total.update(line.encode("ascii"))
                    rows += 1
            told.append({"name": one.name, "columns": dict(one.columns), "rows": rows, "sha256": total.hexdigest()})
    manifest = store.manifest()
    name = next(iter(manifest.name.values())) if manifest else ""
    card = {"backup": FORMAT, "made_at": now.isoformat(), "revision": HEAD, "name": name, "tables": told}
    copied = 0
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
        # What is large in it is packed already.
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as archive:
            _add(archive, CARD, json.dumps(card, ensure_ascii=False, indent=1).encode())
            for row in told:
                archive.add(folder / f"{row['name']}.jsonl.gz", f"tables/{row['name']}.jsonl.gz")
            secret = settings.data / _SECRET
            if secret.is_file():
                archive.add(secret, _SECRET)
            for path in files(settings.catalog) if settings.catalog.is_file() else ():
                archive.add(path, _DOCUMENT + path.relative_to(settings.catalog.parent).as_posix())
            if mirrors and settings.mirrors.is_dir():
                copied = _add_mirrors(archive, settings.mirrors)
        raw.flush()
        os.fsync(raw.fileno())
    return Made(sum(row["rows"] for row in told), copied, draft.stat().st_size)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))


def _add_mirrors(archive: tarfile.TarFile, mirrors: Path) -> int:
    """Each mirror as it was at one moment: linked aside first, names before objects, so that no name leads nowhere."""
    count = 0
    with tempfile.TemporaryDirectory(dir=mirrors.parent, prefix=".mirrors-") as aside:
        for one in sorted(mirrors.glob("*.git")):
            if _linked(one, Path(aside) / one.name):
                archive.add(Path(aside) / one.name, _MIRRORS + one.name)
                count += 1
            shutil.rmtree(Path(aside) / one.name, ignore_errors=True)
    return count


def _linked(mirror: Path, to: Path) -> bool:
    """Files of a bare repository are replaced, never written over: a link keeps what stood there. False: it is gone."""
    for _ in range(SNAPSHOT_TRIES):
        try:
            names = [one for one in sorted(mirror.rglob("*")) if one.is_file() and not one.is_symlink()]
            for one in sorted(names, key=lambda path: path.relative_to(mirror).parts[0] == "objects"):
                if one.suffix == ".lock":
                    continue
                target = to / one.relative_to(mirror)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(one, target)
            return mirror.is_dir()
        except FileNotFoundError:  # packed anew meanwhile
            shutil.rmtree(to, ignore_errors=True)
    return False


def card(file: Path) -> Card:
    """What a backup says of itself. Raises NoBackup, OSError."""
    with _opened(file) as archive:
        first = archive.next()
        if first is None or first.name != CARD or not first.isfile() or first.size > MAX_CARD_BYTES:
            raise NoBackup(f"{file} does not begin with {CARD}: it is no backup of Forge.")
        try:
            told = json.loads(_content(archive, first).read())
            if told["backup"] != FORMAT:
                raise NoBackup(f"{file} is of format {told['backup']}, which this Forge does not know: upgrade it.")
            tables = tuple((_described(row), int(row["rows"]), str(row["sha256"])) for row in told["tables"])
            return Card(str(told["made_at"]), str(told["revision"]), str(told["name"]), tables)
        except (ValueError, KeyError, TypeError) as wrong:
            if isinstance(wrong, NoBackup):
                raise
            raise NoBackup(f"{file}: {CARD} cannot be understood ({type(wrong).__name__}).") from wrong


def _described(row: Any) -> Described:
    columns = {str(name): str(kind) for name, kind in row["columns"].items()}
    for name in (row["name"], *columns):
        if not _NAME.fullmatch(name):
            raise ValueError(name)
    return Described(row["name"], columns)


def restore(settings: Settings, store: Store, file: Path, *, replace: bool, now: datetime) -> tuple[Replayed, int]:
    """Put a backup in the place of what is here; what was taken back again, and how many mirrors came with it.

    Everything is read and checked before anything is changed; the database changes in one transaction. Raises NoBackup,
    AlreadyExists, OSError.
    """
    found = card(file)
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
        _unpack(file, found, Path(folder))
        tables = ((one, _lines(Path(folder) / f"tables/{one.name}.jsonl.gz")) for one, _, _ in found.tables)
        try:
            replayed = store.copies.restore(found.revision, tables, replace=replace, now=now)
        except ValueError as wrong:
            raise NoBackup(f"{file}: {wrong}") from wrong
        mirrors = _put_mirrors(Path(folder) / _MIRRORS, settings.mirrors)
        _put_files(Path(folder), settings)
    return replayed, mirrors


def _unpack(file: Path, found: Card, folder: Path) -> None:
    """Its members as files, the tables checked. Raises NoBackup."""
    with _opened(file) as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()):
                raise NoBackup(f"{file}: {member.name} is neither a file nor a folder.")
            try:
                archive.extract(member, folder, filter="data")
            except (tarfile.TarError, EOFError, OSError, ValueError) as wrong:
                raise NoBackup(f"{file}: {member.name} cannot be unpacked ({wrong}).") from wrong
    for one, rows, digest in found.tables:
        total, count = hashlib.sha256(), 0
        try:
            for line in _lines(folder / f"tables/{one.name}.jsonl.gz"):
                total.update(line.encode("ascii"))
                count += 1
        except (OSError, EOFError, ValueError) as wrong:
            raise NoBackup(f"{file}: the table {one.name} cannot be read ({wrong}); it is damaged.") from wrong
        if (count, total.hexdigest()) != (rows, digest):
            raise NoBackup(f"{file}: the table {one.name} is not what was written; it is damaged.")


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="ascii", newline="\n") as opened:
        yield from opened


def _put_mirrors(source: Path, mirrors: Path) -> int:
    """Mirrors that are not here; those that are hold all that they held, and more."""
    count = 0
    for one in sorted(source.glob("*.git")) if source.is_dir() else ():
        if not (mirrors / one.name).exists():
            for folder in ("refs", "objects/info", "objects/pack"):  # an archive of files knows no empty folder
                (one / folder).mkdir(parents=True, exist_ok=True)
            one.rename(mirrors / one.name)
            count += 1
    return count


def _put_files(folder: Path, settings: Settings) -> None:
    """The secret that what is kept was made with, and the document where none is here."""
    if (folder / _SECRET).is_file():
        os.chmod(folder / _SECRET, 0o600)
        (folder / _SECRET).replace(settings.data / _SECRET)
    documents = folder / _DOCUMENT
    if documents.is_dir() and not settings.catalog.exists():
        for path in sorted(one for one in documents.rglob("*") if one.is_file()):
            target = settings.catalog.parent / path.relative_to(documents)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copyfile(path, target)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as wrong:
        raise NoBackup(f"{file} is no backup, or damaged: {wrong}.") from wrong


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    assert content is not None  # it is a file
    return content
