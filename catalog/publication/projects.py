"""Makes a project's public record from the rows that `store.public_records` read of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from catalog.publication.model import NEEDED_OTHERS, PublicProject
from catalog.rules.fact import ChosenFact, Fact, choose_facts
from catalog.rules.today import kept_look
from catalog.store.adoptions.by_project import SHOWN_USES
from catalog.store.core.read_models import MaintenanceLine, Mirror, OrganizationCard, UseCounts, UseTallies
from catalog.store.core.visibility import (
    CONFIRMED,
    DECLARED_SORT,
    FOUND_IN_PUBLIC_SOURCE,
    FOUND_ONLY,
    PAST,
    adoption_line,
    maintenance_line,
    page_record,
    relation_line,
)

# What a visit of a mirror writes each time: a visit that finds nothing new changes no record.
OF_VISITS: Mapping[str, Any] = {
    "last_visit_at": None, "last_success_at": None, "observed_at": None, "looked_at": None, "failures": 0,
    "interval_seconds": 0, "size_bytes": None, "digest": None, "accepted": None,
}  # fmt: skip
_OF_A_LINE = (
    *("id", "slug", "name", "kind", "country", "project_slug", "project_name"),
    *("record", "origin", "confirmed", "confirmed_at"),
)
BANDS = ("cost_band", "effort_days")
SHOWN_EXPERIENCES = 3  # on a project's own page; a page of them lists all


@dataclass
class ProjectRows:
    """What was read of one project: its row, and lines in the order in which a page shows them."""

    row: Any
    mirror: Mirror | None
    facts: Sequence[Fact] = ()  # all that may be shown
    short: Callable[[str], bool] = bool  # whether the project's own page shows facts of a field
    uses: list[Any] = field(default_factory=list)  # all of them
    maintenance: list[Any] = field(default_factory=list)
    relations: list[Any] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)  # experiences
    line: int = 0  # the last one of its history
    rare: Mapping[str, Any] = field(default_factory=dict)  # fields of PublicProject that few projects have


def public_project(project_rows: ProjectRows, cards: dict[str, OrganizationCard]) -> PublicProject:
    """A project that is listed; `cards`: organizations by their slug."""
    row = project_rows.row
    record = page_record(row.record)
    first, others = first_of_each_sort(project_rows.uses)
    hosted = tuple(slug for slug in record.runs.hosted if slug in cards) if record.runs else ()
    runs = replace(record.runs, hosted=hosted) if record.runs and record.runs.hosted != hosted else record.runs
    chosen, silent = chosen_facts(project_rows.facts, project_rows.short)
    return PublicProject(
        id=row.id,
        record=replace(record, runs=runs, relations=()),
        added_at=row.added_at,
        changed_at=row.changed_at,
        chosen=chosen,
        adoptions=tuple(adoption_line(line, cards) for line in first),
        uses=count_uses(project_rows.uses),
        tallies=tallies_of(project_rows.uses, project_rows.told),
        maintenance=tuple(sorted(map(maintenance_line, project_rows.maintenance), key=_is_by_others)),
        relations=tuple(relation_line(line) for line in project_rows.relations),
        hosts=tuple(cards[slug] for slug in hosted),
        mirror=project_rows.mirror and replace(project_rows.mirror, **OF_VISITS),
        looked_at=kept_look(project_rows.mirror.last_success_at or project_rows.mirror.looked_at, row.id.int)
        if project_rows.mirror and project_rows.mirror.last_commit_at
        else None,
        beyond=digest_of(
            silent,
            others,
            project_rows.line,
            sorted({use.region for use in project_rows.uses if use.region}),
            _told_beyond(project_rows),
        ),
        **project_rows.rare,
    )


def _told_beyond(project_rows: ProjectRows) -> list[Any]:
    """Experiences that anybody may read, where there are more than a project's page shows."""
    own = {use.id for use in project_rows.uses if use.verification != FOUND_IN_PUBLIC_SOURCE}
    lines = sorted(
        (line for line in project_rows.told if line.organization_id in own), key=lambda line: line.organization_id
    )
    if len(lines) <= SHOWN_EXPERIENCES:
        return []
    return [[line.organization_id, line.language, line.record, line.answer, line.at] for line in lines]


