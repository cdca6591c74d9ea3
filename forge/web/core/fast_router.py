"""Finds the route of an address among the site's several hundred by the first two parts of its path, so that few are
tried; all but the first routes are read after the first answer.

Starlette tries one route after another. With 300 routes that took 2 ms, a sixth of the answer to a small form
(November 2026). `tests/web/test_routing.py` checks that every address gets the route that trying all of them finds.
"""

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Match, Router
from starlette.types import Receive, Scope, Send

Parts = tuple[str | None, str | None]  # the first two of a path; None: any, or none
ALONE_SECONDS = 2.0  # for which a first question is waited for, before the rest is read anyway


class FastRouter(Router):
    """Starlette's router, which tries only those routes that an address can match.

    `first` answers at once; `rest` gives all other routes, when an address is none of the first or nobody waits.
    """

    def __init__(
        self,
        first: Sequence[BaseRoute],
        rest: Callable[[], Sequence[BaseRoute]],
        lifespan: Callable[[Any], AbstractAsyncContextManager[None] | AsyncIterator[None]],
    ):
        self._here: list[BaseRoute] = []
        super().__init__(first, lifespan=lifespan)  # type: ignore[arg-type]
        self._rest: Callable[[], Sequence[BaseRoute]] | None = rest
        self._reading, self._answered = threading.Lock(), threading.Event()
        self._number = -1
        self._first: frozenset[str | None] = frozenset()
        self._second: frozenset[str | None] = frozenset()
        self._few: dict[Parts, Router] = {}

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes: whoever reads the table reads all of it."""
        self.complete()
        return self._here

    @routes.setter
    def routes(self, routes: list[BaseRoute]) -> None:
        self._here = routes

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("root_path"):
            await super().app(scope, receive, send)
            return
        if self._rest is not None and not any(route.matches(scope)[0] is Match.FULL for route in self._here):
            await run_in_threadpool(self.complete)
        await self._of(scope["path"]).app(scope, receive, send)
        self._answered.set()

    def complete(self) -> None:
        """Read all other routes, unless they are here."""
        with self._reading:
            if self._rest is not None:
                self._here.extend(self._rest())
                self._rest = None

    @contextmanager
    def completing(self) -> Iterator[None]:
        """Read the rest in a thread meanwhile, after the first answer: Python runs one thread at a time."""

        def read() -> None:
            self._answered.wait(ALONE_SECONDS)
            self.complete()

        beside = threading.Thread(target=read, name="routes", daemon=True)
        beside.start()
        try:
            yield
        finally:
            self._answered.set()
            beside.join()

    def _of(self, path: str) -> Router:
        if self._number != len(self._here):
            self._number, self._few = len(self._here), {}
            heads = [_parts(route) for route in self._here]
            self._first, self._second = (frozenset(head[at] for head in heads) for at in (0, 1))
        first, second = (*path.split("/", 3)[1:3], "")[:2] if path.startswith("/") else ("", "")
        parts = (first if first in self._first else None, second if second in self._second else None)
        if parts not in self._few:
            self._few[parts] = Router([route for route in self._here if _may_match(_parts(route), parts)])
        return self._few[parts]


def _parts(route: BaseRoute) -> Parts:
    """Return what the first two parts of a path must be for this route."""
    fixed = [None if not part or "{" in part else part for part in getattr(route, "path", "").split("/")[1:3]]
    first, second = (*fixed, None, None)[:2]
    return first, second


def _may_match(route: Parts, path: Parts) -> bool:
    return all(mine in (None, its) for mine, its in zip(route, path, strict=True))
