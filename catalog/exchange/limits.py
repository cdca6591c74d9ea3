"""How many bytes and entries each file of an exchange may have: one table, which writers keep and readers refuse by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from catalog.exchange.names import FOLDERS, INSTANCE

KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True)
class FileLimit:
    """The limits of one file: bytes as they are fetched, bytes once they are unpacked, entries of its list, and values
    in it, counted by its commas and brackets: what is parsed may take forty times the memory of its text."""

    packed: int
    unpacked: int
    entries: int
    values: int


# Of metadata, as the updater of python-tuf takes them (tuf.ngclient.UpdaterConfig).
ROOT_BYTES = 32 * KB
TIMESTAMP_BYTES = 4 * KB
SNAPSHOT_BYTES = 4 * KB
TARGETS_BYTES = 2 * MB
ROOT_ROTATIONS = 32  # in one visit; the next one goes on from there

# Of targets, by name or by folder: a shard of each.
LIMITS: Mapping[str, FileLimit] = {
    INSTANCE: FileLimit(64 * KB, 64 * KB, 1, 8_000),
    **dict.fromkeys(FOLDERS, FileLimit(4 * MB, 4 * MB, 20_000, 500_000)),
}
COUNTED = (b",", b"[", b"{")  # what is counted as values, also within texts
RECORD_BYTES = 2 * MB  # of one record, as JSON in UTF-8
ADOPTIONS = 5_000  # of one project; of more, the first by how sure they are
LIST_ENTRIES = 500  # of a list or an object in a record
TEXT_CHARACTERS = 20_000  # of one text
DEPTH = 16  # of values within each other, in a whole file
LARGEST_NUMBER = 2**53 - 1  # that every JSON reader keeps as it is

# Of signatures.
ROOT_LIFETIME = timedelta(days=5 * 365)
ROOT_WARNED_BEFORE = timedelta(days=365)
TARGETS_LIFETIME = SNAPSHOT_LIFETIME = timedelta(days=365)
TARGETS_RENEWED_BEFORE = timedelta(days=180)
TIMESTAMP_LIFETIME = timedelta(days=30)
TIMESTAMP_RENEWED_AFTER = timedelta(days=7)


def limit_of(target: str) -> FileLimit | None:
    """The limit of a target by its name; None for one that no exchange has."""
    return LIMITS.get(target) or LIMITS.get(target.partition("/")[0])
