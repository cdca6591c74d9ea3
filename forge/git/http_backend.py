"""Answers clones of a mirror over smart HTTP with git's own `upload-pack`; read-only and streaming.

The caller (forge.web) routes exactly two requests here, `info/refs?service=git-upload-pack` and `git-upload-pack`, for
a mirror that it found by id. Bytes flow both ways in small pieces, so that memory does not grow with the repository.
https://git-scm.com/docs/gitprotocol-http
"""

import asyncio
import contextlib
import re
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from forge.git import mirror_folder
from forge.git.environment import Limits, environment
from forge.git.streaming import CHUNK_BYTES, AnswerPieces, StreamedProcess, end, start
from forge.security.client_shares import ClientShares

BODY_BYTES = 10 << 20
BODY_SECONDS = 120.0  # for a request to arrive
# Requests are held in memory until they have arrived and found a place. Almost all have less than SMALL_BYTES, and
# these need no room: how many arrive at once is bounded by the server (`forge.server.connections`).
SMALL_BYTES = 64 << 10
ROOM_BYTES, ROOM_SHARE = 64 << 20, 2 * BODY_BYTES  # for what is larger, of all and of one reader
WALL_SECONDS = 1800.0
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

    One gate belongs to one event loop.
    """

    def __init__(
        self,
        places: int = 8,
        wait_seconds: float = 30.0,
        retry_after_seconds: int = 60,
        share: int = 3,
        body_seconds: float = BODY_SECONDS,
    ):
        self._places, self._share = asyncio.Semaphore(places), share
        self._readers: dict[str, tuple[asyncio.Semaphore, int]] = {}  # and how many hold or wait for a place of them
        self.wait_seconds, self.retry_after_seconds = wait_seconds, retry_after_seconds
        self.body_seconds = body_seconds
        self.room = ClientShares(ROOM_BYTES, ROOM_SHARE)

    async def enter(self, reader: str = "") -> None:
        """Take a place; `leave` with the same reader must follow. Raises Busy."""
        own, present = self._readers.get(reader, (asyncio.Semaphore(self._share), 0))
        self._readers[reader] = own, present + 1
        took_own = False
        try:
            async with asyncio.timeout(self.wait_seconds):
                # The share first: a reader that waits for it must not hold a place that others could have.
                took_own = await own.acquire()
                await self._places.acquire()
        except BaseException as fault:
            if took_own:
                own.release()
            self._forget(reader)
            if isinstance(fault, TimeoutError):
                raise Busy(self.retry_after_seconds) from None
            raise

    def leave(self, reader: str = "") -> None:
        self._places.release()
        self._readers[reader][0].release()
        self._forget(reader)

    def _forget(self, reader: str) -> None:
        own, present = self._readers.pop(reader)
        if present > 1:
            self._readers[reader] = own, present - 1


async def advertise(mirror: Path, protocol: str | None) -> bytes:
    """The answer to `info/refs?service=git-upload-pack`. `protocol` is the request's Git-Protocol header.

    It does not end with a flush where git could not read the mirror.
    """
    options = ["--strict", "--stateless-rpc", "--http-backend-info-refs"]
    process = await _start(mirror, options, protocol)
    try:
        async with asyncio.timeout(_LIMITS.wall_seconds / 30):
            process.stdin.close()
            body = await process.stdout.read()
    finally:
        await end(process)
    if _protocol(protocol) == "version=2" or not body.endswith(b"0000"):
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
) -> AnswerPieces:
    """The answer to `git-upload-pack`, to be sent in pieces as git writes them.

    `body` are the request's bytes, `encoding` its Content-Encoding, `reader` whose share of the gate it takes. Awaiting
    it waits for the body, then for the gate and for the first bytes, so that Busy and BodyTooLarge are raised before an
    answer has begun. A request takes a place only when it has arrived, or else who trickles it would hold one.
    Closing the iterator early (the client went away) kills git at once.
    """
    with contextlib.ExitStack() as room:
        async with asyncio.timeout(gate.body_seconds):
            arrived = await _arrived(body, gate.room, room, reader, gate.retry_after_seconds)
        await gate.enter(reader)
    answer = _answer(mirror, _bounded_body(arrived, encoding), protocol, wall_seconds)
    try:
        first = await anext(answer, b"")
    except BaseException:
        await answer.aclose()
        gate.leave(reader)
        raise
    return AnswerPieces(first, answer, partial(gate.leave, reader))


async def _arrived(
    body: AsyncIterator[bytes], room: ClientShares, stack: contextlib.ExitStack, reader: str, retry_after_seconds: int
) -> bytearray:
    """The request as it came, at most BODY_BYTES of it; `stack` gives back the room that it takes. Raises Busy."""
    data, allowed = bytearray(), SMALL_BYTES
    async for piece in body:
        data += piece
        if len(data) > BODY_BYTES:
            raise BodyTooLarge
        while len(data) > allowed:
            leave = room.acquire(reader, SMALL_BYTES)
            if leave is None:
                raise Busy(retry_after_seconds)
            stack.callback(leave)
            allowed += SMALL_BYTES
    return data


async def _answer(
    mirror: Path, body: Iterator[bytes], protocol: str | None, wall_seconds: float
) -> AsyncGenerator[bytes, None]:
    process = await _start(mirror, ["--strict", "--stateless-rpc"], protocol)
    feeding = asyncio.create_task(_feed(process, body))
    deadline = asyncio.get_running_loop().time() + wall_seconds
    end_of_answer = b""
    try:
        while True:
            async with asyncio.timeout_at(deadline):
                chunk = await process.stdout.read(CHUNK_BYTES)
            if feeding.done() and (fault := feeding.exception()) is not None:
                raise fault
            if not chunk:
                break
            end_of_answer = chunk[-len(_CORRUPT) :]
            yield chunk
        if end_of_answer.endswith(_CORRUPT):
            mirror_folder.doubt(mirror)
        await feeding
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError, BodyTooLarge, TimeoutError):
            await feeding
        await end(process)


async def _feed(process: StreamedProcess, body: Iterator[bytes]) -> None:
    stdin = process.stdin
    try:
        async with asyncio.timeout(BODY_SECONDS):
            for chunk in body:
                if stdin.is_closing():  # git has read what it wants; uvloop raises RuntimeError on a write now
                    return
                stdin.write(chunk)
                await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # git has read what it wants; its answer says why
    except BaseException:
        process.kill()
        raise
    finally:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.close()


def _bounded_body(body: bytearray, encoding: str | None) -> Iterator[bytes]:
    """The request unpacked, at most BODY_BYTES of it: a few kilobytes of gzip can hold gigabytes."""
    if encoding not in (None, "", "identity", "gzip", "x-gzip"):
        raise BodyTooLarge
    unpacker = zlib.decompressobj(wbits=31) if encoding in ("gzip", "x-gzip") else None
    total = 0
    for at in range(0, len(body), CHUNK_BYTES):
        chunk = bytes(body[at : at + CHUNK_BYTES])
        while chunk:
            piece, rest = chunk, b""
            if unpacker is not None:
                try:
                    piece = unpacker.decompress(chunk, CHUNK_BYTES)
                except zlib.error as fault:
                    raise BodyTooLarge from fault
                rest = unpacker.unconsumed_tail
            total += len(piece)
            if total > BODY_BYTES:
                raise BodyTooLarge
            if piece:
                yield piece
            chunk = rest


async def _start(mirror: Path, options: list[str], protocol: str | None) -> StreamedProcess:
    chosen = _protocol(protocol)
    variables = environment(_CONFIG, {"GIT_PROTOCOL": chosen} if chosen else None)
    return await start(["upload-pack", *options, "--", str(mirror.absolute())], variables, _LIMITS)


def _protocol(header: str | None) -> str:
    return header if header is not None and _PROTOCOL.match(header) else ""
