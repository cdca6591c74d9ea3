"""Frozen read models of pages, filled by `store.public_pages`, `store.organizations` and `store.mirrors`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from catalog.model import Adoption, Collection, Maintenance, Project, Words
from catalog.rules.fact import Fact
from catalog.rules.today import STOPPED_STATUSES, UNKNOWN, Activity
from catalog.validation import STAYS_HERE


@dataclass(frozen=True)
class Logo:
    """A logo as it was drawn of a file of the project's repository, or was uploaded; width and height in pixels."""

    object_id: str
    width: int
    height: int
    uploaded: Annotated[bool, STAYS_HERE] = False


@dataclass(frozen=True)
class Mirror:
    """Our copy of a project's repository, as the last visit left it."""

    project_id: Annotated[UUID, STAYS_HERE]
    repository: str
    state: str  # waiting | mirrored | failing | unreachable | gone | password | empty | too-large | refused | no-room
    reason: str | None = None  # English sentence; a gettext msgid where it is ours
    canonical_url: str | None = None
    head: str | None = None  # full object id
    branch: str | None = None
    digest: Annotated[str | None, STAYS_HERE] = None
    size_bytes: int | None = None
    failures: Annotated[int, STAYS_HERE] = 0
    interval_seconds: Annotated[int, STAYS_HERE] = 21_600
    first_mirrored_at: datetime | None = None
    last_visit_at: datetime | None = None
    last_success_at: datetime | None = None
    looked_at: Annotated[datetime | None, STAYS_HERE] = None
    last_commit_at: datetime | None = None
    free: bool | None = None
    # The last one known to be free; what is served beyond it is judged by `free`.
    free_commit: Annotated[str | None, STAYS_HERE] = None
    # Whether its source may be served, as a moderator decided; None: not decided.
    decided: Annotated[bool | None, STAYS_HERE] = None
    accepted: Annotated[str | None, STAYS_HERE] = None  # the digest of an origin whose deletions a moderator accepted
    erasing: Annotated[bool, STAYS_HERE] = False  # what was erased is still to be removed; nothing is given out
    damaged: Annotated[bool, STAYS_HERE] = False  # the next visit repairs it
    observed_at: Annotated[datetime | None, STAYS_HERE] = None
    observation: Annotated[Mapping[str, Any] | None, STAYS_HERE] = None  # shape: forge.observe

    @property
    def may_serve(self) -> bool | None:
        """Whether the source at its head may be served: as decided, else as detected; None: not known."""
        return self.free if self.decided is None else self.decided

    @property
    def logo(self) -> Logo | None:
        """The logo of the commit that was read last; None where the source is not served or none was drawn."""
        row = (self.observation or {}).get("logo") if self.may_serve else None
        return Logo(row["oid"], *row["sizes"][0]) if row else None

    @property
    def read_commit(self) -> str | None:
        """The commit that was read last; a visit moves `head` before it is read."""
        return (self.observation or {}).get("commit")


@dataclass(frozen=True)
class QuotedTexts:
    """Values of a search result's record that its card does not show; results are quoted from them."""

    description: Words
    features: Mapping[str, Sequence[str]]
    replaces: Sequence[str]


@dataclass(frozen=True)
class OtherCatalogue:
    """Which other catalogue tells of a record that is shown here: as `home` told it at `updated_at`, under `license`.

    `home_of`: the record is that catalogue's, and no other row here is it. `address`: its page there, None where the
    catalogue states no address. An imported list has neither `peer_id` nor `record_id`, and its name as `host`.
    """

    peer_id: UUID | None
    names: Mapping[str, str]
    host: str
    address: str | None
    updated_at: datetime
    license: str
    texts_license: str | None
    record_id: UUID | None
    home_of: bool
    origin: str  # of the facts and rows that it made

    def name_in(self, language: str) -> str:
        return next(
            (self.names[tag] for tag in (language, "en", *sorted(self.names)) if self.names.get(tag)), self.host
        )


@dataclass(frozen=True)
class RecordOrigin:
    """`home`: the catalogue of the record, None: this one. `told_by`: others that state something of it."""

    home: OtherCatalogue | None = None
    told_by: tuple[OtherCatalogue, ...] = ()

    @property
    def all_catalogues(self) -> tuple[OtherCatalogue, ...]:
        return (self.home, *self.told_by) if self.home else self.told_by


OURS = RecordOrigin()  # and no other catalogue states it


