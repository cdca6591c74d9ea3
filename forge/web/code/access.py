"""Decides whether a project's code may be shown, where its mirror is, and what an address inside it means.

Source is served only where a free license was detected or decided (decision 067, rule 8); of a project that changed to
another one, what was free, out of a repository that holds nothing else. Paths in a repository are bytes of a
stranger, so that they are taken from the address before anything treats it as text.
"""

import contextlib
import hashlib
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, unquote_to_bytes
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from catalog.bounded_cache import BoundedCache
from catalog.publication.model import PublicProject
from catalog.store.core.read_models import Mirror
from forge import TEMPLATES
from forge.git import free_part, read
from forge.git.http_backend import CloneLimit
from forge.i18n import languages
from forge.i18n.languages import CLOSE, OPEN
from forge.render import show_hidden
from forge.security.client_shares import ClientShares, client_of
from forge.web.code.background_results import BackgroundResults
from forge.web.code.token_buckets import TokenBuckets
from forge.web.core.mirror_copies import mirror_on_disk
from forge.web.core.page_cache import rest_on
from forge.web.core.rate_limits import FORWARDED, network_of

LAYOUT = "\n\t"

# Readers of code pages at once, of all and of one client, whose browser fetches the pictures of a README six at a time;
# the rest of the site keeps the other threads.
READERS, READER_SHARE = 16, 6
# Of large files on their way out at once: each is whole in memory until its reader has it. One reader's share holds the
# pictures of a long README, which browsers fetch six at a time.
LARGE_BYTES = 64 << 20
LARGE_SHARE = 16 << 20
ARCHIVES, ARCHIVE_SHARE = 4, 2  # made at once, for all and for one reader
ARCHIVE_FILES, ARCHIVE_FILE_SHARE = 12, 3  # on the disk at once, the one that is made and those that are sent
# Readers of what takes git long at once: blame, search, differences, the changes of a path, large folders. The next one
# waits for a moment, since most end in one.
HEAVY, HEAVY_SHARE, HEAVY_TOKENS, PATIENCE_SECONDS = 4, 2, 4, 2.0
RETRY_SECONDS = 5
NETWORK_BITS = 48  # of an IPv6 address whose readers share: a provider may give one household as many
_KNOWN_ARCHIVES = 2_000  # that are too large
_KNOWN_REFS, _KNOWN_MIRRORS = 50_000, 100  # of all mirrors together, about 25 MB
_FORWARDED = frozenset(name.encode() for name in FORWARDED)
PATH_BYTES_KEY = "forge.rest"  # where a request keeps the bytes
_CODE_ADDRESS = re.compile(
    rb"(?:/[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3})?/projects/[a-z0-9.-]+/(?:code/(?:tree|blob|log|blame|cite|compare)|raw|archive)/"
)


class BytePaths:
    """Takes the path inside a repository out of an address, byte by byte; the site gets a readable stand-in for it."""

    def __init__(self, app: ASGIApp, max_bytes: int):
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = (scope.get("raw_path") or b"") if scope["type"] == "http" else b""
        whole = unquote_to_bytes(raw) if len(raw) <= self._max_bytes else b""
        if match := _CODE_ADDRESS.match(whole):
            head, rest = whole[: match.end()], whole[match.end() :]
            stand_in = "".join(char if char.isprintable() else "\ufffd" for char in rest.decode("utf-8", "replace"))
            scope = {**scope, "path": head.decode() + stand_in, "raw_path": head, PATH_BYTES_KEY: rest}
        await self._app(scope, receive, send)


@dataclass(frozen=True)
class RefNames:
    """Branches and tags of a mirror, first its main branch. A branch wins over a tag of the same name."""

    refs: tuple[read.Ref, ...]
    by_name: dict[str, read.Ref]
    whole: bool  # False: there are more than are listed

    def on(self, oid: str) -> str:
        """Return the first name of a commit, that of the main branch before others; "" where it has none."""
        return next((ref.short for ref in self.refs if ref.commit == oid), "")


