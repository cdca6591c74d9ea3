"""From what may travel to the files of a feed: what changed since the last one, which sequence tells it, and the bytes.
It signs nothing and touches no file: `forge.federation.publish` does, in the order that the shapes ask for.

Every record is read twice in one view: once to find what changed, once to write it. So nothing large is held, and a
feed of a moment fits together whatever is written meanwhile.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.federation import bounds
from catalog.federation import shapes as s
from catalog.federation.outgoing_records import pieces
from catalog.federation.shapes import canonical, named_file
from catalog.model import Manifest, Operator
from catalog.store import Store
from catalog.store.exchange.grounds import grounds
from catalog.store.federation.publish import state as publish_state
from catalog.store.federation.publish.records import View
from catalog.store.federation.publish.state import News, PublishedLine, State, Stone

PART_BYTES = 8 * 1024 * 1024  # not packed; a larger kind has several parts
CONTACT = "/help"  # "Help and contact", in the reader's language
CHANGE_RECORDS = 10_000  # in all change files: who lacks more takes the snapshot
_SAID = (s.JOIN, s.OFFER, s.CORRECTION, s.ACKNOWLEDGEMENT)  # no records: they have no revision
_SECOND = timedelta(seconds=1)

Key = tuple[str, UUID]


@dataclass
class Feed:
    """A feed of one moment. `files` gives path and packed bytes, and is read once, to its end, before `entry`."""

    before: State
    after: State
    news: News
    card: bytes
    purges: int  # the last sequence that took something back
    _view: View
    _manifest: Manifest
    _lines: dict[Key, PublishedLine]
    _plain: bool  # only records are news: neither card nor date
    _parts: list[s.Part] = field(default_factory=list)
    _changes: list[s.Change] = field(default_factory=list)
    _card: s.FileReference | None = None

    @property
    def waits(self) -> bool:
        """Whether what is to be told is new or changed records alone: nothing was taken back, no date is due."""
        return bool(self.news.told) and not self.news.stones and self._plain

    def files(self) -> Iterator[tuple[str, bytes]]:
        self._parts, self._changes = [], []
        self._card, data = named_file("snapshot", "card", self.card)
        yield self._card.path, data
        low = self.after.base
        numbers = range(low + 1, self.after.sequence + 1)
        drafts = {number: _Draft(number, (self.after.times or {})[number]) for number in numbers}
        for kind in s.PARTS[:-1]:
            yield from self._kind(kind, drafts)
        stones = [tombstone for tombstone in _standing(self) if tombstone.at > _since(self.after)]
        told = [
            s.Tombstone(tombstone.kind, tombstone.id, tombstone.at, tombstone.ground, tombstone.revision)
            for tombstone in stones
        ]
        yield from self._part(s.TOMBSTONE, None, [canonical(tombstone) for tombstone in told], always=False)
        for own, stone in zip(stones, told, strict=True):
            if own.sequence in drafts:
                drafts[own.sequence].tombstones.append(stone)
        for number, draft in drafts.items():
            file, data = named_file("changes", str(number), canonical(draft.made()))
            self._changes.append(s.Change(number, file))
            yield file.path, data

    def entry(self) -> bytes:
        """The bytes of `entry.json`."""
        assert self.after.at is not None and self._card is not None, "files are read before the entry"
        made = s.Entry(
            self._manifest.id,
            self.after.sequence,
            self.after.at,
            self.after.at + bounds.LIFETIME,
            self._card,
            tuple(self._parts),
            tuple(self._changes),
        )
        return canonical(made)

    def _kind(self, kind: str, drafts: Mapping[int, "_Draft"]) -> Iterator[tuple[str, bytes]]:
        """The parts of a kind: first its records, then its layers, each cut where it grows too large."""
        main, layers = _Pile(), dict[str, _Pile]()
        for piece in pieces(self._view, self._manifest, kind):
            line = self._lines.get((kind, piece.id))
            if line is None:
                continue
            record = {**piece.content, "revision": line.sequence, "updated_at": line.updated_at}
            if kind in _SAID:
                record = dict(piece.content)
            texts = {lang: s.Texts(piece.id, line.sequence, said) for lang, said in sorted(piece.texts.items())}
            if (draft := drafts.get(line.sequence)) is not None:
                draft.add(kind, record, texts)
            if full := main.add(canonical(record)):
                yield from self._part(kind, None, full)
            for language, layer in texts.items():
                if full := layers.setdefault(language, _Pile()).add(canonical(layer)):
                    yield from self._part(kind, language, full)
        yield from self._part(kind, None, main.held, always=False)
        for language, pile in sorted(layers.items()):
            yield from self._part(kind, language, pile.held, always=False)

    def _part(
        self, kind: str, language: str | None, records: list[bytes], always: bool = True
    ) -> Iterator[tuple[str, bytes]]:
        if not records and not always:
            return
        head = canonical({"exchange": bounds.FORMAT, "kind": kind, "language": language, "records": []})
        raw = head[:-2] + b",".join(records) + head[-2:]
        file, data = named_file("snapshot", f"{kind}.{language}" if language else kind, raw)
        self._parts.append(s.Part(kind, language, len(records), file))
        yield file.path, data


@contextmanager
def feed(
    store: Store, card: s.CatalogueCard, *, now: datetime, told: tuple[int, datetime] | None = None
) -> Iterator[Feed | None]:
    """What there is to write now; None where no document was ever loaded.

    `told`: sequence and date of the entry that the folder holds already. Where it is ahead of what the database
    remembers, or that was restored from an older copy, all is told anew above whatever was told, and followers take the
    snapshot: no two entries have the same date, so that not more went out since than seconds passed.
    """
    now = now.replace(microsecond=0)
    with store.published_records.view() as view:
        if view.manifest is None:
            yield None
            return
        before = publish_state.state_of(view.connection)
        restored = before.restored or (told is not None and told[0] > before.sequence)
        sequence = max(before.sequence, told[0] if told else 0) + 1
        if before.restored and before.at is not None:
            sequence += max(0, int((now - before.at).total_seconds()))
        lines, news = _news(view, view.manifest, sequence, now, everything=restored)
        moved = bool(news.told or news.stones or news.gone or not before.sequence)
        raw = canonical(card)
        digest = hashlib.sha256(raw).hexdigest()
        after = before
        if moved:
            times = {**(before.times or {}), sequence: now}
            base = _base(lines, sequence) if before.sequence and not restored else sequence
            base = max(base, before.base)
            times = {number: at for number, at in times.items() if number > base}
            after = replace(before, sequence=sequence, base=base, times=times)
        due = before.at is None or now - before.at >= bounds.RENEWED_AFTER
        if moved or due or digest != before.card:
            latest = max(at for at in (before.at, told[1] if told else None, now - _SECOND) if at is not None)
            after = replace(after, at=latest + _SECOND, card=digest)
        after = replace(after, change=view.change, restored=False)
        stones = [*publish_state.stones(view.connection), *news.stones]
        purges = max((tombstone.sequence for tombstone in stones), default=0)
        plain = bool(before.sequence) and not (restored or due or digest != before.card)
        yield Feed(before, after, news, raw, purges, view, view.manifest, lines, plain)


def source_card(
    manifest: Manifest,
    address: str,
    key: s.Key,
    previous: tuple[s.PreviousKey, ...] = (),
    moved_to: s.Transfer | None = None,
    follows: tuple[s.Following, ...] = (),
) -> s.CatalogueCard:
    """Who we are, of the manifest and the address of this instance, and whom it follows. Where the manifest names no
    contact it is the page by which readers write to those who run this instance, without an account."""
    operator = manifest.operator
    made = s.CatalogueCard(
        id=manifest.id,
        name=manifest.name,
        address=address,
        languages=manifest.languages,
        key=key,
        operator=_operator(operator) if operator else None,
        contact=manifest.contact or f"{address}{CONTACT}",
        criteria=manifest.criteria,
        validation=manifest.validation,
        refresh=manifest.refresh,
        data_license={"facts": manifest.data_license.facts, "texts": manifest.data_license.texts},
        erased_within_days=bounds.ERASED_WITHIN.days,
        previous_keys=previous,
        moved_to=moved_to,
        follows=follows,
    )
    return replace(made, complete=not s.missing(made))


def _operator(operator: Operator) -> Mapping[str, Any]:
    return {"name": operator.name, "homepage": operator.homepage, "country": operator.country}


class _Pile:
    """Canonical records on their way into a part."""

    def __init__(self) -> None:
        self.held: list[bytes] = []
        self._size_bytes = 0

    def add(self, record: bytes) -> list[bytes]:
        """A full part, or nothing yet."""
        full: list[bytes] = []
        if self.held and self._size_bytes + len(record) > PART_BYTES:
            full, self.held, self._size_bytes = self.held, [], 0
        self.held.append(record)
        self._size_bytes += len(record)
        return full


@dataclass
class _Draft:
    """A change file on its way."""

    sequence: int
    at: datetime
    records: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    texts: dict[str, dict[str, list[s.Texts]]] = field(default_factory=dict)
    tombstones: list[s.Tombstone] = field(default_factory=list)
    said: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)

    def add(self, kind: str, record: Mapping[str, Any], texts: Mapping[str, s.Texts]) -> None:
        into = self.said if kind in _SAID else self.records
        into.setdefault(kind, []).append(record)
        for language, piece in texts.items():
            self.texts.setdefault(kind, {}).setdefault(language, []).append(piece)

    def made(self) -> Mapping[str, Any]:
        return {
            "exchange": bounds.FORMAT,
            "sequence": self.sequence,
            "at": self.at,
            "records": self.records,
            "texts": self.texts,
            "tombstones": self.tombstones,
            "joins": self.said.get(s.JOIN, []),
            "offers": self.said.get(s.OFFER, []),
            "corrections": self.said.get(s.CORRECTION, []),
            "acknowledgements": self.said.get(s.ACKNOWLEDGEMENT, []),
        }


def _news(
    view: View, manifest: Manifest, sequence: int, now: datetime, *, everything: bool
) -> tuple[dict[Key, PublishedLine], News]:
    """Every record that goes out with its line, and what of it is news."""
    lines: dict[Key, PublishedLine] = {}
    told: dict[Key, PublishedLine] = {}
    stones: list[Stone] = []
    gone: list[Key] = []
    for kind in dict.fromkeys((*s.PARTS[:-1], *publish_state.kinds(view.connection))):
        known = publish_state.lines(view.connection, kind)
        for piece in pieces(view, manifest, kind):
            digest = piece.digest()
            if digest is None:
                continue
            line = known.pop(piece.id, None)
            if line is None or line.digest != digest or everything:
                line = told[(kind, piece.id)] = PublishedLine(digest, sequence, piece.changed_at or now)
            lines[(kind, piece.id)] = line
        if kind == s.ACKNOWLEDGEMENT:  # it was said long enough
            gone += [(kind, key) for key in known]
            continue
        why = grounds(view.connection, kind, known)
        stones += [
            Stone(kind, key, why.get(key, publish_state.WITHDRAWN), line.sequence, sequence, now)
            for key, line in known.items()
        ]
    return lines, News(told, tuple(stones), tuple(gone))


def _base(lines: Mapping[Key, PublishedLine], sequence: int) -> int:
    """The sequence that whoever has less of takes the snapshot: the changes above it are few and small enough."""
    counts = Counter(line.sequence for line in lines.values())
    base, total = sequence, 0
    while base > max(sequence - bounds.CHANGES, 0) and (total := total + counts[base]) <= CHANGE_RECORDS:
        base -= 1
    return base


def _standing(made: Feed) -> list[Stone]:
    """The tombstones that go out: those before, without what came back, and the new ones."""
    fresh = {(tombstone.kind, tombstone.id): tombstone for tombstone in made.news.stones}
    old = {(tombstone.kind, tombstone.id): tombstone for tombstone in publish_state.stones(made._view.connection)}
    every = {key: tombstone for key, tombstone in (old | fresh).items() if key not in made._lines}
    return sorted(every.values(), key=lambda tombstone: (tombstone.kind, str(tombstone.id)))


def _since(state: State) -> datetime:
    assert state.at is not None
    return state.at - bounds.TOMBSTONES_KEPT
