"""Writes what this catalogue publishes: which shards differ since the last time, what was withdrawn, and signatures.

One changed record writes its shard and the signatures, nothing else. What was withdrawn gets its number in the same
writing that no longer has it. Versions and numbers begin with the seconds since 1970, so that a catalogue that was
restored from an older copy, or is kept by others now, has higher ones than whatever it published before.
"""

import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from tuf.api.metadata import TargetFile

from catalog.exchange import names
from catalog.exchange.limits import LARGEST_NUMBER, LIMITS
from catalog.exchange.names import BITS, FOLDERS, KIND_OF, KINDS, shard_of, shard_target
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.statements import OPTED_OUT, WITHDRAWN, InstanceCard, Withdrawal
from catalog.exchange.writing import (
    Room,
    as_json,
    canonical,
    card_bytes,
    shard_bytes,
    withdrawn_bytes,
)
from catalog.publication.exchange_view import after_withdrawals, line_of
from catalog.store.exchange import published
from catalog.store.exchange.outgoing import OutgoingView
from catalog.store.exchange.published import PublishedRecord, PublishedState
from catalog.store.store import Store
from forge.exchange.authority import Authority, adopt_roots, authority, published_address
from forge.exchange.card import instance_card
from forge.exchange.keys import KeyTrouble
from forge.exchange.paths import FOLDER
from forge.exchange.repository import (
    FolderInUse,
    OtherFolder,
    Published,
    alone,
    check_folder,
    clean,
    is_whole,
    named_files,
    prepare,
    put_roots,
    put_targets,
    read_published,
    read_withdrawals,
    roots_in,
    sign,
    stamp,
    target_file,
)

log = logging.getLogger("forge.exchange.publish")

POINTS = ("targets", "committed", "signed", "cleaned")  # where a writing may be ended
_AT_ONCE = 400  # records


@dataclass(frozen=True)
class PublishResult:
    """`wrote`: whether anything was signed. `change`: the public change up to which nothing that was withdrawn is
    published. `files` and `size_bytes`: of all targets; `version`: of the timestamp. `waits_until`: there is news that
    is told then."""

    wrote: bool
    change: int
    version: int
    files: int
    size_bytes: int
    expires_at: datetime | None
    withdrawn: int = 0  # records, in this writing
    waits_until: datetime | None = None
    took: timedelta = timedelta(0)


@dataclass
class _News:
    """What a writing changes."""

    shards: dict[str, bytes] = field(default_factory=dict)  # by name of the target; b"": it is empty now
    rewritten: dict[str, set[str]] = field(default_factory=dict)  # by folder, as three digits
    present: list[PublishedRecord] = field(default_factory=list)  # what is in them
    gone: list[PublishedRecord] = field(default_factory=list)  # what was in them
    withdrawals: list[Withdrawal] = field(default_factory=list)
    returned: list[tuple[str, UUID]] = field(default_factory=list)

    def add(self, other: "_News") -> None:
        self.shards |= other.shards
        self.rewritten |= other.rewritten
        self.present += other.present
        self.gone += other.gone
        self.returned += other.returned


class _TooNarrow(Exception):
    """A shard would be larger than followers take: more bits must name it."""


def write(
    store: Store,
    data: Path,
    address: str,
    *,
    now: datetime,
    patience: timedelta = timedelta(0),
    check: bool = False,
    reached: Callable[[str], None] = lambda point: None,
) -> PublishResult | None:
    """Bring the served folder to what may be published now; None where no document was ever loaded.

    `data` holds the keys and the folder; `address` is this instance's own. What is only new waits until the last
    signing is as old as `patience`; what was withdrawn does not. `check`: every file is looked at, and all are written
    anew where one is not as it was signed. `reached` is called at each of POINTS. Raises KeyTrouble, OtherFolder,
    FolderInUse and PublishedMeanwhile (another process writes: come back later), OSError.
    """
    began, manifest, folder = time.monotonic(), store.manifest(), data / FOLDER
    if manifest is None:
        return None
    check_folder(folder, manifest.id, served=True)
    prepare(folder)
    with alone(folder):
        adopt_roots(store, roots_in(folder), manifest.id)
        signing = authority(store, data, manifest.id, address, now=now)
        address = published_address(signing.root, address)
        before = read_published(folder, signing.root)
        if store.published_exchange.state().restored:
            _recover(store, folder, before)
        if check and not is_whole(folder, before):
            before = Published()
        with store.outgoing_records.view() as view:
            state = published.published_state(view.connection)
            card = instance_card(manifest, address, store.peers.all())
            prepared = _prepare(view, state, before, card, signing, now)
        done = _publish(
            store,
            folder,
            signing,
            state=state,
            before=before,
            prepared=prepared,
            now=now,
            patience=patience,
            reached=reached,
        )
    return replace(done, took=timedelta(seconds=time.monotonic() - began))


