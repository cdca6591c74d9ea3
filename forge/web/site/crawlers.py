"""What search engines and browsers request: the site map with its languages, robots.txt.

A page with noindex is in no site map. https://www.sitemaps.org/protocol.html
https://developers.google.com/search/docs/specialty/international/localized-versions
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from catalog.errors import NotFound
from catalog.store.store import Store
from catalog.vocabulary import vocabulary
from forge.web.core.markdown import own_pages
from forge.web.core.render import CACHE, address, base_url, now_of, offered_languages

MAX_ADDRESSES = 50_000  # of one file; and 50 MB, which 5,000 pages in five languages stay far below
PAGES = 5_000
ROBOTS = (
    *("User-agent: *", "Disallow: /git/", "Disallow: /*/projects/*/code", "Disallow: /*/projects/filters"),
    *("Disallow: /projects/*/raw/", "Disallow: /projects/*/archive/"),
)
# Parts of the map, the kinds of their pages, and their addresses.
_KINDS: Mapping[str, tuple[str, str]] = {
    "projects": ("project", "/projects/{}"),
    "organizations": ("organization", "/organizations/{}"),
    "calls": ("call", "/calls/{}"),
    "experiences": ("experience", "/projects/{}/experiences"),
    "asked": ("asked", "/projects/{}/asked"),
}
_OTHER_PATHS = (
    *("/", "/projects", "/domains", "/organizations", "/places", "/calls", "/about", "/about/peers", "/legal"),
    *("/accessibility", "/help", "/help/licenses", "/help/ready", "/log", "/statistics"),
)
SECURITY_TXT_LIFETIME = timedelta(days=180)  # the standard recommends less than a year
_XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"

ListedPage = tuple[str, datetime | None]  # path below the language, and when it last changed where that is known


def robots_txt(request: Request) -> Response:
    lines = [*ROBOTS, f"Sitemap: {base_url(request)}/sitemap.xml"]
    return PlainTextResponse("".join(f"{line}\n" for line in lines))


def security_txt(request: Request) -> Response:
    """How somebody who found a weakness reaches the operators of this catalogue: the contact of the document.

    https://www.rfc-editor.org/rfc/rfc9116. Raises NotFound where the document names no contact.
    """
    manifest = request.app.state.store.manifest()
    if manifest is None or not manifest.contact:
        raise NotFound("page", request.url.path)
    contact = manifest.contact if "://" in manifest.contact else f"mailto:{manifest.contact.removeprefix('mailto:')}"
    expires = (now_of(request) + SECURITY_TXT_LIFETIME).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(manifest.languages)}",
        f"Canonical: {base_url(request)}/.well-known/security.txt",
    ]
    return PlainTextResponse("".join(f"{line}\n" for line in lines))


def sitemap_index(request: Request) -> Response:
    """The parts of the site map."""
    counts = request.app.state.store.sitemap.counts()
    parts = ["pages-1"]
    for name, (kind, _) in _KINDS.items():
        parts += [f"{name}-{number}" for number in range(1, -(-counts[kind] // _per_part(request)) + 1)]
    lines = "".join(f"<sitemap><loc>{escape(base_url(request))}/sitemap/{part}.xml</loc></sitemap>\n" for part in parts)
    body = f'{_XML_HEAD}<sitemapindex xmlns="{_SITEMAP}">\n{lines}</sitemapindex>\n'
    return Response(body, headers={"Cache-Control": CACHE}, media_type="application/xml")


def sitemap_part(request: Request) -> Response:
    """One part: each page in each language, with its addresses in the other languages. Raises NotFound."""
    name, _, written = request.path_params["part"].rpartition("-")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0
    per_part = _per_part(request)
    store = request.app.state.store
    listed: Iterable[ListedPage]
    if name == "pages" and number == 1:
        listed = _other_pages(store)
    elif name in _KINDS and number:
        kind, path = _KINDS[name]
        rows = store.sitemap.listed(kind, (number - 1) * per_part, per_part)
        listed = [(path.format(key), at) for key, at in rows]
    else:
        listed = []
    if not listed:
        raise NotFound("part of the site map", request.path_params["part"])
    pieces = _sitemap_lines(listed, base_url(request), offered_languages(request))
    return StreamingResponse(pieces, headers={"Cache-Control": CACHE}, media_type="application/xml")


def _other_pages(store: Store) -> list[ListedPage]:
    """The pages that belong to no record."""
    paths = [*_OTHER_PATHS, *(f"/help/{name}" for name in own_pages("help"))]
    paths += [f"/domains/{term}" for term in vocabulary("domain").terms]
    paths += [f"/collections/{editors_list.slug}" for editors_list in store.home_page.collections()]
    paths += [f"/places/{place.country}" for place in store.countries.countries() if place.country]
    return [(path, None) for path in paths]


def _sitemap_lines(listed: Iterable[ListedPage], base: str, tags: tuple[str, ...]) -> Iterator[str]:
    yield f'{_XML_HEAD}<urlset xmlns="{_SITEMAP}" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
    for path, at in listed:
        tail = address(path)
        others = "".join(_alternate(tag, f"{base}/{tag}{tail}") for tag in tags) + _alternate(
            "x-default", f"{base}{tail}"
        )
        changed = f"<lastmod>{at.date().isoformat()}</lastmod>" if at else ""
        yield "".join(f"<url><loc>{escape(f'{base}/{tag}{tail}')}</loc>{changed}{others}</url>\n" for tag in tags)
    yield "</urlset>\n"


def _alternate(tag: str, target: str) -> str:
    return f'<xhtml:link rel="alternate" hreflang="{tag}" href={quoteattr(target)}/>'


def _per_part(request: Request) -> int:
    """How many pages a part holds: each is there once for each language."""
    return min(PAGES, MAX_ADDRESSES // len(offered_languages(request)))
