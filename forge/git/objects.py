"""Objects of a mirror by id, from a bounded pool of persistent `git cat-file` processes. Nothing is changed.

A process costs 2 ms to start and 0.1 ms to ask. Each child serves one reader at a time and one mirror, under limits;
the pool as a whole never holds more than its number of children, and drops those that were idle, old or out of step.
Names reach git only as full ids (or full ref names that a caller found in a listing), never as git's revision grammar.
"""

import contextlib
import os
import re
import selectors
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forge.git.environment import Limits
from forge.git.runner import pipes, start, stop

CHILDREN = 8
IDLE_SECONDS, AGE_SECONDS = 60.0, 600.0
ANSWER_SECONDS = 10.0
OBJECT_BYTES = 16 << 20
# Kept of a commit or tag, whose length is its author's choice: room for 20,000 characters, and 48 kB of headers before.
TEXT_BYTES = 128 << 10
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_LIMITS = Limits(cpu_seconds=600)
_CHUNK = 256 << 10


class ObjectMissing(Exception):
    """No such object in this mirror: `oid`."""

    def __init__(self, oid: str):
        super().__init__(f"no object {oid}")
        self.oid = oid


class MirrorUnreadable(Exception):
    """The mirror could not be read: `reason`, for operators."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Unsound(MirrorUnreadable):
    """git ended while it read: something of the mirror may be damaged."""


class TooLarge(MirrorUnreadable):
    """More bytes than may be read for one reader."""


@dataclass(frozen=True)
class Object:
    """`data` is None where the object is larger than what was asked for, and of a commit or tag it is the first
    TEXT_BYTES at most; `size_bytes` is always the whole."""

    oid: str
    kind: str  # commit, tree, blob, tag
    size_bytes: int
    data: bytes | None


def is_oid(text: str) -> bool:
    """Whether a text is a full object id."""
    return bool(_OID.match(text))


def _folder_identity(mirror: Path) -> tuple[int, int]:
    """The identity of the folder at a path: another one may replace it (`forge.git.fetch.separate`), and a child would
    continue to give out what only the first one held.
    """
    try:
        status = os.stat(mirror)
    except OSError:
        return 0, 0
    return status.st_ino, status.st_mtime_ns


class ObjectReader:
    """One child, for one reader at a time."""

    def __init__(self, mirror: Path):
        self.mirror, self.born_at, self.used_at, self.broken = mirror, time.monotonic(), time.monotonic(), False
        self.folder = _folder_identity(mirror)
        self._process = start(["cat-file", "--batch-command", "-Z"], git_dir=mirror, limits=_LIMITS)
        self._orders, self._answers, _ = pipes(self._process)
        self._buffer = b""

    def info(self, oid: str) -> Object:
        """Kind and size. Raises ObjectMissing and MirrorUnreadable."""
        return self._ask(b"info", oid)

    def object(self, oid: str, max_bytes: int = OBJECT_BYTES, deadline: float | None = None) -> Object:
        """An object with its data, if it has at most `max_bytes`. Raises ObjectMissing and MirrorUnreadable.

        It is given up at `deadline`, a time of `time.monotonic`, and in any case ANSWER_SECONDS after it was asked for.
        """
        described = self._ask(b"info", oid, deadline)
        if described.size_bytes > max_bytes:
            return described
        return self._ask(b"contents", oid, deadline)

    def close(self) -> None:
        self.broken = True
        stop(self._process, 0.5)

    def _ask(self, order: bytes, oid: str, until: float | None = None) -> Object:
        if not is_oid(oid):
            raise ObjectMissing(oid)
        deadline, broken = time.monotonic() + ANSWER_SECONDS, self.broken
        if until is not None:
            deadline = min(deadline, until)
        self.broken = True  # until the answer is read to its end, nobody else may use this child
        if broken:
            raise Unsound("the reading process has ended")
        try:
            self._orders.write(order + b" " + oid.encode() + b"\0")
            self._orders.flush()
        except OSError as fault:
            raise Unsound("the reading process has ended") from fault
        answer = self._read_answer(order, oid, deadline)
        self.broken, self.used_at = False, time.monotonic()
        if answer is None:
            raise ObjectMissing(oid)
        return answer

    def _read_answer(self, order: bytes, oid: str, deadline: float) -> Object | None:
        head = self._read_line(deadline).split(b" ")
        if len(head) != 3:
            return None
        kind, size = head[1].decode(), int(head[2])
        most = TEXT_BYTES if kind in ("commit", "tag") else size
        data = self._read_contents(size, most, deadline) if order == b"contents" else None
        return Object(oid, kind, size, data)

    def _read_line(self, deadline: float) -> bytes:
        while b"\0" not in self._buffer:
            self._buffer += self._read_some(deadline)
        line, _, self._buffer = self._buffer.partition(b"\0")
        return line

    def _read_contents(self, size: int, most: int, deadline: float) -> bytes:
        """Read so many bytes and the NUL behind them, and keep the first `most`. No more is read, so that a large
        object is copied once only."""
        parts, have = [self._buffer[: min(size, most)]], min(len(self._buffer), size)
        self._buffer = self._buffer[size:]
        while have < size:
            part = self._read_some(deadline, size - have)
            if have < most:
                parts.append(part[: most - have])
            have += len(part)
        if not self._buffer:
            self._buffer = self._read_some(deadline, 1)
        self._buffer = self._buffer[1:]
        return b"".join(parts)

    def _read_some(self, deadline: float, most: int = _CHUNK) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            left_seconds = deadline - time.monotonic()
            if left_seconds <= 0 or not selector.select(left_seconds):
                raise MirrorUnreadable("the reading process is too slow")
        chunk = os.read(self._answers.fileno(), min(most, _CHUNK))
        if not chunk:
            raise Unsound("the reading process has ended")
        return chunk


class ReaderPool:
    """Children for many mirrors and threads. `with pool.objects(mirror) as objects: …`."""

    def __init__(self, children: int = CHILDREN):
        self._slots = threading.BoundedSemaphore(children)
        self._lock, self._children = threading.Lock(), children
        self._idle: list[ObjectReader] = []

    @contextlib.contextmanager
    def objects(self, mirror: Path) -> Iterator[ObjectReader]:
        """A child that reads this mirror, for the length of the block. Raises MirrorUnreadable when all stay in use."""
        if not self._slots.acquire(timeout=ANSWER_SECONDS):
            raise MirrorUnreadable("too many readers at once")
        child = None
        try:
            child = self._take_idle(mirror) or ObjectReader(mirror)
            yield child
        finally:
            if child is not None:
                self._put_back(child)
            self._slots.release()

    def close(self) -> None:
        """End all idle children."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def _take_idle(self, mirror: Path) -> ObjectReader | None:
        now, stale, object_reader, folder = time.monotonic(), [], None, _folder_identity(mirror)
        with self._lock:
            object_readers = []
            for child in self._idle:
                old = now - child.used_at > IDLE_SECONDS or now - child.born_at > AGE_SECONDS
                if old or (child.mirror == mirror and child.folder != folder):
                    stale.append(child)
                elif object_reader is None and child.mirror == mirror:
                    object_reader = child
                else:
                    object_readers.append(child)
            # The child that is about to start counts too: the oldest idle one is closed for it.
            if object_reader is None and len(object_readers) >= self._children:
                stale.append(object_readers.pop(0))
            self._idle = object_readers
        for child in stale:
            child.close()
        return object_reader

    def _put_back(self, child: ObjectReader) -> None:
        if child.broken:
            child.close()
            return
        spare = None
        with self._lock:
            self._idle.append(child)
            if len(self._idle) > self._children:
                spare = self._idle.pop(0)
        if spare is not None:
            spare.close()
