"""Every connection is bounded, whatever a stranger sends or does not take; all else is answered as before."""

import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import repeat

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from support.serving import listening

from forge.security.client_shares import ClientShares
from forge.server import connections

WAIT_SECONDS = 30.0
LARGE_BYTES = 20_000_000
SLOW = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
Open = Callable[..., socket.socket]


async def size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def unread(request: Request) -> PlainTextResponse:
    return PlainTextResponse("answered")


async def large(request: Request) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGE_BYTES // 50_000):
            yield bytes(50_000)

    return StreamingResponse(pieces())


async def whole(request: Request) -> PlainTextResponse:
    return PlainTextResponse(bytes(LARGE_BYTES))


APP = Starlette(
    routes=[
        Route("/", size, methods=["GET", "POST"]),
        Route("/unread", unread, methods=["POST"]),
        Route("/large", large),
        Route("/whole", whole),
    ]
)


@pytest.fixture
def proxies() -> tuple[str, ...]:
    return ()


@pytest.fixture
def serving(proxies: tuple[str, ...]) -> Iterator[tuple[str, uvicorn.Server]]:
    with listening(APP, proxies) as served:
        yield served


@pytest.fixture
def server(serving: tuple[str, uvicorn.Server]) -> uvicorn.Server:
    return serving[1]


@pytest.fixture
def opened(serving: tuple[str, uvicorn.Server]) -> Iterator[Open]:
    """Opens a connection from an address of this machine, and sends the first bytes."""
    with contextlib.ExitStack() as ending:
        host, port = serving[0].removeprefix("http://").split(":")

        def line(begun: bytes = b"", source: str = "127.0.0.1", room: int | None = None) -> socket.socket:
            client = ending.enter_context(socket.socket())
            client.settimeout(WAIT_SECONDS)
            if room is not None:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
            client.bind((source, 0))
            client.connect((host, int(port)))
            client.sendall(begun)
            return client

        yield line


@pytest.fixture
def connection(opened: Open) -> socket.socket:
    return opened()


