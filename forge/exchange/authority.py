"""Which keys sign for this catalogue: makes the first ones, keeps the chain of roots in the database, and puts new keys
in their place.

A root key in the data folder is what makes a new catalogue work by itself; a thief of the folder can then name keys
that followers believe. `forge exchange key export --remove` takes it out.
"""

import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from securesystemslib.signer import CryptoSigner

from catalog.exchange.fingerprint import fingerprint, grouped
from catalog.store.store import Store
from forge.exchange.keys import KeyTrouble, forget_key, keep_key, kept_key, keyid, new_key
from forge.exchange.paths import ONLINE_KEY, ROOT_KEY
from forge.exchange.roots import (
    SignedRoot,
    chain_of,
    first_root,
    next_root,
    statement_for,
)

log = logging.getLogger("forge.exchange")
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


def adopt_roots(store: Store, signed_roots: Sequence[SignedRoot], instance: UUID) -> None:
    """Take over roots that a copy of our exchange has and the database has not, as after a restore: each must follow
    the one before, from our first on."""
    roots_there = known_chain(store)
    same = [root.body for root in roots_there] == [root.body for root in signed_roots[: len(roots_there)]]
    if (
        same
        and len(signed_roots) > len(roots_there)
        and all(root.statement.instance == instance for root in signed_roots)
    ):
        store.published_exchange.add_roots({root.version: root.body for root in signed_roots})


def authority(store: Store, data: Path, instance: UUID, address: str, *, now: datetime) -> Authority:
    """What signs now; a new catalogue's keys and first root are made here, and a root that ends within a year, or names
    another address, is followed by the next where the data folder has the keys for it.

    Raises KeyTrouble where there is no key that the root names.
    """
    chain = known_chain(store)
    if not chain:
        chain = (_begin(store, data, instance, address, now=now),)
    root, online = chain[-1], kept_key(data, ONLINE_KEY)
    root_key = kept_key(data, ROOT_KEY)
    if online is None or keyid(online) not in root.online:
        here = f"The {ONLINE_KEY} in {data} is another one" if online else f"There is no {ONLINE_KEY} in {data}"
        raise KeyTrouble(
            f"{here} than the root of this catalogue names ({grouped(fingerprint(root.body))}). Put the file back from "
            "a backup, or let the root key name a new one: `forge exchange key rotate`."
        )
    root_statement = statement_for(instance, published_address(root, address))
    statement = replace(root.statement, addresses=root_statement.addresses)
    due = root.is_due(now) or root.statement.addresses[:1] != statement.addresses
    if due and root_key is not None and keyid(root_key) in root.keys:
        chain = (*chain, _keep(store, next_root(root, root_key, now, statement=statement)))
    return Authority(chain, online)


def published_address(root: SignedRoot, address: str) -> str:
    """What is published as this catalogue's address. A command that was run without the settings of the service knows
    this machine's own alone: followers are not sent there from an address that they reach."""
    addresses = root.statement.addresses[:1]
    if addresses and _OF_THIS_MACHINE.match(address) and not _OF_THIS_MACHINE.match(addresses[0]):
        return addresses[0]
    return address


def rotate_online(store: Store, data: Path, signer: CryptoSigner | None, *, now: datetime) -> SignedRoot:
    """A new online key; the one before is believed no more. `signer`: the root key, where it is not in the data folder.
    Raises KeyTrouble."""
    new_signer = new_key()
    following = next_root(_present(store), signer or _root_key(data), now, online=new_signer.public_key)
    before = kept_or_none(data, ONLINE_KEY)
    keep_key(data, ONLINE_KEY, new_signer)
    try:
        return _keep(store, following)
    except BaseException:
        if before is not None:  # the root did not change: the key before is the one that it names
            keep_key(data, ONLINE_KEY, before)
        raise


def rotate_root(store: Store, data: Path, signer: CryptoSigner | None, *, now: datetime) -> SignedRoot:
    """A new root key in the data folder instead of the one before, which signs that. Raises KeyTrouble."""
    new_signer = new_key()
    following = next_root(_present(store), signer or _root_key(data), now, root_key=new_signer)
    keep_key(data, f"{ROOT_KEY}.new", new_signer)
    signed_root = _keep(store, following)
    keep_key(data, ROOT_KEY, new_signer)
    forget_key(data, f"{ROOT_KEY}.new")
    return signed_root


def begin_anew(store: Store, data: Path, instance: UUID, address: str, *, now: datetime) -> SignedRoot:
    """The root key is lost: a first root again, which nobody before signed. Followers must compare it again."""
    root_key, online = new_key(), new_key()
    root = first_root(statement_for(instance, address), root_key, online, now)
    keep_key(data, ROOT_KEY, root_key)
    keep_key(data, ONLINE_KEY, online)
    store.published_exchange.add_roots({root.version: root.body}, instead=True)
    return root


def kept_or_none(data: Path, name: str) -> CryptoSigner | None:
    """As `kept_key`, for a file that is to be replaced in any case."""
    try:
        return kept_key(data, name)
    except KeyTrouble:
        return None


def restore_key(path: Path, store: Store, data: Path, name: str) -> None:
    """Put a key of a backup into the data folder; the one that is here stays where the newest root names it."""
    here, chain = kept_or_none(data, name), known_chain(store)
    keys = (*chain[-1].keys, *chain[-1].online) if chain else ()
    if path.is_file() and (here is None or keyid(here) not in keys):
        os.chmod(path, 0o600)
        path.replace(data / name)


def _begin(store: Store, data: Path, instance: UUID, address: str, *, now: datetime) -> SignedRoot:
    """The first root. Keys that are there already, as of a start that was ended, are used."""
    root_key = kept_key(data, ROOT_KEY) or new_key()
    online = kept_key(data, ONLINE_KEY) or new_key()
    keep_key(data, ROOT_KEY, root_key)
    keep_key(data, ONLINE_KEY, online)
    log.warning(
        "A root key was made, %s: whoever copies that folder can sign in the name of this catalogue. Move it away: "
        "forge exchange key export FILE --remove",
        data / ROOT_KEY,
    )
    return _keep(store, first_root(statement_for(instance, address), root_key, online, now))


def _present(store: Store) -> SignedRoot:
    chain = known_chain(store)
    if not chain:
        raise KeyTrouble("There are no keys yet: `forge serve` makes them.")
    return chain[-1]


def _root_key(data: Path) -> CryptoSigner:
    signer = kept_key(data, ROOT_KEY)
    if signer is None:
        raise KeyTrouble(f"The root key must sign this, and is not in {data}. Give its file: --key FILE.")
    return signer


def _keep(store: Store, root: SignedRoot) -> SignedRoot:
    store.published_exchange.add_roots({root.version: root.body})
    return root
