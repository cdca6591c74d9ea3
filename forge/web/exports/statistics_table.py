"""The numbers of the page of statistics and of its table for programs: one list of tables, so that both say the same.

`store.statistics` counts; the page words it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.licenses import expressions
from catalog.store.core.visibility import PRESENT_SORTS
from catalog.store.exports.statistics import AGES, NEVER, OLDER
from catalog.store.store import Store
from catalog.vocabulary import vocabulary
from forge.export.catalogue_site import CatalogueSite
from forge.export.tables import Table

NOT_KNOWN = ""  # in place of a term
_COLUMNS = ("table", "term", "measure", "number", "counted_at", "facts_license", "texts_license", "from")


@dataclass(frozen=True)
class StatisticsTable:
    """A table: what its columns count, and its rows: a term, and a number in each column."""

    measures: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def sums(self) -> tuple[int, ...]:
        return tuple(sum(column) for column in zip(*(row for _, row in self.rows), strict=True))


def statistics_tables(store: Store, now: datetime) -> dict[str, StatisticsTable]:
    """Return the tables by name, in the order of the page; terms are in the order of their list or the most first,
    what is not known last.
    """
    domains, totals = vocabulary("domain"), store.home_page.totals()
    counts = store.statistics.held(domains.above)
    families: dict[str | None, int] = {}
    for expression, number in counts.licenses.items():
        families[_family(expression)] = families.get(_family(expression), 0) + number
    places = {place.country: (place.confirmed, place.unconfirmed) for place in store.countries.countries()}
    countries = {
        code: (counts.countries.get(code, 0), *places.get(code, (0, 0))) for code in (*counts.countries, *places)
    }
    projects = {
        "programs": totals.projects,
        "context": totals.context,
        "free-in-files": counts.free_copies,
        "shared": counts.shared,
    }
    return {
        "projects": _numbers_of(projects, "projects", order=projects),
        "domains": _numbers_of(counts.domains, "projects", order=domains.terms),
        "licenses": _numbers_of(families, "projects", order=expressions.FAMILIES),
        "kinds": _numbers_of(counts.kinds, "organizations"),
        "countries": _numbers_of(countries, "organizations", "groups_confirmed", "groups_not_confirmed"),
        "stages": _numbers_of(counts.stages, *(name for name, _ in PRESENT_SORTS), order=vocabulary("stage").terms),
        "verifications": _numbers_of(counts.verifications, "uses", order=vocabulary("verification").terms),
        "copies": _numbers_of(store.statistics.copies(now), "copies", order=(*AGES, OLDER, NEVER)),
        "facts": _numbers_of(counts.facts, "facts"),
        "calls": _numbers_of(counts.calls, "calls"),
        "decisions": _numbers_of({"public": store.decisions.count()}, "decisions"),
    }


def combined_table(tables: Mapping[str, StatisticsTable], home: CatalogueSite, now: datetime) -> Table:
    """Return all of them as one table: a line for each number."""
    layers = (home.license.facts, home.license.texts, f"{home.base}/")
    rows = (
        (name, term, measure, number, now.date().isoformat(), *layers)
        for name, table_numbers in tables.items()
        for term, row in table_numbers.rows
        for measure, number in zip(table_numbers.measures, row, strict=True)
    )
    return Table("statistics", _COLUMNS, rows)


def _numbers_of(counts: Mapping[Any, Any], *measures: str, order: Iterable[str] = ()) -> StatisticsTable:
    """Make a table of `counts`: by term, one number or one for each measure. Terms of `order` come first, in its
    order; of the others those with most.
    """
    rows = {term: row if isinstance(row, tuple) else (row,) for term, row in counts.items()}
    place = {term: number for number, term in enumerate(order)}

    def key(term: str | None) -> tuple[bool, int, int, str]:
        return term is None, place.get(term or "", len(place)), -rows[term][0], term or ""

    return StatisticsTable(measures, tuple((term or NOT_KNOWN, rows[term]) for term in sorted(rows, key=key)))


def _family(expression: str | None) -> str | None:
    """Return what the licence asks for; None also for what is no license expression."""
    try:
        return expressions.family(expression) if expression else None
    except ValueError:
        return None
