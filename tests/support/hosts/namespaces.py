"""Hosts on one network, each a network namespace with an address of its own, joined by a bridge of this machine.

Made with `ip` (iproute2), by root alone. https://man7.org/linux/man-pages/man8/ip-netns.8.html
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass


class NoNamespaces(Exception):
    """This machine or this user cannot make them; the sentence says why."""


@dataclass(frozen=True)
class NetworkHost:
    """`address` is its own; `inside` begins a command that runs on it."""

    name: str
    address: str
    link: str

    @property
    def inside(self) -> list[str]:
        return ["ip", "netns", "exec", self.name]

    def cut_off(self) -> None:
        """Nothing comes through its cable any more; nobody is told."""
        _ip("link", "set", self.link, "down")

    def join(self) -> None:
        _ip("link", "set", self.link, "up")


@contextmanager
def network(count: int) -> Iterator[tuple[str, list[NetworkHost]]]:
    """The address of this machine on the network, and so many hosts. Raises NoNamespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise NoNamespaces("hosts on a network need root, and the command ip of iproute2")
    number = os.getpid() % 10_000
    subnet = f"10.{200 + number // 250}.{number % 250}"
    bridge = f"fb{number}"
    with ExitStack() as made:
        try:
            _ip("link", "add", bridge, "type", "bridge")
        except subprocess.CalledProcessError as error:
            raise NoNamespaces(f"no network can be made here: {error.stderr.strip()}") from error
        made.callback(_ip, "link", "delete", bridge)
        _ip("address", "add", f"{subnet}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        hosts = [
            NetworkHost(f"fn{number}-{place}", f"{subnet}.{place + 2}", f"fl{number}-{place}") for place in range(count)
        ]
        for host in hosts:
            _ip("netns", "add", host.name)
            made.callback(_ip, "netns", "delete", host.name)
            _ip("link", "add", host.link, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            _ip("link", "set", host.link, "master", bridge, "up")
            _ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
            _ip("-n", host.name, "link", "set", "eth0", "up")
            _ip("-n", host.name, "link", "set", "lo", "up")
        yield f"{subnet}.1", hosts


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
