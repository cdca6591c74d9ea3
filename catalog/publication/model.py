"""Public records: what everybody may see of a project and of an organization, in all languages, as pages and programs
read it.

Of values that several origins state, the strongest is here (`catalog.rules.fact`); all of them are facts, read from
their rows. Of long lists the first are here; others are pages of their own. Nothing depends on the present time: what
ends by itself has its end beside it. `beyond` stands for what is public of a record and in none of the other fields: it
differs when that does.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from catalog.model import Organization, Project
from catalog.rules.decision import Decision
from catalog.rules.fact import LICENSE, OBSERVED, PEER, ChosenFact, Fact
from catalog.rules.fields import USABLE_PERCENT, is_counted, usable_languages
from catalog.rules.today import (
    Activity,
    LicenseAnswer,
    ProjectToday,
    activity_of,
    license_answer,
    license_findings,
    packaged_license,
)
from catalog.store.adoptions.experiences import Experience
from catalog.store.calls.read_models import CallLine
from catalog.store.core.read_models import (
    NO_USES,
    OURS,
    AdoptionLine,
    Logo,
    MaintenanceLine,
    Mirror,
    NamedProject,
    OptOut,
    OrganizationCard,
    OtherCatalogue,
    RecordOrigin,
    RelationLine,
    UseCounts,
    UseNumbers,
    UseTallies,
)
from catalog.store.core.visibility import PAST
from catalog.store.obstacles.obstacle_rows import Obstacle
from catalog.store.ownership.uploads import UploadedPicture, uploaded_logo
from catalog.store.ownership.verifications import ShownVerification
from catalog.store.submissions.maintainer_replies import MaintainerReply
from catalog.validation import STAYS_HERE

# Of the shape of a body: a higher one makes all of them be built again (docs/decisions/048-public-records.md).
VERSION = 13
NO_USE_COUNTS = UseCounts(0, 0, 0, 0, 0)
NAMES_ON_CARD = 3


@dataclass(frozen=True)
class PublicProject:
    """A project. One whose makers asked not to be listed has its name, address and licenses, and `opted_out`."""

    id: UUID
    record: Project  # as stated, but what names others is in the lines below, and `runs.hosted` names who is shown
    added_at: datetime
    changed_at: datetime
    change: int = 0
    # What is shown of each field, by its key in what `choose_facts` returns; `others` of NEEDED_OTHERS alone.
    chosen: Mapping[str, ChosenFact] = field(default_factory=dict)
    adoptions: tuple[AdoptionLine, ...] = ()  # the first few of each sort: `uses` counts all
    uses: UseCounts = NO_USE_COUNTS
    tallies: Annotated[UseTallies, STAYS_HERE] = field(default_factory=UseTallies)  # over uses of all sorts
    maintenance: tuple[MaintenanceLine, ...] = ()
    relations: tuple[RelationLine, ...] = ()
    hosts: tuple[OrganizationCard, ...] = ()  # of record.runs.hosted
    mirror: Mirror | None = None
    looked_at: datetime | None = None  # the week in which its mirror saw the origin last
    opted_out: OptOut | None = None
    origin: RecordOrigin = OURS
    verifications: tuple[ShownVerification, ...] = ()  # also those that were lost long ago
    answers: Mapping[str, MaintainerReply] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    experiences: tuple[Experience, ...] = ()
    obstacles: Annotated[tuple[Obstacle, ...], STAYS_HERE] = ()
    calls: Annotated[tuple[CallLine, ...], STAYS_HERE] = ()
    askable: Annotated[tuple[OrganizationCard, ...], STAYS_HERE] = ()
    takes_messages: Annotated[bool, STAYS_HERE] = False  # a message to its maintainers reaches somebody
    uploads: Annotated[tuple[UploadedPicture, ...], STAYS_HERE] = ()
    beyond: Annotated[str, STAYS_HERE] = ""

    @property
    def slug(self) -> str:
        return self.record.slug

    @property
    def name(self) -> str:
        return self.record.name

    def facts_of(self, field: str) -> tuple[Fact, ...]:
        """What is stated of a field of NEEDED_OTHERS, the fact that is shown first."""
        choice = self.chosen.get(field)
        return (choice.fact, *choice.others) if choice else ()

    @property
    def logo(self) -> Logo | None:
        """What its maintainers uploaded, else what was drawn of its repository."""
        return uploaded_logo(self.uploads) or (self.mirror.logo if self.mirror else None)

    @property
    def observation(self) -> Mapping[str, Any] | None:
        """What its mirror's last reading told."""
        return self.mirror.observation if self.mirror else None

    @property
    def activity(self) -> Activity:
        """By the dates of editors, other catalogues and our mirror."""
        others = [fact for fact in self.facts_of("last_change") if fact.origin.startswith(PEER)]
        months = [{**fact.value, **place} for fact in others for place in fact.source.get("evidence", ({},))[:1]]
        last_commit_at = self.mirror.last_commit_at if self.mirror else None
        return activity_of(self.record.status, self.record.last_change, last_commit_at, self.looked_at, months)

    def languages(self, least: int = USABLE_PERCENT) -> tuple[str, ...]:
        """Tags of the languages of its screens that are translated to `least` percent."""
        choice = self.chosen.get("languages")
        return usable_languages(choice.value, least) if choice and not self.uncounted_languages else ()

    @property
    def uncounted_languages(self) -> tuple[str, ...]:
        """Those for which its code has folders, where nobody counted how much of them is translated."""
        choice = self.chosen.get("languages")
        is_read = choice is not None and choice.fact.origin == OBSERVED
        return usable_languages(choice.value) if choice and is_read and not is_counted(choice.value) else ()

    @property
    def license_declared(self) -> str | None:
        """As somebody declared it, else as its package files name it."""
        declared = str(self.chosen[LICENSE].value) if LICENSE in self.chosen else self.record.license
        packaged = None if declared else packaged_license(self.observation)
        return str(packaged["value"]) if packaged else declared

    @property
    def license_detected(self) -> list[str]:
        """What its files show, one expression where it is certain."""
        return [str(line["value"]) for line in license_findings(self.observation)]

    @property
    def license_answer(self) -> LicenseAnswer:
        return license_answer(self.license_declared, self.license_detected, self.record.context_only)

    def today_at(self, now: datetime) -> ProjectToday:
        languages = self.languages()
        return ProjectToday(
            state=self.activity.state(now),
            activity=self.activity,
            license=self.license_answer,
            license_declared=self.license_declared,
            license_detected=tuple(self.license_detected),
            languages=languages,
            partly=tuple(tag for tag in self.languages(least=1) if tag not in languages),
            uncounted=self.uncounted_languages,
        )


