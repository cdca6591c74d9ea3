"""Web and worker processes on hosts of their own, with PostgreSQL and the mail server on another, and the network
between them cut: whoever is cut off is missed by nobody for long, and what was answered is done once.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support import forked_command as forked
from support.factories.core import a_catalog, a_project
from support.hosts.mail import a_mailbox
from support.hosts.namespaces import NetworkHost, NoNamespaces, network
from support.postgres import database, server

from catalog.store.store import Store
from catalog.tables.people import message
from tests.server.test_serve import environment, write
from tests.server.test_several_machines import DURABLE, Restarted, Senders, until

WEB_PORT = 8000  # each host has all of its own ports
CUT_SECONDS = 45.0  # longer than it takes to notice that a connection is dead, and its other end as well
WAIT_SECONDS = 400.0  # what a worker had taken is taken again two minutes after it was last heard of


@contextmanager
def a_network(count: int) -> Iterator[tuple[str, list[NetworkHost]]]:
    with ExitStack() as made:
        try:
            here, hosts = made.enter_context(network(count))
        except NoNamespaces as why:
            pytest.skip(str(why))
        yield here, hosts


def free_port(address: str) -> int:
    with socket.create_server((address, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def listening(folder: Path, address: str, port: int) -> tuple[str, ...]:
    """Settings of a PostgreSQL that machines of the network may use, and that gives up those it hears nothing of."""
    rules = folder / "pg_hba.conf"
    rules.write_text(f"local all all trust\nhost all all {address}/24 trust\n")
    if os.geteuid() == 0:
        shutil.chown(rules, "postgres")
    alive = ("tcp_keepalives_idle=10", "tcp_keepalives_interval=5", "tcp_keepalives_count=3", "tcp_user_timeout=25000")
    return (*DURABLE, f"listen_addresses={address}", f"hba_file={rules}", *alive)


def started(host: NetworkHost, folder: Path, given: dict[str, str], *arguments: str) -> Restarted:
    command = [*host.inside, sys.executable, "-m", "forge.cli", *arguments]

    def start() -> "subprocess.Popen[bytes]":
        with (folder / f"{host.name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=folder, env=environment(**given), stdout=log, stderr=log)

    return Restarted(start)


@pytest.mark.full
def test_hosts_that_are_cut_off_for_a_while_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    write(home, a_catalog(a_project("tool", repository=None)))
    with ExitStack() as stack:
        here, (first, second, third, fourth) = stack.enter_context(a_network(4))
        box, port = stack.enter_context(a_mailbox(here)), free_port(here)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own
        cluster = stack.enter_context(server(listening(folder, here, port), port))
        url = stack.enter_context(database(cluster, "hosts"))
        base = {"base_url": "http://catalog.example.org", "proxies": f"{here}/32"}
        given = base | {"database": f"postgresql://forge@{here}:{port}/hosts", "mail": box.url}
        ran = forked.run(["import", "catalog.yaml"], cwd=home, env=environment(database=url), timeout=120)
        assert ran.returncode == 0, ran.stderr
        processes = [
            *(started(host, home, given, "serve", "--no-worker", "--host", "0.0.0.0") for host in (first, second)),
            *(started(host, home, given, "work") for host in (third, fourth)),
        ]
        for process in processes:
            stack.callback(process.end)
        senders = Senders([(host.address, WEB_PORT) for host in (first, second)])
        stack.callback(senders.end)
        until(lambda: len(senders.answered) > 5)
        for host in (third, first, fourth):
            sent = len(senders.answered)
            host.cut_off()
            until(lambda sent=sent: len(senders.answered) > sent + 5)  # the others go on
            time.sleep(CUT_SECONDS)
            host.join()
            until(lambda sent=sent: len(senders.answered) > sent + 20)
        senders.end()
        store = Store(url)
        stack.callback(store.close)
        until(lambda: waiting(store) == 0, WAIT_SECONDS)
        with store.engine.connect() as connection:
            given_up = connection.execute(select(func.count()).where(message.c.error.is_not(None))).scalar_one()
    arrived: dict[str, set[str]] = {}
    for letter in box.messages:
        arrived.setdefault(str(letter["To"]), set()).add(str(letter["Message-ID"]))
    assert [email for email in senders.answered if email not in arrived] == [] and given_up == 0
    assert all(len(ids) == 1 for ids in arrived.values())  # a second copy, after a cut, is known as one
    assert len(box.messages) - len(arrived) <= 3 * 20  # at most what each worker had taken at each cut


def waiting(store: Store) -> int:
    with store.engine.connect() as connection:
        count: int = connection.execute(select(func.count()).where(message.c.email.is_not(None))).scalar_one()
    return count
