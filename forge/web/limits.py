"""How often one address or one network may do something, and whom a request counts for. The counting is the store's.

A network is an IPv4 /24 or an IPv6 /48, as providers give them to one household or organization; it is kept only as a
keyed digest, for 14 days.
"""

import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request

from forge.secret import keyed
from forge.web.render import now_of

PREFIX = {4: 24, 6: 48}


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts in each window of `per`."""

    action: str
    most: int
    per: timedelta


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIGN_IN_ADDRESS = Limit("sign-in-address", 5, HOUR)
SIGN_IN_NETWORK = Limit("sign-in-network", 30, HOUR)
LINK_NETWORK = Limit("link-network", 60, HOUR)
INVITATION_NETWORK = Limit("invitation-network", 60, HOUR)


def within(request: Request, limit: Limit, subject: str) -> bool:
    """Count an attempt; whether it is within the limit. `subject` is kept as a keyed digest only."""
    state = request.app.state
    key = keyed(state.secret, f"{limit.action} {subject}")
    kept: bool = state.store.limits.take(limit.action, key, most=limit.most, per=limit.per, now=now_of(request))
    return kept


def network_within(request: Request, limit: Limit) -> None:
    """Count an attempt for the reader's network. Raises HTTPException 429 beyond the limit."""
    if not within(request, limit, network_of(request)):
        raise HTTPException(429, headers={"Retry-After": str(int(limit.per.total_seconds()))})


def network_of(request: Request) -> str:
    """The network that a request came from; what is no address (a test, a socket) is one network."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address, PREFIX[address.version]), strict=False))
