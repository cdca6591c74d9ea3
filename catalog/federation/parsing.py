"""A stranger's bytes to shapes, bounded before they are read; what this version does not know is passed over, and kept
in bodies. It judges no signature, no sequence and no date: who reads knows what is pinned and what came before.

Whatever is wrong raises Misread with the path to it, never anything else, for no bytes at all. It is longer than 350
lines because each shape that travels has its reader here.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from catalog.errors import CatalogError
from catalog.federation import bounds
from catalog.federation import shapes as s
from catalog.federation.bounds import FORMAT

_LONGEST = 2000  # characters of a text that is no text of a record
_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Misread(CatalogError):
    """What was received is no file of an exchange: `where`, a path of keys, and one `sentence`; `oversized` where it is
    too large or too deep to be read at all."""

    def __init__(self, where: str, sentence: str, oversized: bool = False):
        super().__init__(f"{where}: {sentence}")
        self.where, self.sentence, self.oversized = where, sentence, oversized


def card(raw: bytes) -> s.CatalogueCard:
    """`instance.json`, or the card that an entry names, unpacked."""
    top = _Object("instance.json", _loaded("instance.json", raw, bounds.CARD_BYTES), exchange=True)
    moved = top.child("moved_to", optional=True)
    operator = top.child("operator", optional=True)
    return s.CatalogueCard(
        id=top.identity("id"),
        name=top.words("name"),
        address=top.text("address"),
        languages=tuple(top.texts("languages")),
        key=_key(top.need("key")),
        operator=operator.values if operator else None,
        contact=top.text("contact", optional=True),
        criteria=top.words("criteria"),
        validation=top.words("validation"),
        refresh=top.words("refresh"),
        data_license=top.words("data_license"),
        complete=top.values.get("complete") is True,
        erased_within_days=top.count("erased_within_days", optional=True),
        previous_keys=tuple(_previous(entry) for entry in top.children("previous_keys", bounds.PREVIOUS_KEYS)),
        moved_to=_moved(moved) if moved else None,
        follows=tuple(
            s.Following(entry.identity("id"), entry.instant("since"))
            for entry in top.children("follows", bounds.FOLLOWS)
        ),
    )


def entry(raw: bytes) -> s.Entry:
    """`entry.json`. The changes are contiguous and end with `sequence`; the snapshot is of the same sequence."""
    top = _Object("entry.json", _loaded("entry.json", raw, bounds.ENTRY_BYTES), exchange=True)
    sequence = top.count("sequence")
    snapshot = top.need("snapshot")
    if snapshot.count("sequence") != sequence:
        snapshot.refuse("sequence", "It is not that of the entry.")
    parts = tuple(_part(entry) for entry in snapshot.children("parts", bounds.PARTS))
    changes = tuple(
        s.Change(entry.count("sequence"), _named(entry)) for entry in top.children("changes", bounds.CHANGES)
    )
    if [change.sequence for change in changes] != list(range(sequence - len(changes) + 1, sequence + 1)):
        top.refuse("changes", "They are not in order and without a gap up to the entry's sequence.")
    return s.Entry(
        top.identity("id"),
        sequence,
        top.instant("at"),
        top.instant("expires_at"),
        _named(top.need("card")),
        parts,
        changes,
    )


def signatures(raw: bytes) -> tuple[s.Signature, ...]:
    """`entry.sig`."""
    top = _Object("entry.sig", _loaded("entry.sig", raw, bounds.SIGNATURES_BYTES), exchange=True)
    found = top.children("signatures", bounds.SIGNATURES)
    return tuple(s.Signature(entry.text("key"), entry.text("sha256"), entry.text("signature")) for entry in found)


def part(raw: bytes, told: s.Part) -> tuple[Any, ...]:
    """The records of a part, unpacked: Record, Texts where it has a language, or what else its kind is. Raises Misread
    too where it is of another kind, language or length than the entry told."""
    where = told.file.path
    top = _Object(where, _loaded(where, raw, bounds.UNPACKED_BYTES), exchange=True)
    if (top.text("kind"), top.text("language", optional=True)) != (told.kind, told.language):
        top.refuse("kind", "It is of another kind or language than the entry says.")
    found = top.children("records", None)
    if len(found) != told.records:
        top.refuse("records", f"There are {len(found)}, and the entry says {told.records}.")
    read = _texts if told.language else _READERS.get(told.kind, _record)
    return tuple(read(entry) for entry in found)


def change_file(raw: bytes, told: s.Change) -> s.ChangeFile:
    where = told.file.path
    top = _Object(where, _loaded(where, raw, bounds.UNPACKED_BYTES), exchange=True)
    if top.count("sequence") != told.sequence:
        top.refuse("sequence", "It is not the one that the entry says.")
    records, texts = top.need("records"), top.need("texts")
    languages = {kind: texts.need(kind) for kind in texts.values}
    return s.ChangeFile(
        sequence=told.sequence,
        at=top.instant("at"),
        records={kind: tuple(_record(entry) for entry in records.children(kind, None)) for kind in records.values},
        texts={
            kind: {
                language: tuple(_texts(entry) for entry in by_language.children(language, None))
                for language in by_language.values
            }
            for kind, by_language in languages.items()
        },
        tombstones=tuple(_tombstone(entry) for entry in top.children("tombstones", None)),
        joins=tuple(_join(entry) for entry in top.children("joins", None)),
        offers=tuple(_offer(entry) for entry in top.children("offers", None)),
        corrections=tuple(_correction(entry) for entry in top.children("corrections", None)),
        acknowledgements=tuple(_acknowledgement(entry) for entry in top.children("acknowledgements", None)),
    )


def _loaded(where: str, raw: bytes, limit: int) -> Any:
    if len(raw) > limit:
        raise Misread(where, f"It has {len(raw)} bytes; at most {limit} are read.", oversized=True)
    try:
        found = json.loads(raw.decode(), parse_float=_fraction, parse_constant=_fraction, object_pairs_hook=_once)
        _bounded(where, found)
        json.dumps(found, ensure_ascii=False).encode()  # a half of a surrogate pair could not be kept
    except RecursionError as error:
        raise Misread(where, "It is nested too deeply.", oversized=True) from error
    except ValueError as error:
        raise Misread(where, f"It is no JSON of an exchange: {str(error)[:200]}") from error
    return found


def _fraction(text: str) -> NoReturn:
    raise ValueError(f"a number with a fraction: {text[:40]}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _bounded(where: str, value: Any, depth: int = 1) -> None:
    if depth > bounds.FILE_DEPTH:
        raise Misread(where, f"It is nested more than {bounds.FILE_DEPTH} deep.", oversized=True)
    if isinstance(value, int) and abs(value) > 2**53:
        raise Misread(where, "A number is too large.")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _bounded(where, part, depth + 1)


class _Object:
    """A JSON object at a path. Each question gives a value of one sort, or raises Misread."""

    def __init__(self, where: str, value: Any, exchange: bool = False):
        if not isinstance(value, dict):
            raise Misread(where, "There should be an object.")
        self.where, self.values = where, value
        if exchange and value.get("exchange") != FORMAT:
            self.refuse("exchange", f"The format is not {FORMAT}, the one that is read here.")

    def refuse(self, key: str, sentence: str) -> NoReturn:
        raise Misread(f"{self.where}.{key}", sentence)

    def text(self, key: str, optional: bool = False) -> Any:
        value = self.values.get(key)
        if value is None and optional:
            return None
        if not isinstance(value, str) or not value or len(value) > _LONGEST or "\0" in value:  # no database holds NUL
            self.refuse(key, f"There should be a text of at most {_LONGEST} characters.")
        return value

    def texts(self, key: str) -> list[str]:
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(text, str) and len(text) <= _LONGEST for text in value):
            self.refuse(key, "There should be a list of texts.")
        return list(value)

    def words(self, key: str) -> Mapping[str, str]:
        value = self.values.get(key) or {}
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            self.refuse(key, "There should be texts by name.")
        return value

    def count(self, key: str, optional: bool = False) -> Any:
        value = self.values.get(key)
        if value is None and optional:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.refuse(key, "There should be a whole number.")
        return value

    def identity(self, key: str) -> UUID:
        try:
            return UUID(self.text(key))
        except ValueError:
            self.refuse(key, "There should be a UUID.")

    def instant(self, key: str, optional: bool = False) -> Any:
        if optional and self.values.get(key) is None:
            return None
        text = self.text(key)
        try:  # `fromisoformat` takes other writings, too; `strptime`, which takes one alone, ten times as long
            return datetime.fromisoformat(text if _TIME.fullmatch(text) else "")
        except ValueError:
            self.refuse(key, "There should be a time in UTC, as 2026-01-31T12:00:00Z.")

    def among(self, key: str, allowed: Sequence[str]) -> str:
        value = str(self.text(key))
        return value if value in allowed else self.refuse(key, f"{value[:80]!r} is none of {', '.join(allowed)}.")

    def child(self, key: str, optional: bool = False) -> "_Object | None":
        value = self.values.get(key)
        return None if value is None and optional else _Object(f"{self.where}.{key}", value)

    def need(self, key: str) -> "_Object":
        return _Object(f"{self.where}.{key}", self.values.get(key))

    def children(self, key: str, at_most: int | None) -> list["_Object"]:
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, "There should be a list.")
        if at_most is not None and len(value) > at_most:
            raise Misread(f"{self.where}.{key}", f"There are {len(value)}; at most {at_most} are read.", oversized=True)
        return [_Object(f"{self.where}.{key}[{at}]", entry) for at, entry in enumerate(value)]


def _key(of: _Object) -> s.Key:
    return s.Key(of.text("public"), of.text("fingerprint"))


def _moved(of: _Object) -> s.Transfer:
    return s.Transfer(of.text("address"), _key(of.need("key")), of.instant("at"), of.text("signature"))


def _previous(of: _Object) -> s.PreviousKey:
    return s.PreviousKey(of.text("public"), of.text("fingerprint"), of.instant("rotated_at"), of.text("signature"))


def _named(of: _Object) -> s.FileReference:
    found = s.FileReference(of.text("path"), of.count("size_bytes"), of.count("unpacked_bytes"), of.text("sha256"))
    if not bounds.PATH.fullmatch(found.path):
        of.refuse("path", "It is no path of an exchange.")
    if found.size_bytes > bounds.PACKED_BYTES or found.unpacked_bytes > bounds.UNPACKED_BYTES:
        raise Misread(of.where, "The file is larger than what is read.", oversized=True)
    return found


def _part(of: _Object) -> s.Part:
    language = of.text("language", optional=True)
    if language is not None and not bounds.LANGUAGE.fullmatch(language):
        of.refuse("language", "It is no language tag.")
    return s.Part(of.text("kind"), language, of.count("records"), _named(of))


def _record(of: _Object) -> s.Record:
    if len(json.dumps(of.values, ensure_ascii=False).encode()) > bounds.RECORD_BYTES:
        raise Misread(of.where, f"A record has at most {bounds.RECORD_BYTES} bytes.", oversized=True)
    return s.Record(
        of.identity("id"),
        of.count("revision"),
        of.instant("updated_at"),
        of.identity("home"),
        of.text("page"),
        of.text("origin"),
        of.text("license"),
        of.need("body").values,
    )


def _texts(of: _Object) -> s.Texts:
    texts = of.need("texts")
    said = {field: texts.need(field) for field in texts.values}
    return s.Texts(of.identity("id"), of.count("revision"), {field: _said(entry) for field, entry in said.items()})


def _said(of: _Object) -> s.TranslatableText:
    return s.TranslatableText(
        _long(of),
        of.text("origin"),
        of.text("translator", optional=True),
        of.text("method"),
        of.count("of_revision", optional=True),
        of.values.get("stale") is True,
    )


def _long(of: _Object) -> str:
    value = of.values.get("text")
    if not isinstance(value, str) or len(value.encode()) > bounds.RECORD_BYTES:
        of.refuse("text", f"There should be a text of at most {bounds.RECORD_BYTES} bytes.")
    return value


def _tombstone(of: _Object) -> s.Tombstone:
    return s.Tombstone(of.text("kind"), of.identity("id"), of.instant("at"), of.text("ground"), of.count("revision"))


def _join(of: _Object) -> s.Join:
    reason = of.text("reason") if of.values.get("reason") else ""
    a, b, says = of.identity("a"), of.identity("b"), of.among("says", s.SAYINGS)
    withdrawn = of.instant("withdrawn_at", optional=True)
    return s.Join(of.identity("id"), of.text("kind"), a, b, says, of.text("by"), of.instant("at"), reason, withdrawn)


def _offer(of: _Object) -> s.Offer:
    return s.Offer(
        of.identity("id"),
        of.text("kind"),
        of.identity("record"),
        of.text("field"),
        of.text("language"),
        _long(of),
        of.count("of_revision"),
        of.text("translator", optional=True),
        of.among("method", s.METHODS),
        of.instant("at"),
    )


def _correction(of: _Object) -> s.Correction:
    if len(json.dumps(of.values, ensure_ascii=False).encode()) > bounds.RECORD_BYTES:
        raise Misread(of.where, f"A correction has at most {bounds.RECORD_BYTES} bytes.", oversized=True)
    return s.Correction(
        of.identity("id"),
        of.text("kind"),
        of.identity("record"),
        of.text("field"),
        of.text("language", optional=True),
        of.values.get("value"),
        of.count("of_revision"),
        of.text("by", optional=True),
        of.text("source", optional=True),
        of.instant("at"),
    )


def _acknowledgement(of: _Object) -> s.Acknowledgement:
    return s.Acknowledgement(of.text("kind"), of.identity("id"), of.identity("home"), of.instant("at"))


_READERS: Mapping[str, Callable[[_Object], Any]] = {
    s.JOIN: _join,
    s.TOMBSTONE: _tombstone,
    s.OFFER: _offer,
    s.CORRECTION: _correction,
    s.ACKNOWLEDGEMENT: _acknowledgement,
}
