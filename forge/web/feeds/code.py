"""Feeds of a project's code (Atom, RFC 4287): its changes and its versions. The author is the project: no person is
named.
"""

from datetime import datetime
from functools import partial
from urllib.parse import quote
from uuid import uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge.git import read
from forge.i18n.languages import plain
from forge.web.code.access import CodeSource, address_of, visible_text
from forge.web.code.code_page import SUBJECT_CHARACTERS, open_objects, pool_of, short_text
from forge.web.code.tags import newest_tags, notes_of
from forge.web.code.unavailable import answer_from_code
from forge.web.feeds.atom import NEVER, Entry, feed_answer, feed_language, macros

CHANGES, VERSIONS = 30, 20


def changes_feed(request: Request) -> Response:
    """Make the feed of the last changes of the code."""
    feed_language(request)
    return answer_from_code(request, partial(_changes, request))


def versions_feed(request: Request) -> Response:
    """Make the feed of the last versions, with what their tags say."""
    feed_language(request)
    return answer_from_code(request, partial(_versions, request))


def _changes(request: Request, source: CodeSource) -> Response:
    commits = read.log(source.folder, source.mirror.head or "", pool_of(request), maximum=CHANGES)
    entries = [
        _entry(
            source,
            f"commit:{commit.oid}",
            short_text(commit.subject, SUBJECT_CHARACTERS) or commit.oid[:10],
            commit.committed_at,
            address_of(source.slug, "commit", commit.oid),
        )
        for commit in commits
    ]
    title = macros(request).changes_title(source.found.record).unescape()
    page = address_of(source.slug, "log", source.mirror.head or "")
    return _feed(request, source, "commits", title, page, entries)


def _versions(request: Request, source: CodeSource) -> Response:
    page, says, project = address_of(source.slug, "refs"), macros(request), source.found.record
    with open_objects(request, source) as objects:
        entries = [
            _entry(
                source,
                f"version:{quote(ref.name.encode('utf-8', 'surrogateescape'))}:{ref.oid}",
                says.release(project, visible_text(ref.short)).unescape(),
                ref.at,
                f"{page}#v{ref.oid}",
                notes_of(objects, ref)[0],
            )
            for ref in newest_tags(request, source)[:VERSIONS]
        ]
    return _feed(request, source, "releases", says.versions_title(project).unescape(), page, entries)


def _entry(source: CodeSource, name: str, title: str, at: datetime | None, address: str, content: str = "") -> Entry:
    return Entry(
        id=uuid5(source.found.id, name), title=title, updated=at or NEVER, address=address, content=content or title
    )


def _feed(request: Request, source: CodeSource, kind: str, title: str, page: str, entries: list[Entry]) -> Response:
    return feed_answer(
        request,
        path=f"/feeds/projects/{source.slug}/{kind}.atom?language={request.state.page_language.tag}",
        id=uuid5(source.found.id, kind),
        title=title,
        author=plain(source.found.record.name),
        page=page,
        updated=max((entry.updated for entry in entries), default=NEVER),
        entries=entries,
    )


ROUTES = [
    Route("/feeds/projects/{slug}/commits.atom", changes_feed, name="code-changes-feed"),
    Route("/feeds/projects/{slug}/releases.atom", versions_feed, name="code-versions-feed"),
]
