"""Writes the files of an exchange as bytes: canonical JSON (keys sorted, no space), compressed without a time, so that
the same state gives the same bytes.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from catalog.exchange.limits import COUNTED, FileLimit
from catalog.exchange.records import BODY, ExchangeAdoption, ExchangeRecord
from catalog.exchange.statements import InstanceCard, RootStatement
from catalog.exchange.values import instant

_AROUND = 32  # bytes and values of a shard beside its entries


def as_json(value: Any) -> Any:
    """A record or a statement as JSON: members that have their default are left out."""
    if isinstance(value, str | int | float | type(None)):
        return value
    kind: type[Any] = type(value)
    if is_dataclass(kind):
        members = {}
        for name, default in _members(kind):
            part = getattr(value, name)
            if default is MISSING or part != default:
                members[name] = as_json(part)
        if kind in (ExchangeRecord, ExchangeAdoption):  # what it says stands beside what is said of it
            members.pop("record_kind", None)
            return {**members.pop(BODY, {}), **members}
        return members
    if isinstance(value, Mapping):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, UUID):
        return str(value)
    return [as_json(part) for part in value]


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def packed(raw: bytes) -> bytes:
    """The same bytes for the same text: gzip without name and time."""
    return gzip.compress(raw, 9, mtime=0)


def shard_bytes(records: Iterable[bytes]) -> bytes:
    """A shard of records that `canonical` wrote, in the order of their ids."""
    return packed(b'{"records":[' + b",".join(records) + b"]}")


def withdrawn_bytes(withdrawals: Iterable[bytes]) -> bytes:
    """A shard of withdrawals that `canonical` wrote, by their numbers."""
    return packed(b'{"withdrawn":[' + b",".join(withdrawals) + b"]}")


class Room:
    """How much more a shard may hold: what is larger, followers refuse."""

    def __init__(self, limit: FileLimit):
        self._bytes, self._entries = limit.unpacked - _AROUND, limit.entries
        self._values = limit.values - _AROUND

    def takes(self, entry: bytes) -> bool:
        """Whether this entry, as it is written, still has its place; it is counted then."""
        values = 1 + sum(entry.count(mark) for mark in COUNTED)
        if len(entry) >= self._bytes or not self._entries or values > self._values:
            return False
        self._bytes -= len(entry) + 1
        self._values -= values
        self._entries -= 1
        return True


def card_bytes(card: InstanceCard) -> bytes:
    return canonical(as_json(card))


def root_member(statement: RootStatement) -> dict[str, Any]:
    """The member `x-catalogue` of a root."""
    return {"instance": str(statement.instance), "addresses": list(statement.addresses)}


@cache
def _members(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (part.name, part.default_factory() if part.default_factory is not MISSING else part.default)
        for part in fields(kind)
    )
