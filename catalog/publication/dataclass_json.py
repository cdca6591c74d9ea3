"""Converts frozen dataclasses to plain JSON and back, for rows that only we write: nothing is checked on reading. JSON
that leaves from here is written by it too: `catalog.validation` makes the schema of it of the same dataclasses.

Fields with their default value are left out. In a row an organization is named once in a whole body, in `refs`;
elsewhere only its id is written. The same holds for a project where a dataclass has its slug and its name beside each
other. In what leaves both stand where they are named, and fields marked as STAYS_HERE are left out.
"""

import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from catalog.store.core.read_models import NO_USES, OrganizationCard
from catalog.validation import STAYS_HERE

T = TypeVar("T")
PROJECT_SLUG, PROJECT_NAME = "project_slug", "project_name"
NAMED_PROJECT = "project_ref"  # in place of the two


@dataclass
class References:
    """The records that a body names, by the text of their id; `projects` also by slug while it is written."""

    organizations: dict[str, list[Any]] = field(default_factory=dict)
    projects: dict[str, list[Any]] = field(default_factory=dict)
    known_projects: Mapping[str, UUID] = field(default_factory=dict)  # slug -> id
    leaving: bool = False  # what is written is read elsewhere

    @property
    def ids(self) -> tuple[set[UUID], set[UUID]]:
        """Projects, then organizations."""
        return set(map(UUID, self.projects)), set(map(UUID, self.organizations))


Writer = Callable[[Any, References], Any]
Reader = Callable[[Any, References], Any]


def leaving_json(value: Any) -> Any:
    """A value as the JSON that leaves from here."""
    return as_json(value, References(leaving=True))


def leaving_text(value: Any) -> str:
    """The JSON text of it. Half of a surrogate pair, as in a name of a file that is no UTF-8, is no text: a `?`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=leaving_json)
    return text.encode("utf-8", "replace").decode()


def utc_text(at: datetime) -> str:
    """A time as it leaves from here: UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def as_json(value: Any, refs: References) -> Any:
    """A value as JSON; the records that it names are added to `refs`."""
    kind: Any = type(value)
    write = writer_of(kind)
    return write(value, refs) if write else value


