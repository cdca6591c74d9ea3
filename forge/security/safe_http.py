"""Which remote addresses may be contacted, and one guarded HTTP exchange with them. No git is run, nothing stored.

Every remote, for git and for HTTP, goes through `AddressRules.vet` before every contact: the address is parsed
strictly, its name resolved, *all* answers judged, and the answers returned so that the connection is pinned to them.
The settings arrive as plain arguments. The attacks that the rules answer are in docs/threats.md.
"""

import contextlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from catalog.sentences import mark

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

PATH_BYTES = 512
HOPS = 5
_CHUNK = 256 << 10
RESOLVE_SECONDS = 10.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
_DEFAULT_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")

# https://www.iana.org/assignments/iana-ipv4-special-registry and its IPv6 sister, plus Azure's 168.63.129.16.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/32",
        "2001:10::/28",
        "2001:20::/28",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    ]
)
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")


class Refused(Exception):
    """This remote must not be contacted: `url`, and `reason`, a plain sentence (a msgid) without details."""

    def __init__(self, url: str, reason: str):
        super().__init__(reason)
        self.url, self.reason = url, reason


class Unresolved(Refused):
    """The host's name does not resolve now: it is not contacted, and may be another day."""


class Unreachable(Exception):
    """A permitted remote did not answer as HTTP in the time and size allowed: `url`, `reason` (a sentence)."""

    def __init__(self, url: str, reason: str):
        super().__init__(reason)
        self.url, self.reason = url, reason


class TimedOut(Unreachable):
    """A permitted remote was reached, and did not answer, or not to the end, in the time allowed."""


class IncompleteResponse(Unreachable):
    """A permitted remote was reached, and its answer ends in the middle or is no HTTP."""


