"""The page of a record as readers would see it if a waiting submission were published, as it stands or as a moderator
corrected it. It is drawn by the record's own page, from a transaction that is rolled back.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from catalog.moderation import page_preview
from catalog.rules.submission import Submission
from forge.web.core.render import now_of
from forge.web.core.session import make_private, signed_in_person


class Preview(NamedTuple):
    """What marks such a page: where it is decided, and a moderator's corrections as fields of the form."""

    desk: str
    fields: tuple[tuple[str, str], ...] = ()


def drawn(
    request: Request,
    submission: Submission,
    edits: Mapping[tuple[str, ...], str] | None = None,
    fields: Iterable[tuple[str, str]] = (),
) -> Response:
    """The page. Raises NotFound, NotAllowed and Invalid as `page_preview.published` does."""
    preview = Preview(f"/{request.state.page_language.tag}/desk/declarations/{submission.reference}", tuple(fields))
    store, someone = request.app.state.store, signed_in_person(request)
    with page_preview.published(store, someone, submission.id, edits, now=now_of(request)) as (kind, slug):
        answer: Response = request.app.state.record_pages[kind](_as_reader(request, kind, slug, preview))
    answer.headers["X-Robots-Tag"] = "noindex"
    return make_private(answer)


def _as_reader(request: Request, kind: str, slug: str, preview: Preview) -> Request:
    """The request of somebody who reads the record's page and is nobody here; `preview` marks its page."""
    tag = request.state.page_language.tag
    manifest, _, has_needs = request.app.state.store.frame()
    path = f"/{tag}/{kind}s/{slug}"
    headers = [(name, value) for name, value in request.scope["headers"] if name in (b"host", b"accept-language")]
    scope = {
        **request.scope,
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "path_params": {"language": tag, "slug": slug},
        "state": {"page_language": request.state.page_language, "now": now_of(request), "person": None, "session": None}
        | {"manifest": manifest, "has_needs": has_needs, "preview": preview},
    }
    return Request(scope)
