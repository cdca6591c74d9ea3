"""The records that people are verified for: where each of their methods may be used, and who may know of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from catalog.errors import NotFound, OptedOut
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.accepted_values import accepted_values
from catalog.rules.fact import OBSERVED, choose_facts
from catalog.rules.submission import PUBLISHED
from catalog.store.core.visibility import VISIBLE_OR_UNNAMED
from catalog.store.ownership.memberships import roles_of_members
from catalog.store.projects.fact_rows import stored_facts
from catalog.store.projects.slugs import missing_slug_error, open_project
from catalog.tables.core import mirror, organization, project
from catalog.tables.submissions import submission


@dataclass(frozen=True)
class VerifiedRecord:
    """The record that somebody is verified for. `repository` is None where no copy is made of it; `homepages` are the
    ones that nobody only declared: of an organization the one that the document states or a moderator accepted, of a
    project the document's, then the repository's own."""

    kind: str
    id: UUID
    slug: str
    name: str
    repository: str | None
    homepages: tuple[str, ...]


def open_subject(connection: Connection, kind: str, slug: str, gone: bool, person_id: UUID | None) -> VerifiedRecord:
    """In the caller's transaction: the record that is verified, or was if `gone`. Raises NotFound."""
    if kind == PROJECT:
        row = open_project(connection, slug, unlisted=True)
        if row.opted_out_at is not None and row.gone and not gone:
            raise OptedOut(kind, slug, row.opted_out_at, gone=True)
        record = subject(connection, kind, row.id)
        return replace(record, homepages=()) if row.opted_out_at is not None else record
    query = select(organization.c.id, organization.c.hidden)
    organization_row = connection.execute(query.where(organization.c.slug == slug, VISIBLE_OR_UNNAMED)).first()
    if organization_row is None or (
        organization_row.hidden is not None and not _may_know_of(connection, person_id, organization_row.id)
    ):
        raise missing_slug_error(connection, kind, slug)
    return subject(connection, kind, organization_row.id)


def _may_know_of(connection: Connection, person_id: UUID | None, organization_id: UUID) -> bool:
    """Whether this person is a member of an organization, or sent what a moderator accepted of it."""
    if person_id is None:
        return False
    query = select(submission.c.id).where(
        submission.c.person_id == person_id,
        submission.c.organization_id == organization_id,
        submission.c.state == PUBLISHED,
    )
    return (
        person_id in roles_of_members(connection, ORGANIZATION, organization_id)
        or connection.execute(query.limit(1)).first() is not None
    )


def subject(connection: Connection, kind: str, key: UUID) -> VerifiedRecord:
    """In the caller's transaction. Raises NotFound."""
    records = project if kind == PROJECT else organization
    row = connection.execute(select(records).where(records.c.id == key)).first()
    if row is None:
        raise NotFound(kind, str(key))
    if kind == PROJECT:
        homepage = (row.document or row.record).get("homepage") if row.curated else None
    else:
        homepage = accepted_values(row).get("homepage")
    homepages = [homepage] if homepage else []
    copied = False
    if kind == PROJECT:
        fact = choose_facts(_top(stored_facts(connection, [key], ["homepage"], OBSERVED).get(key, ()))).get("homepage")
        homepages += [str(fact.value)] if fact else []
        copied = connection.execute(select(mirror.c.project_id).where(mirror.c.project_id == key)).first() is not None
    repository = row.repository if kind == PROJECT and copied and not row.context_only else None
    return VerifiedRecord(kind, row.id, row.slug, row.name, repository, tuple(dict.fromkeys(homepages)))


def _top(facts: Sequence[Any]) -> list[Any]:
    """What files at the top of the repository state: below, they may be somebody else's."""
    return [fact for fact in facts if "/" not in str(fact.source.get("file") or "")]
