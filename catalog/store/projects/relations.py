"""Rows made from what a project's record states about others: maintenance, adoptions, hosts, relations and terms.

They are rebuilt from the record; rows of another origin are left alone. `projects.project_rows` writes the record.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, select

from catalog.document import as_record, from_record
from catalog.model import Maintenance, Project
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.country_rule import RULES, supported_rules
from catalog.rules.fact import CURATED, DECLARED
from catalog.rules.submission import CONFIRMING, HELP, help_id
from catalog.rules.today import last_sign
from catalog.store.core.engine import batches, is_among
from catalog.store.core.mentions import organizations_called
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.visibility import PUBLIC
from catalog.tables.adoptions import adoption
from catalog.tables.core import hosting, maintenance, organization, project, project_term, relation
from catalog.tables.moderation import merged_record
from catalog.tables.submissions import tombstone

Mention = tuple[str, str]  # kind, slug


@dataclass(frozen=True)
class IdsBySlug:
    """The record that each slug means."""

    organizations: Mapping[str, UUID]
    projects: Mapping[str, UUID]

    def differing(self, before: "IdsBySlug") -> set[Mention]:
        """The slugs that mean a different record than before."""
        pairs = (
            ("organization", self.organizations, before.organizations),
            ("project", self.projects, before.projects),
        )
        return {(kind, slug) for kind, now, then in pairs for slug, key in now.items() if then.get(slug) != key}


def mentions(record: Project) -> set[Mention]:
    """The records that a project's record names."""
    organizations = [line.organization for line in record.maintenance]
    organizations += [slug for line in record.adoptions for slug in (line.organization, line.provider)]
    organizations += record.runs.hosted if record.runs else ()
    names = {("organization", slug) for slug in organizations if slug}
    return names | {("project", line.project) for line in record.relations}


@contextmanager
def touching_linked(connection: Connection, projects: Iterable[UUID], change: PublicChange) -> Iterator[None]:
    """In the caller's transaction, while rows of these projects are written: the organizations and the other projects
    whose pages tell of them otherwise than before have changed."""
    keys = set(projects)
    lines, related = _public_lines(connection, keys), _related(connection, keys)
    yield
    change.touch(ORGANIZATION, *_differing(lines, _public_lines(connection, keys)))
    change.touch(PROJECT, *_differing(related, _related(connection, keys)))


_Lines = dict[UUID, set[tuple[UUID, str]]]  # by record that shows them: of which project, and the line


def _differing(before: _Lines, after: _Lines) -> set[UUID]:
    """The records that show lines that came, went or changed."""
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _related(connection: Connection, projects: Iterable[UUID]) -> _Lines:
    """The relations that rows of these projects state, at both ends."""
    lines: _Lines = {}
    for batch in batches(projects):
        query = select(relation.c.project_id, relation.c.type, relation.c.target_id)
        for row in connection.execute(query.where(is_among(connection, relation.c.project_id, batch))):
            for key in (row.project_id, row.target_id):
                lines.setdefault(key, set()).add((row.project_id, f"{row.type} {row.target_id}"))
    return lines


def _public_lines(connection: Connection, projects: Iterable[UUID]) -> _Lines:
    """The lines of organizations' pages that rows of these projects give: what they use, maintain and host, and
    where they are named as helpers."""
    lines_by_project: _Lines = {}
    helped: dict[str, set[tuple[UUID, str]]] = {}
    for batch in batches(projects):
        uses = select(adoption.c.project_id, adoption.c.organization_id, adoption.c.record, adoption.c.confirmed)
        this = is_among(connection, adoption.c.project_id, batch)
        for key, organization_id, record, confirmed in connection.execute(uses.where(this, PUBLIC)):
            lines_by_project.setdefault(organization_id, set()).add((key, json.dumps([record, confirmed])))
            if provider := record.get("provider"):
                helped.setdefault(provider, set()).add((key, json.dumps([record, str(organization_id)])))
        care = select(maintenance.c.project_id, maintenance.c.organization_id, maintenance.c.record)
        this = is_among(connection, maintenance.c.project_id, batch)
        for key, organization_id, record in connection.execute(
            care.where(this, maintenance.c.organization_id.is_not(None))
        ):
            lines_by_project.setdefault(organization_id, set()).add((key, json.dumps(record)))
        hosts = select(hosting.c.project_id, hosting.c.organization_id)
        this = is_among(connection, hosting.c.project_id, batch)
        for key, organization_id in connection.execute(hosts.where(this)):
            lines_by_project.setdefault(organization_id, set()).add((key, "hosts"))
    for slug, lines in helped.items():
        for organization_id in organizations_called(connection, [slug]):
            lines_by_project.setdefault(organization_id, set()).update(lines)
    return lines_by_project


