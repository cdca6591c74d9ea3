"""Cards: a project in a list, as four facts and a sentence. Which list shows which of them is its own matter."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Connection, Row, Select, bindparam, exists, func, select

from catalog.rules.fact import choose
from catalog.rules.fields import usable_languages
from catalog.store.core.read_models import Card, Told
from catalog.store.core.visibility import COUNTED, OPEN, PRESENT, PUBLIC, number_of
from catalog.store.federation.received.facts import VOICED
from catalog.store.federation.received.facts import told as told_of_others
from catalog.store.projects.fact_rows import rows_of
from catalog.tables.core import adoption, fact, mirror, organization, project

_USES = (
    select(
        adoption.c.project_id,
        *(number_of(sort).label(name) for name, sort in COUNTED),
        func.count(organization.c.country.distinct()).label("countries"),
    )
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, PRESENT, adoption.c.project_id.in_(bindparam("ids", expanding=True)))
    .group_by(adoption.c.project_id)
    .subquery()
)


_OPEN = ("languages", "made_for")  # of a card, what others than its record may tell
_of = (fact.c.project_id == project.c.id, fact.c.field.in_(_OPEN), fact.c.until.is_(None), fact.c.public)
_OTHERS = (exists().where(*_of).correlate(project).label("seen"), VOICED)  # whether they do


def _cards(shown: ColumnElement[Any]) -> Select[Any]:
    """Cards of the projects `ids`; `shown` are the values of SHOWN, so that a long record is not read as a whole."""
    row = (project.c.id, project.c.slug, project.c.name, shown, project.c.license, project.c.context_only)
    counted = (_USES.c[name] for name in (*(name for name, _ in COUNTED), "countries"))
    return (
        select(
            *(*row, *counted, mirror.c.state, mirror.c.last_commit_at, project.c.added_at, project.c.changed_at),
            *_OTHERS,
        )
        .outerjoin(mirror, mirror.c.project_id == project.c.id)
        .outerjoin(_USES, _USES.c.project_id == project.c.id)
        .where(project.c.id.in_(bindparam("ids", expanding=True)), OPEN)
    )


SHOWN = ("summary", "domains", "languages", "runs", "status", "made_for")  # what a card shows of a record
TOLD = ("description", "features", "replaces")  # what a result may be quoted for, beside that


def _of_record(keys: Sequence[str]) -> dict[str, ColumnElement[Any]]:
    return {
        "sqlite": func.json_extract(project.c.record, *(f"$.{key}" for key in keys), type_=JSON),
        "postgresql": func.json_build_array(*(project.c.record[key] for key in keys), type_=JSON),
    }


_CARDS = {
    (name, told): _cards(shown)
    for told, keys in ((False, SHOWN), (True, (*SHOWN, *TOLD)))
    for name, shown in _of_record(keys).items()
}


def cards(connection: Connection, ids: Sequence[UUID], told: bool = False) -> tuple[Card, ...]:
    """The cards of these projects, in this order; `told`: with what their records say beside that."""
    if not ids:
        return ()
    rows = connection.execute(_CARDS[connection.dialect.name, told], {"ids": ids}).all()
    by_id = {row.id: _card(*row[: -len(_OTHERS)]) for row in rows}
    silent = [row for row in rows if not (by_id[row.id].languages and by_id[row.id].made_for)]
    by_id |= _told_by_others(connection, [row for row in silent if row.seen or row.voiced], by_id)
    return tuple(by_id[one] for one in ids if one in by_id)


def _told_by_others(connection: Connection, silent: Sequence[Row[Any]], by_id: Mapping[UUID, Card]) -> dict[UUID, Card]:
    """The cards of these rows with the languages that the code shows, and what other catalogues tell, as the project's
    page has them: a card that says "not known" beside such a page would be wrong."""
    ids = [row.id for row in silent if row.seen]
    seen = rows_of(connection, ids, _OPEN) if ids else {}
    ids = [row.id for row in silent if row.voiced]
    others = told_of_others(connection, ids) if ids else {}
    found = {}
    for row in silent:
        chosen = choose([*seen.get(row.id, ()), *others.get(row.id, ())])
        values, one = {name: each.value for name, each in chosen.items()}, by_id[row.id]
        found[row.id] = replace(
            one,
            languages=one.languages or usable_languages(values.get("languages")),
            made_for=one.made_for or tuple(str(term) for term in values.get("made_for") or ()),
        )
    return found


def _card(
    id: UUID,
    slug: str,
    name: str,
    shown: Sequence[Any],
    license: str | None,
    context_only: bool,
    confirmed: int | None,
    declared: int | None,
    found: int | None,
    countries: int | None,
    mirror_state: str | None,
    last_commit_at: datetime | None,
    added_at: datetime,
    changed_at: datetime,
) -> Card:
    summary, domains, languages, runs, status, made_for, *told = shown
    runs = runs or {}
    return Card(
        id=id,
        slug=slug,
        name=name,
        summary=summary or {},
        domains=tuple(domains or ()),
        languages=tuple(one if isinstance(one, str) else one["term"] for one in languages or ()),
        license=license,
        context_only=context_only,
        runs_online=bool(runs.get("online")),
        runs_hosted=bool(runs.get("hosted")),
        self_hosted=runs.get("self_hosted"),
        confirmed_uses=confirmed or 0,
        declared_uses=declared or 0,
        found_uses=found or 0,
        countries=countries or 0,
        mirror_state=mirror_state,
        last_commit_at=last_commit_at,
        status=status,
        made_for=tuple(made_for or ()),
        added_at=added_at,
        changed_at=changed_at,
        told=Told(told[0] or {}, told[1] or {}, told[2] or ()) if told else None,
    )
