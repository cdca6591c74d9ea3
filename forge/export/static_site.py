"""Copies the reading pages into files, for a static host or a memory stick: links lead from file to file, also
without a server.

Pages come from the site itself, asked in this process and without a network; what needs the site (filters, forms,
code) leads to its own address. Links are followed only to kinds of pages that hold public records, within bounds.
Pictures are copied too, so that a copy loads nothing from a network, and it has a search of its own.
"""

import asyncio
import html
import os
import posixpath
import re
import stat
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from forge.export.offline_search import search_data, search_page
from forge.i18n.languages import page_language

MAX_PAGES = 100_000
MAX_PAGE_BYTES = 5_000_000
MARKER = ".forge-site"  # names the files of a copy
_SLUG = r"[a-z0-9][a-z0-9-]*"
_PAGES = re.compile(
    rf"/(?:|about|legal|accessibility|log|statistics|places(?:/[A-Z]{{2}}(?:/[A-Z0-9]{{1,3}})?)?|domains(?:/{_SLUG})?|licenses(?:/[A-Za-z0-9.+-]+)?"
    rf"|help(?:/{_SLUG})*|collections/{_SLUG}|projects(?:/(?!filters$){_SLUG}(?:/(?:users|help|facts|history))?)?"
    rf"|organizations(?:/{_SLUG})?|calls(?:/[A-Z0-9-]+)?)"
)
_ASSET = re.compile(rf"/static/[\w.-]+|/(?:projects|organizations)/{_SLUG}/pictures/[\w.-]+")
_PROJECT = re.compile(rf"/[\w-]+/projects/({_SLUG})")
_SELECTS = re.compile(r'<div class="selects">.*?</div>', re.DOTALL)  # filters beside the search, which need the site
_LINK = re.compile(r'(?P<before>\s(?P<name>href|src|(?:form)?action)=")(?P<address>[^"]*)(?=")')


class PageMissing(Exception):
    """A page that should be there is missing; the message is a sentence for people."""


@dataclass(frozen=True)
class SiteCopyResult:
    """`complete`: nothing was left out for its number."""

    pages: int
    assets: int
    complete: bool


def find_foreign_file(folder: Path) -> Path | None:
    """Return something in a folder that no copy put there, and that must be kept; None where all of it is a former
    copy.
    """
    marker = folder / MARKER
    listed = marker.read_text("utf-8").splitlines() if marker.is_file() and not marker.is_symlink() else []
    files = {MARKER, *listed} if marker.is_file() else set()
    folders = {str(parent) for file in files for parent in PurePosixPath(file).parents}
    for place, inside, names in os.walk(folder):
        for name in (*inside, *names):
            path = Path(place, name)
            fits = folders if name in inside and not path.is_symlink() else files
            if path.relative_to(folder).as_posix() not in fits or (
                fits is files and not stat.S_ISREG(path.lstat().st_mode)
            ):
                return path
    return None


def mark_files(folder: Path) -> None:
    """Note which files a copy consists of, so that a later one replaces them and no others."""
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    (folder / MARKER).write_text("".join(f"{file}\n" for file in files if file != MARKER), "utf-8")


def copy_site(
    app: Any, folder: Path, languages: Sequence[str], base_url: str, *, now: datetime, max_pages: int = MAX_PAGES
) -> SiteCopyResult:
    """Write the pages of the site `app` in these languages, beginning with each one's first. Raises PageMissing,
    OSError.
    """
    return asyncio.run(_SiteCopy(app, folder, languages, base_url.rstrip("/"), max_pages).run(now))


