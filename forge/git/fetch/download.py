"""The first download of a repository: one request of protocol version 2, its pack streamed into `git index-pack`.

A first mirror has nothing to negotiate, so `git fetch` with its three helpers is not needed: the bytes are counted as
they arrive, from the vetted address only, and one limited git process checks them. `git fetch` would also traverse all
objects once more: it took 1.18 of a clone's time, this takes 1.02 (24 November 2026). No ref is moved here; updates use
`git fetch` (forge.git.fetch.sync). https://git-scm.com/docs/protocol-v2
"""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from catalog.sentences import mark
from forge.git.environment import SLOW_BYTES, SLOW_SECONDS, TOLERATED, USER_AGENT, Limits, environment
from forge.git.faults import SLOW
from forge.git.fetch.probe import (
    DELIMITER,
    FLUSH,
    RESULT,
    NoRefs,
    Probe,
    no_refs,
    packet,
    packet_length,
)
from forge.git.runner import GitResult, run
from forge.security.safe_http import AddressRules, Unreachable

_READ_BYTES = 256 << 10


class PackTooLarge(Exception):
    """The pack is larger than allowed."""


def download(
    mirror: Path,
    folder: Path,
    found: Probe,
    oids: Iterable[bytes],
    addresses: AddressRules,
    *,
    max_bytes: int,
    timeout_seconds: float,
    silent_seconds: float,
    slow_seconds: float,
    watch: Callable[[], str],
    lock: int,
) -> GitResult:
    """Download these objects and all they need into the quarantine `folder`, checked by fsck; how `index-pack` ended.

    Raises Refused and Unreachable (forge.security.safe_http), NoRefs (forge.git.fetch.probe).
    """
    wants = [packet(b"want " + oid + b"\n") for oid in dict.fromkeys(oids)]
    body = [packet(b"command=fetch"), packet(b"agent=" + USER_AGENT.split()[0].encode()), DELIMITER]
    body += [packet(b"ofs-delta"), packet(b"no-progress"), *wants, packet(b"done\n"), FLUSH]
    strict = "--strict=" + ",".join(f"{name}=warn" for name in TOLERATED.split())
    with addresses.stream(
        "POST",
        f"{found.url}/git-upload-pack",
        body=b"".join(body),
        headers={
            "User-Agent": USER_AGENT,
            "Git-Protocol": "version=2",
            "Content-Type": "application/x-git-upload-pack-request",
            "Accept": RESULT,
        },
        timeout_seconds=timeout_seconds,
        silent_seconds=silent_seconds,
        vetted=found.vetted,
    ) as (answer, read):
        if answer.status != 200 or answer.headers.get("content-type") != RESULT:
            raise no_refs(answer)
        try:
            return run(
                ["index-pack", "--stdin", strict],
                git_dir=mirror,
                variables=environment(extra={"GIT_OBJECT_DIRECTORY": str(folder)}),
                limits=Limits(
                    wall_seconds=timeout_seconds, cpu_seconds=max(600, int(timeout_seconds)), file_bytes=max_bytes
                ),
                stdin=_pack_bytes(_PacketLines(read, found.url, slow_seconds), max_bytes),
                watch=watch,
                pass_fds=(lock,),
            )
        except PackTooLarge:
            return GitResult(1, b"", "", "size")


def _pack_bytes(lines: "_PacketLines", max_bytes: int) -> Iterator[bytes]:
    """The bytes of the pack, extracted from the side band, until the flush that ends it."""
    while (line := lines.next()) != b"packfile\n":
        if line is not None and line.startswith(b"shallow "):
            raise NoRefs("refused", mark("The origin holds only a part of its history, so it was not copied."))
        if line is not None and line.startswith(b"ERR "):
            raise NoRefs("failed", mark("The origin refused the download."))
        if lines.ended:
            raise NoRefs("failed", mark("The download failed."))
    total, pieces = 0, []
    while (line := lines.next()) is not None:
        if line[:1] == b"\x01":
            total += len(line) - 1
            lines.pack_bytes += len(line) - 1
            if total > max_bytes:
                raise PackTooLarge
            pieces.append(line[1:])
        elif line[:1] == b"\x03":
            raise NoRefs("failed", mark("The origin refused the download."))
        # Lines have a few kB. One that is empty only keeps the line alive while the origin prepares.
        if not lines.has_next and (piece := b"".join(pieces)):
            yield piece
            pieces = []
    if piece := b"".join(pieces):
        yield piece


class _PacketLines:
    """pkt-lines out of a stream of bytes; `next` gives None at a flush or a delimiter, `ended` at the stream's end.

    `pack_bytes` are to be counted by who reads the lines: only they are progress, since an origin may chat for ever.
    """

    def __init__(self, read: Callable[[int], bytes], url: str, slow_seconds: float = SLOW_SECONDS):
        self.slow_seconds = slow_seconds
        self.read, self.url, self.held, self.at, self.ended = read, url, b"", 0, False
        self.since, self.pack_bytes = time.monotonic(), 0

    def next(self) -> bytes | None:
        size = packet_length(self._read_bytes(4))
        if self.ended or size < 0:
            raise Unreachable(self.url, mark("The download broke off."))
        return self._read_bytes(size - 4) if size >= 4 else None

    @property
    def has_next(self) -> bool:
        """Whether the next line has arrived as a whole."""
        there = len(self.held) - self.at
        return there >= 4 and there >= packet_length(self.held[self.at : self.at + 4])

    def _read_bytes(self, size: int) -> bytes:
        while len(self.held) - self.at < size:
            chunk = self.read(_READ_BYTES)
            if not chunk:
                self.ended = True
                return b""
            self._check_speed()
            self.held, self.at = self.held[self.at :] + chunk, 0
        self.at += size
        return self.held[self.at - size : self.at]

    def _check_speed(self) -> None:
        now = time.monotonic()
        if now - self.since > self.slow_seconds:
            if self.pack_bytes < SLOW_BYTES * (now - self.since):
                raise Unreachable(self.url, SLOW)
            self.since, self.pack_bytes = now, 0
