"""A DNS server on loopback for tests: real packets over UDP and TCP, with records that a test sets, or silence."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class Zone:
    """What is answered: TXT records and aliases by name; names in `silent` get no answer, in `broken` a failure."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, packet: bytes, limit: int) -> bytes | None:
        query = dns.message.from_wire(packet)
        name = query.question[0].name
        text = name.to_text(omit_final_dot=True)
        self.asked.append(text)
        if text in self.silent:
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if text in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif text in self.aliases:
            target = self.aliases[text]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", f"{target}."))
            self._add(answer, f"{target}.", target)
        elif text in self.texts:
            self._add(answer, name, text)
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        wire = answer.to_wire(max_size=65_535)
        if len(wire) > limit:
            cut = dns.message.make_response(query)
            cut.flags |= dns.flags.TC
            wire = cut.to_wire()
        return wire

    def _add(self, answer: dns.message.Message, name: object, text: str) -> None:
        for value in self.texts.get(text, ()):
            pieces = " ".join(f'"{value[at : at + 200]}"' for at in range(0, len(value), 200)) or '""'
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", pieces))


@contextlib.contextmanager
def a_zone(**texts: list[str]) -> Iterator[Zone]:
    """A server of these TXT records; `_` in a name stands for a dot."""
    zone = Zone({name.replace("_", "."): list(lines) for name, lines in texts.items()})

    class Udp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            packet, sock = self.request
            wire = zone.answer(packet, 1232)
            if wire is not None:
                sock.sendto(wire, self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            wire = zone.answer(self.rfile.read(length), 65_535)
            if wire is not None:
                self.wfile.write(struct.pack("!H", len(wire)) + wire)

    servers = _on_one_port(Udp, Tcp)
    zone.port = servers[0].server_address[1]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield zone
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _on_one_port(udp: type, tcp: type) -> tuple[socketserver.ThreadingUDPServer, socketserver.ThreadingTCPServer]:
    """A port that the system gives for UDP may be somebody's for TCP: then the next one is asked for."""
    for _ in range(20):
        first = socketserver.ThreadingUDPServer(("127.0.0.1", 0), udp)
        try:
            return first, socketserver.ThreadingTCPServer(first.server_address, tcp)
        except OSError as taken:
            first.server_close()
            last = taken
    raise last


def a_deaf_port() -> int:
    """A port where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
