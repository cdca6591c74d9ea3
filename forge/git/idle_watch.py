"""Notices that git and all its children do nothing at all, as while they wait for a host that sends nothing.

curl ends a transfer for its speed over one span of time only (`http.lowSpeedTime`), and for none while it connects.
What Linux counts of each process tells more: whoever receives a byte hands it on, and whoever works takes time.
Elsewhere it notices nothing, and curl's limit is left.
"""

import os
import time
from typing import NamedTuple

SHARE = 0.01  # of the time: less than this is waiting and looking around


class _Done(NamedTuple):
    """What the processes of a session did so far."""

    processes: frozenset[int]
    handed_bytes: int  # read and written, not from the network: curl receives past these counters
    seconds: float  # of work


class Still:
    """Asked again and again, says whether the session `leader` did nothing for so many seconds."""

    def __init__(self, leader: int, seconds: float):
        self._leader, self._seconds = leader, seconds
        self._since = self._asked = time.monotonic()
        self._done = _done(leader)

    def __call__(self) -> bool:
        now = time.monotonic()
        if now - self._asked < self._seconds / 20:  # it looks at every process of the machine
            return False
        self._asked, done = now, _done(self._leader)
        same = done.processes == self._done.processes and done.handed_bytes == self._done.handed_bytes
        if not same or not done.processes or done.seconds - self._done.seconds > SHARE * (now - self._since):
            self._since, self._done = now, done
        return now - self._since > self._seconds


def _done(leader: int) -> _Done:
    processes, handed, seconds = set(), 0, 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    for number in _numbers():
        try:
            # proc(5): behind the name, which may hold anything, come state, parent, group, session
            with open(f"/proc/{number}/stat", "rb") as file:
                words = file.read().rpartition(b") ")[2].split()
            if int(words[3]) != leader:
                continue
            with open(f"/proc/{number}/io", "rb") as file:
                handed += sum(int(line.split()[1]) for line in file if line.startswith((b"rchar:", b"wchar:")))
        except (OSError, ValueError, IndexError):
            continue  # it ended, or this kernel does not count
        seconds += (int(words[11]) + int(words[12])) / ticks
        processes.add(number)
    return _Done(frozenset(processes), handed, seconds)


def _numbers() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return []
