"""Personal tokens: for programs that act for a person who signed in. Limits and the token itself; pure.

It is shown once, and only its digest is stored.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

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
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
