"""Parse the address of a database, as FORGE_DATABASE holds it."""

from sqlalchemy import URL, exc
from sqlalchemy.engine import make_url

BACKENDS = ("sqlite", "postgresql")


def parse_database_url(url: str) -> URL:
    """The parts of an address. Raises ValueError that says what to write, without any part of `url`.

    In a mistyped address a part of the password may be anywhere. With an @ in the password a part of it is taken for
    the host, whose name the driver prints when it finds no such host.
    """
    advice = "write postgresql://user:password@host/name, with %40 for an @ in the password, or sqlite:///path"
    try:
        address = make_url(url)
    except (ValueError, exc.ArgumentError):
        raise ValueError(advice) from None
    if address.get_backend_name() not in BACKENDS:
        raise ValueError(f"{address.get_backend_name()} is neither sqlite nor postgresql; {advice}")
    if "@" in (address.host or ""):
        raise ValueError(advice)
    return address
