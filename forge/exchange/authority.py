"""Which keys sign for this catalogue: makes the first ones, keeps the chain of roots in the database, and lets keepers
name others.

A root key in the data folder is what makes a new catalogue work by itself; a thief of the folder can then name keys
that followers believe. `forge exchange key export --remove` takes it out.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from securesystemslib.signer import CryptoSigner, SSlibKey

from catalog.exchange.fingerprint import fingerprint, grouped
from catalog.store.store import Store
from forge.exchange.keys import KeyTrouble, forget_key, keep_key, kept_key, keyid, new_key
from forge.exchange.paths import ONLINE_KEY, ROOT_KEY
from forge.exchange.roots import (
    SignedRoot,
    chain_of,
    first_root,
    may_sign,
    next_root,
    statement_for,
)

_OF_THIS_MACHINE = re.compile(r"http://(?:127\.[0-9.]+|localhost|\[::1\])(?::[0-9]+)?(?:/|$)")


@dataclass(frozen=True)
class Authority:
    """The chain of roots, the newest last, and the online key that it names."""

    chain: tuple[SignedRoot, ...]
    online: CryptoSigner

    @property
    def root(self) -> SignedRoot:
        return self.chain[-1]


def known_chain(store: Store) -> tuple[SignedRoot, ...]:
    """All roots of this catalogue; none before the first was made."""
    return chain_of(store.published_exchange.roots())


def adopt_roots(store: Store, found: Sequence[SignedRoot], instance: UUID) -> None:
    """Take over roots that a copy of our exchange has and the database has not, as after a restore: each must follow
    the one before, from our first on."""
    known = known_chain(store)
    same = [root.body for root in known] == [root.body for root in found[: len(known)]]
    if same and len(found) > len(known) and all(root.statement.instance == instance for root in found):
        store.published_exchange.add_roots({root.version: root.body for root in found})


def authority(store: Store, data: Path, instance: UUID, address: str, *, now: datetime) -> Authority:
    """What signs now; a new catalogue's keys and first root are made here, and a root that ends within a year, or names
    another address, is followed by the next where the data folder has the keys for it.

    Raises KeyTrouble where there is no key that the root names.
    """
    chain = known_chain(store)
    if not chain:
        chain = (_begin(store, data, instance, address, now=now),)
    root, online = chain[-1], kept_key(data, ONLINE_KEY)
    keepers = [key for key in (kept_key(data, ROOT_KEY),) if key is not None]
    if online is None or keyid(online) not in root.online:
        here = f"The {ONLINE_KEY} in {data} is another one" if online else f"There is no {ONLINE_KEY} in {data}"
        raise KeyTrouble(
            f"{here} than the root of this catalogue names ({grouped(fingerprint(root.body))}). Put the file back from "
            "a backup, or let a root key name a new one: `forge exchange key rotate`."
        )
    told = statement_for(instance, published_address(root, address))
    statement = replace(root.statement, addresses=told.addresses)
    if may_sign(root, keepers) and (root.is_due(now) or root.statement.addresses[:1] != statement.addresses):
        chain = (*chain, _keep(store, next_root(root, keepers, now, statement=statement)))
    return Authority(chain, online)


def published_address(root: SignedRoot, address: str) -> str:
    """What is published as this catalogue's address. A command that was run without the settings of the service knows
    this machine's own alone: followers are not sent there from an address that they reach."""
    told = root.statement.addresses[:1]
    if told and _OF_THIS_MACHINE.match(address) and not _OF_THIS_MACHINE.match(told[0]):
        return told[0]
    return address


def add_keeper(
    store: Store, data: Path, key: SSlibKey, signers: Sequence[CryptoSigner], *, now: datetime
) -> SignedRoot:
    """Let one more person name keys. Raises KeyTrouble."""
    root = _present(store)
    return _keep(store, next_root(root, _with_kept(data, signers), now, add=[key]))


