"""Parses the files of an exchange: bounded before they are parsed, each entry checked for itself.

A file that is too large, or is no JSON of its kind, is InvalidExchangeFile as a whole. An entry that breaks a rule is
left out and named, and the others are kept. Signatures are checked before, by `forge.exchange.follow`.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from catalog.errors import CatalogError
from catalog.exchange import names
from catalog.exchange.limits import COUNTED, DEPTH, RECORD_BYTES, FileLimit, limit_of
from catalog.exchange.records import ExchangeRecord, read_record
from catalog.exchange.statements import (
    InstanceCard,
    RootStatement,
    ShardBits,
    Withdrawal,
)
from catalog.validation import Fault, InvalidData, read

BIG, DEEP, UNPACKED, NO_JSON, NO_LIST, MANY, NO_SHARD, TWICE, FAULTY = (
    "too-big",
    "too-deep",
    "not-packed",
    "no-json",
    "no-list",
    "too-many",
    "other-shard",
    "twice",
    "faulty",
)


class InvalidExchangeFile(CatalogError):
    """A file that is none of an exchange. `sort`: one of the words above; `faults` of one that is a single value."""

    def __init__(self, target: str, sort: str, faults: tuple[Fault, ...] = ()):
        detail = "; ".join(f"{fault.field}: {fault.sort}" for fault in faults)
        super().__init__(f"{target}: {sort}{f' ({detail})' if detail else ''}")
        self.target, self.sort, self.faults = target, sort, faults


@dataclass(frozen=True)
class Skipped:
    """An entry that was left out: its place in the list, its id where it has one, and what is wrong."""

    target: str
    place: int
    id: str | None
    sort: str
    faults: tuple[Fault, ...] = ()

    @property
    def detail(self) -> str:
        """A fault in words for people who know the format: "homepage: string_pattern_mismatch"."""
        return "; ".join(f"{fault.field}: {fault.sort}" for fault in self.faults[:3]) or self.sort


@dataclass(frozen=True)
class ReadEntries:
    """The entries of a file that keep the rules, in its order, and those that do not."""

    entries: tuple[Any, ...]
    skipped: tuple[Skipped, ...] = ()


def read_shard(target: str, raw: bytes, bits: int) -> ReadEntries:
    """The ExchangeRecords of a shard. Raises InvalidExchangeFile.

    One whose id belongs in another shard is skipped, and so is the second of an id."""
    place_of_shard = names.shard_named(target)
    if place_of_shard is None or place_of_shard[0] not in names.KINDS or len(place_of_shard[1]) * 4 != bits:
        raise InvalidExchangeFile(target, NO_SHARD)
    folder, shard = place_of_shard
    exchange_records: list[ExchangeRecord] = []
    skipped, ids = [], set()
    whole = unpacked(target, raw)
    weigh = len(whole) > RECORD_BYTES  # else no record in it is larger
    for place, entry in _listed(target, _parsed(target, whole), "records"):
        record = _entry(target, place, entry, partial(read_record, names.KIND_OF[folder]), weigh=weigh)
        if isinstance(record, Skipped):
            skipped.append(record)
        elif names.shard_of(record.id, bits) != shard or record.id in ids:
            skipped.append(Skipped(target, place, str(record.id), TWICE if record.id in ids else NO_SHARD))
        else:
            ids.add(record.id)
            exchange_records.append(record)
    return ReadEntries(tuple(exchange_records), tuple(skipped))


def read_withdrawn(target: str, raw: bytes) -> ReadEntries:
    """The Withdrawals of a shard; one whose id belongs in another shard is skipped. Raises InvalidExchangeFile."""
    shard = names.shard_named(target)
    if shard is None or shard[0] != names.WITHDRAWN:
        raise InvalidExchangeFile(target, NO_SHARD)
    withdrawals: list[Withdrawal] = []
    skipped: list[Skipped] = []
    for place, entry in _listed(target, _object(target, raw), "withdrawn"):
        withdrawal = _entry(target, place, entry, partial(read, Withdrawal))
        if isinstance(withdrawal, Skipped):
            skipped.append(withdrawal)
        elif not withdrawal.id.hex.endswith(shard[1]):
            skipped.append(Skipped(target, place, str(withdrawal.id), NO_SHARD))
        else:
            withdrawals.append(withdrawal)
    return ReadEntries(tuple(withdrawals), tuple(skipped))


def read_card(raw: bytes) -> InstanceCard:
    """Raises InvalidExchangeFile."""
    instance_card: InstanceCard = _whole(names.INSTANCE, InstanceCard, _object(names.INSTANCE, raw))
    return instance_card


def read_root_statement(member: Any) -> RootStatement:
    """Read the member `x-catalogue` of a verified root. Raises InvalidExchangeFile."""
    root_statement: RootStatement = _whole("root.json", RootStatement, member)
    return root_statement


def read_bits(custom: Any) -> Mapping[str, int]:
    """Read the member `custom` of the target instance.json. Raises InvalidExchangeFile."""
    bits: Mapping[str, int] = _whole(
        names.INSTANCE, ShardBits, custom.get("bits") if isinstance(custom, dict) else None
    )
    return bits


def unpacked(target: str, raw: bytes) -> bytes:
    """The bytes of a target, out of gzip where its name says so. Raises InvalidExchangeFile for more than its limit."""
    limit = _limit(target)
    if len(raw) > limit.packed:
        raise InvalidExchangeFile(target, BIG)
    if not target.endswith(".gz"):
        return raw
    packed = zlib.decompressobj(wbits=31)
    try:
        content = packed.decompress(raw, limit.unpacked + 1)
    except zlib.error:
        raise InvalidExchangeFile(target, UNPACKED) from None
    if len(content) > limit.unpacked:
        raise InvalidExchangeFile(target, BIG)
    if not packed.eof or packed.unused_data:
        raise InvalidExchangeFile(target, UNPACKED)
    return content


def _listed(target: str, top: Mapping[str, Any], member: str) -> Iterator[tuple[int, Any]]:
    entries = top.get(member, [])
    if not isinstance(entries, list):
        raise InvalidExchangeFile(target, NO_LIST)
    if len(entries) > _limit(target).entries:
        raise InvalidExchangeFile(target, MANY)
    return enumerate(entries)


def _object(target: str, raw: bytes) -> dict[str, Any]:
    return _parsed(target, unpacked(target, raw))


def _parsed(target: str, whole: bytes) -> dict[str, Any]:
    if sum(whole.count(mark) for mark in COUNTED) > _limit(target).values:
        raise InvalidExchangeFile(target, BIG)
    try:
        document = json.loads(whole.decode(), parse_constant=_no_number)
    except RecursionError:
        raise InvalidExchangeFile(target, DEEP) from None
    except ValueError:  # no UTF-8, no JSON, a number of thousands of digits
        raise InvalidExchangeFile(target, NO_JSON) from None
    if not isinstance(document, dict):
        raise InvalidExchangeFile(target, NO_LIST)
    return document


def _entry(target: str, place: int, value: Any, reader: Callable[[Any], Any], *, weigh: bool = False) -> Any:
    """The entry, or why it was left out."""
    id_ = value.get("id") if isinstance(value, dict) else None
    key = id_[:64] if isinstance(id_, str) else None
    if weigh and _larger(value, RECORD_BYTES):
        return Skipped(target, place, key, BIG)
    try:
        return reader(without_nulls(value))
    except _TooDeep:
        return Skipped(target, place, key, DEEP)
    except InvalidData as wrong:
        return Skipped(target, place, key, FAULTY, wrong.faults)


def _whole(target: str, described: Any, value: Any) -> Any:
    try:
        return read(described, without_nulls(value))
    except _TooDeep:
        raise InvalidExchangeFile(target, DEEP) from None
    except InvalidData as wrong:
        raise InvalidExchangeFile(target, FAULTY, wrong.faults) from None


class _TooDeep(Exception):
    """More than DEPTH values are within each other."""


def without_nulls(whole: Any, left: int = DEPTH) -> Any:
    """A member that is null is as if it were not there. Raises _TooDeep for more than `left` values within each
    other."""
    if not isinstance(whole, dict | list):
        return whole
    if not left:
        raise _TooDeep
    if isinstance(whole, dict):
        return {name: without_nulls(value, left - 1) for name, value in whole.items() if value is not None}
    return [without_nulls(value, left - 1) for value in whole]


def _larger(value: Any, most: int) -> bool:
    """Whether the JSON of a value is larger."""
    try:
        return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")) > most
    except RecursionError:
        return True


def _limit(target: str) -> FileLimit:
    limit = limit_of(target)
    if limit is None:
        raise InvalidExchangeFile(target, NO_SHARD)
    return limit


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
