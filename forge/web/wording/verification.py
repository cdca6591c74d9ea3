"""What proofs are called on pages: ways, states, why one was not found. Tables of sentences; nothing is decided."""

from collections.abc import Mapping
from datetime import datetime

from catalog.rules.verification import FIRST_ANSWER_WAITED, GRACE, OPEN, PROVEN, SOUGHT_FOR, Proof
from forge.i18n.languages import mark

WAYS: Mapping[str, tuple[str, str]] = {  # as they are offered: what it is, what one needs
    "file": (mark("By a file"), mark("You can add a small file where its code or its website is kept.")),
    "dns": (mark("By a DNS record"), mark("You can add a TXT record to the domain of its website.")),
    "link": (mark("By a link"), mark("You can add a link to its website’s first page.")),
    "address": (mark("By your e-mail address"), mark("Your address is at the domain of its website.")),
    "word": (mark("None of these is possible"), mark("Tell us how we can know. A person reads it.")),
}
KEPT: Mapping[str, str] = {  # as the project's page says it
    "file": mark("by a file in its code"),
    "dns": mark("by a DNS record of its domain"),
    "link": mark("by a link on its website"),
    "address": mark("by an e-mail address at its domain"),
    "network-confirmed": mark("by a moderator who asked"),
}
SPOKEN: Mapping[str, str] = {  # as an organization's page says it
    **KEPT,
    "file": mark("by a file on its website"),
}
STATES: Mapping[str, str] = {
    "new": mark("Not looked for yet"),
    "looking": mark("We are looking"),
    "open": mark("Not found yet: we look again in an hour, then less often, for 7 days, and write to you"),
    "stopped": mark("Not found in 7 days: we stopped looking"),
    "proven": mark("Proven"),
    "lost": mark("It was proven, and we no longer find it. Your rights stay for 30 days"),
    "over": mark("It was proven once, and is no longer"),
}
REASONS: Mapping[str, str] = {
    "no-file": mark("The file is not there."),
    "no-line": mark("The file is there, without this line."),
    "no-copy": mark("We have no copy of the code yet."),
    "no-record": mark("The domain has no such record. Some take a day to be seen everywhere."),
    "no-link": mark("The page has no such link."),
    "no-page": mark("The page is not there."),
    "no-answer": mark("Nobody answered us, or the answer was too long."),
    "elsewhere": mark("It leads to another website."),
    "refused": mark("We may not visit this address."),
    "no-place": mark("Its website is another one now, or none."),
    "absent": mark("It is not there."),
}


def state_of(verification: Proof, now: datetime) -> str:
    """A key of STATES."""
    waited = verification.asked_at is not None and (
        verification.checked_at is None or verification.checked_at < verification.asked_at
    )
    if verification.state == OPEN:
        if verification.asked_at is None:
            return "new"
        if waited and now - verification.asked_at < FIRST_ANSWER_WAITED:
            return "looking"
        return "open" if now < verification.asked_at + SOUGHT_FOR else "stopped"
    if verification.state == PROVEN:
        return "proven"
    return "lost" if verification.lost_at is not None and now < verification.lost_at + GRACE else "over"
