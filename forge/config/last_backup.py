"""When the last backup was made, and where it lies: a small file in the data folder, from which its age is watched."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FILE = "backup.json"


@dataclass(frozen=True)
class LastBackup:
    at: datetime
    place: str


def note_backup(data: Path, place: Path, *, now: datetime) -> None:
    """Note a backup that was made and read back. Raises OSError."""
    draft = data / f".{FILE}.{os.getpid()}.new"
    draft.write_text(json.dumps({"at": now.isoformat(), "place": str(place.absolute())}), encoding="utf-8")
    draft.replace(data / FILE)


def last_backup(data: Path) -> LastBackup | None:
    """The last backup that was noted; None where there is none."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        values = json.loads((data / FILE).read_text(encoding="utf-8"))
        return LastBackup(datetime.fromisoformat(values["at"]), str(values["place"]))
    return None
