"""A mirror's folder: creating it, locking it, removing what a killed visit left, and adopting downloaded packs.

Downloads land in `objects/incoming-<id>`, where git does not read; only what was judged is moved in. No remote is
contacted and no ref moved.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

LOCK = "mirror.lock"
DOUBT = "doubt"
FILES = "files.json"  # what `note_files` writes
_CONFIG = """[core]
\trepositoryformatversion = {version}
\tbare = true
[gc]
\tauto = 0
\tpruneExpire = never
[maintenance]
\tauto = false
[uploadpack]
\thideRefs = refs/kept/
"""
# An archive must hold what the commit holds, whatever its .gitattributes say: no other switch turns these off.
_ATTRIBUTES = "* -export-ignore -export-subst\n"
_SETTINGS_BYTES = 64 << 10
_PACK_ORDER = {".idx": 2, ".pack": 0}  # a pack is seen when its .idx is there, so that comes last


@contextlib.contextmanager
def locked(mirror: Path) -> Iterator[int | None]:
    """The descriptor of the mirror's exclusive lock, or None when another visit or maintenance holds it.

    Children that write get the descriptor too: after a kill -9 the mirror stays locked until the last of them is gone,
    so that nobody removes a lock file while a git process still writes.
    """
    descriptor = os.open(mirror / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield descriptor
    finally:
        os.close(descriptor)


def prepare(mirror: Path, object_format: str) -> None:
    """Make an empty bare repository where none is complete. HEAD is written last: it is what git looks for."""
    if (mirror / "HEAD").exists():
        write_settings(mirror)
    else:
        write_settings(mirror, object_format)
        write(mirror / "HEAD", "ref: refs/heads/main\n")


def write_settings(mirror: Path, object_format: str = "") -> None:
    """Make the folders of a bare repository, and its config and attributes: ours alone, whatever stood there, since
    both may name commands. Without `object_format`, "sha1" or "sha256", that of its config stays."""
    for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
        (mirror / folder).mkdir(parents=True, exist_ok=True)
    object_format = object_format or object_format_of(mirror)
    config = _CONFIG.format(version=0 if object_format == "sha1" else 1)
    if object_format != "sha1":
        config += f"[extensions]\n\tobjectFormat = {object_format}\n"
    for name in ("alternates", "http-alternates"):
        (mirror / "objects/info" / name).unlink(missing_ok=True)
    for name, content in (("config", config), ("info/attributes", _ATTRIBUTES)):
        if _text_of(mirror / name) != content:
            write(mirror / name, content)


def object_format_of(mirror: Path) -> str:
    """The kind of ids of a mirror, as its config says it: "sha1" or "sha256"."""
    return "sha256" if re.search(r"^\s*objectFormat = sha256$", _text_of(mirror / "config"), re.M) else "sha1"


def _text_of(path: Path) -> str:
    """A small file of ours; "" where there is none, or something else than a file."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(_SETTINGS_BYTES).decode("utf-8", "replace")


def write(path: Path, content: str | bytes) -> None:
    """Replace a small file as a whole, durably."""
    draft = path.with_name(f"tmp_{path.name}")
    with open(draft, "wb") as file:
        file.write(content if isinstance(content, bytes) else os.fsencode(content))
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def new_download_folder(mirror: Path) -> Path:
    """A new, empty folder for one download."""
    folder = mirror / "objects" / f"incoming-{uuid.uuid4().hex}"
    (folder / "pack").mkdir(parents=True)
    (folder / "info").mkdir()
    return folder


def quarantine(mirror: Path, folder: Path) -> dict[str, str]:
    """The variables with which git writes objects into a download folder, and reads those of the mirror too."""
    objects = str(mirror / "objects").replace("\\", "\\\\").replace('"', '\\"')
    return {"GIT_OBJECT_DIRECTORY": str(folder), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{objects}"'}


def remove_leftovers(mirror: Path) -> None:
    """Remove what a killed visit or maintenance left: locks, temporary files, downloads. Only under the lock.

    A pack without its index goes only when the index still lies in a download: it was being moved from there and will
    be downloaded again. Any other is left for `fsck` to name.
    """
    packs = mirror / "objects" / "pack"
    for folder in (mirror / "objects").glob("incoming-*"):
        for index in folder.glob("pack/*.idx"):
            if not (packs / index.name).exists():
                for moved in packs.glob(f"{index.stem}.*"):
                    moved.unlink()
        shutil.rmtree(folder)
    for place, _folders, names in os.walk(mirror):
        for name in names:
            if (name.endswith(".lock") and name != LOCK) or name.startswith(("tmp_", ".tmp-")):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(place, name))


def adopt_packs(folder: Path, mirror: Path, checkpoint: Callable[[str], None]) -> None:
    """Move the packs of a download into the mirror, in an order that readers and a kill at any point survive."""
    packs = mirror / "objects" / "pack"
    files = [path for path in (folder / "pack").iterdir() if path.suffix not in (".keep", ".lock")]
    for path in sorted(files, key=lambda path: (_PACK_ORDER.get(path.suffix, 1), path.name)):
        if path.suffix == ".idx":
            checkpoint("pack-moved")
        os.rename(path, packs / path.name)
    sync_folder(packs)
    shutil.rmtree(folder)


def note_files(mirror: Path) -> None:
    """Write down which packs there are and how long, for `lacks_files`."""
    write(mirror / FILES, json.dumps(_pack_sizes(mirror)))


def lacks_files(mirror: Path) -> bool:
    """Whether packs or names that were there after the last visit are gone or cut; a cheap look at every visit."""
    try:
        with open(f"{mirror}/{FILES}", "rb", buffering=0) as file:
            noted = json.loads(file.read())
    except (OSError, ValueError):
        return False  # nothing was written down
    there = _pack_sizes(mirror)
    return not isinstance(noted, dict) or any(there.get(name) != size for name, size in noted.items())


def _pack_sizes(mirror: Path) -> dict[str, int]:
    """The length of each pack and index; of the names only that they are there."""
    sizes = {}
    with contextlib.suppress(FileNotFoundError), os.scandir(f"{mirror}/objects/pack") as entries:
        for entry in entries:
            if entry.name.endswith((".pack", ".idx")):
                sizes[entry.name] = entry.stat().st_size
    return sizes | ({"packed-refs": 0} if os.path.exists(f"{mirror}/packed-refs") else {})


def doubt(folder: Path) -> None:
    """Note that something here could not be read, so that the next visit checks it; the monthly check stays where the
    disk takes nothing."""
    with contextlib.suppress(OSError):
        (folder / DOUBT).touch()


def is_doubted(folder: Path) -> bool:
    """Whether something here could not be read since the last check."""
    return (folder / DOUBT).exists()


def trust(folder: Path) -> None:
    """Note that all can be read. Raises OSError."""
    (folder / DOUBT).unlink(missing_ok=True)


def size_bytes(folder: Path, *, links: bool = True) -> int:
    """The bytes of all files below a folder; files that vanish meanwhile count as nothing. Without `links`, neither do
    those that another folder holds too."""
    total, pending = 0, [str(folder)]
    while pending:
        with contextlib.suppress(FileNotFoundError), os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat(follow_symlinks=False)
                        total += status.st_size if links or status.st_nlink == 1 else 0
    return total


def spare_bytes(folder: Path) -> int:
    """Space left on the disk above its last tenth, which mirrors never take; negative when they already do."""
    usage = shutil.disk_usage(folder)
    return usage.free - usage.total // 10
