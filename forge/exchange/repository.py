"""The folder of an exchange on disk: a repository of The Update Framework, whole at every moment.

New files come first, under names that nothing points to; then roots, targets, snapshot, and last, by a rename,
timestamp.json. Then files that are called as ours and that nothing names any more are deleted, and no others.
"""

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from catalog.exchange import names
from catalog.exchange.limits import (
    SNAPSHOT_BYTES,
    SNAPSHOT_LIFETIME,
    TARGETS_BYTES,
    TARGETS_LIFETIME,
    TARGETS_RENEWED_BEFORE,
    TIMESTAMP_BYTES,
    TIMESTAMP_LIFETIME,
    TIMESTAMP_RENEWED_AFTER,
)
from catalog.exchange.reading import InvalidExchangeFile, read_withdrawn
from catalog.exchange.statements import Withdrawal
from forge.exchange.roots import SignedRoot, chain_of, read_root

LOCK = ".lock"
_SHA = "[0-9a-f]{64}"
_FOLDERS = "|".join(names.FOLDERS)
_OURS = re.compile(
    rf"metadata/(\d{{1,16}}\.(root|targets|snapshot)\.json|root\.json|timestamp\.json)"
    rf"|targets/{_SHA}\.instance\.json"
    rf"|targets/({_FOLDERS})/{_SHA}\.[0-9a-f]{{1,3}}\.json\.gz",
    re.ASCII,
)
_DRAFT = re.compile(r"\.(.+)\.new", re.ASCII)
_PLACES = (names.METADATA, names.TARGETS, *(f"{names.TARGETS}/{kind}" for kind in names.FOLDERS))
T = TypeVar("T", Root, Timestamp, Snapshot, Targets)


class OtherFolder(Exception):
    """The folder is another catalogue's, or holds files of others; the sentence says which."""


class FolderInUse(Exception):
    """Another process writes the folder now; the sentence says so."""


@dataclass(frozen=True)
class Published:
    """What a folder says now, signed by an online key: `files` by the name of their target; `at`: when it was signed.
    `versions` of timestamp, snapshot and targets."""

    files: Mapping[str, TargetFile] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)
    expires: Mapping[str, datetime] = field(default_factory=dict)
    online: str = ""

    @property
    def at(self) -> datetime | None:
        return self.expires[Timestamp.type] - TIMESTAMP_LIFETIME if Timestamp.type in self.expires else None

    @property
    def highest(self) -> int:
        return max(self.versions.values(), default=0)

    def due(self, now: datetime) -> frozenset[str]:
        """Roles that must be signed anew: they end soon, or later than they should, by a clock that was wrong."""
        if not self.versions:
            return frozenset(_LIFETIMES)
        return frozenset(
            role
            for role, (lifetime, left) in _LIFETIMES.items()
            if not now + left < self.expires[role] <= now + lifetime
        )


# How long each role is believed, and how much of that is left when it is signed anew.
_LIFETIMES: Mapping[str, tuple[timedelta, timedelta]] = {
    Timestamp.type: (TIMESTAMP_LIFETIME, TIMESTAMP_LIFETIME - TIMESTAMP_RENEWED_AFTER),
    Snapshot.type: (SNAPSHOT_LIFETIME, TARGETS_RENEWED_BEFORE),
    Targets.type: (TARGETS_LIFETIME, TARGETS_RENEWED_BEFORE),
}


def read_published(folder: Path, root: SignedRoot) -> Published:
    """What the folder says, as far as it is whole and signed by an online key of this root; else nothing."""
    metadata = folder / names.METADATA
    try:
        timestamp = _signed_as(root, Timestamp, metadata / names.TIMESTAMP, TIMESTAMP_BYTES)
        version = timestamp.signed.snapshot_meta.version
        snapshot = _signed_as(root, Snapshot, metadata / f"{version}.snapshot.json", SNAPSHOT_BYTES)
        version = snapshot.signed.meta["targets.json"].version
        targets = _signed_as(root, Targets, metadata / f"{version}.targets.json", TARGETS_BYTES)
    except (OSError, ValueError, KeyError, RepositoryError, DeserializationError):
        return Published()
    roles: tuple[Any, ...] = (timestamp.signed, snapshot.signed, targets.signed)
    online = next(key for key in timestamp.signatures if key in root.online)
    return Published(
        targets.signed.targets, {role.type: role.version for role in roles}, {r.type: r.expires for r in roles}, online
    )


def read_withdrawals(folder: Path, published: Published) -> tuple[Withdrawal, ...]:
    """What a folder says was withdrawn, but for files that are not as they were signed."""
    withdrawals: list[Withdrawal] = []
    for target, file in published.files.items():
        if target.startswith(f"{names.WITHDRAWN}/"):
            raw = _bytes(folder / names.TARGETS / _path(target, file), file.length) or b""
            with contextlib.suppress(RepositoryError, InvalidExchangeFile):
                file.verify_length_and_hashes(raw)
                withdrawals += read_withdrawn(target, raw).entries
    return tuple(withdrawals)


