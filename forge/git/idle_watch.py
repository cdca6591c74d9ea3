"""Notices that git and all its children are idle, as while they wait for a host that sends nothing.

curl ends a transfer for its speed over one span of time only (`http.lowSpeedTime`), and for none while it connects.
Linux's counters of each process tell more: a process that receives a byte passes it on, and one that works takes time.
On other systems nothing is noticed, and curl's limit remains.
"""

import os
import time
from typing import NamedTuple

SHARE = 0.01  # of the time: less processor time than this is waiting and polling


class _Activity(NamedTuple):
    """What the processes of a session did so far."""

    processes: frozenset[int]
    handed_bytes: int  # read and written, not from the network: curl receives past these counters
    seconds: float  # of work


class IdleWatch:
    """Called repeatedly, returns whether the session `leader` did nothing for so many seconds."""

    def __init__(self, leader: int, seconds: float):
        self._leader, self._seconds = leader, seconds
        self._since = self._asked_at = time.monotonic()
        self._last = _activity_of(leader)

    def __call__(self) -> bool:
        now = time.monotonic()
        if now - self._asked_at < self._seconds / 20:  # each check reads every process of the machine
            return False
        self._asked_at, current = now, _activity_of(self._leader)
        same = current.processes == self._last.processes and current.handed_bytes == self._last.handed_bytes
        if not same or not current.processes or current.seconds - self._last.seconds > SHARE * (now - self._since):
            self._since, self._last = now, current
        return now - self._since > self._seconds


def _activity_of(leader: int) -> _Activity:
    processes, handed, seconds = set(), 0, 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    for number in _process_ids():
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
    return _Activity(frozenset(processes), handed, seconds)


def _process_ids() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    except OSError:
        return []
