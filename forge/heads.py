"""The server's protocol with heads of requests bounded in bytes and in time: uvicorn reads them without end, so that
one connection filled the memory, and a thousand half requests kept everybody else out. What a request asks for is not
its matter, nor how large its body is.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Of a line and its headers, beyond the piece that was read last (256 kB at most). Browsers send about 1 kB, and other
# servers take 8 to 64 (https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestfieldsize).
HEAD_BYTES = 65_536
HEAD_SECONDS = 20.0  # from a connection, or the first byte of a further request, to the end of its head


class Bounded(HttpToolsProtocol):
    """As uvicorn's own; a head that is too long is answered with 400, one that does not end is left."""

    _awaited: asyncio.TimerHandle | None = None
    _begun = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await()

    def connection_lost(self, exc: Exception | None) -> None:
        self._here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        goes_on = self._begun  # a head's first piece may hold the end of another request's body: it is not counted
        super().data_received(data)
        if goes_on and self._begun and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        self._begun, self._head_bytes = True, 0
        if self._awaited is None:
            self._await()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._begun = False
        self._here()
        super().on_headers_complete()

    def _await(self) -> None:
        self._awaited = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _here(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None
