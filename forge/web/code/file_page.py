"""The page of one file: its lines with their colours, a document as it is meant to be read, a table, a picture, or its
size.

Strangers' documents and code are rendered behind the page in limited children (`forge.render`) and kept by the id of
the file; until that is done, and where it fails, the page shows the lines.
"""

import csv
import io
import posixpath
import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.i18n.languages import CLOSE, OPEN
from forge.render import MAX_INPUT_BYTES, RENDERER_VERSION, render
from forge.render.document_cache import ANY_COMMIT, document_name, links_at_commit
from forge.render.links import LinkBase
from forge.render.text_encoding import UTF_8, UTF_16
from forge.web.code import large_trees
from forge.web.code.access import CodePlace, CodeSource, address_of, place_of, readers_of, visible_text
from forge.web.code.code_page import code_page, open_objects, place_in_words, redirect_to
from forge.web.code.content import (
    LINE_CHARACTERS,
    document_kind,
    file_content,
    highlighted_lines,
    numbered_lines,
    raw_address,
)
from forge.web.code.unavailable import from_code
from forge.web.core.render import page_language_of

TABLE_ROWS, TABLE_COLUMNS, CELL_CHARACTERS = 500, 40, 500
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?\Z")
Table = tuple[list[str], list[list[str]], bool]


@from_code()
def blob(request: Request, source: CodeSource) -> Response:
    """Answer with a file. `lines`, such as "12" or "3-7", marks lines and shows a document or table as its lines."""
    place = place_of(request, source)
    with open_objects(request, source) as objects:
        entry = large_trees.find(request, objects, place.oid, place.path)
    if entry.kind == "tree":
        return redirect_to(request, address_of(source.slug, "tree", place.oid, place.path))
    line_range = request.query_params.get("lines", "")

    def context() -> dict[str, Any]:
        content, is_commit = None, False
        if entry.kind != "commit":
            with open_objects(request, source) as objects:
                content = file_content(objects, entry)
                is_commit = objects.info(place.oid).kind == "commit"
        kind, text = (content.kind, content.text) if content else (entry.kind, "")
        has_lines = kind == "text" and content is not None and content.encoding != UTF_16  # lines as git counts them
        raw = raw_address(source.slug, place)
        values: dict[str, Any] = {"text": text, "partial": False, "document": None, "table": None, "readable": False}
        if kind == "text":
            values |= _text(request, source, place, entry, text, line_range)
        return values | {
            "where": place_in_words(request, source, place),
            "kind": kind,  # text, binary, picture, large, link, commit
            "lines": text.count("\n") + 1 if kind == "text" else 0,
            "size_bytes": content.size_bytes if content else None,
            "encoding": content.encoding if content and content.encoding != UTF_8 else "",
            "kept_apart": content.kept_apart if content else None,
            "target": entry.oid,
            "raw": raw if entry.kind == "blob" else "",
            "own": address_of(source.slug, "blob", place.oid, place.path),
            "history": address_of(source.slug, "log", place.oid, place.path),
            "cite": address_of(source.slug, "cite", place.oid, place.path) if is_commit else "",
            "blame": address_of(source.slug, "blame", place.oid, place.path) if has_lines and is_commit else "",
        }

    return code_page(request, source, "code/blob.html", (place.oid, place.path, entry.oid, line_range), context)


def _text(
    request: Request, source: CodeSource, place: CodePlace, entry: read.TreeEntry, text: str, line_range: str
) -> dict[str, Any]:
    """What a text file is shown as: a document or table where it is one and nobody asks for lines, else its lines."""
    kind = document_kind(place.path)
    if kind == "csv" and not line_range:
        table = _table(text)
        if table is not None:
            return {"table": table, "readable": True}
    elif kind and not line_range:
        done, document = _document(request, source, place, entry, kind)
        if document:
            return {"document": document, "readable": True}
        if not done:
            return {"text": _lines(request, source, place, text, None, line_range), "partial": True, "readable": True}
    done, html = _colours(request, source, place, entry, text)
    lines = _lines(request, source, place, text, html, line_range)
    return {"text": lines, "partial": not done, "readable": bool(kind)}


def _lines(
    request: Request, source: CodeSource, place: CodePlace, text: str, html: str | None, line_range: str
) -> Markup:
    first, last = _marked(line_range)
    if html is not None and html.count("\n") == text.count("\n"):
        return highlighted_lines(html, first, last)
    whole = page_language_of(request).gettext("Raw file")
    return numbered_lines(text, raw_address(source.slug, place), whole, marked=(first, last))


def _marked(line_range: str) -> tuple[int, int]:
    """The first and last line of "3-7" or "12"; none where it says anything else."""
    match = _RANGE.match(line_range) if line_range.isascii() else None
    if match is None:
        return 0, -1
    first = int(match[1])
    return first, int(match[2] or first)


def _rendered(
    request: Request, source: CodeSource, oid: str, key: str, make: Callable[[bytes], str | None]
) -> tuple[bool, str | None]:
    """Whether it is done, and the HTML that `make` makes of a file's bytes: None where it failed or is not done."""
    code_readers = readers_of(request)

    def work() -> str | None:
        with code_readers.pool.objects(source.folder) as objects:
            data = read.blob(objects, oid, MAX_INPUT_BYTES)
        return make(data) if data is not None else None

    return code_readers.background.result((key, oid), work)


def _document(
    request: Request, source: CodeSource, place: CodePlace, entry: read.TreeEntry, kind: str
) -> tuple[bool, Markup | None]:
    try:
        folder = posixpath.dirname(place.path.decode())
    except UnicodeDecodeError:
        return True, None  # its links could not be told
    base = LinkBase(source.slug, ANY_COMMIT, folder)
    name = document_name(base)
    html = request.app.state.store.mirrors.rendering(entry.oid, name)
    done = html is not None
    if html is None:
        options = {"slug": base.slug, "commit": base.commit, "folder": base.folder, "top": 2}
        done, html = _rendered(request, source, entry.oid, name, lambda data: render(kind, data, options))
    if not html:
        return done, None
    return True, Markup(links_at_commit(place.oid, html).replace(OPEN, "").replace(CLOSE, ""))


def _colours(
    request: Request, source: CodeSource, place: CodePlace, entry: read.TreeEntry, text: str
) -> tuple[bool, str | None]:
    """Whether it is known, and the lines with their colours; None for what has none."""
    name = visible_text(place.path.rpartition(b"/")[2])
    if not text or any(len(line) > LINE_CHARACTERS for line in text.split("\n")):
        return True, None
    key = f"code/{RENDERER_VERSION}/{name}"
    content = text.encode("utf-8", "replace")  # what the page shows without colours, hidden signs made visible
    if len(content) > MAX_INPUT_BYTES:
        return True, None
    return _rendered(request, source, entry.oid, key, lambda data: render("code", content, {"filename": name}))


def _table(text: str) -> Table | None:
    """The head and the rows of a table, and whether it has more; None where it is none."""
    first = text.partition("\n")[0]
    sign = max(",;\t", key=first.count)
    if not first.count(sign):
        return None
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=sign):
            if len(rows) > TABLE_ROWS:
                break
            rows.append([cell[:CELL_CHARACTERS] for cell in row[:TABLE_COLUMNS]])
    except csv.Error:
        return None
    cut = len(rows) > TABLE_ROWS or any(len(row) == TABLE_COLUMNS for row in rows)
    return rows[0], rows[1 : TABLE_ROWS + 1], cut
