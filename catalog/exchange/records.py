"""The records that catalogues send each other: projects with their adoptions, and organizations.

They are frozen dataclasses with bounds. Keys are those of the document (`catalog.model`), in all languages; other
records are named by id, slug and name. What nobody stated is left out. No person is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen

from catalog.exchange.limits import ADOPTIONS
from catalog.exchange.values import (
    MAX_LANGUAGES,
    MAX_LIST,
    OBJECT,
    Country,
    Date,
    Day,
    Flag,
    Identity,
    Instant,
    Language,
    Languages,
    License,
    Line,
    Lines,
    Number,
    Page,
    Slug,
    Slugs,
    Source,
    Sources,
    Term,
    Terms,
    Text,
    Texts,
    Url,
    Urls,
)
from catalog.validation import WHOLE

Origin = Literal["curated", "declared"]  # by the editors of its home; by people through a form there


@dataclass(frozen=True)
class Reference:
    """Another record of the same home."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity
    slug: Slug
    name: Line


@dataclass(frozen=True)
class Evidence:
    __pydantic_config__: ClassVar[Any] = OBJECT

    source: Source
    seen_at: Date | None = None


@dataclass(frozen=True)
class EasyText:
    __pydantic_config__: ClassVar[Any] = OBJECT

    text: Text
    checked_by: Line | None = None  # an organization's name
    checked_at: Date | None = None


@dataclass(frozen=True)
class Feature:
    __pydantic_config__: ClassVar[Any] = OBJECT

    text: Texts
    source: Source | None = None
    seen_at: Date | None = None


@dataclass(frozen=True)
class Support:
    __pydantic_config__: ClassVar[Any] = OBJECT

    url: Url
    languages: Languages = ()


@dataclass(frozen=True)
class Claim:
    """A group of people for whom it is made, and how that is known."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    term: Term
    evidence: Term = "declared"


@dataclass(frozen=True)
class Accessibility:
    __pydantic_config__: ClassVar[Any] = OBJECT

    standard: Line
    state: Term
    url: Url | None = None
    year: Date | None = None


@dataclass(frozen=True)
class ScreenLanguage:
    __pydantic_config__: ClassVar[Any] = OBJECT

    term: Language
    percent: Annotated[int, Ge(0), Le(100), WHOLE] | None = None


@dataclass(frozen=True)
class Runs:
    __pydantic_config__: ClassVar[Any] = OBJECT

    online: Url | None = None
    hosted: Annotated[tuple[Reference, ...], MaxLen(MAX_LIST)] = ()  # organizations that host it for others
    self_hosted: Term | None = None


@dataclass(frozen=True)
class Leaving:
    __pydantic_config__: ClassVar[Any] = OBJECT

    exports: Lines = ()
    standards: Lines = ()
    note: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Screenshot:
    __pydantic_config__: ClassVar[Any] = OBJECT

    path: Source
    alt: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class LastChange:
    __pydantic_config__: ClassVar[Any] = OBJECT

    seen_at: Date
    source: Source
    date: Date | None = None
    release: Line | None = None
    released: Date | None = None
    archived: Flag = False


@dataclass(frozen=True)
class Relation:
    __pydantic_config__: ClassVar[Any] = OBJECT

    type: Term
    project: Reference


@dataclass(frozen=True)
class Maintenance:
    __pydantic_config__: ClassVar[Any] = OBJECT

    role: Term
    organization: Reference
    sources: Sources = ()


@dataclass(frozen=True)
class Translation:
    """Who translated a text of the record: `by`, an organization's or a catalogue's name; `stale`: the original is
    another text by now."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    field: Term
    language: Language
    by: Line
    method: Line = "person"
    stale: Flag = False


@dataclass(frozen=True)
class FormerStage:
    __pydantic_config__: ClassVar[Any] = OBJECT

    at: Date
    stage: Term | None = None
    since: Date | None = None
    until: Date | None = None


