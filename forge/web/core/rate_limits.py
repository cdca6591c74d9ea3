"""Limits how often one person or one network may do something. The store counts.

Each form has its row in LIMITS. Signed-in people count for themselves, everybody else for their network: an IPv4 /24 or
an IPv6 /48, as providers give them to one household or organization. Both are kept only as keyed digests, for 14 days.
"""

import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forge.security.secret import keyed_digest
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of, typed_and_pressed

PREFIX = {4: 24, 6: 48}
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
NOTED_EVERY = timedelta(days=1)

log = logging.getLogger("forge.limits")


@dataclass(frozen=True)
class AttemptLimit:
    """At most `most` attempts in each window of `per`."""

    action: str
    most: int
    per: timedelta


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGN_IN_NETWORK = AttemptLimit("sign-in-network", 30, HOUR)
LINK_NETWORK = AttemptLimit("link-network", 60, HOUR)
DEFAULT_LIMIT = AttemptLimit("unnamed", 60, HOUR)  # of a form that has no row yet

# By the name of the form's route in `forge.routes`.
LIMITS: Mapping[str, AttemptLimit] = {
    limit.action: limit
    for limit in (
        AttemptLimit("sign-in-send", 30, HOUR),  # each may bring a message
        AttemptLimit("sign-in-use", 60, HOUR),
        AttemptLimit("sign-out", 60, HOUR),
        AttemptLimit("submission-status-change", 60, HOUR),
        AttemptLimit("correction-send", 60, HOUR),  # each may bring a message
        AttemptLimit("verification-begin", 30, HOUR),
        AttemptLimit("verification-look", 60, HOUR),  # each makes us contact another host
        AttemptLimit("project-pictures-change", 30, HOUR),  # each starts a process
        AttemptLimit("organization-pictures-change", 30, HOUR),
        AttemptLimit("project-manage-change", 60, HOUR),  # each may bring a message
        AttemptLimit("organization-manage-change", 60, HOUR),  # each may bring a message
        AttemptLimit("maintainer-reply-end", 60, HOUR),
        AttemptLimit("calls-send", 30, HOUR),  # each may bring a message
        AttemptLimit("call-manage-change", 60, HOUR),
        AttemptLimit("obstacle-send", 20, HOUR),
        AttemptLimit("contact-send", 20, HOUR),
        AttemptLimit("obstacle-answer", 60, HOUR),
        AttemptLimit("adoption-begin", 60, HOUR),
        AttemptLimit("adoption-step-send", 300, HOUR),  # the last of them may bring a message
        AttemptLimit("unlisting-send", 30, HOUR),  # each may bring a message
        AttemptLimit("adoption-away-send", 30, HOUR),  # each may bring a message
        AttemptLimit("adoption-change", 120, HOUR),
        AttemptLimit("contributors-send", 60, HOUR),  # each may bring a message
        AttemptLimit("registration-begin", 60, HOUR),
        AttemptLimit("registration-press", 120, HOUR),
        AttemptLimit("registration-answer", 300, HOUR),  # a dozen questions each, and what is typed wrong
        AttemptLimit("follow-send", 30, HOUR),  # each may bring a message
        AttemptLimit("follow-confirm", 60, HOUR),
        AttemptLimit("unsubscribe-press", 300, HOUR),
        AttemptLimit("adoption-reconfirmation-answer", 60, HOUR),
        AttemptLimit("experience-send", 60, HOUR),  # each may bring a message
        AttemptLimit("experience-answer", 60, HOUR),
        AttemptLimit("question-send", 20, HOUR),  # each may bring a message
        AttemptLimit("question-change", 60, HOUR),
        AttemptLimit("account-questions-change", 60, HOUR),
        AttemptLimit("account-change", 120, HOUR),
        AttemptLimit("account-deleted", 10, HOUR),
        AttemptLimit("desk-project-decide", 300, HOUR),
        AttemptLimit("desk-revert-decide", 300, HOUR),
        AttemptLimit("desk-group-decide", 300, HOUR),
        AttemptLimit("desk-draft-publish", 300, HOUR),
        AttemptLimit("desk-organization-add", 300, HOUR),
        AttemptLimit("desk-collection-change", 300, HOUR),
        AttemptLimit("desk-people-change", 60, HOUR),  # each may bring a message
        AttemptLimit("desk-erase-send", 60, HOUR),
        AttemptLimit("desk-submission-decide", 300, HOUR),
        AttemptLimit("desk-merge-chosen", 300, HOUR),
        AttemptLimit("desk-merge-decide", 300, HOUR),
        AttemptLimit("desk-separate-send", 300, HOUR),
        AttemptLimit("desk-organization-decide", 300, HOUR),
        AttemptLimit("desk-case-decide", 300, HOUR),
        AttemptLimit("account-api-tokens-change", 30, HOUR),
        # By the interface; reading has a limit of its own.
        AttemptLimit("api-declarations", 60, HOUR),
        AttemptLimit("api-declaration", 120, HOUR),
        AttemptLimit("api-declaration-send", 60, HOUR),
        AttemptLimit("desk-peer-decide", 300, HOUR),
    )
}


