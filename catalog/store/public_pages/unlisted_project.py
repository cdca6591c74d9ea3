"""Read the page of a project whose makers asked not to be listed: the few values that are still shown."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from catalog.store.core.read_models import Mirror, OptOut, ProjectPage, UseCounts
from catalog.store.core.visibility import page_record
from catalog.store.mirrors.rows import mirror_of
from catalog.store.ownership.unlisted import OF_OBSERVATION, opted_out
from catalog.store.public_pages.facts import current_facts

_SHOWN_KEYS = ("slug", "id", "name", "repository", "license", "context_only")
_NO_USES = UseCounts(0, 0, 0, 0, 0)


def page(connection: Connection, row: Row[Any]) -> ProjectPage:
    """The page of an unlisted project; `row` has the columns of project and mirror."""
    return ProjectPage(
        id=row.id,
        record=page_record({"summary": {}} | {name: row.record[name] for name in _SHOWN_KEYS if name in row.record}),
        added_at=row.added_at,
        changed_at=row.changed_at,
        change=row.change,
        adoptions=(),
        uses=_NO_USES,
        maintenance=(),
        relations=(),
        hosts=(),
        mirror=_with_licenses_only(mirror_of(row)) if row.project_id is not None else None,
        facts=current_facts(connection, row, long=False),
        opted_out=opted_out(connection, row.id) or OptOut(row.opted_out_at),
    )


def _with_licenses_only(mirror: Mirror) -> Mirror:
    """The mirror with nothing of its observation but what is about licenses."""
    seen: Mapping[str, Any] | None = mirror.observation
    if seen is None:
        return mirror
    return replace(mirror, observation={name: seen[name] for name in OF_OBSERVATION if name in seen})
