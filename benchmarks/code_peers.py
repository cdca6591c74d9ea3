"""klaus, cgit with and without its cache, and `git http-backend` behind nginx, over the mirrors of a catalogue. Where a
package of Debian is not there, the peer is left out and named. It measures nothing.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

from benchmarks.peers import free_port

KLAUS, CGIT, CGIT_CACHED, GIT = "klaus", "cgit", "cgit, cache", "http-backend"
CGIT_PROGRAM, CSS = Path("/usr/lib/cgit/cgit.cgi"), "/cgit.css"
CHILDREN = 8  # that fcgiwrap has ready; as many clones as Forge answers at once
PACKAGES = ("klaus", "cgit", "fcgiwrap", "nginx", "git")
START_SECONDS = 30
_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
_SERVER = """
    server {{
        listen 127.0.0.1:{port}; keepalive_requests 1000000; fastcgi_buffering {buffering};
        fastcgi_read_timeout 300; client_max_body_size 0;
        location / {{
            fastcgi_pass unix:{socket};
            fastcgi_param REQUEST_METHOD $request_method; fastcgi_param QUERY_STRING $query_string;
            fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param SERVER_PROTOCOL $server_protocol; fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param SERVER_NAME localhost; fastcgi_param SERVER_PORT {port};
            fastcgi_param PATH_INFO $uri; {parameters}
        }}
    }}
"""


@dataclass(frozen=True)
class CodePeer:
    port: int
    processes: list[psutil.Process]


def versions() -> Iterator[str]:
    """What Debian says it installed, and git's own word."""
    for name in PACKAGES:
        told = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=False
        )
        if told.returncode == 0 and told.stdout:
            yield f"{name} {told.stdout}"
    yield subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def started(stack: ExitStack, folder: Path, mirrors: Path, shown: list[Path]) -> tuple[dict[str, CodePeer], list[str]]:
    """The peers that could be started, and those that are missing with what they lack. klaus and cgit have the
    repositories of `shown`, git all of `mirrors`.
    """
    folder.mkdir()
    found: dict[str, CodePeer] = {}
    missing = []
    if klaus := shutil.which("klaus"):
        port = free_port()
        found[KLAUS] = CodePeer(
            port,
            [stack.enter_context(_running([klaus, "--port", str(port), "--site-name", "bench", *map(str, shown)]))],
        )
        _wait(port)
    else:
        missing.append(KLAUS)
    lacking = [name for name in ("nginx", "fcgiwrap") if shutil.which(name, path=_PATH) is None]
    if lacking:
        return found, [*missing, *(f"{name} (no {' and no '.join(lacking)})" for name in (CGIT, CGIT_CACHED, GIT))]
    backend = Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())
    given = {
        GIT: {"SCRIPT_FILENAME": backend / "git-http-backend", "GIT_PROJECT_ROOT": mirrors, "GIT_HTTP_EXPORT_ALL": 1}
    }
    given[GIT]["GIT_PROTOCOL"] = given[GIT]["HTTP_GIT_PROTOCOL"] = "$http_git_protocol"
    given[GIT]["HTTP_CONTENT_ENCODING"] = "$http_content_encoding"
    if CGIT_PROGRAM.exists():
        for name, size in ((CGIT, 0), (CGIT_CACHED, 10_000)):
            settings = folder / f"cgitrc-{size}"
            settings.write_text(_cgitrc(folder / f"cache-{size}", size, shown), encoding="utf-8")
            given[name] = {"SCRIPT_FILENAME": CGIT_PROGRAM, "CGIT_CONFIG": settings}
    else:
        missing += [CGIT, CGIT_CACHED]
    servers = []
    for number, (name, parameters) in enumerate(given.items()):
        port, socket = free_port(), folder / f"fcgi-{number}.sock"
        wrap = ["fcgiwrap", "-c", str(CHILDREN), "-s", f"unix:{socket}"]
        found[name] = CodePeer(port, [stack.enter_context(_running(wrap))])
        told = " ".join(f'fastcgi_param {key} "{value}";' for key, value in parameters.items())
        buffering = "off" if name == GIT else "on"
        servers.append(_SERVER.format(port=port, socket=socket, parameters=told, buffering=buffering))
    user = "user root;" if os.geteuid() == 0 else ""
    settings = folder / "nginx.conf"
    settings.write_text(_NGINX.format(folder=folder, user=user, servers="".join(servers)), encoding="utf-8")
    nginx = stack.enter_context(_running(["nginx", "-p", str(folder), "-c", str(settings)]))
    for name in given:
        found[name].processes.append(nginx)
        _wait(found[name].port)
    return found, missing


_PATH = f"{os.environ['PATH']}:/usr/sbin"


def _cgitrc(cache: Path, size: int, shown: list[Path]) -> str:
    cache.mkdir()
    lines = [f"cache-size={size}", f"cache-root={cache}", "virtual-root=/", f"css={CSS}", "enable-commit-graph=0"]
    for path in shown:
        lines += [f"repo.url={path.name}", f"repo.path={path}", "repo.defbranch=main"]
    return "\n".join([*lines, ""])


@contextmanager
def _running(command: list[str]) -> Iterator[psutil.Process]:
    """A peer until the end; its children go with it."""
    environment = os.environ | {"PATH": _PATH}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            children = psutil.Process(process.pid).children(recursive=True)
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
            for child in psutil.wait_procs(children, timeout=3)[1]:
                child.kill()


def _wait(port: int) -> None:
    """Until it answers, whatever it answers."""
    end = time.monotonic() + START_SECONDS
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
