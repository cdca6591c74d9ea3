"""Reads a folder of an exchange as a follower does, with python-tuf's updater; files stand in the place of requests."""

import gzip
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from catalog.exchange import names, reading
from catalog.exchange.limits import ROOT_BYTES, ROOT_ROTATIONS, SNAPSHOT_BYTES, TARGETS_BYTES, TIMESTAMP_BYTES
from catalog.exchange.reading import ReadEntries
from catalog.exchange.statements import InstanceCard, Withdrawal

CONFIG = UpdaterConfig(
    max_root_rotations=ROOT_ROTATIONS,
    max_delegations=0,
    root_max_length=ROOT_BYTES,
    timestamp_max_length=TIMESTAMP_BYTES,
    snapshot_max_length=SNAPSHOT_BYTES,
    targets_max_length=TARGETS_BYTES,
)


class FolderFetcher(FetcherInterface):
    def __init__(self, folder: Path):
        self.folder, self.asked = folder, list[str]()

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = urlsplit(url).path.lstrip("/")
        self.asked.append(name)
        path = self.folder / name
        if not path.is_file():
            raise DownloadHTTPError("not there", 404)
        yield path.read_bytes()


class ExchangeReader:
    """Follows a folder from its first root on; what it took stays between visits, and goes with it."""

    def __init__(self, folder: Path, now: datetime, root: bytes | None = None):
        self.now, self.folder, self.kept = now, folder, Path(tempfile.mkdtemp(prefix="exchange-reader-"))
        self.root = root or (folder / names.METADATA / "1.root.json").read_bytes()
        self.targets: dict[str, Any] = {}
        self.bytes: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.visit()

    def close(self) -> None:
        shutil.rmtree(self.kept)

    def __enter__(self) -> "ExchangeReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def visit(self, now: datetime | None = None) -> "ExchangeReader":
        fetcher = FolderFetcher(self.folder)
        updater = Updater(
            str(self.kept), "http://x/metadata/", None, "http://x/targets/", fetcher, CONFIG, bootstrap=self.root
        )
        updater._trusted_set.reference_time = now or self.now
        updater.refresh()
        self.targets = dict(updater._trusted_set.targets.targets)
        self.root = (self.kept / "root.json").read_bytes()
        self.bytes = {}
        for number, target in enumerate(sorted(self.targets)):
            info = updater.get_targetinfo(target)
            assert info is not None
            where = updater.download_target(info, str(self.kept / f"target-{number}"))
            self.bytes[target] = Path(where).read_bytes()
        self.asked = fetcher.asked
        return self

    @property
    def bits(self) -> Any:
        return reading.read_bits(self.targets[names.INSTANCE].custom)

    @property
    def card(self) -> InstanceCard:
        return reading.read_card(self.bytes[names.INSTANCE])

    @property
    def withdrawn(self) -> dict[tuple[str, Any], Withdrawal]:
        files = {target: raw for target, raw in self.bytes.items() if target.startswith(f"{names.WITHDRAWN}/")}
        read = [reading.read_withdrawn(target, raw) for target, raw in files.items()]
        assert not any(found.skipped for found in read)
        return {(said.kind, said.id): said for found in read for said in found.entries}

    def records(self, folder: str) -> dict[str, Any]:
        """By slug; none may be skipped."""
        found = {}
        for target, raw in self.bytes.items():
            if target.startswith(f"{folder}/"):
                read: ReadEntries = reading.read_shard(target, raw, self.bits[folder])
                assert not read.skipped, read.skipped
                found |= {record.slug: record for record in read.entries}
        return found

    def adoptions(self) -> dict[str, Any]:
        """By "project organization"."""
        projects = self.records(names.PROJECTS).values()
        return {f"{record.slug} {line.organization.slug}": line for record in projects for line in record.adoptions}


def all_bytes(folder: Path) -> bytes:
    """Every byte of a folder, also unpacked, and the names of its files."""
    found = b""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        found += str(path).encode() + raw + (gzip.decompress(raw) if path.name.endswith(".gz") else b"")
    return found
