"""Personal tokens: for programs that act for a person who signed in. Scopes, limits and the token itself; pure.

A token may do what its person may, within its scopes; it is shown once, and only its digest is stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

READ, DECLARE = "read", "declare"
SCOPES = (READ, DECLARE)  # one's own submissions; sending them
PREFIX = "forge_"  # so that searches for secrets recognize one
LIFETIMES_DAYS = (30, 90, 365)
MOST_TOKENS = 20  # of one person
MAX_NAME = 80  # characters
KEPT_AFTER = timedelta(days=30)  # its end, so that its person sees why a program stopped


@dataclass(frozen=True)
class Token:
    """A token as its person sees it. `used_at` is exact to the day."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
