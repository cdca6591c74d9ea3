"""The journal of withdrawals: a file outside of the database to which is added what people took back, as they do. A
restore reads it, so that nothing taken back since the backup comes again, also where the database is lost.

Its lines are JSON; what is in them, `catalog.store.backup.withdrawal_journal` says. It is only added to, by one process
at a time.
"""

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from catalog.store.backup.withdrawal_journal import WithdrawalState, states_of
from catalog.store.store import DatabaseError, Store

FILE = "withdrawals.jsonl"
MAX_LINE_CHARACTERS = 1_000_000
POLL_SECONDS = 2.0
REST = 50  # times as long as a look took passes before the next one

log = logging.getLogger("forge.backup.withdrawal_journal_file")


class DamagedJournal(ValueError):
    """A journal with a line that is none; the message names the file and the line."""


def read_journal(file: Path) -> dict[str, WithdrawalState]:
    """What a journal says, by the lineage of its database; nothing where there is no file.

    A last line without its end was being written when the machine stopped: it is left out. Raises DamagedJournal,
    OSError.
    """
    if not file.exists():
        return {}
    number = 0
    try:
        with file.open(encoding="utf-8") as opened:

            def lines() -> Iterator[Mapping[str, Any]]:
                nonlocal number
                while (line := opened.readline(MAX_LINE_CHARACTERS)) and line.endswith("\n"):
                    number += 1
                    yield json.loads(line)

            return states_of(lines())
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise DamagedJournal(f"{file}: line {number} cannot be understood.") from wrong


class WithdrawalJournal:
    """The journal in a folder, of which this process remembers what it read last."""

    def __init__(self, folder: Path):
        self._file = folder / FILE
        self._states: dict[str, WithdrawalState] = {}
        self._read_bytes = -1

    def write_down(self, store: Store) -> int:
        """Add what the journal does not say yet, and return how many lines. Raises as `read_journal`."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self._file) as descriptor:
            if os.fstat(descriptor).st_size != self._read_bytes:
                self._states, self._read_bytes = read_journal(self._file), -1
            lineage, lines = store.database_copies.journal_lines(self._states)
            if lines:
                new_lineage = next(reversed(self._states), None) != lineage
                _cut_unfinished_line(descriptor)
                _append(descriptor, [{"lineage": lineage}, *lines] if new_lineage else lines)
                self._states = read_journal(self._file)
            self._read_bytes = os.fstat(descriptor).st_size
        return len(lines)


class WithdrawalWriter:
    """Writes down withdrawals of a store, and logs where it cannot."""

    def __init__(self, store: Store, folder: Path):
        self._store, self._journal = store, WithdrawalJournal(folder)
        self._trouble = ""  # what was told last, so that it is told once

    def look(self) -> timedelta:
        """Write down what the journal does not say yet; return how long that took."""
        began = time.monotonic()
        try:
            self._journal.write_down(self._store)
            self._trouble = ""
        except (OSError, DamagedJournal, DatabaseError) as wrong:
            if self._trouble != str(wrong):
                self._trouble = str(wrong)
                log.error("Withdrawals are not written down: %s", wrong)
        return timedelta(seconds=time.monotonic() - began)


def _append(descriptor: int, lines: Sequence[Mapping[str, Any]]) -> None:
    data = memoryview("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode())
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)


@contextmanager
def _alone(file: Path) -> Iterator[int]:
    """Open the journal to add to, when no other process does."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _cut_unfinished_line(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, MAX_LINE_CHARACTERS, max(0, size - MAX_LINE_CHARACTERS))
    if tail and not tail.endswith(b"\n"):
        os.ftruncate(descriptor, size - len(tail) + tail.rfind(b"\n") + 1)
