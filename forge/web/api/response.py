"""What every answer of the API has: the license of the data, its ETag, the page for people, the next part, and texts
in the language that was asked for. Only the manifest is read here.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.document.keys import Group, Many, RecordKeys, Shape
from forge.i18n import languages
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
    body = json.dumps(content, separators=(",", ":")).encode()
    tag = etag_of(body)
    headers = {**headers, "ETag": tag}
    if status == 200 and not_modified(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, media_type="application/json")


def private_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a JSON answer for the person of the token alone: cached by nobody on its way, and read by no other site."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return Response(body, status, {**PRIVATE, "Vary": VARY, **(headers or {})}, media_type="application/json")


def list_part(
    request: Request,
    list_name: str,
    records: Iterable[Mapping[str, Any]],
    /,
    *,
    following: str | None,
    human: str = "",
    **more: Any,
) -> Response:
    """Make an answer with a part of a list under its name, with `next`, the address of the next part, or null."""
    target = None
    if following is not None:
        pairs = [pair for pair in request.query_params.multi_items() if pair[0] not in ("cursor", "before")]
        target = base_url(request) + address(request.url.path, [*pairs, ("cursor", following)])
    content = {**more, list_name: [chosen_fields(request, each_record) for each_record in records], "next": target}
    return json_answer(request, content, human=human, following=following)


def single_record(request: Request, record: Mapping[str, Any], human: str = "") -> Response:
    """Make an answer with one record; the license is that of its own data, where it says which."""
    whose = record.get("data_license")
    return json_answer(
        request, ({"license": whose["facts"]} if whose else {}) | chosen_fields(request, record), human=human
    )


def chosen_fields(request: Request, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record with the fields that `fields=` names, or all of them."""
    wanted = request.state.asked.get("fields")
    return dict(record) if wanted is None else {name: record[name] for name in record if name in wanted}


def wants_field(request: Request, *names: str) -> bool:
    """Return whether one of these fields is to be in the answer."""
    wanted = request.state.asked.get("fields")
    return wanted is None or not wanted.isdisjoint(names)


def texts_in_language(request: Request, words: Mapping[str, Any]) -> Any:
    """Return texts by language: all of them, or, where a language is asked for, the one that fits best, with its
    language.
    """
    wished_languages = languages_asked(request)
    if not wished_languages or not words:
        return dict(words)
    first = [tag for tag in (languages.SOURCE,) if tag in words]
    tag = languages.choose_language(wished_languages, (*first, *(key for key in words if key not in first)))
    if isinstance(words[tag], Mapping):  # a text with what is said about it
        return {**words[tag], "language": tag}
    return {"text": words[tag], "language": tag}


def languages_asked(request: Request) -> str:
    """Return the languages that were asked for, as `Accept-Language` writes them; "" for all."""
    parameter = next(
        (parameter for parameter in request.state.operation.parameters if parameter.chooses_language), None
    )
    asked: str = request.state.asked.get(parameter.name, "") if parameter else ""
    header = request.headers.get("accept-language", "")
    return asked or ("" if header.strip() in ("", "*") else header)


def record_in_language(request: Request, shape: Shape, value: Any) -> Any:
    """Return a record as the document writes it, each of its texts as `texts_in_language` gives it."""
    if isinstance(shape, Group):
        return texts_in_language(request, value) if shape.by_language else value
    if isinstance(shape, Many) and isinstance(value, list):
        return [record_in_language(request, shape.of, element) for element in value]
    if isinstance(shape, RecordKeys) and isinstance(value, Mapping):
        return {name: record_in_language(request, shape.keys[name].shape, member) for name, member in value.items()}
    return value
