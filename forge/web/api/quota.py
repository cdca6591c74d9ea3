"""Quotas of networks and persons, told in headers of every answer.

The count is the store's, one for all processes. Reading takes a batch from it at once, so that a database is not
written to for each answer: what a process took and did not use is lost at the end of the hour.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from catalog.bounded_cache import BoundedCache
from forge.web.core import rate_limits
from forge.web.core.problems import ApiError
from forge.web.core.rate_limits import HOUR, AttemptLimit
from forge.web.core.render import now_of
from forge.web.core.session import person_of

READ_LIMIT = AttemptLimit("api-read", 6_000, HOUR)
BATCH = 50
MAX_SUBJECTS = 10_000  # remembered by a process


@dataclass
class _TakenBatch:
    """What is left in one window: of the last batch that was taken, and of the common count behind it."""

    window: int
    here: int
    behind: int


class Quotas:
    """What one process took of the common count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = BoundedCache[tuple[str, str], _TakenBatch](max_entries=MAX_SUBJECTS)

    def spend(self, request: Request, limit: AttemptLimit, subject: str, batch: int) -> int:
        """Count one request and return how many are left after it, below 0 beyond the limit."""
        window = int(now_of(request).timestamp() // limit.per.total_seconds())
        key = (limit.action, subject)
        with self._lock:
            used_batch = self._taken.get(key)
            if used_batch is not None and used_batch.window == window and used_batch.here > 0:
                used_batch.here -= 1
                return used_batch.here + used_batch.behind
        number = rate_limits.count_many(request, limit, subject, batch)
        behind = max(0, limit.most - number)
        here = min(batch, limit.most - (number - batch)) - 1
        self._taken.keep(key, _TakenBatch(window, max(0, here), behind))
        return here + behind if here >= 0 else here


def count_request(request: Request, limit: AttemptLimit, *, batch: bool = False) -> Mapping[str, str]:
    """Count one request of a person or network and return the headers that tell what is left. Raises ApiError 429
    beyond the limit.
    """
    someone = person_of(request)
    if someone is None:
        rate_limits.note_unnamed_proxy(request)
    subject = rate_limits.network_of(request) if someone is None else f"person {someone.id}"
    left = request.app.state.quotas.spend(request, limit, subject, BATCH if batch else 1)
    headers = _headers(limit, max(0, left), now_of(request))
    if left < 0:
        request.state.quota = headers
        seconds = headers["RateLimit"].rpartition("t=")[2]
        detail = f"At most {limit.most} in {int(limit.per.total_seconds())} seconds. Ask again in {seconds} seconds"
        raise ApiError(429, detail=detail, headers={"Retry-After": seconds})
    return headers


def _headers(limit: AttemptLimit, left: int, now: datetime) -> Mapping[str, str]:
    seconds = int(limit.per.total_seconds())
    ends = seconds - int(now.timestamp()) % seconds
    return {
        "RateLimit-Policy": f'"{limit.action}";q={limit.most};w={seconds}',
        "RateLimit": f'"{limit.action}";r={left};t={ends}',
    }
