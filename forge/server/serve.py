"""Starts the service and ends it: checks what needs no module of the site, takes the address, and watches over the
processes of `forge.server.web_processes` and `forge.server.work`, which read theirs after the fork.
"""

import functools
import os
import socket
from collections.abc import Sequence
from dataclasses import replace

from forge.config.settings import Settings
from forge.server import preflight
from forge.server.memory import bound_memory
from forge.server.preflight import CannotStart
from forge.server.processes import Processes, Role


def serve(settings: Settings, *, host: str, port: int, workers: int, worker: bool) -> None:
    """Serve until a signal ends it, and exit. Raises CannotStart."""
    preflight.require_document_or_database(settings)
    preflight.require_public_address(settings, host)
    bound_memory()
    sockets = _bind(host, port)
    settings = replace(settings, host=host, port=sockets[0].getsockname()[1])
    processes = Processes(_read_modules)
    serve_pages = functools.partial(_serve_pages, settings, sockets, processes)
    roles = [Role("web", functools.partial(serve_pages, follows=True, publishes=not worker))]
    roles += [Role("web", serve_pages) for _ in range(workers - 1)]
    roles += [Role("worker", functools.partial(_work, settings, sockets))] if worker else []
    processes.run(
        roles,
        prepare=functools.partial(_prepare, settings, _welcome(settings, worker)),
        when_ready=_notify_ready,
        before_end=functools.partial(_close, sockets),
    )


# The modules of what follows are read by the processes that do it, not by their parent.


def _read_modules(names: Sequence[str]) -> None:
    from catalog.validation import import_pydantic

    import_pydantic()
    if "web" in names:
        import forge.server.web_processes
    if "worker" in names:
        import forge.server.work  # noqa: F401


def _prepare(settings: Settings, welcome: str) -> None:
    from forge.server import web_processes

    web_processes.prepare(settings)
    print(welcome)


def _serve_pages(
    settings: Settings,
    sockets: Sequence[socket.socket],
    processes: Processes,
    *,
    follows: bool = False,
    publishes: bool = False,
) -> None:
    from forge.server import web_processes

    if follows:
        web_processes.serve_pages(settings, sockets, processes.tell_ready, follows=True, publishes=publishes)
    else:
        processes.await_ready()
        web_processes.serve_pages(settings, sockets)


def _work(settings: Settings, sockets: Sequence[socket.socket]) -> None:
    from catalog.store.store import Store
    from forge.server.work import work

    _close(sockets)
    work(settings, Store(settings.database_url))


def _close(sockets: Sequence[socket.socket]) -> None:
    for opened in sockets:
        opened.close()


def _bind(host: str, port: int) -> list[socket.socket]:
    """Take the address for all web processes; connections are refused until one of them listens.

    Raises CannotStart where nobody can listen there: said before anything else is begun.
    """
    bound = []
    try:
        for family, kind, protocol, _name, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            opened = socket.socket(family, kind, protocol)
            bound.append(opened)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            opened.bind(where)
    except OSError as no:
        raise CannotStart(
            f"{host}:{port}: {(no.strerror or str(no)).lower()}. --port or FORGE_PORT choose another port, --host or "
            "FORGE_HOST an address of this machine."
        ) from no
    return bound


def _notify_ready() -> None:
    """Tell the service manager that started this process, if one did, that the port takes connections: then a restart
    of several services, one after the other, leaves no moment in which none answers. It believes this process alone.

    https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
    """
    if where := os.environ.get("NOTIFY_SOCKET", ""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.sendto(b"READY=1", f"\0{where[1:]}" if where.startswith("@") else where)


def _welcome(settings: Settings, worker: bool) -> str:
    host, port = settings.host, settings.port
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
