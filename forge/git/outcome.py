"""Data types of a visit: what one attempt to bring a mirror up to date found."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal[
    "full",  # the mirror shows what the origin shows
    "unchanged",  # nothing new since the last full or partial visit
    "partial",  # brought up to date but for what `warnings` name
    "empty",  # a repository without commits
    "not_found",
    "password",
    "refused",  # our rules forbid to contact it, or its content
    "too_large",
    "failed",  # no or no sensible answer, or it took too long
    "busy",  # another visit of this mirror is under way
]
Kind = Literal["created", "advanced", "rewritten", "deleted", "refused"]


@dataclass(frozen=True)
class RefMove:
    """One ref that moved at the origin. `old` is "" when created, `new` is "" when deleted."""

    ref: str  # surrogateescape where the name is not UTF-8
    old: str
    new: str
    kind: Kind


@dataclass(frozen=True)
class MirrorUpdate:
    """One attempt. `reason` and `warnings` are English sentences (msgids), free of the origin's text."""

    outcome: Outcome
    reason: str = ""
    url: str = ""  # the address that answered
    moved_from: str = ""  # the address asked for, when a redirect led elsewhere
    moved_for_good: bool = True  # the redirect is a permanent one
    address: str = ""  # the IP address contacted
    size_bytes: int = 0  # downloaded
    changes: tuple[RefMove, ...] = ()
    head: str = ""  # the default branch, a full ref name
    head_oid: str = ""
    digest: str = ""
    withheld: int = 0  # branches and tags that vanished at the origin and stay here until a person decides
    discontinued: bool = False  # the new default branch shares no commit with the old one
    warnings: tuple[str, ...] = ()
    detail: str = ""  # what git printed: for operators, never for pages
    retry_after_seconds: int | None = None  # the host asked for a pause
    repaired: bool = False  # a new mirror took the place of a damaged one
    lost: int = 0  # names of the damaged one whose objects nobody has any more
    upkeep_due: bool = False  # call forge.git.maintenance.maintain when there is time
