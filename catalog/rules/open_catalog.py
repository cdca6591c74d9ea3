"""The Open Catalog API: its kinds of records, and addresses as it compares them. Pure: texts only.

An address is normalized before it is stored or looked up, so that two spellings of one are the same.
"""

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

SOFTWARE, PUBLISHERS, CATALOGS, BUNDLES, WEBHOOKS = "software", "publishers", "catalogs", "bundles", "webhooks"
CREATE, UPDATE, DELETE = "create", "update", "delete"
EVENT_TYPES = (CREATE, UPDATE, DELETE)
ROOT = "\u2205"  # the name of the catalog that holds all the others
OWN_NAMESPACE = "forge"  # the namespace of an analysis that only this catalogue writes
SCHEMES = ("http", "https", "git", "ssh", "svn")
MAX_URL = 255

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")


def normalized_url(url: str) -> str:
    """The one spelling of an address; a text that is no address is returned as it is.

    Scheme and host in lower case, without default port, "www.", dot segments and a slash at the end.

    >>> normalized_url("HTTPS://www.Example.org:443/a/../b/")
    'https://example.org/b'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return url
    if not parts.scheme or not host:
        return url
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    user, at, _ = parts.netloc.rpartition("@")
    bare = f"[{host}]" if ":" in host else host
    is_default = port is None or port == _PORTS.get(parts.scheme)
    place = f"{user}{at}{bare}{'' if is_default else f':{port}'}"
    path = _ESCAPE.sub(lambda escape: escape[0].upper(), _remove_dot_segments(parts.path).rstrip("/"))
    return urlunsplit((parts.scheme, place, path, parts.query, parts.fragment))


def parse_id(text: str) -> UUID | None:
    """The UUID that a text is; None for another text, also where it only resembles one."""
    try:
        parsed = UUID(text)
    except ValueError:
        return None
    return parsed if str(parsed) == text.lower() else None


def _remove_dot_segments(path: str) -> str:
    """Remove dot segments from a path: https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4"""
    remaining: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "..":
            if len(remaining) > 1:
                remaining.pop()
        elif segment != ".":
            remaining.append(segment)
        if last and segment in (".", ".."):
            remaining.append("")
    return "/".join(remaining)


def is_url(text: str) -> bool:
    """Whether it is an address of code: a known scheme and a host, no invisible characters, and no password: everybody
    reads what is posted."""
    if _UNSEEN.search(text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
        parts.port  # noqa: B018  raises for what is no port
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(host) and parts.password is None


def is_web(text: str) -> bool:
    """Whether it is a web address."""
    return is_url(text) and urlsplit(text).scheme in _PORTS


def is_public(text: str) -> bool:
    """Whether a web address names a host that others can find: a name with dots, and no number."""
    host = (urlsplit(text).hostname or "").rstrip(".")
    try:
        ipaddress.ip_address(host)
        return False
    except ValueError:
        labels = host.split(".")
    return len(host) <= 253 and len(labels) > 1 and all(map(_LABEL.match, labels)) and not labels[-1].isdigit()
