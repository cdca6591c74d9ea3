"""What a page is given: frozen read models, filled by `pages`, `facts` and `mirrors`. They hold no rule and no SQL.

It is longer than 350 lines because read models are told apart more easily side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.model import Adoption, Collection, Maintenance, Organization, Project, Words
from catalog.rules.fact import Fact


@dataclass(frozen=True)
class Mirror:
    """Our copy of a project's repository, as the last visit left it."""

    project_id: UUID
    repository: str
    state: str  # waiting | mirrored | failing | unreachable | gone | password | empty | too-large | refused | no-room
    reason: str | None = None  # English sentence, a gettext msgid where it is one of ours
    canonical_url: str | None = None
    head: str | None = None  # full object id
    branch: str | None = None
    digest: str | None = None
    size_bytes: int | None = None
    failures: int = 0
    interval_seconds: int = 21_600
    first_mirrored_at: datetime | None = None
    last_visit_at: datetime | None = None
    last_success_at: datetime | None = None
    last_change_at: datetime | None = None
    last_commit_at: datetime | None = None
    free: bool | None = None
    free_commit: str | None = None  # the last one known to be free; what is served beyond it is judged by `free`
    decided: bool | None = None  # whether its source may be served, as a moderator decided; None: nobody did
    accepted: str | None = None  # the digest of an origin whose deletions a moderator accepted
    observed_at: datetime | None = None
    observation: Mapping[str, Any] | None = None  # shape: forge.observe

    @property
    def may_serve(self) -> bool | None:
        """Whether the source at its head may be served: as was decided, else as was detected; None: not known."""
        return self.free if self.decided is None else self.decided

    @property
    def read_commit(self) -> str | None:
        """The head that was read last; a visit moves the head before anybody reads it."""
        return (self.observation or {}).get("commit")


@dataclass(frozen=True)
class Told:
    """What the record of a result says beside its card."""

    description: Words
    features: Mapping[str, Sequence[str]]
    replaces: Sequence[str]


@dataclass(frozen=True)
class Card:
    """A project in a list: four facts and a sentence."""

    id: UUID
    slug: str
    name: str
    summary: Words
    domains: tuple[str, ...]
    languages: tuple[str, ...]
    license: str | None
    context_only: bool
    runs_online: bool
    runs_hosted: bool
    self_hosted: str | None
    confirmed_uses: int  # present adoptions that an organization confirmed
    declared_uses: int  # declared by somebody, not confirmed
    found_uses: int  # found in a public source, not confirmed
    countries: int  # of the organizations behind all of these
    mirror_state: str | None
    last_commit_at: datetime | None
    status: str | None
    made_for: tuple[str, ...]
    added_at: datetime
    changed_at: datetime
    told: Told | None = None  # only of what a search found


@dataclass(frozen=True)
class Behind:
    """What stands behind a result: the names of organizations that keep or publicly use it, and its README."""

    organizations: tuple[str, ...]
    readme: str


@dataclass(frozen=True)
class OrganizationCard:
    id: UUID
    slug: str
    name: str
    kind: str | None
    country: str | None
    uses: int = 0
    maintains: int = 0


@dataclass(frozen=True)
class AdoptionLine:
    """An adoption with the names that its page shows."""

    adoption: Adoption
    origin: str
    organization: OrganizationCard
    project_slug: str
    project_name: str
    provider: OrganizationCard | None = None
    confirmed: bool = False  # by the organization, and not too long ago
    confirmed_at: datetime | None = None  # when it last said so here


@dataclass(frozen=True)
class MaintenanceLine:
    maintenance: Maintenance
    origin: str
    organization: OrganizationCard | None
    project_slug: str
    project_name: str
    said_by: str | None = None  # project | organization | person | desk: whose word it is, where it was declared here
    said_at: datetime | None = None


@dataclass(frozen=True)
class RelationLine:
    """`type` as stated by `from_slug`; `inverse` when the page's project is the target."""

    type: str
    inverse: bool
    slug: str
    name: str
    summary: Words


