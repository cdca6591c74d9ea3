"""What every answer of the API has: the license of the data, its ETag, the page for people, and the next part. Only the
manifest is read here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.publication.dataclass_json import leaving_json, leaving_text
from forge.web.core.etag import etag_of, not_modified
from forge.web.core.problems import OPEN_HEADERS
from forge.web.core.render import CACHE, address, base_url, manifest_of
from forge.web.core.session import PRIVATE

VARY = "Accept-Language, Authorization"


def json_answer(
    request: Request, content: Mapping[str, Any], *, human: str = "", following: str | None = None, status: int = 200
) -> Response:
    """Make a JSON answer that any site may read, with an `ETag`; 304 for a client that has it already. `human`: the
    path of the page for people, without language; `following`: the cursor of the next part, which is put into `next`
    and `Link`.
    """
    manifest = manifest_of(request)
    links = [f'<{base_url(request)}{human}>; rel="alternate"; type="text/html"'] if human else []
    if following is not None:
        links.append(f'<{content["next"]}>; rel="next"')
    body = ({"license": manifest.data_license.facts} if manifest is not None else {}) | dict(content)
    headers = OPEN_HEADERS | {"Cache-Control": CACHE, "Vary": VARY}
    headers |= {"Link": ", ".join(links)} if links else {}
    return with_etag(request, body, headers, status)


def with_etag(request: Request, content: Any, headers: Mapping[str, str], status: int = 200) -> Response:
    body = leaving_text(content).encode()
    tag = etag_of(body)
    headers = {**headers, "ETag": tag}
    if status == 200 and not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type="application/json")


def private_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a JSON answer for the person of the token alone: cached by nobody on its way, and read by no other site."""
    body = leaving_text(content).encode()
    return Response(body, status, {**PRIVATE, "Vary": VARY, **(headers or {})}, media_type="application/json")


def list_part(
    request: Request, name: str, records: Iterable[Any], /, *, following: str | None, human: str = "", **more: Any
) -> Response:
    """Make an answer with a part of a list under its name, with `next`, the address of the next part, or null."""
    target = None
    if following is not None:
        pairs = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
        target = base_url(request) + address(request.url.path, [*pairs, ("cursor", following)])
    content = {**more, name: list(records), "next": target}
    return json_answer(request, content, human=human, following=following)


def single_record(request: Request, record: Any, human: str = "", license: str | None = None) -> Response:
    """Make an answer with one record, a dataclass; `license`: that of its home, where that is another catalogue."""
    return json_answer(request, ({"license": license} if license else {}) | leaving_json(record), human=human)
