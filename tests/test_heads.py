"""The head of a request is bounded in bytes and in time, whatever a stranger sends; all else is answered as before."""

import socket
from collections.abc import Iterator

import pytest
from serving import listening
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from forge import heads

WAIT_SECONDS = 30.0


async def size(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "HEAD_SECONDS", 0.5)


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    with listening(Starlette(routes=[Route("/", size, methods=["GET", "POST"])])) as (base, _):
        host, port = base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), WAIT_SECONDS) as opened:
            yield opened


def answered(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    told = b""
    try:
        while piece := connection.recv(65_536):
            told += piece
    except ConnectionResetError:  # it closed with bytes unread
        pass
    return told


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
    last = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    connection.sendall(head + body + head + body + last[:20])
    connection.sendall(last[20:])
    told = answered(connection)
    assert told.count(b"HTTP/1.1 200") == 3 and told.count(b"900000") == 2
