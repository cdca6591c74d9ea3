"""The folder of an exchange on disk: whole at every moment, whatever ends the process. What is told it does not decide.

New files come first, under names that nothing points to; then the database remembers what they tell; then `entry.sig`
with the lines of the entry that stands there and of the one that comes, `instance.json`, and last, by a rename,
`entry.json`. What the new entry names no more goes after a day, so that a slow reader ends what it began; where
something was taken back it goes at once.

A folder may be anybody's until it holds what one of our keys signed: before that nothing is written into one that holds
anything else, and only files that are called as ours are ever deleted.
"""

import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from catalog.federation import bounds, parsing, shapes, signing, writing
from catalog.federation.shapes import Card, Entry, Signature
from catalog.store import Store
from forge.federation.publish.keys import Keys, keys

POINTS = ("files", "committed", "signed", "carded", "entered", "cleaned")  # where a writing may be ended
ENTRY, SIGNATURES, CARD = "entry.json", "entry.sig", "instance.json"
FOLDERS = ("snapshot", "changes")
LOCK, SERVED = ".lock", "exchange"  # of the data folder, the one at /exchange/
_CALLED = re.compile(r"(snapshot/[a-z0-9.-]{1,100}|changes/[0-9]{1,20})\.[0-9a-f]{16}\.json\.gz", re.ASCII)
_DRAFT = re.compile(r"\.(.+)\.new", re.ASCII)
KEPT = timedelta(days=1)  # for readers that began before the last writing


class OtherFolder(Exception):
    """The folder is another catalogue's, or somebody writes it now; the sentence says which."""


@dataclass(frozen=True)
class Written:
    """`wrote`: whether anything was to be done and was not left for later. `size_bytes`: of all files that the entry
    names, packed. `change`: the public change up to which nothing that was taken back is told."""

    wrote: bool
    change: int
    sequence: int
    files: int
    size_bytes: int
    expires_at: datetime
    missing: tuple[str, ...]  # of the source card


def card_of(store: Store, held: Keys, address: str) -> Card | None:
    """The source card; None where no document was ever loaded."""
    manifest = store.manifest()
    if manifest is None:
        return None
    follows = tuple(shapes.Following(*one) for one in store.peers.followed())
    card = writing.source_card(manifest, address.rstrip("/"), held.private.key, held.previous, follows=follows)
    moved = store.exchange_state.moved()
    if moved is None:
        return card
    key = shapes.Key(moved["public"], moved["fingerprint"])
    at = datetime.fromisoformat(moved["at"])
    return replace(card, moved_to=signing.transferred(held.private, manifest.id, moved["address"], key, at))


def standing(folder: Path, store: Store, held: Keys, address: str, *, now: datetime) -> bool:
    """Whether the folder holds what was told last and nothing public changed since; it reads two small files."""
    state, card = store.exchange_state.state(), card_of(store, held, address)
    if card is None:
        return True
    raw = _bytes(folder / ENTRY)
    same = raw is not None and hashlib.sha256(raw).hexdigest() == state.entry
    fresh = state.at is not None and now - state.at < bounds.RENEWED_AFTER
    return same and fresh and state.change == store.change() and _bytes(folder / CARD) == shapes.canonical(card)


def write(
    store: Store,
    data: Path,
    folder: Path,
    address: str,
    *,
    now: datetime,
    patience: timedelta = timedelta(0),
    reached: Callable[[str], None] = lambda point: None,
) -> Written | None:
    """Bring the folder to what may be told now; None where no document was ever loaded.

    `data` holds the key; `address` is this instance's own. What is only new waits until the entry is as old as
    `patience`; what was taken back does not. `reached` is called at each of POINTS. Raises OtherFolder, KeyTrouble,
    Overtaken (another process wrote meanwhile: come back later), OSError.
    """
    held = keys(store, data)
    card = card_of(store, held, address)
    if card is None:
        return None
    served = folder == data / SERVED
    _ours(folder, held, card.id, served)  # a folder of others gets no lock either
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        present = _ours(folder, held, card.id, served)
        told = (present[1].sequence, present[1].at) if present else None
        with writing.feed(store, card, now=now, told=told) as feed:
            if feed is None:
                return None
            if present is not None and feed.waits and now - present[1].at < patience:
                return _written(False, present[1], feed.after.change, card)
            for path, packed in feed.files():
                _put_new(folder / path, packed)
            reached("files")
            raw = feed.entry()
            store.exchange_state.commit(
                feed.before,
                replace(feed.after, entry=hashlib.sha256(raw).hexdigest()),
                feed.news,
                kept_since=now - bounds.TOMBSTONES_KEPT,
            )
            entry, purges, change = parsing.entry(raw), feed.purges, feed.after.change
        reached("committed")
        wrote = _point(folder, held, present, raw, shapes.canonical(card), reached)
        _clean(folder, entry, present, purges, now)
        reached("cleaned")
    return _written(wrote, entry, change, card)


def _written(wrote: bool, entry: Entry, change: int, card: Card) -> Written:
    files = [one.file for one in entry.parts] + [one.file for one in entry.changes]
    sizes = [entry.card.size_bytes, *(one.size_bytes for one in files)]
    return Written(wrote, change, entry.sequence, len(sizes), sum(sizes), entry.expires_at, shapes.missing(card))


