"""Starts the service and ends it: checks what needs no module of the site, takes the address, prepares the data in a
process that ends, and answers. All of it is one process: see docs/decisions/040-processes-and-jobs.md.
"""

import os
import signal
import socket
import sys
import threading
from dataclasses import replace

from forge.config.settings import Settings
from forge.server import preflight
from forge.server.memory import bound_memory
from forge.server.own_interpreter import call_in_own_interpreter
from forge.server.preflight import CannotStart


def serve(settings: Settings, *, host: str, port: int, worker: bool) -> None:
    """Serve until a signal ends it. Raises CannotStart."""
    preflight.require_document_or_database(settings)
    preflight.require_public_address(settings, host)
    bound_memory()
    # uvicorn gives a signal back when it has ended: raised as SystemExit, everything around it ends in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    sockets = _bind(host, port)
    settings = replace(settings, host=host, port=sockets[0].getsockname()[1])
    threading.Thread(target=_read_modules, name="modules", daemon=True).start()
    print("Preparing the data and the pages, for some seconds.", flush=True)
    # What a load of the document needs of memory ends with its process.
    call_in_own_interpreter(_prepare, None, settings)
    print(_welcome(settings, worker), flush=True)
    from forge.server.site import serve_pages

    serve_pages(settings, sockets, _notify_ready, worker=worker)


def _read_modules() -> None:
    """Read the site's modules while another process prepares the data."""
    from catalog.validation import import_pydantic

    import_pydantic()
    import forge.server.site  # noqa: F401


def _prepare(settings: Settings) -> None:
    from forge.server.site import prepare

    prepare(settings)


def _bind(host: str, port: int) -> list[socket.socket]:
    """Take the address; connections are refused until the site listens.

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
    host_name = f"[{host}]" if ":" in host else host
    address = f"Open {settings.base_url or f'http://{host_name}:{port}'}/"
    if not worker:
        return (
            f"{address} - pages only, on port {port}: mirrors are not brought up to date and no message goes out "
            "unless `forge work` runs too. Ctrl-C ends it."
        )
    room = f"{settings.mirrors_max_bytes / 1e9:g} GB"
    return (
        f"{address} - copies of the code follow within {room} in {settings.mirrors}, of selections and solidarity "
        "finance first (FORGE_MIRRORS_MAX_BYTES sets more, --no-worker none). Ctrl-C ends it."
    )
