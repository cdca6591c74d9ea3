"""Answers clones of a mirror over smart HTTP with git's own `upload-pack`; read-only and streaming.

The caller (forge.web) routes exactly two requests here, `info/refs?service=git-upload-pack` and `git-upload-pack`, for
a mirror that it found by id. Bytes flow both ways in small pieces, so that memory does not grow with the repository.
https://git-scm.com/docs/gitprotocol-http
"""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from anyio import to_thread

from forge.git import mirror_folder
from forge.git.environment import Limits, environment
from forge.git.runner import output_pieces, start, stop
from forge.security.client_shares import ClientShares

BODY_BYTES = 10 << 20
BODY_SECONDS = 120.0  # for a request to arrive
# A request waits in a file until it has arrived and found a place. Almost all have less than SMALL_BYTES, and these are
# bounded by the server (`forge.server.connections`); of larger ones few arrive at once, of all and of one reader.
SMALL_BYTES = 64 << 10
LARGE_REQUESTS, LARGE_SHARE = 6, 2
WALL_SECONDS, ADVERTISEMENT_SECONDS = 1800.0, 60.0
ANSWER_BYTES = 1 << 40  # no bound: a clone ends by time
_POLL_SECONDS = 0.05
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
RESULT = "application/x-git-upload-pack-result"
_CORRUPT = b"possible repository corruption on the remote side."  # how git ends an answer that it could not complete
_PROTOCOL = re.compile(r"version=[0-2]\Z")
_CONFIG = {
    "uploadpack.hideRefs": "refs/kept/",
    "uploadpack.allowFilter": "true",
    "uploadpackfilter.allow": "false",
    "uploadpackfilter.blob:none.allow": "true",
    "uploadpackfilter.blob:limit.allow": "true",
    # git maps whole packs where it may, and what it has mapped counts as memory of ours.
    "core.packedGitWindowSize": "1m",
    "core.packedGitLimit": "8m",
    "core.deltaBaseCacheLimit": "32m",
}
_LIMITS = Limits(wall_seconds=WALL_SECONDS, cpu_seconds=900, data_bytes=1 << 30, niceness=10)


class Busy(Exception):
    """All places are taken and stayed so: try again in `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int):
        super().__init__("too many clones at once")
        self.retry_after_seconds = retry_after_seconds


class BodyTooLarge(Exception):
    """A request asks with more bytes than any honest client needs, or its compression is broken."""


class CloneLimit:
    """At most `places` clones at once, of one reader at most `share`; the next waits up to `wait_seconds`, then Busy is
    raised. A reader is an address as the web knows it; "" stands for one that is not known, and has a share too.
    A request has `body_seconds` to arrive; `room` is for the large ones that have no place yet.
    """

    def __init__(
        self,
        places: int = 8,
        wait_seconds: float = 30.0,
        retry_after_seconds: int = 60,
        share: int = 3,
        body_seconds: float = BODY_SECONDS,
    ):
        self.places = ClientShares(places, share)
        self.wait_seconds, self.retry_after_seconds = wait_seconds, retry_after_seconds
        self.body_seconds = body_seconds
        self.room = ClientShares(LARGE_REQUESTS, LARGE_SHARE)

    async def enter(self, reader: str = "") -> Callable[[], None]:
        """Take a place; the function that is returned gives it back. Raises Busy."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.wait_seconds
        while (leave := self.places.acquire(reader)) is None:
            if loop.time() > deadline:
                raise Busy(self.retry_after_seconds)
            await asyncio.sleep(_POLL_SECONDS)
        return leave


