"""Keys of the exchange as files: the root key, which names all keys, and the online key, which signs the rest.

Only Ed25519. A file holds PKCS #8 in PEM, as other programs read it; one that leaves the data folder is encrypted under
a passphrase (scrypt, AES-256).
"""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner

LARGEST_FILE = 16 * 1024
SHORTEST_PASSPHRASE = 10  # characters


class KeyTrouble(Exception):
    """A key cannot be used; the sentence says what to do."""


def new_key() -> CryptoSigner:
    return CryptoSigner.generate_ed25519()


def keyid(signer: CryptoSigner) -> str:
    return str(signer.public_key.keyid)


def kept_key(data: Path, name: str) -> CryptoSigner | None:
    """The key in the data folder; None where there is none. Raises KeyTrouble for a file that is none."""
    file = data / name
    return _read(file, None) if file.exists() else None


def keep_key(data: Path, name: str, signer: CryptoSigner) -> None:
    """Write it into the data folder, whole or not at all, private to the user."""
    _write(data / name, signer.private_bytes, over=True)


def forget_key(data: Path, name: str) -> None:
    (data / name).unlink(missing_ok=True)


def exported_key(file: Path, passphrase: str) -> CryptoSigner:
    """The key of a file that `export_key` wrote. Raises KeyTrouble."""
    if not file.is_file():
        raise KeyTrouble(f"There is no file {file}.")
    return _read(file, passphrase.encode())


def export_key(signer: CryptoSigner, file: Path, passphrase: str) -> None:
    """Write it encrypted into a new file. Raises KeyTrouble for a short passphrase or a file that is there already."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeyTrouble(f"A passphrase has at least {SHORTEST_PASSPHRASE} characters: four or five words.")
    key = load_pem_private_key(signer.private_bytes, None)
    sealed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))
    try:
        _write(file, sealed, over=False)
    except FileExistsError:
        raise KeyTrouble(f"{file} is there already, and is left as it is. Name a new file.") from None


def _read(file: Path, passphrase: bytes | None) -> CryptoSigner:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ValueError("too large")
        key = load_pem_private_key(file.read_bytes(), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        if passphrase is not None:
            raise KeyTrouble(f"{file} does not open with this passphrase, or is no key.") from wrong
        raise KeyTrouble(f"{file} is no key of Forge. Put it back from a backup.") from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyTrouble(f"{file} holds a key of another sort: the exchange knows Ed25519 alone.")
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return CryptoSigner(load_pem_private_key(plain, None))


def _write(file: Path, data: bytes, *, over: bool) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    try:
        if over:
            draft.replace(file)
        else:
            os.link(draft, file)  # fails where the name is taken
    finally:
        draft.unlink(missing_ok=True)