@dataclass(frozen=True)
class UseCounts:
    """All public uses of a project, also those whose lines are on other pages."""

    confirmed: int  # by the organization
    declared: int  # by somebody, not confirmed
    found: int  # found in a public source, not confirmed
    past: int  # stopped or not kept, whoever says so
    countries: int  # of the organizations behind the present ones, where known
    unnamed: int | None = None  # at least so many more, not named; for one sentence, and in no other number

    @property
    def present(self) -> int:
        return self.confirmed + self.declared + self.found

    @property
    def every(self) -> int:
        return self.present + self.past


@dataclass(frozen=True)
class UseTallies:
    """What all public uses of a project say together: how many organizations of each country and kind use it now, and
    how many told what it costs in a year and how many days it took. The most first; a band in the order of its name."""

    countries: tuple[tuple[str, int], ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    costs: tuple[tuple[str, int], ...] = ()  # of their own word alone, as the next
    efforts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Like:
    """Whose uses come first within each sort: organizations of this country, of one of these kinds, best of both."""

    country: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class OptOut:
    """The makers of a project asked not to be listed: since when, and why where they said it."""

    at: datetime
    reason: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class ProjectPage:
    id: UUID
    record: Project  # as curated, but its adoptions and maintenance are only in the lines below
    added_at: datetime
    changed_at: datetime
    change: int
    adoptions: tuple[AdoptionLine, ...]  # public ones only, the first few of each sort: `uses` counts all
    uses: UseCounts
    maintenance: tuple[MaintenanceLine, ...]
    relations: tuple[RelationLine, ...]
    hosts: tuple[OrganizationCard, ...]  # of record.runs.hosted
    mirror: Mirror | None
    facts: tuple[Fact, ...] = ()  # public ones as they are said now, but for long lists: see store.facts.LONG
    opted_out: OptOut | None = None  # then nothing else stands here but name, address and license
    warned_at: datetime | None = None  # when its keepers last told of a weakness


@dataclass(frozen=True)
class UsersPage:
    """One page of those who use a project."""

    slug: str
    name: str
    adoptions: tuple[AdoptionLine, ...]  # public ones only; none beyond the last page
    uses: UseCounts


@dataclass(frozen=True)
class EndedUses:
    """Uses of a project that ended."""

    id: UUID
    slug: str
    name: str
    adoptions: tuple[AdoptionLine, ...]  # public ones only, the first few
    reasons: tuple[tuple[str, int], ...]  # of all: a term of stop-reason and how many organizations gave it


@dataclass(frozen=True)
class FactsPage:
    """All that is publicly said of a project now, in the order of `catalog.rules.fact.FIELDS`."""

    id: UUID
    slug: str
    name: str
    change: int
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Line:
    """A line of a project's history: what was said before, and what is said instead.

    `kind`: changed | appeared | vanished have a field and the facts; the others stand for several (`facts` says how
    many) and have neither: first (an origin spoke for the first time), reread (a newer Forge read the same commit),
    many (too much for lines of their own), ended (an origin says nothing any more).
    """

    number: int
    at: datetime
    field: str
    before: Fact | None
    after: Fact | None
    kind: str
    origin: str
    facts: int
    project_id: UUID
    slug: str
    name: str


@dataclass(frozen=True)
class HistoryPage:
    id: UUID
    slug: str
    name: str
    change: int
    lines: tuple[Line, ...]
    next: int | None  # the `before` of the page behind this one


@dataclass(frozen=True)
class ChangesPage:
    """Lines of all projects."""

    lines: tuple[Line, ...]
    next: int | None


@dataclass(frozen=True)
class OrganizationPage:
    id: UUID
    record: Organization
    added_at: datetime
    changed_at: datetime
    change: int
    adoptions: tuple[AdoptionLine, ...]  # public ones only, the first few of each sort: `uses` counts all
    uses: UseCounts
    maintenance: tuple[MaintenanceLine, ...]  # the first few: those who make it before those who help with it
    maintained: int  # all of them
    hosting: tuple[tuple[str, str], ...]  # slug and name of projects that it hosts for others, the first few
    hosted: int
    provided: tuple[
        AdoptionLine, ...
    ]  # present public uses of others that name it as who hosts or helps, the first few
    provided_in_all: int
    provided_before: int  # uses of others that ended and named it as who hosts or helps


@dataclass(frozen=True)
class OrganizationUses:
    """One page of what an organization uses."""

    slug: str
    name: str
    adoptions: tuple[AdoptionLine, ...]  # public ones only; none beyond the last page
    uses: UseCounts


@dataclass(frozen=True)
class CareLine:
    """A project that an organization keeps up, hosts or helps with. `role`: of its maintenance, or "provider" where the
    organization `of` names it as who hosts or helps with its use."""

    role: str
    slug: str
    name: str
    of_slug: str | None = None
    of_name: str | None = None


@dataclass(frozen=True)
class OrganizationCare:
    """One page of what an organization keeps up, hosts or helps with."""

    slug: str
    name: str
    lines: tuple[CareLine, ...]
    every: int


@dataclass(frozen=True)
class Place:
    """A country or a part of it, or all organizations whose country nobody said (`country` is None)."""

    country: str | None
    groups: int  # organizations with a present, public use
    confirmed: int  # of them, those that confirmed one
    helpers: int  # organizations that set a project up or host it for others
    region: str | None = None  # ISO 3166-2, of a part of a country
    makers: int = 0  # organizations that make a project or keep it up

    @property
    def unconfirmed(self) -> int:
        return self.groups - self.confirmed


@dataclass(frozen=True)
class Group:
    """An organization of a place with the first few projects that it uses, helps with or makes."""

    organization: OrganizationCard  # `uses` counts all of them
    region: str | None  # ISO 3166-2
    confirmed: bool  # it confirmed one of its uses
    projects: tuple[tuple[str, str], ...]  # slug and name
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class UsedThere:
    """A project and how many organizations of one country use it."""

    slug: str
    name: str
    confirmed: int
    unconfirmed: int


@dataclass(frozen=True)
class CountryPage:
    place: Place
    groups: tuple[Group, ...]  # one page, by region, then by name
    projects: tuple[UsedThere, ...]  # the first few: confirmed ones first
    helpers: tuple[Group, ...]  # the first few, by name
    makers: tuple[Group, ...]  # the same of those who make something


@dataclass(frozen=True)
class CollectionPage:
    record: Collection
    cards: tuple[Card, ...]  # in the curator's order, those that exist


@dataclass(frozen=True)
class Totals:
    projects: int  # free software
    context: int  # beside them: not free software, shown for information
    organizations: int
    confirmed_uses: int
    declared_uses: int
    found_uses: int
    countries: int


@dataclass(frozen=True)
class IndexRow:
    """What the search index holds of a project."""

    id: UUID
    slug: str
    change: int
    record: Project  # without adoptions and maintenance
    organization_names: tuple[str, ...]  # that maintain or publicly use it
    adopter_kinds: tuple[str, ...]  # organization kinds of present public adoptions
    countries: tuple[str, ...]  # of present public adoptions and stated deployments
    helper_countries: tuple[str, ...]  # of organizations that set it up or host it for others
    confirmed_uses: int
    declared_uses: int
    found_uses: int
    last_commit_at: datetime | None
    added_at: datetime
    changed_at: datetime
    readme: str = ""
    detected_licenses: tuple[str, ...] = field(default_factory=tuple)
    observed_languages: tuple[str, ...] = ()  # of the screens, as the mirror shows; only where the record says nothing
    observed_programming_languages: tuple[str, ...] = ()  # likewise
    regions: tuple[str, ...] = ()  # of present public adoptions, ISO 3166-2
    # Of each present public adoption: organization kind, country, people (a band), stage; each None where not known.
    uses: tuple[tuple[str | None, str | None, str | None, str | None], ...] = ()
