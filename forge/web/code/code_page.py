"""What all pages of a mirror's code have in common: how they are drawn, their `ETag`, and places and changes in words.

Pages link by full id with the name in words, so that what a reader copies stays true. Each has an `ETag` of the ids
it shows, and is drawn only for a reader who has another. All are kept out of search engines: they show people's
names.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forge.git import read
from forge.i18n import languages
from forge.web.code.access import (
    PATH_BYTES_KEY,
    CodePlace,
    CodeSource,
    address_of,
    readers_of,
    visible_text,
)
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.render import CACHE, OWN_CACHE, base_url, manifest_of, offered_languages, page, page_language_of
from forge.web.core.session import person_of

SUBJECT_CHARACTERS, PERSON_CHARACTERS = 200, 100


def code_page(
    request: Request, source: CodeSource, name: str, shows: Sequence[str | bytes], context: Callable[[], dict[str, Any]]
) -> Response:
    """Draw the page, or answer 304 without reading the mirror when the reader has what `shows` names.

    Besides those ids a page shows the project's record, the site's name and our own texts: they are in the tag too.
    What `context` calls "partial" is true, and may be more the next time: no browser keeps it.
    """
    code_readers = readers_of(request)
    page_language, base = page_language_of(request), base_url(request)
    tail, change, manifest = own_address(request), str(source.found.change), repr(manifest_of(request))
    query = f"?{request.url.query}" if request.url.query else ""
    cache = OWN_CACHE if person_of(request) else CACHE
    parts = [
        name,
        page_language.tag,
        base,
        tail,
        code_readers.edition,
        change,
        manifest,
        cache,
        source.state,
        repr(shows),
    ]
    tag = etag_of(chr(0).join(parts).encode())
    headers = {"Cache-Control": cache, "ETag": tag, "Content-Language": page_language.tag}
    if not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    values = context()
    partial = bool(values.pop("partial", False))
    answer = page(
        request,
        name,
        project=source.found.record,
        mirror=source.mirror,
        later=source.later,
        code=f"/projects/{source.slug}/code",
        clone=f"{base}/git/{source.slug}.git",
        tail=tail,
        canonical=f"/{page_language.tag}{tail}",
        languages=[
            (languages.page_language(tag_offered), f"/{tag_offered}{tail}{query}")
            for tag_offered in offered_languages(request)
        ],
        noindex=True,
        **values,
    )
    answer.headers.update({"ETag": tag, "X-Robots-Tag": "noindex, nofollow"})
    if partial:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def own_address(request: Request) -> str:
    """Return the address of the request below its language, its bytes kept."""
    head, rest = request.scope["raw_path"], request.scope.get(PATH_BYTES_KEY)
    path = quote(head, safe="/%:@+~,") if rest is None else f"{quote(head, safe='/%')}{quote(rest, safe='/')}"
    spoken = getattr(request.state, "page_language", None)
    prefix = f"/{spoken.tag}/" if spoken else "/"
    return f"/{path.removeprefix(prefix)}" if path.startswith(prefix) else path


def redirect_to(request: Request, address: str) -> Response:
    return RedirectResponse(f"/{page_language_of(request).tag}{address}", 302)


def open_objects(request: Request, source: CodeSource) -> AbstractContextManager[read.ObjectReader]:
    return readers_of(request).pool.objects(source.folder)


def place_in_words(request: Request, source: CodeSource, place: CodePlace) -> dict[str, Any]:
    """Return the place in words: its commit, the name it has, and each folder above with its address."""
    parts = [part for part in place.path.split(b"/") if part]
    above = [
        (visible_text(part), address_of(source.slug, "tree", place.oid, b"/".join(parts[: index + 1])))
        for index, part in enumerate(parts[:-1])
    ]
    name = place.name or readers_of(request).names(source).on(place.oid)
    return {
        "oid": place.oid,
        "name": visible_text(name),
        "path": visible_text(place.path),
        "last": visible_text(parts[-1]) if parts else "",
        "above": above,
        "top": address_of(source.slug, "tree", place.oid),
        "commit": address_of(source.slug, "commit", place.oid),
    }


class CommitLine(NamedTuple):
    """What a list of changes tells of each. Templates of long lists take its fields apart, which is faster."""

    address: str
    subject: str
    author: str
    at: datetime | None


def commit_line(slug: str, commit_read: read.Commit) -> CommitLine:
    """Return the line of a change."""
    return CommitLine(
        f"/projects/{slug}/code/commit/{commit_read.oid}",
        short_text(commit_read.subject, SUBJECT_CHARACTERS) or (commit_read.oid[:10] if commit_read.cut else ""),
        short_text(commit_read.author, PERSON_CHARACTERS),
        commit_read.committed_at,
    )


def short_text(text: str, most: int) -> str:
    """The beginning of a stranger's text: it is cut first, since cleaning it makes up to nine characters of one."""
    return visible_text(text[:most]) + ("…" if len(text) > most else "")
