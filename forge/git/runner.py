"""Runs one git command to its end within limits and returns what it printed; what the command means is the caller's
part.

GitPython's `Git.execute` starts the process (explicit arguments, never a shell's text); waiting, bounding and killing
are ours, because its own timeout kills one process where git is a family of them.
"""

import contextlib
import fcntl
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, BinaryIO

from forge.git.environment import Limits, command, environment, make_nice
from forge.security.safe_http import safe_text

DEFAULT = Limits()
TERM_SECONDS = 10.0
_STDERR_BYTES = 64 << 10
_CHUNK = 64 << 10
_PIPE_BYTES = 256 << 10


@dataclass(frozen=True)
class GitResult:
    """How a command ended. `stopped` is why we ended it: "time", "output", the word of `watch`, or ""."""

    status: int
    out: bytes
    err: str  # control characters and credentials removed, at most 64 kB
    stopped: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 0 and not self.stopped


class GitFailed(Exception):
    """A git command on a mirror of ours failed, which is not the remote's fault: `what`, `detail`."""

    def __init__(self, what: str, detail: str):
        super().__init__(f"git {what} failed: {detail or 'no message'}")
        self.what, self.detail = what, detail


def run(
    arguments: Sequence[str | bytes],
    *,
    git_dir: Path | None = None,
    variables: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
    stdin: bytes | Iterator[bytes] = b"",
    watch: Callable[[], str] | None = None,
    pass_fds: Sequence[int] = (),
) -> GitResult:
    """Run git to its end, fed with `stdin` as fast as it reads.

    `watch` is called about five times a second and stops the command by returning a word.
    An exception of the iterator of input ends the command and is raised.
    """
    process = start(arguments, git_dir=git_dir, variables=variables, limits=limits, pass_fds=pass_fds)
    try:
        if isinstance(stdin, bytes):
            return _run_to_end(process, limits, iter([stdin] if stdin else []), watch)
        _widen(pipes(process)[0])
        return _run_to_end(process, limits, stdin, watch)
    finally:
        stop(process)


@lru_cache(maxsize=1)
def git_version() -> tuple[int, ...]:
    """The version of the git that will be run, such as (2, 47); () when there is none."""
    ran = run(["version"])
    match = re.match(rb"git version (\d+)\.(\d+)", ran.out) if ran.ok else None
    return tuple(map(int, match.groups())) if match else ()


def output_of(what: GitResult, name: str) -> bytes:
    """The output of a command that has to succeed. Raises GitFailed."""
    if not what.ok:
        raise GitFailed(name, what.stopped or what.err)
    return what.out


def start(
    arguments: Sequence[str | bytes],
    *,
    git_dir: Path | None = None,
    variables: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
    pass_fds: Sequence[int] = (),
    stdin: int | BinaryIO = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """A git process in a session of its own, with pipes; the caller must `stop` it."""
    # Imported here and not above: 50 ms and 7 MB that a web process which shows no code need not pay.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # without git, a sentence of ours and not its ImportError
    from git.cmd import Git

    line = [f"--git-dir={git_dir.absolute()}", *arguments] if git_dir is not None else list(arguments)
    wrapped = Git("/").execute(
        command(line, variables if variables is not None else environment(), limits),
        istream=stdin,
        as_process=True,
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )
    process, wrapped.proc = wrapped.proc, None  # its finalizer would signal the process on its own account
    assert process is not None  # nobody but us takes it away
    make_nice(process.pid, limits)
    return process


def pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    """Input, output and errors of a process that `start` gave pipes."""
    assert process.stdin and process.stdout and process.stderr  # GitPython makes all three
    return process.stdin, process.stdout, process.stderr


def output_pieces(output: IO[bytes], deadline: float, most_bytes: int) -> Iterator[bytes]:
    """What a process writes, until it ends, or so many bytes. Raises TimeoutError at `deadline`, a monotonic time."""
    left_bytes = most_bytes
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while left_bytes > 0:
            seconds = deadline - time.monotonic()
            if seconds <= 0 or not selector.select(seconds):  # also where it writes all the time
                raise TimeoutError
            piece = os.read(output.fileno(), min(_PIPE_BYTES, left_bytes))
            if not piece:
                return
            left_bytes -= len(piece)
            yield piece


def stop(process: subprocess.Popen[bytes], term_seconds: float = TERM_SECONDS) -> None:
    """End a process and its children: TERM to its group, then KILL; and close the pipes.

    Also where the first process was killed and its children live on. Once it was waited for, its number may be
    another process's.
    """
    if process.returncode is None:
        _signal(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(term_seconds)
        _signal(process, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _run_to_end(
    process: subprocess.Popen[bytes], limits: Limits, feed: Iterator[bytes], watch: Callable[[], str] | None
) -> GitResult:
    out, err, stopped = bytearray(), bytearray(), ""
    stdin, stdout, stderr = pipes(process)
    by_number = {pipe.fileno(): pipe for pipe in (stdin, stdout, stderr)}
    deadline, asked_at = time.monotonic() + limits.wall_seconds, 0.0
    unsent = memoryview(next(feed, b""))
    with selectors.DefaultSelector() as selector:
        for pipe in (stdout, stderr):
            selector.register(pipe, selectors.EVENT_READ)
        os.set_blocking(stdin.fileno(), False)
        selector.register(stdin, selectors.EVENT_WRITE)
        while selector.get_map() and not stopped:
            for key, _events in selector.select(0.2):
                pipe = by_number[key.fd]
                if pipe is stdin:
                    unsent = _send(stdin, unsent, feed)
                    alive = bool(unsent)
                else:
                    alive = _receive(pipe, out) if pipe is stdout else _receive(pipe, err, _STDERR_BYTES)
                if not alive:
                    selector.unregister(pipe)
                    pipe.close()
            now = time.monotonic()
            if len(out) > limits.output_bytes:
                stopped = "output"
            elif now > deadline:
                stopped = "time"
            elif watch is not None and now > asked_at + 0.2:
                asked_at, stopped = now, watch()
    if not stopped:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            stopped = "time"
    if stopped:
        stop(process)
    return GitResult(process.returncode, bytes(out[: limits.output_bytes]), _clean_errors(bytes(err)), stopped)


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more than its usual 64 kB, so that git finds its input there while the next is awaited."""
    with contextlib.suppress(OSError):  # this user has many wide ones already
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _receive(pipe: IO[bytes], into: bytearray, most: int | None = None) -> bool:
    data = os.read(pipe.fileno(), _CHUNK)
    into += data if most is None else data[: most - len(into)]
    return bool(data)


def _send(pipe: IO[bytes], unsent: memoryview, feed: Iterator[bytes]) -> memoryview:
    """Write some bytes, and fetch more when all are written; empty at the end of the feed, or when git reads no
    more.
    """
    try:
        if unsent:
            unsent = unsent[os.write(pipe.fileno(), unsent) :]
    except BlockingIOError:
        return unsent
    except BrokenPipeError:
        return unsent[:0]
    return unsent or memoryview(next(feed, b""))


def _clean_errors(err: bytes) -> str:
    lines = err.decode("utf-8", "replace").replace("\r", "\n").split("\n")
    return "\n".join(line for line in map(safe_text, lines) if line)
