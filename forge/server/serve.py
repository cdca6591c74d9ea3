"""Starts the service: folder, schema, document, then the web with index and worker, and ends them together.

The worker is a child process that is started again when it dies. With one web process the web runs here; with
several, this process keeps the index and watches over them.
"""

import contextlib
import gc
import ipaddress
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette

from catalog.search import Finder
from catalog.store import Store
from forge.app import create_app
from forge.backup.withdrawals import WithdrawalFollower
from forge.config.settings import Settings, from_environment
from forge.server import load_document, preflight
from forge.server.connections import BoundedProtocol
from forge.server.index_follower import IndexFollower
from forge.server.memory import bound_memory
from forge.server.preflight import CannotStart

if TYPE_CHECKING:
    from forge.exchange.publisher import PublishingThread

RESTART_SECONDS = 1.0  # doubled while it ends again and again, up to the longest
RESTART_LONGEST_SECONDS = 60.0
STOP_SECONDS = 15.0
READY_SECONDS = 0.05  # between two looks whether the port takes connections

log = logging.getLogger("forge.server.serve")


@dataclass(frozen=True)
class Prepared:
    """A store that may be served, and what the operator should know."""

    store: Store
    remarks: tuple[str, ...]


def prepare(settings: Settings) -> Prepared:
    """Prepare the data folder and the database, and load the document if it changed.

    Raises CannotStart when there is nothing that could be served.
    """
    checked = preflight.check_all(settings)
    if any(finding.fatal for finding in checked):
        raise CannotStart(*(finding.sentence for finding in checked if finding.fatal))
    remarks = [finding.sentence for finding in checked if not finding.good]
    store = preflight.open_store(settings)
    return Prepared(store, (*remarks, *_load_document(settings, store)))


def _require_document_or_database(settings: Settings) -> None:
    """Raise CannotStart where there is neither a document nor a database: nothing is checked or made before."""
    if not settings.catalog.is_file() and settings.database is None and not (settings.data / "catalog.db").exists():
        raise _no_document(settings)


def _no_document(settings: Settings) -> CannotStart:
    return CannotStart(f"There is no document {settings.catalog}. `forge init` writes one to begin with.")


def _load_document(settings: Settings, store: Store) -> Iterator[str]:
    served = store.manifest() is not None
    if not settings.catalog.is_file():
        if not served:
            raise _no_document(settings)
        yield f"There is no document {settings.catalog}: what was loaded last is served."
        return
    outcome = load_document.load(store, settings.catalog, now=datetime.now(UTC))
    if outcome.problems:
        first = [str(problem) for problem in outcome.problems[:5]]
        if not served:
            raise CannotStart(f"{settings.catalog} cannot be loaded:", *first, "`forge check` lists every problem.")
        yield f"{settings.catalog} has {len(outcome.problems)} problems: what was loaded last is served. {first[0]}"
    for slug in outcome.loaded.skipped if outcome.loaded else ():
        sentence = f"{slug} is blocked or joined with another record here: the document's record is not shown."
        yield f"{sentence} `forge unblock {slug}`, or parting them at the desk, takes that back."
    for slug in outcome.loaded.locked if outcome.loaded else ():
        yield f"{slug} is locked by a moderator: what the document says of it is not loaded. The desk unlocks it."


def serve(settings: Settings, *, host: str, port: int, workers: int, worker: bool) -> None:
    """Serve until a signal ends it. Raises CannotStart."""
    _require_document_or_database(settings)
    if not _is_loopback(host) and settings.base_url is None:
        raise CannotStart(
            f"FORGE_BASE_URL is not set: on {host} the catalogue is reached by others, and links in feeds, mail and "
            "exports need its public address, such as https://catalog.example.org."
        )
    bound_memory()
    settings = replace(settings, host=host, port=port)
    # uvicorn gives a signal back when it has ended: raised as SystemExit, everything around it ends in order.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    _require_free_port(host, port)
    _freeze_collected()  # what is loaded and indexed now may be much
    begun = prepare(settings)
    for remark in begun.remarks:
        print(remark, file=sys.stderr)
    print(_welcome(settings, host, port, worker), flush=True)
    threading.Thread(target=_notify_when_ready, args=(host, port), name="ready", daemon=True).start()
    with contextlib.ExitStack() as ending:
        ending.callback(begun.store.close)
        # The search index is kept at the store's change, and withdrawals are copied outside of the database.
        ending.enter_context(_running(IndexFollower(begun.store, settings.search)))
        ending.enter_context(_running(WithdrawalFollower(begun.store, settings.withdrawals_folder)))
        if worker:
            ending.enter_context(_run_worker(settings))
        else:  # what is withdrawn here must leave what others read, whichever machine runs the other jobs
            ending.enter_context(_running(_publishing(begun.store, settings)))
        _run_web(settings, begun.store, host, port, workers)


