"""Turns a failed download into an outcome and one sentence, from what git printed."""

import errno
import signal

from catalog.sentences import mark
from forge.git.outcome import MirrorUpdate, Outcome
from forge.git.runner import GitFailed, GitResult
from forge.security.safe_http import safe_text

BROKEN = mark("The download failed.")
SLOW = mark("The origin sends too slowly.")
SHALLOW = "shallow roots are not allowed to be updated"  # in git's words
_NO_ROOM = ("No space left", "Disk quota exceeded")
# In the order in which git's messages are looked through; the first that fits is the outcome.
_FAULTS: tuple[tuple[tuple[str, ...], Outcome, str], ...] = (
    (("signal 25", "File too large"), "too_large", mark("The repository is larger than this catalogue allows.")),
    (_NO_ROOM, "failed", mark("The disk of this catalogue is full.")),
    (("Operation too slow",), "failed", SLOW),  # curl's words; of a host that it cannot reach they are others
    (("did not send all necessary objects",), "failed", mark("The origin did not send what it names.")),
    (
        (SHALLOW,),
        "refused",
        mark("The origin holds only a part of its history, so it was not copied."),
    ),
    (("Authentication failed", "could not read Username"), "password", mark("The origin asks for a password.")),
    (
        ("fsck error", "invalid index-pack output", "index-pack failed", "out of memory", "Out of memory", "alloc"),
        "refused",
        mark("The repository's content is damaged or dangerous, so it was not copied."),
    ),
)


def visit_of_failed_run(ran: GitResult) -> MirrorUpdate:
    """The outcome and the sentence for a download that git, or this catalogue, ended."""
    if ran.stopped in ("size", "output") or ran.status == -signal.SIGXFSZ:
        return MirrorUpdate("too_large", _FAULTS[0][2], detail=ran.err)
    if ran.stopped == "room":
        return MirrorUpdate("failed", _FAULTS[1][2], detail=ran.err)
    if ran.stopped == "slow":
        return MirrorUpdate("failed", SLOW, detail=ran.err)
    if ran.stopped or ran.status == -signal.SIGXCPU:
        return MirrorUpdate("failed", mark("The download took too long and was stopped."), detail=ran.err)
    for words, outcome, reason in _FAULTS:
        if any(word in ran.err for word in words):
            return MirrorUpdate(outcome, reason, detail=ran.err)
    return MirrorUpdate("failed", BROKEN, detail=ran.err)


def is_disk_full(message: str) -> bool:
    """Whether git says that the disk is full."""
    return any(words in message for words in _NO_ROOM)


def visit_of_local_fault(fault: GitFailed | OSError) -> MirrorUpdate:
    """The outcome and the sentence where our own folder could not be written."""
    detail = safe_text(str(fault))
    if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return visit_of_failed_run(GitResult(1, b"", detail, "room"))
    if isinstance(fault, GitFailed) and is_disk_full(fault.detail):
        return visit_of_failed_run(GitResult(1, b"", detail, "room"))
    return MirrorUpdate("failed", mark("The catalogue could not write its copy."), detail=detail)
