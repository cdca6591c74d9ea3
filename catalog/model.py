"""The nouns of the document: frozen dataclasses of what people state. No input or output, no rules of trust.

The keys of `catalog.yaml` (design, section 4) are the field names here, in the same order; `catalog.document` reads and
writes them, `catalog.store` saves them. Values that nobody stated are None or empty, never a guess. A date is text as
it was stated, "2019", "2019-05" or "2019-05-21": a year is not a day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

MAKER_ROLES = ("lead", "contributor")  # roles of those who develop or maintain a project
# Roles of those who state that they help groups with it. They alone count as help nearby: a ministry that publishes
# code answers no volunteer's telephone.
HELPER_ROLES = ("integrator", "host")
Words = Mapping[str, str]  # language tag -> text; at least one language
Lines = Mapping[str, tuple[str, ...]]  # language tag -> lines


@dataclass(frozen=True)
class Operator:
    """The operator of this instance: an organization's name, never a person's."""

    name: str
    homepage: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class DataLicense:
    """SPDX ids of the licenses under which the catalogue's data may be reused."""

    facts: str = "CC0-1.0"
    texts: str = "CC-BY-4.0"


@dataclass(frozen=True)
class Manifest:
    """This instance: id, languages of its pages, and the source card that peers ask for."""

    id: UUID
    name: Words
    languages: tuple[str, ...]
    readers: Words = field(default_factory=dict)  # language -> the organization whose speakers read our texts in it
    operator: Operator | None = None
    contact: str | None = None  # https address or role address
    criteria: Words = field(default_factory=dict)
    validation: Words = field(default_factory=dict)
    refresh: Words = field(default_factory=dict)
    data_license: DataLicense = field(default_factory=DataLicense)
    peers: tuple[str, ...] = ()
    terms: tuple["OwnTerm", ...] = ()

    def identity(self, kind: str, slug: str) -> UUID:
        """The UUID of a record without `id`: UUIDv5 of manifest id, kind and first slug."""
        return uuid5(self.id, f"{kind}:{slug}")

    def called(self, *languages: str) -> str:
        """Its name in the first of `languages` in which it has one, else in English, else in its own first language."""
        tags = (*languages, "en", *self.languages, *self.name)
        return next((self.name[tag] for tag in tags if self.name.get(tag)), "")


@dataclass(frozen=True)
class OwnTerm:  # of this catalogue alone, in one of the lists that may be extended
    vocabulary: str
    slug: str
    label: Words
    parent: str | None = None


@dataclass(frozen=True)
class CollectionProject:
    project: str  # slug
    reason: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Collection:
    """A curated list, in the curator's order."""

    slug: str
    title: Words
    text: Words = field(default_factory=dict)  # Markdown
    projects: tuple[CollectionProject, ...] = ()


@dataclass(frozen=True)
class EasyText:
    """What a project is, in easy words; `checked_by`: a group of readers it is written for, who have read it."""

    text: str
    checked_by: str | None = None  # an organization's or a group's name, never a person's
    checked_at: str | None = None  # a date as stated


CHOSEN_BY_EDITORS = "chosen-by-editors"  # in place of a source: no page states it, the editors judged it


@dataclass(frozen=True)
class Evidence:
    """The one source of a value: a web address, owner/repository:path#L12, or owner/repository@commit."""

    source: str  # or CHOSEN_BY_EDITORS
    seen_at: str | None = None  # a date; only what editors chose may have none


@dataclass(frozen=True)
class Feature:
    """One thing that people can do with it, in each language, and where that can be checked."""

    text: Words
    source: str | None = None
    seen_at: str | None = None  # a date


@dataclass(frozen=True)
class LastChange:
    """The last change of the code and the last release, as the editors saw them; used until our first good visit."""

    seen_at: str  # a date
    source: str
    date: str | None = None  # of the last commit; None: only the release is known
    release: str | None = None  # its number
    released: str | None = None  # a date
    archived: bool = False  # its makers closed the repository to changes


@dataclass(frozen=True)
class Screenshot:
    """A picture of a screen: a path in the repository, or owner/repository:path."""

    path: str
    alt: Words = field(default_factory=dict)  # what is to be seen on it, for who cannot see it


@dataclass(frozen=True)
class AudienceClaim:
    term: str  # audience
    evidence: str = "declared"  # evidence term


@dataclass(frozen=True)
class Accessibility:
    standard: str  # "WCAG 2.2 AA", "RGAA 4.1"
    state: str  # none | partial | full
    url: str | None = None
    year: str | None = None


@dataclass(frozen=True)
class ScreenLanguage:
    term: str  # BCP 47 tag
    percent: int | None = None  # 0 to 100; None: not stated


@dataclass(frozen=True)
class Runs:
    """How a group can use it."""

    online: str | None = None  # address of a place where it can be used now
    hosted: tuple[str, ...] = ()  # slugs of organizations that host it for others
    self_hosted: str | None = None  # hardness term


@dataclass(frozen=True)
class Leaving:
    exports: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    note: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Support:
    """Where people who use it ask: a forum, a list; and in which languages they are answered."""

    url: str
    languages: tuple[str, ...] = ()  # BCP 47 tags


