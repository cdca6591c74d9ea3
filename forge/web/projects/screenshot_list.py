"""Pictures of a project's screens as its page shows them: only where source may be served. It answers no address."""

from dataclasses import dataclass
from urllib.parse import quote

from catalog.rules.screenshot import SHOWN
from catalog.store.core.read_models import Mirror
from forge.web.code.access import address_of


@dataclass(frozen=True)
class Screen:
    """One picture: the addresses of the small and the large one, the small one's points, and its file in the code."""

    small: str
    large: str
    width: int
    height: int
    alt: str  # the maker's own words, "" where there are none
    path: str
    code: str  # below the language


def screens(mirror: Mirror | None, slug: str) -> tuple[Screen, ...]:
    """The pictures of the commit that was read last; none where the source is not served or nothing was made."""
    seen = (mirror.observation if mirror and mirror.may_serve else None) or {}
    rows = [row for row in seen.get("pictures") or () if row.get("sizes")][:SHOWN]
    return tuple(
        Screen(
            small=address(slug, row["oid"], row["sizes"][0][0]),
            large=address(slug, row["oid"], row["sizes"][-1][0]),
            width=row["sizes"][0][0],
            height=row["sizes"][0][1],
            alt=row.get("alt") or "",
            path=row["file"],
            code=address_of(slug, "blob", seen["commit"], row["file"].encode("utf-8", "surrogateescape")),
        )
        for row in rows
    )


def address(slug: str, oid: str, width: int) -> str:
    return f"/projects/{quote(slug)}/pictures/{oid}-{width}.webp"
