"""What a project's record states about others, as the rows that pages ask for. The record itself is `records`'.

Maintenance, adoptions, hosts, relations and terms are made anew from the record; rows of another origin are left alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, select, update

from catalog.document import as_record, from_record
from catalog.model import Maintenance, Project
from catalog.rules.fact import CURATED, DECLARED
from catalog.rules.submission import CONFIRMING, HELP, help_of
from catalog.store.core.engine import among, batches
from catalog.store.core.visibility import PUBLIC
from catalog.tables.core import (
    adoption,
    hosting,
    maintenance,
    organization,
    project,
    project_term,
    relation,
)
from catalog.tables.moderation import joined
from catalog.tables.submissions import tombstone

Mention = tuple[str, str]  # kind, slug


@dataclass(frozen=True)
class Ids:
    """Which record a slug means."""

    organizations: Mapping[str, UUID]
    projects: Mapping[str, UUID]

    def differing(self, before: "Ids") -> set[Mention]:
        """The slugs that mean another record than before."""
        pairs = (
            ("organization", self.organizations, before.organizations),
            ("project", self.projects, before.projects),
        )
        return {(kind, slug) for kind, now, then in pairs for slug, key in now.items() if then.get(slug) != key}


def mentions(one: Project, public: bool = False) -> set[Mention]:
    """The records that a project's record names; `public`: without the adoptions that are not shown."""
    adoptions = [line for line in one.adoptions if not public or line.visibility == "public"]
    organizations = [line.organization for line in one.maintenance]
    organizations += [slug for line in adoptions for slug in (line.organization, line.provider)]
    organizations += one.runs.hosted if one.runs else ()
    named = {("organization", slug) for slug in organizations if slug}
    return named | {("project", line.project) for line in one.relations}


def public_mentions(one: Project) -> set[Mention]:
    return mentions(one, public=True)


def naming(connection: Connection, organizations: Iterable[UUID]) -> set[UUID]:
    """The projects whose page names one of these organizations by a row of any origin."""
    found: set[UUID] = set()
    for batch in batches(organizations):
        uses = select(adoption.c.project_id).where(among(connection, adoption.c.organization_id, batch), PUBLIC)
        care = select(maintenance.c.project_id).where(among(connection, maintenance.c.organization_id, batch))
        found.update(connection.execute(uses).scalars(), connection.execute(care).scalars())
    return found


def touch_naming(connection: Connection, organizations: Iterable[UUID], change: Callable[[], int]) -> None:
    """The pages of projects that name these organizations changed with them."""
    for batch in batches(naming(connection, organizations)):
        connection.execute(update(project).where(among(connection, project.c.id, batch)).values(change=change()))


def renew_terms(connection: Connection, projects: Mapping[UUID, Project]) -> None:
    """Make the terms of these projects anew, from the records that their pages show."""
    for batch in batches(projects):
        connection.execute(delete(project_term).where(among(connection, project_term.c.project_id, batch)))
        values = [row for key in batch for row in _terms(key, projects[key])]
        if values:
            connection.execute(project_term.insert(), values)


def links(record: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """What a project's record says of hosts and of other projects."""
    told = record or {}
    return (told.get("runs") or {}).get("hosted") or [], told.get("relations") or []


def renew_links(connection: Connection, projects: Mapping[UUID, Project], ids: Ids) -> None:
    """Make the hosts and relations of these projects anew, from the records that their pages show."""
    for batch in batches(projects):
        for table in (hosting, relation):
            connection.execute(delete(table).where(among(connection, table.c.project_id, batch)))
        hosts = [row for key in batch for row in _hosting(key, projects[key], ids)]
        related = [row for key in batch for row in _relations(key, projects[key], ids)]
        for table, rows in ((hosting, hosts), (relation, related)):
            if rows:
                connection.execute(table.insert(), rows)


def renew(connection: Connection, projects: Mapping[UUID, Project], keys: set[UUID], ids: Ids) -> None:
    """Make the rows of these projects anew."""
    clear(connection, keys)
    for batch in batches(keys):
        also = _joined(connection, batch, ids)
        every = [*batch, *(goes for lines in also.values() for goes, _ in lines)]
        silent, told = _silent(connection, every), _told(connection, every)
        tables = (maintenance, adoption, hosting, relation, project_term)
        rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in tables}
        for key in batch:
            one = projects[key]
            rows[maintenance] += _maintenance(key, one, ids, told)
            uses = _adoptions(key, one, ids, silent)
            for goes, other in also.get(key, ()):
                rows[maintenance] += _maintenance(key, other, ids, told, goes)
                uses += _adoptions(key, other, ids, silent, said_of=goes)
            rows[adoption] += _once(uses)
            rows[hosting] += _hosting(key, one, ids)
            rows[relation] += _relations(key, one, ids)
            rows[project_term] += _terms(key, one)
        for table, values in rows.items():
            if values:
                connection.execute(table.insert(), values)


def clear(connection: Connection, keys: Iterable[UUID]) -> None:
    """Forget what the records of these projects stated."""
    for batch in batches(keys):
        for table in (maintenance, adoption):
            connection.execute(
                delete(table).where(among(connection, table.c.project_id, batch), table.c.origin == CURATED)
            )
        for table in (hosting, relation, project_term):
            connection.execute(delete(table).where(among(connection, table.c.project_id, batch)))


