"""Identifies a crawler by its PASETO v2.local token, which was made with the operator's key. What it may do is decided
elsewhere.

A token that is spoilt, expired, not valid yet or of another key is nobody's.
https://github.com/paseto-standard/paseto-spec
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request

MAX_TOKEN, MAX_NAME = 4096, 255
SKEW = timedelta(seconds=60)  # of the clocks of those who make tokens, in which one is valid already
_HEADER = "v2.local."


@dataclass(frozen=True)
class Crawler:
    """`name` is the `sub` of its token: the actor of what it does."""

    name: str


def make(key: bytes, name: str, *, now: datetime, lifetime: timedelta) -> str:
    """A token for a crawler of this name."""
    import pyseto  # 20 MB that a catalogue without crawlers need not hold

    claims = {"sub": name, "iat": _text(now), "nbf": _text(now), "exp": _text(now + lifetime)}
    return pyseto.encode(pyseto.Key.new(2, "local", key), json.dumps(claims).encode()).decode()


def given(request: Request) -> str | None:
    """The token that a request brings; None where it brings none."""
    scheme, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def crawler(key: bytes | None, token: str | None, *, now: datetime) -> Crawler | None:
    """The crawler of this token; None where it is not valid, and where there is no key."""
    if key is None or token is None or len(token) > MAX_TOKEN or not token.startswith(_HEADER):
        return None
    import pyseto

    try:
        payload = pyseto.decode(pyseto.Key.new(2, "local", key), token).payload
        assert isinstance(payload, bytes)  # pyseto reads it only with a deserializer
        claims = json.loads(payload)
    except (pyseto.PysetoError, ValueError, RecursionError):
        return None
    if not isinstance(claims, dict):
        return None
    times = {name: _time(claims[name]) for name in ("exp", "nbf", "iat") if claims.get(name) is not None}
    if None in times.values() or ("exp" in times and now >= times["exp"]):  # type: ignore[operator]
        return None
    if any(times[name] > now + SKEW for name in ("nbf", "iat") if name in times):  # type: ignore[operator]
        return None
    name = claims.get("sub")
    return Crawler(
        "".join(character for character in name if character.isprintable())[:MAX_NAME] if isinstance(name, str) else ""
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def _time(said: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
