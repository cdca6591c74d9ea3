"""Dates as people state them: a year, a month or a day. Pure."""

from calendar import monthrange
from datetime import UTC, datetime


def last_day(text: str) -> datetime:
    """The last day of a stated year, month or day, at its beginning."""
    year, month = int(text[:4]), int(text[5:7] or 12)
    return datetime(year, month, int(text[8:10] or monthrange(year, month)[1]), tzinfo=UTC)


def first_day(text: str) -> datetime:
    """The first day of a stated year, month or day, at its beginning."""
    return datetime(int(text[:4]), int(text[5:7] or 1), int(text[8:10] or 1), tzinfo=UTC)
