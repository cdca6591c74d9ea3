"""Verifies a peer's files, from the small signed entry down to each record. It fetches through a source, asks no store
and takes nothing over: bytes in, shapes out, or NotRead.

Nothing of an entry is parsed before its signature was found to be of the pinned key, and nothing of a file before its
size and hash were those of the entry. A record that is another home's is refused with its file: no instance publishes
but what it is home of.
"""

import hashlib
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.federation import bounds, parsing, signing
from catalog.federation import shapes as s
from catalog.federation.delta import Delta
from catalog.federation.parsing import Misread
from catalog.federation.text_layers import IN_ANY_LANGUAGE
from catalog.rules.peer import (
    EXPIRED,
    MALFORMED,
    OVERSIZED,
    REPLAYED,
    ROLLED_BACK,
    TAMPERED,
    WRONG_INSTANCE,
    WRONG_KEY,
)
from forge.federation.pull.source import Absent, FeedSource, Got, NotRead

CARD_FILE, ENTRY_FILE, SIGNATURES_FILE = "instance.json", "entry.json", "entry.sig"
VISIT_PACKED_BYTES = 128 << 20  # of all files that one visit reads
VISIT_UNPACKED_BYTES = 384 << 20
OFFER, ACKNOWLEDGEMENT = "offer", "acknowledgement"
ALWAYS = (s.TOMBSTONE, OFFER, s.CORRECTION, ACKNOWLEDGEMENT)  # read whatever was decided


@dataclass(frozen=True)
class Pinned:
    """What an entry must fit: who signs, which instance (None: not known yet), and what was read before."""

    public: bytes
    instance_id: UUID | None
    sequence: int = 0
    entry_at: datetime | None = None
    late: bool = False  # a dead home's last files, as a follower keeps them: they may have expired


@dataclass(frozen=True)
class Seen:
    """A verified entry with the card that it means; `public` is the key to pin from now on. `raw` are the bytes of the
    files that signed it, by path."""

    entry: s.Entry
    card: s.CatalogueCard
    public: bytes
    stamp: str | None
    raw: dict[str, bytes]

    @property
    def remembered(self) -> dict[str, Any]:
        """What a peer's row keeps of it, by column."""
        return {
            "card": s.plain(self.card),
            "public_key": signing.key_of(self.public).public,
            "fingerprint": signing.fingerprint(self.public),
            "sequence": self.entry.sequence,
            "entry_at": self.entry.at,
            "expires_at": self.entry.expires_at,
            "etag": self.stamp,
        }


def introduced(source: FeedSource) -> s.CatalogueCard:
    """What an instance says of itself at first sight. It is believed for nothing but the key that people compare."""
    with _judged():
        card = parsing.card(_body(source.read(CARD_FILE, bounds.CARD_BYTES)))
    if _public(card) is None:
        raise NotRead(MALFORMED, f"{CARD_FILE}.key")
    return card


def visited(source: FeedSource, pinned: Pinned, *, stamp: str | None = None, now: datetime) -> Seen | None:
    """The entry as it stands now; None where it is the one that `stamp` was given for. Raises NotRead."""
    got = source.read(ENTRY_FILE, bounds.ENTRY_BYTES, stamp)
    if got.body is None:
        return None
    signed = _body(source.read(SIGNATURES_FILE, bounds.SIGNATURES_BYTES))
    with _judged():
        signatures = parsing.signatures(signed)
    public = _signer(source, pinned, got.body, signatures)
    with _judged():
        entry = parsing.entry(got.body)
    _fits(entry, pinned, now)
    packed = fetched(source, entry.card)
    with _judged():
        card = parsing.card(unpacked(packed, entry.card))
    if card.id != entry.id:
        raise NotRead(WRONG_INSTANCE, entry.card.path)
    public = _next_key(card, public, got.body, signatures, entry.card.path)
    raw = {ENTRY_FILE: got.body, SIGNATURES_FILE: signed, entry.card.path: packed}
    return Seen(entry, card, public, got.stamp, raw)


def handed_over(source: FeedSource, pinned: Pinned) -> s.CatalogueCard | None:
    """The card that says who keeps these records from now on, where the pinned key, or one that follows it, says so in
    `instance.json`.

    It needs no entry: whoever gives up their catalogue may leave this one file behind.
    """
    try:
        card = introduced(source)
    except NotRead:
        return None
    believed = card.id == pinned.instance_id and signing.follows(pinned.public, card)
    return card if believed and transfer_of(card) is not None else None


def transfer_of(card: s.CatalogueCard) -> s.Transfer | None:
    """The transfer that a verified card states, where its key signed it and it names a key."""
    return card.moved_to if signing.hands_over(card) and _key_of(card.moved_to) is not None else None


