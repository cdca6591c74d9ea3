"""Answers with a feed: Atom (RFC 4287) from a template, in the reader's language."""

import hashlib
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.i18n import languages
from forge.web.core.render import CACHE, PUBLIC, offered_languages

ENTRIES = 50
ATOM, OPML = "application/atom+xml", "text/x-opml"
# XML 1.0 bears these in no form; a stranger's text may hold them.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_language(request: Request, parameter: str = "language") -> languages.PageLanguage:
    """Return the language that the address asks for, else the instance's first."""
    tags, wished = offered_languages(request), request.query_params.get(parameter, "")
    tongue = request.state.tongue = languages.tongue(wished if wished in tags else tags[0])
    return tongue


def feed_answer(request: Request, name: str, *, path: str, media_type: str = ATOM, **context: Any) -> Response:
    """Draw the template `name` as an answer; `path` is its own address."""
    tongue, site = request.state.tongue, request.app.state.site
    base = site.base_url or str(request.base_url).rstrip("/")
    body = site.environment(tongue).get_template(name).render(
        base=base, own=f"{base}{path}", hub=request.app.state.websub, **context
    )  # fmt: skip
    body = _NO_XML.sub("\ufffd", languages.without_marks(body)).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"Cache-Control": CACHE, "ETag": tag, "Content-Language": tongue.tag} | PUBLIC
    if request.app.state.websub and media_type == ATOM:  # https://www.w3.org/TR/websub/#discovery
        links = ((f"{base}{path}", "self"), (request.app.state.websub, "hub"))
        headers["Link"] = ", ".join(f'<{target}>; rel="{kind}"' for target, kind in links)
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)