class CodeReaders:
    """What all requests for code share: the mirrors' folder, reading children, and bounds on how many read at once."""

    def __init__(self, data: Path, readers: int = READERS, clones: CloneLimit | None = None):
        self.mirrors, self.pool, self.clones = data / "mirrors", read.ReaderPool(), clones or CloneLimit()
        self.edition = _digest_of(TEMPLATES) + _digest_of(languages.FOLDER) + _digest_of(data / "templates")
        self._readers = ClientShares(readers, min(readers, READER_SHARE))
        self.large_files = ClientShares(LARGE_BYTES, LARGE_SHARE)
        self.archive_files = ClientShares(ARCHIVE_FILES, ARCHIVE_FILE_SHARE)
        self.too_large_archives = BoundedCache[tuple[Path, str], bool](max_entries=_KNOWN_ARCHIVES)
        self.archives, self._heavy = ClientShares(ARCHIVES, ARCHIVE_SHARE), ClientShares(HEAVY, HEAVY_SHARE)
        self.background, self.tokens = BackgroundResults(), TokenBuckets()
        self._names = BoundedCache[tuple[UUID, int, str, str], RefNames](
            max_entries=_KNOWN_MIRRORS, max_size=_KNOWN_REFS
        )

    @contextlib.contextmanager
    def reading(self, request: Request) -> Iterator[None]:
        """Take a place among the readers. Raises HTTPException 503 where none is free: threads must not pile up."""
        leave = self._readers.acquire(reader_of(request)) or _busy()
        try:
            yield
        finally:
            leave()

    @contextlib.contextmanager
    def heavy_work(self, request: Request) -> Iterator[None]:
        """Take one of few places for what takes git long, and HEAVY_TOKENS. Raises HTTPException 503 where none becomes
        free in PATIENCE_SECONDS, or the reader's network reads too much.
        """
        take_tokens(request, HEAVY_TOKENS)
        reader, deadline = reader_of(request), time.monotonic() + PATIENCE_SECONDS
        while (leave := self._heavy.acquire(reader)) is None:
            if time.monotonic() > deadline:
                _busy()
            time.sleep(0.05)
        try:
            yield
        finally:
            leave()

    def large_file(self, reader: str, size_bytes: int) -> Callable[[], None]:
        """Reserve memory to send a large file from; the function returned frees it. Raises HTTPException 503 where
        this reader has no more of it, or all together.
        """
        return self.large_files.acquire(reader, size_bytes) or _busy()

    def names(self, source: "CodeSource") -> RefNames:
        """Return the branches and tags, read once after each change of the project. Raises MirrorUnreadable."""
        key = (source.found.id, source.found.change, source.until, source.state)
        if (ref_names := self._names.get(key)) is not None:
            return ref_names
        main = f"refs/heads/{source.mirror.branch}"
        listed = sorted(read.refs(source.folder, read.REFS), key=lambda ref: ref.name != main)
        names = RefNames(tuple(listed), {ref.short: ref for ref in reversed(listed)}, len(listed) < read.REFS)
        self._names.keep(key, names, len(listed))
        return names

    def close(self) -> None:
        """End the reading children, and what is done behind."""
        self.background.close()
        self.pool.close()


@dataclass(frozen=True)
class CodeSource:
    """A project with the folder that its code is read from: its mirror, or the free part of it up to `until`."""

    found: PublicProject
    folder: Path
    until: str = ""  # the last commit of the free part, "" where the mirror is served as it is
    unread: bool = False  # its head may be served, and nobody has read yet whether all that is there may
    later: bool = False  # there is more than the free part, which is not free or was not read yet
    state: str = ""  # of the refs that are served and withheld; another one whenever these change

    @property
    def slug(self) -> str:
        return self.found.record.slug

    @property
    def closed_reason(self) -> str:
        """Why the code is not served: "no-repository", "no-copy", "empty", "unread",
        "unknown", "not-free", "decided" (by a moderator), "erasing" (something is being removed from it); else ""."""
        mirror = self.found.mirror
        if mirror is None:
            return "no-repository"
        if mirror.erasing:
            return "erasing"
        if mirror.first_mirrored_at is None:
            return "no-copy"
        if mirror.head is None:
            return "empty"
        if mirror.decided is False:
            return "decided"
        if self.until:
            return ""
        if self.unread:
            return "unread"
        if mirror.may_serve is None:
            return "unread" if mirror.observed_at is None else "unknown"
        return "" if mirror.may_serve else "not-free"

    @property
    def mirror(self) -> Mirror:
        """The mirror of a project whose code is not closed; its head is the last commit that is served."""
        if self.found.mirror is None:
            raise LookupError(f"{self.slug} has no mirror")
        return replace(self.found.mirror, head=self.until) if self.until else self.found.mirror


@dataclass(frozen=True)
class CodePlace:
    """What an address inside a mirror means: a full id, the branch or tag that it was named by ("" by id), a path."""

    oid: str
    name: str
    path: bytes


def readers_of(request: Request) -> CodeReaders:
    code_readers: CodeReaders = request.app.state.code_readers
    return code_readers


def _busy() -> NoReturn:
    raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)})


def reader_of(request: Request) -> str:
    """Return whose share a request takes: its address, which a proxy states only where FORGE_PROXIES allows it, or its
    network of NETWORK_BITS.
    """
    return client_of(request.client.host if request.client else "", NETWORK_BITS)


def take_tokens(request: Request, tokens: float) -> None:
    """Count a reading of the code for the reader's network. Raises HTTPException 503 where it reads too much.

    What comes from this very machine, and was forwarded by nobody, is its operator's.
    """
    host = request.client.host if request.client else ""
    if host in ("127.0.0.1", "::1") and not any(name in _FORWARDED for name, _ in request.scope["headers"]):
        return
    code_readers = readers_of(request)
    if seconds := code_readers.tokens.take(network_of(request), tokens):
        raise HTTPException(503, headers={"Retry-After": str(math.ceil(seconds))})


