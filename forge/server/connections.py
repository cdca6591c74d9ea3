"""The server's protocol with bounds for every connection, of which uvicorn has none: heads and bodies of requests in
bytes and in time, readers who take nothing, and how many connections one client and all together may hold.

What a request asks for, and how large its body may be, is checked elsewhere.
"""

import asyncio
import logging
import resource
import socket
import time
from collections.abc import Callable, Iterable
from weakref import WeakKeyDictionary

from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from forge.security.client_shares import ClientShares, client_of

# Of a line and its headers, beyond the piece that was read last (256 kB at most). Browsers send about 1 kB, and other
# servers take 8 to 64 (https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestfieldsize).
HEAD_BYTES = 65_536
HEAD_SECONDS = 20.0  # from a connection, or the first byte of a further request, to the end of its head
# A body has BODY_SECONDS, a second more for each BODY_RATE bytes that came of it, and never more than the longest. That
# is the rule of Apache's mod_reqtimeout at half its rate: GPRS at the edge of a cell sends about 1,000 bytes a second,
# and stands still for half a minute between two cells. https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html
BODY_SECONDS = 40.0
BODY_RATE = 250
BODY_LONGEST_SECONDS = 300.0
# Who takes fewer bytes of an answer than this in this time is left. The system takes up to UNSENT_BYTES of us that it
# has not sent yet, and more when half of them are gone: at 550 bytes a second that happens once in this time.
SEND_SECONDS = 30.0
SEND_BYTES = 7_500
UNSENT_BYTES = 32_768
CONNECTIONS = 1_000  # of this process; never more than half the files that the system lets it open
CLIENT_CONNECTIONS = (
    64  # of them for one client. A browser takes 6, and an office or a school may have one address for all
)
RETRY_SECONDS = 10
TELL_SECONDS = 3600.0

log = logging.getLogger("forge.server.connections")


