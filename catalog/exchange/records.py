"""The lines that catalogues send each other: public records of projects, with their adoptions, and of organizations.

A line has the members below, and in `body` those of the document's record (`catalog.model`), in all languages. What
each of them must be is asked where the line is taken over (`catalog.federation.accepted_fields`), value by value; here
only what would be too much, or no text, is refused. Other records are named by id, slug and name. No person is named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import MaxLen

from catalog.document.keys import NOUNS
from catalog.exchange.limits import ADOPTIONS, LARGEST_NUMBER, LIST_ENTRIES, TEXT_CHARACTERS
from catalog.exchange.names import ADOPTION, ORGANIZATION, PROJECT
from catalog.exchange.values import NO_CONTROLS, OBJECT, Identity, Instant, Line, Number, Page, Slug
from catalog.model import Adoption, Organization, Project
from catalog.validation import Fault, InvalidData, read

Origin = Literal["curated", "declared"]  # by the editors of its home; by people through a form there
NOUN: Mapping[str, type] = {PROJECT: Project, ORGANIZATION: Organization, ADOPTION: Adoption}
BODY = "body"
_TEXT = re.compile(NO_CONTROLS)
_NO_MEMBERS = {"id", "slug", "name", "organization", "adoptions"}  # of a body: they stand in the line itself


@dataclass(frozen=True)
class Reference:
    """Another record of the same home."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity
    slug: Slug
    name: Line


@dataclass(frozen=True)
class ExchangeAdoption:
    """A use of the project by an organization: public, and stated in the catalogue that sends it. `returns`: as of a
    record."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity  # the same for the pair at its home, also in withdrawals
    organization: Reference
    origin: Origin
    returns: Number | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ExchangeRecord:
    """`page`: its path at the home, without language. `updated_at`: when the home last changed what it says.

    `returns`: the number of the withdrawal after which its home published it again; without it, a follower that erased
    it at the home's word asks a person first. `record_kind` is said by the folder, and not written."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity
    slug: Slug
    name: Line
    page: Page
    origin: Origin
    updated_at: Instant
    returns: Number | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    adoptions: Annotated[tuple[ExchangeAdoption, ...], MaxLen(ADOPTIONS)] = ()
    record_kind: str = PROJECT


@cache
def members(kind: str) -> tuple[str, ...]:
    """The members of a body: keys of the document's record."""
    return tuple(name for name in NOUNS[NOUN[kind]].keys if name not in _NO_MEMBERS)


def read_record(kind: str, value: Any) -> ExchangeRecord:
    """The record that a line says. Raises InvalidData."""
    if not isinstance(value, Mapping):
        raise InvalidData((Fault((), "dict_type", {}, value),))
    faults: list[Fault] = []
    uses = value.get("adoptions", []) if kind == PROJECT else []
    if isinstance(uses, list) and len(uses) <= ADOPTIONS:
        uses = [
            {**use, BODY: _body(ADOPTION, use, ("adoptions", place), faults)} if isinstance(use, Mapping) else use
            for place, use in enumerate(uses)
        ]
    line = {**value, "record_kind": kind, BODY: _body(kind, value, (), faults), "adoptions": uses}
    if faults:
        raise InvalidData(tuple(faults))
    record: ExchangeRecord = read(ExchangeRecord, line)
    return record


def fitting(value: Any) -> Any:
    """A member of a body as it is kept: a number that is whole as one. Raises ValueError for a text, a list or a number
    that is larger than it may be, and for what is no text or no whole number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if abs(value) > LARGEST_NUMBER or value != int(value):
            raise ValueError("number")
        return int(value)
    if isinstance(value, str):
        value.encode()  # half of a pair of surrogates is no text
        if len(value) > TEXT_CHARACTERS or not _TEXT.fullmatch(value):
            raise ValueError("text")
        return value
    if not isinstance(value, list | Mapping) or len(value) > LIST_ENTRIES:
        raise ValueError("list")
    if isinstance(value, list):
        return [fitting(part) for part in value]
    return {fitting(name): fitting(part) for name, part in value.items()}


def _body(kind: str, values: Mapping[str, Any], path: tuple[str | int, ...], faults: list[Fault]) -> dict[str, Any]:
    body = {}
    for name in members(kind):
        if name in values:
            try:
                body[name] = fitting(values[name])
            except ValueError as wrong:  # UnicodeEncodeError is one
                faults.append(Fault((*path, name), str(wrong), {}, None))
    return body
