"""Feeds of a project's code (Atom, RFC 4287): its changes and its versions. The author is the project: no person is
named.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge.git import read
from forge.web.code.access import CodeSource, address_of, visible_text
from forge.web.code.code_page import SUBJECT_CHARACTERS, open_objects, pool_of, short_text
from forge.web.code.tags import newest_tags, notes_of
from forge.web.code.unavailable import answer_from_code
from forge.web.feeds.atom import feed_answer, feed_language

CHANGES, VERSIONS = 30, 20
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


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
        {
            "id": uuid5(source.found.id, f"commit:{commit.oid}"),
            "title": short_text(commit.subject, SUBJECT_CHARACTERS),
            "oid": commit.oid,
            "at": commit.committed_at or _NEVER,
            "address": address_of(source.slug, "commit", commit.oid),
            "notes": "",
        }
        for commit in commits
    ]
    return _feed(request, source, "commits", address_of(source.slug, "log", source.mirror.head or ""), entries)


def _versions(request: Request, source: CodeSource) -> Response:
    page = address_of(source.slug, "releases")
    with open_objects(request, source) as objects:
        entries = [
            {
                "id": uuid5(source.found.id, f"version:{quote(ref.name.encode('utf-8', 'surrogateescape'))}:{ref.oid}"),
                "title": visible_text(ref.short),
                "oid": ref.oid,
                "at": ref.at or _NEVER,
                "address": f"{page}#v{ref.oid}",
                "notes": notes_of(objects, ref)[0],
            }
            for ref in newest_tags(request, source)[:VERSIONS]
        ]
    return _feed(request, source, "releases", page, entries)


def _feed(request: Request, source: CodeSource, kind: str, page: str, entries: list[dict[str, Any]]) -> Response:
    tongue = request.state.tongue
    return feed_answer(
        request,
        "feeds/code.xml",
        project=source.found.record,
        kind=kind,
        page=page,
        entries=entries,
        id=uuid5(source.found.id, kind),
        updated=max((entry["at"] for entry in entries), default=_NEVER),
        path=f"/feeds/projects/{source.slug}/{kind}.atom?language={tongue.tag}",
    )


ROUTES = [
    Route("/feeds/projects/{slug}/commits.atom", changes_feed, name="code-changes-feed"),
    Route("/feeds/projects/{slug}/releases.atom", versions_feed, name="code-versions-feed"),
]
