"""Types of a project's page in the API, and of what lists of its adoptions have besides."""

from typing import Any

from typing_extensions import TypedDict

from catalog.document import keys
from forge.web.api.resources.record_types import Counts, Link, MirrorRecord, Provenance, TakenOverFields
from forge.web.api.types import Id, Time, Uri, members_of, members_of_noun, record


class Unlisted(TypedDict):
    at: Time
    reason: str | None


class DetectedLicense(TypedDict):
    license: str
    file: str
    commit: str | None


class Licenses(TypedDict):
    declared: str | None
    detected: list[DetectedLicense]
    free: bool | None
    agrees: bool | None
    doubts: list[str]


class MaintenanceLine(TypedDict):
    organization: Link | None
    person: str | None
    role: str
    origin: str


class RelationLine(TypedDict):
    type: str
    stated_by: str
    project: Link


class ProjectHead(TypedDict):
    id: Id
    slug: str
    url: Uri
    page: Uri
    unlisted: Unlisted | None
    licenses: Licenses
    context_only: bool


class ProjectUse(Provenance):
    """What is told of a project that is listed, beside what the document has of it."""

    uses: Counts
    maintenance: list[MaintenanceLine]
    relations: list[RelationLine]
    added_at: Time
    changed_at: Time
    mirror: MirrorRecord | None
    lent: TakenOverFields


class StopReason(TypedDict):
    reason: str
    organizations: int


def project_type(*without: str) -> Any:
    """All that the page of a project may hold, but for these keys of the document."""
    members = members_of(ProjectHead) | members_of(ProjectUse) | members_of_noun(keys.PROJECT, *without)
    return record("Project", members)