def count_attempt(request: Request, action: str) -> None:
    """Count an attempt at a form for its sender. Raises HTTPException 429 beyond its limit."""
    limit = LIMITS.get(action) or replace(DEFAULT_LIMIT, action=action[:32])
    someone = person_of(request)
    if someone is None:
        count_network(request, limit)
    elif not count_within(request, limit, f"person {someone.id}"):
        raise _too_often_error(limit)


def count_within(request: Request, limit: AttemptLimit, subject: str) -> bool:
    """Count an attempt; return whether it is within the limit. `subject` is kept as a keyed digest only."""
    state = request.app.state
    key = keyed_digest(state.secret, f"{limit.action} {subject}")
    is_within: bool = state.store.rate_limits.allow(
        limit.action, key, most=limit.most, per=limit.per, now=now_of(request)
    )
    return is_within


def count_many(request: Request, limit: AttemptLimit, subject: str, number: int) -> int:
    """Count `number` attempts; return how many there are in the running window with these."""
    state = request.app.state
    key = keyed_digest(state.secret, f"{limit.action} {subject}")
    total: int = state.store.rate_limits.add(limit.action, key, number, per=limit.per, now=now_of(request))
    return total


def count_network(request: Request, limit: AttemptLimit) -> None:
    """Count an attempt for the reader's network. Raises HTTPException 429 beyond the limit."""
    note_unnamed_proxy(request)
    if not count_within(request, limit, network_of(request)):
        raise _too_often_error(limit)


def network_of(request: Request) -> str:
    """Return the network that a request came from; what is no address (a test, a socket) is one network."""
    address = _client_address(request)
    if address is None:
        return "unknown"
    return str(ipaddress.ip_network((address, PREFIX[address.version]), strict=False))


def note_unnamed_proxy(request: Request) -> None:
    """Log and note for `forge doctor` what looks like a proxy that FORGE_PROXIES does not name: all its readers are
    one network to us. No limit changes, because every reader in a private network can write these headers too.
    """
    if request.app.state.proxies or not any(name in request.headers for name in FORWARDED):
        return
    address = _client_address(request)
    if address is None or address.is_global:
        return
    state, now = request.app.state, now_of(request)
    if state.proxy_noted_at is None or now - state.proxy_noted_at >= NOTED_EVERY:
        if state.proxy_noted_at is None:
            log.warning(
                "A proxy at %s forwards requests, and FORGE_PROXIES does not name it: all readers count as one "
                "network. Set FORGE_PROXIES to the proxy's address.",
                address,
            )
        state.proxy_noted_at = now
        state.store.note_proxy(str(address), now=now)


def too_often_page(request: Request, error: HTTPException) -> Response:
    """Draw the page beyond a limit, with all that was typed, to be sent again later."""
    typed, pressed = typed_and_pressed(request)
    seconds = int((error.headers or {}).get("Retry-After", "60"))
    return make_private(
        page(
            request,
            "base/too-often.html",
            429,
            fields=[*typed, *pressed],
            minutes=max(1, -(-seconds // 60)),
            action=request.url.path,
            noindex=True,
        )
    )


def _too_often_error(limit: AttemptLimit) -> HTTPException:
    return HTTPException(429, headers={"Retry-After": str(int(limit.per.total_seconds()))})


def _client_address(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