def withdrawals_in(folder: Path, roots: Sequence[bytes]) -> tuple[Withdrawal, ...] | None:
    """What the folder says was withdrawn; None where it is not signed by this catalogue, whose roots these are: those
    of the folder must be the same, or follow them."""
    signed_roots, there = chain_of(roots), roots_in(folder)
    bodies = [root.body for root in signed_roots]
    if not signed_roots or [root.body for root in there[: len(signed_roots)]] != bodies[: len(there)]:
        return None
    published = read_published(folder, max((*signed_roots, *there), key=lambda root: root.version))
    return read_withdrawals(folder, published) if published.versions else None


def is_whole(folder: Path, published: Published) -> bool:
    """Whether every file that is named is there as it was signed."""
    for target, file in published.files.items():
        try:
            file.verify_length_and_hashes((folder / names.TARGETS / _path(target, file)).read_bytes())
        except (OSError, RepositoryError):
            return False
    return True


def roots_in(folder: Path) -> tuple[SignedRoot, ...]:
    """The roots of a folder, as far as each follows the one before."""
    bodies: list[bytes] = []
    while (raw := _bytes(folder / names.METADATA / f"{len(bodies) + 1}.root.json")) is not None:
        bodies.append(raw)
    return chain_of(bodies)


def check_folder(folder: Path, instance: UUID, *, served: bool) -> None:
    """Raises OtherFolder for a folder that is not ours to write: of another instance, or with files of others. The
    `served` one of the data folder is ours by its place, whatever else is there."""
    newest = _bytes(folder / names.METADATA / names.ROOT)
    if newest is not None:
        try:
            there = read_root(newest).statement.instance
        except ValueError:
            there = None
        if there not in (None, instance):
            raise OtherFolder(f"{folder} holds the exchange of another catalogue ({there}). Name another folder.")
    if served:
        return
    foreign = next(_foreign(folder), None)
    if foreign is not None:
        raise OtherFolder(f"{foreign} is nothing that this command wrote. Name a new folder, or an empty one.")


