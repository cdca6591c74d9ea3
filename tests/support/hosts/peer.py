"""A home for tests of peers: it writes the signed folder of an exchange from what a test gives it, by the project's own
shapes and keys; `served` gives it out.
"""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from support.factories.core import NOW
from support.hosts.static import Served, served

from catalog.federation import bounds, signing
from catalog.federation import shapes as s

__all__ = ["HOME", "Home", "Served", "a_bomb", "a_key", "an_id", "days", "served"]

HOME = UUID("5f0c6d0e-3f0a-4d52-9a55-6c1f6f6f0a01")


def a_key(number: int = 1) -> signing.Private:
    return signing.Private(bytes([number]) * signing.KEY_BYTES)


def an_id(number: int) -> UUID:
    return UUID(int=number, version=4)


@dataclass
class Home:
    """`publish` writes all files for the state that the attributes tell; each call is one sequence more."""

    folder: Path
    id: UUID = HOME
    key: signing.Private = field(default_factory=a_key)
    address: str = "https://catalogo.example.org"
    card: dict[str, Any] = field(default_factory=dict)  # what differs from a complete one
    now: datetime = NOW
    sequence: int = 0
    records: dict[tuple[str, UUID], s.Record] = field(default_factory=dict)
    texts: dict[tuple[str, str, UUID], s.Texts] = field(default_factory=dict)
    tombstones: list[s.Tombstone] = field(default_factory=list)
    joins: list[s.Join] = field(default_factory=list)
    changes_kept: int = bounds.CHANGES
    also_signs: tuple[signing.Private, ...] = ()
    _told: dict[tuple[str, UUID], int] = field(default_factory=dict)

    def add(self, number: int, name: str, kind: str = s.PROJECT, /, **body: Any) -> s.Record:
        """A record with a summary in Spanish and French; said again with the same number, it is revised."""
        at = self.sequence + 1
        slug = "".join(char if char.isalnum() else "-" for char in name.lower())
        said = {"slug": slug, "name": name, **body}
        record = s.Record(an_id(number), at, self.now, self.id, f"/{kind}s/{slug}", "curated", "CC0-1.0", said)
        self.records[kind, record.id] = record
        if kind == s.PROJECT:
            for language, text in (("es", "Llevar cuentas"), ("fr", "Tenir les comptes"), ("en", "Keep accounts")):
                self.texts[kind, language, record.id] = s.Texts(
                    record.id, at, {"summary": s.TranslatableText(f"{text}: {name}")}
                )
        return record

    def withdraw(self, number: int, kind: str = s.PROJECT, ground: str = "withdrawn") -> None:
        """A record is taken back: it leaves every file, and a tombstone stands in the next change file."""
        record = self.records.pop((kind, an_id(number)))
        for key in [key for key in self.texts if key[0] == kind and key[2] == record.id]:
            del self.texts[key]
        self.tombstones.append(s.Tombstone(kind, record.id, self.now, ground, record.revision))

    def publish(self, **changed: Any) -> s.Entry:
        """Write the next sequence; `changed` are fields of the entry that differ from what is right."""
        self.sequence += 1
        return self.write(**changed)

    def write(self, **changed: Any) -> s.Entry:
        """Write this sequence again: its entry is signed anew."""
        card_file = self._file("snapshot", "card", s.canonical(self.card_now))
        parts = tuple(self._parts())
        changes = tuple(
            s.Change(number, self._file("changes", str(number), s.canonical(self._change(number))))
            for number in range(max(1, self.sequence - self.changes_kept + 1), self.sequence + 1)
        )
        at = self.now
        entry = s.Entry(self.id, self.sequence, at, at + bounds.LIFETIME, card_file, parts, changes)
        raw = s.canonical(replace(entry, **changed))
        self.put("entry.sig", s.signatures_bytes(tuple(signing.signed(key, raw) for key in self._signers)))
        self.put("instance.json", s.canonical(self.card_now))
        self.put("entry.json", raw)
        return entry

    @property
    def card_now(self) -> s.CatalogueCard:
        complete: dict[str, Any] = {
            "id": self.id,
            "name": {"es": "Software para la economía social", "en": "Software for the social economy"},
            "address": self.address,
            "languages": ("es", "fr"),
            "key": self.key.key,
            "operator": {"name": "Red de Redes"},
            "contact": "https://catalogo.example.org/contact",
            "criteria": {"es": "Software libre que usan cooperativas."},
            "validation": {"es": "Dos personas leen cada ficha."},
            "refresh": {"es": "Cada semana."},
            "data_license": {"facts": "CC0-1.0", "texts": "CC-BY-4.0"},
            "complete": True,
        }
        return s.CatalogueCard(**(complete | self.card))

    @property
    def _signers(self) -> tuple[signing.Private, ...]:
        return (self.key, *self.also_signs)

    def rotate(self, new: signing.Private) -> None:
        """The next key signs, and the old one says that it follows."""
        previous = (*self.card.get("previous_keys", ()), signing.rotated(self.key, new.public, self.now))
        self.card["previous_keys"], self.key = previous, new

    def hand_over(self, address: str, key: s.Key) -> None:
        """Another instance keeps the records from now on."""
        self.card["moved_to"] = signing.transferred(self.key, self.id, address, key, self.now)

    def put(self, path: str, raw: bytes) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)

    def paths(self) -> list[str]:
        """Every file of the folder that is read by somebody who takes all, sorted."""
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file())

    def _file(self, folder: str, stem: str, raw: bytes) -> s.FileReference:
        told, data = s.named_file(folder, stem, raw)
        self.put(told.path, data)
        return told

    def _parts(self) -> Iterator[s.Part]:
        for kind in sorted({kind for kind, _ in self.records}):
            found = tuple(
                sorted((record for (of, _), record in self.records.items() if of == kind), key=lambda r: str(r.id))
            )
            yield self._part(kind, None, found)
        for kind, language in sorted({(kind, language) for kind, language, _ in self.texts}):
            layer = tuple(
                sorted(
                    (texts for key, texts in self.texts.items() if key[:2] == (kind, language)), key=lambda t: str(t.id)
                )
            )
            yield self._part(kind, language, layer)
        if self.tombstones:
            yield self._part(s.TOMBSTONE, None, tuple(self.tombstones))
        if self.joins:
            yield self._part(s.JOIN, None, tuple(self.joins))

    def _part(self, kind: str, language: str | None, records: tuple[Any, ...]) -> s.Part:
        stem = kind if language is None else f"{kind}.{language}"
        return s.Part(kind, language, len(records), self._file("snapshot", stem, s.part_bytes(kind, language, records)))

    def _change(self, number: int) -> s.ChangeFile:
        """What went out last with this sequence: records whole, and the tombstones of it."""
        records: dict[str, list[s.Record]] = {}
        for (kind, _), record in sorted(self.records.items(), key=lambda pair: str(pair[0])):
            if record.revision == number:
                records.setdefault(kind, []).append(record)
        texts: dict[str, dict[str, list[s.Texts]]] = {}
        for (kind, language, _), each in sorted(self.texts.items(), key=lambda pair: str(pair[0])):
            if each.revision == number:
                texts.setdefault(kind, {}).setdefault(language, []).append(each)
        stones = tuple(tombstone for tombstone in self.tombstones if self._stone(tombstone) == number)
        return s.ChangeFile(
            number,
            self.now,
            {kind: tuple(found) for kind, found in records.items()},
            {kind: {language: tuple(each) for language, each in found.items()} for kind, found in texts.items()},
            stones,
            tuple(self.joins) if number == self.sequence else (),
        )

    def _stone(self, tombstone: s.Tombstone) -> int:
        return self._told.setdefault((tombstone.kind, tombstone.id), self.sequence)


def a_bomb(size_bytes: int) -> bytes:
    """So many zeros, packed to next to nothing."""
    return gzip.compress(b"0" * size_bytes, 9, mtime=0)


def days(number: float) -> timedelta:
    return timedelta(days=number)