class _SiteCopy:
    def __init__(self, app: Any, folder: Path, languages: Sequence[str], base_url: str, max_pages: int):
        self.app, self.folder, self.base_url, self.max_pages = app, folder, base_url, max_pages
        self.languages = tuple(languages)
        self.queue = deque(f"/{language}/" for language in self.languages)
        self.known = dict.fromkeys(self.queue)
        self.assets: dict[str, None] = {}
        self.complete = True

    async def run(self, now: datetime) -> SiteCopyResult:
        pages = 0
        while self.queue:
            address = self.queue.popleft()
            status, kind, body = await self.ask(address)
            if status == 200 and kind.startswith("text/html"):
                self.write(file_of(address), self.rewritten(body.decode("utf-8"), address).encode())
                pages += 1
            elif pages < len(self.languages):
                raise PageMissing(f"{address} answers {status}: the site has no first page to begin with.")
        for asset in self.assets:
            status, _, body = await self.ask(asset)
            if status == 200:
                self.write(urlsplit(asset).path.lstrip("/"), body)
        self.write_search(now)
        self.write("index.html", self.first().encode())
        return SiteCopyResult(pages, len(self.assets), self.complete)

    async def ask(self, address: str) -> tuple[int, str, bytes]:
        """Answer one GET by the site in this process: a second way to draw pages would differ from it one day."""
        parts, base = urlsplit(address), urlsplit(self.base_url)
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": base.scheme, "path": unquote(parts.path), "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(), "root_path": "",
            "headers": [(b"host", base.netloc.encode()), (b"accept", b"text/html")],
            "client": ("127.0.0.1", 0), "server": (base.hostname or "localhost", base.port or 443),
        }  # fmt: skip
        status, headers, chunks = 0, dict[bytes, bytes](), bytearray()

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.update(message["headers"])
            elif len(chunks) < MAX_PAGE_BYTES:
                chunks.extend(message.get("body", b""))

        await self.app(scope, receive, send)
        return status, headers.get(b"content-type", b"").decode("latin-1"), bytes(chunks)

    def rewritten(self, text: str, address: str) -> str:
        """Return the page with its links leading to files, or to the site itself where there is no file."""

        def link(match: re.Match[str]) -> str:
            target = html.unescape(match["address"])
            return match["before"] + html.escape(self.target(target, address, match["name"].endswith("action")))

        return _LINK.sub(link, _SELECTS.sub("", text))

    def write_search(self, now: datetime) -> None:
        """Write the page that searches in each language, what it searches, and its script."""
        slugs = {match[1] for address in self.known if (match := _PROJECT.fullmatch(address))}
        cards = self.app.state.store.home_page.listed_cards(slugs, quoted=True)
        for tag in self.languages:
            language, frame = page_language(tag), (self.folder / tag / "index.html").read_text("utf-8")
            self.write(f"{tag}/search.html", search_page(frame, language).encode())
            self.write(f"{tag}/search-data.js", search_data(cards.values(), language, now).encode())
        self.write("search.js", files("forge.export").joinpath("offline-search.js").read_bytes())

    def target(self, target: str, address: str, form: bool) -> str:
        if target.startswith(f"{self.base_url}/") and not form:
            target = target.removeprefix(self.base_url)
        if not target.startswith("/") or target.startswith("//"):
            if target.startswith("?"):
                return self.target(urlsplit(address).path + target, address, form)
            return target  # elsewhere, or within the page
        bare, _, fragment = target.partition("#")
        if form and bare.strip("/").partition("/") in ((tag, "/", "projects") for tag in self.languages):
            return posixpath.relpath(f"{bare.split('/')[1]}/search.html", posixpath.dirname(file_of(address)) or ".")
        if form or (not (page := self.page(bare)) and not _ASSET.fullmatch(urlsplit(bare).path)):
            return self.base_url + target
        if page:
            if page not in self.known:
                if len(self.known) >= self.max_pages:
                    self.complete = False
                    return self.base_url + target
                self.known[page] = None
                self.queue.append(page)
            leads = file_of(page)
        else:
            self.assets[bare] = None
            leads = urlsplit(bare).path.lstrip("/")
        folder = posixpath.dirname(file_of(address))
        return posixpath.relpath(leads, folder or ".") + (f"#{fragment}" if fragment else "")

    def page(self, target: str) -> str | None:
        """Return the address of a page that is copied; None for any other."""
        parts = urlsplit(target)
        language, _, rest = parts.path.lstrip("/").partition("/")
        if language not in self.languages or not _PAGES.fullmatch(f"/{rest}".rstrip("/") if rest else "/"):
            return None
        parameters = parse_qsl(parts.query, keep_blank_values=True)
        if (
            any(name not in ("page", "before") or not value.isdecimal() for name, value in parameters)
            or len(parameters) > 1
        ):
            return None
        path = f"/{language}/{rest.rstrip('/')}"
        return path + "".join(f"?{name}={int(value)}" for name, value in parameters if (name, value) != ("page", "1"))

    def write(self, name: str, data: bytes) -> None:
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def first(self) -> str:
        """Return the first page, a list of languages: there is no server that could choose one."""
        links = "".join(f'<li><a href="{tag}/index.html" lang="{tag}">{tag}</a></li>' for tag in self.languages)
        return f'<!doctype html><html lang="{self.languages[0]}"><meta charset="utf-8"><title>…</title><ul>{links}</ul>'


def file_of(address: str) -> str:
    """Return the file of a page, relative to the folder.

    >>> file_of("/fr/projects?page=2")
    'fr/projects/page-2.html'
    """
    parts = urlsplit(address)
    path = parts.path.strip("/")
    name = "-".join(re.findall(r"\w+", parts.query)) or "index"
    return f"{path}/{name}.html" if path else f"{name}.html"
