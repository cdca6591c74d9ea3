"""What a catalogue says beside its records, as frozen dataclasses with bounds: what it withdrew, who it is, whom it
follows, what it offers and answers, and what its root key says of it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen, MinLen

from catalog.exchange.limits import LARGEST_NUMBER
from catalog.exchange.values import (
    MAX_LANGUAGES,
    OBJECT,
    Country,
    Identity,
    Instant,
    Language,
    License,
    Line,
    Number,
    Sha256,
    Term,
    Text,
    Texts,
    Url,
)
from catalog.validation import WHOLE


@dataclass(frozen=True)
class Withdrawal:
    """A record that was published and is not to be shown any more. `n` is higher than that of all earlier ones. Of a
    record that is published again its withdrawal leaves the list, and the record `returns`."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    n: Number
    kind: Term  # project, organization, call, adoption, experience, or a later one
    id: Identity
    at: Instant
    ground: Term  # withdrawn, erased, court, mistake, opted-out, or a later one


@dataclass(frozen=True)
class Operator:
    __pydantic_config__: ClassVar[Any] = OBJECT

    name: Line
    homepage: Url | None = None
    country: Country | None = None


@dataclass(frozen=True)
class DataLicense:
    __pydantic_config__: ClassVar[Any] = OBJECT

    facts: License
    texts: License


@dataclass(frozen=True)
class InstanceCard:
    """Who this catalogue is and by which rules it works. `address`: of its pages, without a slash at its end."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    instance: Identity
    name: Annotated[Mapping[Language, Line], MinLen(1), MaxLen(MAX_LANGUAGES)]
    address: Url
    languages: Annotated[tuple[Language, ...], MinLen(1), MaxLen(MAX_LANGUAGES)]
    data_license: DataLicense
    operator: Operator | None = None
    contact: Line | None = None
    criteria: Texts = field(default_factory=dict)
    validation: Texts = field(default_factory=dict)
    refresh: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class FollowedInstance:
    """A catalogue whose exchange is read here. All its withdrawals up to `erased_through` are applied; 0: none yet."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    instance: Identity
    erased_through: Annotated[int, Ge(0), Le(LARGEST_NUMBER), WHOLE]


@dataclass(frozen=True)
class TranslationOffer:
    """A translation of a text of a record of another home. `original`: text_digest of the text in `original_language`
    that was translated; lines of a list (features) are one text, joined by line feeds."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity
    home: Identity  # instance id of the home of the record
    kind: Term
    record: Identity
    field: Term  # of a project: summary, description, features, cost or governance
    language: Language
    text: Text
    original_language: Language
    original: Sha256
    translator: Line  # an organization's or a catalogue's name, never a person's
    method: Line  # "person", "machine", "machine then person"
    at: Instant


@dataclass(frozen=True)
class OfferAnswer:
    """What the home of a record did with an offer of `instance`."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    offer: Identity
    instance: Identity  # that offered
    state: Term  # accepted or refused
    at: Instant
    reason: Line | None = None  # public words


@dataclass(frozen=True)
class Offers:
    """A shard of offers: those to homes, and answers to instances, whose instance id is in this shard."""

    offers: tuple[TranslationOffer, ...] = ()
    answers: tuple[OfferAnswer, ...] = ()


@dataclass(frozen=True)
class Heir:
    """The catalogue that a catalogue became part of. `root`: SHA-256 of its root.json."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    instance: Identity
    root: Sha256
    address: Url


@dataclass(frozen=True)
class RootStatement:
    """What the keepers of a root say of their catalogue: the member `x-catalogue` of what they sign in root.json."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    instance: Identity
    addresses: Annotated[tuple[Url, ...], MaxLen(16)] = ()  # where its exchange is read, the first one first
    heir: Heir | None = None


X_CATALOGUE = "x-catalogue"  # the member of "signed" in root.json


@dataclass(frozen=True)
class ShardBits:
    """How many bits of an id name its shard, by kind: `custom` of the target instance.json."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    projects: Literal[4, 8]
    organizations: Literal[4, 8]
    calls: Literal[4, 8]


def text_digest(text: str) -> str:
    """What an offer is bound to: SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
