"""Where a peer's files come from: a folder over http, through `addresses`, or one of this machine, such as a stick.

Each file is bounded in bytes and seconds before it is read. What is in it is judged elsewhere.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from catalog.rules.peer import OVERSIZED, UNREACHABLE
from forge.security.safe_http import HOPS, REDIRECTS, Addresses, Refused, Unreachable, Vetted

REQUEST_SECONDS = 60.0
VISIT_SECONDS = 900.0  # of all requests of one visit
ABSENT = (404, 410)
_CHUNK = 256 << 10


class NotRead(Exception):
    """A peer's files are refused: `code` of catalog.rules.peer.REFUSALS, and `subject`, the file or the place in it."""

    def __init__(self, code: str, subject: str = ""):
        super().__init__(f"{code} {subject}".rstrip())
        self.code, self.subject = code, subject


class Absent(NotRead):
    """UNREACHABLE, and known to be so: whoever was asked answered that there is no such file."""

    def __init__(self, subject: str):
        super().__init__(UNREACHABLE, subject)


@dataclass(frozen=True)
class Got:
    """`body`: None where the file is the one that `stamp` was given for. `stamp` is sent with the next visit."""

    body: bytes | None
    stamp: str | None = None


class FeedSource(Protocol):
    def read(self, path: str, most_bytes: int, stamp: str | None = None) -> Got:
        """The bytes of a file below the folder.

        Raises NotRead: UNREACHABLE, as Absent where that is sure; OVERSIZED beyond `most_bytes`.
        """


@dataclass
class Remote:
    """The folder `base` (without a slash at its end) over http; at most `visit_seconds` for all that is read of it."""

    addresses: Addresses
    base: str
    request_seconds: float = REQUEST_SECONDS
    visit_seconds: float = VISIT_SECONDS
    _until: float = field(init=False)
    _vetted: Vetted | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.visit_seconds

    @property
    def host(self) -> str:
        return urlsplit(self.base).hostname or ""

    def read(self, path: str, most_bytes: int, stamp: str | None = None) -> Got:
        try:
            return self._followed(path, most_bytes, _conditional(stamp))
        except (Refused, Unreachable) as no:
            raise NotRead(UNREACHABLE, path) from no

    def _followed(self, path: str, most_bytes: int, headers: dict[str, str]) -> Got:
        url = f"{self.base}/{path}"
        until = min(self._until, time.monotonic() + self.request_seconds)
        if self._vetted is None:
            self._vetted = self.addresses.vet(url, query=True)
        for _hop in range(HOPS + 1):
            left = until - time.monotonic()
            if left <= 0:
                raise NotRead(UNREACHABLE, path)
            with self.addresses.stream("GET", url, headers=headers, timeout_seconds=left, vetted=self._vetted) as (
                answer,
                read,
            ):
                target = answer.headers.get("location", "")
                if answer.status in REDIRECTS and target:
                    url = self.addresses.redirected(url, target)
                    continue
                if answer.status == 304 and headers:
                    return Got(None)
                if answer.status in ABSENT:
                    raise Absent(path)
                if answer.status != 200:
                    raise NotRead(UNREACHABLE, path)
                body = bytearray()
                while len(body) <= most_bytes and (chunk := read(min(_CHUNK, most_bytes + 1 - len(body)))):
                    body += chunk
            if len(body) > most_bytes:
                raise NotRead(OVERSIZED, path)
            found = answer.headers.get("etag")
            return Got(bytes(body), found if found and len(found) <= 200 and found.isascii() else None)
        raise NotRead(UNREACHABLE, path)


@dataclass(frozen=True)
class Folder:
    """A folder of this machine. No link in it is followed, so that a stick shows nothing but itself."""

    root: Path

    def read(self, path: str, most_bytes: int, stamp: str | None = None) -> Got:
        try:
            with _opened(self.root, path) as handle:
                body = _whole(handle, most_bytes + 1)
        except FileNotFoundError as no:
            raise Absent(path) from no
        except (OSError, ValueError) as no:
            raise NotRead(UNREACHABLE, path) from no
        if len(body) > most_bytes:
            raise NotRead(OVERSIZED, path)
        return Got(body)


def _conditional(stamp: str | None) -> dict[str, str]:
    """The header that asks for a file only where it is another one. A stamp is an ETag, never the date of a file: one
    that is put back, or copied with its date, would be called the same as a later one."""
    return {"If-None-Match": stamp} if stamp else {}


@contextlib.contextmanager
def _opened(root: Path, path: str) -> Iterator[int]:
    """A regular file below `root`, opened step by step. Raises OSError for a link, a pipe, a device; ValueError."""
    steps = path.split("/")
    if not all(steps) or {".", ".."} & set(steps):
        raise ValueError(path)
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for step in steps:
            inner = os.open(step, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
            os.close(handle)
            handle = inner
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError(path)
        yield handle
    finally:
        os.close(handle)


def _whole(handle: int, most_bytes: int) -> bytes:
    body = bytearray()
    while len(body) < most_bytes and (chunk := os.read(handle, min(_CHUNK, most_bytes - len(body)))):
        body += chunk
    return bytes(body)
