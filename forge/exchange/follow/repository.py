"""One visit of a repository: its metadata, verified by `tuf.ngclient`, and its files, each against what was signed.

What was verified is kept in a folder an instance: `metadata` is the updater's own, `targets` has the files by the names
that the repository gives them, so that both can be given on. Where the updater refuses for an expiry alone, the list
of withdrawals is read all the same (`_despite_expiry`): a withdrawal does not wait for a clock.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root, TargetFile, Targets, Timestamp
from tuf.ngclient import Updater, UpdaterConfig

from catalog.exchange import limits, names
from catalog.exchange.reading import InvalidExchangeFile, read_root_statement
from catalog.exchange.statements import X_CATALOGUE, RootStatement
from catalog.rules import peer as rules
from forge.exchange.follow.fetching import Feed

CONFIG = UpdaterConfig(
    max_root_rotations=limits.ROOT_ROTATIONS,
    max_delegations=0,
    root_max_length=limits.ROOT_BYTES,
    timestamp_max_length=limits.TIMESTAMP_BYTES,
    snapshot_max_length=limits.SNAPSHOT_BYTES,
    targets_max_length=limits.TARGETS_BYTES,
)
CLOCKS_DIFFER = timedelta(days=1)
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)  # a time at which nothing has expired
_Signed = TypeVar("_Signed", Root, Timestamp, Targets)


class VisitRefused(Exception):
    """A visit, or one file of it, is refused: `code` of catalog.rules.peer.REFUSAL_SENTENCES, and `subject`, where.
    `withdrawn`: how many records it deleted all the same, at their home's word."""

    def __init__(self, code: str, subject: str = "", *, withdrawn: int = 0):
        super().__init__(f"{code} {subject}".rstrip())
        self.code, self.subject, self.withdrawn = code, subject, withdrawn


@dataclass(frozen=True)
class Pin:
    """What a repository must fit: the root that a person compared, or the newest that followed it, and whose it is."""

    root: bytes
    instance: UUID


@dataclass(frozen=True)
class RootInfo:
    """What a root says: `said` beside its `roles`, each with its threshold and the ids of its keys; `online_key`: that
    signs what changes."""

    said: RootStatement
    roles: frozenset[tuple[str, int, tuple[str, ...]]]
    online_key: str
    version: int

    @property
    def instance(self) -> UUID:
        return self.said.instance