def _signer(source: FeedSource, pinned: Pinned, entry: bytes, signatures: Sequence[s.Signature]) -> bytes:
    """The key that signed these bytes: the pinned one, or one that it says follows it. Raises NotRead."""
    if signing.signed_by(pinned.public, entry, signatures):
        return pinned.public
    digest = hashlib.sha256(entry).hexdigest()
    # A line of this key for other bytes says nothing yet: after a rotation it is that of the entry from before.
    if any(
        (signature.key, signature.sha256) == (signing.fingerprint(pinned.public), digest) for signature in signatures
    ):
        raise NotRead(TAMPERED, ENTRY_FILE)
    card = introduced(source)
    if pinned.instance_id is not None and card.id != pinned.instance_id:
        raise NotRead(WRONG_INSTANCE, CARD_FILE)
    public = _public(card)
    if public is None or not signing.follows(pinned.public, card):
        raise NotRead(WRONG_KEY, CARD_FILE)
    if not signing.signed_by(public, entry, signatures):
        raise NotRead(TAMPERED, ENTRY_FILE)
    return public


def _next_key(
    card: s.CatalogueCard, public: bytes, entry: bytes, signatures: Sequence[s.Signature], subject: str
) -> bytes:
    """The key to pin: the card's, once it signs entries too. A card with a key that does not follow is refused."""
    stated = _public(card)
    if stated == public:
        return public
    if stated is None or not signing.follows(public, card):
        raise NotRead(WRONG_KEY, subject)
    return stated if signing.signed_by(stated, entry, signatures) else public


def _fits(entry: s.Entry, pinned: Pinned, now: datetime) -> None:
    if pinned.instance_id is not None and entry.id != pinned.instance_id:
        raise NotRead(WRONG_INSTANCE, ENTRY_FILE)
    if entry.sequence < pinned.sequence:
        raise NotRead(ROLLED_BACK, ENTRY_FILE)
    if entry.sequence == pinned.sequence and pinned.entry_at is not None and entry.at < pinned.entry_at:
        raise NotRead(REPLAYED, ENTRY_FILE)
    if entry.expires_at <= now and not pinned.late:
        raise NotRead(EXPIRED, ENTRY_FILE)
    if entry.at > now + bounds.LIFETIME:  # no clock is so wrong, and what comes later could not follow it
        raise NotRead(MALFORMED, f"{ENTRY_FILE}.at")


def since(source: FeedSource, entry: s.Entry, taken: int, kinds: Collection[str], languages: Collection[str]) -> Delta:
    """What changed after sequence `taken`, by change files; the entry must reach back so far (`reaches`)."""
    told = [change for change in entry.changes if change.sequence > taken]
    _within([change.file for change in told])
    files = []
    for change in told:
        with _judged():
            files.append(parsing.change_file(unpacked(fetched(source, change.file), change.file), change))
        for told_of in files[-1].records.values():
            _at_home(told_of, entry.id, change.file.path)
    records, texts = _last_of_each(files, kinds, languages)
    return Delta(
        sequence=entry.sequence,
        at=entry.at,
        whole=False,
        kinds=frozenset(kinds),
        records={kind: tuple(by_id.values()) for kind, by_id in records.items()},
        texts=texts,
        tombstones=tuple(tombstone for file in files for tombstone in file.tombstones),
        joins=tuple(merge for file in files for merge in file.joins) if s.JOIN in kinds else (),
        offers=tuple(offer for file in files for offer in file.offers),
        corrections=tuple(correction for file in files for correction in file.corrections),
        acknowledgements=tuple(acknowledgement for file in files for acknowledgement in file.acknowledgements),
    )


def _last_of_each(
    files: Iterable[s.ChangeFile], kinds: Collection[str], languages: Collection[str]
) -> tuple[dict[str, dict[UUID, s.Record]], dict[tuple[str, str], dict[UUID, s.Texts]]]:
    """Records by kind and identity, and texts by kind and language: the last of an identity holds, and its texts are
    all that it has."""
    records: dict[str, dict[UUID, s.Record]] = {}
    texts: dict[tuple[str, str], dict[UUID, s.Texts]] = {}
    for file in files:
        for kind in set(file.records) & set(kinds):
            for record in file.records[kind]:
                for layer in (layer for (of, _), layer in texts.items() if of == kind):
                    layer.pop(record.id, None)
                records.setdefault(kind, {})[record.id] = record
        for kind in set(file.texts) & set(kinds):
            for language in [language for language in file.texts[kind] if _is_read(kind, language, languages)]:
                layer = texts.setdefault((kind, language), {})
                layer.update({texts.id: texts for texts in file.texts[kind][language]})
    return records, texts


def reaches(entry: s.Entry, taken: int) -> bool:
    """Whether the change files of an entry tell all that came after sequence `taken`."""
    return taken >= entry.sequence or (bool(entry.changes) and entry.changes[0].sequence <= taken + 1)