def source_of(request: Request) -> CodeSource:
    """Return the project of a request. Raises NotFound, Moved, Removed."""
    page = request.app.state.store.public_records.source(request.path_params["slug"])
    page = replace(page, mirror=mirror_on_disk(request, page.mirror))
    folder: Path = readers_of(request).mirrors / f"{page.id}.git"
    rest_on(request.scope, partial(free_part.version, folder))
    mirror = page.mirror
    if mirror is None or not mirror.head:
        return CodeSource(page, folder)
    state, tip, part = str(free_part.version(folder)), read.tip(folder), free_part.part_folder(folder)
    if part.exists():
        until = read.tip(part)
        if until:
            return CodeSource(page, part, until, later=until != tip, state=state)
        return CodeSource(page, folder, unread=bool(mirror.may_serve) or not free_part.is_judged(folder))
    unread = bool(mirror.read_commit and tip) and mirror.read_commit != tip
    return CodeSource(page, folder, unread=bool(mirror.may_serve) and unread, state=state)


def why_not_served(request: Request, source: CodeSource) -> str:
    """Return why an address that the free part does not have, but the mirror has, is not shown, as one of
    `forge.git.free_part`; "" where the mirror has no such thing either.
    """
    if not source.until:
        return ""
    whole, pool = whole_of(request, source), readers_of(request).pool
    try:
        place = None if "id" in request.path_params else place_of(request, whole)
        oid = place.oid if place else request.path_params["id"]
        with pool.objects(whole.folder) as objects:
            objects.info(oid)
    except (read.ObjectMissing, read.MirrorUnreadable):
        return ""
    try:
        with pool.objects(source.folder) as objects:
            objects.info(oid)
    except read.ObjectMissing:
        return free_part.LATER if source.later and not (place and place.name) else free_part.UNKNOWN
    withheld = place and place.name and place.name not in readers_of(request).names(source).by_name
    return free_part.UNKNOWN if withheld else ""


def whole_of(request: Request, source: CodeSource) -> CodeSource:
    """Return the source with the mirror itself as its folder: for what is told of what is not served."""
    folder = readers_of(request).mirrors / f"{source.found.id}.git"
    return CodeSource(source.found, folder, state=f"whole {source.state}")


def place_of(request: Request, source: CodeSource) -> CodePlace:
    """Return what the rest of the address means: a full id or the longest branch or tag there is, then a path.

    Raises ObjectMissing and MirrorUnreadable.
    """
    return place_named(request, source, request.scope.get(PATH_BYTES_KEY, b""))


def place_named(request: Request, source: CodeSource, rest: bytes) -> CodePlace:
    """Return what these bytes of an address mean, as `place_of`. A name that is the id of an object here means that
    object, as for git: who may push must not change what an address by id shows. Raises ObjectMissing and
    MirrorUnreadable.
    """
    parts = [part for part in rest.split(b"/") if part]
    if len(parts) > 2 * read.DEPTH or not parts:
        raise read.ObjectMissing(visible_text(rest))
    first = parts[0].decode("ascii", "replace")
    possible = [b"/".join(parts[:length]).decode("utf-8", "surrogateescape") for length in range(len(parts), 0, -1)]
    try:
        name, oid = read.resolve(source.folder, possible)
    except read.ObjectMissing:
        if read.is_oid(first):
            return CodePlace(first, "", b"/".join(parts[1:]))
        raise read.ObjectMissing(visible_text(rest)) from None
    if read.is_oid(first) and _has_object(request, source, first):
        return CodePlace(first, "", b"/".join(parts[1:]))
    return CodePlace(oid, name, b"/".join(parts[name.count("/") + 1 :]))


def _has_object(request: Request, source: CodeSource, oid: str) -> bool:
    with readers_of(request).pool.objects(source.folder) as objects:
        try:
            objects.info(oid)
        except read.ObjectMissing:
            return False
    return True


def address_of(slug: str, kind: str, oid: str = "", path: bytes = b"") -> str:
    """Return the address of a page of the code, below the language: bytes that are no text stay the bytes they are."""
    parts = ["", "projects", slug, "code", kind, oid, quote(path, safe="/")]
    return "/".join(part for index, part in enumerate(parts) if part or not index)


MAX_DOUBTS = 12  # named on a page


def license_doubts(mirror: Mirror | None) -> tuple[str, ...]:
    """Return the files and folders that leave open whether the code may be shown, while no moderator decided."""
    if mirror is None or mirror.may_serve is not None:
        return ()
    doubts = (mirror.observation or {}).get("license_doubts") or ()
    return tuple(visible_text(str(path)) for path in doubts[:MAX_DOUBTS])


def visible_text(text: bytes | str, keep: str = "") -> str:
    """Return a stranger's name or text, with what hides or reorders it made visible; characters in `keep` stay."""
    if isinstance(text, str):
        if text.isascii() and text.isprintable():  # as most are, fifty times a page
            return text
        text = text.encode("utf-8", "surrogateescape")
    text_visible = show_hidden(text.decode("utf-8", "backslashreplace"), keep)
    return text_visible.replace(OPEN, "[U+E000]").replace(CLOSE, "[U+E001]")


@cache
def _digest_of(folder: Path) -> str:
    """Return a digest of templates or texts that pages are made from, so that an upgrade is seen at once."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
