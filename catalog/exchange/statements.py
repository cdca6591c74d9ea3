"""What a catalogue says beside its records, as frozen dataclasses with bounds: what it withdrew, who it is, and
what its root key says of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import MaxLen, MinLen

from catalog.exchange.values import (
    MAX_FOLLOWED,
    MAX_LANGUAGES,
    OBJECT,
    Country,
    Identity,
    Instant,
    Language,
    License,
    Line,
    Number,
    Term,
    Texts,
    Url,
)
from catalog.validation import Pattern


@dataclass(frozen=True)
class Withdrawal:
    """A record that was published and is not to be shown any more. `n` is higher than that of all earlier ones. Of a
    record that is published again its withdrawal leaves the list, and the record `returns`."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    n: Number
    kind: Term  # project, organization, adoption, or a later one
    id: Identity
    at: Instant
    ground: Term  # of these two, or a later one


WITHDRAWN, OPTED_OUT = "withdrawn", "opted-out"  # its makers asked for it


@dataclass(frozen=True)
class CardOperator:
    __pydantic_config__: ClassVar[Any] = OBJECT

    name: Line
    homepage: Url | None = None
    country: Country | None = None


@dataclass(frozen=True)
class CardLicense:
    __pydantic_config__: ClassVar[Any] = OBJECT

    facts: License
    texts: License


@dataclass(frozen=True)
class FollowedCatalogue:
    """Another catalogue that this one follows: where to find it, and no reason to trust it. `root`: the fingerprint
    of its newest root."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    name: Line
    address: Url
    root: Annotated[str, Pattern("^[0-9a-f]{20}$")]
    country: Country | None = None
    languages: Annotated[tuple[Language, ...], MaxLen(MAX_LANGUAGES)] = ()


@dataclass(frozen=True)
class InstanceCard:
    """Who this catalogue is and by which rules it works. `address`: of its pages, without a slash at its end."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    instance: Identity
    name: Annotated[Mapping[Language, Line], MinLen(1), MaxLen(MAX_LANGUAGES)]
    address: Url
    languages: Annotated[tuple[Language, ...], MinLen(1), MaxLen(MAX_LANGUAGES)]
    data_license: CardLicense
    operator: CardOperator | None = None
    contact: Line | None = None
    criteria: Texts = field(default_factory=dict)
    validation: Texts = field(default_factory=dict)
    refresh: Texts = field(default_factory=dict)
    follows: Annotated[tuple[FollowedCatalogue, ...], MaxLen(MAX_FOLLOWED)] = ()


@dataclass(frozen=True)
class RootStatement:
    """What a root says of its catalogue: the member `x-catalogue` of what they sign in root.json."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    instance: Identity
    addresses: Annotated[tuple[Url, ...], MaxLen(16)] = ()  # where its exchange is read, the first one first


X_CATALOGUE = "x-catalogue"  # the member of "signed" in root.json

# How many bits of an id name its shard, by folder: `custom` of the target instance.json.
ShardBits = Annotated[Mapping[Term, Literal[4, 8, 12]], MaxLen(100)]
