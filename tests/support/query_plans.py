"""How a database would answer the statements of a page: which tables it would read from end to end. SQLite says it with
what it counted of the tables (ANALYZE); PostgreSQL, told to avoid sequential scans, uses one only where no index can
serve: https://www.postgresql.org/docs/current/runtime-config-query.html

`WHOLE` are addresses that are about all records there are.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, inspect
from starlette.routing import Route

from catalog.store.store import Store

LISTS = (
    "/export/statistics.csv",
    *("/en/projects", "/en/projects?language=fr&sort=new", "/en/projects?q=coop", "/en/organizations?q=a"),
    *("/en/compare?p={slug}&p={other}", "/sitemap/projects-1.xml", "/api/v1/projects?limit=100&sort=name"),
)
FILLED = {"country": "FR", "term": "accounting", "number": "1", "name": "stage", "reference": "2222-2222", "part": "1"}
# An index is searched; it is walked, until enough was found or to its end; the table is read from end to end.
SEARCHED, WALKED, TABLE = "by", "along", "whole"
_HOW = {"SEARCH": SEARCHED, "SCAN": WALKED}
_LINE = re.compile(r"(SEARCH|SCAN) (\w+)(?: USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?(?:INDEX )?([\w ]*\w))?")
# With why reading a large table whole is no burden there.
WHOLE = {
    "/export/": "whole exports and statistics, written once a change and kept as files",
    "/sitemap": "its parts, counted once a change",
    "/en/statistics": "counts of everything, once a change",
    "/en/places": "organizations by country, counted behind readers, and those of one country, by region",
    "/api/v1/countries/": "likewise",
    **dict.fromkeys(
        ("/en/help/api", "/en/desk"),
        "lists of rare things: there are none here, so that SQLite begins at the other side of the join",
    ),
    "/v1/": "lists by the day on which records were added, of crawlers that take them whole",
}


def addresses(app: Any, slug: str, other: str, organization: str) -> Iterator[str]:
    """An address of each route that answers GET, of these two projects and this organization."""
    yield from (path.format(slug=slug, other=other) for path in LISTS)
    for route in app.routes:
        if isinstance(route, Route) and "GET" in (route.methods or ()) and route.name != "static":
            wanted = organization if "/organizations/" in route.path else slug
            path = route.path.replace("{slug}", wanted).replace("{language:language}", "en")
            yield re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED.get(match[1], "x"), path)


@contextmanager
def statements(store: Store) -> Iterator[dict[str, list[tuple[str, Any]]]]:
    """The reading statements with their parameters, added to the list of the address that was put in last."""
    asked: dict[str, list[tuple[str, Any]]] = {"": []}

    def noted(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            asked[next(reversed(asked))].append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", noted)
    try:
        yield asked
    finally:
        event.remove(store.engine, "before_cursor_execute", noted)


def large_tables(connection: Any, fewest_rows: int) -> set[str]:
    return {
        table
        for table in inspect(connection).get_table_names()
        if connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one() >= fewest_rows
    }


@dataclass(frozen=True)
class Access:
    """How a table of a statement is read: by an index, along an index, or whole."""

    table: str
    how: str
    index: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.table, self.how, self.index)))


def reads_whole(
    connection: Any, asked: Mapping[str, list[tuple[str, Any]]], large: set[str], *, avoiding: bool = True
) -> dict[str, str]:
    """The statements that read one of the large tables from end to end, with the address of each; those of `WHOLE` are
    left out. `avoiding`: PostgreSQL is told to, which in a small catalogue takes the whole table otherwise."""
    whole = {}
    for statement, (parameters, path) in _distinct(asked).items():
        if not path.startswith(tuple(WHOLE)):
            for access in _accesses(connection, statement, parameters, avoiding):
                if access.how == TABLE and access.table in large:
                    whole[f"{access.table}: {' '.join(statement.split())}"] = path
    return whole


def _distinct(asked: Mapping[str, list[tuple[str, Any]]]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for path, every in asked.items():
        for statement, parameters in every:
            found.setdefault(statement, (parameters, path))
    return found


def _accesses(connection: Any, statement: str, parameters: Any, avoiding: bool) -> Iterator[Access]:
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        called = {alias: table for table, alias in re.findall(r"(?<![.\w])(\w+) AS (\w+)", statement)}
        for *_, line in plan:
            if read := _LINE.match(line):
                verb, name, index = read.groups()
                # An automatic index is made of the whole table for this statement alone.
                whole = "AUTOMATIC" in line or (verb == "SCAN" and index is None)
                yield Access(called.get(name, name), TABLE if whole else _HOW[verb], "" if whole else index)
        return
    connection.exec_driver_sql(f"SET LOCAL enable_seqscan = {'off' if avoiding else 'on'}")
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).one()
    yield from _nodes(plan if isinstance(plan, list) else json.loads(plan))


def _nodes(plan: Any) -> Iterator[Access]:
    if isinstance(plan, list):
        for part in plan:
            yield from _nodes(part)
    elif isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield Access(plan["Relation Name"], TABLE)
        elif plan.get("Node Type") == "Bitmap Heap Scan":
            yield Access(plan["Relation Name"], SEARCHED, " ".join(_bitmap_indexes(plan["Plans"])))
        elif "Relation Name" in plan:
            how = SEARCHED if "Index Cond" in plan else WALKED
            yield Access(plan["Relation Name"], how, plan.get("Index Name", ""))
        for part in plan.values():
            yield from _nodes(part)


def _bitmap_indexes(plans: Any) -> Iterator[str]:
    for plan in plans:
        yield from [plan["Index Name"]] if "Index Name" in plan else _bitmap_indexes(plan.get("Plans", ()))
