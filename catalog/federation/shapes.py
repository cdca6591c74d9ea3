"""What the files of an exchange say, as frozen shapes, and their one canonical text. No file, no key, no store.

    instance.json            the source card, for whoever comes for the first time
    entry.json  entry.sig    the small signed file, and who signed it
    snapshot/KIND[.LANGUAGE].HASH16.json.gz   parts; also snapshot/card.HASH16.json.gz, the card that the entry means
    changes/SEQUENCE.HASH16.json.gz

Files that an entry names are called by the first 16 hexadecimal digits of the SHA-256 of their packed bytes and never
change, so that a folder is right at every moment between two renames: first new files, then `entry.sig`, which holds
signatures of the entry that stands there *and* of the one that follows, then `instance.json`, then `entry.json`. A
reader takes any signature of its pinned key whose `sha256` is that of the entry in hand, and the card from the path
that the entry names; `instance.json` alone is believed for nothing but the key that people then compare.

A change file of sequence N holds the records whose *last* revision went out with N, whole (in all their languages: what
is not there was taken away), and the tombstones of N. A record changed twice therefore stands in its later file only,
older files are written anew under new names, and what was taken back is in none: applying those above a follower's
sequence, in order, tells the same as the snapshot. They reach back as far as `changes` goes; who is further behind
takes the snapshot. No record has a tombstone beside it; one that comes back has a higher revision than its tombstone.

JSON is canonical: keys sorted, no space, UTF-8, no fraction, times in UTC to the second ("2026-01-31T12:00:00Z").
"""

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from catalog.federation.bounds import FORMAT

PROJECT, ORGANIZATION, ADOPTION = "project", "organization", "adoption"
EXPERIENCE, CALL, TERM, JOIN = "experience", "call", "term", "join"
KINDS = (PROJECT, ORGANIZATION, ADOPTION, EXPERIENCE, CALL, TERM)  # of records; references lead to earlier ones
TOMBSTONE, OFFER, CORRECTION, ACKNOWLEDGEMENT = "tombstone", "offer", "correction", "acknowledgement"
PARTS = (*KINDS, JOIN, OFFER, CORRECTION, ACKNOWLEDGEMENT, TOMBSTONE)  # of a snapshot
GROUNDS = ("withdrawn", "erased", "court", "mistake", "opted-out")
SAME, NOT_THE_SAME, PART_OF, SUCCESSOR_OF = "same", "not-the-same", "part-of", "successor-of"
SAYINGS = (SAME, NOT_THE_SAME, PART_OF, SUCCESSOR_OF)
PERSON, MACHINE, REVISED = "person", "machine", "machine then person"
METHODS = (PERSON, MACHINE, REVISED)
ORIGINAL, TRANSLATION = "original", "translation"  # original: the home's own word, in whichever language


@dataclass(frozen=True)
class Key:
    """`public`: base64 of 32 bytes; `fingerprint`: 20 hexadecimal digits (signing.fingerprint)."""

    public: str
    fingerprint: str


@dataclass(frozen=True)
class PreviousKey:
    """A key that another followed: the next one of the list, or the card's. `signature`, by this one, says so."""

    public: str
    fingerprint: str
    rotated_at: datetime
    signature: str


@dataclass(frozen=True)
class Following:
    """A catalogue whose records are read here, so that it knows who owes it word of what it takes back."""

    id: UUID
    since: datetime


@dataclass(frozen=True)
class Transfer:
    """Who keeps these records from now on; `signature` by the key of the card that says it (signing.transfer)."""

    address: str
    key: Key
    at: datetime
    signature: str


@dataclass(frozen=True)
class CatalogueCard:
    """Who this is and by which rules. `complete`: whether a follower is told all that it should know before."""

    id: UUID
    name: Mapping[str, str]
    address: str
    languages: tuple[str, ...]
    key: Key
    operator: Mapping[str, Any] | None = None  # name, homepage, country
    contact: str | None = None
    criteria: Mapping[str, str] = field(default_factory=dict)
    validation: Mapping[str, str] = field(default_factory=dict)
    refresh: Mapping[str, str] = field(default_factory=dict)
    data_license: Mapping[str, str] = field(default_factory=dict)  # facts, texts: SPDX
    complete: bool = False
    erased_within_days: int | None = None  # what others take back is gone here by then; None: it says nothing of it
    previous_keys: tuple[PreviousKey, ...] = ()  # the eldest first
    moved_to: Transfer | None = None
    follows: tuple[Following, ...] = ()  # by their identity


@dataclass(frozen=True)
class FileReference:
    """A file that an entry names: `sha256` and `size_bytes` of its packed bytes."""

    path: str
    size_bytes: int
    unpacked_bytes: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """One of a kind and language layer; a large kind has several, in order."""

    kind: str
    language: str | None
    records: int
    file: FileReference


@dataclass(frozen=True)
class Change:
    sequence: int
    file: FileReference


@dataclass(frozen=True)
class Entry:
    id: UUID
    sequence: int
    at: datetime
    expires_at: datetime
    card: FileReference
    parts: tuple[Part, ...]
    changes: tuple[Change, ...]  # contiguous up to `sequence`; may be empty


@dataclass(frozen=True)
class Signature:
    """One of `entry.sig`: `key` is a fingerprint, `sha256` that of the entry it is about."""

    key: str
    sha256: str
    signature: str


@dataclass(frozen=True)
class TranslatableText:
    """A text in one language. `lines` of a list are joined by a line feed (words.TEXTS says which). `stale`: what was
    translated is another text by now; it stands where it is so, and nowhere else."""

    text: str
    origin: str = ORIGINAL
    translator: str | None = None  # an organization's name
    method: str = PERSON
    of_revision: int | None = None  # of the record that was translated
    stale: bool = False


