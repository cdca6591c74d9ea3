"""Counts by need: how many of something there are for each term of the list of needs, a wider one with those below it.

Which term lies below which is the vocabulary's matter, so whoever asks says it (`above`: a term and the one above it).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, union_all

from catalog.tables.core import project_term

DOMAIN = "domain"


def needs() -> Select[Any]:
    """Each project with each term of its needs, as rows of `project_id` and `term`."""
    return select(project_term.c.project_id, project_term.c.term).where(project_term.c.vocabulary == DOMAIN)


def by_need(connection: Connection, rows: Select[Any], above: Mapping[str, str]) -> dict[str, int]:
    """How many different `id` of `rows` (columns `id` and `term`) each term has; one that names two narrower terms
    counts once for the term above both."""
    each = rows.subquery()
    every = select(each.c.id, each.c.term)
    if above:
        wider = select(each.c.id, case(dict(above), value=each.c.term)).where(each.c.term.in_(above))
        both = union_all(every, wider).subquery()
    else:
        both = every.subquery()
    counted = select(both.c.term, func.count(both.c.id.distinct())).group_by(both.c.term)
    return {term: number for term, number in connection.execute(counted)}
