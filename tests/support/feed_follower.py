"""A follower for tests of the writing side: believes what the pinned key signed, checks every digest, remembers what it
was told. It is written from the format alone and shares only its parsing."""

import gzip
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.federation import bounds, parsing, shapes, signing


class Refused(Exception):
    """The folder does not hold what its key signed."""


@dataclass
class Follower:
    folder: Path
    pinned: bytes
    sequence: int = 0
    records: dict[tuple[str, str], Any] = field(default_factory=dict)  # kind, id -> record
    texts: dict[tuple[str, str, str], Any] = field(default_factory=dict)  # kind, id, language -> texts
    stones: dict[tuple[str, str], Any] = field(default_factory=dict)

    def entry(self) -> shapes.Entry:
        """The signed entry, with every file that it names checked. Raises Refused."""
        raw = (self.folder / "entry.json").read_bytes()
        signatures = parsing.signatures((self.folder / "entry.sig").read_bytes())
        if not signing.signed_by(self.pinned, raw, signatures):
            card = parsing.card((self.folder / "instance.json").read_bytes())
            if not signing.follows(self.pinned, card):
                raise Refused("wrong key")
            self.pinned = signing.public_bytes(card.key.public) or b""
            if not signing.signed_by(self.pinned, raw, signatures):
                raise Refused("not signed")
        entry = parsing.entry(raw)
        for file in (entry.card, *(part.file for part in entry.parts), *(change.file for change in entry.changes)):
            self.unpacked(file)
        return entry

    def unpacked(self, file: shapes.FileReference) -> bytes:
        packed = (self.folder / file.path).read_bytes()
        if (len(packed), hashlib.sha256(packed).hexdigest()) != (file.size_bytes, file.sha256):
            raise Refused(file.path)
        raw = gzip.decompress(packed)
        if len(raw) != file.unpacked_bytes:
            raise Refused(file.path)
        return raw

    def take_snapshot(self) -> "Follower":
        entry = self.entry()
        self.records, self.texts, self.stones = {}, {}, {}
        for told in entry.parts:
            for record in parsing.part(self.unpacked(told.file), told):
                self._take(told.kind, told.language, record)
        self.sequence = entry.sequence
        return self

    def catch_up(self) -> "Follower":
        """By change files where they reach back far enough, as a daily visit does."""
        entry = self.entry()
        if self.sequence == entry.sequence:
            return self
        if self.sequence + 1 not in [change.sequence for change in entry.changes]:
            return self.take_snapshot()
        for told in (change for change in entry.changes if change.sequence > self.sequence):
            file = parsing.change_file(self.unpacked(told.file), told)
            for kind, records in file.records.items():
                for record in records:
                    self.texts = {key: said for key, said in self.texts.items() if key[:2] != (kind, str(record.id))}
                    self._take(kind, None, record)
            for kind, layers in file.texts.items():
                for language, texts in layers.items():
                    for record in texts:
                        self._take(kind, language, record)
            for kind, said in (("join", file.joins), ("offer", file.offers)):
                for record in said:
                    self._take(kind, None, record)
            for stone in file.tombstones:
                self._take("tombstone", None, stone)
        self.sequence = entry.sequence
        return self

    def _take(self, kind: str, language: str | None, record: Any) -> None:
        key = (kind, str(record.id))
        if kind == "tombstone":
            self.stones[(record.kind, str(record.id))] = record
            self.records.pop((record.kind, str(record.id)), None)
            self.texts = {at: said for at, said in self.texts.items() if at[:2] != (record.kind, str(record.id))}
        elif language:
            self.texts[(*key, language)] = record
        else:
            self.records[key] = record
            self.stones.pop(key, None)

    @property
    def all(self) -> tuple[Any, ...]:
        return self.records, self.texts, self.stones

    def named(self, kind: str) -> dict[str, Any]:
        """The records of a kind by slug or, for an adoption, by "project organization"."""
        found = {}
        for (of, _), record in self.records.items():
            if of == kind:
                body = record.body
                both = " ".join(body[name]["slug"] for name in ("project", "organization") if body.get(name))
                found[body.get("slug") or both] = record
        return found


def all_bytes(folder: Path) -> bytes:
    """Every byte of the folder, packed and unpacked, also of what no entry names."""
    raw = b""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        raw += path.name.encode() + data + (gzip.decompress(data) if path.suffix == ".gz" else b"")
    return raw


def small(folder: Path) -> int:
    """The bytes that a visit with news begins with."""
    assert (folder / "entry.json").stat().st_size <= bounds.ENTRY_BYTES
    return sum((folder / name).stat().st_size for name in ("entry.json", "entry.sig"))
