"""Answers clones of a mirror over smart HTTP with git's own `upload-pack`; read-only, streaming, and it knows no web.

Whoever wraps it (forge.web) routes exactly two requests here, `info/refs?service=git-upload-pack` and
`git-upload-pack`, for a mirror it found by id. Bytes flow both ways in small pieces, so that memory does not grow with
the repository. https://git-scm.com/docs/gitprotocol-http
"""

import asyncio
import contextlib
import os
import re
import signal
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

from forge.git.environment import Limits, command, environment

BODY_BYTES = 10 << 20
BODY_SECONDS = 120.0  # for a request to arrive: who trickles it must not hold a place
WALL_SECONDS = 1800.0
ADVERTISEMENT = "application/x-git-upload-pack-advertisement"
RESULT = "application/x-git-upload-pack-result"
_CHUNK = 64 << 10
_PROTOCOL = re.compile(r"version=[0-2]\Z")
_CONFIG = {
    "uploadpack.hideRefs": "refs/kept/",
    "uploadpack.allowFilter": "true",
    "uploadpackfilter.allow": "false",
    "uploadpackfilter.blob:none.allow": "true",
    "uploadpackfilter.blob:limit.allow": "true",
    "pack.windowMemory": "64m",
    "core.packedGitLimit": "256m",
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


class Gate:
    """At most `places` clones at once, of one reader at most `share`; the next waits up to `wait_seconds`, then Busy is
    raised. A reader is an address as the web knows it; "" stands for one that is not known, and has a share too.

    One gate belongs to one event loop.
    """

    def __init__(self, places: int = 8, wait_seconds: float = 30.0, retry_after_seconds: int = 60, share: int = 3):
        self._places, self._share = asyncio.Semaphore(places), share
        self._readers: dict[str, tuple[asyncio.Semaphore, int]] = {}  # and how many hold or wait for a place of them
        self.wait_seconds, self.retry_after_seconds = wait_seconds, retry_after_seconds

    async def enter(self, reader: str = "") -> None:
        """Take a place; `leave` with the same reader must follow. Raises Busy."""
        own, present = self._readers.get(reader, (asyncio.Semaphore(self._share), 0))
        self._readers[reader] = own, present + 1
        took_own = False
        try:
            async with asyncio.timeout(self.wait_seconds):
                # Of the share first: who waits for that must not hold a place that others could have.
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
            given, answer = _pipes(process)
            given.close()
            body = await answer.read()
    finally:
        await _end(process)
    if _protocol(protocol) == "version=2" or not body.endswith(b"0000"):
        return body
    return b"001e# service=git-upload-pack\n0000" + body


async def upload_pack(
    mirror: Path,
    body: AsyncIterator[bytes],
    gate: Gate,
    *,
    reader: str = "",
    protocol: str | None = None,
    encoding: str | None = None,
    wall_seconds: float = WALL_SECONDS,
) -> "Pieces":
    """The answer to `git-upload-pack`, to be sent as it comes.

    `body` are the request's bytes, `encoding` its Content-Encoding, `reader` whose share of the gate it takes. Awaiting
    it waits for the gate and for the first bytes, so that Busy and BodyTooLarge are raised before an answer has begun.
    Closing the iterator early (the client went away) kills git at once.
    """
    await gate.enter(reader)
    answer = _answer(mirror, _bounded(body, encoding), protocol, wall_seconds)
    try:
        first = await anext(answer, b"")
    except BaseException:
        await answer.aclose()
        gate.leave(reader)
        raise
    return Pieces(first, answer, partial(gate.leave, reader))


class Pieces:
    """The answer's pieces; the place at the gate is given back once, at the end or when closed before."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes, None], leave: Callable[[], None]):
        self._first, self._rest = first, rest
        self._leave: Callable[[], None] | None = leave

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> bytes:
        if self._first:
            first, self._first = self._first, b""
            return first
        try:
            return await anext(self._rest)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Stop git, if it still runs, and free the place."""
        leave, self._leave = self._leave, None
        if leave is not None:
            self._first = b""
            try:
                await self._rest.aclose()
            finally:
                leave()


async def _answer(
    mirror: Path, body: AsyncIterator[bytes], protocol: str | None, wall_seconds: float
) -> AsyncGenerator[bytes, None]:
    process = await _start(mirror, ["--strict", "--stateless-rpc"], protocol)
    feeding = asyncio.create_task(_feed(process, body))
    deadline = asyncio.get_running_loop().time() + wall_seconds
    _, said = _pipes(process)
    try:
        while True:
            async with asyncio.timeout_at(deadline):
                chunk = await said.read(_CHUNK)
            if feeding.done() and (fault := feeding.exception()) is not None:
                raise fault
            if not chunk:
                break
            yield chunk
        await feeding
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError, BodyTooLarge, TimeoutError):
            await feeding
        await _end(process)


