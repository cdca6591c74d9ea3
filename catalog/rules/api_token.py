"""What a personal token is: for programs that act for a person who signed in. Pure; it keeps nothing.

A token may do what its person may, within its scopes; it is shown once, and only its digest is kept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

READ, DECLARE, DECIDE = "read", "declare", "decide"
SCOPES = (READ, DECLARE, DECIDE)  # one's own declarations; sending them; the desk, for who decides there
PREFIX = "forge_"  # so that a search for secrets knows one
LIFETIMES_DAYS = (30, 90, 365)
MOST = 20  # of one person
MAX_NAME = 80  # characters
KEPT_AFTER = timedelta(days=30)  # its end, so that its person sees why a program stopped


@dataclass(frozen=True)
class Token:
    """One token as its person sees it. `used_at` is told to the day."""

    id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