def make_keys(store: Store, data: Path, address: str, *, now: datetime) -> None:
    """Make the first keys and root of this catalogue, where there are none yet: what people compare is there before
    anybody can follow. What keeps it from being made keeps `write` from publishing too, which tells it.
    """
    manifest, folder = store.manifest(), data / FOLDER
    if manifest is None:
        return
    with contextlib.suppress(KeyTrouble, OtherFolder, FolderInUse, OSError):
        check_folder(folder, manifest.id, served=True)
        prepare(folder)
        with alone(folder):
            adopt_roots(store, roots_in(folder), manifest.id)
            authority(store, data, manifest.id, address, now=now)


@dataclass(frozen=True)
class _Prepared:
    news: _News
    bits: Mapping[str, int]
    change: int
    files: Mapping[str, TargetFile]  # all targets, as they will be
    new: tuple[tuple[TargetFile, bytes], ...]  # those that are not there yet
    urgent: bool  # something is withdrawn, or what is there cannot be believed


def _prepare(
    view: OutgoingView,
    state: PublishedState,
    before: Published,
    card: InstanceCard,
    signing: Authority,
    now: datetime,
) -> _Prepared:
    old_bits, bits = state.bits or {}, dict[str, int]()
    unsure = not before.versions or before.highest != state.version or before.online not in signing.root.online
    news = _News()
    for folder in KINDS:
        bits[folder], part = _divided(view, folder, old_bits.get(folder), None if unsure else state.change)
        news.add(part)
    news.withdrawals = _withdrawals(view, news, now)
    bits[names.WITHDRAWN] = old_bits.get(names.WITHDRAWN, min(BITS))
    if unsure or state.change < 0 or news.withdrawals or news.returned:
        bits[names.WITHDRAWN], of_withdrawals = _withdrawn_shards(_standing(view, news), old_bits.get(names.WITHDRAWN))
        empty = {target for target in before.files if target.startswith(f"{names.WITHDRAWN}/")}
        news.shards |= dict.fromkeys(empty, b"") | of_withdrawals
    targets: dict[str, TargetFile] = {
        target: file for target, file in before.files.items() if not unsure and _is_kept(target, bits)
    }
    written: list[tuple[TargetFile, bytes]] = []

    def say(target: str, raw: bytes, custom: Mapping[str, object] | None = None) -> None:
        targets[target] = target_file(target, raw, custom)
        written.append((targets[target], raw))

    for target, raw in news.shards.items():
        targets.pop(target, None)
        if raw:
            say(target, raw)
    say(names.INSTANCE, card_bytes(card), {"bits": {folder: bits[folder] for folder in KINDS}})
    new = tuple((file, raw) for file, raw in written if unsure or before.files.get(file.path) != file)
    return _Prepared(news, bits, view.change, targets, new, unsure or bool(news.withdrawals))


