"""Writes a whole copy of what this catalogue publishes into another folder: for a static web server, or a stick."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Timestamp

from catalog.exchange import names
from catalog.store.store import Store
from forge.exchange.authority import adopt_roots, known_chain
from forge.exchange.paths import FOLDER
from forge.exchange.publish import PublishResult, recover_from, write
from forge.exchange.repository import (
    alone,
    check_folder,
    clean,
    named_files,
    prepare,
    put_files,
    put_roots,
    read_published,
    roots_in,
)


def write_copy(store: Store, data: Path, folder: Path, address: str, *, now: datetime) -> PublishResult | None:
    """Bring the served folder to what may be published now, and the other one to the same; None where no document was
    ever loaded. A copy that is further than we are, as after a restore of an older state of ours, is read first: what
    it says was withdrawn stays so.

    Raises as `publish.write`, and OtherFolder for a folder of another catalogue or with files of others, which gets no
    file at all.
    """
    manifest = store.manifest()
    if manifest is None:
        return None
    check_folder(folder, manifest.id, served=False)
    if folder.is_dir():
        adopt_roots(store, roots_in(folder), manifest.id)
    done = write(store, data, address, now=now, check=True)
    prepare(folder)
    with alone(folder):
        chain = known_chain(store)
        there = read_published(folder, chain[-1])
        if done is not None and there.highest > done.version:
            recover_from(store, folder, there)
            store.published_exchange.go_on_from(there.highest)
            done = write(store, data, address, now=now)
        with alone(data / FOLDER):
            here = read_published(data / FOLDER, chain[-1])
            names_in_use = named_files(here, chain)
            put_files(folder, _files(data / FOLDER, names_in_use))
            put_roots(folder, chain)
            put_files(folder, [_file(data / FOLDER, f"{names.METADATA}/{names.TIMESTAMP}")])
        clean(folder, names_in_use)
    return done


def _files(served: Path, names_in_use: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """All but the file that names the others; targets first."""
    last = {f"{names.METADATA}/{Timestamp.type}.json"}
    yield from (_file(served, name) for name in sorted(names_in_use - last, reverse=True))


def _file(served: Path, name: str) -> tuple[str, bytes]:
    return name, (served / name).read_bytes()
