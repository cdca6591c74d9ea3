"""The difference of two states as pages show it: files with their counts, and lines with signs, cut where it is long.

It takes a place for heavy work. Where git is too slow, or the difference too large, the list of files stays, and the
page says what is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape
from starlette.requests import Request

from forge.git.browse.patch import LARGE_BYTES, FilePatch, Hunk, PatchLimits, diff_trees
from forge.render.text_encoding import decoded
from forge.web.code.access import CodeSource, address_of, visible_text
from forge.web.code.code_page import open_objects
from forge.web.code.content import line_address
from forge.web.core.render import page_language_of

LINE_CHARACTERS = 1000


USUAL = PatchLimits(files=200, path_bytes=64 << 10, lines=500, file_lines=200, output_bytes=1 << 20)
ALL = PatchLimits(files=2000, path_bytes=256 << 10, lines=20_000, file_lines=20_000, output_bytes=4 << 20)


@dataclass(frozen=True)
class ShownFile:
    """A file of a difference. `address` is where it is shown: as it became, or as it was where it was removed."""

    anchor: str  # the id of its lines on the page
    kind: str  # added, removed, changed, renamed
    path: str
    old_path: str
    address: str
    added: int | None
    removed: int | None
    executable: bool | None  # None: as before
    binary: bool
    large: bool  # named, and not compared
    lines: Markup
    cut: bool


def extent_of(request: Request) -> PatchLimits:
    """Return how much this request wants to see."""
    return ALL if request.query_params.get("all") == "1" else USUAL


def difference(request: Request, source: CodeSource, before: tuple[str, str], after: tuple[str, str]) -> dict[str, Any]:
    """Compare two commits, each with its tree ("", "" for none), for the template.

    Raises ObjectMissing, MirrorUnreadable.
    """
    extent = extent_of(request)
    patch = diff_trees(source.folder, before[1], after[1], extent)
    with open_objects(request, source) as objects:
        large = {
            file.oid
            for file in patch.files
            if file.binary and "160000" not in (file.old_mode, file.new_mode)
            and objects.info(file.oid).size_bytes > LARGE_BYTES
        }  # fmt: skip
    files = [
        _shown_file(request, source.slug, f"f{number}", file, before=before[0], after=after[0], large=file.oid in large)
        for number, file in enumerate(patch.files, 1)
    ]
    return {
        "files": files,
        "more": patch.more,
        "skipped": patch.skipped,
        "whole": patch.whole and not patch.more and not patch.skipped,
        "added": sum(file.added or 0 for file in files),
        "removed": sum(file.removed or 0 for file in files),
        "cut": not patch.whole or any(file.cut for file in files),
        "all_shown": extent is ALL,
    }


def _shown_file(
    request: Request, slug: str, anchor: str, file: FilePatch, *, before: str, after: str, large: bool
) -> ShownFile:
    holder, path = (before, file.old_path) if file.kind == "removed" else (after, file.path)
    address = address_of(slug, "blob", holder, path)
    modes = {file.old_mode, file.new_mode}
    return ShownFile(
        anchor=anchor,
        kind=file.kind,
        path=visible_text(file.path),
        old_path=visible_text(file.old_path),
        address=address,
        added=file.added,
        removed=file.removed,
        executable=file.new_mode == "100755" if modes == {"100644", "100755"} else None,
        binary=file.binary and not file.cut and not large,
        large=large,
        lines=Markup("").join(_hunk(request, hunk, slug, holder, path) for hunk in _without_returns(file.hunks)),
        cut=file.cut,
    )


def _without_returns(hunks: Sequence[Hunk]) -> Sequence[Hunk]:
    """The lines without the carriage return at their ends, where all of a file have one; else that may be what
    changed."""
    lines = [line for hunk in hunks for line in hunk.lines if line[:1] != b"\\"]
    if not lines or not all(line.endswith(b"\r") for line in lines):
        return hunks
    return [replace(hunk, lines=tuple(line.removesuffix(b"\r") for line in hunk.lines)) for hunk in hunks]


def _hunk(request: Request, hunk: Hunk, slug: str, oid: str, path: bytes) -> Markup:
    """Lines that stand together: a link to where they are, then runs of lines with the same sign."""
    page_language = page_language_of(request)
    where = page_language.gettext("Line %(number)s") % {"number": page_language.number(hunk.new_start)}
    address = line_address(slug, oid, path, hunk.new_start)
    link = Markup('<a rel="nofollow" href="/{}{}">{}</a>').format(page_language.tag, address, where)
    heading = visible_text(hunk.heading[:200], "\t")
    parts = [
        Markup("<b>{} <bdi>{}</bdi></b>\n").format(link, heading) if heading else Markup("<b>{}</b>\n").format(link)
    ]
    for sign, lines in _runs(hunk.lines):
        if sign == b"\\":
            parts.append(Markup("<i>{}</i>\n").format(page_language.gettext("No line break at the end of the file")))
            continue
        text = escape("".join(f"{_shown_line(line)}\n" for line in lines))
        parts.append(
            {b"+": Markup("<ins>{}</ins>"), b"-": Markup("<del>{}</del>")}.get(sign, Markup("{}")).format(text)
        )
    return Markup("").join(parts)


def _runs(lines: Sequence[bytes]) -> Iterator[tuple[bytes, list[bytes]]]:
    run: list[bytes] = []
    for line in lines:
        if run and run[0][:1] != line[:1]:
            yield run[0][:1], run
            run = []
        run.append(line)
    if run:
        yield run[0][:1], run


def _shown_line(line: bytes) -> str:
    text = line[: 4 * LINE_CHARACTERS].decode("utf-8", "replace")
    if "\ufffd" in text:  # else a mark of the encoding stays, since it may be what changed
        text = decoded(line[: 4 * LINE_CHARACTERS]).text
    more = len(text) > LINE_CHARACTERS or len(line) > 4 * LINE_CHARACTERS
    return visible_text(text[:LINE_CHARACTERS], "\t") + ("…" if more else "")
