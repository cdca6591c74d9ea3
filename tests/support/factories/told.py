"""What another catalogue tells, as tests say it: records with their texts by language, taken over a record at a time.

It stands in the place of a visit: what is kept goes through the same functions as what a visit brings
(`catalog.federation.take_over`), and `settle` makes the rows.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog import text_rules as rules
from catalog.federation.accepted_fields import accepted, references
from catalog.federation.merge import AT_ONCE, in_parts, let_go, settle
from catalog.federation.shapes import PERSON, PROJECT
from catalog.federation.text_layers import TEXTS
from catalog.rules.peer import FOLLOWING, TAKEN_DECISIONS
from catalog.store import Store
from catalog.store.core.engine import BATCH, reading
from catalog.store.core.public_changes import changing, lock_changes
from catalog.store.federation import peers, taken
from catalog.store.federation.received import records as received_records
from catalog.store.federation.received.records import Came

ORIGINAL, TRANSLATION = "original", "translation"
_DIGESTED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str)


@dataclass(frozen=True)
class TranslatableText:
    """A text in one language. `stale`: what was translated is another text by now."""

    text: str
    origin: str = ORIGINAL
    translator: str | None = None  # an organization's name
    method: str = PERSON
    stale: bool = False


@dataclass(frozen=True)
class Record:
    """`body`: the document's keys without texts by language; references are {"id", "slug", "name"}."""

    id: UUID
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
    texts: Mapping[str, TranslatableText]


@dataclass(frozen=True)
class Tombstone:
    kind: str
    id: UUID
    at: datetime
    ground: str


@dataclass(frozen=True)
class Delta:
    """`whole`: of `kinds`, what it does not carry is published no more. `texts` by kind and language."""

    sequence: int
    at: datetime
    whole: bool
    kinds: frozenset[str]
    records: Mapping[str, tuple[Record, ...]]
    texts: Mapping[tuple[str, str], Mapping[UUID, Texts]]
    tombstones: tuple[Tombstone, ...] = ()


@dataclass(frozen=True)
class Taken:
    """How many records a take brought: `added` and `changed` as they came, `removed` that their home told no more."""

    added: int = 0
    changed: int = 0
    removed: int = 0