def bounds(monkeypatch: pytest.MonkeyPatch, **changed: float) -> None:
    """The bounds of connections that are made from now on, to a server that begins later."""
    for name, value in changed.items():
        monkeypatch.setattr(connections, name, value)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds(monkeypatch, HEAD_SECONDS=0.5, BODY_SECONDS=0.5, SEND_SECONDS=0.3)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight connections, of one address four, half of both with a body."""
    bounds(monkeypatch, CONNECTIONS=8, CLIENT_CONNECTIONS=4)


def answered(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    told = b""
    try:
        while piece := connection.recv(65_536):
            told += piece
    except ConnectionResetError:  # it closed with bytes unread
        pass
    return told


def told_while(connection: socket.socket, pieces: Iterator[bytes], pause: float = 0.02) -> bytes:
    """All that comes, until the server closes, while these pieces are sent; it has to close before they end."""
    deadline = time.monotonic() + WAIT_SECONDS
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for piece in pieces:
            connection.sendall(piece)
            connection.settimeout(pause)
            with contextlib.suppress(TimeoutError):
                if not connection.recv(1, socket.MSG_PEEK):
                    return b""
                break
            assert time.monotonic() < deadline
    connection.settimeout(WAIT_SECONDS)
    return answered(connection)


def status(connection: socket.socket) -> bytes:
    """The status that is answered, of a connection that stays."""
    return connection.recv(12)[9:]


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n", b"Host: a\r\nhost: a\r\n"])
def test_a_request_that_names_no_host_or_two_is_refused(hosts: bytes, opened: Open) -> None:
    connection = opened(b"GET / HTTP/1.1\r\n%s\r\n" % hosts)
    assert answered(connection).startswith(b"HTTP/1.1 400 ")
    assert status(opened(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")) == b"200"


def test_who_asks_for_a_websocket_is_answered_and_writes_no_line_into_the_log(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    asked = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert status(opened(asked)) == b"200"
    assert caplog.text == ""


def test_headers_without_end_are_refused_before_they_fill_the_memory(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
    sent = 0
    try:
        while sent < 100_000_000:
            sent += connection.send(b"X-A: " + b"y" * 1_000 + b"\r\n")
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 50_000_000  # what the two sockets hold, and not what it kept


@pytest.mark.usefixtures("hurried")  # before there is a connection, whose seconds are counted
@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX"])
def test_a_head_that_does_not_end_is_left(begun: bytes, connection: socket.socket) -> None:
    connection.sendall(begun)
    assert answered(connection) == b""


def test_a_large_body_and_further_requests_on_the_same_connection_are_answered(connection: socket.socket) -> None:
    body = b"z" * 900_000
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
    connection.sendall(head + body + head + body + LAST[:20])
    connection.sendall(LAST[20:])
    told = answered(connection)
    assert told.count(b"HTTP/1.1 200") == 3 and told.count(b"900000") == 2


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("piece", [b"", b"x"])
def test_a_body_that_does_not_come_or_trickles_is_answered_with_408_and_closed(piece: bytes, opened: Open) -> None:
    connection = opened(SLOW + b"a=")
    told = told_while(connection, repeat(piece)) if piece else answered(connection)
    assert told.startswith(b"HTTP/1.1 408 ") and b"connection: close" in told


@pytest.mark.usefixtures("hurried")
def test_the_frame_of_a_chunk_is_no_body_that_comes(opened: Open) -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a="
    assert told_while(opened(head), repeat(b"x")).startswith(b"HTTP/1.1 408 ")


def test_a_slow_body_that_goes_on_coming_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch, opened: Open) -> None:
    bounds(monkeypatch, BODY_SECONDS=1.0, BODY_RATE=1)  # each byte brings a second
    connection = opened(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n")
    began = time.monotonic()
    for _ in range(30):
        connection.sendall(b"x")
        time.sleep(0.1)
    assert time.monotonic() - began > 2 * connections.BODY_SECONDS
    connection.sendall(LAST)
    told = answered(connection)
    assert told.count(b"HTTP/1.1 200") == 2 and b"\r\n\r\n30" in told


def test_no_body_takes_longer_than_the_longest(monkeypatch: pytest.MonkeyPatch, opened: Open) -> None:
    bounds(monkeypatch, BODY_RATE=0.001, BODY_LONGEST_SECONDS=0.5)
    assert told_while(opened(SLOW), repeat(b"x")).startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("hurried")
def test_a_body_that_nobody_reads_holds_no_connection_behind_its_answer(opened: Open) -> None:
    connection = opened(SLOW.replace(b"POST /", b"POST /unread"))
    assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    assert told_while(connection, repeat(b"x")) == b""


@pytest.mark.usefixtures("hurried")
def test_empty_lines_hold_no_connection_behind_an_answer(opened: Open) -> None:
    connection = opened(LAST.replace(b"Connection: close\r\n", b""))
    assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
    assert told_while(connection, repeat(b"\r\n")) == b""


def test_headers_behind_a_body_are_refused_before_they_fill_the_memory(opened: Open) -> None:
    connection = opened(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
    sent = 0
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while sent < 100_000_000:
            sent += connection.send(b"X-A: " + b"y" * 1_000 + b"\r\n")
    assert sent < 50_000_000  # what the two sockets hold, and not what it kept


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("asked", [b"/large HTTP/1.1", b"/whole HTTP/1.1", b"/whole HTTP/1.0"])
def test_a_reader_who_takes_nothing_is_left(asked: bytes, opened: Open, server: uvicorn.Server) -> None:
    """While an answer is written, behind it, and where the connection ends with it."""
    assert status(opened(b"GET %s\r\nHost: a\r\n\r\n" % asked, room=4096)) == b"200"
    assert _until(lambda: not server.server_state.connections)


def test_a_slow_reader_who_goes_on_taking_gets_all(monkeypatch: pytest.MonkeyPatch, opened: Open) -> None:
    bounds(monkeypatch, SEND_SECONDS=1.0, SEND_BYTES=1_000)
    connection, taken, began = opened(b"GET /large HTTP/1.0\r\nHost: a\r\n\r\n", room=65_536), 0, time.monotonic()
    while piece := connection.recv(500_000):
        taken += len(piece)
        time.sleep(0.01 if time.monotonic() - began < 3 * connections.SEND_SECONDS else 0)
    assert taken > LARGE_BYTES


@pytest.mark.usefixtures("few")
def test_slow_bodies_of_one_address_leave_places_for_its_readers_and_for_others(opened: Open) -> None:
    slow = [opened(SLOW) for _ in range(2)]
    refused = opened(SLOW)
    assert status(refused) == b"503"
    assert answered(opened(LAST)).startswith(b"HTTP/1.1 200")
    slow += [opened(SLOW, "127.0.0.2") for _ in range(2)]
    assert status(opened(SLOW, "127.0.0.3")) == b"503"  # half of all places are for those who only read
    assert answered(opened(LAST, "127.0.0.3")).startswith(b"HTTP/1.1 200")
    slow[0].sendall(bytes(1000))
    assert status(slow[0]) == b"200"
    assert _until(lambda: status(opened(SLOW.replace(b"1000", b"1") + b"x", "127.0.0.3")) == b"200")


@pytest.mark.usefixtures("few")
def test_connections_without_a_request_make_room_for_whoever_asks(opened: Open) -> None:
    halves = [opened(b"GET / HTTP/1.1\r\n", f"127.0.0.{number}") for number in (2, 3) for _ in range(4)]
    assert answered(opened(LAST)).startswith(b"HTTP/1.1 200")
    assert answered(halves[0]) == b""  # it had waited longest
    own = [opened(source="127.0.0.4") for _ in range(6)]
    assert [answered(socket) for socket in own[:2]] == [b"", b""]  # no more than four of one address
    assert answered(opened(LAST, "127.0.0.4")).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("few")
def test_an_address_whose_share_is_taken_is_refused_and_others_are_not(opened: Open) -> None:
    for _ in range(4):
        opened(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", room=4096).recv(1)
    told = answered(opened(LAST))
    assert told.startswith(b"HTTP/1.1 503 ") or told == b""  # closed before it was read
    assert answered(opened(LAST, "127.0.0.2")).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("proxies", [("127.0.0.1",)])
def test_behind_a_named_proxy_each_reader_has_a_share(opened: Open) -> None:
    def of(reader: bytes, request: bytes) -> bytes:
        return request.replace(b"Host: a\r\n", b"Host: a\r\nX-Forwarded-For: 1.1.1.1, %s\r\n" % reader)

    slow = [opened(of(b"8.8.8.8", SLOW)) for _ in range(2)]
    assert status(opened(of(b"8.8.8.8", SLOW))) == b"503"
    slow += [opened(of(b"9.9.9.9", SLOW)) for _ in range(2)]
    reading = [opened(of(b"8.8.8.8", b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n"), room=4096) for _ in range(2)]
    assert [status(socket) for socket in reading] == [b"200", b"200"]
    assert status(opened(of(b"8.8.8.8", LAST))) == b"503"
    assert answered(opened(of(b"7.7.7.7", LAST))).startswith(b"HTTP/1.1 200")


def _until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return True


def test_places_are_given_back_once_and_a_client_is_forgotten() -> None:
    shares = ClientShares(places=5, share=3)
    leave = shares.acquire("a", 2)
    assert leave is not None and shares.acquire("a", 2) is None and shares.acquire("b", 4) is None
    other = shares.acquire("b", 3)
    assert other is not None and shares.acquire("c") is None and shares.taken() == 5
    leave()
    leave()
    assert (shares.taken("a"), shares.taken("b"), shares.taken()) == (0, 3, 3)
    assert shares.acquire("c", 2) is not None
