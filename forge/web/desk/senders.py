"""What moderators see of the sender of a submission: never a name or an address of a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.registrable_domain import is_address_at, registrable_domain
from catalog.sentences import mark
from catalog.store.moderation.queue import Case

SENDERS: Mapping[str, str] = {
    PROJECT: mark("From a verified maintainer"),
    ORGANIZATION: mark("From a verified representative"),
    "address": mark("From a person with a confirmed e-mail address"),
    "nobody": mark("From a person who left no address"),
}


@dataclass(frozen=True)
class ShownSender:
    """The sender of something, as moderators see it without naming a person: one of SENDERS, the organization that they
    speak of, its domain, and whether their address is there; None where that tells nothing."""

    who: str
    organization: str | None
    domain: str | None
    at_domain: bool | None


def shown_sender(case: Case, standing: str | None) -> ShownSender | None:
    """The sender of a waiting submission; None where no person sent it."""
    sender = case.sender
    if sender is None:
        return None
    who = standing or ("address" if sender.email else "nobody")
    at_domain = is_address_at(sender.email, sender.website)
    domain = registrable_domain(sender.website) if sender.website and at_domain is not None else None
    return ShownSender(SENDERS[who], sender.organization, domain, at_domain)
