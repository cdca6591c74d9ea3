"""Secrets of others with which we sign: encrypted when they arrive, decrypted where they sign.

The key is derived from the instance's own secret, so that a copy of the database signs nothing. A call is signed as
https://github.com/italia/developers-italia-api does, as https://www.standardwebhooks.com asks, and where the webhook
wants that, as GitHub does.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

FORMATS = ("default", "github", "standard-webhooks")
_PREFIX = "whsec_"


def seal(key: bytes, secret: str) -> str:
    """The secret, encrypted with a key of the instance."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(key: bytes, sealed: str) -> str | None:
    """The decrypted secret; None where the instance has another key now."""
    from cryptography.fernet import InvalidToken

    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def signature_headers(format: str, secret: str | None, *, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a call of this id, made at this time, shows where it comes from."""
    stamp = str(int(at.timestamp()))
    headers = {"webhook-id": id, "webhook-timestamp": stamp}
    if secret is None:
        return headers
    plain = secret.encode()
    signed = base64.b64encode(_digest(_signing_key(secret), f"{id}.{stamp}.".encode() + body)).decode()
    headers["webhook-signature"] = f"v1,{signed}"
    if format != "standard-webhooks":
        headers["X-Webhook-Signature"] = _digest(plain, body).hex()
    if format == "github":
        headers["X-Hub-Signature-256"] = f"sha256={_digest(plain, body).hex()}"
    return headers


def _signing_key(secret: str) -> bytes:
    """The signing key in the standard's form: the bytes that "whsec_" and base64 encode, else the text as it is.

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
    """
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()


def _digest(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _fernet(key: bytes) -> "Fernet":
    from cryptography.fernet import Fernet  # 5 MB that a catalogue without webhooks need not hold

    return Fernet(base64.urlsafe_b64encode(hmac.new(key, b"webhook secrets", hashlib.sha256).digest()))