def prepare(folder: Path) -> None:
    for place in _PLACES:
        (folder / place).mkdir(parents=True, exist_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One writer a folder; the lock goes with the process that held it. Raises FolderInUse."""
    with open(os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"{folder} is being written by another process. Try again in a minute.") from None
        yield


def target_file(target: str, data: bytes, custom: Mapping[str, Any] | None = None) -> TargetFile:
    file_info = TargetFile.from_data(target, data, ["sha256"])
    if custom:
        file_info.unrecognized_fields["custom"] = dict(custom)
    return file_info


def put_targets(folder: Path, files: Iterable[tuple[TargetFile, bytes]]) -> None:
    """New targets, under names that nothing points to yet."""
    put_files(folder, ((f"{names.TARGETS}/{_path(file.path, file)}", data) for file, data in files))


def sign(
    folder: Path,
    root: SignedRoot,
    online: CryptoSigner,
    files: Mapping[str, TargetFile],
    *,
    before: Published,
    least: int,
    now: datetime,
) -> Published:
    """Let the folder name these files from now on, in the order that lets it be whole at every moment. Versions grow
    above those of `before`, and are `least` at least."""
    version = {role: max(before.versions.get(role, 0) + 1, least) for role in _LIFETIMES}
    expires = {role: now.replace(microsecond=0) + lifetime for role, (lifetime, _) in _LIFETIMES.items()}
    targets = Targets(version[Targets.type], expires=expires[Targets.type], targets=dict(files))
    targets_bytes = _signed(targets, online)
    meta = {"targets.json": _meta(version[Targets.type], targets_bytes)}
    snapshot_bytes = _signed(Snapshot(version[Snapshot.type], expires=expires[Snapshot.type], meta=meta), online)
    stamp = Timestamp(
        version[Timestamp.type],
        expires=expires[Timestamp.type],
        snapshot_meta=_meta(version[Snapshot.type], snapshot_bytes),
    )
    place = names.METADATA
    put_files(
        folder,
        (
            (f"{place}/{version[Targets.type]}.targets.json", targets_bytes),
            (f"{place}/{version[Snapshot.type]}.snapshot.json", snapshot_bytes),
        ),
    )
    put_files(folder, [(f"{place}/{names.TIMESTAMP}", _signed(stamp, online))])
    return Published(files, version, expires, str(online.public_key.keyid))


def stamp(folder: Path, online: CryptoSigner, before: Published, least: int, now: datetime) -> Published:
    """The same for a while longer: only timestamp.json is signed anew."""
    version = max(before.versions[Timestamp.type] + 1, least)
    expires = now.replace(microsecond=0) + TIMESTAMP_LIFETIME
    snapshot = before.versions[Snapshot.type]
    raw = (folder / names.METADATA / f"{snapshot}.snapshot.json").read_bytes()
    timestamp = Timestamp(version, expires=expires, snapshot_meta=_meta(snapshot, raw))
    put_files(folder, [(f"{names.METADATA}/{names.TIMESTAMP}", _signed(timestamp, online))])
    return Published(
        before.files,
        {**before.versions, Timestamp.type: version},
        {**before.expires, Timestamp.type: expires},
        str(online.public_key.keyid),
    )


def put_roots(folder: Path, chain: Sequence[SignedRoot]) -> None:
    """All roots by number, and the newest for newcomers."""
    place = names.METADATA
    every = [(f"{place}/{root.version}.root.json", root.body) for root in chain]
    put_files(folder, [*every, (f"{place}/{names.ROOT}", chain[-1].body)])


def named_files(published: Published, chain: Sequence[SignedRoot]) -> frozenset[str]:
    """Paths of all files that a reader may ask for."""
    place, versions = names.METADATA, published.versions
    return frozenset(
        {f"{place}/{names.ROOT}", f"{place}/{names.TIMESTAMP}"}
        | {f"{place}/{root.version}.root.json" for root in chain}
        | {f"{place}/{versions[role]}.{role}.json" for role in (Snapshot.type, Targets.type)}
        | {f"{names.TARGETS}/{_path(target, file)}" for target, file in published.files.items()}
    )


def clean(folder: Path, names_in_use: frozenset[str]) -> None:
    """Delete what is called as ours and is named no more."""
    for place in _PLACES:
        for path in (folder / place).iterdir() if (folder / place).is_dir() else ():
            called = f"{place}/{path.name}"
            if called not in names_in_use and _called_as_ours(place, path):
                path.unlink(missing_ok=True)


def put_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files, each whole or not at all, and see that the disk has them. What is there already stays."""
    touched: set[Path] = set()
    for name, data in files:
        path = folder / name
        if _bytes(path, len(data)) == data:
            continue
        draft = path.with_name(f".{path.name}.new")
        draft.unlink(missing_ok=True)  # of a writing that was ended, or a link that somebody put there
        with draft.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
        touched.add(path.parent)
    for place in touched:
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _path(target: str, file: TargetFile) -> str:
    return names.file_of(target, file.hashes["sha256"])


def _meta(version: int, raw: bytes) -> MetaFile:
    return MetaFile.from_data(version, raw, ["sha256"])


def _signed(payload: Any, online: CryptoSigner) -> bytes:
    metadata: Metadata[Any] = Metadata(payload)
    metadata.sign(online)
    return metadata.to_bytes()


def _signed_as(root: SignedRoot, role: type[T], file: Path, most: int) -> Metadata[T]:
    """Raises OSError, ValueError, RepositoryError, DeserializationError."""
    raw = _bytes(file, most)
    if raw is None:
        raise ValueError(f"{file.name} is missing or too large")
    metadata = Metadata[T].from_bytes(raw)
    if not isinstance(metadata.signed, role):
        raise ValueError(f"{file.name} is no {role.type}")
    root.root.verify_delegate(role.type, metadata.signed_bytes, metadata.signatures)
    return metadata


def _foreign(folder: Path) -> Iterator[Path]:
    """What no writing leaves in a folder, links among it."""
    places = {folder / place for place in _PLACES}
    waiting = [folder]
    while waiting:
        above = waiting.pop()
        for path in sorted(above.iterdir()) if above.is_dir() else ():
            mode = path.lstat().st_mode
            if path in places and stat.S_ISDIR(mode):
                waiting.append(path)
            elif not (stat.S_ISREG(mode) and (path == folder / LOCK or _called_as_ours(_place(folder, above), path))):
                yield path


def _place(folder: Path, above: Path) -> str:
    return above.relative_to(folder).as_posix()


def _called_as_ours(place: str, path: Path) -> bool:
    """Whether a file, or its draft, is called as a writing calls it; a link never is."""
    draft = _DRAFT.fullmatch(path.name)
    called = f"{place}/{draft[1] if draft else path.name}"
    return bool(_OURS.fullmatch(called)) and stat.S_ISREG(path.lstat().st_mode)


def _bytes(path: Path, most: int = TARGETS_BYTES) -> bytes | None:
    """The bytes of a file; None where there is none, or a larger one."""
    try:
        return path.read_bytes() if path.stat().st_size <= most else None
    except OSError:
        return None
