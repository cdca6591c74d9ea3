"""Counts by category: how many of something each domain term has, a wider term counting those of its narrower terms.

The hierarchy comes from the vocabulary, so the caller passes it (`above`: each narrower term and its wider term).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from catalog.tables.core import project_term

DOMAIN = "domain"


def project_categories() -> Select[Any]:
    """Each project with each of its categories, as rows of `project_id` and `term`."""
    return select(project_term.c.project_id, project_term.c.term).where(project_term.c.vocabulary == DOMAIN)


def count_by_category(connection: Connection, rows: Select[Any], above: Mapping[str, str]) -> dict[str, int]:
    """Count the `id` of `rows` (columns `id` and `term`, no row twice) for each term. An `id` with two narrower terms
    counts once for the term above both."""
    categories = rows.subquery()
    single = select(categories.c.term, func.count()).group_by(categories.c.term)
    counted = {term: number for term, number in connection.execute(single)}
    if above:
        wider = case(dict(above), value=categories.c.term, else_=categories.c.term).label("wider")
        together = select(categories.c.id, wider).subquery()
        distinct = select(together.c.wider, func.count(together.c.id.distinct())).group_by(together.c.wider)
        counted |= {term: number for term, number in connection.execute(distinct)}
    return counted