@dataclass(frozen=True)
class Relation:
    type: str  # relation term
    project: str  # slug


@dataclass(frozen=True)
class Maintenance:
    """Exactly one of `organization` (slug) and `person` (a display name that this person gave here)."""

    role: str  # role term
    organization: str | None = None
    person: str | None = None
    sources: tuple[str, ...] = ()


AGAIN = ("yes", "no", "unsure")


@dataclass(frozen=True)
class FormerStage:
    """A former stage of a use; `at` is the day on which the organization stated the next one."""

    at: str
    stage: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Adoption:
    """An organization uses a project. A stage that nobody stated is None: not known, never "in use"."""

    organization: str  # slug
    stage: str | None = None
    reasons: tuple[str, ...] = ()  # stop-reason terms: why it stopped, or was not kept
    since: str | None = None
    until: str | None = None
    version: str | None = None
    purpose: Words = field(default_factory=dict)
    deployment: str | None = None
    provider: str | None = None  # slug of an organization
    replaced: tuple[str, ...] = ()
    people: str | None = None  # band
    effort_days: str | None = None  # band
    cost_band: str | None = None
    currency: str | None = None  # of the cost, ISO 4217
    lesson: Words = field(default_factory=dict)
    again: str | None = None  # would choose it again: yes | no | unsure
    before: tuple[FormerStage, ...] = ()  # former stages, the latest first
    visibility: str = "public"
    verification: str = "found-in-public-source"
    seen_at: str | None = None
    sources: tuple[str, ...] = ()


TRANSLATABLE = ("summary", "description", "features", "cost", "governance")  # each a text by language
METHODS = ("person", "machine", "machine then person")  # how a text was translated


@dataclass(frozen=True)
class Translated:
    """A text of a project in one language that others translated. `by` is an organization's name, never a person's."""

    field: str
    language: str
    by: str
    method: str = "person"
    stale: bool = False  # the original is another text by now


@dataclass(frozen=True)
class Project:
    slug: str
    name: str
    summary: Words  # at most 120 characters a language, starts with a verb
    id: UUID | None = None
    former: tuple[str, ...] = ()
    easy_to_read: Mapping[str, EasyText] = field(default_factory=dict)  # language -> text and status
    description: Words = field(default_factory=dict)  # Markdown
    features: tuple[Feature, ...] = ()  # at most 7 in each language
    repository: str | None = None  # canonical, cloned
    other_repositories: tuple[str, ...] = ()
    homepage: str | None = None
    documentation: str | None = None
    manuals: Words = field(default_factory=dict)  # language -> address of the manual in it
    support: Support | None = None
    demo: str | None = None
    issues: str | None = None
    roadmap: str | None = None
    domains: tuple[str, ...] = ()
    made_for: tuple[str, ...] = ()  # organization kinds and sizes
    audiences: tuple[AudienceClaim, ...] = ()
    inclusion: tuple[AudienceClaim, ...] = ()  # inclusion features with evidence
    accessibility: Accessibility | None = None
    license: str | None = None  # SPDX expression as declared
    context_only: bool = False  # true: not free software, shown as context only
    languages: tuple[ScreenLanguage, ...] = ()
    programming_languages: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    deployment_countries: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    runs: Runs | None = None
    cost: Words = field(default_factory=dict)
    leaving: Leaving | None = None
    governance: Words = field(default_factory=dict)
    funding: tuple[str, ...] = ()
    security_contact: str | None = None
    logo: str | None = None  # path in the repository, owner/repository:path, or a file beside the document
    screenshots: tuple[Screenshot, ...] = ()
    status: str | None = None
    last_change: LastChange | None = None
    relations: tuple[Relation, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    translated: tuple[Translated, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)  # field -> the source of its value
    sources: tuple[str, ...] = ()  # of the record as a whole
    notes: Words = field(default_factory=dict)

    @property
    def feature_lines(self) -> Lines:
        return lines_of_features(self.features)


@dataclass(frozen=True)
class Organization:
    slug: str
    name: str
    id: UUID | None = None
    former: tuple[str, ...] = ()
    about: Words = field(default_factory=dict)  # what it does, at most 120 characters a language
    kind: str | None = None  # organization-kind term
    family: str | None = None  # organization-kind term without parent
    function: str | None = None  # organization-function term
    country: str | None = None  # ISO 3166-1 alpha-2
    region: str | None = None  # ISO 3166-2
    homepage: str | None = None
    networks: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict)
    logo: str | None = None  # as of a project
    evidence: Mapping[str, Evidence] = field(default_factory=dict)  # field -> the source of its value
    sources: tuple[str, ...] = ()  # of the record as a whole
    notes: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    manifest: Manifest
    collections: tuple[Collection, ...] = ()
    projects: tuple[Project, ...] = ()
    organizations: tuple[Organization, ...] = ()
    catalog: int = 1  # format version


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
    texts = ({language: said[place] for language, said in lines.items() if place < len(said)} for place in range(most))
    return tuple(map(Feature, texts))


Record = dict[str, Any]  # JSON-safe shape of one noun, keys as in the document
