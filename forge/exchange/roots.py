"""Roots of the exchange: which keys may sign for this catalogue, version by version, each signed by the root key of the
one before. All of them are in the database; a folder has copies.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from catalog.exchange.limits import LARGEST_NUMBER, ROOT_BYTES, ROOT_LIFETIME, ROOT_WARNED_BEFORE
from catalog.exchange.reading import InvalidExchangeFile, read_root_statement
from catalog.exchange.statements import X_CATALOGUE, RootStatement
from catalog.exchange.writing import root_member
from forge.exchange.keys import KeyTrouble

ONLINE_ROLES = (Timestamp.type, Snapshot.type, Targets.type)


@dataclass(frozen=True)
class SignedRoot:
    """A root and its bytes as they are served."""

    body: bytes
    metadata: Metadata[Root]

    @property
    def root(self) -> Root:
        return self.metadata.signed

    @property
    def version(self) -> int:
        return self.root.version

    @property
    def statement(self) -> RootStatement:
        return read_root_statement(self.root.unrecognized_fields.get(X_CATALOGUE))

    @property
    def keys(self) -> tuple[str, ...]:
        """Ids of the root keys: one, in a catalogue of ours."""
        return tuple(self.root.roles[Root.type].keyids)

    @property
    def online(self) -> tuple[str, ...]:
        """Ids of the keys that sign what is published."""
        return tuple(self.root.roles[Timestamp.type].keyids)

    def is_due(self, now: datetime) -> bool:
        """Whether it ends within a year, or later than it should, by a clock that was wrong."""
        return not now + ROOT_WARNED_BEFORE < self.root.expires <= now + ROOT_LIFETIME


def read_root(body: bytes) -> SignedRoot:
    """Raises ValueError for bytes that are no root of a catalogue. Signatures are checked by `follows`."""
    if len(body) > ROOT_BYTES:
        raise ValueError("a root is too large")
    try:
        metadata = Metadata[Root].from_bytes(body)
    except DeserializationError as wrong:
        raise ValueError("this is no root") from wrong
    if not isinstance(metadata.signed, Root):
        raise ValueError("this is no root")
    signed_root = SignedRoot(body, metadata)
    try:
        signed_root.statement  # noqa: B018
    except InvalidExchangeFile as wrong:
        raise ValueError(str(wrong)) from wrong
    return signed_root


def follows(before: SignedRoot | None, after: SignedRoot) -> bool:
    """Whether the root keys of both signed the later one, and it is the next; `before` None: it is the first."""
    if after.version != (before.version + 1 if before else 1):
        return False
    try:
        for root in (before, after):
            if root is not None:
                root.root.verify_delegate(Root.type, after.metadata.signed_bytes, after.metadata.signatures)
    except RepositoryError:
        return False
    return True


def chain_of(bodies: Sequence[bytes]) -> tuple[SignedRoot, ...]:
    """Roots in order, as far as each follows the one before."""
    chain: list[SignedRoot] = []
    for body in bodies:
        try:
            root = read_root(body)
        except ValueError:
            break
        if not follows(chain[-1] if chain else None, root):
            break
        chain.append(root)
    return tuple(chain)


def first_root(statement: RootStatement, root_key: CryptoSigner, online: CryptoSigner, now: datetime) -> SignedRoot:
    root = Root(version=1, expires=now + ROOT_LIFETIME, consistent_snapshot=True)
    root.unrecognized_fields[X_CATALOGUE] = root_member(statement)
    root.add_key(root_key.public_key, Root.type)
    for role in ONLINE_ROLES:
        root.add_key(online.public_key, role)
    return _signed(root, [root_key])


def next_root(
    current: SignedRoot,
    signer: CryptoSigner,
    now: datetime,
    *,
    root_key: CryptoSigner | None = None,
    online: SSlibKey | None = None,
    statement: RootStatement | None = None,
) -> SignedRoot:
    """The next root, signed with the root key: with another root key, which signs it too, another online key or another
    statement. Raises KeyTrouble where `signer` is not the current root key."""
    fields: Mapping[str, Any] = deepcopy(current.root.to_dict())  # else both roots share their lists of keys
    root = Root.from_dict({**fields, "version": current.version + 1})
    root.expires = now + ROOT_LIFETIME
    if root_key is not None:
        for gone in current.keys:
            root.revoke_key(gone, Root.type)
        root.add_key(root_key.public_key, Root.type)
    if online is not None:
        for role in ONLINE_ROLES:
            for gone in list(root.roles[role].keyids):
                root.revoke_key(gone, role)
            root.add_key(online, role)
    if statement is not None:
        root.unrecognized_fields[X_CATALOGUE] = root_member(statement)
    signed_root = _signed(root, [signer] if root_key is None else [signer, root_key])
    if not follows(current, signed_root):
        raise KeyTrouble(f"This is not the root key of this catalogue, which is called {current.keys[0][:16]}.")
    return signed_root


def statement_for(instance: UUID, address: str) -> RootStatement:
    return RootStatement(instance, (address.rstrip("/"),))


def _signed(root: Root, signers: Sequence[CryptoSigner]) -> SignedRoot:
    if root.version > LARGEST_NUMBER:
        raise KeyTrouble("There can be no more roots.")
    metadata = Metadata(root)
    for signer in signers:
        metadata.sign(signer, append=True)
    return SignedRoot(metadata.to_bytes(), metadata)