def _publishing(store: Store, settings: Settings) -> "PublishingThread":
    # Imported here: python-tuf and what it needs take 9 MB, and the web signs nothing where a worker runs.
    from forge.exchange.follow.own_copy import followers_of
    from forge.exchange.publisher import Publisher, PublishingThread

    pause, followers = timedelta(seconds=settings.exchange_seconds), followers_of(store, settings)
    return PublishingThread(Publisher(store, settings.data, settings.here, lambda: datetime.now(UTC), pause, followers))


def _require_free_port(host: str, port: int) -> None:
    """Raise CannotStart where nobody can listen there: said before anything else is begun."""
    try:
        for family, kind, protocol, _name, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(where)
    except OSError as no:
        raise CannotStart(
            f"{host}:{port}: {(no.strerror or str(no)).lower()}. --port or FORGE_PORT choose another port, --host or "
            "FORGE_HOST an address of this machine."
        ) from no


def _notify_when_ready(host: str, port: int) -> None:
    """Tell the service manager that started this one, if one did, once the port takes connections: then a restart of
    several services, one after the other, leaves no moment in which none answers.

    https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
    """
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where or port == 0:
        return
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection((target, port), timeout=1).close()
            break
        time.sleep(READY_SECONDS)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(b"READY=1", f"\0{where[1:]}" if where.startswith("@") else where)


def web_app() -> Starlette:
    """Make the site for one of several web processes, with settings from the environment."""
    bound_memory()
    _freeze_collected()
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    settings = from_environment(os.environ)
    return _make_site(settings, Store(settings.database_url))


def _freeze_collected() -> None:
    """Exempt all modules from Python's collector, and start it: `forge serve` reads them without, since each pass over
    all of them took a tenth of a second, two of them before the first answer.
    """
    gc.freeze()
    gc.enable()


def _end_with_parent() -> None:
    """End this web process when its parent was killed: else it would go on answering, beside the next one.

    It waits on the pipe that the parent holds, not for another parent's number: a parent that was killed before this
    process had begun would never change again.
    """
    if parent := multiprocessing.parent_process():
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _make_site(settings: Settings, store: Store) -> Starlette:
    return create_app(settings, store, Finder(settings.search))


def _run_web(settings: Settings, store: Store, host: str, port: int, workers: int) -> None:
    proxies = [str(network) for network in settings.proxies]
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "log_level": "warning",
        "access_log": False,  # no tracking: who read which page is nobody's business
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": proxies or None,
        "server_header": False,
        "http": BoundedProtocol,
        "ws": "none",  # nothing here speaks it, and its protocol would be bounded by nothing
        "timeout_graceful_shutdown": int(STOP_SECONDS),
    }
    with contextlib.suppress(KeyboardInterrupt):
        if workers > 1:
            os.environ.update(_environment_of(settings))
            uvicorn.run(f"{__name__}:{web_app.__name__}", factory=True, workers=workers, **options)
        else:
            uvicorn.run(_make_site(settings, store), **options)


@contextlib.contextmanager
def _running(follower: "IndexFollower | WithdrawalFollower | PublishingThread") -> Iterator[None]:
    """Let a follower of the store run from now to the end."""
    follower.start()
    try:
        yield
    finally:
        follower.stop()


@contextlib.contextmanager
def _run_worker(settings: Settings) -> Iterator[None]:
    """Run the worker as a process of its own, which is started again whenever it ends by itself."""
    stopping, lock = threading.Event(), threading.Lock()
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes] | None:
        command = [sys.executable, "-m", "forge.cli", "work", "--parent", str(os.getpid())]
        with lock:
            if stopping.is_set():
                return None
            running[:] = [subprocess.Popen(command, start_new_session=True, env=os.environ | _environment_of(settings))]
            return running[0]

    def keep() -> None:
        pause = RESTART_SECONDS
        while process := start():
            began = time.monotonic()
            process.wait()
            if stopping.is_set():
                return
            log.warning("The worker ended with status %s; it is started again.", process.returncode)
            lived = time.monotonic() - began
            pause = RESTART_SECONDS if lived > RESTART_LONGEST_SECONDS else pause
            stopping.wait(pause)
            pause = min(2 * pause, RESTART_LONGEST_SECONDS)

    thread = threading.Thread(target=keep, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        with lock:
            stopping.set()
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        thread.join(timeout=1)


def _environment_of(settings: Settings) -> dict[str, str]:
    """Return what other processes of this service need to know of its options: the address that it gives itself."""
    return {"FORGE_HOST": settings.host, "FORGE_PORT": str(settings.port)}


def _welcome(settings: Settings, host: str, port: int, worker: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    address = f"Open {settings.base_url or f'http://{shown}:{port}'}/"
    if not worker:
        return (
            f"{address} - pages only, on port {port}: mirrors are not brought up to date and no message goes out "
            "unless `forge work` runs too. Ctrl-C ends it."
        )
    room = f"{settings.mirrors_max_bytes / 1e9:g} GB"
    return (
        f"{address} - mirrors of the code fill in behind it and take up to {room} in {settings.mirrors}; "
        "to stop them, start with --no-worker. Ctrl-C ends it."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
