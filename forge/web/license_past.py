"""The licenses that a project's code had, as its page tells them: newest first, with the change that was free last.

Pure. The entries come from the fact `license.history`, whose values a repository decided: they are cut and cleaned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog import licenses
from catalog.store.views import Mirror
from forge.git.objects import is_oid
from forge.web.source import address_of, said

SHOWN = 12  # entries; all of them are on the page of facts
PATH_CHARACTERS = 100


@dataclass(frozen=True)
class PastLicense:
    """A license since a change. `address` is the change in our pages of code, "" where those do not show it."""

    at: datetime | None
    license: licenses.Described | None  # None: nobody could name it
    free: bool | None
    path: str
    commit: str
    address: str


@dataclass(frozen=True)
class LicensePast:
    """`lost`: it was free, and what is there now is not known to be; `last_free` is then the last free commit."""

    entries: tuple[PastLicense, ...]  # newest first
    left_out: int
    lost: bool
    last_free: str
    last_free_address: str


def license_past(history: Any, mirror: Mirror | None, slug: str) -> LicensePast | None:
    """What the page tells of the past; None where the license never changed, as far as is known.

    `history` is the value of the fact, None where there is none.
    """
    steps = [one for one in history if isinstance(one, Mapping)] if isinstance(history, list | tuple) else []
    free_now = bool(mirror and mirror.may_serve)
    last = (mirror.free_commit or "") if mirror and not free_now else ""
    lost = bool(last) and any(one.get("free") is True for one in steps)
    if len(steps) < 2 and not lost:
        return None
    # Of a project whose code is served up to a commit only, what is free before the last change is up to there.
    open_until = len(steps) if free_now else _last_free(steps) if lost else -1
    drawn = [_drawn(one, slug, place <= open_until) for place, one in enumerate(steps)]
    return LicensePast(
        entries=tuple(reversed(drawn[-SHOWN:])),
        left_out=max(0, len(drawn) - SHOWN),
        lost=lost,
        last_free=last if lost else "",
        last_free_address=address_of(slug, "tree", last) if lost and is_oid(last) else "",
    )


def _last_free(steps: list[Mapping[str, Any]]) -> int:
    return max(place for place, one in enumerate(steps) if one.get("free") is True)


def _drawn(one: Mapping[str, Any], slug: str, is_open: bool) -> PastLicense:
    commit = one.get("commit")
    commit = commit if isinstance(commit, str) and is_oid(commit) else ""
    free = one.get("free")
    path = one.get("path")
    return PastLicense(
        at=_time(one.get("at")),
        license=_described(one.get("license")),
        free=free if isinstance(free, bool) else None,
        path=said(path)[:PATH_CHARACTERS] if isinstance(path, str) else "",
        commit=commit,
        address=address_of(slug, "commit", commit) if commit and is_open else "",
    )


def _described(expression: Any) -> licenses.Described | None:
    try:
        return licenses.describe(expression) if isinstance(expression, str) else None
    except ValueError:
        return None


def _time(at: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None
