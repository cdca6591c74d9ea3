"""What a moderator must decide after a reading: a license that changed or leaves open whether the source may be served;
a repository that is gone or lost most of its branches. Pure: records are compared.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from catalog.licenses import expressions
from catalog.rules.decision import WITHHELD, serving_basis
from catalog.store.core.read_models import Mirror
from catalog.store.moderation.findings import LICENSE_UNSURE
from forge.git.outcome import MirrorUpdate

CHANGED, GONE = "license-changed", "code-gone"
LOST_STATES, LOST_AFTER = ("unreachable", "password", "refused"), timedelta(days=60)
FILES = 20  # named to a moderator


class MirrorFinding(NamedTuple):
    """One thing to decide. `key` is the same whenever it is the same thing, so that nobody is asked about it twice."""

    kind: str
    key: str
    detail: Mapping[str, Any]


def finding_of_reading(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> MirrorFinding | None:
    """What differs between two observation records, or what the later one leaves open. A decision about a change is one
    about serving too."""
    return _license_change(before, after) or _unsure_license(after)


def finding_of_absence(after: Mirror, since: datetime, *, now: datetime) -> MirrorFinding | None:
    """A repository that its host says is gone, or that could not be read since `since`, for LOST_AFTER; once each
    time.
    """
    if after.state != "gone" and not (after.state in LOST_STATES and now - since >= LOST_AFTER):
        return None
    last_seen = after.last_success_at.date().isoformat() if after.last_success_at else None
    return MirrorFinding(
        GONE, last_seen or "never", {"url": after.repository, "reason": after.reason, "seen": last_seen}
    )


def finding_of_deletions(visit: MirrorUpdate) -> MirrorFinding | None:
    """Most of an origin vanished: a person is to accept what it shows now, or not."""
    if not (visit.withheld and visit.digest):
        return None
    return MirrorFinding(WITHHELD, visit.digest, {"number": visit.withheld})


def _license_change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> MirrorFinding | None:
    """A license that differs at another commit.

    A record of an older version holds what an older reader found in the files; then a difference counts only where the
    files were free and are so no more, since the source was served because of it.
    """
    if not before or before.get("commit") == after["commit"]:
        return None
    was, now = _license_of(before), _license_of(after)
    lost = before.get("free") is True and after["free"] is not True
    if before.get("version") != after["version"] and not lost:
        return None
    if was == now and not lost:
        return None
    if not lost and (was is None or (now is not None and _same_license(was, now))):
        return None  # that a reader is sure now, or sees "or later" beside the same license, is no change of license
    detail = {"before": was, "after": now, "free_before": before.get("free"), "free": after["free"]}
    detail |= {"commit_before": before.get("commit"), "commit": after["commit"]}
    return MirrorFinding(CHANGED, f"{after['commit']}", detail)


def _unsure_license(after: Mapping[str, Any]) -> MirrorFinding | None:
    """Files that leave open whether the source may be served; asked once for each state of the license files."""
    if after["free"] is not None:
        return None
    files = [
        license_file.get("file")
        for license_file in (*after.get("license_files", ()), *after.get("unidentified_license_files", ()))
    ]
    doubts = [str(doubt) for doubt in after.get("license_doubts") or ()][:FILES]
    detail = {"license": _license_of(after), "files": files[:FILES], "doubts": doubts, "commit": after["commit"]}
    return MirrorFinding(LICENSE_UNSURE, serving_basis(after), detail)


def _license_of(record: Mapping[str, Any]) -> str | None:
    value = (record.get("license") or {}).get("value")
    return str(value) if value else None


def _same_license(first: str, second: str) -> bool | None:
    try:
        return expressions.licenses_agree(first, second)
    except ValueError:  # an expression that nobody can read contradicts nothing
        return None
