"""A catalogue in one file, made while it runs, and put back: tables, secret, key, document, mirrors if wanted.

The search index is derived and in none. Mirrors are only ever added by a restore: what an origin showed is never taken
away by an older copy.
"""

import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from catalog.document import files
from catalog.store import Store
from catalog.store.backup.replay_withdrawals import Replayed
from catalog.store.core.read_models import Mirror
from forge.backup import archive as archives
from forge.backup.archive import NoArchive
from forge.config.settings import Settings
from forge.federation.publish.keys import FILE as EXCHANGE_KEY
from forge.federation.publish.keys import KeyTrouble, keys
from forge.git.read import is_mirror

CARD = "backup.json"
SNAPSHOT_TRIES = 5
_MIRRORS, _DOCUMENT, _SECRET = "mirrors/", "document/", "secret"


@dataclass(frozen=True)
class Made:
    """What a backup holds."""

    rows: int
    mirrors: int
    size_bytes: int


def write(settings: Settings, store: Store, file: Path, *, mirrors: bool, now: datetime) -> Made:
    """Make the archive; it stands under its name when it is whole. Raises OSError."""
    copied = 0
    with archives.writing(file, private=True) as (archive, folder):

        def about() -> dict[str, str]:
            manifest = store.manifest()
            return {"made_at": now.isoformat(), "name": manifest.called() if manifest else ""}

        with store.copies.tables() as tables:
            rows = archives.add_tables(archive, folder, CARD, tables, about)
        for private in (_SECRET, EXCHANGE_KEY):
            if (settings.data / private).is_file():
                archive.add(settings.data / private, private)
        for path in files(settings.catalog) if settings.catalog.is_file() else ():
            archive.add(path, _DOCUMENT + path.relative_to(settings.catalog.parent).as_posix())
        if mirrors and settings.mirrors.is_dir():
            copied = _add_mirrors(archive, settings.mirrors)
    return Made(rows, copied, file.stat().st_size)


def _add_mirrors(archive: tarfile.TarFile, mirrors: Path) -> int:
    """Each mirror as it was at one moment: linked aside first, names before objects, so that no name leads nowhere."""
    count = 0
    with tempfile.TemporaryDirectory(dir=mirrors.parent, prefix=".mirrors-") as aside:
        for one in sorted(mirrors.glob("*.git")):
            if _linked(one, Path(aside) / one.name):
                archive.add(Path(aside) / one.name, _MIRRORS + one.name)
                count += 1
            shutil.rmtree(Path(aside) / one.name, ignore_errors=True)
    return count


def _linked(mirror: Path, to: Path) -> bool:
    """Files of a bare repository are replaced, never written over: a link keeps what stood there. False: it is gone."""
    for _ in range(SNAPSHOT_TRIES):
        try:
            names = [one for one in sorted(mirror.rglob("*")) if one.is_file() and not one.is_symlink()]
            for one in sorted(names, key=lambda path: path.relative_to(mirror).parts[0] == "objects"):
                if one.suffix == ".lock":
                    continue
                target = to / one.relative_to(mirror)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(one, target)
            return mirror.is_dir()
        except FileNotFoundError:  # packed anew meanwhile
            shutil.rmtree(to, ignore_errors=True)
    return False


def restore(settings: Settings, store: Store, file: Path, *, replace: bool, now: datetime) -> tuple[Replayed, int]:
    """Put a backup in the place of what is here; what was taken back again, and how many mirrors came with it.

    Everything is read and checked before anything is changed; the database changes in one transaction. Raises
    NoArchive, AlreadyExists, OSError.
    """
    found = archives.card(file, CARD)
    with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restore-") as folder:
        tables = archives.unpack(file, found, Path(folder))
        try:
            replayed = store.copies.restore(found.revision, tables, replace=replace, now=now)
        except ValueError as wrong:
            raise NoArchive(f"{file}: {wrong}.") from wrong
        mirrors = _put_mirrors(Path(folder) / _MIRRORS, settings.mirrors)
        _put_files(Path(folder), settings)
        _put_key(Path(folder) / EXCHANGE_KEY, store, settings)
    return replayed, mirrors


def absent(store: Store, mirrors: Path) -> list[tuple[str, Mirror]]:
    """Slugs and rows of the mirrors that were made once, and do not stand in this folder."""
    made = (one for one in store.mirrors.due(()) if one[1].first_mirrored_at is not None or one[1].state == "mirrored")
    return [(slug, kept) for slug, kept in made if not is_mirror(mirrors / f"{kept.project_id}.git")]


def visit_absent(store: Store, mirrors: Path, *, now: datetime) -> int:
    """Have the mirrors that came without their files made anew as soon as possible, and how many they are; until then
    none is promised."""
    gone = [kept.project_id for _, kept in absent(store, mirrors)]
    store.mirrors.absent(gone, now=now)
    return len(gone)


def _put_mirrors(source: Path, mirrors: Path) -> int:
    """Mirrors that are not here; those that are hold all that they held, and more."""
    count = 0
    for one in sorted(source.glob("*.git")) if source.is_dir() else ():
        if not (mirrors / one.name).exists():
            for folder in ("refs", "objects/info", "objects/pack"):  # an archive of files knows no empty folder
                (one / folder).mkdir(parents=True, exist_ok=True)
            one.rename(mirrors / one.name)
            count += 1
    return count


def _put_key(given: Path, store: Store, settings: Settings) -> None:
    """The key that signs what catalogues exchange: the one that is here stays where it is the one that signed last."""
    if not given.is_file():
        return
    if (settings.data / EXCHANGE_KEY).is_file():
        try:
            keys(store, settings.data)
        except KeyTrouble:
            pass  # it belongs to another catalogue, or to a state that is not this one
        else:
            return
    os.chmod(given, 0o600)
    given.replace(settings.data / EXCHANGE_KEY)


def _put_files(folder: Path, settings: Settings) -> None:
    """The secret that what is kept was made with, and the document where none is here."""
    if (folder / _SECRET).is_file():
        os.chmod(folder / _SECRET, 0o600)
        (folder / _SECRET).replace(settings.data / _SECRET)
    documents = folder / _DOCUMENT
    if documents.is_dir() and not settings.catalog.exists():
        for path in sorted(one for one in documents.rglob("*") if one.is_file()):
            target = settings.catalog.parent / path.relative_to(documents)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copyfile(path, target)
