"""What a download that did not end well tells: the outcome and one sentence, out of what git said. It runs nothing."""

import signal

from forge.addresses import N_
from forge.git.runner import Ran
from forge.git.visits import Outcome, Visit

BROKEN = N_("The download failed.")
# In the order in which git's messages are looked through; the first that fits is the outcome.
_FAULTS: tuple[tuple[tuple[str, ...], Outcome, str], ...] = (
    (("signal 25", "File too large"), "too_large", N_("The repository is larger than this catalogue allows.")),
    (("No space left",), "failed", N_("The disk of this catalogue is full.")),
    (("Authentication failed", "could not read Username"), "password", N_("The origin asks for a password.")),
    (
        ("fsck error", "invalid index-pack output", "index-pack failed", "out of memory", "Out of memory", "alloc"),
        "refused",
        N_("The repository's content is damaged or dangerous, so it was not copied."),
    ),
)


def fault_of(ran: Ran) -> Visit:
    """The outcome and the sentence of a download that git, or we, ended."""
    if ran.stopped in ("size", "output") or ran.status == -signal.SIGXFSZ:
        return Visit("too_large", _FAULTS[0][2], detail=ran.err)
    if ran.stopped == "room":
        return Visit("failed", _FAULTS[1][2], detail=ran.err)
    if ran.stopped or ran.status == -signal.SIGXCPU:
        return Visit("failed", N_("The download took too long and was stopped."), detail=ran.err)
    for words, outcome, reason in _FAULTS:
        if any(word in ran.err for word in words):
            return Visit(outcome, reason, detail=ran.err)
    return Visit("failed", BROKEN, detail=ran.err)
