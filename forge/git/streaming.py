"""Git processes whose output is streamed in an event loop: started and ended whatever happens to the waiting task.

Clones (`http_backend`) and archives (`archive`) are sent as git writes them. A process that is left behind is memory
and a place that is never free again.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

from forge.git.environment import Limits, command, make_nice

CHUNK_BYTES = 64 << 10


class AnswerPieces:
    """What a process writes; its first piece was awaited. `leave` gives its place back and is called once, at the end
    or when closed before."""

    def __init__(self, first: bytes, rest: AsyncGenerator[bytes, None], leave: Callable[[], None]):
        self._first, self._rest = first, rest
        self._leave: Callable[[], None] | None = leave

    def __aiter__(self) -> "AnswerPieces":
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


class StreamedProcess:
    """A running git and its pipes. It is killed with all that it started."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        reading: asyncio.ReadTransport,
    ):
        self.stdin, self.stdout, self._process, self._reading = stdin, stdout, process, reading

    def kill(self) -> None:
        _kill(self._process)

    async def wait(self) -> int:
        """Wait for its end; return its status."""
        status = self._process.poll()
        return await asyncio.to_thread(self._process.wait) if status is None else status

    async def end(self) -> None:
        """Kill it, close its pipes and wait for its end."""
        self.kill()
        if not self.stdin.is_closing():
            self.stdin.transport.abort()
        self._reading.close()
        await self.wait()


async def start(arguments: Sequence[str | bytes], variables: Mapping[str, str], limits: Limits) -> StreamedProcess:
    """Start git with these variables and limits; the caller must `end` it.

    Not by the loop: uvloop starts a process by fork, which copies the tables of our memory (20 to 60 ms), where Python
    lets the child borrow them until it is another program (vfork: 2 to 4 ms).
    """
    process = subprocess.Popen(
        command(arguments, limits),
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=variables,
        cwd="/",
    )
    make_nice(process.pid, limits)
    # A loop that is stopped while it takes over a pipe closes the pipe's number and not its object, which would close
    # it again when another file has the number. So the start is completed even when the task is cancelled, and the
    # process ended.
    connecting = asyncio.create_task(_connect(process))
    called_away = await _wait_until_done(connecting)
    if connecting.exception() is not None:
        _kill(process)
        process.wait()
    elif called_away:
        await end(connecting.result())
    if called_away:
        raise asyncio.CancelledError
    return connecting.result()


async def _connect(process: subprocess.Popen[bytes]) -> StreamedProcess:
    loop, stdout = asyncio.get_running_loop(), asyncio.StreamReader(limit=CHUNK_BYTES)
    reading, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), process.stdout)
    writing, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), process.stdin
    )
    return StreamedProcess(process, asyncio.StreamWriter(writing, protocol, None, loop), stdout, reading)


async def end(process: StreamedProcess) -> None:
    """End git and close its pipes, also when the waiting task is cancelled meanwhile, once or at each step: a pipe that
    is left open is a place that is never free again."""
    ending = asyncio.create_task(process.end())
    if await _wait_until_done(ending):
        raise asyncio.CancelledError
    ending.result()


async def _wait_until_done(task: asyncio.Task[Any]) -> bool:
    """Wait until a task is done, whatever its result; return whether we were cancelled meanwhile, once or more."""
    called_away = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            called_away = True
    return called_away


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