def rebuild_terms(connection: Connection, projects: Mapping[UUID, Project]) -> None:
    """Rebuild the terms of these projects from the records that their pages show."""
    for batch in batches(projects):
        connection.execute(delete(project_term).where(is_among(connection, project_term.c.project_id, batch)))
        values = [row for key in batch for row in _term_rows(key, projects[key])]
        if values:
            connection.execute(project_term.insert(), values)


def hosts_and_relations(record: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """The hosts and the relations that a project's record states."""
    document = record or {}
    return (document.get("runs") or {}).get("hosted") or [], document.get("relations") or []


def rebuild_links(connection: Connection, projects: Mapping[UUID, Project], ids: IdsBySlug) -> None:
    """Rebuild the hosts and relations of these projects from the records that their pages show."""
    for batch in batches(projects):
        for table in (hosting, relation):
            connection.execute(delete(table).where(is_among(connection, table.c.project_id, batch)))
        hosts = [row for key in batch for row in _hosting_rows(key, projects[key], ids)]
        related = [row for key in batch for row in _relation_rows(key, projects[key], ids)]
        for table, rows in ((hosting, hosts), (relation, related)):
            if rows:
                connection.execute(table.insert(), rows)


def rebuild_rows(connection: Connection, projects: Mapping[UUID, Project], keys: set[UUID], ids: IdsBySlug) -> None:
    """Rebuild the rows of these projects."""
    delete_rows(connection, keys)
    for batch in batches(keys):
        also = _merged_records(connection, batch, ids)
        every = [*batch, *(merged_id for lines in also.values() for merged_id, _ in lines)]
        silent, settled_help = _silent_adoptions(connection, every), _settled_help(connection, every)
        tables = (maintenance, adoption, hosting, relation, project_term)
        rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in tables}
        for key in batch:
            record = projects[key]
            rows[maintenance] += _maintenance_rows(key, record, ids, settled_help)
            uses = _adoption_rows(key, record, ids, silent)
            for merged_id, its_record in also.get(key, ()):
                rows[maintenance] += _maintenance_rows(key, its_record, ids, settled_help, merged_id)
                uses += _adoption_rows(key, its_record, ids, silent, said_of=merged_id)
            rows[adoption] += _let_first_stand(uses)
            rows[hosting] += _hosting_rows(key, record, ids)
            rows[relation] += _relation_rows(key, record, ids)
            rows[project_term] += _term_rows(key, record)
        for table, values in rows.items():
            if values:
                connection.execute(table.insert(), values)


def delete_rows(connection: Connection, keys: Iterable[UUID]) -> None:
    """Delete the rows that the records of these projects stated."""
    for batch in batches(keys):
        for table in (maintenance, adoption):
            connection.execute(
                delete(table).where(is_among(connection, table.c.project_id, batch), table.c.origin == CURATED)
            )
        for table in (hosting, relation, project_term):
            connection.execute(delete(table).where(is_among(connection, table.c.project_id, batch)))


def _settled_help(connection: Connection, projects: Sequence[UUID]) -> set[UUID]:
    """The identities of maintenance that the document's record is not needed for: it was declared here with the same
    role, or withdrawn here."""
    gone = select(tombstone.c.record_id).where(
        tombstone.c.kind == HELP, is_among(connection, tombstone.c.project_id, projects)
    )
    query = select(maintenance.c.project_id, maintenance.c.organization_id, maintenance.c.role).where(
        is_among(connection, maintenance.c.project_id, projects),
        maintenance.c.origin == DECLARED,
        maintenance.c.organization_id.is_not(None),
    )
    return {*connection.execute(gone).scalars(), *(help_id(*row) for row in connection.execute(query))}


def _maintenance_rows(
    key: UUID, record: Project, ids: IdsBySlug, settled_help: set[UUID], said_of: UUID | None = None
) -> list[dict[str, Any]]:
    """`said_of`: the merged project whose record states it."""

    def may_stand(line: Maintenance) -> bool:
        if not line.organization:
            return True
        organization_id = ids.organizations[line.organization]
        return settled_help.isdisjoint(
            {help_id(project_id, organization_id, line.role) for project_id in (key, said_of or key)}
        )

    return [
        {
            "project_id": key,
            "organization_id": ids.organizations[line.organization] if line.organization else None,
            "person": line.person,
            "role": line.role,
            "origin": CURATED,
            "position": position,
            "record": as_record(line),
        }
        for position, line in enumerate(record.maintenance)
        if may_stand(line)
    ]


