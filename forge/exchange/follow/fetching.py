"""Fetches the files of another catalogue: from an address, through the guarded client, or from a folder such as a
memory stick.

Both are fetchers of `tuf.ngclient`, which counts the bytes of each file; here the seconds are bounded, and it is told
why a file could not be fetched. What is in a file is checked elsewhere.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

from catalog.exchange import names
from catalog.rules import peer as rules
from forge.security.safe_http import (
    REDIRECTS,
    AddressRules,
    CheckedRemote,
    IncompleteResponse,
    Refused,
    Response,
    TimedOut,
    Unreachable,
    Unresolved,
)

REQUEST_SECONDS = 60.0
VISIT_SECONDS = 900.0  # of all requests of one visit
# Of a visit: 1 kB of metadata a file and 128 MB of shards are far above what catalogues of our sizes have (4 MB).
VISIT_BYTES = 128 << 20
CHUNK = 64 << 10  # `Updater` counts after each chunk, so that more is never in memory
ETAG_CHARACTERS = 200
TIMESTAMP = f"{names.METADATA}/{names.TIMESTAMP}"


class NotFetched(DownloadError):
    """A file was not to be had: `code` of catalog.rules.peer.REFUSAL_SENTENCES, and `subject`, the path of the file."""

    def __init__(self, code: str, subject: str):
        super().__init__(f"{code} {subject}".rstrip())
        self.code, self.subject = code, subject


class FileNotServed(DownloadHTTPError):
    """The host answered that there is no such file. `Updater` takes it for the end of the chain of roots."""

    def __init__(self, subject: str):
        super().__init__(f"{rules.ABSENT} {subject}", 404)
        self.code, self.subject = rules.ABSENT, subject


class Feed(FetcherInterface):
    """A repository that is read: `base` is what its addresses begin with, ending with a slash.

    `their_clock` is the date of the last answer, where it had one; `start` the first bytes of the last file.
    """

    base: str
    their_clock: datetime | None = None
    etag: str | None = None  # of timestamp.json, as it came
    start: bytes = b""

    @property
    def metadata(self) -> str:
        return f"{self.base}{names.METADATA}/"

    def target(self, path: str) -> str:
        """The address of a file of the repository, by its path below `targets`."""
        return f"{self.base}{names.TARGETS}/{path}"

    def path(self, url: str) -> str:
        return url.removeprefix(self.base)


@dataclass
class RemoteFeed(Feed):
    """The folder `base` over http; at most `visit_seconds` and VISIT_BYTES for all that is read of it.

    `stamp`: the ETag of the timestamp.json that `kept` holds; where it still stands, that one is read.
    """

    addresses: AddressRules
    base: str
    stamp: str | None = None
    kept: bytes | None = None
    request_seconds: float = REQUEST_SECONDS
    visit_seconds: float = VISIT_SECONDS
    _until: float = field(init=False)
    _left: int = field(init=False, default=VISIT_BYTES)
    _vetted: CheckedRemote | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.visit_seconds

    @property
    def host(self) -> str:
        return urlsplit(self.base).hostname or ""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self.path(url)
        # A generator: what fails while it is read is not wrapped by `fetch`, so that each fault is told here.
        try:
            yield from self._read(url, path)
        except Refused as no:
            raise NotFetched(rules.UNREACHABLE if isinstance(no, Unresolved) else rules.NOT_ALLOWED, path) from no
        except TimedOut as no:
            raise NotFetched(rules.TOO_SLOW, path) from no
        except IncompleteResponse as no:
            raise NotFetched(rules.BROKEN_OFF, path) from no
        except Unreachable as no:
            raise NotFetched(rules.UNREACHABLE, path) from no

    def _read(self, url: str, path: str) -> Iterator[bytes]:
        left = min(self._until - time.monotonic(), self.request_seconds)
        if left <= 0:
            raise NotFetched(rules.TOO_SLOW, path)
        if self._vetted is None:
            self._vetted = self.addresses.vet(url, query=True)
        headers = {"If-None-Match": self.stamp} if self.stamp and self.kept and path == TIMESTAMP else {}
        with self.addresses.stream("GET", url, headers=headers, timeout_seconds=left, vetted=self._vetted) as (
            answer,
            receive,
        ):
            self.their_clock = _date(answer.headers.get("date"))
            if answer.status == 304 and headers:
                self.etag = self.stamp
                yield self.kept or b""
                return
            _demand_file(answer, path)
            if path == TIMESTAMP:
                etag = answer.headers.get("etag", "")
                self.etag = etag if 0 < len(etag) <= ETAG_CHARACTERS and etag.isascii() else None
            self.start = b""
            while chunk := receive(CHUNK):
                self._left -= len(chunk)
                if self._left < 0:
                    raise NotFetched(rules.OVERSIZED, path)
                self.start = self.start or chunk[:64]
                yield chunk


@dataclass
class FolderFeed(Feed):
    """A folder of this machine. No link in it is followed, so that a stick shows nothing but itself."""

    root: Path
    base: str = "folder:/"

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = self.path(url)
        try:
            with _opened(self.root, path) as handle:
                self.start = b""
                while chunk := os.read(handle, CHUNK):
                    self.start = self.start or chunk[:64]
                    yield chunk
        except FileNotFoundError as no:
            raise FileNotServed(path) from no
        except (OSError, ValueError) as no:
            raise NotFetched(rules.NOT_ALLOWED, path) from no


def _demand_file(answer: Response, path: str) -> None:
    """Whether the answer is a file. A redirect is none: what answers for another host may be a network's login page."""
    if answer.status in (404, 410):
        raise FileNotServed(path)
    if answer.status in REDIRECTS:
        raise NotFetched(rules.ELSEWHERE, path)
    if answer.status != 200:
        raise NotFetched(rules.OUT_OF_ORDER, f"{path} ({answer.status})")


def _date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except (TypeError, ValueError):
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


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
