"""The last signed files of each peer, as they came: a dead home's are served on from here, and what has not changed is
not fetched again. It verifies nothing but names, which are hashes.

A set is whole or not there: it is gathered beside the one before and takes its place by two renames. Languages that
this instance does not read are left out.
"""

import hashlib
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from catalog.federation import shapes as s
from catalog.rules.peer import OVERSIZED
from forge.federation.pull import reading
from forge.federation.pull.source import FeedSource, Got, NotRead

KEPT_BYTES = 64 << 20  # of one peer
_HASH_DIGITS = 16


def folder_of(folder: Path, peer_id: UUID) -> Path:
    """Where the files of one peer are, below the folder of all."""
    return folder / str(peer_id)


def drop(folder: Path, peer_id: UUID) -> None:
    """What was kept of a peer goes; nothing happens where nothing was."""
    for name in (str(peer_id), f"{peer_id}.new", f"{peer_id}.old"):
        shutil.rmtree(folder / name, ignore_errors=True)


def keep_files(
    folder: Path,
    peer_id: UUID,
    source: FeedSource,
    seen: reading.Seen,
    languages: Collection[str],
    *,
    kept: bool = False,
) -> None:
    """Gather all files of a verified entry and let them take the place of the ones before; `kept` as `reading.whole`
    takes it.

    Raises NotRead, OVERSIZED beyond KEPT_BYTES, and OSError; the ones before stay then.
    """
    parts = reading.parts_of(seen.entry, s.PARTS, languages)
    files = [*(part.file for part in parts), *(change.file for change in seen.entry.changes)]
    if sum(file.size_bytes for file in files) > KEPT_BYTES:
        raise NotRead(OVERSIZED, reading.ENTRY_FILE)
    here, draft, old = (folder / f"{peer_id}{ending}" for ending in ("", ".new", ".old"))
    shutil.rmtree(draft, ignore_errors=True)
    try:
        for path, raw in {**seen.raw, reading.CARD_FILE: s.canonical(seen.card)}.items():
            _write(draft, path, raw)
        for part in parts:
            packed = reading.packed_part(source, part, kept)
            if packed is not None:
                _write(draft, part.file.path, packed)
        for change in seen.entry.changes:
            _write(draft, change.file.path, reading.fetched(source, change.file))
        shutil.rmtree(old, ignore_errors=True)
        if here.is_dir():
            here.rename(old)
        draft.rename(here)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


@dataclass(frozen=True)
class Remembering:
    """A source that reads what is kept already from the disk, and remembers what it read of this visit."""

    source: FeedSource
    kept: Path
    read_before: dict[str, bytes] = field(default_factory=dict)

    def read(self, path: str, most_bytes: int, stamp: str | None = None) -> Got:
        if path in self.read_before:
            return Got(self.read_before[path])
        got = self._kept(path, most_bytes) or self.source.read(path, most_bytes, stamp)
        if got.body is not None and _digits(path):
            self.read_before[path] = got.body
        return got

    def _kept(self, path: str, most_bytes: int) -> Got | None:
        digits, file = _digits(path), self.kept / path
        if not digits or not file.is_file() or file.stat().st_size > most_bytes:
            return None
        body = file.read_bytes()
        return Got(body) if hashlib.sha256(body).hexdigest().startswith(digits) else None


def _digits(path: str) -> str:
    """The digits of the hash in a file's name; "" for a file that is named otherwise and may change."""
    steps = path.removesuffix(".json.gz").rpartition(".")[2]
    return steps if path.endswith(".json.gz") and len(steps) == _HASH_DIGITS else ""


def _write(folder: Path, path: str, raw: bytes) -> None:
    file = folder / path
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(raw)


def sizes(folder: Path) -> Mapping[str, int]:
    """How many bytes are kept of each peer, by its identity."""
    found = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        found[path.name] = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return found
