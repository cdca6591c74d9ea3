"""Runs the command line in a process of its own, forked from one that has everything imported: starting Python and
importing took a second each of some two hundred times.

As a script it is that process. What a command does, its folder, environment, output and status, is its own.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from support.paths import ROOT, TESTS

READY = "ready"


def run(arguments, *, cwd, env, timeout, input=None) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run` of `forge` with these arguments, its output captured as text."""
    with tempfile.TemporaryDirectory(prefix="forge-run-") as folder:
        files = [str(Path(folder, name)) for name in ("stdin", "stdout", "stderr")]
        Path(files[0]).write_text(input or "")
        lines = _parent()
        asked = {"arguments": list(map(str, arguments)), "cwd": str(cwd), "env": env, "files": files}
        lines.write(json.dumps(asked) + "\n")
        lines.flush()
        pid = int(lines.readline())
        late = threading.Event()
        alarm = threading.Timer(timeout, lambda: (late.set(), os.kill(pid, signal.SIGKILL)))
        alarm.start()
        status = int(lines.readline())
        alarm.cancel()
        told = [Path(file).read_text(errors="replace") for file in files[1:]]
    if late.is_set():
        raise subprocess.TimeoutExpired(asked["arguments"], timeout, *told)
    return subprocess.CompletedProcess(asked["arguments"], status, *told)


@cache
def _parent():
    """The process that is forked from, and the lines to it; it ends with us."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, __file__, str(theirs.fileno())]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"}
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, cwd="/")
    theirs.close()
    lines = ours.makefile("rw")
    assert lines.readline().strip() == READY
    atexit.register(process.wait)
    atexit.register(ours.shutdown, socket.SHUT_RDWR)
    return lines


def _serve(lines) -> None:
    import alembic.command  # noqa: F401 - what commands import when they begin

    import forge.backup.archive
    import forge.cli
    import forge.mirroring.worker
    import forge.server.load_document

    gc.collect()
    gc.freeze()  # else each process looks through all of it again when it ends, and copies what it looks at
    _say(lines, READY)
    for line in lines:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
            return forge.cli.main()  # and the interpreter ends as ours would
        _say(lines, str(pid))
        _, ended = os.waitpid(pid, 0)
        _say(lines, str(os.waitstatus_to_exitcode(ended)))


def _say(lines, text: str) -> None:
    lines.write(text + "\n")
    lines.flush()


def _become(asked) -> None:
    for place, file in enumerate(asked["files"]):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT if place else os.O_RDONLY, 0o600), place)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["forge", *asked["arguments"]]


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])).makefile("rw"))
