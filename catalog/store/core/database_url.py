"""The address of a database, as FORGE_DATABASE holds it. It opens nothing."""

from sqlalchemy import URL, exc
from sqlalchemy.engine import make_url

BACKENDS = ("sqlite", "postgresql")


def parsed(url: str) -> URL:
    """The parts of an address. Raises ValueError with what to write, and nothing of `url`.

    A mistyped one may have a part of its password anywhere. With an @ in the password that part is taken for the host,
    whose name the database's driver tells when it finds none.
    """
    wanted = "write postgresql://user:password@host/name, with %40 for an @ in the password, or sqlite:///path"
    try:
        address = make_url(url)
    except (ValueError, exc.ArgumentError):
        raise ValueError(wanted) from None
    if address.get_backend_name() not in BACKENDS:
        raise ValueError(f"{address.get_backend_name()} is neither sqlite nor postgresql; {wanted}")
    if "@" in (address.host or ""):
        raise ValueError(wanted)
    return address
