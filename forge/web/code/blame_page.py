"""The page of a file that says of each line which change it comes from."""

from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.browse.blame import LineOrigin, blame
from forge.render.text_encoding import UTF_16
from forge.web.code import large_trees
from forge.web.code.access import CodeSource, address_of, place_of, readers_of, visible_text
from forge.web.code.code_page import (
    PERSON_CHARACTERS,
    SUBJECT_CHARACTERS,
    code_page,
    open_objects,
    place_in_words,
    redirect_to,
    short_text,
)
from forge.web.code.content import file_content, numbered_lines, raw_address
from forge.web.code.unavailable import from_code
from forge.web.core.render import page_language_of

LINES = 500  # of a page


@from_code()
def blame_lines(request: Request, source: CodeSource) -> Response:
    """Answer with the lines of a file and their changes; `from` is the first line."""
    place = place_of(request, source)
    with open_objects(request, source) as objects:
        entry = large_trees.find(request, objects, place.oid, place.path)
        if entry.kind != "blob":
            return redirect_to(request, address_of(source.slug, "tree", place.oid, place.path))
        content = file_content(objects, entry)
        is_commit = objects.info(place.oid).kind == "commit"
    if content.kind != "text" or content.encoding == UTF_16 or not is_commit:  # git counts lines in bytes
        return redirect_to(request, address_of(source.slug, "blob", place.oid, place.path))
    text = content.text
    lines, written = text.split("\n"), request.query_params.get("from", "1")
    first = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0
    if not 1 <= first <= len(lines):
        raise read.ObjectMissing(place.oid)

    def context() -> dict[str, Any]:
        last = min(first + LINES - 1, len(lines))
        code_readers = readers_of(request)
        with code_readers.heavy_work(request):
            blame_lines = blame(source.folder, place.oid, place.path, first, last) if text else None
        raw = raw_address(source.slug, place)
        whole = page_language_of(request).gettext("Raw file")
        groups = []
        numbered = (
            (number, blame_lines.lines.get(number) if blame_lines else None) for number in range(first, last + 1)
        )
        for origin, run in groupby(numbered, key=lambda line: line[1]):
            numbers = [number for number, _ in run]
            html = numbered_lines("\n".join(lines[numbers[0] - 1 : numbers[-1]]), raw, whole, first=numbers[0])
            groups.append((_in_words(source.slug, origin) if origin else None, numbers[0], html))
        own = address_of(source.slug, "blame", place.oid, place.path)
        return {
            "where": place_in_words(request, source, place),
            "groups": groups,
            "wider": len(lines) > 999,
            "partial": blame_lines is not None and not blame_lines.whole,
            "unfinished": blame_lines is not None and not blame_lines.whole,
            "file": address_of(source.slug, "blob", place.oid, place.path),
            "earlier": f"{own}?from={max(1, first - LINES)}" if first > 1 else "",
            "later_lines": f"{own}?from={last + 1}" if last < len(lines) else "",
        }

    return code_page(request, source, "code/blame.html", (place.oid, place.path, entry.oid, str(first)), context)


def _in_words(slug: str, origin: LineOrigin) -> dict[str, Any]:
    return {
        "subject": short_text(origin.subject, SUBJECT_CHARACTERS),
        "author": short_text(origin.author, PERSON_CHARACTERS),
        "at": origin.at,
        "address": address_of(slug, "commit", origin.oid),
        "oid": visible_text(origin.oid[:10]),
    }
