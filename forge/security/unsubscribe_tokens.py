"""Tokens in messages that end the messages, at one press and without signing in. None of them is stored.

A token names what ends (one follow, all of a person) and a digest of that under the instance's
secret. It works as long as that lasts, and for nothing else.
"""

import hmac
from uuid import UUID

from forge.security.secret import keyed_digest

FOLLOW, FOLLOWS = "f", "p"  # one, all of a person
KINDS = (FOLLOW, FOLLOWS)
DIGITS = 40  # 160 bits


def make_token(secret: bytes, kind: str, key: UUID) -> str:
    """The token that ends this. 73 characters."""
    return f"{kind}{key.hex}{_digest(secret, kind, key)}"


def read_token(secret: bytes, token: str) -> tuple[str, UUID] | None:
    """What a token ends, as kind and key; None for a token that is not ours."""
    if len(token) != 1 + 32 + DIGITS or token[0] not in KINDS or not token.isascii():
        return None
    try:
        key = UUID(hex=token[1:33])
    except ValueError:
        return None
    fine = hmac.compare_digest(token[33:].encode(), _digest(secret, token[0], key).encode())
    return (token[0], key) if fine and key.hex == token[1:33] else None


def _digest(secret: bytes, kind: str, key: UUID) -> str:
    return keyed_digest(secret, f"off {kind} {key.hex}")[:DIGITS]
