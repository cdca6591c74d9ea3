"""The key of this catalogue: made once, kept in the data folder beside `secret`, private to the user; followed by a new
one, which the old one signs. It leaves the folder in no other way than by a backup.
"""

import base64
import contextlib
import json
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from catalog.federation.shapes import PreviousKey, canonical, plain
from catalog.federation.signing import (
    KEY_BYTES,
    Private,
    fingerprint,
    grouped,
    public_bytes,
    rotated,
)
from catalog.store import Store

FILE = "exchange-key"


class KeyTrouble(Exception):
    """The key cannot be used; the sentence says what to do."""


@dataclass(frozen=True)
class Keys:
    """The key in use, and those before it, the eldest first."""

    private: Private
    previous: tuple[PreviousKey, ...] = ()


def keys(store: Store, data: Path) -> Keys:
    """The key in use; the first one is made here. Raises KeyTrouble where it is not the one that signed last, OSError.

    The database remembers the public half: a data folder that lost its key, or another machine's, must not sign with a
    new one, which followers would refuse.
    """
    file, noted = data / FILE, store.exchange_state.key()
    if not file.exists():
        if noted is not None:
            raise KeyTrouble(
                f"There is no {file}, and this catalogue signed with {_shown(noted)}. Put the file back from a backup; "
                "if it is lost, `forge exchange key rotate --lost` begins anew, and followers must compare again."
            )
        _write(file, Keys(Private(secrets.token_bytes(KEY_BYTES))), over=False)
    found = _read(file)
    public = found.private.key.public
    if noted != public:
        if noted is not None and noted not in {one.public for one in found.previous}:
            raise KeyTrouble(
                f"The key in {file} is {grouped(found.private.key.fingerprint)}, and this catalogue signed with "
                f"{_shown(noted)}. Put the right file back."
            )
        store.exchange_state.note_key(public)
    return found


def rotate(store: Store, data: Path, *, now: datetime, lost: bool = False) -> Keys:
    """A new key, which the one in use says follows it. `lost`: there is none to say so, and the chain begins anew.

    One rename does it: killed before, the old key is in use; after, the new one.
    """
    new = Private(secrets.token_bytes(KEY_BYTES))
    if lost:
        made = Keys(new)
    else:
        old = keys(store, data)
        made = Keys(new, (*old.previous, rotated(old.private, new.public, now.replace(microsecond=0))))
    _write(data / FILE, made, over=True)
    store.exchange_state.note_key(new.key.public)
    return made


def _read(file: Path) -> Keys:
    try:
        kept = json.loads(file.read_text("ascii"))
        previous = tuple(
            PreviousKey(
                **{**one, "rotated_at": datetime.strptime(one["rotated_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)}
            )
            for one in kept["previous"]
        )
        seed = base64.b64decode(kept["seed"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise KeyTrouble(f"{file} is no key of Forge. Put it back from a backup.") from error
    if len(seed) != KEY_BYTES:
        raise KeyTrouble(f"{file} is cut short. Put it back from a backup.")
    return Keys(Private(seed), previous)


def _write(file: Path, made: Keys, *, over: bool) -> None:
    """Whole or not at all. Without `over`, another process that was first is right."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        seed = base64.b64encode(made.private.seed).decode()
        out.write(canonical({"seed": seed, "previous": plain(made.previous)}) + b"\n")
        out.flush()
        os.fsync(out.fileno())
    if over:
        draft.replace(file)
        return
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def _shown(public: str) -> str:
    raw = public_bytes(public)
    return grouped(fingerprint(raw)) if raw else public