@dataclass(frozen=True)
class CheckedRemote:
    """A remote that may be contacted now, at these addresses only."""

    url: str
    scheme: str
    host: str  # a DNS name, or the literal without brackets
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Response:
    """What one guarded request brought: header names in lower case, the body at most the bytes asked for."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    address: str  # the address that answered
    permanent: bool = True  # no redirect on the way was a temporary one


@dataclass(frozen=True)
class _Location:
    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    literal: IPAddress | None = None

    @property
    def ordinary(self) -> bool:
        return self.scheme == "https" and self.port == 443 and self.literal is None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{host}{port}{self.path}{query}"


@dataclass(frozen=True)
class AddressRules:
    """The rules of one instance. Without arguments: https, DNS names, port 443, public addresses.

    For addresses in `allow_networks`, and only there: also http, IP literals, any port.
    `ca_file` names one more certificate authority (PEM).
    """

    allow_networks: tuple[IPNetwork, ...] = ()
    ca_file: Path | None = None
    connect_seconds: float = field(default=10.0, kw_only=True)
    resolve_seconds: float = field(default=RESOLVE_SECONDS, kw_only=True)

    def canonical(self, url: str) -> str:
        """The one spelling of a repository's address that we keep. Raises Refused; contacts nothing."""
        return self._location(url, query=False).url

    def allowed(self, address: IPAddress) -> bool:
        """Whether the operator listed this address in `allow_networks`."""
        address = _without_ipv4_mapping(address)
        return any(address in network for network in self.allow_networks if network.version == address.version)

    def near(self, host: str) -> bool:
        """Whether a host is an address in `allow_networks`: it needs no pause. A name never is, whatever its
        address.
        """
        try:
            return self.allowed(ipaddress.ip_address(host))
        except ValueError:
            return False

    def vet(self, url: str, *, query: bool = False) -> CheckedRemote:
        """Judge this remote; returns it with the addresses to pin. Raises Refused, also when its name does not
        resolve.
        """
        location = self._location(url, query=query)
        if location.literal is not None:
            return self.judged(location.url, [location.literal])
        return self.judged(location.url, _resolve(location, self.resolve_seconds))

    def judged(self, url: str, answers: Iterable[IPAddress]) -> CheckedRemote:
        """`vet` with the resolver's answers given: every one must be public or allowed. Raises Refused."""
        location = self._location(url, query=True)
        pinned = []
        for answer in map(_without_ipv4_mapping, answers):
            if not self.allowed(answer):
                if not location.ordinary:
                    raise Refused(url, mark("Only https addresses with a host name and the usual port can be used."))
                if not is_public(answer):
                    raise Refused(url, mark("The host is not at a public address."))
            if str(answer) not in pinned:
                pinned.append(str(answer))
        if not pinned:
            raise Unresolved(url, mark("The host name cannot be found."))
        return CheckedRemote(location.url, location.scheme, location.host, location.port, tuple(pinned))

    def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        max_bytes: int = 1 << 20,
        timeout_seconds: float = 30.0,
        vetted: CheckedRemote | None = None,
    ) -> Response:
        """One request to a vetted, pinned address; a redirect is returned as an answer, not followed.

        `vetted` saves a second lookup and must be of the same origin. The body is read to its end.
        Raises Refused; Unreachable when there is no HTTP answer within `timeout_seconds` and `max_bytes`.
        """
        with self.stream(method, url, body=body, headers=headers, timeout_seconds=timeout_seconds, vetted=vetted) as (
            answer,
            receive,
        ):
            content = bytearray()
            while len(content) <= max_bytes and (chunk := receive(min(_CHUNK, max_bytes + 1 - len(content)))):
                content += chunk
        if len(content) > max_bytes:
            raise Unreachable(url, mark("The answer of the host is too long."))
        return replace(answer, body=bytes(content))

    @contextlib.contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout_seconds: float = 30.0,
        vetted: CheckedRemote | None = None,
    ) -> Iterator[tuple[Response, Callable[[int], bytes]]]:
        """`request` with the body still to be read: the answer and a function that reads at most so many bytes.

        `timeout_seconds` are for all of it. Raises Refused and Unreachable, also while the body is read.
        """
        location = self._location(url, query=True)
        deadline = time.monotonic() + timeout_seconds
        origin = (location.scheme, location.host, location.port)
        if vetted is None or (vetted.scheme, vetted.host, vetted.port) != origin:
            vetted = self.vet(url, query=True)
        connection = self._connect(location, vetted, deadline)
        line = connection.line
        open_response = contextlib.ExitStack()  # of an answer whose body nobody read
        try:
            line.until = deadline
            try:
                response = open_response.enter_context(connection.asked(location, method, body, headers or {}))
            except _HTTP_FAULTS as fault:
                raise _no_answer(location.url, fault) from fault
            names = {name.lower(): value for name, value in response.getheaders()}

            def read_some(size: int) -> bytes:
                try:
                    chunk = response.read1(size)
                    if not chunk and response.length:
                        raise http.client.IncompleteRead(chunk, response.length)
                except _HTTP_FAULTS as fault:
                    raise _no_answer(location.url, fault) from fault
                return chunk

            yield Response(location.url, response.status, names, b"", connection.address), read_some
        finally:
            open_response.close()
            line.hang_up()

    def _connect(self, location: _Location, vetted: CheckedRemote, deadline: float) -> "_PinnedConnection":
        context = _tls_context(self.ca_file) if location.scheme == "https" else None
        reason = mark("The host does not answer.")
        for address in vetted.addresses[:4]:
            seconds_left = deadline - time.monotonic()
            if seconds_left <= 0:
                break
            connection = _PinnedConnection(location, address, context, min(self.connect_seconds, seconds_left))
            try:
                connection.connect()
            except ssl.SSLError:
                reason = mark("The certificate of the host is not valid.")
            except OSError:
                continue
            else:
                return connection
        raise Unreachable(location.url, reason)

    def follow(
        self,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        max_bytes: int = 1 << 20,
        timeout_seconds: float = 30.0,
    ) -> Response:
        """GET through at most 5 redirects, each judged like a first contact, never from https down to http.

        The answer's `url` is the last one. Raises Refused and Unreachable as `request`.
        """
        deadline, permanent = time.monotonic() + timeout_seconds, True
        for _hop in range(HOPS + 1):
            seconds_left = deadline - time.monotonic()
            if seconds_left <= 0:
                raise Unreachable(url, mark("The address redirects too slowly."))
            answer = self.request("GET", url, headers=headers, max_bytes=max_bytes, timeout_seconds=seconds_left)
            target = answer.headers.get("location", "")
            if answer.status not in REDIRECTS or not target:
                return replace(answer, permanent=permanent)
            permanent = permanent and answer.status in PERMANENT
            url = self.redirected(url, target)
        raise Refused(url, mark("The address redirects too often."))

    def redirected(self, url: str, target: str) -> str:
        """Where a redirect from `url` leads, if it may be followed. Raises Refused."""
        if len(target) > 2048 or any(ord(char) < 33 or ord(char) > 126 for char in target):
            raise Refused(url, mark("The address redirects to something that is not an address."))
        onward = self._location(urljoin(url, target), query=True)
        if url.startswith("https:") and onward.scheme != "https":
            raise Refused(url, mark("The address redirects from https to an unprotected address."))
        return onward.url

    def _location(self, url: str, *, query: bool) -> _Location:
        location = _parse_url(url, query)
        if not location.ordinary and not self.allow_networks:
            raise Refused(safe_url(url), mark("Only https addresses with a host name and the usual port can be used."))
        if location.literal is not None and not self.allowed(location.literal):
            raise Refused(safe_url(url), mark("Write the name of the host, not a number."))
        return location


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet, after unwrapping IPv4 in IPv6.

    >>> is_public(ipaddress.ip_address("::ffff:10.0.0.1")), is_public(ipaddress.ip_address("9.9.9.9"))
    (False, True)
    """
    address = _without_ipv4_mapping(address)
    if any(address in network for network in _NOT_PUBLIC if network.version == address.version):
        return False
    return address.is_global and (address.version == 4 or address in _GLOBAL_UNICAST)


def safe_text(text: str) -> str:
    """Text of a remote made safe to keep and show: no control characters, no credentials, at most 300 characters."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", " ", text)
    return re.sub(r"([a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@]*@", r"\1", text).strip()[:300]