def apply_delta(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> Taken:
    """Take over what a visit verified; the same delta again changes nothing. Raises NotFound for an unknown peer."""
    removed = _withdraw(store, peer_id, delta, now=now)
    added = changed = 0
    for kind in sorted(delta.kinds & delta.records.keys()):
        layers = _layers(delta, kind)
        for records in in_parts(delta.records[kind], BATCH):
            came = [_came(record, kind, layers.get(record.id, {})) for record in records]
            new, other = _keep(store, peer_id, came, delta, now=now)
            added, changed = added + new, changed + other
    if delta.whole:
        for kind in sorted(delta.kinds):
            removed += _drop_absent(
                store, peer_id, kind, {record.id for record in delta.records.get(kind, ())}, now=now
            )
    settle(store, now=now)
    return Taken(added, changed, removed)


def _withdraw(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> int:
    """What its home took back goes at once, with all rows of it, before anything else is taken."""
    by_kind: dict[str, list[Any]] = {}
    for tombstone in delta.tombstones:
        by_kind.setdefault(tombstone.kind, []).append(tombstone)
    removed = 0
    for kind, every in sorted(by_kind.items()):
        for some in in_parts(every, AT_ONCE):
            with changing(store.engine) as (connection, change):
                lock_changes(connection)
                home = peers.held(connection, peer_id)
                ids = list(taken.digests(connection, peer_id, kind, [tombstone.id for tombstone in some]))
                let_go(connection, peer_id, kind, ids, change=change, now=now)
                numbers = dict.fromkeys(((kind, key) for key in ids), delta.sequence)
                taken.remember_erased(connection, home.instance_id, numbers, home.online_key, now=now)
                removed += len(ids)
    return removed


def _drop_absent(store: Store, peer_id: UUID, kind: str, present: Collection[UUID], *, now: datetime) -> int:
    with reading(store.engine) as connection:
        here = taken.held_records(connection, peer_id)
    gone = [key for of_kind, key in here if of_kind == kind and key not in present]
    for some in in_parts(gone, AT_ONCE):
        with changing(store.engine) as (connection, change):
            lock_changes(connection)
            let_go(connection, peer_id, kind, some, change=change, now=now)
    return len(gone)


def _keep(store: Store, peer_id: UUID, came: Sequence[Came], delta: Delta, *, now: datetime) -> tuple[int, int]:
    """How many of these are new, and how many came otherwise than before.

    A visit takes minutes: what was blocked since it began is not kept, nor what a later visit overtook.
    """
    if not came:
        return 0, 0
    with changing(store.engine) as (connection, change):
        lock_changes(connection)
        home = peers.held(connection, peer_id, hold=True)
        overtaken = home.taken is not None and home.taken > delta.sequence
        if overtaken or home.state != FOLLOWING or home.decision(came[0].kind) not in TAKEN_DECISIONS:
            return 0, 0
        here = taken.digests(connection, peer_id, came[0].kind, [received.record_id for received in came])
        new = [received for received in came if received.record_id not in here]
        other = [received for received in came if here.get(received.record_id, received.digest) != received.digest]
        received_records.keep_records(connection, peer_id, [*new, *other], now=now)
        ids = [received.record_id for received in other]
        for kind, keys in received_records.rows_showing(connection, peer_id, came[0].kind, ids).items():
            change.touch(kind, *keys)
    return len(new), len(other)


def _layers(delta: Delta, kind: str) -> dict[UUID, dict[str, Texts]]:
    found: dict[UUID, dict[str, Texts]] = {}
    for (of_kind, language), layer in sorted(delta.texts.items()):
        if of_kind == kind:
            for key, texts in layer.items():
                found.setdefault(key, {})[language] = texts
    return found


def _came(record: Record, kind: str, layers: Mapping[str, Texts]) -> Came:
    told = stated(record, layers, kind)
    texts = {language: json.loads(_DIGESTED.encode(asdict(layer))) for language, layer in layers.items()}
    whole = _DIGESTED.encode([record.body, record.license, texts])
    return Came(
        kind=kind,
        record_id=record.id,
        page=record.page,
        origin=record.origin,
        license=record.license,
        updated_at=record.updated_at,
        texts=texts,
        stated=told,
        digest=hashlib.blake2b(whole.encode(), digest_size=12).hexdigest(),
        refs="\n".join(f"{of_kind}:{key}" for of_kind, key in references(kind, told)),
    )


def stated(record: Record, texts: Mapping[str, Texts], kind: str) -> dict[str, Any] | None:
    """The record as our pages may show it."""
    said_in = {
        language: {name: said.text for name, said in layer.texts.items()}
        for language, layer in texts.items()
        if rules.language(language) is None
    }
    whole = _together(kind, record.body, said_in)
    credits = [
        {"field": name, "language": language, "by": said.translator or "", "method": said.method}
        | ({"stale": True} if said.stale else {})
        for language, layer in sorted(texts.items())
        for name, said in layer.texts.items()
        if said.origin == TRANSLATION
    ]
    return accepted(kind, {**whole, "translated": credits} if credits and kind == PROJECT else whole)


def _together(kind: str, body: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The record that `text_layers.apart` took apart; fields that are no text of this kind are passed over.
    Of `body`, which stays as it is, it shares what holds no text."""
    record = dict(body)
    for field, lines in TEXTS.get(kind, {}).items():
        said = {language: fields[field] for language, fields in sorted(texts.items()) if fields.get(field)}
        if not said:
            continue
        above, _, last = field.rpartition(".")
        holder = record.get(above, {}) if above else record
        if isinstance(holder, dict):
            if above:
                holder = record[above] = dict(holder)
            holder[last] = {language: text.split("\n") if lines else text for language, text in said.items()}
    return record
