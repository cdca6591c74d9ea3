"""How many requests were answered, by the first digit of the status, and how long that took: for `metrics` alone.

Nothing of a request is kept. The numbers are those of one process, as the label `process` says there.
"""

import time
from collections import Counter
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Upper bounds in seconds, as Prometheus counts them: a request is in each that it did not exceed.
BOUNDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0)


@dataclass
class RequestCounts:
    """Touched by the event loop alone; read by any thread."""

    statuses: Counter[int] = field(default_factory=Counter)  # by the first digit
    within: Counter[float] = field(default_factory=Counter)  # by the smallest of BOUNDS
    seconds: float = 0.0

    def add(self, status: int, seconds: float) -> None:
        self.statuses[status // 100] += 1
        self.within[next((bound for bound in BOUNDS if seconds <= bound), float("inf"))] += 1
        self.seconds += seconds


class CountRequests:
    """The middleware that counts: the time to the first byte of the answer, so that a slow reader counts nothing."""

    def __init__(self, app: ASGIApp, counts: RequestCounts):
        self._app, self._counts = app, counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._counts.add(message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, count)
