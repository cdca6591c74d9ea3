"""The folder of the index on disk: its generations, which one is in use, and whether its files are intact.

The folder holds `writer.lock`, `current` (the name of the generation in use and what it was made with) and one folder a
generation. A new generation is filled beside the old one and comes into use by renaming `current`, so that readers see
the old or the new one, never a part.
"""

import errno
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.errors import CatalogError

CURRENT_FILE = "current"
LOCK_FILE = "writer.lock"
DELETE_TRIES = 3  # to delete a generation into which something is still written for a moment
_FOOTER_MAGIC = (1337).to_bytes(4, "little")  # tantivy closes each file with JSON, its length and this
_CRC = re.compile(rb'"crc":(\d+)')
_BLOCK_BYTES = 1 << 20
_NOTE_BYTES = 1_000  # the name of a generation and a version


class IndexMissing(CatalogError):
    """There is no index that can be used: `folder`, `reason`. Opening it for writing builds it again."""

    def __init__(self, folder: Path, reason: str):
        super().__init__(f"The search index in {folder} cannot be used: {reason}")
        self.folder, self.reason = folder, reason


def current_generation(folder: Path) -> tuple[str, str] | None:
    """Name and version of the generation in use; None where there is none or the note is damaged."""
    path = f"{folder}/{CURRENT_FILE}"
    try:
        status = os.stat(path)
        return _noted_generation(path, status.st_ino, status.st_mtime_ns, status.st_size)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


@lru_cache(maxsize=8)  # each page that is given again asks for it; the file is replaced and never written over
def _noted_generation(path: str, _inode: int, _time: int, _size: int) -> tuple[str, str]:
    with open(path, "rb") as file:
        note = json.loads(file.read(_NOTE_BYTES))
    name, version = note["name"], note["version"]
    if not (isinstance(name, str) and isinstance(version, str) and re.fullmatch(r"g\d+", name)):
        raise ValueError("This names no generation")
    return name, version


def current_stamp(folder: Path) -> tuple[str, int, int]:
    """The generation in use, with inode and time (ns) that differ from one commit to the next. Raises IndexMissing."""
    generation = current_generation(folder)
    while generation is not None:
        try:
            return _generation_stamp(folder, generation[0])
        except OSError as error:
            earlier, generation = generation, current_generation(folder)
            if generation == earlier:
                raise IndexMissing(folder, str(error)) from error  # else a rebuild put another in use meanwhile
    raise IndexMissing(folder, "there is none yet")


def _generation_stamp(folder: Path, name: str) -> tuple[str, int, int]:
    meta = os.stat(f"{folder}/{name}/meta.json")  # tantivy puts a new file in its place at each commit
    return name, meta.st_ino, meta.st_mtime_ns


def put_in_use(folder: Path, name: str, version: str) -> tuple[str, int, int]:
    """Make the generation `name` the one that readers open, durably, and delete all others. Returns its stamp from
    before it came into use: what happens to it afterwards is not what was written."""
    written = _generation_stamp(folder, name)
    draft = folder / f"{CURRENT_FILE}.new"
    with draft.open("w") as file:
        json.dump({"name": name, "version": version}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, folder / CURRENT_FILE)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    delete_other_generations(folder, name)
    return written


def empty(folder: Path) -> None:
    """Take what is in use out of use, and delete every generation."""
    (folder / CURRENT_FILE).unlink(missing_ok=True)
    delete_other_generations(folder, None)


def delete_other_generations(folder: Path, name: str | None) -> None:
    """Delete every generation but `name`. Readers of a deleted one keep the files that they have open.

    Threads of tantivy may clean up a generation for a moment after its last commit, and put a file into a folder that
    is being deleted: the rest is deleted at the next opening, or when another generation comes into use.
    """
    for generation in generations(folder):
        if generation != name:
            _delete_generation(folder / generation)


def _delete_generation(generation: Path) -> None:
    for _ in range(DELETE_TRIES):
        try:
            if generation.is_dir():
                shutil.rmtree(generation)
            else:  # somebody's file in its place
                generation.unlink()
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
                raise


def new_generation(folder: Path) -> str:
    """The name of a fresh, empty generation's folder."""
    name = f"g{max((int(number_name[1:]) for number_name in generations(folder)), default=0) + 1}"
    (folder / name).mkdir()
    return name


def generations(folder: Path) -> list[str]:
    """The names of all generations on disk, and of anything else with such a name."""
    return sorted(path.name for path in folder.iterdir() if re.fullmatch(r"g\d+", path.name))


def first_damaged_file(generation: Path) -> str | None:
    """The first file of `generation` that is missing or not what was written, None when all are sound.

    Reads every byte once and compares with the checksum that tantivy keeps at each file's end: 0.1 s for 100 MB.
    """
    try:
        segments = json.loads((generation / "meta.json").read_bytes())["segments"]
        expected = {name for segment in segments for name in _segment_files(segment)}
    except (OSError, ValueError, KeyError, TypeError):
        return "meta.json"
    return next((name for name in sorted(expected) if not _is_intact(generation / name)), None)


@contextmanager
def engine_errors(folder: Path) -> Iterator[None]:
    """Turn what tantivy raises, panics of its Rust code included, into IndexMissing."""
    try:
        yield
    except (ValueError, OSError, SystemError) as error:
        raise IndexMissing(folder, str(error)) from error
    except BaseException as error:
        # A Rust panic derives from BaseException, so that only its name tells it from an interrupt.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexMissing(folder, str(error)) from error


def _segment_files(segment: dict[str, Any]) -> list[str]:
    stem = segment["segment_id"].replace("-", "")
    deleted = [f"{segment['deletes']['opstamp']}.del"] if segment["deletes"] else []
    return [f"{stem}.{kind}" for kind in ("store", "idx", "pos", "term", "fast", "fieldnorm", *deleted)]


def _is_intact(path: Path) -> bool:
    if not path.is_file():
        return False
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size_bytes - 8))
        tail = file.read(8)
        length = int.from_bytes(tail[:4], "little")
        body_bytes = size_bytes - 8 - length
        if len(tail) < 8 or tail[4:] != _FOOTER_MAGIC or body_bytes < 0:
            return False
        file.seek(body_bytes)
        match = _CRC.search(file.read(length))
        file.seek(0)
        crc, left = 0, body_bytes
        while left and (block := file.read(min(left, _BLOCK_BYTES))):
            crc, left = zlib.crc32(block, crc), left - len(block)
    return match is not None and left == 0 and crc == int(match[1])
