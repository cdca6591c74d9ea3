"""The pages shown instead of code: it may not be shown, is missing or too large, or its mirror is damaged."""

import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from forge.git import mirror_folder, read
from forge.git.objects import Unsound
from forge.web.code.access import CodeSource, license_doubts, readers_of, source_of, take_tokens, why_not_served
from forge.web.core.render import page

UNREADABLE_SECONDS = 600
_CODE_PAGE = re.compile(r"/[^/]+/projects/[^/]+/code(?:/|$)")

_log = logging.getLogger(__name__)

_Show = Callable[[Request, CodeSource], Response]


def from_code(*, closed: int = 403, tokens: float = 1) -> Callable[[_Show], Callable[[Request], Response]]:
    """Return a decorator of what answers for the project of an address, or else draws the page that says why not.

    `closed` is the status where the code may not be shown, `tokens` what the answer costs the reader's network. The
    endpoint raises NotFound, Moved, Removed, HTTPException.
    """

    def decorate(show: _Show) -> Callable[[Request], Response]:
        @wraps(show)
        def endpoint(request: Request) -> Response:
            source = source_of(request)
            if source.closed_reason:
                return _refusal_page(request, source, "code/not-served.html", closed)
            take_tokens(request, tokens)
            try:
                with readers_of(request).reading(request):
                    return show(request, source)
            except read.ObjectMissing:
                if why := why_not_served(request, source):
                    return _refusal_page(request, source, "code/not-served.html", 403, closed="withheld", why=why)
                return _refusal_page(request, source, "code/missing.html", 404)
            except read.TooLarge:
                return too_large_page(request, source)
            except read.MirrorUnreadable as damage:
                _log.warning("the mirror of %s cannot be read: %r", source.slug, damage.reason)
                if isinstance(damage, Unsound):
                    mirror_folder.doubt(source.folder)
                answer = _refusal_page(request, source, "code/unreadable.html", 503)
                answer.headers.update({"Retry-After": str(UNREADABLE_SECONDS), "Cache-Control": "no-store"})
                return answer

        return endpoint

    return decorate


def kept_page_is_counted(scope: Scope) -> bool:
    """Count a finished page that is given again, where it is one of code; return False where its reader's network reads
    too much."""
    if not _CODE_PAGE.match(scope["path"]):
        return True
    try:
        take_tokens(Request(scope), 1)
    except HTTPException:
        return False
    return True


def too_large_page(
    request: Request, source: CodeSource, max_bytes: int | None = None, *, archive: bool = False
) -> Response:
    """Draw the page for a file, or the archive of a state, that is too large to be sent."""
    megabytes = max_bytes and max_bytes >> 20
    return _refusal_page(request, source, "code/too-large.html", 403, megabytes=megabytes, archive=archive)


def _refusal_page(request: Request, source: CodeSource, name: str, status: int, **context: Any) -> Response:
    project_page = source.found
    values = {
        "project": project_page.record,
        "mirror": project_page.mirror,
        "closed": source.closed_reason,
        "doubts": license_doubts(project_page.mirror),
    }
    return page(request, name, status, noindex=True, **(values | context))
