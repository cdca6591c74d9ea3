"""The page of a project whose makers asked not to be listed: the few things that are still shown of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from catalog.store.core.read_models import Mirror, OptOut, ProjectPage, UseCounts
from catalog.store.core.visibility import stated
from catalog.store.mirrors.rows import mirror_of
from catalog.store.ownership.unlisted import OF_OBSERVATION, opted_out
from catalog.store.public_pages.facts import current_facts

_OF_RECORD = ("slug", "id", "name", "repository", "license", "context_only")
_NOTHING = UseCounts(0, 0, 0, 0, 0)


def page(connection: Connection, row: Row[Any]) -> ProjectPage:
    """What the page of an unlisted project shows; `row` has the columns of project and mirror."""
    return ProjectPage(
        id=row.id,
        record=stated({"summary": {}} | {name: row.record[name] for name in _OF_RECORD if name in row.record}),
        added_at=row.added_at,
        changed_at=row.changed_at,
        change=row.change,
        adoptions=(),
        uses=_NOTHING,
        maintenance=(),
        relations=(),
        hosts=(),
        mirror=_bare(mirror_of(row)) if row.project_id is not None else None,
        facts=current_facts(connection, row, long=False),
        opted_out=opted_out(connection, row.id) or OptOut(row.opted_out_at),
    )


def _bare(mirror: Mirror) -> Mirror:
    """The mirror with what was read of licenses, and nothing else."""
    seen: Mapping[str, Any] | None = mirror.observation
    if seen is None:
        return mirror
    return replace(mirror, observation={name: seen[name] for name in OF_OBSERVATION if name in seen})
