"""Git processes whose output is streamed in an event loop: started and ended whatever happens to the waiting task.

Clones (`http_backend`) and archives (`archive`) are sent as git writes them. A process that is left behind is memory
and a place that is never free again.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator, Callable
from typing import Any

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


async def start(line: list[str]) -> asyncio.subprocess.Process:
    """Start a command line of `forge.git.environment.command`; the caller must `end` it.

    A task that is cancelled while git starts gets no process to end: asyncio kills it or not, depending on the loop and
    on the step, and nobody waits for it. So the start is completed all the same, and the process ended.
    """
    starting = asyncio.create_task(_start_process(line))
    called_away = await _wait_until_done(starting)
    if called_away and starting.exception() is None:
        await end(starting.result())
    if called_away:
        raise asyncio.CancelledError
    return starting.result()


async def _start_process(line: list[str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *line,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        limit=CHUNK_BYTES,
        env={},
        cwd="/",
    )


def pipes(process: asyncio.subprocess.Process) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    assert process.stdin and process.stdout  # `_start_process` asked for both
    return process.stdin, process.stdout


async def end(process: asyncio.subprocess.Process) -> None:
    """End git and read its pipe to the end, also when the waiting task is cancelled meanwhile, once or at each step:
    a pipe that is left open is a place that is never free again."""
    ending = asyncio.create_task(_end_process(process))
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


async def _end_process(process: asyncio.subprocess.Process) -> None:
    kill(process)
    _, stdout = pipes(process)
    await stdout.read()  # the end comes only after all unread output, and the pipe stays open until then
    await process.wait()


def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
