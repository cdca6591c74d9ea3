"""The versions of a project, from the tags of its repository: notes, files to take, and what changed since the last."""

from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.read import Ref
from forge.web.code.access import CodeSource, address_of, visible_text
from forge.web.code.code_page import code_page, names_of, open_objects
from forge.web.code.tags import newest_tags, notes_of, version_before
from forge.web.code.unavailable import answer_from_code

RELEASES = 20  # of a page


def releases(request: Request) -> Response:
    """Answer with the versions, newest first; `page` of them from 1."""
    return answer_from_code(request, partial(_releases, request))


def _releases(request: Request, source: CodeSource) -> Response:
    written = request.query_params.get("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 0
    tags = newest_tags(request, source)
    first = (number - 1) * RELEASES
    if number < 1 or (number > 1 and first >= len(tags)):
        raise read.ObjectMissing(written)

    def context() -> dict[str, Any]:
        shown = []
        with open_objects(request, source) as objects:
            for index, ref in enumerate(tags[first : first + RELEASES], first):
                shown.append(_in_words(request, source, objects, ref, version_before(ref, tags[index + 1 :])))
        own = address_of(source.slug, "releases")
        return {
            "releases": shown,
            "older": f"{own}?page={number + 1}" if first + RELEASES < len(tags) else "",
            "newer": f"{own}?page={number - 1}" if number > 1 else "",
        }

    return code_page(request, source, "code/releases.html", (source.mirror.digest or "", str(number)), context)


def _in_words(
    request: Request, source: CodeSource, objects: read.ObjectReader, ref: Ref, previous: Ref | None
) -> dict[str, Any]:
    notes, more = notes_of(objects, ref)
    # A branch of the same name would be packed instead.
    named = names_of(request, source).by_name.get(ref.short) == ref
    packed = quote(ref.short.encode("utf-8", "surrogateescape"), safe="/") if named else ref.commit
    return {
        "name": visible_text(ref.short),
        "anchor": f"v{ref.oid}",
        "at": ref.at,
        "notes": notes,
        "more": more,
        "tree": address_of(source.slug, "tree", ref.commit),
        "cite": address_of(source.slug, "cite", path=ref.short.encode("utf-8", "surrogateescape"))
        if named
        else address_of(source.slug, "cite", packed),
        "archive": f"/projects/{source.slug}/archive/{packed}",
        "since": address_of(source.slug, "compare", path=f"{previous.commit}...{ref.commit}".encode())
        if previous
        else "",
        "previous": visible_text(previous.short) if previous else "",
    }
