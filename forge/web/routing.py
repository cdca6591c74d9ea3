"""Finds the route of an address among the site's several hundred, by the first two parts of its path, so that few are
tried. Which routes there are, in which order, and what each answers is not its matter.

Starlette tries one after another: a sixth of what a small form's answer took.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.routing import BaseRoute, Router
from starlette.types import Receive, Scope, Send

Parts = tuple[str | None, str | None]  # the first two of a path; None: any, or none


class Narrowing(Router):
    """Starlette's router, which asks only those routes that an address can be."""

    def __init__(
        self,
        routes: Sequence[BaseRoute],
        lifespan: Callable[[Any], AbstractAsyncContextManager[None] | AsyncIterator[None]],
    ):
        super().__init__(routes, lifespan=lifespan)  # type: ignore[arg-type]
        self._number = -1
        self._first: frozenset[str | None] = frozenset()
        self._second: frozenset[str | None] = frozenset()
        self._few: dict[Parts, Router] = {}

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope.get("root_path"):
            await super().app(scope, receive, send)
        else:
            await self._of(scope["path"]).app(scope, receive, send)

    def _of(self, path: str) -> Router:
        if self._number != len(self.routes):
            self._number, self._few = len(self.routes), {}
            heads = [_parts(one) for one in self.routes]
            self._first, self._second = (frozenset(each[at] for each in heads) for at in (0, 1))
        first, second = (*path.split("/", 3)[1:3], "")[:2] if path.startswith("/") else ("", "")
        parts = (first if first in self._first else None, second if second in self._second else None)
        if parts not in self._few:
            self._few[parts] = Router([one for one in self.routes if _may_be(_parts(one), parts)])
        return self._few[parts]


def _parts(route: BaseRoute) -> Parts:
    """What the first two parts of a path must be for this route."""
    told = [None if not one or "{" in one else one for one in getattr(route, "path", "").split("/")[1:3]]
    first, second = (*told, None, None)[:2]
    return first, second


def _may_be(route: Parts, path: Parts) -> bool:
    return all(mine in (None, its) for mine, its in zip(route, path, strict=True))
