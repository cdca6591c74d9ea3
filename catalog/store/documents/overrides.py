"""Write values that people declared of a record, and merge them with the document's values into the record that pages
show.

Declared values of a project are facts, and `catalog.rules.fact.choose_facts` chooses among all origins. For an
organization, its own submission, or a later correction that was decided, precedes the document's value. The document's
record is stored apart and applies again when a submission is withdrawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, or_, select, update

from catalog.document import as_record, from_record
from catalog.model import Organization, Project
from catalog.rules.accepted_values import accepted_value
from catalog.rules.fact import DECLARED, DESK, PEER, Statement, choose_facts
from catalog.rules.fields import FIELDS
from catalog.rules.record_values.evidence import corrected_record
from catalog.rules.record_values.feature import texts_by_language
from catalog.rules.record_values.screenshot import LOGO, SCREENSHOTS, paths_in_record
from catalog.store.adoptions import adoption_rows
from catalog.store.core.engine import BATCH, is_among
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange
from catalog.store.federation.received.facts import OF_RECORD
from catalog.store.mirrors.mirror_rows import want_mirrors
from catalog.store.observations.screenshots import want_pictures
from catalog.store.projects import fact_history, merged_slugs, relations
from catalog.store.projects.fact_rows import stored_facts, with_record_facts
from catalog.tables.core import ORGANIZATION_COLUMNS, fact, hosting, mirror, organization, project

_NOT_DECLARABLE = ("slug", "id", "former", "maintenance", "adoptions", "last_change", "sources", "notes")
# The keys of a document's record that people may declare.
OF_PROJECT = tuple(
    model_field.name
    for model_field in fields(Project)
    if model_field.name in FIELDS and model_field.name not in _NOT_DECLARABLE
)
OF_ORGANIZATION = (
    "name",
    "about",
    "kind",
    "family",
    "function",
    "country",
    "region",
    "homepage",
    "networks",
    "identifiers",
    "logo",
)


def declare_values(
    connection: Connection, project_id: UUID, statements: Mapping[str, Statement | None], *, now: datetime
) -> None:
    """In the caller's transaction: set the declared values of these fields; None withdraws a value.

    Other fields stay as declared. `rebuild_records` must follow.
    """
    facts = stored_facts(connection, [project_id], origin=DECLARED).get(project_id, [])
    rest = [
        Statement(kept_fact.field, kept_fact.value, kept_fact.source)
        for kept_fact in facts
        if kept_fact.field not in statements
    ]
    fresh = [statement for statement in statements.values() if statement is not None]
    fact_history.replace_facts(connection, DECLARED, {project_id: [*rest, *fresh]}, now=now, touch=False)


def declared_values(connection: Connection, project_id: UUID, names: Iterable[str]) -> dict[str, Any]:
    """In the caller's transaction: the declared values of these fields, for `as_statements`; None where there is
    none."""
    field_names = tuple(names)
    facts = {
        kept_fact.field: kept_fact
        for kept_fact in stored_facts(connection, [project_id], field_names, DECLARED).get(project_id, [])
    }
    return {
        name: {"value": facts[name].value, "source": dict(facts[name].source)} if name in facts else None
        for name in field_names
    }


def as_statements(before: Mapping[str, Any]) -> dict[str, Statement | None]:
    """The result of `declared_values`, as statements."""
    return {name: Statement(name, entry["value"], entry["source"]) if entry else None for name, entry in before.items()}


def rebuild_records(
    connection: Connection,
    projects: Sequence[UUID],
    *,
    change: PublicChange,
    now: datetime,
    silent_too: bool = False,
) -> None:
    """In the caller's transaction: rebuild the records of these projects from the facts that the rules of trust choose.

    Only projects of which something is, or was, declared or stated by peers are changed. Values of peers become part of
    the record only where the project is in no document, neither ours nor a peer's. `silent_too`: also projects without
    such facts.
    """
    for start in range(0, len(projects), BATCH):
        batch = projects[start : start + BATCH]
        query = select(project.c.id, project.c.repository, project.c.peer_id, *OF_RECORD)
        query = query.where(is_among(connection, project.c.id, batch))
        if not silent_too:
            condition = or_(fact.c.origin == DECLARED, and_(~project.c.curated, fact.c.origin.startswith(PEER)))
            query = query.where(select(fact.c.id).where(fact.c.project_id == project.c.id, condition).exists())
        rows = connection.execute(query).all()
        facts = stored_facts(connection, [row.id for row in rows])
        for row in rows:
            chosen = choose_facts(with_record_facts(row, facts.get(row.id, ())))
            stand = dict(row.document or row.record)
            if not row.curated and row.peer_id is None:
                # What was declared before may have been withdrawn; name and summary stay.
                stand = {
                    key: value for key, value in stand.items() if key not in OF_PROJECT or key in ("name", "summary")
                }
            values = {
                name: chosen[name].value
                for name in OF_PROJECT
                if name in chosen and _may_override(chosen[name].fact.origin, row.curated or row.peer_id is not None)
            }
            renewed = {
                name: (str(chosen[name].fact.source["urls"][0]), chosen[name].fact.first_seen_at.date().isoformat())
                for name in values
                if chosen[name].fact.origin == DECLARED and chosen[name].fact.source.get("urls")
            }
            record = as_record(_project(corrected_record(stand, values, renewed)))
            _write(connection, row, stand, _with_valid_translators(record, stand), change, now)


def _may_override(origin: str, is_curated: bool) -> bool:
    return origin == DECLARED or (not is_curated and origin.startswith(PEER))


def _with_valid_translators(record: Mapping[str, Any], stand: Mapping[str, Any]) -> dict[str, Any]:
    """The record without the translators of texts that changed since."""

    def text(texts: Mapping[str, Any], translation: Mapping[str, str]) -> Any:
        return texts_by_language(texts, translation["field"]).get(translation["language"])

    lines = [
        translation
        for translation in record.get("translated", ())
        if text(record, translation) == text(stand, translation)
    ]
    return {
        name: lines if name == "translated" else value
        for name, value in record.items()
        if name != "translated" or lines
    }


def _write(
    connection: Connection,
    row: Any,
    stand: Mapping[str, Any],
    record: Mapping[str, Any],
    change: PublicChange,
    now: datetime,
) -> None:
    change()  # before rows that others, who counted, may wait for
    connection.execute(
        update(project)
        .where(project.c.id == row.id)
        .values(
            name=record["name"],
            folded=folded(record["name"]),
            repository=record.get("repository"),
            license=record.get("license"),
            context_only=record.get("context_only", False),
            record=record,
            document=dict(stand) if (row.curated or row.peer_id) and stand != record else None,
            changed_at=now,
        )
    )
    change.touch("project", row.id)
    relations.rebuild_terms(connection, {row.id: _project(record)})
    links = relations.hosts_and_relations(stand)
    if relations.hosts_and_relations(record) != links or relations.hosts_and_relations(row.record) != links:
        _renew_links(connection, row.id, _project(record), change)
    repository = record.get("repository")
    address = connection.execute(select(mirror.c.repository).where(mirror.c.project_id == row.id)).scalar()
    if repository and repository != address and not record.get("context_only"):
        want_mirrors(connection, {row.id: (repository, 0)}, now=now)
    now_named, old_pictures = (
        (paths_in_record(values.get(SCREENSHOTS)), values.get(LOGO)) for values in (record, row.record)
    )
    if now_named != old_pictures:
        want_pictures(connection, row.id, now=now)


def _renew_links(connection: Connection, key: UUID, record: Project, change: PublicChange) -> None:
    """Rebuild hosts and relations from the record; a former host stays listed only for another reason."""
    mine = select(hosting.c.organization_id).where(hosting.c.project_id == key)
    before = set(connection.execute(mine).scalars())
    with relations.touching_linked(connection, [key], change):
        relations.rebuild_links(connection, {key: record}, merged_slugs.ids_of_mentions(connection, [record]))
    for organization_id in before ^ set(connection.execute(mine).scalars()):
        adoption_rows.update_listing(connection, organization_id, change)


def _project(record: Mapping[str, Any]) -> Project:
    """The model of a record. One that another catalogue withdrew may have no summary."""
    return from_record(Project, {"summary": {}} | dict(record))


def declare_organization_values(
    connection: Connection, organization_id: UUID, values: Mapping[str, Any], *, change: PublicChange, now: datetime
) -> dict[str, Any]:
    """In the caller's transaction: set declared values of an organization, by field: None withdraws a value, else a
    mapping with `value`, `declaration` (a reference), `own` (declared by the organization itself) and, where one was
    given, `source`.

    Returns what was declared of these fields before, in the same shape.
    """
    row = connection.execute(select(organization).where(organization.c.id == organization_id)).one()
    before = {name: row.declared.get(name) for name in values}
    declared = dict(row.declared)
    for name, entry in values.items():
        former = declared.pop(name, None)
        if entry is None:
            continue
        declared[name] = {"at": now.isoformat(timespec="seconds")} | dict(entry)
        accepted = accepted_value(former) if former else None
        if accepted is not None and entry.get("own") and not {"accepted", "accepted_value"} & entry.keys():
            # It goes on giving rights: what replaces it is the organization's own word.
            declared[name]["accepted_value"] = accepted
    stand = dict(row.document or row.record)
    _write_organization(
        connection, row, row.curated or row.peer_id is not None, stand, declared, change=change, now=now
    )
    return before


def reapply_declared_values(
    connection: Connection, before: Mapping[UUID, Mapping[str, Any]], *, change: PublicChange, now: datetime
) -> None:
    """After a load that wrote these organizations: merge what was declared into the document's records again.

    `before` are their records as the document stated them until now: where the document changed a value, an older
    correction of it that is not by the organization itself is dropped. An edit by a moderator is dropped where the
    document says the same.
    """
    keys = list(before)
    for start in range(0, len(keys), BATCH):
        query = select(organization).where(organization.c.id.in_(keys[start : start + BATCH]))
        for row in connection.execute(query).all():
            if not row.declared:
                continue
            was = before[row.id]
            declared = {
                name: entry
                for name, entry in row.declared.items()
                if _still_holds(entry, was.get(name), row.record.get(name))
            }
            _write_organization(connection, row, row.curated, dict(row.record), declared, change=change, now=now)


def _still_holds(entry: Mapping[str, Any], was: Any, statement: Any) -> bool:
    """Whether what was declared of an organization counts before what the document states now."""
    if entry.get(DESK):
        return bool(entry["value"] != statement)
    return bool(entry.get("own")) or was == statement


def _write_organization(
    connection: Connection,
    row: Any,
    is_curated: bool,
    stand: Mapping[str, Any],
    declared: Mapping[str, Any],
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    change()  # before rows that others, who counted, may wait for
    if not is_curated:  # by a document or another catalogue: then every value was declared; the name must stay
        stand = {name: value for name, value in stand.items() if name not in OF_ORGANIZATION or name == "name"}
    values = {name: entry["value"] for name, entry in declared.items() if name in OF_ORGANIZATION}
    renewed = {name: (entry["source"], entry["at"][:10]) for name, entry in declared.items() if entry.get("source")}
    record = as_record(from_record(Organization, corrected_record(stand, values, renewed)))
    connection.execute(
        update(organization)
        .where(organization.c.id == row.id)
        .values(
            name=record["name"],
            folded=folded(record["name"]),
            **{name: record.get(name) for name in ORGANIZATION_COLUMNS},
            record=record,
            document=dict(stand) if is_curated and dict(stand) != record else None,
            declared=dict(declared),
            changed_at=now,
        )
    )
    change.touch("organization", row.id)
