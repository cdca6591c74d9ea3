"""Addresses and identities as the Open Catalog API spells them. Pure: texts only."""

from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

ROOT = "\u2205"  # the name of the catalog that holds all the others


def normalized_url(url: str) -> str:
    """An address of code in the API's spelling: the host in lower case without "www.", no slash at the end.

    >>> normalized_url("https://www.Example.org/a/")
    'https://example.org/a'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower().removeprefix("www."), path=parts.path.rstrip("/")))


def parse_id(text: str) -> UUID | None:
    """The UUID that a text is; None for another text, also where it only resembles one."""
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text.lower() else None
