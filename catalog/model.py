"""Projects, organizations, adoptions and their parts, as frozen dataclasses of what people state. No input or output.

The keys of `catalog.yaml` are the field names here, and what a value must be is its type
(`catalog.value_types`): `catalog.document` reads, checks and writes them, `catalog.store` saves them. Values that
nobody stated are None or empty, never a guess. A date is text as it was stated, "2019", "2019-05" or "2019-05-21": a
year is not a day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID, uuid5

from annotated_types import MaxLen

from catalog import text_rules as rules
from catalog import value_types as values
from catalog.model_base import FieldType, Former, Keyed, Listed, StatedRecord, Text
from catalog.value_types import (
    Address,
    Date,
    LanguageTag,
    OrganizationSlug,
    Paragraphs,
    ProjectSlug,
    Prose,
    Slug,
    Source,
    Summary,
)

MAKER_ROLES = ("lead", "contributor")  # roles of those who develop or maintain a project
# Roles of those who state that they help groups with it. They alone count as help nearby: a ministry that publishes
# code answers no volunteer's telephone.
HELPER_ROLES = ("integrator", "host", "migrator", "trainer", "custom-developer")
Words = Annotated[Mapping[LanguageTag, Paragraphs], Keyed("fr: ...")]  # at least one language
ShortWords = Annotated[Mapping[LanguageTag, Prose], Keyed("fr: ...")]  # each on one line
Summaries = Annotated[Mapping[LanguageTag, Summary], Keyed("fr: ...")]
Manuals = Annotated[Mapping[LanguageTag, Address], Keyed("fr: https://...")]  # language -> address of the manual in it
Identifiers = Annotated[Mapping[values.Identifier, Prose], Keyed("siren: ...")]
Lines = Mapping[str, tuple[str, ...]]  # language tag -> lines


@dataclass(frozen=True)
class Operator(StatedRecord):
    """The operator of this instance: an organization's name, never a person's."""

    name: Prose
    homepage: Address | None = None
    country: values.Country | None = None


@dataclass(frozen=True)
class DataLicense(StatedRecord):
    """SPDX ids of the licenses under which the catalogue's data may be reused."""

    facts: values.License = "CC0-1.0"
    texts: values.License = "CC-BY-4.0"


@dataclass(frozen=True)
class Manifest(StatedRecord):
    """This instance: id, languages of its pages, and the source card that peers ask for."""

    id: values.Identity
    name: ShortWords
    languages: tuple[LanguageTag, ...]
    readers: ShortWords = field(
        default_factory=dict
    )  # language -> the organization whose speakers read our texts in it
    operator: Operator | None = None
    contact: values.Contact | None = None  # https address or role address
    criteria: Words = field(default_factory=dict)
    validation: Words = field(default_factory=dict)
    refresh: Words = field(default_factory=dict)
    data_license: DataLicense = field(default_factory=DataLicense)
    peers: tuple[Address, ...] = ()
    terms: tuple["OwnTerm", ...] = ()

    def identity(self, kind: str, slug: str) -> UUID:
        """The UUID of a record without `id`: UUIDv5 of manifest id, kind and first slug."""
        return uuid5(self.id, f"{kind}:{slug}")

    def called(self, *languages: str) -> str:
        """Its name in the first of `languages` in which it has one, else in English, else in its own first language."""
        tags = (*languages, "en", *self.languages, *self.name)
        return next((self.name[tag] for tag in tags if self.name.get(tag)), "")


@dataclass(frozen=True)
class OwnTerm(StatedRecord):  # of this catalogue alone, in one of the lists that may be extended
    vocabulary: values.ExtendableList
    slug: Slug
    label: Summaries
    parent: Slug | None = None


@dataclass(frozen=True)
class CollectionProject(StatedRecord):
    project: ProjectSlug
    reason: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Collection(StatedRecord):
    """A curated list, in the curator's order."""

    slug: Slug
    title: ShortWords
    text: Words = field(default_factory=dict)  # Markdown
    projects: tuple[CollectionProject, ...] = ()


@dataclass(frozen=True)
class EasyText(StatedRecord):
    """What a project is, in easy words; `checked_by`: a group of readers it is written for, who have read it."""

    text: values.EasyWords
    checked_by: Prose | None = None  # an organization's or a group's name, never a person's
    checked_at: Date | None = None


EasyTexts = Annotated[Mapping[LanguageTag, EasyText], Keyed("fr: {text: ...}")]


@dataclass(frozen=True)
class Evidence(StatedRecord):
    """The one source of a value: a web address, owner/repository:path#L12, or owner/repository@commit."""

    short = "source"
    source: values.EvidenceSource  # or CHOSEN_BY_EDITORS
    seen_at: Date | None = None  # a date; only what editors chose may have none


# Field -> the source of its value.
_EVIDENCED = Keyed("license: {source: ..., seen_at: 2026-11-28}")
_ProjectField = Annotated[str, Text(rules.FieldName(lambda: Project))]
_OrganizationField = Annotated[str, Text(rules.FieldName(lambda: Organization))]