def _told(connection: Connection, projects: Sequence[UUID]) -> set[UUID]:
    """Who helps that the document need not tell: it was declared here just so, or taken away here."""
    gone = select(tombstone.c.record_id).where(
        tombstone.c.kind == HELP, among(connection, tombstone.c.project_id, projects)
    )
    said = select(maintenance.c.project_id, maintenance.c.organization_id, maintenance.c.role).where(
        among(connection, maintenance.c.project_id, projects),
        maintenance.c.origin == DECLARED,
        maintenance.c.organization_id.is_not(None),
    )
    return {*connection.execute(gone).scalars(), *(help_of(*row) for row in connection.execute(said))}


def _maintenance(
    key: UUID, one: Project, ids: Ids, told: set[UUID], said_of: UUID | None = None
) -> list[dict[str, Any]]:
    """`said_of`: the joined project whose record says it."""

    def lets(line: Maintenance) -> bool:
        if not line.organization:
            return True
        here = ids.organizations[line.organization]
        return told.isdisjoint({help_of(project_id, here, line.role) for project_id in (key, said_of or key)})

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
        for position, line in enumerate(one.maintenance)
        if lets(line)
    ]


@dataclass(frozen=True)
class _Silent:
    """What curated adoptions must not say: the organization speaks for itself, or asked for silence."""

    pairs: frozenset[tuple[UUID, UUID]]  # project, organization
    organizations: frozenset[UUID]

    def lets(self, project_id: UUID, said_of: UUID, organization_id: UUID) -> bool:
        """Whether a line may stand; `said_of`: the project whose record says it, where it was joined with another."""
        pairs = {(project_id, organization_id), (said_of, organization_id)}
        return pairs.isdisjoint(self.pairs) and organization_id not in self.organizations


def _silent(connection: Connection, projects: Sequence[UUID]) -> _Silent:
    own = select(adoption.c.project_id, adoption.c.organization_id).where(
        among(connection, adoption.c.project_id, projects), adoption.c.origin == DECLARED
    )
    gone = select(tombstone.c.project_id, tombstone.c.organization_id).where(
        tombstone.c.kind == "adoption", among(connection, tombstone.c.project_id, projects)
    )
    pairs = {(row[0], row[1]) for wanted in (own, gone) for row in connection.execute(wanted)}
    hidden = select(organization.c.id).where(organization.c.hidden.is_not(None))
    return _Silent(frozenset(pairs), frozenset(connection.execute(hidden).scalars()))


def _joined(connection: Connection, projects: Sequence[UUID], ids: Ids) -> dict[UUID, list[tuple[UUID, Project]]]:
    """What the document says of projects that were joined into these, as far as it is known whom it names."""
    wanted = (
        select(joined.c.into_id, project.c.id, project.c.record, project.c.document)
        .join(project, project.c.id == joined.c.record_id)
        .where(joined.c.kind == "project", among(connection, joined.c.into_id, projects), project.c.curated)
    )
    found: dict[UUID, list[tuple[UUID, Project]]] = {}
    for row in connection.execute(wanted.order_by(joined.c.number)):
        one = from_record(Project, row.document or row.record)
        known = (None, *ids.organizations)
        keepers = tuple(line for line in one.maintenance if line.organization in known)
        uses = tuple(line for line in one.adoptions if line.organization in ids.organizations)
        found.setdefault(row.into_id, []).append((row.id, replace(one, maintenance=keepers, adoptions=uses)))
    return found


def _once(uses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of what two joined records say of the same pair, the first stands; the other is kept and not told."""
    first: dict[UUID, object] = {}
    for row in uses:
        said = (row.pop("said_of"), row["record"]["organization"])
        row["stands"] = row["stands"] and first.setdefault(row["organization_id"], said) == said
    return uses


def _adoptions(key: UUID, one: Project, ids: Ids, silent: _Silent, said_of: UUID | None = None) -> list[dict[str, Any]]:
    """`said_of`: the joined project whose record says it."""
    return [
        {
            "project_id": key,
            "organization_id": ids.organizations[line.organization],
            "stage": line.stage,
            "visibility": line.visibility,
            "verification": line.verification,
            "confirmed": line.verification in CONFIRMING,
            "stands": silent.lets(key, said_of or key, ids.organizations[line.organization]),
            "origin": CURATED,
            "said_of": said_of or key,
            "position": position,
            "record": as_record(line),
        }
        for position, line in enumerate(one.adoptions)
    ]


def _hosting(key: UUID, one: Project, ids: Ids) -> list[dict[str, Any]]:
    named = one.runs.hosted if one.runs else ()
    hosts = dict.fromkeys(ids.organizations[slug] for slug in named if slug in ids.organizations)
    return [{"project_id": key, "organization_id": host, "position": place} for place, host in enumerate(hosts)]


def _relations(key: UUID, one: Project, ids: Ids) -> list[dict[str, Any]]:
    """A target that is blocked and has no row is left out."""
    rows: dict[tuple[str, UUID], dict[str, Any]] = {}
    for position, line in enumerate(one.relations):
        target = ids.projects.get(line.project)
        if target is not None and target != key:  # two that were joined are not related to each other
            row = {"project_id": key, "type": line.type, "target_id": target, "position": position}
            rows.setdefault((line.type, target), row)
    return list(rows.values())


def _terms(key: UUID, one: Project) -> list[dict[str, Any]]:
    chosen = {("domain", term) for term in one.domains}
    chosen |= {("made-for", term) for term in one.made_for}
    chosen |= {("audience", claim.term) for claim in one.audiences}
    return [{"project_id": key, "vocabulary": vocabulary, "term": term} for vocabulary, term in sorted(chosen)]
