"""The picture of a record: the address of what was drawn of its repository, else a tile of its initials on one of eight
calm colours, always the same one.
"""

from hashlib import blake2b
from urllib.parse import quote

from catalog.unicode_normalization import normalized

COLORS = 8  # .tile.t0 to .tile.t7 of the style sheet


def initials(name: str) -> str:
    """The first letters of the first two words of a name, without small ones between them ("Amicale des jardins"); of a
    single word, or of a script without capitals, one.

    >>> [initials(name) for name in ("Galette", "La Nef", "framadate", "«42 Maux»", "جمعية التضامن", "...")]
    ['G', 'LN', 'F', '4M', 'ج', '•']
    >>> [initials(name) for name in ("Amicale des jardins", "Friends of Earth")]
    ['AJ', 'FE']
    """
    every = ["".join(letter for letter in word if letter.isalnum()) for word in normalized("NFC", name).split()]
    words = [word for word in every if word]
    telling = words[:1] + [word for word in words[1:] if len(word) > 3 or not word.islower()]
    first = [word[0].upper()[0] for word in telling[:2]]
    cased = [letter for letter in first if letter.lower() != letter.upper() or letter.isdigit()]
    return "".join(cased) or "".join(first[:1]) or "•"


def tile_color(slug: str) -> int:
    """The number of a record's colour, from 0 to COLORS - 1: it depends on the slug alone."""
    return blake2b(slug.encode("utf-8", "surrogatepass"), digest_size=2).digest()[0] % COLORS


def picture_address(slug: str, object_id: str, width: int, records: str = "projects") -> str:
    """The address of a screenshot or logo; `records`: projects | organizations."""
    return f"/{records}/{quote(slug)}/pictures/{object_id}-{width}.webp"