@dataclass(frozen=True)
class Feature(StatedRecord):
    """One thing that people can do with it, in each language, and where that can be checked."""

    text: ShortWords
    source: Source | None = None
    seen_at: Date | None = None


MAX_FEATURES = 7  # of one project in one language
MAX_FEATURE_LANGUAGES = 5  # a feature that was corrected in one language stands apart from its other languages
# What was written until the format carried a source for each feature.
_LinesOfLanguages = Annotated[
    Mapping[LanguageTag, Annotated[tuple[Prose, ...], MaxLen(MAX_FEATURES), Listed()]], Keyed("fr: [...]")
]
Features = Annotated[
    tuple[Feature, ...],
    MaxLen(MAX_FEATURES * MAX_FEATURE_LANGUAGES),
    Former(_LinesOfLanguages, lambda lines: features_of_lines(lines)),
]


@dataclass(frozen=True)
class LastChange(StatedRecord):
    """The last change of the code and the last release, as the editors saw them; used until our first good visit."""

    seen_at: Date
    source: Source
    date: Date | None = None  # of the last commit; None: only the release is known
    release: Prose | None = None  # its number
    released: Date | None = None
    archived: values.Flag = False  # its makers closed the repository to changes


@dataclass(frozen=True)
class Screenshot(StatedRecord):
    """A picture of a screen: a path in the repository, or owner/repository:path."""

    short = "path"
    path: values.Picture
    alt: ShortWords = field(default_factory=dict)  # what is to be seen on it, for people who cannot see it


@dataclass(frozen=True)
class AudienceClaim(StatedRecord):
    term: values.Audience
    evidence: values.EvidenceTerm = "declared"


InclusionClaim = Annotated[AudienceClaim, FieldType("term", values.InclusionFeature)]


@dataclass(frozen=True)
class Accessibility(StatedRecord):
    standard: Prose  # "WCAG 2.2 AA", "RGAA 4.1"
    state: values.AccessibilityState
    url: Address | None = None
    year: values.Year | None = None


@dataclass(frozen=True)
class ScreenLanguage(StatedRecord):
    short = "term"
    term: LanguageTag
    percent: values.Percent | None = None  # None: not stated


@dataclass(frozen=True)
class Runs(StatedRecord):
    """How a group can use it."""

    online: Address | None = None  # address of a place where it can be used now
    hosted: tuple[OrganizationSlug, ...] = ()  # organizations that host it for others
    self_hosted: values.Hardness | None = None


@dataclass(frozen=True)
class Leaving(StatedRecord):
    exports: tuple[Prose, ...] = ()
    standards: tuple[Prose, ...] = ()
    note: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Support(StatedRecord):
    """Where people who use it ask: a forum, a list; and in which languages they are answered."""

    short = "url"
    url: Address
    languages: tuple[LanguageTag, ...] = ()


@dataclass(frozen=True)
class Relation(StatedRecord):
    type: values.RelationTerm
    project: ProjectSlug


@dataclass(frozen=True)
class RuleSupport(StatedRecord):
    """A part of the program that is for a rule of a country, or the word that there is none. Not that it conforms."""

    rule: values.CountryRule
    how: values.RuleSupportTerm
    source: Source  # the file or document that shows it
    seen_at: Date  # the day on which somebody read that
    version_at: Date | None = None  # of the version that was read
    part: Prose | None = None  # its name
    publisher: Prose | None = None  # an organization's or a project's name
    note: ShortWords = field(default_factory=dict)  # what it does not do


@dataclass(frozen=True)
class Caution(StatedRecord):
    """What somebody should know before they choose it, as its own documents or code say."""

    kind: values.CautionTerm
    source: Source
    seen_at: Date  # the day on which somebody read that
    at: Date | None = None  # of a security notice
    name: Prose | None = None  # of the service, the edition, the agreement or the weakness
    note: ShortWords = field(default_factory=dict)


@dataclass(frozen=True)
class Maintenance(StatedRecord):
    """Exactly one of `organization` (slug) and `person` (a display name that this person gave here).

    Of one that offers help also where, in which languages, and on which terms; what is empty was not said.
    """

    role: values.Role
    organization: OrganizationSlug | None = None
    person: Prose | None = None
    countries: tuple[values.Country, ...] = ()
    online: values.Flag = False  # from a distance, wherever the group is
    languages: tuple[LanguageTag, ...] = ()
    terms: ShortWords = field(default_factory=dict)  # for whom, and the price or how one asks for it
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class FormerStage(StatedRecord):
    """A former stage of a use; `at` is the day on which the organization stated the next one."""

    at: Date
    stage: values.Stage | None = None
    since: Date | None = None
    until: Date | None = None