def _publish(
    store: Store,
    folder: Path,
    signing: Authority,
    *,
    state: PublishedState,
    before: Published,
    prepared: _Prepared,
    now: datetime,
    patience: timedelta,
    reached: Callable[[str], None],
) -> PublishResult:
    differs, due = dict(before.files) != dict(prepared.files), before.due(now)
    roots = not _has_roots(folder, signing)
    if differs and not prepared.urgent and not due and before.at is not None and now - before.at < patience:
        return replace(_written(False, before, prepared.change, prepared), waits_until=before.at + patience)
    least = min(int(now.timestamp()), LARGEST_NUMBER)
    put_targets(folder, prepared.new)
    reached("targets")
    signs_all = differs or prepared.urgent or bool(due - {"timestamp"})
    following = max(before.highest + 1, state.version + 1, least) if signs_all or due else state.version
    news = prepared.news
    after = replace(
        state,
        change=prepared.change,
        bits=dict(prepared.bits),
        version=following,
        online=str(signing.online.public_key.keyid),
    )
    if after != state or news.rewritten:
        store.published_exchange.commit(state, after, news.rewritten, news.present, news.withdrawals, news.returned)
    reached("committed")
    if roots:
        put_roots(folder, signing.chain)
    published = before
    if signs_all:
        published = sign(folder, signing.root, signing.online, prepared.files, before=before, least=following, now=now)
    elif due:
        published = stamp(folder, signing.online, before, following, now)
    reached("signed")
    if signs_all or due or roots:
        clean(folder, named_files(published, signing.chain))
    reached("cleaned")
    return _written(signs_all or bool(due) or roots, published, prepared.change, prepared)


def _written(wrote: bool, published: Published, change: int, prepared: _Prepared) -> PublishResult:
    sizes = [file.length for file in published.files.values()]
    version, expires = published.versions.get("timestamp", 0), published.expires.get("timestamp")
    withdrawn = len(prepared.news.withdrawals) if wrote else 0
    return PublishResult(wrote, change, version, len(sizes), sum(sizes), expires, withdrawn)


def _divided(view: OutgoingView, folder: str, before: int | None, since: int | None) -> tuple[int, _News]:
    """How many bits name the shards of a folder, and those shards; `before`: as it was, `since` as in `_shards`."""
    for bits in _widths(names.bits_for(view.count(folder), before)):
        with contextlib.suppress(_TooNarrow):
            return bits, _shards(view, folder, bits, since if bits == before else None)
    raise AssertionError("the widest shards leave out what they cannot hold")


