"""Makes a backup of a whole catalogue while it runs, and restores it: tables, secret, key, document, mirrors if
wanted.

The search index is derived and in none. Mirrors are only ever added by a restore: what an origin showed is never
taken away by an older copy.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from catalog.exchange.statements import Withdrawal
from catalog.store.backup.withdrawal_journal import WithdrawalState
from catalog.store.mirrors.doctor_queries import MadeMirror, made_mirrors
from catalog.store.store import Store
from forge.backup import archive as archives
from forge.backup import mirror_copies
from forge.backup.archive import InvalidArchive
from forge.backup.withdrawal_journal_file import FILE as JOURNAL
from forge.backup.withdrawal_journal_file import read_journal
from forge.config.settings import Settings
from forge.exchange.paths import FOLDER, KEYS
from forge.git.read import is_mirror

CARD = "backup.json"
_MIRRORS, _DOCUMENT, _SECRET = "mirrors/", "document", "secret"
_PREFIX, _SUFFIX = "catalog-", ".tar.gz"


@dataclass(frozen=True)
class BackupSummary:
    """What a backup holds."""

    rows: int
    mirrors: int
    size_bytes: int


def write(settings: Settings, store: Store, file: Path, *, mirrors: bool, now: datetime) -> BackupSummary:
    """Write the archive, and read it back; it gets its name when it is whole. Raises OSError, InvalidArchive."""
    copied = 0
    with archives.new_archive(file) as (archive, folder):

        def about() -> dict[str, str]:
            manifest = store.manifest()
            return {"made_at": now.isoformat(), "name": manifest.called() if manifest else ""}

        with store.database_copies.tables() as tables:
            rows = archives.add_tables(archive, folder, CARD, tables, about)
        for private in (_SECRET, *KEYS):
            if (settings.data / private).is_file():
                archive.add(settings.data / private, private)
        if settings.catalog.is_file():
            archive.add(settings.catalog, _DOCUMENT)
        if (settings.withdrawals_folder / JOURNAL).is_file():
            archive.add(settings.withdrawals_folder / JOURNAL, JOURNAL)
        if mirrors and settings.mirrors.is_dir():
            copied = _add_mirrors(archive, settings.mirrors)
    archives.verify(file, CARD)
    return BackupSummary(rows, copied, file.stat().st_size)


def _add_mirrors(archive: tarfile.TarFile, mirrors: Path) -> int:
    """Add each mirror as it was at one moment."""
    count = 0
    for mirror in mirror_copies.mirrors_of(mirrors):
        with mirror_copies.snapshot(mirror) as aside:
            if aside is not None:
                archive.add(aside, _MIRRORS + mirror.name)
                count += not mirror.name.endswith(".free.git")
    return count


def write_into(
    settings: Settings, store: Store, folder: Path, *, mirrors: bool, keep: int | None, now: datetime
) -> tuple[Path, BackupSummary, int]:
    """Write an archive named by its time into a folder, and bring the copies of mirrors beside it up to date: only what
    is new is written. Return the archive, what it holds, and how many older archives were deleted.

    `keep`: how many archives stay; None: all. Raises OSError, InvalidArchive.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{_PREFIX}{now:%Y-%m-%dT%H%M%SZ}{_SUFFIX}"
    backup_summary = write(settings, store, file, mirrors=False, now=now)
    if mirrors:
        mirror_names = {mirror.name for mirror in settings.mirrors.glob("*.git")}
        mirror_names |= {f"{key}.git" for key in store.mirrors.ids()}
        copied = mirror_copies.synchronize(settings.mirrors, folder / _MIRRORS, mirror_names)
        backup_summary = replace(backup_summary, mirrors=copied)
    older = archives_in(folder)[keep:] if keep is not None else []
    for archive in older:
        archive.unlink()
    return file, backup_summary, len(older)


def archives_in(folder: Path) -> list[Path]:
    """The archives that `write_into` wrote into a folder, the newest first."""
    return sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"), reverse=True)


def restore(
    settings: Settings, store: Store, place: Path, *, replace: bool, now: datetime, exchanges: Sequence[Path] = ()
) -> tuple[dict[str, int], int]:
    """Put a backup in the place of what is here; return what was taken back again, and how many mirrors came with it.
    Of a folder of backups: the newest archive, and the mirrors beside it.

    `exchanges`: folders that `forge exchange write` wrote; what they say was withdrawn is hidden, as what the folder
    that is served here says. One that this catalogue did not sign is an InvalidArchive.

    Everything is read and checked before anything is changed; the database changes in one transaction. Raises
    InvalidArchive, DamagedJournal, AlreadyExists, OSError.
    """
    from forge.exchange.authority import restore_key  # with its libraries only where it is needed
    from forge.exchange.repository import withdrawals_in

    def own_exchanges(roots: Sequence[bytes]) -> Iterator[Withdrawal]:
        for folder in (settings.data / FOLDER, *exchanges):
            withdrawals = withdrawals_in(folder, roots)
            if withdrawals is None and folder in exchanges:
                raise InvalidArchive(f"{folder} holds nothing that this catalogue published and signed.")
            yield from withdrawals or ()

    file = archive_at(place)
    card = archives.read_card(file, CARD)
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
        tables = archives.unpack(file, card, Path(folder))
        journal = dict[str, WithdrawalState]()
        for beside in (Path(folder), place if place.is_dir() else place.parent, settings.withdrawals_folder):
            journal |= read_journal(beside / JOURNAL)
        try:
            replayed = store.database_copies.restore(
                card.revision, tables, replace=replace, now=now, journal=journal, own_exchanges=own_exchanges
            )
        except InvalidArchive:
            raise
        except ValueError as wrong:
            raise InvalidArchive(f"{file}: {wrong}.") from wrong
        mirrors = mirror_copies.fill(Path(folder) / _MIRRORS, settings.mirrors)
        if place.is_dir():
            mirrors += mirror_copies.fill(place / _MIRRORS, settings.mirrors)
        _restore_files(Path(folder), settings)
        for name in KEYS:
            restore_key(Path(folder) / name, store, settings.data, name)
    return replayed, mirrors


def archive_at(place: Path) -> Path:
    """The archive that is named, or the newest one of a folder. Raises InvalidArchive."""
    if not place.is_dir():
        return place
    if not (paths := archives_in(place)):
        raise InvalidArchive(f"There is no backup in {place}.")
    return paths[0]


def absent_mirrors(store: Store, mirrors: Path) -> list[MadeMirror]:
    """Return the mirrors that were made once, and are not in this folder."""
    return [mirror for mirror in made_mirrors(store.engine) if not is_mirror(mirrors / f"{mirror.project_id}.git")]


def visit_absent_mirrors(store: Store, mirrors: Path, *, now: datetime) -> int:
    """Have the mirrors that came without their files made anew as soon as possible, and return how many they are;
    until then none is promised.
    """
    gone = [mirror.project_id for mirror in absent_mirrors(store, mirrors)]
    store.mirrors.absent(gone, now=now)
    return len(gone)


def _restore_files(folder: Path, settings: Settings) -> None:
    """Restore the secret that the stored data was made with, and the document where there is none."""
    if (folder / _SECRET).is_file():
        os.chmod(folder / _SECRET, 0o600)
        (folder / _SECRET).replace(settings.data / _SECRET)
    if (folder / _DOCUMENT).is_file() and not settings.catalog.exists():
        settings.catalog.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / _DOCUMENT, settings.catalog)
