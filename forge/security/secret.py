"""The secret of an instance: given by FORGE_SECRET, or made once and kept in the data folder. It signs nobody in.

What it keys (digests of network addresses, so that a copy of the database reveals no address) must be the same in all
processes.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import threading
from pathlib import Path

SECRET_BYTES = 32


def instance_secret(text: str | None, data: Path) -> bytes:
    """The secret's bytes; made and written, private to the user, when there is none. Raises OSError."""
    if text:
        return hashlib.sha256(text.encode()).digest()
    # Pages and worker of one process ask for it at the same time.
    file, draft = data / "secret", data / f".secret.{os.getpid()}.{threading.get_ident()}"
    if not file.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_hex(SECRET_BYTES) + "\n")
        with contextlib.suppress(FileExistsError):  # another one was first: all use its secret
            os.link(draft, file)
        draft.unlink()
    return bytes.fromhex(file.read_text().strip())


def rotate(data: Path) -> None:
    """Put a new secret in the place of the one in the data folder. Raises OSError."""
    text, draft = secrets.token_hex(SECRET_BYTES), data / f".secret.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
        draft.replace(data / "secret")
    finally:
        draft.unlink(missing_ok=True)


def keyed_digest(secret: bytes, text: str) -> str:
    """A digest of `text` that cannot be guessed by trial without the secret; 64 hexadecimal digits."""
    return hmac.new(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
