"""Find slugs that resemble a slug that does not exist, for the page "not found"."""

from difflib import SequenceMatcher

from sqlalchemy import Connection, or_, select

from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import organization, project

MOST_READ = 400


def similar_slugs(connection: Connection, kind: str, slug: str, limit: int) -> tuple[tuple[str, str], ...]:
    """Slugs and names of visible records of a kind ("project" or "organization"), the closest first."""
    table = project if kind == "project" else organization
    wanted = select(table.c.slug, table.c.name).where(
        or_(*(table.c.slug.contains(part, autoescape=True) for part in _word_ends(slug)))
    )
    wanted = wanted.where(OPEN if kind == "project" else VISIBLE)
    rows = connection.execute(wanted.order_by(table.c.slug).limit(MOST_READ)).all()
    ranked = sorted(rows, key=lambda row: (-SequenceMatcher(None, slug[:100], row.slug).ratio(), row.slug))
    return tuple((row.slug, row.name) for row in ranked[:limit])


def _word_ends(slug: str) -> list[str]:
    """The beginnings and the ends of the slug's words: a typing error is only in one of both."""
    words = [part for part in slug[:100].lower().split("-") if len(part) >= 3] or [slug[:100].lower()]
    kept = [(word, max(3, len(word) * 2 // 3)) for word in words[:6]]
    return [part for word, length in kept for part in dict.fromkeys((word[:length], word[-length:]))]