async def _feed(process: asyncio.subprocess.Process, body: AsyncIterator[bytes]) -> None:
    given, _ = _pipes(process)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in body:
                if given.is_closing():  # git has read what it wants; uvloop raises RuntimeError on a write now
                    return
                given.write(chunk)
                await given.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # git has read what it wants; its answer says why
    except BaseException:
        _kill(process)
        raise
    finally:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            given.close()


async def _bounded(body: AsyncIterator[bytes], encoding: str | None) -> AsyncIterator[bytes]:
    """The request unpacked, at most BODY_BYTES of it: a few kilobytes of gzip can hold gigabytes."""
    if encoding not in (None, "", "identity", "gzip", "x-gzip"):
        raise BodyTooLarge
    unpacker = zlib.decompressobj(wbits=31) if encoding in ("gzip", "x-gzip") else None
    total = 0
    async for chunk in body:
        while chunk:
            piece, rest = chunk, b""
            if unpacker is not None:
                try:
                    piece = unpacker.decompress(chunk, _CHUNK)
                except zlib.error as fault:
                    raise BodyTooLarge from fault
                rest = unpacker.unconsumed_tail
            total += len(piece)
            if total > BODY_BYTES:
                raise BodyTooLarge
            if piece:
                yield piece
            chunk = rest


async def _start(mirror: Path, options: list[str], protocol: str | None) -> asyncio.subprocess.Process:
    """A git of `upload-pack`, which whoever gets it must `_end`.

    Who is called away while git starts gets no process to end: asyncio kills it or not then, depending on the loop and
    on the step, and nobody waits for it. So it is started all the same, and ended.
    """
    starting = asyncio.create_task(_started(mirror, options, protocol))
    called_away = await _to_its_end(starting)
    if called_away and starting.exception() is None:
        await _end(starting.result())
    if called_away:
        raise asyncio.CancelledError
    return starting.result()


async def _started(mirror: Path, options: list[str], protocol: str | None) -> asyncio.subprocess.Process:
    chosen = _protocol(protocol)
    variables = environment(_CONFIG, {"GIT_PROTOCOL": chosen} if chosen else None)
    line = command(["upload-pack", *options, "--", str(mirror.absolute())], variables, _LIMITS)
    return await asyncio.create_subprocess_exec(
        *line,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        limit=_CHUNK,
        env={},
        cwd="/",
    )


def _pipes(process: asyncio.subprocess.Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    assert process.stdin and process.stdout  # `_start` asked for both
    return process.stdin, process.stdout


async def _end(process: asyncio.subprocess.Process) -> None:
    """See git off, to the end of its pipe, also when who waits for that is called away meanwhile, once or at each step:
    a pipe that is left open is a place that is never free again."""
    ending = asyncio.create_task(_ended(process))
    if await _to_its_end(ending):
        raise asyncio.CancelledError
    ending.result()


async def _to_its_end(task: asyncio.Task[Any]) -> bool:
    """Wait until a task is done, whatever comes of it; whether we were called away meanwhile, once or more."""
    called_away = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            called_away = True
    return called_away


async def _ended(process: asyncio.subprocess.Process) -> None:
    _kill(process)
    _, said = _pipes(process)
    await said.read()  # the end is seen only behind what nobody took, and the pipe stays open until then
    await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _protocol(header: str | None) -> str:
    return header if header is not None and _PROTOCOL.match(header) else ""