def parts_of(entry: s.Entry, kinds: Collection[str], languages: Collection[str]) -> tuple[s.Part, ...]:
    """The parts of the snapshot with these kinds, in the languages in which each is read, and what is read always."""
    return tuple(
        part
        for part in entry.parts
        if (part.kind in kinds or part.kind in ALWAYS) and _is_read(part.kind, part.language, languages)
    )


def _is_read(kind: str, language: str | None, languages: Collection[str]) -> bool:
    return language is None or language in languages or kind in IN_ANY_LANGUAGE


def whole(
    source: FeedSource, entry: s.Entry, kinds: Collection[str], languages: Collection[str], *, kept: bool = False
) -> Delta:
    """All that an instance publishes of these kinds, in these languages, by its snapshot.

    `kept`: the source is whoever keeps the files of a dead home, and may lack texts in languages that it never read.
    """
    told = parts_of(entry, kinds, languages)
    _within([part.file for part in told])
    records: dict[str, list[s.Record]] = {}
    texts: dict[tuple[str, str], dict[UUID, s.Texts]] = {}
    other: dict[str, list[Any]] = {kind: [] for kind in (*ALWAYS, s.JOIN)}
    missing: set[str] = set()
    for part in told:
        packed = packed_part(source, part, kept)
        if packed is None:
            missing.add(part.language or "")
            continue
        with _judged():
            found = parsing.part(unpacked(packed, part.file), part)
        if part.kind in other:
            other[part.kind].extend(found)
        elif part.language is not None:
            texts.setdefault((part.kind, part.language), {}).update({piece.id: piece for piece in found})
        else:
            _at_home(found, entry.id, part.file.path)
            records.setdefault(part.kind, []).extend(found)
    return Delta(
        sequence=entry.sequence,
        at=entry.at,
        whole=True,
        kinds=frozenset(kinds),
        records={kind: tuple(found) for kind, found in records.items()},
        texts=texts,
        tombstones=tuple(other[s.TOMBSTONE]),
        joins=tuple(other[s.JOIN]),
        offers=tuple(other[OFFER]),
        corrections=tuple(other[s.CORRECTION]),
        acknowledgements=tuple(other[ACKNOWLEDGEMENT]),
        missing=tuple(sorted(missing)),
    )


def packed_part(source: FeedSource, part: s.Part, kept: bool) -> bytes | None:
    """`fetched` of a part; None for texts in a language, where the files are `kept` by somebody who lacks them."""
    try:
        return fetched(source, part.file)
    except Absent:
        if not kept or part.language is None or part.kind in IN_ANY_LANGUAGE:
            raise
    return None


def fetched(source: FeedSource, told: s.FileReference) -> bytes:
    """The packed bytes of a file that an entry names; exactly those, or NotRead."""
    try:
        body = _body(source.read(told.path, told.size_bytes))
    except Absent:
        raise
    except NotRead as no:
        raise NotRead(TAMPERED if no.code == OVERSIZED else no.code, told.path) from no
    if len(body) != told.size_bytes or hashlib.sha256(body).hexdigest() != told.sha256:
        raise NotRead(TAMPERED, told.path)
    return body


def unpacked(packed: bytes, told: s.FileReference) -> bytes:
    """What is packed, of the length that the entry says; never more than that is unpacked."""
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        raw = inflate.decompress(packed, told.unpacked_bytes + 1)
    except zlib.error as error:
        raise NotRead(MALFORMED, told.path) from error
    if len(raw) > told.unpacked_bytes:
        raise NotRead(OVERSIZED, told.path)
    if len(raw) < told.unpacked_bytes or not inflate.eof or inflate.unused_data:
        raise NotRead(MALFORMED, told.path)
    return raw


def _within(files: Sequence[s.FileReference]) -> None:
    packed, plain = sum(file.size_bytes for file in files), sum(file.unpacked_bytes for file in files)
    if packed > VISIT_PACKED_BYTES or plain > VISIT_UNPACKED_BYTES:
        raise NotRead(OVERSIZED, ENTRY_FILE)


def _at_home(records: Sequence[s.Record], home: UUID, path: str) -> None:
    if any(record.home != home for record in records):
        raise NotRead(WRONG_INSTANCE, path)


def _public(card: s.CatalogueCard) -> bytes | None:
    """The card's key, where its fingerprint is that of its bytes."""
    public = signing.public_bytes(card.key.public)
    return public if public is not None and signing.fingerprint(public) == card.key.fingerprint else None


def _key_of(moved: s.Transfer | None) -> bytes | None:
    return signing.public_bytes(moved.key.public) if moved else None


def _body(got: Got) -> bytes:
    return got.body if got.body is not None else b""


@contextmanager
def _judged() -> Iterator[None]:
    try:
        yield
    except Misread as no:
        raise NotRead(OVERSIZED if no.oversized else MALFORMED, no.where) from no
