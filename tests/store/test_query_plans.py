"""Every page reads large tables by an index: no statement of a page, for a visitor or a moderator, reads one whole.

A synthetic catalogue is asked for an address of each route, and the database how it would answer each statement. SQLite
says it with what it counted of the tables (ANALYZE); PostgreSQL, told to avoid sequential scans, uses one only where no
index can serve: https://www.postgresql.org/docs/current/runtime-config-query.html
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, inspect
from starlette.routing import Route
from support.factories.core import NOW
from support.visitors import signed_in
from support.world import a_client, a_site

from benchmarks import synthetic
from catalog.store import Store

PROJECTS = 3_000
LISTS = (
    *("/en/projects", "/en/projects?language=fr&sort=new", "/en/projects?q=coop", "/en/organizations?q=a"),
    *("/en/compare?p={slug}&p={other}", "/sitemap/projects-1.xml", "/api/v1/projects?limit=100&sort=name"),
)
FILLED = {"country": "FR", "term": "accounting", "number": "1", "name": "stage", "reference": "2222-2222", "part": "1"}
FEWEST_ROWS = 1_000  # of a table in this catalogue: SQLite reads smaller ones whole, and is right
# Addresses that are about all records there are, with why that is no burden.
WHOLE = {
    "/export/": "whole exports and statistics, written once a change and kept as files",
    "/sitemap": "its parts, counted once a change",
    "/feeds/index.opml": "the list of all feeds, kept until something changes",
    "/en/organizations": "the number of organizations and of each kind, counted once a change; words look into names",
    "/api/v1/organizations": "the number of organizations, likewise",
    "/en/places": "organizations of one country, by region",
    "/api/v1/countries/": "likewise",
    "/api/v1/adoptions": "all uses in the order of their projects: SQLite sorts them, PostgreSQL walks along the index",
    **dict.fromkeys(
        ("/api/v1/experiences", "/api/v1/obstacles", "/api/v1/joins", "/en/help/api", "/en/desk"),
        "lists of rare things: there are none here, so that SQLite begins at the other side of the join",
    ),
    "/v1/": "lists by the day on which records were added, of crawlers that take them whole",
}


pytestmark = pytest.mark.full  # a catalogue of 3,000 projects, and every address, twice on each database


@pytest.fixture
def filled(store: Store) -> Store:
    store.curated_document.load(synthetic.document(PROJECTS), digest="plans", now=NOW)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    return store


def test_no_page_reads_a_large_table_whole(filled: Store, tmp_path) -> None:
    with a_site(filled, tmp_path / "data") as app:
        visitor, moderator = a_client(app), signed_in(app, filled, "moderator@example.org")
        with _statements(filled) as asked:
            for path in _addresses(app):
                asked[path] = []
                for client in (visitor, moderator):
                    answer = client.get(path)
                    assert answer.status_code < 500 or answer.status_code == 503, (path, answer.status_code)
    assert sum(map(len, asked.values())) > 300
    whole = {}
    with filled.engine.connect() as connection:
        large = {table for table in inspect(connection).get_table_names() if _rows(connection, table) >= FEWEST_ROWS}
        for statement, (parameters, path) in _distinct(asked).items():
            if not path.startswith(tuple(WHOLE)):
                for table in _read_whole(connection, statement, parameters) & large:
                    whole[f"{table}: {' '.join(statement.split())}"] = path
    assert {"project", "organization", "adoption", "public_record", "mirror"} <= large
    assert not whole, "\n".join(f"{path}: {statement}" for statement, path in whole.items())


def _rows(connection: Any, table: str) -> int:
    count: int = connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one()
    return count


def _addresses(app: Any) -> Iterator[str]:
    slug, other = synthetic.slug(1), synthetic.slug(2)
    yield from (path.format(slug=slug, other=other) for path in LISTS)
    for route in app.routes:
        if isinstance(route, Route) and "GET" in (route.methods or ()) and route.name != "static":
            wanted = "organization-1" if "/organizations/" in route.path else slug
            path = route.path.replace("{slug}", wanted).replace("{language:language}", "en")
            yield re.sub(r"\{(\w+)(:\w+)?\}", lambda match: FILLED.get(match[1], "x"), path)


@contextmanager
def _statements(store: Store) -> Iterator[dict[str, list[tuple[str, Any]]]]:
    asked: dict[str, list[tuple[str, Any]]] = {"": []}

    def noted(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            asked[next(reversed(asked))].append((statement, parameters))

    event.listen(store.engine, "before_cursor_execute", noted)
    try:
        yield asked
    finally:
        event.remove(store.engine, "before_cursor_execute", noted)


def _distinct(asked: dict[str, list[tuple[str, Any]]]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for path, statements in asked.items():
        for statement, parameters in statements:
            found.setdefault(statement, (parameters, path))
    return found


def _read_whole(connection: Any, statement: str, parameters: Any) -> set[str]:
    """The tables that the database would read from end to end for this statement."""
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        lines = (re.match(r"SCAN (\w+)(?! USING)", row[-1]) for row in plan)
        return {line[1] for line in lines if line and "USING" not in line.string}
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).one()
    return set(_sequential(plan if isinstance(plan, list) else json.loads(plan)))


def _sequential(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from _sequential(part)
    elif isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield plan["Relation Name"]
        for part in plan.values():
            yield from _sequential(part)
