"""An application behind a real socket of loopback, for a browser, git, or another client than ours (`asking`). Which
application that is, and what it is filled with, the caller says.
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from forge.server.connections import BoundedProtocol

END_SECONDS = 5


@contextmanager
def listening(app: Starlette, proxies: Sequence[str] = ()) -> Iterator[tuple[str, uvicorn.Server]]:
    """The address of `app` on a port of the system's choice, and what serves it. Who asks before it runs waits: the
    socket takes connections from the start. It ends with its lifespan, as `forge serve` ends."""
    believed = {"proxy_headers": bool(proxies), "forwarded_allow_ips": list(proxies)}
    config = uvicorn.Config(app, http=BoundedProtocol, ws="none", log_level="warning", log_config=None, **believed)  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", server
        finally:
            server.should_exit = True
            thread.join(END_SECONDS)


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """The address of `app`, as long as it is served."""
    with listening(app) as (base, _):
        yield base
