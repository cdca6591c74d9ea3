"""Checks what must be true before anything starts: settings, Python, git and the data folder; each problem says what to
do."""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from forge.config.checkup_report import Finding
from forge.config.settings import Settings

if TYPE_CHECKING:
    from catalog.store.store import Store

PYTHON = (3, 11)
GIT = (2, 42)
GIT_SECONDS = 10
DATABASE_ROOM_BYTES = 500_000_000  # with less on the disk, the database itself is soon in danger


class CannotStart(Exception):
    """What keeps a command from starting, as sentences that say what to do."""

    def __init__(self, *sentences: str):
        super().__init__(*sentences)
        self.sentences = sentences

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def no_document(settings: Settings) -> CannotStart:
    return CannotStart(f"There is no document {settings.catalog}. `forge init` writes one to begin with.")


def require_public_address(settings: Settings, host: str) -> None:
    """Raise CannotStart where others reach `host` and no public address is set."""
    if settings.base_url is None and not _is_loopback(host):
        raise CannotStart(
            f"FORGE_BASE_URL is not set: on {host} the catalogue is reached by others, and links in feeds, mail and "
            "exports need its public address, such as https://catalog.example.org."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_document_or_database(settings: Settings) -> None:
    """Raise CannotStart where there is neither a document nor a database: nothing is checked or made before."""
    if not settings.catalog.is_file() and settings.database is None and not (settings.data / "catalog.db").exists():
        raise no_document(settings)


def check_all(settings: Settings) -> list[Finding]:
    """Check settings, Python, git, the data folder and the free space on its disk, in this order."""
    checks = (_check_settings(settings), _check_python(), check_git(), _check_folder(settings.data))
    return [*checks, _check_disk(settings)]


def check_git() -> Finding:
    """Check whether git is installed and new enough; without it the catalogue runs, and mirrors wait."""
    path = shutil.which("git")
    if path is None:
        return Finding("git", False, "git is not installed: mirrors wait. Install the package git, 2.42 or newer.")
    output = subprocess.run(
        [path, "--version"], capture_output=True, text=True, timeout=GIT_SECONDS, check=False
    ).stdout
    match = re.search(r"(\d+)\.(\d+)", output)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    if version < GIT:
        return Finding("git", False, f"git is {output.strip()!r}: mirrors wait. They need git 2.42 or newer.")
    return Finding("git", True, f"git {version[0]}.{version[1]} is new enough.")


def make_data_folder(path: Path) -> None:
    """Make the data folder and its subfolders, private to the user.

    Raises OSError when it cannot be made or is not a folder.
    """
    for folder in (path, path / "mirrors", path / "search"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(path, 0o700)


def require_writable(settings: Settings) -> None:
    """Make the data folder. Raises CannotStart when it cannot be made or written."""
    finding = _check_folder(settings.data)
    if not finding.good:
        raise CannotStart(finding.sentence)


def open_store(settings: Settings) -> "Store":
    """Open the store and migrate it to the newest schema. Raises CannotStart when the database cannot be used."""
    from catalog.store.core.engine import database_failure
    from catalog.store.store import DatabaseError, Store

    where = "that FORGE_DATABASE names" if settings.database else settings.data / "catalog.db"  # no password here
    try:
        opened = Store(settings.database_url)
        opened.migrate()
    except ValueError as wrong:
        raise CannotStart(f"The database {where} cannot be used: {str(wrong).rstrip('.')}.") from wrong
    except (DatabaseError, ImportError) as wrong:
        reason = database_failure(wrong) or str(wrong).splitlines()[0]
        todo = "Make room or mend it, or set FORGE_DATABASE."
        raise CannotStart(f"The database {where} cannot be used: {reason}. {todo}") from wrong
    return opened


def _check_settings(settings: Settings) -> Finding:
    """What was read can be used; `forge serve` refuses more."""
    try:
        require_public_address(settings, settings.host)
    except CannotStart as no:
        return Finding("settings", False, str(no), urgent=True)
    return Finding("settings", True, "All that is set can be used.")


def _check_python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= PYTHON
    sentence = f"Python {version}." if good else f"Python {version}: 3.11 is needed."
    return Finding("Python", good, sentence, fatal=not good)


def _check_folder(path: Path) -> Finding:
    try:
        make_data_folder(path)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as wrong:
        sentence = f"The data folder {path} cannot be written ({wrong.strerror}). Set FORGE_DATA to a folder that can."
        return Finding("data folder", False, sentence, fatal=True)
    return Finding("data folder", True, f"{path} can be written.")


def _check_disk(settings: Settings) -> Finding:
    if not settings.data.is_dir():
        return Finding("room", False, f"There is no folder {settings.data}.")
    disk = shutil.disk_usage(settings.data)
    usable = max(0, disk.free - disk.total // 10)
    bytes_needed = settings.mirrors_max_bytes
    if usable < bytes_needed // 10:
        sentence = f"Only {usable / 1e9:.1f} GB may be used on this disk: mirrors will soon wait. Make room."
        return Finding("room", False, sentence, urgent=disk.free < DATABASE_ROOM_BYTES)
    return Finding("room", True, f"{usable / 1e9:.1f} GB may be used; mirrors take up to {bytes_needed / 1e9:.1f} GB.")