@dataclass(frozen=True)
class VerifiedMetadata:
    """A repository whose metadata holds. `only_withdrawals`: it has expired, and nothing else of it is believed.

    `notes`: codes of catalog.rules.peer.NOTE_SENTENCES with a subject: what a person should know and refuses nothing.
    """

    root: bytes
    told: RootInfo
    version: int
    expires_at: datetime
    targets: Mapping[str, TargetFile]
    etag: str | None
    only_withdrawals: str = ""  # the refusal that stands for the rest
    notes: tuple[tuple[str, str], ...] = ()


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """One visit of an instance at a time, whichever process makes it: the updater's folder has room for one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def newest_root(feed: Feed) -> bytes:
    """The bytes of the root that stands there, for a first visit: nothing of it is parsed, so that a person can compare
    its fingerprint before. Raises VisitRefused."""
    with _as_refusals(feed, "metadata/root.json"):
        raw = feed.download_bytes(f"{feed.metadata}root.json", CONFIG.root_max_length)
        if not raw.lstrip().startswith(b"{"):
            raise ValueError("no JSON")
        return raw


def introduced(feed: Feed, raw: bytes) -> RootInfo:
    """What a root that `newest_root` read says. Raises VisitRefused."""
    with _as_refusals(feed, "metadata/root.json"):
        return root_of(raw)


def root_of(raw: bytes) -> RootInfo:
    """What a root says of its instance. Raises VisitRefused for one of no catalogue, or with a key of another kind."""
    root = _read(Root, raw)
    try:
        root.verify_delegate(Root.type, Metadata[Root].from_bytes(raw).signed_bytes, _signatures(raw))
    except RepositoryError as no:
        raise VisitRefused(rules.WRONG_KEY, "metadata/root.json") from no
    try:
        root_statement = read_root_statement(root.unrecognized_fields.get(X_CATALOGUE))
    except InvalidExchangeFile as no:
        raise VisitRefused(rules.NO_CATALOGUE, "metadata/root.json") from no
    if any(key.keytype != "ed25519" or key.scheme != "ed25519" for key in root.keys.values()):
        raise VisitRefused(rules.UNKNOWN_KEY, "metadata/root.json")
    signer = sorted(root.get_delegated_role(Timestamp.type).keyids)
    roles = frozenset((name, role.threshold, tuple(sorted(role.keyids))) for name, role in root.roles.items())
    return RootInfo(root_statement, roles, signer[0] if signer else "", root.version)


class Repository:
    """The repository of one instance, read into `folder`; use it within `held(folder)`."""

    def __init__(self, folder: Path, feed: Feed, pin: Pin, now: datetime):
        self.folder, self.feed, self.pin, self.now = folder, feed, pin, now
        self.metadata, self.targets = folder / "metadata", folder / "targets"
        self.newest: tuple[bytes, RootInfo] | None = (
            None  # a root that follows the pin, also where the visit is refused
        )

    def visit(self) -> VerifiedMetadata:
        """Bring the metadata up to date. Raises VisitRefused, and OSError where the disk fails."""
        self.metadata.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _as_refusals(self.feed, "metadata"):
            updater = self._updater(self.metadata, self.pin.root, self.now)
            is_expired = False
            try:
                updater.refresh()
            except ExpiredMetadataError:
                is_expired = True
            finally:
                raw = (self.metadata / "root.json").read_bytes()
                root = root_of(raw)
                if root.instance != self.pin.instance:
                    raise VisitRefused(rules.WRONG_INSTANCE, f"metadata/{root.version}.root.json")
                self.newest = (raw, root)
            if is_expired:
                return self._despite_expiry(raw, root)
            metadata = self._verified(self.metadata, raw, root)
            return replace(metadata, notes=tuple(self._clock(metadata.expires_at)))

    def read(self, target_file: TargetFile, *, keep: bool = True) -> bytes:
        """The bytes of a file of the metadata: from the disk, else fetched and kept. Raises VisitRefused, OSError."""
        path = target_file.get_prefixed_paths()[0]
        limit = limits.limit_of(target_file.path)
        if limit is None or target_file.length > limit.packed:
            raise VisitRefused(rules.OVERSIZED, target_file.path)
        file = self.targets / path
        with contextlib.suppress(OSError, LengthOrHashMismatchError):
            raw = file.read_bytes()
            target_file.verify_length_and_hashes(raw)
            return raw
        with _as_refusals(self.feed, target_file.path):
            raw = self.feed.download_bytes(self.feed.target(path), target_file.length)
            target_file.verify_length_and_hashes(raw)
        if keep:
            write(file, raw)
        return raw

    def clean(self, target_files: Mapping[str, TargetFile]) -> None:
        """Delete files that the metadata no longer names: what was withdrawn may stand in them."""
        paths = {self.targets / target_file.get_prefixed_paths()[0] for target_file in target_files.values()}
        for file in self.targets.rglob("*") if self.targets.is_dir() else ():
            if file.is_file() and file not in paths:
                file.unlink()

    def _despite_expiry(self, raw: bytes, root: RootInfo) -> VerifiedMetadata:
        """The metadata that stands there, all of it checked but the expiry. Nothing of it is kept. Raises as the
        updater."""
        with tempfile.TemporaryDirectory(dir=self.folder) as copy:
            shutil.copytree(self.metadata, copy, symlinks=True, dirs_exist_ok=True)
            self._updater(Path(copy), raw, BEFORE_ALL).refresh()
            metadata = self._verified(Path(copy), raw, root)
        theirs = self.feed.their_clock
        is_fresh = theirs is not None and abs(theirs - self.now) > CLOCKS_DIFFER and theirs < metadata.expires_at
        return replace(metadata, etag=None, only_withdrawals=rules.WRONG_CLOCK if is_fresh else rules.EXPIRED)

    def _updater(self, metadata: Path, root: bytes, at: datetime) -> Updater:
        updater = Updater(str(metadata), self.feed.metadata, fetcher=self.feed, config=CONFIG, bootstrap=root)
        # There is no public way to tell it the time; it must be the one that everything else here goes by.
        updater._trusted_set.reference_time = at
        return updater

    def _verified(self, folder: Path, raw: bytes, root: RootInfo) -> VerifiedMetadata:
        """What the updater verified and left in a folder."""
        timestamp = _read(Timestamp, (folder / "timestamp.json").read_bytes())
        targets = _read(Targets, (folder / "targets.json").read_bytes())
        files = _files_of_exchange(targets)
        return VerifiedMetadata(raw, root, timestamp.version, timestamp.expires, files, self.feed.etag)

    def _clock(self, expires_at: datetime) -> Iterator[tuple[str, str]]:
        """A clock that is wrong by days, theirs or ours, is told: what is held back is then not noticed by its age."""
        theirs = self.feed.their_clock
        if theirs is not None and abs(theirs - self.now) > CLOCKS_DIFFER:
            yield rules.CLOCKS, f"{theirs:%Y-%m-%d}"
        elif expires_at > self.now + limits.TIMESTAMP_LIFETIME + CLOCKS_DIFFER:
            yield rules.CLOCKS, f"{expires_at:%Y-%m-%d}"


def write(file: Path, raw: bytes) -> None:
    """Write a file whole, by a rename."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
        os.replace(draft, file)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _as_refusals(feed: Feed, subject: str) -> Iterator[None]:
    """What the fetcher and the updater raise, as a VisitRefused that a person can act on."""
    try:
        yield
    except VisitRefused:
        raise
    except DownloadLengthMismatchError as no:
        raise VisitRefused(rules.OVERSIZED, subject) from no
    except DownloadError as no:
        raise VisitRefused(getattr(no, "code", rules.UNREACHABLE), getattr(no, "subject", subject)) from no
    except BadVersionNumberError as no:
        raise VisitRefused(rules.ROLLED_BACK, subject) from no
    except UnsignedMetadataError as no:
        raise VisitRefused(rules.WRONG_KEY, subject) from no
    except LengthOrHashMismatchError as no:
        raise VisitRefused(rules.TAMPERED, subject) from no
    except ExpiredMetadataError as no:
        raise VisitRefused(rules.EXPIRED, subject) from no
    except (RepositoryError, ValueError, TypeError, KeyError, AttributeError) as no:
        # A page in the place of a file: the login of a network, or a website that answers to every address.
        page = feed.start.lstrip().startswith(b"<")
        raise VisitRefused(rules.NO_EXCHANGE if page else rules.MALFORMED, subject) from no


def _read(role: type[_Signed], raw: bytes) -> _Signed:
    signed = Metadata[Any].from_bytes(raw).signed
    if not isinstance(signed, role):
        raise VisitRefused(rules.MALFORMED, role.type)
    return signed


def _signatures(raw: bytes) -> dict[str, Any]:
    return Metadata[Any].from_bytes(raw).signatures


def _files_of_exchange(targets: Targets) -> dict[str, TargetFile]:
    """The files of a catalogue's repository; what others may be named is not read."""
    return {
        path: target_file
        for path, target_file in targets.targets.items()
        if path == names.INSTANCE or names.SHARD.fullmatch(path)
    }