def rotate_online(store: Store, data: Path, signers: Sequence[CryptoSigner], *, now: datetime) -> SignedRoot:
    """A new online key; the one before is believed no more. Raises KeyTrouble."""
    root, made = _present(store), new_key()
    following = next_root(root, _with_kept(data, signers), now, online=made.public_key)
    before = kept_or_none(data, ONLINE_KEY)
    keep_key(data, ONLINE_KEY, made)
    try:
        return _keep(store, following)
    except BaseException:
        if before is not None:  # the root did not change: the key before is the one that it names
            keep_key(data, ONLINE_KEY, before)
        raise


def rotate_root(store: Store, data: Path, signers: Sequence[CryptoSigner], *, now: datetime) -> SignedRoot:
    """A new root key in the data folder instead of the one there, which signs that. Raises KeyTrouble."""
    root, old, made = _present(store), kept_key(data, ROOT_KEY), new_key()
    if old is None or keyid(old) not in root.keepers:
        raise KeyTrouble(
            f"There is no root key of this catalogue in {data}. `forge exchange key make FILE` adds another one."
        )
    following = next_root(root, [old, made, *signers], now, add=[made.public_key], remove=[keyid(old)])
    keep_key(data, f"{ROOT_KEY}.new", made)
    kept = _keep(store, following)
    keep_key(data, ROOT_KEY, made)
    forget_key(data, f"{ROOT_KEY}.new")
    return kept


def revoke(store: Store, data: Path, gone: str, signers: Sequence[CryptoSigner], *, now: datetime) -> SignedRoot:
    """A root key is believed no more. Raises KeyTrouble."""
    return _keep(store, next_root(_present(store), _with_kept(data, signers), now, remove=[gone]))


def begin_anew(store: Store, data: Path, instance: UUID, address: str, *, now: datetime) -> SignedRoot:
    """All root keys are lost: a first root again, which nobody before signed. Followers must compare it again."""
    keeper, online = new_key(), new_key()
    root = first_root(statement_for(instance, address), keeper, online, now)
    keep_key(data, ROOT_KEY, keeper)
    keep_key(data, ONLINE_KEY, online)
    store.published_exchange.add_roots({root.version: root.body}, instead=True)
    return root


def kept_or_none(data: Path, name: str) -> CryptoSigner | None:
    """As `kept_key`, for a file that is to be replaced in any case."""
    try:
        return kept_key(data, name)
    except KeyTrouble:
        return None


def restore_key(given: Path, store: Store, data: Path, name: str) -> None:
    """Put a key of a backup into the data folder; the one that is here stays where the newest root names it."""
    here, chain = kept_or_none(data, name), known_chain(store)
    named = (*chain[-1].keepers, *chain[-1].online) if chain else ()
    if given.is_file() and (here is None or keyid(here) not in named):
        os.chmod(given, 0o600)
        given.replace(data / name)


def _begin(store: Store, data: Path, instance: UUID, address: str, *, now: datetime) -> SignedRoot:
    """The first root. Keys that are there already, as of a start that was ended, are used."""
    keeper = kept_key(data, ROOT_KEY) or new_key()
    online = kept_key(data, ONLINE_KEY) or new_key()
    keep_key(data, ROOT_KEY, keeper)
    keep_key(data, ONLINE_KEY, online)
    return _keep(store, first_root(statement_for(instance, address), keeper, online, now))


def _present(store: Store) -> SignedRoot:
    chain = known_chain(store)
    if not chain:
        raise KeyTrouble("There are no keys yet. `forge exchange key make` makes them.")
    return chain[-1]


def _with_kept(data: Path, signers: Sequence[CryptoSigner]) -> list[CryptoSigner]:
    kept = kept_key(data, ROOT_KEY)
    return [*signers, kept] if kept is not None else list(signers)


def _keep(store: Store, root: SignedRoot) -> SignedRoot:
    store.published_exchange.add_roots({root.version: root.body})
    return root
