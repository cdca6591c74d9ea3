"""Find slugs that resemble a slug that does not exist, for the page "not found".

Few of many are read, since most who ask for what there is not are robots: those that differ in one letter, those that
begin alike, and of a catalogue of up to LOOKED_THROUGH records all that have the beginning or the end of a word.
"""

from difflib import SequenceMatcher
from string import ascii_lowercase, digits

from sqlalchemy import Connection, and_, or_, select, union_all

from catalog.store.core.among import among
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import organization, project

MOST_READ = 400
LOOKED_THROUGH = 5_000  # slugs, the first of a larger catalogue
LONGEST_MISTYPED = 40  # letters of a slug for which each of its misspellings is looked up: some 3,000
_LETTERS = f"{ascii_lowercase}{digits}-"
_LAST = "z" * 20  # what begins a slug, with this added, sorts behind all that begin so, in the order of any language


def similar_slugs(connection: Connection, kind: str, slug: str, limit: int) -> tuple[tuple[str, str], ...]:
    """Slugs and names of visible records of a kind ("project" or "organization"), the closest first."""
    table = project if kind == "project" else organization
    asked = slug[:100].lower()
    words = _word_ends(asked)
    slugs = select(table.c.slug).order_by(table.c.slug)
    first = slugs.limit(LOOKED_THROUGH).subquery()
    beginnings = dict.fromkeys((asked, asked[: max(3, len(asked) * 2 // 3)], asked[: max(3, len(asked) // 2)]))
    parts = [
        *(slugs.where(and_(table.c.slug >= begun, table.c.slug <= begun + _LAST)) for begun in beginnings),
        select(first.c.slug).where(or_(*(first.c.slug.contains(part, autoescape=True) for part in words))),
    ]
    found = union_all(
        select(table.c.slug).where(among(table.c.slug, _one_letter_away(asked))),
        *(select(part.limit(MOST_READ).subquery().c.slug) for part in parts),
    ).subquery()
    shown = OPEN if kind == "project" else VISIBLE
    rows = connection.execute(select(table.c.slug, table.c.name).where(table.c.slug.in_(select(found)), shown)).all()
    ranked = sorted(rows, key=lambda row: (-SequenceMatcher(None, slug[:100], row.slug).ratio(), row.slug))
    return tuple((row.slug, row.name) for row in ranked[:limit])


def _one_letter_away(slug: str) -> list[str]:
    """The slug with a letter left out, added, replaced, or exchanged with the next."""
    if len(slug) > LONGEST_MISTYPED:
        return []
    halves = [(slug[:at], slug[at:]) for at in range(len(slug) + 1)]
    near = {left + right[1:] for left, right in halves if right}
    near |= {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    near |= {left + letter + rest for left, right in halves for letter in _LETTERS for rest in (right, right[1:])}
    return sorted(near)


def _word_ends(slug: str) -> list[str]:
    """The beginnings and the ends of the slug's words: a typing error is only in one of both."""
    words = [part for part in slug.split("-") if len(part) >= 3] or [slug]
    kept = [(word, max(3, len(word) * 2 // 3)) for word in words[:6]]
    return [part for word, length in kept for part in dict.fromkeys((word[:length], word[-length:]))]
