"""Persons, their sessions and links, and e-mail addresses in the one form in which they are compared. Pure.

An address is compared as typed but for the case of its domain (RFC 5321, section 2.4) and of its local part, which no
known mailbox provider distinguishes. Letters beyond ASCII are accepted in a domain alone.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.rules.registrable_domain import ascii_domain

MAX_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
ADMINISTRATOR = "administrator"
ROLES = ("moderator", ADMINISTRATOR)
# Kind of an organization of one person, who is a person in law: it is named on our pages and in no file that leaves
# from here, and it translates for others under no name.
SELF_EMPLOYED = "self-employed"

# Less than RFC 5322 allows: "%" and "!" carry a route to another host ("eva%evil.example@coop.example"), which mail
# servers follow for domains of their own; "=?" begins an encoded word, whose content programs unpack into another
# address. https://www.postfix.org/postconf.5.html#allow_percent_hack
_LOCAL = re.compile(r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9#$&'*+/=?^_`{|}~-]+)*")
_ENCODED = "=?"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Person:
    """A person who opened a link. `email` is shown only on this person's own pages and used for messages to them."""

    id: UUID
    email: str
    language: str
    role: str | None  # one of ROLES
    speaks_for: tuple[UUID, ...] = ()  # organizations
    keeps: tuple[UUID, ...] = ()  # projects


@dataclass(frozen=True)
class Session:
    id: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Link:
    """The link of a message: its `purpose`, and the data for it."""

    id: str
    purpose: str
    email: str
    argument: dict[str, str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


def normalized_address(text: str) -> str | None:
    """An e-mail address as it is stored; None for other texts. Quoted local parts, IP literals, routes to another host
    and encoded words are refused.

    >>> normalized_address(" Ana.Silva@Exemplo.PT ")
    'ana.silva@exemplo.pt'
    """
    local, at, host = text.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local) or _ENCODED in local:
        return None
    domain = ascii_domain(host)
    if domain is None:
        return None
    labels = domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    whole = f"{local.lower()}@{domain}"
    return whole if len(whole) <= MAX_EMAIL else None
