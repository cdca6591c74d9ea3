"""The address of a database, as FORGE_DATABASE holds it. It opens nothing."""

from contextlib import suppress

from sqlalchemy import URL, exc
from sqlalchemy.engine import make_url

BACKENDS = ("sqlite", "postgresql")


def parsed(url: str) -> URL:
    """The parts of an address. Raises ValueError with what to write, and nothing of `url`.

    A mistyped one may have a part of its password anywhere. With an @ in the password that part is taken for the host,
    whose name the database's driver tells when it finds none.
    """
    with suppress(ValueError, exc.ArgumentError):
        address = make_url(url)
        if address.get_backend_name() in BACKENDS and "@" not in (address.host or ""):
            return address
    raise ValueError("write postgresql://user:password@host/name, with %40 for an @ in the password, or sqlite:///path")
