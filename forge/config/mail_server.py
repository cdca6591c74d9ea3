"""Parses the address of a mail server, as an operator writes it: `smtp://user:password@host:587`, `smtps://…` for TLS
from the start, `?from=` for the address that messages come from.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from catalog.rules.person import normalized_address

PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    secure: bool
    user: str | None
    password: str | None = field(repr=False)


def sender_address(url: str) -> str | None:
    """Return the address that `?from=` of a server's address names. Raises ValueError for an invalid one."""
    address = parse_qs(urlsplit(url).query).get("from", [""])[0]
    if address and normalized_address(address) is None:
        raise ValueError("write ?from= and an e-mail address, such as ?from=catalog@example.org")
    return normalized_address(address) if address else None


def parse_mail_server(url: str) -> MailServer:
    """Return the server of an address. Raises ValueError, saying what to write, for one that cannot be read."""
    advice = "write an address such as smtp://user:password@mail.example.org:587"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # whose text may hold a part of the password
        raise ValueError(advice) from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.fragment:
        raise ValueError(advice)
    sender_address(url)
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        secure=parts.scheme == "smtps",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