def chosen_facts(
    facts: Iterable[Fact], short: Callable[[str], bool] = bool
) -> tuple[dict[str, ChosenFact], list[Sequence[Any]]]:
    """What a page shows of each field; and values that its page of facts alone shows."""
    listed = list(facts)
    chosen = {
        key: choice if not choice.others or choice.fact.field in NEEDED_OTHERS else replace(choice, others=())
        for key, choice in choose_facts(fact for fact in listed if short(fact.field)).items()
    }
    ids = {id(choice.fact) for choice in chosen.values()}
    return chosen, [
        (fact.field, fact.value, fact.origin, fact.source, fact.first_seen_at.isoformat())
        for fact in listed
        if id(fact) not in ids
    ]


def first_of_each_sort(
    uses: Iterable[Any], sort: Callable[[Any], Hashable] | None = None
) -> tuple[list[Any], list[Any]]:
    """The first few lines of each sort, and the others."""
    passed: Counter[Hashable] = Counter()
    first: list[Any] = []
    others: list[Any] = []
    for use in uses:
        key = use.sort if sort is None else sort(use)
        (first if passed[key] < SHOWN_USES else others).append(use)
        passed[key] += 1
    return first, others


def count_uses(uses: Iterable[Any]) -> UseCounts:
    listed = list(uses)
    counted = Counter(use.sort for use in listed)
    countries = {use.country for use in listed if use.sort == CONFIRMED and use.country}
    return UseCounts(counted[CONFIRMED], counted[DECLARED_SORT], counted[FOUND_ONLY], counted[PAST], len(countries))


def tallies_of(uses: Sequence[Any], statements: Iterable[Any]) -> UseTallies:
    """Costs and efforts are the organizations' own statements, of their use or of how it went: what a public source
    says of an adoption is no statement of the organization. Each organization is counted once with a value."""
    if not uses:
        return UseTallies()
    now = [(use.id, use.country, use.kind) for use in uses if use.sort != PAST]
    present: dict[str, set[tuple[UUID, Any]]] = {
        "country": {(key, country) for key, country, _ in now},
        "kind": {(key, kind) for key, _, kind in now},
    }
    own = [use for use in uses if use.verification != FOUND_IN_PUBLIC_SOURCE]
    of_own = {use.id for use in own}
    identities: dict[str, set[tuple[UUID, Any]]] = {
        name: {(use.id, use.record.get(name)) for use in own}
        | {(line.organization_id, line.record.get(name)) for line in statements if line.organization_id in of_own}
        for name in BANDS
    }
    counted = {
        name: Counter(value for _, value in pairs if value is not None)
        for name, pairs in (present | identities).items()
    }
    most_first = {
        name: tuple(sorted(counted[name].items(), key=lambda pair: (-pair[1], pair[0]))) for name in ("country", "kind")
    }
    by_name = {name: tuple(sorted(counted[name].items())) for name in BANDS}
    return UseTallies(most_first["country"], most_first["kind"], by_name["cost_band"], by_name["effort_days"])


def digest_of(silent: Sequence[Sequence[Any]], uses: Sequence[Any], *more: Any) -> str:
    """Stands for values that a record does not hold; "" where there are none."""
    lines = [[getattr(use, name) for name in _OF_A_LINE] for use in uses]
    if not (silent or lines or any(more)):
        return ""
    text = json.dumps([list(silent), lines, more], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_by_others(line: MaintenanceLine) -> bool:
    """Sort key: what the project's verified maintainers state stands first wherever its developers are named."""
    return line.stated_by != "project"
