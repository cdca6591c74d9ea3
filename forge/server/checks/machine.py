"""Checks of the machine, which need no database: what is set, git, the data folder and the room on its disk."""

import ipaddress
import os
import re
import shutil
import subprocess
from collections.abc import Iterator

from forge.config.checkup_report import GOOD, NOW, SOON, Result
from forge.config.settings import Settings

GIT = (2, 42)
GIT_SECONDS = 10
DATABASE_ROOM_BYTES = 500_000_000  # with less on the disk, the database itself is soon in danger


def check_settings(settings: Settings) -> Iterator[Result]:
    """Whether links have a public address where others reach the host that is listened on."""
    if settings.base_url is None and not _is_loopback(settings.host):
        sentence = (
            f"FORGE_BASE_URL is not set: on {settings.host} the catalogue is reached by others, and links in feeds, "
            "mail and exports need its public address, such as https://catalog.example.org."
        )
        yield NOW, sentence
    else:
        yield GOOD, "All that is set can be used."


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_git(_settings: Settings) -> Iterator[Result]:
    """Whether git is installed and new enough; without it the catalogue runs, and mirrors wait."""
    path = shutil.which("git")
    if path is None:
        yield SOON, "git is not installed: mirrors wait. Install the package git, 2.42 or newer."
        return
    output = subprocess.run(
        [path, "--version"], capture_output=True, text=True, timeout=GIT_SECONDS, check=False
    ).stdout
    match = re.search(r"(\d+)\.(\d+)", output)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    if version < GIT:
        yield SOON, f"git is {output.strip()!r}: mirrors wait. They need git 2.42 or newer."
    else:
        yield GOOD, f"git {version[0]}.{version[1]} is new enough."


def check_folder(settings: Settings) -> Iterator[Result]:
    """Make the data folder and its subfolders, private to the user, and see whether it can be written."""
    path = settings.data
    try:
        for folder in (path, path / "mirrors", path / "search"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(path, 0o700)
        probe = path / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as wrong:
        yield (
            NOW,
            f"The data folder {path} cannot be written ({wrong.strerror}). Set FORGE_DATA to a folder that can.",
        )
    else:
        yield GOOD, f"{path} can be written."


def check_room(settings: Settings) -> Iterator[Result]:
    """Whether the disk of the data folder has room for the mirrors and the database."""
    if not settings.data.is_dir():
        yield SOON, f"There is no folder {settings.data}."
        return
    disk = shutil.disk_usage(settings.data)
    usable = max(0, disk.free - disk.total // 10)
    bytes_needed = settings.mirrors_max_bytes
    if usable < bytes_needed // 10:
        sentence = f"Only {usable / 1e9:.1f} GB may be used on this disk: mirrors will soon wait. Make room."
        yield (NOW if disk.free < DATABASE_ROOM_BYTES else SOON), sentence
    else:
        yield GOOD, f"{usable / 1e9:.1f} GB may be used; mirrors take up to {bytes_needed / 1e9:.1f} GB."
