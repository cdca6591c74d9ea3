"""Where a source that a document names can be opened: a page, a file at its line or heading, or a commit. Pure."""

import re
from urllib.parse import quote

from catalog import text_rules as rules

_LINES = re.compile(r"L[0-9]{1,7}(?:-L[0-9]{1,7})?")
_RENDERED = re.compile(
    r"\.(?:md|markdown|mdown|rst|adoc|asciidoc|org|textile|creole|pod|rdoc|mediawiki)\Z", re.IGNORECASE
)
# What an address may hold as it is (https://url.spec.whatwg.org/#url-code-points); the rest is written with %.
_IN_ADDRESSES = "!$&'()*+,-./:;=?@_~#%"


def web_address(url: str) -> str:
    """An address as it may be in a link; empty for any that is not http or https."""
    return quote(url, safe=_IN_ADDRESSES) if url.startswith(("https://", "http://")) else ""


def source_address(source: str) -> str:
    """The address of a source; empty for a text that is none. A repository without a host is one on GitHub."""
    if web := web_address(source):
        return web
    link = rules.repository_source(source)
    if link is None:
        return ""
    repository = f"https://github.com/{link.repository}"
    if link.path is None:
        return f"{repository}/commit/{link.commit}"
    file = f"{repository}/blob/{link.commit or 'HEAD'}/{quote(link.path)}"
    if link.place is None:
        return file
    if _LINES.fullmatch(link.place):  # lines of a text that is shown drawn have no anchors
        return f"{file}{'?plain=1' if _RENDERED.search(link.path) else ''}#{link.place}"
    return f"{file}#{quote(_heading_anchor(link.place))}"


def shown_source(source: str) -> str:
    """A source as people read it."""
    if source.startswith(("https://", "http://")):
        return re.sub(r"^https?://(www\.)?", "", source).rstrip("/")
    link = rules.repository_source(source)
    if link is None:
        return source
    at = f"@{link.commit[:10]}" if link.commit else ""
    place = f"#{link.place}" if link.place else ""
    return f"{link.repository}{at}" + (f": {link.path}{place}" if link.path else "")


def _heading_anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading: small letters, hyphens for spaces, without signs."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