@dataclass(frozen=True)
class PublicOrganization:
    """An organization. `maintains` counts free software alone, as its card does."""

    id: UUID
    record: Organization
    added_at: datetime
    changed_at: datetime
    change: int = 0
    adoptions: tuple[AdoptionLine, ...] = ()  # the first few of each sort: `uses` counts all
    uses: UseCounts = NO_USE_COUNTS
    maintenance: tuple[MaintenanceLine, ...] = ()  # the first few: roles that make a project before those that help
    maintained: int = 0  # all of them
    maintains: int = 0  # of free software
    hosting: tuple[NamedProject, ...] = ()  # that it hosts for others, the first few
    hosted: int = 0
    provided: tuple[AdoptionLine, ...] = ()  # present uses of others that name it as host or helper, the first few
    provided_in_all: int = 0
    provided_before: int = 0  # uses of others that ended and named it as host or helper
    not_free: tuple[AdoptionLine, ...] = ()  # of software that is not free, the first few; in no number of `uses`
    lines: int = 0  # of all uses, with those of software that is not free
    origin: RecordOrigin = OURS
    told_by: tuple[OtherCatalogue, ...] = ()  # all catalogues that tell of it, by when they were added
    verifications: tuple[ShownVerification, ...] = ()  # also those that were lost long ago
    calls: Annotated[tuple[CallLine, ...], STAYS_HERE] = ()
    askable: Annotated[tuple[tuple[str, str], ...], STAYS_HERE] = ()  # slug and name of the projects
    uploads: Annotated[tuple[UploadedPicture, ...], STAYS_HERE] = ()
    beyond: Annotated[str, STAYS_HERE] = ""
    curated: bool = True  # a document states it; else it was declared here, or other catalogues told of it

    @property
    def slug(self) -> str:
        return self.record.slug

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def has_more(self) -> bool:
        """Whether there are uses that are in none of the lists above."""
        return self.lines > len(self.adoptions) + len(self.not_free)

    @property
    def card(self) -> OrganizationCard:
        record = self.record
        uses = UseNumbers(self.uses.confirmed, self.uses.declared, self.uses.found)
        numbers = (uses if uses.total else NO_USES, self.maintains)
        identity = (self.id, record.slug, record.name, record.kind, record.country)
        programs = _first_names(line.project_name for line in self.adoptions if line.sort != PAST)
        contributions = _first_names(line.project_name for line in self.maintenance)
        return OrganizationCard(*identity, *numbers, uploaded_logo(self.uploads), programs, contributions)


PublicRecord = PublicProject | PublicOrganization


def _first_names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:NAMES_ON_CARD]


@dataclass(frozen=True)
class BuiltRecord:
    """A record as it was built: `projects` are the ids of those that it names, by slug; `mentions`, kind and id, the
    records that it names, or names on pages of its own."""

    record: PublicRecord
    projects: Mapping[str, UUID]
    mentions: frozenset[tuple[str, UUID]]


# Fields of which pages read the facts of other origins too: which guides files hold, which versions they name, when it
# changed last, what else is to be known before somebody chooses it.
NEEDED_OTHERS: Any = frozenset({"policies", "releases", "last_change", "cautions"})
