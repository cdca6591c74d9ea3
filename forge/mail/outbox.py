"""The data folder's `outbox/`, where messages lie as files while there is no mail server: what goes out of it again.

What lays them there is `forge.mail`. A file holds an address and perhaps a link, so that none stays longer than the row
of its message.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from email import message_from_binary_file, policy
from pathlib import Path

FOLDER = "outbox"
SUFFIXES = (".eml", ".new")  # whole, and left behind by a kill


def sweep(folder: Path, before: datetime) -> int:
    """Files that were laid there before this time are deleted; how many."""
    gone = 0
    for file in _files(folder):
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < before.timestamp():
                file.unlink()
                gone += 1
    return gone


def erase(folder: Path, email: str) -> int:
    """Files of messages to this address are deleted; how many. Raises OSError where one cannot be."""
    gone = 0
    for file in _files(folder):
        with suppress(FileNotFoundError):
            with file.open("rb") as opened:
                to = message_from_binary_file(opened, policy=policy.default)["To"]
            if to is not None and email in {one.addr_spec for one in to.addresses}:
                file.unlink()
                gone += 1
    return gone


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (file for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES and file.is_file())