@dataclass(frozen=True)
class Card:
    """A project in a list: a few facts and a sentence."""

    id: UUID
    slug: str
    name: str
    summary: Words
    domains: tuple[str, ...]
    languages: tuple[str, ...]
    license: str | None  # as declared, else as its files show
    context_only: bool
    runs_online: bool
    runs_hosted: bool
    self_hosted: str | None
    confirmed_uses: int  # present adoptions that an organization confirmed; all of these are 0 for context
    declared_uses: int  # declared by somebody, not confirmed
    found_uses: int  # found in a public source, not confirmed
    countries: int  # of the organizations that confirmed
    mirror_state: str | None
    activity: Activity
    status: str | None
    made_for: tuple[str, ...]
    added_at: datetime
    changed_at: datetime
    quoted_texts: Annotated[QuotedTexts | None, STAYS_HERE] = None  # only of what a search found
    logo: Logo | None = None
    # The first names of those who lead it or contribute, of people too.
    developers: Annotated[tuple[str, ...], STAYS_HERE] = ()
    hosts: int = 0  # organizations that host it for others
    free: bool | None = None  # as in `LicenseAnswer`
    license_unclear: bool = False
    license_differs: bool = False
    several_languages: bool = False  # that nobody counted
    origin: RecordOrigin = OURS
    state: str | None = None  # a term of the vocabulary of vitality, where a list is given out: of that day

    @property
    def has_users(self) -> bool:
        """Whether anybody is known to use it, confirmed or not."""
        return bool(self.confirmed_uses or self.declared_uses or self.found_uses)

    def may_be_proposed(self, now: datetime) -> bool:
        """Whether a list of what to consider may hold it: free software that is neither dormant nor over."""
        not_free = self.context_only or self.free is False or self.license_unclear
        return not not_free and self.status not in STOPPED_STATUSES and self.activity.rank(now) <= UNKNOWN


@dataclass(frozen=True)
class SnippetSources:
    """Texts that explain a search result: the organizations that maintain or publicly use it, and its README."""

    organizations: tuple[str, ...]
    readme: str


@dataclass(frozen=True)
class UseNumbers:
    """Present public uses of free software, by origin. They are shown apart: `unconfirmed` only where it is said
    to be so, `total` only where it is said what it adds up."""

    confirmed: int = 0  # by the organization
    declared: int = 0  # by somebody, not confirmed
    found: int = 0  # found in a public source, not confirmed

    @property
    def unconfirmed(self) -> int:
        return self.declared + self.found

    @property
    def total(self) -> int:
        return self.confirmed + self.declared + self.found


NO_USES = UseNumbers()


@dataclass(frozen=True)
class OrganizationCard:
    id: UUID
    slug: str
    name: str
    kind: str | None
    country: str | None
    uses: UseNumbers = NO_USES
    maintains: int = 0  # projects of free software
    logo: Logo | None = None  # read with its own record alone
    programs: tuple[str, ...] = ()  # names of free software that it uses, confirmed first; so too, and the first few
    contributions: tuple[str, ...] = ()  # of what it develops, hosts or helps with


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
    confirmed_at: datetime | None = None  # when it last confirmed it here
    context_only: bool = False  # of software that is not free: counted on that project's own page alone
    sort: Annotated[int, STAYS_HERE] = 0  # of `store.core.visibility.SORT`


@dataclass(frozen=True)
class MaintenanceLine:
    maintenance: Maintenance
    origin: str
    organization: OrganizationCard | None
    project_slug: str
    project_name: str
    stated_by: str | None = None  # project | organization | person | desk: who declared it, where it was declared here
    stated_at: datetime | None = None


@dataclass(frozen=True)
class RelationLine:
    """`type` as the record that is named first states it; `inverse` when the page's project is the target."""

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
    past: int  # stopped or not kept, by any origin
    countries: int  # of the organizations that confirmed, where known
    unnamed: int | None = None  # at least so many more, not named; for a sentence, and in no other number

    @property
    def present(self) -> int:
        return self.confirmed + self.declared + self.found

    @property
    def total(self) -> int:
        return self.present + self.past


