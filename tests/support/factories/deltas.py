"""What another catalogue tells, as tests say it: records with their texts by language, taken over a record at a time.

It stands in the place of a visit's files: what comes is given to `catalog.federation.take_over`, which keeps it, lets
go of what disappeared and makes the rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog import text_rules as rules
from catalog.exchange.names import USES
from catalog.exchange.statements import Withdrawal
from catalog.exchange.values import instant
from catalog.federation import take_over
from catalog.federation.accepted_fields import accepted
from catalog.federation.take_over import TakeOverResult
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.rules.peer import RETURNED
from catalog.store.core.engine import reading
from catalog.store.federation.received.records import ReceivedRecord, known
from catalog.store.store import Store

ALLOWED = (*take_over.FOLDERS, RETURNED)
ORIGINAL, TRANSLATION = "original", "translation"
# kind -> field -> whether it is a list of lines, told as one text with line feeds.
TEXTS: Mapping[str, Mapping[str, bool]] = {
    "project": {
        "summary": False,
        "description": False,
        "features": True,
        "cost": False,
        "leaving.note": False,
        "governance": False,
        "notes": False,
    },
    "organization": {"about": False, "notes": False},
    "adoption": {"purpose": False, "lesson": False},
}


@dataclass(frozen=True)
class TranslatableText:
    """A text in one language. `stale`: what was translated is another text by now."""

    text: str
    origin: str = ORIGINAL
    translator: str | None = None  # an organization's name
    method: str = "person"
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


def apply_delta(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> TakeOverResult:
    """Take over what a visit verified; the same delta again changes nothing. Raises NotFound for an unknown peer."""
    peer = store.peers.get(peer_id)
    withdrawn = take_over.withdraw(store, peer, [withdrawals(delta)], peer.online_key, now=now)
    visit = a_visit(store, peer_id, delta, now=now)
    came(visit, delta)
    if delta.whole:
        for folder in {take_over.FOLDERS[kind] for kind in delta.kinds}:
            visit.lost(folder, "")
    visit.taken.withdrawn = withdrawn
    return visit.finish()


def taken_half_way(store: Store, peer_id: UUID, delta: Delta, *, now: datetime) -> None:
    """As `apply_delta`, killed before any row is made."""
    visit = a_visit(store, peer_id, delta, now=now)
    came(visit, delta)
    for kind in delta.kinds:
        visit.flush(kind)


def a_visit(
    store: Store, peer_id: UUID, delta: Delta, *, allowed: Iterable[str] = ALLOWED, now: datetime
) -> take_over.TakeOver:
    """A visit that begins; `allowed`: about what a person was asked and said yes."""
    peer = replace(store.peers.get(peer_id), allowed=tuple(allowed))
    gone = {said.id for said in withdrawals(delta)}
    return take_over.TakeOver(store, peer, gone.__contains__, peer.online_key, "", now=now)


def withdrawals(delta: Delta) -> list[Withdrawal]:
    return [Withdrawal(delta.sequence, gone.kind, gone.id, gone.at, gone.ground) for gone in delta.tombstones]


def came(visit: take_over.TakeOver, delta: Delta) -> None:
    """Give a visit these records, each use in the line of its project: one that came now or is here already. In a delta
    that is not whole, a line has its uses from before too."""
    bodies: dict[tuple[str, UUID], dict[str, Any]] = {}
    for kind in (ORGANIZATION, PROJECT):
        layers = _layers(delta, kind)
        for record in delta.records.get(kind, ()):
            bodies[kind, record.id] = _body(record, stated(record, layers.get(record.id, {}), kind))
    uses: dict[UUID, dict[str, Any]] = {}
    for record in delta.records.get(ADOPTION, ()):
        if told := stated(record, _layers(delta, ADOPTION).get(record.id, {}), ADOPTION):
            uses.setdefault(UUID(record.body["project"]["id"]), {})[str(record.id)] = told
    keys = {*uses, *(key for kind, key in bodies if kind == PROJECT)}
    with reading(visit.store.engine) as connection:
        before = {key: row.body for key, row in known(connection, visit.peer.id, PROJECT, keys).items()}
    keeps = not delta.whole or ADOPTION not in delta.kinds
    gone = {str(said.id) for said in delta.tombstones}
    for key in keys:
        if body := bodies.get((PROJECT, key), before.get(key, {}) if keeps else {}):
            lines = {use["id"]: use for use in before.get(key, {}).get(USES, ()) if keeps and use["id"] not in gone}
            lines |= {use: {"id": use, **told} for use, told in uses.get(key, {}).items()}
            bodies[PROJECT, key] = {**body, USES: list(lines.values())}
    for (kind, key), body in bodies.items():
        visit.arrived(ReceivedRecord(kind, key, body, {}))


def _body(record: Record, told: dict[str, Any] | None) -> dict[str, Any]:
    at = instant(record.updated_at)
    return {"record": told or {}, "page": record.page, "license": record.license, "updated_at": at}


def _layers(delta: Delta, kind: str) -> dict[UUID, dict[str, Texts]]:
    found: dict[UUID, dict[str, Texts]] = {}
    for (of_kind, language), layer in sorted(delta.texts.items()):
        if of_kind == kind:
            for key, texts in layer.items():
                found.setdefault(key, {})[language] = texts
    return found


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
