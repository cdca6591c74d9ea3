"""Who said it: Ed25519 keys, their fingerprints for eyes and voices, and what a key may say of another. Bytes in, bytes
out: keys are kept by `forge`, which is also where chance comes from.

Each sort of statement has a prefix of its own, so that no signature can be taken for another sort's. Ed25519 is RFC
8032 (https://www.rfc-editor.org/rfc/rfc8032), by `cryptography`.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from catalog.federation.shapes import CatalogueCard, Key, PreviousKey, Signature, Transfer, canonical

KEY_BYTES = 32  # of a private and of a public key
SIGNATURE_BYTES = 64
ENTRY, ROTATE, TRANSFER = b"forge-exchange-1\n", b"forge-exchange-rotate-1\n", b"forge-exchange-transfer-1\n"
FINGERPRINT_DIGITS = 20
SPOKEN_WORDS = 6  # of 1,024: 60 of the 80 bits that the digits show


@dataclass(frozen=True)
class Private:
    """A private key in hand; it never stands in a text, a log or a traceback."""

    seed: bytes

    def __repr__(self) -> str:
        return f"Private({fingerprint(self.public)})"

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key(self) -> Key:
        return key_of(self.public)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def signs(self, prefix: bytes, payload: bytes) -> str:
        """Base64 of the signature over prefix and payload."""
        return base64.b64encode(self._key.sign(prefix + payload)).decode()


def key_of(public: bytes) -> Key:
    return Key(base64.b64encode(public).decode(), fingerprint(public))


def public_bytes(text: str) -> bytes | None:
    """The 32 bytes of a public key from its base64; None for anything else."""
    return _decoded(text, KEY_BYTES)


def fingerprint(public: bytes) -> str:
    """The first 20 hexadecimal digits of the SHA-256 of the public key."""
    return hashlib.sha256(public).hexdigest()[:FINGERPRINT_DIGITS]


def grouped(digits: str) -> str:
    """A fingerprint for the eye: "3f2a 90bb 17c4 e05d 88a1"."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def spoken(digits: str) -> tuple[str, ...]:
    """A fingerprint for the voice: six plain English words, no two of the list alike in their first four letters."""
    number = int(digits, 16) >> (4 * FINGERPRINT_DIGITS - 10 * SPOKEN_WORDS)
    return tuple(_words()[(number >> (10 * place)) & 1023] for place in reversed(range(SPOKEN_WORDS)))


def verified(public: bytes, prefix: bytes, payload: bytes, signature: str) -> bool:
    """Whether this key signed exactly that; False for whatever is no key or no signature."""
    signed = _decoded(signature, SIGNATURE_BYTES)
    if signed is None or len(public) != KEY_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed, prefix + payload)
    except InvalidSignature:
        return False
    return True


def signed(private: Private, entry: bytes) -> Signature:
    """The line of `entry.sig` for these exact bytes of `entry.json`."""
    return Signature(private.key.fingerprint, hashlib.sha256(entry).hexdigest(), private.signs(ENTRY, entry))


def signed_by(public: bytes, entry: bytes, signatures: Sequence[Signature]) -> bool:
    """Whether one of `entry.sig`'s lines is this key's, about this entry, and right."""
    key, digest = fingerprint(public), hashlib.sha256(entry).hexdigest()
    about = [signature for signature in signatures if (signature.key, signature.sha256) == (key, digest)]
    return any(verified(public, ENTRY, entry, signature.signature) for signature in about)


def rotated(old: Private, new: bytes, now: datetime) -> PreviousKey:
    """The old key says which one follows it."""
    return PreviousKey(old.key.public, old.key.fingerprint, now, old.signs(ROTATE, new))


def follows(pinned: bytes, card: CatalogueCard) -> bool:
    """Whether the card's key is the pinned one, or follows it through statements each signed by the key before."""
    said = [*(key.public for key in card.previous_keys), card.key.public]
    chain = [public_bytes(key) for key in said]
    if None in chain or pinned not in chain:
        return False
    keys = [key for key in chain if key is not None]
    start = keys.index(pinned)
    return all(
        verified(keys[at], ROTATE, keys[at + 1], card.previous_keys[at].signature)
        for at in range(start, len(card.previous_keys))
    )


def transferred(private: Private, home: UUID, address: str, key: Key, now: datetime) -> Transfer:
    """The key of `home` says who keeps its records from now on."""
    return Transfer(address, key, now, private.signs(TRANSFER, _transfer(home, address, key, now)))


def hands_over(card: CatalogueCard) -> bool:
    """Whether the card says that another keeps its records, and its own key signed that."""
    said, public = card.moved_to, public_bytes(card.key.public)
    if said is None or public is None:
        return False
    return verified(public, TRANSFER, _transfer(card.id, said.address, said.key, said.at), said.signature)


def _transfer(home: UUID, address: str, key: Key, at: datetime) -> bytes:
    return canonical({"id": home, "address": address, "key": key, "at": at})


def _decoded(text: str, size_bytes: int) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == size_bytes else None


@cache
def _words() -> tuple[str, ...]:
    """1,024 words, sorted; their order is part of the format and never changes."""
    return tuple((files("catalog.exchange") / "fingerprint_words.txt").read_text("ascii").split())
