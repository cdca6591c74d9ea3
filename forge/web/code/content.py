"""The contents of a directory, a file and a README for pages of code, bounded and as plain data."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape
from starlette.requests import Request

from catalog.store.mirrors.mirror_rows import PLAIN_TEXT
from forge.git import read
from forge.i18n.languages import CLOSE, OPEN
from forge.observe.core.readme import Readme, sort_readmes
from forge.render.document_cache import ANY_COMMIT, links_at_commit
from forge.render.document_cache import document_name as kept_name
from forge.render.links import LinkBase
from forge.render.raw import content_type
from forge.render.text_encoding import UTF_8, UTF_16, decoded
from forge.web.code.access import LAYOUT, CodePlace, CodeSource, address_of, visible_text
from forge.web.core.render import page_language_of

TEXT_BYTES, TEXT_LINES, LINE_CHARACTERS = 256 << 10, 5000, 2000
ROWS = 1000  # of a directory, and of branches and of tags
LINK_BYTES = 4096
_MARKED = ' class="marked"'
_DOCUMENTS = {b"md": "markdown", b"markdown": "markdown", b"rst": "rst", b"csv": "csv", b"tsv": "csv"}


_LFS_POINTER = re.compile(  # https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]+\n)*oid sha256:[0-9a-f]{64}\nsize (\d{1,18})\n\Z"
)
LFS_POINTER_BYTES = 1024


@dataclass(frozen=True)
class FileContent:
    """How to show a file, "text", "binary", "picture", "large" or "link"; its text if it is text, the encoding that
    this was read in, and its size. `kept_apart` is the size of the file that a pointer of Git LFS stands for."""

    kind: str
    size_bytes: int
    text: str = ""
    encoding: str = UTF_8
    kept_apart: int | None = None


@dataclass(frozen=True)
class TreeRow:
    """A line of a directory: kind "tree", "blob", "link" or "commit" (a project inside, not copied: no address)."""

    kind: str
    name: str
    address: str


def tree_rows(slug: str, oid: str, path: bytes, entries: list[read.TreeEntry]) -> list[TreeRow]:
    """Return directories first, then the rest, each in git's order."""
    ordered = sorted(entries, key=lambda entry: entry.kind != "tree")[:ROWS]
    prefix = path.strip(b"/") + b"/" if path.strip(b"/") else b""
    pages = {"tree": "tree", "blob": "blob", "link": "blob", "commit": "blob"}
    return [
        TreeRow(
            entry.kind,
            visible_text(entry.name),
            address_of(slug, pages[entry.kind], oid, prefix + entry.name),
        )
        for entry in ordered
    ]


def file_content(objects: read.ObjectReader, entry: read.TreeEntry) -> FileContent:
    """Return how to show a file, and its content where that is text."""
    size_bytes = objects.info(entry.oid).size_bytes
    if entry.kind == "link":
        data = read.blob(objects, entry.oid, LINK_BYTES)
        return FileContent("link", size_bytes, visible_text(data or b""))
    data = read.blob(objects, entry.oid, TEXT_BYTES)
    if data is None:
        return FileContent("large", size_bytes)
    written, encoding = decoded(data)
    media_type, _ = content_type(written.encode() if encoding == UTF_16 else data)
    if media_type.startswith("image/"):
        return FileContent("picture", size_bytes)
    if not media_type.startswith("text/"):
        return FileContent("binary", size_bytes)
    text = visible_text(written.replace("\r\n", "\n").removesuffix("\n"), LAYOUT)
    if text.count("\n") >= TEXT_LINES:
        return FileContent("large", size_bytes)
    pointer = _LFS_POINTER.match(data) if size_bytes <= LFS_POINTER_BYTES else None
    return FileContent("text", size_bytes, text, encoding, int(pointer[1]) if pointer else None)


def raw_address(slug: str, place: CodePlace) -> str:
    """Return the address of the bytes of a file."""
    return f"/projects/{slug}/raw/{place.oid}/{quote(place.path, safe='/')}"


def document_kind(path: bytes) -> str:
    """Return what a file is read as beside its lines: "markdown", "rst", "csv", else ""."""
    ending = path.rpartition(b"/")[2].rpartition(b".")[2].lower()
    return _DOCUMENTS.get(ending, "") if b"." in path else ""


def line_address(slug: str, oid: str, path: bytes, number: int) -> str:
    """Return the address of a line of a file, below the language."""
    lines = f"?lines={number}" if document_kind(path) else ""
    return f"{address_of(slug, 'blob', oid, path)}{lines}#L{number}"


def highlighted_lines(html: str, first: int, last: int) -> Markup:
    """Return numbered lines of rendered code, those from `first` to `last` marked."""
    return Markup(
        "\n".join(
            f'<li id="L{at}"{_MARKED if first <= at <= last else ""}>{line}</li>'
            for at, line in enumerate(html.split("\n"), 1)
        )
    )


def numbered_lines(text: str, raw: str, whole: str, first: int = 1, marked: tuple[int, int] = (0, -1)) -> Markup:
    """Return numbered lines, from `first` on; one that is too long for a page ends with a link named `whole` to the
    file at `raw`. Those from the first to the last of `marked` are marked."""
    rest = Markup('… <a rel="nofollow" href="{}">{}</a>').format(raw, whole)
    lines = (
        escape(line) if len(line) <= LINE_CHARACTERS else escape(line[:LINE_CHARACTERS]) + rest
        for line in text.split("\n")
    )
    begin, end = marked
    return Markup(
        "\n".join(
            f'<li id="L{at}"{_MARKED if begin <= at <= end else ""}>{line}</li>' for at, line in enumerate(lines, first)
        )
    )


def readme_content(
    request: Request, source: CodeSource, objects: read.ObjectReader, entries: list[read.TreeEntry]
) -> dict[str, Any] | None:
    """Return the README in the reader's language, else the first: HTML when it is ready, plain text until then."""
    oids = {entry.name.decode("utf-8", "surrogateescape"): entry.oid for entry in entries if entry.kind == "blob"}
    candidates = sort_readmes(oids)
    if not candidates:
        return None
    short = page_language_of(request).tag.partition("-")[0]
    own = [file for file in candidates if file.language and file.language.partition("-")[0] == short]
    chosen: Readme = (own or candidates)[0]
    html = None
    if chosen.format != "plain":
        key = kept_name(LinkBase(source.slug, ANY_COMMIT))
        html = request.app.state.store.mirrors.rendering(oids[chosen.path], key)
    text = "" if html else _plain_text(request, objects, oids[chosen.path])
    return {
        "file": visible_text(chosen.path),
        "language": chosen.language,
        "html": Markup(links_at_commit(source.mirror.head or "", html).replace(OPEN, "").replace(CLOSE, ""))
        if html
        else None,
        "text": text,
    }


def _plain_text(request: Request, objects: read.ObjectReader, oid: str) -> str:
    data = read.blob(objects, oid, TEXT_BYTES)
    if data is not None:
        return visible_text(decoded(data).text.replace("\r\n", "\n"), LAYOUT)
    return visible_text(request.app.state.store.mirrors.rendering(oid, PLAIN_TEXT) or "", LAYOUT)