def _shards(view: OutgoingView, folder: str, bits: int, since: int | None) -> _News:
    """The shards in which something differs since that public change; all, where that is None. Raises _TooNarrow;
    among the widest, what a shard cannot hold is left out."""
    kind, news = KIND_OF[folder], _News()
    by_shard: dict[str, set[UUID]] = defaultdict(set)
    changed = view.ids(folder) if since is None else view.changed(folder, since)
    for key in changed:
        by_shard[shard_of(key, bits)].add(key)
    if since is None:
        old = published.published_keys(view.connection, folder, None)
        for published_key in old:
            if published_key.kind == kind:
                by_shard.setdefault(published_key.shard[-(bits // 4) :], set())
    else:
        old = published.published_keys(view.connection, folder, _widest(by_shard, bits)) if by_shard else []
        for published_key in old:
            if published_key.kind == kind:  # what was not published and is as it was is not sent
                by_shard[shard_of(published_key.id, bits)].add(published_key.id)
    present: set[tuple[str, UUID]] = set()
    order = [key for shard in sorted(by_shard) for key in sorted(by_shard[shard], key=str)]
    packs: dict[str, list[bytes]] = {shard: [] for shard in by_shard}
    room = {shard: Room(LIMITS[folder]) for shard in by_shard}
    for record, line in filter(None, map(line_of, _records(view, folder, order, news))):
        shard = shard_of(record.id, bits)
        if not room[shard].takes(line):
            if bits < max(BITS):
                raise _TooNarrow
            log.warning("%s %s is not published: its shard has no room for it.", kind, record.id)
            continue
        packs[shard].append(line)
        keys = published.keys_of(folder, record)
        news.present += keys
        present |= {(key.kind, key.id) for key in keys}
    for shard, lines in packs.items():
        news.shards[shard_target(folder, shard)] = shard_bytes(lines) if lines else b""
    if by_shard:
        news.rewritten[folder] = _widest(by_shard, bits)
    news.gone += [key for key in old if (key.kind, key.id) not in present]
    return news


def _withdrawn_shards(standing: Sequence[Withdrawal], before: int | None) -> tuple[int, dict[str, bytes]]:
    """How many bits name the shards of what is withdrawn, and all of those by name of the target."""
    for bits in _widths(names.bits_for(len(standing), before)):
        packs: dict[str, list[bytes]] = defaultdict(list)
        for withdrawal in standing:
            packs[shard_of(withdrawal.id, bits)].append(canonical(as_json(withdrawal)))
        rooms = {shard: Room(LIMITS[names.WITHDRAWN]) for shard in packs}
        if bits == max(BITS) or all(rooms[shard].takes(line) for shard, lines in packs.items() for line in lines):
            break
    return bits, {shard_target(names.WITHDRAWN, shard): withdrawn_bytes(lines) for shard, lines in packs.items()}


def _records(view: OutgoingView, folder: str, order: list[UUID], news: _News) -> Iterable[ExchangeRecord]:
    """The records that are sent, with what was withdrawn of them before."""
    for start in range(0, len(order), _AT_ONCE):
        some = list(view.records(folder, order[start : start + _AT_ONCE]))
        ids = [key.id for record in some for key in published.keys_of(folder, record)]
        before = published.withdrawn_before(view.connection, ids)
        news.returned += [key for key, row in before.items() if not row.withheld]
        for record in some:
            exchange_record = after_withdrawals(record, before) if before else record
            if exchange_record is not None:
                yield exchange_record


def _withdrawals(view: OutgoingView, news: _News, now: datetime) -> list[Withdrawal]:
    """What is published no more, with numbers; what is withheld after a restore has its number already."""
    by_kind: dict[str, list[UUID]] = defaultdict(list)
    before = published.withdrawn_before(view.connection, [gone.id for gone in news.gone])
    for gone in news.gone:
        earlier_withdrawal = before.get((gone.kind, gone.id))
        if earlier_withdrawal is None or not earlier_withdrawal.withheld:
            by_kind[gone.kind].append(gone.id)
    least = int(now.timestamp())
    number = max(published.last_number(view.connection), least - 1) + 1
    withdrawals = []
    for kind, ids in sorted(by_kind.items()):
        opted_out = view.opted_out(ids) if kind == names.PROJECT else ()
        for key in sorted(ids, key=str):
            withdrawals.append(Withdrawal(number, kind, key, now, OPTED_OUT if key in opted_out else WITHDRAWN))
            number += 1
    return withdrawals


def _standing(view: OutgoingView, news: _News) -> list[Withdrawal]:
    """All that is withdrawn once this is written."""
    back, fresh = set(news.returned), {(gone.kind, gone.id) for gone in news.withdrawals}
    withdrawals = [
        withdrawal
        for withdrawal in published.standing_withdrawals(view.connection)
        if (withdrawal.kind, withdrawal.id) not in back and (withdrawal.kind, withdrawal.id) not in fresh
    ]
    return [*withdrawals, *news.withdrawals]


def _is_kept(target: str, bits: Mapping[str, int]) -> bool:
    """Whether a target may stay as it is: of shards those that have their width."""
    shard = names.shard_named(target)
    return shard is not None and shard[0] in FOLDERS and len(shard[1]) * 4 == bits[shard[0]]


def _has_roots(folder: Path, signing: Authority) -> bool:
    there = roots_in(folder)
    newest = folder / names.METADATA / names.ROOT
    same = [root.body for root in there] == [root.body for root in signing.chain]
    return same and newest.is_file() and newest.read_bytes() == signing.root.body


def _recover(store: Store, folder: Path, before: Published) -> None:
    """After a restore: what the folder still says was withdrawn stays so."""
    recover_from(store, folder, before)
    store.published_exchange.has_recovered()


def recover_from(store: Store, folder: Path, before: Published) -> int:
    """Learn what a verified copy of our exchange says was withdrawn; how many records that were not known here."""
    return store.published_exchange.learn(read_withdrawals(folder, before))


def _widths(least: int) -> Iterator[int]:
    return (bits for bits in BITS if bits >= least)


def _widest(shards: Collection[str], bits: int) -> set[str]:
    """These shards, named by as many bits as there may be."""
    every = (f"{number:03x}" for number in range(2 ** max(BITS)))
    return {shard for shard in every if shard[-(bits // 4) :] in shards}
