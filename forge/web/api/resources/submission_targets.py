"""Finds the project, organization, call or decision that the body of a submission names, as the forms find them. What
is not found is told beside its field, and never whether there is something that is not public.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from starlette.requests import Request

from catalog.errors import CatalogError, Moved, NotFound
from catalog.record_kind import PROJECT
from catalog.rules.call import OF_PROJECT
from catalog.rules.person import Person
from catalog.rules.submission import (
    ADOPT,
    ASK,
    CALL,
    CLAIM,
    CORRECT,
    HELP,
    REPORT,
    SUPPORT,
    WITHDRAW,
    normalized_reference,
)
from catalog.submissions.base.organization_field import GONE_ORGANIZATION, NO_ORGANIZATION
from catalog.submissions.kinds.call import NO_PROJECT
from catalog.submissions.kinds.call_support import NO_CALL
from catalog.submissions.kinds.question import NOT_ASKABLE
from catalog.submissions.kinds.withdrawal import GONE as USE_GONE

ONE_OF_BOTH = "Name either a project or an organization"
NOT_YOURS = "Only who speaks for this organization may name it here"
ALIKE = "An organization like this is here already. Choose it, or say that yours is another one"


@dataclass
class SubmissionTarget:
    """What was found. `answers`: what the body's names are in the answers; `wrong`: sentences by field."""

    project_id: UUID | None = None
    organization_id: UUID | None = None
    subject: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


def find_target(request: Request, kind: str, body: Mapping[str, Any], someone: Person) -> SubmissionTarget:
    target = SubmissionTarget()
    if "project" in body:
        _find_project(request, kind, body["project"], target)
    if kind == SUPPORT or (kind == ASK and "call" in body):
        _find_call(request, kind, body["call"], target)
    if "organization" in body:
        _find_organization(request, kind, body["organization"], someone, target)
    if "new_organization" in body:
        _check_new_organization(request, body, target)
    if kind in (CORRECT, CLAIM) and ("project" in body) == ("organization" in body):
        target.wrong.setdefault("project", ONE_OF_BOTH)
    if kind == CALL and body["call"] not in OF_PROJECT:
        target.project_id = None
    if kind == CALL and body["call"] in OF_PROJECT and "project" not in body:
        target.wrong["project"] = NO_PROJECT
    if kind == REPORT and body["about"] == "page":
        target.project_id = None
    if kind == WITHDRAW and "organization" in body:
        _check_visible(request, target, someone)
    return target


def _find_project(request: Request, kind: str, slug: str, target: SubmissionTarget) -> None:
    store = request.app.state.store
    try:
        if kind == CLAIM:
            target.project_id = store.verifications.verifiable_record(PROJECT, slug).id
        else:
            target.project_id = store.record_pages.project_id(slug)
    except Moved as moved:
        target.wrong["project"] = f"It is now {moved.to}"
    except CatalogError as error:
        target.wrong["project"] = str(error)


def _find_organization(request: Request, kind: str, slug: str, someone: Person, target: SubmissionTarget) -> None:
    """Find an organization, also one that only those see who represent it. Of a call, only theirs."""
    store = request.app.state.store
    own = {
        organization.slug: organization
        for organization in store.organizations.spoken_for(someone.represented_organizations)
    }
    if kind == CALL and slug not in own:
        target.wrong["organization"] = NOT_YOURS
        return
    try:
        organization = own.get(slug) or store.organizations.by_slug(slug)
    except NotFound:
        target.wrong["organization"] = GONE_ORGANIZATION
        return
    if kind in (ADOPT, HELP):
        target.answers["organization"] = str(organization.id)
    elif kind == ASK and target.project_id is not None:
        askable_lines = store.questions.askable(target.project_id, limit=1_000)
        if organization.id not in {askable.organization.id for askable in askable_lines}:
            target.wrong["organization"] = NOT_ASKABLE
    if kind not in (ADOPT, HELP):
        target.organization_id = organization.id


def _check_new_organization(request: Request, body: Mapping[str, Any], target: SubmissionTarget) -> None:
    """Check an organization that is not here yet: it must not resemble another, unless somebody says that it is not
    that one.
    """
    new = body["new_organization"]
    if "organization" in body:
        target.wrong["organization"] = NO_ORGANIZATION
    alike = request.app.state.store.organizations.perhaps(new["name"], new.get("homepage", ""))
    if alike and not new.get("other"):
        target.wrong["new_organization"] = f"{ALIKE}: {', '.join(organization.slug for organization in alike)}"


def _find_call(request: Request, kind: str, given: str, target: SubmissionTarget) -> None:
    """Find reference and project of an open call, or of the one that it was joined to."""
    try:
        line = request.app.state.store.calls.page(normalized_reference(given)).line
    except NotFound:
        target.wrong["call"] = NO_CALL
        return
    target.answers["call"] = line.call.reference
    target.project_id = line.call.project_id


def _check_visible(request: Request, target: SubmissionTarget, someone: Person) -> None:
    """Check that a use is public, or its organization represented by the sender: nobody else learns here that there
    is one.
    """
    if (
        target.project_id is None
        or target.organization_id is None
        or target.organization_id in someone.represented_organizations
    ):
        return
    adoption = request.app.state.store.restricted_adoptions.adoption_of(target.project_id, target.organization_id)
    if adoption is None or adoption.visibility != "public":
        target.wrong["organization"] = USE_GONE