class _SharedPlaces:
    """What all connections of one server share: the places for connections and bodies."""

    def __init__(self) -> None:
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        most = CONNECTIONS if files == resource.RLIM_INFINITY else min(CONNECTIONS, files // 2)
        share = min(CLIENT_CONNECTIONS, most // 2)
        self.connections = ClientShares(most, share)
        # The requests that come through proxies, each for the client that the proxy names.
        self.forwarded = ClientShares(most, share)
        # Half of all, and of each client's, stays for those who only read.
        self.bodies = ClientShares(most // 2, share // 2)
        self.idle: dict[BoundedProtocol, None] = {}  # without a whole request, the longest first
        self.told_at: float | None = None


_places: WeakKeyDictionary[ServerState, _SharedPlaces] = WeakKeyDictionary()


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with these bounds. A head that is too long, or names no host or two, is answered with 400, a
    body that does not come with 408, and a client without a place with 503; a head that does not end and a reader who
    takes nothing are disconnected.
    """

    _leave: Callable[[], None] | None = None  # its place among the connections
    _leave_forwarded: Callable[[], None] | None = None
    _leave_bodies: Callable[[], None] | None = None
    _awaited: asyncio.TimerHandle | None = None  # for the end of a head
    _looking: asyncio.TimerHandle | None = None  # at how much was taken of an answer
    _body: asyncio.TimerHandle | None = None  # runs while one arrives
    _begun = False
    _head_bytes = _body_bytes = _bare_bytes = _resumed = 0
    _body_began = 0.0
    _unsent: tuple[object, int] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._places = _places.get(self.server_state) or _places.setdefault(self.server_state, _SharedPlaces())
        host = self.client[0] if self.client else ""
        self._is_proxy = isinstance(self.app, ProxyHeadersMiddleware) and host in self.app.trusted_hosts
        # All readers come from a proxy's address: its connections have no share, but all of them together.
        self._client = f"proxy {id(self)}" if self._is_proxy else client_of(host)
        self._leave = self._place()
        if self._leave is None:
            self._tell()
            self._answer(503, "Too many connections are open. Try again in a moment.")
            return
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            wire = transport.get_extra_info("socket")
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        self._places.idle[self] = None
        self._await()
        self._looking = self.loop.call_later(SEND_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._places.idle.pop(self, None)
        for timer in (self._awaited, self._looking, self._body):
            if timer is not None:
                timer.cancel()
        for leave in (self._leave, self._leave_forwarded, self._leave_bodies):
            if leave is not None:
                leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        goes_on = self._begun  # a head's first piece may hold the end of another request's body: it is not counted
        body, body_bytes = self._body, self._body_bytes
        super().data_received(data)
        if self.transport.is_closing():
            return
        if goes_on and self._begun:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.send_400_response("The head of the request is too long.")
        elif body is not None and body is self._body:  # the headers behind a body, which are kept, are part of no head
            self._bare_bytes = self._bare_bytes + len(data) if body_bytes == self._body_bytes else 0
            if self._bare_bytes > HEAD_BYTES:
                self._answer(400, "What follows the body is too long.")
        elif self._is_idle() and self._awaited is None and self.timeout_keep_alive_task is None:
            self._await()  # empty lines begin no request, but they ended the time that uvicorn waits for the next one

    def resume_writing(self) -> None:
        self._resumed += 1
        super().resume_writing()

    def on_message_begin(self) -> None:
        self._begun, self._head_bytes = True, 0
        if self._awaited is None:
            self._await()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._begun = False
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None
        self._places.idle.pop(self, None)
        self._body_bytes, self._bare_bytes, self._body_began = 0, 0, self.loop.time()
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)
        if has_body:
            self._expect()
        app = self.app
        if not self._admitted(has_body):
            self.app = _too_busy
        elif sum(name == b"host" for name, _ in self.headers) != 1:  # RFC 9112, 3.2
            self.app = _not_one_host
        try:
            super().on_headers_complete()
        finally:
            self.app = app

    def _unsupported_upgrade_warning(self) -> None:
        """Write nothing: anybody may ask for another protocol, and is answered in this one."""

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._body is not None:
            self._body.cancel()
            self._body = None
        if self._leave_bodies is not None:
            self._leave_bodies()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if not self.pipeline:
            if self._leave_forwarded is not None:
                self._leave_forwarded()
            if not self.transport.is_closing():
                self._places.idle[self] = None
        super().on_response_complete()

    def _place(self) -> Callable[[], None] | None:
        """Take a place for this connection. Where there is none, the one that has been idle for longest is closed for
        it: of the same client, if that has its share.
        """
        shared = self._places.connections
        if (leave := shared.acquire(self._client)) is not None:
            return leave
        own_only = shared.taken(self._client) >= shared.share
        for idle in self._places.idle:
            if own_only and idle._client != self._client:
                continue
            if not idle.transport.get_write_buffer_size():  # else the end of an answer is still on its way
                del self._places.idle[idle]
                idle._give_way()
                return shared.acquire(self._client)
        return None

    def _give_way(self) -> None:
        if self._leave is not None:
            self._leave()
        self.transport.abort()

    def _admitted(self, has_body: bool) -> bool:
        """Take a place for this request of a proxy's client, and for its body; return whether there was one."""
        client = self._client
        if self._is_proxy and isinstance(self.app, ProxyHeadersMiddleware):
            forwarded_for = b", ".join(value for name, value in self.headers if name == b"x-forwarded-for").decode(
                "latin-1"
            )
            client = (
                client_of(self.app.trusted_hosts.get_trusted_client_address(forwarded_for)[0]) if forwarded_for else ""
            )
            if self._leave_forwarded is not None:
                self._leave_forwarded()
            self._leave_forwarded = self._places.forwarded.acquire(client)
            if self._leave_forwarded is None:
                return False
        if has_body:
            self._leave_bodies = self._places.bodies.acquire(client)
            return self._leave_bodies is not None
        return True

    def _is_idle(self) -> bool:
        return self._body is None and self.cycle is not None and self.cycle.response_complete

    def _await(self) -> None:
        self._awaited = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _expect(self) -> None:
        """Check again when the time for what came of the body so far is over."""
        seconds = min(BODY_SECONDS + self._body_bytes / BODY_RATE, BODY_LONGEST_SECONDS)
        self._body = self.loop.call_at(self._body_began + seconds, self._late, seconds)

    def _late(self, seconds: float) -> None:
        if self.flow.read_paused:  # it is not read: that is not the sender's fault
            self._body_began = self.loop.time()
            self._expect()
        elif min(BODY_SECONDS + self._body_bytes / BODY_RATE, BODY_LONGEST_SECONDS) > seconds:
            self._expect()
        else:
            self._answer(408, "The request did not arrive in time.")

    def _look(self) -> None:
        """Disconnect a reader who took too little since the last check. While writing is paused, or nothing more is
        written, what is unsent only becomes less.
        """
        self._looking = self.loop.call_later(SEND_SECONDS, self._look)
        unsent, ended = self.transport.get_write_buffer_size(), self.cycle is None or self.cycle.response_complete
        if not unsent or not (self.flow.write_paused or ended or self.transport.is_closing()):
            self._unsent = None
            return
        waiting_for = (self.cycle, self._resumed)
        if self._unsent is not None and self._unsent[0] == waiting_for and self._unsent[1] - unsent < SEND_BYTES:
            self.transport.abort()
        self._unsent = (waiting_for, unsent)

    def _answer(self, status: int, sentence: str) -> None:
        """Answer in place of the application, unless it has begun to, and close."""
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            begun = self.cycle.response_started or bool(self.pipeline)
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        else:
            begun = self.cycle is not None
        if not begun:
            head = b"".join(b"%s: %s\r\n" % header for header in _headers_of(status, sentence))
            self.transport.write(STATUS_LINE[status] + head + b"\r\n" + sentence.encode())
        self.transport.close()

    def _tell(self) -> None:
        now = time.monotonic()
        if self._places.told_at is None or now - self._places.told_at > TELL_SECONDS:
            self._places.told_at = now
            log.warning(
                "Connections were refused: one address may hold %s, all together %s. A proxy that all readers come "
                "through has to be named in FORGE_PROXIES.",
                *(self._places.connections.share, self._places.connections.places),
            )


async def _too_busy(scope: Scope, receive: Receive, send: Send) -> None:
    await _refuse(send, 503, "Too many requests are being sent from your network. Try again in a moment.")


async def _not_one_host(scope: Scope, receive: Receive, send: Send) -> None:
    await _refuse(send, 400, "A request names one host.")


async def _refuse(send: Send, status: int, sentence: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(_headers_of(status, sentence))})
    await send({"type": "http.response.body", "body": sentence.encode()})


def _headers_of(status: int, sentence: str) -> Iterable[tuple[bytes, bytes]]:
    yield b"content-type", b"text/plain; charset=utf-8"
    yield b"content-length", str(len(sentence)).encode()
    yield b"connection", b"close"
    if status == 503:
        yield b"retry-after", str(RETRY_SECONDS).encode()
