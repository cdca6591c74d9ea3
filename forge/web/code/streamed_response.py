"""Answers of bytes and no page: their headers, and how what git writes is sent to readers who may be slow."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from typing import IO

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from forge.git.http_backend import GitAnswer

# A commit's file never changes, but the project may be blocked, or lose its license: no shared cache keeps what we no
# longer give out, and a reader's own browser an hour at most.
FIXED_CACHE = "private, max-age=3600, immutable"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}

_PIECE_BYTES = 64 << 10

_log = logging.getLogger(__name__)


class FileAnswer(StreamingResponse):
    """Sends a file in pieces, closes it and gives its place back when it has been sent, or after `seconds`."""

    def __init__(self, file: IO[bytes], headers: Mapping[str, str], leave: Callable[[], None], seconds: float):
        size_bytes = file.seek(0, os.SEEK_END)
        file.seek(0)
        super().__init__(self._pieces(), headers={**headers, "Content-Length": str(size_bytes)})
        self._file, self._leave, self._seconds = file, leave, seconds

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := self._file.read(_PIECE_BYTES):
            yield piece

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            _log.info("a file was left: its reader took longer than %s seconds", self._seconds)
        finally:
            self._file.close()
            self._leave()


class CloneAnswer(StreamingResponse):
    """Sends pieces of a clone as they come; git ends with the answer, also when nobody was there to read the first.

    A reader who takes no piece for `stall_seconds` is disconnected: else it would hold a place for ever.
    """

    def __init__(self, answer: GitAnswer, headers: Mapping[str, str], stall_seconds: float):
        super().__init__(answer, headers=headers)
        self._answer, self._stall_seconds = answer, stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            async with asyncio.timeout(self._stall_seconds):
                await send(message)

        try:
            await super().__call__(scope, receive, patient)
        except TimeoutError:
            _log.info("a clone was ended: its reader took nothing for %s seconds", self._stall_seconds)
        finally:
            self._answer.end()
