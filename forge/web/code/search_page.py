"""The search in the files of a project, as they are at one commit."""

from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.browse.grep import FILE_LINES, WORD_CHARACTERS, MatchedFile, is_searchable, search
from forge.render.text_encoding import decoded
from forge.web.code.access import CodeSource, address_of, place_named, readers_of, visible_text
from forge.web.code.code_page import code_page, place_in_words
from forge.web.code.content import line_address
from forge.web.code.unavailable import from_code

AROUND_CHARACTERS = 120  # shown of a line on each side of what was found


@from_code()
def search_code(request: Request, source: CodeSource) -> Response:
    """Answer with what is found of the words `q` in the files of the branch, version or commit `at`, else the head."""
    words, at = request.query_params.get("q", "").strip(), request.query_params.get("at", "")
    place = place_named(request, source, at.encode("utf-8", "surrogateescape") or (source.mirror.head or "").encode())
    if place.path:
        raise read.ObjectMissing(place.oid)

    def context() -> dict[str, Any]:
        code_readers = readers_of(request)
        code_matches = None
        if is_searchable(words):
            with code_readers.heavy_work(request):
                code_matches = search(source.folder, place.oid, words)
        return {
            "where": place_in_words(request, source, place),
            "words": visible_text(words),
            "typed": words if words.isprintable() else visible_text(words),
            "at": place.oid if at else "",
            "most": WORD_CHARACTERS,
            "too_long": bool(words) and not is_searchable(words),
            "searched": code_matches is not None,
            "files": [_in_words(source.slug, place.oid, file, words) for file in code_matches.files]
            if code_matches
            else [],
            "names": [
                (visible_text(path), address_of(source.slug, "blob", place.oid, path))
                for path in (code_matches.names if code_matches else ())
            ],
            "incomplete": code_matches is not None and not code_matches.whole,
            "file_lines": FILE_LINES,
        }

    return code_page(request, source, "code/search.html", (place.oid, words, at), context)


def _in_words(slug: str, oid: str, file: MatchedFile, words: str) -> dict[str, Any]:
    address = address_of(slug, "blob", oid, file.path)
    return {
        "path": visible_text(file.path),
        "address": address,
        "lines": [
            (line.number, line_address(slug, oid, file.path, line.number), _excerpt(line.line, words))
            for line in file.lines
        ],
        "more": len(file.lines) == FILE_LINES,
    }


def _excerpt(line: bytes, words: str) -> Markup:
    """A part of a line around what was found, which is marked."""
    text = decoded(line).text.strip()
    start = text.casefold().find(words.casefold())
    if start < 0:
        return escape(visible_text(text[: 2 * AROUND_CHARACTERS], "\t"))
    end = start + len(words)
    before, after = text[max(0, start - AROUND_CHARACTERS) : start], text[end : end + AROUND_CHARACTERS]
    return Markup("{}{}<mark>{}</mark>{}{}").format(
        "…" if start > AROUND_CHARACTERS else "",
        visible_text(before, "\t"),
        visible_text(text[start:end], "\t"),
        visible_text(after, "\t"),
        "…" if len(text) > end + AROUND_CHARACTERS else "",
    )