class GitAnswer:
    """What git writes, to be sent piece by piece; a thread starts git and reads, so that the event loop never waits.

    `end` must be called, once or more often. It never waits either, so that no cancelled task leaves a process behind,
    or a place that is never free again: `leave` is called when git and the thread that read have ended.
    """

    def __init__(self, mirror: Path, request: BinaryIO, leave: Callable[[], None]):
        self._mirror, self._request = mirror, request
        self._leave: Callable[[], None] | None = leave
        self._process: subprocess.Popen[bytes] | None = None
        self._pieces: Iterator[bytes] = iter(())
        self._busy = threading.Lock()  # held while a thread starts git, reads or ends it

    async def begin(self, options: Sequence[str], protocol: str, wall_seconds: float) -> None:
        """Start git, which reads the request."""
        await to_thread.run_sync(self._start, options, protocol, wall_seconds, abandon_on_cancel=True)

    def __aiter__(self) -> "GitAnswer":
        return self

    async def __anext__(self) -> bytes:
        if piece := await to_thread.run_sync(self._read, abandon_on_cancel=True):
            return piece
        raise StopAsyncIteration

    def end(self) -> None:
        """Kill git, if it still runs, and free the place."""
        leave, self._leave = self._leave, None
        if leave is not None:
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            threading.Thread(target=self._finish, args=(leave,), name="clone ends").start()

    def _start(self, options: Sequence[str], protocol: str, wall_seconds: float) -> None:
        order = ["upload-pack", "--strict", "--stateless-rpc", *options, "--", str(self._mirror.absolute())]
        variables = environment(_CONFIG, {"GIT_PROTOCOL": protocol} if protocol else None)
        with self._busy:
            if self._leave is not None:
                self._process = start(order, variables=variables, limits=_LIMITS, stdin=self._request)
                assert self._process.stdout is not None
                self._pieces = output_pieces(self._process.stdout, time.monotonic() + wall_seconds, ANSWER_BYTES)

    def _read(self) -> bytes:
        with self._busy:
            piece = next(self._pieces, b"")
            if piece.endswith(_CORRUPT):
                mirror_folder.doubt(self._mirror)
            return piece

    def _finish(self, leave: Callable[[], None]) -> None:
        try:
            with self._busy, self._request:
                if self._process is not None:
                    stop(self._process, 0)
        finally:
            leave()


async def advertise(mirror: Path, gate: CloneLimit, *, reader: str = "", protocol: str | None = None) -> bytes:
    """The answer to `info/refs?service=git-upload-pack`. Raises Busy, and TimeoutError.

    It does not end with a flush where git could not read the mirror. `protocol` is the request's Git-Protocol header,
    `reader` whose share of the gate it takes.
    """
    chosen, leave = _protocol(protocol), await gate.enter(reader)
    answer = GitAnswer(mirror, TemporaryFile(), leave)  # noqa: SIM115 - it closes the file
    try:
        await answer.begin(["--http-backend-info-refs"], chosen, ADVERTISEMENT_SECONDS)
        body = b"".join([piece async for piece in answer])
    finally:
        answer.end()
    if chosen == "version=2" or not body.endswith(b"0000"):
        return body
    return b"001e# service=git-upload-pack\n0000" + body


async def upload_pack(
    mirror: Path,
    body: AsyncIterator[bytes],
    gate: CloneLimit,
    *,
    reader: str = "",
    protocol: str | None = None,
    encoding: str | None = None,
    wall_seconds: float = WALL_SECONDS,
) -> GitAnswer:
    """The answer to `git-upload-pack`, to be sent in pieces as git writes them.

    `body` are the request's bytes, `encoding` its Content-Encoding, `reader` whose share of the gate it takes. Awaiting
    it waits for the body, then for the gate, so that Busy and BodyTooLarge are raised before an answer has begun. A
    request takes a place only when it has arrived, or else who trickles it would hold one.
    """
    with contextlib.ExitStack() as unanswered, contextlib.ExitStack() as room:
        request = unanswered.enter_context(TemporaryFile())
        async with asyncio.timeout(gate.body_seconds):
            await _receive(body, encoding, request, gate, reader, room)
        answer = GitAnswer(mirror, request, await gate.enter(reader))
        unanswered.pop_all()  # the answer closes the file
    try:
        await answer.begin([], _protocol(protocol), wall_seconds)
    except BaseException:
        answer.end()
        raise
    return answer


async def _receive(
    body: AsyncIterator[bytes],
    encoding: str | None,
    request: BinaryIO,
    gate: CloneLimit,
    reader: str,
    room: contextlib.ExitStack,
) -> None:
    """Write the request unpacked, at most BODY_BYTES of it: a few kilobytes of gzip can hold gigabytes. `room` gives
    back the place that a large one takes. Raises Busy and BodyTooLarge."""
    if encoding not in (None, "", "identity", "gzip", "x-gzip"):
        raise BodyTooLarge
    unpacker = zlib.decompressobj(wbits=31) if encoding in ("gzip", "x-gzip") else None
    received = written = 0
    async for piece in body:
        received += len(piece)
        try:
            data = unpacker.decompress(piece, BODY_BYTES + 1 - written) if unpacker else piece
        except zlib.error as fault:
            raise BodyTooLarge from fault
        if max(received, written + len(data)) > BODY_BYTES:
            raise BodyTooLarge
        if written <= SMALL_BYTES < written + len(data):
            leave = gate.room.acquire(reader)
            if leave is None:
                raise Busy(gate.retry_after_seconds)
            room.callback(leave)
        written += request.write(data)
    request.seek(0)


def _protocol(header: str | None) -> str:
    return header if header is not None and _PROTOCOL.match(header) else ""
