"""Labels of verifications on pages: methods, states, why one was not found."""

from collections.abc import Mapping
from datetime import datetime

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.verification import FIRST_ANSWER_WAITED, GRACE, OPEN, SOUGHT_FOR, VERIFIED, Verification
from catalog.sentences import mark

METHODS: Mapping[str, tuple[str, str]] = {  # as they are offered: what it is, what one needs
    "file": (mark("With a file"), mark("Add a small file to the code or the website.")),
    "dns": (mark("With a DNS record"), mark("Add a TXT record to the domain of the website.")),
    "link": (mark("With a link"), mark("Add a link to the home page of the website.")),
    "address": (mark("With your e-mail address"), mark("Your address is at the domain of its website.")),
    "word": (mark("None of these is possible"), mark("Tell us how we can verify it. A moderator will read it.")),
    "moderator": (mark("By a moderator"), mark("A moderator checked it.")),
}
_HOW: Mapping[str, str] = {
    "file": mark("by a file in its code"),
    "dns": mark("by a DNS record of its domain"),
    "link": mark("by a link on its website"),
    "address": mark("by an e-mail address at its domain"),
    "moderator": mark("by a moderator who checked"),
}
# As the page of a record of this kind says it.
HOW: Mapping[str, Mapping[str, str]] = {
    PROJECT: _HOW,
    ORGANIZATION: {**_HOW, "file": mark("by a file on its website")},
}
STATES: Mapping[str, str] = {
    "new": mark("Not checked yet"),
    "looking": mark("Check in progress"),
    "open": mark("Not found yet: we check again in an hour, then less often for 7 days, and will write to you"),
    "stopped": mark("Not found in 7 days: we have stopped checking"),
    "verified": mark("Verified"),
    "lost": mark("Verified before, but no longer found. Your rights remain for 30 days"),
    "over": mark("Verified in the past, no longer valid"),
}
REASONS: Mapping[str, str] = {
    "no-file": mark("The file was not found."),
    "no-line": mark("The file does not contain this line."),
    "no-copy": mark("We have no copy of the code yet."),
    "no-record": mark("The domain has no such record. It can take a day to be visible everywhere."),
    "no-link": mark("The page has no such link."),
    "no-page": mark("The page was not found."),
    "no-answer": mark("No answer, or the answer was too long."),
    "elsewhere": mark("It redirects to another website."),
    "refused": mark("This address does not allow automatic visits."),
    "no-place": mark("Its website has changed or was removed."),
    "absent": mark("Not found."),
}


def state_of(verification: Verification, now: datetime) -> str:
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
    if verification.state == VERIFIED:
        return "verified"
    return "lost" if verification.lost_at is not None and now < verification.lost_at + GRACE else "over"


def management_path(kind: str, slug: str) -> str:
    """The page from which the members of a record manage it, below the language."""
    return f"/projects/{slug}/keep" if kind == PROJECT else f"/organizations/{slug}/speakers"