@dataclass(frozen=True)
class UseTallies:
    """Totals over all public uses of a project: how many organizations of each country and kind use it now, and how
    many stated a band of yearly costs and of days of work. Countries and kinds: the most first; bands by name."""

    countries: tuple[tuple[str, int], ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    costs: tuple[tuple[str, int], ...] = ()  # declared by the organizations themselves alone, as the next
    efforts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class PreferredOrganizations:
    """Organizations whose uses come first within each sort: of this country, of one of these kinds, both of them
    first."""

    country: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConfirmedReach:
    """How many organizations confirmed that they use a project now, publicly, and in how many countries; none for
    software that is not free."""

    slug: str
    name: str
    organizations: int
    countries: int
    context_only: bool = False


@dataclass(frozen=True)
class OptOut:
    """A request of a project's makers not to be listed: since when, and why where they gave a reason."""

    at: datetime
    reason: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class UsersPage:
    """One page of the organizations that use a project."""

    slug: str
    name: str
    adoptions: tuple[AdoptionLine, ...]  # public ones only; none beyond the last page
    uses: UseCounts


@dataclass(frozen=True)
class FactsPage:
    """All current public facts of a project or an organization, in the order of `catalog.rules.fields.FIELDS`."""

    id: UUID
    slug: str
    name: str
    change: int
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class HistoryLine:
    """A line of a project's history: a fact before and after a change.

    `kind`: changed | appeared | vanished have a field and the facts; the others stand for several facts (`facts` is
    their number) and have neither: first (an origin stated facts for the first time), reread (a newer Forge read the
    same commit), many (too many for lines of their own), ended (an origin states nothing any more).
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
    lines: tuple[HistoryLine, ...]
    next: int | None  # the `before` of the following page


@dataclass(frozen=True)
class ChangesPage:
    """Lines of all projects."""

    lines: tuple[HistoryLine, ...]
    next: int | None


@dataclass(frozen=True)
class OrganizationUses:
    """One page of what an organization uses."""

    slug: str
    name: str
    adoptions: tuple[AdoptionLine, ...]  # public ones only; none beyond the last page
    uses: UseCounts
    not_free: tuple[AdoptionLine, ...]  # of software that is not free, after the others
    lines: int  # all of both, for the number of pages


@dataclass(frozen=True)
class MaintainedProjectLine:
    """A project that an organization maintains, hosts or helps with. `role`: of its maintenance, or "provider" where
    the organization `of_slug` names it as the provider of its adoption."""

    role: str
    slug: str
    name: str
    of_slug: str | None = None
    of_name: str | None = None


@dataclass(frozen=True)
class OrganizationMaintenance:
    """One page of the projects that an organization maintains, hosts or helps with."""

    slug: str
    name: str
    lines: tuple[MaintainedProjectLine, ...]
    every: int


@dataclass(frozen=True)
class PlaceCounts:
    """Counts of a country or a part of it, or of all organizations whose country is not known (`country` is None)."""

    country: str | None
    uses: UseNumbers  # organizations with a present, public use: each once, by the surest of its uses
    helpers: int  # organizations that set a project up or host it for others
    region: str | None = None  # ISO 3166-2, of a part of a country
    makers: int = 0  # organizations that make or maintain a project

    @property
    def groups(self) -> int:
        return self.uses.total

    @property
    def confirmed(self) -> int:
        return self.uses.confirmed

    @property
    def unconfirmed(self) -> int:
        return self.uses.unconfirmed


@dataclass(frozen=True)
class NamedProject:
    slug: str
    name: str


@dataclass(frozen=True)
class PlaceOrganization:
    """An organization of a place with the first few projects that it uses, helps with or makes."""

    organization: OrganizationCard  # `uses` counts all of them
    region: str | None  # ISO 3166-2
    confirmed: bool  # it confirmed one of its uses
    projects: tuple[NamedProject, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class CountryProject:
    """A project and how many organizations of one country use it."""

    slug: str
    name: str
    uses: UseNumbers


@dataclass(frozen=True)
class RulePrograms:
    """A rule that holds in a country, a term of the vocabulary `rule`, and free projects that have something for it."""

    rule: str
    projects: tuple[NamedProject, ...]


@dataclass(frozen=True)
class CountryPage:
    place: PlaceCounts
    groups: tuple[PlaceOrganization, ...]  # one page, by region, then by name
    projects: tuple[CountryProject, ...]  # the first few: confirmed ones first
    helpers: tuple[PlaceOrganization, ...]  # the first few, by name
    makers: tuple[PlaceOrganization, ...]  # the same of those who make something
    used: int = 0  # how many projects are used there in all
    rules: tuple[RulePrograms, ...] = ()  # of the country as a whole: its own first, then those of its unions


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
    """The values of a project that the search index holds."""

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
    activity: Activity
    free: bool | None
    added_at: datetime
    changed_at: datetime
    readme: str = ""
    detected_licenses: tuple[str, ...] = field(default_factory=tuple)
    languages: tuple[str, ...] = ()  # of the screens, as on its card
    also_partly: tuple[str, ...] = ()  # these, and those that are less than half translated
    platforms: tuple[str, ...] = ()
    observed_programming_languages: tuple[str, ...] = ()  # as its code shows; only where the record says nothing
    regions: tuple[str, ...] = ()  # of present public adoptions, ISO 3166-2
    # Of each present public adoption: organization kind, country, people (a band), stage; each None where not known.
    uses: tuple[tuple[str | None, str | None, str | None, str | None], ...] = ()
    maker_countries: tuple[str, ...] = ()  # of organizations that develop or maintain it
    maker_kinds: tuple[str, ...] = ()  # likewise
