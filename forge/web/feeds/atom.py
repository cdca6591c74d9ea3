"""Answers with a feed: Atom (RFC 4287), in the reader's language.

ElementTree of the standard library writes it, which escapes what strangers wrote. What entries say is in
`templates/feeds/sentences.html` and in the macros of pages.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from forge.i18n import languages
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.render import CACHE, PUBLIC, base_url, manifest_of, offered_languages

ENTRIES = 50
ATOM = "application/atom+xml"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a feed without entries changed
# XML 1.0 bears these in no form; a stranger's text may hold them.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """An entry; `address` is that of its page, below the language. `language` is that of title and content, where it is
    another than the feed's.
    """

    id: UUID
    title: str
    updated: datetime
    address: str
    content: str | Markup | None = None  # Markup: HTML
    summary: str = ""
    language: str = ""
    published: datetime | None = None
    categories: Iterable[tuple[str, str]] = ()  # term and label
    author: tuple[str, str | None] | None = None  # name and address
    rights: str = ""


def feed_language(request: Request, parameter: str = "language") -> languages.PageLanguage:
    """Return the language that the address asks for, else the instance's first."""
    tags, wished = offered_languages(request), request.query_params.get(parameter, "")
    page_language = request.state.page_language = languages.page_language(wished if wished in tags else tags[0])
    return page_language


def macros(request: Request, name: str = "feeds/sentences.html") -> Any:
    """Return the macros of a template, in the feed's language."""
    return request.app.state.site.environment(request.state.page_language).get_template(name).module


def site_name(request: Request) -> str:
    manifest = manifest_of(request)
    name = request.state.page_language.text_of(manifest.name) if manifest else None
    return languages.plain(name.text) if name else "Forge"


def feed_answer(
    request: Request,
    *,
    path: str,
    id: UUID,
    title: str,
    author: str,
    page: str,
    updated: datetime,
    entries: Iterable[FeedEntry],
) -> Response:
    """Answer with a feed; `path` is its own address, `page` that of the page of the same, below the language."""
    base = base_url(request)
    prefix = f"{base}/{request.state.page_language.tag}"
    feed = Element(
        "feed",
        {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": request.state.page_language.tag, "xml:base": f"{base}/"},
    )
    _add(feed, "id", id.urn)
    _add(feed, "title", title)
    _add(feed, "updated", updated.isoformat())
    _add(SubElement(feed, "author"), "name", author)
    _add(feed, "link", rel="self", type=ATOM, href=f"{base}{path}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{prefix}{page}")
    for entry in entries:
        _add_entry(feed, entry, prefix)
    text = _NO_XML.sub("\ufffd", languages.without_marks(tostring(feed, "unicode")))
    body = f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
    headers = {
        "Cache-Control": CACHE,
        "ETag": etag_of(body),
        "Content-Language": request.state.page_language.tag,
    } | PUBLIC
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=ATOM)


def _add_entry(feed: Element, entry: FeedEntry, prefix: str) -> None:
    element = SubElement(feed, "entry")
    spoken = {"xml:lang": entry.language} if entry.language else {}
    _add(element, "id", entry.id.urn)
    _add(element, "title", entry.title, spoken)
    if entry.published:
        _add(element, "published", entry.published.isoformat())
    _add(element, "updated", entry.updated.isoformat())
    _add(element, "link", rel="alternate", type="text/html", href=f"{prefix}{entry.address}")
    for term, label in entry.categories:
        _add(element, "category", term=term, label=label)
    if entry.summary:
        _add(element, "summary", entry.summary, type="text")
    if entry.content is not None:
        kind = "html" if isinstance(entry.content, Markup) else "text"
        _add(element, "content", str(entry.content).strip(), spoken, type=kind)
    if entry.author:
        name, address = entry.author
        author = SubElement(element, "author")
        _add(author, "name", name)
        if address:
            _add(author, "uri", address)
        _add(element, "rights", entry.rights)


def _add(
    parent: Element, name: str, text: str | None = None, more: dict[str, str] | None = None, **attributes: str
) -> None:
    SubElement(parent, name, more or {}, **attributes).text = text
