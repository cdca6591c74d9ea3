"""Reads the TXT records of a domain, in a bounded time.

The system's own resolver is the operator's and used as it is; one that is given must be at an address that
`forge.security.safe_http` allows. dnspython, which takes 2 MB, is read with the first question.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from forge.security.safe_http import AddressRules, is_public

if TYPE_CHECKING:
    from dns.resolver import Resolver

MAX_RECORDS = 100
MAX_CHARACTERS = 500  # of a record: ours are short


class DnsSilent(Exception):
    """No server answered in time, or none may be asked: nothing is known of the domain."""


@dataclass(frozen=True)
class TxtLookup:
    """`nameservers`: addresses to ask instead of the system's; all at `port`."""

    addresses: AddressRules
    nameservers: Sequence[str] = ()
    port: int = 53
    seconds: float = 5.0

    def texts(self, domain: str) -> list[str]:
        """The TXT records of a domain itself, at most MAX_RECORDS; none where the domain does not exist.

        The target of an alias belongs to somebody else and is left out. Raises DnsSilent.
        """
        import dns.exception
        import dns.name
        import dns.resolver

        try:
            name = dns.name.from_text(domain)
            answer = self._resolver().resolve(name, "TXT", lifetime=self.seconds, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError) as fault:
            raise DnsSilent(f"{domain}: {type(fault).__name__}") from fault
        if answer.canonical_name != name:
            return []
        records = (b"".join(record.strings) for record in islice(answer, MAX_RECORDS))
        return [record[:MAX_CHARACTERS].decode("utf-8", "replace") for record in records]

    def _resolver(self) -> "Resolver":
        from dns.resolver import Resolver

        if not self.nameservers:
            return Resolver()
        for nameserver in self.nameservers:
            address = ipaddress.ip_address(nameserver)
            if not (is_public(address) or self.addresses.allowed(address)):
                raise DnsSilent(f"{nameserver} may not be asked")
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = list(self.nameservers), self.port
        return resolver