@cache
def writer_of(kind: Any) -> Writer | None:
    """What writes values of a type; None: they stand as they are."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        members = [entry for entry in inner if entry is not type(None)]
        return _optional(writer_of(members[0])) if len(members) == 1 else _writer_of_union(members)
    if kind is OrganizationCard:
        return _write_organization
    if isinstance(kind, type) and is_dataclass(kind):
        return _writer_of_dataclass(kind)
    if kind is datetime:
        return lambda value, refs: utc_text(value) if refs.leaving else value.isoformat()
    if kind is date:
        return lambda value, refs: value.isoformat()
    if kind is UUID:
        return lambda value, refs: str(value)
    if origin is tuple:
        return _writer_of_tuple(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _writer_of_mapping(*inner)
    if isinstance(origin, type) and issubclass(origin, Iterable):
        return _writer_of_list(writer_of(inner[0]))
    return None


def _optional(write: Writer | None) -> Writer | None:
    return write and (lambda value, refs: None if value is None else write(value, refs))


def _writer_of_union(kinds: Sequence[Any]) -> Writer | None:
    """Each value is written as its own type says."""
    return as_json if any(writer_of(kind) for kind in kinds) else None


def _write_organization(value: OrganizationCard, refs: References) -> Any:
    if refs.leaving:
        return _write_whole_organization(value, refs)
    if value.uses is not NO_USES or value.maintains:
        raise ValueError(f"{value.slug} has numbers, which stand beside no reference")
    key = str(value.id)
    if key not in refs.organizations:
        refs.organizations[key] = [value.slug, value.name, value.kind, value.country]
    return key


def _writer_of_tuple(inner: tuple[Any, ...]) -> Writer:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return _writer_of_list(writer_of(inner[0]))
    writers = tuple(writer_of(kind) or _same for kind in inner)
    return lambda value, refs: [write(entry, refs) for write, entry in zip(writers, value, strict=True)]


def _writer_of_list(write: Writer | None) -> Writer:
    if write is None:
        return lambda value, refs: list(value)
    return lambda value, refs: [write(entry, refs) for entry in value]


def _writer_of_mapping(key: Any, entry: Any) -> Writer | None:
    write = writer_of(entry)
    if key is str:
        if write is None:
            return lambda value, refs: dict(value)
        return lambda value, refs: {name: write(inner, refs) for name, inner in value.items()}
    write_key, write_entry = writer_of(key) or _same, write or _same
    return lambda value, refs: [[write_key(name, refs), write_entry(inner, refs)] for name, inner in value.items()]


def _writer_of_dataclass(kind: Any) -> Writer:
    """Types are looked up when the first value is written: a dataclass may hold others of its own kind."""
    parts: list[tuple[str, Any, Writer | None, bool]] = []

    def write(value: Any, refs: References) -> dict[str, Any]:
        if not parts:
            parts.extend(_written_fields(kind))
        record = {}
        for name, default, write_part, stays_here in parts:
            if stays_here and refs.leaving:
                continue
            entry = getattr(value, name)
            if entry is not default and entry != default:
                record[name] = entry if write_part is None else write_part(entry, refs)
        if PROJECT_SLUG in record and PROJECT_NAME in record and (key := refs.known_projects.get(record[PROJECT_SLUG])):
            refs.projects[str(key)] = [record.pop(PROJECT_SLUG), record.pop(PROJECT_NAME)]
            record[NAMED_PROJECT] = str(key)
        return record

    return write


_write_whole_organization = _writer_of_dataclass(OrganizationCard)


def _written_fields(kind: Any) -> Iterator[tuple[str, Any, Writer | None, bool]]:
    """The fields of a dataclass: each with its name, its default, the function that writes it, and whether it stays
    here."""
    hints, marked = get_type_hints(kind), get_type_hints(kind, include_extras=True)
    for part in fields(kind):
        default = part.default_factory() if part.default_factory is not MISSING else part.default
        yield part.name, default, writer_of(hints[part.name]), STAYS_HERE in get_args(marked[part.name])


def from_json(kind: type[T], record: Any, refs: References) -> T:
    """The value that `as_json` wrote."""
    type_: Any = kind
    value: T = (reader_of(type_) or _same)(record, refs)
    return value


def _same(value: Any, refs: References) -> Any:
    return value


@cache
def reader_of(kind: Any) -> Reader | None:
    """What reads values of a type; None: they stand as they are."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        members = [entry for entry in inner if entry is not type(None)]
        return _reader_of_optional(reader_of(members[0])) if len(members) == 1 else None
    if kind is OrganizationCard:
        return _organization
    if isinstance(kind, type) and is_dataclass(kind):
        return _reader_of_dataclass(kind)
    if kind is datetime:
        return lambda value, refs: datetime.fromisoformat(value)
    if kind is date:
        return lambda value, refs: date.fromisoformat(value)
    if kind is UUID:
        return lambda value, refs: UUID(value)
    if origin is tuple:
        return _reader_of_tuple(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _reader_of_mapping(*inner)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        of_entry = reader_of(inner[0]) or _same
        return lambda value, refs: tuple(of_entry(entry, refs) for entry in value)
    if origin is frozenset:
        of_member = reader_of(inner[0]) or _same
        return lambda value, refs: frozenset(of_member(entry, refs) for entry in value)
    return None


def _reader_of_optional(reader: Reader | None) -> Reader | None:
    return reader and (lambda value, refs: None if value is None else reader(value, refs))


def _organization(value: Any, refs: References) -> OrganizationCard:
    return OrganizationCard(UUID(value), *refs.organizations[value])


def _reader_of_tuple(inner: tuple[Any, ...]) -> Reader:
    if len(inner) == 2 and inner[1] is Ellipsis:
        reader = reader_of(inner[0])
        if reader is None:
            return lambda value, refs: tuple(value)
        return lambda value, refs: tuple(reader(entry, refs) for entry in value)
    readers = tuple(reader_of(kind) or _same for kind in inner)
    return lambda value, refs: tuple(reader(entry, refs) for reader, entry in zip(readers, value, strict=True))


def _reader_of_mapping(key: Any, entry: Any) -> Reader | None:
    reader = reader_of(entry)
    if key is str:
        return reader and (lambda value, refs: {name: reader(inner, refs) for name, inner in value.items()})
    of_key, of_entry = reader_of(key) or _same, reader or _same
    return lambda value, refs: {of_key(name, refs): of_entry(inner, refs) for name, inner in value}


def _reader_of_dataclass(kind: Any) -> Reader:
    """Types are looked up when the first value is read: a dataclass may hold others of its own kind."""
    readers: dict[str, Reader | None] = {}

    def read(value: Any, refs: References) -> Any:
        if not readers:
            hints = get_type_hints(kind)
            readers.update({part.name: reader_of(hints[part.name]) for part in fields(kind)})
        values = {}
        for name, entry in value.items():
            if name == NAMED_PROJECT:
                values[PROJECT_SLUG], values[PROJECT_NAME] = refs.projects[entry]
            else:
                reader = readers[name]
                values[name] = entry if reader is None or entry is None else reader(entry, refs)
        return kind(**values)

    return read
