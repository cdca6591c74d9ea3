"""The licenses that a project's code had, for its page: newest first, with the last commit that was free.

Pure. The entries come from the fact `license.history`, whose values come from a repository: they are cut and cleaned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.licenses import expressions
from catalog.publication.model import PublicProject
from catalog.store.core.read_models import Mirror
from forge.git.objects import is_oid
from forge.web.code.access import address_of, visible_text

SHOWN = 12  # entries; all of them are on the page of facts
PATH_CHARACTERS = 100


@dataclass(frozen=True)
class PastLicense:
    """A license since a change. `address` is the change in our pages of code, "" where those do not show it."""

    at: datetime | None
    license: expressions.ExpressionInWords | None  # None: nobody could name it
    free: bool | None
    path: str
    commit: str
    address: str
    gone: bool = False  # no license file is left


@dataclass(frozen=True)
class LicensePast:
    """`until` says why the code is served up to `last_free` only, "" where that is not so: "not-free", "gone" (no
    license file is left), "unsure" (nobody can tell the license there is now), "part" (a doubt about some files).
    `since` is when that began, as far as is known.
    """

    entries: tuple[PastLicense, ...]  # newest first
    left_out: int
    until: str
    since: datetime | None
    last_free: str
    last_free_address: str


def license_past_of(project: PublicProject) -> LicensePast | None:
    """The past licenses of a project; None as below."""
    history = project.chosen.get("license.history")
    return license_past(history.value if history else None, project.mirror, project.record.slug)


def license_past(history: Any, mirror: Mirror | None, slug: str) -> LicensePast | None:
    """The past licenses for the page; None where the license never changed, as far as is known.

    `history` is the value of the fact, None where there is none.
    """
    steps = [step for step in history if isinstance(step, Mapping)] if isinstance(history, list | tuple) else []
    free_now = bool(mirror and mirror.may_serve)
    closed = mirror is not None and mirror.decided is False  # by a moderator: then no code is served
    last = (mirror.free_commit or "") if mirror and not free_now and not closed else ""
    until, since = _why_not_served(steps, mirror.free) if mirror and last else ("", None)
    if len(steps) < 2 and not until:
        return None
    # Where code is served up to a commit only, the pages of code show the changes up to the last free one.
    open_until = len(steps) if free_now else _last_free(steps) if until else -1
    drawn = [_past_license(step, slug, place <= open_until) for place, step in enumerate(steps)]
    return LicensePast(
        entries=tuple(reversed(drawn[-SHOWN:])),
        left_out=max(0, len(drawn) - SHOWN),
        until=until,
        since=since,
        last_free=last if until else "",
        last_free_address=address_of(slug, "tree", last) if until and is_oid(last) else "",
    )


def _why_not_served(steps: list[Mapping[str, Any]], free: bool | None) -> tuple[str, datetime | None]:
    """Value of `LicensePast.until`, and since when. `free`: whether the whole tree of the head is free, None if unsure.

    Only a license that is not free, or none at all, is a change.
    """
    if free or not any(step.get("free") is True for step in steps):  # free, but closed by a moderator
        return "", None
    later = steps[_last_free(steps) + 1 :]
    refused = next((step for step in later if step.get("free") is False), None)
    if refused or free is False:
        return "not-free", _parsed_time(refused.get("at")) if refused else None
    if not later:
        return "part", None
    if later[-1].get("gone") is True:
        return "gone", _parsed_time(later[-1].get("at"))
    return "unsure", _parsed_time(later[0].get("at"))


def _last_free(steps: list[Mapping[str, Any]]) -> int:
    return max(place for place, step in enumerate(steps) if step.get("free") is True)


def _past_license(step: Mapping[str, Any], slug: str, is_open: bool) -> PastLicense:
    commit = step.get("commit")
    commit = commit if isinstance(commit, str) and is_oid(commit) else ""
    free = step.get("free")
    path = step.get("path")
    return PastLicense(
        at=_parsed_time(step.get("at")),
        license=_described(step.get("license")),
        free=free if isinstance(free, bool) else None,
        path=visible_text(path)[:PATH_CHARACTERS] if isinstance(path, str) else "",
        commit=commit,
        address=address_of(slug, "commit", commit) if commit and is_open else "",
        gone=step.get("gone") is True,
    )


def _described(expression: Any) -> expressions.ExpressionInWords | None:
    try:
        return expressions.expression_in_words(expression) if isinstance(expression, str) else None
    except ValueError:
        return None


def _parsed_time(at: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
