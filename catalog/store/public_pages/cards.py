"""Read cards: projects as lists show them, with a few facts and a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Connection, Row, Select, bindparam, exists, func, select

from catalog.model import LastChange
from catalog.rules.fact import choose_facts
from catalog.rules.facts.feature import lines_in_record
from catalog.rules.facts.last_change import checked_until, is_archived, last_change_at
from catalog.rules.fields import usable_languages
from catalog.store.core.read_models import Card, QuotedTexts
from catalog.store.core.visibility import (
    CONFIRMED_COUNTRIES,
    OF_FREE_SOFTWARE,
    OPEN,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    count_of_sort,
)
from catalog.store.federation.received.facts import VOICED
from catalog.store.federation.received.facts import facts_by_record as told_of_others
from catalog.store.projects.fact_rows import stored_facts
from catalog.tables.adoptions import adoption
from catalog.tables.core import fact, mirror, organization, project

_USE_COUNTS = (
    select(
        adoption.c.project_id,
        *(count_of_sort(sort).label(name) for name, sort in PRESENT_SORTS),
        CONFIRMED_COUNTRIES.label("countries"),
    )
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, PRESENT, OF_FREE_SOFTWARE, adoption.c.project_id.in_(bindparam("ids", expanding=True)))
    .group_by(adoption.c.project_id)
    .subquery()
)


_FILLED_FROM_FACTS = ("languages", "made_for")  # values of a card that facts of other origins than its record may fill
_IS_FACT_OF_CARD = (
    fact.c.project_id == project.c.id,
    fact.c.field.in_(_FILLED_FROM_FACTS),
    fact.c.until.is_(None),
    fact.c.public,
)
_HAS_OTHER_FACTS = (exists().where(*_IS_FACT_OF_CARD).correlate(project).label("seen"), VOICED)  # whether they do


def _cards_query(shown: ColumnElement[Any]) -> Select[Any]:
    """Cards of the projects `ids`; `shown` are the values of SHOWN, so that a long record is not read as a whole."""
    row = (project.c.id, project.c.slug, project.c.name, shown, project.c.license, project.c.context_only)
    counted = (_USE_COUNTS.c[name] for name in (*(name for name, _ in PRESENT_SORTS), "countries"))
    return (
        select(
            *(*row, *counted, mirror.c.state, mirror.c.last_commit_at, project.c.added_at, project.c.changed_at),
            *_HAS_OTHER_FACTS,
        )
        .outerjoin(mirror, mirror.c.project_id == project.c.id)
        .outerjoin(_USE_COUNTS, _USE_COUNTS.c.project_id == project.c.id)
        .where(project.c.id.in_(bindparam("ids", expanding=True)), OPEN)
    )


CARD_KEYS = (
    "summary",
    "domains",
    "languages",
    "runs",
    "status",
    "made_for",
    "last_change",
)  # what a card shows of a record
QUOTED_KEYS = ("description", "features", "replaces")  # what search results are also quoted from


def _extract_keys(keys: Sequence[str]) -> dict[str, ColumnElement[Any]]:
    return {
        "sqlite": func.json_extract(project.c.record, *(f"$.{key}" for key in keys), type_=JSON),
        "postgresql": func.json_build_array(*(project.c.record[key] for key in keys), type_=JSON),
    }


_CARDS = {
    (name, quoted): _cards_query(shown)
    for quoted, keys in ((False, CARD_KEYS), (True, (*CARD_KEYS, *QUOTED_KEYS)))
    for name, shown in _extract_keys(keys).items()
}


def cards(connection: Connection, ids: Sequence[UUID], quoted: bool = False) -> tuple[Card, ...]:
    """The cards of these projects, in this order; `quoted`: with the texts that search results quote."""
    if not ids:
        return ()
    rows = connection.execute(_CARDS[connection.dialect.name, quoted], {"ids": ids}).all()
    by_id = {row.id: _card(*row[: -len(_HAS_OTHER_FACTS)]) for row in rows}
    silent = [row for row in rows if not (by_id[row.id].languages and by_id[row.id].made_for)]
    by_id |= _fill_from_facts(connection, [row for row in silent if row.seen or row.voiced], by_id)
    return tuple(by_id[project_id] for project_id in ids if project_id in by_id)


def _fill_from_facts(
    connection: Connection, silent: Sequence[Row[Any]], by_id: Mapping[UUID, Card]
) -> dict[UUID, Card]:
    """The cards of these rows, completed with the languages that the code shows and with what other catalogues state.

    The project's page shows these values: a card that says "not known" beside it would be wrong.
    """
    ids = [row.id for row in silent if row.seen]
    seen = stored_facts(connection, ids, _FILLED_FROM_FACTS) if ids else {}
    ids = [row.id for row in silent if row.voiced]
    peer_facts = told_of_others(connection, ids) if ids else {}
    found = {}
    for row in silent:
        chosen = choose_facts([*seen.get(row.id, ()), *peer_facts.get(row.id, ())])
        values, card = {name: chosen_fact.value for name, chosen_fact in chosen.items()}, by_id[row.id]
        found[row.id] = replace(
            card,
            languages=card.languages or usable_languages(values.get("languages")),
            made_for=card.made_for or tuple(str(term) for term in values.get("made_for") or ()),
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
    summary, domains, languages, runs, status, made_for, last_change, *told = shown
    runs = runs or {}
    stated = LastChange(**last_change) if last_change else None
    return Card(
        id=id,
        slug=slug,
        name=name,
        summary=summary or {},
        domains=tuple(domains or ()),
        languages=tuple(language if isinstance(language, str) else language["term"] for language in languages or ()),
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
        last_commit_at=last_change_at(stated, last_commit_at),
        archived=is_archived(stated, last_commit_at),
        checked_until=checked_until(stated, last_commit_at),
        status=status,
        made_for=tuple(made_for or ()),
        added_at=added_at,
        changed_at=changed_at,
        quoted_texts=QuotedTexts(told[0] or {}, lines_in_record(told[1]), told[2] or ()) if told else None,
    )