def _point(
    folder: Path,
    held: Keys,
    present: tuple[bytes, Entry, tuple[Signature, ...]] | None,
    raw: bytes,
    card: bytes,
    reached: Callable[[str], None],
) -> bool:
    """The three small files, in their order; whether one of them differed."""
    lines = [signing.signed(held.private, raw)]
    if present is not None and present[0] != raw:
        digest = hashlib.sha256(present[0]).hexdigest()
        lines += [signing.signed(held.private, present[0]), *(one for one in present[2] if one.sha256 == digest)]
    signatures = shapes.signatures_bytes(tuple(dict.fromkeys(lines))[: bounds.SIGNATURES])
    settled = present is not None and present[0] == raw and signing.signed_by(held.private.public, raw, present[2])
    if settled and _bytes(folder / CARD) == card:
        return False
    _put(folder / SIGNATURES, signatures)
    reached("signed")
    _put(folder / CARD, card)
    reached("carded")
    _put(folder / ENTRY, raw)
    reached("entered")
    return True


def _ours(folder: Path, held: Keys, identity: UUID, served: bool) -> tuple[bytes, Entry, tuple[Signature, ...]] | None:
    """As `_present`. Raises OtherFolder for a folder that is not ours to write.

    The `served` one is ours by its place: also where it was damaged, or what it holds was signed with a lost key.
    """
    present = _present(folder, held)
    stated = present[1].id if present is not None else _stated(folder)
    if stated not in (None, identity):
        raise OtherFolder(f"{folder} holds the exchange of another catalogue ({stated}). Name another folder.")
    if served:
        return present
    for name in FOLDERS:
        if (folder / name).is_symlink():
            raise OtherFolder(f"{folder / name} is a link, and leads to another folder. Name a folder without links.")
    foreign = next(_foreign(folder, readable=stated is not None), None) if present is None else None
    if foreign is not None:
        raise OtherFolder(f"{foreign} is nothing that this command wrote. Name a new folder, or an empty one.")
    return present


def _stated(folder: Path) -> UUID | None:
    """Whose exchange the folder holds by its own words, whoever signed them."""
    for name, read in ((ENTRY, parsing.entry), (CARD, parsing.card)):
        raw = _bytes(folder / name)
        with suppress(parsing.Misread):
            if raw is not None:
                return read(raw).id
    return None


def _foreign(folder: Path, *, readable: bool) -> Iterator[Path]:
    """What stands in a folder and no writing leaves there; `readable`: whether its small files are those of ours."""
    small = (ENTRY, SIGNATURES, CARD) if readable else (SIGNATURES,)  # the first that is put there
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name in FOLDERS and path.is_dir() and not path.is_symlink():
            yield from (one for one in path.iterdir() if not _called_as_ours(one))
            continue
        draft = _DRAFT.fullmatch(path.name)
        known = path.name in (LOCK, *small) or (draft and draft[1] in (ENTRY, SIGNATURES, CARD))
        if not known or not _is_plain(path):
            yield path


def _called_as_ours(path: Path) -> bool:
    """Whether a file of FOLDERS, or its draft, is called as a writing calls it; a link never is."""
    draft = _DRAFT.fullmatch(path.name)
    return bool(_CALLED.fullmatch(f"{path.parent.name}/{draft[1] if draft else path.name}")) and _is_plain(path)


def _is_plain(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _present(folder: Path, held: Keys) -> tuple[bytes, Entry, tuple[Signature, ...]] | None:
    """What stands in the folder and one of our keys signed; None for whatever else."""
    raw, lines = _bytes(folder / ENTRY), _bytes(folder / SIGNATURES)
    if raw is None or lines is None:
        return None
    try:
        entry, signatures = parsing.entry(raw), parsing.signatures(lines)
    except parsing.Misread:
        return None
    publics = [held.private.public, *(signing.public_bytes(one.public) or b"" for one in held.previous)]
    if any(signing.signed_by(one, raw, signatures) for one in publics):
        return raw, entry, signatures
    return None


def _clean(
    folder: Path,
    entry: Entry,
    present: tuple[bytes, Entry, tuple[Signature, ...]] | None,
    purges: int,
    now: datetime,
) -> None:
    """Take away what the entry names no more: at once where something was taken back since, else after KEPT. What is
    not called as ours stays, whoever put it there."""
    named, before = _names(entry), _names(present[1]) if present else set()
    at_once = present is None or purges >= present[1].sequence
    for path in (one for name in FOLDERS for one in (folder / name).iterdir()):
        if f"{path.parent.name}/{path.name}" in named or not _called_as_ours(path):
            continue
        if f"{path.parent.name}/{path.name}" in before and not at_once:
            os.utime(path, (now.timestamp(), now.timestamp()))
        elif at_once or path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink()


def _names(entry: Entry) -> set[str]:
    files = [entry.card, *(one.file for one in entry.parts), *(one.file for one in entry.changes)]
    return {one.path for one in files}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer a folder; the lock goes with the process that held it."""
    with open(os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OtherFolder(f"{folder} is being written by another process. Try again in a minute.") from None
        yield


def _put_new(path: Path, data: bytes) -> None:
    """A file that is called by its digest; what stands there already is left, unless it was damaged."""
    if not path.exists() or path.read_bytes() != data:
        _put(path, data)


def _put(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)  # of a writing that was ended, or a link that somebody put there
    with draft.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bytes(path: Path) -> bytes | None:
    """The bytes of a small file; None where there is none, or one too large to be ours."""
    try:
        return path.read_bytes() if path.stat().st_size <= bounds.ENTRY_BYTES else None
    except OSError:
        return None
