"""The rows of the search index: what it holds of each project, and which changed since a change number.

It gives only what is public. Reading is in batches, each in a transaction of its own: a follower that reads while a
load is written sees the whole of it or nothing, and asks again from the number that it was given.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, select

from catalog.model import HELPER_ROLES
from catalog.rules.fact import Fact, choose_facts
from catalog.rules.facts.last_change import checked_until, is_archived, last_change_at
from catalog.rules.fallback import FALLBACK_FIELDS, with_fallbacks
from catalog.rules.fields import main_programming_languages, usable_languages
from catalog.store.core.engine import get_meta, reading
from catalog.store.core.read_models import IndexRow
from catalog.store.core.visibility import (
    CLOSED,
    CONFIRMED,
    DECLARED,
    FOUND_ONLY,
    OPTED_OUT,
    PAST,
    PUBLIC,
    SORT,
    VISIBLE,
    organizations_by_slug,
    page_record,
)
from catalog.store.federation.received.facts import VOICED
from catalog.store.federation.received.facts import facts_by_record as told_of_others
from catalog.store.mirrors.rows import PLAIN_TEXT
from catalog.store.projects.fact_rows import stored_facts
from catalog.tables.adoptions import adoption
from catalog.tables.core import maintenance, mirror, organization, project, removed, rendering

BATCH = 500
_OBSERVED = ("languages", "programming_languages", "code")  # what the index takes from mirrors


class IndexRows:
    def __init__(self, engine: Engine):
        self._engine = engine

    def changed(self, after: int) -> tuple[int, tuple[UUID, ...], tuple[UUID, ...]]:
        """The present change number, the projects to be read again, and those to be removed (gone, blocked or
        unlisted)."""
        with reading(self._engine) as connection:
            number = int(get_meta(connection, "change") or 0)
            blocked = set(connection.execute(CLOSED).scalars())
            touched = connection.execute(
                select(project.c.id).where(project.c.change > after).order_by(project.c.change, project.c.id)
            ).scalars()
            ids = list(touched)
            removed_ids = connection.execute(
                select(removed.c.record_id).where(removed.c.kind == "project", removed.c.change > after)
            ).scalars()
            dropped = {*removed_ids, *(blocked & set(ids))}
        return (
            number,
            tuple(project_id for project_id in ids if project_id not in blocked),
            tuple(sorted(dropped, key=str)),
        )

    def rows(self, ids: Sequence[UUID]) -> Iterator[IndexRow]:
        """What the index holds of these projects; those that were deleted meanwhile are left out."""
        for start in range(0, len(ids), BATCH):
            with reading(self._engine) as connection:
                yield from _index_rows(connection, ids[start : start + BATCH])


def _index_rows(connection: Connection, ids: Sequence[UUID]) -> list[IndexRow]:
    project_rows = connection.execute(
        select(project, mirror.c.last_commit_at, mirror.c.observation, VOICED)
        .outerjoin(mirror, mirror.c.project_id == project.c.id)
        .where(project.c.id.in_(ids), project.c.id.not_in(OPTED_OUT))
        .order_by(project.c.slug)
    ).all()
    used: defaultdict[UUID, list[Any]] = defaultdict(list)
    maintained: defaultdict[UUID, list[Any]] = defaultdict(list)
    uses = connection.execute(
        select(
            adoption.c.project_id,
            SORT.label("sort"),
            organization.c.name,
            organization.c.kind,
            organization.c.country,
            organization.c.record["region"].as_string().label("region"),
            adoption.c.stage,
            adoption.c.record,
        )
        .join(organization, organization.c.id == adoption.c.organization_id)
        .where(PUBLIC, adoption.c.project_id.in_(ids))
        .order_by(SORT, organization.c.folded, organization.c.slug)
    )
    for use in uses:
        used[use.project_id].append(use)
    care = connection.execute(
        select(maintenance.c.project_id, maintenance.c.role, organization.c.name, organization.c.country)
        .join(organization, organization.c.id == maintenance.c.organization_id)
        .where(maintenance.c.project_id.in_(ids), VISIBLE)
        .order_by(maintenance.c.position, organization.c.slug)
    )
    for line in care:
        maintained[line.project_id].append(line)
    hosts = organizations_by_slug(connection, {slug for row in project_rows for slug in _host_slugs(row.record)})
    texts = _texts(connection, [oid for row in project_rows if (oid := _readme_oid(row.observation))])
    observed, with_peers = (
        stored_facts(connection, ids, (*_OBSERVED, *FALLBACK_FIELDS)),
        [row.id for row in project_rows if row.voiced],
    )
    relayed = told_of_others(connection, with_peers) if with_peers else {}
    rows = []
    for row in project_rows:
        helpers = {line.country for line in maintained[row.id] if line.role in HELPER_ROLES}
        helpers |= {hosts[slug].country for slug in _host_slugs(row.record) if slug in hosts}
        readme = texts.get(_readme_oid(row.observation), "")
        read = _index_row(row, used[row.id], maintained[row.id], sorted(filter(None, helpers)), readme)
        rows.append(_with_more_facts(read, observed.get(row.id, ()), relayed.get(row.id, ())))
    return rows


def _host_slugs(record: Mapping[str, Any]) -> Sequence[str]:
    return (record.get("runs") or {}).get("hosted") or ()


def _readme_oid(observation: Mapping[str, Any] | None) -> str:
    """The object id of the README that is searched; "" where there is none."""
    readmes = (observation or {}).get("readmes") or [{}]
    return readmes[0].get("oid") or ""


def _texts(connection: Connection, oids: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(
        select(rendering.c.object_id, rendering.c.html).where(
            rendering.c.object_id.in_(oids), rendering.c.renderer == PLAIN_TEXT
        )
    )
    return {row.object_id: row.html or "" for row in rows}


def _index_row(
    row: Row[Any], uses: Sequence[Row[Any]], care: Sequence[Row[Any]], helpers: Sequence[str], readme: str
) -> IndexRow:
    record = page_record(row.record)
    observation = row.observation or {}
    counted = () if row.context_only else uses  # uses of software that is not free are found, and not counted
    sorts = [use.sort for use in counted]
    present = [use for use in counted if use.sort != PAST]
    countries = {use.country for use in present if use.country} | set(record.deployment_countries)
    return IndexRow(
        id=row.id,
        slug=row.slug,
        change=row.change,
        record=record,
        organization_names=tuple(dict.fromkeys([line.name for line in care] + [use.name for use in uses])),
        adopter_kinds=tuple(sorted({use.kind for use in present if use.kind})),
        countries=tuple(sorted(countries)),
        regions=tuple(sorted({use.region for use in present if use.region})),
        helper_countries=tuple(helpers),
        confirmed_uses=sorts.count(CONFIRMED),
        declared_uses=sorts.count(DECLARED),
        found_uses=sorts.count(FOUND_ONLY),
        last_commit_at=last_change_at(record.last_change, row.last_commit_at),
        archived=is_archived(record.last_change, row.last_commit_at),
        checked_until=checked_until(record.last_change, row.last_commit_at),
        added_at=row.added_at,
        changed_at=row.changed_at,
        readme=readme,
        uses=tuple((use.kind, use.country, use.record.get("people"), use.stage) for use in present),
        detected_licenses=tuple(dict.fromkeys(line["value"] for line in observation.get("license_files") or ())),
    )


def _with_more_facts(row: IndexRow, seen: Sequence[Fact], others: Sequence[Fact]) -> IndexRow:
    """Add what the mirror shows of languages, and what other catalogues state, where the record says nothing."""
    chosen = choose_facts([*seen, *others])
    values = {name: fact.value for name, fact in chosen.items()}
    spoken = usable_languages(values.get("languages")) if not row.record.languages else ()
    written = [
        str(language)
        for language in values.get("programming_languages") or main_programming_languages(values.get("code"))
    ]
    return replace(
        row,
        record=with_fallbacks(row.record, chosen),
        observed_languages=spoken,
        observed_programming_languages=tuple(written) if not row.record.programming_languages else (),
    )