@dataclass(frozen=True)
class _SilentAdoptions:
    """Curated adoptions that must not be shown: the organization declared its own, or asked that none be shown."""

    pairs: frozenset[tuple[UUID, UUID]]  # project, organization
    organizations: frozenset[UUID]

    def lets(self, project_id: UUID, said_of: UUID, organization_id: UUID) -> bool:
        """Whether an adoption may be shown; `said_of`: the project whose record states it, where it was merged into
        another."""
        pairs = {(project_id, organization_id), (said_of, organization_id)}
        return pairs.isdisjoint(self.pairs) and organization_id not in self.organizations


def _silent_adoptions(connection: Connection, projects: Sequence[UUID]) -> _SilentAdoptions:
    own = select(adoption.c.project_id, adoption.c.organization_id).where(
        is_among(connection, adoption.c.project_id, projects), adoption.c.origin == DECLARED
    )
    gone = select(tombstone.c.project_id, tombstone.c.organization_id).where(
        tombstone.c.kind == "adoption", is_among(connection, tombstone.c.project_id, projects)
    )
    pairs = {(row[0], row[1]) for query in (own, gone) for row in connection.execute(query)}
    hidden = select(organization.c.id).where(organization.c.hidden.is_not(None))
    return _SilentAdoptions(frozenset(pairs), frozenset(connection.execute(hidden).scalars()))


def _merged_records(
    connection: Connection, projects: Sequence[UUID], ids: IdsBySlug
) -> dict[UUID, list[tuple[UUID, Project]]]:
    """The document's records of projects that were merged into these, without lines of unknown organizations."""
    query = (
        select(merged_record.c.into_id, project.c.id, project.c.record, project.c.document)
        .join(project, project.c.id == merged_record.c.record_id)
        .where(
            merged_record.c.kind == "project",
            is_among(connection, merged_record.c.into_id, projects),
            project.c.curated,
        )
    )
    records: dict[UUID, list[tuple[UUID, Project]]] = {}
    for row in connection.execute(query.order_by(merged_record.c.number)):
        record = from_record(Project, row.document or row.record)
        kinds = (None, *ids.organizations)
        maintained_by = tuple(line for line in record.maintenance if line.organization in kinds)
        uses = tuple(line for line in record.adoptions if line.organization in ids.organizations)
        records.setdefault(row.into_id, []).append((row.id, replace(record, maintenance=maintained_by, adoptions=uses)))
    return records


def _let_first_stand(uses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where merged records state adoptions by the same organization, show those of the first record; the others are
    kept but not shown."""
    first: dict[UUID, object] = {}
    for row in uses:
        line_key = (row.pop("said_of"), row["record"]["organization"])
        row["stands"] = row["stands"] and first.setdefault(row["organization_id"], line_key) == line_key
    return uses


def _adoption_rows(
    key: UUID, record: Project, ids: IdsBySlug, silent: _SilentAdoptions, said_of: UUID | None = None
) -> list[dict[str, Any]]:
    """`said_of`: the merged project whose record states it."""
    return [
        {
            "project_id": key,
            "organization_id": ids.organizations[line.organization],
            "stage": line.stage,
            "last_sign": last_sign(as_record(line)),
            "visibility": line.visibility,
            "verification": line.verification,
            "confirmed": line.verification in CONFIRMING,
            "stands": silent.lets(key, said_of or key, ids.organizations[line.organization]),
            "origin": CURATED,
            "said_of": said_of or key,
            "position": position,
            "record": as_record(line),
        }
        for position, line in enumerate(record.adoptions)
    ]


def _hosting_rows(key: UUID, record: Project, ids: IdsBySlug) -> list[dict[str, Any]]:
    host_slugs = record.runs.hosted if record.runs else ()
    hosts = dict.fromkeys(ids.organizations[slug] for slug in host_slugs if slug in ids.organizations)
    return [{"project_id": key, "organization_id": host, "position": place} for place, host in enumerate(hosts)]


def _relation_rows(key: UUID, record: Project, ids: IdsBySlug) -> list[dict[str, Any]]:
    """Relation rows; a target that is blocked and has no row is left out."""
    rows: dict[tuple[str, UUID], dict[str, Any]] = {}
    for position, line in enumerate(record.relations):
        target = ids.projects.get(line.project)
        if target is not None and target != key:  # two that were merged are not related to each other
            row = {"project_id": key, "type": line.type, "target_id": target, "position": position}
            rows.setdefault((line.type, target), row)
    return list(rows.values())


def _term_rows(key: UUID, record: Project) -> list[dict[str, Any]]:
    terms_by_field = {
        "domain": record.domains,
        "made-for": record.made_for,
        "audience": [claim.term for claim in record.audiences],
        RULES: supported_rules(record.rules),
    }
    return [
        {"project_id": key, "vocabulary": vocabulary, "term": term, "position": position}
        for vocabulary, terms in terms_by_field.items()
        for position, term in enumerate(dict.fromkeys(terms))
    ]