def safe_url(url: str) -> str:
    """A refused address as it may be shown: without user, password and control characters."""
    return safe_text(url)


@lru_cache(maxsize=2048)  # each visit asks for one address several times; what is refused is not kept
def _parse_url(url: str, query_allowed: bool) -> _Location:
    def refuse(reason: str) -> Refused:
        return Refused(safe_url(url), reason)

    if any(ord(char) < 33 or ord(char) == 127 for char in url) or "\\" in url:
        raise refuse(mark("The address must not contain spaces, control characters or backslashes."))
    if url.startswith("-") or "://" not in url:
        raise refuse(mark("Write the whole address, starting with https://."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise refuse(mark("This is not a valid address.")) from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise refuse(mark("Only addresses that start with https:// can be used."))
    if "@" in parts.netloc:
        raise refuse(mark("The address must not contain a user name or a password."))
    if "#" in url or ("?" in url and not query_allowed):
        raise refuse(mark("The address must end with the repository's path, without ? or #."))
    if not parts.netloc.isascii():  # `hostname` would be too late: in lower case the sign of Kelvin is a k
        raise refuse(mark("Write the host name in its international form, which starts with xn--."))
    host, literal = _parse_host(parts.hostname or "", refuse)
    path = quote(parts.path if query_allowed else parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
    _check_path(path, query_allowed, refuse)
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return _Location(scheme, host, port if port is not None else _DEFAULT_PORTS[scheme], path, query, literal)


def _parse_host(host: str, refuse: Callable[[str], Refused]) -> tuple[str, IPAddress | None]:
    host = host.lower().removesuffix(".")
    try:
        literal = ipaddress.ip_address(host)
        return str(literal), literal
    except ValueError:
        labels = host.split(".")
    # A numeric last label ("127.1", "0x7f.1", "2130706433") is an IPv4 address in a spelling only some parsers know.
    if len(host) > 253 or not all(map(_LABEL.match, labels)) or re.match(r"(0x[0-9a-f]*|[0-9]+)\Z", labels[-1]):
        raise refuse(mark("The host name is not valid."))
    return host, None


def _check_path(path: str, bare_allowed: bool, refuse: Callable[[str], Refused]) -> None:
    decoded = unquote_to_bytes(path)
    if len(path) > PATH_BYTES:
        raise refuse(mark("The address is too long."))
    if any(byte < 32 or byte == 127 for byte in decoded) or b"\\" in decoded:
        raise refuse(mark("The address must not contain spaces, control characters or backslashes."))
    if b".." in decoded.split(b"/") or b"." in decoded.split(b"/"):
        raise refuse(mark("The path must not contain dots alone between slashes."))
    if not decoded.strip(b"/") and not bare_allowed:
        raise refuse(mark("The address names a host but no repository."))


def _without_ipv4_mapping(address: IPAddress) -> IPAddress:
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address


def _resolve(location: _Location, seconds: float) -> list[IPAddress]:
    """All addresses of a host name. getaddrinfo has no time limit of its own, so a thread of ours waits for it."""
    answers: list[IPAddress] = []

    def look_up() -> None:
        try:
            addresses = socket.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM)
            answers.extend(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in addresses)
        except (OSError, UnicodeError):
            answers.clear()

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive() or not answers:
        raise Unresolved(location.url, mark("The host name cannot be found."))
    return answers


@lru_cache(maxsize=4)
def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Line(io.RawIOBase):
    """What is read and written through a socket until a time, of `time.monotonic`, whatever arrives before.

    A socket's own timeout starts anew at every byte, which a host may send one by one.
    """

    def __init__(self, sock: socket.socket, until: float):
        self._sock, self.until = sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._limit()
        return self._sock.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        self._limit()
        self._sock.sendall(data)

    def _limit(self) -> None:
        seconds_left = self.until - time.monotonic()
        if seconds_left <= 0:
            raise TimeoutError
        self._sock.settimeout(seconds_left)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        """http.client closes as soon as it has an answer, whose body is still to be read."""

    def hang_up(self) -> None:
        self._sock.close()


class _PinnedConnection(http.client.HTTPConnection):
    """A connection to one given address, whatever the name resolves to now; the certificate must be for the name."""

    line: _Line

    def __init__(self, location: _Location, address: str, context: ssl.SSLContext | None, timeout_seconds: float):
        host = f"[{location.host}]" if ":" in location.host else location.host
        super().__init__(host, location.port, timeout=timeout_seconds)
        self.default_port = _DEFAULT_PORTS[location.scheme]
        self.name, self.address, self.context = location.host, address, context

    def connect(self) -> None:
        sock = socket.create_connection((self.address, self.port), self.timeout)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_hostname=self.name)
        except BaseException:
            sock.close()
            raise
        self.sock = self.line = _Line(sock, 0.0)

    def asked(
        self, location: _Location, method: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        """The response, its headers read."""
        target = location.path + (f"?{location.query}" if location.query else "")
        self.request(method, target or "/", body=body, headers={"Accept": "*/*", "Connection": "close"} | headers)
        return self.getresponse()


_HTTP_FAULTS = (OSError, http.client.HTTPException, ValueError)


def _no_answer(url: str, fault: Exception) -> Unreachable:
    if isinstance(fault, TimeoutError):
        return TimedOut(url, mark("The host does not answer in time."))
    return IncompleteResponse(url, mark("The answer of the host cannot be understood."))
