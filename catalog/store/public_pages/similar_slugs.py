"""Slugs that resemble one that does not exist, for the page that says so."""

from difflib import SequenceMatcher

from sqlalchemy import Connection, or_, select

from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import organization, project

MOST_READ = 400


def similar_slugs(connection: Connection, kind: str, slug: str, limit: int) -> tuple[tuple[str, str], ...]:
    """Slugs and names of records of a kind ("project" or "organization") that everybody may see, best first."""
    table = project if kind == "project" else organization
    wanted = select(table.c.slug, table.c.name).where(
        or_(*(table.c.slug.contains(part, autoescape=True) for part in _parts(slug)))
    )
    wanted = wanted.where(OPEN if kind == "project" else VISIBLE)
    rows = connection.execute(wanted.order_by(table.c.slug).limit(MOST_READ)).all()
    ranked = sorted(rows, key=lambda row: (-SequenceMatcher(None, slug[:100], row.slug).ratio(), row.slug))
    return tuple((row.slug, row.name) for row in ranked[:limit])


def _parts(slug: str) -> list[str]:
    """The beginnings and the ends of its words: a slip of the pen is in one of them."""
    words = [part for part in slug[:100].lower().split("-") if len(part) >= 3] or [slug[:100].lower()]
    kept = [(word, max(3, len(word) * 2 // 3)) for word in words[:6]]
    return [part for word, length in kept for part in dict.fromkeys((word[:length], word[-length:]))]
