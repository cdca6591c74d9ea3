"""The processes of a service: started by a small parent, started again when they end, and ended together.

Processes that start together are forked by one that has read their modules and ends then: what it read is in memory
once, as long as no process changes it. The parent adopts them. It reads none of their modules, since half of that would
be a copy for itself alone; it has no threads, and opens nothing but pipes and the sockets that it is given. What a
process opens, it opens after the fork. See docs/decisions/040-processes-and-jobs.md.
"""

import contextlib
import ctypes
import gc
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

RESTART_SECONDS = 1.0  # doubled while it ends again and again, up to the longest
RESTART_LONGEST_SECONDS = 60.0
END_SECONDS = 25.0  # for a process that was asked to end; service managers give us 30
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
READY = b"\0"  # beside the numbers of signals
PR_SET_CHILD_SUBREAPER = 36  # of Linux's prctl(2)

log = logging.getLogger("forge.server.processes")

Act = Callable[[], None]


@dataclass
class Role:
    """What a process does; it is started again when it ends. `name`: it is shown after "forge-", in the log too."""

    name: str
    act: Act
    pid: int | None = None
    is_starting: bool = False
    began_at: float = 0.0
    pause: float = RESTART_SECONDS
    start_at: float = 0.0


class Processes:
    """Made once, by a process without threads. `read_modules` gets the names of processes before they are forked."""

    def __init__(self, read_modules: Callable[[Sequence[str]], None]):
        self._read_modules, self._roles = read_modules, list[Role]()
        # Signals that came, as their numbers, and the word that the service is ready.
        self._news, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        # Which role has which process.
        self._started, self._tell_started = os.pipe()
        os.set_blocking(self._started, False)
        # Nothing is written to these two: they are at their end once the parent has ended, however that happened, and
        # once the service is ready.
        self._parent_ended, self._parent_lives = os.pipe()
        self._is_ready, self._is_not_ready = os.pipe()
        self._own = [self._news, self._started, self._parent_lives, self._is_not_ready]  # no child keeps them
        self._loader: int | None = None
        self._asked = self._ready = False
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._tell)
        prctl = getattr(ctypes.CDLL(None), "prctl", None)
        self._adopts = prctl is not None and prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0

    def run(self, roles: Sequence[Role], *, prepare: Act, when_ready: Act, before_end: Act) -> None:
        """Run all until a signal ends them, and exit. The first role says when the service is ready, and where it ends
        before, all do. `prepare`: done before they are started, in a process of its own whose status is ours where it
        fails. `before_end`: closes what only the parent still holds.
        """
        self._roles = list(roles)
        status = self._start(self._roles, prepare)
        while not self._asked and not status:
            now = time.monotonic()
            waiting = [role for role in self._roles if role.pid is None and not role.is_starting]
            if self._loader is None and (due := [role for role in waiting if role.start_at <= now]):
                status = self._start(due)
                continue
            soonest = min((role.start_at for role in waiting), default=None) if self._loader is None else None
            if self._listen(None if soonest is None else max(0.0, soonest - now)):
                when_ready()
            for role, code in self._reap():
                if role is None or (role is self._roles[0] and not self._ready):
                    status = max(code, 1)
                elif not self._asked:
                    log.warning("forge-%s ended with status %s; it is started again.", role.name, code)
        before_end()
        self._end_all()
        sys.exit(0 if self._asked else status)

    def tell_ready(self) -> None:
        """Tell the parent that the service is ready; called by the first role's process."""
        with contextlib.suppress(BrokenPipeError):  # the parent was killed: this process ends too
            os.write(self._tell, READY)

    def await_ready(self) -> None:
        """Wait until the service is ready; called by processes of other roles."""
        os.read(self._is_ready, 1)

    def _start(self, due: Sequence[Role], prepare: Act | None = None) -> int:
        """Begin to start these, and return 0; a status where `prepare` failed and is known already."""
        for role in due:
            role.is_starting = True
        if not self._adopts:  # not Linux: the parent reads the modules, and forks
            return self._fork_all(due, prepare)
        self._loader = self._fork("loader", lambda: os._exit(self._fork_all(due, prepare)), has_threads=False)
        return 0

    def _fork_all(self, due: Sequence[Role], prepare: Act | None) -> int:
        gc.disable()  # each pass over all modules takes a tenth of a second
        self._read_modules([role.name for role in due[:1]])
        preparing = self._fork("prepare", lambda: _do_and_leave(prepare)) if prepare else None
        self._read_modules([role.name for role in due])
        # The collector would write to all of it, and so copy it. Nothing is collected before: the little garbage stays,
        # and new objects do not come into gaps between old ones.
        gc.freeze()
        if preparing is not None:
            _, status = os.waitpid(preparing, 0)
            if code := os.waitstatus_to_exitcode(status):
                return max(code, 1)
        for role in due:
            pid = self._fork(role.name, role.act)
            os.write(self._tell_started, b"%d %d\n" % (self._roles.index(role), pid))
        return 0

    def _fork(self, name: str, act: Act, has_threads: bool = True) -> int:
        """Fork a process that does this and then ends as any program does, through the frames of its parent."""
        sys.stdout.flush()
        sys.stderr.flush()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # none is to reach a child that is none yet
        pid = os.fork()
        if pid == 0:
            self._become_child(name)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            if has_threads:
                gc.enable()
                threading.Thread(target=self._end_with_parent, name="parent", daemon=True).start()
            act()
            sys.exit(0)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pid

    def _become_child(self, name: str) -> None:
        while self._own:
            os.close(self._own.pop())
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # uvicorn gives a signal back when it has ended: raised as SystemExit, everything around it ends in order.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        os.setsid()  # a terminal's Ctrl-C reaches the parent alone, and all that this one starts can be killed with it
        with contextlib.suppress(OSError), open("/proc/self/comm", "w") as comm:
            comm.write(f"forge-{name}")

    def _end_with_parent(self) -> None:
        """End this process when the parent was killed: else it would go on beside the next service."""
        os.read(self._parent_ended, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    def _listen(self, seconds: float | None) -> bool:
        """Wait for news, at most so long; return whether it is that the service is ready."""
        if not select.select([self._news, self._started], [], [], seconds)[0]:
            return False
        self._read_started()
        if not select.select([self._news], [], [], 0)[0]:
            return False
        told = os.read(self._news, 4096)
        self._asked = self._asked or signal.SIGTERM in told or signal.SIGINT in told
        if READY not in told or self._ready:
            return False
        self._ready = True
        self._own.remove(self._is_not_ready)
        os.close(self._is_not_ready)
        return True

    def _read_started(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for line in os.read(self._started, 65_536).splitlines():
                number, pid = map(int, line.split())
                role = self._roles[number]
                role.pid, role.is_starting, role.began_at = pid, False, time.monotonic()

    def _reap(self) -> Iterator[tuple[Role | None, int]]:
        """Who ended, with the status: the next start of each is noted. None: whoever was to start them failed."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._read_started()  # it was written before anybody could be ours
                pid, code = ended[0], os.waitstatus_to_exitcode(ended[1])
                roles = [role for role in self._roles if role.pid == pid]
                if pid == self._loader:
                    self._loader = None
                    roles = [role for role in self._roles if role.is_starting]
                    if code and not self._ready:
                        yield None, code
                for role in roles:
                    now = time.monotonic()
                    if role.pid and now - role.began_at > RESTART_LONGEST_SECONDS:
                        role.pause = RESTART_SECONDS
                    role.pid, role.is_starting, role.start_at = None, False, now + role.pause
                    role.pause = min(2 * role.pause, RESTART_LONGEST_SECONDS)
                    yield role, code

    def _end_all(self) -> None:
        """Ask all to end, and kill with all they started who did not in time; at once where somebody asks twice."""
        until, asked_before, self._asked = time.monotonic() + END_SECONDS, self._asked, False
        for pid in self._running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        while self._running():
            left = until - time.monotonic()
            if left <= 0 or self._asked:
                break
            self._listen(left)
            list(self._reap())
        for pid in self._running():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        self._asked = asked_before

    def _running(self) -> list[int]:
        return [pid for pid in (self._loader, *(role.pid for role in self._roles)) if pid is not None]


def _do_and_leave(act: Act) -> None:
    """Do this and end the process at once: Python would free each object of all modules first, for 0.4 s, and others
    wait for the end. What it raises goes its usual way."""
    act()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