@dataclass(frozen=True)
class Record:
    """`body`: the document's keys without texts by language; references are {"id", "slug", "name"}."""

    id: UUID
    revision: int  # the sequence that last told a change of it: it grows, and not by one
    updated_at: datetime
    home: UUID
    page: str  # path without language: "/projects/galette"
    origin: str  # curated | declared
    license: str  # SPDX, of facts
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Texts:
    """The texts of one record in one language: field -> text, as "leaving.note"."""

    id: UUID
    revision: int
    texts: Mapping[str, TranslatableText]


@dataclass(frozen=True)
class Tombstone:
    kind: str
    id: UUID
    at: datetime
    ground: str
    revision: int  # the last that was told: a later record of the home lifts the tombstone


@dataclass(frozen=True)
class Join:
    """A statement about two records of any homes. One that was withdrawn leaves by a tombstone of its own kind.
    `reason`: public words of who decided it, else what made the two alike: "name", "repository", "homepage", "domain",
    after commas; may be empty."""

    id: UUID
    kind: str
    a: UUID
    b: UUID
    says: str
    by: str
    at: datetime
    reason: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Offer:
    """A translation for the home of `record`, bound to the revision that was translated."""

    id: UUID
    kind: str
    record: UUID
    field: str
    language: str
    text: str
    of_revision: int
    translator: str | None
    method: str
    at: datetime


@dataclass(frozen=True)
class Correction:
    """Another value of a field, proposed to the home of `record`: as the document writes it; of a text by language,
    that of `language`. `by`: an organization's name; `source`: a web address where one can check it."""

    id: UUID
    kind: str
    record: UUID
    field: str
    language: str | None
    value: Any
    of_revision: int
    by: str | None
    source: str | None
    at: datetime


@dataclass(frozen=True)
class Acknowledgement:
    """We erased what `home` took back."""

    kind: str
    id: UUID
    home: UUID
    at: datetime


@dataclass(frozen=True)
class ChangeFile:
    """`texts`: kind -> language -> texts. Lists are sorted by id, so that the same state gives the same bytes."""

    sequence: int
    at: datetime
    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, tuple[Texts, ...]]] = field(default_factory=dict)
    tombstones: tuple[Tombstone, ...] = ()
    joins: tuple[Join, ...] = ()
    offers: tuple[Offer, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    corrections: tuple[Correction, ...] = ()


def plain(shape: Any) -> Any:
    """A shape as JSON, as a reader of its text finds it."""
    return json.loads(canonical(shape))


def canonical(value: Any) -> bytes:
    """The one text of a shape or of JSON: a shape is its fields by name, nothing left out; a Part or Change stands on
    one level with its file. Raises ValueError for a fraction: two programs write it in two ways."""
    raw = _ENCODER.encode(value).encode()
    if _LIKE_A_FRACTION.search(raw):
        _no_fraction(json.loads(raw))
    return raw


def _fields(shape: Any) -> Any:
    """What the encoder does not know itself, one level of it."""
    if isinstance(shape, datetime):
        return instant(shape)
    if isinstance(shape, UUID):
        return str(shape)
    if isinstance(shape, Mapping):
        return dict(shape)
    if not hasattr(shape, "__dataclass_fields__"):
        raise TypeError(f"{type(shape).__name__} does not travel")
    told = dict(vars(shape))
    if isinstance(shape, TranslatableText) and not shape.stale:
        del told["stale"]  # so that what said nothing of it before is the same text
    if isinstance(shape, Part | Change):
        return told | vars(told.pop("file"))
    if isinstance(shape, Entry):
        told["snapshot"] = {"sequence": shape.sequence, "parts": told.pop("parts")}
    return {"exchange": FORMAT, **told} if isinstance(shape, CatalogueCard | ChangeFile | Entry) else told


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_fields)
_LIKE_A_FRACTION = re.compile(rb"(?:^|[:,\[])-?(?:\d+[.eE]|NaN|Infinity)")  # it may stand in a text, too


def _no_fraction(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError(f"a number with a fraction does not travel: {value!r}")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _no_fraction(part)


def part_bytes(kind: str, language: str | None, records: tuple[Any, ...]) -> bytes:
    """A part of the snapshot, not packed; `records` are Record or Texts, Join or Tombstone."""
    return canonical({"exchange": FORMAT, "kind": kind, "language": language, "records": records})


def signatures_bytes(signatures: tuple[Signature, ...]) -> bytes:
    return canonical({"exchange": FORMAT, "signatures": signatures})


def instant(time: datetime) -> str:
    """UTC, cut to the second. Raises ValueError for a time without zone."""
    if time.tzinfo is None:
        raise ValueError(f"a time without zone: {time!r}")
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def packed(raw: bytes) -> bytes:
    """The same bytes for the same text: gzip without name and time."""
    return gzip.compress(raw, 9, mtime=0)


def named_file(folder: str, stem: str, raw: bytes) -> tuple[FileReference, bytes]:
    """What an entry says of a file, and its packed bytes: `named_file("snapshot", "project.fr", ...)`."""
    data = packed(raw)
    digest = hashlib.sha256(data).hexdigest()
    return FileReference(f"{folder}/{stem.lower()}.{digest[:16]}.json.gz", len(data), len(raw), digest), data


def missing(card: CatalogueCard) -> tuple[str, ...]:
    """What a source card does not say and should, by the names of the document's manifest."""
    wanted = ("name", "operator", "contact", "criteria", "validation", "refresh", "languages")
    lacking = [name for name in wanted if not getattr(card, name)]
    return (*lacking, *(f"data_license.{name}" for name in ("facts", "texts") if not card.data_license.get(name)))
