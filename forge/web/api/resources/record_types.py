"""Types of the records that several resources of the API give: links, cards, adoptions, mirrors, calls, and the origin
of each. `records` makes them.
"""

from typing import Annotated

from typing_extensions import TypedDict

from catalog.document import keys
from catalog.rules.call import STATES as CALL_STATES
from catalog.store.core.visibility import CONFIRMED, DECLARED_SORT, FOUND_ONLY, PAST
from catalog.validation import OneOf, SchemaNote
from forge.export.json_records import FactOfRecord
from forge.web.api.types import Country, Id, TextByLanguage, Time, Uri, members_of, members_of_noun, record

ADOPTION_SORTS = {CONFIRMED: "confirmed", DECLARED_SORT: "declared", FOUND_ONLY: "found", PAST: "past"}


class Link(TypedDict):
    slug: str
    name: str
    url: Uri


class OrganizationLink(TypedDict):
    id: Id
    slug: str
    name: str
    url: Uri
    kind: str | None
    country: Country | None


class Counts(TypedDict):
    confirmed: int
    declared: int
    found: int
    past: int
    countries: int
    unnamed_at_least: int | None


class RecordIdentity(TypedDict):
    id: Id
    slug: str
    name: str


class RecordFacts(RecordIdentity):
    facts: list[FactOfRecord]


class RecordSource(TypedDict):
    kind: Annotated[str, OneOf(("catalog", "list"))]
    host: str | None
    name: TextByLanguage
    page: Uri | None
    updated_at: Time
    license: str
    texts_license: str | None


class DataLicenses(TypedDict):
    facts: str
    texts: str | None


class Provenance(TypedDict):
    home: Annotated[
        RecordSource | None, SchemaNote("The catalogue whose record this is, or the imported list; null: this one's.")
    ]
    told_by: Annotated[list[RecordSource], SchemaNote("Others that tell of the same, each under its own license.")]
    data_license: Annotated[
        DataLicenses, SchemaNote("SPDX: under which licenses what is told here stands, those of its home.")
    ]


class TakenOverField(TypedDict):
    field: str
    origin: str
    license: str | None


TakenOverFields = Annotated[
    list[TakenOverField],
    SchemaNote("The fields whose value here is the word of another catalogue or list, and under which license."),
]


class Runs(TypedDict):
    online: bool
    hosted: bool
    self_hosted: str | None


class CardUses(TypedDict):
    confirmed: int
    declared: int
    found: int
    countries: int


class ProjectCard(TypedDict):
    id: Id
    slug: str
    name: str
    url: Uri
    summary: TextByLanguage
    domains: list[str]
    made_for: list[str]
    languages: list[str]
    license: Annotated[str | None, SchemaNote("As declared, else as its files show.")]
    context_only: bool
    runs: Runs
    uses: Annotated[
        CardUses | None,
        SchemaNote("By who says so; countries: of those that confirmed. null: not free software, counted nowhere."),
    ]
    free: Annotated[bool | None, SchemaNote("null: not known, or its files contradict what is declared.")]
    alive: Annotated[str | None, SchemaNote("Is it maintained, a term of vitality; null: nobody looked lately.")]
    mirror_state: str | None
    last_change_at: Time | None
    added_at: Time
    changed_at: Time


class ProjectListEntry(ProjectCard, Provenance):
    pass


class UsesBySayer(TypedDict):
    """Present uses of free software, by origin."""

    confirmed: int
    declared: int
    found: int


class OrganizationListEntry(OrganizationLink, Provenance):
    uses: UsesBySayer
    maintains: int


ADOPTION_MEMBERS = members_of_noun(keys.ADOPTION, "organization", "provider", "visibility")
ADOPTION = record(
    "Adoption",
    {
        "project": Link,
        "organization": OrganizationLink,
        "provider": Link | None,
        "standing": Annotated[str, OneOf(tuple(ADOPTION_SORTS.values()))],
        "confirmed_at": Time | None,
        "origin": str,
        **ADOPTION_MEMBERS,
        **members_of(Provenance),
    },
)


class MirrorRecord(TypedDict):
    state: str
    reason: str | None
    repository: str
    canonical_url: str | None
    head: str | None
    branch: str | None
    size_bytes: int | None
    free: bool | None
    served: bool
    clone_url: Uri | None
    first_mirrored_at: Time | None
    last_visit_at: Time | None
    last_success_at: Time | None
    last_change_at: Time | None
    last_commit_at: Time | None


class CallRecord(TypedDict):
    reference: str
    url: Uri
    kind: str
    state: Annotated[str, OneOf(CALL_STATES)]
    title: str
    language: str
    country: str | None
    project: Link | None
    organization: Link | None
    opened_at: Time
    ends_at: Time
    ended_at: Time | None
    asked: dict[str, str | list[str]]