@dataclass(frozen=True)
class AdoptionRecord:
    """A use of the project by an organization: public, and stated in the catalogue that sends it. `returns`: as of a
    record."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity  # the same for the pair at its home, also in withdrawals
    organization: Reference
    origin: Origin
    verification: Term
    stage: Term | None = None
    reasons: Terms = ()
    since: Date | None = None
    until: Date | None = None
    version: Line | None = None
    purpose: Texts = field(default_factory=dict)
    deployment: Term | None = None
    provider: Reference | None = None
    replaced: Lines = ()
    people: Term | None = None
    effort_days: Term | None = None
    cost_band: Term | None = None
    lesson: Texts = field(default_factory=dict)
    again: Term | None = None
    before: Annotated[tuple[FormerStage, ...], MaxLen(MAX_LIST)] = ()
    seen_at: Date | None = None
    confirmed_at: Day | None = None  # by the organization
    sources: Sources = ()
    returns: Number | None = None


@dataclass(frozen=True)
class ProjectRecord:
    """`page`: its path at the home, without language. `updated_at`: when the home last changed what it says.

    `returns`: the number of the withdrawal after which its home published it again; without it, a follower that erased
    it at the home's word asks a person first."""

    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity
    slug: Slug
    name: Line
    page: Page
    origin: Origin
    updated_at: Instant
    summary: Texts = field(default_factory=dict)
    former: Slugs = ()
    easy_to_read: Annotated[Mapping[Language, EasyText], MaxLen(MAX_LANGUAGES)] = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    features: Annotated[tuple[Feature, ...], MaxLen(MAX_LIST)] = ()
    repository: Url | None = None
    other_repositories: Urls = ()
    homepage: Url | None = None
    documentation: Url | None = None
    manuals: Annotated[Mapping[Language, Url], MaxLen(MAX_LANGUAGES)] = field(default_factory=dict)
    support: Support | None = None
    demo: Url | None = None
    issues: Url | None = None
    roadmap: Url | None = None
    domains: Terms = ()
    made_for: Terms = ()
    audiences: Annotated[tuple[Claim, ...], MaxLen(MAX_LIST)] = ()
    inclusion: Annotated[tuple[Claim, ...], MaxLen(MAX_LIST)] = ()
    accessibility: Accessibility | None = None
    license: License | None = None
    context_only: Flag = False
    languages: Annotated[tuple[ScreenLanguage, ...], MaxLen(MAX_LIST)] = ()
    programming_languages: Lines = ()
    standards: Lines = ()
    deployment_countries: Annotated[tuple[Country, ...], MaxLen(MAX_LIST)] = ()
    replaces: Lines = ()
    runs: Runs | None = None
    cost: Texts = field(default_factory=dict)
    leaving: Leaving | None = None
    governance: Texts = field(default_factory=dict)
    funding: Urls = ()
    security_contact: Url | None = None
    logo: Source | None = None
    screenshots: Annotated[tuple[Screenshot, ...], MaxLen(MAX_LIST)] = ()
    status: Term | None = None
    last_change: LastChange | None = None
    relations: Annotated[tuple[Relation, ...], MaxLen(MAX_LIST)] = ()
    maintenance: Annotated[tuple[Maintenance, ...], MaxLen(MAX_LIST)] = ()
    adoptions: Annotated[tuple[AdoptionRecord, ...], MaxLen(ADOPTIONS)] = ()
    translated: Annotated[tuple[Translation, ...], MaxLen(MAX_LIST)] = ()
    evidence: Annotated[Mapping[Term, Evidence], MaxLen(MAX_LIST)] = field(default_factory=dict)
    sources: Sources = ()
    notes: Texts = field(default_factory=dict)
    returns: Number | None = None


@dataclass(frozen=True)
class OrganizationRecord:
    __pydantic_config__: ClassVar[Any] = OBJECT

    id: Identity
    slug: Slug
    name: Line
    page: Page
    origin: Origin
    updated_at: Instant
    former: Slugs = ()
    about: Texts = field(default_factory=dict)
    kind: Term | None = None
    family: Term | None = None
    function: Term | None = None
    country: Country | None = None
    region: Annotated[str, MaxLen(8)] | None = None  # ISO 3166-2
    homepage: Url | None = None
    networks: Lines = ()
    identifiers: Annotated[Mapping[Term, Line], MaxLen(MAX_LIST)] = field(default_factory=dict)
    logo: Source | None = None
    evidence: Annotated[Mapping[Term, Evidence], MaxLen(MAX_LIST)] = field(default_factory=dict)
    sources: Sources = ()
    notes: Texts = field(default_factory=dict)
    returns: Number | None = None


ExchangeRecord = ProjectRecord | OrganizationRecord
