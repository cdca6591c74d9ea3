"""Deletes from the data folder's `outbox/`, where messages lie as files while there is no mail server.

`forge.mail.send` writes them there. A file holds an address and perhaps a link, so that none stays longer than the
row of its message.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email import message_from_binary_file, policy
from pathlib import Path

FOLDER = "outbox"
SUFFIXES = (".eml", ".new")  # whole, and left behind by a kill


def sweep(folder: Path, before: datetime) -> int:
    """Delete files that were written there before this time, and return how many."""
    gone = 0
    for file in _message_files(folder):
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < before.timestamp():
                file.unlink()
                gone += 1
    return gone


def erase(folder: Path, email: str) -> int:
    """Delete files of messages to this address, and return how many. Raises OSError where one cannot be deleted."""
    gone = 0
    for file in _message_files(folder):
        with suppress(FileNotFoundError):
            with file.open("rb") as opened:
                to = message_from_binary_file(opened, policy=policy.default)["To"]
            if to is not None and email in {address.addr_spec for address in to.addresses}:
                file.unlink()
                gone += 1
    return gone


def _message_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (file for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES and file.is_file())
