"""The rows of the search index: what it holds of each project, and which changed since a change number.

It gives only what is public. Reading is in batches, each in a transaction of its own: a follower that reads while a
load is written sees the whole of it or nothing, and asks again from the number that it was given.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from catalog.model import HELPER_ROLES, MAKER_ROLES
from catalog.publication.model import PublicProject
from catalog.rules.fallback import with_fallbacks
from catalog.rules.fields import main_programming_languages
from catalog.store.core.engine import DatabasePart, get_meta, reading
from catalog.store.core.read_models import IndexRow
from catalog.store.core.visibility import CLOSED, CONFIRMED, DECLARED_SORT, FOUND_ONLY, PAST, PUBLIC, SORT
from catalog.store.mirrors.mirror_rows import PLAIN_TEXT
from catalog.store.public_records.public_record_rows import projects
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project, removed_record, rendering

BATCH = 500
# What the index takes of a public record.
_FIELDS = frozenset(
    {"id", "record", "added_at", "changed_at", "chosen", "maintenance", "hosts", "mirror", "looked_at", "opted_out"}
)


class IndexRows(DatabasePart):
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
                select(removed_record.c.record_id).where(
                    removed_record.c.kind == "project", removed_record.c.change > after
                )
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
    public_projects = [record for record in projects(connection, ids, _FIELDS) if record.opted_out is None]
    used: defaultdict[UUID, list[Any]] = defaultdict(list)
    uses = connection.execute(
        select(
            adoption.c.project_id,
            SORT.label("sort"),
            organization.c.name,
            organization.c.kind,
            organization.c.country,
            organization.c.region,
            adoption.c.stage,
            adoption.c.record["people"].as_string().label("people"),
        )
        .join(organization, organization.c.id == adoption.c.organization_id)
        .where(PUBLIC, adoption.c.project_id.in_(ids))
        .order_by(SORT, organization.c.folded, organization.c.slug)
    )
    for use in uses:
        used[use.project_id].append(use)
    texts = _texts(connection, [oid for record in public_projects if (oid := _readme_oid(record))])
    return [_index_row(record, used[record.id], texts.get(_readme_oid(record), "")) for record in public_projects]


def _readme_oid(record: PublicProject) -> str:
    """The object id of the README that is searched; "" where there is none."""
    readmes = ((record.mirror and record.mirror.observation) or {}).get("readmes") or [{}]
    return readmes[0].get("oid") or ""


def _texts(connection: Connection, oids: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(
        select(rendering.c.object_id, rendering.c.html).where(
            rendering.c.object_id.in_(oids), rendering.c.renderer == PLAIN_TEXT
        )
    )
    return {row.object_id: row.html or "" for row in rows}


def _index_row(project: PublicProject, uses: Sequence[Any], readme: str) -> IndexRow:
    """All uses are in the index; a record holds the first few of them. What the record leaves open of languages is what
    the mirror shows, or other catalogues state."""
    record, declared = with_fallbacks(project.record, project.chosen), project.record
    observation = (project.mirror and project.mirror.observation) or {}
    values = {name: choice.value for name, choice in project.chosen.items()}
    care = [(line.maintenance.role, line.organization) for line in project.maintenance if line.organization]
    counted = () if declared.context_only else uses  # uses of software that is not free are found, and not counted
    sorts = [use.sort for use in counted]
    present = [use for use in counted if use.sort != PAST]
    countries = {use.country for use in present if use.country} | set(declared.deployment_countries)
    helpers = {card.country for role, card in care if role in HELPER_ROLES} | {host.country for host in project.hosts}
    makers = [card for role, card in care if role in MAKER_ROLES]
    written = values.get("programming_languages") or main_programming_languages(values.get("code"))
    return IndexRow(
        id=project.id,
        slug=project.slug,
        change=project.change,
        record=record,
        organization_names=tuple(dict.fromkeys([card.name for _, card in care] + [use.name for use in uses])),
        adopter_kinds=tuple(sorted({use.kind for use in present if use.kind})),
        countries=tuple(sorted(countries)),
        regions=tuple(sorted({use.region for use in present if use.region})),
        helper_countries=tuple(sorted(filter(None, helpers))),
        maker_countries=tuple(sorted({card.country for card in makers if card.country})),
        maker_kinds=tuple(sorted({card.kind for card in makers if card.kind})),
        confirmed_uses=sorts.count(CONFIRMED),
        declared_uses=sorts.count(DECLARED_SORT),
        found_uses=sorts.count(FOUND_ONLY),
        activity=project.activity,
        free=project.license_answer.free,
        added_at=project.added_at,
        changed_at=project.changed_at,
        readme=readme,
        uses=tuple((use.kind, use.country, use.people, use.stage) for use in present),
        detected_licenses=tuple(dict.fromkeys(line["value"] for line in observation.get("license_files") or ())),
        languages=project.languages() + project.uncounted_languages,
        also_partly=project.languages(least=1) + project.uncounted_languages,
        platforms=tuple(values.get("platforms") or ()),
        observed_programming_languages=() if declared.programming_languages else tuple(map(str, written)),
    )
