"""Limits a number of places that several clients share, so that no single client takes them all."""

import ipaddress
import threading
from collections import Counter
from collections.abc import Callable

HOUSEHOLD = 56  # bits of an IPv6 address that name one: https://www.ripe.net/publications/docs/ripe-690, section 4.2


class ClientShares:
    """At most `places` taken at once, and of one client at most `share`. Threads and an event loop may use it alike."""

    def __init__(self, places: int, share: int):
        self.places, self.share = places, share
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def acquire(self, client: str, places: int = 1) -> Callable[[], None] | None:
        """Take places for a client (see `client_of`); returns a function that gives them back once, however often it is
        called. None where there are not enough left: this never waits."""
        with self._lock:
            if self._taken[client] + places > self.share or self._taken.total() + places > self.places:
                self._forget(client)
                return None
            self._taken[client] += places
        given_back = False

        def leave() -> None:
            nonlocal given_back
            with self._lock:
                if not given_back:
                    given_back = True
                    self._taken[client] -= places
                    self._forget(client)

        return leave

    def taken(self, client: str | None = None) -> int:
        """How many are taken: by this client, or by all."""
        with self._lock:
            return self._taken.total() if client is None else self._taken.get(client, 0)

    def _forget(self, client: str) -> None:
        if not self._taken[client]:
            del self._taken[client]


def client_of(host: str, network_bits: int = HOUSEHOLD) -> str:
    """The client whose share a connection from this address takes. For IPv6 it is a network, by default that of one
    household, because a single reader has any number of addresses in it, and of networks of one link 256; a text that
    is not an address is returned as it is.

    >>> client_of("192.0.2.7"), client_of("::ffff:192.0.2.7"), client_of("2001:db8:1:2:3::7")
    ('192.0.2.7', '192.0.2.7', '2001:db8:1::/56')
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, network_bits), strict=False))
        address = address.ipv4_mapped
    return str(address)