@dataclass(frozen=True)
class Adoption(StatedRecord):
    """An organization uses a project. A stage that nobody stated is left out: not known, never "in use"."""

    organization: OrganizationSlug
    stage: values.Stage | None = None
    reasons: tuple[values.StopReason, ...] = ()  # stop-reason terms: why it stopped, or was not kept
    since: Date | None = None
    until: Date | None = None  # when it ended; where nobody says that it ended, the last sign of use
    version: Prose | None = None
    purpose: Words = field(default_factory=dict)
    deployment: values.Deployment | None = None
    provider: OrganizationSlug | None = None
    replaced: tuple[Prose, ...] = ()
    people: values.PeopleBand | None = None
    effort_days: values.EffortBand | None = None
    cost_band: values.CostBand | None = None
    currency: values.Currency | None = None  # of the cost
    lesson: Words = field(default_factory=dict)
    again: values.Again | None = None  # would choose it again
    before: tuple[FormerStage, ...] = ()  # former stages, the latest first
    visibility: values.Visibility = "public"
    verification: values.Verification = "found-in-public-source"
    seen_at: Date | None = None
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Translated(StatedRecord):
    """A text of a project in one language that others translated. `by` is an organization's name, never a person's."""

    field: values.TranslatableField
    language: LanguageTag
    by: Prose
    method: values.TranslationMethod = "person"
    stale: values.Flag = False  # the original is another text by now


@dataclass(frozen=True)
class Project(StatedRecord):
    slug: Slug
    name: Prose
    summary: Summaries  # starts with a verb
    id: values.Identity | None = None
    former: tuple[Slug, ...] = ()
    easy_to_read: EasyTexts = field(default_factory=dict)  # language -> text and status
    description: Words = field(default_factory=dict)  # Markdown
    features: Features = ()  # at most 7 in each language
    repository: values.Repository | None = None  # canonical, cloned
    other_repositories: tuple[values.Repository, ...] = ()
    homepage: Address | None = None
    documentation: Address | None = None
    manuals: Manuals = field(default_factory=dict)
    support: Support | None = None
    demo: Address | None = None
    issues: Address | None = None
    roadmap: Address | None = None
    domains: tuple[values.Domain, ...] = ()
    made_for: tuple[values.KindOrSize, ...] = ()
    audiences: tuple[AudienceClaim, ...] = ()
    inclusion: tuple[InclusionClaim, ...] = ()  # inclusion features with evidence
    accessibility: Accessibility | None = None
    license: values.License | None = None  # as declared
    context_only: values.Flag = False  # true: not free software, shown as context only
    languages: tuple[ScreenLanguage, ...] = ()
    platforms: tuple[values.Platform, ...] = ()
    programming_languages: tuple[Prose, ...] = ()
    standards: tuple[Prose, ...] = ()
    deployment_countries: tuple[values.Country, ...] = ()
    replaces: tuple[Prose, ...] = ()
    runs: Runs | None = None
    cost: Words = field(default_factory=dict)
    leaving: Leaving | None = None
    governance: Words = field(default_factory=dict)
    funding: tuple[Address, ...] = ()
    security_contact: Address | None = None
    logo: values.Picture | None = None
    screenshots: tuple[Screenshot, ...] = ()
    status: values.Status | None = None
    last_change: LastChange | None = None
    relations: tuple[Relation, ...] = ()
    rules: tuple[RuleSupport, ...] = ()
    cautions: tuple[Caution, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    translated: tuple[Translated, ...] = ()
    evidence: Annotated[Mapping[_ProjectField, Evidence], _EVIDENCED] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()  # of the record as a whole
    notes: Words = field(default_factory=dict)

    @property
    def feature_lines(self) -> Lines:
        return lines_of_features(self.features)


@dataclass(frozen=True)
class Organization(StatedRecord):
    slug: Slug
    name: Prose
    id: values.Identity | None = None
    former: tuple[Slug, ...] = ()
    about: Summaries = field(default_factory=dict)  # what it does
    kind: values.OrganizationKind | None = None
    family: values.OrganizationFamily | None = None
    function: values.OrganizationFunction | None = None
    country: values.Country | None = None
    region: values.Region | None = None
    homepage: Address | None = None
    networks: tuple[Prose, ...] = ()
    identifiers: Identifiers = field(default_factory=dict)
    logo: values.Picture | None = None  # as of a project
    evidence: Annotated[Mapping[_OrganizationField, Evidence], _EVIDENCED] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()  # of the record as a whole
    notes: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Document(StatedRecord):
    always_stated = ("catalog",)
    manifest: Manifest
    collections: tuple[Collection, ...] = ()
    projects: tuple[Project, ...] = ()
    organizations: tuple[Organization, ...] = ()
    catalog: values.Format = 1  # format version


def lines_of_features(features: Iterable[Feature]) -> Lines:
    """The texts of features by language, in their order."""
    lines: dict[str, list[str]] = {}
    for feature in features:
        for language, text in feature.text.items():
            lines.setdefault(language, []).append(text)
    return {language: tuple(texts) for language, texts in lines.items()}


def features_of_lines(lines: Mapping[str, Sequence[str]]) -> tuple[Feature, ...]:
    """Features without sources from lines by language: lines at the same place are one feature, in several
    languages."""
    most = max(map(len, lines.values()), default=0)
    texts = (
        {language: texts_of_line[place] for language, texts_of_line in lines.items() if place < len(texts_of_line)}
        for place in range(most)
    )
    return tuple(map(Feature, texts))


Record = dict[str, Any]  # a record in JSON-safe shape, keys as in the document
