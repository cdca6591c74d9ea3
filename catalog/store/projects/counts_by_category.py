"""Counts by category: how many of something each domain term has, a wider term counting those of its narrower terms.

The hierarchy comes from the vocabulary, so the caller passes it (`above`: each narrower term and its wider term).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, union_all

from catalog.tables.core import project_term

DOMAIN = "domain"


def project_categories() -> Select[Any]:
    """Each project with each of its categories, as rows of `project_id` and `term`."""
    return select(project_term.c.project_id, project_term.c.term).where(project_term.c.vocabulary == DOMAIN)


def count_by_category(connection: Connection, rows: Select[Any], above: Mapping[str, str]) -> dict[str, int]:
    """Count the different `id` of `rows` (columns `id` and `term`) for each term. An `id` with two narrower terms
    counts once for the term above both."""
    subject_terms = rows.subquery()
    every = select(subject_terms.c.id, subject_terms.c.term)
    if above:
        wider = select(subject_terms.c.id, case(dict(above), value=subject_terms.c.term)).where(
            subject_terms.c.term.in_(above)
        )
        both = union_all(every, wider).subquery()
    else:
        both = every.subquery()
    counted = select(both.c.term, func.count(both.c.id.distinct())).group_by(both.c.term)
    return {term: number for term, number in connection.execute(counted)}
